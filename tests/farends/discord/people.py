"""People at the stand-in: who gives commands, types and presses, and what the bot said to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.farends.discord.basics import ALL, ApiError, Json
from tests.farends.discord.world import World

COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4
EPHEMERAL = 64
TAKES = {COMMAND: {4, 5, 9, 12}, COMPONENT: {4, 5, 6, 7, 9, 12}, AUTOCOMPLETE: {8}}
"""Which first answers each kind of interaction takes."""
DIRECT = {1, 3}
MAX_FOLLOW_UPS = 5
"""Where the bot is installed by a person, not by the server."""


@dataclass
class Person:
    """Someone who asks: their language, their rights (`there`: by channel), and who installed the bot for them."""

    id: str = "1000000000000000008"
    locale: str = "en-US"
    rights: int = ALL
    there: dict[str, int] = field(default_factory=dict)
    installed: str = "server"

    def in_channel(self, channel_id: str) -> str:
        return str(self.there.get(channel_id, self.rights))


@dataclass
class Interaction:
    """Something asked, and what the bot said to it; the first answer comes within `deadline` seconds or never.

    `original` is the message that the answer is: for a button the one it stands on.
    """

    id: str
    token: str
    channel_id: str
    kind: int = COMMAND
    deadline: float = 3.0
    installed: str = "server"
    original: Json | None = None
    first: Json | None = None
    final: Json | None = None
    followups: list[Json] = field(default_factory=list)
    born: float = field(default_factory=time.monotonic)
    said: asyncio.Event = field(default_factory=asyncio.Event)

    def respond(self, body: Json) -> None:
        """The first answer; late: 10062, second: 40060, of a kind that does not fit: 50035."""
        if time.monotonic() - self.born > self.deadline:
            raise ApiError(404, 10062, "Unknown interaction")
        if self.first is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        if body["type"] not in TAKES[self.kind]:
            raise ApiError(400, 50035, "Invalid Form Body")
        self.first = body
        if body["type"] in {4, 7, 8}:
            self.say(body.get("data") or {})

    def say(self, body: Json) -> None:
        """The answer in its newest words."""
        if self.first is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        self.final = body
        if self.original is not None:
            self.original |= {key: body[key] for key in ("content", "embeds", "components") if key in body}
        self.said.set()

    def follow_up(self, body: Json) -> None:
        """Another message."""
        if self.first is None:
            raise ApiError(404, 10015, "Unknown Webhook")
        if self.installed == "person" and len(self.followups) >= MAX_FOLLOW_UPS:
            raise ApiError(400, 40094, "This interaction has hit the maximum number of follow-up messages")
        self.followups.append(body)
        if self.kind == COMPONENT:
            self.said.set()

    async def answer(self, timeout: float = 5.0) -> Json:
        """What the bot said in the end."""
        await asyncio.wait_for(self.said.wait(), timeout)
        assert self.final is not None
        return self.final

    async def heard(self, timeout: float = 5.0) -> Json:
        """What the one who pressed was told besides: the first message that follows."""
        await asyncio.wait_for(self.said.wait(), timeout)
        return self.followups[0]


class People:
    """All who ask; `person` is the one who asks next."""

    def __init__(self, world: World, member: Callable[[], Json], push: Callable[[str, Json], Awaitable[None]]) -> None:
        self.world, self._member, self._push = world, member, push
        self.person = Person()
        self.deadline = 3.0
        """Seconds within which the bot must answer."""
        self.interactions: dict[str, Interaction] = {}

    def interaction(self, token: str) -> Interaction:
        try:
            return self.interactions[token]
        except KeyError:
            raise ApiError(404, 10015, "Unknown Webhook") from None

    async def command(self, name: str, channel_id: str, /, **options: Any) -> Interaction:
        """Someone gives a command in a channel."""
        interaction = self._new(COMMAND, channel_id)
        interaction.original = self.world._message(channel_id, {})
        await self._ask(interaction, self._command(name, options))
        return interaction

    async def complete(self, name: str, channel_id: str, option: str, typed: str, /, **options: Any) -> Interaction:
        """Someone types into an option."""
        interaction = self._new(AUTOCOMPLETE, channel_id)
        data = self._command(name, {**options, option: typed})
        del data["resolved"]
        next(given for given in data["options"] if given["name"] == option)["focused"] = True
        await self._ask(interaction, data)
        return interaction

    async def press(self, answered: Interaction, label: str) -> Interaction:
        """Someone presses a button of an answer."""
        assert answered.original is not None
        rows = answered.original["components"]
        (ident,) = [one["custom_id"] for row in rows for one in row["components"] if one["label"] == label]
        return await self.press_id(answered, ident)

    async def press_id(self, answered: Interaction, custom_id: str) -> Interaction:
        """Someone presses a button that stood there once."""
        interaction = self._new(COMPONENT, answered.channel_id)
        interaction.original = answered.original
        await self._ask(interaction, {"custom_id": custom_id, "component_type": 2, "id": 1})
        return interaction

    def _new(self, kind: int, channel_id: str) -> Interaction:
        ident = self.world.snowflake()
        interaction = Interaction(ident, f"token-{ident}", channel_id, kind, self.deadline, self.person.installed)
        self.interactions[interaction.token] = interaction
        return interaction

    def _command(self, name: str, options: dict[str, Any]) -> Json:
        described = next(item for item in self.world.commands if item["name"] == name)
        types = {option["name"]: option["type"] for option in described.get("options", [])}
        given = [{"name": name, "type": types[name], "value": value} for name, value in options.items()]
        channels = {option["value"]: self._partial(option["value"]) for option in given if option["type"] == 7}
        roles = {option["value"]: self._role(option["value"]) for option in given if option["type"] == 8}
        resolved = {"channels": channels, "roles": roles}
        return {
            "id": described["id"],
            "name": name,
            "type": 1,
            "options": given,
            "resolved": {kind: found for kind, found in resolved.items() if found},
        }

    def _role(self, ident: str) -> Json:
        return {"id": ident, "name": "a role", "permissions": "0", "mentionable": ident in self.world.mentionable}

    def _partial(self, channel_id: str) -> Json:
        channel = self.world.channels[channel_id]
        shown = {"id": channel_id, "type": channel["type"], "name": channel["name"]}
        if channel["type"] in DIRECT:
            return shown | {"recipients": [], "owner_id": self.person.id}
        shown |= {key: channel[key] for key in ("parent_id", "thread_metadata") if key in channel}
        return shown | {
            "permissions": self.person.in_channel(channel_id),
            "app_permissions": str(self.world.permissions(channel)),
        }

    async def _ask(self, interaction: Interaction, data: Json) -> None:
        world, person = self.world, self.person
        channel = world.channels[interaction.channel_id]
        direct = channel["type"] in DIRECT
        user = {**world.user, "id": person.id, "username": "someone", "bot": False}
        event: Json = {
            "id": interaction.id,
            "application_id": world.application_id,
            "type": interaction.kind,
            "token": interaction.token,
            "version": 1,
            "channel": {**channel, **self._partial(interaction.channel_id)},
            "channel_id": channel["id"],
            "app_permissions": str(world.permissions(channel)),
            "locale": person.locale,
            "entitlements": [],
            "authorizing_integration_owners": {"0": world.guild_id}
            if person.installed == "server"
            else {"1": person.id},
            "context": {0: 0, 1: 1, 3: 2}[channel["type"] if direct else 0],
            "attachment_size_limit": 10_485_760,
            "data": data,
        }
        if direct:
            event["user"] = user
        else:
            rights = person.in_channel(channel["id"])
            member = {**self._member(), "user": user, "permissions": rights}
            event |= {"guild_id": world.guild_id, "guild_locale": "en-US", "member": member}
        if interaction.kind == COMPONENT:
            event["message"] = interaction.original
        await self._push("INTERACTION_CREATE", event)
