"""Seconds from publish to card where a real WordPress pings: `python -m benchmarks.pinged`.

The bot looks at the site every five minutes and has just done so; WordPress's cron, which sends the ping, runs as soon
as the post stands.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bot.web.early import APART
from tests.real import wordpress
from tests.real.test_pings import OPENED
from tests.rig.bot import Bot

KIND = wordpress.KINDS[0]
POSTS = 8


async def seconds(site: wordpress.WordPress, log: Path, title: str) -> float:
    """From the end of publishing to the card; asked for soon after another look, the bot would wait."""
    await asyncio.sleep(APART)
    await asyncio.to_thread(site.publish, title)
    begun = time.perf_counter()
    cron = asyncio.create_task(asyncio.to_thread(site.cron))
    async with asyncio.timeout(30):
        while title not in log.read_text("utf-8", "replace"):  # noqa: ASYNC110, ASYNC240 - another process writes it
            await asyncio.sleep(0.005)
    took = time.perf_counter() - begun
    await cron
    return took


async def main() -> None:
    """Publish some posts, and print how long their cards took."""
    if why := wordpress.missing(KIND):
        print(f"skipped: {why}")
        return
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        (folder / "wp").mkdir()
        with wordpress.running(KIND, folder / "wp") as site:
            port = wordpress._free_port()
            (site.root / "wp-content/mu-plugins/opened.php").write_text(OPENED % port)
            settings = {
                "PULLQUOTE_ALLOW_PRIVATE_NETWORKS": "true",
                "PULLQUOTE_POLL_INTERVAL": "300",
                "PULLQUOTE_PUBLIC_URL": f"http://127.0.0.1:{port}",
                "PULLQUOTE_LISTEN": f"127.0.0.1:{port}",
                "PYTHONUNBUFFERED": "1",
            }
            async with Bot(folder, settings) as bot:
                await bot.command("subscribe", "console:news", site.url)
                await bot.start()
                while "read not yet" in await bot.command("sites"):  # noqa: ASYNC110 - another process reads
                    await asyncio.sleep(0.2)
                await asyncio.to_thread(site.php, f"update_option('ping_sites', 'http://127.0.0.1:{port}/ping');")
                took = [await seconds(site, folder / "log", f"Pinged {number}") for number in range(POSTS)]
                await bot.stop()
    print(f"publish to card by ping, {POSTS} posts: median {statistics.median(took):.2f} s, worst {max(took):.2f} s")


if __name__ == "__main__":
    asyncio.run(main())
