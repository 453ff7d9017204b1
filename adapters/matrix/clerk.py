"""Obeys what people ask in rooms: a command, or a page turned by a reaction or a word. One answer to each.

A page is a new notice in the thread, not a replacement of the last one: everybody keeps what they were reading, and
nobody has to take a reaction back before they can react again. The bot puts no reactions there itself, for each
would cost what a message costs, and homeservers allow few of them.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from adapters.matrix import reply as replies
from adapters.matrix.card import EVERYBODY, said
from adapters.matrix.connection import Connection
from adapters.matrix.rooms import MEMBER, Event, Room
from adapters.matrix.settings import Settings
from adapters.matrix.words import How, Line, Reaction, Words, heard, near, reacted, relates, unknown, written
from bot.errors import AdapterError, PullquoteError, TryLater, UsageError
from bot.model import Channel
from bot.ports import Asked, Clock, Command, Commands, Reply
from bot.words import LANGUAGES, _, speaking

log = structlog.get_logger()

_STALE = 600.0
"""Age in seconds from which a command is not obeyed any more: it came late, its sender has moved on."""

_SKEW = 2.0
"""Seconds by which another homeserver's clock may be behind, for all that is taken of it."""

_LONGEST_WAIT = 60.0
"""Seconds that an answer waits at most when the homeserver asks for patience."""

_AT_ONCE = 16
"""Commands under way; a flood beyond them is not answered."""

_AT_ONCE_EACH = 3
"""Commands under way of one sender: nobody can keep the bot from all others alone."""

_MOST_PUZZLES, _PUZZLED = 5, 3600.0
"""Lines that nobody understands are answered so often in a room within so many seconds, and anew after a command."""

_SLIP = 0.75
"""How like a command a word is that is one with a slip, rather than a greeting ("hello" is too like "help")."""

_LOOK_BACK = 100
"""Events of the bot among which its last answer in a thread is looked for."""

Content = dict[str, Any]


class Clerk:
    """`rooms` is what the listener knows of them; `names` is what people may call the bot."""

    def __init__(
        self,
        settings: Settings,
        connection: Connection,
        clock: Clock,
        rooms: Mapping[str, Room],
        commands: Commands,
    ) -> None:
        self._settings, self._connection, self._clock = settings, connection, clock
        self._rooms, self._commands = rooms, commands
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._greeted: set[str] = set()
        self._puzzles: dict[str, list[float]] = {}
        self._languages: dict[str, str] = {}
        self._acting: dict[asyncio.Task[None], str] = {}
        self._began = clock.monotonic()
        self.names: frozenset[str] | None = None

    def hear(self, room: str, event: Event, me: str) -> None:
        """Act on the event, once, where it asks something of the bot."""
        name = str(event.get("event_id"))
        if event.get("sender") == me or name in self._heard:
            return
        wish = reacted(event) or heard(event, self._settings.command_prefix, me, self.names or ())
        if wish is None or not self._concerns(room, wish):
            return
        self._heard[name] = None
        if len(self._heard) > 1000:
            self._heard.popitem(last=False)
        if self._is_fresh(event) and len(self._acting) < _AT_ONCE:
            self._begin(room, event, wish, me)

    def _begin(self, room: str, event: Event, wish: Line | Reaction, me: str) -> None:
        """Act, unless the sender has enough under way; then say so, to one of their messages at a time."""
        sender = str(event.get("sender"))
        busy = list(self._acting.values()).count(sender)
        if busy < _AT_ONCE_EACH:
            task = asyncio.create_task(self._act(room, event, wish, me))
        elif busy == _AT_ONCE_EACH and isinstance(wish, Line) and wish.how is How.ADDRESSED:
            task = asyncio.create_task(self._ask_patience(room, event))
        else:
            return
        self._acting[task] = sender
        task.add_done_callback(self._acting.pop)

    def _is_fresh(self, event: Event) -> bool:
        """Whether it was said since the bot began, and lately: another homeserver may have handed it on late."""
        age = event.get("unsigned", {}).get("age", 0) / 1000
        return bool(age < min(_STALE, self._clock.monotonic() - self._began + _SKEW))

    def stop(self) -> None:
        """Break off what is under way."""
        for task in self._acting:
            task.cancel()

    def _concerns(self, room: str, wish: Line | Reaction) -> bool:
        """Whether it may be meant for the bot, as far as can be told without asking anybody."""
        if isinstance(wish, Reaction):
            return bool(replies.turn(wish.sign))
        if wish.how is How.MENTIONED:
            return Words.of(wish.text).command(self._commands) is not None
        known = self._rooms.get(room, Room())
        return wish.how is How.ADDRESSED or bool(replies.turn(wish.text)) or known.joined in {None, 2}

    async def _ask_patience(self, room: str, event: Event) -> None:
        """Say that what the sender asked before goes first."""
        with speaking(self._languages.get(room, LANGUAGES[0])):
            content = replies.notice(_("Your last commands are still under way: please say this again in a moment."))
        await self._answer(room, event, content | {"m.relates_to": _relation(event)})

    async def _act(self, room: str, event: Event, wish: Line | Reaction, me: str) -> None:
        place = event
        if isinstance(wish, Reaction) and not (place := await self._mine(room, wish.event_id, me)):
            return
        with speaking(self._languages.get(room, LANGUAGES[0])):
            content = await self._obey(room, str(event["sender"]), wish, place, me)
        if content:
            await self._answer(room, event, content | {"m.relates_to": _relation(place)})

    async def _obey(self, room: str, sender: str, wish: Line | Reaction, place: Event, me: str) -> Content:
        """What to answer, there; {} where nothing was asked."""
        try:
            if isinstance(wish, Reaction):
                return await self._press(room, sender, place, wish.sign)
            return await self._reply(room, sender, wish, place, me)
        except PullquoteError as error:
            return replies.notice(said(str(error)))
        except Exception:  # one command that breaks must not end the listening; the log has the whole story
            log.exception("matrix command failed", wish=wish, room=room)
            return replies.notice(_("That went wrong, unexpectedly; the bot's log says more."))

    async def _reply(self, room: str, sender: str, line: Line, event: Event, me: str) -> Content:
        """What to answer to a message; {} where it was not meant for the bot."""
        words, prefix = Words.of(line.text), self._settings.command_prefix
        command = words.command(self._commands)
        direct = line.how is How.OVERHEARD and await self._direct(room)
        if command is not None and (direct or line.how is not How.OVERHEARD):
            self._puzzles.pop(room, None)
            return await self._run(room, sender, command, words.arguments(command, prefix))
        if replies.turn(line.text):
            turned = await self._press(room, sender, await self._last(room, event, me, direct=direct), line.text)
            if turned or not direct:
                return turned
        if line.how is How.ADDRESSED:
            return replies.notice(said(unknown(words.name, self._commands, prefix)))
        return self._puzzled(room, words.name) if direct else {}

    def _puzzled(self, room: str, name: str) -> Content:
        """To a line that it does not understand in a room where all is for it: what it is for; from then on, that.

        A few times an hour, until a command comes: the other may be a bot that answers each answer.
        """
        now = self._clock.monotonic()
        lately = [at for at in self._puzzles.get(room, ()) if now - at < _PUZZLED]
        if len(lately) >= _MOST_PUZZLES:
            return {}
        self._puzzles[room] = [*lately, now]
        if room in self._greeted or near(name, self._commands, _SLIP):
            return replies.notice(said(unknown(name, self._commands, self._settings.command_prefix)))
        self._greeted.add(room)
        return replies.notice(
            _(
                "I show new posts of WordPress publications. Say “help” for all that you can ask here, "
                "or begin with: subscribe https://a-publication.example"
            )
        )

    async def _press(self, room: str, sender: str, answer: Event, sign: str) -> Content:
        """What the button of an answer of ours gives; {} where it has no such button."""
        name, arguments = replies.offered(answer.get("content", {})).get(replies.turn(sign), ("", {}))
        command = self._commands.get(name)
        return await self._run(room, sender, command, arguments) if command else {}

    async def _run(self, room: str, sender: str, command: Command, arguments: Mapping[str, str]) -> Content:
        places = {option.name for option in command.options if option.kind == "channel"} & arguments.keys()
        arguments = {**arguments, **{name: await self._place(arguments[name]) for name in places}}
        rooms = [f"matrix:{room}", *(arguments[name] for name in places)]
        absent = [place for place in rooms[1:] if place != rooms[0] and not await self._is_in(sender, place)]
        roles = {arguments.get(option.name, "").strip() for option in command.options if option.kind == "role"}
        if EVERYBODY in roles and (barred := [place for place in rooms if not self._may_call(sender, place)]):
            said = _("Only who may notify everybody in the room can have its cards do so.")
            level = self._room(barred[0]).powers.to_call()
            raise UsageError(f"{said} {self._needs(room, sender, level, barred)}")
        lacking = [place for place in rooms if place in absent or not self._manages(sender, place)]
        needs = partial(self._needs, room, sender, self._settings.manage_level, lacking, absent)
        write = partial(written, prefix=self._settings.command_prefix)
        asked = Asked(Channel("matrix", room), manages=not lacking, write=write, needs=needs)
        reply: Reply = await command.run(asked, arguments)
        self._languages[room] = reply.language
        with speaking(reply.language):
            return replies.content(reply, self._settings.command_prefix)

    async def _place(self, text: str) -> str:
        """A channel's full name, for a room's id or alias as people write it."""
        if text.startswith("#"):
            try:
                found = await self._connection.ask("resolving", lambda client: client.room_resolve_alias(text))
            except AdapterError:
                raise UsageError(_("There is no room {alias}.").format(alias=text)) from None
            text = str(found.room_id)
        return f"matrix:{text}" if text.startswith("!") else text

    def _manages(self, user: str, place: str) -> bool:
        """Whether the user has the level in the room; nobody is known to have it elsewhere."""
        platform, _colon, room = place.partition(":")
        known = self._rooms.get(room) if platform == "matrix" else None
        return known is not None and known.powers.of_user(user) >= self._settings.manage_level

    async def _is_in(self, user: str, place: str) -> bool:
        """Whether the user is in the room: levels outlast whoever left or was removed, and count for strangers too."""
        room = place.removeprefix("matrix:")
        if room not in self._rooms:
            return False
        try:
            member = await self._connection.ask(
                f"reading {room}", lambda client: client.room_get_state_event(room, MEMBER, user)
            )
        except AdapterError:
            return False
        return bool(member.content.get("membership") == "join")

    def _may_call(self, user: str, place: str) -> bool:
        """Whether the user may notify everybody in the room themselves: the bot lends its own right to nobody."""
        known = self._room(place)
        return known.powers.of_user(user) >= known.powers.to_call()

    def _needs(self, here: str, user: str, level: float, places: Sequence[str], absent: Sequence[str] = ()) -> str:
        """What the user lacks in these rooms: the power level, where they are not `absent`, and the one they have."""
        told = []
        for room in (place.removeprefix("matrix:") for place in places):
            said = _("That needs power level {level} in {room} (you have {have}).")
            if room == here:
                said = _("That needs power level {level} in this room (you have {have}).")
            elif room not in self._rooms:
                said = _("The bot is not in {room}.")
            elif f"matrix:{room}" in absent:
                said = _("You are not in {room}.")
            have = self._room(room).powers.of_user(user)
            told.append(said.format(level=f"{level:g}", room=room, have=f"{have:g}"))
        return " ".join(told)

    def _room(self, place: str) -> Room:
        return self._rooms.get(place.removeprefix("matrix:"), Room())

    async def _direct(self, room: str) -> bool:
        """Whether nobody is in the room but the bot and one other."""
        known = self._rooms.get(room, Room())
        if known.joined is None:
            try:
                known.joined = await self._connection.people(room)
            except AdapterError:
                return False
        return known.joined == 2

    async def _mine(self, room: str, name: str, me: str) -> Event:
        """The event, where it is the bot's own; {} where it is not, or cannot be had."""
        try:
            answer = await self._connection.ask(f"reading {room}", lambda client: client.room_get_event(room, name))
        except AdapterError:
            return {}
        event: Event = answer.event.source
        return event if event.get("sender") == me else {}

    async def _last(self, room: str, event: Event, me: str, *, direct: bool) -> Event:
        """Our last answer with buttons in the event's thread, in a direct room our last anywhere; {} for none."""
        root = relates(event).get("event_id")
        if root is None and not direct:
            return {}
        try:
            page = await self._connection.ask(
                f"reading {room}",
                lambda client: client.room_messages(room, limit=_LOOK_BACK, message_filter={"senders": [me]}),
            )
        except AdapterError:
            return {}
        for mine in (one.source for one in page.chunk):
            if replies.BUTTONS in mine.get("content", {}) and root in (None, relates(mine).get("event_id")):
                return dict(mine)
        return {}

    async def _answer(self, room: str, event: Event, content: Content) -> None:
        """Say it, under a transaction id made of the event that it answers."""
        key = base64.b32encode(hashlib.blake2b(str(event["event_id"]).encode(), digest_size=15).digest()).decode()
        for tries in range(3):
            try:
                await self._connection.ask(
                    f"answering in {room}",
                    lambda client: client.room_send(room, "m.room.message", content, tx_id=key.lower()),
                )
            except TryLater as error:
                await self._clock.sleep(min(error.after or 2.0**tries, _LONGEST_WAIT))
            except AdapterError as error:
                log.warning("matrix cannot answer", room=room, why=str(error))
                return
            else:
                return


def _relation(event: Event) -> dict[str, Any]:
    """The event's thread, or a new one under it; a plain reply where no thread can begin, at what relates elsewhere."""
    reply = {"m.in_reply_to": {"event_id": event["event_id"]}}
    relation = relates(event)
    kind, root = relation.get("rel_type"), relation.get("event_id")
    if kind == "m.thread" and isinstance(root, str):
        return {"rel_type": "m.thread", "event_id": root, "is_falling_back": True, **reply}
    if kind is not None:
        return reply
    return {"rel_type": "m.thread", "event_id": event["event_id"], "is_falling_back": True, **reply}
