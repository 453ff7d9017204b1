"""A site, a platform and the bot between them, on virtual time; the bot can die at any step and be started again."""

from __future__ import annotations

import asyncio
import html
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, ParamSpec, Self, TypeVar

from bot.dispatcher import Dispatcher
from bot.errors import SourceError, TryLater, UsageError
from bot.model import NORMAL, Card, Channel, OnWithdrawal, Payload, Receipt, Site, Style, Subscription
from bot.poller import Poller
from bot.ports import Changes, Clock, Commands, Events, Fragment, Keep
from bot.store import Door, Inline, Store, open_store
from bot.windows import Windows
from tests.simulation import site
from tests.simulation.site import SITE
from tests.simulation.virtual import VirtualClock
from tests.wishes import subscribe

P = ParamSpec("P")
T = TypeVar("T")

LATEST = 25.0
"""Seconds within which a request that was sent takes effect, or never does (D)."""


class Publication(site.Publication):
    """One that may be down."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False

    async def articles(self, site: Site) -> Changes:
        changes = await super().articles(site)
        if self.down:
            raise SourceError("The site answers 503.")
        return changes


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
        self._tried: defaultdict[str, set[str]] = defaultdict(set)
        """The words of each key's posts that may have arrived: of several the bot cannot know which ones stand."""

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
                return known[0]
            message = Message(key, str(channel), payload["url"], payload["shown"], now)
            self.messages.append(message)
            return message

        fresh = payload["shown"] not in self._tried[key]
        self._tried[key].add(payload["shown"])
        try:
            message = await self._request(apply, may_be_late=True)
        except TryLater as error:
            if fresh and not error.maybe_done:
                self._tried[key].discard(payload["shown"])
            raise
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
        wrong = [m for m in live if m.changed != told[len(m.seen) > 1]]
        return [m for m in wrong if m.changed or len(self._tried[m.key]) < 2]


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
            building=Inline(),
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
