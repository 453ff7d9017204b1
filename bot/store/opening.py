"""Opening a database: the engine as Pullquote needs it, the schema brought up to date, one process alone on SQLite."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from bot.errors import Damaged, SettingsError, StoreError
from bot.store.store import Store
from bot.store.transactions import code_of, refusal

HEAD = "0003"
"""The newest migration: known here, so that a start which needs none does not load Alembic."""

ANOTHER_WRITER = 30.0
"""Seconds that a transaction waits for another process to end its own."""

STEP = 1.0
"""Seconds after which one that waits sees whether the process is about to end."""


def open_store(url: str) -> Store:
    """The store at an SQLAlchemy URL, made or migrated when needed.

    SettingsError when there can be none, Damaged when its file is broken, StoreError when it may answer later.
    """
    hurried = threading.Event()
    engine = _engine(url, hurried)
    try:
        with engine.connect() as connection:
            migrate = _version(connection) != HEAD
        if migrate:
            _migrate(engine)
        return Store(engine, hurried)
    except (DBAPIError, StoreError) as error:
        engine.dispose()
        refused = error.__cause__ if isinstance(error, StoreError) else error
        if isinstance(refused, DBAPIError):
            meant = refusal(refused, engine.url.render_as_string(hide_password=True))
            if isinstance(meant, Damaged) or code_of(refused) in _MAY_PASS:
                raise meant from error
        raise SettingsError(
            f"The database {engine.url.render_as_string(hide_password=True)} cannot be opened ({error})."
            " See PULLQUOTE_DATABASE_URL and PULLQUOTE_DATA_DIR, and that the folder is writable."
        ) from error


@contextmanager
def hold_alone(url: str) -> Iterator[None]:
    """Be the only `pullquote run` on an SQLite database; SettingsError when there is another. Free on kill -9."""
    path = _sqlite_path(url)
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


_MAY_PASS = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR}
"""SQLite's codes for what may be over in a while without anybody changing a setting."""


def _lock_file(path: Path) -> TextIO:
    try:
        return open(f"{path}.lock", "w")
    except OSError as error:
        raise SettingsError(f"Nothing can be written beside the database ({error}); see PULLQUOTE_DATA_DIR.") from error


def _engine(url: str, hurried: threading.Event) -> Engine:
    path = _sqlite_path(url)
    if path is None:
        return create_engine(url, pool_pre_ping=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(
            f"The data folder {path.parent} cannot be made ({error}); see PULLQUOTE_DATA_DIR."
        ) from error
    if not path.exists():  # tokens are kept in it
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    elif not os.access(path, os.W_OK):  # SQLite would open it all the same, and make files beside it as unwritable
        raise SettingsError(f"The database {path} is not writable for who runs Pullquote; see PULLQUOTE_DATA_DIR.")
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": STEP})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", partial(_begin_immediate, hurried))
    return engine


def _sqlite_path(url: str) -> Path | None:
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(f"PULLQUOTE_DATABASE_URL is no database URL that can be used here: {error}") from None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(hurried: threading.Event, connection: Connection) -> None:
    """Be the writer at once, since a reader that turns writer half-way would meet "locked"; in steps, to be hurried."""
    driver: Any = connection.connection.dbapi_connection
    until = time.monotonic() + ANOTHER_WRITER - STEP
    while time.monotonic() < until and not hurried.is_set():
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                break
        else:
            return
    connection.exec_driver_sql("BEGIN IMMEDIATE")


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
