"""Earlier cards: kept while a message may show them, and no longer than until the next correction."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, select

from bot.store import Store, open_store
from bot.store.schema import earlier
from tests.store.test_store import LEASE, NOW, ONE, TWO, follow, receipt, tell


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


def kept(database: str) -> list[str]:
    """The titles of all earlier cards."""
    engine = create_engine(database)
    with engine.connect() as connection:
        cards = connection.scalars(select(earlier.c.card)).all()
    engine.dispose()
    return sorted(json.loads(card)["title"] for card in cards)


def settle_all(store: Store) -> None:
    while claimed := store.claim("model", NOW, 16, LEASE):
        for delivery in claimed:
            store.settle(delivery, delivery.wanted, receipt(delivery.channel), NOW)


def test_a_card_corrected_twice_while_its_post_is_on_the_way_is_known_when_it_has_arrived(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    [flying] = store.claim("model", NOW, 16, LEASE)
    tell(store, changed={1: "Second"})
    tell(store, changed={1: "Third"})
    store.settle(flying, flying.wanted, receipt(), NOW)
    [due] = store.claim("model", NOW, 16, LEASE)
    assert due.before == flying.card


def test_a_card_corrected_twice_while_its_edit_is_on_the_way_is_known_when_it_has_arrived(store: Store) -> None:
    follow(store, ONE, TWO)
    tell(store, new=(1,))
    settle_all(store)
    tell(store, changed={1: "Second"})
    [flying] = store.claim("model", NOW, 1, LEASE)
    tell(store, changed={1: "Third"})
    settle_all(store)  # the other channel shows the third card already
    tell(store, changed={1: "Fourth"})
    store.settle(flying, flying.wanted, receipt(), NOW)
    claimed = store.claim("model", NOW, 16, LEASE)
    assert {delivery.channel: delivery.before and delivery.before.title for delivery in claimed} == {
        ONE: "Second",
        TWO: "Third",
    }


def test_of_many_corrections_no_more_is_kept_than_one_card(store: Store, database: str) -> None:
    follow(store, ONE, TWO)
    tell(store, new=(1,))
    for number in range(5):
        settle_all(store)
        tell(store, changed={1: f"Correction {number}"})
    assert kept(database) == ["Correction 3"]


def test_a_channel_that_is_shut_keeps_the_one_card_it_shows(store: Store, database: str) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    settle_all(store)
    for number in range(5):
        tell(store, changed={1: f"Correction {number}"})
        [due] = store.claim("model", NOW, 16, LEASE)
        store.park(due, "Not allowed to edit.")
    assert kept(database) == ["Correction 3", "Post 1"]


def test_a_message_that_someone_removed_keeps_no_card(store: Store, database: str) -> None:
    follow(store, ONE, TWO)
    tell(store, new=(1,))
    settle_all(store)
    tell(store, changed={1: "Second"})
    [one, two] = store.claim("model", NOW, 16, LEASE)
    store.park(one, "Someone removed it.", gone=True)
    store.settle(two, two.wanted, receipt(TWO), NOW)
    tell(store, changed={1: "Third"})
    assert kept(database) == ["Second"]


def test_where_no_message_stands_no_card_is_kept(store: Store, database: str) -> None:
    site = follow(store, ONE)
    tell(store, new=(1,))
    assert site.id is not None
    store.unsubscribe(ONE, site.id)
    follow(store, TWO)
    tell(store, changed={1: "Second"})
    assert kept(database) == []
