"""What rooms tell the bot, heard by a sync loop of our own, as nio's never backs off; others act on it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from adapters.matrix.answers import Unreadable
from adapters.matrix.clerk import Clerk
from adapters.matrix.connection import Connection
from adapters.matrix.rooms import CREATE, ENCRYPTION, MEMBER, POWER, TOMBSTONE, Room
from adapters.matrix.settings import Settings
from adapters.matrix.tenancy import Tenancy
from bot.errors import AdapterError, CannotLogIn, Refused, TryLater
from bot.ports import Clock, Commands, Events

log = structlog.get_logger()

_POLL = 30
_LONGEST_PAUSE = 60.0

_NOTHING = {"not_types": ["*"]}
_STATE = {
    "types": [CREATE, POWER, TOMBSTONE, ENCRYPTION],
    "lazy_load_members": True,
}  # which has the homeserver count them, too
_TIMELINE = ["m.room.message", "m.reaction", MEMBER, CREATE, POWER, TOMBSTONE, ENCRYPTION]

Event = Mapping[str, Any]


def _filter(limit: int) -> dict[str, Any]:
    timeline = {"limit": limit, "types": _TIMELINE}
    room = {"ephemeral": _NOTHING, "account_data": _NOTHING, "state": _STATE, "timeline": timeline}
    return {"presence": _NOTHING, "account_data": _NOTHING, "room": room}


class Listener:
    """Hears what is said from its start on: what was said before, or while the bot was away, is never obeyed.

    `encrypted` is told of each room that turns encryption on.
    """

    def __init__(
        self, settings: Settings, connection: Connection, clock: Clock, encrypted: Callable[[str], None]
    ) -> None:
        self._settings, self._connection, self._clock, self._encrypted = settings, connection, clock, encrypted
        self._rooms: dict[str, Room] = {}
        self.listening = False

    async def run(self, commands: Commands, events: Events) -> None:
        """Until cancelled; CannotLogIn when the homeserver refuses the credentials."""
        clerk = Clerk(self._settings, self._connection, self._clock, self._rooms, commands)
        tenancy = Tenancy(self._settings, self._connection, self._clock, self._rooms, events)
        since, failures = "", 0
        try:
            while True:
                try:
                    me = (await self._connection.me()).user_id
                    if clerk.names is None:
                        clerk.names = await self._names()
                    answer = await self._sync(since)
                    if not self.listening:
                        log.info("matrix listens", as_user=me)
                    self.listening, failures = True, 0
                except CannotLogIn:
                    raise
                except AdapterError as error:
                    self.listening, failures = False, failures + 1
                    if isinstance(error, Unreadable):
                        since = ""  # one malformed event must not end all hearing: start anew behind it
                    await self._pause(error, failures)
                    continue
                await self._take(answer, me, clerk, tenancy, first=not since)
                since = answer.next_batch
        finally:
            self.listening = False
            clerk.stop()
            tenancy.stop()

    async def _names(self) -> frozenset[str]:
        """What people call the bot."""
        try:
            profile = await self._connection.ask("reading the bot's name", lambda client: client.get_displayname())
        except Refused:  # it has none
            return frozenset()
        return frozenset(filter(None, [profile.displayname]))

    async def _sync(self, since: str) -> Any:
        """What happened since then, waited for; from "" on the state of all rooms, and nothing that was said."""

        async def call(client: Any) -> Any:
            client.next_batch = since or None
            # Synapse gives the answer to a first sync for two minutes to all that look the same: none may.
            waiting = _POLL * 1000 if since else random.randrange(1, _POLL * 1000)
            return await client.sync(waiting, _filter(50 if since else 0), set_presence="offline")

        return await self._connection.ask("listening", call, _POLL + 15)

    async def _pause(self, error: AdapterError, failures: int) -> None:
        asked = error.after or 0.0 if isinstance(error, TryLater) else 0.0
        pause = max(asked, min(2.0 ** min(failures, 10), _LONGEST_PAUSE) * random.uniform(0.5, 1))
        log.warning("matrix cannot listen", why=str(error), again_in=round(pause, 1))
        await self._clock.sleep(pause)

    async def _take(self, answer: Any, me: str, clerk: Clerk, tenancy: Tenancy, *, first: bool) -> None:
        for room, info in answer.rooms.leave.items():
            await tenancy.gone(room, _sources(info.timeline.events), me)
        fresh = list(answer.rooms.join) if first else [room for room in answer.rooms.join if room not in self._rooms]
        for room, info in answer.rooms.join.items():
            said = _sources(info.timeline.events)
            events = [*_sources(info.state), *said]
            counted = self._learn(room, events, info.summary)
            for event in said if first or room not in fresh else _after_joining(said, me):
                clerk.hear(room, event, me)
            if room not in fresh:
                kinds = {event.get("type") for event in events}
                if TOMBSTONE in kinds:
                    await tenancy.replaced(room)
                if counted or MEMBER in kinds:
                    await tenancy.emptied(room, me)
        if fresh:
            await tenancy.here(fresh, me)
        for room in () if first else fresh:
            await tenancy.greet(room)
        for room, info in answer.rooms.invite.items():
            tenancy.invited(room, _sources(info.invite_state), me)

    def _learn(self, room: str, events: Sequence[Event], summary: Any) -> bool:
        """Take in what is told of a room; whether it is told how many are there."""
        known = self._rooms.setdefault(room, Room())
        for event in events:
            known.learn(event)
            if event.get("type") == ENCRYPTION:
                self._encrypted(room)
        if summary is not None:
            known.count(summary.joined_member_count, summary.invited_member_count)
        return summary is not None and summary.joined_member_count is not None


def _sources(events: Sequence[Any]) -> list[Event]:
    return [event.source for event in events]


def _after_joining(events: Sequence[Event], me: str) -> Sequence[Event]:
    """What was said in a room once the bot was in it: what stands above its join was said to others."""
    joins = [
        place
        for place, event in enumerate(events)
        if event.get("type") == MEMBER
        and event.get("state_key") == me
        and event.get("content", {}).get("membership") == "join"
    ]
    return events[joins[-1] + 1 :] if joins else []
