"""A card of which nobody knows whether it arrived, and what people do meanwhile: it stands once, or not at all."""

from __future__ import annotations

from datetime import timedelta

from bot.demo.site import SampleSite
from bot.errors import TryLater
from bot.model import Channel
from bot.ports import Asked
from tests.commands.chat import HERE, Chat

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
    [claimed] = chat.store.claim("model", chat.clock.now(), 1, timedelta(minutes=1))
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
