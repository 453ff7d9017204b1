"""A channel's line: its posts wait for the one before them, marked as being behind it (`bot.store.rota`)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, false, func, select, true, update

from bot.store.schema import awaited, deliveries, sites


def next_in_line(tx: Connection, channels: Iterable[str]) -> None:
    """Let the first post that waits in each of these channels be found; call it when one before it may be gone."""
    for channel in channels:
        tx.execute(_UNMARK, {"in_channel": channel})


def all_in_line(tx: Connection) -> None:
    """Forget who stands behind whom; the next claims find out again."""
    tx.execute(update(deliveries).where(deliveries.c.behind == true()).values(behind=False))


def forget_site(tx: Connection, site_id: int) -> None:
    """Delete a site of which nothing is kept up; what is in doubt of it holds back no other post of its channel."""
    waiting = select(deliveries.c.channel).where(deliveries.c.site_id == site_id, awaited).distinct()
    channels = tx.scalars(waiting).all()
    tx.execute(delete(sites).where(sites.c.id == site_id))
    next_in_line(tx, channels)


_line = deliveries.alias()
_first = (
    select(func.min(_line.c.id))
    .where(
        _line.c.channel == bindparam("in_channel"),
        _line.c.wanted != _line.c.shown,
        _line.c.parked == false(),
        _line.c.receipt.is_(None),
    )
    .scalar_subquery()
)
_UNMARK = update(deliveries).where(deliveries.c.id == _first).values(behind=False)
