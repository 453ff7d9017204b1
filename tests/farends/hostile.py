"""A server that does what no server should: raw bytes on loopback, by the first part of the path that is asked for.

Every entry of `ANSWERS` is what one path answers with: bytes, after which the connection is closed, or a function that
talks to the one who asked. `{authority}` in bytes is the server's own host and port.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Self

MEGABYTE = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\n"
JSON = OK + b"Content-Type: application/json\r\n"


class Peer:
    """One who asked; `sent` counts what went out to all of them."""

    def __init__(self, far: Hostile, writer: asyncio.StreamWriter, head: bytes) -> None:
        self._far, self._writer, self.head = far, writer, head

    async def send(self, data: bytes) -> None:
        """Write, at the pace at which it is taken."""
        self._writer.write(data.replace(b"{authority}", self._far.base.removeprefix("http://").encode()))
        await self._writer.drain()
        self._far.sent += len(data)

    def reset(self) -> None:
        """Break the connection off with an RST."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


Answer = bytes | Callable[[Peer], Awaitable[None]]


class Hostile:
    """The server, while it is open: `base` is its address, `asked` the paths, `sent` the bytes that went out."""

    def __init__(self, answers: dict[str, Answer] | None = None) -> None:
        self._answers = ANSWERS if answers is None else answers
        self._talks: set[asyncio.Task[None]] = set()
        self.asked: list[str] = []
        self.sent = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.get_running_loop().create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                path = head.split(b" ", 2)[1].decode()
                self.asked.append(path)
                answer = self._answers.get(path.strip("/").partition("/")[0].partition("?")[0], b"")
                peer = Peer(self, writer, head)
                await (peer.send(answer) if isinstance(answer, bytes) else answer(peer))
            finally:
                writer.close()


# What is packed too tightly


def _blocks(megabytes: int, begin: bytes) -> bytes:
    """So many megabytes of nothing as one deflate stream without an end; each of its blocks unpacks by itself."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(MEGABYTE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return begin + block * megabytes


GZIP = bytes.fromhex("1f8b08000000000000ff")
BOMB = _blocks(400, GZIP)
ZLIB_BOMB = _blocks(400, b"\x78\x9c")
RAW_BOMB = _blocks(400, b"")


def packed(encoding: str, body: bytes) -> bytes:
    """An answer that says how it is packed."""
    head = f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"
    return OK + head.encode() + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """An answer in these chunks."""
    return OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + end


def _pieces(data: bytes) -> Iterator[bytes]:
    yield from (data[start : start + 1000] for start in range(0, len(data), 1000))


# What has no end


def endless(begin: bytes, piece: bytes, pause: float = 0.0) -> Answer:
    """A beginning, and then the same over and over."""

    async def answer(peer: Peer) -> None:
        await peer.send(begin)
        while True:
            await peer.send(piece)
            await asyncio.sleep(pause)

    return answer


async def silence(peer: Peer) -> None:
    """Take the request and say nothing."""
    await asyncio.sleep(30)


async def reset_at_once(peer: Peer) -> None:
    peer.reset()


async def reset_in_the_middle(peer: Peer) -> None:
    await peer.send(OK + b"Content-Length: 100\r\n\r\nhalf")
    peer.reset()


async def cookie(peer: Peer) -> None:
    """Let nobody in who does not bring the cookie."""
    if b"Cookie:" in peer.head:
        await peer.send(OK + b"Content-Length: 2\r\n\r\nin")
    else:
        await peer.send(b"HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nLocation: /cookie\r\nContent-Length: 0\r\n\r\n")


async def chain(peer: Peer) -> None:
    """One redirect more than is followed."""
    last = peer.head.split(b" ", 2)[1].rpartition(b"/")[2]
    hop = int(last) if last.isdigit() else 0
    if hop > 5:
        await peer.send(OK + b"Content-Length: 0\r\n\r\n")
    else:
        await peer.send(b"HTTP/1.1 302 Found\r\nLocation: /chain/%d\r\nContent-Length: 0\r\n\r\n" % (hop + 1))


def redirect(location: str | bytes, status: int = 302) -> bytes:
    """A redirect to there."""
    target = location.encode() if isinstance(location, str) else location
    return b"HTTP/1.1 %d Go\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (status, target)


def _busy(after: str, more: str = "") -> bytes:
    return f"HTTP/1.1 503 Busy\r\nRetry-After: {after}\r\n{more}Content-Length: 0\r\n\r\n".encode()


def body(data: bytes | str, head: bytes = JSON) -> bytes:
    """An answer with this body, whole."""
    data = data.encode() if isinstance(data, str) else data
    return head + b"Content-Length: %d\r\n\r\n" % len(data) + data


PACKED: dict[str, Answer] = {
    "gzip-bomb": packed("gzip", BOMB),
    "gzip-bomb-in-chunks": chunked(*_pieces(BOMB)).replace(OK, OK + b"Content-Encoding: gzip\r\n"),
    "deflate-bomb": packed("deflate", ZLIB_BOMB),
    "raw-deflate-bomb": packed("deflate", RAW_BOMB),
    "gzip-in-gzip-bomb": packed("gzip, gzip", gzip.compress(BOMB)),
    "gzip-bomb-in-gzip-told-once": packed("gzip", gzip.compress(BOMB)),
    "brotli": packed("br", b"\x0b\x02\x80hello\x03"),
    "zstd": packed("zstd", bytes.fromhex("28b52ffd0405290000") + b"hello"),
    "unheard-of": packed("rot13", b"uryyb"),
    "gzip-that-is-none": packed("gzip", b"plain words"),
    "gzip-cut-off": packed("gzip", gzip.compress(bytes(range(256)) * 40)[:-90]),
    "gzip-and-more": packed("gzip", gzip.compress(b"hello") + b"more"),
    "gzip-of-nothing": packed("gzip", b""),
    "packed-in-vain": packed("identity", b"hello"),
}
LENGTHS: dict[str, Answer] = {
    "length-short": OK + b"Content-Length: 2\r\n\r\nhello",
    "length-long": OK + b"Content-Length: 200\r\n\r\nhello",
    "length-beyond-all": OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nhello",
    "length-huge": OK + b"Content-Length: 999999999999\r\n\r\nhello",
    "length-negative": OK + b"Content-Length: -5\r\n\r\nhello",
    "length-signed": OK + b"Content-Length: +5\r\n\r\nhello",
    "length-in-words": OK + b"Content-Length: five\r\n\r\nhello",
    "length-twice": OK + b"Content-Length: 5\r\nContent-Length: 2\r\n\r\nhello",
    "length-and-chunks": chunked(b"hello").replace(OK, OK + b"Content-Length: 2\r\n"),
    "no-length": OK + b"\r\nhello",
    "chunk-half": chunked(b"hello", end=b"ff\r\nhalf"),
    "chunk-without-end": chunked(b"hello", end=b""),
    "chunk-of-letters": chunked(end=b"zz\r\nhello\r\n0\r\n\r\n"),
    "chunk-negative": chunked(end=b"-5\r\nhello\r\n0\r\n\r\n"),
    "chunk-beyond-all": chunked(end=b"f" * 40 + b"\r\nhello\r\n0\r\n\r\n"),
    "chunk-with-extensions": chunked(end=b"5;name=value;x\r\nhello\r\n0\r\n\r\n"),
    "chunk-with-trailers": chunked(b"hello", end=b"0\r\nX-Late: 1\r\n\r\n"),
}
ENDLESS: dict[str, Answer] = {
    "endless-body": endless(OK + b"\r\n", b"x" * 65536),
    "endless-chunks": endless(chunked(end=b""), b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "endless-chunks-of-nothing-much": endless(chunked(end=b""), b"1\r\nx\r\n" * 1000),
    "endless-extension": endless(chunked(end=b"5;"), b"x" * 65536),
    "endless-trailers": endless(chunked(b"hello", end=b"0\r\n"), b"X-Late: 1\r\n" * 1000),
    "endless-headers": endless(OK, b"X-More: 1\r\n" * 100),
    "endless-header-line": endless(OK + b"X-Long: ", b"x" * 65536),
    "endless-status-line": endless(b"HTTP/1.1 200 ", b"x" * 65536),
    "endless-garbage": endless(b"", b"\x00\xff" * 4096),
    "endless-informational": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 0.001),
    "slow-headers": endless(OK, b"X-Slow: 1\r\n", 0.05),
    "slow-header-line": endless(OK + b"X-Slow: ", b"x", 0.05),
    "slow-body": endless(OK + b"Content-Length: 9999\r\n\r\n", b"x", 0.05),
    "slow-chunks": endless(chunked(end=b""), b"1\r\nx\r\n", 0.05),
    "slow-redirect": endless(b"HTTP/1.1 302 Found\r\nLocation: /\r\n", b"X-Slow: 1\r\n", 0.05),
    "silence": silence,
}
HEADS: dict[str, Answer] = {
    "closed-at-once": b"",
    "reset-at-once": reset_at_once,
    "reset-in-the-middle": reset_in_the_middle,
    "a-header-of-a-megabyte": OK + b"X-Long: " + b"x" * MEGABYTE + b"\r\n\r\n",
    "ten-thousand-headers": OK + b"".join(b"X-%d: 1\r\n" % n for n in range(10_000)) + b"\r\n",
    "informational-by-the-thousand": b"HTTP/1.1 100 Continue\r\n\r\n" * 1000 + OK + b"Content-Length: 5\r\n\r\nhello",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n\x81\x05hello",
    "no-content-with-a-body": b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
    "partial-unasked": b"HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-4/99\r\nContent-Length: 5\r\n\r\nhello",
    "unchanged-unasked": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello",
    "status-0": b"HTTP/1.1 000 None\r\nContent-Length: 0\r\n\r\n",
    "status-999": b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n",
    "status-of-four-digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
    "http-0.9": b"<html>hello</html>",
    "http-2": bytes.fromhex("000012040000000000000300000080000400010000000500ffffff"),
    "http-9": b"HTTP/9.9 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "another-protocol": b"SSH-2.0-OpenSSH_9.9\r\n",
    "tls": bytes.fromhex("15030100020246"),
    "garbage": bytes(range(256)) * 40,
    "nul-in-a-header": OK + b"X-Nul: a\x00b\r\nContent-Length: 5\r\n\r\nhello",
    "header-without-colon": OK + b"no colon here\r\nContent-Length: 5\r\n\r\nhello",
    "header-with-space": OK + b"Content-Length : 5\r\n\r\nhello",
    "header-without-name": OK + b": 5\r\nContent-Length: 5\r\n\r\nhello",
    "folded-header": OK + b"X-Folded: a\r\n b\r\nContent-Length: 5\r\n\r\nhello",
    "bare-line-ends": b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
    "header-that-is-no-utf-8": OK + b"X-Odd: \xff\xfe\r\nContent-Length: 5\r\n\r\nhello",
    "two-answers": (OK + b"Content-Length: 5\r\n\r\nhello") * 2,
    "years-beyond-all": OK + b"Date: Mon, 01 Jan 99999999999 00:00:00 GMT\r\nContent-Length: 5\r\n\r\nhello",
}
REDIRECTS: dict[str, Answer] = {
    "plain": OK + b"Content-Length: 5\r\n\r\nhello",
    "chain": chain,
    "loop": redirect("/loop-back"),
    "loop-back": redirect("/loop"),
    "itself": redirect("/itself#again"),
    "cookie": cookie,
    "to-file": redirect("file:///etc/passwd"),
    "to-javascript": redirect("javascript:alert(1)"),
    "to-data": redirect("data:text/plain,hello"),
    "to-ftp": redirect("ftp://127.0.0.1/"),
    "to-host-alone": redirect("//{authority}/plain"),
    "to-userinfo": redirect("http://user:hunter2@127.0.0.1/"),
    "to-userinfo-in-disguise": redirect("//a.example@127.0.0.1:1/"),
    "to-half-an-address": redirect("http://[::1"),
    "to-no-port": redirect("http://127.0.0.1:99999/"),
    "to-port-0": redirect("http://127.0.0.1:0/"),
    "to-an-endless-host": redirect(f"http://{'a' * 300}.example/"),
    "to-a-host-with-escapes": redirect("http://%31%32%37.0.0.1/"),
    "to-a-host-with-spaces": redirect("http://a b/"),
    "to-a-name-without-meaning": redirect("http://xn--a.example/"),
    "to-a-nul": redirect(b"http://127.0.0.1\x00.example/"),
    "to-no-utf-8": redirect(b"/\xff\xfe"),
    "to-header-injection": redirect("/plain?%0d%0aX-Injected:%201"),
    "to-two-places": b"HTTP/1.1 302 Go\r\nLocation: /plain\r\nLocation: file:///x\r\nContent-Length: 0\r\n\r\n",
    "to-a-homograph": redirect("http://\u0440\u0430\u0443\u0440\u0430\u04cf.invalid/"),
    "to-a-long-path": redirect("/plain?" + "x" * 15_000),
    "to-nowhere": b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
    "to-emptiness": redirect(""),
    "with-a-body": b"HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 999999999\r\n\r\nhello",
    "multiple-choices": redirect("/plain", 300),
    "refresh": OK + b"Refresh: 0; url=file:///etc/passwd\r\nContent-Length: 5\r\n\r\nhello",
}
PATIENCE: dict[str, Answer] = {
    "later-absurd": _busy("9" * 5000),
    "later-negative": _busy("-5"),
    "later-nan": _busy("NaN"),
    "later-infinite": _busy("inf"),
    "later-1e9": _busy("1e9"),
    "later-in-the-past": _busy("Mon, 01 Jan 2001 00:00:00 GMT"),
    "later-in-no-year": _busy("Mon, 01 Jan 99999999999 00:00:00 GMT"),
    "later-by-a-date": _busy("Wed, 01 Jan 2025 00:01:30 GMT", "Date: Wed, 01 Jan 2025 00:00:00 GMT\r\n"),
}

_POST = '{"id": 1, "date_gmt": "2026-01-01T00:00:00", "modified_gmt": "2026-01-01T00:00:00", "title": {"rendered": %s}}'
HTML = OK + b"Content-Type: text/html; charset=UTF-8\r\n"
POSTS = f"[{_POST % json.dumps('Told')}]"


def _post(**given: str) -> str:
    parts = {"id": "1", "date_gmt": '"2026-01-01T00:00:00"', "title": '{"rendered": "Told"}', **given}
    return "[{" + ", ".join(f'"{name}": {value}' for name, value in parts.items()) + "}]"


SHAPES: dict[str, Answer] = {
    "nested-lists": body("[" * 400_000 + "]" * 400_000),
    "nested-objects": body('{"a":' * 200_000 + "1" + "}" * 200_000),
    "nested-in-a-post": body(_post(title='{"rendered": ' + "[" * 900 + "]" * 900 + "}")),
    "a-string-of-5-mb": body(json.dumps("x" * (5 * MEGABYTE - 100))),
    "a-title-of-4-mb": body(_post(title=json.dumps({"rendered": "x " * (2 * MEGABYTE)}))),
    "nan": body(_post(id="NaN")),
    "infinite": body(_post(id="Infinity")),
    "nan-in-a-title": body(_post(title='{"rendered": NaN}')),
    "keys-twice": body('[{"id": 1, "id": 2, "title": {"rendered": "Told"}}]'),
    "no-utf-8": body(b'[{"id": 1, "title": {"rendered": "caf\xe9"}}]'),
    "utf-16-with-mark": body(POSTS.encode("utf-16")),
    "utf-16": body(POSTS.encode("utf-16-le")),
    "utf-32": body(POSTS.encode("utf-32")),
    "byte-order-mark": body(b"\xef\xbb\xbf" + POSTS.encode()),
    "wrong-charset": body(POSTS, OK + b"Content-Type: application/json; charset=utf-7\r\n"),
    "surrogates": body(_post(title=r'{"rendered": "\ud800\udfff\ud800"}')),
    "nul-in-a-title": body(_post(title=r'{"rendered": "a\u0000b"}')),
    "page": body("<!doctype html><title>Welcome</title>", HTML),
    "parked": body("<html><body>This domain is for sale" + "<p>Buy" * 20_000, HTML),
    "picture": body(POSTS, OK + b"Content-Type: image/png\r\n"),
    "challenge": body("<title>Just a moment...</title>", HTML.replace(b"200 OK", b"403 No\r\ncf-mitigated: challenge")),
    "challenge-200": body("<title>Just a moment...</title>", HTML + b"cf-mitigated: challenge\r\n"),
    "maintenance": body("Briefly unavailable", HTML.replace(b"200 OK", b"503 Busy\r\nRetry-After: 600")),
    "database-error": body("<h1>Error establishing a database connection</h1>", HTML.replace(b"200 OK", b"500 No")),
    "nothing": body(""),
    "spaces": body(" \n" * 1000),
    "no-content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "partial": body(POSTS[:30], b"HTTP/1.1 206 Partial\r\nContent-Type: application/json\r\n"),
    "unchanged": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "empty-list": body("[]"),
    "empty-list-of-none": body("[]", JSON + b"X-WP-Total: 0\r\n"),
    "empty-list-of-many": body("[]", JSON + b"X-WP-Total: 5000\r\n"),
    "empty-object": body("{}"),
    "null": body("null"),
    "number": body("7"),
    "list-of-nulls": body("[null, null]"),
    "list-of-lists": body("[[[]]]"),
    "cut-off": body(POSTS[:-20]),
    "php-notice": body(f"<br />\n<b>Notice</b>: Undefined index in <b>/srv/x.php</b> on line <b>3</b><br />\n{POSTS}"),
    "php-notices-without-end": body("<b>Notice</b>: a [b] {c}\n" * 50_000 + POSTS),
    "openings-without-end": body("[{" * 500_000),
    "a-million-lists": body("[" + "[]," * 1_600_000 + "[]]"),
    "a-million-objects-in-a-post": body(_post(title="[" + "{}," * 1_600_000 + "{}]")),
    "lists-without-end": body("[" * 20 + '"x",' * 1_200_000),
    "quotes-without-end": body('["' + '\\"' * 1_000_000),
    "id-in-quotes": body(_post(id='"1"')),
    "id-negative": body(_post(id="-1")),
    "id-zero": body(_post(id="0")),
    "id-beyond-all": body(_post(id=str(2**70))),
    "id-of-many-digits": body(_post(id="9" * 6000)),
    "id-true": body(_post(id="true")),
    "id-broken": body(_post(id="1.5")),
    "id-null": body(_post(id="null")),
    "dates-beyond-all": body(_post(date_gmt='"99999-01-01T00:00:00"', modified_gmt='"0000-00-00T00:00:00"')),
    "dates-of-year-1": body(_post(date_gmt='"0001-01-01T00:00:00+23:59"', modified_gmt='"9999-12-31T23:59:59-23:59"')),
    "dates-that-are-numbers": body(_post(date_gmt="1e400", modified_gmt="[]")),
    "entities-without-end": body(_post(title=json.dumps({"rendered": "&amp;" * 200_000}))),
    "entities-in-entities": body(_post(title=json.dumps({"rendered": "&" + "amp;" * 200_000}))),
    "numbers-of-entities": body(_post(title=json.dumps({"rendered": "&#" + "9" * 100_000 + ";"}))),
    "tags-without-end": body(_post(title=json.dumps({"rendered": "<b" * 200_000}))),
    "title-that-is-a-list": body(_post(title="[1, 2]", content="7", excerpt="true", link="{}", _embedded="[]")),
    "everything-null": body(
        _post(title="null", content="null", excerpt="null", link="null", _embedded="null", _links="null", status="null")
    ),
    "links-that-are-none": body(_post(link='"javascript:alert(1)"', jetpack_featured_media_url='"file:///x"')),
    "total-without-end": body(POSTS, JSON + b"X-WP-Total: " + b"9" * 5000 + b"\r\n"),
    "error-code-without-end": body('{"code": "' + "x" * 100_000 + '"}', JSON.replace(b"200 OK", b"400 No")),
    "the-same-for-ever": body(_post(id="7"), JSON + b"X-WP-Total: 100000\r\n"),
}
"""What stands in place of a site's data."""

ANSWERS: dict[str, Answer] = PACKED | LENGTHS | ENDLESS | HEADS | REDIRECTS | PATIENCE | SHAPES
