"""Discord as an adapter: posts over REST of its own, hears commands over discord.py's gateway."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import random
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

import structlog

from adapters.discord import cards, forums, slash, snowflakes
from adapters.discord.errors import Archived, WrongKind
from adapters.discord.extras import Extras, never
from adapters.discord.markdown import safe_url, same_url
from adapters.discord.permissions import (
    CREATE_PUBLIC_THREADS,
    FORUMS,
    KINDS,
    POSTABLE,
    READ_MESSAGE_HISTORY,
    THREADS,
    UNKNOWN_KIND,
    missing,
    no_threads,
    rights,
)
from adapters.discord.rest import Rest
from adapters.discord.settings import DiscordSettings, wrong
from bot.errors import CannotLogIn, CannotLook, Refused, SettingsError, TryLater, UsageError, Vanished
from bot.model import NORMAL, Card, Channel, Extra, Payload, Receipt, Style
from bot.ports import Clock, Commands, Events, Fragment, Keep
from bot.words import _

log = structlog.get_logger()
T = TypeVar("T")

LONGEST_PAUSE = 60.0
MARGIN = timedelta(seconds=60)
PAGE, PAGES = 100, 12
TRY = 15.0
"""Seconds that one call may take, however many requests it makes."""
SHOWN = ("content", "embeds", "components")


class Discord:
    """Cards as embeds in channels and threads of Discord; a channel's address is its number."""

    platform: ClassVar[str] = "discord"
    Settings: ClassVar[type[Any]] = DiscordSettings

    def __init__(self, settings: DiscordSettings, keep: Keep, clock: Clock) -> None:
        self._settings, self._keep, self._clock = settings, keep, clock
        self._rest = Rest(settings.api_url, settings.token.get_secret_value(), clock)
        self.windows = settings.windows
        self._forums = forums.Forums(self._rest, clock, self.windows.settle.total_seconds())
        self._extras = Extras(self._rest, clock)
        self._kinds: dict[str, int] = {}
        self._user: Mapping[str, Any] | None = None
        self._ready = False

    @classmethod
    def is_address(cls, address: str) -> bool:
        """A channel's number."""
        return address.isdecimal() and address.isascii() and len(address) < 21

    @classmethod
    def from_settings(cls, settings: Any, keep: Keep, clock: Clock) -> Self:
        """An adapter that has not yet connected; SettingsError names each wrong or missing value."""
        if complaints := wrong(settings):
            raise SettingsError("\n".join(complaints))
        return cls(settings, keep, clock)

    @property
    def ready(self) -> bool:
        """Whether Discord took the token and no ban is near; posting needs no gateway."""
        return self._ready and not self._rest.refused and not self._rest.silenced

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
    def render(
        cls, card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
    ) -> Payload:
        """The body of the request, but for the nonce; see `cards.render` for what differs by kind of channel."""
        return cards.render(card, style, struck=struck, changed=changed, notify=notify, more=more)

    @classmethod
    def role(cls, text: str) -> str:
        """A role's number, as it is or in its mention."""
        if found := cards.ROLE_MENTION.fullmatch(text.strip()):
            return found[1] or found[2]
        raise UsageError(_("{text} is no role: choose one of this server's.").format(text=text[:80]))

    @classmethod
    def mention(cls, role: str) -> str:
        """As Discord draws it with the role's name."""
        return f"<@&{role}>" if role.isdecimal() else role

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
        doing = _("Posting in {channel}").format(channel=channel)
        if self._kinds.get(channel.address) in FORUMS:
            return await self._begin(channel, payload, key)
        body = {name: value for name, value in payload.items() if name != "applied_tags"}
        body |= {"nonce": key, "enforce_nonce": True}
        try:
            answer = await self._rest.call("POST", f"{_path(channel)}/messages", doing, json=body)
        except WrongKind:
            # Certainly not carried out, so asking costs nothing where most channels are no forums.
            if await self._kind(channel) not in FORUMS:
                raise
            return await self._begin(channel, payload, key)
        return Receipt(channel, _id(answer, doing))

    async def recognises(self, channel: Channel) -> bool:
        """Not in a forum: Discord takes no nonce for a thread."""
        return await self._kind(channel) not in FORUMS

    async def _begin(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        """Post in a forum; a repeat comes within the window, so no further than that is looked back."""
        async with _bounded(_("Posting in {channel}").format(channel=channel), maybe_done=True):
            me = (await self._me())["id"]
            after = self._least_id(self._clock.now() - self.windows.resend - MARGIN)
            return await self._forums.post(channel, payload, key, me, after)

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        """Replace the whole message; it pings nobody anew, since an edit reads its mentions anew."""
        body = {**{name: payload[name] for name in SHOWN}, "allowed_mentions": cards.NO_PINGS}
        await self._change("PATCH", receipt, _("Editing in {channel}").format(channel=receipt.channel), body)

    async def withdraw(self, receipt: Receipt, payload: Payload | None, key: str) -> None:
        """Strike or delete; a message that is already gone is withdrawn. A forum's thread keeps what people said."""
        try:
            if payload is not None:
                await self.edit(receipt, payload, key)
            else:
                await self._change("DELETE", receipt, _("Deleting in {channel}").format(channel=receipt.channel))
        except Vanished:
            return

    async def _change(self, method: str, receipt: Receipt, doing: str, body: Any = None) -> None:
        """Change a message; where its thread was put away, take that out of the archive first."""
        async with _bounded(doing, maybe_done=True):
            try:
                await self._rest.call(method, _message_path(receipt), doing, json=body)
            except Archived as archived:
                try:
                    await self._rest.call("PATCH", _place_path(receipt), doing, json={"archived": False})
                except Refused:
                    raise archived from None
                await self._rest.call(method, _message_path(receipt), doing, json=body)

    async def needs(self, channel: Channel, extra: Extra) -> Sequence[str]:
        """What is missing there for it, with its mend; UsageError where the channel can never have it."""
        if why := never(channel, await self._kind(channel), extra):
            raise UsageError(why)
        if extra is Extra.THREAD and not (await self._rights(channel))[1] & CREATE_PUBLIC_THREADS:
            return [no_threads()]
        return []

    async def extend(self, receipt: Receipt, extra: Extra, title: str) -> None:
        """Publish the message, or open a thread of this title under it; twice is once."""
        path = _message_path(receipt)
        if extra is Extra.CROSSPOST:
            return await self._extras.publish(receipt.channel, path)
        if why := never(receipt.channel, await self._kind(receipt.channel), extra):
            raise Refused(why)
        return await self._extras.open_thread(receipt.channel, path, title)

    async def find(self, channel: Channel, key: str, url: str, since: datetime) -> Receipt | None:
        """The first message of ours since then whose embed carries the URL: Discord keeps no nonces."""
        if not safe_url(url):
            why = _("{channel}: a card without a URL leaves no mark to look for.")
            raise CannotLook(why.format(channel=channel))
        async with _bounded(_("Looking through {channel}").format(channel=channel), maybe_done=False):
            if await self._kind(channel) not in FORUMS:
                return await self._find(channel, url, since)
            forum = await self._demand_history(channel)
            me, after = (await self._me())["id"], self._least_id(since - MARGIN)
            return await self._forums.find(channel, forum, url, me, after)

    async def _find(self, channel: Channel, url: str, since: datetime) -> Receipt | None:
        me = (await self._me())["id"]
        after, seen = self._least_id(since - MARGIN), False
        for _page in range(PAGES):
            page = await self._rest.call(
                "GET",
                f"{_path(channel)}/messages",
                _("Looking through {channel}").format(channel=channel),
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
        else:
            raise CannotLook(f"{channel}: more than {PAGE * PAGES} messages since then")
        if not seen:
            await self._demand_history(channel)
        return None

    async def _demand_history(self, channel: Channel) -> Mapping[str, Any]:
        """The channel; an empty answer proves nothing: without the right to read history Discord shows it empty."""
        found, held = await self._rights(channel)
        if not held & READ_MESSAGE_HISTORY:
            why = _("The bot may not read the history of {channel}: give it Read Message History there.")
            raise CannotLook(why.format(channel=channel))
        return found

    async def check(self, channel: Channel | None) -> Sequence[str]:
        """What is missing before anything can be posted there, each with its mend; None asks for the login alone."""
        try:
            await self._me()
            if channel is None:
                return []
            found, held = await self._rights(channel)
        except (CannotLogIn, Refused, TryLater) as error:
            return [str(error)]
        kind = int(found["type"])
        if kind not in POSTABLE:
            said = _("{channel} is {kind}: choose a text channel, a forum or a thread.")
            known = KINDS.get(kind, UNKNOWN_KIND)
            return [said.format(channel=channel, kind=_(known))]
        return [*missing(held, kind), *(forums.lacking(found) if kind in FORUMS else ())]

    async def _rights(self, channel: Channel) -> tuple[Mapping[str, Any], int]:
        """The channel as Discord describes it, and the bot's permission bits in it."""
        doing = _("Checking {channel}").format(channel=channel)
        me = (await self._me())["id"]
        found = await self._rest.call("GET", _path(channel), doing)
        self._kinds[channel.address] = int(found["type"])
        if not found.get("guild_id"):
            return found, 0
        guild = await self._rest.call("GET", f"/guilds/{found['guild_id']}", doing)
        member = await self._rest.call("GET", f"/guilds/{found['guild_id']}/members/{me}", doing)
        parent = found
        if found["type"] in THREADS and found.get("parent_id"):
            parent = await self._rest.call("GET", f"/channels/{found['parent_id']}", doing)
        return found, rights(guild, member, parent)

    async def _kind(self, channel: Channel) -> int:
        """The channel's kind, asked for once: a forum never becomes a text channel, nor the other way round."""
        if channel.address not in self._kinds:
            found = await self._rest.call("GET", _path(channel), _("Asking for {channel}").format(channel=channel))
            self._kinds[channel.address] = int(found["type"])
        return self._kinds[channel.address]

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

    def _least_id(self, moment: datetime) -> int:
        """The least id that a message of that moment can have, were our clock fast or slow: looking back is cheap."""
        return snowflakes.least(moment + timedelta(seconds=min(self._rest.ahead, 0)))


@contextlib.asynccontextmanager
async def _bounded(doing: str, *, maybe_done: bool) -> AsyncIterator[None]:
    """TryLater when the requests inside take longer than a call may."""
    try:
        async with asyncio.timeout(TRY):
            yield
    except TimeoutError:
        raise TryLater(_("{doing}: it took too long.").format(doing=doing), maybe_done=maybe_done) from None


def _path(channel: Channel) -> str:
    if not channel.address.isdecimal() or not channel.address.isascii():
        why = _("{channel} is no Discord channel: write discord: and the channel's number (Copy Channel ID).")
        raise Refused(why.format(channel=channel))
    return f"/channels/{channel.address}"


def _message_path(receipt: Receipt) -> str:
    return f"{_place_path(receipt)}/messages/{receipt.ref.rpartition('/')[2]}"


def _place_path(receipt: Receipt) -> str:
    """Where the message stands: in its channel or, in a forum, in the thread that its receipt names."""
    thread = receipt.ref.rpartition("/")[0]
    return f"/channels/{thread}" if thread else _path(receipt.channel)


def _id(answer: Any, doing: str) -> str:
    if not isinstance(answer, dict) or not str(answer.get("id", "")).isdecimal():
        raise TryLater(_("{doing}: Discord's answer names no message.").format(doing=doing), maybe_done=True)
    return str(answer["id"])
