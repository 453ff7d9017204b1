"""What one look costs in processor time and bytes, beside the same requests made with aiohttp alone.

Both take turns within one run (A B A B …), and the medians are told; servers are other processes.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import aiohttp

from benchmarks.sites import hosts, sites
from bot import logs
from bot.clock import SystemClock
from bot.fetch import Fetcher, Response
from bot.model import Channel, Site, Subscription
from bot.poller import Poller
from bot.ports import Changes, Source
from bot.sources.wordpress import Limits, WordPress
from bot.store import Door, Store, open_store
from tests.wishes import subscribe

ROUNDS, TIMES, AT_ONCE, HOSTS = 25, 40, 32, 64
NEVER = 10**9
PULSE_ONLY = Limits(full_every=NEVER, thorough_every=NEVER)
"""For the look that most looks are: the feed's head is as it was."""
ACCEPT = "application/rss+xml, */*;q=0.1"


@dataclass(frozen=True)
class Request:
    """What the bot asked for."""

    method: str
    url: str
    headers: Mapping[str, str]


class Recorded(Fetcher):
    """A client that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(allow_private=True)
        self.asked: list[Request] = []

    async def get(
        self,
        url: str,
        *,
        method: Literal["GET", "HEAD"] = "GET",
        limit: int = 0,
        accept: str = "*/*",
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Read the URL, and remember that."""
        self.asked.append(Request(method, url, {"Accept": accept, "User-Agent": "Pullquote", **(headers or {})}))
        return await super().get(url, method=method, accept=accept, headers=headers or {})


class Plain:
    """The same requests by aiohttp, as its first page shows them."""

    async def __aenter__(self) -> Plain:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def ask(self, request: Request) -> bytes:
        """The body."""
        async with self._session.request(request.method, request.url, headers=request.headers) as answer:
            return await answer.read()

    async def many(self, requests: Sequence[Request], at_once: int) -> None:
        """All, so many side by side."""
        waiting = iter(requests)

        async def work() -> None:
            for request in waiting:
                await self.ask(request)

        await asyncio.gather(*(work() for _ in range(at_once)))


async def spent(work: Callable[[], Awaitable[int]]) -> float:
    """Microseconds of processor time, of all threads, for each of what `work` says it did."""
    begun = time.process_time()
    count = await work()
    return (time.process_time() - begun) / count * 1e6


async def compare(name: str, ours: Callable[[], Awaitable[int]], plain: Callable[[], Awaitable[int]]) -> None:
    """Measure both in turn, and print a line."""
    pairs = [(await spent(ours), await spent(plain)) for _ in range(ROUNDS)]
    a, b = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    print(f"| {name} | {a:.0f} | {b:.0f} | {ratio:.2f} |", flush=True)


def site_at(port: int, host: str, kind: str) -> Site:
    """A site of that kind there."""
    home = f"http://{host}:{port}/{kind}/"
    return Site(home, kind, f"{home}wp-json/")


async def known(source: WordPress, site: Site) -> Site:
    """The site after first contact and two looks, its pulse felt."""
    for _ in range(3):
        site = replace(site, cursor=(await source.articles(site)).cursor)
    return site


async def fetches(port: int) -> None:
    """The fetch alone, and the look by the source."""
    async with Plain() as plain:
        fetcher = Recorded()
        source = WordPress(fetcher, PULSE_ONLY)
        site = await known(source, site_at(port, "127.0.0.1", "quiet"))
        await source.articles(site)
        head = fetcher.asked[-1]
        sent = {name: head.headers[name] for name in head.headers if name.startswith("If-")}
        bare = Fetcher(allow_private=True)

        async def fetch() -> int:
            for _ in range(TIMES):
                await bare.get(head.url, method="HEAD", headers=sent, accept=ACCEPT)
            return TIMES

        async def ask() -> int:
            for _ in range(TIMES):
                await plain.ask(head)
            return TIMES

        async def look() -> int:
            for _ in range(TIMES):
                await source.articles(site)
            return TIMES

        await compare("unchanged: the fetch alone", fetch, ask)
        await compare("unchanged: the look by the source", look, ask)
        await _many_looks(port, fetcher, plain)
        await fetcher.close()
        await bare.close()


async def _many_looks(port: int, fetcher: Recorded, plain: Plain) -> None:
    """Looks as they come, every fifth a full one, and looks that find a post; beside all that they asked for."""
    source = WordPress(fetcher)
    quiet = await known(source, site_at(port, "127.0.0.1", "quiet"))
    busy = await known(source, site_at(port, "127.0.0.1", "busy"))

    async def looks() -> int:
        fetcher.asked.clear()
        for _ in range(20):
            await source.articles(quiet)
        return 20

    async def changed() -> int:
        nonlocal busy
        fetcher.asked.clear()
        for _ in range(8):
            changes = await source.articles(busy)
            assert len(changes.new) == 1, changes
            busy = replace(busy, cursor=changes.cursor)
        return 8

    def again(count: int) -> Callable[[], Awaitable[int]]:
        async def ask() -> int:
            for request in fetcher.asked:
                if "/busy/?feed" in request.url:  # asked for in earnest it would publish
                    request = replace(request, url=request.url.replace("/busy/", "/quiet/"))  # noqa: PLW2901
                await plain.ask(request)
            return count

        return ask

    await compare("unchanged: the mean of twenty looks, four of them full", looks, again(20))
    await compare("changed: the look by the source, one new post", changed, again(8))


class Counted:
    """A source that counts its looks, and stops the poller after so many."""

    def __init__(self, source: Source) -> None:
        self._source, self.left, self.poller = source, 0, None

    poller: Poller | None

    async def articles(self, site: Site) -> Changes:
        """What changed there."""
        changes = await self._source.articles(site)
        self.left -= 1
        if self.left == 0 and self.poller is not None:
            self.poller.stop()
        return changes


async def follow(store: Store, door: Door, site: Site, channel: str = "bench") -> None:
    """Have the site followed from now on."""
    now = datetime.now(UTC)
    added = await door(store.add_site, site, now)
    assert added.id is not None
    await door(subscribe, store, Subscription(Channel("console", channel), added.id), now)


async def turns(port: int, names: Sequence[str], kind: str, count: int) -> None:
    """The whole turn, with the database, so many sites side by side as the poller has."""
    fetcher, door = Recorded(), Door()
    source = WordPress(fetcher, PULSE_ONLY if kind == "quiet" else Limits())
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        store = await door(open_store, f"sqlite:///{Path(folder) / 'bench.db'}")
        for name in names:
            await follow(store, door, await known(source, site_at(port, name, kind)))
        counted: Any = Counted(source)

        async def turn() -> int:
            fetcher.asked.clear()
            counted.left = count
            poller = Poller(
                counted, store, door, SystemClock(), random.Random(1), timedelta(0), lambda: None, tick=0.02
            )
            counted.poller = poller
            await door(make_all_due, store)
            await poller.run()
            return count

        async with Plain() as plain:

            async def ask() -> int:
                await plain.many([_quiet(one) for one in fetcher.asked], AT_ONCE)
                return count

            what = "unchanged" if kind == "quiet" else "changed"
            await compare(f"{what}: the whole turn, with cards and database", turn, ask)
        await door(store.close)
    await fetcher.close()
    door.close()


def _quiet(request: Request) -> Request:
    if "/busy/?feed" not in request.url:
        return request
    return replace(request, url=request.url.replace("/busy/", "/quiet/"))


def make_all_due(store: Store) -> None:
    """Have every site looked at now."""
    with store._begin() as tx:
        tx.exec_driver_sql("UPDATE sites SET due = 0")


async def wire(port: int) -> None:
    """Bytes, as the server counts them, of one look of each kind."""
    fetcher = Fetcher(allow_private=True)
    print("| look | bytes up | bytes down |\n|---|---:|---:|")
    for kind, limits, count in (("quiet", PULSE_ONLY, 10), ("quiet", Limits(), 20), ("busy", Limits(), 8)):
        source = WordPress(fetcher, limits)
        site = await known(source, site_at(port, "127.0.0.1", kind))
        before = await _counted(fetcher, port)
        for _ in range(count):
            site = replace(site, cursor=(await source.articles(site)).cursor)
        after = await _counted(fetcher, port)
        up, down = ((after[way] - before[way]) / count for way in ("up", "down"))
        told = "changed, one new post" if kind == "busy" else "unchanged"
        whole = ", the mean of twenty" if kind == "quiet" and limits is not PULSE_ONLY else ""
        print(f"| {told}{whole} | {up:.0f} | {down:.0f} |")
    await fetcher.close()


async def _counted(fetcher: Fetcher, port: int) -> dict[str, int]:
    told: dict[str, int] = json.loads((await fetcher.get(f"http://127.0.0.1:{port}/wire/")).body)
    return told


async def main() -> None:
    """Measure and print."""
    logs.configure("error", "text")
    async with sites(["127.0.0.1", *hosts(HOSTS)]) as (port, _foul):
        print("| look | µs | aiohttp alone, µs | ratio |\n|---|---:|---:|---:|")
        await fetches(port)
        await turns(port, hosts(HOSTS), "quiet", 256)
        await turns(port, hosts(HOSTS), "busy", 64)
        await wire(port)


if __name__ == "__main__":
    asyncio.run(main())
