"""The settings and the parts of one command of the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from bot.words import choose, speaking

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.parts import Parts


def settings() -> Settings:
    """The settings of the environment and `.env`; from here on log lines are as they say."""
    from bot import config, logs

    given = config.read(config.Settings)
    logs.configure(given.log_level, given.log_format)
    return given


def with_parts(work: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
    """Do it with the parts, open; they are closed at the end."""
    from bot.parts import parts

    async def whole() -> None:
        async with parts(given) as opened:
            await work(opened)

    given = settings()
    with speaking(choose(given.language)):
        asyncio.run(whole())
