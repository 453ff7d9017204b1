"""One REST post document, healthy or damaged → a post object → an Article. Pure; says what it repaired."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from bot.errors import SourceError
from bot.model import Article, Image, Site
from bot.text import clean, line, unescape
from bot.words import N_

MAX_CHARACTERS = 8_000_000
"""A post document beyond this is no post; the longest known ones stay below a tenth of it."""
LONGEST_NAME = 10_000
"""Characters of a title's or a name's markup that are looked at; no platform shows a tenth of it."""

_START = re.compile(r"[\[{]\s*[\[{\"]")
_STARTS_TRIED = 4
_SPARE = 100_000
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*+("?)|[\[\]{},:]|[^\s"\[\]{},:]+', re.DOTALL)
_WHOLE_ESCAPES = re.compile(r'"(?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*+', re.DOTALL)
_TAG = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_NUMERIC_ENTITY = re.compile(r"&#(?:\d{2,6}|[xX][0-9a-fA-F]{2,5});")
_PROTECTED = re.compile(
    r"""^(?: Protected|Private | Geschützt|Privat | Protégé|Privé | Protegido|Privado | Protetto|Privato | Beveiligd
    | Zabezpieczone | Защищено|Личное | Захищено | محمي|خاص | מוגן | 保護中 | 密码保护
    | 受保护的文章|受保護的文章|受密碼保護的文章 | 보호된\ 글 ) \s? [:：] \s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Document:
    """A post object as WordPress REST tells it, and one phrase for each repair that was needed to read it."""

    post: dict[str, Any]
    repaired: tuple[str, ...] = ()


def load(text: str | bytes) -> Document:
    """The post of a document, mended where it is damaged; SourceError when nothing of a post is there."""
    repairs: list[str] = []
    source = _decode(text, repairs)
    if len(source) > MAX_CHARACTERS:
        raise SourceError(N_("The document is too long for a post: {count} characters."), count=len(source))
    try:
        post = _post(_parse(source, repairs), repairs)
        return Document(_without_surrogates(post, repairs), tuple(dict.fromkeys(repairs)))
    except RecursionError:
        raise SourceError(N_("The document is nested too deeply for a post.")) from None


def _decode(text: str | bytes, repairs: list[str]) -> str:
    if isinstance(text, bytes):
        encoding = "utf-16" if text[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
        decoded = text.decode(encoding, "replace")
        if "\ufffd" in decoded and "\ufffd".encode(encoding) not in text:
            repairs.append("bytes that are no text")
        text = decoded
    if text.startswith("\ufeff"):
        repairs.append("a byte order mark")
        text = text.lstrip("\ufeff")
    return text


def _parse(source: str, repairs: list[str]) -> Any:
    try:
        return json.loads(source)
    except ValueError:
        pass
    starts = [match.start() for match, _ in zip(_START.finditer(source), range(_STARTS_TRIED), strict=False)]
    for start in starts:
        value, end = _decode_at(source, start)
        if _posts(value):
            _say_around(source, start, end, repairs)
            return value
    left = len(source) + _SPARE  # what was closed in vain from one start is not closed once more from the next
    for start in starts if '"title"' in source or '"content"' in source else ():
        mended = _close(source[start:])
        left -= len(mended)
        if left < 0:
            break
        value, end = _decode_at(mended, 0)
        if _posts(value):
            _say_around(source, start, len(source), repairs)
            repairs.append("cut off before its end")
            return value
    raise SourceError(N_("This is not a WordPress post: no JSON object with a title or a content can be read in it."))


def _decode_at(source: str, start: int) -> tuple[Any, int]:
    try:
        return json.JSONDecoder(strict=False).raw_decode(source, start)
    except ValueError:
        return None, start


def _say_around(source: str, start: int, end: int, repairs: list[str]) -> None:
    if source[:start].strip():
        repairs.append("text before the post")
    if source[end:].strip():
        repairs.append("text after the post")
    try:
        json.JSONDecoder().raw_decode(source, start)
    except ValueError as error:
        if "control character" in str(error):
            repairs.append("raw control characters")


_DEEPEST = 200
"""Brackets inside brackets; posts have some ten."""


def _close(source: str) -> str:
    """A JSON text cut off anywhere, closed: an unfinished string ends, what cannot be finished is dropped."""
    stack: list[str] = []
    safe, expects_key = 0, False
    for match in _PIECE.finditer(source):
        piece = match[0]
        if piece[0] == '"' and not match[1]:
            if expects_key:
                break
            return source[: match.start()] + _end_string(match[0]) + _closers(stack)
        if piece in "{[":
            stack.append("}" if piece == "{" else "]")
            if len(stack) > _DEEPEST:
                break
            expects_key = piece == "{"
        elif piece in "}]":
            if not stack or stack[-1] != piece:
                break
            stack.pop()
            expects_key = False
        elif piece in ",:":
            expects_key = piece == "," and bool(stack) and stack[-1] == "}"
            continue
        elif expects_key or (piece[0] != '"' and match.end() == len(source)):
            continue
        safe = match.end()
    return source[:safe] + _closers(stack)


def _closers(stack: list[str]) -> str:
    return "".join(reversed(stack))


def _end_string(piece: str) -> str:
    """An unfinished string without a half escape at its end, closed."""
    whole = _WHOLE_ESCAPES.match(piece)
    return (whole[0] if whole else '"') + '"'


def _posts(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict) and ("content" in item or "title" in item)]


def _post(value: Any, repairs: list[str]) -> dict[str, Any]:
    posts = _posts(value)
    if not posts:
        said = value.get("message") or value.get("code") if isinstance(value, dict) else None
        if said:
            raise SourceError(N_("This is not a WordPress post but an answer: {said}."), said=str(said))
        raise SourceError(N_("This is not a WordPress post."))
    if isinstance(value, list):
        repairs.append("a list around the post" if len(value) == 1 else f"the first of a list of {len(value)}")
    return posts[0]


def _without_surrogates(post: dict[str, Any], repairs: list[str]) -> dict[str, Any]:
    try:
        json.dumps(post, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        repairs.append("halves of characters")
        return {str(_mend(name)): _mend(value) for name, value in post.items()}
    return post


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {_mend(name): _mend(item) for name, item in value.items()}
    return value


def article(post: Mapping[str, Any], site: Site | None = None) -> Article:
    """The article that a REST post object tells, whatever of it is missing or of the wrong type; never raises."""
    content = post.get("content")
    protected = isinstance(content, dict) and content.get("protected") is True
    title = plain(_rendered(post.get("title")))
    url = _link(post.get("link")) or _link(_rendered(post.get("guid")))
    yoast = _mapping(post.get("yoast_head_json"))
    return Article(
        id=_number(post.get("id")),
        url=url,
        title=_PROTECTED.sub("", title) if protected else title,
        html="" if protected else _rendered(content),
        excerpt="" if protected else _rendered(post.get("excerpt")),
        site_url=site.url if site else _home(url),
        site_name=site.name if site else plain(_text(yoast.get("og_site_name"))),
        language=_language(post, yoast, site),
        author=_author(post, yoast),
        categories=tuple(_terms(post, "category")),
        tags=tuple(_terms(post, "post_tag")),
        image=_image(post, yoast),
        protected=protected,
        published=_moment(post.get("date_gmt")) or _zoned(yoast.get("article_published_time")),
        modified=_moment(post.get("modified_gmt")) or _zoned(yoast.get("article_modified_time")),
    )


def plain(markup: str) -> str:
    """A title or a name as people read it: tags off, entities resolved (numeric ones also when escaped twice)."""
    text = unescape(_TAG.sub("", markup[:LONGEST_NAME]))
    return line(_NUMERIC_ENTITY.sub(lambda entity: unescape(entity[0]), text))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _items(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _rendered(value: Any) -> str:
    return _text(value.get("rendered")) if isinstance(value, dict) else _text(value)


def _number(value: Any) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    known = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63  # what a database holds
    return value if known else 0


def _link(value: Any) -> str:
    url = unescape(_text(value)).strip()
    if clean(url) != url or re.search(r"[\s<>\"]", url):
        return ""
    try:
        parts = urlsplit(url)
        known = parts.hostname and parts.port != 0  # asking for a port that is none raises
    except ValueError:
        return ""
    return url if known and parts.scheme in {"http", "https"} else ""


def _home(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _language(post: Mapping[str, Any], yoast: Mapping[str, Any], site: Site | None) -> str:
    """What the post says of itself, then its site; a BCP 47 tag or ""."""
    told = (post.get("lang"), post.get("locale"), yoast.get("og_locale"), site.language if site else "")
    for value in told:
        tag = _text(value).replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag):
            return tag
    return ""


def _embedded(post: Mapping[str, Any], relation: str) -> Any:
    return _mapping(post.get("_embedded")).get(relation)


def _author(post: Mapping[str, Any], yoast: Mapping[str, Any]) -> str:
    names = [plain(_text(person.get("name"))) for person in _items(_embedded(post, "author"))]
    return ", ".join(dict.fromkeys(filter(None, names))) or plain(_text(yoast.get("author")))


def _terms(post: Mapping[str, Any], taxonomy: str) -> Iterator[str]:
    groups = _embedded(post, "wp:term")
    for group in groups if isinstance(groups, list) else []:
        for term in _items(group):
            if term.get("taxonomy") == taxonomy and (name := plain(_text(term.get("name")))):
                yield name


def _image(post: Mapping[str, Any], yoast: Mapping[str, Any]) -> Image | None:
    for media in _items(_embedded(post, "wp:featuredmedia")):
        if media.get("media_type", "image") == "image" and (url := _link(media.get("source_url"))):
            return Image(url, plain(_text(media.get("alt_text"))))
    if url := _link(post.get("jetpack_featured_media_url")):
        return Image(url)
    return next((Image(url) for picture in _items(yoast.get("og_image")) if (url := _link(picture.get("url")))), None)


def _moment(value: Any) -> datetime | None:
    """A date of a `…_gmt` field: UTC where it names no zone; None for what is no date, as 0000-00-00."""
    try:
        moment = datetime.fromisoformat(_text(value))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zoned(value: Any) -> datetime | None:
    """A date that names its zone; without one it could be any hour of the day."""
    return _moment(value) if re.search(r"(Z|[+-]\d\d:?\d\d)$", _text(value)) else None
