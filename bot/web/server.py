"""The small HTTP server behind the public URL: pings, hubs, health."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.config import Settings
from bot.errors import SettingsError, StoreError
from bot.fetch import Fetcher
from bot.ports import Clock, Keep
from bot.store import Door, Store
from bot.web.early import Early
from bot.web.pings import Pings
from bot.web.websub import WebSub
from bot.words import choose, speaking

_SILENT = logging.Logger("silent", logging.CRITICAL + 1)
"""aiohttp writes a traceback for all that is no HTTP: any stranger could fill a disk with it."""

log = structlog.get_logger()


class Web:
    """Listens from `start` to `stop`.

    Nothing that comes in changes more than when sites are due; `on_due` hears the endpoint of each that is now.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        door: Door,
        clock: Clock,
        keep: Keep,
        fetcher: Fetcher,
        on_due: Callable[[str], None],
    ) -> None:
        self._settings, self._language = settings, choose(settings.language)
        self._early = Early(store, door, clock, on_due)
        self.websub = WebSub(settings.public_url, store, door, clock, keep, fetcher, self._early.look)
        pings = Pings(settings.public_url, store, door, clock, self._early.look)
        self._app = web.Application(middlewares=[self._guarded])
        self._app.on_response_prepare.append(_dress)
        below = urlsplit(settings.public_url).path
        self._app.add_routes(
            [
                web.get(f"{below}/health", _health),
                web.get(f"{below}/ping", pings.explain),
                web.post(f"{below}/ping", pings.hear),
                web.get(f"{below}/websub/{{id}}", self.websub.verify),
                web.post(f"{below}/websub/{{id}}", self.websub.hear),
            ]
        )
        self._runner = web.AppRunner(
            self._app, access_log=None, logger=_SILENT, auto_decompress=False, shutdown_timeout=2.0
        )
        self._tending: asyncio.Task[None] | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, once started."""
        host, port = self._runner.addresses[0][:2]
        return host, port

    async def start(self) -> None:
        """Listen; SettingsError where that cannot be."""
        await self.websub.load()
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, *self._settings.listen_at).start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f"PULLQUOTE_LISTEN: {self._settings.listen} cannot be listened at ({error.strerror or error}). Is it"
                " another program's? Choose a free port, or leave PULLQUOTE_PUBLIC_URL empty."
            ) from None
        self._tending = asyncio.create_task(self.websub.run())
        log.info("told of publishing", at=":".join(map(str, self.address)), pings=f"{self._settings.public_url}/ping")

    async def stop(self) -> None:
        """Listen no more."""
        if self._tending is not None:
            self._tending.cancel()
            await asyncio.gather(self._tending, return_exceptions=True)
        await self._runner.cleanup()
        await self._early.stop()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        with speaking(self._language):
            try:
                return await handler(request)
            except StoreError as error:
                log.error("a request was not heard", error=str(error))
                raise web.HTTPServiceUnavailable(headers={"Retry-After": "60"}) from error
            except web.HTTPException:
                raise
            except Exception as error:
                log.exception("unexpected in a request")
                raise web.HTTPInternalServerError from error


async def _health(_request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def _dress(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Server"] = "Pullquote"
    response.headers["X-Content-Type-Options"] = "nosniff"
