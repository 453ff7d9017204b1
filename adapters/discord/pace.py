"""When the next request may leave: below the bot's ceiling, within its route's bucket, never near a ban."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import structlog

from bot.errors import TryLater
from bot.ports import Clock
from bot.words import _

CEILING = 50
"""Requests that Discord takes within one second from all of a bot."""
SECOND = 1.001
LEAST = 20
"""Fewer in a second no limit makes us, which somebody else with the same token may have used up."""
PATIENCE = 2.0
"""Seconds a call waits for its turn; the dispatcher has better uses for longer ones."""
INVALID_LIMIT, INVALID_WINDOW = 2_000, 600.0
"""Answers of 401, 403 and 429 in that many seconds after which we keep quiet; Discord bans at 10,000."""
MANY_BUCKETS = 5_000

log = structlog.get_logger()

CARDS = ("/messages", "/threads")
"""How the paths end that new cards are posted to."""
_NUMBER = re.compile(r"\d{5,}")


@dataclass
class Bucket:
    """One route's allowance, as its last answer told it; requests of one bucket go one after the other."""

    remaining: int = 1
    reset_at: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Slots:
    """The bot's one queue for the wire: evenly spaced, look-ups and edits before new cards.

    A request reaches Discord at any moment between its leaving and its answer. So one leaves only when it can be no
    more than the fiftieth of its second, whenever those before it arrived: however uneven the way, no limit is met. Of
    the fastest answer's time half is taken to be the way, which nothing that leaves now can take less for.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[tuple[bool, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._answers: deque[float] = deque()
        self._under_way = 0
        self._fastest = float("inf")
        self._next = 0.0
        self._quiet_until = 0.0
        self._ceiling = float(CEILING)
        self._giving: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def turn(self, *, card: bool) -> AsyncIterator[None]:
        """The right to send one request now; TryLater, certainly not done, when nothing may leave for a while."""
        wait = self._quiet_until - self._clock.monotonic()
        if wait > PATIENCE:
            raise _quiet(wait)
        turn = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (card, next(self._numbers), turn))
        if self._giving is None or self._giving.done():
            self._giving = asyncio.create_task(self._give())
        try:
            await turn
            left = self._clock.monotonic()
            yield
            self._fastest = min(self._fastest, self._clock.monotonic() - left)
        finally:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._under_way -= 1
                self._answers.append(self._clock.monotonic())

    def hold(self, seconds: float) -> None:
        """Nothing leaves for so long; who waits is told so. More leave again with every answer that is none of this."""
        self._quiet_until = max(self._quiet_until, self._clock.monotonic() + seconds)
        self._ceiling = max(self._ceiling * 0.95, LEAST)
        if seconds > PATIENCE:
            for _card, _number, turn in self._waiting:
                if not turn.done():
                    turn.set_exception(_quiet(seconds))
            self._waiting.clear()

    def went_well(self) -> None:
        """A request was carried out."""
        self._ceiling = min(self._ceiling + 0.005, CEILING)

    async def _give(self) -> None:
        while self._waiting:
            now = self._clock.monotonic()
            wait = max(self._next, self._quiet_until, self._free_at(now)) - now
            if wait > 0:
                await self._clock.sleep(max(wait, 0.001))  # a timer may end early by less than that, for ever
                continue
            turn = heapq.heappop(self._waiting)[2]
            if not turn.done():
                between = SECOND / self._ceiling
                self._next = max(self._next, now - between) + between  # what the machine lost is made good by one
                self._under_way += 1
                turn.set_result(None)

    def _free_at(self, now: float) -> float:
        """From when on one more can be no more than the last that its second may hold."""
        way = self._fastest / 2 if self._answers else 0.0
        while self._answers and self._answers[0] <= now - SECOND + way:
            self._answers.popleft()
        over = self._under_way + len(self._answers) - int(self._ceiling)
        if over < 0:
            return now
        return self._answers[over] + SECOND - way if over < len(self._answers) else now + SECOND / CEILING


def _quiet(seconds: float) -> TryLater:
    why = _("Discord is paced for {seconds} s.").format(seconds=f"{seconds:.1f}")
    return TryLater(why, seconds, maybe_done=False, everywhere=True)


class Pace:
    """All waiting before a request; `turn` is held while it is under way, `learn` reads its answer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._slots = Slots(clock)
        self._routes: dict[str, str] = {}
        self._buckets: dict[str, Bucket] = {}
        self._invalid: deque[float] = deque()
        self._silenced = False

    @property
    def silenced(self) -> bool:
        """Whether so much was refused that nothing leaves for now; told to the log once each time."""
        now = self._clock.monotonic()
        while self._invalid and self._invalid[0] <= now - INVALID_WINDOW:
            self._invalid.popleft()
        silenced = len(self._invalid) >= INVALID_LIMIT
        if silenced and not self._silenced:
            log.error("discord refuses too much: a ban is near, so the bot keeps quiet", refused=len(self._invalid))
        self._silenced = silenced
        return silenced

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
            async with self._slots.turn(card=method == "POST" and path.endswith(CARDS)):
                yield
        finally:
            bucket.turn.release()

    def learn(self, method: str, path: str, status: int, headers: Mapping[str, str]) -> None:
        """Takes what an answer's headers tell of the bucket, and counts what counts towards a ban."""
        if status in {401, 403} or (status == 429 and headers.get("X-RateLimit-Scope") != "shared"):
            self._invalid.append(self._clock.monotonic())
        if status < 400:
            self._slots.went_well()
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
            self._slots.hold(seconds)
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

    def _check_invalid(self) -> None:
        if self.silenced:
            wait = self._invalid[0] + INVALID_WINDOW - self._clock.monotonic()
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
