"""The delivery's promises on a real homeserver: repeats, restarts, refusals, limits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import CannotLogIn, CannotLook, Refused, TryLater, Vanished
from bot.model import Channel, Citation, Quote, Receipt, Style
from tests.adapters.contract import CARD, CORRECTED, OTHER
from tests.real.matrix import Drawer, Lodging, Told, adapter_for, homeserver, lodging, own_homeserver
from tests.real.synapse import Synapse

pytestmark = pytest.mark.real

KEY = "k" * 24


def payload(lodged: Lodging, card=CARD, *, struck: bool = False):  # type: ignore[no-untyped-def]
    return lodged.adapter.render(card, Style.CARD, struck=struck)


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(seconds=5)


@pytest.fixture
async def lodged() -> AsyncIterator[Lodging]:
    async with lodging(homeserver()) as place:
        yield place


@pytest.fixture(scope="module")
def mortal() -> Iterator[Synapse]:
    """A homeserver that may be stopped and killed."""
    server = own_homeserver()
    yield server
    server.close()


@pytest.fixture(scope="module")
def strict() -> Iterator[Synapse]:
    """A homeserver with the rate limits that Synapse ships."""
    server = own_homeserver(limits=True)
    yield server
    server.close()


@pytest.mark.parametrize("version", ["10", "12"])
async def test_a_card_lives_its_whole_life_in_a_room_of_each_version(version: str) -> None:
    async with lodging(homeserver(), version=version) as lodged:
        assert (":" in lodged.room) == (version == "10")
        receipt = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
        assert await lodged.adapter.find(lodged.channel, KEY, CARD.url, recently()) == receipt
        await lodged.adapter.edit(receipt, payload(lodged, CORRECTED), "e1")
        await lodged.adapter.withdraw(receipt, payload(lodged, struck=True), "w1")
        [shown] = await lodged.standing()
        assert shown == payload(lodged, struck=True)
        await lodged.adapter.withdraw(receipt, None, "w2")
        assert await lodged.standing() == []


async def test_what_stands_is_what_was_rendered_and_mentions_nobody(lodged: Lodging) -> None:
    receipt = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
    await lodged.adapter.edit(receipt, payload(lodged, CORRECTED), "e1")
    messages = [
        event["content"] for event in await lodged.alice.events(lodged.room) if event["type"] == "m.room.message"
    ]
    posted, edited = messages
    assert posted == {**payload(lodged), "org.pullquote.delivery": KEY}
    assert edited["m.new_content"] == payload(lodged, CORRECTED)
    assert edited["m.mentions"] == edited["m.new_content"]["m.mentions"] == posted["m.mentions"] == {}


async def test_a_removed_card_is_neither_found_nor_edited_but_vanished(lodged: Lodging) -> None:
    receipt = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
    await lodged.alice.redact(lodged.room, receipt.ref)
    with pytest.raises(Vanished):
        await lodged.adapter.find(lodged.channel, KEY, CARD.url, recently())
    with pytest.raises(Vanished):
        await lodged.adapter.edit(receipt, payload(lodged, CORRECTED), "e1")
    await lodged.adapter.withdraw(receipt, payload(lodged, struck=True), "w1")
    assert await lodged.standing() == []


async def test_eight_posts_at_once_with_one_key_are_one_message(lodged: Lodging) -> None:
    posts = (lodged.adapter.post(lodged.channel, payload(lodged), KEY) for _ in range(8))
    assert len(set(await asyncio.gather(*posts))) == 1
    assert len(await lodged.standing()) == 1


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_key_is_recognised_when_the_server_was_stopped_or_killed_between(mortal: Synapse, end: str) -> None:
    async with lodging(mortal.address) as lodged:
        first = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
        await asyncio.to_thread(getattr(mortal, end))
        with pytest.raises(TryLater) as down:
            await lodged.adapter.post(lodged.channel, payload(lodged, CORRECTED), KEY)
        assert down.value.everywhere
        await asyncio.to_thread(mortal.start)
        assert await lodged.adapter.post(lodged.channel, payload(lodged, CORRECTED), KEY) == first
        await lodged.adapter.edit(first, payload(lodged, CORRECTED), "e1")
        [shown] = await lodged.standing()
        assert shown == payload(lodged, CORRECTED)


async def test_what_the_server_no_longer_recognises_is_found_by_looking(mortal: Synapse) -> None:
    async with lodging(mortal.address) as lodged:
        receipt = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
        await asyncio.to_thread(mortal.forget_transactions)
        assert await lodged.adapter.find(lodged.channel, KEY, CARD.url, recently()) == receipt
        assert await lodged.adapter.post(lodged.channel, payload(lodged), KEY) != receipt, "the test proves nothing"


async def test_another_device_of_the_bot_finds_what_was_posted(lodged: Lodging) -> None:
    receipt = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
    other = adapter_for(lodged.server, lodged.bot.account, access_token="", password=lodged.bot.account.password)
    try:
        assert await other.find(lodged.channel, KEY, CARD.url, recently()) == receipt
    finally:
        await other.close()


async def test_looking_goes_past_a_page_of_later_cards_and_stops_at_the_moment(lodged: Lodging) -> None:
    receipt = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
    for _ in range(55):
        await lodged.bot.say(lodged.room, "later")
    assert await lodged.adapter.find(lodged.channel, KEY, CARD.url, recently() - timedelta(minutes=1)) == receipt
    assert await lodged.adapter.find(lodged.channel, KEY, CARD.url, recently() + timedelta(hours=1)) is None


async def test_a_room_that_the_bot_has_left_refuses_cards_and_cannot_be_looked_into(lodged: Lodging) -> None:
    receipt = await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
    stranger = Channel("matrix", await lodged.alice.create_room())
    with pytest.raises(CannotLook):
        await lodged.adapter.find(stranger, KEY, CARD.url, recently())
    await lodged.bot.leave(lodged.room)
    for call in (
        lodged.adapter.post(lodged.channel, payload(lodged, OTHER), "l" * 24),
        lodged.adapter.edit(receipt, payload(lodged, CORRECTED), "e1"),
        lodged.adapter.withdraw(receipt, None, "w1"),
    ):
        with pytest.raises(Refused, match="invite the bot"):
            await call
    assert "not in" in (await lodged.adapter.check(lodged.channel))[0]


async def test_a_room_where_the_bot_may_not_speak_refuses_and_check_says_the_level(lodged: Lodging) -> None:
    powers = await lodged.alice.state(lodged.room, "m.room.power_levels")
    await lodged.alice.set_state(lodged.room, "m.room.power_levels", {**powers, "events_default": 25})
    with pytest.raises(Refused):
        await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
    [complaint] = await lodged.adapter.check(lodged.channel)
    assert "25" in complaint


async def test_a_bot_that_made_its_room_may_speak_there(lodged: Lodging) -> None:
    room = await lodged.bot.create_room(power_level_content_override={"events_default": 50})
    assert await lodged.adapter.check(Channel("matrix", room)) == []


async def test_nothing_is_said_in_clear_in_an_encrypted_room() -> None:
    async with lodging(homeserver(), encrypted=True) as lodged:
        with pytest.raises(Refused, match="encrypted"):
            await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
        assert await lodged.standing() == []
        assert "encrypted" in (await lodged.adapter.check(lodged.channel))[0]


async def test_a_limited_rate_is_try_later_with_the_servers_seconds_and_nothing_done(strict: Synapse) -> None:
    async with lodging(strict.address) as lodged:
        posts = (lodged.adapter.post(lodged.channel, payload(lodged), f"key{number}") for number in range(20))
        answers = await asyncio.gather(*posts, return_exceptions=True)
        refused = [answer for answer in answers if not isinstance(answer, Receipt)]
        with pytest.raises(TryLater) as limited:
            raise refused[0]
        assert limited.value.after is not None
        assert 0 < limited.value.after <= 10
        assert not limited.value.maybe_done
        assert limited.value.everywhere
        assert len(await lodged.standing()) == 20 - len(refused) > 0
        assert lodged.adapter.room == 0, "none leaves that would be refused"


async def test_a_revoked_token_cannot_log_in_and_is_not_said(lodged: Lodging) -> None:
    await lodged.adapter.post(lodged.channel, payload(lodged), KEY)
    assert lodged.adapter.ready
    await lodged.bot.call("POST", "logout", {})
    with pytest.raises(CannotLogIn) as refusal:
        await lodged.adapter.post(lodged.channel, payload(lodged, OTHER), "l" * 24)
    assert lodged.bot.account.access_token not in str(refusal.value)
    assert not lodged.adapter.ready
    with pytest.raises(CannotLogIn):
        await asyncio.wait_for(lodged.adapter.serve({}, Told()), 20)


async def test_a_password_is_used_once_and_its_device_kept_through_restarts(lodged: Lodging) -> None:
    keep, receipts = Drawer(), list[Receipt]()
    for password in (lodged.bot.account.password, "no longer right"):
        adapter = adapter_for(lodged.server, lodged.bot.account, keep, access_token="", password=password)
        receipts.append(await adapter.post(lodged.channel, payload(lodged), KEY))
        await adapter.close()
    assert receipts[0] == receipts[1]
    assert len((await lodged.bot.call("GET", "devices"))["devices"]) == 2


async def test_a_kept_token_that_was_revoked_is_exchanged_anew_on_the_same_device(lodged: Lodging) -> None:
    keep = Drawer()
    adapter = adapter_for(
        lodged.server, lodged.bot.account, keep, access_token="", password=lodged.bot.account.password
    )
    first = await adapter.post(lodged.channel, payload(lodged), KEY)
    before = json.loads(keep.kept["login"])
    await lodged.bot.call("POST", "logout/all", {})
    second = await adapter.post(lodged.channel, payload(lodged, OTHER), "l" * 24)
    await adapter.close()
    assert first != second
    after = json.loads(keep.kept["login"])
    assert after["access_token"] != before["access_token"]
    assert after["device_id"] == before["device_id"]


async def test_a_wrong_password_cannot_log_in_and_is_not_said(lodged: Lodging) -> None:
    adapter = adapter_for(lodged.server, lodged.bot.account, access_token="", password="never-to-be-told")
    with pytest.raises(CannotLogIn) as refusal:
        await adapter.check(None)
    await adapter.close()
    assert "never-to-be-told" not in str(refusal.value)
    assert "PULLQUOTE_MATRIX_PASSWORD" in str(refusal.value)


async def test_a_token_of_another_user_cannot_log_in(lodged: Lodging) -> None:
    adapter = adapter_for(lodged.server, lodged.alice.account, user=lodged.bot.account.user_id)
    with pytest.raises(CannotLogIn, match="belongs to"):
        await adapter.check(None)
    await adapter.close()


async def test_the_largest_card_there_can_be_is_accepted_and_so_is_its_edit(lodged: Lodging) -> None:
    far = "https://example.org/" + "&" * 780
    sources = tuple(Citation("<" * 999, far) for _ in range(30))
    words = "字<&'\n" * 9000
    huge = replace(
        CARD, title=words, url=far, lead=words, quote=Quote(words, words, far), sources=sources, author=words
    )
    largest = lodged.adapter.render(huge, Style.FULL)
    receipt = await lodged.adapter.post(lodged.channel, largest, KEY)
    await lodged.adapter.edit(receipt, largest, "e1")
    assert await lodged.standing() == [largest]
