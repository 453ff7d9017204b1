"""A room on a real homeserver, the bot's adapter logged in there, and a person who sees what the room shows."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote

import pytest

from adapters.matrix import Matrix
from bot.model import Channel
from bot.ports import Asked, Choice, Command, Option, Reply
from tests.real import synapse
from tests.real.synapse import Account, Address


class Drawer:
    """What an adapter keeps, in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.kept.get(name)

    async def put(self, name: str, value: str) -> None:
        self.kept[name] = value


class RealTime:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Person:
    """A user of the homeserver, speaking its protocol by hand: nothing of the adapter's or nio's is between."""

    server: Address
    account: Account

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer to a request; urllib's HTTPError for any status but 2xx."""
        url = f"{self.server.url}/_matrix/client/v3/{path}"
        return await asyncio.to_thread(synapse.request, url, body, self.account.access_token, method)

    async def create_room(self, *, version: str = "", encrypted: bool = False, **more: Any) -> str:
        """A new room; of the server's default version (12) when none is given."""
        if encrypted:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            more["initial_state"] = [{"type": "m.room.encryption", "state_key": "", "content": content}]
        if version:
            more["room_version"] = version
        return str((await self.call("POST", "createRoom", {"preset": "private_chat", **more}))["room_id"])

    async def invite(self, room: str, user: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/invite", {"user_id": user})

    async def join(self, room: str) -> None:
        await self.call("POST", f"join/{quote(room)}", {})

    async def leave(self, room: str) -> None:
        await self.call("POST", f"rooms/{quote(room)}/leave", {})

    async def say(self, room: str, body: str, **more: Any) -> str:
        """A text message; the event's id."""
        return await self.send(room, {"msgtype": "m.text", "body": body, **more})

    async def say_in(self, room: str, root: str, body: str) -> str:
        """A text message in the thread of an event."""
        return await self.say(room, body, **{"m.relates_to": {"rel_type": "m.thread", "event_id": root}})

    async def react(self, room: str, event: str, sign: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": event, "key": sign}
        return await self.send(room, {"m.relates_to": relation}, "m.reaction")

    async def send(self, room: str, content: Mapping[str, Any], kind: str = "m.room.message") -> str:
        path = f"rooms/{quote(room)}/send/{kind}/{secrets.token_hex(8)}"
        return str((await self.call("PUT", path, content))["event_id"])

    async def upgrade(self, room: str, version: str) -> str:
        """The room's replacement."""
        body = {"new_version": version}
        return str((await self.call("POST", f"rooms/{quote(room)}/upgrade", body))["replacement_room"])

    async def kick(self, room: str, user: str, reason: str = "", *, ban: bool = False) -> None:
        await self.call("POST", f"rooms/{quote(room)}/{'ban' if ban else 'kick'}", {"user_id": user, "reason": reason})

    async def rooms(self) -> list[str]:
        """The rooms that this user is in."""
        return list((await self.call("GET", "joined_rooms"))["joined_rooms"])

    async def redact(self, room: str, event: str) -> None:
        await self.call("PUT", f"rooms/{quote(room)}/redact/{quote(event)}/{secrets.token_hex(8)}", {})

    async def set_state(self, room: str, kind: str, content: Mapping[str, Any]) -> None:
        await self.call("PUT", f"rooms/{quote(room)}/state/{kind}/", content)

    async def state(self, room: str, kind: str) -> Any:
        return await self.call("GET", f"rooms/{quote(room)}/state/{kind}/")

    async def events(self, room: str) -> list[dict[str, Any]]:
        """All events of the room, oldest first."""
        found: list[dict[str, Any]] = []
        start = ""
        while True:
            page = await self.call("GET", f"rooms/{quote(room)}/messages?dir=b&limit=100{start}")
            found += page["chunk"]
            if "end" not in page:
                return found[::-1]
            start = f"&from={page['end']}"

    async def standing(self, room: str, sender: str | None = None) -> list[dict[str, Any]]:
        """The contents of the messages that a client shows, oldest first: newest edits applied, redacted ones gone."""
        shown: dict[str, dict[str, Any]] = {}
        for event in await self.events(room):
            content = event["content"]
            if event["type"] != "m.room.message" or not content or sender not in (None, event["sender"]):
                continue
            relation = content.get("m.relates_to", {})
            if relation.get("rel_type") != "m.replace":
                shown[event["event_id"]] = content
            elif relation["event_id"] in shown:
                shown[relation["event_id"]] = content["m.new_content"]
        return list(shown.values())

    async def hears(self, room: str, count: int, sender: str, patience: float = 20) -> list[dict[str, Any]]:
        """What stands from a sender once it is at least `count` messages; AssertionError when it does not come."""
        until = time.monotonic() + patience
        while len(found := await self.standing(room, sender)) < count:
            assert time.monotonic() < until, f"{found} after {patience} s"
            await asyncio.sleep(0.1)
        return found


@dataclass
class Told:
    """What an adapter told of its channels, oldest first, each as a word and what it was about."""

    news: list[tuple[str, ...]] = field(default_factory=list)

    async def lost(self, channels: Sequence[Channel], why: str) -> None:
        self.news.append(("lost", *(channel.address for channel in channels), why))

    async def back(self, channels: Sequence[Channel]) -> None:
        self.news.append(("back", *(channel.address for channel in channels)))

    async def moved(self, old: Channel, new: Channel) -> None:
        self.news.append(("moved", old.address, new.address))

    async def until(self, *wanted: str, patience: float = 20) -> tuple[str, ...]:
        """The first news that begins with these words; AssertionError when none comes."""
        until = time.monotonic() + patience
        while True:
            for one in self.news:
                if one[: len(wanted)] == wanted:
                    return one
            assert time.monotonic() < until, f"{self.news} after {patience} s"
            await asyncio.sleep(0.05)


Obeyed = list[tuple[str, Asked, Mapping[str, str]]]
"""What reached the commands."""


def command(
    obeyed: Obeyed,
    name: str,
    *options: Option,
    manage: bool = False,
    answer: Reply | None = None,
    fails: Exception | None = None,
) -> Command:
    """A command that notes what reaches it, and then fails, or answers."""

    async def run(asked: Asked, arguments: Mapping[str, str]) -> Reply:
        obeyed.append((name, asked, arguments))
        if fails is not None:
            raise fails
        return answer or Reply(f"{name} done, @room and @alice:{asked.channel.address}!")

    async def complete(asked: Asked, option: str, typed: str) -> Sequence[Choice]:
        return ()

    return Command(name, f"What {name} does", options, manage, run, complete)


@asynccontextmanager
async def serving(adapter: Matrix, commands: Sequence[Command] = (), told: Told | None = None) -> AsyncIterator[None]:
    """The adapter serves until the block ends, and has begun to listen when it begins."""
    task = asyncio.create_task(adapter.serve({one.name: one for one in commands}, told or Told()))
    while not adapter.listening:
        assert not task.done(), task
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@dataclass
class Lodging:
    """The bot in a room that alice made, on a homeserver."""

    server: Address
    alice: Person
    bot: Person
    room: str
    adapter: Matrix
    keep: Drawer = field(default_factory=Drawer)
    carol: Person | None = None

    @property
    def channel(self) -> Channel:
        return Channel("matrix", self.room)

    @property
    def guest(self) -> Person:
        """Who else is in the room, without any power there."""
        assert self.carol is not None
        return self.carol

    async def answers(self, count: int, room: str | None = None) -> list[dict[str, Any]]:
        """The bot's messages in the room, once there are so many."""
        return await self.alice.hears(room or self.room, count, self.bot.account.user_id)

    async def bodies(self, count: int, room: str | None = None) -> list[str]:
        """What the bot's messages say."""
        return [answer["body"] for answer in await self.answers(count, room)]

    async def spoken(self, room: str | None = None) -> list[dict[str, Any]]:
        """The events of the bot's messages, oldest first."""
        return [
            event
            for event in await self.alice.events(room or self.room)
            if event["type"] == "m.room.message" and event["sender"] == self.bot.account.user_id
        ]

    async def standing(self, room: str | None = None) -> list[dict[str, Any]]:
        """The contents of the bot's messages that the room shows now, oldest first."""
        return await self.alice.standing(room or self.room, self.bot.account.user_id)


def adapter_for(server: Address | str, account: Account, keep: Drawer | None = None, **settings: Any) -> Matrix:
    """An adapter for the account by its token, or by its password when `access_token=""` is given."""
    url = server if isinstance(server, str) else server.url
    values = {"homeserver": url, "user": account.user_id, "access_token": account.access_token, **settings}
    return Matrix.from_settings(Matrix.Settings(**values), keep or Drawer(), RealTime())


@asynccontextmanager
async def lodging(
    server: Address, *, version: str = "", encrypted: bool = False, crowded: bool = False, **settings: Any
) -> AsyncIterator[Lodging]:
    """A fresh room with a fresh alice and a fresh bot in it, and a carol where it is `crowded`.

    `settings` are the adapter's.
    """
    alice, bot, *more = [Person(server, await asyncio.to_thread(server.register)) for _ in range(2 + crowded)]
    invited = [bot, *more]
    room = await alice.create_room(
        version=version, encrypted=encrypted, invite=[one.account.user_id for one in invited]
    )
    for one in invited:
        await one.join(room)
    keep = Drawer()
    adapter = adapter_for(server, bot.account, keep, **settings)
    try:
        yield Lodging(server, alice, bot, room, adapter, keep, *more)
    finally:
        await adapter.close()


def required(error: synapse.Unavailable) -> NoReturn:
    """Skip, or fail where PULLQUOTE_REQUIRE_REAL=1 says that real servers must be there."""
    if os.environ.get("PULLQUOTE_REQUIRE_REAL") == "1":
        pytest.fail(str(error))
    pytest.skip(str(error))


def homeserver() -> Address:
    """The shared homeserver, or the test skips with the reason."""
    try:
        return synapse.shared()
    except synapse.Unavailable as error:
        required(error)


def own_homeserver(*, limits: bool = False) -> synapse.Synapse:
    """A homeserver of the caller's own, started, or the test skips with the reason."""
    server = synapse.own(limits=limits)
    try:
        server.start()
    except synapse.Unavailable as error:
        required(error)
    return server
