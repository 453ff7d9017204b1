"""Whatever moment a copy was taken at, a bot that goes on from it repeats nothing, loses nothing, and keeps all up."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from bot.model import OnWithdrawal
from tests.simulation.test_crashes import REST
from tests.simulation.virtual import run
from tests.simulation.world import World


async def story(world: World, *, copied_at: float, down: float, die_at: int = 0) -> None:
    """A life of which a copy is taken, that goes on, and another that begins with the copy."""
    world.follow()
    copy = world.folder / "copy.db"
    events = asyncio.create_task(_events(world))
    life = asyncio.create_task(world.live(30, die_at=die_at))
    await asyncio.sleep(copied_at)
    world.store.copy_to(copy, world.clock.now())
    await asyncio.gather(life, events)
    await asyncio.sleep(down)
    world.site.posts[3] = "Third, mended"
    world.site.posts[4] = "Fourth"
    world.restore(copy)
    await world.live(REST)
    world.site.posts[4] = "Fourth, mended"
    world.site.posts[5] = "Fifth"
    await world.live(60)


async def _events(world: World) -> None:
    await asyncio.sleep(3)
    world.site.posts[1] = "Bridge closed"
    world.site.posts[2] = "Ferry late"
    await asyncio.sleep(7)
    world.site.posts[1] = "Bridge closed for nine weeks"
    world.site.posts[3] = "Third"
    await asyncio.sleep(7)
    del world.site.posts[2]


EXPECTED = ["Bridge closed for nine weeks", "Third, mended", "Fourth, mended", "Fifth"]


@pytest.mark.parametrize("on_withdrawal", [OnWithdrawal.STRIKE, OnWithdrawal.REMOVE])
@pytest.mark.parametrize("down", [1, 45, 200_000])
def test_a_copy_taken_at_any_moment_repeats_nothing(tmp_path: Path, on_withdrawal: OnWithdrawal, down: float) -> None:
    for copied_at in range(1, 30, 4):
        folder = tmp_path / str(copied_at)
        folder.mkdir()
        world = World(folder, random.Random(copied_at), on_withdrawal=on_withdrawal)
        run(story(world, copied_at=copied_at, down=down))
        for channel in world.channels:
            shown = [text for text in world.platform.standing(channel) if text != "~Ferry late~"]
            assert shown == EXPECTED, f"copied at {copied_at}"
        world.store.close()


def test_a_copy_of_a_life_that_was_killed_repeats_nothing(tmp_path: Path) -> None:
    for step in range(10, 90, 14):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = World(folder, random.Random(step))
        run(story(world, copied_at=step / 5, down=60, die_at=step))
        for channel in world.channels:
            # What was posted after the copy and withdrawn after the death is in neither the copy nor the site.
            shown = [text for text in world.platform.standing(channel) if text.strip("~") != "Ferry late"]
            assert shown == EXPECTED, f"killed at {step}"
        world.store.close()
