"""A small door for tests in another process: what stands there, what is to go wrong next."""

from __future__ import annotations

from aiohttp import web

from tests.farends.discord.basics import Fault
from tests.farends.discord.gateway import Gateway
from tests.farends.discord.world import World


def control_routes(world: World, gateway: Gateway) -> list[web.RouteDef]:
    """GET /_control/state; POST JSON to /_control/{faults,clock,channels,deny,settings,gateway,interactions}."""

    async def state(request: web.Request) -> web.Response:
        seen = {"identifies": len(gateway.identifies), "resumes": gateway.resumes}
        return web.json_response(world.as_dict() | seen)

    async def faults(request: web.Request) -> web.Response:
        world.faults.append(Fault(**await request.json()))
        return web.json_response({})

    async def clock(request: web.Request) -> web.Response:
        world.clock.advance((await request.json())["advance"])
        world.save()
        return web.json_response({"now": world.clock()})

    async def channels(request: web.Request) -> web.Response:
        return web.json_response({"id": world.add_channel(**await request.json())})

    async def deny(request: web.Request) -> web.Response:
        wish = await request.json()
        world.deny(wish["channel"], *wish["names"])
        return web.json_response({})

    async def settings(request: web.Request) -> web.Response:
        """Sets limits and the way: nonce_window, bucket_limit, bucket_window, global_limit, way."""
        for name, value in (await request.json()).items():
            setattr(world, name, value)
        return web.json_response({})

    async def gateway_does(request: web.Request) -> web.Response:
        """{"do": "drop" | "ask_reconnect"} or {"do": "close", "code": 4000}."""
        wish = await request.json()
        await getattr(gateway, wish.pop("do"))(**wish)
        return web.json_response({})

    async def interactions(request: web.Request) -> web.Response:
        """{"command", "channel_id", "options": {…}} → what the bot said in the end."""
        wish = await request.json()
        given = await gateway.people.command(wish["command"], wish["channel_id"], **wish.get("options", {}))
        return web.json_response(await given.answer())

    posts = {
        "faults": faults,
        "clock": clock,
        "channels": channels,
        "deny": deny,
        "settings": settings,
        "gateway": gateway_does,
        "interactions": interactions,
    }
    return [
        web.get("/_control/state", state),
        *(web.post(f"/_control/{name}", handler) for name, handler in posts.items()),
    ]
