"""Copies of the database: taken while the bot runs, and known as copies when they are run."""

from __future__ import annotations

import math
import os
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from sqlalchemy import update

from bot.errors import StoreError, UsageError
from bot.store.restored import Restored
from bot.store.schema import deliveries
from bot.store.transactions import RESTORED, Transactions, keep, kept_of


class Copies(Transactions):
    """Backing up, and waking up after a restore."""

    def copy_to(self, file: Path, now: datetime, *, replace: bool = False) -> int:
        """Copy the database into a file that only its owner reads, whole or not at all; its size in bytes.

        UsageError where there is such a file that is not to be replaced, or where the database is no SQLite.
        """
        if self._engine.dialect.name != "sqlite":
            raise UsageError(_POSTGRES)
        if file.exists() and not replace:
            raise UsageError(f"{file} is there already: name another file, or give --force to replace it.")
        unfinished = file.with_name(f".{file.name}.{os.getpid()}.unfinished")
        try:
            os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            self._copy(unfinished, now)
            _flush(unfinished)
            if replace:
                unfinished.replace(file)
            else:
                os.link(unfinished, file)  # nothing that came into being meanwhile is lost
                unfinished.unlink()
            _flush(file.parent)
            return file.stat().st_size
        except FileExistsError:
            raise UsageError(f"{file} is there already: name another file, or give --force to replace it.") from None
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{file} could not be written ({error}); nothing is left of it.") from error
        finally:
            for ending in ("", "-journal"):
                unfinished.with_name(unfinished.name + ending).unlink(missing_ok=True)

    def _copy(self, file: Path, now: datetime) -> None:
        with closing(sqlite3.connect(file)) as copy:
            source = self._engine.raw_connection()
            try:
                source.driver_connection.backup(copy)  # type: ignore[union-attr]  # it is connected
            finally:
                source.close()
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
            known = copy.execute("SELECT value FROM kept WHERE owner=? AND name=?", RESTORED).fetchone()
            mark = Restored.loads(known[0]).copied(now) if known else Restored(now)
            copy.execute("INSERT OR REPLACE INTO kept (owner, name, value) VALUES (?, ?, ?)", (*RESTORED, mark.dumps()))
            copy.commit()
            found = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
            if found != ["ok"] or copy.execute("PRAGMA foreign_key_check").fetchone():
                told = "; ".join(found)
                raise StoreError(f"The copy is not sound ({told}), nor is the database then. Nothing is left of it.")

    def mark_restored(self, taken: datetime, now: datetime) -> None:
        """Note that this database is the copy that was taken then; the next run knows."""
        with self._begin() as tx:
            known = kept_of(tx, *RESTORED)
            mark = Restored(min(taken, Restored.loads(known).copied(now).taken) if known else taken)
            keep(tx, *RESTORED, mark.dumps())

    def wake(self, now: datetime) -> datetime | None:
        """Begin a life: when the copy was taken that this is the first run of, None where it is no such run.

        An edit's key must be none that the life before gave to another one, so the epochs go on where it can have come
        to at most: one claim a second.
        """
        with self._begin() as tx:
            known = kept_of(tx, *RESTORED)
            mark = Restored.loads(known) if known else None
            if mark is None or mark.opened is not None:
                self._restored = mark  # another process may have run it first, since this one opened it
                return None
            passed = max(1, math.ceil((now - mark.taken).total_seconds()) + 1)
            tx.execute(update(deliveries).values(epoch=deliveries.c.epoch + passed))
            opened = Restored(mark.taken, now)
            keep(tx, *RESTORED, opened.dumps())
        self._restored = opened
        return mark.taken


def _flush(path: Path) -> None:
    held = os.open(path, os.O_RDONLY)
    try:
        os.fsync(held)
    finally:
        os.close(held)


_POSTGRES = (
    "This database is PostgreSQL's, which has its own tool for copies: pg_dump --format=custom --file=FILE DATABASE,"
    " while the bot runs. After pg_restore say when the copy was taken, before the bot starts:"
    " pullquote restored 2026-11-25T10:00Z"
)
