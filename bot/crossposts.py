"""Hands what was posted on to those who follow a channel, where the platform has that and the channel wishes it.

Apart from the dispatcher: platforms grant a few an hour only, and no card may wait for that.
"""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bot.dispatcher import CALL, LEASE, patience
from bot.errors import CannotLogIn, Refused, StoreError, TryLater, Vanished
from bot.ports import Adapter, Clock, Crossposting
from bot.store import Door, Store

if TYPE_CHECKING:
    from bot.model import Receipt

AT_ONCE = 10
TICK = 2.0

log = structlog.get_logger()


class Crossposts:
    """One platform's."""

    def __init__(self, adapter: Adapter, store: Store, door: Door, clock: Clock, rng: random.Random) -> None:
        self._adapter, self._store, self._door, self._clock, self._rng = adapter, store, door, clock, rng

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._round()
            except StoreError as error:
                log.error("nothing is handed on: the database cannot be asked", error=str(error))
            await self._clock.sleep(TICK)

    async def _round(self) -> None:
        if not self._adapter.ready:
            return
        platform, now = self._adapter.platform, self._clock.now()
        for delivery_id, receipt in await self._door(
            self._store.claim_crossposts, platform, now, AT_ONCE, LEASE * AT_ONCE
        ):
            again = await self._hand_on(receipt)
            await self._door(self._store.crossposted, delivery_id, self._clock.now() + again if again else None)

    async def _hand_on(self, receipt: Receipt) -> timedelta | None:
        """How long to wait before trying again; None when it is done, or can never be."""
        assert isinstance(self._adapter, Crossposting)  # noqa: S101 - the app makes none for the others
        try:
            async with asyncio.timeout(CALL):
                await self._adapter.crosspost(receipt)
        except (TryLater, CannotLogIn, TimeoutError) as error:
            log.info("handed on later", channel=str(receipt.channel), why=str(error))
            return patience(6, error.after if isinstance(error, TryLater) else None, self._rng)
        except (Refused, Vanished) as error:
            log.warning("cannot be handed on", channel=str(receipt.channel), why=str(error))
        except Exception:  # a defect costs one message's patience, not the handing on of all others
            log.exception("unexpected; will be handed on later", channel=str(receipt.channel))
            return patience(6, None, self._rng)
        return None
