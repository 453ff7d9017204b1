"""Copies of the database: how they are taken, and what a restored one keeps in doubt."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError, UsageError
from bot.model import WITHDRAWN, Article, Card, Channel, Delivery
from bot.ports import Changes
from bot.store import Store, open_store
from bot.store.reading import BURST
from bot.store.restored import EARLY, QUIET, SPELL
from bot.store.schema import MIXED
from tests.real.postgres import Server
from tests.store.test_store import LEASE, NOW, ONE, TWO, follow, receipt, tell, turn

HOUR = timedelta(hours=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'pullquote.db'}")
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "copy.db"


def copy(store: Store, file: Path, now: datetime = NOW) -> Store:
    """What opens from a copy."""
    file.parent.mkdir(exist_ok=True)
    store.copy_to(file, now, replace=True)
    return open_store(f"sqlite:///{file}")


def find(store: Store, published: datetime | None, now: datetime, number: int = 7, count: int = 1) -> None:
    numbers = range(number, number + count)
    articles = [Article(n, f"https://ledger.example/{n}/", "Post", published=published) for n in numbers]
    cards = {one.id: Card(one.title, one.url, published=published) for one in articles}
    store.want(turn(store, now), Changes(f"{now}", tuple(articles)), cards, now, now)


def claimed(store: Store, now: datetime) -> list[Delivery]:
    return store.claim("model", now, 100, LEASE)


def test_a_copy_is_one_file_that_only_its_owner_reads_and_holds_what_was_there(store: Store, file: Path) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    file.parent.mkdir()
    assert store.copy_to(file, NOW) == file.stat().st_size
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == [file.name]
    opened = open_store(f"sqlite:///{file}")
    assert [one.key for one in claimed(opened, NOW)] == [one.key for one in claimed(store, NOW)]
    opened.close()


def test_a_file_that_is_there_is_replaced_only_on_demand(store: Store, file: Path) -> None:
    file.parent.mkdir()
    file.write_text("precious")
    with pytest.raises(UsageError, match="--force"):
        store.copy_to(file, NOW)
    assert file.read_text() == "precious"
    assert store.copy_to(file, NOW, replace=True) > 1000


def test_where_no_copy_can_be_written_nothing_is_left(store: Store, file: Path) -> None:
    with pytest.raises(StoreError, match="could not be written"):
        store.copy_to(file, NOW)
    assert not file.parent.exists()


def test_of_a_damaged_database_there_is_no_copy(tmp_path: Path, store: Store, file: Path) -> None:
    with sqlite3.connect(tmp_path / "pullquote.db") as there:
        there.execute("INSERT INTO terms (site_id, kind, name) VALUES (99, 'tag', 'of no site')")
    file.parent.mkdir()
    with pytest.raises(StoreError, match="not sound"):
        store.copy_to(file, NOW)
    assert os.listdir(file.parent) == []


def test_only_a_run_makes_a_life_of_a_copy(store: Store, file: Path) -> None:
    assert store.wake(NOW) is None
    opened = copy(store, file)
    opened.close()
    again = open_store(f"sqlite:///{file}")
    assert again.wake(NOW + HOUR) == NOW
    assert again.wake(NOW + 2 * HOUR) is None
    again.close()


def test_what_waited_in_a_copy_is_looked_for_as_if_tried_when_it_was_taken(store: Store, file: Path) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    opened = copy(store, file, NOW + HOUR)
    opened.wake(NOW + HOUR)
    [due] = claimed(opened, NOW + 2 * HOUR)
    assert due.attempt is not None
    assert (due.attempt.at, due.attempt.revision, due.attempt.url) == (NOW + HOUR, MIXED, due.card.url)
    opened.settle(due, due.attempt.revision, receipt(), NOW + 2 * HOUR)
    [edit] = claimed(opened, NOW + 2 * HOUR)
    assert (edit.shown, edit.attempt) == (MIXED, None)
    opened.close()


def test_one_withdrawn_meanwhile_is_looked_for_too(store: Store, file: Path) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    opened = copy(store, file)
    opened.wake(NOW)
    tell(opened, NOW + HOUR, withdrawn=(1,))
    [due] = claimed(opened, NOW + HOUR)
    assert (due.wanted, due.attempt is not None) == (WITHDRAWN, True)
    opened.close()


@pytest.mark.parametrize(
    ("published", "found", "since"),
    [
        (timedelta(hours=30), timedelta(hours=49), timedelta(hours=30) - EARLY),  # the life before may have found it
        (timedelta(hours=10), timedelta(hours=49), timedelta(0)),
        (None, timedelta(hours=49), timedelta(0)),
        (timedelta(hours=99), timedelta(hours=49), timedelta(0)),  # a date that cannot be
        (timedelta(hours=30), timedelta(days=40), timedelta(hours=30) - EARLY),  # its site was down for long
        (timedelta(days=40), timedelta(days=40, hours=1), None),
        (None, timedelta(days=40), None),
    ],
)
def test_what_is_found_after_a_restore_is_looked_for_while_it_may_stand(
    store: Store, file: Path, published: timedelta | None, found: timedelta, since: timedelta | None
) -> None:
    follow(store, ONE)
    opened = copy(store, file)
    opened.wake(NOW + timedelta(days=2))
    find(opened, None if published is None else NOW + published, NOW + found)
    [due] = claimed(opened, NOW + found)
    assert (due.attempt and due.attempt.at) == (None if since is None else NOW + since)
    opened.close()


def test_a_copy_of_a_copy_in_doubt_doubts_as_far_back(store: Store, file: Path) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    first = copy(store, file)
    first.wake(NOW + HOUR)
    second = copy(first, file.with_name("second.db"), NOW + 2 * HOUR)
    second.wake(NOW + 3 * HOUR)
    [due] = claimed(second, NOW + 4 * HOUR)
    assert due.attempt is not None
    assert due.attempt.at == NOW
    settled = copy(first, file.with_name("settled.db"), NOW + HOUR + SPELL)
    assert settled.wake(NOW + 3 * SPELL) == NOW + HOUR + SPELL
    for one in (first, second, settled):
        one.close()


def test_no_edits_key_is_one_that_the_life_before_gave(store: Store, file: Path) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    opened = copy(store, file)
    for second in range(50):
        [due] = claimed(store, NOW + timedelta(seconds=second))
        store.postpone(due, NOW, "later", forget_attempt=True)
    opened.wake(NOW + timedelta(seconds=50))
    [anew] = claimed(opened, NOW + timedelta(seconds=50) + QUIET)
    assert anew.epoch > due.epoch
    opened.close()


def test_reading_on_after_a_restore_is_no_flood(store: Store, file: Path) -> None:
    follow(store, ONE)
    tell(store)
    opened = copy(store, file)
    later = NOW + timedelta(days=2)
    opened.wake(later)
    find(opened, later - HOUR, later, count=BURST + 5)
    assert [one.more for one in claimed(opened, later + QUIET)] == [0]
    assert opened.queue() == {"model": (BURST + 5, 0)}
    find(opened, later - HOUR, later + HOUR, number=100, count=BURST + 5)
    assert opened.queue() == {"model": (BURST + 6, 0)}
    opened.close()


@pytest.mark.parametrize(("age", "posted"), [(HOUR, True), (timedelta(hours=30), False)])
def test_what_proves_absent_after_a_restore_is_shown_while_it_is_news(
    store: Store, file: Path, age: timedelta, posted: bool
) -> None:
    follow(store, ONE)
    tell(store)
    opened = copy(store, file)
    later = NOW + timedelta(days=2)
    opened.wake(later)
    find(opened, later - age, later)
    assert claimed(opened, later) == []  # what the life before sent last may still arrive
    [due] = claimed(opened, later + QUIET)
    assert (opened.attempting(replace(due, attempt=None), later) is not None) is posted
    trace = opened.trace(ONE, "ledger.example/7")
    assert trace is not None
    assert trace.spared == (None if posted else "flood")
    opened.close()


@pytest.fixture
def anywhere(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


def test_another_kind_of_copy_is_one_once_it_is_said(anywhere: Store) -> None:
    follow(anywhere, TWO)
    tell(anywhere, new=(1,))
    anywhere.mark_restored(NOW - HOUR, NOW)
    assert anywhere.wake(NOW) == NOW - HOUR
    [due] = claimed(anywhere, NOW + QUIET)
    assert due.attempt is not None
    assert due.attempt.at == NOW - HOUR
    assert anywhere.attempting(replace(due, attempt=None), NOW + QUIET) is not None


def test_posts_of_a_database_that_is_no_copy_are_in_no_doubt(anywhere: Store) -> None:
    follow(anywhere, Channel("model", "three"))
    tell(anywhere, new=(1,))
    anywhere.wake(NOW)
    assert [one.attempt for one in claimed(anywhere, NOW)] == [None]


@pytest.mark.real
def test_postgresql_has_its_own_tool_for_copies(server: Server, file: Path) -> None:
    with server.database() as url:
        store = open_store(url)
        with pytest.raises(UsageError, match="pg_dump"):
            store.copy_to(file, NOW)
        store.close()
