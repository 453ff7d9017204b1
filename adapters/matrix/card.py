"""A card as Matrix shows it: pure, within Matrix's HTML and size, with nothing in it that pings, links or formats."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.model import Card, Citation, Payload, Quote, Style
from bot.text import clean, cut, isolate, line

BODY = 8_000
"""Most bytes of the plain body. An edit holds it twice and the HTML once: 40 kB at most, where 65,536 bytes fit."""

_TITLE, _LEAD, _QUOTE, _NAME = 900, 2_700, 3_000, 300
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


def content(card: Card, style: Style, *, struck: bool = False) -> Payload:
    """The content of an `m.room.message` event."""
    parts = list(_struck(card) if struck else _parts(card, style))
    return {
        "msgtype": "m.notice",
        "body": _within("\n\n".join(part.plain for part in parts if part.plain), BODY),
        "format": "org.matrix.custom.html",
        "formatted_body": "".join(part.html for part in parts),
        "m.mentions": {},
    }


def notice(text: str) -> dict[str, Any]:
    """The content of an answer to a person: it may link, but not ping."""
    return {"msgtype": "m.notice", "body": _within(_PING.sub(_JOINER, clean(text)), BODY), "m.mentions": {}}


def _within(text: str, limit: int) -> str:
    return cut(text, limit, unit=lambda part: len(part.encode()))


def _parts(card: Card, style: Style) -> Iterator[_Part]:
    yield _title(card)
    if style is Style.COMPACT:
        if card.site_name:
            yield _small(line(card.site_name))
        return
    if card.lead:
        lead = _text(card.lead, _LEAD)
        yield _Part(lead, f"<p>{_flow(lead)}</p>")
    if card.quote:
        yield _quote(card.quote)
    if card.sources:
        yield from _sources(card.sources[: _SOURCES[style]])
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


def _meta(card: Card, style: Style) -> list[str]:
    facts = [card.site_name]
    if style is Style.FULL:
        facts += [card.author, card.category]
    named = [isolate(_text(fact, _NAME, flat=True)) for fact in facts if fact]
    if style is Style.FULL:
        named += [f"{card.published:%Y-%m-%d}"] if card.published else []
        named += [f"{card.reading_minutes} min"] if card.reading_minutes else []
    return [fact for fact in named if fact]


def _struck(card: Card) -> Iterator[_Part]:
    title = _text(card.title, _TITLE, flat=True) or "Untitled"
    yield _Part(title, f"<h4><del>{html.escape(title)}</del></h4>")
    yield _Part(_WITHDRAWN, f"<p>{_WITHDRAWN}</p>")


def _small(text: str) -> _Part:
    shown = _text(text, 4 * _NAME, flat=True)
    return _Part(shown, f"<p><sub>{html.escape(shown)}</sub></p>")


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
    if not _HREF.fullmatch(url) or clean(url) != url or _weight(url) > limit:
        return ""
    try:
        parts = urlsplit(url)
        host, mention = parts.hostname or "", _PERMALINK.match(unquote(parts.fragment))
    except ValueError:
        return ""
    host = unicodedata.normalize("NFKC", unquote(host)).casefold().rstrip(".")
    matrix = host == "matrix.to" or host.endswith(".matrix.to")
    return "" if matrix or mention or "@" in parts.netloc or not host else url
