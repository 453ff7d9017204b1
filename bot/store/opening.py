"""Opening a database: the schema brought up to date, and one process alone on SQLite."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from bot.errors import Damaged, SettingsError, StoreError
from bot.store.engine import engine_for, sqlite_path
from bot.store.store import Store
from bot.store.transactions import MOVE, code_of, kept_of, refusal

HEAD = "0006"
"""The newest migration: known here, so that a start which needs none does not load Alembic."""


def open_store(url: str) -> Store:
    """The store at an SQLAlchemy URL, made or migrated when needed.

    SettingsError when there can be none, Damaged when its file is broken, StoreError when it may answer later.
    """
    engine = migrated(url)
    with _opening(engine):
        with engine.connect() as connection:
            half = kept_of(connection, MOVE, "") is not None
        if not half:
            return Store(engine)
    where = engine.url.render_as_string(hide_password=True)
    engine.dispose()
    raise SettingsError(
        f"Into {where} another database is being moved, which has not come to its end: begin `pullquote move` again,"
        " with PULLQUOTE_DATABASE_URL as it was, and it goes on."
    )


def migrated(url: str) -> Engine:
    """The engine of a database whose tables are as this version wants them; SettingsError when there can be none."""
    engine = engine_for(url)
    with _opening(engine):
        with engine.connect() as connection:
            migrate = _version(connection) != HEAD
        if migrate:
            _migrate(engine)
    return engine


@contextmanager
def _opening(engine: Engine) -> Iterator[None]:
    try:
        yield
    except (DBAPIError, StoreError) as error:
        engine.dispose()
        refused = error.__cause__ if isinstance(error, StoreError) else error
        if isinstance(refused, DBAPIError):
            meant = refusal(refused, engine)
            if isinstance(meant, Damaged) or code_of(refused) in _MAY_PASS:
                raise meant from error
        mend = (
            "See PULLQUOTE_DATABASE_URL and PULLQUOTE_DATA_DIR, and that the folder is writable."
            if engine.dialect.name == "sqlite"
            else "See PULLQUOTE_DATABASE_URL, that the server runs, and that the database is there and its user's own."
        )
        raise SettingsError(
            f"The database {engine.url.render_as_string(hide_password=True)} cannot be opened ({error}). {mend}"
        ) from error


_MAY_PASS = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR}
"""SQLite's codes for what may be over in a while without anybody changing a setting."""


@contextmanager
def hold_alone(url: str) -> Iterator[None]:
    """Be the only `pullquote run` on an SQLite database; SettingsError when there is another. Free on kill -9."""
    path = sqlite_path(url)
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with _lock_file(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"Another `pullquote run` is at work on {path}. Two on one file would say things twice:"
                " stop the other one, or give this one a PULLQUOTE_DATA_DIR of its own."
            ) from None
        yield


def _lock_file(path: Path) -> TextIO:
    try:
        return open(f"{path}.lock", "w")
    except OSError as error:
        raise SettingsError(f"Nothing can be written beside the database ({error}); see PULLQUOTE_DATA_DIR.") from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def _migrate(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["engine"] = engine
    try:
        command.upgrade(config, HEAD)
    except CommandError as error:
        raise SettingsError(
            f"The database was written by a newer Pullquote ({error}): run that version, or restore an older backup."
        ) from error
