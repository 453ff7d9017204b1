"""Does for cards that stand what their channels wish besides: hands them on to followers, opens threads under them.

Apart from the dispatcher: platforms grant a few an hour only, and no card may wait for that, nor be sent again for it.
"""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta

import structlog

from bot.dispatcher import CALL, LEASE, patience
from bot.errors import AdapterError, CannotLogIn, StoreError, TryLater
from bot.ports import Adapter, Clock, Extending
from bot.store import Door, Owed, Store

AT_ONCE = 10
TICK = 2.0
NEWS = timedelta(days=1)
"""A card that has stood for so long without is left without."""

log = structlog.get_logger()


class Extras:
    """One platform's."""

    def __init__(self, adapter: Adapter, store: Store, door: Door, clock: Clock, rng: random.Random) -> None:
        self._adapter, self._store, self._door, self._clock, self._rng = adapter, store, door, clock, rng

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._round()
            except StoreError as error:
                log.debug("nothing is done for cards that stand: the database cannot be asked", error=str(error))
            await self._clock.sleep(TICK)

    async def _round(self) -> None:
        if not self._adapter.ready:
            return
        platform, now = self._adapter.platform, self._clock.now()
        for owed in await self._door(self._store.claim_extras, platform, now, AT_ONCE, LEASE * AT_ONCE):
            again, note = await self._extend(owed)
            await self._door(self._store.extended, owed, again, note)

    async def _extend(self, owed: Owed) -> tuple[datetime | None, str]:
        """When to try again, and why; no moment once it is done, or can never be."""
        assert isinstance(self._adapter, Extending)  # noqa: S101 - the app makes none for the others
        what = {"channel": str(owed.receipt.channel), "extra": owed.extra.value}
        try:
            async with asyncio.timeout(CALL):
                await self._adapter.extend(owed.receipt, owed.extra, owed.title)
        except (TryLater, CannotLogIn, TimeoutError) as error:
            log.info("done for a card later", **what, why=str(error))
            return self._later(owed, error.after if isinstance(error, TryLater) else None, str(error))
        except AdapterError as error:
            log.warning("cannot be done for a card", **what, why=str(error))
            return None, str(error)
        except Exception:  # a defect costs one message's patience, not that of all others
            log.exception("unexpected; will be done for a card later", **what)
            return self._later(owed, None, "Unexpected error inside Pullquote; see the log.")
        return None, ""

    def _later(self, owed: Owed, after: float | None, why: str) -> tuple[datetime | None, str]:
        again = self._clock.now() + patience(owed.tries + 5, after, self._rng)
        return (again if again - owed.shown_at < NEWS else None), why or "No answer in time."
