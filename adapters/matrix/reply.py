"""A command's answer as Matrix shows it, and the buttons that it carries in itself. Pure.

There are no buttons in Matrix. Those with a symbol turn pages: people put the symbol to the answer as a reaction, or
say the word in its thread, and the answer's own content tells which command that stands for. So nothing has to be
remembered, and a page turns after a restart as before. All others are written out as commands to type.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from adapters.matrix import card as cards
from adapters.matrix.words import written
from bot.ports import Button, Reply
from bot.words import LANGUAGES, _, ngettext, speaking

BUTTONS = "org.pullquote.buttons"
"""The key in an answer's content that holds its buttons."""

_MOST = 48_000
"""Bytes that an answer may take of an event's 65,536; what surrounds it takes a few thousand."""

_FORWARD, _BACK = "▶", "◀"
_SAME = dict.fromkeys("➡→⏩⏭»>", _FORWARD) | dict.fromkeys("⬅←⏪⏮«<", _BACK)
_VARIATION = "\ufe0e\ufe0f"


def content(reply: Reply, prefix: str) -> dict[str, Any]:
    """The content of the `m.notice` that answers, without its relation."""
    text, footer = cards.said(reply.text), cards.said("\n".join(_offers(reply, prefix)))
    shown = [cards.content(one.card, one.style) for one in reply.cards]
    for count in range(len(shown), -1, -1):
        left = len(shown) - count
        cut = ngettext("{count} more does not fit in here.", "{count} more do not fit in here.", left) if left else ""
        plain = [text, *(one["body"] for one in shown[:count]), cut, footer]
        html = [_paragraph(text), *(one["formatted_body"] for one in shown[:count]), *map(_paragraph, (cut, footer))]
        made = notice("\n\n".join(filter(None, plain)))
        if shown:
            made |= {"format": "org.matrix.custom.html", "formatted_body": "".join(html)}
        made |= {BUTTONS: kept} if (kept := _kept(reply)) else {}
        if _size(made) <= _MOST:
            break
    return made


def notice(text: str) -> dict[str, Any]:
    """The content that says no more than this text, which is safe already."""
    return {"msgtype": "m.notice", "body": text, "m.mentions": {}}


def offered(answer: Mapping[str, Any]) -> dict[str, tuple[str, dict[str, str]]]:
    """The commands that an answer's content stands for, with their arguments, by symbol."""
    buttons = answer.get(BUTTONS)
    found = {}
    for button in buttons if isinstance(buttons, list) else ():
        if isinstance(button, Mapping) and isinstance(arguments := button.get("arguments"), Mapping):
            texts = {str(name): str(value) for name, value in arguments.items()}
            found[turn(str(button.get("symbol")))] = (str(button.get("command")), texts)
    return found


def turn(word: str) -> str:
    """The symbol that a reaction or a word stands for; "" for what is surely none."""
    sign = "".join(letter for letter in word.strip() if letter not in _VARIATION)
    if len(sign) == 1 and not sign.isalnum():
        return _SAME.get(sign, sign)
    return _words().get(sign.casefold(), "")


@cache
def _words() -> Mapping[str, str]:
    """What people may say instead of a symbol, in each language that the bot speaks."""
    said = {"next": _FORWARD, "previous": _BACK, "prev": _BACK, "back": _BACK}
    for language in LANGUAGES:
        with speaking(language):
            said |= {_("Next").casefold(): _FORWARD, _("Previous").casefold(): _BACK}
    return said


def _offers(reply: Reply, prefix: str) -> list[str]:
    """The buttons in words: a line on how pages turn, and a line for each command to type."""
    buttons = [button for row in reply.buttons for button in row]
    turning = [f"{button.symbol} {button.label}" for button in buttons if button.symbol]
    lines = [f"{button.label}: {_command(button, prefix)}" for button in buttons if not button.symbol]
    if turning:
        how = _("react with the sign, or say the word in this thread")
        lines.append(f"{' · '.join(turning)} ({how})")
    return lines


def _command(button: Button, prefix: str) -> str:
    return written(button.command, button.arguments, prefix)


def _kept(reply: Reply) -> list[dict[str, Any]]:
    return [
        {"symbol": button.symbol, "command": button.command, "arguments": dict(button.arguments)}
        for row in reply.buttons
        for button in row
        if button.symbol
    ]


def _paragraph(text: str) -> str:
    return f"<p>{cards.flow(text)}</p>" if text else ""


def _size(made: Mapping[str, Any]) -> int:
    return len(json.dumps(made, ensure_ascii=False).encode())
