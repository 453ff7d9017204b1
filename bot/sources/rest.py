"""One site's WordPress REST API: requests built, answers judged, in the words people will read.

What is no JSON of the right shape is no answer: a maintenance page, a challenge or a firewall says nothing of posts.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import structlog
from yarl import URL

from bot.errors import Blocked, Closed, Gone, SourceError, Unreachable
from bot.fetch import JSON_LIMIT, Fetcher, Response, shown
from bot.sources import document
from bot.sources.document import plain
from bot.text import line
from bot.words import N_

NAMESPACE = "wp/v2"
PUBLIC_API = "https://public-api.wordpress.com"
"""Where WordPress.com answers for the sites that it hosts; no namespace stands before their routes there."""
POSTS = "/wp/v2/posts"
LINE_FIELDS = "id,date_gmt,modified_gmt"
POST_FIELDS = (
    "id,link,title,content,excerpt,date_gmt,modified_gmt,status,lang,locale,jetpack_featured_media_url,"
    "yoast_head_json.author,yoast_head_json.og_image,yoast_head_json.og_locale,_links,_embedded"
)
EMBEDDED = "author,wp:featuredmedia,wp:term"
WITHHELD = frozenset({(401, "rest_forbidden"), (404, "rest_post_invalid_id")})
"""How WordPress answers for a post that is no longer, or not yet, public."""
WITHHELD_HERE = (403, "rest_forbidden")
"""The same, for one whom it knows by user and password."""
UNPUBLISHED = frozenset({"draft", "pending", "future", "private", "trash", "auto-draft"})
"""What a known user may see of a post, and nobody else."""
SPARE = 100_000
"""Characters that may be read in vain, beside a body's own length, while its data are looked for."""
MOST_PARTS = 200_000
"""Lists and objects in an answer; a hundred posts with all that plugins put into them have a tenth."""
DEEPEST = 100
"""Levels of lists and objects in an answer; WordPress's own have a tenth."""
POST_TYPE = re.compile(r"[A-Za-z0-9_-]{1,40}")
CHALLENGE_PATIENCE = 3600.0
LONGEST_CODE = 80
"""Characters of a site's word for an error; WordPress's own have half as many."""

NUMBER = re.compile("[0-9]{1,18}")
"""A number that any site can mean; Python reads no others of any length."""

BUSY = {
    429: N_("{where} asks to be read less often (HTTP 429)."),
    503: N_("{where} is down for maintenance or overloaded (HTTP 503)."),
}
FAILED = N_("{where} failed with HTTP {status}.")
REFUSED = N_("{where} refuses the user or the password that PULLQUOTE_CREDENTIALS_FILE has for it (HTTP {status}).")
NOT_THE_POST = N_("{where} answered with something that is not post {number}.")

_HOSTED = re.compile(rf"/{NAMESPACE}/sites/[^/]+/?")
_OPENING = re.compile(r"[\[{]")
_READABLE = re.compile(r"(text/(?!xml|css|csv).*|.*json|application/(x-)?javascript|)")
"""Media types that may hold JSON, HTML among them: a site that prints a stray byte first cannot name its type."""

log = structlog.get_logger()


class Damaged(SourceError):
    """This one answer cannot be read; another request may do better."""


class Busy(SourceError):
    """The site may answer later."""


PASSING = (Busy, Damaged, Unreachable, Blocked)
"""What keeps an API from answering now, and says nothing of what it has."""


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
    """The REST API at a base URL, pretty (…/wp-json/), plain (…?rest_route=/) or of WordPress.com (…/sites/DOMAIN/).

    The base's query may choose a language (`lang`), which each request then asks for, and the type of its posts
    (`post_type`: the name in their route). `listing` is the route of the posts.
    """

    def __init__(self, fetcher: Fetcher, base: str) -> None:
        self._fetcher, self.base = fetcher, base
        kind = URL(base).query.get("post_type", "")
        self.listing = f"/{NAMESPACE}/{kind}" if POST_TYPE.fullmatch(kind) else POSTS

    def url(self, route: str, **params: str | int) -> str:
        """The URL of a route such as /wp/v2/posts, whatever form the base has."""
        base = URL(self.base).without_query_params("post_type")
        if _HOSTED.fullmatch(base.path):
            route = route.removeprefix(f"/{NAMESPACE}")
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
        answer = await self.ask(
            self.listing, per_page=count, offset=offset, orderby=order, order="desc", _fields=LINE_FIELDS
        )
        if answer.code == "rest_post_invalid_page_number":
            return None
        items = self._listed(answer)
        lines = tuple(Line(i["id"], seconds(i.get("date_gmt")), seconds(i.get("modified_gmt"))) for i in items)
        page = Page(lines, answer.response.clock, _total(answer))
        return page if lines or (page.total is not None and offset < page.total) else None

    async def posts(self, **params: str | int) -> tuple[list[dict[str, Any]], float]:
        """Whole posts, with their authors, images and terms, and the site's clock; Damaged when they cannot be read."""
        answer = await self.ask(self.listing, _fields=POST_FIELDS, _embed=EMBEDDED, **params)
        return self._listed(answer), answer.response.clock

    async def found(self, words: str, page: int, size: int) -> tuple[list[dict[str, Any]], int]:
        """A page of the posts that the site's search finds, whole, none past the end; and how many there are in all."""
        asked = {"_fields": POST_FIELDS, "_embed": EMBEDDED, "orderby": "relevance"}
        answer = await self.ask(self.listing, search=words, page=page, per_page=size, **asked)
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

    async def named(self, route: str, slug: str) -> str:
        """The name of the term or the user with this slug; "" where there is none."""
        answer = await self.ask(route, slug=slug, _fields="name,slug")
        refuse(answer)
        items = answer.value if isinstance(answer.value, list) else []
        found = (item for item in items if isinstance(item, dict) and unquote(str(item.get("slug"))) == slug)
        return next((name for item in found if (name := plain(str(item.get("name") or "")))), "")

    async def post(self, post_id: int) -> tuple[dict[str, Any], float] | None:
        """One whole post and the site's clock; None when the site says that nobody may read it.

        A damaged answer is mended where it can be; Damaged where not.
        """
        url = self.url(f"{self.listing}/{post_id}", _fields=POST_FIELDS, _embed=EMBEDDED)
        response = await self._fetcher.get(url, accept="application/json", limit=JSON_LIMIT)
        try:
            answer = judge(response)
        except Damaged:
            return _mended(response, post_id), response.clock
        said = (answer.status, answer.code)
        if said in WITHHELD or (response.authorized and said == WITHHELD_HERE):
            return None
        refuse(answer)
        if not isinstance(answer.value, dict) or answer.value.get("id") != post_id:
            raise Damaged(NOT_THE_POST, where=shown(url), number=post_id)
        return None if answer.value.get("status") in UNPUBLISHED else (answer.value, response.clock)

    def _listed(self, answer: Answer) -> list[dict[str, Any]]:
        refuse(answer)
        items = [item for item in answer.value if _is_post(item)] if isinstance(answer.value, list) else None
        if items is None or (answer.value and not items):
            raise Damaged(N_("{where} answered with JSON that is no list of posts."), where=shown(self.base))
        return items


def _total(answer: Answer) -> int | None:
    """How many posts a listing has on all its pages, where the site tells."""
    total = answer.response.headers.get("X-WP-Total", "")
    return int(total) if NUMBER.fullmatch(total) else None


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
        why = N_("{where} is behind a check that only browsers pass (Cloudflare); its owner can let Pullquote through.")
        raise SourceError(why, max(response.retry_after or 0, CHALLENGE_PATIENCE), where=where)
    if response.status in BUSY:
        raise Busy(BUSY[response.status], response.retry_after, where=where)
    value = _value(response)
    if value is None:
        raise _no_json(response)
    code = value.get("code") if isinstance(value, dict) and response.status >= 400 else ""
    told = line(code[:LONGEST_CODE]) if isinstance(code, str) else ""
    return Answer(response.status, told, value, response)


def refuse(answer: Answer) -> None:
    """SourceError in plain words for an answer that is an error."""
    where, status = shown(answer.response.url), answer.status
    if status < 300:
        return
    if status >= 500:
        raise Damaged(FAILED, answer.response.retry_after, where=where, status=_status(answer))
    why = N_("{where} refuses the request (HTTP {status}).")
    kind = {404: Closed, 410: Gone}.get(status, SourceError)
    if status in {401, 403} and answer.response.authorized:
        why = REFUSED
    elif status in {401, 403}:
        kind = Closed
        why = N_("{where} has closed its REST API to readers (HTTP {status}); its owner can open /wp/v2/posts.")
    raise kind(why, where=where, status=_status(answer))


def _status(answer: Answer) -> str:
    """An error's number, and WordPress's word for it where there is one."""
    return f"{answer.status}, {answer.code}" if answer.code else str(answer.status)


def _no_json(response: Response) -> SourceError:
    where, status = shown(response.url), response.status
    if status >= 500:
        return Damaged(FAILED, response.retry_after, where=where, status=status)
    if status in {401, 403}:
        why = N_("{where} may not be read (HTTP {status}): a firewall or a plugin closes the REST API.")
        return (
            SourceError(REFUSED, where=where, status=status)
            if response.authorized
            else Closed(why, where=where, status=status)
        )
    if status in {404, 410}:
        why = N_("{where} does not exist (HTTP {status}): the site has no REST API there, or switched it off.")
        return (Gone if status == 410 else Closed)(why, where=where, status=status)
    if not _READABLE.fullmatch(response.content_type):
        return SourceError(N_("{where} answered with something that is no data."), where=where)
    if response.content_type.endswith("json") or response.body.lstrip()[:1] in {b"[", b"{"}:
        return Damaged(N_("{where} answered with damaged JSON ({count} bytes)."), where=where, count=len(response.body))
    why = N_("{where} answered with a web page in place of data: its REST API is off, or it is being mended.")
    return Closed(why, where=where)


def _value(response: Response) -> Any:
    """The JSON value in a body, strictly first; then past control characters and what PHP printed before it."""
    if not _READABLE.fullmatch(response.content_type) or _crowded(response.body):
        return None
    text = response.text
    try:
        return _shallow(json.loads(text, parse_constant=_no_number))
    except (ValueError, RecursionError):
        pass
    whole = not response.content_type.startswith("text/html") or text.lstrip().startswith(("[", "{"))
    return _shallow(_found(text)) if whole else None


def _found(text: str) -> Any:
    """The one list or object in a text, whatever stands before it; None where there is none."""
    openings = [0, *(match.start() for match, _ in zip(_OPENING.finditer(text), range(20), strict=False))]
    left = len(text) + SPARE  # an opening that leads through megabytes in vain is not followed by nineteen more
    for start in openings:
        try:
            value, end = json.JSONDecoder(strict=False, parse_constant=_no_number).raw_decode(text, start)
            if isinstance(value, list | dict) and not text[end:].strip():
                return value
        except json.JSONDecodeError as error:
            end = error.pos
        except (ValueError, RecursionError):
            return None
        left -= end - start
        if left < 0:
            return None
    return None


def _crowded(body: bytes) -> bool:
    """Whether so many lists and objects are in a body that they would take many times its size in memory."""
    return body.count(b"[") + body.count(b"{") > MOST_PARTS


def _no_number(_name: str) -> None:
    """NaN and Infinity, which JSON does not know and Python would read."""


def _shallow(value: Any) -> Any:
    """The value; None when it is nested so deeply that whatever looks into it would fall."""
    level = [value] if isinstance(value, dict | list) else []
    for _level in range(DEEPEST):
        inside = (part.values() if isinstance(part, dict) else part for part in level)
        level = [part for parts in inside for part in parts if isinstance(part, dict | list)]
        if not level:
            return value
    return None


def _mended(response: Response, post_id: int) -> dict[str, Any]:
    if response.status >= 300:
        raise Damaged(FAILED, response.retry_after, where=shown(response.url), status=response.status)
    if _crowded(response.body):
        raise Damaged(NOT_THE_POST, where=shown(response.url), number=post_id)
    try:
        loaded = document.load(response.body)
    except SourceError as error:
        raise Damaged(N_("Post {number} cannot be read: {why}"), number=post_id, why=error) from error
    if loaded.post.get("id") != post_id or _shallow(loaded.post) is None:
        raise Damaged(NOT_THE_POST, where=shown(response.url), number=post_id)
    log.warning("a damaged post was mended", url=shown(response.url), repaired=loaded.repaired)
    return loaded.post
