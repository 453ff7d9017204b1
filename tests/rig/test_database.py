"""What happens to the database happens to no card: full disks, locks, read-only files, torn and broken ones."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rig import harms
from tests.rig.stage import Stage, at_work

TOLD = "the database refuses"
long = pytest.mark.skipif(os.environ.get("PULLQUOTE_RIG") != "1", reason="takes a minute and more: see `make rig`")


async def lives_on(playing: Stage, seconds: float) -> None:
    """The bot does not end."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        await asyncio.sleep(0.2)
        assert playing.bot.alive, playing.bot.log


def unwritten(playing: Stage) -> list[str]:
    """Messages of which the database knows neither that they stand nor that they may."""
    assert playing.discord is not None
    file = playing.bot.folder / "data" / "pullquote.db"
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        known = {row[0] for row in database.execute("SELECT receipt FROM deliveries WHERE receipt IS NOT NULL")}
        tried = {row[0] for row in database.execute("SELECT attempted_url FROM deliveries WHERE attempted_at > 0")}
    stand = [message for channel in playing.discord_channels for message in playing.discord.messages(channel)]
    return [
        message["id"]
        for message in stand
        if not any(message["id"] in ref for ref in known) and not any(url in str(message) for url in tried)
    ]


@pytest.mark.parametrize("full", ["disk", "quota"])
async def test_on_a_full_disk_nothing_is_sent_and_all_is_once_there_is_room(tmp_path: Path, full: str) -> None:
    with harms.small_disk(tmp_path) if full == "disk" else contextlib.nullcontext():
        async with at_work(tmp_path) as playing:
            with harms.filled(tmp_path) if full == "disk" else harms.no_file_grows(playing.bot):
                for _ in range(4):
                    playing.newsroom.publish()
                await playing.bot.says(TOLD)
                await lives_on(playing, 3)
                assert unwritten(playing) == []
                assert await playing.wrong()
            await playing.right()
            await playing.bot.says("the database answers again")
            assert playing.bot.log.count(TOLD) == 1
            assert "disk is not full" in playing.bot.log
            assert "Traceback" not in playing.bot.log
            assert await playing.bot.stop() == 0


async def test_started_on_a_full_disk_the_bot_waits_for_room(tmp_path: Path) -> None:
    with harms.small_disk(tmp_path):
        async with at_work(tmp_path) as playing:
            assert await playing.bot.stop() == 0
            playing.newsroom.publish()
            with harms.filled(tmp_path):
                await playing.bot.start()
                await playing.bot.says(TOLD)
                await lives_on(playing, 3)
            await playing.right()
            assert playing.bot.log.count(TOLD) == 1


async def test_killed_on_a_full_disk_nothing_is_said_twice(tmp_path: Path) -> None:
    with harms.small_disk(tmp_path):
        async with at_work(tmp_path) as playing:
            with harms.filled(tmp_path):
                for _ in range(3):
                    playing.newsroom.publish()
                await playing.bot.says(TOLD)
                await playing.bot.kill()
                await playing.bot.start()
                await lives_on(playing, 2)
            await playing.right()


async def test_while_another_process_holds_the_database_the_bot_waits_and_loses_nothing(tmp_path: Path) -> None:
    async with at_work(tmp_path) as playing:
        with harms.locked(tmp_path):
            for _ in range(4):
                playing.newsroom.publish()
            await lives_on(playing, 4)
        assert unwritten(playing) == []
        await playing.right()
        assert TOLD not in playing.bot.log


async def test_sigterm_while_another_process_holds_the_database_is_obeyed_in_time(tmp_path: Path) -> None:
    async with at_work(tmp_path) as playing:
        with harms.locked(tmp_path):
            playing.newsroom.publish()
            await asyncio.sleep(2)
            playing.bot.signal(signal.SIGTERM)
            assert await playing.bot.ends(20) == 0
            assert "Traceback" not in playing.bot.log
        await playing.bot.start()
        await playing.right()


@long
async def test_a_database_locked_for_long_is_told_of_once_and_costs_no_card(tmp_path: Path) -> None:
    async with at_work(tmp_path) as playing:
        with harms.locked(tmp_path):
            for _ in range(4):
                playing.newsroom.publish()
            await lives_on(playing, 100)
        await playing.right(150)
        await playing.bot.says("the database answers again")
        assert playing.bot.log.count(TOLD) == 1


@contextlib.contextmanager
def read_only(path: Path) -> Iterator[None]:
    mode = path.stat().st_mode
    path.chmod(mode & 0o555)
    try:
        yield
    finally:
        path.chmod(mode)


@pytest.mark.parametrize("what", ["data/pullquote.db", "data"])
async def test_a_read_only_database_ends_the_start_with_what_to_do(tmp_path: Path, what: str) -> None:
    start = harms.bound_by_modes()
    async with at_work(tmp_path) as playing:
        assert await playing.bot.stop() == 0
        playing.newsroom.publish()
        playing.bot.before = start
        with read_only(tmp_path / what):
            await playing.bot.start()
            assert await playing.bot.ends() == 2
            assert "writable" in playing.bot.log
            assert "Traceback" not in playing.bot.log
        await playing.bot.start()
        await playing.right()


def cut_in_two(log: Path) -> None:
    os.truncate(log, 32 + harms.frames(log) // 2 * (harms.PAGE + 24) + 1000)


def cut_to_nothing(log: Path) -> None:
    os.truncate(log, 0)


def flipped_at_the_end(log: Path) -> None:
    harms.flip(log, 32 + (harms.frames(log) - 4) * (harms.PAGE + 24) + 100)


def flipped_at_the_start(log: Path) -> None:
    harms.flip(log, 40)


@pytest.mark.parametrize("tear", [cut_in_two, cut_to_nothing, flipped_at_the_end, flipped_at_the_start])
async def test_with_a_torn_log_the_bot_starts_and_says_nothing_twice(
    tmp_path: Path, tear: Callable[[Path], None]
) -> None:
    async with at_work(tmp_path) as playing:
        harms.into_one_file(tmp_path)  # so that the subscriptions are not in the log
        for _ in range(3):
            playing.newsroom.publish()
        await playing.right()
        await playing.bot.kill()
        tear(tmp_path / "data" / "pullquote.db-wal")
        playing.newsroom.publish()
        await playing.bot.start()
        await playing.right()


async def test_started_on_a_broken_file_the_bot_ends_and_names_the_way_back(tmp_path: Path) -> None:
    async with at_work(tmp_path) as playing:
        assert await playing.bot.stop() == 0
        harms.break_page(harms.into_one_file(tmp_path), "deliveries")
        playing.newsroom.publish()
        await playing.bot.start()
        assert await playing.bot.ends() == 3
        assert "damaged" in playing.bot.log
        assert "backup" in playing.bot.log
        assert ".recover" in playing.bot.log
        assert "Traceback" not in playing.bot.log


async def test_a_file_that_breaks_under_the_running_bot_ends_it(tmp_path: Path) -> None:
    async with at_work(tmp_path) as playing:
        file = tmp_path / "data" / "pullquote.db"
        with contextlib.closing(sqlite3.connect(file)) as other, other:
            other.execute("INSERT INTO kept (owner, name, value) VALUES ('rig', 'changed', '')")  # so it reads again
        harms.into_one_file(tmp_path)
        for table in ("sites", "deliveries"):
            harms.break_page(file, table)
        playing.newsroom.publish()
        assert await playing.bot.ends() == 3
        assert "backup" in playing.bot.log
        assert "Traceback" not in playing.bot.log
