"""Transactions on one engine, and the drawer of small texts."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, and_, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from bot.errors import Damaged, StoreError
from bot.store.duties import BELL
from bot.store.engine import TOGETHER, hurry
from bot.store.restored import Restored
from bot.store.schema import kept

INSTALLATION = ("store", "installation")
"""Where a database keeps whose it is."""

RESTORED = ("store", "restored")
"""Where a database keeps that it is a copy."""

MOVE = "move"
"""Who keeps something in a database while another one is moved into it: nobody else may open it then."""


class Transactions:
    """One engine; every change in a transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._together = engine.execution_options(**{TOGETHER: True})
        with self._begin() as tx:
            known = kept_of(tx, *INSTALLATION)
            self._installation = known or uuid.uuid4().hex
            if known is None:
                keep(tx, *INSTALLATION, self._installation)
            copied = kept_of(tx, *RESTORED)
            self._restored = Restored.loads(copied) if copied else None

    @contextmanager
    def _begin(self, *, together: bool = False) -> Iterator[Connection]:
        """A transaction, alone; `together` with others of its kind, where each writes only rows that it has claimed."""
        try:
            with (self._together if together else self._engine).begin() as tx:
                yield tx
        except DBAPIError as error:
            raise refusal(error, self._engine) from error

    @property
    def where(self) -> str:
        """The database, for people; without its password."""
        return _place(self._engine)

    def hurry(self) -> None:
        """From now on a transaction that has to wait for another writer fails soon. May be called from any thread."""
        for engine in (self._engine, self._together):
            hurry(engine)

    def check(self) -> None:
        """Read the whole database through; Damaged when it cannot be. Only SQLite's, others see to theirs."""
        if self._engine.dialect.name != "sqlite":
            return
        with self._begin() as tx:
            found = str(tx.scalar(text("PRAGMA quick_check(1)")))
        if found != "ok":
            raise _damaged(self._engine, found)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def get(self, owner: str, name: str) -> str | None:
        """What `put` laid there."""
        with self._begin() as tx:
            return kept_of(tx, owner, name)

    def put(self, owner: str, name: str, value: str) -> None:
        """Keep a small text; the same name again replaces it."""
        with self._begin() as tx:
            keep(tx, owner, name, value)


_MEND = {
    "sqlite": "see that the disk is not full, the file is writable and nobody else holds it.",
    "postgresql": "see that PostgreSQL runs, its disk is not full and no other program holds a table.",
}


def ring(tx: Connection) -> None:
    """Wake the dispatchers of every process, once the transaction is committed; SQLite has one, which wakes itself."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_notify(BELL, "")))


def code_of(error: DBAPIError) -> int:
    """SQLite's primary code for it; 0 for another database's."""
    return int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF


def refusal(error: DBAPIError, engine: Engine) -> StoreError:
    """What a database's refusal means, in words; Damaged where its file is."""
    if code_of(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return _damaged(engine, str(error.orig))
    mend = _MEND.get(engine.dialect.name, "see that it runs.")
    return StoreError(f"The database refused ({error.orig}). Nothing is sent until it answers again: {mend}")


def _damaged(engine: Engine, why: str) -> Damaged:
    return Damaged(
        f"The database {_place(engine)} is damaged ({why}), and nothing is sent from it. Restore the newest backup in"
        " its place, without the files -wal and -shm beside it; or, without one, save what can be read:"
        " sqlite3 pullquote.db .recover | sqlite3 new.db"
    )


def _place(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def kept_of(tx: Connection, owner: str, name: str) -> str | None:
    """What `keep` laid there."""
    return tx.scalar(select(kept.c.value).where(kept.c.owner == owner, kept.c.name == name))


def keep(tx: Connection, owner: str, name: str, value: str) -> None:
    """Lay a small text into the drawer; the same name again replaces it."""
    where = and_(kept.c.owner == owner, kept.c.name == name)
    if not tx.execute(update(kept).where(where).values(value=value)).rowcount:
        tx.execute(insert(kept).values(owner=owner, name=name, value=value))
