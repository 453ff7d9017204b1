"""`make bench-delivery`: from a found article to many channels, beside what limits and a bare client allow.

Discord's stand-in runs as a process of its own, with Discord's limits and 100 ms there and back where not said
otherwise; the table is on SQLite or where PULLQUOTE_BENCH_DATABASE_URL says. Without Synapse its lines are left out.
Words on the command line choose among the measures.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from random import Random
from typing import ClassVar
from urllib.parse import quote

import aiohttp
import structlog

from adapters.discord import Discord, pace
from adapters.matrix import Matrix
from benchmarks.house import FarEnd, House, at_discord, far_end, table
from bot.model import ROLE, Channel, Payload, Receipt, Style
from tests.adapters.contract import CARD
from tests.real import synapse
from tests.real.matrix import lodging
from tests.simulation.world import Platform

MINIMUM = 20.0
"""Seconds that Discord's fifty a second allow for a thousand messages."""
LIMITS = {"global_limit": 50, "bucket_limit": 5, "way": 0.1}
NO_LIMITS = {"global_limit": 10**9, "bucket_limit": 10**9, "way": 0.0}


class Instant(Platform):
    """A platform that has every message before it was sent."""

    platform: ClassVar[str] = "instant"

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        return Receipt(channel, key)


async def fan_out(there: FarEnd) -> None:
    """One article to a thousand channels."""
    await there.set(**LIMITS)
    async with at_discord(there) as house:
        channels = there.channels[:1000]
        gazette = house.publication(1, channels)
        before, processor = await there.limited(), time.process_time()
        async with house.running():
            began = time.perf_counter()
            gazette.publish(1)
            await house.until(len(channels))
            seconds, processor = time.perf_counter() - began, time.process_time() - processor
        gaps, limited = house.gaps(), await there.limited() - before
    share = seconds / MINIMUM
    print(f"one article to 1,000 channels: {seconds:.2f} s, {share:.3f} of the least possible; 429s: {limited}")
    print(f"  processor: {processor / len(gaps) * 1000:.2f} ms a message")
    print(f"  answer to durable: median {statistics.median(gaps):.1f} ms, p99 {gaps[len(gaps) * 99 // 100]:.1f} ms")


async def gathered(there: FarEnd) -> None:
    """The same by discord.py, all at once."""
    import discord

    logging.getLogger("discord").setLevel(logging.CRITICAL)
    discord.http.Route.BASE = there.urls["api_url"]
    before = await there.limited()
    async with discord.Client(intents=discord.Intents.none()) as client:
        await client.login(there.urls["token"])
        embed, nobody = discord.Embed(title=CARD.title, url=CARD.url), discord.AllowedMentions.none()
        channels = [client.get_partial_messageable(int(one)) for one in there.channels[:1000]]
        began = time.perf_counter()
        sent = (one.send(embed=embed, allowed_mentions=nobody) for one in channels)
        results = await asyncio.gather(*sent, return_exceptions=True)
        seconds = time.perf_counter() - began
    lost = sum(isinstance(one, Exception) for one in results)
    print(f"  discord.py, gather: {seconds:.2f} s; 429s: {await there.limited() - before}; lost: {lost}")


async def fairness(there: FarEnd) -> None:
    """A small publication's article a second after five big ones', and after another one that calls its readers."""
    await there.set(**LIMITS)
    async with at_discord(there) as house:
        big = [house.publication(number, there.channels[:1000]) for number in range(1, 6)]
        small = house.publication(6, there.channels[1000:1003])
        calling = house.publication(7, there.channels[1003:1203], f"{ROLE}77")
        for gazette in big:
            gazette.publish(1)
        before, waits = await there.limited(), []
        async with house.running():
            for gazette, count in ((small, 3), (calling, 200)):
                await asyncio.sleep(1)
                began = time.perf_counter()
                gazette.publish(1)
                await house.until(count, gazette.id)
                waits.append(time.perf_counter() - began)
        limited = await there.limited() - before
    print(f"behind 5,000 queued: another publication's 3 channels after {waits[0]:.2f} s,", end=" ")
    print(f"200 channels that are called after {waits[1]:.2f} s; 429s: {limited}")


async def beside_a_post(there: FarEnd) -> None:
    """Pullquote's cost of a message on Discord beside a POST and nothing else, without limits."""
    await there.set(**NO_LIMITS)
    pace.CEILING = 10**9
    payload = dict(Discord.render(CARD, Style.CARD))
    headers = {"Authorization": f"Bot {there.urls['token']}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def post(channel: str) -> None:
            url = f"{there.urls['api_url']}/channels/{channel}/messages"
            async with session.post(url, json={**payload, "nonce": channel, "enforce_nonce": True}) as answer:
                await answer.read()

        bare = await _one_by_one(post, there.channels[:200])
    async with at_discord(there) as house:
        ours = await _delivered(house, there.channels[200:400])
    _compare("Discord", ours, bare)


async def beside_a_put() -> None:
    """The same in a Matrix room's case: on Synapse, which takes most of the time."""
    try:
        server = synapse.shared()
    except synapse.Unavailable as error:
        print(f"Matrix: {error}")
        return
    async with lodging(server) as lodged:
        rooms = [lodged.room, *[await lodged.bot.create_room() for _ in range(7)]]
        payload = dict(Matrix.render(CARD, Style.CARD))
        headers = {"Authorization": f"Bearer {lodged.bot.account.access_token}"}
        async with aiohttp.ClientSession(headers=headers) as session:

            async def put(key: str) -> None:
                room = quote(rooms[int(key) % len(rooms)])
                url = f"{lodged.server.url}/_matrix/client/v3/rooms/{room}/send/m.room.message/bare{key}"
                async with session.put(url, json=payload) as answer:
                    await answer.read()

            bare = await _one_by_one(put, [str(number) for number in range(80)])
        with table() as store:
            house = House(lodged.adapter, store)
            await lodged.adapter.check(None)
            ours = await _delivered(house, rooms, 10)
    _compare("Matrix", ours, bare)


async def durable() -> None:
    """Deliveries a second where the platform takes no time: what is left is the table."""
    with table() as store:
        house = House(Instant(Random(1)), store)
        gazette = house.publication(1, [str(number) for number in range(2000)])
        gazette.publish(1)
        began = time.perf_counter()
        async with house.running():
            await house.until(2000)
        print(f"deliveries a second that {store.where.partition(':')[0]} makes durable: ", end="")
        print(f"{2000 / (time.perf_counter() - began):.0f}")


Cost = tuple[float, float]
"""Milliseconds of wall and of processor time a message."""


async def _one_by_one(send: Callable[[str], Awaitable[None]], names: list[str]) -> Cost:
    began, processor = time.perf_counter(), time.process_time()
    for name in names:
        await send(name)
    return _cost(began, processor, len(names))


async def _delivered(house: House, channels: list[str], articles: int = 1) -> Cost:
    """One channel after the other, so that nothing hides behind another's waiting."""
    total = 0
    gazettes = [house.publication(number, [address]) for number, address in enumerate(channels)]
    async with house.running():
        began, processor = time.perf_counter(), time.process_time()
        for article in range(1, articles + 1):
            for gazette in gazettes:
                gazette.publish(article)
                total += 1
                await house.until(total)
        return _cost(began, processor, total)


def _cost(began: float, processor: float, count: int) -> Cost:
    return (time.perf_counter() - began) / count * 1000, (time.process_time() - processor) / count * 1000


def _compare(platform: str, ours: Cost, bare: Cost) -> None:
    told = (
        f"{name} {us:.2f} ms ({other:.2f})" for name, us, other in zip(("wall", "processor"), ours, bare, strict=True)
    )
    print(f"{platform}: a message from its article on, in brackets a request and nothing else: {', '.join(told)}")


async def main() -> None:
    """Each measure in its turn."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    chosen = set(sys.argv[1:])
    async with far_end(1203) as there:
        for measure in (fan_out, gathered, fairness, beside_a_post):
            if not chosen or measure.__name__ in chosen:
                await measure(there)
    for alone in (beside_a_put, durable):
        if not chosen or alone.__name__ in chosen:
            await alone()


if __name__ == "__main__":
    asyncio.run(main())
