"""What people may say to the bot in rooms of a real homeserver, and what it says back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.matrix import Matrix
from bot.errors import Refused, UsageError
from bot.model import Channel, Style
from bot.ports import Command, Option
from tests.adapters.contract import CARD
from tests.farends.matrix import Fault, proxy
from tests.real.matrix import Lodging, Person, adapter_for, homeserver, lodging

pytestmark = pytest.mark.real

Said = list[tuple[str, Channel, Mapping[str, str]]]


def commands(said: Said) -> dict[str, Command]:
    """Two commands that note what reaches them, one for all and one for those who manage, and two that fail."""

    def command(name: str, manage: bool, *options: Option, fails: Exception | None = None) -> Command:
        async def run(channel: Channel, arguments: Mapping[str, str]) -> str:
            said.append((name, channel, arguments))
            if fails is not None:
                raise fails
            return f"{name} done, @room and @alice:{channel.address}!"

        return Command(name, f"What {name} does\nand more", options, manage, run)

    url, place = Option("url", "which"), Option("place", "where", required=False, kind="channel")
    made = [
        command("sites", False),
        command("follow", True, url, place),
        command("wrong", False, fails=UsageError("Ask differently.")),
        command("broken", False, fails=RuntimeError("a secret inside")),
    ]
    return {one.name: one for one in made}


async def listening(adapter: Matrix, task: asyncio.Task[None] | None = None) -> None:
    while not adapter.listening:
        assert task is None or not task.done(), task
        await asyncio.sleep(0.02)


@asynccontextmanager
async def serving(adapter: Matrix, said: Said) -> AsyncIterator[None]:
    """The adapter serves until the block ends, and has begun to listen when it begins."""
    task = asyncio.create_task(adapter.serve(commands(said)))
    await listening(adapter, task)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def said() -> Said:
    return []


@pytest.fixture
async def lodged() -> AsyncIterator[Lodging]:
    async with lodging(homeserver()) as place:
        yield place


async def bodies(lodged: Lodging, count: int) -> list[str]:
    answers = await lodged.alice.hears(lodged.room, count, lodged.bot.account.user_id)
    return [answer["body"] for answer in answers]


async def test_a_command_is_answered_by_a_notice_that_replies_and_mentions_nobody(lodged: Lodging, said: Said) -> None:
    async with serving(lodged.adapter, said):
        asked = await lodged.alice.say(lodged.room, "!pq sites")
        [answer] = await lodged.alice.hears(lodged.room, 1, lodged.bot.account.user_id)
    assert answer["msgtype"] == "m.notice"
    assert answer["m.mentions"] == {}
    assert answer["m.relates_to"] == {"m.in_reply_to": {"event_id": asked}}
    assert answer["body"].startswith("sites done")
    assert "@room" not in answer["body"]
    assert "@alice:" not in answer["body"]
    assert said == [("sites", lodged.channel, {})]


async def test_a_command_in_a_thread_is_answered_there(lodged: Lodging, said: Said) -> None:
    async with serving(lodged.adapter, said):
        root = await lodged.alice.say(lodged.room, "about the bot")
        thread = {"rel_type": "m.thread", "event_id": root}
        asked = await lodged.alice.say(lodged.room, "!pq sites", **{"m.relates_to": thread})
        [answer] = await lodged.alice.hears(lodged.room, 1, lodged.bot.account.user_id)
    assert answer["m.relates_to"] == {**thread, "is_falling_back": True, "m.in_reply_to": {"event_id": asked}}


async def test_words_become_arguments_in_order_by_name_and_in_quotation_marks(lodged: Lodging, said: Said) -> None:
    async with serving(lodged.adapter, said):
        for number, text in enumerate(('follow "two words"', f"FOLLOW place={lodged.room} url=https://x/?a=b"), 1):
            await lodged.alice.say(lodged.room, f"!PQ {text}")
            await bodies(lodged, number)
    assert [arguments for _, _, arguments in said] == [
        {"url": "two words"},
        {"place": lodged.room, "url": "https://x/?a=b"},
    ]


async def test_wrong_unknown_and_broken_commands_are_answered_in_words(lodged: Lodging, said: Said) -> None:
    async with serving(lodged.adapter, said):
        for number, text in enumerate(("follow", "wrong", "broken", "sitse", ""), 1):
            await lodged.alice.say(lodged.room, f"!pq {text}")
            await bodies(lodged, number)
        usage, wrong, broken, unknown, help_text = await bodies(lodged, 5)
    assert usage == "Write: !pq follow url [place]"
    assert wrong == "Ask differently."
    assert "unexpectedly" in broken
    assert "secret" not in broken
    assert "did you mean sites?" in unknown
    assert "!pq follow url [place] – What follow does\n" in help_text


@pytest.mark.parametrize("version", ["10", "12"])
async def test_only_those_who_manage_the_room_may_change_what_it_follows(said: Said, version: str) -> None:
    async with lodging(homeserver(), version=version) as lodged, serving(lodged.adapter, said):
        guest = Person(lodged.server, lodged.server.register())
        await lodged.alice.invite(lodged.room, guest.account.user_id)
        await guest.join(lodged.room)
        await guest.say(lodged.room, "!pq follow https://x")
        assert "power level of 50" in (await bodies(lodged, 1))[0]
        powers = await lodged.alice.state(lodged.room, "m.room.power_levels")
        raised = {**powers, "users": {**powers["users"], guest.account.user_id: 50}}
        await lodged.alice.set_state(lodged.room, "m.room.power_levels", raised)
        await guest.say(lodged.room, "!pq follow https://y")
        await bodies(lodged, 2)
        await lodged.alice.say(lodged.room, "!pq follow https://z")
        await bodies(lodged, 3)
    assert [arguments["url"] for _, _, arguments in said] == ["https://y", "https://z"]


async def test_who_manages_one_room_does_not_manage_another_through_it(lodged: Lodging, said: Said) -> None:
    other = Person(lodged.server, lodged.server.register())
    elsewhere = await other.create_room(invite=[lodged.bot.account.user_id])
    await lodged.bot.join(elsewhere)
    async with serving(lodged.adapter, said):
        for number, place in enumerate((elsewhere, f"matrix:{elsewhere}", "discord:123"), 1):
            await lodged.alice.say(lodged.room, f"!pq follow https://x {place}")
            assert "power level" in (await bodies(lodged, number))[-1]
    assert said == []


async def test_notices_own_messages_edits_and_other_talk_are_not_obeyed(lodged: Lodging, said: Said) -> None:
    async with serving(lodged.adapter, said):
        await lodged.alice.send(lodged.room, {"msgtype": "m.notice", "body": "!pq sites"})
        await lodged.bot.say(lodged.room, "!pq sites")
        talk = await lodged.alice.say(lodged.room, "!pqsites and !pq sites")
        edit: dict[str, Any] = {"rel_type": "m.replace", "event_id": talk}
        new = {"msgtype": "m.text", "body": "!pq sites"}
        await lodged.alice.say(lodged.room, "!pq sites", **{"m.relates_to": edit, "m.new_content": new})
        await lodged.alice.say(lodged.room, "!pq wrong")
        await lodged.alice.hears(lodged.room, 2, lodged.bot.account.user_id)
    assert [name for name, _, _ in said] == ["wrong"]


async def test_what_was_said_before_the_bot_listened_is_not_obeyed(lodged: Lodging, said: Said) -> None:
    await lodged.alice.say(lodged.room, "!pq sites")
    async with serving(lodged.adapter, said):
        await lodged.alice.say(lodged.room, "!pq wrong")
        await bodies(lodged, 1)
    assert [name for name, _, _ in said] == ["wrong"]


async def test_what_was_said_while_the_bot_was_away_is_not_obeyed_though_it_was_away_shortly(
    lodged: Lodging, said: Said
) -> None:
    async with serving(lodged.adapter, said):
        pass
    await lodged.alice.say(lodged.room, "!pq sites")
    async with serving(lodged.adapter, said):
        await lodged.alice.say(lodged.room, "!pq wrong")
        await bodies(lodged, 1)
    assert [name for name, _, _ in said] == ["wrong"]


async def test_an_invitation_is_accepted_from_those_listed_and_older_talk_there_is_not_obeyed(said: Said) -> None:
    async with lodging(homeserver()) as lodged:
        welcome = lodged.alice.account.user_id
        adapter = adapter_for(lodged.server, lodged.bot.account, allow_invites=f"@x:y, {welcome}")
        stranger = Person(lodged.server, lodged.server.register())
        async with serving(adapter, said):
            theirs = await stranger.create_room(invite=[lodged.bot.account.user_id])
            ours = await lodged.alice.create_room()
            await lodged.alice.say(ours, "!pq sites")
            await lodged.alice.invite(ours, lodged.bot.account.user_id)
            while ours not in (await lodged.bot.call("GET", "joined_rooms"))["joined_rooms"]:
                await asyncio.sleep(0.1)
            await lodged.alice.say(ours, "!pq wrong")
            await lodged.alice.hears(ours, 1, lodged.bot.account.user_id)
            assert theirs not in (await lodged.bot.call("GET", "joined_rooms"))["joined_rooms"]
        await adapter.close()
    assert [name for name, _, _ in said] == ["wrong"]


async def test_a_room_that_turns_encryption_on_gets_no_card_in_clear_any_more(lodged: Lodging, said: Said) -> None:
    payload = Matrix.render(CARD, Style.CARD)
    async with serving(lodged.adapter, said):
        await lodged.adapter.post(lodged.channel, payload, "k" * 24)
        algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
        await lodged.alice.set_state(lodged.room, "m.room.encryption", algorithm)
        await lodged.alice.say(lodged.room, "!pq wrong")
        await bodies(lodged, 2)
        with pytest.raises(Refused, match="encrypted"):
            await lodged.adapter.post(lodged.channel, payload, "l" * 24)


async def test_a_sync_that_fails_is_tried_again_with_pauses_and_loses_no_command(lodged: Lodging, said: Said) -> None:
    async with proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        async with serving(adapter, said):
            between.faults.extend(Fault(502, "<html>", content_type="text/html", path="/sync") for _ in range(2))
            await lodged.alice.say(lodged.room, "the sync under way ends here")
            await lodged.alice.say(lodged.room, "!pq sites")
            assert (await bodies(lodged, 1))[0].startswith("sites done")
            assert sum("/sync" in seen for seen in between.seen) < 10
        await adapter.close()
    assert len(said) == 1


async def test_a_sync_answer_that_makes_no_sense_does_not_end_the_listening(lodged: Lodging, said: Said) -> None:
    nonsense = (
        '{"next_batch": "x", "rooms": {"join": {"!a:b": {"timeline": {"events": [{"content": 5}]}, "state": 7}}}}'
    )
    async with proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        async with serving(adapter, said):
            between.faults.append(Fault(200, nonsense, path="/sync", for_good=True))
            async with asyncio.timeout(30):
                while between.faults or not said:  # what is said before it listens anew is not obeyed
                    await lodged.alice.say(lodged.room, "!pq sites" if not between.faults else "the sync ends here")
                    await asyncio.sleep(0.5)
        await adapter.close()
