"""Which sites there are, who follows them, and how they fare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Update, and_, exists, false, func, insert, or_, select, true, update

from bot.errors import SourceError
from bot.model import Channel, Site, Subscription
from bot.store.reading import KEPT, is_read
from bot.store.rows import moment, site_of, subscription_of
from bot.store.schema import deliveries, extras, pending, sites, stands, subscriptions
from bot.store.transactions import Transactions
from bot.text import place, places
from bot.words import N_

LONGEST_ADDRESS = 2_000
"""Characters of a site's API or feed: no index of PostgreSQL's takes more than 2,700 bytes."""


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """What is known of a site besides itself, for people."""

    site: Site
    channels: int
    read_at: datetime | None
    found_at: datetime | None
    due: datetime
    trouble: str


@dataclass(frozen=True, slots=True)
class Following:
    """One subscription with what people ask of it.

    The last card shown, how many wait, why one is parked (""), the site's last article, last and next look, trouble,
    since when it is followed; `owed`: why the last card did not get what the channel wishes besides ("").
    """

    subscription: Subscription
    site: Site
    last_card: datetime | None
    waiting: int
    parked: str
    last_article: datetime | None
    read_at: datetime | None
    due: datetime
    trouble: str
    since: datetime
    owed: str = ""


class Sites(Transactions):
    """Sites and subscriptions."""

    def add_site(self, site: Site, now: datetime) -> Site:
        """The site as it is stored, known by its API; a known one takes the newer name.

        One that is read keeps its cursor; one that is not takes the new one, and the reader that wrote it: following
        starts now.
        """
        named = {"name": site.name, "language": site.language}
        begun: dict[str, Any] = {"cursor": site.cursor, "due": now.timestamp(), "failures": 0, "trouble": ""}
        write: Insert | Update
        with self._begin() as tx:
            known = known_as(tx, site)
            if known is None:
                write = insert(sites).values(url=site.url, endpoint=site.endpoint, reader=site.reader, **named, **begun)
            else:
                begun |= {"endpoint": site.endpoint, "reader": site.reader}
                begun |= {"read_at": None, "epoch": sites.c.epoch + 1}  # a look under way began before
                kept = (now - KEPT).timestamp()
                is_kept = tx.scalar(select(sites.c.id).where(sites.c.id == known, is_read(kept)))
                write = update(sites).where(sites.c.id == known).values(named if is_kept else named | begun)
            return site_of(tx.execute(write.returning(sites)).one())

    def read_by(self, site_id: int, found: Site, now: datetime) -> Site:
        """The publication, read in another way from now on: its reader, where that reads it, and that one's cursor.

        A look under way is lost; what it has been in trouble for is over with the next look.
        """
        way = {"endpoint": found.endpoint, "reader": found.reader, "cursor": found.cursor, "trouble": ""}
        begun = {"due": now.timestamp(), "read_at": now.timestamp(), "epoch": sites.c.epoch + 1}
        with self._begin() as tx:
            write = update(sites).where(sites.c.id == site_id).values(**way, **begun)
            return site_of(tx.execute(write.returning(sites)).one())

    def sites_at(self, url: str, now: datetime) -> list[int]:
        """The ids of the sites that are read and have their home or API at that URL."""
        here = place(url)
        host = here.partition("/")[0]
        hosts = (f"://{host}/", f"://www.{host}/")  # few rows are then compared as places, whatever is asked for
        named = or_(*(sites.c[name].contains(one, autoescape=True) for name in ("url", "endpoint") for one in hosts))
        query = select(sites.c.id, sites.c.url, sites.c.endpoint).where(named, is_read((now - KEPT).timestamp()))
        with self._begin() as tx:
            rows = tx.execute(query).all()
        return [row.id for row in rows if here in {place(row.url), *places(row.endpoint)}]

    def following(self, channel: Channel | None = None) -> list[Following]:
        """The subscriptions of a channel, or all."""
        in_channel = and_(deliveries.c.channel == subscriptions.c.channel, deliveries.c.site_id == sites.c.id)
        later = deliveries.alias()
        shown_since = exists().where(
            later.c.channel == deliveries.c.channel,
            later.c.site_id == deliveries.c.site_id,
            later.c.id > deliveries.c.id,
            later.c.receipt.is_not(None),
        )
        newest = select(func.max(deliveries.c.id)).where(in_channel, stands).scalar_subquery()
        unpaid = select(func.max(extras.c.note)).where(extras.c.delivery_id == newest, extras.c.due.is_(None))
        given_up = and_(deliveries.c.parked == true(), deliveries.c.gone == false(), ~shown_since)
        query = (
            select(
                subscriptions,
                sites,
                select(func.max(deliveries.c.shown_at)).where(in_channel).scalar_subquery().label("last_card"),
                select(func.count()).where(in_channel, pending).scalar_subquery().label("waiting"),
                select(func.max(deliveries.c.note)).where(in_channel, given_up).scalar_subquery().label("parked"),
                unpaid.scalar_subquery().label("owed"),
            )
            .join(sites, sites.c.id == subscriptions.c.site_id)
            .order_by(subscriptions.c.channel, sites.c.url)
        )
        if channel is not None:
            query = query.where(subscriptions.c.channel == str(channel))
        with self._begin() as tx:
            return [
                Following(
                    subscription_of(row),
                    site_of(row),
                    moment(row.last_card),
                    row.waiting,
                    row.parked or "",
                    moment(row.found_at),
                    moment(row.read_at),
                    moment(row.due),
                    row.trouble,
                    moment(row.since),
                    row.owed or "",
                )
                for row in tx.execute(query)
            ]

    def health(self) -> list[SiteHealth]:
        """Every site with what is known of it, by URL."""
        count = select(func.count()).where(subscriptions.c.site_id == sites.c.id).scalar_subquery().label("channels")
        with self._begin() as tx:
            return [
                SiteHealth(
                    site_of(row), row.channels, moment(row.read_at), moment(row.found_at), moment(row.due), row.trouble
                )
                for row in tx.execute(select(sites, count).order_by(sites.c.url))
            ]

    def platforms(self) -> set[str]:
        """The platforms of all channels that are subscribed or have a card that is to be changed."""
        with self._begin() as tx:
            channels = tx.scalars(select(subscriptions.c.channel).distinct()).all()
            return {channel.partition(":")[0] for channel in channels} | set(
                tx.scalars(select(deliveries.c.platform).where(pending).distinct())
            )


def known_as(tx: Connection, site: Site) -> int | None:
    """The id of the site whose API is the same, in whichever of WordPress's forms its address is written.

    SourceError where that is too long to be stored.
    """
    if len(site.endpoint) > LONGEST_ADDRESS:
        raise SourceError(N_("The publication's address is too long: {count} characters."), count=len(site.endpoint))
    rows = tx.execute(select(sites.c.id, sites.c.endpoint)).all()
    return next((row.id for row in rows if site.places & places(row.endpoint)), None)
