"""The real clock, and what keeps its moments short."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from datetime import UTC, datetime

from bot.ports import Clock

SWITCH = 0.001
"""Seconds for which a thread that makes cards or reads feeds keeps the event loop from its turn."""


def be_prompt() -> None:
    """Have nothing hold up the event loop for long that can be helped; once, when all is loaded.

    What is loaded stays: to look through it for garbage took 50 ms each time.
    """
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()


class SystemClock:
    """Time as this machine tells it; what `bot.ports.Clock` promises."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; cancellable at once."""
        await asyncio.sleep(seconds)


async def rest(clock: Clock, wake: asyncio.Event, seconds: float) -> None:
    """Wait until woken, or for so many seconds at most; the bell is silent again afterwards."""
    waits = [asyncio.ensure_future(wake.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
    wake.clear()
