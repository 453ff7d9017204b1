"""A publication that has nothing but a feed, on loopback: RSS or Atom as WordPress writes them."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape

from aiohttp import web

BEGUN = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RSS = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
)
ATOM = '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US">\n'


@dataclass(frozen=True)
class Item:
    """One article as the feed tells it."""

    number: int
    title: str
    text: str = "<p>It was in all the papers.</p>"
    excerpt: str = "<p>In all the papers.</p>"
    author: str = "Jane Doe"
    terms: tuple[str, ...] = ("News",)
    at: datetime = BEGUN


@dataclass
class FeedSite:
    """What is published, and how it is shown: the newest `length` items, as `kind`, with ids or permalinks as guids."""

    kind: str = "rss"
    length: int = 10
    numbered: bool = True
    name: str = "The Feed & Post"
    items: dict[int, Item] = field(default_factory=dict)
    last: int = 0
    origin: str = ""
    validators: bool = True
    damage: Callable[[str], str] = str
    status: int = 0
    deaf: bool = False
    """The validators tell nothing of what was withdrawn."""
    shut: set[int] = field(default_factory=set)
    """The articles whose pages may not be read."""
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    page: str = ""
    _stamp: str = ""

    @property
    def feed(self) -> str:
        return f"{self.origin}/feed/"

    def publish(self, title: str, at: datetime | None = None, **told: object) -> int:
        self.last += 1
        number = self.last
        self.items[number] = Item(number, title, at=at or BEGUN + timedelta(minutes=number), **told)  # type: ignore[arg-type]
        return number

    def edit(self, number: int, **told: object) -> None:
        self.items[number] = replace(self.items[number], **told)  # type: ignore[arg-type]

    def link(self, number: int) -> str:
        return f"{self.origin}/post-{number}/"

    def shown(self) -> list[Item]:
        return sorted(self.items.values(), key=lambda item: (item.at, item.number), reverse=True)[: self.length]

    def text(self, items: list[Item] | None = None) -> str:
        chosen = self.shown() if items is None else items
        if self.kind == "rss":
            head = f"<title>{escape(self.name)}</title><link>{self.origin}</link><language>en-US</language>"
            return f"{RSS}{head}\n{''.join(map(self._rss, chosen))}</channel>\n</rss>\n"
        head = f'<title type="text">{escape(self.name)}</title><link rel="alternate" href="{self.origin}"/>'
        return f"{ATOM}{head}<id>{self.feed}atom/</id>\n{''.join(map(self._atom, chosen))}</feed>\n"

    def _guid(self, item: Item) -> str:
        return f"{self.origin}/?p={item.number}" if self.numbered else self.link(item.number)

    def _rss(self, item: Item) -> str:
        terms = "".join(f"<category><![CDATA[{term}]]></category>" for term in item.terms)
        return (
            f"<item>\n<title>{escape(item.title)}</title><link>{self.link(item.number)}</link>"
            f"<dc:creator><![CDATA[{item.author}]]></dc:creator><pubDate>{format_datetime(item.at)}</pubDate>{terms}"
            f'<guid isPermaLink="false">{self._guid(item)}</guid><description><![CDATA[{item.excerpt}]]></description>'
            f"<content:encoded><![CDATA[{item.text}]]></content:encoded></item>\n"
        )

    def _atom(self, item: Item) -> str:
        terms = "".join(f'<category scheme="{self.origin}" term="{escape(term)}"/>' for term in item.terms)
        return (
            f"<entry>\n<author><name>{escape(item.author)}</name></author>"
            f'<title type="html"><![CDATA[{item.title}]]></title>'
            f'<link rel="alternate" type="text/html" href="{self.link(item.number)}"/><id>{self._guid(item)}</id>'
            f"<updated>{(item.at + timedelta(hours=1)):%Y-%m-%dT%H:%M:%SZ}</updated>"
            f"<published>{item.at:%Y-%m-%dT%H:%M:%SZ}</published>{terms}"
            f'<summary type="html"><![CDATA[{item.excerpt}]]></summary>'
            f'<content type="html"><![CDATA[{item.text}]]></content></entry>\n'
        )

    async def answer(self, request: web.Request) -> web.Response:
        self.requests.append((request.path_qs, dict(request.headers)))
        if self.status:
            return web.Response(status=self.status, headers={"Retry-After": "77"})
        if request.path == "/feed/" and not request.query.keys() - {"lang"}:
            return self._whole_feed(request)
        number = request.path.strip("/").removeprefix("post-")
        item = self.items.get(int(number)) if number.isdigit() else None
        if number.isdigit() and int(number) in self.shut:
            return web.Response(status=403)
        if item and "feed" in request.query:
            return self._xml(self.text([item]))
        if "s" in request.query and request.query.get("feed") == "rss2":
            return self._found(request)
        if item or request.path == "/":
            return web.Response(text=self.page or "<title>A page</title>", content_type="text/html")
        return web.Response(status=404, text="<title>Nothing here</title>", content_type="text/html")

    def _found(self, request: web.Request) -> web.Response:
        words, page = request.query["s"].lower(), int(request.query.get("paged", "1"))
        found = [item for item in self.items.values() if words in item.title.lower()]
        shown = found[(page - 1) * self.length : page * self.length]
        return self._xml(self.text(shown)) if shown or page == 1 else web.Response(status=404)

    def _whole_feed(self, request: web.Request) -> web.Response:
        text = self.damage(self.text())
        if not self.deaf or not self._stamp:
            self._stamp = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
        headers = {"ETag": f'"{self._stamp}"', "Last-Modified": "Sun, 01 Mar 2026 12:00:00 GMT"}
        headers = headers if self.validators else {}
        if self.validators and request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return self._xml(text, headers)

    def _xml(self, text: str, headers: dict[str, str] | None = None) -> web.Response:
        kind = "application/rss+xml" if self.kind == "rss" else "application/atom+xml"
        return web.Response(body=text.encode("utf-8", "replace"), headers={**(headers or {}), "Content-Type": kind})

    def asked(self) -> list[str]:
        """The paths asked for since the last time."""
        paths = [path for path, _headers in self.requests]
        self.requests.clear()
        return paths


@asynccontextmanager
async def feed_site(**how: object) -> AsyncIterator[FeedSite]:
    """One that serves on loopback until the end."""
    site = FeedSite(**how)  # type: ignore[arg-type]
    app = web.Application()
    app.router.add_get("/{tail:.*}", site.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.origin = "http://{}:{}".format(*runner.addresses[0][:2])
        yield site
    finally:
        await runner.cleanup()
