"""A newcomer's first minutes, as docs/first-minutes.md tells them, with the real process on each platform."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.discord.markdown import unescape
from bot.demo.site import SampleSite
from tests.adapters.discord_bench import discord_far_end
from tests.farends.discord import Interaction
from tests.first_minutes import Line, Stage, conversation
from tests.real.matrix import homeserver, lodging
from tests.rig.bot import Bot, settings

DOCUMENT = Path(__file__).parents[1] / "docs" / "first-minutes.md"
FERRY = "<p>At ten past six on Monday morning the ferry cast off from the island for the last time.</p>"


@pytest.fixture
async def site() -> AsyncIterator[SampleSite]:
    async with SampleSite(name="The Harbour Ledger") as opened:
        opened.publish({"title": {"rendered": "The last ferry leaves"}, "content": {"rendered": FERRY}})
        yield opened


def differing(heard: list[tuple[Line, str]]) -> list[tuple[str, str]]:
    return [(line.text, said) for line, said in heard if line.text != said]


async def running(bot: Bot, *, listening: str) -> None:
    await bot.start()
    async with asyncio.timeout(30):
        while listening not in (bot.folder / "log").read_text():
            await asyncio.sleep(0.1)


async def test_the_first_minutes_on_discord(tmp_path: Path, site: SampleSite) -> None:
    async with discord_far_end() as discord, Bot(tmp_path, settings(discord, None)) as bot:
        channel = discord.world.add_channel()
        answered: list[Interaction] = []

        async def told(interaction: Interaction) -> str:
            answered.append(interaction)
            return shown(await interaction.answer(15))

        async def say(text: str) -> str:
            name, *rest = text.removeprefix("/").split(" ", 1)
            options = dict(re.findall(r"(\w+):(\S+)", rest[0])) if rest else {}
            return await told(await discord.people.command(name, channel, **options))

        async def press(label: str) -> str:
            pressed = await discord.people.press(answered[-1], label)
            await pressed.answer(15)
            return shown(pressed.followups[-1] if pressed.followups else await pressed.answer())

        async def posted() -> str:
            async with asyncio.timeout(20):
                while not discord.messages(channel):
                    await asyncio.sleep(0.1)
            return shown(discord.messages(channel)[-1])

        await bot.start()
        await discord.gateway.until(lambda: bool(discord.gateway.sessions), 30)
        heard = await Stage(site, say, press, posted).hold(conversation(DOCUMENT, "discord"))
    assert differing(heard) == []


def shown(message: dict[str, object]) -> str:
    """A message of Discord's as people read it."""
    embeds, rows = message.get("embeds") or [], message.get("components") or []
    assert isinstance(embeds, list)
    assert isinstance(rows, list)
    lines = [unescape(str(message.get("content") or "")).replace("<", "").replace(">", "")]
    lines += [f"[{unescape(embed.get('title', ''))}] {unescape(embed.get('description', ''))}" for embed in embeds]
    lines += [" ".join(f"({button['label']})" for button in row["components"]) for row in rows]
    return "\n".join(lines)


@pytest.mark.real
async def test_the_first_minutes_in_a_matrix_room(tmp_path: Path, site: SampleSite) -> None:
    async with lodging(homeserver()) as matrix, Bot(tmp_path, settings(None, matrix)) as bot:
        count = 0

        async def newest() -> str:
            nonlocal count
            count += 1
            return str((await matrix.alice.hears(matrix.room, count, matrix.bot.account.user_id))[-1]["body"])

        async def say(text: str) -> str:
            await matrix.alice.say(matrix.room, text)
            return await newest()

        await running(bot, listening="matrix listens")
        heard = await Stage(site, say, say, newest).hold(conversation(DOCUMENT, "matrix"))
    assert differing(heard) == []
