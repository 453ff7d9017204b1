"""The real clock, and what keeps its moments short."""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from datetime import UTC, datetime, timedelta

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


JUMP = 2.0
"""Seconds by which two clocks may differ and still agree."""


class Watch:
    """Notices when the wall clock is set, or the machine suspended."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.ahead = self._difference()
        """Seconds by which the wall clock was ahead of the monotonic one when last asked."""

    def agrees(self, ahead: float) -> bool:
        """Whether the clocks differed by the same earlier."""
        return abs(self._difference() - ahead) < JUMP

    def jump(self) -> timedelta:
        """By how much the wall clock was set since this was last asked; nothing when it only ran on."""
        before, self.ahead = self.ahead, self._difference()
        jump = self.ahead - before
        return timedelta(seconds=jump) if abs(jump) >= JUMP else timedelta(0)

    def repeat(self, jump: timedelta) -> None:
        """Nothing could be done about that jump: it is told once more with the next, and nothing agrees until then."""
        self.ahead -= jump.total_seconds()

    def _difference(self) -> float:
        return self._clock.now().timestamp() - self._clock.monotonic()


class Stopwatch:
    """How long it is since it was made, by the clock that saw more time pass: one may be set, the other suspended."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._wall, self._monotonic = clock, clock.now(), clock.monotonic()

    def elapsed(self) -> float:
        """In seconds."""
        wall = (self._clock.now() - self._wall).total_seconds()
        return max(wall, self._clock.monotonic() - self._monotonic)
