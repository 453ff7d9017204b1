"""What is known of a room, and who may do what there: nio does not know the creators of room version 12. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

Event = Mapping[str, Any]

CREATE, POWER, ENCRYPTION = "m.room.create", "m.room.power_levels", "m.room.encryption"
MEMBER, TOMBSTONE = "m.room.member", "m.room.tombstone"
_NUMBER = re.compile("[0-9]{1,9}")
_CREATORS_STAND_ABOVE = {"org.matrix.hydra.11"}


@dataclass(frozen=True, slots=True)
class Powers:
    """The powers in one room; `creators` stand above all levels (room version 12 and later)."""

    levels: Event = field(default_factory=dict)
    creators: frozenset[str] = frozenset()
    founder: str = ""

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """The powers that these state events give."""
        return cls().after(events)

    def after(self, events: Iterable[Event]) -> Self:
        """The powers once these state events hold as well; other events change nothing."""
        levels, creators, founder = self.levels, self.creators, self.founder
        for event in events:
            content = _mapping(event.get("content"))
            if event.get("state_key") != "":
                continue
            if event.get("type") == POWER:
                levels = content
            elif event.get("type") == CREATE:
                founder = str(event.get("sender", ""))
                creators = _creators(founder, content)
        return type(self)(levels, creators, founder)

    def of_user(self, user: str) -> float:
        """A user's level; infinite for a creator."""
        if user in self.creators:
            return math.inf
        if not self.levels:
            return 100 if user and user == self.founder else 0
        default = _level(self.levels.get("users_default"), 0)
        return _level(_mapping(self.levels.get("users")).get(user), default)

    def to_send(self, kind: str) -> float:
        """The level needed to send events of this type."""
        default = _level(self.levels.get("events_default"), 0)
        return _level(_mapping(self.levels.get("events")).get(kind), default)

    def to_call(self) -> float:
        """The level needed to notify everybody at once."""
        return _level(_mapping(self.levels.get("notifications")).get("room"), 50)


@dataclass
class Room:
    """A room that the bot is in: who may do what, how many are there, what it replaced and what replaces it.

    `joined` is None while nobody told it. `via` is a server that knows the successor.
    """

    powers: Powers = field(default_factory=Powers)
    joined: int | None = None
    invited: int = 0
    predecessor: str = ""
    successor: str = ""
    via: str = ""
    encrypted: bool = False

    def learn(self, event: Event) -> None:
        """Take in an event of the room."""
        self.powers = self.powers.after([event])
        content, kind = _mapping(event.get("content")), event.get("type")
        if kind == MEMBER:
            self.joined = None
        elif event.get("state_key") != "":
            return
        elif kind == ENCRYPTION:
            self.encrypted = True
        elif kind == CREATE:
            self.predecessor = str(_mapping(content.get("predecessor")).get("room_id", ""))
        elif kind == TOMBSTONE:
            self.successor = str(content.get("replacement_room", ""))
            self.via = str(event.get("sender", "")).partition(":")[2]

    def count(self, joined: int | None, invited: int | None) -> None:
        """Take in how many the homeserver says there are; None where it says nothing."""
        self.joined = self.joined if joined is None else joined
        self.invited = self.invited if invited is None else invited


def _creators(founder: str, content: Event) -> frozenset[str]:
    version = str(content.get("room_version", "1"))
    above = version in _CREATORS_STAND_ABOVE or (_NUMBER.fullmatch(version) is not None and int(version) >= 12)
    if not above:
        return frozenset()
    more = content.get("additional_creators")
    named = (user for user in more if isinstance(user, str)) if isinstance(more, list) else ()
    return frozenset((founder, *named))


def _level(value: object, default: float) -> float:
    """A level; old rooms hold some as text."""
    try:
        return int(value) if isinstance(value, int | str) else default
    except ValueError:
        return default


def _mapping(value: object) -> Event:
    return value if isinstance(value, Mapping) else {}
