"""The whole program, restored from a copy that is older than what it posted, or moved: nothing is said twice."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.demo.site import SampleSite
from tests.adapters.discord_bench import discord_far_end
from tests.farends.discord import DiscordFarEnd
from tests.real.postgres import Server
from tests.rig.bot import Bot, settings, until_right
from tests.rig.verdict import Verdict

PATIENCE = 150.0
"""Seconds until what is in doubt is settled: Discord's window, then the look."""

BODY = "<p>The council met on Monday and decided what it had put off since the autumn, story by story.</p>"


@dataclass
class Deployment:
    """A site, a bot and the channel it posts in; `live` is what should stand."""

    site: SampleSite
    discord: DiscordFarEnd
    bot: Bot
    channel: str
    live: dict[int, str] = field(default_factory=dict)
    posts: dict[int, int] = field(default_factory=dict)

    def publish(self, *numbers: int) -> None:
        for number in numbers:
            self.live[number] = f"Story 00-{number:03d}"
            post = {"title": {"rendered": self.live[number]}, "content": {"rendered": BODY}}
            self.posts[number] = self.site.publish(post)

    def edit(self, number: int, title: str) -> None:
        self.live[number] = f"Story 00-{number:03d}, {title}"
        self.site.edit(self.posts[number], title=self.live[number])

    async def wrong(self) -> list[str]:
        """What differs between the channel and the site."""
        shown = [json.dumps(message, ensure_ascii=False) for message in self.discord.messages(self.channel)]
        verdict = Verdict()
        verdict.judge(self.channel, shown, {(0, number): title for number, title in self.live.items()}, ())
        return verdict.complaints

    def restore(self, copy: Path) -> None:
        """As README says."""
        data = self.bot.folder / "data"
        for ending in ("-wal", "-shm"):
            (data / f"pullquote.db{ending}").unlink(missing_ok=True)
        shutil.copy(copy, data / "pullquote.db")


@pytest.fixture
async def deployment(tmp_path: Path) -> AsyncIterator[Deployment]:
    async with SampleSite() as site, discord_far_end() as discord, Bot(tmp_path, settings(discord, None)) as bot:
        channel = discord.world.add_channel()
        await bot.command("subscribe", f"discord:{channel}", site.url)
        await bot.start()
        yield Deployment(site, discord, bot, channel)
        assert discord.world.violations == []


@pytest.mark.parametrize("killed", [False, True])
async def test_what_was_posted_after_a_backup_is_not_posted_again_after_a_restore(
    deployment: Deployment, tmp_path: Path, killed: bool
) -> None:
    here, copy = deployment, tmp_path / "copy.db"
    here.publish(1, 2)
    await until_right(here.wrong, PATIENCE)
    backing = asyncio.create_task(here.bot.command("backup", str(copy)))
    here.publish(3)
    assert "checked" in await backing
    here.publish(4, 5)
    here.edit(1, "corrected since")
    await until_right(here.wrong, PATIENCE)
    here.discord.world.nonces.clear()  # as if hours had passed: Discord recognises no key any more
    if killed:
        await here.bot.kill()
    else:
        assert await here.bot.stop() == 0
    here.edit(4, "corrected while the bot was down")
    here.publish(6)
    here.restore(copy)
    await here.bot.start()
    await until_right(here.wrong, PATIENCE)
    here.publish(7)
    here.edit(5, "corrected after the restore")
    await until_right(here.wrong, PATIENCE)
    assert await here.bot.stop() == 0
    assert "restored from a copy" in (tmp_path / "log").read_text()


@pytest.mark.real
async def test_a_bot_that_moved_to_postgresql_goes_on_where_it_was(
    deployment: Deployment, tmp_path: Path, server: Server
) -> None:
    here = deployment
    here.publish(1, 2)
    await until_right(here.wrong, PATIENCE)
    here.publish(3)
    await here.bot.kill()
    here.edit(1, "corrected meanwhile")
    here.publish(4)
    here.discord.world.nonces.clear()
    with server.empty_database() as database:
        assert "PULLQUOTE_DATABASE_URL" in await here.bot.command("move", database)
        here.bot.settings = {**here.bot.settings, "PULLQUOTE_DATABASE_URL": database}
        await here.bot.start()
        await until_right(here.wrong, PATIENCE)
        here.publish(5)
        here.edit(2, "corrected after the move")
        await until_right(here.wrong, PATIENCE)
        assert await here.bot.stop() == 0
        assert "agree" in await here.bot.command("audit", "--look")
