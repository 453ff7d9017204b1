"""Opening a database: the engine as Pullquote needs it, the schema brought up to date, one process alone on SQLite."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from bot.errors import SettingsError, StoreError
from bot.store.store import Store

HEAD = "0004"
"""The newest migration: known here, so that a start which needs none does not load Alembic."""


def open_store(url: str) -> Store:
    """The store at an SQLAlchemy URL, made or migrated when needed; SettingsError when there can be none."""
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            migrate = _version(connection) != HEAD
        if migrate:
            _migrate(engine)
        return Store(engine)
    except (DBAPIError, StoreError) as error:
        engine.dispose()
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
    with open(f"{path}.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(
                f"Another `pullquote run` is at work on {path}. Two on one file would say things twice:"
                " stop the other one, or give this one a PULLQUOTE_DATA_DIR of its own."
            ) from None
        yield


def _engine(url: str) -> Engine:
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
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 30})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediate)
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


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")  # a reader that turns writer half-way would meet "locked" at once


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
