"""Discord as an adapter: posts over REST of its own, hears commands over discord.py's gateway."""

from __future__ import annotations

import asyncio
import importlib
import random
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

import structlog
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.discord import cards, slash
from adapters.discord.markdown import safe_url, same_url
from adapters.discord.permissions import KINDS, POSTABLE, READ_MESSAGE_HISTORY, THREADS, missing, rights
from adapters.discord.rest import Rest
from bot.errors import CannotLogIn, CannotLook, Refused, SettingsError, TryLater, Vanished
from bot.model import Card, Channel, Payload, Receipt, Style
from bot.ports import Clock, Commands, Events, Fragment, Keep, Windows

log = structlog.get_logger()
T = TypeVar("T")

LONGEST_PAUSE = 60.0
EPOCH_MS = 1_420_070_400_000
"""Discord's ids count milliseconds from 2015 on, above 22 bits of something else."""
MARGIN = timedelta(seconds=60)
PAGE = 100
TRY = 15.0
"""Seconds that one call may take, however many requests it makes."""


class DiscordSettings(BaseSettings):
    """What Discord needs to know."""

    model_config = SettingsConfigDict(
        env_prefix="PULLQUOTE_DISCORD_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    token: SecretStr = Field(SecretStr(""), description="The bot's token; empty: no Discord")
    api_url: str = Field("https://discord.com/api/v10", description="Where Discord's REST is; for tests and proxies")
    gateway_url: str = Field("", description="Where Discord's gateway is; empty: where Discord's library says")


class Discord:
    """Cards as embeds in channels and threads of Discord; a channel's address is its number."""

    platform: ClassVar[str] = "discord"
    Settings: ClassVar[type[Any]] = DiscordSettings
    windows = Windows(resend=timedelta(seconds=30), settle=timedelta(seconds=60))

    def __init__(self, settings: DiscordSettings, keep: Keep, clock: Clock) -> None:
        self._settings, self._keep, self._clock = settings, keep, clock
        self._rest = Rest(settings.api_url, settings.token.get_secret_value(), clock)
        self._user: Mapping[str, Any] | None = None
        self._ready = False

    @classmethod
    def from_settings(cls, settings: Any, keep: Keep, clock: Clock) -> Self:
        """An adapter that has not yet connected; SettingsError names each wrong or missing value."""
        wrong = []
        token = settings.token.get_secret_value()
        if not token or not token.isascii() or any(letter.isspace() for letter in token):
            wrong.append(
                "PULLQUOTE_DISCORD_TOKEN: expected the bot's token, as the Developer Portal shows it under Bot."
            )
        if not settings.api_url.startswith(("http://", "https://")):
            wrong.append("PULLQUOTE_DISCORD_API_URL: expected a URL that begins with https://.")
        if settings.gateway_url and not settings.gateway_url.startswith(("ws://", "wss://")):
            wrong.append("PULLQUOTE_DISCORD_GATEWAY_URL: expected a URL that begins with wss://, or nothing.")
        if wrong:
            raise SettingsError("\n".join(wrong))
        return cls(settings, keep, clock)

    @property
    def ready(self) -> bool:
        """Whether Discord took the token; posting needs no gateway."""
        return self._ready and not self._rest.refused

    async def serve(self, commands: Commands, events: Events) -> None:
        """Log in, then answer commands and tell of channels until cancelled; CannotLogIn when the token is refused.

        From the login on `ready` is true: posts need no gateway.
        """
        await self._patiently(self._me)
        described = slash.describe(commands)
        await self._patiently(lambda: self._offer(described))
        shards = await self._patiently(self._shards)
        warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)  # voice; we never speak
        # discord.py takes a quarter of a second and 10 MB to import; the first cards leave meanwhile.
        gateway = await asyncio.to_thread(importlib.import_module, "adapters.discord.gateway")
        token = self._settings.token.get_secret_value()
        urls = (self._settings.api_url, self._settings.gateway_url)
        await gateway.Gateway(token, *urls, commands, events, self._clock).hold(shards)

    async def _patiently(self, step: Callable[[], Awaitable[T]]) -> T:
        """The step's result, however long Discord makes us wait for it; CannotLogIn ends the waiting."""
        pause = 1.0
        while True:
            try:
                return await step()
            except (TryLater, Refused, Vanished) as error:
                log.warning("discord cannot be logged in to yet", why=str(error))
                after = error.after if isinstance(error, TryLater) else None
                await self._clock.sleep(max(after or 0, pause * random.uniform(0.5, 1)))
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _offer(self, described: list[dict[str, Any]]) -> None:
        """Tell Discord the commands; a refusal costs the commands, not the connection."""
        try:
            await self._sync(described)
        except Refused as error:
            log.error("discord does not take the commands", why=str(error))

    async def _sync(self, described: list[dict[str, Any]]) -> None:
        """Tell Discord the commands, when they are others than last time."""
        application = str((await self._rest.call("GET", "/applications/@me", "Asking for the application"))["id"])
        wanted = slash.fingerprint(application, described)
        if await self._keep.get("commands") == wanted:
            return
        await self._rest.call("PUT", f"/applications/{application}/commands", "Telling the commands", json=described)
        await self._keep.put("commands", wanted)

    async def _shards(self) -> int:
        """How many connections Discord wants; TryLater when today's are used up (it would take the token away)."""
        told = await self._rest.call("GET", "/gateway/bot", "Asking for the gateway")
        limit = told["session_start_limit"]
        if limit["remaining"] < 1:
            raise TryLater("Discord grants no more connections today.", limit["reset_after"] / 1000, maybe_done=False)
        return int(told["shards"])

    @classmethod
    def render(cls, card: Card, style: Style, *, struck: bool = False, changed: str = "") -> Payload:
        """The body of the request, but for the nonce."""
        return cards.render(card, style, struck=struck, changed=changed)

    @classmethod
    def text(cls, payload: Payload) -> str:
        """The message as people would read it in a terminal."""
        return cards.text(payload)

    @classmethod
    def page(cls, payload: Payload) -> Fragment:
        """The message as Discord would draw it."""
        from adapters.discord.page import page

        return page(payload)

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        """Post with the key as nonce: Discord answers a repeat within minutes with the first message."""
        body = {**payload, "allowed_mentions": cards.NO_PINGS, "nonce": key, "enforce_nonce": True}
        answer = await self._rest.call("POST", f"{_path(channel)}/messages", f"Posting in {channel}", json=body)
        return Receipt(channel, _id(answer, f"Posting in {channel}"))

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        """Replace the whole message; mentions stay off, since an edit reads them anew."""
        body = {**payload, "allowed_mentions": cards.NO_PINGS}
        await self._rest.call("PATCH", _message_path(receipt), f"Editing in {receipt.channel}", json=body)

    async def withdraw(self, receipt: Receipt, payload: Payload | None, key: str) -> None:
        """Strike or delete; a message that is already gone is withdrawn."""
        try:
            if payload is not None:
                await self.edit(receipt, payload, key)
            else:
                await self._rest.call("DELETE", _message_path(receipt), f"Deleting in {receipt.channel}")
        except Vanished:
            return

    async def find(self, channel: Channel, key: str, url: str, since: datetime) -> Receipt | None:
        """The first message of ours since then whose embed carries the URL: Discord keeps no nonces."""
        if not safe_url(url):
            raise CannotLook(f"{channel}: a card without a URL leaves no mark to look for.")
        try:
            async with asyncio.timeout(TRY):
                return await self._find(channel, url, since)
        except TimeoutError:
            raise TryLater(f"Looking through {channel} took too long.", maybe_done=False) from None

    async def _find(self, channel: Channel, url: str, since: datetime) -> Receipt | None:
        me = (await self._me())["id"]
        after, seen = self._snowflake(since - MARGIN), False
        while True:
            page = await self._rest.call(
                "GET",
                f"{_path(channel)}/messages",
                f"Looking through {channel}",
                params={"after": str(after), "limit": str(PAGE)},
            )
            seen = seen or bool(page)
            page = sorted(page, key=lambda message: int(message["id"]))
            for message in page:
                if message["author"]["id"] == me and any(same_url(e.get("url") or "", url) for e in message["embeds"]):
                    return Receipt(channel, message["id"])
            if len(page) < PAGE:
                break
            after = int(page[-1]["id"])
        if not seen:
            await self._demand_history(channel)
        return None

    async def _demand_history(self, channel: Channel) -> None:
        """An empty answer proves nothing: without the right to read history Discord shows an empty channel."""
        _, held = await self._rights(channel)
        if not held & READ_MESSAGE_HISTORY:
            raise CannotLook(f"The bot may not read the history of {channel}: give it Read Message History there.")

    async def check(self, channel: Channel | None) -> Sequence[str]:
        """What is missing before anything can be posted there, each with its mend; None asks for the login alone."""
        try:
            await self._me()
            if channel is None:
                return []
            kind, held = await self._rights(channel)
        except (CannotLogIn, Refused, TryLater) as error:
            return [str(error)]
        if kind not in POSTABLE:
            return [f"{channel} is {KINDS.get(kind, 'of an unknown kind')}: choose a text channel or a thread."]
        return missing(held, kind)

    async def _rights(self, channel: Channel) -> tuple[int, int]:
        """The channel's kind and the bot's permission bits in it."""
        doing = f"Checking {channel}"
        me = (await self._me())["id"]
        found = await self._rest.call("GET", _path(channel), doing)
        kind = int(found["type"])
        if not found.get("guild_id"):
            return kind, 0
        guild = await self._rest.call("GET", f"/guilds/{found['guild_id']}", doing)
        member = await self._rest.call("GET", f"/guilds/{found['guild_id']}/members/{me}", doing)
        if kind in THREADS and found.get("parent_id"):
            found = await self._rest.call("GET", f"/channels/{found['parent_id']}", doing)
        return kind, rights(guild, member, found)

    async def close(self) -> None:
        """Let go of all connections; calls under way raise TryLater."""
        self._ready = False
        await self._rest.close()

    async def _me(self) -> Mapping[str, Any]:
        """The bot's own user, asked for once."""
        if self._user is None:
            self._user = await self._rest.call("GET", "/users/@me", "Logging in to Discord")
            self._ready = True
        return self._user

    def _snowflake(self, moment: datetime) -> int:
        """The least id that a message of that moment can have, were our clock fast or slow: looking back is cheap."""
        milliseconds = (moment.timestamp() + min(self._rest.ahead, 0)) * 1000
        return max(int(milliseconds) - EPOCH_MS, 1) << 22


def _path(channel: Channel) -> str:
    if not channel.address.isdecimal() or not channel.address.isascii():
        raise Refused(f"{channel} is no Discord channel: write discord: and the channel's number (Copy Channel ID).")
    return f"/channels/{channel.address}"


def _message_path(receipt: Receipt) -> str:
    return f"{_path(receipt.channel)}/messages/{receipt.ref}"


def _id(answer: Any, doing: str) -> str:
    if not isinstance(answer, dict) or not str(answer.get("id", "")).isdecimal():
        raise TryLater(f"{doing}: Discord's answer names no message.", maybe_done=True)
    return str(answer["id"])
