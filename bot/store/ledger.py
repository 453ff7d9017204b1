"""What the channels were given of one site's articles, for comparing it with what the site shows."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from bot.model import Channel, OnCorrection, OnWithdrawal, Subscription, delivery_key
from bot.store.rows import moment, subscription_of
from bot.store.schema import articles, channels, deliveries, is_wish, passed_over, subscriptions
from bot.store.transactions import Transactions

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """An article as it is stored; `modified` as its site told it, in the form in which the card keeps it."""

    title: str
    url: str
    revision: str
    modified: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Given:
    """What a channel was given, or is to be given, of an article; `ref` names the message that stands, "" for none."""

    channel: Channel
    site_id: int
    article_id: int
    key: str
    wanted: str
    shown: str
    ref: str
    parked: bool
    gone: bool
    note: str
    wanted_at: datetime
    on_withdrawal: OnWithdrawal
    on_correction: OnCorrection

    @property
    def pending(self) -> bool:
        """Whether there is something to be done that is not given up."""
        return self.wanted != self.shown and not self.parked


@dataclass(frozen=True, slots=True)
class Ledger:
    """Who follows a site, since when, and what became there of its articles.

    `spared`: (channel, id) of what was passed over; `moved`: the channels that went on as another, by that other.
    """

    wishes: tuple[tuple[Subscription, datetime], ...]
    articles: Mapping[int, Kept]
    given: Mapping[tuple[Channel, int], Given]
    spared: Collection[tuple[Channel, int]]
    moved: Mapping[Channel, Collection[Channel]]


class Ledgers(Transactions):
    """Questions; nothing here changes anything."""

    def ledger(self, site_id: int, since: datetime, also: Iterable[int] = ()) -> Ledger:
        """What is known of the articles published, found or changed since then, and of `also`."""
        start = since.timestamp()
        times = (articles.c.published_at, articles.c.found_at, articles.c.changed_at)
        with self._begin() as tx:
            ids = select(articles.c.id).where(articles.c.site_id == site_id, articles.c.id > 0)
            named = sorted({*tx.scalars(ids.where(or_(*(time >= start for time in times)))), *also})
            parts = [named[at : at + AT_ONCE] for at in range(0, len(named), AT_ONCE)]
            followed = tx.execute(select(subscriptions).where(subscriptions.c.site_id == site_id)).all()
            given = [one for part in parts for one in self._given(tx, site_id, part)]
            return Ledger(
                tuple((subscription_of(row), moment(row.since)) for row in followed),
                dict(pair for part in parts for pair in _articles(tx, site_id, part)),
                {(one.channel, one.article_id): one for one in given},
                frozenset(pair for part in parts for pair in _spared(tx, site_id, part)),
                _moved(tx),
            )

    def _given(self, tx: Connection, site_id: int, ids: Collection[int]) -> Iterable[Given]:
        query = (
            select(deliveries, subscriptions.c.on_withdrawal, subscriptions.c.on_correction)
            .outerjoin(subscriptions, is_wish)
            .where(deliveries.c.site_id == site_id, deliveries.c.article_id.in_(ids))
        )
        for row in tx.execute(query):
            channel = Channel.parse(row.channel)
            yield Given(
                channel,
                site_id,
                row.article_id,
                delivery_key(self._installation, channel, site_id, row.article_id, row.generation),
                row.wanted,
                row.shown,
                row.receipt or "",
                row.parked,
                row.gone,
                row.note,
                moment(row.wanted_at),
                OnWithdrawal(row.on_withdrawal or OnWithdrawal.STRIKE),
                OnCorrection(row.on_correction or OnCorrection.SAY),
            )


def _articles(tx: Connection, site_id: int, ids: Collection[int]) -> Iterable[tuple[int, Kept]]:
    query = select(articles).where(articles.c.site_id == site_id, articles.c.id.in_(ids))
    for row in tx.execute(query):
        card: dict[str, Any] = json.loads(row.card)
        yield row.id, Kept(card["title"], row.url, row.revision, card["modified"] or "", moment(row.found_at))


def _spared(tx: Connection, site_id: int, ids: Collection[int]) -> Iterable[tuple[Channel, int]]:
    query = select(passed_over).where(passed_over.c.site_id == site_id, passed_over.c.article_id.in_(ids))
    for row in tx.execute(query):
        yield Channel.parse(row.channel), row.article_id


def _moved(tx: Connection) -> dict[Channel, set[Channel]]:
    came: dict[Channel, set[Channel]] = {}
    for row in tx.execute(select(channels).where(channels.c.successor != "")):
        came.setdefault(Channel.parse(row.successor), set()).add(Channel.parse(row.channel))
    return came
