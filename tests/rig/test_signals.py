"""Asked to stop in the middle of it, and frozen in the middle of it: what is under way is not said twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.rig.stage import Stage, at_work

long = pytest.mark.skipif(os.environ.get("PULLQUOTE_RIG") != "1", reason="takes a minute and more: see `make rig`")

MANY = 16
SHORT_LEASE = (
    "-c",
    "import datetime, bot.dispatcher, bot.cli;bot.dispatcher.LEASE = datetime.timedelta(seconds=2);bot.cli.main()",
)


async def in_flight(playing: Stage, count: int, answered_after: float) -> None:
    """Publish; wait until so many cards stand whose answers are still on the way."""
    assert playing.discord is not None
    world = playing.discord.world
    playing.discord.fault("late", method="POST", path="/messages", times=count, after=answered_after)
    before = world.creates
    playing.newsroom.publish()
    until = time.monotonic() + 20
    while world.creates < before + count:
        assert time.monotonic() < until, playing.bot.log
        await asyncio.sleep(0.02)


async def test_sigterm_with_many_in_flight_lets_them_end(tmp_path: Path) -> None:
    async with at_work(tmp_path, channels=MANY, articles=1) as playing:
        await in_flight(playing, MANY, 3)
        playing.bot.signal(signal.SIGTERM)
        assert await playing.bot.ends(20) == 0
        assert playing.bot.log.count("posted") == 2 * MANY
        assert not await playing.wrong()


async def test_sigterm_with_many_that_do_not_end_is_obeyed_and_they_are_recognised(tmp_path: Path) -> None:
    async with at_work(tmp_path, channels=MANY, articles=1) as playing:
        await in_flight(playing, MANY, 60)
        playing.bot.signal(signal.SIGTERM)
        assert await playing.bot.ends(18) == 0
        playing.newsroom.publish()
        await playing.bot.start()
        await playing.right()
        assert await playing.bot.stop() == 0
        assert not await playing.wrong()


async def test_frozen_past_its_lease_the_bot_wakes_and_says_nothing_twice(tmp_path: Path) -> None:
    async with at_work(tmp_path) as playing:
        await playing.bot.kill()
        playing.bot.program = SHORT_LEASE
        await playing.bot.start()
        await in_flight(playing, 3, 1)
        await frozen(playing, 4)


@long
@pytest.mark.parametrize("seconds", [70, 150])
async def test_frozen_for_long_the_bot_wakes_and_says_nothing_twice(tmp_path: Path, seconds: float) -> None:
    """Past the lease, and past all that Discord remembers."""
    async with at_work(tmp_path) as playing:
        await in_flight(playing, 3, 1)
        await frozen(playing, seconds)


async def frozen(playing: Stage, seconds: float) -> None:
    playing.bot.signal(signal.SIGSTOP)
    playing.newsroom.publish()
    await asyncio.sleep(seconds)
    playing.bot.signal(signal.SIGCONT)
    await playing.right(150)
    assert await playing.bot.stop() == 0
    assert not await playing.wrong()
