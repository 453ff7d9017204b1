"""The parts that a process is made of, open as long as it lives: the store, the reader of sites, the adapters."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import chain

import structlog

from bot import plugins
from bot.clock import SystemClock
from bot.commands import Desk, Health, commands
from bot.config import Settings
from bot.errors import AdapterError, Damaged, PullquoteError, SettingsError, StoreError, UsageError
from bot.fetch import Fetcher
from bot.model import Channel, Extra
from bot.ports import Adapter, Clock, Commands, Extending, Source
from bot.reader import reader
from bot.sources.readers import Readers
from bot.store import Door, Store, open_store
from bot.words import _

AGAIN = 2.0
"""Seconds until a database that refused to open is tried again."""

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
    building: Door = field(default_factory=Door)
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
        opened.building.close()


async def _open(door: Door, url: str, *, patient: bool) -> Store:
    if patient:
        door.tell = say_refusal
    while True:
        try:
            return await door(open_store, url)
        except Damaged:
            raise
        except StoreError:
            if not patient:
                raise
        await asyncio.sleep(AGAIN)


def say_refusal(error: StoreError) -> None:
    """Tell the log that the database refuses."""
    if not isinstance(error, Damaged):  # that one ends the program, with its words
        log.error("the database refuses: nothing is read and nothing is sent until it can be written", why=str(error))
