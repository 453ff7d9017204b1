"""Commands as Discord describes them, and what it hands in of them. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import regex

from bot.model import Channel
from bot.ports import Command, Commands, Option
from bot.text import cut, utf16
from bot.words import LANGUAGES, _, choose, speaking

CHAT_INPUT = 1
TEXT, NUMBER, FLAG, CHANNEL, ROLE = 3, 4, 5, 7, 8
KINDS = {"text": TEXT, "number": NUMBER, "flag": FLAG, "channel": CHANNEL, "role": ROLE}
ADMINISTRATOR, MANAGE_CHANNELS, MENTION_EVERYONE = 1 << 3, 1 << 4, 1 << 17
SERVER, PERSON = 0, 1
"""Who has installed the bot."""
IN_SERVER, WITH_BOT, ELSEWHERE = 0, 1, 2
"""Where a command is given: in a server, to the bot itself, among others."""
POSTING_KINDS = [0, 5, 10, 11, 12, 15]
"""Not 16, media channels: Discord's published description of commands does not know them."""
DESCRIPTION, LABEL, CHOICES = 100, 100, 25

_NAME = regex.compile(r"[-_\p{Ll}\p{Lo}\p{N}]{1,32}")
"""What Discord takes for the name of a command or of an option."""


def describe(commands: Commands) -> list[dict[str, Any]]:
    """The body that makes these the bot's commands, all of them and no others."""
    return [_command(command) for command in commands.values()]


def fingerprint(application: str, described: list[dict[str, Any]]) -> str:
    """Changes when the commands, or whose they are, have changed."""
    return hashlib.blake2b(json.dumps([application, described]).encode(), digest_size=16).hexdigest()


def arguments(data: Mapping[str, Any]) -> dict[str, str]:
    """What was given, by the options' names, as the commands want it: a channel as `discord:123`."""
    return {option["name"]: _given(option["type"], option["value"]) for option in data.get("options", ())}


def named(kind: str, values: Mapping[str, str], command: Command) -> list[str]:
    """The numbers of the channels, or the roles, that a command was told."""
    told = [values[option.name] for option in command.options if option.kind == kind and option.name in values]
    return [value.removeprefix("discord:") for value in told]


def typed(command: str, options: Mapping[str, str], locale: str, commands: Commands) -> str:
    """A command as people of this locale type it."""
    offers = {option.name: option.choices for option in commands[command].options} if command in commands else {}
    told = {name: word(value, locale) if value in offers.get(name, ()) else value for name, value in options.items()}
    return " ".join([f"/{word(command, locale)}", *(f"{word(name, locale)}:{value}" for name, value in told.items())])


def word(text: str, locale: str) -> str:
    """A name that stands in the commands' description, as people of this locale see it."""
    return _localized(text, LABEL).get(choose(locale), text)


def may_manage(permissions: int) -> bool:
    """Whether someone with these bits in a channel manages it."""
    return bool(permissions & (ADMINISTRATOR | MANAGE_CHANNELS))


def may_mention(permissions: int) -> bool:
    """Whether someone with these bits may mention every role."""
    return bool(permissions & (ADMINISTRATOR | MENTION_EVERYONE))


def _given(kind: int, value: Any) -> str:
    if kind == CHANNEL:
        return str(Channel("discord", str(value)))
    return str(value).lower() if kind == FLAG else str(value)


def _command(command: Command) -> dict[str, Any]:
    return {
        "name": command.name,
        "name_localizations": _names(command.name),
        **_described(command.help, command.name),
        "type": CHAT_INPUT,
        "options": [_option(option) for option in sorted(command.options, key=lambda option: not option.required)],
        "default_member_permissions": MANAGE_CHANNELS if command.manage else None,
        "contexts": [IN_SERVER, WITH_BOT, ELSEWHERE] if command.anywhere else [IN_SERVER],
        "integration_types": [SERVER, PERSON] if command.anywhere else [SERVER],
    }


def _names(name: str) -> dict[str, str]:
    """A command's or an option's name in other languages, where the catalogue's word is one that Discord takes."""
    return {language: said for language, said in _localized(name, LABEL).items() if _NAME.fullmatch(said)}


def _option(option: Option) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": option.name,
        "name_localizations": _names(option.name),
        **_described(option.help, option.name),
        "type": KINDS[option.kind],
        "required": option.required,
    }
    if option.kind == "channel":
        described["channel_types"] = POSTING_KINDS
    if option.kind == "number":
        described |= {"min_value": 1, "max_value": option.most}
    if option.choices:
        described["choices"] = [_choice(choice) for choice in option.choices[:CHOICES]]
    elif option.completes:
        described["autocomplete"] = True
    return described


def _choice(choice: str) -> dict[str, Any]:
    return {"name": choice, "value": choice, "name_localizations": _localized(choice, LABEL)}


def _described(text: str, name: str) -> dict[str, Any]:
    base = cut(" ".join(text.split()), DESCRIPTION, unit=utf16) or name
    return {"description": base, "description_localizations": _localized(text, DESCRIPTION)}


def _localized(text: str, limit: int) -> dict[str, str]:
    """The text in the languages that have other words for it; the first language is Discord's own default."""
    found = {}
    for language in LANGUAGES[1:]:
        with speaking(language):
            said = _(text) if text else ""
        if said != text:
            found[language] = cut(" ".join(said.split()), limit, unit=utf16)
    return found
