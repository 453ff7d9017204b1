"""`pullquote demo`: the real poller, store, dispatcher and console on a sample publication served on loopback."""

from __future__ import annotations

import asyncio
import html
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot import logs
from bot.app import App
from bot.config import Settings
from bot.demo.site import SampleSite
from bot.model import Channel
from bot.parts import Parts, parts
from bot.ports import Asked
from bot.sources import document
from bot.words import _, spoken

SEEDS = Path(__file__).parents[2] / "seeds"
CHANNEL = Channel("console", "demo")
PACE = 2.5
"""Seconds between two things that happen, for people to follow."""


async def run(*, once: bool, speed: float) -> None:
    """The whole story; `once`: one post that is published, corrected and withdrawn, and one that stays."""
    posts = [document.load(file.read_bytes()).post for file in sorted(SEEDS.glob("*.json"))]
    logs.configure("warning", "text")
    with tempfile.TemporaryDirectory(prefix="pullquote-demo-") as folder:
        async with SampleSite(name="The Harbour Ledger") as site, parts(_settings(Path(folder))) as opened:
            _say(
                _("A sample publication is served at {url}; the bot polls it, and this terminal subscribes.\n").format(
                    url=site.url
                )
            )
            await opened.commands()["subscribe"].run(Asked(CHANNEL, manages=True), {"site": site.url})
            app = App(opened, platforms={CHANNEL.platform})
            bot = asyncio.create_task(app.run())
            story = asyncio.create_task(_story(site, posts[:2] if once else posts, opened, PACE / speed))
            await asyncio.wait([bot, story], return_when=asyncio.FIRST_COMPLETED)
            app.stop()
            await bot
            await story
    _say(
        _(
            "That was Pullquote: every card in the post's own words, once, corrected and withdrawn with it.\n"
            "To go on with real accounts: `cp -n .env.example .env`, set Discord's token or Matrix's account there\n"
            '(README, "Set up"), then `pullquote subscribe discord:CHANNEL_ID https://a-site.example` and `make run`.'
        )
    )


async def _story(site: SampleSite, posts: list[dict[str, Any]], opened: Parts, pace: float) -> None:
    published = []
    for post in posts:
        _say(_("· The site publishes “{title}”").format(title=_title(post)))
        published.append(site.publish(post))
        await _shown(opened, pace)
        if len(published) == min(3, len(posts)):
            await _correct(site, published[0])
            await _shown(opened, pace)
    _say(_("· The site withdraws “{title}”").format(title=_title(posts[-2])))
    site.trash(published[-2])
    await _shown(opened, pace)


async def _correct(site: SampleSite, post_id: int) -> None:
    title = _title(site.entries[post_id].post)
    _say(_("· The site corrects “{title}”").format(title=title))
    site.edit(post_id, title=html.escape(_("{title} (corrected)").format(title=title)))


async def _shown(opened: Parts, pace: float) -> None:
    """Wait until the site was read twice (the first look may have begun before) and nothing is due; then for people."""
    began = asyncio.get_running_loop().time()
    looks: set[object] = set()
    async with asyncio.timeout(30):
        while len(looks) < 3 or (await opened.door(opened.store.next_due, CHANNEL.platform)) is not None:
            [health] = await opened.door(opened.store.health)
            looks.add(health.read_at)
            await asyncio.sleep(0.05)
    await asyncio.sleep(max(0.0, began + pace - asyncio.get_running_loop().time()))


def _settings(folder: Path) -> Settings:
    """Of the environment's nothing but the language: a demo must not speak with anybody's real accounts."""
    values = {"data_dir": folder, "database_url": "", "poll_interval": 0.4, "allow_private_networks": True}
    return Settings.model_validate({**values, "language": spoken()})


def _title(post: Mapping[str, Any]) -> str:
    return document.article(post).title


def _say(text: str) -> None:
    print(text, flush=True)
