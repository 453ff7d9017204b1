"""Whose turn it is: sites take turns, what people are called for goes first, a channel's posts go one after the other.

A claim must cost little however much waits. So what stands behind another post of its channel is marked when a claim
meets it, and passed by from then on; whoever takes the first out of the line unmarks the next.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import chain, zip_longest
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, case, delete, false, func, insert, select, update

from bot.model import WITHDRAWN
from bot.store.line import next_in_line
from bot.store.reading import AWAY, BURST, FLOODED
from bot.store.schema import FLOOD, articles, awaited, deliveries, passed_over, pending

FEW, CHUNK = 4, 256
"""So many rows more than are asked for are looked at of a site, and so many once it shows that they wait for others."""

SORTED, AT_MOST = 512, 4096
"""After marking so many rows a claim is content with what it has found, or with nothing."""

STALE = timedelta(hours=1)
"""What has waited for so long is no news that anybody hears at once: of many such, the newest is shown."""


class Rota:
    """Remembers which site had its turn last, of what is loud and of the rest; by platform."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, bool], int] = {}

    def due(self, tx: Connection, platform: str, now: datetime, most: int, since: float = 0.0) -> list[int]:
        """The ids of deliveries that are due, in the order in which they should be made; fewer when it is much to sort.

        Two in one channel are never among them, unless they change what stands. Of articles found before `since` more
        may have left than is known: none of them is passed over.
        """
        loud = self._in_turn(tx, platform, now, most, since, loud=True)
        return loud + self._in_turn(tx, platform, now, most - len(loud), since, loud=False)

    def _in_turn(
        self, tx: Connection, platform: str, now: datetime, most: int, since: float, *, loud: bool
    ) -> list[int]:
        if not most:
            return []
        asked = {"platform": platform, "loud": loud, "now": now.timestamp()}
        last = self._last.get((platform, loud), -1)
        sites = list(tx.scalars(_SITES, {**asked, "last": last, "most": most}))
        if len(sites) < most and last >= 0:
            begun = tx.scalars(_SITES, {**asked, "last": -1, "most": most - len(sites)})
            sites += [site for site in begun if site <= last]
        each = -(-most // len(sites)) if sites else 0
        lines, marked = [], 0
        for site in sites:
            line, more = _of_site(tx, asked | {"site": site}, each, now, since)
            lines.append([(site, one) for one in line])
            marked += more
            if marked > (SORTED if any(lines) else AT_MOST):
                break
        turns = [turn for turn in chain.from_iterable(zip_longest(*lines)) if turn][:most]
        if lines:
            self._last[platform, loud] = turns[-1][0] if len(turns) == most else sites[len(lines) - 1]
        return [one for _site, one in turns]


def _of_site(tx: Connection, asked: dict[str, Any], most: int, now: datetime, since: float) -> tuple[list[int], int]:
    """A site's deliveries that are due and wait for no other, the longest waiting first; how many were marked."""
    size, marked = most + FEW, 0
    while True:
        rows = tx.execute(_OF_SITE, {**asked, "chunk": size}).all()
        free = [row for row in rows if row.before is None][:most]
        gathered = {row.id for row in free if _gather(tx, row, now, since)}
        waiting = [row for row in rows if row.before is not None] if len(free) < most else []
        if asked["loud"]:
            _make_way(tx, waiting)
        newly = _mark(tx, waiting)
        marked += newly
        settled = not gathered and (not newly or len(rows) < size)
        if settled or marked > SORTED:
            return [row.id for row in free if row.id not in gathered], marked
        size = most + CHUNK


def _mark(tx: Connection, waiting: list[Row[Any]]) -> int:
    """Mark those whose line nobody else is changing (who does, unmarks the next afterwards); how many."""
    if not waiting:
        return 0
    held = set(tx.scalars(_FIRSTS, {"ids": list({row.before for row in waiting})}))
    ids = [row.id for row in waiting if row.before in held]
    return tx.execute(_MARK, {"ids": ids}).rowcount if ids else 0


def _make_way(tx: Connection, waiting: list[Row[Any]]) -> None:
    """What stands before something loud in its channel must not hold it up: it goes before all else as well."""
    for row in waiting:
        before = select(deliveries.c.id).where(awaited, deliveries.c.channel == row.channel, deliveries.c.id < row.id)
        free = tx.scalars(before.with_for_update(skip_locked=True)).all()  # who holds one may want what is held here
        tx.execute(update(deliveries).where(deliveries.c.id.in_(free)).values(loud=True))


def _gather(tx: Connection, first: Row[Any], now: datetime, since: float) -> bool:
    """Whether too much of a site has waited too long in a channel: then its newest says how many others there are."""
    if first.receipt is not None or first.wanted_at > (now - STALE).timestamp():
        return False
    here = and_(deliveries.c.channel == first.channel, deliveries.c.site_id == first.site_id)
    if since:
        here = and_(here, articles.c.found_at >= since, articles.c.published_at >= since)
    rows = tx.execute(_UNTRIED.where(here).order_by(articles.c.published_at, deliveries.c.id)).all()
    away = any(row.wanted_at <= (now - AWAY).timestamp() for row in rows)
    if len(rows) <= (FLOODED if away else BURST):
        return False
    *others, newest = rows
    spared = {"channel": first.channel, "site_id": first.site_id, "why": FLOOD}
    tx.execute(insert(passed_over), [{**spared, "article_id": row.article_id} for row in others])
    tx.execute(delete(deliveries).where(deliveries.c.id.in_([row.id for row in others])))
    more = newest.more + sum(1 + row.more for row in others)
    tx.execute(update(deliveries).where(deliveries.c.id == newest.id).values(more=more))
    next_in_line(tx, [first.channel])
    return True


_work = and_(
    pending,
    deliveries.c.behind == false(),
    deliveries.c.platform == bindparam("platform"),
    deliveries.c.loud == bindparam("loud"),
)


def _site_after(site: Any) -> Any:
    following = select(deliveries.c.site_id).where(_work, deliveries.c.site_id > site)
    return following.order_by(deliveries.c.site_id).limit(1).scalar_subquery()


def _due_sites() -> Select[Any]:
    """The sites of which something is due, by number: one look into the index for each, however much waits."""
    found = select(_site_after(bindparam("last")).label("site")).cte("found", recursive=True)
    found = found.union_all(select(_site_after(found.c.site)).where(found.c.site.is_not(None)))
    soonest = select(func.min(deliveries.c.due)).where(_work, deliveries.c.site_id == found.c.site).scalar_subquery()
    return select(found.c.site).where(found.c.site.is_not(None), soonest <= bindparam("now")).limit(bindparam("most"))


# Asked every second and more: built once, since building costs several times what asking does.
_SITES = _due_sites()

_ahead = deliveries.alias()
_before = (
    select(func.min(_ahead.c.id))
    .where(
        _ahead.c.channel == deliveries.c.channel,
        _ahead.c.id < deliveries.c.id,
        _ahead.c.wanted != _ahead.c.shown,
        _ahead.c.parked == false(),
        _ahead.c.receipt.is_(None),
    )
    .scalar_subquery()
)
_OF_SITE = (
    select(deliveries.c.id, deliveries.c.channel, deliveries.c.site_id, deliveries.c.receipt, deliveries.c.wanted_at)
    .add_columns(case((deliveries.c.receipt.is_(None), _before), else_=None).label("before"))
    .where(_work, deliveries.c.site_id == bindparam("site"), deliveries.c.due <= bindparam("now"))
    .order_by(deliveries.c.due, deliveries.c.id)
    .limit(bindparam("chunk"))
    .with_for_update(skip_locked=True)
)
_UNTRIED = (
    select(deliveries.c.id, deliveries.c.article_id, deliveries.c.more, deliveries.c.wanted_at)
    .join(articles, and_(articles.c.site_id == deliveries.c.site_id, articles.c.id == deliveries.c.article_id))
    .where(awaited, deliveries.c.attempted_at.is_(None), deliveries.c.generation == 0, deliveries.c.article_id > 0)
    .where(deliveries.c.claimed == false(), deliveries.c.held == false(), deliveries.c.wanted != WITHDRAWN)
    .where(deliveries.c.unsure_since.is_(None))  # what may stand is not passed over
)

_FIRSTS = (
    select(deliveries.c.id)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)), awaited)
    .with_for_update(skip_locked=True)
)
_MARK = update(deliveries).where(deliveries.c.id.in_(bindparam("ids", expanding=True))).values(behind=True)
