"""Discord's limits and bad days, a test for each: what they mean, and that the bot never brings one on by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.discord.errors import CLOUDFLARE_PAUSE, LONGEST, translate
from adapters.discord.pace import CEILING, INVALID_LIMIT, PATIENCE, Pace
from bot.errors import Refused, TryLater
from tests.adapters.contract import CORRECTED
from tests.adapters.discord_bench import discord_bench
from tests.adapters.test_discord import KEY, PAYLOAD, post
from tests.simulation.virtual import VirtualClock, run

DISCORD = {"Via": "1.1 google"}
POSTING = ("POST", "/channels/{}/messages")


def limited(headers: dict[str, str], body: bytes) -> TryLater:
    error = translate(429, headers, body, "Posting")
    assert isinstance(error, TryLater)
    assert not error.maybe_done
    return error


# ------------------------------------------------------------------ 429s


@pytest.mark.parametrize(
    ("told", "after"), [("3", 3), ("0.25", 0.25), ("0", 0), ("3600", 3600), ("1e9", LONGEST), ("-5", 0)]
)
def test_429_whose_body_says_when(told: str, after: float) -> None:
    error = limited(DISCORD, f'{{"retry_after": {told}, "global": false}}'.encode())
    assert (error.after, error.everywhere) == (after, False)


def test_429_for_all_of_the_bot() -> None:
    assert limited(DISCORD, b'{"retry_after": 2, "global": true}').everywhere
    assert limited(DISCORD | {"X-RateLimit-Scope": "global"}, b'{"retry_after": 2}').everywhere


@pytest.mark.parametrize(
    ("told", "after"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "7.5"}, 7.5),
        ({"Retry-After": "3600"}, 3600),
        ({"Retry-After": "0"}, CLOUDFLARE_PAUSE),
        ({}, CLOUDFLARE_PAUSE),
        *(({"Retry-After": text}, CLOUDFLARE_PAUSE) for text in ("soon", "nan", "inf", "", "Tue, 1 Mar")),
    ],
)
def test_429_of_the_firewall_without_via_stops_everything(told: dict[str, str], after: float) -> None:
    error = limited(told, b"<html>error 1015</html>")
    assert (error.after, error.everywhere) == (after, True)


def test_429_whose_retry_after_is_a_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert limited({"Retry-After": moment}, b"").after == pytest.approx(90, abs=5)


@pytest.mark.parametrize("body", [b'{"retry_after": null}', b'{"retry_after": "soon"}', b"[]", b"", b"{"])
def test_429_whose_body_makes_no_sense_stops_everything_for_a_while(body: bytes) -> None:
    error = limited(DISCORD, body)
    assert (error.after, error.everywhere) == (CLOUDFLARE_PAUSE, True)


async def test_429_in_one_channel_holds_up_no_other() -> None:
    async with discord_bench() as bench:
        bench.far_end.fault("rate_limit", after=3600.0)
        with pytest.raises(TryLater):
            await post(bench)
        other = bench.far_end.world.add_channel()
        await bench.adapter.post(type(bench.channel)("discord", other), PAYLOAD, "l" * 24)
        assert len(bench.far_end.messages(other)) == 1


async def test_429_for_all_of_the_bot_keeps_every_channel_waiting_unasked() -> None:
    async with discord_bench() as bench:
        bench.far_end.fault("global_limit", after=3600.0)
        with pytest.raises(TryLater):
            await post(bench)
        asked = len(bench.far_end.world.requests)
        other = bench.far_end.world.add_channel()
        with pytest.raises(TryLater) as held:
            await bench.adapter.post(type(bench.channel)("discord", other), PAYLOAD, "l" * 24)
        assert held.value.everywhere
        assert held.value.after == pytest.approx(3600, abs=60)
        assert len(bench.far_end.world.requests) == asked


def test_who_waits_for_their_turn_when_everything_is_held_is_told_so() -> None:
    async def many() -> list[Any]:
        pace = Pace(VirtualClock())

        async def one(number: int) -> None:
            async with pace.turn("POST", f"/channels/{number}/messages"):
                await asyncio.sleep(0.1)
                if number == 0:
                    pace.hold("POST", "/channels/0/messages", 3600, everywhere=True)

        return await asyncio.gather(*(one(number) for number in range(20)), return_exceptions=True)

    results = run(many())
    held = [error for error in results if isinstance(error, TryLater)]
    assert len(held) > 10
    assert all(error.everywhere and not error.maybe_done and (error.after or 0) > PATIENCE for error in held)


# ------------------------------------------------------------------ the bot's own pace


@given(st.integers(0, 10_000), st.floats(0.02, 0.6), st.floats(0, 0.5))
@settings(max_examples=25)
def test_no_second_at_discord_holds_more_than_fifty_however_uneven_the_way(seed: int, way: float, more: float) -> None:
    rng, arrivals = Random(seed), list[float]()

    async def everything() -> None:
        clock = VirtualClock()
        pace = Pace(clock)

        async def send(number: int) -> None:
            async with pace.turn("POST", f"/channels/{10**17 + number}/messages"):
                await asyncio.sleep(way / 2 + rng.uniform(0, more * way))
                arrivals.append(clock.monotonic())
                await asyncio.sleep(way / 2 + rng.uniform(0, more * way))

        await asyncio.gather(*(send(number) for number in range(250)))

    run(everything())
    arrivals.sort()
    assert all(later - first > 1 for first, later in zip(arrivals, arrivals[CEILING:], strict=False))


@given(st.integers(0, 1000))
@settings(max_examples=5)
def test_a_thousand_channels_take_little_longer_than_discord_asks_for(seed: int) -> None:
    async def everything() -> float:
        clock = VirtualClock()
        pace, rng = Pace(clock), Random(seed)
        gate = asyncio.Semaphore(16)

        async def send(number: int) -> None:
            async with gate, pace.turn("POST", f"/channels/{10**17 + number}/messages"):
                await asyncio.sleep(0.1 + rng.uniform(0, 0.005))

        await asyncio.gather(*(send(number) for number in range(1000)))
        return clock.monotonic()

    assert run(everything()) <= 20.0 * 1.06


def test_a_look_up_goes_before_the_cards_that_wait() -> None:
    async def order() -> list[str]:
        pace, done = Pace(VirtualClock()), list[str]()

        async def send(method: str, number: int) -> None:
            async with pace.turn(method, f"/channels/{10**17 + number}/messages"):
                done.append(method)

        await asyncio.gather(*(send("POST", number) for number in range(10)), send("GET", 99))
        return done

    assert run(order())[:2] in (["GET", "POST"], ["POST", "GET"])


# ------------------------------------------------------------------ bursts


async def test_403_burst_ends_all_sending_long_before_a_ban_and_is_told_once() -> None:
    async with discord_bench() as bench:
        await bench.adapter.check(None)
        pace = bench.adapter._rest._pace
        with capture_logs() as logs:
            for _ in range(INVALID_LIMIT - 1):
                pace.learn("POST", "/channels/1/messages", 403, {})
            assert bench.adapter.ready
            pace.learn("POST", "/channels/1/messages", 403, {})
            assert not bench.adapter.ready
            for _ in range(3):
                with pytest.raises(TryLater):
                    await post(bench)
        assert [line["refused"] for line in logs if line["log_level"] == "error"] == [INVALID_LIMIT]
        bench.clock.offset += 601
        assert bench.adapter.ready
        await post(bench)
        assert INVALID_LIMIT <= 10_000 / 5


def test_429_of_a_shared_limit_does_not_count_towards_a_ban() -> None:
    async def burst() -> bool:
        pace = Pace(VirtualClock())
        for _ in range(INVALID_LIMIT):
            pace.learn("POST", "/channels/1/messages", 429, {"X-RateLimit-Scope": "shared"})
        return pace.silenced

    assert not run(burst())


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_5xx_burst_is_one_card_once_it_is_over(status: int) -> None:
    async with discord_bench() as bench:
        for _ in range(4):
            bench.far_end.fault("error_after", method="POST", status=status)
        for _ in range(4):
            with pytest.raises(TryLater) as failed:
                await post(bench)
            assert failed.value.maybe_done
        await post(bench)
        assert len(bench.messages()) == 1


# ------------------------------------------------------------------ what is gone for good


async def test_10003_a_deleted_channel_is_refused_for_a_post_and_an_edit() -> None:
    async with discord_bench() as bench:
        receipt = await post(bench)
        bench.far_end.world.remove_channel(bench.channel.address)
        for call in (post(bench, key="m" * 24), bench.adapter.edit(receipt, PAYLOAD, "e")):
            with pytest.raises(Refused, match="10003"):
                await call


async def test_50001_a_channel_that_the_bot_cannot_see_any_more_is_refused_and_back_takes_cards() -> None:
    async with discord_bench() as bench:
        world = bench.far_end.world
        world.deny(bench.channel.address, "VIEW_CHANNEL")
        with pytest.raises(Refused, match="50001"):
            await post(bench)
        world.deny(bench.channel.address)
        await post(bench, CORRECTED, KEY)
        assert len(bench.messages()) == 1
