"""The whole program, killed with kill -9 at scattered moments and started again: each card stands exactly once."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from bot.demo.site import SampleSite
from tests.adapters.discord_bench import discord_far_end
from tests.real import wordpress
from tests.real.matrix import homeserver, lodging
from tests.rig.bot import Bot, complaints, settings, until_right

KILLS = int(os.environ.get("PULLQUOTE_RIG_KILLS", "6"))
PATIENCE = 150.0
"""Seconds until what the last kill left in doubt is settled: Discord's window, then the look."""

MOST = 29
"""Posts; of more in ten minutes a channel is shown the newest alone."""

BODY = "<p>The council met on Monday and decided what it had put off since the autumn, story by story.</p>"


class Editor(Protocol):
    """What an editor can do at a site; each call blocks until the site has done it."""

    url: str

    def publish(self, title: str) -> int: ...
    def edit(self, post_id: int, title: str) -> None: ...
    def trash(self, post_id: int) -> None: ...


@dataclass
class Newsroom:
    """Publishes, corrects and withdraws at random, and remembers what should stand."""

    editor: Editor
    rng: random.Random
    live: dict[int, str] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    posts: dict[int, int] = field(default_factory=dict)
    pause: float = 1.0
    """How many times slower than once in 0.7 seconds it works."""

    async def work(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(self.rng.uniform(0.2, 1.2) * self.pause)
            await asyncio.shield(asyncio.to_thread(self._act))

    def _act(self) -> None:
        luck = self.rng.random()
        if len(self.posts) < MOST and (luck < 0.6 or len(self.live) < 2):
            number = len(self.posts) + 1
            self.live[number] = f"Story {number:03d}"
            self.posts[number] = self.editor.publish(self.live[number])
            return
        if not self.live:
            return
        number = self.rng.choice(sorted(self.live))
        if luck < 0.85:
            self.live[number] = f"Story {number:03d}, version {self.rng.randint(2, 999)}"
            self.editor.edit(self.posts[number], self.live[number])
        else:
            del self.live[number]
            self.withdrawn.add(number)
            self.editor.trash(self.posts[number])


class SampleEditor:
    def __init__(self, site: SampleSite) -> None:
        self._site, self.url = site, site.url

    def publish(self, title: str) -> int:
        return self._site.publish({"title": {"rendered": title}, "content": {"rendered": BODY}})

    def edit(self, post_id: int, title: str) -> None:
        self._site.edit(post_id, title=title)

    def trash(self, post_id: int) -> None:
        self._site.trash(post_id)


class WordPressEditor:
    def __init__(self, site: wordpress.WordPress) -> None:
        self._site, self.url = site, site.url

    def publish(self, title: str) -> int:
        return self._site.publish(title, BODY)

    def edit(self, post_id: int, title: str) -> None:
        self._site.edit(post_id, title=title)

    def trash(self, post_id: int) -> None:
        self._site.trash(post_id)


@contextlib.asynccontextmanager
async def sample(_folder: Path) -> AsyncIterator[Editor]:
    async with SampleSite() as site:
        yield SampleEditor(site)


@contextlib.asynccontextmanager
async def real(folder: Path) -> AsyncIterator[Editor]:
    kind = wordpress.KINDS[0]
    if why := wordpress.missing(kind):
        (pytest.fail if os.environ.get("PULLQUOTE_REQUIRE_REAL") == "1" else pytest.skip)(why)
    home = folder / "site"
    home.mkdir()
    with wordpress.running(kind, home) as site:
        yield WordPressEditor(site)


@pytest.mark.parametrize("place", [sample, pytest.param(real, marks=pytest.mark.real)])
async def test_killed_at_scattered_moments_each_card_stands_once_in_its_newest_state(
    tmp_path: Path, place: Callable[[Path], contextlib.AbstractAsyncContextManager[Editor]]
) -> None:
    rng = random.Random(os.environ.get("PULLQUOTE_RIG_SEED", "7"))
    async with (
        place(tmp_path) as editor,
        discord_far_end() as discord,
        lodging(homeserver()) as matrix,
        Bot(tmp_path, settings(discord, matrix)) as bot,
    ):
        channel = discord.world.add_channel()
        for where in (f"discord:{channel}", f"matrix:{matrix.room}"):
            assert editor.url in await bot.command("subscribe", where, editor.url)
        room = Newsroom(editor, rng)
        await _live_and_die(bot, room, rng)

        async def wrong() -> list[str]:
            in_discord = [json.dumps(message, ensure_ascii=False) for message in discord.messages(channel)]
            in_matrix = [content["body"] for content in await matrix.standing()]
            return [f"discord: {one}" for one in complaints(in_discord, room.live, room.withdrawn)] + [
                f"matrix: {one}" for one in complaints(in_matrix, room.live, room.withdrawn)
            ]

        await until_right(wrong, PATIENCE)
        assert await bot.stop() == 0
        assert not await wrong()
        assert discord.world.violations == []


async def _live_and_die(bot: Bot, room: Newsroom, rng: random.Random) -> None:
    work = asyncio.create_task(room.work())
    try:
        for _ in range(KILLS):
            await bot.start()
            await asyncio.sleep(rng.uniform(1.0, 5.0))
            await bot.kill()
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
    await bot.start()


def test_two_runs_on_one_data_folder_are_refused(tmp_path: Path) -> None:
    from bot.store import hold_alone

    bot = Bot(tmp_path, {})
    with hold_alone(f"sqlite:///{tmp_path / 'data' / 'pullquote.db'}"):
        second = subprocess.run(
            [sys.executable, "-m", "bot", "run"], env=bot.environment, capture_output=True, text=True, check=False
        )
    assert second.returncode == 2
    assert "Another" in second.stderr
