"""Whatever moment the bot is killed at, each card stands once in each channel, in its newest state, in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.model import Channel, OnWithdrawal
from bot.store import Store
from tests.simulation.virtual import run
from tests.simulation.world import World

REST = 240.0
"""Virtual seconds after which everything that was in doubt has been settled."""


async def story(world: World, *, die_at: int) -> int:
    """Two posts, a correction, a withdrawal; the first life ends at a step or with the story. How many steps it had."""
    world.follow()
    events = asyncio.create_task(_events(world))
    first = await world.live(30, die_at=die_at)
    await events
    await asyncio.sleep(die_at % 3 * 60)  # down for as long as a restart takes, or past the platform's window
    await world.live(REST)
    return first.steps


async def _events(world: World) -> None:
    await asyncio.sleep(3)
    world.site.posts[1] = "Bridge closed"
    world.site.posts[2] = "Ferry late"
    await asyncio.sleep(7)
    world.site.posts[1] = "Bridge closed for nine weeks"
    world.site.posts[3] = "Third"
    await asyncio.sleep(7)
    del world.site.posts[2]


def steps_of_an_undisturbed_life(folder: Path) -> int:
    return run(story(World(folder, random.Random(1)), die_at=0))


@pytest.mark.parametrize("on_withdrawal", [OnWithdrawal.STRIKE, OnWithdrawal.REMOVE])
def test_killed_at_any_step_nothing_is_lost_or_said_twice(tmp_path: Path, on_withdrawal: OnWithdrawal) -> None:
    middle = ["~Ferry late~"] if on_withdrawal is OnWithdrawal.STRIKE else []
    (tmp_path / "0").mkdir()
    steps = steps_of_an_undisturbed_life(tmp_path / "0")
    assert steps > 100
    for step in range(1 if on_withdrawal is OnWithdrawal.STRIKE else 2, steps + 1, 3):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = World(folder, random.Random(step), on_withdrawal=on_withdrawal)
        run(story(world, die_at=step))
        for channel in world.channels:
            shown = world.platform.standing(channel)
            expected = ["Bridge closed for nine weeks", *middle, "Third"]
            # A post that was withdrawn before it was ever shown is never shown.
            assert shown in (expected, ["Bridge closed for nine weeks", "Third"]), f"killed at step {step}"
        assert world.platform.misleading() == [], f"killed at step {step}"
        world.store.close()


async def taken_back(world: World, *, die_at: int) -> int:
    """A post and a correction, which is taken back while the bot is dead; the platform is slow to take it up again."""
    world.follow()
    world.site.posts[1] = "Bridge closed"
    correction = asyncio.get_running_loop().call_later(5, world.site.posts.update, {1: "Bridge open"})
    first = await world.live(15, die_at=die_at)
    correction.cancel()
    world.site.posts[1] = "Bridge closed"
    world.platform.ready = False
    asyncio.get_running_loop().call_later(4, setattr, world.platform, "ready", True)
    await world.live(REST)
    return first.steps


def test_a_correction_that_is_taken_back_after_it_left_does_not_stay(tmp_path: Path) -> None:
    (tmp_path / "0").mkdir()
    steps = run(taken_back(World(tmp_path / "0", random.Random(1)), die_at=0))
    for step in range(steps // 2, steps + 1):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = World(folder, random.Random(step))
        run(taken_back(world, die_at=step))
        for channel in world.channels:
            assert world.platform.standing(channel) == ["Bridge closed"], f"killed at step {step}"
        world.store.close()


async def interrupted(world: World, what: Callable[[Store, Channel], object], *, die_at: int) -> int:
    """Posts, and between them what people do to the first channel, who knows of none of the bot's doubts."""
    world.follow()
    world.site.posts |= {1: "Bridge closed", 2: "Ferry late"}
    people = asyncio.get_running_loop().call_later(4, what, world.store, Channel.parse("model:one"))
    asyncio.get_running_loop().call_later(9, world.site.posts.update, {3: "Third"})
    first = await world.live(15, die_at=die_at)
    people.cancel()
    if people.when() > asyncio.get_running_loop().time():
        what(world.store, Channel.parse("model:one"))
    await asyncio.sleep(die_at % 3 * 60)
    await world.live(REST)
    return first.steps


@pytest.mark.parametrize("trouble", [0.0, 0.5])
def test_killed_at_any_step_a_channel_that_moves_has_each_card_once_in_the_old_or_the_new_one(
    tmp_path: Path, trouble: float
) -> None:
    def move(store: Store, channel: Channel) -> None:
        store.move_channel(channel, Channel("model", "new"))

    for step in range(1, 120, 7):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = World(folder, random.Random(step), trouble=trouble)
        run(interrupted(world, move, die_at=step))
        stands = world.platform.standing("model:one") + world.platform.standing("model:new")
        assert sorted(stands) == ["Bridge closed", "Ferry late", "Third"], f"killed at step {step}"
        world.store.close()


@pytest.mark.parametrize("trouble", [0.0, 0.5])
def test_killed_at_any_step_a_channel_that_unsubscribes_has_no_card_twice_and_nothing_new(
    tmp_path: Path, trouble: float
) -> None:
    def unsubscribe(store: Store, channel: Channel) -> None:
        store.unsubscribe(channel, 1)

    for step in range(1, 120, 7):
        folder = tmp_path / str(step)
        folder.mkdir()
        world = World(folder, random.Random(step), trouble=trouble)
        run(interrupted(world, unsubscribe, die_at=step))
        stands = world.platform.standing("model:one")
        assert len(stands) == len({*stands} - {"Third"}), f"killed at step {step}"
        assert world.store.queue() == {}, f"killed at step {step}"
        world.store.close()


@pytest.mark.parametrize("seed", range(12))
def test_many_deaths_and_a_troubled_platform_still_say_everything_once(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    world = World(tmp_path, rng, trouble=0.5)

    async def whole() -> None:
        world.follow()
        for number in range(1, 6):
            world.site.posts[number] = f"Post {number}"
            await world.live(rng.uniform(0.5, 40), die_at=rng.randint(1, 80))
            await asyncio.sleep(rng.choice((0, 20, 70, 200)))
            if rng.random() < 0.5:
                changed = rng.randint(1, number)
                world.site.posts[changed] = f"Post {changed}, corrected in life {number}"
        world.platform.trouble = 0  # it ends; the longest back-off is a quarter of an hour
        await world.live(1000)

    run(whole())
    for channel in world.channels:
        assert world.platform.standing(channel) == list(world.site.posts.values())
    assert world.platform.misleading() == []
    world.store.close()
