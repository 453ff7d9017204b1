"""An event loop on virtual time: when nothing is ready, the clock jumps to the next timer. No test waits."""

from __future__ import annotations

import asyncio
import atexit
import functools
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class _Jumping(selectors.DefaultSelector):
    """Instead of waiting, moves the clock on by as long as it would have waited."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            raise RuntimeError("everything waits for something that never comes")
        if timeout <= 0:
            return []  # nothing but timers and each other wakes these coroutines: no need to ask the system
        self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)
        # The loop takes a timer as due a tick before its time; virtual time has no other ticks.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        return self._jumping.now

    def begin_anew(self) -> None:
        """At the first moment, with nothing to do."""
        self._jumping.now = 0.0
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]

    def freeze(self, seconds: float) -> None:
        """Let time pass while nothing of the process moves, as SIGSTOP does: all timers are late afterwards."""
        self._jumping.now += seconds


class VirtualClock:
    """What `bot.ports.Clock` promises, on a virtual loop; `epoch` is the wall clock when the loop began."""

    def __init__(self, epoch: datetime = START) -> None:
        self.epoch = epoch

    def now(self) -> datetime:
        return self.epoch + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def run(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, as fast as the machine can."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


def run_again(work: Coroutine[Any, Any, T]) -> T:
    """The same on a loop that is kept, and begins anew: for thousands of worlds in a row."""
    loop = _kept_loop()
    loop.begin_anew()
    return loop.run_until_complete(work)


@functools.cache
def _kept_loop() -> VirtualLoop:
    loop = VirtualLoop()
    atexit.register(loop.close)
    return loop
