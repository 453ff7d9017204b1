"""A command's reply as Discord messages, and the buttons that give commands. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from adapters.discord.cards import ACTION_ROW, BUTTON, NO_PINGS, render
from adapters.discord.markdown import escape, escaped_length, safe_url
from bot.model import Style
from bot.ports import Button, Choice, Reply, Shown
from bot.text import clean, cut, line, utf16

TEXT, EMBEDS, EMBED_TEXT, ROWS, IN_ROW, LABEL, CUSTOM_ID, CHOICE, CHOICES = 2000, 10, 6000, 5, 5, 80, 100, 100, 25
"""Discord's limits."""
FOLLOW_UPS = 5
"""So many messages may follow the first where the bot was not installed by the server; elsewhere they are enough."""
OURS = "pq:"
SECONDARY = 2

_URL = re.compile(r"<@&[0-9]{1,20}>|https?://[^\s<>]+[^\s<>.,:;!?)\]}'\"’”»]")


def messages(reply: Reply) -> list[dict[str, Any]]:
    """The reply's messages, never none: text and buttons in the first, for a press edits that one."""
    pages = _pages(reply.cards)
    if len(pages) > 1 + FOLLOW_UPS:
        pages = _pages([Shown(shown.card, Style.COMPACT) for shown in reply.cards])[: 1 + FOLLOW_UPS]
    links = render(reply.cards[0].card, reply.cards[0].style)["components"] if len(reply.cards) == 1 else []
    first, *others = pages or [[]]
    text = content(reply.text, reply.mentions) or ("" if first else "…")
    return [_message(text, first, (links + _rows(reply.buttons))[:ROWS]), *(_message("", page, []) for page in others)]


def content(text: str, mentions: Collection[str] = ()) -> str:
    """A plain text as Markdown that says it: nothing in it formats or pings, its links open and unfold no preview.

    `mentions` stay as they are: with a reply's `allowed_mentions` Discord draws them and calls nobody.

    What is too long ends in "…", in front of a link rather than inside it.
    """
    said = ""
    for plain, written in _pieces(clean(text), mentions):
        if utf16(said + written) >= TEXT:
            return said + (escape(cut(plain, TEXT - utf16(said), unit=escaped_length)) or "…")
        said += written
    return said


def custom_id(button: Button) -> str:
    """The command and its arguments, which is all that is left of a button once it is pressed."""
    given = "&".join(f"{name}={_guarded(value)}" for name, value in button.arguments.items())
    return f"{OURS}{button.command}?{given}"


def pressed(ident: str) -> tuple[str, dict[str, str]]:
    """The command and the arguments that `custom_id` wrote; ("", {}) where it did not write this."""
    if not ident.startswith(OURS):
        return "", {}
    command, _mark, given = ident.removeprefix(OURS).partition("?")
    pairs = (pair.partition("=") for pair in given.split("&") if pair)
    return command, {name: unquote(value) for name, _equals, value in pairs}


def choices(offered: Sequence[Choice]) -> list[tuple[str, str]]:
    """Labels and values that Discord takes; a value cut short would be another one, so it is left out."""
    fit = [choice for choice in offered if 0 < utf16(choice.value) <= CHOICE]
    return [(cut(line(choice.label) or choice.value, CHOICE, unit=utf16), choice.value) for choice in fit][:CHOICES]


def _message(text: str, embeds: list[dict[str, Any]], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"content": text, "embeds": embeds, "components": rows, "allowed_mentions": NO_PINGS}


def _pages(cards: Sequence[Shown]) -> list[list[dict[str, Any]]]:
    """The cards' embeds, as many together as one message holds."""
    pages: list[list[dict[str, Any]]] = []
    for shown in cards:
        (embed,) = render(shown.card, shown.style)["embeds"]
        if not pages or len(pages[-1]) == EMBEDS or sum(map(_weight, [*pages[-1], embed])) > EMBED_TEXT:
            pages.append([])
        pages[-1].append(embed)
    return pages


def _weight(embed: Mapping[str, Any]) -> int:
    """What the embed takes of a message's limit."""
    return sum(
        map(utf16, (embed.get("title", ""), embed.get("description", ""), embed.get("footer", {}).get("text", "")))
    )


def _rows(rows: Sequence[Sequence[Button]]) -> list[dict[str, Any]]:
    """The rows whose buttons can be offered: each says something, fits, and stands in one message only once."""
    drawn, seen = [], set[str]()
    for row in rows:
        buttons = []
        for button in row[:IN_ROW]:
            label, ident = cut(line(button.label), LABEL, unit=utf16), custom_id(button)
            if label and utf16(ident) <= CUSTOM_ID and ident not in seen:
                buttons.append({"type": BUTTON, "style": SECONDARY, "label": label, "custom_id": ident})
                seen.add(ident)
        if buttons:
            drawn.append({"type": ACTION_ROW, "components": buttons})
    return drawn


def _guarded(value: str) -> str:
    """The value with what would end it written otherwise; letters of any script stay one character each."""
    return value.replace("%", "%25").replace("&", "%26")


def _pieces(text: str, mentions: Collection[str]) -> Iterator[tuple[str, str]]:
    """The text's pieces, each as it is ("" for a link) and as it is written: escaped, links between angle brackets."""
    end = 0
    for match in _URL.finditer(text):
        yield (plain := text[end : match.start()]), escape(plain)
        if match[0].startswith("<"):
            yield ("", match[0]) if match[0] in mentions else (match[0], escape(match[0]))
            end = match.end()
            continue
        url = safe_url(match[0])
        yield ("", f"<{url}>") if url else (match[0], escape(match[0]))
        end = match.end()
    yield text[end:], escape(text[end:])
