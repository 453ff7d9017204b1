"""Sites on loopback that cost next to nothing to answer, in a process of their own: `python -m benchmarks.sites NAMES`.

By the first part of the path: `quiet` never changes; `busy` and `large` have one post more each time their feed's head
is asked for; `feed` and `long` are feeds with one item more each time; `slow` is quiet and takes its time. Behind every
name of a host the same sites stand. The first line printed is the port; then the ports of servers that play foul.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.utils import formatdate
from functools import cache
from html import escape
from typing import Any, ClassVar, cast

from yarl import URL

from benchmarks.posts import SEEDS
from tests.farends.hostile import Hostile

STAND = 300
"""Posts that stand at the beginning."""
BEGUN = int(time.time()) - 30 * 24 * 3600
LARGE = 60_000
"""Characters of a large post's HTML, at least."""
FOUL = ("gzip-bomb", "nested-lists", "a-string-of-5-mb", "endless-chunks-of-nothing-much")
PAUSE = 2.0
"""Seconds that a slow site takes."""


@cache
def seeds() -> list[dict[str, Any]]:
    """The sample posts that are healthy, as REST tells them."""
    found = []
    for path in sorted(SEEDS.glob("*.json")):
        with suppress(ValueError):
            found.append(json.loads(path.read_bytes()))
    return [told for told in found if isinstance(told.get("content"), dict)]


def _at(number: int) -> int:
    return BEGUN + 60 * number


def _dates(number: int) -> dict[str, Any]:
    told = datetime.fromtimestamp(_at(number), UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {"id": number, "date_gmt": told, "modified_gmt": told}


def post(number: int, *, large: bool) -> dict[str, Any]:
    """A post of that number; a large one holds the texts of many."""
    seed = seeds()[number % len(seeds())]
    told = {**seed, **_dates(number), "link": f"http://127.0.0.1/{number}/", "status": "publish"}
    if large:
        told["content"] = {"rendered": _long(number), "protected": False}
    return told


def _long(number: int) -> str:
    text, turn = f"<p>Number {number}.</p>", number
    while len(text) < LARGE:
        text += seeds()[turn % len(seeds())]["content"]["rendered"]
        turn += 1
    return text


class Site(asyncio.Protocol):
    """One connection; `posts` are those that each kind of site on each host has by now, `wire` counts bytes."""

    posts: ClassVar[Counter[tuple[str, str]]] = Counter()
    wire: ClassVar[Counter[str]] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._came = cast(asyncio.Transport, transport), b""

    def data_received(self, data: bytes) -> None:
        self.wire["up"] += len(data)
        self._came += data
        while b"\r\n\r\n" in self._came:
            head, _, self._came = self._came.partition(b"\r\n\r\n")
            pause, answer = self._answer(head.decode("latin-1"))
            if pause:
                asyncio.get_running_loop().call_later(pause, self._write, answer)
            else:
                self._write(answer)

    def _write(self, answer: bytes) -> None:
        self.wire["down"] += len(answer)
        self._transport.write(answer)

    def _answer(self, head: str) -> tuple[float, bytes]:
        first, *lines = head.split("\r\n")
        method, target, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        url = URL(f"http://{headers['host']}{target}")
        kind = url.path.split("/")[1]
        key, large = (url.host or "", kind), kind in {"large", "long"}
        pause = PAUSE if kind == "slow" else 0.0
        more: dict[str, str]
        if kind == "wire":
            body, status, more = json.dumps(self.wire).encode(), 200, {}
        elif "wp-json" in url.path:
            body, status, more = self._listing(url, STAND + self.posts[key], large)
        else:
            self.posts[key] += kind in {"feed", "long"} or (method == "HEAD" and kind in {"busy", "large"})
            body, status, more = self._feed(STAND + self.posts[key], headers, large)
        return pause, _response(status, b"" if method == "HEAD" else body, more)

    def _listing(self, url: URL, newest: int, large: bool) -> tuple[bytes, int, dict[str, str]]:
        asked = url.query
        if "include" in asked:
            posts = [post(int(number), large=large) for number in asked["include"].split(",")]
        else:
            first = newest - int(asked["offset"])
            posts = [_dates(number) for number in range(first, max(first - int(asked["per_page"]), 0), -1)]
        told = {"Content-Type": "application/json; charset=UTF-8", "X-WP-Total": str(newest)}
        return json.dumps(posts).replace("/", "\\/").encode(), 200, told

    def _feed(self, newest: int, headers: dict[str, str], large: bool) -> tuple[bytes, int, dict[str, str]]:
        changed, tag = formatdate(_at(newest), usegmt=True), f'"{newest:032x}"'
        more = {"Last-Modified": changed, "ETag": tag}
        if headers.get("if-none-match") == tag:
            return b"", 304, more
        body = _rss(newest, large).encode() if self._is_feed(headers) else b""
        return body, 200, more | {"Content-Type": "application/rss+xml; charset=UTF-8"}

    def _is_feed(self, headers: dict[str, str]) -> bool:
        return "atom" in headers.get("accept", "")


def _rss(newest: int, large: bool) -> str:
    items = "".join(
        f"<item><title>Number {number}</title><link>http://127.0.0.1/{number}/</link>"
        f"<guid isPermaLink='false'>http://127.0.0.1/?p={number}</guid><pubDate>{formatdate(_at(number))}</pubDate>"
        f"<description>{escape(_text(number, large))}</description></item>"
        for number in range(newest, newest - 10, -1)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed</title>{items}</channel></rss>'


def _text(number: int, large: bool) -> str:
    text: str = post(number, large=large)["content"]["rendered"]
    return text


def _response(status: int, body: bytes, more: dict[str, str]) -> bytes:
    words = {200: "OK", 304: "Not Modified"}
    told = {"Date": formatdate(usegmt=True), "Server": "bench", **more}
    if status != 304:
        told["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status} {words[status]}\r\n{head}\r\n".encode() + body


async def serve(hosts: Sequence[str]) -> None:
    """Answer until this process is ended."""
    loop = asyncio.get_running_loop()
    first = await loop.create_server(Site, hosts[0], 0)
    port = first.sockets[0].getsockname()[1]
    more = await loop.create_server(Site, list(hosts[1:]), port) if hosts[1:] else first
    foul = [await Hostile().__aenter__() for _ in FOUL]
    print(port, *(one.port for one in foul), flush=True)
    await asyncio.gather(first.serve_forever(), *([more.serve_forever()] if more is not first else []))


@asynccontextmanager
async def sites(hosts: Sequence[str]) -> AsyncIterator[tuple[int, list[str]]]:
    """The port at which all of them answer, and the addresses of sites that play foul."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.sites", *hosts, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert child.stdout is not None
        port, *foul = map(int, (await child.stdout.readline()).split())
        yield port, [f"http://127.0.0.1:{one}/{name}" for one, name in zip(foul, FOUL, strict=True)]
    finally:
        child.kill()
        await child.wait()


def hosts(count: int) -> list[str]:
    """So many names of this machine, each a host of its own."""
    return [f"127.0.{2 + number // 250}.{1 + number % 250}" for number in range(count)]


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
