"""The table: what is written in one transaction, who may write what, and what a claim gives."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot import filters
from bot.errors import Damaged, SettingsError, StoreError
from bot.filters import Filters, parse
from bot.model import WITHDRAWN, Article, Card, Channel, OnWithdrawal, Receipt, Site, Style, Subscription
from bot.ports import Changes
from bot.store import Door, Store, Turn, hold_alone, open_store
from bot.store.schema import articles
from bot.text import place
from tests.wishes import subscribe

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=60)
SITE = Site("https://ledger.example/", "The Harbour Ledger", "https://ledger.example/wp-json/", cursor="first")
ONE, TWO = Channel("model", "one"), Channel("model", "two")


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    opened = open_store(database)
    yield opened
    opened.close()


def follow(store: Store, *channels: Channel) -> Site:
    site = store.add_site(SITE, NOW)
    assert site.id is not None
    for channel in channels:
        subscribe(store, Subscription(channel, site.id), NOW)
    return site


def turn(store: Store, now: datetime = NOW) -> Turn:
    [claimed] = store.claim_sites(now, 8, LEASE)
    return claimed


def tell(
    store: Store,
    now: datetime = NOW,
    *,
    new: tuple[int, ...] = (),
    changed: dict[int, str] | None = None,
    withdrawn: tuple[int, ...] = (),
    claimed: Turn | None = None,
) -> int | None:
    titles = {number: f"Post {number}" for number in new} | (changed or {})
    articles = {n: Article(n, f"https://ledger.example/{n}/", title) for n, title in titles.items()}
    changes = Changes(
        f"cursor at {now}", tuple(articles[n] for n in new), tuple(articles[n] for n in changed or ()), withdrawn
    )
    cards = {n: Card(article.title, article.url) for n, article in articles.items()}
    return store.want(claimed or turn(store, now), changes, cards, now, now)


def receipt(channel: Channel = ONE, ref: str = "m1") -> Receipt:
    return Receipt(channel, ref)


def test_a_new_article_becomes_due_in_every_channel_that_follows(store: Store) -> None:
    follow(store, ONE, TWO)
    assert tell(store, new=(7,)) == 2
    claimed = store.claim("model", NOW, 16, LEASE)
    assert [(d.channel, d.article_id, d.wanted == d.card.revision, d.shown) for d in claimed] == [
        (ONE, 7, True, ""),
        (TWO, 7, True, ""),
    ]


def test_cursor_and_rows_are_written_together_or_not_at_all(store: Store) -> None:
    follow(store, ONE)
    claimed = turn(store)
    good = Article(1, "https://ledger.example/1/", "Good")
    with pytest.raises(KeyError):  # the second article has no card: as if the process died between the two
        store.want(claimed, Changes("later", new=(good, replace(good, id=2))), {1: Card("Good", good.url)}, NOW, NOW)
    assert [one.site.cursor for one in store.health()] == ["first"]
    assert store.claim("model", NOW, 16, LEASE) == []


def test_a_poll_that_lost_its_lease_writes_nothing(store: Store) -> None:
    follow(store, ONE)
    slow = turn(store)
    later = NOW + LEASE
    assert tell(store, later, new=(1,)) == 1
    assert tell(store, later, new=(2,), claimed=slow) is None
    assert [d.article_id for d in store.claim("model", later, 16, LEASE)] == [1]


def test_a_claim_is_nobody_elses_until_its_lease_ends(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    assert len(store.claim("model", NOW, 16, LEASE)) == 1
    assert store.claim("model", NOW + LEASE - timedelta(seconds=1), 16, LEASE) == []
    assert len(store.claim("model", NOW + LEASE, 16, LEASE)) == 1


def test_who_lost_the_lease_can_settle_nothing(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    [slow] = store.claim("model", NOW, 16, LEASE)
    [quick] = store.claim("model", NOW + LEASE, 16, LEASE)
    assert store.attempting(slow, NOW) is None
    assert not store.settle(slow, slow.wanted, receipt(), NOW)
    assert store.settle(quick, quick.wanted, receipt(), NOW)


def test_within_a_channel_a_post_waits_for_the_one_before_it(store: Store) -> None:
    follow(store, ONE, TWO)
    tell(store, new=(1, 2))
    claimed = store.claim("model", NOW, 16, LEASE)
    assert [(d.channel, d.article_id) for d in claimed] == [(ONE, 1), (TWO, 1)]
    store.settle(claimed[0], claimed[0].wanted, receipt(), NOW)
    assert [(d.channel, d.article_id) for d in store.claim("model", NOW, 16, LEASE)] == [(ONE, 2)]


def test_a_parked_post_holds_up_nobody(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1, 2))
    [first] = store.claim("model", NOW, 16, LEASE)
    store.park(first, "Not allowed to post.")
    assert [d.article_id for d in store.claim("model", NOW, 16, LEASE)] == [2]


def test_the_same_article_read_again_changes_nothing(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    [first] = store.claim("model", NOW, 16, LEASE)
    store.settle(first, first.wanted, receipt(), NOW)
    assert tell(store, changed={1: "Post 1"}) == 0
    assert tell(store, new=(1,)) == 0
    assert store.claim("model", NOW, 16, LEASE) == []


def test_a_correction_is_due_where_the_card_stands_and_nowhere_else(store: Store) -> None:
    site = follow(store, ONE)
    tell(store, new=(1,))
    [first] = store.claim("model", NOW, 16, LEASE)
    store.settle(first, first.wanted, receipt(), NOW)
    assert site.id is not None
    subscribe(store, Subscription(TWO, site.id), NOW)
    assert tell(store, changed={1: "Post 1, corrected"}) == 1
    [again] = store.claim("model", NOW, 16, LEASE)
    assert (again.channel, again.card.title, again.receipt) == (ONE, "Post 1, corrected", receipt())


def test_a_correction_of_an_article_never_shown_is_no_news(store: Store) -> None:
    follow(store, ONE)
    assert tell(store, changed={5: "An old post, edited"}) == 0


def test_a_correction_while_the_post_is_in_flight_becomes_an_edit(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    [flying] = store.claim("model", NOW, 16, LEASE)
    marked = store.attempting(flying, NOW)
    assert marked is not None
    assert marked.attempt is not None
    tell(store, changed={1: "Corrected"})
    store.settle(marked, marked.attempt.revision, receipt(), NOW)
    [due] = store.claim("model", NOW, 16, LEASE)
    assert (due.receipt, due.card.title, due.shown != due.wanted) == (receipt(), "Corrected", True)


def test_a_repeat_with_another_card_settles_as_neither(store: Store) -> None:
    """The platform may show the first try's card or the second's: an edit makes it certain."""
    follow(store, ONE)
    tell(store, new=(1,))
    [first] = store.claim("model", NOW, 16, LEASE)
    store.attempting(first, NOW)
    tell(store, changed={1: "Corrected"})
    later = NOW + LEASE
    [second] = store.claim("model", later, 16, LEASE)
    marked = store.attempting(second, later)
    assert marked is not None
    assert marked.attempt is not None
    assert marked.attempt.at == NOW
    assert marked.attempt.revision not in {first.wanted, second.wanted}


def test_withdrawn_and_brought_back_it_stands_again_under_the_same_key(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    [first] = store.claim("model", NOW, 16, LEASE)
    store.settle(first, first.wanted, receipt(), NOW)
    assert tell(store, withdrawn=(1,)) == 1
    assert tell(store, withdrawn=(1,)) == 0
    [gone] = store.claim("model", NOW, 16, LEASE)
    assert gone.wanted == WITHDRAWN
    store.settle(gone, WITHDRAWN, receipt(), NOW)
    assert tell(store, changed={1: "Post 1"}) == 1
    [back] = store.claim("model", NOW, 16, LEASE)
    assert (back.receipt, back.key) == (receipt(), first.key)


def test_a_removed_message_is_posted_anew_under_another_key(store: Store) -> None:
    follow(store, ONE)
    tell(store, new=(1,))
    [first] = store.claim("model", NOW, 16, LEASE)
    store.settle(first, first.wanted, receipt(), NOW)
    tell(store, withdrawn=(1,))
    [gone] = store.claim("model", NOW, 16, LEASE)
    store.settle(gone, WITHDRAWN, None, NOW)
    tell(store, changed={1: "Post 1"})
    [back] = store.claim("model", NOW, 16, LEASE)
    assert back.receipt is None
    assert back.key != first.key


def test_keys_are_the_same_after_a_restart_and_differ_by_channel(database: str) -> None:
    store = open_store(database)
    follow(store, ONE, TWO)
    tell(store, new=(1,))
    before = [d.key for d in store.claim("model", NOW, 16, LEASE)]
    store.close()
    again = open_store(database)
    again.release_all(NOW)
    assert [d.key for d in again.claim("model", NOW, 16, LEASE)] == before
    assert len({*before}) == 2
    again.close()


def test_a_correction_revives_what_was_parked_but_not_what_a_moderator_removed(store: Store) -> None:
    follow(store, ONE, TWO)
    tell(store, new=(1,))
    parked, vanished = store.claim("model", NOW, 16, LEASE)
    store.park(parked, "Not allowed to post.")
    store.park(vanished, "Someone removed it.", gone=True)
    assert tell(store, changed={1: "Corrected"}) == 1
    assert [d.channel for d in store.claim("model", NOW, 16, LEASE)] == [ONE]


def test_unsubscribing_drops_what_waits_and_keeps_correcting_what_stands(store: Store) -> None:
    site = follow(store, ONE)
    tell(store, new=(1, 2))
    [first] = store.claim("model", NOW, 16, LEASE)
    store.settle(first, first.wanted, receipt(), NOW)
    assert site.id is not None
    assert store.unsubscribe(ONE, site.id)
    assert not store.unsubscribe(ONE, site.id)
    assert store.claim("model", NOW, 16, LEASE) == []


def test_a_site_nobody_follows_is_not_read_and_starts_afresh_when_followed_again(store: Store) -> None:
    site = follow(store, ONE)
    tell(store, new=(1,))
    assert site.id is not None
    store.unsubscribe(ONE, site.id)
    assert store.claim_sites(NOW + LEASE, 8, LEASE) == []
    again = store.add_site(replace(SITE, cursor="much later"), NOW + LEASE)
    assert (again.id, again.cursor) == (site.id, "much later")


def test_a_site_that_is_followed_keeps_its_cursor(store: Store) -> None:
    follow(store, ONE)
    assert store.add_site(replace(SITE, cursor="much later"), NOW).cursor == "first"


def test_how_a_channel_wants_its_cards_reaches_the_delivery(store: Store) -> None:
    site = store.add_site(SITE, NOW)
    assert site.id is not None
    subscribe(store, Subscription(ONE, site.id, Style.COMPACT, OnWithdrawal.REMOVE), NOW)
    tell(store, new=(1,))
    [claimed] = store.claim("model", NOW, 16, LEASE)
    assert (claimed.style, claimed.on_withdrawal) == (Style.COMPACT, OnWithdrawal.REMOVE)


def test_two_runs_on_one_file_are_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'pullquote.db'}"
    with hold_alone(url), pytest.raises(SettingsError, match="Another"), hold_alone(url):
        pass
    with hold_alone(url):
        pass


def test_the_database_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    open_store(f"sqlite:///{tmp_path / 'pullquote.db'}").close()
    assert (tmp_path / "pullquote.db").stat().st_mode & 0o077 == 0


def test_a_database_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SettingsError, match="PULLQUOTE_DATA_DIR"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'pullquote.db'}")
    (tmp_path / "text.db").write_text("not a database, and long enough for a header of one hundred bytes" * 4)
    with pytest.raises(Damaged, match="Restore"):
        open_store(f"sqlite:///{tmp_path / 'text.db'}")


def test_an_articles_text_is_made_ready_once_for_all_channels(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    site = store.add_site(SITE, NOW)
    assert site.id is not None
    for number in range(20):
        wishes = Filters(parse(f"word {number % 3}"), parse("nothing like it"))
        subscribe(store, Subscription(Channel("model", str(number)), site.id, filters=wishes), NOW)
    folded: list[str] = []
    fold = filters.fold

    def counted(text: str) -> str:
        folded.append(text)
        return fold(text)

    monkeypatch.setattr(filters, "fold", counted)
    assert tell(store, new=(1,)) == 0
    assert folded.count("Post 1") == 1
    assert folded.count("nothing like it") < 20


def test_what_waits_for_the_store_is_dropped_with_whoever_asked_and_what_has_begun_is_not() -> None:
    done: list[str] = []

    def write(what: str) -> None:
        began.set()
        go_on.wait(10)
        done.append(what)

    async def give_up() -> None:
        calls = [asyncio.create_task(door(write, what)) for what in ("begun", "waits", "waits too")]
        await asyncio.to_thread(began.wait, 10)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        go_on.set()
        await door(done.append, "next")

    door, began, go_on = Door(), threading.Event(), threading.Event()
    asyncio.run(give_up())
    door.close()
    assert done == ["begun", "next"]


async def test_a_refusal_is_told_of_once_until_the_database_answers() -> None:
    def refuse() -> None:
        raise StoreError("The disk is full.")

    door, told = Door(), list[str]()
    door.tell = lambda error: told.append(str(error))
    for _ in range(3):
        with pytest.raises(StoreError):
            await door(refuse)
    assert door.refused_for() is not None
    door.answers()
    assert door.refused_for() is None
    with pytest.raises(StoreError):
        await door(refuse)
    door.close()
    assert told == ["The disk is full."] * 2


def test_who_is_hurried_waits_for_no_other_writer(tmp_path: Path) -> None:
    def wait() -> None:
        with pytest.raises(StoreError):
            locked.put("a", "b", "c")

    locked = open_store(f"sqlite:///{tmp_path / 'pullquote.db'}")
    with closing(sqlite3.connect(tmp_path / "pullquote.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        waits = threading.Thread(target=wait, daemon=True)
        waits.start()
        locked.hurry()
        waits.join(20)  # without it, thirty seconds
        assert not waits.is_alive()
    locked.close()


def test_an_article_with_a_url_or_names_too_long_for_an_index_is_stored_and_found(store: Store) -> None:
    site = follow(store, ONE)
    assert site.id is not None
    long = "x" * 9000
    article = Article(1, f"https://ledger.example/{long}", "Long", author=long, categories=(long,), tags=(long,))
    card = Card(article.title, article.url)
    assert store.want(turn(store), Changes("later", (article,)), {1: card}, NOW, NOW) == 1
    store.learn_terms(site.id, [("tag", f"{long}y")])
    assert [(kind, len(name)) for kind, name in store.terms(ONE)] == [("author", 500), ("category", 500), ("tag", 500)]
    trace = store.trace(ONE, place(article.url))
    assert trace is not None
    assert trace.title == "Long"
    with store._begin() as tx:
        assert tx.scalar(select(func.max(func.length(articles.c.place)))) == 500


@pytest.mark.parametrize("passed_over", [True, False])
def test_another_publication_that_claims_an_articles_address_does_not_hide_it(store: Store, passed_over: bool) -> None:
    rival = store.add_site(replace(SITE, url="https://rival.example/", endpoint="https://rival.example/wp-json/"), NOW)
    site = store.add_site(SITE, NOW)
    assert rival.id
    assert site.id
    subscribe(store, Subscription(TWO, rival.id), NOW)
    subscribe(store, Subscription(TWO, site.id), NOW)
    if passed_over:
        subscribe(store, Subscription(ONE, site.id, filters=Filters(exclude=parse("post"))), NOW)
    for one in sorted(store.claim_sites(NOW, 8, LEASE), key=lambda one: one.site.id != rival.id):
        tell(store, changed={}, new=(7,), claimed=one)
    if not passed_over:
        subscribe(store, Subscription(ONE, site.id), NOW)
    trace = store.trace(ONE, place("https://ledger.example/7/"))
    assert trace is not None
    assert (trace.site_id, trace.met) == (site.id, passed_over)


LATER = NOW + timedelta(minutes=5)


def looked(store: Store, claimed: Turn, now: datetime = NOW) -> None:
    assert store.want(claimed, Changes("1"), {}, now, LATER) is not None


def test_a_site_that_is_asked_for_is_due_at_once(store: Store) -> None:
    site = follow(store, ONE)
    looked(store, turn(store))
    soon = NOW + timedelta(seconds=1)
    assert store.claim_sites(soon, 8, LEASE) == []
    assert store.look_at_once(site.id or 0, soon)
    assert turn(store, soon).site.id == site.id


def test_a_site_that_is_asked_for_during_a_look_is_due_once_more_after_it(store: Store) -> None:
    site = follow(store, ONE)
    claimed = turn(store)
    soon = NOW + timedelta(seconds=1)
    store.look_at_once(site.id or 0, soon)
    assert store.claim_sites(soon, 8, LEASE, busy=[site.id or 0]) == []
    looked(store, claimed, soon)
    looked(store, turn(store, soon), soon)
    assert store.claim_sites(soon, 8, LEASE) == []


def test_a_site_in_trouble_is_looked_at_no_sooner_for_being_asked_for(store: Store) -> None:
    site = follow(store, ONE)
    store.trouble(turn(store), "503", LATER)
    assert not store.look_at_once(site.id or 0, NOW)
    assert store.claim_sites(NOW, 8, LEASE) == []
    assert len(store.claim_sites(LATER, 8, LEASE)) == 1


def test_trouble_during_a_look_counts_for_more_than_being_asked_for(store: Store) -> None:
    site = follow(store, ONE)
    claimed = turn(store)
    store.look_at_once(site.id or 0, NOW)
    store.trouble(claimed, "503", LATER)
    assert store.claim_sites(NOW, 8, LEASE) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://ledger.example/",
        "http://www.ledger.example",
        "ledger.example",
        "https://ledger.example/wp-json/",
    ],
)
def test_a_site_is_found_by_its_home_and_its_api(store: Store, url: str) -> None:
    site = follow(store, ONE)
    assert store.sites_at(url, NOW) == [site.id]


@pytest.mark.parametrize(
    "url", ["https://other.example/", "https://ledger.example/post/", "", "not a url", "http://[::1"]
)
def test_nothing_is_found_elsewhere(store: Store, url: str) -> None:
    follow(store, ONE)
    assert store.sites_at(url, NOW) == []


def test_a_site_is_found_whatever_letters_its_name_has(store: Store) -> None:
    site = store.add_site(Site("https://xn--mnchen-3ya.example/", "M", "https://xn--mnchen-3ya.example/wp-json/"), NOW)
    subscribe(store, Subscription(ONE, site.id or 0), NOW)
    assert store.sites_at("https://MÜNCHEN.example/", NOW) == [site.id]


def test_a_site_that_nobody_follows_is_not_found(store: Store) -> None:
    store.add_site(SITE, NOW)
    assert store.sites_at(SITE.url, NOW) == []
