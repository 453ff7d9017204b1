"""What deliveries are measured with: a far end in a process of its own, a table, a dispatcher that is timed."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, ParamSpec, TypeVar

import aiohttp
from sqlalchemy import delete

from adapters.discord import Discord
from bot.clock import SystemClock
from bot.dispatcher import Dispatcher
from bot.model import NORMAL, Article, Channel, Payload, Receipt, Site, Subscription
from bot.ports import Adapter, Changes
from bot.store import Door, Store, Turn, open_store
from bot.store.schema import sites
from tests.adapters.contract import CARD
from tests.drawers import MemoryDrawer
from tests.wishes import subscribe

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class FarEnd:
    """The stand-in in its own process."""

    urls: dict[str, str]
    channels: list[str]

    async def set(self, **limits: Any) -> None:
        await self._control("POST", "settings", limits)

    async def limited(self) -> int:
        """How many requests were answered by 429 so far."""
        return int((await self._control("GET", "state"))["limited"])

    async def _control(self, method: str, name: str, body: Any = None) -> Any:
        url = f"{self.urls['control_url']}/{name}"
        async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as answer:
            return await answer.json()


@asynccontextmanager
async def far_end(channels: int) -> AsyncIterator[FarEnd]:
    named = [word for number in range(channels) for word in ("--channel", str(10**17 + number))]
    command = (sys.executable, "-m", "tests.farends.discord", *named)
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, limit=2**20)
    assert process.stdout is not None
    said = json.loads(await process.stdout.readline())
    try:
        yield FarEnd(said, said["channels"])
    finally:
        process.terminate()
        await process.wait()


class Timed(Door):
    """Notes when each delivery was settled, by its key, and how many of each site were."""

    def __init__(self) -> None:
        super().__init__()
        self.settled: dict[str, float] = {}
        self.of_site: Counter[int] = Counter()

    async def __call__(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        result = await super().__call__(method, *args, **kwargs)
        if method.__name__ == "settle":
            delivery: Any = args[0]
            self.settled[delivery.key] = time.perf_counter()
            self.of_site[delivery.site_id] += 1
        return result


@dataclass
class House:
    """A table with publications in it, and a dispatcher that delivers what they want."""

    adapter: Adapter
    store: Store
    door: Timed = field(default_factory=Timed)
    clock: SystemClock = field(default_factory=SystemClock)
    answered: dict[str, float] = field(default_factory=dict)
    turns: dict[int | None, Turn] = field(default_factory=dict)

    def __post_init__(self) -> None:
        post = self.adapter.post

        async def timed(channel: Channel, payload: Payload, key: str) -> Receipt:
            receipt = await post(channel, payload, key)
            self.answered[key] = time.perf_counter()
            return receipt

        self.adapter.post = timed  # type: ignore[method-assign]
        self.dispatcher = Dispatcher(self.adapter, self.store, self.door, self.clock, Random(1))

    def publication(self, number: int, channels: list[str], notify: str = NORMAL) -> Publication:
        """One that these channels follow."""
        url = f"https://gazette{number}.example/"
        now = self.clock.now()
        site = self.store.add_site(Site(url, "Gazette", f"{url}wp-json/", cursor="0"), now)
        assert site.id is not None
        for address in channels:
            subscribe(self.store, Subscription(Channel(self.adapter.platform, address), site.id, notify=notify), now)

        return Publication(self, site.id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.dispatcher.run())
        try:
            yield
        finally:
            self.dispatcher.stop()
            await task

    async def until(self, count: int, site_id: int = 0) -> None:
        """So many were settled: in all, or of a site."""
        of_site = self.door.of_site
        while (of_site[site_id] if site_id else of_site.total()) < count:  # noqa: ASYNC110 - polled by whoever waits
            await asyncio.sleep(0.005)

    def gaps(self) -> list[float]:
        """From each answer to its commit, in milliseconds."""
        return sorted((self.door.settled[key] - at) * 1000 for key, at in self.answered.items())


@dataclass(frozen=True)
class Publication:
    """A site of the table."""

    house: House
    id: int

    def publish(self, article: int) -> None:
        """A new article of that number, wanted wherever the publication is followed."""
        store, now = self.house.store, self.house.clock.now()
        turns = self.house.turns
        if self.id not in turns:
            claimed = store.claim_sites(now + timedelta(days=1), 10_000, timedelta(0))
            turns.update({one.site.id: one for one in claimed})
        changes = Changes("1", new=(Article(article, CARD.url, CARD.title),))
        store.want(turns[self.id], changes, {article: CARD}, now, now)
        self.house.dispatcher.wake.set()


@contextmanager
def table() -> Iterator[Store]:
    """An empty one."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        url = os.environ.get("PULLQUOTE_BENCH_DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.db'}")
        store = open_store(url)
        with store._begin() as tx:
            tx.execute(delete(sites))  # of the run before, where the database is no new file
        yield store
        store.close()


@asynccontextmanager
async def at_discord(there: FarEnd) -> AsyncIterator[House]:
    settings = Discord.Settings(
        _env_file=None,
        token=there.urls["token"],
        api_url=there.urls["api_url"],
        gateway_url=there.urls["gateway_url"],
    )
    with table() as store:
        adapter = Discord.from_settings(settings, MemoryDrawer(), SystemClock())
        assert await adapter.check(None) == []
        yield House(adapter, store)
        await adapter.close()
