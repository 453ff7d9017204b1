"""A sample publication on loopback that answers as WordPress does: pages, REST API, feed; dates in whole seconds.

The demo runs on it, and the tests of the source: they publish, correct, withdraw and break things through its methods.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from itertools import chain
from typing import Any, Literal, Self

from aiohttp import web

from bot.demo.newsroom import Entry, Newsroom
from bot.demo.query import Query, Wrong, kept_fields

Permalinks = Literal["pretty", "plain", "index"]
ROUTE = re.compile(r"/wp/v2/posts(?:/(\d+))?/?")
NAMES = {
    "/wp/v2/categories": ("wp:term", "category"),
    "/wp/v2/tags": ("wp:term", "post_tag"),
    "/wp/v2/users": ("author", ""),
}
ARCHIVES = {"category": ("wp:term", "category"), "tag": ("wp:term", "post_tag"), "author": ("author", "")}
ARCHIVE = re.compile(r"/(category|tag|author)/[^/]+/?")
HIDDEN = {"code": "rest_forbidden", "message": "Sorry, you are not allowed to do that."}
NEVER = {"code": "rest_post_invalid_id", "message": "Invalid post ID."}


@dataclass(slots=True)
class Faults:
    """How the site misbehaves: as a plugin, a firewall or a bad day makes it.

    `status`: every REST answer has this status and is a page; `rest`: the API closed by a plugin ("401"), switched
    off ("404") or behind a firewall ("403html"); `page`: served with 200 in place of everything; `delay` in seconds.
    `feed`: a cache keeps the feed as it is now ("kept"), a proxy weakens its tag ("weak"), there is none ("404").
    `moved`: where all of it is redirected, with `moved_by` as the status.
    """

    status: int = 0
    retry_after: str = ""
    rest: Literal["", "401", "404", "403html"] = ""
    hide_link: bool = False
    page: str = ""
    delay: float = 0.0
    feed: Literal["", "kept", "weak", "404"] = ""
    moved: str = ""
    moved_by: int = 301
    headers: Mapping[str, str] = field(default_factory=dict)


class SampleSite(Newsroom):
    """One publication; `async with` serves it on 127.0.0.1 until the end.

    `requests` are those that came, `on_request` is told each before it is answered; what is `unlisted` no list shows.
    """

    def __init__(
        self,
        *,
        name: str = "The Sample Gazette",
        language: str = "en-US",
        permalinks: Permalinks = "pretty",
        folder: str = "",
        gmt_offset: float = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(clock)
        self.name, self.language, self.permalinks = name, language, permalinks
        self.folder = folder.rstrip("/")
        self.offset = timedelta(hours=gmt_offset)
        self.faults = Faults()
        self.unlisted: set[int] = set()
        self.requests: list[str] = []
        self.on_request: Callable[[str], None] = self.requests.append
        self._runner: web.AppRunner | None = None
        self._origin = ""
        self._fed_at = self.changed_at

    @property
    def url(self) -> str:
        """The home page, without a slash at its end."""
        return self._origin + self.folder

    @property
    def api(self) -> str:
        """The base of the REST API, as the pages tell it."""
        bases = {"pretty": "/wp-json/", "plain": "/index.php?rest_route=/", "index": "/index.php/wp-json/"}
        return self.url + bases[self.permalinks]

    async def start(self, port: int = 0) -> str:
        """Serve on a free port, or the one given; the site's home URL."""
        app = web.Application()
        app.router.add_get("/{tail:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        host, bound = self._runner.addresses[0][:2]
        self._origin = f"http://{host}:{bound}"
        return self.url

    async def stop(self) -> None:
        """Stop serving; the posts stay."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, request: web.Request) -> web.Response:
        self.on_request(request.path_qs)
        await asyncio.sleep(self.faults.delay)
        response = self._answer(request)
        response.headers["Date"] = format_datetime(self.clock(), usegmt=True)
        response.headers.update(self.faults.headers)
        return response

    def _answer(self, request: web.Request) -> web.Response:
        if self.faults.moved:
            return web.Response(
                status=self.faults.moved_by, headers={"Location": f"{self.faults.moved}{request.path_qs}"}
            )
        if self.faults.page:
            return _page(self.faults.page)
        if not f"{request.path}/".startswith(f"{self.folder}/"):
            return _page("<!doctype html><title>Not Found</title>", 404)
        path = request.path.removeprefix(self.folder)
        route = self._route(path, request)
        if route is not None and self.faults.rest != "404":
            return self._rest(route, request)
        if path.rstrip("/").endswith("/feed") or request.query.get("feed") == "rss2":
            return self._feed(request)
        return self._html(path, request)

    def _route(self, path: str, request: web.Request) -> str | None:
        if "rest_route" in request.query:
            return request.query["rest_route"]
        path = path.removeprefix("/index.php") if self.permalinks == "index" else path
        if self.permalinks == "plain" or not path.startswith("/wp-json"):
            return None
        return path.removeprefix("/wp-json") or "/"

    def link(self, post_id: int) -> str:
        """The post's own address."""
        entry = self.entries[post_id]
        if self.permalinks == "plain":
            return f"{self.url}/?p={post_id}"
        index = "/index.php" if self.permalinks == "index" else ""
        return f"{self.url}{index}/{self._local(entry.date):%Y/%m}/{entry.slug}/"

    def _local(self, moment: datetime) -> datetime:
        return moment + self.offset

    # --- the REST API

    def _rest(self, route: str, request: web.Request) -> web.Response:
        faults = self.faults
        if faults.status:
            headers = {"Retry-After": faults.retry_after} if faults.retry_after else {}
            return _page(f"<h1>{faults.status}</h1>", faults.status, headers)
        if faults.rest == "403html":
            return _page("<!doctype html><title>Attention Required</title><h1>Sorry, you have been blocked</h1>", 403)
        if faults.rest == "401":
            closed = "Only authenticated users can access the REST API."
            return self._json(_error("rest_login_required", closed, 401), 401)
        try:
            return self._routed(route, request)
        except Wrong as wrong:
            return self._json(_error(wrong.code, wrong.message, wrong.status, **wrong.data), wrong.status)

    def _routed(self, route: str, request: web.Request) -> web.Response:
        if route in NAMES:
            named = self._names(*NAMES[route])
            if slug := request.query.get("slug"):
                named = [one for one in named if one["slug"] == slug]
            return self._json(named[: int(request.query.get("per_page", "10"))])
        query = Query(request.query, self.offset)
        if route == "/":
            return self._json(kept_fields(self._root(), query.fields))
        found = ROUTE.fullmatch(route)
        if found is None:
            raise Wrong("rest_no_route", "No route was found matching the URL and request method.", 404)
        if found[1] is None:
            return self._collection(query)
        entry = self.entries.get(int(found[1]))
        if entry is None:
            raise Wrong(**NEVER, status=404)
        if entry.status != "publish":
            raise Wrong(**HIDDEN, status=401)
        return self._raw(self._text(entry, query), {"Allow": "GET"})

    def _names(self, relation: str, taxonomy: str) -> list[dict[str, Any]]:
        """What the posts are filed under, the most used first; authors in the order of their names."""
        embedded = [entry.post.get("_embedded", {}).get(relation, []) for entry in self.shown()]
        listed = chain.from_iterable(embedded) if not taxonomy else chain.from_iterable(chain.from_iterable(embedded))
        count = Counter(one["name"] for one in listed if one.get("taxonomy", "") == taxonomy)
        order = count.most_common() if taxonomy else sorted(count.items())
        counts = [{"count": times} if taxonomy else {} for _name, times in order]
        return [{"name": name, "slug": _slug(name), **more} for (name, _times), more in zip(order, counts, strict=True)]

    def _root(self) -> dict[str, Any]:
        hours = self.offset.total_seconds() / 3600
        return {
            "name": html.escape(self.name, quote=False),
            "description": "",
            "url": self.url,
            "home": self.url,
            "gmt_offset": int(hours) if hours == int(hours) else hours,
            "timezone_string": "",
            "namespaces": ["oembed/1.0", "wp/v2"],
            "authentication": [],
            "routes": {},
        }

    def _collection(self, query: Query) -> web.Response:
        listed = (entry for entry in self.shown() if entry.id not in self.unlisted)
        found = [entry for entry in listed if query.wants(entry.id, entry.slug, entry.date, entry.modified)]
        found = [entry for entry in found if query.search in json.dumps(entry.post, ensure_ascii=False).lower()]
        found = query.ordered(found)
        pages = -(-len(found) // query.per_page)
        if query.page > 1 and query.page > pages:
            message = "The page number requested is larger than the number of pages available."
            raise Wrong("rest_post_invalid_page_number", message, 400)
        shown = found[query.start : query.start + query.per_page]
        headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages), "Allow": "GET"}
        if links := query.neighbours(f"{self.api}wp/v2/posts", pages):
            headers["Link"] = links
        return self._raw("[" + ",".join(self._text(entry, query) for entry in shown) + "]", headers)

    def _text(self, entry: Entry, query: Query) -> str:
        told = kept_fields(self._told(entry, query), query.fields)
        text = json.dumps(told).replace("/", "\\/")
        return entry.damage(text) if entry.damage and "content" in told else text

    def _told(self, entry: Entry, query: Query) -> dict[str, Any]:
        """The post as REST tells it: dates without a zone, hidden text behind a password."""
        date, modified = entry.date, entry.modified
        hidden = {"rendered": "", "protected": True}
        own = {name: value for name, value in entry.post.items() if name not in {"_embedded", "_links"}}
        title = own.get("title", {"rendered": ""})
        told = {
            "id": entry.id,
            "date": f"{self._local(date):%Y-%m-%dT%H:%M:%S}",
            "date_gmt": f"{date:%Y-%m-%dT%H:%M:%S}",
            "guid": {"rendered": f"{self.url}/?p={entry.id}"},
            "modified": f"{self._local(modified):%Y-%m-%dT%H:%M:%S}",
            "modified_gmt": f"{modified:%Y-%m-%dT%H:%M:%S}",
            "slug": entry.slug,
            "status": entry.status,
            "type": "post",
            "link": self.link(entry.id),
            "title": title,
            "content": hidden if entry.password else own.get("content", {"rendered": "", "protected": False}),
            "excerpt": hidden if entry.password else own.get("excerpt", {"rendered": "", "protected": False}),
        }
        told = {**told, **{name: value for name, value in own.items() if name not in told}}
        told["_links"] = entry.post.get("_links", {"self": [{"href": f"{self.api}wp/v2/posts/{entry.id}"}]})
        if query.embed is not None and (not query.fields or {"_links", "_embedded"} <= query.fields):
            embedded = entry.post.get("_embedded", {})
            told["_embedded"] = {name: value for name, value in embedded.items() if query.embeds(name)}
        return told

    def _json(self, value: Any, status: int = 200) -> web.Response:
        return self._raw(json.dumps(value).replace("/", "\\/"), {}, status)

    def _raw(self, text: str, headers: Mapping[str, str], status: int = 200) -> web.Response:
        linked = {} if self.faults.hide_link else {"Link": f'<{self.api}>; rel="https://api.w.org/"'}
        response = web.Response(
            body=text.encode(), status=status, headers={"X-Robots-Tag": "noindex", **linked, **headers}
        )
        response.headers["Content-Type"] = "application/json; charset=UTF-8"
        return response

    # --- pages and the feed

    def _html(self, path: str, request: web.Request) -> web.Response:
        path = path.removeprefix("/index.php") if self.permalinks != "pretty" else path
        asked = request.query.get("p", "")
        if path.rstrip("/") == "" and not asked:
            items = "".join(f'<li><a href="{self.link(e.id)}">{_title(e)}</a></li>' for e in self.shown()[:10])
            return self._themed(html.escape(self.name), f"<ul>{items}</ul>")
        name = path.rstrip("/").rpartition("/")[2]
        if archive := ARCHIVE.fullmatch(path):
            relation, taxonomy = ARCHIVES[archive[1]]
            if name in (one["slug"] for one in self._names(relation, taxonomy)):
                return self._themed(name, "", classes=f"archive {archive[1]} {archive[1]}-{name}")
        entry = next((e for e in self.shown() if (str(e.id) == asked if asked else e.slug == name)), None)
        if entry is None:
            return self._themed("Page not found", "<p>Nothing here.</p>", status=404)
        if asked and self.permalinks != "plain":
            raise web.HTTPMovedPermanently(self.link(entry.id))
        content = "" if entry.password else entry.post.get("content", {}).get("rendered", "")
        return self._themed(_title(entry), f"<article>{content}</article>", entry)

    def _themed(
        self, title: str, body: str, entry: Entry | None = None, status: int = 200, classes: str = "home"
    ) -> web.Response:
        links, head = [], [f'<link rel="alternate" type="application/rss+xml" href="{self.url}/?feed=rss2" />']
        if self._linked():
            links.append(f'<{self.api}>; rel="https://api.w.org/"')
            head.append(f'<link rel="https://api.w.org/" href="{html.escape(self.api)}" />')
            if entry:
                own = f"{self.api}wp/v2/posts/{entry.id}"
                links.append(f'<{own}>; rel="alternate"; title="JSON"; type="application/json"')
                head.append(f'<link rel="alternate" title="JSON" type="application/json" href="{html.escape(own)}" />')
        classes = f"single postid-{entry.id}" if entry else classes
        page = f'<!DOCTYPE html>\n<html lang="{self.language}"><head><meta charset="UTF-8" /><title>{title}</title>'
        response = _page(f'{page}{"".join(head)}</head><body class="{classes}"><h1>{title}</h1>{body}</body></html>')
        response.set_status(status)
        for link in links:
            response.headers.add("Link", link)
        return response

    def _linked(self) -> bool:
        return not self.faults.hide_link and self.faults.rest != "404"

    def _feed(self, request: web.Request) -> web.Response:
        if self.faults.feed == "404":
            return _page("<!doctype html><title>Not Found</title>", 404)
        if self.faults.feed != "kept":
            self._fed_at = self.changed_at
        changed = format_datetime(self._fed_at, usegmt=True)
        tag = f'"{hashlib.md5(changed.encode(), usedforsecurity=False).hexdigest()}"'
        headers = {"Last-Modified": changed, "ETag": tag, "Link": f'<{self.api}>; rel="https://api.w.org/"'}
        if self.faults.feed == "weak":
            headers["ETag"] = f"W/{tag}"
        if _unchanged(request.headers, self._fed_at, tag):
            return web.Response(status=304, headers=headers)
        items = "".join(map(self._item, self.shown()[:10]))
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
            ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{html.escape(self.name)}</title><link>{self.url}</link><language>{self.language}</language>"
            f"{items}</channel></rss>"
        )
        return web.Response(text=text, headers=headers, content_type="application/rss+xml", charset="UTF-8")

    def _item(self, entry: Entry) -> str:
        content = "" if entry.password else entry.post.get("content", {}).get("rendered", "")
        people = "".join(f"<dc:creator>{one.get('name', '')}</dc:creator>" for one in _embedded(entry, "author"))
        terms = "".join(f"<category>{one.get('name', '')}</category>" for one in chain(*_embedded(entry, "wp:term")))
        return (
            f"<item><title>{_title(entry)}</title><link>{html.escape(self.link(entry.id))}</link>"
            f"<pubDate>{format_datetime(entry.date)}</pubDate>"
            f'<guid isPermaLink="false">{html.escape(self.url)}/?p={entry.id}</guid>'
            f"{people}{terms}<content:encoded><![CDATA[{content.replace(']]>', ']]&gt;')}]]></content:encoded></item>"
        )


def _slug(name: str) -> str:
    return "-".join(re.findall(r"\w+", html.unescape(name).lower()))


def _title(entry: Entry) -> str:
    title: str = entry.post.get("title", {}).get("rendered", "")
    return f"Protected: {title}" if entry.password else title


def _embedded(entry: Entry, relation: str) -> Any:
    return entry.post.get("_embedded", {}).get(relation, [])


def _error(code: str, message: str, status: int, **data: Any) -> dict[str, Any]:
    return {"code": code, "message": message, "data": {"status": status, **data}}


def _page(text: str, status: int = 200, headers: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> web.Response:
    return web.Response(text=text, status=status, headers=dict(headers), content_type="text/html", charset="UTF-8")


def _unchanged(headers: Mapping[str, str], changed: datetime, tag: str) -> bool:
    """WordPress's rule: what is sent must match, all of it; a weak tag is another tag."""
    said_tag, said_date = headers.get("If-None-Match"), headers.get("If-Modified-Since")
    if said_tag is not None and said_tag != tag:
        return False
    if said_date is None:
        return said_tag is not None
    try:
        return parsedate_to_datetime(said_date) >= changed
    except ValueError:
        return False
