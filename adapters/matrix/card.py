"""A card as Matrix shows it: pure, within Matrix's HTML and size, with nothing in it that pings, links or formats."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from bot.model import NORMAL, ROLE, SILENT, Card, Citation, Image, Payload, Quote, Style
from bot.text import FIRST_STRONG_ISOLATE, LEFT_TO_RIGHT_ISOLATE, POP_DIRECTIONAL_ISOLATE, clean, cut, isolate, line
from bot.words import _, correction, ngettext

BODY = 8_000
"""Most bytes of the plain body, without a correction's line. An edit holds it twice and the HTML once: 40 kB at most,
where 65,536 bytes fit."""

_TITLE, _LEAD, _QUOTE, _NAME = 900, 2_700, 3_000, 300
_COMPACT = 200
"""Characters of lead in a compact card."""
_URL, _SOURCE_URL = 2_000, 800
_SOURCES = {Style.COMPACT: 0, Style.CARD: 5, Style.FULL: 10}
_JOINER = "\u2060"
EVERYBODY = "@room"
"""The one role that a room has; a subscription that names another one is shown as any other."""

_CALL = ("@room\n\n", "<p>@room</p>")
"""What a card for everybody begins with, plain and in HTML."""

_PING = re.compile(r"(?<=[@#!])(?=room|[^\s:@]{1,255}:\S)|(?<=matrix:)(?=\w)|(?<=matrix\.)(?=to\b)", re.IGNORECASE)
_SCHEME = re.compile(r"(?<=\w:)(?=//)|(?<=www\.)(?=\S)", re.IGNORECASE)
_HAILS = re.compile(r"\W|[^\n:,：，]{1,80}[:,：，]")
_HREF = re.compile(r"https?://[^\s\"'<>\\^`{|}\x00-\x20\x7f-\xa0]+", re.IGNORECASE)
_PERMALINK = re.compile(r"/?(?:(?:user|room|group)/|[@!#+$])")


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph in both forms."""

    plain: str
    html: str


def content(
    card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
) -> Payload:
    """The content of an `m.room.message` event.

    By the push rules that every account begins with, an `m.text` tells itself to people as their room's settings
    say, and an `m.notice` is silent. `quiet` takes out again what a card for everybody calls them by.
    """
    parts = list(_struck(card) if struck else _parts(card, style))
    last = [_correction(card, changed)] if changed and not struck else []
    last += [_more(more)] if more > 0 and not struck else []
    body = _unheard(_within("\n\n".join(part.plain for part in parts if part.plain), BODY))
    shown: Payload = {
        "msgtype": "m.notice" if notify == SILENT else "m.text",
        "body": "\n\n".join((body, *(part.plain for part in last))),
        "format": "org.matrix.custom.html",
        "formatted_body": "".join(part.html for part in (*parts, *last)),
        "m.mentions": {},
    }
    return _called(shown) if notify == f"{ROLE}{EVERYBODY}" and not struck else shown


def quiet(payload: Payload) -> Payload:
    """The content without its call for everybody."""
    if not payload["m.mentions"]:
        return payload
    plain, formatted = (
        payload[form].removeprefix(call) for form, call in zip(("body", "formatted_body"), _CALL, strict=True)
    )
    return {**payload, "body": plain, "formatted_body": formatted, "m.mentions": {}}


def said(text: str) -> str:
    """A text of ours, which may hold strangers' words: it may link, but not ping; at most BODY bytes as HTML."""
    return cut(_PING.sub(_JOINER, clean(text)), BODY, unit=_weight)


def flow(text: str) -> str:
    """The text as HTML, its lines kept."""
    return "<br>".join(html.escape(part) for part in text.split("\n"))


def _called(shown: Payload) -> Payload:
    plain, formatted = _CALL
    body, html_body = plain + shown["body"], formatted + shown["formatted_body"]
    return {**shown, "body": body, "formatted_body": html_body, "m.mentions": {"room": True}}


def _unheard(text: str) -> str:
    """The text, with nothing at its very beginning that another bot would take for a command or for its name."""
    return _JOINER + text if _HAILS.match(text) else text


def _within(text: str, limit: int) -> str:
    return cut(text, limit, unit=lambda part: len(part.encode()))


def _parts(card: Card, style: Style) -> Iterator[_Part]:
    yield _title(card)
    if lead := _directed(_text(cut(card.lead, _COMPACT) if style is Style.COMPACT else card.lead, _LEAD)):
        yield _Part(lead, f"<p>{flow(lead)}</p>")
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
    title = _text(card.title, _TITLE, flat=True) or _text(card.site_name, _TITLE, flat=True) or _("Untitled")
    href = _href(card.url, _URL)
    if href:
        return _Part(f"{title}\n{href}", f'<h4><a href="{html.escape(href)}">{html.escape(title)}</a></h4>')
    url = _text(card.url, _NAME, flat=True)
    return _Part(f"{title}\n{url}", f"<h4>{html.escape(title)}</h4><p>{html.escape(url)}</p>")


def _directed(text: str) -> str:
    """The text, each line of which runs its own way, whatever stands around it."""
    return "\n".join(map(isolate, text.split("\n")))


def _quote(quote: Quote) -> _Part:
    words, speaker = _directed(_text(quote.text, _QUOTE)), _text(quote.speaker, _NAME, flat=True)
    href = _href(quote.url, _SOURCE_URL)
    said, shown = f"“{words}”", flow(words)
    if speaker or href:
        who = isolate(speaker or _("Source"))
        said += f"\n— {who}"
        shown += f"<br>— {_anchor(who, href)}"
    return _Part(said, f"<blockquote><p>{shown}</p></blockquote>")


def _sources(sources: Iterable[Citation]) -> Iterator[_Part]:
    named = [(_text(source.name, _NAME, flat=True), _href(source.url, _SOURCE_URL)) for source in sources]
    shown = [(isolate(name or (urlsplit(href).hostname or "") if href else name), href) for name, href in named]
    shown = [(name, href) for name, href in shown if name]
    if shown:
        yield _Part(
            f"{_('Sources')}: " + " · ".join(name for name, _href in shown),
            f"<p>{_('Sources')}: " + " · ".join(_anchor(name, href) for name, href in shown) + "</p>",
        )


def _picture(image: Image) -> Iterator[_Part]:
    """The picture's own words, linked to it: Matrix shows no picture that its homeserver does not hold."""
    name, href = _text(image.alt, _NAME, flat=True), _href(image.url, _SOURCE_URL)
    if name:
        name = isolate(name)
        yield _Part(f"{_('Picture')}: {name}", f"<p>{_('Picture')}: {_anchor(name, href)}</p>")


def _meta(card: Card, style: Style) -> list[str]:
    facts = [card.site_name, card.author]
    if style is Style.FULL:
        facts.append(card.category)
    named = [isolate(_text(fact, _NAME, flat=True)) for fact in facts if fact]
    ours = [_moment(card.published)] if card.published else []
    if style is Style.FULL and card.reading_minutes > 0:
        ours.append(_("{count} min").format(count=card.reading_minutes))
    turned = any(fact.startswith(FIRST_STRONG_ISOLATE) for fact in named)  # then the line runs the other way
    named += [f"{LEFT_TO_RIGHT_ISOLATE}{fact}{POP_DIRECTIONAL_ISOLATE}" if turned else fact for fact in ours]
    return [fact for fact in named if fact]


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _correction(card: Card, changed: str) -> _Part:
    when = _moment(card.modified) if card.modified else ""
    return _small(correction(isolate(_text(changed, _NAME, flat=True)), when))


def _more(count: int) -> _Part:
    return _small(
        ngettext("and {count} more article, not shown here", "and {count} more articles, not shown here", count)
    )


def _struck(card: Card) -> Iterator[_Part]:
    title = _text(card.title, _TITLE, flat=True) or _("Untitled")
    yield _Part(title, f"<h4><del>{html.escape(title)}</del></h4>")
    why = _("Withdrawn by its publisher.")
    yield _Part(why, f"<p>{html.escape(why)}</p>")


def _small(text: str) -> _Part:
    return _Part(text, f"<p><sub>{html.escape(text)}</sub></p>")


def _anchor(name: str, href: str) -> str:
    shown = html.escape(name)
    return f'<a href="{html.escape(href)}">{shown}</a>' if href else shown


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
