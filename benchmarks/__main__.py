"""`make bench`: the whole program against a real WordPress (where it is installed), Synapse and Discord's stand-in.

Prints seconds from start to ready, memory at rest, processor time at rest, and seconds from publish to card.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from tests.adapters.discord_bench import discord_far_end
from tests.real import wordpress
from tests.real.matrix import homeserver, lodging
from tests.rig.bot import Bot, settings
from tests.rig.newsroom import Editor, real, sample

KIND = wordpress.KINDS[0]
INTERVAL = 2.0
POSTS = 8
STARTS = 5


async def main() -> None:
    """Measure one deployment from its first start to its last card."""
    place: Callable[[Path], AbstractAsyncContextManager[Editor]] = sample if wordpress.missing(KIND) else real
    print(f"site: {'sample' if place is sample else KIND}, Synapse, Discord's stand-in")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        async with place(folder) as editor, discord_far_end() as discord, lodging(homeserver()) as matrix:
            channel = discord.world.add_channel()
            looks = {f"PULLQUOTE_POLL_INTERVAL{end}": str(INTERVAL) for end in ("", "_LONGEST")}
            bot = Bot(folder, settings(discord, matrix) | looks)
            for where in (f"discord:{channel}", f"matrix:{matrix.room}"):
                await bot.command("subscribe", where, editor.url)
            starts = []
            for _ in range(STARTS):
                starts.append(await _ready(bot))
                await bot.stop()
            print(f"start to ready, {STARTS} starts: {_spread(starts)}")
            await _ready(bot)
            await asyncio.sleep(8)
            print(f"memory at rest, both platforms connected: {_memory(bot):.1f} MiB")
            before = _ticks(bot)
            await asyncio.sleep(10)
            print(f"processor at rest, polling every {INTERVAL:g} s: {(_ticks(bot) - before) / 10:.1%} of one core")

            async def in_discord(title: str) -> bool:
                return any(title in str(message) for message in discord.messages(channel))

            async def in_matrix(title: str) -> bool:
                return any(title in content["body"] for content in await matrix.standing())

            waits = [await _publish(editor, f"Bench {number}", (in_discord, in_matrix)) for number in range(POSTS)]
            for index, platform in enumerate(("Discord's stand-in", "Synapse")):
                seconds = [wait[index] for wait in waits]
                print(f"publish to card, {platform}: {_spread(seconds)}")
            print(f"memory after {POSTS} cards: {_memory(bot):.1f} MiB")
            await bot.stop()


def _spread(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds):.2f} s, worst {max(seconds):.2f} s"


async def _ready(bot: Bot) -> float:
    log = bot.folder / "log"
    log.write_text("")
    began = time.perf_counter()
    await bot.start()
    while "running" not in log.read_text():  # noqa: ASYNC110 - another process writes it
        await asyncio.sleep(0.005)
    return time.perf_counter() - began


async def _publish(editor: Editor, title: str, looks: tuple[Callable[[str], Awaitable[bool]], ...]) -> list[float]:
    await asyncio.sleep(0.7)
    await asyncio.to_thread(editor.publish, title)
    began, seen = time.perf_counter(), dict.fromkeys(looks, 0.0)
    while not all(seen.values()):
        for look in looks:
            if not seen[look] and await look(title):
                seen[look] = time.perf_counter() - began
        await asyncio.sleep(0.02)
    return list(seen.values())


def _memory(bot: Bot) -> float:
    assert bot.process is not None
    status = Path(f"/proc/{bot.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _ticks(bot: Bot) -> float:
    assert bot.process is not None
    fields = Path(f"/proc/{bot.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


asyncio.run(main())
