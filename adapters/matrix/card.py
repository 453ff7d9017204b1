"""A card as Matrix shows it: pure, within Matrix's HTML and size, with nothing in it that pings, links or formats."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.model import Card, Citation, Image, Payload, Quote, Style
from bot.text import FIRST_STRONG_ISOLATE, LEFT_TO_RIGHT_ISOLATE, POP_DIRECTIONAL_ISOLATE, clean, cut, isolate, line
from bot.words import correction

BODY = 8_000
"""Most bytes of the plain body, without a correction's line. An edit holds it twice and the HTML once: 40 kB at most,
where 65,536 bytes fit."""

_TITLE, _LEAD, _QUOTE, _NAME = 900, 2_700, 3_000, 300
_COMPACT = 200
"""Characters of lead in a compact card."""
_URL, _SOURCE_URL = 2_000, 800
_SOURCES = {Style.COMPACT: 0, Style.CARD: 5, Style.FULL: 10}
_WITHDRAWN = "Withdrawn by its publisher."
_JOINER = "\u2060"

_PING = re.compile(r"(?<=[@#!])(?=room|[^\s:@]{1,255}:\S)|(?<=matrix:)(?=\w)|(?<=matrix\.)(?=to\b)", re.IGNORECASE)
_SCHEME = re.compile(r"(?<=\w:)(?=//)|(?<=www\.)(?=\S)", re.IGNORECASE)
_HREF = re.compile(r"https?://[^\s\"'<>\\^`{|}\x00-\x20\x7f-\xa0]+", re.IGNORECASE)
_PERMALINK = re.compile(r"/?(?:(?:user|room|group)/|[@!#+$])")


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph in both forms."""

    plain: str
    html: str


def content(card: Card, style: Style, *, struck: bool = False, changed: str = "") -> Payload:
    """The content of an `m.room.message` event."""
    parts = list(_struck(card) if struck else _parts(card, style))
    last = _correction(card, changed) if changed and not struck else _Part("", "")
    body = _within("\n\n".join(part.plain for part in parts if part.plain), BODY)
    return {
        "msgtype": "m.notice",
        "body": "\n\n".join(filter(None, (body, last.plain))),
        "format": "org.matrix.custom.html",
        "formatted_body": "".join(part.html for part in (*parts, last)),
        "m.mentions": {},
    }


def notice(text: str) -> dict[str, Any]:
    """The content of an answer to a person: it may link, but not ping."""
    return {"msgtype": "m.notice", "body": _within(_PING.sub(_JOINER, clean(text)), BODY), "m.mentions": {}}


def _within(text: str, limit: int) -> str:
    return cut(text, limit, unit=lambda part: len(part.encode()))


def _parts(card: Card, style: Style) -> Iterator[_Part]:
    yield _title(card)
    if lead := _text(cut(card.lead, _COMPACT) if style is Style.COMPACT else card.lead, _LEAD):
        yield _Part(lead, f"<p>{_flow(lead)}</p>")
    if style is not Style.COMPACT:
        if card.quote:
            yield _quote(card.quote)
        yield from _sources(card.sources[: _SOURCES[style]])
    if style is Style.FULL and card.image:
        yield from _picture(card.image)
    meta = _meta(card, style)
    if meta:
        yield _small(" · ".join(meta))


def _title(card: Card) -> _Part:
    title = _text(card.title, _TITLE, flat=True) or _text(card.site_name, _TITLE, flat=True) or "Untitled"
    href = _href(card.url, _URL)
    if href:
        return _Part(f"{title}\n{href}", f'<h4><a href="{html.escape(href)}">{html.escape(title)}</a></h4>')
    url = _text(card.url, _NAME, flat=True)
    return _Part(f"{title}\n{url}", f"<h4>{html.escape(title)}</h4><p>{html.escape(url)}</p>")


def _quote(quote: Quote) -> _Part:
    words, speaker = _text(quote.text, _QUOTE), _text(quote.speaker, _NAME, flat=True)
    href = _href(quote.url, _SOURCE_URL)
    said, shown = f"“{words}”", _flow(words)
    if speaker or href:
        who = isolate(speaker or "Source")
        said += f"\n— {who}"
        shown += f"<br>— {_anchor(who, href)}"
    return _Part(said, f"<blockquote><p>{shown}</p></blockquote>")


def _sources(sources: Iterable[Citation]) -> Iterator[_Part]:
    named = [(_text(source.name, _NAME, flat=True), _href(source.url, _SOURCE_URL)) for source in sources]
    shown = [(isolate(name or (urlsplit(href).hostname or "") if href else name), href) for name, href in named]
    shown = [(name, href) for name, href in shown if name]
    if shown:
        yield _Part(
            "Sources: " + " · ".join(name for name, _ in shown),
            "<p>Sources: " + " · ".join(_anchor(name, href) for name, href in shown) + "</p>",
        )


def _picture(image: Image) -> Iterator[_Part]:
    """The picture's own words, linked to it: Matrix shows no picture that its homeserver does not hold."""
    name, href = _text(image.alt, _NAME, flat=True), _href(image.url, _SOURCE_URL)
    if name:
        name = isolate(name)
        yield _Part(f"Picture: {name}", f"<p>Picture: {_anchor(name, href)}</p>")


def _meta(card: Card, style: Style) -> list[str]:
    facts = [card.site_name, card.author]
    if style is Style.FULL:
        facts.append(card.category)
    named = [isolate(_text(fact, _NAME, flat=True)) for fact in facts if fact]
    ours = [_moment(card.published)] if card.published else []
    ours += [f"{card.reading_minutes} min"] if style is Style.FULL and card.reading_minutes > 0 else []
    turned = any(fact.startswith(FIRST_STRONG_ISOLATE) for fact in named)  # then the line runs the other way
    named += [f"{LEFT_TO_RIGHT_ISOLATE}{fact}{POP_DIRECTIONAL_ISOLATE}" if turned else fact for fact in ours]
    return [fact for fact in named if fact]


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _correction(card: Card, changed: str) -> _Part:
    when = _moment(card.modified) if card.modified else ""
    return _small(correction(isolate(_text(changed, _NAME, flat=True)), when))


def _struck(card: Card) -> Iterator[_Part]:
    title = _text(card.title, _TITLE, flat=True) or "Untitled"
    yield _Part(title, f"<h4><del>{html.escape(title)}</del></h4>")
    yield _Part(_WITHDRAWN, f"<p>{_WITHDRAWN}</p>")


def _small(text: str) -> _Part:
    return _Part(text, f"<p><sub>{html.escape(text)}</sub></p>")


def _anchor(name: str, href: str) -> str:
    shown = html.escape(name)
    return f'<a href="{html.escape(href)}">{shown}</a>' if href else shown


def _flow(text: str) -> str:
    return "<br>".join(html.escape(part) for part in text.split("\n"))


def _text(text: str, limit: int, *, flat: bool = False) -> str:
    """A stranger's text: cleaned, unable to ping or to become a link, at most `limit` bytes of escaped HTML."""
    text = text[: 4 * limit]  # an article's whole text is not worth the search
    safe = _SCHEME.sub(_JOINER, _PING.sub(_JOINER, line(text) if flat else clean(text)))
    return cut(safe, limit, unit=_weight)


def _weight(text: str) -> int:
    """Bytes of the text as it stands in an event: escaped for HTML; a line break is the longest of all."""
    return len(html.escape(text).encode()) + 4 * text.count("\n")


def _href(url: str, limit: int) -> str:
    """The URL when it may be linked; "" when it is none, too long, or would make a client show a mention."""
    if len(url) > limit or not _HREF.fullmatch(url) or clean(url) != url or _weight(url) > limit:
        return ""
    try:
        parts = urlsplit(url)
        host, mention = parts.hostname or "", _PERMALINK.match(unquote(parts.fragment))
    except ValueError:
        return ""
    host = unicodedata.normalize("NFKC", unquote(host)).casefold().rstrip(".")
    matrix = host == "matrix.to" or host.endswith(".matrix.to")
    return "" if matrix or mention or "@" in parts.netloc or not host else url
