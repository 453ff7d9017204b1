"""The rooms that the bot is in: how it comes into them, follows where they move, and leaves what is empty."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import nio  # type: ignore[import-untyped]
import structlog

from adapters.matrix.connection import Connection
from adapters.matrix.reply import notice
from adapters.matrix.rooms import MEMBER, Event, Room
from adapters.matrix.settings import Settings
from bot.errors import AdapterError, PullquoteError, TryLater
from bot.model import Channel
from bot.ports import Clock, Events
from bot.text import line
from bot.words import _

log = structlog.get_logger()

_JOINS, _MINUTE = 6, 60.0
"""Rooms joined in any minute; more wait for their turn."""

_WAITING = 100
"""Rooms that may wait to be joined; more are looked at again at the next start."""


_LONGEST_WAIT = 600.0
"""Seconds to wait at most before the next try to join, whatever the homeserver asks."""


class Pace:
    """Lets `most` pass in any `seconds`; who comes too soon waits."""

    def __init__(self, clock: Clock, most: int, seconds: float) -> None:
        self._clock, self._seconds = clock, seconds
        self._passed: deque[float] = deque(maxlen=most)
        self._gate = asyncio.Lock()

    async def turn(self) -> None:
        """Return when it is one's turn."""
        async with self._gate:
            if len(self._passed) == self._passed.maxlen:
                await self._clock.sleep(max(self._passed[0] + self._seconds - self._clock.monotonic(), 0))
            self._passed.append(self._clock.monotonic())


class Tenancy:
    """`rooms` is what the listener knows of the rooms that the bot is in; `events` is told what becomes of them."""

    def __init__(
        self, settings: Settings, connection: Connection, clock: Clock, rooms: dict[str, Room], events: Events
    ) -> None:
        self._settings, self._connection, self._clock = settings, connection, clock
        self._rooms, self._events = rooms, events
        self._pace = Pace(clock, _JOINS, _MINUTE)
        self._joining: dict[str, asyncio.Task[None]] = {}
        self._followed: set[str] = set()
        self._uninvited: set[str] = set()

    def stop(self) -> None:
        """Break off what is under way."""
        for task in self._joining.values():
            task.cancel()

    async def here(self, rooms: Sequence[str], me: str) -> None:
        """The bot is in these rooms, newly so or since before it listened."""
        await self._tell(self._events.back, [_channel(room) for room in rooms])
        for room in rooms:
            await self._arrived(room)
        for room in [room for room in rooms if room in self._rooms]:
            self._follow(room)
            await self.emptied(room, me)

    async def greet(self, room: str) -> None:
        """Say, where nothing can be shown or heard, why the bot is silent; elsewhere nobody has asked for words."""
        known = self._rooms.get(room)
        if known is None or not known.encrypted:
            return
        told = notice(
            _("{room} is encrypted, which Pullquote cannot do yet: use a room without encryption.").format(room=room)
        )
        key = hashlib.blake2b(f"greeting {room}".encode(), digest_size=15).hexdigest()
        try:
            await self._connection.ask(
                f"greeting {room}", lambda client: client.room_send(room, "m.room.message", told, tx_id=key)
            )
        except AdapterError as error:
            log.warning("matrix cannot greet", room=room, why=str(error))

    async def gone(self, room: str, said: Sequence[Event], me: str) -> None:
        """The bot is in the room no more; the last word on its membership says why."""
        if self._rooms.pop(room, None) is None:
            return
        mine = [event for event in said if event.get("type") == MEMBER and event.get("state_key") == me]
        await self._lost(room, _farewell(mine[-1] if mine else {}, me))

    async def replaced(self, room: str) -> None:
        """The room has said which one takes its place."""
        successor = self._rooms[room].successor
        if successor in self._rooms:
            await self._arrived(successor)
        else:
            self._follow(room)

    async def emptied(self, room: str, me: str) -> None:
        """Leave a room in which nobody else is or is to come; not one that the bot made, nor one that it waits in."""
        known = self._rooms[room]
        waits = known.successor and known.successor not in self._rooms
        if (known.joined or 1) > 1 or known.invited or waits or known.powers.founder == me:
            return
        try:
            if known.joined is None and await self._connection.people(room) > 1:
                return
        except AdapterError as error:
            log.warning("matrix cannot count", room=room, why=str(error))
            return
        await self._leave(room, _("everybody else has left the room"))

    def invited(self, room: str, state: Sequence[Event], me: str) -> None:
        """Join where the operator listed who invites, or where a room that the bot is in says that it moved."""
        inviters = [
            str(event.get("sender")) for event in state if event.get("type") == MEMBER and event.get("state_key") == me
        ]
        welcome = self._settings.welcome
        awaited = any(known.successor == room for known in self._rooms.values())
        known = [inviter in welcome or inviter.partition(":")[2] in welcome for inviter in inviters]
        if awaited or (known and all(known)):  # of what comes with an invitation anything may be made up
            log.info("matrix invited", room=room, invited_by=inviters)
            self._join(room)
        elif room not in self._uninvited and len(self._uninvited) < 1000:
            self._uninvited.add(room)
            mend = "list the inviter or their server in PULLQUOTE_MATRIX_ALLOW_INVITES and invite again"
            log.warning("matrix invitation not accepted", room=room, invited_by=inviters, mend=mend)

    def _follow(self, room: str) -> None:
        """Go to the room that takes this one's place, if one does; where that fails an invitation is waited for."""
        known = self._rooms[room]
        if known.successor and known.successor not in self._rooms:
            self._followed.add(known.successor)
            self._join(known.successor, known.via)

    async def _arrived(self, room: str) -> None:
        """Tell of each room that this one replaces.

        Both must say so, else who rules the one room could have its cards shown in any other, or the other way round.
        """
        olds = [old for old, known in self._rooms.items() if known.successor == room]
        for old in olds:
            if self._rooms[room].predecessor == old:
                log.info("matrix room moved", old=old, new=room)
                await self._tell(self._events.moved, _channel(old), _channel(room))
            else:
                log.warning("matrix room claims a successor that does not know it", old=old, new=room)
                if room in self._followed:
                    await self._leave(room, _("it does not replace the room that says so"))

    async def _leave(self, room: str, why: str) -> None:
        try:
            await self._connection.ask(f"leaving {room}", lambda client: client.room_leave(room))
        except AdapterError as error:
            log.warning("matrix cannot leave", room=room, why=str(error))
            return
        self._rooms.pop(room, None)
        await self._lost(room, why)

    def _join(self, room: str, via: str = "") -> None:
        under_way = self._joining.get(room)
        if under_way is not None:
            under_way.add_done_callback(lambda task: None if task.cancelled() else self._again(room, via))
        elif len(self._joining) < _WAITING:
            task = asyncio.create_task(self._try_to_join(room, via))
            self._joining[room] = task
            task.add_done_callback(lambda _task: self._joining.pop(room, None))

    def _again(self, room: str, via: str) -> None:
        """Join after all: an invitation came while the join before it was refused."""
        if room not in self._rooms:
            self._join(room, via)

    async def _try_to_join(self, room: str, via: str) -> None:
        for tries in range(3):
            await self._pace.turn()
            try:
                await self._connection.ask(f"joining {room}", _joining(room, via))
            except TryLater as error:
                await self._clock.sleep(min(error.after or 2.0**tries, _LONGEST_WAIT))
            except AdapterError as error:
                log.warning("matrix cannot join", room=room, why=str(error))
                return
            else:
                log.info("matrix joined", room=room)
                return

    async def _lost(self, room: str, why: str) -> None:
        log.info("matrix room lost", room=room, why=why)
        await self._tell(self._events.lost, [_channel(room)], why)

    async def _tell(self, tell: Callable[..., Awaitable[None]], *what: Any) -> None:
        """Tell it, three times where it is not understood: a database may be busy. The next start tells it again."""
        for tries in range(3):
            try:
                return await tell(*what)
            except PullquoteError as error:
                log.warning("matrix was not heard", why=str(error))
            except Exception:  # what the core makes of it must not end the listening; the log has the whole story
                log.exception("matrix was not heard")
            await self._clock.sleep(2.0**tries)
        return None


def _joining(room: str, via: str) -> Callable[[Any], Awaitable[Any]]:
    """The request to join; a room's id does not say any more which server knows it."""

    async def call(client: Any) -> Any:
        if not via:
            return await client.join(room)
        path = nio.Api._build_path(["join", room], {"via": via})
        return await client._send(nio.JoinResponse, "POST", path)  # nio.AsyncClient.join knows no `via`

    return call


def _farewell(last: Event, me: str) -> str:
    """Why the bot is not in the room any more, by its last membership event there."""
    content, sender = last.get("content", {}), str(last.get("sender", me))
    if sender == me:
        return _("the bot has left the room")
    banned = content.get("membership") == "ban"
    said = _("{user} banned the bot from the room") if banned else _("{user} removed the bot from the room")
    reason = line(str(content.get("reason") or ""))[:200]
    return said.format(user=sender) + (f": {reason}" if reason else "")


def _channel(room: str) -> Channel:
    return Channel("matrix", room)
