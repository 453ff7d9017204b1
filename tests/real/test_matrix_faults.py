"""Bad days between the bot and a real homeserver: what each is to the dispatcher, and whether the card may stand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from adapters.matrix import Matrix
from bot.errors import Refused, TryLater
from bot.model import Style
from tests.adapters.contract import CARD, CORRECTED
from tests.farends.matrix import Fault, Proxy, proxy
from tests.real.matrix import Lodging, adapter_for, homeserver, lodging
from tests.real.synapse import free_port

pytestmark = pytest.mark.real

KEY = "k" * 24
PAYLOAD = Matrix.render(CARD, Style.CARD)
LIMIT = '{"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests", "retry_after_ms": 1500}'


@dataclass
class Rough:
    """A lodging whose adapter reaches its homeserver through a proxy."""

    lodged: Lodging
    proxy: Proxy
    adapter: Matrix

    def spoil(self, fault: Fault) -> None:
        """The next request meets the fault; a cut connection twice, for aiohttp tries once more of itself."""
        self.proxy.faults.extend([fault] if fault.status else [fault, fault])

    async def post(self) -> None:
        await self.adapter.post(self.lodged.channel, PAYLOAD, KEY)


@pytest.fixture
async def rough() -> AsyncIterator[Rough]:
    async with lodging(homeserver()) as lodged, proxy(lodged.server.url) as between:
        adapter = adapter_for(between.url, lodged.bot.account)
        yield Rough(lodged, between, adapter)
        await adapter.close()


@pytest.mark.parametrize(
    ("fault", "maybe_done"),
    [
        (Fault(passed_on=True), True),
        (Fault(502, "<html>Bad Gateway</html>", content_type="text/html", passed_on=True), True),
        (Fault(502, "<html>Bad Gateway</html>", content_type="text/html"), True),
        (Fault(404, "<html>Down for maintenance</html>", content_type="text/html"), True),
        (Fault(200, "not what was asked", content_type="text/plain", passed_on=True), True),
        (Fault(200, "[]", passed_on=True), True),
        (Fault(200, "null", passed_on=True), True),
        (Fault(200, '{"event_id": 5}', passed_on=True), True),
        (Fault(503, '{"errcode": "M_UNKNOWN", "error": "Restarting"}'), True),
        (Fault(429, LIMIT), False),
        (Fault(429, "<html>Slow down</html>", content_type="text/html"), False),
        (Fault(403, '{"errcode": "M_RESOURCE_LIMIT_EXCEEDED", "error": "Full"}'), False),
    ],
)
async def test_a_broken_answer_is_try_later_and_the_same_key_then_posts_once(
    rough: Rough, fault: Fault, maybe_done: bool
) -> None:
    rough.spoil(fault)
    with pytest.raises(TryLater) as failure:
        await rough.post()
    assert failure.value.maybe_done is maybe_done
    assert rough.lodged.bot.account.access_token not in repr(failure.value)
    await rough.post()
    assert len(await rough.lodged.standing()) == 1


async def test_one_call_is_one_try(rough: Rough) -> None:
    rough.spoil(Fault(429, LIMIT))
    with pytest.raises(TryLater):
        await rough.post()
    assert sum("/send/" in seen for seen in rough.proxy.seen) == 1


async def test_the_wait_that_the_server_asks_for_is_handed_on(rough: Rough) -> None:
    rough.spoil(Fault(429, LIMIT, {"Retry-After": "7"}))
    with pytest.raises(TryLater) as limited:
        await rough.post()
    assert limited.value.after == 7


async def test_a_refusal_in_the_servers_own_words_is_no_reason_to_try_again(rough: Rough) -> None:
    rough.spoil(Fault(413, '{"errcode": "M_TOO_LARGE", "error": "event too large"}'))
    with pytest.raises(Refused, match="smaller style"):
        await rough.post()


async def test_trouble_at_the_login_never_leaves_a_doubt_about_the_card(rough: Rough) -> None:
    rough.spoil(Fault(path="whoami", passed_on=True))
    with pytest.raises(TryLater) as failure:
        await rough.post()
    assert not failure.value.maybe_done


async def test_a_connection_cut_once_is_mended_inside_and_posts_once(rough: Rough) -> None:
    rough.proxy.faults.append(Fault(passed_on=True))
    await rough.post()
    assert len(await rough.lodged.standing()) == 1


async def test_a_lost_answer_to_a_removal_is_made_good_by_the_same_removal(rough: Rough) -> None:
    receipt = await rough.adapter.post(rough.lodged.channel, PAYLOAD, KEY)
    rough.spoil(Fault(path="/redact/", passed_on=True))
    with pytest.raises(TryLater):
        await rough.adapter.withdraw(receipt, None, "w1")
    await rough.adapter.withdraw(receipt, None, "w1")
    assert await rough.lodged.standing() == []


async def test_a_lost_answer_to_an_edit_is_made_good_by_the_same_edit(rough: Rough) -> None:
    receipt = await rough.adapter.post(rough.lodged.channel, PAYLOAD, KEY)
    corrected = Matrix.render(CORRECTED, Style.CARD)
    rough.spoil(Fault(passed_on=True))
    with pytest.raises(TryLater):
        await rough.adapter.edit(receipt, corrected, "e1")
    await rough.adapter.edit(receipt, corrected, "e1")
    assert await rough.lodged.standing() == [corrected]
    events = await rough.lodged.alice.events(rough.lodged.room)
    assert sum(event["type"] == "m.room.message" for event in events) == 2


async def test_a_server_that_cannot_be_reached_has_done_nothing() -> None:
    async with lodging(homeserver()) as lodged:
        adapter = adapter_for(f"http://127.0.0.1:{free_port()}", lodged.bot.account)
        with pytest.raises(TryLater) as failure:
            await adapter.post(lodged.channel, PAYLOAD, KEY)
        assert not failure.value.maybe_done
        assert failure.value.everywhere
        await adapter.close()


async def test_a_closed_adapter_posts_nothing_and_says_later(rough: Rough) -> None:
    await rough.adapter.close()
    with pytest.raises(TryLater) as failure:
        await rough.post()
    assert not failure.value.maybe_done
    assert not rough.proxy.seen
