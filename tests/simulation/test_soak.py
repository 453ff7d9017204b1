"""A day of the bot's life in virtual time: what it holds at the end is what it held in the morning."""

from __future__ import annotations

import asyncio
import gc
import random
from collections import Counter
from datetime import timedelta

from bot.dispatcher import Dispatcher
from bot.model import Channel, Site, Subscription
from bot.poller import Poller
from bot.ports import Changes
from tests.simulation import table
from tests.simulation.discord import TEXT, DiscordModel
from tests.simulation.schedule import Schedule
from tests.simulation.site import Publication
from tests.simulation.stage import Clocks, Process, Stage
from tests.simulation.virtual import START, run
from tests.wishes import subscribe

HOUR, HOURS = 3600.0, 24
SITES, CHANNELS = 3, 4


class Publications(Publication):
    """Several sites; each publishes, corrects and withdraws now and then, and shows its ten newest posts."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.sites = {number: Publication() for number in range(1, SITES + 1)}
        self._rng, self.told = rng, 0

    async def articles(self, site: Site) -> Changes:
        assert site.id is not None
        return await self.sites[site.id].articles(site)

    def edit(self) -> None:
        """Something happens at one of them."""
        posts = self._rng.choice(list(self.sites.values())).posts
        self.told += 1
        luck = self._rng.random()
        if luck < 0.7 or not posts:
            posts[self.told] = f"Story {self.told}"
        elif luck < 0.9:
            posts[self._rng.choice(list(posts))] = f"Story corrected {self.told}"
        else:
            del posts[self._rng.choice(list(posts))]


def objects() -> Counter[str]:
    """How many of each kind of the bot's own objects, tasks and timers are alive."""
    gc.collect()
    kinds = Counter(f"{type(one).__module__}.{type(one).__name__}" for one in gc.get_objects())
    ours = ("bot.", "adapters.", "_asyncio.Task", "_asyncio.Future", "asyncio.")
    return Counter({kind: count for kind, count in kinds.items() if kind.startswith(ours)})


def test_a_day_with_several_sites_leaves_nothing_behind() -> None:
    grown, tables, tasks = run(_day())
    assert {kind: count for kind, count in grown.items() if count > 50} == {}
    assert len(set(tasks[2:])) == 1, f"tasks at rest, by hour: {tasks}"
    rows = [sum(one.values()) - one["deliveries"] - one["articles"] - one["earlier"] for one in tables]
    assert rows[2:] == [rows[2]] * len(rows[2:]), f"rows besides what was published, by hour: {rows}"
    last = tables[-1]
    assert last["deliveries"] == last["articles"] * CHANNELS


async def _day() -> tuple[Counter[str], list[Counter[str]], list[int]]:
    """By how much each kind of object grew from the second hour to the last; rows and tasks at rest, by hour."""
    rng = random.Random(24)
    sites = Publications(rng)
    platform = DiscordModel(rng, lambda request: rng.choice(("429", "500", "lost")) if rng.random() < 0.02 else "")
    stage = Stage(Schedule("discord", "post"))
    stage.store = store = table.restored(table.empty())
    for number in range(1, SITES + 1):
        site = store.add_site(Site(f"https://{number}.example/", "", f"https://{number}.example/wp-json/"), START)
        for channel in range(CHANNELS):
            subscribe(store, Subscription(Channel("discord", f"{int(TEXT) * 10 + channel}"), site.id or 0), START)
    clock, process = Clocks(), Process(stage)
    stage.clocks, platform.life = clock, process
    dispatcher = Dispatcher(platform.adapter(clock), store, process, clock, rng, tick=30)
    interval = timedelta(minutes=5)
    poller = Poller(sites, store, process, clock, rng, interval, dispatcher.wake.set, tick=60)
    process.wakes = (dispatcher.wake, poller.wake)
    loops = [asyncio.create_task(dispatcher.run()), asyncio.create_task(poller.run())]
    early: Counter[str] = Counter()
    tables, tasks = [], []
    for hour in range(HOURS):
        for _ in range(6):
            sites.edit()
            await asyncio.sleep(HOUR / 6 / 2)
        await asyncio.sleep(HOUR / 2)
        tables.append(store.rows())
        tasks.append(len(asyncio.all_tasks()))
        if hour == 1:
            early = objects()
    grown = objects()
    grown.subtract(early)
    dispatcher.stop()
    poller.stop()
    await asyncio.gather(*loops)
    assert not any(waiting for waiting, _ in store.queue().values())
    return grown, tables, tasks
