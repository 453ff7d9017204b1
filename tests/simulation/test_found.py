"""Defects that the schedules found, each kept out by the schedules that found it."""

from __future__ import annotations

from itertools import product

from tests.simulation.schedule import DOWN, Event, Schedule
from tests.simulation.stage import judge
from tests.simulation.test_schedules import try_all

LATE_EDITS = [Schedule("discord", "taken back", fates=((1, "late"),), seed=seed) for seed in range(60)]


def steps_of(platform: str, story: str) -> range:
    return range(1, judge(Schedule(platform, story))[1].steps + 1)


def test_a_process_that_was_paused_longer_than_its_lease_edits_nothing() -> None:
    steps = steps_of("discord", "taken back")
    try_all(Schedule("discord", "taken back", ((step, Event("zombie", 130.0)),)) for step in steps)


def test_an_edit_that_comes_late_does_not_undo_the_next_one() -> None:
    try_all(LATE_EDITS)
    moments = product(steps_of("discord", "taken back"), ("kill", "reboot"))
    try_all(Schedule("discord", "taken back", ((step, Event(what, 0.1)),), ((1, "late"),)) for step, what in moments)


def test_what_a_forgotten_life_posted_under_the_same_key_is_edited_to_what_is_wanted_now() -> None:
    steps = steps_of("discord", "correction")
    moments = [(taken, step) for taken in steps[::2] for step in steps[taken::4]]
    try_all(
        Schedule("discord", "correction", ((taken, Event("copy")), (step, Event("restore", 0.5))))
        for taken, step in moments
    )


def test_a_forum_is_looked_through_once_nothing_can_arrive_there_any_more() -> None:
    moments = product(steps_of("forum", "post"), (0.1, *DOWN))
    try_all(Schedule("forum", "post", ((step, Event("kill", down)),), ((1, "late"),)) for step, down in moments)


def test_a_machine_that_wakes_up_in_the_past_repeats_nothing() -> None:
    moments = product(steps_of("discord", "post"), ("unanswered", "502", "late"))
    try_all(Schedule("discord", "post", ((step, Event("reboot", 200.0)),), ((0, fate),)) for step, fate in moments)
