"""A method with a docstring and annotated options → what a platform needs to offer it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, get_type_hints

from bot.errors import UsageError
from bot.model import Channel
from bot.ports import Command, Option

Method = TypeVar("Method", bound=Callable[..., Awaitable[str]])


def command(*, manage: bool) -> Callable[[Method], Method]:
    """Mark a method as a command; `manage`: only for those who manage the channel."""

    def mark(method: Method) -> Method:
        method.__dict__["manage"] = manage
        return method

    return mark


def describe(commands: object) -> dict[str, Command]:
    """The commands of an object, by name, in the order they are written.

    A command's first argument is the channel it was given in; the others are texts with their help annotated.
    """
    methods = [getattr(commands, name) for name in vars(type(commands))]
    return {method.__name__: _describe(method) for method in methods if hasattr(method, "manage")}


def _describe(method: Any) -> Command:
    hints = get_type_hints(method, include_extras=True)
    _channel, *parameters = inspect.signature(method).parameters.values()
    options = tuple(
        Option(one.name, hints[one.name].__metadata__[0], required=one.default is one.empty) for one in parameters
    )

    async def run(channel: Channel, arguments: Mapping[str, str]) -> str:
        missing = [option.name for option in options if option.required and not arguments.get(option.name)]
        if missing:
            raise UsageError(f"{method.__name__} needs: {', '.join(missing)}.")
        known = {option.name for option in options}
        given = {name: value for name, value in arguments.items() if name in known and value}
        return str(await method(channel, **given))

    return Command(method.__name__, inspect.getdoc(method) or "", options, method.manage, run)
