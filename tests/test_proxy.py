"""Reading through a proxy: everything goes to it, and what cannot be its business is refused before."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.errors import Blocked, SourceError
from bot.fetch import Fetcher

SECRET = "hunter2"
BASIC = "Basic " + base64.b64encode(f"us er:{SECRET}".encode()).decode()


@asynccontextmanager
async def proxy(answer: bytes) -> AsyncIterator[tuple[Fetcher, list[str]]]:
    """A reader whose proxy gives this answer to all; and the heads of what it was asked."""
    asked: list[str] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            writer.write(answer)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    fetcher = Fetcher(proxy=f"http://us%20er:{SECRET}@127.0.0.1:{port}", tries=1, timeout=5)
    yield fetcher, asked
    await fetcher.close()
    server.close()


async def test_a_name_is_the_proxys_to_resolve() -> None:
    async with proxy(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere") as (fetcher, asked):
        assert (await fetcher.get("http://no-such-name.example/page?x=1")).text == "there"
    head = asked[0].splitlines()
    assert head[0] == "GET http://no-such-name.example/page?x=1 HTTP/1.1"
    assert f"Proxy-Authorization: {BASIC}" in head


async def test_a_site_with_tls_never_sees_what_the_proxy_is_told() -> None:
    async with proxy(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n") as (fetcher, asked):
        with pytest.raises(SourceError, match="PULLQUOTE_PROXY refuses to lead there") as error:
            await fetcher.get("https://a.example/")
    assert asked[0].startswith("CONNECT a.example:443 HTTP/1.1\r\n")
    assert f"Proxy-Authorization: {BASIC}" in asked[0]
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None


async def test_a_proxy_that_wants_another_password_is_told_of() -> None:
    async with proxy(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n") as (fetcher, _asked):
        with pytest.raises(SourceError, match="PULLQUOTE_PROXY refuses"):
            await fetcher.get("http://a.example/")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.0.0.1", "0x7f.1", "2130706433", "017700000001", "127.1", "[::1]", "[::ffff:10.0.0.1]",
        "169.254.169.254", "localhost", "LOCALHOST.", "a.localhost", "metadata.google.internal", "127.0.0.1.",
        "①②⑦.0.0.1", "[64:ff9b::7f00:1]",
    ],
)  # fmt: skip
async def test_a_private_address_written_out_is_not_the_proxys_to_reach(host: str) -> None:
    async with proxy(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as (fetcher, asked):
        with pytest.raises(Blocked):
            await fetcher.get(f"http://{host}/")
    assert asked == []


async def test_a_redirect_into_a_private_network_is_not_asked_of_the_proxy() -> None:
    async with proxy(b"HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\n\r\n") as (fetcher, asked):
        with pytest.raises(Blocked):
            await fetcher.get("http://a.example/")
    assert len(asked) == 1


@pytest.mark.parametrize("proxy_at", ["http://127.0.0.1:9", "http://no-such-proxy.invalid:9"])
async def test_a_proxy_that_is_not_there_is_told_of(proxy_at: str) -> None:
    fetcher = Fetcher(proxy=proxy_at, tries=1, timeout=5)
    with pytest.raises(SourceError, match="the proxy of PULLQUOTE_PROXY did not take the connection"):
        await fetcher.get("http://a.example/")
    await fetcher.close()
