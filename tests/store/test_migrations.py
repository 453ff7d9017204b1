"""The migrations make the tables that the code asks for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, MetaData, Table, create_engine, insert, select, text

from bot.model import WITHDRAWN, Article, Card, Channel, Quote, Subscription
from bot.ports import Changes
from bot.store import Store, open_store, opening
from bot.store.schema import metadata
from bot.text import place
from tests.store.test_store import LEASE, NOW


def test_a_new_database_is_what_the_schema_says(empty_database: str) -> None:
    open_store(empty_database).close()
    is_what_the_schema_says(empty_database)


def is_what_the_schema_says(url: str) -> None:
    engine = create_engine(url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


@pytest.mark.parametrize("version", ["0001", "0002", "0003", "0004", "0005", "0006"])
def test_a_database_of_each_version_keeps_what_is_in_every_table(empty_database: str, version: str) -> None:
    at_version(version, empty_database)
    engine, then = create_engine(empty_database), MetaData()
    then.reflect(engine)
    rows = {table: row_of(table) for table in then.sorted_tables if table.name != "alembic_version"}
    with engine.begin() as tx:
        for table, row in rows.items():
            tx.execute(insert(table).values(row))
    open_store(empty_database).close()
    with engine.connect() as tx:
        assert {table: tx.execute(select(table)).one()._asdict() for table in rows} == rows
    engine.dispose()
    is_what_the_schema_says(empty_database)


def row_of(table: Table) -> dict[str, Any]:
    """Something in every column; ids are one another's, and as great as they may be."""
    row: dict[str, Any] = {}
    for column in table.columns:
        great = isinstance(column.type, BigInteger)
        row[column.name] = (
            2**63 - 1 if great else {str: "云 x", int: 1, float: 1.5, bool: True}[column.type.python_type]
        )
    known = {"card": json.dumps(FIRST.as_dict()), "owner": "store", "name": "installation"}
    return row | {name: value for name, value in known.items() if name in row}


def at_version(version: str, url: str) -> None:
    """A database as an older Pullquote left it."""
    config, engine = Config(), create_engine(url)
    config.set_main_option("script_location", str(Path(opening.__file__).with_name("migrations")))
    config.attributes["engine"] = engine
    command.upgrade(config, version)
    engine.dispose()


FIRST = Card("Bridge closed", "https://ledger.example/1/")
SECOND = replace(FIRST, title="Bridge open")
SITE = {"url": FIRST.url, "endpoint": FIRST.url, "reader": "wordpress", "name": "", "language": "", "cursor": ""}
ARTICLE = {"url": FIRST.url, "withdrawn": False, "found_at": 0, "changed_at": 0}
DELIVERY = {"platform": "model", "article_id": 1, "generation": 0, "attempted_revision": "", "attempted_url": ""}
DELIVERY |= {"due": 0, "claimed": False, "epoch": 0, "attempts": 0, "parked": False, "gone": False, "note": ""}


@pytest.mark.parametrize(
    ("shown", "receipt", "said"), [(FIRST.revision, "m1", True), (WITHDRAWN, "m1", False), ("", None, False)]
)
def test_what_stood_before_the_second_migration_is_corrected_with_words(
    empty_database: str, shown: str, receipt: str | None, said: bool
) -> None:
    at_version("0001", empty_database)
    card = {"revision": FIRST.revision, "card": json.dumps(FIRST.as_dict())}
    delivery = {"wanted": shown or FIRST.revision, "shown": shown, "receipt": receipt}
    fill(empty_database, articles={**ARTICLE, "site_id": 1, "id": 1, **card}, deliveries=delivery)
    store = open_store(empty_database)
    tell_card(store, SECOND)
    [due] = store.claim("model", NOW, 16, LEASE)
    assert (due.card, due.before) == (SECOND, FIRST if said else None)
    store.close()


def fill(url: str, *, articles: dict[str, Any], deliveries: dict[str, Any]) -> None:
    """One site that one channel follows, with an article and its delivery there."""
    rows = {
        "sites": {**SITE, "id": 1, "due": 0, "epoch": 1, "failures": 0, "trouble": ""},
        "articles": articles,
        "subscriptions": {"channel": "model:one", "site_id": 1, "style": "card", "on_withdrawal": "strike", "since": 0},
        "deliveries": {**DELIVERY, "id": 1, "channel": "model:one", "site_id": 1, "wanted_at": 0, **deliveries},
    }
    engine = create_engine(url)
    with engine.begin() as connection:
        for table, row in rows.items():
            columns, values = ", ".join(row), ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)
    engine.dispose()


@pytest.mark.parametrize("version", ["0001", "0002"])
@pytest.mark.parametrize("published", [None, NOW - timedelta(days=400)])
def test_what_was_stored_before_people_could_look_things_up_is_found(
    empty_database: str, version: str, published: datetime | None
) -> None:
    at_version(version, empty_database)
    card = replace(FIRST, title="Brücke GESPERRT", quote=Quote("云海港口的灯"), published=published)
    stored = {"revision": card.revision, "card": json.dumps(card.as_dict()), "found_at": NOW.timestamp()}
    shown = {"wanted": card.revision, "shown": card.revision, "receipt": "m1", "shown_at": NOW.timestamp()}
    fill(empty_database, articles={**ARTICLE, "site_id": 1, "id": 1, **stored}, deliveries=shown)
    store = open_store(empty_database)
    for words in ("brücke", "gesperrt BRÜCKE", "港口"):
        assert store.found(1, words, 0, 5) == ([card], 1)
    assert store.found(1, "elsewhere", 0, 5) == ([], 0)
    assert store.latest([1], 1) == [card]
    trace = store.trace(Channel("model", "one"), place("http://www.ledger.example/1"))
    assert trace is not None
    assert (trace.title, trace.found_at, trace.shown_at, trace.ref) == (card.title, NOW, NOW, "m1")
    [wishes] = [one.subscription for one in store.following()]
    assert wishes == Subscription(Channel("model", "one"), 1)
    store.close()


def tell_card(store: Store, card: Card) -> None:
    [claimed] = store.claim_sites(NOW, 8, LEASE)
    store.want(claimed, Changes("", changed=(Article(1, card.url, card.title),)), {1: card}, NOW, NOW)


def test_the_newest_migration_is_the_one_a_start_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).with_name("migrations")))
    assert ScriptDirectory.from_config(config).get_current_head() == opening.HEAD
