"""Commands as Discord describes them, and their answers as Discord shows them. Pure."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.discord.cards import NO_PINGS
from adapters.discord.markdown import escape, safe_url
from bot.model import Channel
from bot.ports import Command, Commands, Option
from bot.text import cut, utf16

CHAT_INPUT, TEXT, CHANNEL = 1, 3, 7
MANAGE_CHANNELS = 1 << 4
IN_SERVERS = [0]
"""The one context and the one way of installing: what a command does belongs to a server's channel."""
POSTING_KINDS = [0, 5, 10, 11, 12]
ANSWER = 2000

_URL = re.compile(r"https?://[^\s<>]+[^\s<>.,:;!?)\]}'\"’”»]")


def describe(commands: Commands) -> list[dict[str, Any]]:
    """The body that makes these the bot's commands, all of them and no others."""
    return [_command(command) for command in commands.values()]


def fingerprint(application: str, described: list[dict[str, Any]]) -> str:
    """Changes when the commands, or whose they are, have changed."""
    return hashlib.blake2b(json.dumps([application, described]).encode(), digest_size=16).hexdigest()


def arguments(data: Mapping[str, Any]) -> dict[str, str]:
    """What was given, by the options' names; a channel as `discord:123`."""
    given = {}
    for option in data.get("options", ()):
        value = str(option["value"])
        given[option["name"]] = str(Channel("discord", value)) if option["type"] == CHANNEL else value
    return given


def answer(text: str) -> dict[str, Any]:
    """The message that says a plain text: nothing in it formats or pings, its links open and unfold no preview."""
    return {
        "content": "".join(_pieces(cut(text, ANSWER // 2, unit=_written_length))) or "…",
        "allowed_mentions": NO_PINGS,
    }


def _command(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "description": cut(" ".join(command.help.split()), 100, unit=utf16) or command.name,
        "type": CHAT_INPUT,
        "options": [_option(option) for option in sorted(command.options, key=lambda option: not option.required)],
        "default_member_permissions": MANAGE_CHANNELS if command.manage else None,
        "contexts": IN_SERVERS,
        "integration_types": IN_SERVERS,
    }


def _option(option: Option) -> dict[str, Any]:
    kind = {"type": CHANNEL, "channel_types": POSTING_KINDS} if option.kind == "channel" else {"type": TEXT}
    help = cut(" ".join(option.help.split()), 100, unit=utf16) or option.name  # noqa: A001 - the port's own word
    return {"name": option.name, "description": help, "required": option.required, **kind}


def _written_length(text: str) -> int:
    return max(utf16("".join(_pieces(text))), len(text))


def _pieces(text: str) -> Iterator[str]:
    """The text escaped, its URLs between angle brackets."""
    end = 0
    for match in _URL.finditer(text):
        yield escape(text[end : match.start()])
        url = safe_url(match[0])
        yield f"<{url}>" if url else escape(match[0])
        end = match.end()
    yield escape(text[end:])
