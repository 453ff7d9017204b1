"""A method with a docstring and annotated options → what a platform needs to offer it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from bot.errors import UsageError
from bot.model import Channel
from bot.ports import Asked, Choice, Command, Option, Reply
from bot.words import _

Method = TypeVar("Method", bound=Callable[..., Awaitable[Reply]])
Completer = Callable[[Any, Asked, str], Awaitable[Sequence[Choice]]]

YES = frozenset(["true", "yes", "on", "1", "ja", "是"])
NO = frozenset(["false", "no", "off", "0", "nein", "否"])


@dataclass(frozen=True, slots=True)
class Given:
    """What is said of an option besides its name and type; `completes` answers for what is typed so far."""

    help: str
    completes: Completer | None = None
    most: int = 0
    kind: str = ""


def command(*, manage: bool = False, anywhere: bool = False) -> Callable[[Method], Method]:
    """Mark a method as a command; see `bot.ports.Command`."""

    def mark(method: Method) -> Method:
        method.__dict__.update(manage=manage, anywhere=anywhere)
        return method

    return mark


def describe(*rooms: object) -> dict[str, Command]:
    """The commands of some objects, by name, in the order they are written.

    A command's first argument says where it was asked; the others are annotated with their help. An option's type is
    str, int, bool, Channel or a StrEnum; one that may be left out has a default.
    """
    methods = [getattr(room, name) for room in rooms for name in vars(type(room))]
    return {method.__name__: _describe(method) for method in methods if hasattr(method, "manage")}


def _describe(method: Any) -> Command:
    hints = get_type_hints(method, include_extras=True)
    _asked, *parameters = inspect.signature(method).parameters.values()
    said = {one.name: hints[one.name].__metadata__[0] for one in parameters}
    types = {one.name: _bare(hints[one.name].__origin__) for one in parameters}
    options = {one.name: _option(one, types[one.name], said[one.name]) for one in parameters}

    async def run(asked: Asked, arguments: Mapping[str, str]) -> Reply:
        given = {name: text for name, value in arguments.items() if name in options and (text := _typed(value))}
        missing = [name for name, option in options.items() if option.required and name not in given]
        if missing:
            raise UsageError(
                _("{command} needs: {options}.").format(command=method.__name__, options=", ".join(missing))
            )
        values = {name: _value(options[name], types[name], text) for name, text in given.items()}
        if method.manage and not asked.manages:  # last: who names no channel at all manages it neither
            refused = _("{command} is for those who manage the channel.").format(command=asked.word(method.__name__))
            raise UsageError(f"{refused} {asked.needs()}".rstrip())
        reply: Reply = await method(asked, **values)
        return reply

    async def complete(asked: Asked, option: str, typed: str) -> Sequence[Choice]:
        completer = said[option].completes if option in said else None
        return (await completer(method.__self__, asked, typed))[:25] if completer else ()

    return Command(
        method.__name__,
        inspect.getdoc(method) or "",
        tuple(options.values()),
        method.manage,
        run,
        complete,
        method.anywhere,
    )


def _option(parameter: inspect.Parameter, kind: type, given: Given) -> Option:
    kinds: dict[type, str] = {int: "number", bool: "flag", Channel: "channel"}
    return Option(
        parameter.name,
        given.help,
        required=parameter.default is parameter.empty,
        kind=given.kind or kinds.get(kind, "text"),
        choices=tuple(kind) if issubclass(kind, StrEnum) else (),
        completes=given.completes is not None,
        most=given.most,
    )


def _bare(hint: Any) -> type:
    """The type of an option that may be None where it is not given."""
    found: type = next(one for one in get_args(hint) if one is not type(None)) if _is_union(hint) else hint
    return found


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in {Union, UnionType}


def _typed(value: str) -> str:
    """What was typed, less what no database takes: a terminal hands in bytes that are no text as lone surrogates."""
    return value.encode(errors="ignore").decode().replace("\0", "").strip()


def _meant(text: str, choices: Sequence[str]) -> str:
    """The choice that a text names, in whatever case; a language also without its region."""
    wanted = text.casefold()
    return next((one for one in choices if wanted in {one.casefold(), one.casefold().partition("-")[0]}), "")


def _value(option: Option, kind: type, text: str) -> Any:
    """The text as the option's type; UsageError says what would do."""
    if kind is bool and text.casefold() in YES | NO:
        return text.casefold() in YES
    if kind is int and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= option.most:
        return int(text)
    if kind is str:
        return text
    if issubclass(kind, StrEnum) and (meant := _meant(text, option.choices)):
        return kind(meant)
    if kind is Channel:
        try:
            return Channel.parse(text)
        except ValueError:
            example = "matrix:!room:your.server"
            no_channel = _("{text} is no channel: write for example {channel}.").format(text=text[:80], channel=example)
            raise UsageError(no_channel) from None
    expected = ", ".join(option.choices) or (f"1–{option.most}" if kind is int else "yes, no")
    raise UsageError(
        _("{text} does not do for {option}; it takes: {expected}.").format(
            text=text[:80], option=option.name, expected=expected
        )
    )
