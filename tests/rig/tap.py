"""What stands between the bot and a far end and sees each request come, be carried out and be answered."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

WRITING = ("/messages", "/send/", "/redact/")
HOP = {"host", "connection", "content-length", "transfer-encoding", "keep-alive"}

Hear = Callable[[str], None]
"""Told at once: "arrived" before the far end gets it, "applied" before it is answered, "answered" when it was."""


@dataclass
class Tap:
    """Passes requests on unchanged, and tells of those that write."""

    target: str
    hear: Hear
    url: str = ""
    session: aiohttp.ClientSession | None = None

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        writes = request.method != "GET" and any(part in request.path for part in WRITING)
        hear: Hear = self.hear if writes else (lambda _: None)
        body = await request.read()
        hear("arrived")
        response = await self._pass_on(request, body)
        hear("applied")
        with contextlib.suppress(ConnectionError):  # who asked may be dead by now
            await response.prepare(request)
            await response.write_eof()
        hear("answered")
        return response

    async def _pass_on(self, request: web.BaseRequest, body: bytes) -> web.Response:
        assert self.session is not None
        try:
            async with self.session.request(
                request.method,
                self.target + request.raw_path,
                data=body or None,
                headers=_kept(request.headers),
                allow_redirects=False,
            ) as answer:
                return web.Response(status=answer.status, body=await answer.read(), headers=_kept(answer.headers))
        except aiohttp.ClientError:  # the far end is down, or going down
            return web.Response(status=502)


def _kept(headers: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in HOP}


@asynccontextmanager
async def tap(target: str, hear: Hear) -> AsyncIterator[Tap]:
    """A tap in front of `target` (scheme, host and port), on a free port of 127.0.0.1."""
    between = Tap(target, hear)
    server = web.Server(between)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    between.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with aiohttp.ClientSession(auto_decompress=False) as between.session:
        try:
            yield between
        finally:
            await runner.cleanup()
