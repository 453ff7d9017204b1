"""What several processes have of one table: each row one process's, in each channel one post after the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.model import Channel, Receipt
from bot.store import Store, open_store
from tests.store.test_store import LEASE, NOW, ONE, TWO, follow, tell, turn


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


@pytest.fixture
def other(database: str) -> Iterator[Store]:
    """The same database, as another process has it open."""
    opened = open_store(database)
    yield opened
    opened.close()


def test_what_two_processes_deliver_at_once_is_had_once_and_in_order(store: Store, other: Store) -> None:
    follow(store, *(Channel("model", str(number)) for number in range(8)))
    tell(store, new=tuple(range(1, 13)))
    start, settled = threading.Barrier(2), list[tuple[str, int]]()

    def deliver(one: Store) -> None:
        start.wait(10)
        while one.next_due("model") is not None:
            for delivery in one.claim("model", NOW, 3, LEASE):
                marked = one.attempting(delivery, NOW)
                assert marked is not None
                settled.append((str(delivery.channel), delivery.article_id))
                assert one.settle(marked, marked.wanted, Receipt(delivery.channel, "m"), NOW)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(deliver, [store, other]))
    for number in range(8):
        assert [article for channel, article in settled if channel == f"model:{number}"] == list(range(1, 13))


def test_what_two_processes_read_at_once_is_each_site_once(store: Store, other: Store) -> None:
    follow(store, ONE)
    start = threading.Barrier(2)

    def claim(one: Store) -> int:
        start.wait(10)
        return sum(len(one.claim_sites(NOW + LEASE * number / 100, 8, LEASE)) for number in range(90))

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(claim, [store, other])) == 1


def test_a_post_waits_for_the_one_before_it_that_another_process_holds(store: Store, other: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1, 2))
    [first] = store.claim("model", NOW, 16, LEASE)
    assert other.claim("model", NOW, 16, LEASE) == []
    marked = store.attempting(first, NOW)
    assert marked is not None
    assert store.settle(marked, marked.wanted, Receipt(ONE, "m"), NOW)
    assert [due.article_id for due in other.claim("model", NOW, 16, LEASE)] == [2]


def test_whoever_takes_a_platform_over_has_its_leases_at_once_and_no_others(store: Store, other: Store) -> None:
    elsewhere = Channel("other", "three")
    follow(store, ONE, TWO, elsewhere)
    tell(store, new=(1,))
    assert len(store.claim("model", NOW, 16, LEASE)) == 2
    [kept] = store.claim("other", NOW, 16, LEASE)
    assert other.release("model", NOW) == 2
    assert len(other.claim("model", NOW, 16, LEASE)) == 2
    assert other.claim("other", NOW, 16, LEASE) == []
    assert store.attempting(kept, NOW) is not None


def test_what_the_process_before_still_writes_is_written_nowhere(store: Store, other: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    [claimed] = store.claim("model", NOW, 16, LEASE)
    marked = store.attempting(claimed, NOW)
    assert marked is not None
    other.release("model", NOW)
    assert not store.settle(marked, marked.wanted, Receipt(ONE, "late"), NOW)
    assert not store.postpone(marked, NOW + LEASE, "late", forget_attempt=True)
    assert store.attempting(claimed, NOW) is None
    [again] = other.claim("model", NOW, 16, LEASE)
    assert again.attempt == marked.attempt


def test_a_site_stays_with_who_reads_it_for_as_long_as_they_say_so(store: Store, other: Store) -> None:
    follow(store, ONE)
    claimed = turn(store)
    store.prolong(claimed, NOW + LEASE / 2, NOW + LEASE * 2)
    assert other.claim_sites(NOW + LEASE * 1.5, 8, LEASE) == []
    [theirs] = other.claim_sites(NOW + LEASE * 2, 8, LEASE)
    store.prolong(claimed, NOW + LEASE * 2, NOW + LEASE * 9)
    assert tell(store, new=(1,), claimed=claimed) is None
    assert tell(other, new=(1,), claimed=theirs) == 1


def test_every_process_on_a_restored_database_knows_that_it_is_a_copy(store: Store, database: str) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    store.mark_restored(NOW - LEASE, NOW)
    first, second = open_store(database), open_store(database)
    assert first.wake(NOW) == NOW - LEASE
    assert second.wake(NOW) is None
    assert second.claim("model", NOW, 16, LEASE) == []
    [later] = second.claim("model", NOW + LEASE, 16, LEASE)
    assert later.unsure_since == NOW - LEASE
    first.close()
    second.close()
