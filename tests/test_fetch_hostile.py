"""The safe client against servers that do what none should: an answer, or one sentence; soon, and of bounded size."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import suppress
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import Blocked, SourceError, Unreachable
from bot.fetch import JSON_LIMIT, Fetcher
from bot.metered import METER
from tests.farends import hostile
from tests.farends.hostile import Hostile

NO_HTTP = "gave an answer that is no HTTP"
BROKE = "broke off while answering"
LATE = "did not answer within"
LONG = "longer than 5 MB"
UNASKED = "packed in a way that was not asked for"
CIRCLE = "redirects in a circle"
NO_ADDRESS = "That is no web address"
SCHEME = "Only http and https addresses are read"
HELLO = (200, b"hello")

TOLD: dict[str, str | tuple[int, bytes | None]] = {
    "gzip-bomb": LONG,
    "gzip-bomb-in-chunks": LONG,
    "deflate-bomb": LONG,
    "raw-deflate-bomb": LONG,
    "gzip-in-gzip-bomb": UNASKED,
    "gzip-bomb-in-gzip-told-once": (200, hostile.BOMB),
    "brotli": f"{NO_HTTP}|{UNASKED}",
    "zstd": f"{NO_HTTP}|{UNASKED}",
    "unheard-of": UNASKED,
    "gzip-that-is-none": BROKE,
    "gzip-cut-off": (200, None),
    "gzip-and-more": BROKE,
    "gzip-of-nothing": (200, b""),
    "packed-in-vain": HELLO,
    "length-short": NO_HTTP,
    "length-long": BROKE,
    "length-beyond-all": NO_HTTP,
    "length-huge": BROKE,
    "length-negative": NO_HTTP,
    "length-signed": NO_HTTP,
    "length-in-words": NO_HTTP,
    "length-twice": NO_HTTP,
    "length-and-chunks": NO_HTTP,
    "no-length": HELLO,
    "chunk-half": BROKE,
    "chunk-without-end": BROKE,
    "chunk-of-letters": NO_HTTP,
    "chunk-negative": NO_HTTP,
    "chunk-beyond-all": NO_HTTP,
    "chunk-with-extensions": HELLO,
    "chunk-with-trailers": HELLO,
    "endless-body": LONG,
    "endless-chunks": LONG,
    "endless-chunks-of-nothing-much": f"{LATE}|{LONG}|{BROKE}",
    "endless-extension": f"{BROKE}|{LATE}",
    "endless-trailers": NO_HTTP,
    "endless-headers": NO_HTTP,
    "endless-header-line": NO_HTTP,
    "endless-status-line": NO_HTTP,
    "endless-garbage": NO_HTTP,
    "endless-informational": LATE,
    "slow-headers": LATE,
    "slow-header-line": LATE,
    "slow-body": LATE,
    "slow-chunks": LATE,
    "slow-redirect": LATE,
    "silence": LATE,
    "closed-at-once": BROKE,
    "reset-at-once": BROKE,
    "reset-in-the-middle": BROKE,
    "a-header-of-a-megabyte": NO_HTTP,
    "ten-thousand-headers": NO_HTTP,
    "informational-by-the-thousand": HELLO,
    "switching": NO_HTTP,
    "no-content-with-a-body": NO_HTTP,
    "partial-unasked": (206, b"hello"),
    "unchanged-unasked": NO_HTTP,
    "status-0": NO_HTTP,
    "status-999": (999, b""),
    "status-of-four-digits": NO_HTTP,
    "http-0.9": NO_HTTP,
    "http-2": NO_HTTP,
    "http-9": NO_HTTP,
    "another-protocol": NO_HTTP,
    "tls": NO_HTTP,
    "garbage": NO_HTTP,
    "nul-in-a-header": NO_HTTP,
    "header-without-colon": NO_HTTP,
    "header-with-space": HELLO,
    "header-without-name": NO_HTTP,
    "folded-header": HELLO,
    "bare-line-ends": HELLO,
    "header-that-is-no-utf-8": HELLO,
    "two-answers": HELLO,
    "years-beyond-all": HELLO,
    "plain": HELLO,
    "chain": "redirects more than 5 times",
    "loop": CIRCLE,
    "loop-back": CIRCLE,
    "itself": CIRCLE,
    "cookie": CIRCLE,
    "to-file": SCHEME,
    "to-javascript": SCHEME,
    "to-data": SCHEME,
    "to-ftp": SCHEME,
    "to-host-alone": HELLO,
    "to-userinfo": "carries a user name or password",
    "to-userinfo-in-disguise": "carries a user name or password",
    "to-half-an-address": "redirects to something that is no address",
    "to-no-port": "redirects to something that is no address",
    "to-port-0": "cannot be reached",
    "to-an-endless-host": NO_ADDRESS,
    "to-a-host-with-escapes": NO_ADDRESS,
    "to-a-host-with-spaces": NO_ADDRESS,
    "to-a-name-without-meaning": "redirects to something that is no address|That is no web address",
    "to-a-nul": NO_HTTP,
    "to-no-utf-8": BROKE,
    "to-header-injection": HELLO,
    "to-two-places": HELLO,
    "to-a-homograph": r"^http://xn--80aa0cbo65f\.invalid/ ",
    "to-a-long-path": HELLO,
    "to-nowhere": (302, b""),
    "to-emptiness": (302, b""),
    "with-a-body": HELLO,
    "multiple-choices": (300, b""),
    "refresh": HELLO,
    **dict.fromkeys(hostile.PATIENCE, (503, b"")),
}
"""What becomes of each: a pattern of the sentence, or status and body (None: any) of the answer."""

SENTENCE = re.compile(r"[^\n\r]{10,400}[.?]")


def sentence(error: SourceError) -> str:
    """What is said, if it may be said to people: one line, which ends, and names no foreign words."""
    said = str(error)
    assert SENTENCE.fullmatch(said), said
    assert not re.search(r"hunter2|Traceback|Error\b|aiohttp", said), said
    return said


def test_every_answer_but_those_of_data_has_its_outcome() -> None:
    assert TOLD.keys() == hostile.ANSWERS.keys() - hostile.SHAPES.keys()


@pytest.mark.parametrize("name", TOLD)
async def test_the_worst_is_an_answer_or_a_sentence_soon_and_of_bounded_size(name: str) -> None:
    expected = TOLD[name]
    fetcher = Fetcher(allow_private=True, timeout=0.4, tries=1)
    async with Hostile() as far, asyncio.timeout(10):
        if isinstance(expected, str):
            with pytest.raises(SourceError) as error:
                await fetcher.get(f"{far.base}/{name}")
            assert re.search(expected, sentence(error.value)), error.value
        else:
            answer = await fetcher.get(f"{far.base}/{name}")
            assert answer.status == expected[0]
            assert expected[1] is None or answer.body == expected[1]
            assert answer.clock > 0
            assert answer.retry_after is None or 0 <= answer.retry_after <= 86400
        await fetcher.close()
        assert far.sent <= METER + 8 * hostile.MEGABYTE  # what the system holds between the two is sent as well


@pytest.mark.parametrize(
    ("name", "seconds"),
    [
        ("later-absurd", 86400),
        ("later-negative", None),
        ("later-nan", None),
        ("later-infinite", None),
        ("later-1e9", None),
        ("later-in-the-past", 0),
        ("later-in-no-year", None),
        ("later-by-a-date", 90),
    ],
)
async def test_no_patience_is_asked_for_that_nobody_has(name: str, seconds: float | None) -> None:
    fetcher = Fetcher(allow_private=True, tries=1)
    async with Hostile() as far:
        assert (await fetcher.get(f"{far.base}/{name}")).retry_after == seconds
    await fetcher.close()


async def test_a_far_end_that_breaks_off_is_asked_as_often_as_was_said_and_not_more() -> None:
    fetcher = Fetcher(allow_private=True, tries=3)
    async with Hostile() as far:
        with pytest.raises(SourceError, match=BROKE):
            await fetcher.get(f"{far.base}/reset-in-the-middle")
        assert len(far.asked) == 3
        with pytest.raises(SourceError, match=LONG):
            await fetcher.get(f"{far.base}/gzip-bomb")
        assert len(far.asked) == 4
    await fetcher.close()


async def test_a_connection_that_served_long_enough_is_made_anew_and_nobody_notices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.metered.Metered._left", 100)
    fetcher = Fetcher(allow_private=True, tries=2)
    async with Hostile() as far:
        for _ in range(6):
            assert (await fetcher.get(f"{far.base}/plain")).body == b"hello"
    await fetcher.close()


async def test_after_an_answer_that_was_given_up_the_site_is_read_on() -> None:
    fetcher = Fetcher(allow_private=True, timeout=0.2, tries=1)
    async with Hostile() as far:
        for name in ("endless-body", "silence", "slow-body", "gzip-bomb", "two-answers", "switching"):
            with suppress(SourceError):
                await fetcher.get(f"{far.base}/{name}")
            assert (await fetcher.get(f"{far.base}/plain")).body == b"hello", name
    await fetcher.close()


# In the open: names lead to a public address, which a detour takes to the far end

PUBLIC = "93.184.216.34"


class _Detour(socket.socket):
    """Goes to the far end, whatever public address is asked for."""

    port = 0

    def connect(self, _address: Any) -> None:
        super().connect(("127.0.0.1", type(self).port))


class Open(Fetcher):
    """A client as it runs in the open; its sockets are checked as ever and then take the detour."""

    def __init__(self, port: int) -> None:
        super().__init__(timeout=3, tries=1)
        self._detour = type("_There", (_Detour,), {"port": port})
        self.checked: list[str] = []

    def _socket(self, info: Any) -> socket.socket:
        self.checked.append(info[4][0])
        super()._socket(info).close()
        made: socket.socket = self._detour(*info[:3])
        return made


class Resolver(AbstractResolver):
    """Gives one list of addresses after the other, the last for ever."""

    answers: tuple[list[str], ...] = ([PUBLIC],)
    asked = 0

    def __init__(self, **_given: object) -> None:
        """As the library makes its own."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self.answers[min(type(self).asked, len(self.answers) - 1)]
        type(self).asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> type[Resolver]:
    """What all names resolve to."""

    class Fresh(Resolver):
        pass

    monkeypatch.setattr(aiohttp.connector, "DefaultResolver", Fresh)
    return Fresh


async def test_the_open_internet_is_read(names: type[Resolver]) -> None:
    async with Hostile() as far:
        fetcher = Open(far.port)
        assert (await fetcher.get("http://a.example/plain")).body == b"hello"
        assert fetcher.checked == [PUBLIC]
        await fetcher.close()


async def test_a_name_that_changes_its_mind_leads_nowhere_the_second_time(names: type[Resolver]) -> None:
    names.answers = ([PUBLIC], ["127.0.0.1"])
    async with Hostile() as far:
        fetcher = Open(far.port)
        assert (await fetcher.get("http://a.example/no-length")).body == b"hello"
        assert fetcher._session is not None
        assert isinstance(fetcher._session.connector, aiohttp.TCPConnector)
        fetcher._session.connector.clear_dns_cache()
        with pytest.raises(Blocked):
            await fetcher.get("http://a.example/plain")
        assert fetcher.checked == [PUBLIC, "127.0.0.1"]
        assert far.asked == ["/no-length"]
        await fetcher.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "169.254.169.254"])
async def test_a_name_with_a_private_address_among_its_public_ones_does_not_lead_there(
    names: type[Resolver], address: str
) -> None:
    names.answers = ([address],)
    async with Hostile() as far:
        fetcher = Open(far.port)
        with pytest.raises(Blocked):
            await fetcher.get("http://a.example/plain")
        assert far.asked == []
        await fetcher.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.1", "0177.0.0.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.", "①②⑦.0.0.1",
        "127。0。0。1", "0", "0.0.0.0", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1", "169.254.169.254",
        "0xa9fea9fe", "2852039166", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::7f00:1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[::ffff:0:7f00:1]", "[2002:7f00:1::]", "[2001:0:1::1]",
        "[fe80::1]", "[fe80::1%25eth0]", "[fec0::1]", "[fd00::1]", "[2606:4700::5efe:7f00:1]", "localhost",
        "LocalHost.", "a.localhost", "metadata.google.internal", "metadata.goog", "168.63.129.16",
        "100.100.100.200", "192.0.0.192", "224.0.0.1", "255.255.255.255",
    ],
)  # fmt: skip
async def test_a_redirect_into_a_private_network_is_not_followed_in_any_disguise(
    names: type[Resolver], host: str
) -> None:
    async with Hostile({"here": hostile.redirect(f"http://{host}/plain"), **hostile.REDIRECTS}) as far:
        fetcher = Open(far.port)
        with pytest.raises(SourceError) as error:
            await fetcher.get("http://a.example/here")
        assert isinstance(error.value, Blocked) or "%" in host
        sentence(error.value)
        assert far.asked == ["/here"]
        await fetcher.close()


async def test_a_redirect_to_another_port_is_not_followed(names: type[Resolver]) -> None:
    async with Hostile({"here": hostile.redirect("http://a.example:6379/")}) as far:
        fetcher = Open(far.port)
        with pytest.raises(Blocked, match="port 6379"):
            await fetcher.get("http://a.example/here")
        assert far.asked == ["/here"]
        await fetcher.close()


async def test_what_is_too_long_to_be_taken_whole_is_not_kept_in_part() -> None:
    fetcher = Fetcher(allow_private=True, tries=1)
    async with Hostile({"long": hostile.body(b"x" * (JSON_LIMIT + 1))}) as far:
        with pytest.raises(SourceError, match=LONG) as error:
            await fetcher.get(f"{far.base}/long")
        assert not isinstance(error.value, Unreachable)
    await fetcher.close()
