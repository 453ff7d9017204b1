"""The cards that articles have no more, kept while a message may still show them: an edit tells what changed since."""

from __future__ import annotations

from sqlalchemy import Connection, and_, bindparam, delete, exists, false, insert, or_, select, true

from bot.store.schema import articles, deliveries, earlier

was_seen = and_(
    earlier.c.site_id == deliveries.c.site_id,
    earlier.c.article_id == deliveries.c.article_id,
    earlier.c.revision == deliveries.c.seen,
    deliveries.c.seen != deliveries.c.wanted,
)
"""Joins a delivery with the card that people last saw in its message."""

_may_be_seen = exists().where(
    deliveries.c.site_id == earlier.c.site_id,
    deliveries.c.article_id == earlier.c.article_id,
    deliveries.c.gone == false(),
    or_(
        deliveries.c.seen == earlier.c.revision,
        deliveries.c.claimed == true(),  # it may be on its way with any of them
        and_(deliveries.c.attempted_at.is_not(None), deliveries.c.attempted_revision == earlier.c.revision),
    ),
)
# Asked for each article of a bulk edit: built once, since building costs several times what asking does.
_FORGET = delete(earlier).where(
    earlier.c.site_id == bindparam("site"),
    earlier.c.article_id == bindparam("article"),
    or_(earlier.c.revision == bindparam("replaced"), ~_may_be_seen),
)
_KEEP = insert(earlier).from_select(
    ["site_id", "article_id", "revision", "card"],
    select(articles.c.site_id, articles.c.id, articles.c.revision, articles.c.card).where(
        articles.c.site_id == bindparam("site"), articles.c.id == bindparam("article")
    ),
)


def keep_earlier(tx: Connection, site_id: int, article_id: int, revision: str) -> None:
    """Keep an article's card, of that revision, which is about to be replaced; forget those that nobody sees any more.

    Call it when the deliveries are rewritten: then no other transaction can claim them with the old card.
    """
    tx.execute(_FORGET, {"site": site_id, "article": article_id, "replaced": revision})
    tx.execute(_KEEP, {"site": site_id, "article": article_id})
