"""A publication in several languages and with types of posts of its own, as plugins for WordPress make them."""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from bot.demo.newsroom import Entry
from bot.demo.query import Wrong
from bot.demo.site import NEVER, SampleSite

TYPES = {
    "post": {"slug": "post", "rest_base": "posts", "rest_namespace": "wp/v2"},
    "page": {"slug": "page", "rest_base": "pages"},
    "attachment": {"slug": "attachment", "rest_base": "media", "rest_namespace": "wp/v2"},
    "event": {"slug": "event", "rest_base": "events", "rest_namespace": "wp/v2"},
    "product": {"slug": "product", "rest_base": "products", "rest_namespace": "shop/v3"},
}
ROUTES = {"posts": "post", "pages": "page", "events": "event"}


class Polyglot(SampleSite):
    """`lang` in a post's fields is its language, `type` its type; `heeds_lang`: the API takes notice of `?lang=`."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.heeds_lang = True
        self._asked = ("", "post")

    def shown(self) -> list[Entry]:
        language, kind = self._asked
        return [
            entry
            for entry in super().shown()
            if entry.post.get("type", "post") == kind and language in {"", entry.post.get("lang")}
        ]

    def _answer(self, request: web.Request) -> web.Response:
        language = request.query.get("lang", "") if self.heeds_lang else ""
        self._asked = (language, request.query.get("post_type", "post"))
        try:
            return super()._answer(request)
        finally:
            self._asked = ("", "post")

    def _routed(self, route: str, request: web.Request) -> web.Response:
        if route == "/wp/v2/types":
            fields = frozenset(filter(None, request.query.get("_fields", "").split(",")))
            return self._json({name: told for name, told in TYPES.items() if not fields or name in fields})
        found = re.fullmatch(r"/wp/v2/(posts|pages|events)(?:/(\d+))?", route)
        if found is None:
            return super()._routed(route, request)
        self._asked = (self._asked[0], ROUTES[found[1]])
        if found[2]:
            entry = self.entries.get(int(found[2]))
            if entry and entry.post.get("type", "post") != ROUTES[found[1]]:
                raise Wrong(**NEVER, status=404)
            return super()._routed(f"/wp/v2/posts/{found[2]}", request)
        return super()._routed("/wp/v2/posts", request)

    def _html(self, path: str, request: web.Request) -> web.Response:
        language = path.strip("/")
        if language not in {"de", "fr"}:
            return super()._html(path, request)
        links = "".join(
            f'<link rel="alternate" hreflang="{tag}" href="{self.url}{home}">'
            for tag, home in (("en-US", "/"), ("de-DE", "/de/"), ("fr-FR", "/fr/"), ("x-default", "/"))
        )
        page = f'<html lang="{language}"><head>{links}<link rel="https://api.w.org/" href="{self.api}"></head></html>'
        return web.Response(text=page, content_type="text/html")
