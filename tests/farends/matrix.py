"""What stands between the bot and its homeserver on a bad day: a proxy that limits, breaks and loses answers."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web


@dataclass(frozen=True)
class Fault:
    """What becomes of one request whose path contains `path`.

    `passed_on`: whether the homeserver gets it, before anything else goes wrong. `status` 0: the connection is cut
    without an answer. `for_good`: every repeat of that very request meets it again.
    """

    status: int = 0
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    passed_on: bool = False
    path: str = "/send/"
    content_type: str = "application/json"
    for_good: bool = False


@dataclass
class Proxy:
    """Passes requests on, but for the faults that are lined up; `seen` are the methods and paths, oldest first.

    `replayed`: what a sync tells of rooms that the bot is in, the next sync tells again, as a server does that
    has lost its place; `replays` counts them.
    """

    homeserver: str
    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    seen: list[str] = field(default_factory=list)
    spoiled: dict[str, Fault] = field(default_factory=dict)
    replayed: bool = False
    replays: int = 0
    told: dict[str, Any] = field(default_factory=dict)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(f"{request.method} {request.path_qs}")
        fault = self.spoiled.get(request.raw_path)
        if fault is None and self.faults and self.faults[0].path in request.path:
            fault = self.faults.popleft()
            self.spoiled |= {request.raw_path: fault} if fault.for_good else {}
        if fault is None:
            return await self._pass_on(request)
        if fault.passed_on:
            await self._pass_on(request)
        if not fault.status:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(
            status=fault.status or 200, text=fault.body, headers=fault.headers, content_type=fault.content_type
        )

    async def _pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        body: Any = await request.read()
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, self.homeserver + request.raw_path, data=body, headers=headers) as answer,
        ):
            kept = {name: answer.headers[name] for name in ("Content-Type", "Retry-After") if name in answer.headers}
            said = await answer.read()
            if self.replayed and "/sync" in request.path:
                said = self._again(said)
            return web.Response(status=answer.status, body=said, headers=kept)

    def _again(self, said: bytes) -> bytes:
        """The answer to a sync, with what the one before it told."""
        answer = json.loads(said)
        joined = answer.get("rooms", {}).get("join", {})
        self.replays += bool(self.told)
        answer["rooms"] = {**answer.get("rooms", {}), "join": {**self.told, **joined}}
        self.told = joined
        return json.dumps(answer).encode()


@asynccontextmanager
async def proxy(homeserver: str) -> AsyncIterator[Proxy]:
    """A proxy in front of the homeserver, on a free port of 127.0.0.1."""
    between = Proxy(homeserver)
    server = web.Server(between)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    between.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield between
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)
