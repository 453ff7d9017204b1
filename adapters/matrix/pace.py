"""How fast the homeserver lets the bot post: learned from its refusals, kept for the next start and for `check`."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass

from adapters.matrix.answers import Limited
from bot.errors import TryLater
from bot.ports import Clock, Keep
from bot.words import _

PATIENCE = 2.0
"""Seconds a call waits for its turn; the dispatcher has better uses for longer ones."""
PROBE = 50
"""After so many posts without a refusal it is tried whether the homeserver lets the bot be twice as fast."""
NO_LIMIT = 0.05
"""A shorter time between two posts, in seconds, is no limit to anybody."""
NO_RATE = 60.0
"""Asked to wait longer than that, in seconds, the bot does so once: the server is in trouble, that is no rate."""
MOST_AT_ONCE, UNLIMITED = 10, 1_000

_KEPT = "pace"


@dataclass(frozen=True, slots=True)
class Rate:
    """One post every so many seconds, 0 where no limit is known, and so many at once after a rest."""

    seconds: float = 0.0
    at_once: int = 1


class Pace:
    """One for the account: a refusal concerns all rooms."""

    def __init__(self, keep: Keep, clock: Clock) -> None:
        self._keep, self._clock = keep, clock
        self._rate = Rate()
        self._proven = 0.0
        self._well = 0
        self._paid_until = 0.0
        self._refused_until = 0.0
        self._loading = asyncio.Lock()
        self._loaded = False

    @property
    def room(self) -> int:
        """How many posts may begin now."""
        wait = self._wait()
        if wait > PATIENCE:
            return 0
        if not self._rate.seconds:
            return UNLIMITED
        return max(1, int(1 - wait / self._rate.seconds))

    async def rate(self) -> Rate:
        """What is known, perhaps from another run of the bot."""
        async with self._loading:
            if not self._loaded:
                kept = await self._keep.get(_KEPT)
                self._rate = Rate(**json.loads(kept)) if kept else self._rate
                self._proven, self._loaded = self._rate.seconds, True
                self._paid_until = self._clock.monotonic() + self._saved  # the run before may have used it up
        return self._rate

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """The right to post once, now; TryLater for all rooms, certainly not done, when the wait would be long.

        What the homeserver answers inside is learned from.
        """
        await self.rate()
        wait = self._wait()
        if wait > PATIENCE:
            why = _("The homeserver's limit is reached for {seconds} s.").format(seconds=f"{wait:.1f}")
            raise TryLater(why, wait, maybe_done=False, everywhere=True)
        self._paid_until = max(self._paid_until, self._clock.monotonic()) + self._rate.seconds
        if wait > 0:
            await self._clock.sleep(wait)
        try:
            yield
        except Limited as error:
            await self._slow_down(error.after if error.after is not None else max(self._rate.seconds, PATIENCE))
            raise
        self._well += 1
        if self._rate.seconds and self._well >= PROBE:
            await self._probe()

    def _wait(self) -> float:
        """Seconds until the next post may leave; below 0 while several may leave at once."""
        return max(self._paid_until - self._saved - self._clock.monotonic(), -self._saved)

    @property
    def _saved(self) -> float:
        """Seconds that a long rest is worth."""
        return (self._rate.at_once - 1) * self._rate.seconds

    async def _slow_down(self, after: float) -> None:
        """The next post may leave after so long: the time between two is that, or as much more than was thought."""
        now, known = self._clock.monotonic(), self._rate
        if after > NO_RATE:
            rate = known
        elif now < self._refused_until:  # it left before the refusal that has taught us already
            rate = Rate(max(after, known.seconds), known.at_once)
        elif not known.seconds:
            rate = Rate(after, max(1, min(self._well, MOST_AT_ONCE)))
        else:
            missed = known.seconds + after if after < known.seconds / 2 else 0.0
            rate = Rate(max(after, self._proven, missed), max(1, known.at_once // 2))
        self._rate, self._well = rate, 0
        self._proven = self._proven if after > NO_RATE else rate.seconds
        self._refused_until = max(self._refused_until, now + after)
        self._paid_until = max(self._paid_until, now + after + self._saved)
        if rate != known:
            await self._put()

    async def _probe(self) -> None:
        self._well, self._proven = 0, self._rate.seconds
        seconds = self._rate.seconds / 2
        self._rate = Rate(seconds if seconds > NO_LIMIT else 0.0, self._rate.at_once)
        await self._put()

    async def _put(self) -> None:
        await self._keep.put(_KEPT, json.dumps(asdict(self._rate)))
