"""WebSub: hubs are found, asked, verified, renewed and left; what they send is a hint if it is signed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from bot.fetch import Response
from bot.model import Site, Subscription
from bot.web.hubs import ALGORITHMS, hub_of, is_signed
from bot.web.websub import WebSub
from tests.web.house import HERE, Clock, House, Hub
from tests.wishes import subscribe

DAY = timedelta(days=1)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path) as opened:
        yield opened


@pytest.fixture
async def hub(house: House) -> AsyncIterator[Hub]:
    async with Hub(house) as opened:
        yield opened


async def tended(house: House, hub: Hub) -> dict[str, str]:
    """What the hub was asked, one form since the last time."""
    before = len(hub.forms)
    await house.web.websub.tend()
    [form] = hub.forms[before:]
    return form


# Finding a hub


@pytest.mark.parametrize("headers", [False, True])
async def test_the_hub_that_a_feed_names_is_asked(house: House, hub: Hub, headers: bool) -> None:
    hub.headers = headers
    site = house.follow(hub.url)
    form = await tended(house, hub)
    secret, callback = form.pop("hub.secret"), form.pop("hub.callback")
    expected = {"hub.mode": "subscribe", "hub.topic": hub.topic, "hub.lease_seconds": "864000", "hub.verify": "sync"}
    assert form == expected
    assert len(secret) >= 32
    assert len(callback.rpartition("/")[2]) >= 32
    assert hub.verified == [(200, "Is it you? <b>")]
    watch = house.watch(site)
    assert watch is not None
    assert watch.lease == 864000


async def test_the_hub_of_a_site_that_is_read_by_its_feed_is_found_there(house: House, hub: Hub) -> None:
    site = house.store.add_site(Site(f"{hub.url}nowhere", "A", hub.url, reader="feed", cursor="0"), house.clock.now())
    assert site.id is not None
    subscribe(house.store, Subscription(HERE, site.id), house.clock.now())
    assert (await tended(house, hub))["hub.topic"] == hub.topic


async def test_a_feed_without_a_hub_is_asked_again_in_a_day(house: House, hub: Hub) -> None:
    hub.named = ""
    house.follow(hub.url)
    for _look in range(3):
        await house.web.websub.tend()
        house.clock.turn(timedelta(hours=1))
    assert (hub.feeds, hub.forms) == (1, [])
    hub.named = "/hub"
    house.clock.turn(DAY)
    await tended(house, hub)


async def test_a_site_in_trouble_is_not_asked(house: House, hub: Hub) -> None:
    house.follow(hub.url)
    house.clock.turn(timedelta(days=301))
    [turn] = house.store.claim_sites(house.clock.now(), 1, DAY)
    house.store.trouble(turn, "503", house.clock.now())
    await house.web.websub.tend()
    assert hub.feeds == 0


def feed(body: str, *links: str) -> Response:
    headers = CIMultiDict([("Link", link) for link in links])
    return Response("https://a.example/feed/", 200, CIMultiDictProxy(headers), body.encode())


LAUGHS = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom">{}</feed>'


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (feed("", '</hub>; rel="hub"'), ("https://a.example/hub", "https://a.example/feed/")),
        (
            feed("", "<https://h.example/>; rel=hub", '<https://a.example/f>; title="a, b"; rel="alternate self"'),
            ("https://h.example/", "https://a.example/f"),
        ),
        (
            feed(ATOM.format('<link rel="self" href="https://a.example/atom"/><link rel="hub" href="//h.example/"/>')),
            ("https://h.example/", "https://a.example/atom"),
        ),
        (feed(ATOM.format('<entry><link rel="hub" href="https://h.example/"/></entry>')), None),
        (feed(ATOM.format('<link rel="hub" href="ftp://h.example/"/><link rel="hub" href="http://[::1"/>')), None),
        (feed('<!DOCTYPE a [<!ENTITY h SYSTEM "file:///etc/passwd">]><feed><link rel="hub" href="&h;"/></feed>'), None),
        (feed(f'<!DOCTYPE a [{LAUGHS}]><feed a="&l8;"><link rel="hub" href="https://h.example/"/></feed>'), None),
        (feed("<!doctype html><p>No feed at all<br>"), None),
        (feed(""), None),
    ],
)
def test_a_hub_is_found_where_a_feed_names_it(found: Response, expected: tuple[str, str] | None) -> None:
    assert hub_of(found) == expected


@given(st.text(max_size=200), st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_feed_and_any_header_names_a_hub_or_none(body: str, link: str) -> None:
    assert hub_of(feed(body, link)) is None or "hub" in (body + link).lower()


async def test_hubs_are_asked_by_the_way(house: House, hub: Hub) -> None:
    house.follow(hub.url)
    tending = asyncio.create_task(WebSub.run(house.web.websub))
    async with asyncio.timeout(5):
        while not hub.verified:
            await asyncio.sleep(0.01)
    tending.cancel()


# What the hub asks back


async def test_what_was_not_wished_is_not_confirmed(house: House, hub: Hub) -> None:
    house.follow(hub.url)
    form = await tended(house, hub)
    for changed in ({"topic": f"{hub.url}other"}, {"mode": "unsubscribe"}, {"mode": ""}):
        assert (await hub.verify(form, **changed))[0] == 404
    assert (await hub.verify({**form, "hub.callback": form["hub.callback"] + "x"}))[0] == 404


async def test_a_hub_that_never_asks_back_is_asked_once_a_day(house: House, hub: Hub) -> None:
    hub.silent = True
    house.follow(hub.url)
    first = await tended(house, hub)
    house.clock.turn(timedelta(hours=2))
    await house.web.websub.tend()
    assert hub.forms == [first]
    house.clock.turn(DAY)
    assert await tended(house, hub) == first


async def test_a_hub_that_refuses_is_asked_again_in_a_day(house: House, hub: Hub) -> None:
    site = house.follow(hub.url)
    form = await tended(house, hub)
    assert (await hub.verify(form, mode="denied", reason="no"))[0] == 200
    watch = house.watch(site)
    assert watch is not None
    assert watch.lease == 0
    await house.web.websub.tend()
    assert len(hub.forms) == 1
    house.clock.turn(DAY)
    await tended(house, hub)


@pytest.mark.parametrize(
    ("granted", "renewed"),
    [("86400", 69120), ("864000", 691200), ("", 691200), ("soon", 691200), ("1", 48), ("99999999999", 2073600)],
)
async def test_a_lease_is_renewed_when_most_of_it_is_over(house: House, hub: Hub, granted: str, renewed: int) -> None:
    hub.lease = granted
    house.follow(hub.url)
    form = await tended(house, hub)
    house.clock.turn(timedelta(seconds=renewed - 1))
    await house.web.websub.tend()
    assert len(hub.forms) == 1
    house.clock.turn(timedelta(seconds=1))
    assert await tended(house, hub) == form
    await house.web.websub.tend()
    assert len(hub.forms) == 2


async def test_a_renewal_that_fails_is_tried_again_in_an_hour(house: House, hub: Hub) -> None:
    house.follow(hub.url)
    await tended(house, hub)
    hub.silent = True
    house.clock.turn(timedelta(days=8))
    await tended(house, hub)
    await house.web.websub.tend()
    assert len(hub.forms) == 2
    house.clock.turn(timedelta(hours=1))
    await tended(house, hub)


async def test_a_site_that_nobody_follows_any_more_is_left(house: House, hub: Hub) -> None:
    site = house.follow(hub.url)
    form = await tended(house, hub)
    house.store.unsubscribe(HERE, site)
    left = await tended(house, hub)
    assert (left["hub.mode"], left["hub.callback"]) == ("unsubscribe", form["hub.callback"])
    assert hub.verified[-1] == (200, "Is it you? <b>")
    assert (await hub.verify(left))[0] == 404, "it is confirmed once"
    assert await hub.tell(form) == 410
    await house.web.websub.tend()
    assert len(hub.forms) == 2


async def test_who_moves_to_another_hub_is_followed_there(house: House, hub: Hub) -> None:
    house.follow(hub.url)
    first = await tended(house, hub)
    hub.named = "/other-hub"
    house.clock.turn(DAY)
    await house.web.websub.tend()
    _first, left, second = hub.forms
    assert (left["hub.mode"], second["hub.mode"]) == ("unsubscribe", "subscribe")
    assert second["hub.callback"] != first["hub.callback"]
    assert second["hub.secret"] != first["hub.secret"]
    assert [status for status, _said in hub.verified] == [200, 200, 200]


# What the hub tells


@pytest.mark.parametrize("method", sorted(ALGORITHMS))
async def test_what_a_hub_tells_has_the_site_looked_at(house: House, hub: Hub, method: str) -> None:
    site = house.follow(hub.url)
    form = await tended(house, hub)
    assert await hub.tell(form, method=method) == 202
    assert await house.asked() == [site]


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=00", "md5=00", "é", "sha256"])
async def test_what_is_not_signed_has_no_effect_and_is_not_told_so(house: House, hub: Hub, signature: str) -> None:
    house.follow(hub.url)
    form = await tended(house, hub)
    assert await hub.tell(form, signature=signature) == 202
    assert await hub.tell({**form, "hub.secret": "another"}) == 202
    assert not house.bell.is_set()


async def test_more_than_any_feed_is_not_read(house: House, hub: Hub) -> None:
    house.follow(hub.url)
    form = await tended(house, hub)
    assert await hub.tell(form, b" " * (4 * 1024 * 1024 + 1)) == 413
    assert not house.bell.is_set()


async def test_a_subscription_outlives_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    async with House(tmp_path, clock) as house, Hub(house) as hub:
        site = house.follow(hub.url)
        form = await tended(house, hub)
        await house.web.stop()
        again = House(tmp_path, clock)
        async with again:
            hub.house = again
            await again.web.websub.tend()
            assert (len(hub.forms), hub.feeds) == (1, 1), "nothing is asked anew"
            assert await hub.tell(form) == 202
            assert await again.asked() == [site]
            clock.turn(timedelta(days=8))
            assert await tended(again, hub) == form


# Signatures

SECRETS = st.text(min_size=1, max_size=40)


@given(st.sampled_from(sorted(ALGORITHMS)), SECRETS, st.binary(max_size=100))
def test_a_signature_holds_for_its_secret_and_body(method: str, secret: str, body: bytes) -> None:
    made = f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"
    assert is_signed(made, secret, body)
    assert is_signed(made.upper(), secret, body)
    assert not is_signed(made, secret + "x", body)
    assert not is_signed(made, secret, body + b"x")
    assert not is_signed(made[:-1], secret, body)


@given(st.text(max_size=80), SECRETS, st.binary(max_size=20))
def test_no_other_text_is_a_signature(text: str, secret: str, body: bytes) -> None:
    assert not is_signed(text, secret, body)
