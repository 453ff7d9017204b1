"""A started stand-in for Discord and adapters wired to it, for every test that needs them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from adapters.discord import Discord
from bot.model import Channel
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
