"""A schedule: everything that can differ between two runs of a simulated world. The same one always runs alike."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

PLATFORMS = ("discord", "forum", "synapse", "in memory")
STORIES = ("post", "correction", "withdrawal", "removal", "taken back", "two posts")
RESTORABLE = ("post", "correction", "two posts")
"""Stories whose end a restored copy can still learn of: it knows nothing of what came and went after it."""
AMBIGUOUS = ("lost", "late", "unanswered", "502", "500")
FATES = (*AMBIGUOUS, "429", "global 429")
JUMPS = (-86_400.0, -55.0, -25.0, 40.0, 86_400.0)
DOWN = (0.5, 20.0, 45.0, 200.0)


@dataclass(frozen=True)
class Event:
    """What happens to the bot at one of its steps.

    kill: down for so many seconds; reboot: the same, and the monotonic clock begins anew with the wall clock set back;
    freeze: for so long; zombie: another process takes over meanwhile; jump: the wall clock is set; copy: one is taken
    of the database; restore: killed, and started again so much later on that copy; restart, outage: the platform's.
    """

    what: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """`events` by step of all lives, `fates` by number of the requests that change something."""

    platform: str
    story: str
    events: tuple[tuple[int, Event], ...] = ()
    fates: tuple[tuple[int, str], ...] = ()
    seed: int = 0
    trouble: float = 0.0
    until: float = 0.0
    """Until then, requests meet trouble at random."""
    both: bool = False
    """Whether there are two channels."""
    patience: float = 4_000.0
    """Seconds within which all is at rest: a few of the longest back-offs."""

    def repeat(self) -> str:
        """How to run exactly this one again."""
        return f"python -m tests.simulation {self!r}"


def short(platform: str, story: str, steps: int, requests: int) -> Iterator[Schedule]:
    """Every schedule with one death at any step, or one odd answer, or one of each."""
    for step, down in product(range(1, steps + 1), DOWN):
        yield Schedule(platform, story, ((step, Event("kill", down)),))
    for number, fate in product(range(requests), FATES):
        yield Schedule(platform, story, (), ((number, fate),))
        for step, what in product(range(1, steps + 16), ("kill", "reboot", "freeze")):
            seconds = 600.0 if what == "freeze" else DOWN[(step + number) % len(DOWN)]
            yield Schedule(platform, story, ((step, Event(what, seconds)),), ((number, fate),))
        for step in range(1, steps + 16):  # back at once, while what is late is still on its way
            yield Schedule(platform, story, ((step, Event("kill", 0.1)),), ((number, fate),))
    for step in range(1, steps + 1):
        for what, seconds in (
            ("freeze", 12.0),
            ("freeze", 50.0),
            ("freeze", 600.0),
            ("zombie", 45.0),
            ("zombie", 130.0),
        ):
            yield Schedule(platform, story, ((step, Event(what, seconds)),), seed=step)
        for jump in JUMPS:
            yield Schedule(platform, story, ((step, Event("jump", jump)),), seed=step)
        if story in RESTORABLE:
            for taken, down in product(range(1, step, 5), DOWN):
                yield Schedule(platform, story, ((taken, Event("copy")), (step, Event("restore", down))))


@cache
def chosen(platform: str, story: str, steps: int, requests: int, most: int) -> tuple[Schedule, ...]:
    """All short ones, or so many of them, the same at every run; in no order."""
    every = list(short(platform, story, steps, requests))
    return tuple(random.Random(f"{platform} {story}").sample(every, min(most, len(every))))


def drawn(seed: int) -> Schedule:
    """A long one, by its number alone."""
    rng = random.Random(seed)
    platform, story = rng.choice(PLATFORMS), rng.choice((*STORIES, "long"))
    kinds = ["kill", "kill", "reboot", "freeze", "zombie", "jump", "outage"]
    if platform != "in memory":  # who forgets its keys at a restart is outside of what can be promised for five minutes
        kinds.append("restart")
    events = []
    for _ in range(rng.randint(1, 5)):
        what = rng.choice(kinds)
        seconds = {"jump": rng.choice(JUMPS), "freeze": rng.choice((12.0, 50.0, 600.0))}.get(what, rng.choice(DOWN))
        events.append((rng.randint(1, 90), Event(what, seconds)))
    if story in RESTORABLE and rng.random() < 0.2:
        taken = rng.randint(1, 40)
        events = [(taken, Event("copy")), (taken + rng.randint(1, 40), Event("restore", rng.choice(DOWN)))]
    fates = [(rng.randrange(8), rng.choice(FATES)) for _ in range(rng.randint(0, 3))]
    trouble = rng.choice((0.0, 0.2, 0.6))
    return Schedule(platform, story, tuple(events), tuple(fates), seed, trouble, until=rng.uniform(10, 120), both=True)
