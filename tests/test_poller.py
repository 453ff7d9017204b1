"""When sites are looked at, and what becomes of those that cannot be."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import Closed, Gone, SourceError, StoreError, Unreachable
from bot.model import Article, Channel, Receipt, Site, Subscription
from bot.poller import Poller
from bot.ports import Changes
from bot.store import Inline, Store, open_store
from tests.commands.chat import Clock
from tests.wishes import subscribe

HERE = Channel("console", "here")


class Sites:
    """A source whose every look does what the test says."""

    def __init__(self) -> None:
        self.look: Callable[[Site], Changes] = lambda site: Changes(cursor="1")

    async def articles(self, site: Site) -> Changes:
        return self.look(site)


class House:
    """A poller and its table, on a clock turned by hand."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.source = store, Clock(), Sites()
        rng, interval = random.Random(1), timedelta(seconds=60)
        self.poller = Poller(
            self.source,  # type: ignore[arg-type]  # nothing else of a source is asked for
            store,
            Inline(),
            self.clock,
            rng,
            interval,
            lambda: None,
            longest=timedelta(seconds=300),
        )

    def follow(self, count: int = 1) -> None:
        for number in range(count):
            url = f"https://gazette{number}.example/"
            site = self.store.add_site(Site(url, f"Gazette {number}", f"{url}wp-json/", cursor="0"), self.clock.now())
            assert site.id is not None
            subscribe(self.store, Subscription(HERE, site.id), self.clock.now())

    async def look(self, after: timedelta) -> int:
        """How many sites were due, and looked at."""
        self.clock.moment += after
        turns = self.store.claim_sites(self.clock.now(), 100, timedelta(minutes=5))
        for turn in turns:
            await self.poller.poll(turn)
        await self.poller.note()
        return len(turns)

    def standing(self) -> list[str]:
        """What the channel should show, struck ones with a mark."""
        claimed = self.store.claim("console", self.clock.now(), 100, timedelta(seconds=1))
        return [("~" if one.wanted == "withdrawn" else "") + one.card.title for one in claimed]

    def settle(self) -> None:
        """Everything due is shown."""
        for one in self.store.claim("console", self.clock.now(), 100, timedelta(seconds=1)):
            marked = one if one.receipt else self.store.attempting(one, self.clock.now())
            assert marked is not None
            self.store.settle(marked, one.wanted, Receipt(one.channel, "1"), self.clock.now())


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = open_store(f"sqlite:///{tmp_path / 'pullquote.db'}")
    yield House(store)
    store.close()


def fails(error: SourceError) -> Callable[[Site], Changes]:
    def look(site: Site) -> Changes:
        raise error

    return look


def stories(*numbers: int) -> Callable[[Site], Changes]:
    found = tuple(Article(number, f"https://x.example/{number}", f"Story {number}") for number in numbers)
    return lambda site: Changes(cursor="2", new=found)


@pytest.mark.parametrize(("rest", "least", "most"), [(0, 54, 66), (120, 108, 132), (86_400, 270, 330)])
async def test_a_site_is_looked_at_by_its_rhythm_within_bounds(
    house: House, rest: float, least: float, most: float
) -> None:
    house.source.look = lambda site: Changes(cursor="1", rest=rest)
    house.follow()
    await house.look(timedelta(0))
    assert await house.look(timedelta(seconds=least - 1)) == 0
    assert await house.look(timedelta(seconds=most - least + 2)) == 1


async def test_a_site_in_trouble_is_let_be_longer_and_longer(house: House) -> None:
    house.source.look = fails(SourceError("It failed.", after=None))
    house.follow()
    looks = [await house.look(timedelta(seconds=61)) for _ in range(60)]
    assert 4 <= sum(looks) <= 8
    assert str(SourceError.loads(house.store.health()[0].trouble)) == "It failed."


async def test_an_outage_of_the_bots_own_is_no_sites_trouble(house: House) -> None:
    house.follow(6)
    await house.look(timedelta(0))
    house.source.look = fails(Unreachable("It cannot be reached."))
    for _ in range(30):
        await house.look(timedelta(seconds=70))
    assert sum(bool(one.trouble) for one in house.store.health()) <= 2, "those that were first"
    house.source.look = lambda site: Changes(cursor="1")
    assert await house.look(timedelta(seconds=70)) >= 4, "nobody waits longer for it"


async def test_one_site_out_of_reach_is_its_own_trouble_while_others_are_within(house: House) -> None:
    house.follow(3)
    down = "https://gazette1.example/"

    def look(site: Site) -> Changes:
        if site.url == down:
            raise Unreachable("It cannot be reached.")
        return Changes(cursor="1")

    house.source.look = look
    for _ in range(20):
        await house.look(timedelta(seconds=61))
    assert {one.site.url: bool(one.trouble) for one in house.store.health()} == {
        f"https://gazette{number}.example/": number == 1 for number in range(3)
    }


async def test_a_site_that_fails_for_a_week_is_told_of_once_and_looked_at_daily(house: House) -> None:
    house.follow()
    await house.look(timedelta(0))
    house.source.look = fails(SourceError("It is closed."))
    for _ in range(24 * 8):
        await house.look(timedelta(hours=1))
    assert house.standing() == ["Gazette 0 cannot be read any more"]
    assert [await house.look(timedelta(hours=1)) for _ in range(48)].count(1) in {1, 2}
    house.clock.moment += timedelta(minutes=1)
    house.settle()
    house.source.look = lambda site: Changes(cursor="1")
    await house.look(timedelta(days=2))
    assert house.standing() == ["~Gazette 0 cannot be read any more"]
    assert house.store.latest([1], 5) == [], "nobody takes it for an article"


async def test_a_site_that_is_gone_for_ever_is_told_of_within_hours(house: House) -> None:
    house.follow()
    await house.look(timedelta(0))
    house.source.look = fails(Gone("It is gone."))
    for _ in range(12):
        await house.look(timedelta(hours=1))
    assert house.standing() == ["Gazette 0 cannot be read any more"]


async def test_a_hundred_posts_in_a_minute_are_no_flood_and_none_is_lost(house: House) -> None:
    house.follow()
    await house.look(timedelta(0))
    for number in range(10):
        house.source.look = stories(*range(number * 10 + 1, number * 10 + 11))
        await house.look(timedelta(seconds=67))
    shown = house.store.claim("console", house.clock.now(), 100, timedelta(seconds=1))
    house.source.look = stories()
    waiting = house.store.following(HERE)[0].waiting
    assert waiting == 37, "thirty, and then the newest of each look"
    assert [one.card.title for one in shown] == ["Story 1"], "in their order"


@pytest.mark.parametrize(("error", "advised"), [(Closed("It is closed."), True), (SourceError("It fails."), False)])
async def test_an_api_that_is_closed_for_a_day_leads_to_the_feed(
    house: House, error: SourceError, advised: bool
) -> None:
    house.follow()
    await house.look(timedelta(0))
    house.source.look = fails(error)
    said = []
    for after in (timedelta(hours=1), timedelta(hours=24)):
        await house.look(after)
        said.append(str(SourceError.loads(house.store.health()[0].trouble)))
    advice = f"{error} If it has a feed" if advised else str(error)
    assert said[0] == str(error)
    assert said[1].startswith(advice)
    assert ("settings site=https://gazette0.example/ url=" in said[1]) == advised


async def test_what_could_not_be_written_is_read_again_once_the_database_answers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise StoreError("The disk is full.")

    house.follow()
    with monkeypatch.context() as full:
        full.setattr(house.store, "want", refuse)
        assert await house.look(timedelta(0)) == 1
    looked = asyncio.Event()

    def look(site: Site) -> Changes:
        looked.set()
        return Changes(cursor=site.cursor)

    house.source.look = look
    running = asyncio.create_task(house.poller.run())
    await asyncio.wait_for(looked.wait(), 5)  # with the clock where it was, long before the lease ends
    house.poller.stop()
    await running


async def test_a_site_that_asked_for_patience_before_all_was_read_is_left_alone(house: House) -> None:
    house.follow()
    house.source.look = lambda site: Changes(cursor="2", patience=900)
    await house.look(timedelta(0))
    assert await house.look(timedelta(seconds=899)) == 0
    assert await house.look(timedelta(seconds=1)) == 1


async def test_what_can_never_be_written_is_not_read_again_every_second(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.follow()
    looks = 0

    def look(site: Site) -> Changes:
        nonlocal looks
        looks += 1
        return Changes(cursor="1", withdrawn=(1,))

    def refuse(*_given: object) -> None:
        raise StoreError("value too large")

    house.source.look = look
    monkeypatch.setattr(house.store, "want", refuse)
    running = asyncio.create_task(house.poller.run())
    began = house.clock.moment
    while house.clock.moment < began + timedelta(minutes=5):
        await asyncio.sleep(0)
    house.poller.stop()
    await running
    assert looks <= 7
