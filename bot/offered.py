"""Commands of the chat as the command line offers them. Pure."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Callable, Mapping
from typing import Any, Literal, Union

from bot.model import Channel
from bot.ports import Command, Option


def offered(command: Command, ask: Callable[[str, str, Mapping[str, str]], None]) -> Callable[..., None]:
    """A command as a function that cyclopts can read: the channel first, what is optional by name.

    It hands the command's name, the channel and the arguments to `ask`.
    """

    def carry_out(channel: str, *values: str, **named: Any) -> None:
        options = [option for option in command.options if option.required]
        arguments = dict(zip((option.name for option in options), values, strict=True))
        arguments |= {name: str(value) for name, value in named.items() if value not in (None, "")}
        ask(command.name, channel, arguments)

    parameter, text = inspect.Parameter, command.help
    parameters = [parameter("channel", parameter.POSITIONAL_OR_KEYWORD, annotation=str)]
    told = ["channel", "    discord:CHANNEL_ID, matrix:ROOM_ID or console:NAME."]
    for option in sorted(command.options, key=lambda one: not one.required):
        if option.kind == "channel":
            continue
        kind = parameter.POSITIONAL_OR_KEYWORD if option.required else parameter.KEYWORD_ONLY
        default = {} if option.required else {"default": None}
        parameters.append(parameter(option.name, kind, annotation=_type(option), **default))
        told += [option.name, f"    {option.help}."]
    lines = "\n".join(told)
    carry_out.__doc__ = f"{text}\n\nParameters\n----------\n{lines}\n"
    carry_out.__dict__["__signature__"] = inspect.Signature(parameters)
    carry_out.__annotations__ = {one.name: one.annotation for one in parameters}
    return carry_out


def _type(option: Option) -> Any:
    plain: dict[str, Any] = {"number": int, "flag": bool}
    kind = Literal[option.choices] if option.choices else plain.get(option.kind, str)
    return kind if option.required else Union[kind, None]  # noqa: UP007 - made here, not written


def typed(channel: Channel, command: str, options: Mapping[str, str]) -> str:
    """A command as people type it in a shell."""
    given = (f"--{name}={value}" for name, value in options.items())
    return shlex.join(["pullquote", command, str(channel), *given])
