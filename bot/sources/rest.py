"""One site's WordPress REST API: requests built, answers judged, in the words people will read.

What is no JSON of the right shape is no answer: a maintenance page, a challenge or a firewall says nothing of posts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from yarl import URL

from bot.errors import Gone, SourceError
from bot.fetch import JSON_LIMIT, Fetcher, Response, shown
from bot.sources import document
from bot.sources.document import plain

NAMESPACE = "wp/v2"
POSTS = "/wp/v2/posts"
LINE_FIELDS = "id,date_gmt,modified_gmt"
POST_FIELDS = (
    "id,link,title,content,excerpt,date_gmt,modified_gmt,status,lang,locale,jetpack_featured_media_url,"
    "yoast_head_json.author,yoast_head_json.og_image,yoast_head_json.og_locale,_links,_embedded"
)
EMBEDDED = "author,wp:featuredmedia,wp:term"
WITHHELD = frozenset({(401, "rest_forbidden"), (404, "rest_post_invalid_id")})
"""How WordPress answers for a post that is no longer, or not yet, public."""
CHALLENGE_PATIENCE = 3600.0

_OPENING = re.compile(r"[\[{]")

log = structlog.get_logger()


class Damaged(SourceError):
    """This one answer cannot be read; another request may do better."""


@dataclass(frozen=True, slots=True)
class Line:
    """One post of a light listing; `date` and `modified` in Unix seconds, 0 where the site states none."""

    id: int
    date: int
    modified: int


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a listing; `clock` is the site's own time in Unix seconds, `total` None where it is not told."""

    lines: tuple[Line, ...]
    clock: float
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """JSON that a site answered with; `code` is WordPress's word for an error, "" for none."""

    status: int
    code: str
    value: Any
    response: Response


class Api:
    """The REST API at a base URL, pretty (…/wp-json/) or plain (…?rest_route=/)."""

    def __init__(self, fetcher: Fetcher, base: str) -> None:
        self._fetcher, self.base = fetcher, base

    def url(self, route: str, **params: str | int) -> str:
        """The URL of a route such as /wp/v2/posts, whatever form the base has."""
        base = URL(self.base)
        if "rest_route" in base.query:
            root = base.query["rest_route"].rstrip("/")
            return str(base.update_query(rest_route=root + route, **params))
        return str(base.with_path(base.path.rstrip("/") + route, keep_query=True).update_query(params))

    async def ask(self, route: str, **params: str | int) -> Answer:
        """What the route answers, errors of WordPress included; SourceError where no WordPress answers."""
        response = await self._fetcher.get(self.url(route, **params), accept="application/json", limit=JSON_LIMIT)
        return judge(response)

    async def lines(self, order: str, offset: int, count: int) -> Page | None:
        """`count` posts from `offset` on, newest first by `order` (date, modified or id); None past the end."""
        answer = await self.ask(POSTS, per_page=count, offset=offset, orderby=order, order="desc", _fields=LINE_FIELDS)
        if answer.code == "rest_post_invalid_page_number":
            return None
        items = self._listed(answer)
        lines = tuple(Line(i["id"], seconds(i.get("date_gmt")), seconds(i.get("modified_gmt"))) for i in items)
        page = Page(lines, answer.response.clock, _total(answer))
        return page if lines or (page.total is not None and offset < page.total) else None

    async def posts(self, **params: str | int) -> tuple[list[dict[str, Any]], float]:
        """Whole posts, with their authors, images and terms, and the site's clock; Damaged when they cannot be read."""
        answer = await self.ask(POSTS, _fields=POST_FIELDS, _embed=EMBEDDED, **params)
        return self._listed(answer), answer.response.clock

    async def found(self, words: str, page: int, size: int) -> tuple[list[dict[str, Any]], int]:
        """A page of the posts that the site's search finds, whole, none past the end; and how many there are in all."""
        asked = {"_fields": POST_FIELDS, "_embed": EMBEDDED, "orderby": "relevance"}
        answer = await self.ask(POSTS, search=words, page=page, per_page=size, **asked)
        if answer.code == "rest_post_invalid_page_number" and page > 1:
            return [], (await self.found(words, 1, 1))[1]
        posts = self._listed(answer)
        return posts, _total(answer) or len(posts)

    async def names(self, route: str, **params: str) -> list[str]:
        """The names in a listing of terms or users, the first hundred."""
        answer = await self.ask(route, per_page=100, _fields="name", **params)
        refuse(answer)
        items = answer.value if isinstance(answer.value, list) else []
        named = [plain(str(item.get("name") or "")) for item in items if isinstance(item, dict)]
        return [name for name in named if name]

    async def post(self, post_id: int) -> tuple[dict[str, Any], float] | None:
        """One whole post and the site's clock; None when the site says that nobody may read it.

        A damaged answer is mended where it can be; Damaged where not.
        """
        url = self.url(f"{POSTS}/{post_id}", _fields=POST_FIELDS, _embed=EMBEDDED)
        response = await self._fetcher.get(url, accept="application/json", limit=JSON_LIMIT)
        try:
            answer = judge(response)
        except Damaged:
            return _mended(response, post_id), response.clock
        if (answer.status, answer.code) in WITHHELD:
            return None
        refuse(answer)
        if not isinstance(answer.value, dict) or answer.value.get("id") != post_id:
            raise Damaged(f"{shown(url)} answered with something that is not post {post_id}.")
        return answer.value, response.clock

    def _listed(self, answer: Answer) -> list[dict[str, Any]]:
        refuse(answer)
        items = [item for item in answer.value if _is_post(item)] if isinstance(answer.value, list) else None
        if items is None or (answer.value and not items):
            raise Damaged(f"{shown(self.base)} answered with JSON that is no list of posts.")
        return items


def _total(answer: Answer) -> int | None:
    """How many posts a listing has on all its pages, where the site tells."""
    total = answer.response.headers.get("X-WP-Total", "")
    return int(total) if total.isascii() and total.isdigit() else None


def _is_post(item: Any) -> bool:
    return isinstance(item, dict) and type(item.get("id")) is int and 0 < item["id"] < 2**63


def seconds(date_gmt: Any) -> int:
    """A `…_gmt` date in Unix seconds; 0 for what is no date (null, 0000-00-00)."""
    try:
        moment = datetime.fromisoformat(date_gmt)
    except (TypeError, ValueError):
        return 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def judge(response: Response) -> Answer:
    """The JSON answer in a response; SourceError says in plain words why there is none."""
    where = shown(response.url)
    if response.headers.get("cf-mitigated"):
        raise SourceError(
            f"{where} is behind a check that only browsers pass (Cloudflare); its owner can let Pullquote through.",
            after=max(response.retry_after or 0, CHALLENGE_PATIENCE),
        )
    if response.status in {429, 503}:
        why = "asks to be read less often" if response.status == 429 else "is down for maintenance or overloaded"
        raise SourceError(f"{where} {why} (HTTP {response.status}).", after=response.retry_after)
    value = _value(response)
    if value is None:
        raise _no_json(response)
    code = value.get("code") if isinstance(value, dict) and response.status >= 400 else ""
    return Answer(response.status, code if isinstance(code, str) else "", value, response)


def refuse(answer: Answer) -> None:
    """SourceError in plain words for an answer that is an error."""
    where, code, status = shown(answer.response.url), answer.code, answer.status
    if status < 300:
        return
    if status >= 500:
        raise Damaged(f"{where} failed with HTTP {status} ({code or 'no reason given'}).", answer.response.retry_after)
    if status in {401, 403}:
        raise SourceError(
            f"{where} has closed its REST API to readers (HTTP {status}, {code or 'no reason given'}); "
            "its owner can open /wp/v2/posts."
        )
    raise (Gone if status == 410 else SourceError)(
        f"{where} refuses the request (HTTP {status}, {code or 'no reason given'})."
    )


def _no_json(response: Response) -> SourceError:
    where, status = shown(response.url), response.status
    if status >= 500:
        return Damaged(f"{where} failed with HTTP {status}.", after=response.retry_after)
    if status in {401, 403}:
        return SourceError(f"{where} may not be read (HTTP {status}): a firewall or a plugin closes the REST API.")
    if status in {404, 410}:
        return (Gone if status == 410 else SourceError)(
            f"{where} does not exist (HTTP {status}): the site has no REST API there, or switched it off."
        )
    if response.content_type.endswith("json") or response.body.lstrip()[:1] in {b"[", b"{"}:
        return Damaged(f"{where} answered with damaged JSON ({len(response.body)} bytes).")
    return SourceError(
        f"{where} answered with a web page in place of data: its REST API is off, or it is being mended."
    )


def _value(response: Response) -> Any:
    """The JSON value in a body, strictly first; then past control characters and what PHP printed before it."""
    text = response.text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if response.content_type.startswith("text/html") and not text.lstrip().startswith(("[", "{")):
        return None
    openings = [0, *(match.start() for match, _ in zip(_OPENING.finditer(text), range(20), strict=False))]
    for start in openings:
        try:
            value, end = json.JSONDecoder(strict=False).raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, list | dict) and not text[end:].strip():
            return value
    return None


def _mended(response: Response, post_id: int) -> dict[str, Any]:
    if response.status >= 300:
        raise Damaged(f"{shown(response.url)} failed with HTTP {response.status}.", after=response.retry_after)
    try:
        loaded = document.load(response.body)
    except SourceError as error:
        raise Damaged(f"Post {post_id} cannot be read: {error}") from error
    if loaded.post.get("id") != post_id:
        raise Damaged(f"{shown(response.url)} answered with something that is not post {post_id}.")
    log.warning("a damaged post was mended", url=shown(response.url), repaired=loaded.repaired)
    return loaded.post
