"""`make bench-commands`: from a command to its reply, with 1,000 subscriptions and 100,000 articles stored.

The real process, Discord's stand-in and Synapse; nothing is asked of any site but a closed port, so that a search ends
with the local index. Prints milliseconds, median and 99th percentile; on Discord to the first answer (it is deferred)
and to the last, beside them the same command asked of the core alone.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, insert

from bot import logs, plugins
from bot.clock import SystemClock
from bot.commands import Desk, Health, commands
from bot.fetch import Fetcher
from bot.model import Card, Channel, Quote, Subscription
from bot.ports import Asked
from bot.sources.wordpress import WordPress
from bot.store import Door, open_store
from bot.store.rows import card_columns, delivery_columns, wish_columns
from bot.store.schema import articles, deliveries, sites, subscriptions
from tests.adapters.discord_bench import discord_far_end
from tests.farends.discord import DiscordFarEnd
from tests.real.matrix import Lodging, homeserver, lodging
from tests.rig.bot import Bot, settings

SITES, SUBSCRIPTIONS, ARTICLES, HERE = 200, 1000, 100_000, 20
TIMES = 100
WORDS = "harbour council bridge ferry budget minister vote winter tide school 政治 经济 记者 报道 社会 气候".split()
SITE = "http://127.0.0.1:9/s0/"
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("subscriptions", {}),
    ("latest", {"count": "5"}),
    ("search", {"words": "气候", "site": SITE}),
    ("search", {"words": "harbour tide", "site": SITE}),
    ("settings", {"site": SITE, "style": "card"}),
    ("why", {"url": f"{SITE}2026/0/"}),
    ("status", {}),
    ("help", {}),
)


def fill(database: Path, channels: list[Channel]) -> None:
    """Sites, subscriptions and articles; the channels follow the first HERE sites, and have been shown all of them."""
    open_store(f"sqlite:///{database}").close()
    now, chance = datetime.now(UTC), random.Random(7)
    cards = [_card(chance, now - timedelta(minutes=number)) for number in range(500)]
    columns = [card_columns(card, now) for card in cards]
    everywhere = [Channel("console", f"c{number}") for number in range(SUBSCRIPTIONS)]
    with create_engine(f"sqlite:///{database}").begin() as tx:
        tx.execute(insert(sites), [_site(number, now) for number in range(SITES)])
        follows = [(channel, number) for channel in channels for number in range(HERE)]
        follows += [(channel, number % SITES) for number, channel in enumerate(everywhere)][
            : SUBSCRIPTIONS - len(follows)
        ]
        tx.execute(
            insert(subscriptions),
            [
                {"channel": str(one), "site_id": number + 1, "since": 0, **wish_columns(Subscription(one, number + 1))}
                for one, number in follows
            ],
        )
        found = {"found_at": now.timestamp(), "changed_at": 0}
        rows = [
            {"site_id": number % SITES + 1, "id": number, **found, **columns[number % 500], **_place(number)}
            for number in range(ARTICLES)
        ]
        tx.execute(insert(articles), rows)
        for channel in channels:
            shown = [row for row in rows if row["site_id"] <= HERE]
            tx.execute(insert(deliveries), [_shown(channel, row, now) for row in shown])


def _place(number: int) -> dict[str, str]:
    url = f"http://127.0.0.1:9/s{number % SITES}/2026/{number}/"
    return {"url": url, "place": url.removeprefix("http://").rstrip("/")}


def _site(number: int, now: datetime) -> dict[str, object]:
    url = f"http://127.0.0.1:9/s{number}/"
    later = (now + timedelta(days=1)).timestamp()
    told = {"name": f"Paper {number}", "language": "en", "reader": "wordpress", "cursor": "{}"}
    return {"id": number + 1, "url": url, "endpoint": f"{url}wp-json/", "due": later, **told}


def _card(chance: random.Random, published: datetime) -> Card:
    said = Quote(" ".join(chance.choices(WORDS, k=30)), "Ida Roe")
    title, lead = (" ".join(chance.choices(WORDS, k=count)) for count in (9, 60))
    return Card(title, "http://127.0.0.1:9/", lead, said, published=published)


def _shown(channel: Channel, row: Mapping[str, object], now: datetime) -> dict[str, object]:
    revision = str(row["revision"])
    stands = {"shown": revision, "receipt": "1", "shown_at": now.timestamp()}
    return {**delivery_columns(channel, int(str(row["site_id"])), int(str(row["id"])), revision, now), **stands}


async def times(ask: Callable[[], Awaitable[object]], count: int = TIMES) -> list[float]:
    """Milliseconds of each call, one after the other."""
    taken = []
    for _ in range(count):
        begun = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - begun) * 1000)
    return sorted(taken)


def told(taken: list[float]) -> str:
    """Median and 99th percentile."""
    return f"{statistics.median(taken):8.1f} {taken[int(len(taken) * 0.99)]:8.1f}"


async def main() -> None:
    """Fill a database, start the bot on it, ask."""
    logs.configure("error", "text")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        async with discord_far_end() as discord, lodging(homeserver()) as matrix:
            channel = discord.world.add_channel()
            place = Channel("discord", channel)
            (folder / "data").mkdir()
            fill(folder / "data" / "pullquote.db", [place, matrix.channel])
            print(f"{SITES} sites, {SUBSCRIPTIONS} subscriptions, {ARTICLES:,} articles; ms median and p99 of {TIMES}")
            print(f"{'':42}{'core':>17}{'Discord, first':>18}{'Discord, whole':>18}{'Matrix':>17}")
            core = await _core(folder / "data" / "pullquote.db", place)
            bot = Bot(folder, settings(discord, matrix))
            await bot.start()
            await discord.gateway.until(lambda: bool(discord.gateway.sessions), 60)
            while b"matrix listens" not in (folder / "log").read_bytes():  # noqa: ASYNC110 - another process's log
                await asyncio.sleep(0.1)
            for number, (command, given) in enumerate(ASKED):
                first, whole = await _on_discord(discord, channel, command, given)
                said = await _in_matrix(
                    matrix, " ".join([command, *(f'{key}="{text}"' for key, text in given.items())])
                )
                shown = " ".join([command, *given.values()])[:40]
                print(f"{shown:42}{core[number]} {told(first)} {told(whole)} {told(said)}")
            typed = await times(lambda: _completed(discord, channel))
            print(f"{'completing a site':42}{'':17} {told(typed)}")
            await bot.stop()


async def _on_discord(
    discord: DiscordFarEnd, channel: str, command: str, given: Mapping[str, str]
) -> tuple[list[float], list[float]]:
    """Milliseconds to the first answer and to the whole one."""
    first, whole = [], []
    for _ in range(TIMES):
        begun = time.perf_counter()
        asked = await discord.people.command(command, channel, **given)
        while asked.first is None:  # noqa: ASYNC110 - looked at closer than an event would wake
            await asyncio.sleep(0.0005)
        first.append((time.perf_counter() - begun) * 1000)
        await asked.answer(20)
        whole.append((time.perf_counter() - begun) * 1000)
    return sorted(first), sorted(whole)


async def _in_matrix(matrix: Lodging, words: str) -> list[float]:
    """Milliseconds until a person has the reply: theirs and the homeserver's own among them."""
    heard = len(await matrix.standing())

    async def ask() -> None:
        nonlocal heard
        heard += 1
        await matrix.alice.say(matrix.room, f"!pq {words}")
        await matrix.alice.hears(matrix.room, heard, matrix.bot.account.user_id)

    return await times(ask, TIMES // 10)


async def _completed(discord: DiscordFarEnd, channel: str) -> None:
    await (await discord.people.complete("settings", channel, "site", "pap")).answer()


async def _core(database: Path, channel: Channel) -> list[str]:
    """The commands asked of the core alone."""
    door, clock = Door(), SystemClock()
    store = await door(open_store, f"sqlite:///{database}")
    fetcher = Fetcher(user_agent="benchmark", allow_private=True)

    async def nothing_missing(*_: object) -> list[str]:
        return []

    desk = Desk(
        WordPress(fetcher),
        store,
        door,
        clock,
        lambda place: plugins.load(place.platform),
        nothing_missing,
        nothing_missing,
        lambda: Health(None),
    )
    known, asked = commands(desk), Asked(channel, manages=True)
    try:
        return [
            told(await times(lambda name=name, given=given: known[name].run(asked, given)))  # type: ignore[misc]
            for name, given in ASKED
        ]
    finally:
        await fetcher.close()
        await door(store.close)
        door.close()


if __name__ == "__main__":
    asyncio.run(main())
