"""Which servers and channels the bot is in, as discord.py hears of it, told to the core."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

import discord
import structlog

from bot.errors import PullquoteError
from bot.model import Channel
from bot.ports import Clock, Events
from bot.words import _

log = structlog.get_logger()


class Presence:
    """Listens to a client; what happened first is told first."""

    def __init__(self, events: Events, clock: Clock) -> None:
        self._events, self._clock = events, clock
        self._turn = asyncio.Lock()

    def listen(self, client: discord.Client) -> None:
        """Hear all that this client hears. A server's outage (`guild_unavailable`) changes nothing: it passes."""
        for listener in (
            self.on_guild_available,
            self.on_guild_join,
            self.on_guild_remove,
            self.on_guild_channel_create,
            self.on_guild_channel_delete,
            self.on_thread_join,
            self.on_raw_thread_delete,
        ):
            client.event(listener)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        """At each start of a connection, and after an outage."""
        await self._back(_within(guild))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        """The bot was added to a server."""
        await self._back(_within(guild))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """The bot was removed, or the server was deleted."""
        why = _("The bot is no longer in the server {name}: invite it again.").format(name=guild.name)
        await self._lost(_within(guild), why)

    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """A new channel, or one that the bot may see now."""
        await self._back([channel.id])

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Its threads are told of one by one."""
        await self._lost([channel.id], _("The channel {name} was deleted.").format(name=channel.name))

    async def on_thread_join(self, thread: discord.Thread) -> None:
        """A thread that the bot may see now, or that was taken out of the archive."""
        await self._back([thread.id])

    async def on_raw_thread_delete(self, event: discord.RawThreadDeleteEvent) -> None:
        """Also for a thread that nobody had heard of yet."""
        await self._lost([event.thread_id], _("The thread was deleted."))

    async def _back(self, idents: Iterable[int]) -> None:
        await self._tell(self._events.back, _channels(idents))

    async def _lost(self, idents: Iterable[int], why: str) -> None:
        await self._tell(self._events.lost, _channels(idents), why)

    async def _tell(self, tell: Callable[..., Awaitable[None]], *what: Any) -> None:
        """Tell it, three times where it is not understood: a database may be busy, and Discord says it once."""
        async with self._turn:
            for tries in range(3):
                try:
                    return await tell(*what)
                except PullquoteError as error:
                    log.warning("discord was not heard", why=str(error))
                await self._clock.sleep(2.0**tries)
        return None


def _within(guild: discord.Guild) -> list[int]:
    return [place.id for place in (*guild.channels, *guild.threads)]


def _channels(idents: Iterable[int]) -> list[Channel]:
    return [Channel("discord", str(ident)) for ident in idents]
