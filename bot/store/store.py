"""Every question and every change, synchronous: the loops come in through `door`, simulated time calls it inline.

Each public method is one transaction. Moments are aware datetimes in UTC. Any method raises StoreError when the
database cannot answer; nothing is half written then.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreError
from bot.model import (
    WITHDRAWN,
    Article,
    Attempt,
    Card,
    Channel,
    Delivery,
    Receipt,
    Site,
    Subscription,
)
from bot.ports import Changes
from bot.store.earlier import keep_earlier, was_seen
from bot.store.rows import card_columns, delivery_columns, delivery_of, moment, site_of, subscription_of
from bot.store.schema import MIXED, articles, deliveries, earlier, kept, pending, sites, subscriptions


@dataclass(frozen=True, slots=True)
class Turn:
    """A site claimed for one poll; `epoch` is the lease, `failures` counts the polls that failed in a row."""

    site: Site
    epoch: int
    failures: int


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
    """One subscription with what people ask of it: the last card shown, what waits, what is parked and why."""

    subscription: Subscription
    site: Site
    last_card: datetime | None
    waiting: int
    parked: str


class Store:
    """The tables, on one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with self._begin() as tx:
            self._installation = self._installation_id(tx)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as tx:
                yield tx
        except DBAPIError as error:
            raise StoreError(
                f"The database refused ({error.orig}). Nothing is sent until it answers again: see that the disk"
                " is not full, the file is writable and nobody else holds it."
            ) from error

    @property
    def where(self) -> str:
        """The database, for people; without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    # --- the drawer --------------------------------------------------------------------------------------------

    def get(self, owner: str, name: str) -> str | None:
        """What `put` laid there."""
        with self._begin() as tx:
            return _kept(tx, owner, name)

    def put(self, owner: str, name: str, value: str) -> None:
        """Keep a small text; the same name again replaces it."""
        with self._begin() as tx:
            _keep(tx, owner, name, value)

    def _installation_id(self, tx: Connection) -> str:
        known = _kept(tx, "store", "installation")
        if known is None:
            known = uuid.uuid4().hex
            _keep(tx, "store", "installation", known)
        return known

    # --- sites and subscriptions -------------------------------------------------------------------------------

    def add_site(self, site: Site, now: datetime) -> Site:
        """The site as it is stored, known by its endpoint; a known one takes the newer name.

        One that somebody follows keeps its cursor; one that nobody does takes the new one: following starts now.
        """
        with self._begin() as tx:
            found = tx.execute(select(sites).where(sites.c.endpoint == site.endpoint)).one_or_none()
            if found is not None:
                news: dict[str, Any] = {"name": site.name, "language": site.language}
                if (
                    tx.scalar(select(subscriptions.c.channel).where(subscriptions.c.site_id == found.id).limit(1))
                    is None
                ):
                    news |= {"cursor": site.cursor, "due": now.timestamp(), "failures": 0, "trouble": ""}
                tx.execute(update(sites).where(sites.c.id == found.id).values(news))
                return site_of(tx.execute(select(sites).where(sites.c.id == found.id)).one())
            row = tx.execute(
                insert(sites)
                .values(
                    url=site.url,
                    endpoint=site.endpoint,
                    reader=site.reader,
                    name=site.name,
                    language=site.language,
                    cursor=site.cursor,
                    due=now.timestamp(),
                )
                .returning(sites)
            ).one()
            return site_of(row)

    def subscribe(self, subscription: Subscription, now: datetime) -> bool:
        """Whether the subscription is new; an old one takes the new style and stays otherwise as it was."""
        where = _is_subscription(subscription.channel, subscription.site_id)
        wishes = {"style": subscription.style, "on_withdrawal": subscription.on_withdrawal}
        with self._begin() as tx:
            if tx.execute(update(subscriptions).where(where).values(wishes)).rowcount:
                return False
            tx.execute(
                insert(subscriptions).values(
                    channel=str(subscription.channel), site_id=subscription.site_id, since=now.timestamp(), **wishes
                )
            )
            return True

    def unsubscribe(self, channel: Channel, site_id: int) -> bool:
        """Whether there was such a subscription. What waits is dropped; what stands stays, and is still corrected."""
        waits = and_(
            deliveries.c.channel == str(channel), deliveries.c.site_id == site_id, deliveries.c.receipt.is_(None)
        )
        with self._begin() as tx:
            tx.execute(delete(deliveries).where(waits, deliveries.c.attempted_at.is_(None)))
            tx.execute(update(deliveries).where(waits).values(parked=True, note="Unsubscribed."))
            return bool(tx.execute(delete(subscriptions).where(_is_subscription(channel, site_id))).rowcount)

    def following(self, channel: Channel | None = None) -> list[Following]:
        """The subscriptions of a channel, or all."""
        in_channel = and_(deliveries.c.channel == subscriptions.c.channel, deliveries.c.site_id == sites.c.id)
        query = (
            select(
                subscriptions,
                sites,
                select(func.max(deliveries.c.shown_at)).where(in_channel).scalar_subquery().label("last_card"),
                select(func.count()).where(in_channel, pending).scalar_subquery().label("waiting"),
                select(func.max(deliveries.c.note))
                .where(in_channel, deliveries.c.parked == true())
                .scalar_subquery()
                .label("parked"),
            )
            .join(sites, sites.c.id == subscriptions.c.site_id)
            .order_by(subscriptions.c.channel, sites.c.url)
        )
        if channel is not None:
            query = query.where(subscriptions.c.channel == str(channel))
        with self._begin() as tx:
            return [
                Following(subscription_of(row), site_of(row), moment(row.last_card), row.waiting, row.parked or "")
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
        """The platforms of all channels that are subscribed or still have a card standing."""
        with self._begin() as tx:
            channels = tx.scalars(select(subscriptions.c.channel).distinct()).all()
            return {channel.partition(":")[0] for channel in channels} | set(
                tx.scalars(select(deliveries.c.platform).distinct())
            )

    # --- the reading half --------------------------------------------------------------------------------------

    def claim_sites(self, now: datetime, limit: int, lease: timedelta) -> list[Turn]:
        """Sites that are followed and due, the longest waiting first; each is nobody else's until the lease ends."""
        with self._begin() as tx:
            ids = list(tx.scalars(_DUE_SITES, {"now": now.timestamp(), "most": limit}))
            if not ids:
                return []
            rows = tx.execute(
                update(sites)
                .where(sites.c.id.in_(ids))
                .values(due=(now + lease).timestamp(), epoch=sites.c.epoch + 1)
                .returning(sites)
            ).all()
        return [Turn(site_of(row), row.epoch, row.failures) for row in rows]

    def want(
        self, turn: Turn, changes: Changes, cards: Mapping[int, Card], now: datetime, next_look: datetime
    ) -> int | None:
        """Write down what every channel should now be showing, and the site's cursor, in one transaction.

        `cards` by article id. Returns how many deliveries became due, or None when the lease was lost and nothing
        was written.
        """
        with self._begin() as tx:
            if not self._end_turn(tx, turn, cursor=changes.cursor, due=next_look, read_at=now, failures=0, trouble=""):
                return None
            site_id = _id(turn.site)
            due = sum(self._want_new(tx, site_id, article, cards[article.id], now) for article in changes.new)
            due += sum(self._want_changed(tx, site_id, article, cards[article.id], now) for article in changes.changed)
            due += sum(self._want_withdrawn(tx, site_id, article_id, now) for article_id in changes.withdrawn)
            if changes.new:
                tx.execute(update(sites).where(sites.c.id == site_id).values(found_at=now.timestamp()))
            return due

    def trouble(self, turn: Turn, note: str, next_look: datetime) -> None:
        """The poll failed: say why, look again later. Nothing when the lease was lost."""
        with self._begin() as tx:
            self._end_turn(tx, turn, due=next_look, failures=turn.failures + 1, trouble=note)

    def _end_turn(self, tx: Connection, turn: Turn, **values: Any) -> bool:
        plain = {name: _seconds(value) if isinstance(value, datetime) else value for name, value in values.items()}
        mine = and_(sites.c.id == turn.site.id, sites.c.epoch == turn.epoch)
        return bool(tx.execute(update(sites).where(mine).values(plain)).rowcount)

    def _want_new(self, tx: Connection, site_id: int, article: Article, card: Card, now: datetime) -> int:
        known = tx.execute(select(articles.c.id).where(_is_article(site_id, article.id))).one_or_none()
        if known is not None:
            return self._want_changed(tx, site_id, article, card, now)
        tx.execute(
            insert(articles).values(
                site_id=site_id,
                id=article.id,
                found_at=now.timestamp(),
                changed_at=now.timestamp(),
                **card_columns(card),
            )
        )
        rows = tx.execute(select(subscriptions).where(subscriptions.c.site_id == site_id).order_by("since")).all()
        wanting = [s.channel for s in map(subscription_of, rows) if s.wants(article)]
        if wanting:
            tx.execute(
                insert(deliveries),
                [delivery_columns(channel, site_id, article.id, card.revision, now) for channel in wanting],
            )
        return len(wanting)

    def _want_changed(self, tx: Connection, site_id: int, article: Article, card: Card, now: datetime) -> int:
        found = tx.execute(
            select(articles.c.revision, articles.c.withdrawn).where(_is_article(site_id, article.id))
        ).one_or_none()
        if found is None or (found.revision == card.revision and not found.withdrawn):
            return 0
        due = self._rewrite(tx, site_id, article.id, card.revision, now)
        if due and found.revision != card.revision:
            keep_earlier(tx, site_id, article.id, found.revision)
        tx.execute(
            update(articles)
            .where(_is_article(site_id, article.id))
            .values(withdrawn=False, changed_at=now.timestamp(), **card_columns(card))
        )
        return due

    def _want_withdrawn(self, tx: Connection, site_id: int, article_id: int, now: datetime) -> int:
        gone = tx.execute(
            update(articles)
            .where(_is_article(site_id, article_id), articles.c.withdrawn == false())
            .values(withdrawn=True, changed_at=now.timestamp())
        )
        return self._rewrite(tx, site_id, article_id, WITHDRAWN, now) if gone.rowcount else 0

    def _rewrite(self, tx: Connection, site_id: int, article_id: int, wanted: str, now: datetime) -> int:
        """Want another revision in every channel; a parked one is tried again, a vanished one stays gone.

        A claim under way keeps its lease: what it settles differs from what is wanted, so the row is still due.
        Where the wish comes back to what is shown, an edit to the other may have left: one more makes it certain.
        """
        return tx.execute(
            update(deliveries)
            .where(
                deliveries.c.site_id == site_id,
                deliveries.c.article_id == article_id,
                deliveries.c.gone == false(),
                deliveries.c.wanted != wanted,
            )
            .values(
                wanted=wanted,
                wanted_at=now.timestamp(),
                shown=case((deliveries.c.shown == wanted, MIXED), else_=deliveries.c.shown),
                parked=False,
                attempts=0,
                due=case((deliveries.c.claimed == true(), deliveries.c.due), else_=now.timestamp()),
            )
        ).rowcount

    # --- the writing half --------------------------------------------------------------------------------------

    def claim(self, platform: str, now: datetime, limit: int, lease: timedelta) -> list[Delivery]:
        """Deliveries that are due, the longest waiting first, each nobody else's until the lease ends.

        Within a channel a post waits for the posts before it; corrections of what stands already wait for nobody.
        """
        with self._begin() as tx:
            ids = list(tx.scalars(_DUE_DELIVERIES, {"platform": platform, "now": now.timestamp(), "most": limit}))
            if not ids:
                return []
            tx.execute(
                update(deliveries)
                .where(deliveries.c.id.in_(ids))
                .values(
                    due=(now + lease).timestamp(),
                    claimed=True,
                    epoch=deliveries.c.epoch + 1,
                    attempts=deliveries.c.attempts + 1,
                )
            )
            return [delivery_of(row, self._installation) for row in tx.execute(_claimed(ids))]

    def attempting(self, delivery: Delivery, now: datetime) -> Delivery | None:
        """Make it durable that a post is about to leave; None when the lease was lost: then nothing may leave.

        A repeat keeps the moment of the first try, from which the platform's window counts.
        """
        attempt = Attempt(now, delivery.wanted, delivery.card.url)
        if delivery.attempt is not None:
            revision = delivery.wanted if delivery.attempt.revision == delivery.wanted else MIXED
            attempt = Attempt(delivery.attempt.at, revision, delivery.card.url)
        written = self._write(
            delivery,
            attempted_at=attempt.at.timestamp(),
            attempted_revision=attempt.revision,
            attempted_url=attempt.url,
        )
        return replace(delivery, attempt=attempt) if written else None

    def settle(self, delivery: Delivery, shown: str, receipt: Receipt | None, now: datetime) -> bool:
        """What stands there now. A message that was removed frees its key: the next one is another generation."""
        removed = delivery.receipt is not None and receipt is None
        struck = shown == WITHDRAWN and receipt is not None
        return self._write(
            delivery,
            shown=shown,
            seen=deliveries.c.seen if struck else shown if receipt else "",
            receipt=receipt.ref if receipt else None,
            generation=deliveries.c.generation + int(removed),
            attempted_at=None,
            attempts=0,
            note="",
            claimed=False,
            due=now.timestamp(),
            shown_at=now.timestamp(),
        )

    def postpone(self, delivery: Delivery, until: datetime, note: str, *, forget_attempt: bool) -> bool:
        """Try again later; `forget_attempt` only when it is certain that nothing arrived."""
        forgotten: dict[str, Any] = {"attempted_at": None} if forget_attempt else {}
        return self._write(delivery, due=until.timestamp(), note=note, claimed=False, **forgotten)

    def park(self, delivery: Delivery, note: str, *, gone: bool = False, forget_attempt: bool = False) -> bool:
        """Leave it until a command or a correction revives it; a `gone` one is revived by nothing."""
        forgotten: dict[str, Any] = {"attempted_at": None} if forget_attempt else {}
        return self._write(delivery, parked=True, gone=gone, note=note, claimed=False, **forgotten)

    def revive(self, channel: Channel, now: datetime) -> int:
        """Try everything parked in a channel again; how many there were."""
        parked = and_(deliveries.c.channel == str(channel), deliveries.c.parked == true(), deliveries.c.gone == false())
        with self._begin() as tx:
            return tx.execute(
                update(deliveries).where(parked).values(parked=False, attempts=0, due=now.timestamp())
            ).rowcount

    def release_all(self, now: datetime) -> int:
        """Take back every lease: only for a process that knows itself alone, after the one before it died."""
        with self._begin() as tx:
            tx.execute(update(sites).values(due=now.timestamp()).where(sites.c.due > now.timestamp()))
            held = update(deliveries).where(deliveries.c.claimed == true())
            return tx.execute(held.values(due=now.timestamp(), claimed=False, epoch=deliveries.c.epoch + 1)).rowcount

    def next_due(self, platform: str) -> datetime | None:
        """When the next delivery of a platform is due, if there is one."""
        soonest = select(func.min(deliveries.c.due)).where(pending, deliveries.c.platform == platform)
        with self._begin() as tx:
            seconds: float | None = tx.scalar(soonest)
            return moment(seconds)

    def _write(self, delivery: Delivery, **values: Any) -> bool:
        mine = and_(deliveries.c.id == delivery.id, deliveries.c.epoch == delivery.epoch)
        with self._begin() as tx:
            return bool(tx.execute(update(deliveries).where(mine).values(**values)).rowcount)


_earlier = deliveries.alias()
_waits_for_another = exists().where(
    _earlier.c.channel == deliveries.c.channel,
    _earlier.c.id < deliveries.c.id,
    _earlier.c.wanted != _earlier.c.shown,
    _earlier.c.parked == false(),
    _earlier.c.receipt.is_(None),
)
# Asked every second and more: built once, since building costs several times what asking does.
_DUE_DELIVERIES = (
    select(deliveries.c.id)
    .where(
        pending,
        deliveries.c.platform == bindparam("platform"),
        deliveries.c.due <= bindparam("now"),
        or_(deliveries.c.receipt.is_not(None), ~_waits_for_another),
    )
    .order_by(deliveries.c.due, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_DUE_SITES = (
    select(sites.c.id)
    .where(sites.c.due <= bindparam("now"), exists().where(subscriptions.c.site_id == sites.c.id))
    .order_by(sites.c.due)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def _claimed(ids: Iterable[int]) -> Any:
    wishes = and_(subscriptions.c.channel == deliveries.c.channel, subscriptions.c.site_id == deliveries.c.site_id)
    written = and_(articles.c.site_id == deliveries.c.site_id, articles.c.id == deliveries.c.article_id)
    return (
        select(
            deliveries,
            articles.c.card,
            earlier.c.card.label("before"),
            subscriptions.c.style,
            subscriptions.c.on_withdrawal,
        )
        .join(articles, written)
        .outerjoin(earlier, was_seen)
        .outerjoin(subscriptions, wishes)
        .where(deliveries.c.id.in_(ids))
        .order_by(deliveries.c.id)
    )


def _is_subscription(channel: Channel, site_id: int) -> Any:
    return and_(subscriptions.c.channel == str(channel), subscriptions.c.site_id == site_id)


def _is_article(site_id: int, article_id: int) -> Any:
    return and_(articles.c.site_id == site_id, articles.c.id == article_id)


def _id(site: Site) -> int:
    if site.id is None:
        raise ValueError(f"{site.url} is not stored yet")
    return site.id


def _seconds(moment: datetime) -> float:
    return moment.timestamp()


def _kept(tx: Connection, owner: str, name: str) -> str | None:
    return tx.scalar(select(kept.c.value).where(kept.c.owner == owner, kept.c.name == name))


def _keep(tx: Connection, owner: str, name: str, value: str) -> None:
    where = and_(kept.c.owner == owner, kept.c.name == name)
    if not tx.execute(update(kept).where(where).values(value=value)).rowcount:
        tx.execute(insert(kept).values(owner=owner, name=name, value=value))
