"""The safe client: where it does not go, what it does not swallow, how it says so."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from bot.addresses import is_public
from bot.errors import Blocked, SourceError
from bot.fetch import Fetcher, shown
from tests.serving import Serve


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    opened = Fetcher("Tester/1", allow_private=True, timeout=5, tries=2)
    yield opened
    await opened.close()


@pytest.fixture
async def strict() -> AsyncIterator[Fetcher]:
    """A client as it runs in the open; ports are open so that the address alone decides."""
    opened = Fetcher("Tester/1", timeout=5, ports=range(1, 65536))
    yield opened
    await opened.close()


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",
        "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.88.99.1",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::1", "fe80::1", "fe80::1%eth0", "fc00::1",
        "fd00:ec2::254", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "5f00::1", "2606:4700::5efe:7f00:1",
        "::ffff:0:7f00:1", "::ffff:0:0a00:1", "64:ff9b:1:a9fe:a9:fe00::", "100.127.255.255", "fd20:ce::254",
        "fd00:42::42", "fd00:ec2::23", "2606:4700::200:5efe:a00:1", "64:ff9b::ffff:ffff", "feff::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_of_the_open_internet_is_recognised(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "::ffff:0:101:101"],
)
def test_an_address_of_the_open_internet_is_recognised(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"])
async def test_no_spelling_of_a_private_address_is_reached(strict: Fetcher, serve: Serve, host: str) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(text="inside")

    port = (await serve(handler)).rpartition(":")[2]
    with pytest.raises(SourceError):
        await strict.get(f"http://{host}:{port}/")
    assert asked == []


async def test_a_refusal_says_how_an_intranet_is_opened(strict: Fetcher) -> None:
    with pytest.raises(Blocked, match="PULLQUOTE_ALLOW_PRIVATE_NETWORKS"):
        await strict.get("http://127.0.0.1:9/")


async def test_private_networks_once_allowed_leave_the_metadata_services_closed(fetcher: Fetcher) -> None:
    for host in (
        "169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "0xa9fea9fe", "2852039166",
        "[64:ff9b::a9fe:a9fe]", "[::ffff:0:a9fe:a9fe]", "[64:ff9b:1:a9fe:a9:fe00::]",
        "metadata.google.internal", "Metadata.Google.Internal.",
    ):  # fmt: skip
        url = f"http://{host}/latest/"
        with pytest.raises(Blocked):
            await fetcher.get(url)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://example.com/", "http and https"),
        ("file:///etc/passwd", "http and https"),
        ("http://user:secret@example.com/", "user name or password"),
        ("http://example.com:8080/", "port 8080"),
        ("http:///nothing", "no host"),
        ("http://[::1", "no web address"),
        ("http://example.com:99999/", "no web address"),
    ],
)
async def test_what_is_no_plain_web_address_is_refused_in_words(url: str, word: str) -> None:
    fetcher = Fetcher()
    with pytest.raises(SourceError, match=word) as caught:
        await fetcher.get(url)
    assert "secret" not in str(caught.value)


async def test_a_redirect_is_followed_and_its_end_told(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/":
            raise web.HTTPFound("/there?x=1#part")
        return web.Response(text="arrived")

    base = await serve(handler)
    response = await fetcher.get(base)
    assert (response.url, response.text, response.status) == (f"{base}/there?x=1", "arrived", 200)


@pytest.mark.parametrize("target", ["http://169.254.169.254/", "file:///etc/passwd", "http://a:b@example.com/"])
async def test_a_redirect_leads_nowhere_that_a_url_may_not(fetcher: Fetcher, serve: Serve, target: str) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    with pytest.raises(Blocked):
        await fetcher.get(await serve(handler))


async def test_redirects_without_end_are_given_up(fetcher: Fetcher, serve: Serve) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPMovedPermanently(f"/{len(asked)}")

    with pytest.raises(SourceError, match="redirects more than 5 times"):
        await fetcher.get(await serve(handler))
    assert len(asked) == 6


async def test_a_redirect_back_to_where_it_came_from_is_a_circle(fetcher: Fetcher, serve: Serve) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("/a" if request.path == "/b" else "/b")

    with pytest.raises(SourceError, match="in a circle"):
        await fetcher.get(await serve(handler))
    assert asked == ["/", "/b", "/a"]


@pytest.mark.parametrize(
    ("statuses", "told"), [([301], True), ([308, 301], True), ([301, 302], False), ([307, 308], False), ([], False)]
)
async def test_a_page_has_moved_when_every_redirect_is_for_good(
    fetcher: Fetcher, serve: Serve, statuses: list[int], told: bool
) -> None:
    async def handler(request: web.Request) -> web.Response:
        hop = int(request.path.strip("/") or 0)
        if hop < len(statuses):
            return web.Response(status=statuses[hop], headers={"Location": f"/{hop + 1}"})
        return web.Response(text="there")

    base = await serve(handler)
    assert (await fetcher.get(base)).moved == (f"{base}/{len(statuses)}" if told else "")


async def test_one_site_gets_one_request_at_a_time_and_whoever_asked_first_is_first(
    fetcher: Fetcher, serve: Serve
) -> None:
    running: list[str] = []
    order: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        running.append(request.path)
        order.append(request.path)
        assert len(running) == 1
        await asyncio.sleep(0.02)
        running.remove(request.path)
        return web.Response(text="")

    async def in_a_row(name: str) -> None:
        for number in range(3):
            await fetcher.get(f"{base}/{name}{number}")

    base = await serve(handler)
    await asyncio.gather(in_a_row("poll"), in_a_row("command"))
    assert order == ["/poll0", "/command0", "/poll1", "/command1", "/poll2", "/command2"]


async def test_waiting_for_others_is_not_counted_against_the_site(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(0.2)
        return web.Response(text="")

    fetcher = Fetcher(allow_private=True, timeout=0.5)
    base = await serve(handler)
    answers = await asyncio.gather(*(fetcher.get(base) for _ in range(4)))
    assert [answer.status for answer in answers] == [200] * 4
    await fetcher.close()


async def test_who_waits_too_long_for_others_is_told(
    fetcher: Fetcher, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(0.3)
        return web.Response(text="")

    monkeypatch.setattr("bot.fetch.QUEUE", 0.05)
    base = await serve(handler)
    first = asyncio.create_task(fetcher.get(base))
    await asyncio.sleep(0.01)
    with pytest.raises(SourceError, match="others are still waiting"):
        await fetcher.get(base)
    assert (await first).status == 200


@pytest.mark.parametrize("host", ["blocked.example", "www.blocked.example", "BLOCKED.example.", "xn--4ca.example"])
async def test_what_the_operator_does_not_wish_is_not_read(host: str) -> None:
    fetcher = Fetcher(deny={"blocked.example", "xn--4ca.example"})
    with pytest.raises(Blocked, match="operator does not wish it"):
        await fetcher.get(f"https://{host}/")


async def test_a_redirect_to_what_the_operator_does_not_wish_is_not_followed(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        raise web.HTTPFound("https://blocked.example/")

    fetcher = Fetcher(allow_private=True, deny={"blocked.example"})
    with pytest.raises(Blocked, match=r"blocked\.example is not read"):
        await fetcher.get(await serve(handler))
    await fetcher.close()


async def test_neither_cookies_nor_the_page_before_are_told(fetcher: Fetcher, serve: Serve) -> None:
    seen: list[dict[str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(dict(request.headers))
        headers = {"Set-Cookie": "a=b", **({"Location": "/next"} if request.path == "/" else {})}
        return web.Response(status=302 if request.path == "/" else 200, headers=headers)

    await fetcher.get(await serve(handler))
    assert [headers["User-Agent"] for headers in seen] == ["Tester/1", "Tester/1"]
    assert not {"Cookie", "Referer", "Authorization"} & seen[1].keys()


async def test_a_body_is_counted_as_it_is_unpacked(fetcher: Fetcher, serve: Serve) -> None:
    bomb = gzip.compress(b"\0" * 30_000_000)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    base = await serve(handler)
    with pytest.raises(SourceError, match="longer than 1 MB"):
        await fetcher.get(base, limit=1024 * 1024)


async def test_a_body_up_to_the_limit_is_whole(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"x" * 1000)

    base = await serve(handler)
    assert len((await fetcher.get(base, limit=1000)).body) == 1000
    with pytest.raises(SourceError, match="longer"):
        await fetcher.get(base, limit=999)


async def test_a_server_that_dawdles_is_left() -> None:
    async def dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n")
            while True:
                writer.write(b"X-Slow: 1\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(dawdle, "127.0.0.1", 0)
    fetcher = Fetcher(allow_private=True, timeout=0.4)
    with pytest.raises(SourceError, match=r"did not answer within 0\.4 s"):
        await fetcher.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    await fetcher.close()
    server.close()


async def test_a_connection_that_breaks_is_tried_again(fetcher: Fetcher, serve: Serve) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        if len(asked) == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(text="second try")

    assert (await fetcher.get(await serve(handler))).text == "second try"
    assert len(asked) == 2


async def test_an_answer_of_any_status_is_no_error_here_and_not_repeated(fetcher: Fetcher, serve: Serve) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=500, text="broken")

    assert (await fetcher.get(await serve(handler))).status == 500
    assert len(asked) == 1


async def test_where_nobody_listens_the_error_says_so_without_the_query(fetcher: Fetcher) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(SourceError, match="cannot be reached") as caught:
        await fetcher.get(f"http://127.0.0.1:{port}/page?token=secret")
    assert "secret" not in str(caught.value)


async def test_what_is_no_http_is_an_error_in_words(fetcher: Fetcher) -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example.com ESMTP secret\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    with pytest.raises(SourceError) as caught:
        await fetcher.get(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    assert "secret" not in str(caught.value)
    server.close()


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0.0),
        ("999999999", 86400.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
async def test_the_patience_a_server_asks_for_is_in_seconds_by_its_own_clock(
    fetcher: Fetcher, serve: Serve, said: str, expected: float | None
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": said, "Date": format_datetime(NOW, usegmt=True)})

    response = await fetcher.get(await serve(handler))
    assert response.retry_after == expected
    assert response.clock == NOW.timestamp()


async def test_a_body_that_is_no_utf_8_is_read_as_far_as_it_goes(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"\xef\xbb\xbfcaf\xe9", headers={"Content-Type": "Text/HTML; charset=latin1"})

    response = await fetcher.get(await serve(handler))
    assert (response.text, response.content_type) == ("caf\ufffd", "text/html")


def test_a_url_is_shown_without_what_may_be_secret() -> None:
    assert shown("https://user:pw@example.com/page?key=1#x") == "https://example.com/page"


async def test_a_form_is_posted_as_a_browser_would(fetcher: Fetcher, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        form = await request.post()
        return web.Response(status=202, text=f"{request.method} {form['hub.mode']!s} {form['topic']!s}")

    response = await fetcher.post(await serve(handler), {"hub.mode": "subscribe", "topic": "https://a.example/?b=c&d"})
    assert (response.status, response.text) == (202, "POST subscribe https://a.example/?b=c&d")


async def test_a_form_follows_no_redirect(fetcher: Fetcher, serve: Serve) -> None:
    asked: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    assert (await fetcher.post(await serve(handler), {"a": "b"})).status == 307
    assert asked == ["/"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "file:///etc/passwd", "http://a:b@example.com/"])
async def test_a_form_goes_nowhere_that_a_reader_may_not(strict: Fetcher, url: str) -> None:
    with pytest.raises(Blocked):
        await strict.post(url, {"a": "b"})


async def test_the_answer_to_a_form_is_counted_and_timed(serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/slow":
            await asyncio.sleep(30)
        return web.Response(body=b"x" * 1000)

    base = await serve(handler)
    fetcher = Fetcher(allow_private=True, timeout=0.4)
    with pytest.raises(SourceError, match="longer"):
        await fetcher.post(base, {"a": "b"}, limit=999)
    with pytest.raises(SourceError, match=r"did not answer within 0\.4 s"):
        await fetcher.post(f"{base}/slow", {"a": "b"})
    await fetcher.close()
