"""What a life of the bot does first, and when its clock is set: what another one claimed or noted is not trusted."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, true, update

from bot.store.line import all_in_line
from bot.store.schema import LATE, deliveries, pending, sites, stands
from bot.store.schema import extras as afterwards
from bot.store.transactions import Transactions

PUT_OFF = timedelta(hours=1)
"""A start waits no longer than this for what was put off before it."""


class Leases(Transactions):
    """Takes back, and takes for doubtful."""

    def release_all(self, now: datetime) -> int:
        """Take back every lease: only for a process that knows itself alone, after the one before it died.

        What waits untried may have been shown by a life that this table does not remember.
        """
        with self._begin() as tx:
            tx.execute(update(sites).where(sites.c.due > now.timestamp()).values(due=now.timestamp()))
            return _release(tx, now, true())

    def distrust(self, platform: str, jump: timedelta) -> None:
        """The clock was set: nobody knows how old what is in doubt is. Where it was set back, nothing waits longer."""
        here = update(deliveries).where(deliveries.c.platform == platform)
        doubts = here.where(deliveries.c.attempted_at.is_not(None), deliveries.c.unsure_since.is_(None))
        with self._begin() as tx:
            tx.execute(doubts.values(unsure_since=deliveries.c.attempted_at))
            if jump:
                by = jump.total_seconds()
                tx.execute(here.where(pending).values(due=deliveries.c.due + by))
                owed = update(afterwards).where(afterwards.c.platform == platform)
                tx.execute(owed.values(due=afterwards.c.due + by))

    def set_back(self, jump: timedelta) -> None:
        """The clock was set back by so much: no site is looked at any later for it."""
        with self._begin() as tx:
            tx.execute(update(sites).values(due=sites.c.due + jump.total_seconds()))

    def release(self, platform: str, now: datetime) -> int:
        """Take back a platform's leases: only for the process that it now belongs to, whoever had it before.

        What the one before writes of them from here on is written nowhere, and what waits untried may have been shown.
        """
        with self._begin() as tx:
            return _release(tx, now, deliveries.c.platform == platform)


_untried = and_(pending, deliveries.c.receipt.is_(None), deliveries.c.attempted_at.is_(None))


def _release(tx: Connection, now: datetime, whose: ColumnElement[bool]) -> int:
    all_in_line(tx)
    at, here = now.timestamp(), update(deliveries).where(whose)
    tx.execute(here.where(_untried, deliveries.c.unsure_since.is_(None)).values(unsure_since=deliveries.c.wanted_at))
    # What was put off by a clock that was set back since.
    tx.execute(here.where(pending, deliveries.c.due > (now + PUT_OFF).timestamp()).values(due=at))
    # An edit that left may still arrive, and must not do so after the next one.
    due = case((stands, (now + LATE).timestamp()), else_=at)
    held = here.where(deliveries.c.claimed == true())
    return tx.execute(held.values(due=due, claimed=False, epoch=deliveries.c.epoch + 1)).rowcount
