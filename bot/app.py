"""The composition root: puts the parts together, keeps them running, stops them well."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable, Collection, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

import structlog

from bot import credentials, plugins
from bot.clock import SystemClock
from bot.commands import Desk, Health, commands
from bot.config import Settings
from bot.errors import AdapterError, CannotLogIn, Damaged, PullquoteError, SettingsError, StoreError, UsageError
from bot.fetch import Fetcher
from bot.model import Channel, Extra
from bot.platforms import PlatformRun, Role
from bot.poller import Poller
from bot.ports import Adapter, Clock, Commands, Doubting, Extending, Source
from bot.sources.readers import Readers
from bot.store import Door, Store, duties_of, hold_alone, open_store
from bot.web import Web
from bot.words import _

DRAIN = 10.0
"""Seconds that what is under way may take to end, once asked to stop."""

NEW_PLATFORMS = 2.0
"""Seconds until a platform that was subscribed from another process is taken up."""

CALM = 5.0
"""Seconds without a refusal after which the database is asked whether it can be written again."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Drawer:
    """An adapter's drawer in the database; what `bot.ports.Keep` promises."""

    store: Store
    door: Door
    owner: str

    async def get(self, name: str) -> str | None:
        """What `put` laid there."""
        return await self.door(self.store.get, self.owner, name)

    async def put(self, name: str, value: str) -> None:
        """Keep a small text."""
        await self.door(self.store.put, self.owner, name, value)


@dataclass(frozen=True, slots=True)
class Parts:
    """What every command of the CLI needs; `adapters` are made on demand and closed with the rest."""

    settings: Settings
    store: Store
    door: Door
    clock: Clock
    source: Source
    adapters: dict[str, Adapter] = field(default_factory=dict)
    fetcher: Fetcher = field(default_factory=Fetcher)

    def adapter(self, platform: str) -> Adapter:
        """The platform's one adapter; SettingsError when it is not set up."""
        if platform not in self.adapters:
            self.adapters[platform] = plugins.make(platform, Drawer(self.store, self.door, platform), self.clock)
        return self.adapters[platform]

    def platform(self, channel: Channel) -> type[Adapter]:
        """What is known of a channel's platform without an account."""
        made = self.adapters.get(channel.platform)
        return type(made) if made else plugins.load(channel.platform)

    async def check(self, channel: Channel, extras: Collection[Extra] = ()) -> Sequence[str]:
        """What is missing before anything can be posted there, and done for what is, in words."""
        try:
            missing = await self.adapter(channel.platform).check(channel)
            more = [await self.needs(channel, extra) for extra in sorted(extras)]
        except PullquoteError as error:
            return [str(error)]
        return list(dict.fromkeys(chain(missing, *more)))

    async def needs(self, channel: Channel, extra: Extra) -> Sequence[str]:
        """What is missing there before a card gets this, in words; UsageError where none ever can."""
        try:
            adapter = self.adapter(channel.platform)
            if not isinstance(adapter, Extending):
                raise UsageError(
                    _("Only Discord has {option}: in {channel} it cannot be had.").format(option=extra, channel=channel)
                )
            return await adapter.needs(channel, extra)
        except (AdapterError, SettingsError) as error:
            return [str(error)]

    def commands(self, health: Callable[[], Health] = lambda: Health(None)) -> Commands:
        """What people can ask for."""
        language = self.settings.language
        return commands(
            Desk(
                self.source,
                self.store,
                self.door,
                self.clock,
                self.platform,
                self.check,
                self.needs,
                health,
                language,
                self.settings.allow_private_networks or self.settings.credentials_file is not None,
            )
        )

    async def lost(self, channels: Sequence[Channel], why: str) -> None:
        """Nothing new for channels out of reach; what waits is parked by its refusal."""
        if await self.door(self.store.halt, channels, why):
            log.warning("channels out of reach", channels=[str(one) for one in channels][:20], why=why)

    async def back(self, channels: Sequence[Channel]) -> None:
        """Go on in those that were lost, with their newest, and where something was refused meanwhile."""
        for channel in await self.door(self.store.stopped, channels):
            missed = await self.door(self.store.resume, channel, self.clock.now())
            log.info("a channel is back", channel=str(channel), missed=missed)

    async def moved(self, old: Channel, new: Channel) -> None:
        """Follow in the new channel what the old one followed, and go on there where the old one was out of reach."""
        moved = await self.door(self.store.move_channel, old, new)
        missed = await self.door(self.store.resume, new, self.clock.now())
        log.info("a channel moved", old=str(old), new=str(new), subscriptions=moved, missed=missed)


def reader(settings: Settings) -> Fetcher:
    """The one client for sites, by the operator's wishes; SettingsError where the file of credentials is wrong."""
    private, file = settings.allow_private_networks, settings.credentials_file
    return Fetcher(
        user_agent=settings.user_agent,
        allow_private=private,
        deny=settings.denied,
        proxy=settings.proxy.get_secret_value(),
        credentials=credentials.load(file, insecure=private) if file else None,
    )


@asynccontextmanager
async def parts(settings: Settings, *, patient: bool = False) -> AsyncIterator[Parts]:
    """The parts, open; all are closed at the end, in the order in which they need each other.

    `patient`: wait for a database that may answer later, on a disk that is full or locked by another process.
    """
    fetcher = reader(settings)
    door = Door()
    store = await _open(door, settings.sqlalchemy_url, patient=patient)
    opened = Parts(settings, store, door, SystemClock(), Readers(fetcher), fetcher=fetcher)
    try:
        yield opened
    finally:
        for adapter in opened.adapters.values():
            await adapter.close()
        await fetcher.close()
        await door(store.close)
        door.close()


async def _open(door: Door, url: str, *, patient: bool) -> Store:
    if patient:
        door.tell = _say_refusal
    while True:
        try:
            return await door(open_store, url)
        except Damaged:
            raise
        except StoreError:
            if not patient:
                raise
        await asyncio.sleep(NEW_PLATFORMS)


def _say_refusal(error: StoreError) -> None:
    if not isinstance(error, Damaged):  # that one ends the program, with its words
        log.error("the database refuses: nothing is read and nothing is sent until it can be written", why=str(error))


class App:
    """`pullquote run`: one poller, and for each platform a dispatcher and the connection that takes commands.

    `platforms` are taken up at the start; the others when a channel of theirs is subscribed. Where several processes
    run, all poll; a platform's deliveries are one process's at a time, and so is its connection (`bot.store.Duties`).
    """

    def __init__(
        self,
        opened: Parts,
        *,
        platforms: Set[str] = frozenset(),
        roles: Set[Role] = frozenset(Role),
        rng: random.Random | None = None,
    ) -> None:
        self._parts, self._platforms, self._roles = opened, platforms, roles
        self._rng = rng or random.Random()
        self._duties = duties_of(opened.settings.sqlalchemy_url, self._wake)
        self._runs: dict[str, PlatformRun] = {}
        self._aside: list[asyncio.Task[None]] = []
        self._loops: set[asyncio.Task[None]] = set()
        self._refused: set[str] = set()
        self._given_up: dict[str, CannotLogIn] = {}
        self._stop = asyncio.Event()
        self._damage: Damaged | None = None
        self._since = opened.clock.now()
        interval = timedelta(seconds=opened.settings.poll_interval)
        self._poller = Poller(
            opened.source,
            opened.store,
            opened.door,
            opened.clock,
            self._rng,
            interval,
            self._wake,
            longest=timedelta(seconds=opened.settings.poll_interval_longest),
            language=opened.settings.language,
        )
        self._web = self._told() if opened.settings.public_url and Role.POLL in roles else None

    def _told(self) -> Web:
        parts = self._parts
        keep = Drawer(parts.store, parts.door, "websub")
        return Web(parts.settings, parts.store, parts.door, parts.clock, keep, parts.fetcher, self._look_at)

    def _look_at(self, endpoint: str) -> None:
        if isinstance(self._parts.source, Doubting):
            self._parts.source.doubt(endpoint)
        self._poller.wake.set()

    def stop(self) -> None:
        """Ask `run` to end; it ends when what is under way has, within DRAIN seconds."""
        self._stop.set()

    async def run(self) -> None:
        """Until `stop`; a loop that dies of a defect ends it too, with the defect.

        CannotLogIn once no platform is left that lets the bot in, Damaged where the database's file is broken:
        whoever started it should know.
        """
        with hold_alone(self._parts.settings.sqlalchemy_url):
            self._parts.door.tell = self._hear_refusal
            await self._take_over()
            if self._web is not None:
                await self._web.start()
            attending = asyncio.create_task(self._duties.run())
            self._begin()
            log.info("running", platforms=sorted(self._runs), **self._left_out())
            stopped = asyncio.create_task(self._stop.wait())
            try:
                await self._until_stopped(stopped, attending)
            finally:
                stopped.cancel()
                await self._wind_down()
                attending.cancel()
                await asyncio.gather(attending, return_exceptions=True)
            if self._damage is not None:
                raise self._damage
            if self._given_up and self._given_up.keys() == self._runs.keys():
                raise CannotLogIn(" ".join(map(str, self._given_up.values())))

    def _begin(self) -> None:
        if Role.POLL in self._roles:
            self._loops.add(asyncio.create_task(self._poller.run()))
        if self._roles != {Role.POLL}:
            for platform in sorted(self._platforms):
                self._take_up(platform)
            watch = asyncio.create_task(self._watch_platforms())
            self._aside.append(watch)
            self._loops.add(watch)
        if self._duties.alone and (missing := set(Role) - self._roles):
            parts = ", ".join(sorted(missing))
            log.warning("parts are left out that no other process can do: the database is SQLite", parts=parts)

    def _left_out(self) -> dict[str, str]:
        return {"only": ", ".join(sorted(self._roles))} if self._roles != set(Role) else {}

    async def _take_over(self) -> None:
        """Look the database over and take back what the process before this one held, once it can be written."""
        while not self._stop.is_set():
            try:
                await self._parts.door(self._parts.store.check)
                await self._wake_up()
            except Damaged:
                raise
            except StoreError:
                await self._parts.clock.sleep(NEW_PLATFORMS)
            else:
                return

    def _hear_refusal(self, error: StoreError) -> None:
        _say_refusal(error)
        if isinstance(error, Damaged):
            self._damage = error
            self.stop()

    async def _see_whether_it_answers(self) -> None:
        calm = self._parts.door.refused_for()
        if calm is None or calm < CALM:
            return
        # by a change: what can no longer be written can often still be read
        await self._parts.door(self._parts.store.put, "store", "answers", self._parts.clock.now().isoformat())
        self._parts.door.answers()
        log.info("the database answers again")

    async def _wake_up(self) -> None:
        store, now = self._parts.store, self._parts.clock.now()
        if taken := await self._parts.door(store.wake, now):
            log.warning("restored from a copy: cards are looked for before they are posted", taken=taken.isoformat())
        if self._duties.alone:
            await self._parts.door(store.release_all, now)

    async def _until_stopped(self, stopped: asyncio.Task[bool], attending: asyncio.Task[None]) -> None:
        while not stopped.done():
            waits = [stopped, attending, *self._loops]
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED, timeout=1)
            for task in done - {stopped}:
                task.result()  # a loop does not end by itself: this raises what killed it
                raise RuntimeError("a loop ended that must not end")

    def _health(self) -> Health:
        ready = ((name, self._parts.adapters[name].ready) for name in sorted(self._runs))
        return Health(self._since, tuple(ready))

    def _wake(self) -> None:
        for run in self._runs.values():
            run.wake()

    async def _watch_platforms(self) -> None:
        while True:
            try:
                for platform in await self._parts.door(self._parts.store.platforms):
                    self._take_up(platform)
                await self._see_whether_it_answers()
            except StoreError as error:
                log.debug("not asked for new platforms", why=str(error))
            await self._parts.clock.sleep(NEW_PLATFORMS)

    def _take_up(self, platform: str) -> None:
        if platform in self._runs or platform in self._refused:
            return
        try:
            adapter = self._parts.adapter(platform)
        except SettingsError as error:
            self._refused.add(platform)
            log.error("platform not set up: its cards wait", platform=platform, why=str(error))
            return
        parts = self._parts
        run = PlatformRun(adapter, parts.store, parts.door, parts.clock, self._rng, self._duties, self._roles)
        self._runs[platform] = run
        if Role.DELIVER in self._roles:
            self._loops.add(asyncio.create_task(run.deliver(parts.settings.language)))
        if Role.SERVE in self._roles:
            self._aside.append(asyncio.create_task(self._serve(run)))

    async def _serve(self, run: PlatformRun) -> None:
        try:
            await run.serve(self._parts.commands(self._health), self._parts)
        except CannotLogIn as error:
            platform = run.adapter.platform
            log.error("platform given up until the next start", platform=platform, why=str(error))
            self._given_up[platform] = error
            if self._given_up.keys() == self._runs.keys():
                self.stop()

    async def _wind_down(self) -> None:
        self._parts.store.hurry()
        if self._web is not None:
            self._loops.add(asyncio.create_task(self._web.stop()))
        self._poller.stop()
        for run in self._runs.values():
            run.stop()
        for task in self._aside:
            task.cancel()
        if self._loops:
            _, late = await asyncio.wait(self._loops, timeout=DRAIN)
            for task in late:  # what it marked as attempted is recognised after the next start
                task.cancel()
        await asyncio.gather(*self._loops, *self._aside, return_exceptions=True)


async def run(settings: Settings, roles: Set[Role] = frozenset(Role)) -> None:
    """Run until SIGTERM or SIGINT."""
    async with parts(settings, patient=True) as opened:
        platforms = plugins.set_up()
        if not platforms | await opened.door(opened.store.platforms):
            log.warning("nothing to do: no platform is set up and no channel subscribed", see='README, "Set up"')
        app = App(opened, platforms=platforms, roles=roles)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, app.stop)
        await app.run()
