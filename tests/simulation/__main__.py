"""Runs schedules again, as a failure names them: `python -m tests.simulation "Schedule(…)"`."""

from __future__ import annotations

import sys

from tests.simulation.schedule import Event, Schedule
from tests.simulation.stage import judge

if __name__ == "__main__":
    for text in sys.argv[1:]:
        said, stage = judge(eval(text, {"Event": Event, "Schedule": Schedule}))
        print(*(said or ["all is well"]), f"{stage.steps} steps, {stage.platform.requests} requests", sep="\n")
