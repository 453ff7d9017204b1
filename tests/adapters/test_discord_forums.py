"""Cards in forums, where each begins a thread and Discord recognises no repeat by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.discord import Discord
from bot.errors import CannotLook, Refused, TryLater
from bot.model import Card, Channel, Receipt, Style
from tests.adapters.contract import CARD, CORRECTED, OTHER, Bench, Contract
from tests.adapters.discord_bench import DiscordBench, discord_bench

KEY = "abcdefghijklmnopqrstuvwx"


@pytest.fixture
async def at_discord() -> AsyncIterator[DiscordBench]:
    async with discord_bench() as bench:
        bench.channel = Channel("discord", bench.far_end.world.add_channel("forum", kind=15))
        yield bench


async def post(bench: DiscordBench, card: Card = CARD, key: str = KEY) -> Receipt:
    return await bench.adapter.post(bench.channel, Discord.render(card, Style.CARD), key)


def threads(bench: DiscordBench) -> list[dict[str, Any]]:
    """The forum's threads, oldest first."""
    found = [one for one in bench.far_end.world.channels.values() if one["parent_id"] == bench.channel.address]
    return sorted(found, key=lambda one: int(one["id"]))


class TestForum(Contract):
    adapter_class = Discord

    @pytest.fixture
    async def bench(self, at_discord: DiscordBench) -> Bench:
        world = at_discord.far_end.world
        nowhere = world.add_channel("closed", kind=15)
        world.deny(nowhere, "SEND_MESSAGES")

        async def standing() -> list[str]:
            return [Discord.text(m) for thread in threads(at_discord) for m in world.messages[thread["id"]].values()]

        return Bench(at_discord.adapter, at_discord.channel, Channel("discord", nowhere), standing)


async def test_a_thread_is_named_like_its_article(at_discord: DiscordBench) -> None:
    await post(at_discord, replace(CARD, title="*Rivers* & roads"))
    await post(at_discord, replace(OTHER, title="Very long " * 30), "l" * 24)
    first, second = [thread["name"] for thread in threads(at_discord)]
    assert first == "*Rivers* & roads"
    assert second.endswith("Very long…")
    assert len(second) <= 100


async def test_a_media_channel_takes_threads_too(at_discord: DiscordBench) -> None:
    at_discord.channel = Channel("discord", at_discord.far_end.world.add_channel("pictures", kind=16))
    await post(at_discord)
    assert len(threads(at_discord)) == 1


async def test_a_category_is_a_tag_where_the_forum_has_one_that_all_may_set(at_discord: DiscordBench) -> None:
    world = at_discord.far_end.world
    weather, closed = world.add_tags(at_discord.channel.address, "WEATHER", "Closed")
    world.channels[at_discord.channel.address]["available_tags"][1]["moderated"] = True
    for number, category in enumerate(("Weather", "Closed", "Other", "")):
        card = replace(CARD, url=f"https://ledger.example/{number}", category=category)
        await post(at_discord, card, f"k{number}")
    assert [thread["applied_tags"] for thread in threads(at_discord)] == [[weather], [], [], []]
    assert closed


async def test_a_tag_that_is_demanded_and_missing_is_named(at_discord: DiscordBench) -> None:
    at_discord.far_end.world.add_tags(at_discord.channel.address, "Weather", required=True)
    with pytest.raises(Refused, match="category"):
        await post(at_discord)
    await post(at_discord, replace(CARD, category="Weather"))
    assert len(threads(at_discord)) == 1


async def test_a_text_channel_is_asked_nothing_before_a_post(at_discord: DiscordBench) -> None:
    world = at_discord.far_end.world
    await at_discord.adapter.post(Channel("discord", world.add_channel()), Discord.render(CARD, Style.CARD), KEY)
    assert [request["method"] for request in world.requests] == ["POST"]


async def test_a_forum_is_remembered(at_discord: DiscordBench) -> None:
    await post(at_discord)
    at_discord.far_end.world.requests.clear()
    await post(at_discord, OTHER, "l" * 24)
    asked = [request["path"] for request in at_discord.far_end.world.requests]
    assert f"/channels/{at_discord.channel.address}/messages" not in asked


async def test_a_lost_answer_is_waited_for_then_found(at_discord: DiscordBench) -> None:
    before = at_discord.clock.now()
    at_discord.far_end.fault("drop_after", path="/threads", method="POST")
    for _ in range(2):
        with pytest.raises(TryLater) as caught:
            await post(at_discord)
        assert caught.value.maybe_done
    assert len(threads(at_discord)) == 1
    assert caught.value.after == pytest.approx(60, abs=10)
    found = await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before)
    (thread,) = threads(at_discord)
    assert found == Receipt(at_discord.channel, f"{thread['id']}/{thread['id']}")


async def test_what_was_certainly_not_begun_is_begun_at_once(at_discord: DiscordBench) -> None:
    at_discord.far_end.fault("rate_limit", path="/threads", method="POST", after=0.0)
    with pytest.raises(TryLater) as caught:
        await post(at_discord)
    assert not caught.value.maybe_done
    await post(at_discord)
    assert len(threads(at_discord)) == 1


async def test_a_restarted_bot_looks_before_it_repeats(at_discord: DiscordBench) -> None:
    first = await post(at_discord)
    adapter = at_discord.restarted()
    assert await adapter.post(at_discord.channel, Discord.render(CARD, Style.CARD), KEY) == first
    await adapter.edit(first, Discord.render(CORRECTED, Style.CARD), "e")
    await adapter.close()
    (thread,) = threads(at_discord)
    assert CORRECTED.title in Discord.text(at_discord.far_end.messages(thread["id"])[0])


async def test_a_thread_is_found_in_the_archive_too(at_discord: DiscordBench) -> None:
    world, before = at_discord.far_end.world, at_discord.clock.now()
    for number in range(3):
        world.start_thread(
            at_discord.channel.address,
            {"name": f"Talk {number}", "message": {"content": "c", "allowed_mentions": {"parse": []}}},
        )
    receipt = await post(at_discord)
    for thread in threads(at_discord):
        world.archive(thread["id"])
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) == receipt
    assert await at_discord.adapter.find(at_discord.channel, KEY, OTHER.url, before) is None


async def test_the_archive_is_read_as_far_back_as_it_matters(
    at_discord: DiscordBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.forums.PAGE", 2)
    world, before = at_discord.far_end.world, at_discord.clock.now()
    receipt = await post(at_discord)
    quiet = {"content": "c", "allowed_mentions": {"parse": []}}
    for number in range(4):
        world.start_thread(at_discord.channel.address, {"name": f"Talk {number}", "message": quiet})
    for thread in threads(at_discord):
        world.archive(thread["id"])
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) == receipt
    world.requests.clear()
    later = at_discord.clock.now() + timedelta(hours=1)
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, later) is None
    assert len([request for request in world.requests if "archived" in request["path"]]) == 1


async def test_somebody_elses_thread_is_not_ours(at_discord: DiscordBench) -> None:
    before = at_discord.clock.now()
    await post(at_discord)
    threads(at_discord)[0]["owner_id"] = "4242424242"
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) is None


async def test_an_unreadable_forum_proves_nothing_and_takes_cards(at_discord: DiscordBench) -> None:
    at_discord.far_end.world.deny(at_discord.channel.address, "READ_MESSAGE_HISTORY")
    await post(at_discord)
    with pytest.raises(CannotLook, match="Read Message History"):
        await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, at_discord.clock.now())


async def test_a_card_in_a_thread_that_fell_asleep_is_edited(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    (thread,) = threads(at_discord)
    at_discord.far_end.world.archive(thread["id"])
    await at_discord.adapter.edit(receipt, Discord.render(CORRECTED, Style.CARD), "e")
    assert CORRECTED.title in Discord.text(at_discord.far_end.messages(thread["id"])[0])


@pytest.mark.parametrize(("right", "name"), [("SEND_MESSAGES", "Send Messages"), ("EMBED_LINKS", "Embed Links")])
async def test_a_permission_that_is_missing_is_named(at_discord: DiscordBench, right: str, name: str) -> None:
    at_discord.far_end.world.deny(at_discord.channel.address, right)
    (complaint,) = await at_discord.adapter.check(at_discord.channel)
    assert f"“{name}”" in complaint


async def test_a_forum_that_demands_a_tag_and_has_none_is_complained_of(at_discord: DiscordBench) -> None:
    world = at_discord.far_end.world
    world.add_tags(at_discord.channel.address, required=True)
    (complaint,) = await at_discord.adapter.check(at_discord.channel)
    assert "tag" in complaint
    world.add_tags(at_discord.channel.address, "Weather")
    assert await at_discord.adapter.check(at_discord.channel) == []
