"""Discord as the proof assumes it: nonces for a minute, none in forums, history without them, limits per route.

Under it stands the adapter as it is: only the HTTP session is a model.
"""

from __future__ import annotations

import functools
import json as encoding
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from adapters.discord import Discord, snowflakes
from adapters.discord.rest import Rest
from bot.ports import Clock
from tests.drawers import MemoryDrawer
from tests.simulation.far import FarEnd, Request

ME, GUILD = "777000", "555000"
NONCE = 60.0
"""Seconds for which Discord knows a nonce."""
TEXT, FORUM = "100001", "100002"
ALL = str(~0 & ((1 << 50) - 1) & ~8)
HISTORY = 1 << 16


@dataclass
class Message:
    id: str
    place: str
    body: dict[str, Any]
    born: float
    channel: str
    removed: bool = False

    def shown(self) -> dict[str, Any]:
        return {"id": self.id, "author": {"id": ME}, "embeds": self.body["embeds"], "channel_id": self.place}


@dataclass
class DiscordModel(FarEnd):
    """The far end; `channels` are a text channel and a forum."""

    platform: str = "discord"
    channels: tuple[str, ...] = (f"discord:{TEXT}", f"discord:{FORUM}")
    messages: list[Message] = field(default_factory=list)
    readable: bool = True
    _posts: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    _all: deque[float] = field(default_factory=deque)

    def adapter(self, clock: Clock) -> Discord:
        made = Discord(_settings(), MemoryDrawer(), clock)
        made._rest = made._forums._rest = ModelRest(self, clock)
        made._ready = True
        return made

    def standing(self, channel: str) -> list[str]:
        return [text(m.body) for m in self.messages if m.channel == channel and not m.removed]

    def ever(self, channel: str) -> list[str]:
        return [str(m.body["embeds"][0]["url"]) for m in self.messages if m.channel == channel]

    def allowed(self, request: Request) -> dict[str, Any] | None:
        """None, or a 429's body; a real Discord counts before it does anything."""
        now = self.now()
        while self._all and self._all[0] <= now - 1:
            self._all.popleft()
        self._all.append(now)
        self.fastest = max(self.fastest, len(self._all))
        if request.method != "POST":
            return None
        posts = self._posts[request.path]
        while posts and posts[0] <= now - 5:
            posts.popleft()
        if len(posts) >= 5:
            return {"retry_after": posts[0] + 5 - now, "global": False, "code": 0, "message": "slow"}
        posts.append(now)
        return None

    def handle(self, request: Request) -> tuple[int, Any]:
        """Status and body."""
        parts = request.path.strip("/").split("/")
        match request.method, *parts:
            case "GET", "users", "@me":
                return 200, {"id": ME}
            case "GET", "channels", channel:
                return 200, {"id": channel, "type": 15 if channel == FORUM else 0, "guild_id": GUILD}
            case "GET", "guilds", _:
                held = ALL if self.readable else str(int(ALL) & ~HISTORY)
                return 200, {"id": GUILD, "roles": [{"id": GUILD, "permissions": held}]}
            case "GET", "guilds", _, "members", _:
                return 200, {"roles": [], "user": {"id": ME}}
            case "GET", "guilds", _, "threads", "active":
                ours = [m for m in self.messages if m.channel == f"discord:{FORUM}" and not m.removed]
                return 200, {"threads": [{"id": m.id, "parent_id": FORUM, "owner_id": ME} for m in ours]}
            case "GET", "channels", _, "threads", "archived", "public":
                return 200, {"threads": [], "has_more": False}
            case "POST", "channels", channel, "messages":
                return self._post(channel, request.json)
            case "POST", "channels", channel, "threads":
                return 200, self._make(channel, None, request.json["message"]).shown()
            case "GET", "channels", channel, "messages":
                return 200, self._history(channel, request.params)
            case method, "channels", place, "messages", number:
                return self._of(method, place, number, request.json)
        raise AssertionError(f"the model knows no {request.method} {request.path}")

    def _post(self, channel: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        if channel == FORUM:
            return 400, {"code": 50008, "message": "Cannot send messages in a non-text channel"}
        for message in self.messages:
            known = message.place == channel and message.body.get("nonce", "") == body.get("nonce")
            if known and self.now() - message.born < NONCE:
                return (
                    (404, {"code": 10008, "message": "Unknown Message"}) if message.removed else (200, message.shown())
                )
        return 200, self._make(channel, channel, body).shown()

    def _make(self, channel: str, place: str | None, body: Mapping[str, Any]) -> Message:
        moment = datetime.fromtimestamp(self.wall(), UTC)
        number = str(snowflakes.least(moment) + len(self.messages))
        message = Message(number, place or number, dict(body), self.now(), f"discord:{channel}")
        self.messages.append(message)
        return message

    def _history(self, channel: str, params: Mapping[str, str]) -> list[Any]:
        if not self.readable:
            return []
        after, limit = int(params["after"]), int(params["limit"])
        found = [m for m in self.messages if m.place == channel and int(m.id) > after and not m.removed]
        return [m.shown() for m in sorted(found, key=lambda m: int(m.id))[:limit]]

    def _of(self, method: str, place: str, number: str, body: Any) -> tuple[int, Any]:
        found = [m for m in self.messages if m.place == place and m.id == number and not m.removed]
        if not found:
            return 404, {"code": 10008, "message": "Unknown Message"}
        if method == "PATCH":
            found[0].body |= body
        if method == "DELETE":
            found[0].removed = True
            return 204, None
        return 200, found[0].shown()


@functools.cache
def _settings() -> Any:
    return Discord.Settings(_env_file=None, token="t")


def text(body: Mapping[str, Any]) -> str:
    """The title that people see; struck between tildes."""
    embed = body["embeds"][0]
    return str(embed["title"]) if "title" in embed else f"~{embed['description'].split('**')[1]}~"


class ModelRest(Rest):
    """The adapter's own REST, down to the session."""

    def __init__(self, model: DiscordModel, clock: Clock) -> None:
        super().__init__("", "t", clock)
        self._model, self._life = model, model.life

    def _open(self) -> Any:
        return self

    def request(self, method: str, path: str, *, json: Any, params: Any, allow_redirects: bool) -> Any:
        return _Exchange(self, Request(method, path, json, params or {}))


class _Exchange:
    def __init__(self, rest: ModelRest, request: Request) -> None:
        self._rest, self._request = rest, request

    async def __aenter__(self) -> _Exchange:
        model = self._rest._model
        self.status, self._body = await model.exchange(self._rest._life, self._request, 9.0)
        told = format_datetime(datetime.fromtimestamp(model.wall(), UTC), usegmt=True)
        self.headers = {"Date": told, "Via": "1.1 model"}
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def read(self) -> bytes:
        return b"" if self._body is None else encoding.dumps(self._body).encode()
