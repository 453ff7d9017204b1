"""The bot's ear on loopback, with a table behind it and a clock turned by hand; and a site with a hub."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from bot.app import Drawer
from bot.config import Settings
from bot.fetch import Fetcher
from bot.model import Channel, Site, Subscription
from bot.ports import Changes
from bot.store import Door, Store, open_store
from bot.web import Web
from bot.web.websub import Watch
from tests.wishes import subscribe

HERE = Channel("console", "here")
LEASE = timedelta(minutes=5)


class Clock:
    """Time as a test turns it; who sleeps wakes when it has come."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
        self._sleeping: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        waking: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self.moment + timedelta(seconds=seconds), waking))
        await waking

    def turn(self, by: timedelta) -> None:
        self.moment += by
        for until, waking in self._sleeping:
            if until <= self.moment and not waking.done():
                waking.set_result(None)


class House:
    """One start of the bot's ear on the database in `folder`; as a context it listens."""

    def __init__(self, folder: Path, clock: Clock | None = None, **settings: str) -> None:
        self.clock = clock or Clock()
        self.store: Store = open_store(f"sqlite:///{folder / 'pullquote.db'}")
        self.door, self.bell = Door(), asyncio.Event()
        self.fetcher = Fetcher(allow_private=True, timeout=5, tries=1)
        chosen = {"public_url": "https://bot.example/pullquote", "listen": "127.0.0.1:0", **settings}
        keep = Drawer(self.store, self.door, "websub")
        self.web = Web(
            Settings(_env_file=None, **chosen),  # type: ignore[call-arg, arg-type]  # pydantic's own argument
            self.store,
            self.door,
            self.clock,
            keep,
            self.fetcher,
            lambda _endpoint: self.bell.set(),
        )
        self.web.websub.run = asyncio.Event().wait  # type: ignore[method-assign, assignment]  # tests tend by hand
        self.client = aiohttp.ClientSession()

    async def __aenter__(self) -> Self:
        await self.web.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.web.stop()
        await self.client.close()
        await self.fetcher.close()
        self.store.close()
        self.door.close()

    def at(self, path: str) -> str:
        host, port = self.web.address
        return f"http://{host}:{port}/pullquote{path}"

    def follow(self, url: str = "https://ledger.example/", name: str = "The Ledger") -> int:
        """Follow a site, and look at it: it is due no more."""
        site = self.store.add_site(Site(url, name, f"{url}wp-json/", cursor="0"), self.clock.now())
        assert site.id is not None
        subscribe(self.store, Subscription(HERE, site.id), self.clock.now())
        self.look()
        return site.id

    def look(self) -> list[int]:
        """Look at what is due: which sites that was."""
        turns = self.store.claim_sites(self.clock.now(), 100, LEASE)
        for turn in turns:
            later = self.clock.now() + timedelta(days=300)
            self.store.want(turn, Changes(turn.site.cursor), {}, self.clock.now(), later)
        return [turn.site.id or 0 for turn in turns]

    async def asked(self) -> list[int]:
        """Which sites are due once the bell rings."""
        await asyncio.wait_for(self.bell.wait(), 5)
        self.bell.clear()
        return self.look()

    def watch(self, site_id: int) -> Watch | None:
        return self.web.websub._watches.get(site_id)


@dataclass
class Hub:
    """A site whose feed names a hub, and the hub, on one server; it verifies before it answers, as hubs may."""

    house: House
    url: str = ""
    headers: bool = False
    lease: str = "864000"
    forms: list[dict[str, str]] = field(default_factory=list)
    verified: list[tuple[int, str]] = field(default_factory=list)
    silent: bool = False
    named: str = "/hub"
    feeds: int = 0

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/", self._feed)
        app.router.add_post("/hub", self._subscribe)
        app.router.add_post("/other-hub", self._subscribe)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def topic(self) -> str:
        return f"{self.url}feed/"

    async def _feed(self, request: web.Request) -> web.Response:
        self.feeds += 1
        hub, named = f"{self.url}{self.named[1:]}", bool(self.named)
        links = f'<atom:link rel="self" href="{self.topic}"/><atom:link rel="hub" href="{hub}"/>'
        response = web.Response(
            text='<?xml version="1.0"?><rss xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>A</title>'
            f"{links if named and not self.headers else ''}<item><title>B</title></item></channel></rss>",
            content_type="application/rss+xml",
        )
        if self.headers and named:
            response.headers.add("Link", f'<{hub}>; rel="hub", <{self.topic}>; rel=self')
        return response

    async def _subscribe(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        if not self.silent:
            await self.verify(form)
        return web.Response(status=202)

    async def verify(self, form: dict[str, str], **changed: str) -> tuple[int, str]:
        query = {"hub.mode": form["hub.mode"], "hub.topic": form["hub.topic"], "hub.challenge": "Is it you? <b>"}
        query |= {"hub.lease_seconds": self.lease} | {f"hub.{name}": value for name, value in changed.items()}
        async with self.house.client.get(self.callback(form), params=query) as answer:
            self.verified.append((answer.status, await answer.text()))
            return self.verified[-1]

    async def tell(
        self, form: dict[str, str], body: bytes = b"<rss/>", method: str = "sha256", signature: str | None = None
    ) -> int:
        """Send what changed, signed as agreed unless `signature` says otherwise: the answer's status."""
        digest = hmac.new(form["hub.secret"].encode(), body, getattr(hashlib, method)).hexdigest()
        sent = {"X-Hub-Signature": f"{method}={digest}" if signature is None else signature}
        async with self.house.client.post(self.callback(form), data=io.BytesIO(body), headers=sent) as answer:
            return answer.status

    def callback(self, form: dict[str, str]) -> str:
        assert form["hub.callback"].startswith("https://bot.example/pullquote/websub/")
        return self.house.at(form["hub.callback"].removeprefix("https://bot.example/pullquote"))
