"""A message as Discord would draw it, in HTML: in the elements of the npm package @skyra/discord-components-core. Pure.

Where that package's script is loaded it draws them, where it is not `page.css` does. What it takes as an attribute
stands there a second time, as a child in a slot that it does not have (`bare`): only pages without it show that.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from adapters.discord.markdown import OURS, read_moment, unescape
from bot.model import Payload
from bot.ports import Fragment
from bot.text import isolate

CSS = Path(__file__).with_name("page.css").read_text("utf-8")
AVATAR = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'%3E%3Crect width='40' height='40'"
    " fill='%235865f2'/%3E%3Cpath d='M11 27v-8l4-7h4l-3 7h3v8zm11 0v-8l4-7h4l-3 7h3v8z' fill='white'/%3E%3C/svg%3E"
)
BLOCKS = {"> ": "discord-quote", "-# ": "discord-subscript"}
"""What the lines that begin so are put into."""
BUTTONS = {1: "primary", 3: "success", 4: "destructive"}
"""What the library calls the styles of buttons; all others are grey."""

_MARKUP = re.compile(
    rf"{OURS}|<(?P<bare>https?://[^\s<>]+)>|<@&(?P<role>[0-9]+)>"
    r"|~~(?P<struck>(?:\\.|[^\\])+?)~~|\*\*(?P<bold>(?:\\.|[^\\])+?)\*\*"
)


def page(payload: Payload) -> Fragment:
    """The message with its author, as in a channel; nobody knows yet when it will be posted, so no time is shown."""
    content, embeds = payload.get("content") or "", "".join(map(_embed, payload["embeds"]))
    author = f'<discord-message author="Pullquote" bot avatar="{AVATAR}" timestamp="">'
    name = '<div slot="bare">Pullquote<b>APP</b></div>'
    inner = name + (_markdown(content) if content else "") + embeds + _buttons(payload["components"])
    return Fragment(f"<discord-messages>{author}{inner}</discord-message></discord-messages>", CSS)


def _embed(embed: Mapping[str, Any]) -> str:
    title, url, image = unescape(embed.get("title", "")), embed.get("url", ""), embed.get("image", {})
    inner = []
    if title:
        inner.append(_element("a", html.escape(isolate(title)), slot="bare", href=url))
    if "description" in embed:
        inner.append(_element("discord-embed-description", _markdown(embed["description"]), slot="description"))
    if image:
        alt = html.escape(image.get("description", ""))
        inner.append(f'<img slot="bare" src="{html.escape(image["url"])}" alt="{alt}">')
    inner.append(_footer(embed))
    # The library would fetch an emoji for `<:name:123>`, which the message has escaped: a word joiner keeps it text.
    attributes = {"embed-title": isolate(title.replace("<", "<\u2060")), "url": url, "image": image.get("url", "")}
    return _element("discord-embed", "".join(inner), slot="embeds", **attributes)


def _footer(embed: Mapping[str, Any]) -> str:
    text, moment = html.escape(embed.get("footer", {}).get("text", "")), embed.get("timestamp", "")
    day = f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M}" if moment else ""
    if text and day:
        return _element("discord-embed-footer", text, slot="footer", timestamp=day)
    return _element("discord-embed-footer", text or day, slot="footer") if text or day else ""


def _buttons(rows: Iterable[Mapping[str, Any]]) -> str:
    drawn = [_element("discord-action-row", "".join(map(_button, row["components"]))) for row in rows]
    return _element("discord-attachments", "".join(drawn), slot="components") if drawn else ""


def _button(button: Mapping[str, Any]) -> str:
    """One that leads somewhere is a link in a link, the inner one for pages without the library; others do nothing."""
    label, url = html.escape(button["label"]), button.get("url", "")
    style = {"type": BUTTONS.get(button["style"], ""), "disabled": "true" if button.get("disabled") else ""}
    return _element("discord-button", _element("a", label, href=url) if url else label, url=url, **style)


def _markdown(markdown: str) -> str:
    """Of Discord's Markdown what our messages are written in, each line an element of its own."""
    drawn = []
    for start, group in groupby(markdown.split("\n"), key=_start):
        lines = "".join(f"<div>{_inline(line.removeprefix(start)) or '<br>'}</div>" for line in group)
        drawn.append(_element(BLOCKS[start], lines) if start else lines)
    return "".join(drawn)


def _start(line: str) -> str:
    return next(filter(line.startswith, BLOCKS), "")


def _inline(markdown: str) -> str:
    drawn, end = [], 0
    for match in _MARKUP.finditer(markdown):
        drawn += [html.escape(markdown[end : match.start()]), _mark(match)]
        end = match.end()
    return "".join(drawn) + html.escape(markdown[end:])


def _mark(match: re.Match[str]) -> str:
    if match["sign"] or match["role"]:
        return html.escape(match["sign"] or f"@{match['role']}")
    if match["moment"]:
        return read_moment(match["moment"])
    if match["struck"]:
        return _element("s", _inline(match["struck"]))
    if match["bold"]:
        return _element("strong", _inline(match["bold"]))
    label = html.escape(match["bare"]) if match["bare"] else _inline(match["label"])
    return _element("a", label, href=match["bare"] or match["url"])


def _element(name: str, inner: str, **attributes: str) -> str:
    """The element around HTML; of its attributes, which are text, those that are not empty."""
    shown = "".join(f' {key}="{html.escape(value)}"' for key, value in attributes.items() if value)
    return f"<{name}{shown}>{inner}</{name}>"
