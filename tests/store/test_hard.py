"""What is hard on a database: texts it cannot hold, several processes at once, connections that are cut."""

from __future__ import annotations

import random
import string
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bot.errors import SettingsError, SourceError, StoreError
from bot.model import Article, Card, Channel, Receipt, Site, Subscription
from bot.ports import Changes
from bot.store import Store, open_store
from bot.store.sites import LONGEST_ADDRESS
from bot.text import place
from tests.real.postgres import Server
from tests.store.test_store import LEASE, NOW, ONE, SITE, follow, tell, turn
from tests.wishes import subscribe


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


@pytest.mark.parametrize("bad", ["\0", "\ud800"])
def test_what_no_database_holds_breaks_no_write_and_what_stands_around_it_is_kept(store: Store, bad: str) -> None:
    said = f"a{bad}z"
    site = store.add_site(replace(SITE, name=said, cursor=said, endpoint=f"https://ledger.example/{said}/"), NOW)
    assert site.id is not None
    assert (site.name, site.cursor) == ("a\ufffdz", "a\ufffdz")
    subscribe(store, Subscription(ONE, site.id), NOW)
    article = Article(1, f"https://ledger.example/{said}", said, author=said, categories=(said,), tags=(said,))
    card = Card(said, article.url, lead=said, author=said)
    assert store.want(turn(store), Changes(said, (article,)), {1: card}, NOW, NOW) == 1
    assert store.want(turn(store), Changes(said, (article,)), {1: card}, NOW, NOW) == 0
    [due] = store.claim("model", NOW, 16, LEASE)
    assert due.wanted == card.revision
    assert store.postpone(due, NOW, said, forget_attempt=True)
    [due] = store.claim("model", NOW, 16, LEASE)
    assert store.settle(due, due.wanted, Receipt(ONE, said), NOW)
    store.trouble(turn(store), said, NOW)
    assert store.health()[0].trouble == "a\ufffdz"
    store.put("model", said, said)
    store.put("model", said, "again")
    assert store.get("model", said) == "again"
    trace = store.trace(ONE, place(article.url))
    assert trace is not None
    assert trace.ref == "a\ufffdz"
    assert {name for _, name in store.terms(ONE)} == {"a\ufffdz"}


def test_an_escaped_zero_in_an_address_is_found_like_any_other(store: Store) -> None:
    follow(store, ONE)
    article = Article(1, "https://ledger.example/a%00b/", "Zero")
    store.want(turn(store), Changes("", (article,)), {1: Card(article.title, article.url)}, NOW, NOW)
    assert store.trace(ONE, place(article.url)) is not None


def test_the_greatest_number_is_an_article_like_any_other(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(2**63 - 1,))
    assert [due.article_id for due in store.claim("model", NOW, 16, LEASE)] == [2**63 - 1]


def test_an_address_and_names_that_no_index_takes_whole_are_kept(store: Store) -> None:
    """Letters at random, of four bytes each: PostgreSQL packs what repeats itself."""
    letter = random.Random(1)
    long = "".join(chr(letter.randrange(0x20000, 0x2A000)) for _ in range(4000))
    endpoint = "https://ledger.example/" + "".join(letter.choices(string.ascii_letters, k=LONGEST_ADDRESS - 23))
    site = store.add_site(replace(SITE, name=long, url=f"https://ledger.example/{long}/", endpoint=endpoint), NOW)
    assert site.id is not None
    assert store.add_site(site, NOW).id == site.id
    subscribe(store, Subscription(ONE, site.id), NOW)
    article = Article(1, f"https://ledger.example/{long}", "Long", author=long, categories=(long,), tags=(long,))
    assert store.want(turn(store), Changes("", (article,)), {1: Card("Long", article.url)}, NOW, NOW) == 1
    assert store.trace(ONE, place(article.url)) is not None
    assert len(store.terms(ONE)) == 3


def test_a_publication_whose_address_is_too_long_to_be_known_by_is_refused_in_words(store: Store) -> None:
    site = follow(store, ONE)
    assert site.id is not None
    there = replace(SITE, endpoint="https://ledger.example/".ljust(LONGEST_ADDRESS + 1, "x"))
    with pytest.raises(SourceError, match="too long: 2001"):
        store.add_site(there, NOW)
    with pytest.raises(SourceError, match="too long: 2001"):
        store.move_site(ONE, site.id, there, NOW)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("云海港口的灯塔重新点亮", "港口的灯"),
        ("ハーバー新聞", "新聞"),
        ("STRASSE gesperrt", "straße"),
        ("Ｆｕｌｌ width", "full"),
        ("100% of it_all", "100% it_"),
        ("C:\\harbour", "c:\\h"),
    ],
)
def test_a_search_finds_the_same_in_every_script(store: Store, title: str, words: str) -> None:
    site = follow(store, ONE)
    assert site.id is not None
    tell(store, changed={}, new=(1,))
    tell(store, changed={1: title})
    assert [card.title for card in store.found(site.id, words, 0, 5)[0]] == [title]
    assert store.found(site.id, words.replace("%", "x").replace("_", "x") + "q", 0, 5) == ([], 0)


def test_what_two_processes_do_at_once_is_done_one_after_the_other(store: Store, other: Store) -> None:
    """As a command on the command line meets the bot: no two may both think that they are the first."""
    site = follow(store)
    assert site.id is not None
    site_id = site.id
    channels = [Channel("model", str(number)) for number in range(20)]
    race(store, other, subscribe, [(Subscription(each, site_id), NOW) for each in channels])
    assert len(store.following()) == len(channels)
    race(store, other, Store.speak, [(each, "de") for each in channels])
    race(store, other, Store.put, [("model", str(number), "x") for number in range(20)])
    race(store, other, Store.learn_terms, [(site_id, [("tag", str(number))]) for number in range(20)])
    addresses = [f"https://other{number}.example/" for number in range(10)]
    race(store, other, Store.add_site, [(Site(each, "", each), NOW) for each in addresses])
    assert len(store.health()) == len(addresses) + 1
    articles = [Article(n, f"https://ledger.example/{n}/", "x") for n in (1, 2)]
    pairs = [(article, Card(article.title, article.url)) for article in articles]
    race(store, other, Store.backfill, [(Subscription(each, site_id), pairs, 2, NOW) for each in channels])
    assert len(store.claim("model", NOW, 100, LEASE)) == len(channels)


def test_nothing_new_is_found_for_a_channel_that_another_process_pauses_meanwhile(store: Store, other: Store) -> None:
    follow(store, ONE)
    claimed = turn(store)
    for number in range(1, 30):
        with ThreadPoolExecutor(1) as thread:
            halting = thread.submit(other.halt, [ONE], "paused")
            tell(store, NOW + LEASE * number, new=(number,), claimed=claimed)
            halting.result()
        assert store.claim("model", NOW + LEASE * 100, 16, LEASE) == []
        store.resume(ONE, NOW, 1)
        [due] = store.claim("model", NOW + LEASE * 100, 16, LEASE)
        store.settle(due, due.wanted, Receipt(ONE, "m"), NOW)
        claimed = turn(store, NOW + LEASE * (number + 1))


def test_two_first_starts_at_once_make_the_tables_once(empty_database: str) -> None:
    start = "import sys; from bot.store import open_store; print(open_store(sys.argv[1])._installation)"
    command = [sys.executable, "-c", start, empty_database]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=60) for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert len({out for out, _ in said}) == 1


def race(store: Store, other: Store, method: Callable[..., object], calls: Iterable[tuple[Any, ...]]) -> None:
    """Both make the same calls at the same time; whatever either raises is raised."""
    start = threading.Barrier(2)

    def run(one: Store) -> None:
        start.wait(10)
        for arguments in calls:
            method(one, *arguments)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, [store, other]))


@pytest.mark.real
class TestPostgres:
    def test_a_server_that_went_away_is_told_and_used_again_when_it_is_back(self, server: Server) -> None:
        with server.database() as url:
            store = open_store(url)
            follow(store, ONE)
            with server.away():
                for _ in range(2):
                    with pytest.raises(StoreError, match="PostgreSQL"):
                        tell(store, new=(1,))
            assert tell(store, new=(1,)) == 1
            store.close()

    def test_a_connection_that_is_cut_in_a_transaction_leaves_nothing_half_written(self, server: Server) -> None:
        with server.database() as url:
            store = open_store(url)
            site = follow(store, ONE)
            assert site.id is not None

            def cut(subscription: Subscription) -> Subscription:
                engine = create_engine(url, isolation_level="AUTOCOMMIT")
                with engine.connect() as connection:
                    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
                engine.dispose()
                return replace(subscription, notify="silent")

            with pytest.raises(StoreError):
                store.adjust(ONE, site.id, cut)
            assert [one.subscription.notify for one in store.following()] == ["normal"]
            store.close()

    def test_what_cannot_be_opened_is_named_without_its_password(self, server: Server) -> None:
        nowhere = server.url("nowhere").replace("pullquote@", "pullquote:secret@")
        with pytest.raises(SettingsError, match="nowhere") as raised:
            open_store(nowhere)
        assert "secret" not in str(raised.value)
        assert "folder" not in str(raised.value)

    def test_a_database_that_holds_not_every_letter_is_refused(self, server: Server) -> None:
        latin = "ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
        with server.empty_database(latin) as url, pytest.raises(SettingsError, match="UTF8"):
            open_store(url)

    def test_a_process_that_hangs_in_a_transaction_does_not_stop_the_others_for_good(self, server: Server) -> None:
        with server.database() as url:
            store = open_store(url)
            with store._begin() as tx:
                assert tx.scalar(text("SHOW lock_timeout")) == "30s"
                assert tx.scalar(text("SHOW idle_in_transaction_session_timeout")) == "15s"
            store.close()


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(SettingsError, match="psycopg"):
        open_store("postgresql+psycopg://nobody@localhost/none")
