"""Articles as they are kept, and the names that a site's articles can be filtered by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select

from bot.filters import Kind
from bot.model import Article, Card
from bot.store.rows import LONGEST, card_columns, storable
from bot.store.schema import articles, terms

MOST_TERMS = 1000
"""Names kept of one site; more would be of no use to those who choose among them."""


def is_article(site_id: int, article_id: int) -> Any:
    """The condition that names one article."""
    return and_(articles.c.site_id == site_id, articles.c.id == article_id)


def add_article(tx: Connection, site_id: int, article_id: int, card: Card, now: datetime) -> None:
    """Keep an article that was not known before."""
    found = {"found_at": now.timestamp(), "changed_at": now.timestamp()}
    tx.execute(insert(articles).values(site_id=site_id, id=article_id, **found, **card_columns(card, now)))


def terms_of(article: Article) -> list[tuple[str, str]]:
    """What an article can be filtered by, words aside."""
    named = [(Kind.CATEGORY, name) for name in article.categories] + [(Kind.TAG, name) for name in article.tags]
    named += [(Kind.AUTHOR, name.strip()) for name in article.author.split(",")]
    return [(str(kind), name) for kind, name in named if name]


def learn(tx: Connection, site_id: int, named: Iterable[tuple[str, str]]) -> None:
    """Keep names (kind, name) that are not kept yet."""
    known = {(row.kind, row.name) for row in tx.execute(select(terms).where(terms.c.site_id == site_id))}
    cut = dict.fromkeys((kind, storable(name[:LONGEST])) for kind, name in named)
    fresh = [pair for pair in cut if pair not in known][: max(MOST_TERMS - len(known), 0)]
    if fresh:
        tx.execute(insert(terms), [{"site_id": site_id, "kind": kind, "name": name} for kind, name in fresh])
