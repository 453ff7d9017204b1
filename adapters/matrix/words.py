"""A message's words as a command: which one, with which arguments. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.errors import UsageError
from bot.ports import Command, Commands

_LONGEST = 4_000
_WORD = re.compile(r'"([^"]*)"|“([^”]*)”|(\S+)')


@dataclass(frozen=True, slots=True)
class Asked:
    """A command's name and the words after it."""

    name: str
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Self:
        """The words of the text; quotation marks hold several together."""
        words = [next((part for part in groups if part), "") for groups in _WORD.findall(text[:_LONGEST])]
        return cls(words[0].lower(), tuple(words[1:])) if words else cls("help")

    def arguments(self, command: Command, prefix: str) -> Mapping[str, str]:
        """The words by option: as `name=value`, or in the options' order; UsageError when they do not fit."""
        names = [option.name for option in command.options]
        given: dict[str, str] = {}
        loose = []
        for word in self.words:
            name, equals, value = word.partition("=")
            if equals and name in names:
                given[name] = value
            else:
                loose.append(word)
        free = [name for name in names if name not in given]
        needed = {option.name for option in command.options if option.required}
        given |= dict(zip(free, loose, strict=False))
        if len(loose) > len(free) or needed - given.keys():
            raise UsageError(f"Write: {usage(command, prefix)}")
        return given


def parse(event: Mapping[str, Any], prefix: str) -> Asked | None:
    """What the event asks of the bot; None for all that is no text message starting with the prefix.

    Notices are other bots' and are never answered; an edited message was answered when it was new.
    """
    content = event.get("content")
    if event.get("type") != "m.room.message" or not isinstance(content, Mapping) or content.get("msgtype") != "m.text":
        return None
    body, relation = content.get("body"), content.get("m.relates_to", {})
    if not isinstance(body, str) or not isinstance(relation, Mapping) or relation.get("rel_type") == "m.replace":
        return None
    head, rest = body.lstrip()[: len(prefix)], body.lstrip()[len(prefix) :]
    if head.casefold() != prefix.casefold() or (rest and not rest[0].isspace()):
        return None
    return Asked.of(rest)


def usage(command: Command, prefix: str) -> str:
    """How the command is written."""
    options = (option.name if option.required else f"[{option.name}]" for option in command.options)
    return " ".join((prefix, command.name, *options))


def help_text(commands: Commands, prefix: str, asked: str = "help") -> str:
    """All commands, each on a line; first, what was probably meant by a name that is none."""
    lines = [f"{usage(command, prefix)} – {command.help.partition(chr(10))[0]}" for command in commands.values()]
    if asked != "help":
        near = difflib.get_close_matches(asked, commands, 1)
        lines.insert(0, f"There is no command {asked}" + (f"; did you mean {near[0]}?" if near else "."))
    return "\n".join(lines)
