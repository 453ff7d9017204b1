"""All commands, each spoken in the language of its channel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.commands.describe import describe
from bot.commands.desk import Desk
from bot.commands.reading import Reading
from bot.commands.subscribing import Subscribing
from bot.commands.telling import Telling
from bot.errors import SourceError, UsageError
from bot.ports import Asked, Choice, Command, Reply
from bot.words import _, choose, speaking

PATIENCE = 30.0
"""Seconds that a command may take, whatever it asks of others' servers."""


def commands(desk: Desk) -> dict[str, Command]:
    """What people can ask for, wherever they are."""
    found: dict[str, Command] = {}
    found |= describe(Subscribing(desk), Reading(desk), Telling(desk, lambda: found))
    return {name: _localised(desk, command) for name, command in found.items()}


def _localised(desk: Desk, command: Command) -> Command:
    """The command in the channel's language, else the asker's, else the deployment's."""

    async def language(asked: Asked) -> str:
        wished = await desk.door(desk.store.language, asked.channel)
        return choose(wished, asked.locale, desk.language)

    async def run(asked: Asked, arguments: Mapping[str, str]) -> Reply:
        spoken = await language(asked)
        with speaking(spoken):
            try:
                async with asyncio.timeout(PATIENCE):
                    return replace(await command.run(asked, arguments), language=spoken)
            except SourceError as error:  # in this language, wherever it will be shown
                raise SourceError(str(error), error.after) from error
            except TimeoutError:
                raise UsageError(_("That took too long and was broken off: please try again later.")) from None

    async def complete(asked: Asked, option: str, typed: str) -> Sequence[Choice]:
        with speaking(await language(asked)):
            return await command.complete(asked, option, typed)

    return replace(command, run=run, complete=complete)
