"""The writing half: makes one platform show what every channel should be showing.

    Store.claim ──► decide ──► mark the attempt ──► Adapter.post / edit / withdraw / find ──► Store.settle
                      │                                        │
                      └ nothing, or not yet                    └ TryLater: postpone · Refused: park · Vanished: let be

The attempt is durable before a byte leaves, and a second try looks before it speaks: inside the platform's window
the same key is sent again and recognised; past it the channel's history is asked first. What is remembered here
is only how old an attempt is (`bot.ages`); a crash that loses it costs a look, never a card. What an edit says of the
correction comes of the two cards in the table alone.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import Enum, auto

import structlog

from bot.ages import Age, Ages
from bot.cards.changes import describe
from bot.clock import rest
from bot.errors import CannotLogIn, CannotLook, Refused, StoreError, TryLater, Vanished
from bot.model import WITHDRAWN, Attempt, Channel, Delivery, OnCorrection, OnWithdrawal, Payload
from bot.ports import Adapter, Clock, Forgetful, Paced
from bot.store import MIXED, Door, Store
from bot.windows import Windows
from bot.words import choose, speaking

LEASE = timedelta(seconds=60)
"""Longer than a look, a mark and a call together: who still works has not lost its lease."""

CALL = 20.0
"""Seconds one call of an adapter may take; adapters promise 15."""

SOON = timedelta(seconds=5)
"""A first try leaves so soon after its mark, or not at all."""

IN_FLIGHT = 16
TICK = 1.0
DRAWER = "dispatcher"
NEWS = timedelta(hours=1)
"""Where history cannot be read, an attempt in doubt is repeated while it is this young; older, it is let be."""

log = structlog.get_logger()


class Step(Enum):
    """What one delivery needs next."""

    NOTHING = auto()
    POST = auto()
    WAIT = auto()
    LOOK = auto()
    EDIT = auto()
    STRIKE = auto()
    REMOVE = auto()
    SPARE = auto()


def decide(delivery: Delivery, age: Age | None, windows: Windows) -> Step:
    """What brings a channel nearer to what is wanted; pure. `age` is the attempt's."""
    if delivery.receipt is not None:
        return _change(delivery)
    if age is None:
        if not delivery.followed and delivery.wanted != WITHDRAWN:
            return Step.SPARE
        if delivery.unsure_since is not None:  # nobody is known to have tried, and yet it may stand
            return Step.LOOK
        return Step.NOTHING if delivery.wanted == WITHDRAWN else Step.POST
    if age.first is not None and age.first < windows.resend and delivery.wanted != WITHDRAWN and delivery.followed:
        return Step.POST
    return Step.WAIT if age.quiet < windows.settle else Step.LOOK


def _change(delivery: Delivery) -> Step:
    if delivery.wanted != WITHDRAWN:
        left = delivery.on_correction is OnCorrection.LEAVE and delivery.shown != WITHDRAWN
        return Step.NOTHING if left else Step.EDIT
    choices = {OnWithdrawal.STRIKE: Step.STRIKE, OnWithdrawal.REMOVE: Step.REMOVE, OnWithdrawal.LEAVE: Step.NOTHING}
    return choices[delivery.on_withdrawal]


def patience(attempts: int, after: float | None, rng: random.Random) -> timedelta:
    """How long to wait after so many tries: 1–2 s, doubling up to a quarter of an hour; never less than asked."""
    bound = min(900.0, 2.0 * 2 ** min(attempts - 1, 10))
    return timedelta(seconds=max(after or 0.0, rng.uniform(bound / 2, bound)))


class Dispatcher:
    """One platform's deliveries, `IN_FLIGHT` at a time, in order within each channel.

    `mine` tells whether they are this process's still; it is asked before anything is claimed and before it leaves.
    """

    def __init__(
        self,
        adapter: Adapter,
        store: Store,
        door: Door,
        clock: Clock,
        rng: random.Random,
        tick: float = TICK,
        language: str = "",
        mine: Callable[[], bool] = lambda: True,
        ages: Ages | None = None,
    ) -> None:
        self._adapter, self._store, self._door, self._clock, self._rng = adapter, store, door, clock, rng
        self._ages, self._begun = ages or Ages(clock), False
        self._paced = adapter if isinstance(adapter, Paced) else None
        self._tick, self._language, self._mine = tick, language, mine
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._paused_until = float("-inf")
        self._log = log.bind(platform=adapter.platform)
        self.wake = asyncio.Event()
        """Ring it when something may be due; without it the table is looked at every `tick` seconds."""

    async def run(self) -> None:
        """Until `stop`; then what is under way ends first. Cancelled, it breaks that off."""
        try:
            while not self._stopping:
                if not await self._take_on():
                    await rest(self._clock, self.wake, self._tick)
            if self._running:
                await asyncio.wait(self._running)
        finally:
            for task in self._running:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    def stop(self) -> None:
        """Take nothing on any more."""
        self._stopping = True
        self.wake.set()

    async def _take_on(self) -> bool:
        room = min(IN_FLIGHT, self._paced.room) if self._paced else IN_FLIGHT
        free = room - len(self._running) if self._mine() else 0
        if free < 1 or not self._adapter.ready or self._clock.monotonic() < self._paused_until:
            return False
        try:
            await self._heed_clock()
            now = self._clock.now()
            claimed = await self._door(self._store.claim, self._adapter.platform, now, free, LEASE)
        except StoreError as error:
            self._log.debug("nothing is sent: the database cannot be asked", error=str(error))
            return False
        for delivery in claimed:
            task = asyncio.create_task(self.deliver(delivery))
            self._running.add(task)
            task.add_done_callback(self._done)
        return bool(claimed)

    async def _heed_clock(self) -> None:
        """Before anything is claimed or marked: what was marked by a clock that was set since is of unknown age."""
        platform, steady = self._adapter.platform, True
        if not self._begun:
            steady = self._ages.begin(await self._door(self._store.get, DRAWER, platform))
        jump = self._ages.jump()
        if jump:
            self._log.warning("the clock was set", by=jump.total_seconds())
        if jump or not steady:
            try:
                await self._door(self._store.distrust, platform, min(jump, timedelta(0)))
            except StoreError:
                self._ages.repeat(jump)
                raise
            await self._door(self._store.put, DRAWER, platform, self._ages.record())
        self._begun = True

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.wake.set()

    async def deliver(self, delivery: Delivery) -> None:
        """One step for one claimed delivery, and what came of it into the table; raises nothing but cancellation."""
        try:
            await self._carry_out(delivery)
        except StoreError as error:
            # The lease runs out and the row comes back; what may have left is marked and will be recognised.
            self._log.error("a result could not be written", channel=str(delivery.channel), error=str(error))

    async def _carry_out(self, delivery: Delivery) -> None:
        try:
            async with asyncio.timeout(CALL * 2):
                await self._take_step(self._decide(delivery), delivery)
        except TimeoutError:
            await self._postpone(delivery, TryLater("No answer in time."))
        except TryLater as error:
            await self._postpone(delivery, error)
        except Refused as error:
            await self._park(delivery, str(error))
        except Vanished as error:
            await self._door(self._store.park, delivery, str(error), gone=True)
            self._ages.forget(delivery)
        except CannotLogIn as error:
            await self._postpone(delivery, TryLater(str(error), 60, maybe_done=False, everywhere=True))
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - a defect of ours costs one delivery's patience, not the whole platform
            self._log.exception("unexpected; will be tried again", channel=str(delivery.channel), key=delivery.key)
            await self._postpone(delivery, TryLater("Unexpected error inside Pullquote; see the log."))

    def _decide(self, delivery: Delivery) -> Step:
        windows = self._adapter.windows
        age = None if delivery.attempt is None else self._ages.of(delivery, windows)
        return decide(delivery, age, windows)

    async def _take_step(self, step: Step, delivery: Delivery) -> None:
        match step:
            case Step.NOTHING:
                now = self._clock.now()
                await self._door(self._store.settle, delivery, delivery.wanted, delivery.receipt, now, left=True)
            case Step.POST:
                await self._post(delivery)
            case Step.SPARE:
                await self._door(self._store.spare, delivery, self._clock.now())
            case Step.WAIT:
                await self._wait(delivery)
            case Step.LOOK:
                await self._look(delivery)
            case Step.EDIT | Step.STRIKE | Step.REMOVE:
                await self._correct(step, delivery)

    async def _post(self, delivery: Delivery) -> None:
        if delivery.attempt is not None and not await self._recognises(delivery.channel):
            await self._wait_or_look(delivery)
            return
        await self._heed_clock()
        marked = await self._door(self._store.attempting, delivery, self._clock.now())
        if marked is None or marked.attempt is None:
            return  # the lease was lost, or the channel follows no more: whoever holds the row next will see
        self._ages.mark(marked, first=delivery.attempt is None)
        if not self._mine() or not self._in_time(marked, first=delivery.attempt is None):
            # Frozen between the mark and here for too long: nothing has left, so begin again.
            raise TryLater("Paused before sending.", maybe_done=False)
        receipt = await self._adapter.post(delivery.channel, self._payload(delivery), delivery.key)
        await self._door(self._store.settle, marked, marked.attempt.revision, receipt, self._clock.now())
        self._ages.forget(delivery)
        self._log.info("posted", channel=str(delivery.channel), url=delivery.card.url, ref=receipt.ref)

    def _in_time(self, marked: Delivery, *, first: bool) -> bool:
        """Whether what leaves now is recognised if it is a repeat, and seen by whoever looks because of the mark."""
        windows = self._adapter.windows
        seen = max(windows.settle - windows.late, SOON) if first else timedelta(0)
        age = self._ages.of(marked, windows).first
        return age is not None and age < max(windows.resend, seen)

    async def _recognises(self, channel: Channel) -> bool:
        return not isinstance(self._adapter, Forgetful) or await self._adapter.recognises(channel)

    async def _wait_or_look(self, delivery: Delivery) -> None:
        quiet = self._ages.of(delivery, self._adapter.windows).quiet
        await (self._wait if quiet < self._adapter.windows.settle else self._look)(delivery)

    async def _wait(self, delivery: Delivery) -> None:
        windows = self._adapter.windows
        until = self._clock.now() + windows.settle - self._ages.of(delivery, windows).quiet
        note = "It may have been posted; looking once it can be told."
        await self._door(self._store.postpone, delivery, until, note, forget_attempt=False)

    async def _look(self, delivery: Delivery) -> None:
        attempt = delivery.attempt or Attempt(self._clock.now(), MIXED, delivery.card.url)
        young = delivery.wanted_at if delivery.attempt is None and delivery.wanted_at else attempt.at
        since = self._ages.since(delivery, self._adapter.windows)
        try:
            found = await self._adapter.find(delivery.channel, delivery.key, attempt.url, since)
        except CannotLook as error:
            if abs(self._clock.now() - young) > NEWS or not delivery.followed:
                await self._door(self._store.park, delivery, f"It may have been posted, and {error}")
                return
            if delivery.attempt is None and delivery.wanted != WITHDRAWN:
                await self._post(delivery)  # in doubt still: its key may be answered with an earlier text
                return
            found = None
        if found is not None:
            await self._door(self._store.settle, delivery, attempt.revision, found, self._clock.now())
            self._ages.forget(delivery)
            return
        absent = replace(delivery, attempt=None, unsure_since=None)
        await self._take_step(self._decide(absent), absent)

    async def _correct(self, step: Step, delivery: Delivery) -> None:
        assert delivery.receipt is not None  # noqa: S101 - only what stands is corrected
        if not await self._door(self._store.renew, delivery, self._clock.now(), LEASE):
            return  # paused since the claim: somebody else holds the row, and may have edited to what is newer
        if not self._mine():
            raise TryLater("Left to another process.", maybe_done=False)
        key = f"{delivery.key}.{delivery.epoch}"  # a wish may come back: A, B, A are three edits
        receipt = delivery.receipt
        if step is Step.EDIT:
            await self._adapter.edit(receipt, self._payload(delivery, say=True), key)
        else:
            await self._adapter.withdraw(receipt, self._payload(delivery) if step is Step.STRIKE else None, key)
        left = None if step is Step.REMOVE else receipt
        await self._door(self._store.settle, delivery, delivery.wanted, left, self._clock.now())
        self._log.info(step.name.lower(), channel=str(delivery.channel), url=delivery.card.url, ref=receipt.ref)

    def _payload(self, delivery: Delivery, *, say: bool = False) -> Payload:
        """The card as its channel wants it; `say` what was corrected, unless the channel would not know."""
        said = say and delivery.before is not None and delivery.on_correction is OnCorrection.SAY
        try:
            with speaking(choose(delivery.language, self._language)):
                return self._adapter.render(
                    delivery.card,
                    delivery.style,
                    struck=delivery.wanted == WITHDRAWN,
                    changed=describe(delivery.before, delivery.card) if said and delivery.before else "",
                    notify=delivery.notify,
                    more=delivery.more,
                )
        except Exception as error:  # pure, so it would fail for ever: parked, it holds back no other card
            self._log.exception("a card cannot be drawn", url=delivery.card.url)
            raise Refused("A defect of Pullquote's: this card cannot be drawn; see the log.") from error

    async def _postpone(self, delivery: Delivery, error: TryLater) -> None:
        told = error.everywhere and error.after is not None and not error.maybe_done
        wait = patience(1 if told else delivery.attempts, error.after, self._rng)
        if delivery.receipt is not None and error.maybe_done:  # else it could arrive after the next edit
            wait = max(wait, self._adapter.windows.late)
        until = self._clock.now() + wait
        if error.everywhere:
            self._paused_until = max(self._paused_until, self._clock.monotonic() + wait.total_seconds())
        # A try that certainly failed leaves no doubt, unless an earlier one already did.
        certain = delivery.attempt is None and not error.maybe_done
        await self._door(self._store.postpone, delivery, until, str(error), forget_attempt=certain)
        self._log.warning("later", channel=str(delivery.channel), until=until.isoformat(), why=str(error))

    async def _park(self, delivery: Delivery, note: str) -> None:
        await self._door(self._store.park, delivery, note, forget_attempt=delivery.attempt is None)
        self._log.error("parked", channel=str(delivery.channel), url=delivery.card.url, why=note)
