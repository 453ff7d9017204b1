"""Whose turn it is: what a claim gives first, what waits for what, and what a claim costs when much waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import PAUSED, Article, Card, Channel, Delivery, Receipt, Site, Subscription
from bot.ports import Changes
from bot.store import Store, open_store, rota
from bot.store.schema import deliveries
from tests.conftest import file_in
from tests.store.test_store import LEASE, NOW
from tests.wishes import subscribe


class House:
    """Publications that channels follow, each by its number."""

    def __init__(self, store: Store) -> None:
        self.store, self.sites = store, dict[int, int]()

    def follow(self, site: int, *channels: str, notify: str = "normal") -> None:
        url = f"https://gazette{site}.example/"
        self.sites[site] = self.store.add_site(Site(url, "", f"{url}wp-json/", cursor="0"), NOW).id or 0
        for name in channels:
            subscribe(self.store, Subscription(Channel("model", name), self.sites[site], notify=notify), NOW)

    def publish(self, site: int, *numbers: int, now: datetime = NOW, withdrawn: tuple[int, ...] = ()) -> None:
        """New articles, each titled with its number."""
        found = tuple(Article(number, f"https://gazette.example/{number}/", str(number)) for number in numbers)
        cards = {one.id: Card(one.title, one.url) for one in found}
        claimed = self.store.claim_sites(now + timedelta(days=1000), 100, timedelta(0))
        [turn] = [one for one in claimed if one.site.id == self.sites[site]]
        turn = replace(turn, read_at=now)
        self.store.want(turn, Changes("1", new=found, withdrawn=withdrawn), cards, now, now)

    def claim(self, limit: int = 100, now: datetime = NOW) -> list[Delivery]:
        return self.store.claim("model", now, limit, LEASE)

    def show(self, delivery: Delivery, now: datetime = NOW) -> None:
        marked = delivery if delivery.receipt else self.store.attempting(delivery, now)
        assert marked is not None
        assert self.store.settle(marked, marked.wanted, Receipt(marked.channel, "m"), now)

    def drain(self, now: datetime = NOW) -> list[str]:
        """What is shown until nothing is due any more, as channel and title, in that order."""
        shown = []
        while claimed := self.claim(7, now):
            for one in claimed:
                self.show(one, now)
                shown.append(f"{one.channel.address} {one.card.title}")
        return shown


@pytest.fixture
def house(database: str) -> Iterator[House]:
    store = open_store(database)
    yield House(store)
    store.close()


@pytest.fixture
def in_a_file(tmp_path: Path) -> Iterator[House]:
    store = open_store(file_in(tmp_path))
    yield House(store)
    store.close()


# ------------------------------------------------------------------ what goes first


def test_a_small_publication_is_not_behind_a_big_one(house: House) -> None:
    house.follow(1, *(f"big{number}" for number in range(50)))
    house.follow(2, "small")
    house.publish(1, 1)
    house.claim(1)
    house.publish(2, 1)
    assert [one.channel.address for one in house.claim(1)] == ["small"]
    assert len(house.claim()) == 49


def test_publications_take_turns_within_a_claim_and_from_claim_to_claim(house: House) -> None:
    for site in (1, 2, 3):
        house.follow(site, *(f"{site}.{number}" for number in range(9)))
        house.publish(site, 1)
    assert [one.channel.address[0] for one in house.claim(6)] == list("123123")
    assert [one.channel.address[0] for _ in range(4) for one in house.claim(1)] == list("1231")


def test_what_people_are_called_for_goes_before_all_else(house: House) -> None:
    house.follow(1, *(f"big{number}" for number in range(50)))
    house.follow(2, "called", notify="role:7")
    house.publish(1, 1)
    house.publish(2, 1)
    assert [one.channel.address for one in house.claim(1)] == ["called"]


def test_what_stands_before_it_in_its_channel_makes_way_for_what_people_are_called_for(house: House) -> None:
    house.follow(1, *(f"big{number}" for number in range(50)), "called")
    house.follow(2, "called", notify="role:7")
    house.publish(1, 1, 2)
    house.publish(2, 3)
    shown = []
    for _ in range(4):
        [one] = house.claim(1)
        house.show(one)
        shown.append(f"{one.channel.address} {one.card.title}")
    assert [one for one in shown if "called" in one] == ["called 1", "called 2", "called 3"]


def test_a_withdrawal_goes_before_its_publications_news(house: House) -> None:
    house.follow(1, "one", "two")
    house.publish(1, 1)
    house.drain()
    house.publish(1, 2, withdrawn=(1,))
    assert [one.wanted == "withdrawn" for one in house.claim()] == [True, True, False, False]


# ------------------------------------------------------------------ within a channel


def settles(house: House, first: Delivery) -> None:
    house.show(first)


def parks(house: House, first: Delivery) -> None:
    house.store.park(first, "No.")


def unsubscribes(house: House, first: Delivery) -> None:
    house.store.unsubscribe(first.channel, first.site_id)


def pauses(house: House, first: Delivery) -> None:
    house.store.halt([first.channel], PAUSED, first.site_id)


@pytest.mark.parametrize("ends", [settles, parks, unsubscribes, pauses])
def test_who_waits_is_found_once_the_one_before_is_out_of_the_way(
    house: House, ends: Callable[[House, Delivery], None]
) -> None:
    house.follow(1, "here")
    house.follow(2, "here")
    house.publish(1, 1)
    house.publish(2, 2)
    [first] = house.claim()
    assert house.claim() == []
    ends(house, first)
    assert [one.card.title for one in house.claim()] == ["2"]


def test_who_waits_is_found_in_the_channel_that_the_old_one_moved_to(house: House) -> None:
    old, new = Channel("model", "old"), Channel("model", "new")
    house.follow(1, "old")
    house.publish(1, 1, 2)
    house.claim()
    house.store.move_channel(old, new)
    assert house.drain(NOW + LEASE) == ["new 1", "new 2"]


@given(st.lists(st.tuples(st.integers(1, 3), st.sets(st.integers(0, 4), min_size=1)), min_size=1, max_size=12))
@settings(max_examples=20)
def test_everything_is_shown_once_and_in_its_channels_order(waves: list[tuple[int, set[int]]]) -> None:
    with TemporaryDirectory() as folder:
        house = House(open_store(f"sqlite:///{folder}/pullquote.db"))
        for site in (1, 2, 3):
            house.follow(site, *map(str, range(site + 2)), notify="role:7" if site == 3 else "normal")
        wanted: dict[str, list[str]] = {}
        for number, (site, _claimed) in enumerate(waves):
            house.publish(site, number)
            for channel in range(site + 2):
                wanted.setdefault(str(channel), []).append(str(number))
            for one in house.claim(2):
                house.store.postpone(one, NOW, "", forget_attempt=True)
        shown: dict[str, list[str]] = {}
        for line in house.drain():
            channel_name, title = line.split()
            shown.setdefault(channel_name, []).append(title)
        assert shown == wanted
        house.store.close()


# ------------------------------------------------------------------ after a long outage


def test_a_day_without_the_platform_is_caught_up_with_the_newest_and_how_many_there_were(house: House) -> None:
    house.follow(1, "here")
    house.follow(2, "here")
    house.publish(2, 9)
    for number in range(1, 6):
        house.publish(1, number, now=NOW + timedelta(hours=number))
    later = NOW + timedelta(hours=26)
    shown = []
    while claimed := house.claim(now=later):
        for one in claimed:
            house.show(one, later)
            shown.append((one.card.title, one.more))
    assert shown == [("9", 0), ("5", 4)]
    articles = [
        (Article(n, f"https://gazette.example/{n}/", str(n)), Card(str(n), "https://x.example/")) for n in (3, 4)
    ]
    assert house.store.backfill(Subscription(Channel("model", "here"), house.sites[1]), articles, 9, later) == 2


def test_less_than_a_day_without_the_platform_costs_nobody_an_article(house: House) -> None:
    house.follow(1, "here")
    for number in range(1, 21):
        house.publish(1, number, now=NOW + timedelta(hours=number))
    assert house.drain(NOW + timedelta(hours=23)) == [f"here {number}" for number in range(1, 21)]


def test_more_than_anybody_reads_at_once_is_the_newest_after_hours_already(house: House) -> None:
    house.follow(1, "here")
    for number in range(1, 41):
        house.publish(1, number, now=NOW + timedelta(minutes=number))
    assert house.drain(NOW + timedelta(hours=5)) == ["here 40"]


def test_one_that_may_have_left_is_never_passed_over(house: House) -> None:
    house.follow(1, "here")
    house.publish(1, 1)
    [first] = house.claim()
    assert house.store.attempting(first, NOW)
    for number in range(2, 9):
        house.publish(1, number, now=NOW + timedelta(minutes=number))
    assert house.drain(NOW + timedelta(hours=30)) == ["here 1", "here 8"]


def test_none_is_passed_over_that_the_life_before_a_restore_may_have_posted(house: House) -> None:
    house.follow(1, "here")
    for number in range(1, 9):
        house.publish(1, number, now=NOW + timedelta(minutes=number))
    house.store.mark_restored(NOW + timedelta(hours=1), NOW + timedelta(hours=2))
    house.store.wake(NOW + timedelta(hours=2))
    assert len(house.drain(NOW + timedelta(hours=30))) == 8


# ------------------------------------------------------------------ what a claim costs


@pytest.mark.parametrize("query", [rota._SITES, rota._OF_SITE])
def test_a_claim_reads_nothing_but_what_is_due(in_a_file: House, query: object) -> None:
    with in_a_file.store._begin() as tx:
        compiled = str(query.compile(tx.engine))  # type: ignore[attr-defined]
        values = dict.fromkeys(query.compile(tx.engine).params, 0)  # type: ignore[attr-defined]
        names = query.compile(tx.engine).positiontup  # type: ignore[attr-defined]
        plan = [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", tuple(values[n] for n in names))]
    reading = [step for step in plan if deliveries.name in step]
    assert reading
    assert all(step.startswith("SEARCH") and "INDEX deliveries_" in step for step in reading), plan


def test_a_line_that_waits_is_read_once(house: House) -> None:
    house.follow(1, "busy")
    for site in range(2, 6):
        house.follow(site, "busy")
        house.publish(site, *range(1, 20))
    [first] = house.claim()
    house.claim()
    with house.store._begin() as tx:
        waiting = tx.execute(deliveries.select().where(deliveries.c.behind.is_(False))).all()
    assert [row.id for row in waiting] == [first.id]


def test_an_archive_that_is_withdrawn_where_people_are_called_for_news_holds_up_nobody(house: House) -> None:
    house.follow(1, "called", notify="role:7")
    house.follow(2, "small")
    house.publish(1, *range(1, 21))
    house.drain()
    house.publish(1, withdrawn=tuple(range(1, 21)))
    house.publish(2, 21)
    assert "small" in [one.channel.address for one in house.claim(2)]


def test_who_waits_is_found_though_what_is_before_it_was_forgotten_with_its_site(house: House) -> None:
    house.follow(1, "here")
    house.follow(2, "here")
    house.publish(1, 1)
    house.publish(2, 2)
    [first] = house.claim()
    assert house.store.attempting(first, NOW)
    assert house.claim() == []
    house.store.unsubscribe(first.channel, first.site_id)
    house.follow(3, "mover")
    there = Site("https://gazette1.example/", "", "https://gazette1.example/wp-json/", cursor="0")
    assert house.store.move_site(Channel("model", "mover"), house.sites[3], there, NOW)
    assert [one.card.title for one in house.claim(now=NOW + LEASE)] == ["2"]


def test_what_was_shown_by_who_was_slow_is_corrected_though_it_waited_meanwhile(house: House) -> None:
    house.follow(1, "here")
    house.follow(2, "here")
    house.publish(1, 1)
    [earlier] = house.claim()
    house.store.park(earlier, "No.")
    house.publish(2, 2)
    [slow] = house.claim()
    assert house.store.revive(earlier.channel, NOW, house.sites[1]) == 1
    assert [one.card.title for one in house.claim(now=NOW + LEASE)] == ["1"]
    house.show(slow, NOW + LEASE)
    house.publish(2, now=NOW + LEASE, withdrawn=(2,))
    assert [one.wanted for one in house.claim(now=NOW + LEASE)] == ["withdrawn"]
