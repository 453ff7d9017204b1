"""The whole process, told by a sample publication: the card stands though nothing is due for a day."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import xmlrpc.client
from pathlib import Path

import aiohttp
import pytest

from bot.app import App, parts
from bot.config import Settings
from bot.demo.site import SampleSite
from bot.model import Channel, Subscription
from tests.rig.bot import Bot
from tests.wishes import subscribe


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_ping_brings_the_card_of_what_was_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listen = f"127.0.0.1:{free_port()}"
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]  # pydantic's own argument
        data_dir=tmp_path,
        poll_interval=86400,
        allow_private_networks=True,
        public_url=f"http://{listen}/pullquote",
        listen=listen,
    )
    async with SampleSite(name="The Harbour Ledger") as site, parts(settings) as opened:
        known = await opened.door(opened.store.add_site, await opened.source.discover(site.url), opened.clock.now())
        assert known.id is not None
        wish = Subscription(Channel("console", "here"), known.id)
        await opened.door(subscribe, opened.store, wish, opened.clock.now())
        app = App(opened)
        running = asyncio.create_task(app.run())
        async with asyncio.timeout(20), aiohttp.ClientSession() as client:
            while not (await opened.door(opened.store.health))[0].read_at:
                await asyncio.sleep(0.02)
            site.publish({"title": {"rendered": "Told at once"}, "content": {"rendered": "<p>Words.</p>"}})
            ping = xmlrpc.client.dumps((site.name, f"{site.url}/"), "weblogUpdates.ping")
            async with client.post(f"{settings.public_url}/ping", data=ping) as answer:
                assert "<boolean>0</boolean>" in await answer.text()
            printed = ""
            while "Told at once" not in printed:
                await asyncio.sleep(0.02)
                printed += capsys.readouterr().out
            app.stop()
            await running
            with pytest.raises(aiohttp.ClientConnectorError):
                await client.get(f"{settings.public_url}/health")


def test_a_port_that_is_taken_ends_the_start_with_a_word_on_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        bot = Bot(tmp_path, {"PULLQUOTE_PUBLIC_URL": "https://bot.example", "PULLQUOTE_LISTEN": listen})
        ended = subprocess.run(
            [sys.executable, "-m", "bot", "run"], env=bot.environment, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 2
    assert f"PULLQUOTE_LISTEN: {listen}" in ended.stderr
    assert "Traceback" not in ended.stderr
