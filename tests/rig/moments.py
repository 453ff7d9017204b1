"""When a life ends: at any moment, or right where a crash hurts most."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.rig.bot import Bot

KINDS = {
    "any": 20,
    "arrived": 12,
    "applied": 26,
    "answered": 26,
    "committed": 10,
    "read": 6,
}
"""What is waited for, and how often of a hundred: nothing · a request that reached the far end and is not carried out ·
one that is carried out, whose answer is lost · one that is answered, up to 20 ms ago · a change of the database's file,
up to 5 ms ago · a site that is asked what is new."""

JITTER = {"answered": 0.02, "committed": 0.005, "read": 0.06}
LONGEST = 8.0
"""Seconds of a life in which the awaited does not happen."""


@dataclass(frozen=True)
class Moment:
    """The `count`th time that it happens, and `delay` seconds more."""

    kind: str
    count: int
    delay: float


def pick(rng: random.Random) -> Moment:
    """A moment, the ones that hurt more often."""
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    if kind == "any":
        return Moment(kind, 0, rng.uniform(0.0, 4.0))
    most = 25 if kind == "committed" else 5
    return Moment(kind, rng.randint(1, most), rng.uniform(0, JITTER.get(kind, 0)))


class Reaper:
    """Kills the process of a bot with kill -9; `hear` is told what happens."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._moment: Moment | None = None
        self._left = 0

    def hear(self, what: str) -> None:
        """Something happened: perhaps what was waited for."""
        if self._moment is None or what != self._moment.kind:
            return
        self._left -= 1
        if self._left == 0:
            self._strike(self._moment.delay)

    async def end(self, moment: Moment) -> bool:
        """Once the bot's life has ended at that moment: whether it came."""
        process = self._bot.process
        assert process is not None
        self._moment, self._left = moment, moment.count
        if moment.kind == "any":
            self._strike(moment.delay)
        with _watched(self._bot.folder / "data", self) if moment.kind == "committed" else contextlib.nullcontext():
            try:
                await asyncio.wait_for(process.wait(), LONGEST)
            except TimeoutError:
                await self._bot.kill()
                return False
            finally:
                self._moment = None
        assert process.returncode == -9, f"the bot ended by itself, with {process.returncode}"
        return True

    def _strike(self, delay: float) -> None:
        process = self._bot.process
        assert process is not None
        if delay:
            asyncio.get_running_loop().call_later(delay, self._kill, process)
        else:
            self._kill(process)

    @staticmethod
    def _kill(process: asyncio.subprocess.Process) -> None:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()


@contextlib.contextmanager
def _watched(data: Path, reaper: Reaper) -> Iterator[None]:
    task = asyncio.create_task(_watch(data, reaper))
    try:
        yield
    finally:
        task.cancel()


async def _watch(data: Path, reaper: Reaper) -> None:
    """Tell of each change of the database's log, looking every 2 ms."""
    log, last = data / "pullquote.db-wal", 0
    while True:
        with contextlib.suppress(FileNotFoundError):
            now = log.stat().st_mtime_ns
            if now != last:
                last = now
                reaper.hear("committed")
        await asyncio.sleep(0.002)
