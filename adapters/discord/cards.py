"""A card as a Discord message: an embed with link buttons under it. Pure.

An embed, not components: it gives a preview in notifications, is found by search, and works in every kind of channel.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.discord.markdown import MAX_BUTTON_URL, escape, escaped_length, link, moment, safe_url, small, unescape
from bot.model import NORMAL, ROLE, SILENT, Card, Citation, Payload, Quote, Style
from bot.text import clean, cut, isolate, line, utf16
from bot.words import _, correction, not_shown

TITLE, DESCRIPTION, CHANGED, FOOTER, ALT, LABEL = 256, 2457, 200, 300, 1024, 38
"""Limits in UTF-16 units of what is sent. Discord takes 4096 code points of description but has been seen to refuse
fewer when they are emoji, so a card uses 60 % of it, and its correction's line comes on top; of a button's 80
characters, phones show 38. The line of what is not shown is ours, and short."""
LOOKED_AT = 10_000
"""Characters of one text that are looked at: what stands behind them is never shown."""
NO_PINGS: dict[str, Any] = {"parse": []}
LINK_BUTTON, ACTION_ROW, BUTTON = 5, 1, 2
NO_SOUND = 1 << 12

ROLE_MENTION = re.compile(r"<@&([0-9]{1,20})>|([0-9]{1,20})")
_ROLE = re.compile(rf"{ROLE}([0-9]{{1,20}})")


@dataclass(frozen=True, slots=True)
class Shape:
    """How much of a card a style shows: characters of lead and quote, sources, which of them as buttons."""

    lead: int
    quote: int
    sources: int
    source_buttons: int
    image: bool


SHAPES = {
    Style.COMPACT: Shape(lead=200, quote=0, sources=0, source_buttons=0, image=False),
    Style.CARD: Shape(lead=700, quote=600, sources=8, source_buttons=4, image=True),
    Style.FULL: Shape(lead=1100, quote=900, sources=20, source_buttons=0, image=True),
}


def render(
    card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
) -> Payload:
    """The message of a card: `content`, `embeds`, `components` and `allowed_mentions`, within every limit.

    `flags` are for a post alone. `applied_tags` names a tag, whose id only the forum knows that it is posted in.
    """
    shape = SHAPES[style]
    url = safe_url(card.url)
    embed: dict[str, Any] = {"url": url} if url else {}
    if struck:
        title = escape(cut(_title(card), TITLE, unit=escaped_length))
        embed["description"] = f"~~**{title}**~~\n" + _("Withdrawn by its publisher.")
    else:
        embed["title"] = escape(cut(_title(card), TITLE, unit=escaped_length))
        embed |= _body(card, shape, changed, more)
    embed |= _footer(card, style)
    rows = [] if struck else _buttons(card, shape)
    tag = {"applied_tags": [category]} if (category := _line(card.category)) else {}
    return {"embeds": [embed], "components": rows, **_announced(notify), **tag}


def _announced(notify: str) -> dict[str, Any]:
    """The message's content: empty, or the mention of a role, the only one that anything in the message can make."""
    if found := _ROLE.fullmatch(notify):
        return {"content": f"<@&{found[1]}>", "allowed_mentions": {**NO_PINGS, "roles": [found[1]]}}
    return {"content": "", "allowed_mentions": NO_PINGS, **({"flags": NO_SOUND} if notify == SILENT else {})}


def text(payload: Payload) -> str:
    """The message as people would read it in a terminal."""
    lines = [role(payload)]
    for embed in payload["embeds"]:
        lines += [unescape(embed.get("title", "")), embed.get("url", ""), unescape(embed.get("description", ""))]
        image = embed.get("image", {})
        lines += [f"[image: {isolate(image.get('description', ''))}] {image['url']}" if image else ""]
        lines += [embed.get("footer", {}).get("text", "")]
    for row in payload["components"]:
        lines += [f"[{isolate(button['label'])}] {button['url']}" for button in row["components"]]
    return "\n".join(part for part in lines if part)


def role(payload: Payload) -> str:
    """The role that the message mentions, as `@number`; "" for none."""
    return str(payload.get("content", "")).replace("<@&", "@").rstrip(">")


def _line(text: str) -> str:
    return line(text[:LOOKED_AT])


def _title(card: Card) -> str:
    """The title, or the next best thing: a message must hold something."""
    return _line(card.title) or _line(card.site_name) or _("Untitled")


def _body(card: Card, shape: Shape, changed: str, more: int) -> dict[str, Any]:
    body: dict[str, Any] = {}
    parts = [_lead(card.lead, shape.lead), _quote(card.quote, shape.quote), _sources(card, shape)]
    below = (_changed(card, changed) if changed else "", small(not_shown(more)) if more > 0 else "")
    if description := "\n\n".join(filter(None, (_join([part for part in parts if part]), *below))):
        body["description"] = description
    if shape.image and card.image and (url := safe_url(card.image.url)):
        body["image"] = {"url": url}
        if alt := _line(card.image.alt):
            body["image"]["description"] = cut(alt, ALT, unit=utf16)
    return body


def _join(parts: list[str]) -> str:
    """The parts that fit, in their order; they are short enough one by one for the first always to fit."""
    joined = ""
    for part in parts:
        longer = f"{joined}\n\n{part}" if joined else part
        if utf16(longer) <= DESCRIPTION:
            joined = longer
    return joined


def _lead(lead: str, limit: int) -> str:
    paragraphs = [_line(part) for part in clean(lead[:LOOKED_AT]).split("\n")]
    return escape(cut("\n".join(part for part in paragraphs if part), limit, unit=escaped_length))


def _quote(quote: Quote | None, limit: int) -> str:
    """The quote with Discord's bar beside each of its lines, then its speaker, linked where the quote has a link."""
    if quote is None or not limit:
        return ""
    words = escape(
        cut("\n".join(filter(None, map(_line, clean(quote.text[:LOOKED_AT]).split("\n")))), limit, unit=escaped_length)
    )
    if not words:
        return ""
    lines = [f"> {part}" for part in words.split("\n")]
    speaker, url = cut(_line(quote.speaker), 100, unit=escaped_length), safe_url(quote.url, MAX_BUTTON_URL)
    if speaker:
        lines.append("> " + isolate("— " + (link(speaker, url) if url else escape(speaker))))  # the dash turns with it
    elif url:
        lines.append("> — " + link(_("source"), url))
    return "\n".join(lines)


def _sources(card: Card, shape: Shape) -> str:
    """The sources that are not buttons, on one line; as many as a third of the description holds."""
    taken = [source for source, _url in _button_sources(card, shape)]
    shown: list[str] = []
    for source in card.sources[: shape.sources]:
        written = "" if source in taken else _source(source)
        if written and utf16(" · ".join([*shown, written])) <= DESCRIPTION // 3:
            shown.append(written)
    return _("Sources") + ": " + " · ".join(shown) if shown else ""


def _source(source: Citation) -> str:
    name, url = cut(_line(source.name), 100, unit=escaped_length), safe_url(source.url, MAX_BUTTON_URL)
    if not name:
        return ""
    return isolate(link(name, url) if url else escape(name))


def _changed(card: Card, changed: str) -> str:
    """The small line of a correction; Discord shows its moment by the reader's own clock."""
    when = moment(card.modified) if card.modified else ""
    return small(correction(isolate(escape(cut(_line(changed), CHANGED, unit=escaped_length))), when))


def _button_sources(card: Card, shape: Shape) -> list[tuple[Citation, str]]:
    urls = [(source, safe_url(source.url, MAX_BUTTON_URL)) for source in card.sources if _line(source.name)]
    return [(source, url) for source, url in urls if url][: shape.source_buttons]


def _buttons(card: Card, shape: Shape) -> list[dict[str, Any]]:
    """One row: the article, then the first sources; none in a compact card, whose title is the link."""
    wanted = [(_("Read the article"), safe_url(card.url, MAX_BUTTON_URL))] if shape.sources else []
    wanted += [(source.name, url) for source, url in _button_sources(card, shape)]
    buttons = [
        {"type": BUTTON, "style": LINK_BUTTON, "label": cut(_line(label), LABEL, unit=utf16), "url": url}
        for label, url in wanted
        if url
    ]
    return [{"type": ACTION_ROW, "components": buttons}] if buttons else []


def _footer(card: Card, style: Style) -> dict[str, Any]:
    """Site, author and, in full, category and length; Discord reads no Markdown there, so nothing is escaped."""
    parts = [_line(card.site_name), _line(card.author)]
    if style is Style.FULL:
        parts += [_line(card.category), _minutes(card.reading_minutes)]
    shown = " · ".join(isolate(cut(part, FOOTER // 4 - 5, unit=utf16)) for part in parts if part)
    found: dict[str, Any] = {"footer": {"text": shown}} if shown else {}
    if card.published:
        found["timestamp"] = _timestamp(card.published)
    return found


def _minutes(count: int) -> str:
    return _("{count} min").format(count=count) if count > 0 else ""


def _timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
