"""All that plays: publications, the bot between taps, Discord's stand-in and Synapse; lives, deaths and the verdict."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.site import SampleSite
from tests.adapters.discord_bench import discord_far_end
from tests.farends.discord import DiscordFarEnd
from tests.real.matrix import Lodging, lodging
from tests.real.synapse import Address
from tests.rig.bot import Bot, settings, until_right
from tests.rig.moments import Reaper, pick
from tests.rig.newsroom import Editor, Newsroom, SampleEditor, sample
from tests.rig.tap import tap
from tests.rig.verdict import Verdict

PATIENCE = 150.0, 420.0
"""Seconds until what the last kill left in doubt is settled on Discord, and in Matrix: the window, then the look."""
AN_ARTICLE = 2.0
"""Seconds more for each article: a channel takes one message a second, and the last life may have much to catch up."""

OUTAGE = 1200.0
"""Seconds that the bot is away, as far as it and Discord's memory of nonces can tell, after some of its deaths."""

OUTAGES = 0.12
"""The share of deaths after which it is away so long."""


@dataclass
class Life:
    """How one went: what its death waited for, whether that came, and how long it took with the start."""

    kind: str
    came: bool
    seconds: float
    outage: bool


@dataclass
class Stage:
    """All that plays; `discord_channels` and `rooms` all follow all publications."""

    bot: Bot
    newsroom: Newsroom
    reaper: Reaper
    rng: random.Random
    discord: DiscordFarEnd | None = None
    discord_channels: list[str] = field(default_factory=list)
    matrix: Lodging | None = None
    rooms: list[str] = field(default_factory=list)
    lives: list[Life] = field(default_factory=list)

    async def play(self, kills: int, tell: Callable[[Life], None] = lambda _: None) -> Verdict:
        """Live and die so often; then the verdict, once all is right or PATIENCE is over."""
        work = asyncio.create_task(self.newsroom.work())
        try:
            for _ in range(kills):
                self.lives.append(await self._live())
                tell(self.lives[-1])
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work
        await self.bot.start()
        with contextlib.suppress(AssertionError):
            patience = PATIENCE[self.matrix is not None] + AN_ARTICLE * len(self.newsroom.posts)
            await until_right(self.wrong, patience)
        status = await self.bot.stop()
        verdict = await self.look()
        if status:
            verdict.strange.append(f"stopped with {status}")
        if self.discord is not None:
            verdict.strange += self.discord.world.violations
        return verdict

    async def look(self) -> Verdict:
        """What the channels show now."""
        verdict = Verdict()
        live, withdrawn = self.newsroom.live, self.newsroom.withdrawn
        for channel in self.discord_channels:
            assert self.discord is not None
            shown = [json.dumps(message, ensure_ascii=False) for message in self.discord.messages(channel)]
            verdict.judge(f"discord:{channel}", shown, live, withdrawn)
        for room in self.rooms:
            assert self.matrix is not None
            verdict.judge(room, [one["body"] for one in await self.matrix.standing(room)], live, withdrawn)
        return verdict

    async def right(self, patience: float = 60.0) -> None:
        """Wait until the channels show what was published; AssertionError with what is wrong after so many seconds."""
        await until_right(self.wrong, patience)

    async def written(self) -> None:
        """Wait until the bot has written down what it has sent."""
        file = f"file:{self.bot.folder / 'data' / 'pullquote.db'}?mode=ro"
        while True:
            with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
                if not database.execute("SELECT count(*) FROM deliveries WHERE claimed").fetchone()[0]:
                    return
            await asyncio.sleep(0.05)

    async def wrong(self) -> list[str]:
        """What is wrong just now."""
        return (await self.look()).complaints

    async def _live(self) -> Life:
        moment, begun = pick(self.rng), time.monotonic()
        await self.bot.start()
        came = await self.reaper.end(moment)
        outage = self.rng.random() < OUTAGES
        if outage:
            self._be_away()
        return Life(moment.kind, came, time.monotonic() - begun, outage)

    def _be_away(self) -> None:
        """What was attempted was attempted long ago, and Discord has forgotten its nonces."""
        with contextlib.closing(sqlite3.connect(self.bot.folder / "data" / "pullquote.db")) as database, database:
            database.execute("UPDATE deliveries SET attempted_at = attempted_at - ?", (OUTAGE,))
        if self.discord is not None:
            self.discord.world.nonces.clear()

    def causes(self) -> str:
        """How many lives ended by what."""
        counts = Counter(life.kind if life.came else "nothing came" for life in self.lives)
        return ", ".join(f"{kind} {count}" for kind, count in counts.most_common())


@contextlib.asynccontextmanager
async def stage(
    folder: Path,
    editors: Sequence[Editor],
    rng: random.Random,
    platforms: Collection[str],
    *,
    homeserver: Address | None = None,
    channels: int = 1,
    pace: float = 0.7,
) -> AsyncIterator[Stage]:
    """Everything set up and subscribed; `channels` on each of the platforms ("discord", "matrix")."""
    async with contextlib.AsyncExitStack() as stack:
        bot = Bot(folder, {})
        reaper = Reaper(bot)
        playing = Stage(bot, Newsroom(editors, rng, pace), reaper, rng)
        wheres: list[str] = []
        given: dict[str, str] = {}
        if "discord" in platforms:
            far_end = playing.discord = await stack.enter_async_context(discord_far_end())
            playing.discord_channels = [far_end.world.add_channel(f"news-{number}") for number in range(channels)]
            wheres += [f"discord:{channel}" for channel in playing.discord_channels]
            between = await stack.enter_async_context(tap(f"http://127.0.0.1:{far_end.port}", reaper.hear))
            given["PULLQUOTE_DISCORD_API_URL"] = far_end.api_url.replace(
                f"http://127.0.0.1:{far_end.port}", between.url
            )
        if "matrix" in platforms:
            assert homeserver is not None
            lodger = playing.matrix = await stack.enter_async_context(lodging(homeserver))
            playing.rooms = [lodger.room, *[await _room(lodger) for _ in range(channels - 1)]]
            wheres += [f"matrix:{room}" for room in playing.rooms]
            between = await stack.enter_async_context(tap(homeserver.url, reaper.hear))
            given["PULLQUOTE_MATRIX_HOMESERVER"] = between.url
        bot.settings = settings(playing.discord, playing.matrix) | given
        await stack.enter_async_context(bot)
        for site in editors:
            if isinstance(site, SampleEditor):
                _listen(site.site, reaper)
            assert site.url in await bot.command("subscribe", wheres[0], site.url)
        _follow_too(folder, wheres)
        yield playing


@contextlib.asynccontextmanager
async def at_work(folder: Path, channels: int = 3, articles: int = 2) -> AsyncIterator[Stage]:
    """A sample publication, Discord, and the bot, which has shown its first articles in all channels."""
    async with (
        sample(folder) as editor,
        stage(folder, [editor], random.Random(1), ["discord"], channels=channels) as it,
    ):
        for _ in range(articles):
            it.newsroom.publish()
        await it.bot.start()
        await it.right()
        await it.written()
        yield it


def _follow_too(folder: Path, wheres: Sequence[str]) -> None:
    """Let the other channels follow what the first one does: a process for each would take minutes."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "pullquote.db")) as database, database:
        names = [row[1] for row in database.execute("PRAGMA table_info(subscriptions)")]
        kept = ", ".join(name for name in names if name != "channel")
        database.executemany(
            f"INSERT INTO subscriptions (channel, {kept}) SELECT ?, {kept} FROM subscriptions WHERE channel = ?",
            [(where, wheres[0]) for where in wheres[1:]],
        )


def _listen(site: SampleSite, reaper: Reaper) -> None:
    site.on_request = lambda path: reaper.hear("read") if "posts" in path else None


async def _room(lodger: Lodging) -> str:
    room = await lodger.alice.create_room(invite=[lodger.bot.account.user_id])
    await lodger.bot.join(room)
    return room
