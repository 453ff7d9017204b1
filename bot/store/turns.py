"""Whose turn it is: sites are claimed for one look each, by one process at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, exists, or_, select, update

from bot.store.moves import stay
from bot.store.rows import Turn, moment, site_of
from bot.store.schema import deliveries, sites, stands, subscriptions
from bot.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Quiet:
    """A turn whose look found all as it was: the end of its lease, when it ended, and when the next one is due.

    `stays`: the site was found where it is looked for, and no redirect led away from there.
    """

    turn: Turn
    until: datetime
    ended: datetime
    next_look: datetime
    stays: bool = False


KEPT = timedelta(days=30)
"""A card that nobody follows any more is corrected and struck for so long."""


def is_read(kept: Any) -> Any:
    """The condition that a site is read: somebody follows it, or a card of it stands that was shown since then."""
    young = exists().where(deliveries.c.site_id == sites.c.id, deliveries.c.shown_at > kept, stands)
    return or_(exists().where(subscriptions.c.site_id == sites.c.id), young)


class Turns(Transactions):
    """What the poller asks before it looks."""

    def claim_sites(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        busy: Collection[int] = (),
        quiet: Sequence[Quiet] = (),
    ) -> list[Turn]:
        """Sites to be read that are due, the longest waiting first; each is nobody else's until the lease ends.

        `busy` are at work already, and wait until that is done. `quiet` turns are ended first.
        """
        asked = {"now": now.timestamp(), "kept": (now - KEPT).timestamp(), "most": limit, "busy": list(busy)}
        with self._begin() as tx:
            _end_quiet(tx, quiet)
            ids = list(tx.scalars(_DUE_SITES, asked))
            if not ids:
                return []
            rows = tx.execute(_CLAIM, {"ids": ids, "until": (now + lease).timestamp()}).all()
        rows = sorted(rows, key=lambda row: ids.index(row.id))
        return [Turn(site_of(row), row.epoch, row.failures, now, moment(row.read_at)) for row in rows]

    def end_quiet(self, quiet: Sequence[Quiet]) -> None:
        """End turns that found all as it was; nothing where the lease was lost."""
        with self._begin() as tx:
            _end_quiet(tx, quiet)

    def prolong(self, turn: Turn, now: datetime, until: datetime) -> None:
        """Whoever looks at the site still does; nothing where the lease was lost or another look is asked for."""
        mine = and_(sites.c.id == turn.site.id, sites.c.epoch == turn.epoch, sites.c.due > now.timestamp())
        with self._begin() as tx:
            tx.execute(update(sites).where(mine).values(due=until.timestamp()))

    def look_at_once(self, site_id: int, now: datetime) -> str:
        """The endpoint of the site, whose look is due now; "" where it is in trouble: its next look comes no sooner.

        During a look it is due again right after it, since that one may have read what is told of too early.
        """
        due = case((sites.c.due > now.timestamp(), now.timestamp()), else_=sites.c.due)
        with self._begin() as tx:
            sound = update(sites).where(sites.c.id == site_id, sites.c.failures == 0)
            return tx.scalar(sound.values(due=due).returning(sites.c.endpoint)) or ""


# Asked every second and more: built once, since building costs several times what asking does.
_CLAIM = (
    update(sites)
    .where(sites.c.id.in_(bindparam("ids", expanding=True)))
    .values(due=bindparam("until"), epoch=sites.c.epoch + 1)
    .returning(sites)
)
_asked_meanwhile = sites.c.due < bindparam("until")
_END_QUIET = (
    update(sites)
    .where(sites.c.id == bindparam("mine"), sites.c.epoch == bindparam("lease"))
    .values(due=case((_asked_meanwhile, sites.c.due), else_=bindparam("next")), read_at=bindparam("ended"))
)
_DUE_SITES = (
    select(sites.c.id)
    .where(sites.c.due <= bindparam("now"), is_read(bindparam("kept")))
    .where(sites.c.id.not_in(bindparam("busy", expanding=True)))
    .order_by(sites.c.due)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def _end_quiet(tx: Connection, quiet: Sequence[Quiet]) -> None:
    if quiet:
        tx.execute(
            _END_QUIET,
            [
                {
                    "mine": one.turn.site.id,
                    "lease": one.turn.epoch,
                    "until": one.until.timestamp(),
                    "next": one.next_look.timestamp(),
                    "ended": one.ended.timestamp(),
                }
                for one in quiet
            ],
        )
    stay(tx, [one.turn.site.id for one in quiet if one.stays])
