"""When a platform asks for patience, is down for a day or refuses: who waits, how long, and what comes afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.dispatcher import Dispatcher
from bot.errors import AdapterError, CannotLogIn, Refused, TryLater
from bot.model import Article, Card, Channel, Payload, Receipt, Site, Subscription
from bot.ports import Changes
from bot.store import Inline, Store, open_store
from tests.simulation.virtual import VirtualClock, run
from tests.simulation.world import Platform
from tests.wishes import subscribe

HOUR = 3600.0
BUSY = TryLater("429", HOUR, maybe_done=False, everywhere=True)


class Moody(Platform):
    """Every try and what it was for, by its moment; while there is a mood, it is raised instead."""

    def __init__(self) -> None:
        super().__init__(random.Random(1))
        self.mood: dict[str, AdapterError] = {}
        self.tries: list[tuple[float, str, str]] = []
        self.allows: int = 99

    @property
    def room(self) -> int:
        return self.allows

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        self.tries.append((asyncio.get_running_loop().time(), channel.address, str(payload["shown"])))
        if error := self.mood.get(channel.address) or self.mood.get("everywhere"):
            raise error
        return await super().post(channel, payload, key)

    @property
    def shown(self) -> list[str]:
        return [f"{message.channel} {message.shown}" for message in self.messages]


class House:
    """A publication that three channels follow, and where they are shown it."""

    def __init__(self, folder: Path) -> None:
        self.store: Store = open_store(f"sqlite:///{folder / 'bot.db'}")
        self.platform, self.clock = Moody(), VirtualClock()
        site = self.store.add_site(Site("https://x.example/", "", "https://x.example/wp-json/"), self.clock.epoch)
        for name in ("one", "two", "three"):
            subscribe(self.store, Subscription(Channel("model", name), site.id or 0), self.clock.epoch)

    def publish(self, number: int) -> None:
        now = self.clock.now()
        [turn] = self.store.claim_sites(now + timedelta(days=1), 9, timedelta(0))
        card = Card(f"#{number}", f"https://x.example/{number}/")
        found = Changes("1", new=(Article(number, card.url, card.title),))
        self.store.want(replace(turn, read_at=now), found, {number: card}, now, now)

    def goes_through(self, days: Coroutine[Any, Any, None]) -> None:
        """The dispatcher runs while that happens."""

        async def life() -> None:
            dispatcher = Dispatcher(self.platform, self.store, Inline(), self.clock, random.Random(1), tick=120)
            loop = asyncio.create_task(dispatcher.run())
            await days
            dispatcher.stop()
            await loop

        run(life())
        self.store.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_platform_that_asks_for_an_hour_is_left_alone_for_an_hour_by_all_channels(house: House) -> None:
    async def days() -> None:
        house.publish(1)
        house.platform.mood["everywhere"] = BUSY
        await asyncio.sleep(HOUR - 1)
        house.platform.mood.clear()
        await asyncio.sleep(300)

    house.goes_through(days())
    early = [at for at, _channel, _card in house.platform.tries if at < HOUR]
    assert len(early) == 3, "those that were under way together"
    assert max(early) < 1
    assert len(house.platform.shown) == 3


def test_however_often_a_platform_says_how_long_it_is_believed_each_time(house: House) -> None:
    async def days() -> None:
        house.publish(1)
        house.platform.mood["everywhere"] = TryLater("429", 30.0, maybe_done=False, everywhere=True)
        await asyncio.sleep(HOUR)

    house.goes_through(days())
    moments = sorted({round(at) for at, _channel, _card in house.platform.tries})
    gaps = [later - first for first, later in pairwise(moments) if later - first > 2]
    assert gaps
    assert all(29 <= gap <= 155 for gap in gaps)


def test_a_server_that_fails_is_asked_more_and_more_seldom(house: House) -> None:
    async def days() -> None:
        house.publish(1)
        house.platform.mood["everywhere"] = TryLater("503")
        await asyncio.sleep(6 * HOUR)

    house.goes_through(days())
    for name in ("one", "two", "three"):
        assert 15 < sum(channel == name for _at, channel, _card in house.platform.tries) < 80


def test_after_a_day_without_the_platform_a_channel_has_the_newest_few(house: House) -> None:
    async def days() -> None:
        house.platform.mood["everywhere"] = TryLater("503", maybe_done=False)
        for number in range(1, 27):
            house.publish(number)
            await asyncio.sleep(HOUR)
        house.platform.mood.clear()
        await asyncio.sleep(HOUR)

    house.goes_through(days())
    for name in ("one", "two", "three"):
        lines = [line for line in house.platform.shown if name in line]
        assert lines[-1] == f"model:{name} #26"
        assert len(lines) <= 3, "what was gathered, and what came since"


def test_after_an_hour_without_the_platform_each_channel_has_everything_in_order(house: House) -> None:
    async def days() -> None:
        house.platform.mood["everywhere"] = TryLater("503", maybe_done=False)
        for number in range(1, 7):
            house.publish(number)
            await asyncio.sleep(600)
        house.platform.mood.clear()
        await asyncio.sleep(HOUR)

    house.goes_through(days())
    for name in ("one", "two", "three"):
        assert [line for line in house.platform.shown if name in line] == [f"model:{name} #{n}" for n in range(1, 7)]


def test_a_channel_that_refuses_is_tried_once_an_article_told_of_and_goes_on_when_revived(house: House) -> None:
    async def days() -> None:
        house.platform.mood["two"] = Refused("50013: give it Send Messages")
        house.publish(1)
        house.publish(2)
        await asyncio.sleep(HOUR)
        [refused] = house.store.following(Channel("model", "two"))
        assert refused.parked == "50013: give it Send Messages"
        assert [card for _at, channel, card in house.platform.tries if channel == "two"] == ["#1", "#2"]
        house.platform.mood.clear()
        house.store.revive(Channel("model", "two"), house.clock.now(), refused.subscription.site_id)
        await asyncio.sleep(300)

    house.goes_through(days())
    assert [line for line in house.platform.shown if "two" in line] == ["model:two #1", "model:two #2"]


def test_a_token_that_is_refused_is_not_shown_again_within_a_minute(house: House) -> None:
    async def days() -> None:
        house.publish(1)
        house.platform.mood["everywhere"] = CannotLogIn("401")
        await asyncio.sleep(59)

    house.goes_through(days())
    assert len(house.platform.tries) == 3, "those that were under way together"


def test_no_more_is_begun_than_the_platform_has_room_for(house: House) -> None:
    async def days() -> None:
        house.platform.allows = 0
        house.publish(1)
        await asyncio.sleep(60)
        assert house.platform.tries == []
        house.platform.allows = 1
        await asyncio.sleep(900)

    house.goes_through(days())
    moments = [at for at, _channel, _card in house.platform.tries]
    assert len(moments) == 3
    assert all(later - first >= 0.05 for first, later in pairwise(moments)), "one after the other"
