"""How the bot comes into rooms of a real homeserver, follows where they move, and what it tells when it is out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from adapters.matrix import Matrix
from adapters.matrix.tenancy import Pace
from bot.model import Style
from bot.ports import Command, Option
from tests.adapters.contract import CARD
from tests.farends.matrix import Fault, proxy
from tests.real.matrix import Lodging, Obeyed, Person, Told, adapter_for, command, homeserver, lodging, serving

VERSIONS = ["10", "11", "12"]


def follow(obeyed: Obeyed) -> list[Command]:
    return [command(obeyed, "follow", Option("url", "which"), manage=True)]


async def gone(person: Person, room: str) -> None:
    async with asyncio.timeout(20):
        while room in await person.rooms():
            await asyncio.sleep(0.1)


@pytest.fixture
async def lodged() -> AsyncIterator[Lodging]:
    """A bot whose invitations come from alice's server, in a room of three."""
    async with lodging(homeserver(), crowded=True, allow_invites="lab.localhost") as place:
        yield place


@pytest.mark.real
@pytest.mark.parametrize("version", VERSIONS)
async def test_an_invitation_is_accepted_from_those_listed_and_older_talk_there_is_not_obeyed(version: str) -> None:
    obeyed, told = Obeyed(), Told()
    async with lodging(homeserver()) as lodged:
        me, welcome = lodged.bot.account.user_id, lodged.alice.account.user_id
        adapter = adapter_for(lodged.server, lodged.bot.account, allow_invites=f"@x:y, {welcome}")
        stranger = Person(lodged.server, lodged.server.register())
        async with serving(adapter, follow(obeyed), told):
            assert told.news == [("back", lodged.room)]
            theirs = await stranger.create_room(version=version, invite=[me])
            ours = await lodged.alice.create_room(version=version)
            await lodged.alice.say(ours, "!pq follow https://x")
            await lodged.alice.invite(ours, me)
            await told.until("back", ours)
            await lodged.alice.say(ours, "!pq follow https://y")
            await lodged.answers(1, ours)
            assert theirs not in await lodged.bot.rooms()
        await adapter.close()
    assert [(asked.manages, arguments) for _, asked, arguments in obeyed] == [(True, {"url": "https://y"})]


@pytest.mark.real
@pytest.mark.parametrize("version", VERSIONS)
async def test_who_is_removed_and_let_in_again_tells_both(version: str) -> None:
    told = Told()
    async with lodging(homeserver(), version=version, crowded=True, allow_invites="lab.localhost") as lodged:
        alice, me = lodged.alice, lodged.bot.account.user_id
        async with serving(lodged.adapter, (), told):
            await alice.kick(lodged.room, me, "too\nloud")
            await told.until("lost", lodged.room, f"{alice.account.user_id} removed the bot from the room: too loud")
            await alice.invite(lodged.room, me)
            async with asyncio.timeout(20):
                while told.news[-1] != ("back", lodged.room):
                    await asyncio.sleep(0.05)
            await alice.kick(lodged.room, me, ban=True)
            await told.until("lost", lodged.room, f"{alice.account.user_id} banned the bot from the room")
    assert [word for word, *_ in told.news] == ["back", "lost", "back", "lost"]


@pytest.mark.real
async def test_a_room_that_can_be_entered_is_followed_where_it_moves(lodged: Lodging) -> None:
    obeyed, told = Obeyed(), Told()
    old = await lodged.alice.create_room(version="11", preset="public_chat")
    await lodged.bot.join(old)
    await lodged.guest.join(old)
    async with proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        async with serving(adapter, follow(obeyed), told):
            new = await lodged.alice.upgrade(old, "12")
            assert await told.until("moved") == ("moved", old, new)
            await lodged.guest.join(new)
            await lodged.alice.say(new, "!pq follow https://x")
            await lodged.answers(1, new)
        await adapter.close()
    assert obeyed[0][1].manages
    assert any("/join/" in seen and "via=lab.localhost" in seen for seen in between.seen)


@pytest.mark.real
@pytest.mark.parametrize("inviter", ["listed", "not listed"])
async def test_a_room_that_cannot_be_entered_is_followed_once_somebody_invites(inviter: str) -> None:
    told = Told()
    welcome = "lab.localhost" if inviter == "listed" else ""
    async with (
        lodging(homeserver(), version="11", crowded=True, allow_invites=welcome) as lodged,
        serving(lodged.adapter, (), told),
    ):
        new = await lodged.alice.upgrade(lodged.room, "12")
        await asyncio.sleep(1)
        assert new not in await lodged.bot.rooms()
        await lodged.alice.invite(new, lodged.bot.account.user_id)
        assert await told.until("moved") == ("moved", lodged.room, new)


@pytest.mark.real
async def test_a_room_that_moved_while_the_bot_was_away_is_followed_at_its_start(lodged: Lodging) -> None:
    told = Told()
    old = await lodged.alice.create_room(version="10", preset="public_chat")
    await lodged.bot.join(old)
    middle = await lodged.alice.upgrade(old, "11")
    new = await lodged.alice.upgrade(middle, "12")
    async with serving(lodged.adapter, (), told):
        assert await told.until("moved", old) == ("moved", old, middle)
        assert await told.until("moved", middle) == ("moved", middle, new)


@pytest.mark.real
async def test_a_room_is_followed_though_the_bot_was_in_the_new_one_before_the_old_one_said_so(
    lodged: Lodging,
) -> None:
    told = Told()
    before = {"predecessor": {"room_id": lodged.room, "event_id": "$any"}}
    new = await lodged.alice.create_room(creation_content=before, invite=[lodged.bot.account.user_id])
    async with serving(lodged.adapter, (), told):
        await told.until("back", new)
        await lodged.alice.set_state(lodged.room, "m.room.tombstone", {"body": "", "replacement_room": new})
        assert await told.until("moved") == ("moved", lodged.room, new)


@pytest.mark.real
async def test_a_room_is_followed_though_the_bot_heard_only_the_end_of_what_was_said_there(lodged: Lodging) -> None:
    told = Told()
    old = await lodged.alice.create_room(version="11", preset="public_chat")
    await lodged.bot.join(old)
    async with proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        async with serving(adapter, (), told):
            between.faults.extend(Fault(502, "<html>", content_type="text/html", path="/sync") for _ in range(2))
            await lodged.alice.say(lodged.room, "the sync under way ends here")
            new = await lodged.alice.upgrade(old, "12")
            for number in range(55):
                await lodged.alice.say(old, f"{number} more")
            assert await told.until("moved") == ("moved", old, new)
        await adapter.close()


@pytest.mark.real
async def test_a_room_that_names_another_as_its_successor_moves_nothing_there(lodged: Lodging) -> None:
    told = Told()
    victim = await lodged.guest.create_room(preset="public_chat")
    stranger = await lodged.guest.create_room(preset="public_chat")
    await lodged.bot.join(victim)
    for room in (victim, stranger):
        mine = await lodged.alice.create_room(invite=[lodged.bot.account.user_id])
        await lodged.bot.join(mine)
        await lodged.guest.call("POST", f"rooms/{room}/invite", {"user_id": lodged.alice.account.user_id})
        await lodged.alice.join(room)
        await lodged.alice.set_state(mine, "m.room.tombstone", {"body": "", "replacement_room": room})
    async with serving(lodged.adapter, (), told):
        await told.until("lost", stranger)
        assert victim in await lodged.bot.rooms()
        assert stranger not in await lodged.bot.rooms()
    assert not any(word == "moved" for word, *_ in told.news)


@pytest.mark.real
async def test_a_room_that_everybody_left_is_left(lodged: Lodging) -> None:
    told = Told()
    away = await lodged.alice.create_room(invite=[lodged.bot.account.user_id])
    await lodged.bot.join(away)
    await lodged.alice.leave(away)
    own = await lodged.bot.create_room()
    async with serving(lodged.adapter, (), told):
        await told.until("lost", away, "everybody else has left the room")
        await lodged.guest.leave(lodged.room)
        await lodged.alice.say(lodged.room, "I am still here")
        await asyncio.sleep(0.5)
        assert lodged.room in await lodged.bot.rooms()
        await lodged.alice.leave(lodged.room)
        await gone(lodged.bot, lodged.room)
        await told.until("lost", lodged.room, "everybody else has left the room")
    assert await lodged.bot.rooms() == [own]


@pytest.mark.real
async def test_what_the_core_cannot_hear_now_is_told_again(lodged: Lodging) -> None:
    class Deaf(Told):
        async def back(self, channels: object) -> None:
            self.news.append(("asked again",))
            if len(self.news) < 2:
                raise RuntimeError("the database is busy")

    told = Deaf()
    async with serving(lodged.adapter, (), told), asyncio.timeout(20):
        while len(told.news) < 2:
            await asyncio.sleep(0.05)
    assert told.news == [("asked again",)] * 2


@pytest.mark.real
@pytest.mark.parametrize("level", [50, 49])
async def test_everybody_is_called_once_and_only_where_the_bot_may(lodged: Lodging, level: int) -> None:
    powers = await lodged.alice.state(lodged.room, "m.room.power_levels")
    raised = {**powers, "users": {**powers["users"], lodged.bot.account.user_id: level}}
    await lodged.alice.set_state(lodged.room, "m.room.power_levels", raised)
    payload = Matrix.render(CARD, Style.CARD, notify="role:@room")
    receipt = await lodged.adapter.post(lodged.channel, payload, "k" * 24)
    [posted] = await lodged.spoken()
    assert posted["content"]["m.mentions"] == ({"room": True} if level == 50 else {})
    assert posted["content"]["body"].startswith("@room\n") == (level == 50)
    await lodged.adapter.edit(receipt, payload, "e1")
    edit = (await lodged.spoken())[1]["content"]
    assert edit["m.mentions"] == edit["m.new_content"]["m.mentions"] == {}
    assert "@room" not in edit["body"] + edit["m.new_content"]["body"] + edit["m.new_content"]["formatted_body"]


class Waiting:
    """A clock that stands still unless somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def monotonic(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds


async def test_no_more_rooms_are_joined_in_any_minute_than_may_be() -> None:
    clock = Waiting()
    pace, turns = Pace(clock, 3, 60), list[float]()  # type: ignore[arg-type]
    started = time.monotonic()
    for pause in (0, 10, 10, 10, 0, 0, 100, 0):
        clock.time += pause
        await pace.turn()
        turns.append(clock.time)
    assert turns == [0, 10, 20, 60, 70, 80, 180, 180]
    assert time.monotonic() - started < 5
