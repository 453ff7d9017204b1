"""Publications that closed their API, or may have opened it: once a day the bot looks for another way to read them."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import structlog

from bot.errors import Closed, SourceError
from bot.model import Site
from bot.ports import Clock, Examining, Source
from bot.store import Door, Store, Turn

SELDOM = timedelta(days=1)
"""An API has been closed for so long before another way is looked for, which is done no more often than that."""

PATIENCE = 60.0
"""Seconds that an examination may take."""
DRAWER = "examined"
"""Where the last examination of each site is kept."""

log = structlog.get_logger()


class Examiner:
    """Looks for another way, where one is wanted and the source can."""

    def __init__(self, source: Source, store: Store, door: Door, clock: Clock) -> None:
        self._source, self._store, self._door, self._clock = source, store, door, clock
        self._last: dict[int, datetime] = {}

    async def found(self, turn: Turn, site: Site, trouble: SourceError | None = None) -> bool:
        """Whether the site is read in another way from now on; `site` as it was read last, in trouble or not."""
        source, now = self._source, self._clock.now()
        if not isinstance(source, Examining) or site.id is None:
            return False
        if trouble is None:
            wanted = source.is_makeshift(site)
        else:
            wanted = isinstance(trouble, Closed) and turn.read_at is not None and now - turn.read_at > SELDOM
        if not wanted or not await self._is_due(site.id, now, begun=trouble is not None):
            return False
        try:
            async with asyncio.timeout(PATIENCE):
                there = await source.again(site)
        except (SourceError, TimeoutError) as error:
            log.info("no other way to read it", site=site.url, why=str(error))
            return False
        if there is None:
            return False
        return await self._door(self._store.read_otherwise, turn, there, now)

    async def _is_due(self, site_id: int, now: datetime, *, begun: bool) -> bool:
        """Whether the last examination is long enough past; the first one comes at once only where that is `begun`."""
        if now - self._last.get(site_id, now - SELDOM) < SELDOM:  # asked after every look
            return False
        last = await self._door(self._store.get, DRAWER, str(site_id))
        self._last[site_id] = datetime.fromisoformat(last) if last else now
        if last and now - self._last[site_id] < SELDOM:
            return False
        self._last[site_id] = now
        await self._door(self._store.put, DRAWER, str(site_id), now.isoformat())
        return bool(last) or begun
