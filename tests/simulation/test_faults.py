"""The faults that deliveries are promised to survive, one test a row.

| fault | test |
|---|---|
| kill -9 at every await and commit | `test_killed_at_every_step` |
| SIGSTOP for ten minutes, longer than the window | `test_frozen_at_every_step` |
| the same, longer than the lease | `test_a_zombie_that_wakes_at_every_step` |
| accepted, then a time-out, a reset or 502 | `test_an_odd_answer_to_every_request` |
| a request that is carried out late | `test_an_odd_answer_to_every_request[late]` |
| 429 of a route, of the whole bot, for a second or for 40 | `test_an_odd_answer_to_every_request[429]` and the other |
| a burst of 5xx, and of everything else | `test_trouble_for_two_minutes` |
| an outage of 24 hours | `test_an_outage_of_a_day` |
| the platform starts again | `test_the_platform_starts_again_at_every_step` |
| the clock set by a day, an hour or seconds | `test_the_clock_is_set_at_every_step` |
| a machine that wakes with its clock set back | `test_a_machine_without_a_clock_of_its_own` |
| two instances on one database | `test_a_zombie_that_wakes_at_every_step` |
| a database restored from an earlier copy, cold claims | `test_a_copy_of_every_step_restored` |
| history that cannot be read | `test_without_history_news_in_doubt_is_said_and_what_is_old_is_let_be` |
| token refused, channel gone, no permission | tests/adapters: nothing is repeated, the delivery is parked |
| ENOSPC, kill -9 and SIGTERM of the real process | tests/rig |
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.discord import DiscordModel
from tests.simulation.schedule import AMBIGUOUS, DOWN, FATES, JUMPS, PLATFORMS, Event, Schedule
from tests.simulation.stage import Stage, judge
from tests.simulation.test_schedules import try_all
from tests.simulation.virtual import run

everywhere = pytest.mark.parametrize("platform", PLATFORMS)


def at_every_step(platform: str, *events: Event) -> Iterator[Schedule]:
    """A post in two channels, with one of the events at each step of it."""
    steps = judge(Schedule(platform, "post", both=True))[1].steps
    for step in range(1, steps + 1):
        yield Schedule(platform, "post", ((step, events[step % len(events)]),), both=True)


@everywhere
def test_killed_at_every_step(platform: str) -> None:
    try_all(at_every_step(platform, *(Event("kill", down) for down in DOWN)))


@everywhere
def test_frozen_at_every_step(platform: str) -> None:
    try_all(at_every_step(platform, Event("freeze", 600.0)))


@everywhere
def test_a_zombie_that_wakes_at_every_step(platform: str) -> None:
    try_all(at_every_step(platform, Event("zombie", 45.0), Event("zombie", 600.0)))


@everywhere
@pytest.mark.parametrize("fate", FATES)
def test_an_odd_answer_to_every_request(platform: str, fate: str) -> None:
    """The first four requests of a story with a correction, each with and without the one after it."""
    alone: list[tuple[tuple[int, str], ...]] = [((number, fate),) for number in range(4)]
    pairs = alone + [((number, fate), (number + 1, fate)) for number in range(4)]
    try_all(Schedule(platform, "correction", fates=fates, seed=seed) for fates in pairs for seed in range(3))


@everywhere
def test_trouble_for_two_minutes(platform: str) -> None:
    try_all(Schedule(platform, "taken back", seed=seed, trouble=0.9, until=120, both=True) for seed in range(20))


@everywhere
def test_an_outage_of_a_day(platform: str) -> None:
    events = [((step, Event("outage", 86_400.0)),) for step in (6, 14, 18, 20, 24)]
    try_all(Schedule(platform, "taken back", one, both=True, patience=90_000) for one in events)


@everywhere
def test_the_platform_starts_again_at_every_step(platform: str) -> None:
    try_all(at_every_step(platform, Event("restart")))


@everywhere
@pytest.mark.parametrize("jump", JUMPS)
def test_the_clock_is_set_at_every_step(platform: str, jump: float) -> None:
    try_all(at_every_step(platform, Event("jump", jump)))


@everywhere
@pytest.mark.parametrize("fate", AMBIGUOUS)
def test_a_machine_without_a_clock_of_its_own(platform: str, fate: str) -> None:
    """It wakes up at the moment at which it lost power, so that what is in doubt seems young."""
    steps = range(16, 34)
    try_all(Schedule(platform, "post", ((step, Event("reboot", 200.0)),), ((0, fate),)) for step in steps)


@everywhere
def test_a_copy_of_every_step_restored(platform: str) -> None:
    steps = judge(Schedule(platform, "correction"))[1].steps
    moments = [(taken, step) for taken in range(1, steps, 3) for step in range(taken + 1, steps + 1, 5)]
    try_all(
        Schedule(platform, "correction", ((taken, Event("copy")), (step, Event("restore", down))))
        for taken, step in moments
        for down in (20.0, 200.0)
    )


@pytest.mark.parametrize(("down", "came_of_it"), [(200.0, (2, {})), (7200.0, (1, {"discord": (0, 1)}))])
def test_without_history_news_in_doubt_is_said_and_what_is_old_is_let_be(down: float, came_of_it: object) -> None:
    """The answer to a first post is lost, and the bot is away past the window: it cannot know, and takes its risk."""
    seen = []
    for step in range(1, judge(Schedule("discord", "post"))[1].steps + 1):
        stage = Stage(Schedule("discord", "post", ((step, Event("kill", down)),)))
        assert isinstance(stage.platform, DiscordModel)
        stage.platform.readable = False
        run(stage.run())
        seen.append((len(stage.platform.messages), stage.store.queue()))
    assert came_of_it in seen
    assert all(one in [(1, {}), (0, {"discord": (0, 1)}), came_of_it] for one in seen)
