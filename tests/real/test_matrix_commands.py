"""What people may say to the bot in rooms of a real homeserver, and what it says back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest

from adapters.matrix import Matrix
from bot.errors import Refused, UsageError
from bot.model import Card, Quote, Style
from bot.ports import Asked, Button, Command, Option, Reply, Shown
from tests.adapters.contract import CARD, OTHER
from tests.farends.matrix import Fault, proxy
from tests.real.matrix import Lodging, Obeyed, Person, adapter_for, command, homeserver, lodging, serving

pytestmark = pytest.mark.real


def known(obeyed: Obeyed) -> list[Command]:
    """Commands that note what reaches them: for all, for those who manage, failing ones, and one that has pages."""
    url, place = Option("url", "which"), Option("place", "where", required=False, kind="channel")
    words, page = Option("words", "what"), Option("page", "which", required=False, kind="number", most=9)
    paged = Reply(
        "Page 1 of 2",
        (Shown(CARD, Style.COMPACT), Shown(OTHER, Style.COMPACT)),
        (
            (Button("Next", "search", {"words": "the sea", "page": "2"}, "▶"),),
            (Button("Follow it", "follow", {"url": "https://a.example"}),),
        ),
    )
    return [
        command(obeyed, "sites"),
        command(obeyed, "follow", url, place, manage=True),
        command(obeyed, "search", words, page, answer=paged),
        command(obeyed, "subscriptions"),
        command(obeyed, "wrong", fails=UsageError("Ask differently.")),
        command(obeyed, "broken", fails=RuntimeError("a secret inside")),
    ]


@pytest.fixture
def obeyed() -> Obeyed:
    return []


@pytest.fixture
async def lodged() -> AsyncIterator[Lodging]:
    async with lodging(homeserver(), crowded=True) as place:
        yield place


async def test_a_command_is_answered_by_a_notice_in_its_thread_that_mentions_nobody(
    lodged: Lodging, obeyed: Obeyed
) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        asked = await lodged.alice.say(lodged.room, "!pq sites")
        [answer] = await lodged.answers(1)
    assert answer["msgtype"] == "m.notice"
    assert answer["m.mentions"] == {}
    assert answer["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": asked,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": asked},
    }
    assert answer["body"].startswith("sites done")
    assert "@room" not in answer["body"]
    assert "@alice:" not in answer["body"]
    assert obeyed == [("sites", Asked(lodged.channel, manages=True), {})]


async def test_a_command_in_a_thread_is_answered_there(lodged: Lodging, obeyed: Obeyed) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        root = await lodged.alice.say(lodged.room, "about the bot")
        asked = await lodged.alice.say_in(lodged.room, root, "!pq sites")
        [answer] = await lodged.answers(1)
    thread = {"rel_type": "m.thread", "event_id": root}
    assert answer["m.relates_to"] == {**thread, "is_falling_back": True, "m.in_reply_to": {"event_id": asked}}


async def test_a_command_that_replies_to_something_is_answered_in_a_thread_of_its_own(
    lodged: Lodging, obeyed: Obeyed
) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        before = await lodged.alice.say(lodged.room, "look at this")
        reply = {"m.in_reply_to": {"event_id": before}}
        body = "> <@alice:lab.localhost> look at this\n\n!pq sites"
        asked = await lodged.alice.say(lodged.room, body, **{"m.relates_to": reply})
        [answer] = await lodged.answers(1)
    assert answer["m.relates_to"]["event_id"] == asked


async def test_words_become_arguments_in_order_by_name_and_in_quotation_marks(lodged: Lodging, obeyed: Obeyed) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        for number, text in enumerate(('follow "two words"', f"FOLLOW place={lodged.room} url=https://x/?a=b"), 1):
            await lodged.alice.say(lodged.room, f"!PQ {text}")
            await lodged.bodies(number)
    assert [arguments for _, _, arguments in obeyed] == [
        {"url": "two words"},
        {"place": f"matrix:{lodged.room}", "url": "https://x/?a=b"},
    ]


async def test_wrong_unknown_and_broken_commands_are_answered_in_words(lodged: Lodging, obeyed: Obeyed) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        for number, text in enumerate(("follow", "wrong", "broken", "sitse", "subs", "follow https://x #no:where"), 1):
            await lodged.alice.say(lodged.room, f"!pq {text}")
            await lodged.bodies(number)
        usage, wrong, broken, unknown, alias, nowhere = await lodged.bodies(6)
    assert usage == "Write: !pq follow url [place]"
    assert wrong == "Ask differently."
    assert "unexpectedly" in broken
    assert "secret" not in broken
    assert unknown == "There is no command sitse; did you mean sites? All commands: !pq help"
    assert alias.startswith("subscriptions done")
    assert nowhere == "There is no room #\u2060no:where."


async def test_a_mention_needs_no_prefix(lodged: Lodging, obeyed: Obeyed) -> None:
    me = lodged.bot.account.user_id
    await lodged.bot.call("PUT", f"profile/{me}/displayname", {"displayname": "The Quill"})
    mention = {"m.mentions": {"user_ids": [me]}}
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, "the quill: search one")
        await lodged.bodies(1)
        await lodged.alice.say(lodged.room, f"{me}, search two")
        await lodged.bodies(2)
        await lodged.alice.say(lodged.room, "The Quill search three", **mention)
        await lodged.bodies(3)
        await lodged.alice.say(lodged.room, "sites please, The Quill", **mention)
        await lodged.bodies(4)
        talk = {"m.relates_to": {"m.in_reply_to": {"event_id": (await lodged.spoken())[0]["event_id"]}}}
        await lodged.alice.say(lodged.room, "sites like this are rare", **mention, **talk)
        await lodged.alice.say(lodged.room, "what a find, The Quill", **mention)
        await lodged.alice.say(lodged.room, "The Quill is a bot")
        await lodged.alice.say(lodged.room, "sites")
        await lodged.alice.say(lodged.room, "!pq wrong")
        assert (await lodged.bodies(5))[4] == "Ask differently."
    assert [(name, *arguments.values()) for name, _, arguments in obeyed] == [
        ("search", "one"),
        ("search", "two"),
        ("search", "three"),
        ("wrong",),
    ]


async def test_a_direct_room_needs_no_prefix_and_each_line_is_answered(obeyed: Obeyed) -> None:
    async with lodging(homeserver()) as lodged, serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, "hello there")
        assert (await lodged.bodies(1))[0].startswith("I show new posts of WordPress publications.")
        await lodged.alice.say(lodged.room, "how are you?")
        assert (await lodged.bodies(2))[1].startswith("There is no command how.")
        await lodged.alice.say(lodged.room, "subs")
        assert (await lodged.bodies(3))[2].startswith("subscriptions done")
        carol = Person(lodged.server, lodged.server.register())
        await lodged.alice.invite(lodged.room, carol.account.user_id)
        await carol.join(lodged.room)
        await carol.say(lodged.room, "sites")
        await carol.say(lodged.room, "!pq wrong")
        assert (await lodged.bodies(4))[3] == "Ask differently."


async def test_an_answer_holds_text_cards_and_commands_to_type(lodged: Lodging, obeyed: Obeyed) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, "!pq search the sea")
        [answer] = await lodged.answers(1)
    assert obeyed[0][2] == {"words": "the sea"}
    for form in ("body", "formatted_body"):
        places = [answer[form].index(part) for part in ("Page 1 of 2", CARD.title, OTHER.title, "Follow it", "▶ Next")]
        assert sorted(places) == places
    assert "Follow it: !pq follow url=https://a.example" in answer["body"]


@pytest.mark.parametrize("sign", ["▶", "▶️", "➡️"])
async def test_a_reaction_turns_the_page_also_after_a_restart(lodged: Lodging, obeyed: Obeyed, sign: str) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        asked = await lodged.alice.say(lodged.room, "!pq search the sea")
        await lodged.bodies(1)
    [answer] = await lodged.spoken()
    await lodged.alice.react(lodged.room, answer["event_id"], "➡")  # while nobody listens
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.guest.react(lodged.room, answer["event_id"], sign)
        _, page = await lodged.answers(2)
    assert page["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": asked,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": answer["event_id"]},
    }
    assert obeyed[1:] == [("search", Asked(lodged.channel, manages=False), {"words": "the sea", "page": "2"})]


async def test_reactions_of_the_bot_to_others_and_with_other_signs_do_nothing(lodged: Lodging, obeyed: Obeyed) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, "!pq search the sea")
        [first] = await lodged.answers(1)
        [answer] = await lodged.spoken()
        forged = await lodged.alice.send(lodged.room, {**first, "body": "not the bot's"})
        await lodged.bot.react(lodged.room, answer["event_id"], "▶")
        await lodged.alice.react(lodged.room, forged, "▶")
        await lodged.alice.react(lodged.room, answer["event_id"], "◀")
        await lodged.alice.react(lodged.room, answer["event_id"], "👍")
        await lodged.alice.say(lodged.room, "!pq wrong")
        await lodged.bodies(2)
    assert [name for name, _, _ in obeyed] == ["search", "wrong"]


async def test_next_in_the_answers_thread_turns_the_page(lodged: Lodging, obeyed: Obeyed) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        asked = await lodged.alice.say(lodged.room, "!pq search the sea")
        await lodged.bodies(1)
        for number, word in enumerate(("next", "Next", "▶", "!pq next"), 2):
            await lodged.alice.say_in(lodged.room, asked, word)
            await lodged.bodies(number)
        other = await lodged.alice.say(lodged.room, "who is next?")
        await lodged.alice.say_in(lodged.room, other, "next")
        await lodged.alice.say_in(lodged.room, asked, "previous")
        await lodged.alice.say(lodged.room, "next")
        await lodged.alice.say(lodged.room, "!pq wrong")
        assert (await lodged.bodies(6))[5] == "Ask differently."
    assert [arguments for _, _, arguments in obeyed[1:5]] == [{"words": "the sea", "page": "2"}] * 4


async def test_next_in_a_direct_room_turns_the_page_of_the_last_answer(obeyed: Obeyed) -> None:
    async with lodging(homeserver()) as lodged, serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, "search the sea")
        await lodged.bodies(1)
        await lodged.alice.say(lodged.room, "next")
        await lodged.bodies(2)
    assert [arguments.get("page") for _, _, arguments in obeyed] == [None, "2"]


async def test_five_of_the_largest_cards_are_answered_with_as_many_as_an_event_holds(
    lodged: Lodging, obeyed: Obeyed
) -> None:
    words = "字<&'\n\"\\" * 9000
    huge = Shown(Card(words, "https://a.example/", words, Quote(words, words)), Style.FULL)
    shows = command(obeyed, "shows", answer=Reply(words, (huge,) * 5))
    async with serving(lodged.adapter, [shows]):
        await lodged.alice.say(lodged.room, "!pq shows")
        [answer] = await lodged.answers(1)
    assert "more do not fit in here" in answer["body"]
    assert "https://a.example/" in answer["formatted_body"]


@pytest.mark.parametrize("version", ["10", "11", "12"])
async def test_who_manages_the_room_is_known_by_power_in_each_version(obeyed: Obeyed, version: str) -> None:
    async with (
        lodging(homeserver(), version=version, crowded=True) as lodged,
        serving(lodged.adapter, known(obeyed)),
    ):
        await lodged.guest.say(lodged.room, "!pq follow https://x")
        await lodged.bodies(1)
        powers = await lodged.alice.state(lodged.room, "m.room.power_levels")
        for number, level in enumerate((49, 50), 2):
            raised = {**powers, "users": {**powers["users"], lodged.guest.account.user_id: level}}
            await lodged.alice.set_state(lodged.room, "m.room.power_levels", raised)
            await lodged.guest.say(lodged.room, "!pq follow https://y")
            await lodged.bodies(number)
        await lodged.alice.say(lodged.room, "!pq follow https://z")
        await lodged.bodies(4)
    assert [asked.manages for _, asked, _ in obeyed] == [False, False, True, True]


async def test_the_level_that_manages_is_a_setting(obeyed: Obeyed) -> None:
    async with (
        lodging(homeserver(), crowded=True, manage_level=0) as lodged,
        serving(lodged.adapter, known(obeyed)),
    ):
        await lodged.guest.say(lodged.room, "!pq follow https://x")
        await lodged.bodies(1)
    assert obeyed[0][1].manages


async def test_who_manages_one_room_does_not_manage_another_through_it(lodged: Lodging, obeyed: Obeyed) -> None:
    other = Person(lodged.server, lodged.server.register())
    alias = lodged.bot.account.user_id[1:].partition(":")[0]
    elsewhere = await other.create_room(invite=[lodged.bot.account.user_id], room_alias_name=alias)
    await lodged.bot.join(elsewhere)
    places = (elsewhere, f"matrix:{elsewhere}", f"#{alias}:lab.localhost", "discord:123", lodged.room)
    async with serving(lodged.adapter, known(obeyed)):
        for number, place in enumerate(places, 1):
            await lodged.alice.say(lodged.room, f"!pq follow https://x {place}")
            await lodged.bodies(number)
    named = [arguments["place"] for _, _, arguments in obeyed]
    assert named == [*[f"matrix:{elsewhere}"] * 3, "discord:123", f"matrix:{lodged.room}"]
    assert [asked.manages for _, asked, _ in obeyed] == [False, False, False, False, True]


async def test_who_left_a_room_manages_it_no_more_from_another(lodged: Lodging, obeyed: Obeyed) -> None:
    elsewhere = await lodged.alice.create_room(invite=[lodged.bot.account.user_id])
    await lodged.bot.join(elsewhere)
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, f"!pq follow https://x {elsewhere}")
        await lodged.bodies(1)
        await lodged.alice.call("POST", f"rooms/{quote(elsewhere)}/leave", {})
        await lodged.alice.say(lodged.room, f"!pq follow https://x {elsewhere}")
        await lodged.bodies(2)
    assert [asked.manages for _, asked, _ in obeyed] == [True, False]


async def test_notices_own_messages_edits_and_other_talk_are_not_obeyed(lodged: Lodging, obeyed: Obeyed) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.alice.send(lodged.room, {"msgtype": "m.notice", "body": "!pq sites"})
        await lodged.bot.say(lodged.room, "!pq sites")
        talk = await lodged.alice.say(lodged.room, "!pqsites and !pq sites")
        edit: dict[str, Any] = {"rel_type": "m.replace", "event_id": talk}
        new = {"msgtype": "m.text", "body": "!pq sites"}
        await lodged.alice.say(lodged.room, "!pq sites", **{"m.relates_to": edit, "m.new_content": new})
        await lodged.alice.say(lodged.room, "!pq wrong")
        await lodged.bodies(2)
    assert [name for name, _, _ in obeyed] == ["wrong"]


async def test_what_was_said_before_the_bot_listened_is_not_obeyed(lodged: Lodging, obeyed: Obeyed) -> None:
    await lodged.alice.say(lodged.room, "!pq sites")
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, "!pq wrong")
        await lodged.bodies(1)
    assert [name for name, _, _ in obeyed] == ["wrong"]


async def test_what_was_said_while_the_bot_was_away_is_not_obeyed_though_it_was_away_shortly(
    lodged: Lodging, obeyed: Obeyed
) -> None:
    async with serving(lodged.adapter, known(obeyed)):
        pass
    await lodged.alice.say(lodged.room, "!pq sites")
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.alice.say(lodged.room, "!pq wrong")
        await lodged.bodies(1)
    assert [name for name, _, _ in obeyed] == ["wrong"]


async def test_a_room_that_turns_encryption_on_gets_no_card_in_clear_any_more(lodged: Lodging, obeyed: Obeyed) -> None:
    payload = Matrix.render(CARD, Style.CARD)
    async with serving(lodged.adapter, known(obeyed)):
        await lodged.adapter.post(lodged.channel, payload, "k" * 24)
        algorithm = {"algorithm": "m.megolm.v1.aes-sha2"}
        await lodged.alice.set_state(lodged.room, "m.room.encryption", algorithm)
        await lodged.alice.say(lodged.room, "!pq wrong")
        await lodged.bodies(2)
        with pytest.raises(Refused, match="encrypted"):
            await lodged.adapter.post(lodged.channel, payload, "l" * 24)


async def test_a_sync_that_fails_is_tried_again_with_pauses_and_loses_no_command(
    lodged: Lodging, obeyed: Obeyed
) -> None:
    async with proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        async with serving(adapter, known(obeyed)):
            between.faults.extend(Fault(502, "<html>", content_type="text/html", path="/sync") for _ in range(2))
            await lodged.alice.say(lodged.room, "the sync under way ends here")
            await lodged.alice.say(lodged.room, "!pq sites")
            assert (await lodged.bodies(1))[0].startswith("sites done")
            assert sum("/sync" in seen for seen in between.seen) < 10
        await adapter.close()
    assert len(obeyed) == 1


async def test_a_command_that_is_told_twice_is_obeyed_once(lodged: Lodging, obeyed: Obeyed) -> None:
    async with proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        async with serving(adapter, known(obeyed)):
            between.replayed = True
            await lodged.alice.say(lodged.room, "!pq sites")
            await lodged.alice.say(lodged.room, "!pq wrong")
            await lodged.bodies(2)
            await asyncio.sleep(0.5)
        await adapter.close()
        assert between.replays >= 1
    assert sorted(name for name, _, _ in obeyed) == ["sites", "wrong"]


async def test_a_sync_answer_that_makes_no_sense_does_not_end_the_listening(lodged: Lodging, obeyed: Obeyed) -> None:
    nonsense = (
        '{"next_batch": "x", "rooms": {"join": {"!a:b": {"timeline": {"events": [{"content": 5}]}, "state": 7}}}}'
    )
    async with proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        async with serving(adapter, known(obeyed)):
            between.faults.append(Fault(200, nonsense, path="/sync", for_good=True))
            async with asyncio.timeout(30):
                while between.faults or not obeyed:  # what is said before it listens anew is not obeyed
                    await lodged.alice.say(lodged.room, "!pq sites" if not between.faults else "the sync ends here")
                    await asyncio.sleep(0.5)
        await adapter.close()


async def test_in_an_encrypted_room_the_bot_says_why_it_is_silent(lodged: Lodging, obeyed: Obeyed) -> None:
    me = lodged.bot.account.user_id
    adapter = adapter_for(lodged.server, lodged.bot.account, allow_invites=lodged.alice.account.user_id)
    try:
        async with serving(adapter, known(obeyed)):
            room = await lodged.alice.create_room(encrypted=True)
            await lodged.alice.invite(room, me)
            [said] = await lodged.alice.hears(room, 1, me)
    finally:
        await adapter.close()
    assert (said["msgtype"], said["m.mentions"]) == ("m.notice", {})
    assert "is encrypted, which Pullquote cannot do yet" in said["body"]
