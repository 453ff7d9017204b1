"""Publications that moved, or are read otherwise than before: their rows follow, and nothing that stands changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, and_, delete, exists, select, update

from bot.errors import SourceError
from bot.model import Site
from bot.ports import Changes
from bot.store.line import forget_site
from bot.store.rows import Turn, site_of
from bot.store.schema import deliveries, kept, sites, stands, subscriptions
from bot.store.transactions import Transactions, keep, kept_of
from bot.text import home_of, places
from bot.words import N_

STEADY, LOOKS = timedelta(days=1), 10
"""A permanent redirect is followed for so long, and at so many looks in a row, before the address is changed for it."""

MOVED = "moved"
"""The drawer in which redirects are kept until they have lasted."""

TAKEN = N_(
    "It has moved to {where}, which is followed as a publication of its own: it is read on from there as long as the "
    "old address leads to it. Unsubscribe from either."
)

log = structlog.get_logger()


class Moves(Transactions):
    """What becomes of a site that can be read otherwise."""

    def read_otherwise(self, turn: Turn, found: Site, now: datetime) -> bool:
        """Whether a site is read in the way that was found from now on, with the cursor that belongs to it.

        It is not when the turn is over, nor where another site is stored there. What it was in trouble for is over with
        the next look, which is due at once.
        """
        with self._begin() as tx:
            mine = and_(sites.c.id == turn.site.id, sites.c.epoch == turn.epoch)
            if tx.scalar(select(sites.c.id).where(mine)) is None:
                return False
            way = {"url": found.url, "reader": found.reader, "cursor": found.cursor, "due": now.timestamp()}
            return settle(tx, turn.site, found.endpoint, way)


def follow_move(tx: Connection, site: Site, changes: Changes, now: datetime) -> None:
    """Note to where a site's permanent redirects lead, and change its address once they have lasted.

    Nothing is changed where another site is stored under that address, and somebody follows it or has cards of it.
    """
    if changes.moved == "":
        stay(tx, [site.id])
        return
    to, since, looks = json.loads(kept_of(tx, MOVED, str(site.id)) or '["", 0, 0]')
    if changes.moved is not None:
        since, looks = (since, looks + 1) if to == changes.moved else (now.timestamp(), 1)
        to = changes.moved
        keep(tx, MOVED, str(site.id), json.dumps([to, since, looks]))
    if looks < LOOKS or now.timestamp() - since < STEADY.total_seconds():
        return
    if settle(tx, site, to, {}):
        stay(tx, [site.id])
    else:
        told = SourceError(TAKEN, where=home_of(to)).dumps()
        tx.execute(update(sites).where(sites.c.id == site.id).values(trouble=told))


def stay(tx: Connection, site_ids: Sequence[int | None]) -> None:
    """Forget to where redirects led from these sites."""
    if site_ids:
        tx.execute(delete(kept).where(kept.c.owner == MOVED, kept.c.name.in_(map(str, site_ids))))


def settle(tx: Connection, site: Site, endpoint: str, values: dict[str, Any]) -> bool:
    """Whether a site's address could be changed, which it cannot where another one is stored that somebody has."""
    others = select(sites.c.id, sites.c.endpoint).where(sites.c.id != site.id)
    for row in tx.execute(others).all():
        if places(row.endpoint).isdisjoint(places(endpoint)):
            continue
        followed = exists().where(subscriptions.c.site_id == row.id)
        shown = exists().where(and_(deliveries.c.site_id == row.id, stands))
        if tx.scalar(select(followed)) or tx.scalar(select(shown)):
            log.warning("a site moved to where another one is followed", site=site.url, to=endpoint)
            return False
        forget_site(tx, row.id)
    home = home_of(endpoint)
    place = {"url": site.url if home == endpoint else home, "endpoint": endpoint}
    written = update(sites).where(sites.c.id == site.id).values(place | values)
    moved = site_of(tx.execute(written.returning(sites)).one())
    log.warning(
        "a site is read from another address", site=site.url, url=moved.url, endpoint=endpoint, reader=moved.reader
    )
    return True
