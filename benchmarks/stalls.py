"""How long the event loop stands still under fifty looks a second at sites of all kinds: `python -m benchmarks.stalls`.

A tick is due every millisecond, whether the one before came or not; how late each is, is what everything else on the
loop would wait. The same is measured first on a loop that does nothing: what the machine itself adds.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.looks import Counted, follow, site_at
from benchmarks.sites import hosts, sites
from bot import logs
from bot.clock import SystemClock, be_prompt
from bot.fetch import Fetcher
from bot.model import Site
from bot.poller import Poller
from bot.sources.memory import Memory
from bot.sources.readers import Readers
from bot.store import Door, open_store

EVERY, IDLE, SECONDS = 2.0, 5.0, 30.0
MIX = {"quiet": 72, "busy": 10, "large": 2, "feed": 6, "long": 2, "slow": 4}
"""How many sites of each kind; those that play foul come on top."""


async def tick(seconds: float) -> list[tuple[float, float]]:
    """How many milliseconds each tick came late; and how many of them this process was at work."""
    late, due = [], time.perf_counter()
    end, worked = due + seconds, time.process_time()
    before = worked
    while due < end:
        due += 0.001
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
            worked, before = time.process_time(), worked
        by = max(time.perf_counter() - due, 0) * 1000
        late.append((by, min(by, (time.process_time() - before) * 1000)))
    return late


def told(name: str, late: Sequence[tuple[float, float]]) -> str:
    """Two lines of the table."""
    lines = []
    for what, column in zip(("", ", of that the bot's own work"), zip(*late, strict=True), strict=True):
        ordered = sorted(column)
        at = [ordered[min(int(len(ordered) * part), len(ordered) - 1)] for part in (0.5, 0.99, 0.999, 1)]
        lines.append(f"| {name}{what} | {' | '.join(f'{ms:.1f}' for ms in at)} |")
    return "\n".join(lines)


async def mixed(port: int, foul: Sequence[str], source: Readers) -> list[Site]:
    """The sites, after first contact."""
    names, found = iter(hosts(sum(MIX.values()))), []
    for kind, count in MIX.items():
        for _ in range(count):
            site = site_at(port, next(names), kind)
            if kind in {"feed", "long"}:
                site = replace(site, endpoint=f"{site.url}feed/", reader="feed")
            elif kind == "slow":
                site = replace(site, cursor=Memory().dumps())
            found.append(site if site.cursor else replace(site, cursor=(await source.articles(site)).cursor))
    return found + [Site(f"{url}/", "foul", f"{url}/wp-json/", cursor=Memory().dumps()) for url in foul]


async def main() -> None:
    """Measure and print."""
    logs.configure("critical", "text")
    be_prompt()
    print("| ticks a millisecond apart, ms late | p50 | p99 | p99.9 | longest |\n|---|---:|---:|---:|---:|")
    print(told("nothing to do", await tick(IDLE)), flush=True)
    fetcher, door = Fetcher(allow_private=True), Door()
    everywhere = ["127.0.0.1", *hosts(sum(MIX.values()))]
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        store = await door(open_store, f"sqlite:///{Path(folder) / 'bench.db'}")
        async with sites(everywhere) as (port, foul):
            source = Readers(fetcher)
            for site in await mixed(port, foul, source):
                await follow(store, door, site)
            looked: Any = Counted(source)
            every = timedelta(seconds=EVERY)
            poller = Poller(looked, store, door, SystemClock(), random.Random(1), every, lambda: None, building=Door())
            running = asyncio.create_task(poller.run())
            await tick(2 * EVERY)
            before = looked.left
            print(told("following", await tick(SECONDS)), flush=True)
            print(f"looks that ended well: {(before - looked.left) / SECONDS:.1f} a second")
            poller.stop()
            await running
        await door(store.close)
    await fetcher.close()
    door.close()


if __name__ == "__main__":
    asyncio.run(main())
