"""discord.py's connection to the gateway, and who listens to it. Imported only where a connection is held."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Any

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.interactions import Interactions
from adapters.discord.presence import Presence
from bot.errors import CannotLogIn
from bot.ports import Clock, Commands, Events

log = structlog.get_logger()
# What voice would need is missed at every start; we never speak.
logging.getLogger("discord.client").addFilter(lambda record: "voice" not in record.getMessage())

LONGEST_PAUSE = 60.0
STABLE = 60.0
"""Seconds after which a connection that ends was a good one; a thousand hasty ones a day cost the token."""
REFUSED_FOR_GOOD = {
    4004: "Discord refuses the token (4004): make a new one and set PULLQUOTE_DISCORD_TOKEN.",
    4010: "Discord refuses the shard (4010): please report this.",
    4011: "Discord demands more shards (4011): restart Pullquote.",
    4012: "Discord no longer speaks this version of its gateway (4012): update Pullquote.",
    4013: "Discord does not know the intents asked for (4013): please report this.",
    4014: "Discord does not grant the intents asked for (4014): please report this.",
}


class Gateway:
    """Holds the gateway's connection, a new client for each life."""

    def __init__(
        self, token: str, api_url: str, gateway_url: str, commands: Commands, events: Events, clock: Clock
    ) -> None:
        self._token, self._clock = token, clock
        self._interactions, self._presence = Interactions(commands), Presence(events, clock)
        Route.BASE = api_url.rstrip("/")
        if gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)

    async def hold(self, shards: int) -> None:
        """Connect and stay connected until cancelled; CannotLogIn when Discord will never let us in."""
        failures = 0
        while True:
            client, born = self._client(shards), self._clock.monotonic()
            try:
                await self._live(client)
            except discord.LoginFailure as error:
                raise CannotLogIn(REFUSED_FOR_GOOD[4004]) from error
            except discord.PrivilegedIntentsRequired as error:
                raise CannotLogIn(REFUSED_FOR_GOOD[4014]) from error
            except discord.ConnectionClosed as error:
                if error.code in REFUSED_FOR_GOOD:
                    raise CannotLogIn(REFUSED_FOR_GOOD[error.code]) from error
                log.warning("discord's gateway closed the connection", code=error.code)
            except Exception as error:  # noqa: BLE001 - a first connection that fails ends in an AttributeError there
                log.warning("the connection to discord's gateway failed", error=f"{type(error).__name__}: {error}")
            finally:
                failures = 0 if self._clock.monotonic() - born > STABLE else failures + 1
            await self._clock.sleep(min(2.0**failures / 2, LONGEST_PAUSE) * random.uniform(0.5, 1))

    async def _live(self, client: discord.Client) -> None:
        """One client's life, in a task of its own: a time-out inside it may swallow the wish that it ends."""
        life = asyncio.create_task(client.start(self._token))
        try:
            await asyncio.wait([life])
        finally:
            await client.close()
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)
        life.result()

    def _client(self, shards: int) -> discord.Client:
        kind = discord.AutoShardedClient if shards > 1 else discord.Client
        options: dict[str, Any] = {"shard_count": shards} if shards > 1 else {}
        client = kind(
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            max_ratelimit_timeout=30,
            **options,
        )

        @client.event
        async def on_interaction(interaction: discord.Interaction) -> None:
            await self._interactions.hear(interaction)

        @client.event
        async def on_error(event: str, *_given: Any) -> None:
            log.exception("what discord told could not be dealt with", told=event)

        self._presence.listen(client)
        return client
