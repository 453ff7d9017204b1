"""Transactions on one engine, and the drawer of small texts."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, and_, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.errors import Damaged, StoreError
from bot.store.schema import kept


class Transactions:
    """One engine; every change in a transaction. `hurried`, it no longer waits for another writer."""

    def __init__(self, engine: Engine, hurried: threading.Event | None = None) -> None:
        self._engine = engine
        self._hurried = hurried or threading.Event()
        with self._begin() as tx:
            known = _kept(tx, "store", "installation")
            self._installation = known or uuid.uuid4().hex
            if known is None:
                _keep(tx, "store", "installation", self._installation)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as tx:
                yield tx
        except DBAPIError as error:
            raise refusal(error, self.where) from error

    @property
    def where(self) -> str:
        """The database, for people; without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def hurry(self) -> None:
        """From now on a transaction that has to wait for another writer fails soon. May be called from any thread."""
        self._hurried.set()

    def check(self) -> None:
        """Read the whole database through; Damaged when it cannot be. Only SQLite's, others see to theirs."""
        if self._engine.dialect.name != "sqlite":
            return
        with self._begin() as tx:
            found = str(tx.scalar(text("PRAGMA quick_check(1)")))
        if found != "ok":
            raise _damaged(self.where, found)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def get(self, owner: str, name: str) -> str | None:
        """What `put` laid there."""
        with self._begin() as tx:
            return _kept(tx, owner, name)

    def put(self, owner: str, name: str, value: str) -> None:
        """Keep a small text; the same name again replaces it."""
        with self._begin() as tx:
            _keep(tx, owner, name, value)


def code_of(error: DBAPIError) -> int:
    """SQLite's primary code for it; 0 for another database's."""
    return int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF


def refusal(error: DBAPIError, where: str) -> StoreError:
    """What a database's refusal means, in words; Damaged where its file is."""
    if code_of(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(where, str(error.orig))
    return StoreError(
        f"The database refused ({error.orig}). Nothing is sent until it answers again: see that the disk"
        " is not full, the file is writable and nobody else holds it."
    )


def _damaged(where: str, why: str) -> Damaged:
    return Damaged(
        f"The database {where} is damaged ({why}), and nothing is sent from it. Restore the newest backup in its place,"
        " without the files -wal and -shm beside it; or, without one, save what can be read:"
        " sqlite3 pullquote.db .recover | sqlite3 new.db"
    )


def _kept(tx: Connection, owner: str, name: str) -> str | None:
    return tx.scalar(select(kept.c.value).where(kept.c.owner == owner, kept.c.name == name))


def _keep(tx: Connection, owner: str, name: str, value: str) -> None:
    where = and_(kept.c.owner == owner, kept.c.name == name)
    if not tx.execute(update(kept).where(where).values(value=value)).rowcount:
        tx.execute(insert(kept).values(owner=owner, name=name, value=value))
