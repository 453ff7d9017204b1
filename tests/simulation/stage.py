"""Runs one schedule: a site, a platform and as many lives of the bot as it takes, on virtual time, and judges the end.

Poller, store, dispatcher and the adapters are the real ones; modelled are the site, the platforms' far ends, the clock
and the moment at which a process dies.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar, cast

import structlog

from bot import dispatcher as writing
from bot import poller as reading
from bot.ages import Ages
from bot.dispatcher import Dispatcher
from bot.model import Channel, OnWithdrawal
from bot.poller import Poller
from bot.store import Door
from bot.store.schema import FLOOD
from tests.simulation import table
from tests.simulation.discord import DiscordModel
from tests.simulation.far import FarEnd, Request
from tests.simulation.matrix import MatrixModel
from tests.simulation.schedule import AMBIGUOUS, FATES, Event, Schedule
from tests.simulation.site import Publication
from tests.simulation.virtual import START, VirtualLoop, run_again

P = ParamSpec("P")
T = TypeVar("T")

_STORIES: dict[str, list[tuple[float, int, str]]] = {
    "post": [(0.1, 1, "Bridge A")],
    "two posts": [(0.1, 1, "Bridge A"), (0.1, 2, "Ferry A")],
    "correction": [(0.1, 1, "Bridge A"), (6, 1, "Bridge B")],
    "withdrawal": [(0.1, 1, "Bridge A"), (6, 1, "")],
    "removal": [(0.1, 1, "Bridge A"), (6, 1, "")],
    "taken back": [(0.1, 1, "Bridge A"), (6, 1, "Bridge B"), (15, 1, "Bridge A")],
}
_CLAIMS = {"claim": 0, "claim_sites": 1}
INTERVAL, TICK = 12.0, 120.0


class Silent:
    """A logger that keeps nothing but defects."""

    def __init__(self) -> None:
        self.defects: list[str] = []

    def bind(self, **_: object) -> Silent:
        return self

    def info(self, *_: object, **__: object) -> None:
        return

    warning = error = info

    def exception(self, said: str, **_: object) -> None:
        import sys

        self.defects.append(f"{said}: {sys.exc_info()[1]!r}")


@dataclass
class Clocks:
    """The machine's: `set` is by how much the wall clock is ahead of the truth, `booted` when it was started."""

    set: float = 0.0
    booted: float = 0.0
    boots: int = 1

    def now(self) -> datetime:
        return START + timedelta(seconds=asyncio.get_running_loop().time() + self.set)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time() - self.booted

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Process(Door):
    """One life of the bot, and its door to the store: before and after each call anything may happen."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.over = asyncio.Event()
        self.thawed = asyncio.Event()
        self.thawed.set()
        self.wakes: tuple[asyncio.Event, ...] = ()
        never = asyncio.get_running_loop().call_later(0, bool)
        self.alarms: list[asyncio.TimerHandle] = [never, never]

    async def step(self) -> None:
        if not self.over.is_set():
            self.stage.next_step(self)
        while not self.over.is_set() and not self.thawed.is_set():
            await self.thawed.wait()
        if self.over.is_set():
            await asyncio.Future()  # a killed process does nothing more, not even clean up

    async def __call__(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        if self.in_vain(method.__name__):
            return cast(T, [])
        await self.step()
        result = method(*args, **kwargs)
        if method.__name__ not in _CLAIMS or result:
            self.wind()
        await self.step()
        return result

    def in_vain(self, name: str) -> bool:
        """Whether a claim finds nothing for sure; that is not worth asking the store, nor dying for."""
        if name not in _CLAIMS:
            return False
        due = self.stage.store.due()[_CLAIMS[name]]
        return due is None or due > self.stage.clocks.now().timestamp()

    def wind(self) -> None:
        """Wake the loops when something is due: they look every second in truth, nearly always in vain."""
        loop = asyncio.get_running_loop()
        for number, (due, wake) in enumerate(zip(self.stage.store.due(), self.wakes, strict=True)):
            self.alarms[number].cancel()
            if due is not None:
                wait = due - self.stage.clocks.now().timestamp()
                self.alarms[number] = loop.call_later(wait + 0.01 if wait > 0 else 3.0, self._ring, wake)

    def _ring(self, wake: asyncio.Event) -> None:
        wake.set()
        asyncio.get_running_loop().call_soon(self.wind)


@dataclass
class Stage:
    """One run of a schedule."""

    schedule: Schedule
    steps: int = 0
    sent: int = 0
    copied: bytes | None = None
    down: float = 0.0
    restoring: bool = False
    lives: int = 0
    beside: list[asyncio.Task[None]] = field(default_factory=list)
    living: set[Process] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rng = random.Random(f"{self.schedule}")
        self.clocks = Clocks()
        self.site = Publication()
        self.events: dict[int, list[Event]] = {}
        for step, event in self.schedule.events:
            self.events.setdefault(step, []).append(event)
        self.fates = dict(self.schedule.fates)
        self.platform = self._platform()
        on_withdrawal = OnWithdrawal.REMOVE if self.schedule.story == "removal" else OnWithdrawal.STRIKE
        self.store = table.fresh(self.platform.channels, on_withdrawal)
        self.titles: dict[int, set[str]] = {}
        self.log = Silent()

    def _platform(self) -> FarEnd:
        platform, both = self.schedule.platform, self.schedule.both
        if platform in ("discord", "forum"):
            one = DiscordModel.channels[platform == "forum"]
            return DiscordModel(self.rng, self.fate, channels=DiscordModel.channels if both else (one,))
        in_memory = platform == "in memory"
        return MatrixModel(self.rng, self.fate, channels=MatrixModel.channels[: 1 + both], in_memory=in_memory)

    def fate(self, request: Request) -> str:
        """What becomes of a request."""
        if request.changes:
            self.sent += 1
            if told := self.fates.pop(self.sent - 1, ""):
                return told
        if asyncio.get_running_loop().time() < self.schedule.until and self.rng.random() < self.schedule.trouble:
            return self.rng.choice(FATES if request.changes else ("lost", "500", "429"))
        return ""

    def next_step(self, process: Process) -> None:
        """Count a step, and let happen what the schedule has for it."""
        self.steps += 1
        for event in self.events.pop(self.steps, ()):
            self._happen(event, process)

    def _happen(self, event: Event, process: Process) -> None:
        loop = asyncio.get_running_loop()
        match event.what:
            case "kill" | "reboot" | "restore":
                self.down = event.seconds
                for one in self.living:
                    one.over.set()
                self.restoring = event.what == "restore"
                if event.what == "reboot":
                    self.clocks.set -= event.seconds
                    self.clocks.booted, self.clocks.boots = loop.time(), self.clocks.boots + 1
            case "freeze":
                assert isinstance(loop, VirtualLoop)
                loop.freeze(event.seconds)
            case "zombie":
                process.thawed.clear()
                loop.call_later(event.seconds, process.thawed.set)
                self.beside.append(asyncio.create_task(self._live(event.seconds + 60)))
            case "jump":
                self.clocks.set += event.seconds
            case "restart":
                self.platform.restart()
                self.platform.out_until = loop.time() + 5
            case "outage":
                self.platform.out_until = loop.time() + event.seconds
            case "copy":
                self.copied = table.copy()

    async def _live(self, seconds: float | None = None) -> None:
        """One life: until it is killed, for so many seconds, or until all is at rest."""
        process = Process(self)
        self.living.add(process)
        self.platform.life = process
        adapter = self.platform.adapter(self.clocks)
        store, door = self.store, process
        store.release_all(self.clocks.now())
        ages = Ages(self.clocks, f"boot {self.clocks.boots}")
        dispatcher = Dispatcher(adapter, store, door, self.clocks, self.rng, tick=TICK, ages=ages)
        interval = timedelta(seconds=INTERVAL)
        poller = Poller(
            self.site, store, door, self.clocks, self.rng, interval, dispatcher.wake.set, tick=TICK, longest=interval
        )
        if self.lives == 0:  # it has been running for a while
            poller._read_before.add(1)
        self.lives += 1
        process.wakes = (dispatcher.wake, poller.wake)
        process.wind()
        group = asyncio.create_task(self._together(dispatcher, poller))
        waits = {asyncio.create_task(process.over.wait()), group}
        if seconds is None:
            waits.add(asyncio.create_task(self._rest()))
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        process.over.set()
        for alarm in process.alarms:
            alarm.cancel()
        self.living.discard(process)
        for task in waits - done:
            task.cancel()
        await self._bury(dispatcher, poller, waits)

    async def _together(self, dispatcher: Dispatcher, poller: Poller) -> None:
        await asyncio.gather(dispatcher.run(), poller.run())

    async def _bury(self, dispatcher: Dispatcher, poller: Poller, waits: set[asyncio.Task[Any]]) -> None:
        mine = {*dispatcher._running, *poller._running}
        for task in mine:
            task.cancel()
        results = await asyncio.gather(*waits, *mine, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                self.log.defects.append(f"a loop died: {result!r}")

    async def _rest(self) -> None:
        """Return once nothing is left to do, nor can be."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while loop.time() < begun + self.schedule.patience:
            await asyncio.sleep(max(self.ends + 0.5 - loop.time(), 3.0))
            self.platform.catch_up()
            quiet = self.platform.quiet and not self.beside_alive()
            if quiet and self.store.cursor() == self.site.cursor() and self.store.due()[0] is None:
                return
        self.log.defects.append("never at rest")

    def beside_alive(self) -> bool:
        return any(not task.done() for task in self.beside)

    async def run(self) -> list[str]:
        """What is wrong at the end; nothing, if all is well."""
        for moment, number, title in self._story():
            asyncio.get_running_loop().call_later(moment, self._publish, number, title)
        while True:
            self.down = -1.0
            await self._live()
            if self.down < 0:
                break
            await asyncio.sleep(self.down)
            if self.restoring and self.copied is not None:
                self.store = table.restored(self.copied)
            self.restoring = False
        for process in self.living:
            process.over.set()
        await asyncio.gather(*self.beside)
        self.platform.catch_up()
        return [*self.log.defects, *self._verdict()]

    def _publish(self, number: int, title: str) -> None:
        if title:
            self.site.posts[number] = title
            self.titles.setdefault(number, set()).add(title)
        else:
            del self.site.posts[number]

    def _story(self) -> list[tuple[float, int, str]]:
        """Moments, numbers of posts and their titles from then on, "" for none."""
        drawn = self.schedule.story == "long"
        story = self._drawn_story() if drawn else _STORIES[self.schedule.story]
        self.ends = max(moment for moment, *_ in story)
        return story

    def _drawn_story(self) -> list[tuple[float, int, str]]:
        rng = random.Random(self.schedule.seed)
        story: list[tuple[float, int, str]] = []
        live, moment = dict[int, int](), 2.0
        for _ in range(rng.randint(4, 12)):
            number = rng.choice([len(live) + 1, *(one for one, version in live.items() if version)])
            version = live.get(number, 0) + 1
            gone = version > 1 and rng.random() < 0.25
            live[number] = 0 if gone else version
            story.append((moment, number, "" if gone else f"Story {number} version {version}"))
            moment += rng.choice((0.1, 3, 10, 30))
        return story

    def _verdict(self) -> list[str]:
        wrong = []
        struck = {f"~{one}~" for number, all_ in self.titles.items() if number not in self.site.posts for one in all_}
        for channel in self.platform.channels:
            ever = self.platform.ever(channel)
            wrong += [f"{channel}: {url} stands {ever.count(url)} times" for url in set(ever) if ever.count(url) > 1]
            stands = self.platform.standing(channel)
            live = [title for title in stands if title not in struck]
            due = [title for number, title in self.site.posts.items() if not self._gathered(channel, number)]
            if live != due:
                wrong.append(f"{channel}: shows {stands}, the site {list(self.site.posts.values())}")
        if self.platform.fastest > 50:
            wrong.append(f"{self.platform.fastest} requests in a second")
        return wrong

    def _gathered(self, channel: str, number: int) -> bool:
        """Whether a later card stands for it, after a day without the platform."""
        trace = self.store.trace(Channel.parse(channel), f"ledger.example/{number}")
        return trace is not None and trace.spared == FLOOD


def judge(schedule: Schedule) -> tuple[list[str], Stage]:
    """What went wrong in a run, and the stage afterwards."""
    stage = Stage(schedule)
    before: Any = (writing.log, reading.log, structlog.get_config())
    writing.log = reading.log = stage.log
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        return run_again(stage.run()), stage
    finally:
        writing.log, reading.log = before[:2]
        structlog.configure(**before[2])


__all__ = ["AMBIGUOUS", "Stage", "judge"]
