"""What every simulated platform shares: how requests get lost, come late or meet a limit, and when the bot dies."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import aiohttp

from tests.simulation.virtual import START

LATEST = 10.0
"""Seconds after its connection broke within which a request takes effect, or never does: D, less a call's 15 s."""


@dataclass(frozen=True)
class Request:
    """One request that a platform gets."""

    method: str
    path: str
    json: Any = None
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def changes(self) -> bool:
        return self.method != "GET"


class Life(Protocol):
    """A process: each step of it is a moment at which something may happen to it."""

    async def step(self) -> None: ...


Fates = Callable[[Request], str]


@dataclass
class FarEnd:
    """A platform. `fates` says what becomes of each request; `life` is whose adapter is made next.

    Late requests are applied at their moment, whether or not the bot's process moves then.
    """

    rng: random.Random
    fates: Fates
    life: Life | None = None
    platform: str = ""
    channels: tuple[str, ...] = ()
    out_until: float = 0.0
    fastest: int = 0
    requests: int = 0
    limited: int = 0
    _late: list[tuple[float, Request]] = field(default_factory=list)

    def adapter(self, clock: Any) -> Any:
        raise NotImplementedError

    def handle(self, request: Request) -> tuple[int, Any]:
        raise NotImplementedError

    def allowed(self, request: Request) -> dict[str, Any] | None:
        return None

    def standing(self, channel: str) -> list[str]:
        raise NotImplementedError

    def ever(self, channel: str) -> list[str]:
        raise NotImplementedError

    def restart(self) -> None:
        """What it keeps in memory alone is gone."""

    def now(self) -> float:
        return asyncio.get_running_loop().time() if self._at is None else self._at

    _at: float | None = None

    def wall(self) -> float:
        """The platform's clock, which nobody sets."""
        return START.timestamp() + self.now()

    def catch_up(self) -> None:
        """Apply what was on its way until now."""
        now = asyncio.get_running_loop().time()
        for moment, request in sorted(self._late, key=lambda one: one[0]):
            if moment <= now:
                self._late.remove((moment, request))
                self._at = moment
                self.handle(request)
                self._at = None

    @property
    def quiet(self) -> bool:
        return not self._late

    async def exchange(self, life: Life | None, request: Request, patience: float) -> tuple[int, Any]:
        """One request and its answer; raises what aiohttp does when there is none."""
        assert life is not None
        async with asyncio.timeout(patience):
            await life.step()
            await asyncio.sleep(0.05)
            self.requests += 1
            self.catch_up()
            loop = asyncio.get_running_loop()
            if loop.time() < self.out_until:
                raise aiohttp.ConnectionTimeoutError
            fate = self.fates(request)
            if fate == "lost":
                raise aiohttp.ServerDisconnectedError
            if fate == "late":
                # The connection breaks at any moment; what was sent takes effect within D of the call.
                self._late.append((loop.time() + self.rng.uniform(0.1, LATEST + 8), request))
                await asyncio.sleep(self.rng.choice((0.1, 8.0)))
                raise aiohttp.ServerDisconnectedError
            if fate in ("429", "global 429"):
                self.limited += 1
                return 429, {"retry_after": self.rng.choice((0.3, 3.0, 40.0)), "global": fate != "429"}
            if fate == "500":
                return 500, {}
            if over := self.allowed(request):
                self.limited += 1
                return 429, over
            answer = self.handle(request)
            if fate == "502":
                answer = 502, {}
            await life.step()
            await asyncio.sleep(0.05)
            if fate == "unanswered":
                raise aiohttp.ServerDisconnectedError
            return answer
