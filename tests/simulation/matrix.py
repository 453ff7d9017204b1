"""A homeserver as the proof assumes it: transaction ids for a day on disk, or half an hour in memory; limits first.

Under it stands the adapter as it is: only nio's client is a model.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import nio  # type: ignore[import-untyped]
from pydantic import SecretStr

from adapters.matrix import Matrix
from adapters.matrix.adapter import MARK
from adapters.matrix.connection import Connection, Login
from bot.ports import Clock
from tests.drawers import MemoryDrawer
from tests.simulation.far import FarEnd, Request

ME, DEVICE = "@pullquote:model", "DEVICE"
DAY, HALF_AN_HOUR = 86_400.0, 1_800.0


@dataclass
class Event:
    id: str
    room: str
    content: dict[str, Any]
    born: float
    wall: float
    txn: str
    redacted: bool = False
    shown: dict[str, Any] = field(default_factory=dict)

    def source(self, *, tells_ids: bool) -> dict[str, Any]:
        unsigned: dict[str, Any] = {"transaction_id": self.txn} if tells_ids else {}
        if self.redacted:
            unsigned["redacted_because"] = {}
        content = {} if self.redacted else self.content
        return {"event_id": self.id, "content": content, "unsigned": unsigned, "origin_server_ts": self.wall * 1000}


@dataclass
class MatrixModel(FarEnd):
    """The far end: Synapse for a bot with a device or, `in_memory`, any other; `channels` are two rooms."""

    platform: str = "matrix"
    channels: tuple[str, ...] = ("matrix:!one", "matrix:!two")
    in_memory: bool = False
    events: list[Event] = field(default_factory=list)
    _known: dict[tuple[str, str], tuple[float, Event]] = field(default_factory=dict)

    def adapter(self, clock: Clock) -> Matrix:
        settings = _settings()
        return Matrix(settings, ModelConnection(self, settings), MemoryDrawer(), clock)

    def restart(self) -> None:
        if self.in_memory:
            self._known.clear()

    def standing(self, channel: str) -> list[str]:
        return [text(e.shown) for e in self._cards(channel) if not e.redacted]

    def ever(self, channel: str) -> list[str]:
        return [str(e.content["body"]).split("https://")[1].split()[0] for e in self._cards(channel)]

    def _cards(self, channel: str) -> list[Event]:
        room = channel.partition(":")[2]
        return [e for e in self.events if e.room == room and "m.relates_to" not in e.content]

    def handle(self, request: Request) -> tuple[int, Any]:
        """Status and what nio would make of the answer."""
        kind, room, *rest = request.path.split(" ")
        match kind:
            case "state":
                return 404, {"errcode": "M_NOT_FOUND", "error": "no such event"}
            case "event":
                [event] = [e for e in self.events if e.id == rest[0]]
                return 200, {"event": SimpleNamespace(source=event.source(tells_ids=not self.in_memory))}
            case "messages":
                newest = [e for e in reversed(self.events) if e.room == room]
                chunk = [SimpleNamespace(source=e.source(tells_ids=not self.in_memory)) for e in newest]
                return 200, {"chunk": chunk, "end": None}
            case "redact":
                for event in self.events:
                    event.redacted |= event.id == rest[0]
                return 200, {}
        return 200, {"event_id": self._send(room, rest[0], request.json).id}

    def _send(self, room: str, txn: str, content: Mapping[str, Any]) -> Event:
        kept = HALF_AN_HOUR if self.in_memory else DAY
        if (found := self._known.get((room, txn))) and self.now() - found[0] < kept:
            return found[1]
        event = Event(f"${len(self.events)}", room, dict(content), self.now(), self.wall(), txn)
        event.shown = event.content
        self.events.append(event)
        self._known[room, txn] = (self.now(), event)
        if relation := content.get("m.relates_to"):
            [original] = [e for e in self.events if e.id == relation["event_id"]]
            original.shown = content["m.new_content"]
        return event


@functools.cache
def _settings() -> Any:
    return Matrix.Settings(_env_file=None, homeserver="http://model", access_token=SecretStr("t"))  # type: ignore[call-arg]


def text(content: Mapping[str, Any]) -> str:
    """The title that people see; struck between tildes."""
    title = str(content["body"]).split("\n", maxsplit=1)[0]
    return f"~{title}~" if "<del>" in content["formatted_body"] else title


class ModelConnection(Connection):
    """The adapter's own connection, down to nio's client, logged in."""

    def __init__(self, model: MatrixModel, settings: Any) -> None:
        super().__init__(settings, MemoryDrawer())
        self.login = Login("http://model", ME, DEVICE, "t")
        self.keeps_ids = not model.in_memory
        self._model, self._life = model, model.life

    def _open(self) -> Any:
        return self

    async def _exchange_with(self, request: Request) -> Any:
        status, told = await self._model.exchange(self._life, request, 15.0)
        transport = SimpleNamespace(status=status, headers={})
        if status == 200:
            return SimpleNamespace(transport_response=transport, **told)
        after = int(told.get("retry_after", 1) * 1000)
        code = "M_LIMIT_EXCEEDED" if status == 429 else told.get("errcode", "M_UNKNOWN")
        error = nio.ErrorResponse("", code, after)
        error.transport_response = transport
        return error

    async def room_send(self, room: str, kind: str, content: Mapping[str, Any], tx_id: str) -> Any:
        return await self._exchange_with(Request("PUT", f"send {room} {tx_id}", content))

    async def room_redact(self, room: str, event: str, reason: str, tx_id: str) -> Any:
        return await self._exchange_with(Request("PUT", f"redact {room} {event}"))

    async def room_get_event(self, room: str, event: str) -> Any:
        return await self._exchange_with(Request("GET", f"event {room} {event}"))

    async def room_get_state_event(self, room: str, kind: str) -> Any:
        return await self._exchange_with(Request("GET", f"state {room}"))

    async def room_messages(self, room: str, start: Any, limit: int, message_filter: Any) -> Any:
        return await self._exchange_with(Request("GET", f"messages {room}"))


__all__ = ["MARK", "MatrixModel"]
