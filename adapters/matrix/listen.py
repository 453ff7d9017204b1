"""What people say to the bot: commands in rooms, and invitations. A sync loop of our own, as nio's never backs off."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import random
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from adapters.matrix.answers import Unreadable
from adapters.matrix.card import notice
from adapters.matrix.connection import Connection, Login
from adapters.matrix.rooms import CREATE, ENCRYPTION, MANAGE, POWER, Powers
from adapters.matrix.settings import Settings
from adapters.matrix.words import Asked, help_text, parse
from bot.errors import AdapterError, CannotLogIn, PullquoteError, TryLater
from bot.model import Channel
from bot.ports import Clock, Commands

log = structlog.get_logger()

_POLL = 30
_LONGEST_PAUSE = 60.0
_STALE = 600_000
"""Age in milliseconds from which a command is not obeyed any more: it came late, its sender has moved on."""

_AT_ONCE = 16
"""Commands under way; a flood beyond them is not answered."""

_NOTHING = {"not_types": ["*"]}
_STATE = {"types": [CREATE, POWER]}
_TIMELINE = ["m.room.message", "m.room.member", CREATE, POWER, ENCRYPTION]

Event = Mapping[str, Any]


def _filter(limit: int) -> dict[str, Any]:
    timeline = {"limit": limit, "types": _TIMELINE, "lazy_load_members": True}
    room = {"ephemeral": _NOTHING, "account_data": _NOTHING, "state": _STATE, "timeline": timeline}
    return {"presence": _NOTHING, "account_data": _NOTHING, "room": room}


class Listener:
    """Hears what is said from its start on. `encrypted` is told of each room that turns encryption on."""

    def __init__(
        self, settings: Settings, connection: Connection, clock: Clock, encrypted: Callable[[str], None]
    ) -> None:
        self._settings, self._connection, self._clock, self._encrypted = settings, connection, clock, encrypted
        self._powers: dict[str, Powers] = {}
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._uninvited: set[str] = set()
        self._acting: set[asyncio.Task[None]] = set()
        self.listening = False

    async def run(self, commands: Commands) -> None:
        """Until cancelled; CannotLogIn when the homeserver refuses the credentials."""
        since, failures = "", 0
        try:
            while True:
                try:
                    me = await self._connection.me()
                    answer = await self._sync(since)
                    self.listening, failures = True, 0
                except CannotLogIn:
                    raise
                except AdapterError as error:
                    self.listening, failures = False, failures + 1
                    if isinstance(error, Unreadable):
                        since = ""  # one malformed event must not end all hearing: start anew behind it
                    await self._pause(error, failures)
                    continue
                await self._take(answer, me, commands, first=not since)
                since = answer.next_batch
        finally:
            self.listening = False
            for task in self._acting:
                task.cancel()

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

    async def _take(self, answer: Any, me: Login, commands: Commands, *, first: bool) -> None:
        for room, info in answer.rooms.invite.items():
            await self._invited(room, [event.source for event in info.invite_state], me)
        for room in answer.rooms.leave:
            self._powers.pop(room, None)
        for room, info in answer.rooms.join.items():
            said: Sequence[Event] = [event.source for event in info.timeline.events]
            if not first and room not in self._powers:
                said = _after_joining(said, me.user_id)
            self._powers[room] = self._powers.get(room, Powers()).after(event.source for event in info.state)
            for event in said:
                self._powers[room] = self._powers[room].after([event])
                self._hear(room, event, me, commands)

    def _hear(self, room: str, event: Event, me: Login, commands: Commands) -> None:
        if event.get("type") == ENCRYPTION:
            self._encrypted(room)
        name = str(event.get("event_id"))
        asked = parse(event, self._settings.command_prefix)
        if asked is None or event.get("sender") == me.user_id or name in self._heard:
            return
        self._heard[name] = None
        if len(self._heard) > 1000:
            self._heard.popitem(last=False)
        if event.get("unsigned", {}).get("age", 0) < _STALE and len(self._acting) < _AT_ONCE:
            task = asyncio.create_task(self._act(room, event, asked, commands))
            self._acting.add(task)
            task.add_done_callback(self._acting.discard)

    async def _act(self, room: str, event: Event, asked: Asked, commands: Commands) -> None:
        try:
            text = await self._obey(room, str(event["sender"]), asked, commands)
        except PullquoteError as error:
            text = str(error)
        except Exception:  # one command that breaks must not end the listening; the log has the whole story
            log.exception("matrix command failed", command=asked.name, room=room)
            text = "That went wrong, unexpectedly; the bot's log says more."
        await self._answer(room, event, text)

    async def _obey(self, room: str, sender: str, asked: Asked, commands: Commands) -> str:
        command = commands.get(asked.name)
        if command is None:
            return help_text(commands, self._settings.command_prefix, asked.name)
        arguments = asked.arguments(command, self._settings.command_prefix)
        named = [option.name for option in command.options if option.kind == "channel"]
        places = [arguments[name] for name in named if name in arguments]
        for place in (room, *(place.removeprefix("matrix:") for place in places)):
            powers = self._powers.get(place)
            if command.manage and (powers is None or powers.of_user(sender) < MANAGE):
                return f"{asked.name} is for those who manage {place}: it needs a power level of {MANAGE} there."
        return await command.run(Channel("matrix", room), arguments)

    async def _answer(self, room: str, event: Event, text: str) -> None:
        content = notice(text) | {"m.relates_to": _relation(event)}
        key = base64.b32encode(hashlib.blake2b(str(event["event_id"]).encode(), digest_size=15).digest()).decode()
        for tries in range(3):
            try:
                await self._connection.ask(
                    f"answering in {room}",
                    lambda client: client.room_send(room, "m.room.message", content, tx_id=key.lower()),
                )
            except TryLater as error:
                await self._clock.sleep(error.after or 2.0**tries)
            except AdapterError as error:
                log.warning("matrix cannot answer", room=room, why=str(error))
                return
            else:
                return

    async def _invited(self, room: str, state: Sequence[Event], me: Login) -> None:
        """Join where an invitation comes from someone that the operator listed."""
        inviters = [
            str(event.get("sender"))
            for event in state
            if event.get("type") == "m.room.member" and event.get("state_key") == me.user_id
        ]
        welcome = self._settings.welcome
        if any(inviter in welcome or inviter.partition(":")[2] in welcome for inviter in inviters):
            try:
                await self._connection.ask(f"joining {room}", lambda client: client.join(room))
                log.info("matrix joined", room=room, invited_by=inviters)
            except AdapterError as error:
                log.warning("matrix cannot join", room=room, why=str(error))
        elif room not in self._uninvited and len(self._uninvited) < 1000:
            self._uninvited.add(room)
            mend = "list the inviter or their server in PULLQUOTE_MATRIX_ALLOW_INVITES and invite again"
            log.warning("matrix invitation not accepted", room=room, invited_by=inviters, mend=mend)


def _after_joining(events: Sequence[Event], me: str) -> Sequence[Event]:
    """What was said in a room once the bot was in it: what stands above its join was said to others."""
    joins = [
        place
        for place, event in enumerate(events)
        if event.get("type") == "m.room.member"
        and event.get("state_key") == me
        and event.get("content", {}).get("membership") == "join"
    ]
    return events[joins[-1] + 1 :] if joins else []


def _relation(event: Event) -> dict[str, Any]:
    """A reply to the event, in its thread where it stands in one."""
    reply = {"m.in_reply_to": {"event_id": event["event_id"]}}
    relation = event.get("content", {}).get("m.relates_to", {})
    if relation.get("rel_type") == "m.thread" and isinstance(relation.get("event_id"), str):
        return {"rel_type": "m.thread", "event_id": relation["event_id"], "is_falling_back": True, **reply}
    return reply
