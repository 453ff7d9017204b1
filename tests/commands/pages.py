"""Pages of anybody's, with an API beside them that states what it likes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

Pages = dict[str, Any]


@asynccontextmanager
async def served(pages: Mapping[str, Any]) -> AsyncIterator[str]:
    """The origin of a server of these pages by path: HTML, or what is answered as JSON; 404 for all others."""

    async def handler(request: web.Request) -> web.Response:
        page = pages.get(request.path)
        if page is None:
            return web.Response(status=404)
        return web.Response(text=page, content_type="text/html") if isinstance(page, str) else web.json_response(page)

    app = web.Application()
    app.router.add_get("/{tail:.*}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield "http://{}:{}".format(*runner.addresses[0][:2])
    finally:
        await runner.cleanup()


def api(folder: str, home: str) -> Pages:
    """The API of a WordPress with one post, in a folder, that states a home."""
    root = {"name": "Stated", "home": home, "url": home, "namespaces": ["wp/v2"]}
    return {f"{folder}/wp-json/": root, f"{folder}/wp-json/wp/v2/posts": [{"id": 1}]}
