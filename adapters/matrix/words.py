"""A message's words as a command: whether it is meant for the bot, which command, with which arguments. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from bot.errors import UsageError
from bot.ports import Command, Commands, Option
from bot.text import clean
from bot.words import _

ALIASES = {"sub": "subscribe", "unsub": "unsubscribe", "subs": "subscriptions", "ls": "subscriptions"}

_LONGEST = 4_000
_WORD = re.compile(r"""((?:--|—)?[\w-]+=)?(?:"([^"]*)"|“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»)|(\S+)""")
_NAMED = re.compile(r"(--|—)?([\w-]+)(?:=(.*))?", re.DOTALL)
_STRANGE = re.compile(r"(?P<name>[a-zA-Z_]{2,20})=")
_ADDRESS = re.compile(r"\S+://\S+|[^\s.]+(?:\.[^\s.]+)+")
_PLACE = re.compile(r"[!#]\S+|[a-z]+:(?!//)\S+")
_QUOTED = re.compile(r"(?:>[^\n]*\n)+\n?")


class How(Enum):
    """How surely a message is meant for the bot."""

    ADDRESSED = "it says so"
    MENTIONED = "it mentions the bot somewhere"
    OVERHEARD = "nothing says so"


@dataclass(frozen=True, slots=True)
class Line:
    """What a message says, without the prefix or the name that it calls the bot by."""

    text: str
    how: How = How.ADDRESSED


@dataclass(frozen=True, slots=True)
class Reaction:
    """A sign that somebody put to an event."""

    event_id: str
    sign: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or several that quotation marks hold together, which are never an option's name."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A command's name and the words after it."""

    name: str
    rest: tuple[Word, ...] = ()

    @classmethod
    def of(cls, text: str) -> Self:
        """The words of the text; quotation marks hold several together."""
        words = [_word(match) for match in _WORD.finditer(clean(text[:_LONGEST]))]
        return cls(words[0].text.lower(), tuple(words[1:])) if words else cls("help")

    def command(self, commands: Commands) -> Command | None:
        """The command of this name or alias."""
        return commands.get(self.name) or commands.get(ALIASES.get(self.name, ""))

    def arguments(self, command: Command, prefix: str) -> Mapping[str, str]:
        """The words by option; UsageError with the command's usage when they do not fit.

        Options come as `name=value` or `--name value`, flags by their names alone. The words that are left are the
        required options in order, the last of which takes all that remain; words at the end go to an option that
        takes nothing else (a choice, a number, a room) where the rest would still be complete.
        """
        try:
            given, loose = _named(self.rest, {option.name: option for option in command.options})
            _refuse_strange(loose, command, prefix)
            return given | _placed(loose, [option for option in command.options if option.name not in given])
        except _Misfit:
            raise UsageError(_("Write: {usage}").format(usage=usage(command, prefix))) from None


class _Misfit(Exception):
    """The words are not what the command takes."""


def heard(event: Mapping[str, Any], prefix: str, me: str, names: Collection[str]) -> Line | None:
    """What the event says, and how surely to the bot; None for all that is no text message of a person.

    `me` is the bot's user id, `names` what people may call it. Notices are other bots' and are never answered; an
    edited message was answered when it was new.
    """
    content = event.get("content")
    if event.get("type") != "m.room.message" or not isinstance(content, Mapping) or content.get("msgtype") != "m.text":
        return None
    body, relation = content.get("body"), relates(event)
    if not isinstance(body, str) or relation.get("rel_type") == "m.replace":
        return None
    replies = bool(_mapping(relation.get("m.in_reply_to"))) and relation.get("rel_type") != "m.thread"
    body = (_QUOTED.sub("", body, count=1) if body.startswith(">") and "m.in_reply_to" in relation else body).strip()
    head, rest = body[: len(prefix)], body[len(prefix) :]
    if head.casefold() == prefix.casefold() and (not rest or rest[0].isspace()):
        return Line(rest)
    users = _mapping(content.get("m.mentions")).get("user_ids")
    mentioned = isinstance(users, list) and me in users
    for name in sorted(filter(None, (me, *names)), key=len, reverse=True):
        called = re.match(rf"@?{re.escape(name)}(?:\s*[:,：，]|(?=\s|$))", body, re.IGNORECASE)
        if called and (mentioned or called[0][-1] in ":,：，"):
            return Line(body[called.end() :])
    return Line(body, How.MENTIONED if mentioned and not replies else How.OVERHEARD)


def relates(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the event says of another that it belongs to; {} for nothing, and for what makes no sense."""
    return _mapping(_mapping(event.get("content")).get("m.relates_to"))


def reacted(event: Mapping[str, Any]) -> Reaction | None:
    """The sign that the event puts to another; None for all that is no reaction."""
    relation = relates(event)
    target, sign = relation.get("event_id"), relation.get("key")
    if event.get("type") != "m.reaction" or not isinstance(target, str) or not isinstance(sign, str):
        return None
    return Reaction(target, sign)


def usage(command: Command, prefix: str) -> str:
    """How the command is written."""
    options = (option.name if option.required else f"[{option.name}]" for option in command.options)
    return " ".join((prefix, command.name, *options))


def unknown(name: str, commands: Commands, prefix: str) -> str:
    """That there is no such command, which one was probably meant, and where all of them are told."""
    meant = near(name, commands)
    said = _("There is no command {name}; did you mean {near}?") if meant else _("There is no command {name}.")
    told = _("All commands: {usage}").format(usage=f"{prefix} help")
    return f"{said.format(name=name[:80], near=meant)} {told}"


def near(name: str, commands: Commands, likeness: float = 0.6) -> str:
    """The command that was probably meant; "" for none that is so like."""
    return "".join(difflib.get_close_matches(name, (*commands, *ALIASES), 1, likeness))


def written(name: str, arguments: Mapping[str, str], prefix: str) -> str:
    """The command as people may type it, so that `Words` reads the same out of it again."""
    return " ".join((prefix, name, *(f"{option}={_marked(value)}" for option, value in arguments.items())))


def _marked(value: str) -> str:
    if not re.search(r"\s|^[\"“„«]|^$", value):
        return value
    pairs = [pair for pair in ('""', "“”", "«»") if pair[1] not in value]
    return f"{pairs[0][0]}{value}{pairs[0][1]}" if pairs else f'"{value.replace(chr(34), chr(39))}"'


def _word(match: re.Match[str]) -> Word:
    option, *held, bare = match.groups()
    if bare is not None:
        return Word(bare)
    inside = next(part for part in held if part is not None)
    return Word(option + inside) if option else Word(inside, quoted=True)


def _named(words: Iterable[Word], options: Mapping[str, Option]) -> tuple[dict[str, str], list[Word]]:
    """What is given by name, and the words that are not."""
    given: dict[str, str] = {}
    loose: list[Word] = []
    rest = iter(words)
    for word in rest:
        match = None if word.quoted else _NAMED.fullmatch(word.text)
        dashes, name, value = match.groups() if match else ("", "", None)
        option = options.get(name.lower())
        if option is None or not (dashes or value is not None):
            if dashes == "--":
                raise _Misfit
            loose.append(word)
        elif value is not None or option.kind == "flag":
            given[option.name] = "true" if value is None else value
        elif (following := next(rest, None)) is not None:
            given[option.name] = following.text
        else:
            raise _Misfit
    return given, loose


def _refuse_strange(words: Iterable[Word], command: Command, prefix: str) -> None:
    """A word that looks like an option of another name is a slip, as is an option's bare name: say how it is written.

    Not so for a command that takes any text.
    """
    if any(option.required and not option.completes and option.name == "words" for option in command.options):
        return
    known = [option.name for option in command.options]
    named = [option.name for option in command.options if option.kind != "flag"]
    for word in (word.text for word in words if not word.quoted):
        if word.lower() in named:
            raise UsageError(_("Write: {usage}").format(usage=f"{prefix} {command.name} {word.lower()}=…"))
        if match := _STRANGE.match(word):
            near = difflib.get_close_matches(match["name"], known, 1)
            hint = _("Did you mean {name}?").format(name=near[0]) if near else ""
            hint = hint or _("Write: {usage}").format(usage=usage(command, prefix))
            raise UsageError(
                _("{command} has no option {name}.").format(command=command.name, name=match["name"]) + f" {hint}"
            )


def _placed(words: Sequence[Word], free: Sequence[Option]) -> dict[str, str]:
    """The words by option, in the order of the options."""
    needed = [option for option in free if option.required]
    if len(words) < len(needed):
        raise _Misfit
    given, loose = _tail(list(words), free, len(needed))
    takers = needed or [one for one in free if one.kind == "text" and not one.choices and one.name not in given][:1]
    if not loose:
        return given
    if not takers:
        raise _Misfit
    *firsts, last = takers
    alone, remaining = loose[: len(firsts)], loose[len(firsts) :]
    if len(remaining) > 1 and (last.kind != "text" or last.choices):
        raise _Misfit
    given |= {option.name: word.text for option, word in zip(firsts, alone, strict=True)}
    return given | {last.name: " ".join(word.text for word in remaining)}


def _tail(words: list[Word], free: Sequence[Option], needed: int) -> tuple[dict[str, str], list[Word]]:
    """What the last words say to options that take nothing else, and the words before them.

    Beside words to search for, only a flag is told apart: "apollo 11" is no number, "climate card" no style.
    """
    given: dict[str, str] = {}
    plain = not needed or _ADDRESS.fullmatch(words[needed - 1].text) is not None
    while len(words) > needed and not words[-1].quoted:
        last = words[-1].text
        takers = (one for one in free if not one.required and one.name not in given)
        taker = next((one for one in takers if _fits(one, last, plain=plain)), None)
        if taker is None:
            break
        given[taker.name] = "true" if taker.kind == "flag" else last
        words.pop()
    return given, words


def _fits(option: Option, word: str, *, plain: bool) -> bool:
    if option.kind == "flag":
        return word.casefold() == option.name
    if not plain:
        return False
    if option.choices:
        return word.casefold() in map(str.casefold, option.choices)
    return option.kind in _KINDS and _KINDS[option.kind].fullmatch(word) is not None


_KINDS = {"number": re.compile("[0-9]{1,9}"), "channel": _PLACE, "role": re.compile(r"@\S+")}


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
