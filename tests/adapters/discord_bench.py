"""A started stand-in for Discord and adapters wired to it, for every test that needs them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.discord import Discord
from bot.errors import StoreError
from bot.model import Channel
from bot.ports import Asked, Choice, Command, Option, Reply
from tests.drawers import MemoryDrawer
from tests.farends.discord import DiscordFarEnd, World


@dataclass
class FastClock:
    """The machine's clock, `speed` times as fast and `offset` seconds ahead."""

    speed: float = 1.0
    offset: float = 0.0
    _born: float = field(default_factory=time.time)

    def time(self) -> float:
        return self._born + (time.time() - self._born) * self.speed + self.offset

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time(), UTC)

    def monotonic(self) -> float:
        return self.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


@dataclass
class Told:
    """What an adapter tells of its channels, as it came; what is lost takes `pause` seconds to note.

    As often as `deaf` says it is not understood first.
    """

    pause: float = 0.0
    deaf: int = 0
    what: list[tuple[str, list[str], str]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def lost(self, channels: Sequence[Channel], why: str) -> None:
        await asyncio.sleep(self.pause)
        self._add("lost", channels, why)

    async def back(self, channels: Sequence[Channel]) -> None:
        self._add("back", channels, "")

    async def moved(self, old: Channel, new: Channel) -> None:
        raise AssertionError("nothing moves in Discord")

    async def next(self) -> tuple[str, list[str], str]:
        """The oldest that was not yet asked for."""
        async with asyncio.timeout(5):
            while not self.what:
                self.changed.clear()
                await self.changed.wait()
        return self.what.pop(0)

    def _add(self, kind: str, channels: Sequence[Channel], why: str) -> None:
        if self.deaf:
            self.deaf -= 1
            raise StoreError("The database is locked.")
        self.what.append((kind, sorted(channel.address for channel in channels), why))
        self.changed.set()


@dataclass
class Spoken:
    """A command that notes how it was asked and, while it is `free`, answers with `reply` or raises it."""

    reply: Reply | Exception = field(default_factory=lambda: Reply("Done."))
    choices: Sequence[Choice] = ()
    pause: float = 0.0
    asked: list[tuple[Asked, dict[str, str]]] = field(default_factory=list)
    free: asyncio.Event = field(default_factory=asyncio.Event)
    typed: list[tuple[Asked, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.free.set()

    def command(self, name: str, *options: Option, manage: bool = False, anywhere: bool = False) -> Command:
        """It, under a name."""
        return Command(name, f"How to {name}.", options, manage, self._run, self._complete, anywhere)

    async def _run(self, asked: Asked, arguments: Mapping[str, str]) -> Reply:
        self.asked.append((asked, dict(arguments)))
        await self.free.wait()
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    async def _complete(self, asked: Asked, option: str, typed: str) -> Sequence[Choice]:
        self.typed.append((asked, option, typed))
        await asyncio.sleep(self.pause)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.choices


@contextlib.asynccontextmanager
async def serving(
    bench: DiscordBench, commands: Mapping[str, Command], adapter: Discord | None = None, sessions: int = 1
) -> AsyncIterator[Told]:
    """The adapter serves and has reached the gateway; nothing of it is left afterwards."""
    told = Told()
    task = asyncio.create_task((adapter or bench.adapter).serve(commands, told))
    gateway = bench.far_end.gateway
    reached = asyncio.create_task(gateway.until(lambda: len(gateway.sessions) >= sessions))
    try:
        await asyncio.wait([task, reached], return_when=asyncio.FIRST_COMPLETED)
        assert not task.done(), task.exception()
        await reached
        yield told
    finally:
        reached.cancel()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@dataclass
class DiscordBench:
    """A far end with one channel, one adapter wired to it, one clock for both."""

    far_end: DiscordFarEnd
    clock: FastClock
    adapter: Discord
    channel: Channel

    keep: MemoryDrawer

    def restarted(self) -> Discord:
        """Another adapter, as the next process would make it; close it yourself."""
        return new_adapter(self.far_end, self.clock, self.keep)

    def messages(self) -> list[dict[str, Any]]:
        """What stands in the channel, oldest first."""
        return self.far_end.messages(self.channel.address)


def new_adapter(far_end: DiscordFarEnd, clock: FastClock, keep: MemoryDrawer | None = None, token: str = "") -> Discord:
    """An adapter as a fresh process would make it."""
    settings = Discord.Settings(
        _env_file=None,
        token=token or far_end.world.token,
        api_url=far_end.api_url,
        gateway_url=far_end.gateway_url,
    )
    return Discord.from_settings(settings, keep or MemoryDrawer(), clock)


@contextlib.asynccontextmanager
async def discord_far_end(clock: FastClock | None = None) -> AsyncIterator[DiscordFarEnd]:
    """A started far end, whose time is `clock`'s."""
    world = World()
    if clock is not None:
        world.clock.base = clock.time
    async with DiscordFarEnd(world) as far_end:
        yield far_end


@contextlib.asynccontextmanager
async def discord_bench(speed: float = 1.0) -> AsyncIterator[DiscordBench]:
    """All of it; afterwards the adapter is closed and every request must have been one that Discord takes."""
    clock = FastClock(speed)
    async with discord_far_end(clock) as far_end:
        keep = MemoryDrawer()
        adapter = new_adapter(far_end, clock, keep)
        bench = DiscordBench(far_end, clock, adapter, Channel("discord", far_end.world.add_channel()), keep)
        try:
            yield bench
        finally:
            await adapter.close()
        assert far_end.world.violations == []
        assert far_end.world.pings == []
