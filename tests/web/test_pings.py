"""Publish pings: what WordPress sends is heard, and nothing else is."""

from __future__ import annotations

import asyncio
import socket
import xmlrpc.client
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web import incoming, pings
from bot.web.pings import answer, pinged
from tests.web.house import House

LEDGER = "https://ledger.example/"
# What WordPress 6.8 sends, to the letter.
WORDPRESS = """<?xml version="1.0"?>
<methodCall>
<methodName>weblogUpdates.extendedPing</methodName>
<params>
<param><value><string>Lab &amp; Site</string></value></param>
<param><value><string>{url}</string></value></param>
<param><value><string>{url}feed/</string></value></param>
</params></methodCall>
"""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path) as opened:
        yield opened


def ping(url: str = LEDGER) -> bytes:
    return WORDPRESS.format(url=url).encode()


async def send(house: House, body: bytes, **headers: str) -> tuple[bool, str]:
    async with house.client.post(house.at("/ping"), data=body, headers=headers) as response:
        assert (response.status, response.content_type) == (200, "text/xml")
        ((said,), _method) = xmlrpc.client.loads(await response.read())
    assert isinstance(said, dict)
    assert said.keys() == {"flerror", "message"}
    assert isinstance(said["flerror"], bool)
    return said["flerror"], said["message"]


async def status(house: House, body: bytes | str, method: str = "POST", **headers: str) -> int:
    async with house.client.request(method, house.at("/ping"), data=body, headers=headers) as response:
        return response.status


async def test_a_ping_of_a_site_that_is_followed_has_it_looked_at(house: House) -> None:
    site = house.follow()
    assert (await send(house, ping()))[0] is False
    assert await house.asked() == [site]


@pytest.mark.parametrize("method", ["weblogUpdates.ping", "weblogUpdates.extendedPing"])
async def test_any_client_of_xml_rpc_is_understood(house: House, method: str) -> None:
    site = house.follow()
    rest = (f"{LEDGER}new", f"{LEDGER}feed/", "news|world")
    arguments = ("The Ledger", LEDGER, *(rest if "extended" in method else ()))
    assert (await send(house, xmlrpc.client.dumps(arguments, method).encode()))[0] is False
    assert await house.asked() == [site]


async def test_an_unknown_site_and_no_ping_at_all_are_answered_alike(house: House) -> None:
    house.follow()
    unknown = await send(house, ping("https://stranger.example/"))
    assert unknown[0] is True
    assert "ledger" not in unknown[1]
    for body in (b"", b"hello", ping().replace(b"weblogUpdates", b"system"), ping()[:-20]):
        assert await send(house, body) == unknown
    assert not house.bell.is_set()


async def test_a_person_who_opens_the_address_is_told_what_to_put_where(house: House) -> None:
    async with house.client.get(house.at("/ping")) as response:
        said = await response.text()
    assert "https://bot.example/pullquote/ping" in said
    assert "Settings → Writing → Update Services" in said


async def test_answers_are_in_the_bots_language(tmp_path: Path) -> None:
    async with House(tmp_path, language="de") as house, house.client.get(house.at("/ping")) as response:
        assert "Einstellungen → Schreiben" in await response.text()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_no_other_method_is_taken(house: House, method: str) -> None:
    assert await status(house, ping(), method) == 405


async def test_a_body_that_is_too_long_is_not_read(house: House) -> None:
    house.follow()
    assert await status(house, b" " * (pings.MOST_BYTES + 1)) == 413

    async def pieces() -> AsyncIterator[bytes]:
        for _piece in range(100):
            yield b" " * 1000

    async with house.client.post(house.at("/ping"), data=pieces()) as response:
        assert response.status == 413


async def test_a_body_that_does_not_come_is_not_waited_for(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "SLOWEST", 0.2)
    reader, writer = await asyncio.open_connection(*house.web.address)
    writer.write(b"POST /pullquote/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<?xml")
    assert b" 408 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()


async def test_a_sender_who_hangs_up_disturbs_nobody(house: House, caplog: pytest.LogCaptureFixture) -> None:
    site = house.follow()
    _reader, writer = await asyncio.open_connection(*house.web.address)
    writer.write(b"POST /pullquote/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<?xml")
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.close()
    await send(house, ping())
    assert await house.asked() == [site]
    assert caplog.text == ""


async def test_a_body_in_broken_pieces_is_a_bad_request(house: House, caplog: pytest.LogCaptureFixture) -> None:
    reader, writer = await asyncio.open_connection(*house.web.address)
    writer.write(b"POST /pullquote/ping HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n<?xml\r\n")
    assert b" 400 " in await asyncio.wait_for(reader.readline(), 5)
    writer.close()
    assert caplog.text == ""


async def test_nothing_is_unpacked_for_strangers(house: House) -> None:
    assert await status(house, b"\x1f\x8b", **{"Content-Encoding": "gzip"}) == 415


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))


@pytest.mark.parametrize(
    "bomb",
    [
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "{LEDGER}">{LAUGHS}]>{{}}',
        f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY url "{LEDGER}">]>{{}}',
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY url SYSTEM "file:///etc/passwd">]>{}',
        '<?xml version="1.0"?><!DOCTYPE a SYSTEM "http://127.0.0.1:9/a.dtd">{}',
        '<?xml version="1.0"?>{}',
    ],
)
@pytest.mark.parametrize("entity", ["&url;", "&l8;"])
def test_no_entity_and_no_document_type_is_taken(bomb: str, entity: str) -> None:
    call = WORDPRESS.partition("\n")[2].format(url=entity)
    assert pinged(bomb.format(call).encode()) == ""
    assert (
        pinged(bomb.format(call).replace("<?xml version=", "<?xml encoding='utf-16' version=").encode("utf-16")) == ""
    )


@pytest.mark.parametrize(
    "body", ["<a>" * 20_000, "<a " + "b='c' " * 9_000 + "/>", "<" * 60_000, "<?xml encoding='x'?><a/>"]
)
def test_odd_documents_are_no_pings(body: str) -> None:
    assert pinged(body.encode()) == ""


@given(st.binary(max_size=300))
def test_whatever_comes_is_a_ping_or_none(body: bytes) -> None:
    assert pinged(body) == ""


@given(st.binary(max_size=3), st.integers(0, len(ping())), st.integers(0, 40))
def test_so_it_is_for_a_ping_that_is_damaged(patch: bytes, at: int, gone: int) -> None:
    whole = ping()
    assert isinstance(pinged(whole[:at] + patch + whole[at + gone :]), str)


@given(st.booleans(), st.text(st.characters(exclude_categories=["C"])))
def test_an_answer_reads_as_it_was_meant(error: bool, message: str) -> None:
    ((said,), _method) = xmlrpc.client.loads(answer(error, message).decode())
    assert said == {"flerror": error, "message": message}


async def test_pings_of_one_sender_are_bounded_and_another_is_heard(house: House) -> None:
    site = house.follow()
    for _ping in range(pings.PER_MINUTE):
        await send(house, ping("https://stranger.example/"))
    assert await status(house, ping()) == 429
    await send(house, ping(), **{"X-Forwarded-For": "127.0.0.1, 192.0.2.7"})
    assert await house.asked() == [site]
    house.clock.turn(timedelta(minutes=1))
    await send(house, ping())


@pytest.mark.parametrize(
    ("peer", "told", "sender"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1, 198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "nobody", "127.0.0.1"),
        ("10.0.0.2", "198.51.100.9", "198.51.100.9"),
        ("93.184.216.34", "198.51.100.9", "93.184.216.34"),
        ("::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
    ],
)
def test_only_a_proxy_beside_the_bot_is_believed_whom_it_heard(peer: str, told: str, sender: str) -> None:
    class Request:
        remote, headers = peer, {"X-Forwarded-For": told}

    assert incoming.sender_of(Request()) == sender  # type: ignore[arg-type]


async def test_it_is_well_and_says_so(house: House) -> None:
    async with house.client.get(house.at("/health")) as response:
        assert (response.status, await response.text(), response.headers["Server"]) == (200, "ok", "Pullquote")
    async with house.client.get(house.at("/").replace("/pullquote", "")) as response:
        assert response.status == 404


async def test_a_database_that_refuses_is_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        from bot.errors import StoreError

        raise StoreError("The database refused (disk full).")

    monkeypatch.setattr(house.store, "sites_at", refuse)
    assert await status(house, ping()) == 503


async def test_a_port_in_use_is_told_with_the_setting(tmp_path: Path) -> None:
    from bot.errors import SettingsError

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        house = House(tmp_path, listen=f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(SettingsError, match="PULLQUOTE_LISTEN"):
            await house.web.start()
        await house.__aexit__()
