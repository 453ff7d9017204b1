"""The reading half: what sites publish becomes what channels should show.

Store.claim_sites ──► Source.articles ──► cards.build ──► Store.want (rows and cursor, one transaction) ──► wake
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.cards import build
from bot.clock import Watch, rest
from bot.errors import Closed, Gone, SourceError, StoreError, Unreachable
from bot.examining import Examiner
from bot.model import Card, Site
from bot.ports import Changes, Clock, Source
from bot.store import Door, Quiet, Store, Turn
from bot.words import N_, _, choose, speaking

LEASE = timedelta(seconds=20)
"""A site is left to another process so long after the one that looked at it died; who lives prolongs it meanwhile."""

LOOK = timedelta(minutes=4)
"""One look at one site takes no longer."""

AT_ONCE, TOGETHER = 32, 8
"""Sites looked at side by side, and so many claimed together at least while more are due."""

TICK, SOON = 1.0, 0.1
"""Seconds between two questions for sites that are due, and while more were due than could be taken on."""

LONGEST = timedelta(hours=1)
"""A site in trouble is looked at this often at least, until it is given up."""

GIVEN_UP, SELDOM = timedelta(days=7), timedelta(days=1)
"""A site that could not be read for so long is looked at so seldom, and those who follow it are told."""

GONE = 3
"""A site that says so many times in a row that it is gone for ever is given up, too."""

FEW = 3
"""So many sites out of reach, with none in reach between them, are an outage of the bot's own."""

log = structlog.get_logger()


class Poller:
    """Looks at every followed site in its turn: by the site's own rhythm, between `interval` and `longest`.

    Cards are made behind `building`, else behind `door`: a long article's takes half a second.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        door: Door,
        clock: Clock,
        rng: random.Random,
        interval: timedelta,
        on_due: Callable[[], None],
        tick: float = TICK,
        longest: timedelta = timedelta(0),
        language: str = "",
        building: Door | None = None,
    ) -> None:
        self._source, self._store, self._door, self._clock, self._rng = source, store, door, clock, rng
        self._interval, self._longest, self._on_due = interval, max(interval, longest), on_due
        self._language, self._building = language, building or door
        self._unreached: set[str] = set()
        self._read_before: set[int | None] = set()
        self._watch = Watch(clock)
        self._tick = min(tick, interval.total_seconds())
        self._examiner = Examiner(source, store, door, clock)
        self._running: dict[asyncio.Task[None], int] = {}
        self._quiet: list[Quiet] = []
        self._more = False
        self._leases: dict[Turn, datetime] = {}
        self._unwritten: list[Turn] = []
        """Their sites are read again, from the old cursor, once the database answers: sooner than their leases end."""
        self._refused: set[int | None] = set()
        """Of these sites the last look was not written; if the next one is not either, they have their usual rest."""
        self._stopping = False
        self.wake = asyncio.Event()

    async def run(self) -> None:
        """Until `stop`; polls under way are then dropped: nothing of them is written yet."""
        while not self._stopping:
            await self._prolong()
            await self._take_on()
            await rest(self._clock, self.wake, min(self._tick, SOON) if self._more else self._tick)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.note()

    def stop(self) -> None:
        """Look at nothing more."""
        self._stopping = True
        self.wake.set()

    async def note(self) -> None:
        """Write down the looks that found all as it was and are not written down yet."""
        quiet, self._quiet = self._quiet, []
        if not quiet:
            return
        try:
            await self._door(self._store.end_quiet, quiet)
        except StoreError as error:
            log.debug("quiet looks cannot be noted yet", error=str(error))
            self._quiet = quiet + self._quiet

    async def _heed_clock(self) -> None:
        """Where the clock was set back, no site is looked at any later for it."""
        if (jump := self._watch.jump()) < timedelta(0):
            try:
                await self._door(self._store.set_back, jump)
            except StoreError:
                self._watch.repeat(jump)
                raise

    async def _take_on(self) -> None:
        free = AT_ONCE - len(self._running)
        if not free:
            await self.note()
            return
        quiet, self._quiet = self._quiet, []
        try:
            while self._unwritten:
                turn = self._unwritten[0]
                wait = self._interval if turn.site.id in self._refused else timedelta(0)
                await self._door(self._store.put_off, turn, self._clock.now() + wait)
                self._refused.add(self._unwritten.pop(0).site.id)
            await self._heed_clock()
            busy = list(self._running.values())
            turns = await self._door(self._store.claim_sites, self._clock.now(), free, LEASE, busy, quiet)
        except StoreError as error:
            log.debug("no site is read: the database cannot be asked", error=str(error))
            self._quiet, self._more = quiet + self._quiet, False
            return
        self._more = len(turns) == free
        for turn in turns:
            task = asyncio.create_task(self.poll(turn))
            self._running[task] = turn.site.id or 0
            task.add_done_callback(self._done)
            await asyncio.sleep(0)  # else all of them connect in one breath, and nothing else is done meanwhile

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        if self._more and AT_ONCE - len(self._running) >= TOGETHER:
            self.wake.set()

    async def poll(self, turn: Turn) -> None:
        """One look at one site, written down by `note` where it found all as it was; raises only cancellation."""
        site = turn.site
        try:
            async with asyncio.timeout(LOOK.total_seconds()):
                await self._read(turn)
            self._refused.discard(site.id)
        except TimeoutError:
            await self._trouble(turn, SourceError(N_("{url} answered too slowly to be read."), url=site.url))
        except SourceError as error:
            await self._trouble(turn, error)
        except StoreError as error:
            log.error("what was read could not be written", site=site.url, error=str(error))
            self._unwritten.append(turn)
        except Exception:
            log.exception("unexpected; will be read again", site=site.url)
            await self._trouble(turn, SourceError(N_("Unexpected error inside Pullquote; see the log.")))

    async def _prolong(self) -> None:
        """Keep the leases of sites that are still being read, however long they take."""
        now = self._clock.now()
        for turn in [turn for turn, until in self._leases.items() if until - now < LEASE * 2 / 3]:
            if turn in self._leases:
                self._leases[turn] = now + LEASE
                try:
                    await self._door(self._store.prolong, turn, now, now + LEASE)
                except StoreError as error:
                    log.error("a site may be read by another process, too", site=turn.site.url, error=str(error))

    async def _read(self, turn: Turn) -> None:
        site = turn.site
        self._leases[turn] = turn.claimed_at + LEASE
        try:
            changes = await self._source.articles(site)
            self._reached()
            told = (*changes.new, *changes.changed)
            cards = {article.id: await self._building(build, article) for article in told}
        except SourceError as error:
            if await self._examiner.found(turn, site, error):
                return
            raise
        finally:
            until = self._leases.pop(turn)  # what is written now says when the next look is
        now = self._clock.now()
        rhythm = min(max(self._interval, timedelta(seconds=changes.rest)), self._longest)
        next_look = now + max(rhythm * self._rng.uniform(0.9, 1.1), timedelta(seconds=changes.patience))
        if changes.leaves_all(site.cursor) and not turn.failures:
            self._quiet.append(Quiet(turn, until, now, next_look, stays=changes.moved == ""))
            self._read_before.add(site.id)
        else:
            await self._want(turn, changes, cards, now, next_look)
        await self._examiner.found(turn, replace(site, cursor=changes.cursor))

    async def _want(
        self, turn: Turn, changes: Changes, cards: Mapping[int, Card], now: datetime, next_look: datetime
    ) -> None:
        # What is new since another life's last look, that life may have shown, and the database not remember it.
        unsure = None if turn.site.id in self._read_before else turn.read_at
        due = await self._door(self._store.want, turn, changes, cards, now, next_look, unsure)
        if due is not None:
            self._read_before.add(turn.site.id)
        if changes.new or changes.changed or changes.withdrawn:
            counts = {name: len(getattr(changes, name)) for name in ("new", "changed", "withdrawn")}
            log.info("read", site=turn.site.url, due=due, **counts)
        if due:
            self._on_due()

    async def _trouble(self, turn: Turn, error: SourceError) -> None:
        error = self._advised(turn, error)
        wait = min(self._interval * 2 ** min(turn.failures, 16), max(LONGEST, self._interval))
        wait = max(wait * self._rng.uniform(0.75, 1.0), timedelta(seconds=error.after or 0))
        notice = None
        if self._given_up(turn, error):
            wait, notice = max(wait, SELDOM), self._notice(turn.site, error)
        try:
            if isinstance(error, Unreachable) and self._is_cut_off(turn.site):
                wait = self._interval
                await self._door(self._store.put_off, turn, self._clock.now() + wait)
            elif await self._door(self._store.trouble, turn, error.dumps(), self._clock.now() + wait, notice):
                self._on_due()
        except StoreError as failure:
            log.error("trouble could not be noted", site=turn.site.url, error=str(failure))
            self._unwritten.append(turn)
        log.warning("not read", site=turn.site.url, why=str(error), again_in=round(wait.total_seconds()))

    def _advised(self, turn: Turn, error: SourceError) -> SourceError:
        """The trouble, with a way to go on where an API has been closed for a day."""
        since = turn.read_at
        if not isinstance(error, Closed) or since is None or self._clock.now() - since <= SELDOM:
            return error
        why = N_("{why} If it has a feed, that is read from now on with: settings site={url} url={url}")
        return Closed(why, error.after, why=error, url=turn.site.url)

    def _given_up(self, turn: Turn, error: SourceError) -> bool:
        long_ago = turn.read_at is not None and self._clock.now() - turn.read_at > GIVEN_UP
        return turn.failures >= GONE and (long_ago or isinstance(error, Gone))

    def _notice(self, site: Site, error: SourceError) -> Card:
        """What its channels are told, once, of a site that cannot be read any more."""
        with speaking(choose(self._language)):
            title = _("{name} cannot be read any more").format(name=site.name or site.url)
            lead = _("Nothing new of it can be shown here: {why} It is looked at once a day from now on.")
            return Card(title, site.url, lead.format(why=error), language=choose(self._language), site_name=site.name)

    def _is_cut_off(self, site: Site) -> bool:
        """Whether it is the bot that is out of reach, as several sites in a row are; that is no site's fault."""
        before = len(self._unreached)
        self._unreached.add(site.endpoint)
        if before < FEW <= len(self._unreached):
            log.error("no site can be reached: is this machine connected?")
        return len(self._unreached) >= FEW

    def _reached(self) -> None:
        if len(self._unreached) >= FEW:
            log.info("sites can be reached again")
        self._unreached.clear()
