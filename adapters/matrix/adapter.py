"""Cards in Matrix rooms: the adapter that the dispatcher knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from adapters.matrix import card as cards
from adapters.matrix import settings as fields
from adapters.matrix.answers import Missing
from adapters.matrix.pace import Pace, Rate
from adapters.matrix.rooms import ENCRYPTION, TOMBSTONE, Powers
from bot.errors import CannotLook, Refused, UsageError, Vanished
from bot.model import NORMAL, Card, Channel, Payload, Receipt, Style
from bot.ports import Clock, Commands, Events, Fragment, Keep
from bot.windows import Windows
from bot.words import _

if TYPE_CHECKING:
    from adapters.matrix.connection import Call, Connection
    from adapters.matrix.listen import Listener

MARK = "org.pullquote.delivery"
"""The key in an event's content that holds the delivery's key, readable without a time limit."""

_ANYWHERE = timedelta(minutes=5)
"""Synapse knows a transaction id of a device for 24 h, others for half an hour and in memory only."""

_MESSAGE = "m.room.message"
_EARLIER = timedelta(seconds=60)
_PAGE, _PAGES = 50, 50
_KNOWN_CLEAR = 300.0
"""Seconds for which a room seen unencrypted is believed to be so still."""


class Matrix:
    """Rooms of a Matrix homeserver, unencrypted ones only."""

    platform: ClassVar[str] = "matrix"
    Settings: ClassVar[type[fields.Settings]] = fields.Settings

    def __init__(self, settings: fields.Settings, connection: Connection, keep: Keep, clock: Clock) -> None:
        self._settings, self._connection, self._clock = settings, connection, clock
        self._pace = Pace(keep, clock)
        self._clear: dict[str, float] = {}
        self._listener: Listener | None = None

    @classmethod
    def is_address(cls, address: str) -> bool:
        """A room's id."""
        return address.startswith("!") and len(address) > 1 and not any(letter.isspace() for letter in address)

    @classmethod
    def from_settings(cls, settings: Any, keep: Keep, clock: Clock) -> Self:
        """An adapter that has not yet connected; SettingsError names what is missing."""
        settings.require()
        from adapters.matrix.connection import Connection  # nio: a third of a second, 9 MiB

        return cls(settings, Connection(settings, keep), keep, clock)

    @property
    def ready(self) -> bool:
        """Whether the homeserver has accepted the login and not revoked it since."""
        return self._connection.login is not None

    @property
    def windows(self) -> Windows:
        """Synapse keeps a device's transaction ids in its database; others may lose them at any restart of theirs."""
        windows = self._settings.windows
        if self._connection.device_changed:
            return replace(windows, resend=timedelta(0))
        return windows if self._connection.keeps_ids else replace(windows, resend=min(windows.resend, _ANYWHERE))

    @property
    def room(self) -> int:
        """How many calls may be under way, for the homeserver's limit."""
        return self._pace.room

    @property
    def listening(self) -> bool:
        """Whether commands are heard now; posting does not need it."""
        return self._listener is not None and self._listener.listening

    @staticmethod
    def render(
        card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
    ) -> Payload:
        """The event content that would be sent, but for the delivery's mark."""
        return cards.content(card, style, struck=struck, changed=changed, notify=notify, more=more)

    @staticmethod
    def role(text: str) -> str:
        """Rooms have no roles; everybody in them can be called."""
        if text.strip() != cards.EVERYBODY:
            raise UsageError(
                _("A Matrix room has no roles: only {everybody} can be notified.").format(everybody=cards.EVERYBODY)
            )
        return cards.EVERYBODY

    @staticmethod
    def mention(role: str) -> str:
        """As it is; a reply calls nobody."""
        return role

    @staticmethod
    def text(payload: Payload) -> str:
        """What clients without HTML show."""
        return str(payload["body"])

    @staticmethod
    def page(payload: Payload) -> Fragment:
        """The event as Element would draw it."""
        from adapters.matrix.page import page

        return page(payload)

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        """Send the event under the transaction id `key`, with the key in its content as well."""
        if payload["m.mentions"] and not await self._may_call(channel.address):
            payload = cards.quiet(payload)
        event = await self._send(channel, {**payload, MARK: key}, key)
        return Receipt(channel, event)

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        """Replace the original event's content as a whole; Vanished when it was redacted."""
        if await self._redacted(receipt):
            raise Vanished(_("the card in {channel} was removed by someone").format(channel=receipt.channel))
        payload = cards.quiet(payload)
        fallback = {"msgtype": payload["msgtype"], "body": f"* {payload['body']}", "m.mentions": {}}
        relation = {"rel_type": "m.replace", "event_id": receipt.ref}
        await self._send(receipt.channel, {**fallback, "m.new_content": dict(payload), "m.relates_to": relation}, key)

    async def withdraw(self, receipt: Receipt, payload: Payload | None, key: str) -> None:
        """Replace the content by the struck one, or redact the event; a card that is gone is withdrawn already."""
        if payload is not None:
            try:
                await self.edit(receipt, payload, key)
            except Vanished:
                return
        elif not await self._redacted(receipt):
            room = receipt.channel.address
            async with self._pace.turn():
                await self._ask(
                    f"removing a card in {room}",
                    lambda client: client.room_redact(room, receipt.ref, "Withdrawn by its publisher", tx_id=key),
                )

    async def find(self, channel: Channel, key: str, url: str, since: datetime) -> Receipt | None:
        """Our event with this key among our events in the room; Vanished when it is there, redacted."""
        start: str | None = None
        oldest = (since - _EARLIER).timestamp() * 1000
        for _page in range(_PAGES):
            page = await self._history(channel.address, start)
            events = [event.source for event in page.chunk]
            for event in events:
                if _is(event, key):
                    if "redacted_because" in event.get("unsigned", {}):
                        raise Vanished(_("the card in {channel} was removed by someone").format(channel=channel))
                    return Receipt(channel, str(event["event_id"]))
            if not page.end or any(event["origin_server_ts"] < oldest for event in events):
                return None
            start = page.end
        raise CannotLook(f"{channel}: more than {_PAGE * _PAGES} events of the bot since then")

    async def check(self, channel: Channel | None) -> Sequence[str]:
        """Membership, encryption and the power to speak; with the login alone, the rate the homeserver allows."""
        me = (await self._connection.me()).user_id
        joined = await self._ask("listing the bot's rooms", lambda client: client.joined_rooms())
        if channel is None:
            return list(_slow(await self._pace.rate(), len(joined.rooms), me))
        room = channel.address
        if room not in joined.rooms:
            mend = _(
                "The bot is not in {room}: list yourself in PULLQUOTE_MATRIX_ALLOW_INVITES, then invite {user} there."
            )
            return [mend.format(room=room, user=me)]
        state = await self._ask(f"reading {room}", lambda client: client.room_get_state(room))
        return list(_lacks(room, me, state.events))

    async def serve(self, commands: Commands, events: Events) -> None:
        """Answer commands and invitations until cancelled."""
        from adapters.matrix.listen import Listener

        self._listener = Listener(self._settings, self._connection, self._clock, encrypted=self._doubt)
        await self._listener.run(commands, events)

    async def close(self) -> None:
        """Break off what is under way, which raises TryLater there."""
        await self._connection.close()

    async def _send(self, channel: Channel, content: Mapping[str, Any], key: str) -> str:
        room = channel.address
        await self._refuse_encrypted(room)
        async with self._pace.turn():
            answer = await self._ask(
                f"posting to {room}", lambda client: client.room_send(room, _MESSAGE, dict(content), tx_id=key)
            )
        return str(answer.event_id)

    async def _refuse_encrypted(self, room: str) -> None:
        """Refused in an encrypted room, where a card sent in clear would leak what is read there."""
        now = self._clock.monotonic()
        if now - self._clear.get(room, float("-inf")) < _KNOWN_CLEAR:
            return
        try:
            await self._ask(f"reading {room}", lambda client: client.room_get_state_event(room, ENCRYPTION))
        except Missing:
            self._clear[room] = now
            return
        raise Refused(_encrypted(room))

    async def _may_call(self, room: str) -> bool:
        """Whether the homeserver lets the bot notify everybody in the room at once."""
        me = (await self._connection.me()).user_id
        state = await self._ask(f"reading {room}", lambda client: client.room_get_state(room))
        powers = Powers.of(state.events)
        return powers.of_user(me) >= powers.to_call()

    def _doubt(self, room: str) -> None:
        """Ask again, before the next card, whether the room is encrypted."""
        self._clear.pop(room, None)

    async def _redacted(self, receipt: Receipt) -> bool:
        room = receipt.channel.address
        answer = await self._ask(f"reading {room}", lambda client: client.room_get_event(room, receipt.ref))
        return "redacted_because" in answer.event.source.get("unsigned", {})

    async def _history(self, room: str, start: str | None) -> Any:
        """A page of the bot's own events, newest first. Its join is among them: no search goes back further."""
        mine = {"senders": [(await self._connection.me()).user_id]}
        try:
            return await self._ask(
                f"reading {room}",
                lambda client: client.room_messages(room, start, limit=_PAGE, message_filter=mine),
            )
        except Refused as error:
            raise CannotLook(str(error)) from error

    async def _ask(self, doing: str, call: Call) -> Any:
        return await self._connection.ask(doing, call)


def _slow(rate: Rate, rooms: int, me: str) -> Iterator[str]:
    """What the homeserver's limit means for so many rooms, where that is much, with its mend."""
    minutes = rate.seconds * (rooms - rate.at_once) / 60
    if minutes < 1:
        return
    said = _(
        "The homeserver takes a message of the bot every {seconds} s: a card takes {minutes} min to {rooms} rooms."
    )
    mend = _(
        "Its administrator can lift the limit for {user} (Synapse: /_synapse/admin/v1/users/{user}/override_ratelimit)."
    )
    told = said.format(seconds=f"{rate.seconds:.1f}", minutes=round(minutes), rooms=rooms)
    yield f"{told} {mend.format(user=me)}"


def _encrypted(room: str) -> str:
    said = _("{room} is encrypted, which Pullquote cannot do yet: use a room without encryption")
    return said.format(room=room)


def _lacks(room: str, me: str, state: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What a room's state keeps the bot from, each with its mend."""
    kinds = {event["type"] for event in state}
    if ENCRYPTION in kinds:
        yield f"{_encrypted(room)}."
    if TOMBSTONE in kinds:
        said = _("{room} was replaced by a new room: invite {user} there and subscribe that one.")
        yield said.format(room=room, user=me)
    powers = Powers.of(state)
    if powers.of_user(me) < powers.to_send(_MESSAGE):
        said = _("{user} may not send messages in {room}: raise its power level to {level}.")
        yield said.format(user=me, room=room, level=powers.to_send(_MESSAGE))


def _is(event: Mapping[str, Any], key: str) -> bool:
    """Whether the event carries the key: in its content or, where the server tells its own device, beside it."""
    return key in (event.get("content", {}).get(MARK), event.get("unsigned", {}).get("transaction_id"))
