"""Which of the commands that are heard are obeyed, with no homeserver to answer on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.matrix import Matrix
from adapters.matrix.clerk import Clerk
from adapters.matrix.rooms import Powers, Room
from bot.errors import Refused
from bot.ports import Option, Reply
from tests.real.matrix import Obeyed, command

ME, ROOM = "@quill:x", "!r"


class Clock:
    """A clock that is set by hand."""

    time = 1000.0

    def monotonic(self) -> float:
        return self.time


class Mute:
    """A homeserver that notes what is said, and refuses it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sent: list[str] = []

    async def ask(self, doing: str, call: Any, patience: float = 15) -> Any:
        self.asked.append(doing)
        if doing.startswith("answering"):
            await call(self)
        raise Refused("no")

    async def room_send(self, room: str, kind: str, content: Mapping[str, Any], *, tx_id: str) -> None:
        self.sent.append(content["body"])


class Bench:
    def __init__(self, **commands: Any) -> None:
        self.obeyed, self.clock, self.server = Obeyed(), Clock(), Mute()
        made = {name: command(self.obeyed, name, *more.pop("options", ()), **more) for name, more in commands.items()}
        self.room = Room(joined=3)
        settings = Matrix.Settings.model_validate({"homeserver": "https://x.example"})
        self.clerk = Clerk(settings, self.server, self.clock, {ROOM: self.room}, made)  # type: ignore[arg-type]

    async def hear(self, *events: Mapping[str, Any]) -> list[str]:
        """The names of the commands that were obeyed so far."""
        for event in events:
            self.clerk.hear(ROOM, event, ME)
        for _ in range(20):
            await asyncio.sleep(0)
        return [name for name, _asked, _arguments in self.obeyed]


def said(body: str, name: str = "$1", age: float = 0, sender: str = "@ada:x") -> Mapping[str, Any]:
    content = {"msgtype": "m.text", "body": body}
    unsigned = {"age": age * 1000}
    return {"type": "m.room.message", "event_id": name, "sender": sender, "content": content, "unsigned": unsigned}


@pytest.mark.parametrize(
    ("since", "age", "obeyed"), [(0, 0, True), (0, 30, False), (60, 50, True), (60, 70, False), (9000, 700, False)]
)
async def test_what_was_said_before_the_bot_began_or_long_ago_is_not_obeyed_though_it_comes_now(
    since: float, age: float, obeyed: bool
) -> None:
    bench = Bench(sites={})
    bench.clock.time += since
    assert await bench.hear(said("!pq sites", age=age)) == ["sites"] * obeyed


async def test_one_event_is_obeyed_once_and_the_bots_own_never() -> None:
    bench = Bench(sites={})
    mine = said("!pq sites", "$2", sender=ME)
    assert await bench.hear(said("!pq sites"), said("!pq sites"), mine, said("!pq sites", "$3")) == ["sites"] * 2


async def test_a_flood_is_obeyed_in_part() -> None:
    bench = Bench(sites={})
    flood = [said("!pq sites", f"${number}", sender=f"@{number}:x") for number in range(50)]
    assert len(await bench.hear(*flood)) == 16
    assert len(await bench.hear(said("!pq sites", "$again"))) == 17


async def test_nobody_keeps_the_bot_from_the_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(sites={})
    monkeypatch.setattr(bench.clerk, "_act", _never)
    await bench.hear(*(said("!pq sites", f"${number}") for number in range(20)))
    assert len(bench.clerk._acting) == 3
    assert [text.partition(":")[0] for text in bench.server.sent] == ["Your last commands are still under way"]
    bench.room.joined = None
    await bench.hear(said("what a day", "$talk"))
    assert len(bench.server.sent) == 1
    await bench.hear(said("!pq sites", "$another's", sender="@eve:x"))
    assert len(bench.clerk._acting) == 4
    bench.clerk.stop()


async def _never(*_: object) -> None:
    await asyncio.sleep(60)


async def test_in_a_room_of_two_each_line_is_answered_but_not_those_of_a_bot_that_answers_answers() -> None:
    bench = Bench(sites={})
    bench.room.joined = 2
    await bench.hear(*(said("what a day", f"${number}") for number in range(2)))
    assert bench.server.sent[0].startswith("I show new posts of WordPress publications.")
    assert bench.server.sent[1] == "There is no command what. All commands: !pq help"
    for number in range(2, 20):
        await bench.hear(said(f"{bench.server.sent[-1]} I am a bot.", f"${number}"))
    assert len(bench.server.sent) == 5
    await bench.hear(said("sites", "$a command"), said("what now", "$after"))
    assert bench.server.sent[-1] == "There is no command what. All commands: !pq help"
    told = len(bench.server.sent)
    for number in range(20, 40):
        await bench.hear(said("what a day", f"${number}"))
    assert len(bench.server.sent) == told + 4
    bench.clock.time += 3600
    await bench.hear(said("what a day", "$an hour later"))
    assert len(bench.server.sent) == told + 5


async def test_a_slip_in_the_first_line_of_a_room_of_two_is_told_the_command_that_was_meant() -> None:
    bench = Bench(sites={})
    bench.room.joined = 2
    await bench.hear(said("sitse https://a.example"))
    assert bench.server.sent == ["There is no command sitse; did you mean sites? All commands: !pq help"]


async def test_talk_in_a_room_of_several_asks_the_homeserver_nothing() -> None:
    bench = Bench(sites={})
    assert await bench.hear(said("sites"), said("what a day", "$2"), said("and the next one", "$3")) == []
    assert bench.server.asked == []


async def test_refusals_are_in_the_language_that_the_room_was_last_answered_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spoken: list[str] = []
    monkeypatch.setattr("adapters.matrix.clerk.speaking", _noting(spoken))
    bench = Bench(sites={"answer": Reply("好", language="zh-CN")})
    await bench.hear(said("!pq sites"))
    await bench.hear(said("!pq nothing", "$2"))
    assert spoken == ["en", "zh-CN", "zh-CN"]


def _noting(spoken: list[str]) -> Any:
    from bot.words import speaking

    def note(language: str) -> Any:
        spoken.append(language)
        return speaking(language)

    return note


@pytest.mark.parametrize(("level", "obeyed"), [(49, False), (50, True)])
async def test_who_may_not_notify_the_room_cannot_have_the_bot_do_it(level: int, obeyed: bool) -> None:
    """Whoever manages it: what is needed for that is a setting of the bot's."""
    bench = Bench(sites={"options": [Option("role", "", required=False, kind="role")]})
    bench.room.powers = Powers({"users": {"@ada:x": level}})
    assert await bench.hear(said("!pq sites role=@room")) == ["sites"] * obeyed
    refusal = (
        "Only who may notify everybody in the room can have its cards do so. That needs power level 50 in this room"
    )
    assert (bench.server.sent[0] == f"{refusal} (you have 49).") is not obeyed
    assert "sites" in await bench.hear(said("!pq sites role=none", "$2"))


async def test_who_does_not_manage_is_told_the_level_that_they_lack_and_where() -> None:
    bench = Bench(sites={"options": [Option("channel", "", required=False, kind="channel")]})
    bench.room.powers = Powers({"users": {"@ada:x": 25}})
    await bench.hear(
        said("!pq sites"), said("!pq sites channel=!other:x", "$2"), said("!pq sites", "$3", sender="@eve:x")
    )
    told = [asked.needs() for _name, asked, _given in bench.obeyed]
    assert told == [
        "That needs power level 50 in this room (you have 25).",
        "That needs power level 50 in this room (you have 25). The bot is not in !other:x.",
        "That needs power level 50 in this room (you have 0).",
    ]


@pytest.mark.parametrize("relation", [None, "text", [], {"event_id": {}}, {"rel_type": "m.thread", "event_id": None}])
@pytest.mark.parametrize("body", ["!pq sites", "next"])
async def test_what_relates_to_nothing_that_makes_sense_is_answered_all_the_same(relation: object, body: str) -> None:
    bench = Bench(sites={})
    bench.room.joined = 2
    event = said(body)
    await bench.hear({**event, "content": {**event["content"], "m.relates_to": relation}})
    assert len(bench.server.sent) == 1


class Member(Mute):
    """A homeserver that knows what one user is in each room."""

    def __init__(self, membership: Mapping[str, str]) -> None:
        super().__init__()
        self.membership = membership

    async def ask(self, doing: str, call: Any, patience: float = 15) -> Any:
        if doing.startswith("reading"):
            return await call(self)
        return await super().ask(doing, call, patience)

    async def room_get_state_event(self, room: str, kind: str, key: str) -> Any:
        if room not in self.membership or (kind, key) != ("m.room.member", "@ada:x"):
            raise Refused("no")
        return SimpleNamespace(content={"membership": self.membership[room]})


@pytest.mark.parametrize(("membership", "manages"), [("join", True), ("leave", False), ("ban", False), (None, False)])
@pytest.mark.parametrize("levels", [{"users": {"@ada:x": 50}}, {"users_default": 50}])
async def test_who_is_not_in_a_room_does_not_manage_it_from_another_whatever_its_levels_say(
    membership: str | None, manages: bool, levels: Mapping[str, Any]
) -> None:
    bench = Bench(sites={"options": [Option("place", "", required=False, kind="channel")]})
    bench.server = Member({"!there": membership} if membership else {})
    bench.clerk._connection = bench.server  # type: ignore[assignment]
    there = Room(powers=Powers(levels))
    bench.room.powers = Powers({"users_default": 50})
    bench.clerk._rooms = {ROOM: bench.room, "!there": there}
    await bench.hear(said("!pq sites place=!there"), said("!pq sites place=!nowhere", "$2"), said("!pq sites", "$3"))
    await bench.hear(said(f"!pq sites place={ROOM}", "$4"))
    assert [asked.manages for _name, asked, _arguments in bench.obeyed] == [manages, False, True, True]
