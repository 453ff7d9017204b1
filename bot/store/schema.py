"""The tables. Moments are seconds since 1970 in UTC, as a double: they sort and compare alike on every database."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    exists,
    false,
)

metadata = MetaData()

MIXED = "mixed"
"""The revision shown where one card or another may stand: any wanted one differs from it."""

LATE = timedelta(seconds=25)
"""An edit that left has arrived after so long, or never will; the next one waits for that."""

kept = Table(
    "kept",
    metadata,
    Column("owner", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)

sites = Table(
    "sites",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", String, nullable=False),
    Column("endpoint", String, nullable=False, unique=True),
    Column("reader", String, nullable=False),
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("due", Float, nullable=False, index=True),
    Column("epoch", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("trouble", Text, nullable=False, default=""),
    Column("read_at", Float),
    Column("found_at", Float),
)

articles = Table(
    "articles",
    metadata,
    Column("site_id", ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("url", String, nullable=False),
    Column("revision", String, nullable=False),
    Column("card", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False, default=False),
    Column("found_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("published_at", Float, nullable=False, server_default="0"),
    Column("place", String, nullable=False, server_default="", index=True),  # its URL as `bot.text.place` has it
    Column("words", Text, nullable=False, server_default=""),  # what a search looks through, folded
)
Index("articles_newest", articles.c.site_id, articles.c.published_at)

terms = Table(
    "terms",
    metadata,
    Column("site_id", ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
)

earlier = Table(
    "earlier",
    metadata,
    Column("site_id", ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", BigInteger, primary_key=True, autoincrement=False),
    Column("revision", String, primary_key=True),
    Column("card", Text, nullable=False),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("channel", String, primary_key=True),
    Column("site_id", ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
    Column("style", String, nullable=False),
    Column("on_withdrawal", String, nullable=False),
    Column("since", Float, nullable=False),
    Column("on_correction", String, nullable=False, server_default="say"),
    Column("notify", String, nullable=False, server_default="normal"),
    Column("filters", Text, nullable=False, server_default=""),
    Column("halted", Text, nullable=False, server_default=""),
    Column("crosspost", Boolean, nullable=False, server_default=false()),
    Column("thread", Boolean, nullable=False, server_default=false()),
)

Index("subscriptions_by_site", subscriptions.c.site_id)

channels = Table(
    "channels",
    metadata,
    Column("channel", String, primary_key=True),
    Column("language", String, nullable=False, server_default=""),
    Column("successor", String, nullable=False, server_default=""),  # where the channel moved to, "" while it did not
)

passed_over = Table(
    "passed_over",
    metadata,
    Column("channel", String, primary_key=True),
    Column("site_id", ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "why", Text, nullable=False
    ),  # HALTED, FLOOD, or "-" and the term that excludes it, if one does; during a halt behind HALTED
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("site_id", ForeignKey("sites.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", BigInteger, nullable=False),
    Column("generation", Integer, nullable=False, default=0),
    Column("wanted", String, nullable=False),
    Column("shown", String, nullable=False, default=""),
    Column("seen", String, nullable=False, default="", server_default=""),  # the last card shown, struck since or not
    Column("receipt", String),
    Column("attempted_at", Float),
    Column("attempted_revision", String, nullable=False, default=""),
    Column("attempted_url", String, nullable=False, default=""),
    Column("due", Float, nullable=False),
    Column("claimed", Boolean, nullable=False, default=False),
    Column("epoch", Integer, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("parked", Boolean, nullable=False, default=False),
    Column("gone", Boolean, nullable=False, default=False),
    Column("note", Text, nullable=False, default=""),
    Column("wanted_at", Float, nullable=False),
    Column("shown_at", Float),
    Column("more", Integer, nullable=False, default=0, server_default="0"),
    Column("edits", Integer, nullable=False, default=0, server_default="0"),
    Column("held", Boolean, nullable=False, default=False, server_default=false()),  # by a halt: looked for, not posted
    Column("unsure_since", Float),  # from when on a life that this database does not remember may have posted it
    Column("loud", Boolean, nullable=False, default=False, server_default=false()),  # news that people are called for
    Column(
        "behind", Boolean, nullable=False, default=False, server_default=false()
    ),  # another of its channel goes first
    UniqueConstraint("channel", "site_id", "article_id"),
)

extras = Table(  # what is still to be done for cards that stand
    "extras",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("extra", String, primary_key=True),
    Column("platform", String, nullable=False),
    Column("due", Float),  # NULL once it is given up
    Column("tries", Integer, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
)

HALTED, FLOOD = "halted", "flood"
"""Why an article was passed over that its channel's filters wanted."""

pending = and_(deliveries.c.wanted != deliveries.c.shown, deliveries.c.parked == false())
"""What the dispatcher has yet to make true."""

awaited = and_(pending, deliveries.c.receipt.is_(None))
"""Of these, what does not stand yet: in each channel one after the other."""

is_wish = and_(subscriptions.c.channel == deliveries.c.channel, subscriptions.c.site_id == deliveries.c.site_id)
"""Joins a delivery with how its channel wants it."""

may_leave = and_(deliveries.c.held == false(), exists().where(is_wish))
"""Deliveries that may be posted."""

stands = and_(deliveries.c.receipt.is_not(None), deliveries.c.gone == false())
"""Deliveries of which a message is known to stand."""

Index("deliveries_shown", deliveries.c.site_id, deliveries.c.shown_at)
Index("deliveries_by_article", deliveries.c.site_id, deliveries.c.article_id)
Index(
    "deliveries_work",
    deliveries.c.platform,
    deliveries.c.loud,
    deliveries.c.site_id,
    deliveries.c.due,
    deliveries.c.id,
    sqlite_where=and_(pending, deliveries.c.behind == false()),
    postgresql_where=and_(pending, deliveries.c.behind == false()),
)
Index("extras_due", extras.c.platform, extras.c.due)
Index(
    "deliveries_order",
    deliveries.c.channel,
    deliveries.c.id,
    sqlite_where=awaited,
    postgresql_where=awaited,
)
