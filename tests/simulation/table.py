"""The database of a simulated world: in memory, made anew in microseconds, copied and put back like a file."""

from __future__ import annotations

import functools
import json
from collections import Counter
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from bot.model import Channel, OnWithdrawal, Style, Subscription
from bot.ports import Changes
from bot.store import Store
from bot.store import engine as engines
from bot.store.schema import metadata
from tests.simulation.site import SITE
from tests.simulation.virtual import START
from tests.wishes import subscribe

_INSTALLATION = "simulated"
_DUE = """SELECT (SELECT min(due) FROM deliveries WHERE wanted <> shown AND NOT parked), (SELECT min(due) FROM sites)"""


class Table(Store):
    """The store, and what a judge wants to know of it."""

    def cursor(self) -> str:
        """How far the one site is read."""
        return str(_raw().execute("SELECT cursor FROM sites").fetchone()[0])

    def rows(self) -> Counter[str]:
        """How many rows each table has."""
        counts = {name: _raw().execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in metadata.tables}
        return Counter(counts)

    def due(self) -> tuple[float | None, float | None]:
        """When the next delivery and the next look at the site are due."""
        delivery, site = _raw().execute(_DUE).fetchone()
        return delivery, site


@functools.cache
def _engine() -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", engines._prepare_sqlite)
    event.listen(engine, "begin", engines._begin_immediate)
    return engine


@functools.cache
def empty() -> bytes:
    """The image of a database with all tables and nothing in them."""
    metadata.create_all(_engine())
    Store(_engine()).put("store", "installation", _INSTALLATION)
    return copy()


def fresh(channels: tuple[str, ...], on_withdrawal: OnWithdrawal) -> Table:
    """A store where the channels follow the one site; the one before it is gone."""
    return restored(_following(channels, on_withdrawal))


@functools.cache
def _following(channels: tuple[str, ...], on_withdrawal: OnWithdrawal) -> bytes:
    store = restored(empty())
    site = store.add_site(SITE, START)
    assert site.id is not None
    for name in channels:
        subscribe(store, Subscription(Channel.parse(name), site.id, Style.COMPACT, on_withdrawal), START)
    [turn] = store.claim_sites(START, 1, timedelta(0))
    store.want(turn, Changes("{}"), {}, START, START)
    store.put("dispatcher", channels[0].partition(":")[0], json.dumps(["boot 1", START.timestamp()]))
    return copy()


def copy() -> bytes:
    """The database as it stands."""
    image: bytes = _raw().serialize()
    return image


def restored(image: bytes) -> Table:
    """A store on what `copy` gave."""
    _raw().deserialize(image)
    return _table()


@functools.cache
def _table() -> Table:
    return Table(_engine())


@functools.cache
def _raw() -> Any:
    return _engine().raw_connection().driver_connection
