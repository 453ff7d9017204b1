"""Discord's gateway: hello, identify, heartbeats, events with sequence numbers, resume with replay, and its ends."""

from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.farends.discord.basics import THREADS, Json
from tests.farends.discord.people import People
from tests.farends.discord.world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass
class Session:
    """One identified connection and all it was told, so that a resume can replay it."""

    id: str
    socket: web.WebSocketResponse | None
    told: list[Json] = field(default_factory=list)


class Gateway:
    """The websocket side; `url` is set once the server listens."""

    url = ""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sessions: dict[str, Session] = {}
        self.identifies: list[Json] = []
        self.resumes = 0
        self.heartbeats = 0
        self.heartbeat_interval = 41_250
        self.turn_away = 0
        """So many of the next connections are refused."""
        self.close_with = 0
        """The close code given to the next IDENTIFY, once."""
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        self.people = People(world, self.member, self.push)

    # ------------------------------------------------------------------ the connection

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self.turn_away > 0:
            self.turn_away -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json(
            {"op": HELLO, "d": {"heartbeat_interval": self.heartbeat_interval}, "s": None, "t": None}
        )
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._hear(socket, json.loads(message.data))
        return socket

    async def _hear(self, socket: web.WebSocketResponse, frame: Json) -> None:
        match frame["op"]:
            case 1:
                self.heartbeats += 1
                await socket.send_json({"op": ACK})
            case 2:
                await self._identify(socket, frame["d"])
            case 6:
                await self._resume(socket, frame["d"])
        async with self._changed:
            self._changed.notify_all()

    async def _identify(self, socket: web.WebSocketResponse, hello: Json) -> None:
        self.identifies.append({key: value for key, value in hello.items() if key != "token"})
        code = 4004 if hello["token"] != self.world.token else self.close_with
        self.close_with = 0
        if code:
            await socket.close(code=code)
            return
        session = Session(f"session-{next(self._numbers)}", socket)
        self.sessions[session.id] = session
        await self._dispatch(session, "READY", self._ready(session, hello.get("shard", [0, 1])))
        if self.world.in_guild:
            await self._dispatch(session, "GUILD_CREATE", {**self.guild(full=True), "unavailable": False})

    async def _resume(self, socket: web.WebSocketResponse, wish: Json) -> None:
        session = self.sessions.get(wish["session_id"])
        if session is None or wish["token"] != self.world.token:
            await socket.send_json({"op": INVALID, "d": False})
            return
        self.resumes += 1
        session.socket = socket
        for frame in session.told[wish["seq"] :]:
            await socket.send_json(frame)
        await self._dispatch(session, "RESUMED", {})

    async def _dispatch(self, session: Session, name: str, data: Json) -> None:
        frame = {"op": DISPATCH, "t": name, "s": len(session.told) + 1, "d": data}
        session.told.append(frame)
        if session.socket is not None and not session.socket.closed:
            await session.socket.send_json(frame)

    # ------------------------------------------------------------------ what tests make happen

    async def push(self, name: str, data: Json) -> None:
        """An event for every session; those cut off hear it when they resume."""
        for session in self.sessions.values():
            await self._dispatch(session, name, data)

    async def drop(self) -> None:
        """Every connection breaks without a word."""
        for session in self.sessions.values():
            if session.socket is not None and session.socket._req is not None:
                transport = session.socket._req.transport
                if transport is not None:
                    transport.abort()
            session.socket = None

    async def ask_reconnect(self) -> None:
        """Op 7."""
        await self._send_all({"op": RECONNECT, "d": None})

    async def invalidate(self, *, resumable: bool) -> None:
        """Op 9."""
        sockets = [session.socket for session in self.sessions.values()]
        if not resumable:
            self.sessions.clear()
        for socket in sockets:
            if socket is not None and not socket.closed:
                await socket.send_json({"op": INVALID, "d": resumable})

    async def close(self, code: int) -> None:
        """A close code for everyone."""
        for session in self.sessions.values():
            if session.socket is not None:
                await session.socket.close(code=code)

    async def create_channel(self, name: str = "new", kind: int = 0, parent: str | None = None) -> str:
        """A channel or thread that the bot sees from its beginning."""
        ident = self.world.add_channel(name, kind, parent=parent)
        await self.push("THREAD_CREATE" if kind in THREADS else "CHANNEL_CREATE", self.world.channels[ident])
        return ident

    async def delete_channel(self, channel_id: str) -> None:
        """A channel with its threads, or a thread."""
        channel = self.world.remove_channel(channel_id)
        await self.push("THREAD_DELETE" if channel["type"] in THREADS else "CHANNEL_DELETE", channel)

    async def leave_guild(self) -> None:
        """The bot is kicked."""
        self.world.in_guild = False
        await self.push("GUILD_DELETE", {"id": self.world.guild_id})

    async def join_guild(self) -> None:
        """The bot is invited."""
        self.world.in_guild = True
        await self.push("GUILD_CREATE", self.guild(full=True))

    async def outage(self) -> None:
        """The server cannot be reached for a while."""
        await self.push("GUILD_DELETE", {"id": self.world.guild_id, "unavailable": True})

    async def recovery(self) -> None:
        """The outage is over."""
        await self.push("GUILD_CREATE", {**self.guild(full=True), "unavailable": False})

    async def until(self, condition: Any, timeout: float = 5.0) -> None:
        """Waits until something that frames change has become true."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(condition)

    async def _send_all(self, frame: Json) -> None:
        for session in self.sessions.values():
            if session.socket is not None and not session.socket.closed:
                await session.socket.send_json(frame)

    # ------------------------------------------------------------------ objects

    def _ready(self, session: Session, shard: list[int]) -> Json:
        return {
            "v": 10,
            "user": {**self.world.user, "mfa_enabled": False, "verified": True, "email": None, "flags": 0},
            "guilds": [{"id": self.world.guild_id, "unavailable": True}] if self.world.in_guild else [],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "application": {"id": self.world.application_id, "flags": 0},
            "private_channels": [],
            "shard": shard,
        }

    def guild(self, *, full: bool = False) -> Json:
        """The guild as REST shows it, or as GUILD_CREATE does."""
        world = self.world
        role = {"color": 0, "hoist": False, "managed": False, "mentionable": False, "position": 0, "flags": 0}
        guild: Json = {
            "id": world.guild_id,
            "name": "The newsroom",
            "owner_id": "1000000000000000009",
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "preferred_locale": "en-US",
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "vanity_url_code": None,
            "premium_progress_bar_enabled": False,
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [
                {**role, "id": world.guild_id, "name": "@everyone", "permissions": str(world.role_permissions)},
                {**role, "id": world.role_id, "name": "Pullquote", "permissions": "0", "position": 1},
            ],
        }
        if full:
            guild |= {
                "joined_at": "2026-01-01T00:00:00+00:00",
                "large": False,
                "member_count": 2,
                "members": [self.member()],
                "channels": [one for one in world.channels.values() if one["type"] not in {1, 3, *THREADS}],
                "threads": [one for one in world.channels.values() if one["type"] in THREADS],
                "presences": [],
                "voice_states": [],
                "stage_instances": [],
                "guild_scheduled_events": [],
                "soundboard_sounds": [],
            }
        return guild

    def member(self) -> Json:
        return {
            "user": self.world.user,
            "roles": [self.world.role_id],
            "nick": None,
            "avatar": None,
            "joined_at": "2026-01-01T00:00:00+00:00",
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }
