"""What people look up: articles that are stored, what became of one, names to filter by, how much waits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, case, exists, false, func, select, true

from bot.filters import fold
from bot.model import Card, Channel
from bot.store.rows import LONGEST, moment
from bot.store.schema import articles, deliveries, passed_over, pending, subscriptions, terms
from bot.store.transactions import Transactions

MOST_WORDS, LONGEST_WORD = 10, 100
"""What is looked for at once: databases refuse patterns of many thousand bytes."""


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of an article in a channel; `spared` says why it was passed over, None where it was not.

    `wanted_at` is None where nothing was ever to be shown of it there; `ref` names the message that stands.
    """

    site_id: int
    title: str
    found_at: datetime
    withdrawn: bool
    spared: str | None
    wanted_at: datetime | None
    shown_at: datetime | None
    due: datetime | None
    waiting: bool
    parked: bool
    gone: bool
    edits: int
    ref: str
    note: str

    @property
    def met(self) -> bool:
        """Whether the channel had to do with it."""
        return self.wanted_at is not None or self.spared is not None


class Lookup(Transactions):
    """Questions; nothing here changes anything."""

    def latest(self, site_ids: Sequence[int], count: int) -> list[Card]:
        """The newest articles of some sites, newest first."""
        query = select(articles.c.card).where(articles.c.site_id.in_(site_ids), _public)
        with self._begin() as tx:
            return _cards(tx.scalars(query.order_by(articles.c.published_at.desc(), articles.c.id.desc()).limit(count)))

    def found(self, site_id: int, words: str, offset: int, count: int) -> tuple[list[Card], int]:
        """A stretch of a site's stored articles that hold all the words, newest first, and how many there are."""
        asked = [word[:LONGEST_WORD] for word in fold(words).split()[:MOST_WORDS]]
        holds = [articles.c.words.contains(word, autoescape=True) for word in asked] or [false()]
        where = and_(articles.c.site_id == site_id, _public, *holds)
        newest = select(articles.c.card).where(where).order_by(articles.c.published_at.desc(), articles.c.id.desc())
        with self._begin() as tx:
            total = tx.scalar(select(func.count()).select_from(articles).where(where)) or 0
            return _cards(tx.scalars(newest.offset(offset).limit(count))), total

    def trace(self, channel: Channel, place: str) -> Trace | None:
        """What became of the article at a place (`bot.text.place`) in a channel; None where no article is known.

        Of several that say they stand there, as any site may, the one that the channel had to do with or follows.
        """
        here = and_(
            deliveries.c.channel == str(channel),
            deliveries.c.site_id == articles.c.site_id,
            deliveries.c.article_id == articles.c.id,
        )
        spared = and_(
            passed_over.c.channel == str(channel),
            passed_over.c.site_id == articles.c.site_id,
            passed_over.c.article_id == articles.c.id,
        )
        follows = and_(subscriptions.c.channel == str(channel), subscriptions.c.site_id == articles.c.site_id)
        followed = exists().where(follows)
        query = (
            select(
                articles.c.site_id.label("site"),
                articles.c.card,
                articles.c.found_at,
                articles.c.withdrawn,
                passed_over.c.why,
                deliveries,
                case((pending, True), else_=False).label("waiting"),
            )
            .outerjoin(deliveries, here)
            .outerjoin(passed_over, spared)
            .where(articles.c.place == place[:LONGEST])
            .order_by(deliveries.c.id.desc().nulls_last(), passed_over.c.why.is_(None), ~followed)
            .limit(1)
        )
        with self._begin() as tx:
            row = tx.execute(query).one_or_none()
        return _trace(row) if row else None

    def terms(self, channel: Channel) -> list[tuple[str, str]]:
        """The names (kind, name) that articles of the sites followed in a channel can be filtered by."""
        followed = select(subscriptions.c.site_id).where(subscriptions.c.channel == str(channel))
        query = select(terms.c.kind, terms.c.name).where(terms.c.site_id.in_(followed)).distinct()
        with self._begin() as tx:
            return [(row.kind, row.name) for row in tx.execute(query.order_by(terms.c.kind, terms.c.name))]

    def queue(self) -> dict[str, tuple[int, int]]:
        """By platform, how many deliveries wait and how many are parked."""
        parked = and_(
            deliveries.c.parked == true(), deliveries.c.gone == false(), deliveries.c.wanted != deliveries.c.shown
        )
        count = (func.sum(case((condition, 1), else_=0)) for condition in (pending, parked))
        with self._begin() as tx:
            rows = tx.execute(select(deliveries.c.platform, *count).group_by(deliveries.c.platform)).all()
        return {platform: (waiting, given_up) for platform, waiting, given_up in rows if waiting or given_up}


_public = and_(articles.c.withdrawn == false(), articles.c.id > 0)
"""Articles that their sites show; below 0 are the bot's own notices."""


def _cards(rows: Any) -> list[Card]:
    return [Card.from_dict(json.loads(row)) for row in rows]


def _trace(row: Any) -> Trace:
    return Trace(
        site_id=row.site,
        title=json.loads(row.card)["title"],
        found_at=moment(row.found_at),
        withdrawn=row.withdrawn,
        spared=row.why,
        wanted_at=moment(row.wanted_at),
        shown_at=moment(row.shown_at),
        due=moment(row.due and max(row.due, row.wanted_at)),
        waiting=bool(row.waiting),
        parked=bool(row.parked),
        gone=bool(row.gone),
        edits=row.edits or 0,
        ref=row.receipt or "",
        note=row.note or "",
    )
