"""Duties as PostgreSQL's advisory locks, held by a session of their own; and the bell that rings in every process.

    ask every BEAT ──► held ──► no answer for SURE seconds: all is broken off ──► after FREED the server frees the locks

The process lets go before the server does: killed, frozen or cut off, nobody works in another's time. A killed one's
locks are free at once.
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from sqlalchemy import make_url

from bot.store.duties import BELL, Work
from bot.store.engine import LIBPQ

BEAT, SURE, FREED = 2.0, 8.0, 12
"""Seconds between two questions; without an answer until a duty counts as lost; without a question until it is."""

_SPACE = 0x70756C6C
_ASK = "SELECT number, pg_try_advisory_lock(%s, number) FROM unnest(%s::int[]) AS number"
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, as the server's clock does."""

log = structlog.get_logger()


class Locks:
    """The duties of one of several processes; what `bot.store.Duties` promises."""

    alone = False

    def __init__(self, url: str, wake: Callable[[], None]) -> None:
        parsed = make_url(url)
        _, given = parsed.get_dialect()().create_connect_args(parsed)
        self._where: dict[str, Any] = {**LIBPQ, **given}
        self._wake = wake
        self._held: dict[str, asyncio.Event] = {}
        self._work: dict[str, asyncio.Task[None]] = {}
        self._given_up: set[str] = set()
        self._leaving: list[int] = []
        self._sure_until = 0.0
        self._fuse: asyncio.TimerHandle | None = None

    def has(self, duty: str) -> bool:
        """Whether it was this process's at the last answer, which is not too long ago."""
        return duty in self._held and self._held[duty].is_set() and _now() < self._sure_until

    def give_up(self, duty: str) -> None:
        """Free it, and ask for it no more."""
        self._given_up.add(duty)
        if duty in self._held and self._held[duty].is_set():
            self._leaving.append(_number(duty))
            self._drop(duty)

    async def do(self, duty: str, work: Work) -> None:
        """Work while the duty is had, until the work ends by itself."""
        held = self._held.setdefault(duty, asyncio.Event())
        while True:
            await held.wait()
            log.info("taken over", duty=duty)
            task = self._work[duty] = asyncio.create_task(work())
            try:
                await asyncio.wait([task])
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            if held.is_set() or not task.cancelled():
                return task.result()
            log.warning("left to another process", duty=duty)

    async def run(self) -> None:
        """Hold a session and ask by it; begin another when it ends."""
        try:
            while True:
                try:
                    await self._attend()
                except (psycopg.Error, OSError, TimeoutError) as error:
                    log.error("cut off from the other processes", error=str(error) or type(error).__name__)
                self._lose()
                await asyncio.sleep(BEAT)
        finally:
            self._lose()

    async def _attend(self) -> None:
        """One session's life; raises what ends it."""
        async with asyncio.timeout(SURE):
            connection = await psycopg.AsyncConnection.connect(**self._where, autocommit=True)
        try:
            async with asyncio.timeout(SURE):
                await connection.execute(f"SET idle_session_timeout = '{FREED}s'")
                await connection.execute(f"LISTEN {BELL}")
            self._sure_until = _now() + SURE
            while True:
                await self._ask(connection)
                async for _rung in connection.notifies(timeout=BEAT):
                    self._wake()
        finally:
            await connection.close()

    async def _ask(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Take what is free; the answer tells as well that what was had still is, since the session lives."""
        asked = _now()
        if asked >= self._sure_until:
            raise TimeoutError("asked too late")
        wanted = {_number(duty): duty for duty, held in self._held.items() if not held.is_set()}
        free = [number for number, duty in wanted.items() if duty not in self._given_up]
        async with asyncio.timeout(self._sure_until - asked):
            while self._leaving:
                await connection.execute("SELECT pg_advisory_unlock(%s, %s)", (_SPACE, self._leaving.pop()))
            rows = await (await connection.execute(_ASK, (_SPACE, free))).fetchall()
        self._sure_until = asked + SURE
        self._light_fuse()
        for number, taken in rows:
            if taken:
                self._held[wanted[number]].set()

    def _light_fuse(self) -> None:
        """However the asking goes on: when the time is over, nothing is had any more."""
        if self._fuse is not None:
            self._fuse.cancel()
        self._fuse = asyncio.get_running_loop().call_later(self._sure_until - _now(), self._lose)

    def _lose(self) -> None:
        self._sure_until = 0.0
        self._leaving.clear()
        for duty, held in self._held.items():
            if held.is_set():  # once: what is broken off twice cannot end well
                self._drop(duty)

    def _drop(self, duty: str) -> None:
        self._held[duty].clear()
        if duty in self._work:
            self._work[duty].cancel()


def _number(duty: str) -> int:
    """A lock's number: an int of PostgreSQL's four bytes."""
    return zlib.crc32(duty.encode()) - 2**31


def _now() -> float:
    return time.clock_gettime(_CLOCK)
