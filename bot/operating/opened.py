"""The settings and the parts of one command of the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from bot.words import choose, speaking

if TYPE_CHECKING:
    from bot.app import Parts
    from bot.config import Settings


def settings() -> Settings:
    """The settings of the environment and `.env`; from here on log lines are as they say."""
    from bot import config, logs

    given = config.read(config.Settings)
    logs.configure(given.log_level, given.log_format)
    return given


def with_parts(work: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
    """Do it with the parts, open; they are closed at the end."""
    from bot import app

    async def whole() -> None:
        async with app.parts(given) as parts:
            await work(parts)

    given = settings()
    with speaking(choose(given.language)):
        asyncio.run(whole())
