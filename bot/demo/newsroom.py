"""What an editor does with a publication's posts: publish, schedule, correct, withdraw. Dates in whole seconds, UTC."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True)
class Entry:
    """A post as the site keeps it: `post` in the form of REST, the rest beside it."""

    id: int
    post: dict[str, Any]
    date: datetime
    modified: datetime
    slug: str
    status: str = "publish"
    password: str = ""
    damage: Callable[[str], str] | None = None


class Newsroom:
    """The posts of a publication. `clock` is its time, UTC."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.entries: dict[int, Entry] = {}
        self.changed_at = datetime(2000, 1, 1, tzinfo=UTC)
        self._last_id = 0

    def publish(
        self, post: Mapping[str, Any], *, date: datetime | None = None, damage: Callable[[str], str] | None = None
    ) -> int:
        """Publish now and give the post's id; with `date` it is told to be of then, its last change too.

        `damage` turns the JSON text of the post into what a broken site sends.
        """
        entry = self._added(post, date or self._now(), "publish", damage)
        self._touched(entry)
        return entry.id

    def schedule(self, post: Mapping[str, Any], date: datetime) -> int:
        """Have a post published by the first `cron` at or after `date`."""
        entry = self._added(post, date, "future", None)
        entry.modified = self._now()
        return entry.id

    def draft(self, post: Mapping[str, Any]) -> int:
        """Write a post without publishing it; `untrash` publishes it."""
        return self._added(post, self._now(), "draft", None).id

    def cron(self) -> None:
        """Publish what is due; its last change stays when it was."""
        for entry in self.entries.values():
            if entry.status == "future" and entry.date <= self._now():
                entry.status = "publish"
                self._touched(entry)

    def edit(self, post_id: int, **changes: Any) -> None:
        """Change fields of a post (`title` and `content` as HTML, `slug`, …)."""
        entry = self.entries[post_id]
        entry.slug = changes.pop("slug", entry.slug)
        entry.post |= {name: _rendered(name, value) for name, value in changes.items()}
        entry.modified = self._now()
        self._touched(entry)

    def protect(self, post_id: int, password: str = "sesame") -> None:  # noqa: S107 - a sample's password guards nothing
        """Put the post behind a password; an empty one opens it again."""
        self.entries[post_id].password = password
        self.edit(post_id)

    def trash(self, post_id: int) -> None:
        """Withdraw the post; it can be brought back."""
        self.entries[post_id].status = "trash"
        self.entries[post_id].modified = self._now()

    def untrash(self, post_id: int) -> None:
        """Bring a withdrawn post back, or publish a draft."""
        entry = self.entries[post_id]
        if entry.status == "draft":
            entry.date = self._now()
        entry.status = "publish"
        self.edit(post_id)

    def delete(self, post_id: int) -> None:
        """Remove the post for good."""
        del self.entries[post_id]

    def shown(self) -> list[Entry]:
        """The posts that readers see, newest first."""
        public = (entry for entry in self.entries.values() if entry.status == "publish")
        return sorted(public, key=lambda entry: (entry.date, entry.id), reverse=True)

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)

    def _touched(self, entry: Entry) -> None:
        self.changed_at = max(self.changed_at, entry.modified, min(entry.date, self.clock()))

    def _added(
        self, post: Mapping[str, Any], date: datetime, status: str, damage: Callable[[str], str] | None
    ) -> Entry:
        asked = post.get("id")
        post_id = asked if isinstance(asked, int) and asked not in self.entries else self._last_id + 1
        self._last_id = max(self._last_id, post_id)
        date = date.astimezone(UTC).replace(microsecond=0)
        content = {name: _rendered(name, value) for name, value in post.items()}
        slug = str(post.get("slug") or f"post-{post_id}")
        entry = Entry(post_id, content, date, date, slug, status, damage=damage)
        self.entries[post_id] = entry
        return entry


def _rendered(name: str, value: Any) -> Any:
    """A field in the form of REST, where it was given as plain HTML."""
    if name not in {"title", "content", "excerpt"} or not isinstance(value, str):
        return value
    return {"rendered": value} if name == "title" else {"rendered": value, "protected": False}
