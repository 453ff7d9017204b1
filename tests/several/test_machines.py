"""Processes on one PostgreSQL, killed, frozen and cut off in turn: still everything once, and in order."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from pathlib import Path

import pytest

from bot.demo.site import SampleSite
from tests.adapters.discord_bench import discord_far_end
from tests.farends.discord import DiscordFarEnd, Interaction
from tests.real.postgres import Server
from tests.rig.bot import Bot, settings, until_right
from tests.rig.newsroom import Newsroom, SampleEditor
from tests.rig.verdict import Name, Verdict
from tests.several.machines import Wire, bots, holder

BLOWS = int(os.environ.get("PULLQUOTE_RIG_BLOWS", "4"))
PATIENCE = 150.0
"""Seconds until what the last blow left in doubt is settled: Discord's window, then the look."""
TAKEOVER = 35.0
"""Seconds within which another process has taken a platform over: what is promised."""
DELIVER, SERVE = "deliver discord", "serve discord"

pytestmark = pytest.mark.real


@pytest.fixture
async def discord() -> AsyncIterator[DiscordFarEnd]:
    async with discord_far_end() as far_end:
        yield far_end


@pytest.fixture
async def site() -> AsyncIterator[SampleSite]:
    async with SampleSite() as sample:
        yield sample


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with server.empty_database() as made:
        yield made


def on(url: str, discord: DiscordFarEnd) -> dict[str, str]:
    return settings(discord, None) | {"PULLQUOTE_DATABASE_URL": url}


async def follow(bot: Bot, discord: DiscordFarEnd, site: SampleSite) -> str:
    """The channel that follows the site."""
    channel = discord.world.add_channel()
    assert site.url in await bot.command("subscribe", f"discord:{channel}", site.url)
    return channel


def publish(site: SampleSite, number: int) -> None:
    SampleEditor(site).publish(f"Story 00-{number:03d}")


def stand(discord: DiscordFarEnd, channel: str, *numbers: int) -> Callable[[], Awaitable[list[str]]]:
    """What is wrong with a channel where just these should stand."""

    async def wrong() -> list[str]:
        return complaints(discord, channel, {(0, number): f"Story 00-{number:03d}" for number in numbers}, set())

    return wrong


def complaints(
    discord: DiscordFarEnd, channel: str, live: Mapping[Name, str], withdrawn: Collection[Name]
) -> list[str]:
    """What is wrong with a channel where these should stand."""
    verdict = Verdict()
    shown = [json.dumps(message, ensure_ascii=False) for message in discord.messages(channel)]
    verdict.judge("discord", shown, live, withdrawn)
    return verdict.complaints


async def test_three_processes_killed_and_frozen_in_turn_show_everything_once_and_in_order(
    tmp_path: Path, url: str, discord: DiscordFarEnd, site: SampleSite
) -> None:
    rng = random.Random(os.environ.get("PULLQUOTE_RIG_SEED", "7"))
    async with bots(tmp_path, [on(url, discord)] * 3) as three:
        channel = await follow(three[0], discord, site)
        room = Newsroom([SampleEditor(site)], rng, pace=2.8)
        for bot in three:
            await bot.start()
            await bot.running()
        work = asyncio.create_task(room.work())
        try:
            for blow in range(BLOWS):
                struck = await holder(three, DELIVER)
                await asyncio.sleep(rng.uniform(1.0, 5.0))
                if blow % 2:
                    struck.freeze()
                    await asyncio.sleep(rng.choice([3.0, 9.0, 18.0, 40.0]))
                    struck.thaw()
                else:
                    await struck.kill()
                    await asyncio.sleep(rng.uniform(0.0, 3.0))
                    await struck.start()
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work

        async def wrong() -> list[str]:
            return complaints(discord, channel, room.live, room.withdrawn)

        await until_right(wrong, PATIENCE)
        for bot in three:
            assert await bot.stop() == 0
        assert not await wrong()
        assert discord.world.violations == []


@pytest.mark.parametrize("how", ["killed", "frozen", "cut off"])
async def test_another_process_takes_over_and_answers_commands_once(
    tmp_path: Path,
    server: Server,
    url: str,
    discord: DiscordFarEnd,
    site: SampleSite,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers: list[str] = []
    respond = Interaction.respond

    def count(self: Interaction, body: dict[str, object]) -> None:
        answers.append(self.id)
        respond(self, body)

    monkeypatch.setattr(Interaction, "respond", count)
    (tmp_path / "wire").mkdir()
    async with (
        Wire(tmp_path / "wire", server.home) as wire,
        bots(tmp_path, [on(wire.url(url), discord), on(url, discord)]) as (first, second),
    ):
        channel = await follow(second, discord, site)
        await first.start()
        assert await holder([first, second], DELIVER) is first
        await second.start()
        await second.running()
        publish(site, 1)
        await until_right(stand(discord, channel, 1), TAKEOVER)
        await discord.gateway.until(lambda: len(discord.gateway.sessions) == 1, TAKEOVER)
        if how == "killed":
            await first.kill()
        elif how == "frozen":
            first.freeze()
        else:
            wire.cut()
        publish(site, 2)
        await until_right(stand(discord, channel, 1, 2), TAKEOVER)
        await discord.gateway.until(lambda: len(discord.gateway.sessions) == 2, TAKEOVER)
        asked = await discord.people.command("subscriptions", channel)
        await asked.answer(10)
        if how != "killed":
            first.thaw()
            wire.mend()
        publish(site, 3)
        await until_right(stand(discord, channel, 1, 2, 3), PATIENCE)
        again = await discord.people.command("subscriptions", channel)
        await again.answer(10)
        assert answers == [asked.id, again.id]
        assert discord.world.violations == []


async def test_what_one_process_only_reads_another_only_delivers_and_a_third_only_serves(
    tmp_path: Path, url: str, discord: DiscordFarEnd, site: SampleSite
) -> None:
    async with bots(tmp_path, [on(url, discord)] * 3) as three:
        channel = await follow(three[0], discord, site)
        for bot, role in zip(three, ("poll", "deliver", "serve"), strict=True):
            await bot.start("--only", role)
        publish(site, 1)
        await until_right(stand(discord, channel, 1), TAKEOVER)
        await discord.gateway.until(lambda: len(discord.gateway.sessions) == 1, TAKEOVER)
        asked = await discord.people.command("subscriptions", channel)
        assert "Sample" in json.dumps(await asked.answer(10)) or site.url in json.dumps(asked.final)
        assert await holder(three, DELIVER) is three[1]
        assert await holder(three, SERVE) is three[2]
        for bot in three:
            assert await bot.stop() == 0
