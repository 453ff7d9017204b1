"""When the next request may leave: below the bot's ceiling, within its route's bucket, never near a ban."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from bot.errors import TryLater
from bot.ports import Clock
from bot.words import _

PER_SECOND = 45.0
"""Discord's ceiling is 50 a second for all of a bot; the rest is left to commands and to jitter on the way."""
PATIENCE = 2.0
"""Seconds a call waits for its turn; the dispatcher has better uses for longer ones."""
INVALID_LIMIT, INVALID_WINDOW = 1_000, 600.0
"""Answers of 401, 403 and 429 in that many seconds after which we keep quiet; Discord bans at 10,000."""
MANY_BUCKETS = 5_000

_NUMBER = re.compile(r"\d{5,}")


@dataclass
class Bucket:
    """One route's allowance, as its last answer told it; requests of one bucket go one after the other."""

    remaining: int = 1
    reset_at: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Pace:
    """All waiting before a request; `turn` is held while it is under way, `learn` reads its answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next_slot = 0.0
        self._quiet_until = 0.0
        self._routes: dict[str, str] = {}
        self._buckets: dict[str, Bucket] = {}
        self._invalid: deque[float] = deque()

    @contextlib.asynccontextmanager
    async def turn(self, method: str, path: str) -> AsyncIterator[None]:
        """The right to send one request now; TryLater, certainly not done, when the wait would be long."""
        self._check_invalid()
        bucket = self._bucket(method, path)
        try:
            async with asyncio.timeout(PATIENCE):
                await bucket.turn.acquire()
        except TimeoutError:
            raise TryLater(
                _("An earlier request to this Discord channel is still under way."), 1.0, maybe_done=False
            ) from None
        try:
            await self._wait_for_bucket(bucket)
            await self._wait_for_slot()
            yield
        finally:
            bucket.turn.release()

    def learn(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        """Takes what an answer's headers tell of the bucket, and counts what counts towards a ban."""
        if status in {401, 403} or (status == 429 and headers.get("X-RateLimit-Scope") != "shared"):
            self._invalid.append(self._clock.monotonic())
        if "X-RateLimit-Remaining" not in headers or "X-RateLimit-Reset-After" not in headers:
            return
        route = _route(method, path)
        name = headers.get("X-RateLimit-Bucket")
        held = self._bucket(method, path)
        if name and self._routes.get(route) != name:
            self._routes[route] = name
            held = self._buckets.setdefault(self._key(route, path), held)
        held.remaining = int(headers["X-RateLimit-Remaining"])
        held.reset_at = self._clock.monotonic() + float(headers["X-RateLimit-Reset-After"])

    def hold(self, method: str, path: str, seconds: float, *, everywhere: bool) -> None:
        """Sends nothing (there, or anywhere) for so many seconds."""
        until = self._clock.monotonic() + seconds
        if everywhere:
            self._quiet_until = max(self._quiet_until, until)
        else:
            bucket = self._bucket(method, path)
            bucket.remaining, bucket.reset_at = 0, until

    async def _wait_for_bucket(self, bucket: Bucket) -> None:
        wait = bucket.reset_at - self._clock.monotonic()
        if wait <= 0:
            return
        if bucket.remaining <= 0:
            if wait > PATIENCE:
                why = _("Discord's limit for this channel is reached for {seconds} s.").format(seconds=f"{wait:.1f}")
                raise TryLater(why, wait, maybe_done=False)
            await self._clock.sleep(wait)
            bucket.remaining = 1
        bucket.remaining -= 1

    async def _wait_for_slot(self) -> None:
        """Slots lie 1/45 s apart, so no second ever holds more than 46."""
        now = self._clock.monotonic()
        slot = max(now, self._next_slot, self._quiet_until)
        if slot - now > PATIENCE:
            why = _("Discord is paced for {seconds} s.").format(seconds=f"{slot - now:.1f}")
            raise TryLater(why, slot - now, maybe_done=False, everywhere=True)
        self._next_slot = slot + 1 / PER_SECOND
        if slot > now:
            await self._clock.sleep(slot - now)

    def _check_invalid(self) -> None:
        now = self._clock.monotonic()
        while self._invalid and self._invalid[0] < now - INVALID_WINDOW:
            self._invalid.popleft()
        if len(self._invalid) >= INVALID_LIMIT:
            wait = self._invalid[0] + INVALID_WINDOW - now
            why = _("Discord has refused {count} requests in ten minutes; a ban is near, so the bot keeps quiet.")
            raise TryLater(why.format(count=len(self._invalid)), wait, maybe_done=False, everywhere=True)

    def _bucket(self, method: str, path: str) -> Bucket:
        if len(self._buckets) > MANY_BUCKETS:
            self._forget_spent()
        return self._buckets.setdefault(self._key(_route(method, path), path), Bucket())

    def _key(self, route: str, path: str) -> str:
        major = "/".join(path.split("/")[:3])
        return f"{self._routes.get(route, route)} {major}"

    def _forget_spent(self) -> None:
        now = self._clock.monotonic()
        self._buckets = {key: held for key, held in self._buckets.items() if held.turn.locked() or held.reset_at > now}


class Budget:
    """So many of something in each span of time, for each name; Discord counts likewise, and silently."""

    def __init__(self, clock: Clock, count: int, seconds: float) -> None:
        self._clock, self._count, self._seconds = clock, count, seconds
        self._spent: dict[str, deque[float]] = {}

    def spend(self, name: str, doing: str) -> None:
        """Take one; TryLater, certainly not done, when none is left."""
        now = self._clock.monotonic()
        spent = self._spent.setdefault(name, deque())
        while spent and spent[0] <= now - self._seconds:
            spent.popleft()
        if len(spent) >= self._count:
            why = _("{doing}: the {count} that Discord allows an hour are used up.")
            raise TryLater(why.format(doing=doing, count=self._count), spent[0] + self._seconds - now, maybe_done=False)
        spent.append(now)

    def give_back(self, name: str) -> None:
        """The last one was not used after all."""
        self._spent[name].pop()


def _route(method: str, path: str) -> str:
    return f"{method} {_NUMBER.sub('*', path.partition('?')[0])}"
