"""Transactions on one engine, and the drawer of small texts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, and_, insert, select, update
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError
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
        with self._begin() as tx:
            known = kept_of(tx, *INSTALLATION)
            self._installation = known or uuid.uuid4().hex
            if known is None:
                keep(tx, *INSTALLATION, self._installation)
            copied = kept_of(tx, *RESTORED)
            self._restored = Restored.loads(copied) if copied else None

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as tx:
                yield tx
        except DBAPIError as error:
            mend = _MEND.get(self._engine.dialect.name, "see that it runs.")
            raise StoreError(
                f"The database refused ({error.orig}). Nothing is sent until it answers again: {mend}"
            ) from error

    @property
    def where(self) -> str:
        """The database, for people; without its password."""
        return self._engine.url.render_as_string(hide_password=True)

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


def kept_of(tx: Connection, owner: str, name: str) -> str | None:
    """What `keep` laid there."""
    return tx.scalar(select(kept.c.value).where(kept.c.owner == owner, kept.c.name == name))


def keep(tx: Connection, owner: str, name: str, value: str) -> None:
    """Lay a small text into the drawer; the same name again replaces it."""
    where = and_(kept.c.owner == owner, kept.c.name == name)
    if not tx.execute(update(kept).where(where).values(value=value)).rowcount:
        tx.execute(insert(kept).values(owner=owner, name=name, value=value))
