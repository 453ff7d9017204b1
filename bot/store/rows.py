"""Rows as nouns, and nouns as rows."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, overload

from sqlalchemy import Row

from bot.filters import Filters, fold
from bot.model import (
    NORMAL,
    Article,
    Attempt,
    Card,
    Channel,
    Delivery,
    Extra,
    OnCorrection,
    OnWithdrawal,
    Receipt,
    Site,
    Style,
    Subscription,
    delivery_key,
)
from bot.store.restored import Restored
from bot.store.schema import sites
from bot.text import place


@dataclass(frozen=True, slots=True)
class Turn:
    """A site claimed for one poll; `epoch` is the lease, `failures` counts the polls that failed in a row."""

    site: Site
    epoch: int
    failures: int
    claimed_at: datetime
    read_at: datetime | None = None


def site_of(row: Row[Any]) -> Site:
    """From a row of `sites`, alone or joined with tables that have an `id` too."""
    return Site(
        url=row.url,
        name=row.name,
        endpoint=row.endpoint,
        reader=row.reader,
        language=row.language,
        cursor=row.cursor,
        id=row._mapping[sites.c.id],
    )


def subscription_of(row: Row[Any]) -> Subscription:
    """From a row of `subscriptions`, alone or joined."""
    return Subscription(
        Channel.parse(row.channel),
        row.site_id,
        Style(row.style),
        OnWithdrawal(row.on_withdrawal),
        OnCorrection(row.on_correction),
        row.notify,
        Filters.loads(row.filters),
        row.halted,
        extras_of(row),
    )


def extras_of(row: Row[Any]) -> frozenset[Extra]:
    """What a channel wishes of its cards once they stand; nothing where it follows no more."""
    return frozenset(extra for extra in Extra if getattr(row, extra.value))


def wish_columns(subscription: Subscription) -> dict[str, Any]:
    """How a channel wants what it subscribed to."""
    return {
        "style": subscription.style,
        "on_withdrawal": subscription.on_withdrawal,
        "on_correction": subscription.on_correction,
        "notify": subscription.notify,
        "filters": subscription.filters.dumps(),
        **{extra.value: extra in subscription.extras for extra in Extra},
    }


def delivery_of(row: Row[Any], installation: str, restored: Restored | None = None) -> Delivery:
    """From a row of `deliveries` joined with its article, the card `before` it and, if any, the subscription."""
    channel = Channel.parse(row.channel)
    return Delivery(
        id=row.id,
        channel=channel,
        site_id=row.site_id,
        article_id=row.article_id,
        key=delivery_key(installation, channel, row.site_id, row.article_id, row.generation),
        card=Card.from_dict(json.loads(row.card)),
        wanted=row.wanted,
        shown=row.shown,
        epoch=row.epoch,
        attempts=row.attempts,
        style=Style(row.style or Style.CARD),
        on_withdrawal=OnWithdrawal(row.on_withdrawal or OnWithdrawal.STRIKE),
        on_correction=OnCorrection(row.on_correction or OnCorrection.SAY),
        notify=row.notify or NORMAL,
        more=row.more,
        extras=extras_of(row),
        language=row.language or "",
        followed=row.style is not None and not row.held,
        receipt=Receipt(channel, row.receipt) if row.receipt else None,
        attempt=_attempt(row),
        before=Card.from_dict(json.loads(row.before)) if row.before else None,
        wanted_at=moment(row.wanted_at),
        unsure_since=min(filter(None, [moment(row.unsure_since), restored and restored.doubt(row)]), default=None),
    )


def card_columns(card: Card, now: datetime) -> dict[str, Any]:
    """What an article keeps of its card; one that states no date counts as published when it was found."""
    published = (card.published or now).timestamp()
    values = card.as_dict()
    told = json.dumps(values, ensure_ascii=False)
    found_by = {"published_at": published, "place": findable(card.url), "words": searched(values)}
    return {"url": card.url, "revision": card.revision, "card": told, **found_by}


def shown(card: Card) -> Article:
    """As much of an article as its card shows, for filters."""
    text = html.escape(" ".join([card.lead, card.quote.text if card.quote else ""]))
    categories = (card.category,) if card.category else ()
    return Article(0, card.url, card.title, text, author=card.author, categories=categories)


def findable(url: str) -> str:
    """A URL as an article is found by it; cut, for no index of PostgreSQL's takes more than 2,700 bytes."""
    return place(url)[:LONGEST]


LONGEST = 500
"""Characters of a text that stands in an index."""


def searched(card: Mapping[str, Any]) -> str:
    """What a search looks through, of a card as it is stored."""
    quote = card.get("quote") or {}
    return fold(" ".join([*(str(card.get(part) or "") for part in _SEARCHED), str(quote.get("text") or "")]))


_SEARCHED = ("title", "lead", "author", "category")


def delivery_columns(
    channel: Channel,
    site_id: int,
    article_id: int,
    wanted: str,
    now: datetime,
    more: int = 0,
    unsure_since: datetime | None = None,
    *,
    loud: bool = False,
) -> dict[str, Any]:
    """A delivery that nobody has tried yet, as far as is known; a `loud` one goes before all that are not."""
    return {
        "platform": channel.platform,
        "channel": str(channel),
        "site_id": site_id,
        "article_id": article_id,
        "wanted": wanted,
        "due": now.timestamp(),
        "wanted_at": now.timestamp(),
        "more": more,
        "unsure_since": unsure_since and unsure_since.timestamp(),
        "loud": loud,
    }


def storable(text: str) -> str:
    """The text without what no database holds: PostgreSQL refuses NUL, SQLite hides what follows it, UTF-8 halves."""
    return _UNSTORABLE.sub("\ufffd", text)


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def passed_over_columns(channel: Channel, site_id: int, article_id: int, why: str) -> dict[str, Any]:
    """An article that a channel is not shown."""
    return {"channel": str(channel), "site_id": site_id, "article_id": article_id, "why": why}


@overload
def moment(seconds: float) -> datetime: ...
@overload
def moment(seconds: None) -> None: ...
def moment(seconds: float | None) -> datetime | None:
    """None where it has not come yet."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _attempt(row: Row[Any]) -> Attempt | None:
    if row.attempted_at is None:
        return None
    return Attempt(moment(row.attempted_at), row.attempted_revision, row.attempted_url)
