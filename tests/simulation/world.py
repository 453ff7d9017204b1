"""A site, a platform and the bot between them, on virtual time; the bot can die at any step and be started again."""

from __future__ import annotations

import asyncio
import html
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, Self, TypeVar

from bot.dispatcher import Dispatcher
from bot.errors import SourceError, TryLater, UsageError
from bot.model import NORMAL, Article, Card, Channel, OnWithdrawal, Payload, Receipt, Site, Style, Subscription
from bot.poller import Poller
from bot.ports import Changes, Clock, Commands, Events, Found, Fragment, Keep, Windows
from bot.store import Door, Store, open_store
from tests.simulation.virtual import VirtualClock
from tests.wishes import subscribe

P = ParamSpec("P")
T = TypeVar("T")

SITE = Site("https://ledger.example/", "The Harbour Ledger", "https://ledger.example/wp-json/")
LATEST = 25.0
"""Seconds within which a request that was sent takes effect, or never does (D)."""


class Publication:
    """A site that tells what changed by comparing with its cursor; what it shows is the truth of a test."""

    def __init__(self) -> None:
        self.posts: dict[int, str] = {}
        self.down = False

    async def discover(self, url: str) -> Site:
        return SITE

    async def edition(self, site: Site, language: str, kind: str) -> Site:
        raise NotImplementedError

    async def article(self, site: Site, url: str) -> Article:
        raise NotImplementedError

    async def newest(self, site: Site, count: int) -> Sequence[Article]:
        raise NotImplementedError

    async def search(self, site: Site, words: str, page: int, size: int) -> Found:
        raise NotImplementedError

    async def terms(self, site: Site) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    async def term(self, site: Site, url: str) -> tuple[str, str] | None:
        raise NotImplementedError

    async def articles(self, site: Site) -> Changes:
        await asyncio.sleep(0.2)
        if self.down:
            raise SourceError("The site answers 503.")
        seen: dict[str, str] = json.loads(site.cursor or "{}")
        now = {str(number): title for number, title in self.posts.items()}
        return Changes(
            json.dumps({**seen, **now}) if len(now) >= len(seen) else json.dumps(now),
            new=tuple(self._article(n) for n in now if n not in seen),
            changed=tuple(self._article(n) for n in now if n in seen and seen[n] != now[n]),
            withdrawn=tuple(int(n) for n in seen if n not in now),
        )

    def _article(self, number: str) -> Article:
        return Article(int(number), f"https://ledger.example/{number}/", self.posts[int(number)])


@dataclass
class Message:
    key: str
    channel: str
    url: str
    shown: str
    born: float
    removed: bool = False
    changed: str = ""
    """What its last edit said was corrected."""
    seen: set[str] = field(default_factory=set)
    """Every title that people saw in it."""
    doubtful: bool = False
    """Whether it was posted twice with different words, so that the bot cannot know which ones stand."""

    def __post_init__(self) -> None:
        self.seen.add(self.shown)

    def show(self, payload: Payload) -> None:
        self.shown, self.changed = payload["shown"], payload["changed"]
        if not self.shown.startswith("~"):
            self.seen.add(self.shown)


class Die(BaseException):
    """The process is killed here."""


@dataclass
class Fate:
    """Counts the steps of a life and ends it at the chosen one."""

    at: int = 0
    steps: int = 0
    died: asyncio.Event = field(default_factory=asyncio.Event)

    async def step(self) -> None:
        self.steps += 1
        if self.died.is_set() or self.steps == self.at:
            self.died.set()
            await asyncio.Future()  # a killed process does nothing more, not even clean up


class Mortal(Door):
    """The store's door, called inline; before and after each call the process may die."""

    def __init__(self, fate: Fate) -> None:
        self._fate = fate

    async def __call__(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self._fate.step()
        result = method(*args, **kwargs)
        await self._fate.step()
        return result


class Platform:
    """Chat rooms that keep the protocol: a key is recognised for `window` seconds, answers may be lost or late."""

    platform: ClassVar[str] = "model"
    Settings: ClassVar[type[Any]] = dict
    windows = Windows(resend=timedelta(seconds=30), settle=timedelta(seconds=60))
    ready = True

    def __init__(self, rng: random.Random, *, window: float = 60.0, trouble: float = 0.0) -> None:
        self.messages: list[Message] = []
        self.fate = Fate()
        self.trouble = trouble
        self._rng, self._window = rng, window

    @classmethod
    def from_settings(cls, settings: Any, keep: Keep, clock: Clock) -> Self:
        raise NotImplementedError

    @classmethod
    def is_address(cls, address: str) -> bool:
        return True

    async def serve(self, commands: Commands, events: Events) -> None:
        await asyncio.Event().wait()

    @classmethod
    def render(
        cls, card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
    ) -> Payload:
        return {"url": card.url, "shown": f"~{card.title}~" if struck else card.title, "changed": changed}

    @classmethod
    def role(cls, text: str) -> str:
        if not text.isdecimal():
            raise UsageError("No role.")
        return text

    @classmethod
    def mention(cls, role: str) -> str:
        return f"@{role}"

    @classmethod
    def text(cls, payload: Payload) -> str:
        return str(payload["shown"])

    @classmethod
    def page(cls, payload: Payload) -> Fragment:
        return Fragment(html.escape(cls.text(payload)))

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        def apply() -> Message:
            now = asyncio.get_running_loop().time()
            known = [m for m in self.messages if m.key == key and now - m.born < self._window]
            if known:
                known[0].doubtful |= payload["shown"] not in known[0].seen
                return known[0]
            message = Message(key, str(channel), payload["url"], payload["shown"], now)
            self.messages.append(message)
            return message

        message = await self._request(apply, may_be_late=True)
        return Receipt(channel, str(self.messages.index(message)))

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        await self._request(lambda: self.messages[int(receipt.ref)].show(payload))

    async def withdraw(self, receipt: Receipt, payload: Payload | None, key: str) -> None:
        message = self.messages[int(receipt.ref)]
        if payload is None:
            await self._request(lambda: setattr(message, "removed", True))
        else:
            await self.edit(receipt, payload, key)

    async def find(self, channel: Channel, key: str, url: str, since: datetime) -> Receipt | None:
        await asyncio.sleep(0.1)
        found = [i for i, m in enumerate(self.messages) if m.key == key and m.channel == str(channel)]
        return Receipt(channel, str(found[-1])) if found else None

    async def check(self, channel: Channel | None) -> Sequence[str]:
        return []

    async def close(self) -> None:
        return

    async def _request(self, apply: Callable[[], T], *, may_be_late: bool = False) -> T:
        await self.fate.step()
        await asyncio.sleep(0.05)
        luck = self._rng.random() / self.trouble if self.trouble else 1.0
        if luck < 0.2:
            raise TryLater("429", self._rng.uniform(0.1, 3), maybe_done=False)
        if luck < 0.4:
            raise TryLater("lost on the way there")
        if luck < 0.6 and may_be_late:
            asyncio.get_running_loop().call_later(self._rng.uniform(0, LATEST), apply)
            raise TryLater("late")
        result = apply()
        await self.fate.step()
        await asyncio.sleep(0.05)
        if luck < 0.8:
            raise TryLater("lost on the way back")
        return result

    def standing(self, channel: str) -> list[str]:
        return [m.shown for m in self.messages if m.channel == channel and not m.removed]

    def misleading(self) -> list[Message]:
        """Messages that say a correction nobody could see, or keep one silent; titles never come back here."""
        live = [m for m in self.messages if not m.removed and not m.shown.startswith("~")]
        told = {True: "headline changed", False: ""}
        return [m for m in live if m.changed != told[len(m.seen) > 1] and not (m.doubtful and not m.changed)]


@dataclass
class World:
    """Everything that outlives the bot, and the bot."""

    folder: Path
    rng: random.Random
    channels: Sequence[str] = ("model:one", "model:two")
    on_withdrawal: OnWithdrawal = OnWithdrawal.STRIKE
    trouble: float = 0.0
    window: float = 60.0

    def __post_init__(self) -> None:
        self.site = Publication()
        self.platform = Platform(self.rng, trouble=self.trouble, window=self.window)
        self.store: Store = open_store(self._url)
        self.clock = VirtualClock()

    @property
    def _url(self) -> str:
        return f"sqlite:///{self.folder / 'bot.db'}"

    def restore(self, copy: Path) -> None:
        """Put a copy in the database's place."""
        self.store.close()
        copy.replace(self.folder / "bot.db")
        self.store = open_store(self._url)

    def follow(self) -> None:
        """Subscribe every channel, with the site empty."""
        site = self.store.add_site(SITE, self.clock.epoch)
        assert site.id is not None
        for name in self.channels:
            wish = Subscription(Channel.parse(name), site.id, Style.CARD, self.on_withdrawal)
            subscribe(self.store, wish, self.clock.epoch)

    async def live(self, seconds: float, *, die_at: int = 0) -> Fate:
        """One life of the bot: it ends after so many seconds, or when it dies."""
        fate = self.platform.fate = Fate(die_at)
        door = Mortal(fate)
        self.store.wake(self.clock.now())
        self.store.release_all(self.clock.now())
        dispatcher = Dispatcher(self.platform, self.store, door, self.clock, self.rng, tick=5)
        poller = Poller(
            self.site,
            self.store,
            door,
            self.clock,
            self.rng,
            timedelta(seconds=5),
            dispatcher.wake.set,
            tick=5,
        )
        others = asyncio.all_tasks()
        loops = [asyncio.create_task(dispatcher.run()), asyncio.create_task(poller.run())]
        death = asyncio.create_task(fate.died.wait())
        await asyncio.wait([*loops, death], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in loops:
            if task.done():
                task.result()
        fate.died.set()
        mine = asyncio.all_tasks() - others
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        return fate
