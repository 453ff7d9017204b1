"""Looks that were asked for from outside: at once, and then at most one in APART seconds for each site."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bot.errors import StoreError
from bot.ports import Clock
from bot.store import Door, Store

APART = 5.0
"""Seconds between two looks at one site; what is asked for within is one look at their end."""

log = structlog.get_logger()


class Early:
    """Makes sites due; whatever is asked for, a look that begins after it follows."""

    def __init__(self, store: Store, door: Door, clock: Clock, on_due: Callable[[str], None]) -> None:
        self._store, self._door, self._clock, self._on_due = store, door, clock, on_due
        self._last: dict[int, float] = {}
        self._waiting: dict[int, asyncio.Task[None]] = {}

    def look(self, site_id: int) -> None:
        """Ask for a look at a site."""
        if site_id not in self._waiting:
            self._waiting[site_id] = asyncio.create_task(self._look(site_id))

    async def stop(self) -> None:
        """Ask for nothing more; a start looks at every site in any case."""
        waiting = list(self._waiting.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    async def _look(self, site_id: int) -> None:
        since = self._clock.monotonic() - self._last.get(site_id, -APART)
        if since < APART:
            await self._clock.sleep(APART - since)
        self._last[site_id] = self._clock.monotonic()
        del self._waiting[site_id]  # what is told from here on, this look may miss
        try:
            endpoint = await self._door(self._store.look_at_once, site_id, self._clock.now())
        except StoreError as error:
            log.error("an early look was not written down; it is tried again", error=str(error))
            self.look(site_id)
            return
        if endpoint:
            self._on_due(endpoint)
