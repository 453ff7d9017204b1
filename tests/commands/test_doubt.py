"""A card of which nobody knows whether it arrived, and what people do meanwhile: it stands once, or not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.demo.site import SampleSite
from bot.errors import CannotLook, Refused, StoreError, TryLater
from bot.model import Channel
from bot.ports import Asked
from tests.commands.chat import ELSEWHERE, HERE, THERE, Chat

BELOW = Asked(Channel("model", "below"), manages=True)
LATER = 400.0
"""Seconds after which it can be told whether a card arrived."""


async def lose(chat: Chat, title: str = "Doubtful") -> int:
    """Publish, and lose the platform's answer to each card of it; nothing arrived."""
    post = chat.publish(title)
    chat.platform.refusal = TryLater("lost")
    await chat.poll()
    for delivery in chat.store.claim("model", chat.clock.now(), 16, timedelta(minutes=1)):
        await chat.dispatcher.deliver(delivery)
    chat.platform.refusal = None
    return post


async def settle(chat: Chat) -> list[str]:
    """Let everything be found out; what stands then."""
    for _ in range(3):
        chat.turn(LATER)
        await chat.go_on()
    return chat.standing()


async def test_a_card_in_doubt_is_not_posted_once_its_channel_unsubscribed(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await chat.ask("subscribe", BELOW, site=chat.site.url)
    post = await lose(chat)
    await chat.ask("unsubscribe", site=chat.site.url)
    chat.site.edit(post, title="Corrected")
    await chat.ask("subscribe", site=other.url)
    assert await settle(chat) == []
    assert chat.standing(BELOW.channel) == ["Corrected"]


async def test_a_card_that_arrived_although_its_channel_unsubscribed_is_found_and_corrected(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("subscribe", BELOW, site=chat.site.url)
    post = chat.publish("Arrived")
    await chat.poll()
    both = chat.store.claim("model", chat.clock.now(), 16, timedelta(minutes=1))
    [claimed] = [one for one in both if one.channel == HERE]
    marked = chat.store.attempting(claimed, chat.clock.now())
    assert marked is not None
    await chat.platform.post(HERE, chat.platform.render(claimed.card, claimed.style), claimed.key)
    await chat.ask("unsubscribe", site=chat.site.url)
    chat.site.edit(post, title="Corrected")
    assert await settle(chat) == ["Corrected"]


async def test_nothing_leaves_for_a_channel_that_unsubscribes_while_its_card_in_doubt_is_taken_on(chat: Chat) -> None:
    await chat.follow()
    await lose(chat)
    chat.turn(15)
    [claimed] = chat.store.claim("model", chat.clock.now(), 16, timedelta(minutes=1))
    await chat.ask("unsubscribe", site=chat.site.url)
    await chat.dispatcher.deliver(claimed)
    assert await settle(chat) == []


async def test_a_pause_stops_a_card_in_doubt_and_its_end_shows_it(chat: Chat) -> None:
    await chat.follow()
    await lose(chat)
    await chat.ask("pause")
    assert await settle(chat) == []
    await chat.ask("resume")
    assert await settle(chat) == ["Doubtful"]


async def test_a_removed_card_that_comes_back_during_a_pause_stands_again_after_it(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", withdrawals="remove")
    post = chat.publish("Back again")
    await chat.go_on()
    chat.site.trash(post)
    assert await chat.go_on() == []
    await chat.ask("pause")
    chat.site.untrash(post)
    assert await chat.go_on() == []
    await chat.ask("resume")
    assert await chat.go_on() == ["Back again"]


# --- parked: refused by the platform until somebody mends something


async def refuse(chat: Chat, title: str) -> int:
    """Publish, and have each card of it refused."""
    post = chat.publish(title)
    chat.platform.refusal = Refused("Send Messages is missing.")
    await chat.go_on()
    chat.platform.refusal = None
    return post


@pytest.mark.parametrize("mend", ["subscribe", "resume", "backfill"])
async def test_what_was_refused_is_tried_again_by_each_command_that_asks_for_it(chat: Chat, mend: str) -> None:
    await chat.follow()
    await refuse(chat, "Refused")
    await chat.ask(mend, site=chat.site.url)
    assert await chat.go_on() == ["Refused"]


async def test_what_was_refused_is_tried_again_once_the_bot_hears_that_it_is_back(chat: Chat) -> None:
    await chat.follow()
    await refuse(chat, "Refused while nobody heard why")
    await chat.parts.back([THERE, HERE])
    assert await chat.go_on() == ["Refused while nobody heard why"]


async def test_a_subscription_to_one_site_tries_nothing_of_another_again(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await refuse(chat, "Refused")
    await chat.ask("subscribe", site=other.url)
    assert await chat.go_on() == []


async def test_of_a_paused_site_nothing_refused_is_tried_again(chat: Chat) -> None:
    await chat.follow()
    await lose(chat)
    chat.turn(LATER)
    await refuse(chat, "Refused")
    await chat.ask("pause")
    await chat.follow()
    await chat.parts.back([HERE])
    assert await settle(chat) == []


async def test_what_was_refused_a_day_ago_comes_back_only_when_it_is_asked_for(chat: Chat) -> None:
    await chat.follow()
    await refuse(chat, "Old")
    chat.turn(timedelta(hours=25).total_seconds())
    await chat.follow()
    await chat.ask("resume")
    await chat.parts.back([HERE])
    assert await chat.go_on() == []
    await chat.ask("backfill")
    assert await chat.go_on() == ["Old"]


async def test_a_correction_that_was_refused_is_made_once_the_channel_is_back_whoever_it_follows(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("subscribe", BELOW, site=chat.site.url)
    post = chat.publish("Stands")
    await chat.go_on()
    await chat.ask("unsubscribe", site=chat.site.url)
    chat.platform.refusal = Refused("The bot was removed.")
    chat.site.edit(post, title="Corrected")
    assert await chat.go_on() == ["Stands"]
    chat.platform.refusal = None
    await chat.parts.back([HERE])
    assert await chat.go_on() == ["Corrected"]


async def test_a_backfill_that_is_asked_for_during_a_pause_is_shown(chat: Chat) -> None:
    chat.publish("Older")
    await chat.follow()
    await chat.ask("pause")
    await chat.ask("backfill")
    assert await chat.go_on() == ["Older"]


# --- a channel that moved while a card of it was in doubt


async def test_a_card_in_doubt_that_is_absent_in_the_old_channel_is_posted_in_the_new_one(chat: Chat) -> None:
    await chat.follow()
    await lose(chat)
    await chat.parts.moved(HERE, THERE)
    assert await settle(chat) == []
    assert chat.standing(THERE) == ["Doubtful"]


async def test_a_card_in_doubt_follows_its_channel_however_often_it_moves(chat: Chat) -> None:
    await chat.follow()
    await lose(chat)
    await chat.parts.moved(HERE, THERE)
    await chat.parts.moved(THERE, BELOW.channel)
    assert await settle(chat) == []
    assert chat.standing(THERE) == []
    assert chat.standing(BELOW.channel) == ["Doubtful"]


async def test_a_card_that_stands_in_the_old_channel_after_all_is_not_posted_in_the_new_one(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Arrived")
    await chat.poll()
    [claimed] = chat.store.claim("model", chat.clock.now(), 1, timedelta(minutes=1))
    assert chat.store.attempting(claimed, chat.clock.now())
    await chat.platform.post(HERE, chat.platform.render(claimed.card, claimed.style), claimed.key)
    await chat.parts.moved(HERE, THERE)
    assert await settle(chat) == ["Arrived"]
    assert chat.standing(THERE) == []


async def test_a_card_in_doubt_does_not_move_onto_one_that_stands_there_already(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    chat.publish("In both")
    await chat.poll()
    chat.platform.refusal = TryLater("lost")
    for delivery in chat.store.claim("model", chat.clock.now(), 16, timedelta(minutes=1)):
        if delivery.channel == HERE:
            await chat.dispatcher.deliver(delivery)
    chat.platform.refusal = None
    await chat.parts.moved(HERE, THERE)
    assert await settle(chat) == []
    assert chat.standing(THERE) == ["In both"]


async def test_a_card_in_doubt_does_not_leave_for_a_channel_that_moved_while_it_was_paused(chat: Chat) -> None:
    await chat.follow()
    await lose(chat)
    await chat.ask("pause")
    await chat.parts.moved(HERE, THERE)
    assert await settle(chat) == []
    assert chat.standing(THERE) == []
    await chat.ask("resume", ELSEWHERE)
    await settle(chat)
    assert chat.standing(THERE) == ["Doubtful"]


async def unseen(*_: object) -> None:
    raise CannotLook("the history may not be read")


async def test_a_card_that_was_let_be_unseen_is_not_posted_for_being_corrected(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.follow()
    post = chat.publish("Perhaps there")
    await chat.poll()
    chat.store.release_all(chat.clock.now())
    monkeypatch.setattr(chat.platform, "find", unseen)
    chat.turn(7200)
    await chat.deliver()
    chat.site.edit(post, title="Corrected")
    assert await settle(chat) == []


def refuse_to_write(*_: object) -> None:
    raise StoreError("The disk is full.")


async def test_a_clock_that_is_set_back_while_the_database_cannot_be_written_holds_nothing_up(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.follow()
    chat.publish("Here")
    await chat.poll()
    await chat.dispatcher._heed_clock()
    monkeypatch.setattr(chat.clock, "monotonic", lambda: chat.clock.moment.timestamp() + 7200)
    chat.turn(-7200)
    with monkeypatch.context() as full:
        full.setattr(chat.store, "distrust", refuse_to_write)
        await chat.dispatcher._take_on()
    await chat.dispatcher._take_on()
    await asyncio.gather(*chat.dispatcher._running)
    assert chat.standing() == ["Here"]


async def test_a_publication_is_read_though_the_clock_was_set_back_while_the_database_could_not_be_written(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.follow()
    await chat.go_on()
    chat.publish("Here")
    monkeypatch.setattr(chat.clock, "monotonic", lambda: chat.clock.moment.timestamp() + 7200)
    chat.turn(-7200)
    with monkeypatch.context() as full:
        full.setattr(chat.store, "set_back", refuse_to_write)
        await chat.poller._take_on()
    chat.turn(90)
    await chat.poller._take_on()
    await asyncio.gather(*chat.poller._running)
    await chat.deliver()
    assert chat.standing() == ["Here"]
