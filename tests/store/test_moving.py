"""SQLite to PostgreSQL: every row arrives as it was, whatever breaks off the move, and only into an empty database."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, create_engine, event, insert, select, text
from sqlalchemy.exc import OperationalError

from bot.errors import SettingsError, StoreError, UsageError
from bot.store import hold_alone, moving, open_store, opening
from bot.store.schema import kept, metadata, sites
from bot.store.transactions import MOVE
from tests.conftest import file_in
from tests.real.postgres import Server
from tests.store.test_store import NOW

pytestmark = pytest.mark.real

PIECES = ["a", "B", "ä", "Z", "_", "-", " ", "云", "🏴", "'", '"', "\\", "\n", "%", "\u0301", "é", "ß"]
"""What languages sort otherwise than bytes."""
MANY = {"articles": 2_300, "deliveries": 1_100, "terms": 1_500}


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A database in a file with rows in every table."""
    url = file_in(tmp_path)
    open_store(url).close()
    fill(url, random.Random(7))
    return url


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    with server.empty_database() as url:
        yield url


def fill(url: str, rng: random.Random) -> None:
    engine = create_engine(url)
    with engine.begin() as tx:
        for table in metadata.sorted_tables:
            count = MANY.get(table.name, 40)
            tx.execute(insert(table), [row(table.columns, number, rng) for number in range(count)])
    engine.dispose()


def row(columns: Any, number: int, rng: random.Random) -> dict[str, Any]:
    """One that breaks no rule: references lead to the first forty, and what must differ ends in the number."""
    return {column.name: value(column, number, rng) for column in columns}


def value(column: Column[Any], number: int, rng: random.Random) -> Any:
    if column.foreign_keys:
        return number % 40
    if column.nullable and rng.random() < 0.5:
        return None
    match column.type:
        case Boolean():
            return rng.random() < 0.5
        case Float():
            return rng.uniform(0, 2e9)
        case BigInteger():
            return number * 1_700_000_000_000_003
        case Integer():
            return number
    return "".join(rng.choices(PIECES, k=8)) + str(number)


def rows(url: str) -> dict[str, list[str]]:
    """All rows of a database, but for the marks of a copy."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table)).all())) for table in metadata.sorted_tables
        }
    engine.dispose()
    found["kept"] = [one for one in found["kept"] if "restored" not in one]
    return found


def move(source: str, target: str) -> dict[str, moving.Digest]:
    return moving.move(source, target, NOW, lambda *_: None)


def test_every_row_of_every_table_arrives_as_it_was(file: str, empty: str) -> None:
    told: list[tuple[str, int, int]] = []
    before = rows(file)
    digests = moving.move(file, empty, NOW, lambda *one: told.append(one))
    assert rows(empty) == rows(file) == before
    assert all(before.values())
    assert {name: one.rows for name, one in digests.items()} == {name: len(found) for name, found in before.items()}
    assert [one for one in told if one[0] == "terms"] == [("terms", at, 1500) for at in (0, 1000, 1500)]


def test_what_comes_after_a_move_takes_the_next_numbers(file: str, empty: str) -> None:
    move(file, empty)
    engine = create_engine(empty)
    with engine.begin() as tx:
        plain = {column.name: "" for column in sites.columns if isinstance(column.type.python_type(), str)}
        numbers = {"due": 0.0, "epoch": 0, "failures": 0}
        tx.execute(insert(sites).values({**plain, **numbers}))
        assert tx.scalar(text("SELECT max(id) FROM sites")) == 40
        assert tx.scalar(text("SELECT nextval('deliveries_id_seq')")) == MANY["deliveries"]
    engine.dispose()


def test_a_moved_database_is_a_copy_for_its_first_run(file: str, empty: str) -> None:
    move(file, empty)
    store = open_store(empty)
    assert store.wake(NOW) == NOW
    store.close()


def started(source: str, target: str, folder: Path) -> subprocess.Popen[bytes]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULLQUOTE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "move", target],
        env=own | {"PULLQUOTE_DATABASE_URL": source, "PULLQUOTE_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )


@pytest.mark.parametrize("until", ["sites", "articles", "deliveries"])
def test_a_move_that_is_killed_goes_on_where_it_was(file: str, empty: str, tmp_path: Path, until: str) -> None:
    process = started(file, empty, tmp_path)
    engine = create_engine(empty)
    deadline = time.monotonic() + 60
    while not begun(engine, until):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()
    engine.dispose()
    with pytest.raises(SettingsError, match="has not come to its end"):
        open_store(empty)
    again = started(file, empty, tmp_path)
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert b"PULLQUOTE_DATABASE_URL" in out
    assert rows(empty) == rows(file)


def begun(engine: Any, table: str) -> bool:
    """Whether a batch of the table has arrived."""
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(select(kept.c.value).where(kept.c.owner == MOVE, kept.c.name == table)))
    except OperationalError:
        return False
    except Exception as error:
        if "UndefinedTable" in str(error):
            return False
        raise


class BrokenOff(Exception):
    pass


def broken_off(source: str, target: str, at: str) -> None:
    def stop(table: str, there: int, total: int) -> None:
        if table == at and there:
            raise BrokenOff

    with pytest.raises(BrokenOff):
        moving.move(source, target, NOW, stop)


def test_what_is_written_between_two_tries_is_moved_too(file: str, empty: str) -> None:
    broken_off(file, empty, "deliveries")
    engine = create_engine(file)
    with engine.begin() as tx:
        tx.execute(text("DELETE FROM articles WHERE id < 2"))
        tx.execute(text("UPDATE sites SET name = 'another'"))
    engine.dispose()
    move(file, empty)
    assert rows(empty) == rows(file)


def test_what_arrives_otherwise_than_it_was_sent_is_noticed(
    file: str, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forge(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> tuple[str, Any]:
        if statement.startswith("INSERT INTO articles"):
            parameters = [{**one, "words": "forged"} for one in parameters]
        return statement, parameters

    def forging(url: str) -> Any:
        engine = opening.migrated(url)
        event.listen(engine, "before_cursor_execute", forge, retval=True)
        return engine

    monkeypatch.setattr(moving, "migrated", forging)
    with pytest.raises(StoreError, match="not what was sent, in articles"):
        move(file, empty)
    with pytest.raises(SettingsError, match="has not come to its end"):
        open_store(empty)


def test_a_database_that_holds_something_is_left_alone(file: str, server: Server) -> None:
    with server.database() as other:
        store = open_store(other)
        store.put("matrix", "token", "precious")
        store.close()
        before = rows(other)
        with pytest.raises(UsageError, match="holds something already"):
            move(file, other)
        assert rows(other) == before


def test_a_database_that_another_move_began_in_is_left_alone(file: str, empty: str, tmp_path: Path) -> None:
    broken_off(file, empty, "articles")
    (tmp_path / "other").mkdir()
    other = file_in(tmp_path / "other")
    open_store(other).close()
    with pytest.raises(UsageError, match="holds something already"):
        move(other, empty)


def test_one_that_was_only_opened_is_empty(file: str, empty: str) -> None:
    open_store(empty).close()
    move(file, empty)
    assert rows(empty) == rows(file)


def test_while_the_bot_runs_nothing_is_moved(file: str, empty: str) -> None:
    with hold_alone(file), pytest.raises(SettingsError, match="Another"):
        move(file, empty)


def test_what_a_command_would_write_meanwhile_waits(file: str, empty: str) -> None:
    other = create_engine(file, connect_args={"timeout": 0})

    def write(table: str, there: int, total: int) -> None:
        with pytest.raises(OperationalError, match="locked"), other.begin() as tx:
            tx.execute(text("UPDATE sites SET name = 'another'"))

    moving.move(file, empty, NOW, write)
    other.dispose()
    assert rows(empty) == rows(file)


def test_only_from_sqlite_to_postgresql(file: str, empty: str, tmp_path: Path) -> None:
    for source, target in ((file, f"sqlite:///{tmp_path / 'other.db'}"), (empty, empty)):
        with pytest.raises(UsageError, match="from SQLite to PostgreSQL"):
            move(source, target)
