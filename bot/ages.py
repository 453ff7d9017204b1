"""How old an attempt is: whether its key may be sent again, and whether looking for it proves anything.

The wall clock may be set at any moment, and a machine without a clock of its own wakes up in the past. So what this
life tried is measured by the clock that cannot be set as well, and what another life tried by the wall clock only
where the machine is still up since and nobody set its clock. All else is of unknown age, which the table keeps
(`deliveries.unsure_since`) as long as the attempt: it is looked for, never repeated.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import Watch
from bot.model import Delivery
from bot.ports import Clock
from bot.windows import Windows

MANY = 10_000
"""Attempts remembered; one that is forgotten is as old as another life's."""

FAR = timedelta(days=1)
"""How much further to look back when the clock was set: people set it by hours, machines wake up days ago."""

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Age:
    """`first`: since the first try, None when that is not known; `quiet`: since when surely nothing was sent."""

    first: timedelta | None
    quiet: timedelta


@dataclass(slots=True)
class _Seen:
    """One attempt: when this life made it first (None: another did), and last or saw it first; monotonic.

    `epoch` is the lease under which it was seen last: were there others in between, somebody else held the row.
    """

    at: datetime
    epoch: int
    first: float | None
    last: float


class Ages:
    """The attempts of one platform; `boot` names the machine's run between two starts, "" where it has no name."""

    def __init__(self, clock: Clock, boot: str | None = None) -> None:
        self._clock = clock
        self._boot = _boot_id() if boot is None else boot
        self._watch = Watch(clock)
        self._steady = False
        self._seen: dict[int, _Seen] = {}

    def begin(self, record: str | None) -> bool:
        """Whether the clocks run as they did in the life before, by the `record` that it left."""
        told: object = None
        with suppress(ValueError, TypeError):
            told = json.loads(record or "")
        if isinstance(told, list) and len(told) == 2 and self._boot and told[0] == self._boot:
            self._steady = isinstance(told[1], float) and self._watch.agrees(told[1])
        return self._steady

    def record(self) -> str:
        """What the next life needs."""
        return json.dumps([self._boot, self._watch.ahead])

    def jump(self) -> timedelta:
        """By how much the wall clock was set since this was last asked."""
        jump = self._watch.jump()
        if jump:
            self._steady = False
        return jump

    def repeat(self, jump: timedelta) -> None:
        """Tell of it once more: nothing could be done about it."""
        self._watch.repeat(jump)

    def mark(self, marked: Delivery, *, first: bool) -> None:
        """The attempt it carries is about to leave: for the `first` time, or again."""
        assert marked.attempt is not None  # noqa: S101 - a mark is an attempt
        now = self._clock.monotonic()
        seen = None if first else self._known(marked)
        if seen is None:
            self._remember(marked, marked.attempt.at, now, now if first else None)
        else:
            seen.last = now

    def forget(self, delivery: Delivery) -> None:
        """It is in doubt no more."""
        self._seen.pop(delivery.id, None)

    def of(self, delivery: Delivery, windows: Windows) -> Age:
        """The age of the attempt that a delivery carries."""
        assert delivery.attempt is not None  # noqa: S101 - asked of attempts only
        now = self._clock.monotonic()
        wall = self._clock.now() - delivery.attempt.at
        seen = self._known(delivery) or self._remember(delivery, delivery.attempt.at, now, None)
        quiet = timedelta(seconds=now - seen.last)
        if seen.first is not None:  # a suspended machine stops the one clock, and people set the other
            return Age(max(timedelta(seconds=now - seen.first), wall), quiet)
        if delivery.unsure_since is not None or not self._watch.agrees(self._watch.ahead) or wall < timedelta(0):
            return Age(None, quiet)
        return Age(wall, max(quiet, wall - windows.resend))  # nobody sends later than that

    def since(self, delivery: Delivery, windows: Windows) -> datetime:
        """The moment, as the wall clock tells time now, before which nothing of the delivery can have been posted."""
        now = self._clock.now()
        if delivery.attempt is None:
            since = delivery.unsure_since or now
            return since if self._is_steady() else min(since, now) - FAR
        first = self.of(delivery, windows).first
        return min(delivery.attempt.at, now) - FAR if first is None else now - first

    def _is_steady(self) -> bool:
        return self._steady and self._watch.agrees(self._watch.ahead)

    def _known(self, delivery: Delivery) -> _Seen | None:
        """What is known of the very attempt; somebody else who held the row meanwhile may have sent it again."""
        seen = self._seen.get(delivery.id)
        if seen is None or delivery.attempt is None or abs(seen.at - delivery.attempt.at) > timedelta(milliseconds=1):
            return None
        if delivery.epoch > seen.epoch + 1:
            seen.last = self._clock.monotonic()
        seen.epoch = delivery.epoch
        return seen

    def _remember(self, delivery: Delivery, at: datetime, now: float, first: float | None) -> _Seen:
        self._seen.pop(delivery.id, None)
        if len(self._seen) >= MANY:
            self._seen.pop(next(iter(self._seen)))
        seen = self._seen[delivery.id] = _Seen(at, delivery.epoch, first, now)
        return seen


def _boot_id() -> str:
    try:
        return _BOOT.read_text().strip()
    except OSError:
        return ""
