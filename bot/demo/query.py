"""What a request to WordPress's posts collection asks for, checked as WordPress checks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeVar

from multidict import MultiMapping
from yarl import URL

ORDERS = ("author", "date", "id", "include", "modified", "parent", "relevance", "slug", "include_slugs", "title")


class Wrong(Exception):
    """An error as WordPress tells it."""

    def __init__(self, code: str, message: str, status: int, **data: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data


class Sortable(Protocol):
    """What a post has that collections are ordered by."""

    id: int
    date: datetime
    modified: datetime
    slug: str


Post = TypeVar("Post", bound=Sortable)


class Query:
    """The parameters of one request; Wrong names each that WordPress would not take."""

    def __init__(self, params: MultiMapping[str], offset: timedelta) -> None:
        self._params, self._offset = params, offset
        self._wrong: dict[str, str] = {}
        self.fields = frozenset(self._listed("_fields"))
        self.embed = params.get("_embed")
        self.per_page = self._number("per_page", 10, 1, 100)
        self.page = self._number("page", 1, 1, None)
        self.skip = self._number("offset", 0, 0, None) if "offset" in params else None
        self.include, self.exclude = self._ids("include"), self._ids("exclude")
        self.slugs, self.search = self._listed("slug"), params.get("search", "").lower()
        self.orderby = self._one_of("orderby", "date", ORDERS)
        self.order = self._one_of("order", "desc", ("asc", "desc"))
        self._dates = {name: self._date(name) for name in ("after", "before", "modified_after", "modified_before")}
        self._check()

    def _check(self) -> None:
        if any(status != "publish" for status in self._listed("status")):
            self._wrong["status"] = "Status is forbidden."
        if self._wrong:
            names = ", ".join(self._wrong)
            raise Wrong("rest_invalid_param", f"Invalid parameter(s): {names}", 400, params=self._wrong)
        if self._params.get("context", "view") == "edit":
            message = "Sorry, you are not allowed to edit posts in this post type."
            raise Wrong("rest_forbidden_context", message, 401)
        if self.orderby == "include" and not self.include:
            message = "You need to define an include parameter to order by include."
            raise Wrong("rest_orderby_include_missing_include", message, 400)

    @property
    def start(self) -> int:
        """How many posts are passed over."""
        return (self.page - 1) * self.per_page if self.skip is None else self.skip

    def embeds(self, relation: str) -> bool:
        """Whether what the relation names is to be embedded."""
        return self.embed in {"", "1", "true"} or relation in self._listed("_embed")

    def wants(self, post_id: int, slug: str, date: datetime, modified: datetime) -> bool:
        """Whether a post belongs to the collection; limits of dates are exclusive."""
        after, before, modified_after, modified_before = self._dates.values()
        return (
            (not self.include or post_id in self.include)
            and post_id not in self.exclude
            and (not self.slugs or slug in self.slugs)
            and (after is None or date > after)
            and (before is None or date < before)
            and (modified_after is None or modified > modified_after)
            and (modified_before is None or modified < modified_before)
        )

    def ordered(self, posts: Iterable[Post]) -> list[Post]:
        """The posts in the order asked for; a second's ties newest id first."""
        listed = sorted(posts, key=lambda post: post.id, reverse=True)
        match self.orderby:
            case "include":
                return sorted(listed, key=lambda post: self.include.index(post.id))
            case "id":
                return listed if self.order == "desc" else listed[::-1]
            case "modified":
                return sorted(listed, key=lambda post: post.modified, reverse=self.order == "desc")
            case "slug":
                return sorted(listed, key=lambda post: post.slug, reverse=self.order == "desc")
            case _:
                return sorted(listed, key=lambda post: post.date, reverse=self.order == "desc")

    def neighbours(self, url: str, pages: int) -> str:
        """The Link header of a page of the collection."""
        kept = [(name, value) for name, value in self._params.items() if name not in {"rest_route", "page"}]
        around = (("prev", self.page - 1), ("next", self.page + 1))
        return ", ".join(
            f'<{URL(url).update_query([*kept, ("page", str(page))])}>; rel="{relation}"'
            for relation, page in around
            if 0 < page <= pages
        )

    def _number(self, name: str, default: int, low: int, high: int | None) -> int:
        text = self._params.get(name, str(default))
        number = int(text) if text.lstrip("-").isdecimal() else None
        if number is None:
            self._wrong[name] = f"{name} is not of type integer."
        elif high is not None and not low <= number <= high:
            self._wrong[name] = f"{name} must be between {low} (inclusive) and {high} (inclusive)"
        elif number < low:
            self._wrong[name] = f"{name} must be greater than or equal to {low}"
        else:
            return number
        return default

    def _one_of(self, name: str, default: str, known: Sequence[str]) -> str:
        text = self._params.get(name, default)
        if text not in known:
            self._wrong[name] = f"{name} is not one of {', '.join(known)}."
        return text

    def _listed(self, name: str) -> list[str]:
        values = [*self._params.getall(name, []), *self._params.getall(f"{name}[]", [])]
        return [part.strip() for value in values for part in value.split(",") if part.strip()]

    def _ids(self, name: str) -> list[int]:
        listed = self._listed(name)
        if not all(text.isdecimal() for text in listed):
            self._wrong[name] = f"{name}[0] is not of type integer."
            return []
        return [int(text) for text in listed]

    def _date(self, name: str) -> datetime | None:
        """A limit; without a zone it is the site's own time."""
        if name not in self._params:
            return None
        try:
            moment = datetime.fromisoformat(self._params[name])
        except ValueError:
            self._wrong[name] = "Invalid date."
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC) - self._offset


def kept_fields(value: Mapping[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    """The object with the fields asked for alone, dots reaching inside; with none asked for, all of it."""
    if not fields:
        return dict(value)
    kept: dict[str, Any] = {}
    for name, inner in value.items():
        deeper = frozenset(path.removeprefix(f"{name}.") for path in fields if path.startswith(f"{name}."))
        if name in fields:
            kept[name] = inner
        elif deeper and isinstance(inner, Mapping):
            kept[name] = kept_fields(inner, deeper)
    return kept
