"""What channels wish: whom they follow and how, since when and with what pauses."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)

from bot.filters import Filters, fold
from bot.model import PAUSED, Article, Card, Channel, Site, Subscription
from bot.store.articles import add_article, is_article, learn
from bot.store.line import forget_site, next_in_line
from bot.store.lives import LIFE, is_another, lives
from bot.store.reading import AWAY
from bot.store.rows import delivery_columns, shown, site_of, subscription_of, wish_columns
from bot.store.schema import (
    FLOOD,
    HALTED,
    articles,
    channels,
    deliveries,
    may_leave,
    passed_over,
    sites,
    stands,
    subscriptions,
)
from bot.store.sites import known_as
from bot.store.transactions import Transactions, ring
from bot.store.turns import KEPT, is_read


class Wishes(Transactions):
    """What people change by commands, and platforms by what becomes of channels."""

    def follow(
        self, channel: Channel, site_id: int, change: Callable[[Subscription], Subscription], now: datetime
    ) -> Subscription:
        """The subscription as it is now that it is changed; begun, where there is none, whoever else begins it."""
        with self._begin() as tx:
            row = tx.execute(select(subscriptions).where(_is(channel, site_id)).with_for_update()).one_or_none()
            wishes = change(subscription_of(row) if row else Subscription(channel, site_id))
            if not _change(tx, wishes):
                named = {"channel": str(channel), "site_id": site_id, "since": now.timestamp()}
                tx.execute(insert(subscriptions).values(**named, **wish_columns(wishes)))
            return wishes

    def adjust(
        self, channel: Channel, site_id: int, change: Callable[[Subscription], Subscription]
    ) -> Subscription | None:
        """The subscription as it is now that it is changed, whoever else changes it; None where there is none."""
        with self._begin() as tx:
            row = tx.execute(select(subscriptions).where(_is(channel, site_id)).with_for_update()).one_or_none()
            if row is None:
                return None
            changed = change(subscription_of(row))
            _change(tx, changed)
            return changed

    def unsubscribe(self, channel: Channel, site_id: int) -> bool:
        """Whether there was such a subscription. What waits is dropped; what stands stays, and is still corrected.

        What may stand is still looked for, and dropped where it does not.
        """
        here = and_(deliveries.c.channel == str(channel), deliveries.c.site_id == site_id)
        spared = and_(passed_over.c.channel == str(channel), passed_over.c.site_id == site_id)
        with self._begin() as tx:
            tx.execute(delete(deliveries).where(here, _untried))
            next_in_line(tx, [str(channel)])
            tx.execute(delete(passed_over).where(spared))
            return bool(tx.execute(delete(subscriptions).where(_is(channel, site_id))).rowcount)

    def halt(self, lost: Sequence[Channel], why: str, site_id: int | None = None) -> int:
        """Show nothing new in these channels (of one site or of all) until `resume`; a pause by people stays one.

        What waits there untried is passed over like all that comes meanwhile.
        """
        where = and_(subscriptions.c.channel.in_([str(channel) for channel in lost]), subscriptions.c.halted != PAUSED)
        if site_id is not None:
            where = and_(where, subscriptions.c.site_id == site_id)
        with self._begin() as tx:
            halted = tx.execute(select(subscriptions.c.channel, subscriptions.c.site_id).where(where)).all()
            tx.execute(update(subscriptions).where(where).values(halted=why))
            for channel, site in halted:
                _hold_back(tx, channel, site)
            next_in_line(tx, {channel for channel, _site in halted})
            return len(halted)

    def resume(
        self, channel: Channel, now: datetime, site_id: int | None = None, articles: Sequence[Article] = ()
    ) -> int:
        """Go on with one site, or with all that people have not paused; how many articles were missed.

        The newest of each site's follows; the others stay passed over, for `backfill`. What is parked is tried again.
        `articles` are such of the one site as are at hand whole, which the filters of now judge.
        """
        halted = and_(subscriptions.c.channel == str(channel), subscriptions.c.halted != "")
        halted = and_(
            halted, subscriptions.c.halted != PAUSED if site_id is None else subscriptions.c.site_id == site_id
        )
        with self._begin() as tx:
            ids = tx.scalars(select(subscriptions.c.site_id).where(halted)).all()
            tx.execute(update(subscriptions).where(halted).values(halted=""))
            here = and_(deliveries.c.channel == str(channel), deliveries.c.site_id.in_(ids))
            tx.execute(update(deliveries).where(here, deliveries.c.held == true()).values(held=False))
            _revive(tx, channel, now, site_id)
            ring(tx)
            kept = lives(tx, site_id)
            whole = {kept.get(one.id, one.id): one for one in articles}
            return sum(_catch_up(tx, channel, one, now, whole) for one in ids)

    def revive(self, channel: Channel, now: datetime, site_id: int) -> int:
        """Try again what is parked of a site in a channel; how many there were."""
        with self._begin() as tx:
            ring(tx)
            return _revive(tx, channel, now, site_id)

    def stopped(self, among: Sequence[Channel]) -> list[Channel]:
        """Those of these channels that `halt` stopped because they were lost, or where something is parked."""
        named = [str(channel) for channel in among]
        lost = and_(subscriptions.c.halted != "", subscriptions.c.halted != PAUSED)
        with self._begin() as tx:
            known = {
                *tx.scalars(select(subscriptions.c.channel).where(subscriptions.c.channel.in_(named), lost)),
                *tx.scalars(select(deliveries.c.channel).where(deliveries.c.channel.in_(named), _parked)),
            }
        return [channel for channel in among if str(channel) in known]

    def backfill(
        self, subscription: Subscription, pairs: Sequence[tuple[Article, Card]], most: int, now: datetime
    ) -> int:
        """Show the newest `most` of articles (oldest first) that were not shown and that the filters want; how many."""
        with self._begin() as tx:
            ring(tx)
            met, kept = _met(tx, subscription), lives(tx, subscription.site_id)
            pairs = [(replace(article, id=kept.get(article.id, article.id)), card) for article, card in pairs]
            wanted = [pair for pair in pairs if pair[0].id not in met and subscription.wants(pair[0])][-most:]
            return sum(_show(tx, subscription, article.id, card, now) for article, card in wanted)

    def learn_terms(self, site_id: int, named: Sequence[tuple[str, str]]) -> None:
        """Keep the names (kind, name) that a site's articles can be filtered by."""
        with self._begin() as tx:
            learn(tx, site_id, named)

    def language(self, channel: Channel) -> str:
        """The language chosen for a channel, "" for none."""
        with self._begin() as tx:
            return tx.scalar(select(channels.c.language).where(channels.c.channel == str(channel))) or ""

    def speak(self, channel: Channel, language: str) -> None:
        """Choose a channel's language."""
        with self._begin() as tx:
            _note(tx, channel, language=language)

    def move_channel(self, old: Channel, new: Channel) -> int:
        """Follow in the new channel what the old one followed; how much there was. What stands stays where it is.

        What the new one follows already, or was shown already, it keeps as it is. What may stand in the old one is
        looked for there, and moves when it does not.
        """
        there = select(subscriptions.c.site_id).where(subscriptions.c.channel == str(new))
        shown = select(deliveries.c.site_id, deliveries.c.article_id).where(deliveries.c.channel == str(new))
        lease = {"claimed": False, "epoch": deliveries.c.epoch + 1}  # one that is claimed must not leave for the old
        if old == new:
            return 0
        with self._begin() as tx:
            for table, which in ((deliveries, _untried), (passed_over, true())):
                mine = and_(table.c.channel == str(old), which)
                known = tuple_(table.c.site_id, table.c.article_id).in_(shown)
                tx.execute(delete(table).where(mine, or_(table.c.site_id.in_(there), known)))
                fresh = {"parked": False, "attempts": 0, **lease} if table is deliveries else {}
                tx.execute(update(table).where(mine).values(channel=str(new), **fresh))
            next_in_line(tx, [str(old), str(new)])
            follows = subscriptions.c.channel == str(old)
            tx.execute(delete(subscriptions).where(follows, subscriptions.c.site_id.in_(there)))
            moved = tx.execute(update(subscriptions).where(follows).values(channel=str(new))).rowcount
            both = channels.c.channel.in_([str(old), str(new)])
            rows = tx.execute(select(channels.c.channel, channels.c.language).where(both))
            spoken = {row.channel: row.language for row in rows}
            _note(tx, new, language=spoken.get(str(new)) or spoken.get(str(old), ""), successor="")
            _note(tx, old, successor=str(new))
            return moved

    def knows(self, site_id: int, shown: Sequence[tuple[int, str]]) -> bool:
        """Whether two of these articles (id, title) are the site's, or the only one that it has."""
        its = and_(articles.c.site_id == site_id, articles.c.withdrawn == false())
        with self._begin() as tx:
            kept = lives(tx, site_id)
            wanted = {kept.get(article, article): fold(title) for article, title in shown if fold(title)}
            known = tx.scalar(select(func.count()).select_from(articles).where(its)) or 0
            rows = tx.execute(select(articles.c.id, articles.c.card).where(its, articles.c.id.in_(wanted)))
            same = sum(fold(json.loads(row.card)["title"]) == wanted[row.id] for row in rows)
        return 0 < min(known, 2) <= same

    def move_site(self, channel: Channel, site_id: int, there: Site, now: datetime) -> Site | None:
        """The publication at its new address; None where not this channel alone follows it, here and there.

        Nor where cards of it stand in others, or cards of what is stored under that address anywhere. It is read on
        from its own cursor, but where `there` brings one.
        """
        place = {"url": there.url, "endpoint": there.endpoint, "reader": there.reader, "name": there.name}
        begun = {"due": now.timestamp(), "failures": 0, "trouble": ""}
        if there.cursor:
            begun["cursor"] = there.cursor
        with self._begin() as tx:
            known = known_as(tx, there)
            before = select(channels.c.channel).where(channels.c.successor == str(channel))
            others = and_(deliveries.c.channel != str(channel), deliveries.c.channel.not_in(before))
            if _followers(tx, site_id) > 1 or _stand(tx, site_id, others):
                return None
            if known is not None and known != site_id:
                if _followers(tx, known) or _stand(tx, known):
                    return None
                forget_site(tx, known)
            moved = update(sites).where(sites.c.id == site_id).values(**place, **begun)
            return site_of(tx.execute(moved.returning(sites)).one())

    def move_subscription(self, old: Subscription, site_id: int, now: datetime) -> None:
        """Follow in a channel another site in place of this one: what stands stays, what waits moves along.

        What the other one was read for without having it, or has in the channel already, does not: whoever offers two
        addresses as one writes nothing into what others follow.
        """
        spared = and_(passed_over.c.channel == str(old.channel), passed_over.c.site_id == old.site_id)
        waits = and_(deliveries.c.channel == str(old.channel), deliveries.c.site_id == old.site_id, _untried)
        with self._begin() as tx:
            tx.execute(delete(passed_over).where(spared))
            there = and_(deliveries.c.channel == str(old.channel), deliveries.c.site_id == site_id)
            met = tx.scalars(select(deliveries.c.article_id).where(there)).all()
            tx.execute(delete(deliveries).where(waits, deliveries.c.article_id.in_(met)))
            if tx.scalar(select(sites.c.id).where(sites.c.id == site_id, is_read((now - KEPT).timestamp()))):
                its = select(articles.c.id).where(articles.c.site_id == site_id)
                tx.execute(delete(deliveries).where(waits, deliveries.c.article_id.not_in(its)))
            _copy_articles(tx, old.site_id, site_id, tx.scalars(select(deliveries.c.article_id).where(waits)).all())
            tx.execute(update(deliveries).where(waits).values(site_id=site_id))
            next_in_line(tx, [str(old.channel)])
            if tx.scalar(select(exists().where(_is(old.channel, site_id)))):  # since a moment ago
                tx.execute(delete(subscriptions).where(_is(old.channel, old.site_id)))
                return
            moved = update(subscriptions).where(_is(old.channel, old.site_id))
            tx.execute(moved.values(site_id=site_id, since=now.timestamp()))


def _change(tx: Connection, subscription: Subscription) -> bool:
    where = _is(subscription.channel, subscription.site_id)
    return bool(tx.execute(update(subscriptions).where(where).values(**wish_columns(subscription))).rowcount)


def _copy_articles(tx: Connection, old: int, new: int, ids: Sequence[int]) -> None:
    """Keep articles of one site as another's, too, where it has none of these numbers."""
    there = select(articles.c.id).where(articles.c.site_id == new)
    wanted = and_(articles.c.site_id == old, articles.c.id.in_(ids), articles.c.id.not_in(there))
    names = [column.name for column in articles.c if column.name != "site_id"]
    copied = select(literal(new), *(articles.c[name] for name in names)).where(wanted)
    tx.execute(insert(articles).from_select(["site_id", *names], copied))


def _note(tx: Connection, channel: Channel, **values: str) -> None:
    """Write down what is known of a channel."""
    if not tx.execute(update(channels).where(channels.c.channel == str(channel)).values(**values)).rowcount:
        tx.execute(insert(channels).values(channel=str(channel), **values))


_untried = and_(deliveries.c.receipt.is_(None), deliveries.c.attempted_at.is_(None), deliveries.c.generation == 0)
"""Deliveries of which nothing has left."""


_parked = and_(deliveries.c.parked == true(), deliveries.c.gone == false())
"""Deliveries that wait for somebody to mend something."""


def _revive(tx: Connection, channel: Channel, now: datetime, site_id: int | None) -> int:
    """Try again what is parked of a site, or of all; what never stood only where it is still news and still wanted."""
    news = and_(deliveries.c.wanted_at > (now - AWAY).timestamp(), may_leave)
    where = and_(deliveries.c.channel == str(channel), _parked, or_(deliveries.c.receipt.is_not(None), news))
    if site_id is not None:
        where = and_(where, deliveries.c.site_id == site_id)
    return tx.execute(update(deliveries).where(where).values(parked=False, attempts=0, due=now.timestamp())).rowcount


def _hold_back(tx: Connection, channel: str, site_id: int) -> None:
    """Pass over what waits untried in a channel, as if it had been found while the channel was halted.

    Of the rest, what does not stand is held: what turns out to be absent is passed over then.
    """
    here = and_(deliveries.c.channel == channel, deliveries.c.site_id == site_id, deliveries.c.receipt.is_(None))
    waits = and_(here, _untried)
    held = select(deliveries.c.channel, deliveries.c.site_id, deliveries.c.article_id, literal(HALTED)).where(waits)
    tx.execute(insert(passed_over).from_select(["channel", "site_id", "article_id", "why"], held))
    tx.execute(delete(deliveries).where(waits))
    tx.execute(update(deliveries).where(here).values(held=True))


def _followers(tx: Connection, site_id: int) -> int:
    return tx.scalar(select(func.count()).where(subscriptions.c.site_id == site_id)) or 0


def _stand(tx: Connection, site_id: int, *where: Any) -> bool:
    """Whether cards of a site stand there."""
    return bool(tx.scalar(select(exists().where(deliveries.c.site_id == site_id, stands, *where))))


def _catch_up(tx: Connection, channel: Channel, site_id: int, now: datetime, whole: Mapping[int, Article]) -> int:
    """Want the newest of the articles that a halted channel missed; how many it missed.

    The filters of now decide. Of an article that is not at hand whole they know what its card shows: what they exclude
    by that is not missed, and else it counts what was wanted when it was found.
    """
    here = and_(passed_over.c.channel == str(channel), passed_over.c.site_id == site_id)
    missed, held = and_(here, passed_over.c.why == HALTED), and_(here, passed_over.c.why.startswith(HALTED))
    newest = (
        select(articles.c.id, articles.c.revision, articles.c.card, passed_over.c.why)
        .join(passed_over, and_(passed_over.c.site_id == articles.c.site_id, passed_over.c.article_id == articles.c.id))
        .where(held, articles.c.withdrawn == false())
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
    )
    filters = Filters.loads(tx.scalars(select(subscriptions.c.filters).where(_is(channel, site_id))).one())
    rows = []
    for row in tx.execute(newest).all():
        why = _unwanted(filters, row, whole.get(row.id))
        if why is None:
            rows.append(row)
        tx.execute(update(passed_over).where(held, passed_over.c.article_id == row.id).values(why=why or HALTED))
    if rows:
        tx.execute(delete(passed_over).where(missed, passed_over.c.article_id == rows[0].id))
        more = len(rows) - 1
        tx.execute(
            insert(deliveries).values(delivery_columns(channel, site_id, rows[0].id, rows[0].revision, now, more))
        )
        standing = select(articles.c.id).where(articles.c.site_id == site_id, articles.c.withdrawn == false())
        tx.execute(update(passed_over).where(missed, passed_over.c.article_id.in_(standing)).values(why=FLOOD))
    return len(rows)


def _unwanted(filters: Filters, row: Any, article: Article | None) -> str | None:
    """Why an article that was held back is not wanted now, as `passed_over` keeps it; None where it is."""
    if article is not None:
        verdict = filters.verdict(article)
        return None if verdict else f"-{verdict.because or ''}"
    because = Filters(exclude=filters.exclude).verdict(shown(Card.from_dict(json.loads(row.card)))).because
    return f"-{because}" if because else None if row.why == HALTED else str(row.why).removeprefix(HALTED)


def _met(tx: Connection, one: Subscription) -> set[int]:
    """The articles of a site that stand, stood or wait in a channel, but for those that only wait to be tried again."""
    here = and_(deliveries.c.channel == str(one.channel), deliveries.c.site_id == one.site_id)
    again = and_(_parked, deliveries.c.receipt.is_(None))
    return set(tx.scalars(select(deliveries.c.article_id).where(here, ~again)))


def _show(tx: Connection, one: Subscription, article_id: int, card: Card, now: datetime) -> bool:
    """Whether an article becomes due in a channel: it does where it neither stands, stood nor waits already.

    One that was withdrawn since it was read does not: nothing would withdraw it again. Nor does one that has another's
    number: the next look finds it.
    """
    known = tx.execute(
        select(articles.c.revision, articles.c.withdrawn, articles.c.card).where(is_article(one.site_id, article_id))
    ).one_or_none()
    if known is not None and (known.withdrawn or is_another(known.card, card, article_id % LIFE)):
        return False
    here = and_(deliveries.c.channel == str(one.channel), deliveries.c.site_id == one.site_id)
    here = and_(here, deliveries.c.article_id == article_id)
    again = update(deliveries).where(here, _parked, deliveries.c.receipt.is_(None))
    if tx.execute(again.values(parked=False, attempts=0, due=now.timestamp(), wanted_at=now.timestamp())).rowcount:
        return True
    if tx.scalar(select(exists().where(here))):
        return False
    if known is None:
        add_article(tx, one.site_id, article_id, card, now)
    spared = and_(passed_over.c.channel == str(one.channel), passed_over.c.site_id == one.site_id)
    tx.execute(delete(passed_over).where(spared, passed_over.c.article_id == article_id))
    revision = known.revision if known else card.revision
    tx.execute(insert(deliveries).values(delivery_columns(one.channel, one.site_id, article_id, revision, now)))
    return True


def _is(channel: Channel, site_id: int) -> Any:
    return and_(subscriptions.c.channel == str(channel), subscriptions.c.site_id == site_id)
