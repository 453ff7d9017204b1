"""what a channel wants and how, what it was spared, and what people look up"""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from bot.store.rows import findable, searched

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False, server_default=""),
        sa.Column("successor", sa.String(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "terms",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", "kind", "name"),
    )
    op.create_table(
        "passed_over",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("channel", "site_id", "article_id"),
    )
    with op.batch_alter_table("subscriptions", schema=None) as table:
        table.add_column(sa.Column("on_correction", sa.String(), nullable=False, server_default="say"))
        table.add_column(sa.Column("notify", sa.String(), nullable=False, server_default="normal"))
        table.add_column(sa.Column("filters", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("halted", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("crosspost", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("thread", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("deliveries", schema=None) as table:
        table.add_column(sa.Column("more", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("edits", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "extras",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("extra", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("due", sa.Float()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("delivery_id", "extra"),
    )
    op.create_index("extras_due", "extras", ["platform", "due"])
    op.create_index("deliveries_shown", "deliveries", ["site_id", "shown_at"])
    with op.batch_alter_table("articles", schema=None) as table:
        table.add_column(sa.Column("published_at", sa.Float(), nullable=False, server_default="0"))
        table.add_column(sa.Column("place", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("words", sa.Text(), nullable=False, server_default=""))
        table.create_index("ix_articles_place", ["place"])
        table.create_index("articles_newest", ["site_id", "published_at"])
    _fill()


def _fill() -> None:
    """Make the articles that are stored already findable."""
    names = ("site_id", "id", "card", "found_at", "published_at", "place", "words")
    articles = sa.table("articles", *(sa.column(name) for name in names))
    tx = op.get_bind()
    for row in tx.execute(sa.select(articles)).all():
        card = json.loads(row.card)
        published = card.get("published")
        values = {
            "published_at": datetime.fromisoformat(published).timestamp() if published else row.found_at,
            "place": findable(str(card.get("url") or "")),
            "words": searched(card),
        }
        tx.execute(
            sa.update(articles).where(articles.c.site_id == row.site_id, articles.c.id == row.id).values(**values)
        )
