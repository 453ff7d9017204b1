"""A homeserver's limit: learned from few refusals, kept, never run against again and again, told to the operator."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from adapters.matrix.adapter import _slow
from adapters.matrix.answers import Limited, refusal
from adapters.matrix.pace import PATIENCE, PROBE, Pace, Rate
from bot.errors import Refused, TryLater
from tests.drawers import MemoryDrawer
from tests.simulation import virtual

T = TypeVar("T")


@dataclass
class Homeserver:
    """Synapse's limiter: a bucket of `burst` that loses `rate` a second."""

    rate: float = 0.2
    burst: int = 10
    keep: MemoryDrawer = field(default_factory=MemoryDrawer)
    full: float = 0.0
    at: float = 0.0
    accepted: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.clock = virtual.VirtualClock()
        self.pace = Pace(self.keep, self.clock)

    def take(self) -> None:
        now = self.clock.monotonic()
        self.full, self.at = max(self.full - (now - self.at) * self.rate, 0.0), now
        if self.full + 1 > self.burst + 1e-9:
            self.refused += 1
            raise Limited("Slow down", (self.full + 1 - self.burst) / self.rate, maybe_done=False, everywhere=True)
        self.full += 1
        self.accepted += 1

    async def post(self, count: int) -> float:
        """So many posts, as the dispatcher makes them: as many at once as there is room for; the seconds they took."""
        began, wanted = self.clock.monotonic(), self.accepted + count
        while self.accepted < wanted:
            for _ in range(min(self.pace.room, 16, wanted - self.accepted)):
                try:
                    async with self.pace.turn():
                        self.take()
                except TryLater:
                    break
            else:
                if self.pace.room:
                    continue
            await self.clock.sleep(1)
        return self.clock.monotonic() - began


def run(work: Coroutine[Any, Any, T]) -> T:
    return virtual.run(work)


def test_synapses_own_limit_is_met_once_and_then_kept_to() -> None:
    async def life() -> tuple[float, int]:
        server = Homeserver()
        return await server.post(45), server.refused

    seconds, refused = run(life())
    assert refused <= 3
    assert seconds <= (45 - 10) / 0.2 * 1.1


def test_a_server_without_limit_is_never_waited_for() -> None:
    async def life() -> float:
        return await Homeserver(rate=1000, burst=1000).post(500)

    assert run(life()) == 0


def test_what_was_learned_outlives_a_restart() -> None:
    async def life() -> int:
        server = Homeserver()
        await server.post(12)
        server.pace = Pace(server.keep, server.clock)
        before = server.refused
        await server.post(10)
        return server.refused - before

    assert run(life()) <= 1, "and not once for each of the ten that a rest would allow"


def test_a_limit_that_was_raised_is_found_out() -> None:
    async def life() -> float:
        server = Homeserver()
        await server.post(20)
        server.rate = server.burst = 1000
        await server.post(PROBE * 8)
        return await server.post(20)

    assert run(life()) < 10


def test_a_limit_that_stays_is_seldom_run_against() -> None:
    async def life() -> float:
        server = Homeserver()
        await server.post(600)
        return server.refused / 600

    assert run(life()) < 0.03


def test_refusals_of_what_left_together_are_one() -> None:
    async def life() -> Rate:
        server = Homeserver()
        for _ in range(14):
            with contextlib.suppress(TryLater):
                async with server.pace.turn():
                    server.take()
        return await server.pace.rate()

    rate = run(life())
    assert rate.seconds == pytest.approx(5, abs=0.1)
    assert rate.at_once == 10


def test_what_would_wait_long_is_handed_to_the_dispatcher_for_all_rooms() -> None:
    async def life() -> TryLater:
        server = Homeserver(burst=1)
        await server.post(1)
        with pytest.raises(Limited):
            async with server.pace.turn():
                server.take()
        assert server.pace.room == 0
        with pytest.raises(TryLater) as told:
            async with server.pace.turn():
                raise AssertionError("nothing leaves")
        assert server.refused == 1
        return told.value

    error = run(life())
    assert (error.everywhere, error.maybe_done) == (True, False)
    assert (error.after or 0) > PATIENCE


def test_the_operator_is_told_what_the_limit_means_and_how_to_raise_it() -> None:
    [told] = _slow(Rate(5, 10), 1000, "@bot:x.example")
    assert "every 5.0 s" in told
    assert "82 min to 1000 rooms" in told
    assert "users/@bot:x.example/override_ratelimit" in told
    assert list(_slow(Rate(5, 10), 12, "@bot:x.example")) == []
    assert list(_slow(Rate(), 1000, "@bot:x.example")) == []


def test_m_forbidden_is_refused_and_tells_the_mend() -> None:
    error = refusal("posting", 403, {}, json.loads('{"errcode": "M_FORBIDDEN", "error": "not in room"}'))
    assert type(error) is Refused
    assert "invite the bot" in str(error)


def test_a_pause_that_is_asked_for_once_is_kept_once() -> None:
    async def life() -> float:
        server = Homeserver(rate=1000, burst=1000)
        await server.post(5)
        with contextlib.suppress(Limited):
            async with server.pace.turn():
                raise Limited("busy", 3600.0, maybe_done=False, everywhere=True)
        return await server.post(20)

    assert run(life()) < 2 * 3600
