"""Whatever people, editors and restarts do in whatever order: in each channel stands what a simple model says.

The model knows nothing of revisions, leases or rows: which posts a channel was shown, and the newest words of each.
"""

from __future__ import annotations

import asyncio
import json
import random
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.demo.site import SampleSite
from bot.model import Article, Site
from bot.ports import Changes, Found
from bot.store import open_store
from bot.store.reading import BURST, SPELL
from tests.commands.chat import ELSEWHERE, MANAGER, Chat, Clock
from tests.real.postgres import Server

T = TypeVar("T")

URL = "https://ledger.example/"
ASKERS = (MANAGER, ELSEWHERE)
ACTIONS = (
    *("go_on", "go_on", "poll", "deliver", "restart"),
    *("publish", "publish", "correct", "withdraw"),
    *("subscribe", "unsubscribe", "settings", "pause", "resume", "resume", "backfill"),
)
"""What happens, some things oftener than others."""


@dataclass(frozen=True)
class Post:
    title: str
    sports: bool
    at: datetime


class Gazette:
    """A site in memory, read as `bot.ports.Source` promises: its cursor holds every title."""

    def __init__(self) -> None:
        self.posts: dict[int, Post] = {}

    async def discover(self, url: str) -> Site:
        return Site(URL, "The Harbour Ledger", f"{URL}wp-json/")

    async def articles(self, site: Site) -> Changes:
        now = {number: post.title for number, post in self.posts.items()}
        seen = {int(number): title for number, title in json.loads(site.cursor or "{}").items()}
        told = now if site.cursor else {}
        return Changes(
            json.dumps(now),
            new=tuple(self._article(n) for n in told if n not in seen),
            changed=tuple(self._article(n) for n in told if n in seen and seen[n] != now[n]),
            withdrawn=tuple(n for n in seen if n not in now),
        )

    async def newest(self, site: Site, count: int) -> Sequence[Article]:
        return [self._article(number) for number in sorted(self.posts, reverse=True)[:count]]

    async def edition(self, site: Site, language: str, kind: str) -> Site:
        raise NotImplementedError

    async def article(self, site: Site, url: str) -> Article:
        raise NotImplementedError

    async def search(self, site: Site, words: str, page: int, size: int) -> Found:
        raise NotImplementedError

    async def terms(self, site: Site) -> Sequence[tuple[str, str]]:
        return []

    async def term(self, site: Site, url: str) -> tuple[str, str] | None:
        return None

    def _article(self, number: int) -> Article:
        post = self.posts[number]
        categories = ("Sports",) if post.sports else ("Harbour",)
        return Article(number, f"{URL}{number}/", post.title, categories=categories, published=post.at)


@dataclass(eq=False)
class Room:
    """What one channel should show, and what it follows (`since` None: nothing)."""

    since: datetime | None = None
    paused: bool = False
    no_sports: bool = False
    shown: list[int] = field(default_factory=list)
    queued: list[int] = field(default_factory=list)
    missed: set[int] = field(default_factory=set)
    spared: set[int] = field(default_factory=set)
    behind: dict[int, int] = field(default_factory=dict)
    """For how many others each head of a flood is to be shown."""
    flood: set[int] = field(default_factory=set)

    def met(self, number: int) -> bool:
        return number in self.shown or number in self.queued or number in self.missed | self.spared


@cache
def begun() -> bytes:
    """A database as a first start makes it: to make one anew takes longer than all the rest."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pullquote.db"
        open_store(f"sqlite:///{file}").close()
        return file.read_bytes()


@contextmanager
def new_file() -> Iterator[str]:
    """The URL of a new database in a file; it is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="pullquote-") as folder:
        file = Path(folder) / "pullquote.db"
        file.write_bytes(begun())
        yield f"sqlite:///{file}"


class Machine(RuleBasedStateMachine):
    def __init__(self, database: Callable[[], AbstractContextManager[str]]) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.stack = ExitStack()
        url = self.stack.enter_context(database())
        self.gazette = Gazette()
        self.chat = Chat(url, self.gazette, SampleSite(), Clock())
        self.rooms = [Room(), Room()]
        self.cursor: dict[int, str] = {}
        self.words: dict[int, str] = {}
        self.sports: dict[int, bool] = {}
        self.found: dict[int, datetime] = {}
        self.withdrawn: set[int] = set()
        self.last = 0

    def teardown(self) -> None:
        try:
            self.go_on()
            self.in_each_channel_stands_what_should()
        finally:
            self.chat.store.close()
            self.runner.close()
            self.stack.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        self.chat.turn(1)
        return self.runner.run(work)

    def read(self) -> bool:
        return any(room.since or room.shown for room in self.rooms)

    def wants(self, room: Room, number: int) -> bool:
        return not (room.no_sports and self.sports[number])

    @initialize(who=st.sampled_from([(0,), (1,), (0, 1)]))
    def begin(self, who: Sequence[int]) -> None:
        for one in who:
            self.subscribe(one)

    # One rule, and its choices by a seed: hypothesis would leave out whole rules in most of its runs and repeat others,
    # and where nobody publishes or looks nothing can go wrong.
    @rule(seed=st.integers(0, 2**32 - 1))
    def act(self, seed: int) -> None:
        rng = random.Random(seed)
        what, who, count, sports = rng.choice(ACTIONS), rng.randrange(2), rng.randint(1, 3), rng.random() < 0.5
        note(f"{what} who={who} count={count} sports={sports}")
        match what:
            case "publish":
                self.publish(count, sports)
            case "go_on" | "poll" | "deliver" | "restart":
                getattr(self, what)()
            case "correct" | "withdraw":
                if self.gazette.posts:
                    getattr(self, what)(sorted(self.gazette.posts)[-count:][0])
            case "subscribe":
                self.subscribe(who)
            case _ if self.rooms[who].since:
                getattr(self, what)(who, self.rooms[who], count, sports)

    # --- editors

    def publish(self, count: int, sports: bool) -> None:
        unread = len(self.gazette.posts.keys() - self.cursor.keys())
        for number in range(min(count, BURST - unread)):
            self.last += 1
            self.chat.turn(1)
            of_sports = self.sports[self.last] = sports is (number % 2 == 0)
            self.gazette.posts[self.last] = Post(f"Story {self.last}", of_sports, self.chat.clock.now())

    def correct(self, number: int) -> None:
        post = self.gazette.posts[number]
        self.gazette.posts[number] = replace(post, title=f"{post.title}!")

    def withdraw(self, number: int) -> None:
        del self.gazette.posts[number]

    # --- people

    def subscribe(self, who: int) -> None:
        self.ask(who, "subscribe", site=URL)
        room = self.rooms[who]
        if room.since is None:
            if not self.read():
                self.cursor = {number: post.title for number, post in self.gazette.posts.items()}
            self.rooms[who] = Room(self.chat.clock.now(), shown=room.shown)

    def unsubscribe(self, who: int, room: Room, *_: object) -> None:
        self.ask(who, "unsubscribe", site=URL)
        self.rooms[who] = Room(shown=room.shown)

    def settings(self, who: int, room: Room, _: int, no_sports: bool) -> None:
        self.ask(who, "settings", exclude="category:sports" if no_sports else "none")
        room.no_sports = no_sports

    def pause(self, who: int, room: Room, *_: object) -> None:
        self.ask(who, "pause")
        if not room.paused:
            room.missed |= set(room.queued)
            room.queued, room.behind = [], {}
        room.paused = True

    def resume(self, who: int, room: Room, *_: object) -> None:
        self.ask(who, "resume")
        room.paused = False
        if missed := {number for number in room.missed - self.withdrawn if self.wants(room, number)}:
            room.queued.append(max(missed))
            room.behind[max(missed)] = len(missed) - 1
            room.flood |= missed - {max(missed)}
        room.spared |= room.missed - set(room.queued)
        room.missed = set()

    def backfill(self, who: int, room: Room, count: int, *_: object) -> None:
        self.ask(who, "backfill", count=str(count))
        newest = sorted(self.gazette.posts)[-20:]
        fresh = [one for one in newest if self.wants(room, one) and one not in room.shown + room.queued]
        for number in fresh[-count:]:
            room.queued.append(number)
            room.missed.discard(number)
            room.spared.discard(number)
            room.flood.discard(number)
            self.words.setdefault(number, self.gazette.posts[number].title)
            self.found.setdefault(number, self.chat.clock.now())

    def ask(self, who: int, name: str, **arguments: str) -> None:
        self.do(self.chat.ask(name, ASKERS[who], **arguments))

    # --- the bot

    def poll(self) -> None:
        self.chat.turn(SPELL.total_seconds())  # so that no burst of articles, looked at elsewhere, comes together
        self.do(self.chat.poll())
        if not self.read():
            return
        posts, cursor = self.gazette.posts, self.cursor
        for number in sorted(posts):
            if number in self.words and cursor.get(number) != posts[number].title:
                self.words[number] = posts[number].title
            if number not in cursor:
                self.words.setdefault(number, posts[number].title)
                self.found.setdefault(number, self.chat.clock.now())
                for room in self.rooms:
                    self.tell(room, number)
        for number in sorted(cursor.keys() - posts.keys()):
            if number in self.words:
                self.withdrawn.add(number)
                for room in self.rooms:
                    self.take_back(room, number)
        self.cursor = {number: post.title for number, post in posts.items()}

    def take_back(self, room: Room, number: int) -> None:
        if number not in room.queued:
            return
        room.queued.remove(number)
        most = room.behind.pop(number, 0)
        others = sorted(room.flood - self.withdrawn)[-most:] if most else []
        if others:
            room.queued.append(others[-1])
            room.behind[others[-1]] = len(others) - 1
            room.flood.remove(others[-1])
            room.spared.discard(others[-1])

    def tell(self, room: Room, number: int) -> None:
        if room.since is None or room.since > self.found[number] or room.met(number):
            return
        if room.paused:
            room.missed.add(number)
        elif not self.wants(room, number):
            room.spared.add(number)
        else:
            room.queued.append(number)

    def deliver(self) -> None:
        self.do(self.chat.deliver())
        for room in self.rooms:
            room.shown += room.queued
            room.queued = []
        self.said = [self.told(room) for room in self.rooms]

    def go_on(self) -> None:
        self.poll()
        self.deliver()

    def restart(self) -> None:
        self.chat.store.close()
        self.chat.open()
        self.chat.store.release_all(self.chat.clock.now())

    said: Sequence[list[str]] = ([], [])

    def told(self, room: Room) -> list[str]:
        return [f"~{self.words[number]}~" if number in self.withdrawn else self.words[number] for number in room.shown]

    @invariant()
    def in_each_channel_stands_what_should(self) -> None:
        assert [self.chat.standing(asked.channel) for asked in ASKERS] == list(self.said)


def play(database: Callable[[], AbstractContextManager[str]], games: int) -> None:
    how = settings(max_examples=games, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow])
    run_state_machine_as_test(lambda: Machine(database), settings=how)  # type: ignore[arg-type]  # it takes what makes one, too


def test_in_each_channel_stands_what_the_model_says() -> None:
    play(new_file, 50)


@pytest.mark.real
def test_in_each_channel_stands_what_the_model_says_on_postgres(server: Server) -> None:
    play(server.database, 10)
