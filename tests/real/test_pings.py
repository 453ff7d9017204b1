"""A real WordPress tells the real process that it has published: by its own ping, from its own cron."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from tests.real import wordpress
from tests.real.wordpress import KINDS, Kind, WordPress
from tests.rig.bot import Bot

pytestmark = pytest.mark.real


OPENED = """<?php
// What WordPress holds against a bot on this machine: its address, its port, and that this is no site in production.
add_filter('http_request_host_is_external', '__return_true');
add_filter('http_allowed_safe_ports', function ($ports) { return [...$ports, %d]; });
add_filter('wp_should_disable_pings_for_environment', '__return_false');
"""


@dataclass
class Desk:
    """A WordPress, and a bot that looks at it every five minutes and has just done so."""

    wp: WordPress
    bot: Bot
    url: str

    def printed(self) -> str:
        return (self.bot.folder / "log").read_text("utf-8", "replace")

    async def shows(self, text: str, patience: float = 20) -> float:
        """The seconds until the bot has printed this."""
        begun = time.monotonic()
        while text not in self.printed():
            assert time.monotonic() - begun < patience, self.printed()
            await asyncio.sleep(0.01)
        return time.monotonic() - begun


@pytest.fixture(params=KINDS, ids=str)
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    kind: Kind = request.param
    if why := wordpress.missing(kind):
        (pytest.fail if os.environ.get("PULLQUOTE_REQUIRE_REAL") == "1" else pytest.skip)(why)
    async with AsyncExitStack() as stack:
        (tmp_path / "wp").mkdir()
        wp = stack.enter_context(wordpress.running(kind, tmp_path / "wp"))
        port = wordpress._free_port()
        (wp.root / "wp-content/mu-plugins/opened.php").write_text(OPENED % port)
        listen = f"127.0.0.1:{port}"
        settings = {
            "PULLQUOTE_ALLOW_PRIVATE_NETWORKS": "true",
            "PULLQUOTE_POLL_INTERVAL": "300",
            "PULLQUOTE_PUBLIC_URL": f"http://{listen}/pullquote",
            "PULLQUOTE_LISTEN": listen,
            "PULLQUOTE_LOG_LEVEL": "debug",
            "PYTHONUNBUFFERED": "1",
        }
        bot = await stack.enter_async_context(Bot(tmp_path, settings))
        await bot.command("subscribe", "console:news", wp.url)
        await bot.start()
        desk = Desk(wp, bot, f"http://{listen}/pullquote")
        await desk.shows("running")
        async with asyncio.timeout(20):
            while "read not yet" in await bot.command("sites"):
                await asyncio.sleep(0.2)
        await asyncio.to_thread(wp.php, f"update_option('ping_sites', '{desk.url}/ping');")
        yield desk
        assert await bot.stop() == 0


async def test_a_card_stands_as_soon_as_wordpress_pings(desk: Desk) -> None:
    async with aiohttp.ClientSession() as client, client.get(f"{desk.url}/health") as answer:
        assert await answer.text() == "ok"
    begun = time.monotonic()
    await asyncio.to_thread(desk.wp.publish, "Told at once")
    published = time.monotonic()
    assert "Told at once" not in desk.printed()
    cron = asyncio.create_task(asyncio.to_thread(desk.wp.cron))
    await desk.shows("a ping")
    pinged = time.monotonic()
    await desk.shows("Told at once")
    shown = time.monotonic()
    await cron
    print(f"publishing took {published - begun:.2f} s; cron until it pinged {pinged - published:.2f} s;")
    print(f"from the ping to the card {shown - pinged:.2f} s, from publishing {shown - published:.2f} s")
    assert desk.printed().count("Told at once") == 1


async def test_several_posts_in_a_row_are_all_told(desk: Desk) -> None:
    begun = time.monotonic()
    for number in range(3):
        await asyncio.to_thread(desk.wp.publish, f"Story {number}")
        await asyncio.to_thread(desk.wp.cron)
    for number in range(3):
        await desk.shows(f"Story {number}")
    print(f"three posts stood {time.monotonic() - begun:.2f} s after the first was begun")
