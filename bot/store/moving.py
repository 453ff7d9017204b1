"""One database's rows into another, empty one: in batches, each known to be there, and compared at the end.

hold the file ──► a table after the other, each batch with the key it ends at, in one transaction ──► digests of all
tables, of either side ──► the sequences, and the mark of a copy; only then can the new database be opened

Whoever is killed meanwhile begins again with the first batch that is not there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Table,
    and_,
    delete,
    exists,
    func,
    insert,
    make_url,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError, UsageError
from bot.store.engine import engine_for, sqlite_path
from bot.store.opening import hold_alone, migrated, open_store
from bot.store.restored import Restored
from bot.store.rows import storable
from bot.store.schema import kept, metadata
from bot.store.transactions import INSTALLATION, MOVE, RESTORED, keep, kept_of

BATCH = 1_000
TABLES: Sequence[Table] = metadata.sorted_tables
"""Each behind those that it names rows of."""

Tell = Callable[[str, int, int], None]
"""Told a table's name, how many of its rows are there, and how many there are."""

_own = and_(kept.c.owner == MOVE)
"""What the move itself keeps in the new database while it lasts."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A table's rows, in whatever order: how many, and the sum of their hashes."""

    rows: int
    total: int

    def __str__(self) -> str:
        return f"{self.rows} rows, {self.total % 2**64:016x}"


def move(source: str, target: str, now: datetime, tell: Tell) -> dict[str, Digest]:
    """Move all that an SQLite database holds into an empty PostgreSQL one (URLs); each table's digest.

    The source stays as it is, and nobody writes into it meanwhile. UsageError where the one or the other is none, where
    the target holds anything else, and StoreError where the rows do not arrive as they were. Begun again it goes on.
    """
    if sqlite_path(source) is None or sqlite_path(target) is not None or not _is_postgres(target):
        raise UsageError("A database is moved from SQLite to PostgreSQL (postgresql+psycopg://…), not otherwise.")
    with hold_alone(source):
        open_store(source).close()  # brings it up to date
        with _disposed(engine_for(source)) as old, _disposed(migrated(target)) as new:
            try:
                with old.begin() as reading:
                    return _Move(reading, new, tell).carry_out(now)
            except DBAPIError as error:
                raise StoreError(
                    f"The move was broken off ({error.orig}). What has arrived is kept: begin it again and it goes on."
                ) from error


def _is_postgres(url: str) -> bool:
    return make_url(url).get_backend_name() == "postgresql"


@contextmanager
def _disposed(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


class _Move:
    """One try of a move; `reading` is a transaction on the old database, which lets nobody write there."""

    def __init__(self, reading: Connection, new: Engine, tell: Tell) -> None:
        self._reading, self._new, self._tell = reading, new, tell

    def carry_out(self, now: datetime) -> dict[str, Digest]:
        resumed = self._begin()
        for table in TABLES:
            self._copy(table)
        there = self._digests()
        wrong = self._differing(there)
        if wrong and resumed:  # written into between the two tries: what was copied before is another state
            self._empty()
            for table in TABLES:
                self._copy(table)
            wrong = self._differing(there)
        if wrong:
            raise StoreError(f"What arrived is not what was sent, in {', '.join(wrong)}. The new database stays shut.")
        self._finish(now)
        return there

    def _begin(self) -> bool:
        """Make sure that nothing else is there; whether this goes on with a move that was broken off."""
        installation = kept_of(self._reading, *INSTALLATION)
        with self._new.begin() as tx:
            begun = kept_of(tx, MOVE, "")
            if begun is not None and begun == installation:
                return True
            fresh = and_(kept.c.owner == INSTALLATION[0], kept.c.name == INSTALLATION[1])
            others = [exists().select_from(table) for table in TABLES if table is not kept]
            others.append(exists().where(~fresh))
            if begun is not None or tx.scalar(select(or_(*others))):
                raise UsageError("The new database holds something already: name an empty one (createdb).")
            tx.execute(delete(kept))
            keep(tx, MOVE, "", str(installation))
        return False

    def _empty(self) -> None:
        with self._new.begin() as tx:
            begun = str(kept_of(tx, MOVE, ""))
            for table in reversed(TABLES):
                tx.execute(delete(table))
            keep(tx, MOVE, "", begun)

    def _copy(self, table: Table) -> None:
        total = self._reading.scalar(select(func.count()).select_from(table)) or 0
        with self._new.connect() as connection:
            begun = kept_of(connection, MOVE, table.name)
        last, there = json.loads(begun) if begun else (None, 0)
        self._tell(table.name, there, total)
        for rows, last in _batches(self._reading, table, last):  # noqa: B020 - it begins behind where the last try ended
            there += len(rows)
            with self._new.begin() as tx:
                tx.execute(insert(table), [dict(row._mapping) for row in rows])
                keep(tx, MOVE, table.name, json.dumps([last, there]))
            self._tell(table.name, there, total)

    def _digests(self) -> dict[str, Digest]:
        return {table.name: digest(self._reading, table) for table in TABLES}

    def _differing(self, there: dict[str, Digest]) -> list[str]:
        wrong = []
        for table in TABLES:
            with self._new.connect() as connection:
                found = digest(connection, table)
            if found != there[table.name]:
                wrong.append(f"{table.name} ({found}; {there[table.name]} before)")
        return wrong

    def _finish(self, now: datetime) -> None:
        """Set the sequences, and let the new database be opened: as a copy, for the old one may be used once more."""
        with self._new.begin() as tx:
            for table in TABLES:
                column = table.autoincrement_column
                if column is not None:
                    tx.execute(text(_SEQUENCE.format(table=table.name, column=column.name)))
            known = kept_of(tx, *RESTORED)
            mark = Restored.loads(known).copied(now) if known else Restored(now)
            keep(tx, *RESTORED, mark.dumps())
            tx.execute(delete(kept).where(_own))


def digest(connection: Connection, table: Table) -> Digest:
    """Of all rows of a table, in bounded memory; of what a move itself keeps nothing counts."""
    count = total = 0
    for rows, _last in _batches(connection, table, None):
        for row in rows:
            if table is kept and row.owner == MOVE:
                continue
            values = tuple(storable(value) if isinstance(value, str) else value for value in row)
            hashed = hashlib.blake2b(repr(values).encode(), digest_size=16).digest()
            count, total = count + 1, (total + int.from_bytes(hashed)) % 2**128
    return Digest(count, total)


def _batches(
    connection: Connection, table: Table, last: Sequence[Any] | None
) -> Iterator[tuple[Sequence[Row[Any]], list[Any]]]:
    """All rows behind the one with this key, in the order that the database gives keys; with the key each ends at."""
    key = list(table.primary_key)
    ordered = select(table).order_by(*key).limit(BATCH)
    while True:
        query = ordered if last is None else ordered.where(tuple_(*key) > tuple(last))
        rows = connection.execute(query).all()
        if not rows:
            return
        last = [rows[-1]._mapping[column] for column in key]
        yield rows, last


_SEQUENCE = (
    "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), coalesce(max({column}), 1), count(*) > 0)"
    " FROM {table}"
)  # fmt: skip
