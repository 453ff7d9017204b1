"""A stand-in for Discord that keeps its protocol over real sockets: nothing on this side of the wire is faked."""

from __future__ import annotations

from typing import Any, Self

from aiohttp import web

from tests.farends.discord.basics import BITS, Fault, Json, Settable
from tests.farends.discord.control import control_routes
from tests.farends.discord.gateway import Gateway
from tests.farends.discord.people import Interaction, People, Person
from tests.farends.discord.rest import PREFIX, Rest
from tests.farends.discord.rules import prepare
from tests.farends.discord.world import World

__all__ = ["BITS", "DiscordFarEnd", "Fault", "Interaction", "Person", "Settable", "World"]


class DiscordFarEnd:
    """A started server on 127.0.0.1; `world` is its state, `gateway` its websocket side."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.gateway = Gateway(self.world)
        self.people: People = self.gateway.people
        self.rest = Rest(self.world, self.gateway)
        self.port = 0
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> Self:
        """Listens; on the port it had when it was stopped, unless another is given."""
        prepare()
        app = web.Application(client_max_size=26 * 2**20)
        app.add_routes(self.rest.routes())
        app.add_routes(control_routes(self.world, self.gateway))
        app.router.add_get("/gateway/", self.gateway.connect)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port or self.port, reuse_address=True)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self.gateway.url = self.gateway_url
        self.rest.stopping.clear()
        return self

    async def stop(self) -> None:
        """Closes all connections; what stands stays in `world`."""
        self.rest.stopping.set()
        await self.gateway.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway/"

    def messages(self, channel_id: str) -> list[Json]:
        """What stands in a channel, oldest first."""
        return list(self.world.messages.get(channel_id, {}).values())

    def fault(self, kind: str, **how: Any) -> Fault:
        """Lets the next fitting request go wrong; see Fault."""
        fault = Fault(kind, **how)
        self.world.faults.append(fault)
        return fault
