"""The engine as Pullquote needs it: on SQLite and on PostgreSQL alike one transaction follows the other.

What looks before it writes is thereby right on either, whichever processes have the database open.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from bot.errors import SettingsError
from bot.store.rows import storable

ANOTHER_WRITER = 30.0
"""Seconds that a transaction waits for another process to end its own."""

STEP = 1.0
"""Seconds after which one that waits sees whether the process is about to end."""

_HURRIED: WeakSet[Engine] = WeakSet()


def engine_for(url: str) -> Engine:
    """The engine of an SQLAlchemy URL; SettingsError when there can be none."""
    path = sqlite_path(url)
    engine = _of_server(url) if path is None else _of_file(url, path)
    event.listen(engine, "before_cursor_execute", _make_storable, retval=True)
    return engine


def hurry(engine: Engine) -> None:
    """From now on its transactions do not wait for another writer; SQLite's only. May be called from any thread."""
    _HURRIED.add(engine)


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite database; None of another. SettingsError when it is no URL of any."""
    try:
        parsed = make_url(url)
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(f"PULLQUOTE_DATABASE_URL is no database URL that can be used here: {error}") from None
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


def _of_file(url: str, path: Path) -> Engine:
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
    event.listen(engine, "begin", _begin_immediate)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    """Be the writer at once, since a reader that turns writer half-way would meet "locked"; in steps, to be hurried."""
    driver: Any = connection.connection.dbapi_connection
    until = time.monotonic() + ANOTHER_WRITER - STEP
    while time.monotonic() < until and connection.engine not in _HURRIED:
        try:
            driver.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                break
        else:
            return
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _of_server(url: str) -> Engine:
    parsed = make_url(url)
    ours = LIBPQ if parsed.get_driver_name() in {"psycopg", "psycopg2"} else {}
    try:
        engine = create_engine(
            url, pool_pre_ping=True, connect_args={key: ours[key] for key in ours.keys() - parsed.query.keys()}
        )
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"The driver {error.name} of PULLQUOTE_DATABASE_URL is not installed. For PostgreSQL:"
            " pip install 'psycopg[binary]'"
        ) from None
    if parsed.get_backend_name() == "postgresql":
        event.listen(engine, "connect", _prepare_postgres)
        event.listen(engine, "begin", _begin_alone)
    return engine


LIBPQ = {
    "client_encoding": "utf8",
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""A server that vanished without a word is given up within half a minute; the URL may say otherwise."""


def _prepare_postgres(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for name, value in _POSTGRES.items():
        cursor.execute(f"SET {name} = {value}")
    cursor.execute(_DURABLE)
    cursor.execute("SHOW server_encoding")
    [encoding] = cursor.fetchone()
    cursor.close()
    connection.commit()
    if encoding != "UTF8":
        raise SettingsError(
            f"The database of PULLQUOTE_DATABASE_URL is encoded in {encoding}, which does not hold every letter:"
            " make one with createdb --template=template0 --encoding=UTF8"
        )


_POSTGRES = {
    "lock_timeout": "'30s'",
    "idle_in_transaction_session_timeout": "'15s'",  # whoever is frozen holds the others up no longer
    # The planner cannot know that few deliveries are pending among many, and would read the whole table for them.
    "enable_seqscan": "off",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
}
_DURABLE = "SELECT set_config(name, 'on', false) FROM pg_settings WHERE name = 'synchronous_commit' AND setting = 'off'"
"""An attempt is on the disk before a byte leaves, whatever the server's own habit."""


TOGETHER = "together"
"""The option of an engine whose transactions may run beside each other, but not beside those that run alone."""


def _begin_alone(connection: Connection) -> None:
    shared = "_shared" if connection.get_execution_options().get(TOGETHER) else ""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock{shared}(7291046035)")  # nobody else's, as far as can be


def _make_storable(
    _connection: Connection, _cursor: object, statement: str, parameters: Any, _context: object, _many: bool
) -> tuple[str, Any]:
    return statement, _storable(parameters)


def _storable(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case dict():
            return {key: _storable(one) for key, one in value.items()}
        case list():
            return [_storable(one) for one in value]
        case tuple():
            return tuple(map(_storable, value))
        case _:
            return value
