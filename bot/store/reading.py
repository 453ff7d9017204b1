"""The reading half: sites are claimed, and what they tell becomes what every channel should show."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    case,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    union,
    update,
)

from bot.filters import Bearing
from bot.model import WITHDRAWN, Article, Card, Channel
from bot.ports import Changes
from bot.store.articles import add_article, is_article, learn, terms_of
from bot.store.earlier import keep_earlier
from bot.store.lives import is_elsewhere, told_apart
from bot.store.moves import follow_move
from bot.store.rows import (
    Turn,
    card_columns,
    delivery_columns,
    passed_over_columns,
    subscription_of,
)
from bot.store.schema import FLOOD, HALTED, LATE, MIXED, articles, deliveries, passed_over, sites, stands, subscriptions
from bot.store.transactions import ring
from bot.store.turns import Turns

BURST, SPELL = 30, timedelta(minutes=10)
"""A channel is shown so many new articles of a site in so long a time; of more, the newest at each look."""

AWAY, FLOODED = timedelta(hours=24), 3
"""Who has not looked at a site for so long shows the newest of more articles than this, and says how many there are."""

EVERYTHING = 1_000_000


class Reading(Turns):
    """What the poller asks of the table."""

    def want(
        self,
        turn: Turn,
        changes: Changes,
        cards: Mapping[int, Card],
        now: datetime,
        next_look: datetime,
        unsure_since: datetime | None = None,
    ) -> int | None:
        """Write down what every channel should now be showing, and the site's cursor, in one transaction.

        `cards` by article id; `unsure_since` is for what is new (`Delivery.unsure_since`). Returns how many
        deliveries became due, or None when the lease was lost and nothing was written.
        """
        behind = self._restored is not None and self._restored.is_behind(turn.read_at)
        away = turn.read_at is not None and now - turn.read_at > AWAY
        read: dict[str, Any] = {"cursor": changes.cursor, "failures": 0, "trouble": ""}
        if not ((away or behind) and changes.more):  # else the next look is still the one after the long stop
            read["read_at"] = now.timestamp()
        with self._begin() as tx:
            changes, cards = told_apart(tx, turn.site.id, changes, cards)
            if changes.new:
                read["found_at"] = now.timestamp()
            site_id = self._end_turn(tx, turn, next_look, due=_unless_asked(now, next_look), **read)
            if site_id is None:
                return None
            fresh = [article for article in changes.new if self._find(tx, site_id, article, cards[article.id], now)]
            unknown = {article.id for article in fresh}
            known = [article for article in (*changes.new, *changes.changed) if article.id not in unknown]
            due = sum(self._want_changed(tx, site_id, article, cards[article.id], now) for article in known)
            # One that a command brought in before this look is new all the same to who followed the site then.
            met = {article.id: _met(tx, site_id, article.id) for article in changes.new if article.id not in unknown}
            most = BURST if not away else 0 if changes.more else FLOODED
            if behind:  # most of it stands already: each is looked for, and what is found is kept up
                most = EVERYTHING
            due += _deliver(tx, site_id, changes.new, cards, now, most, met, unsure_since)
            due += sum(self._want_withdrawn(tx, site_id, article_id, now) for article_id in changes.withdrawn)
            follow_move(tx, turn.site, changes, now)
            if turn.failures:
                due += sum(self._want_withdrawn(tx, site_id, notice, now) for notice in _notices(tx, site_id))
            if due:
                ring(tx)
            return due

    def trouble(self, turn: Turn, note: str, next_look: datetime, notice: Card | None = None) -> int:
        """The poll failed: say why, look again later; how many deliveries became due. Nothing when the lease was lost.

        With `notice` the site's channels are told as well, unless they have been since it was last read; it is struck
        once the site is read again.
        """
        with self._begin() as tx:
            site_id = self._end_turn(tx, turn, next_look, failures=turn.failures + 1, trouble=note)
            if site_id is None or notice is None or _notices(tx, site_id):
                return 0
            lowest = tx.scalar(select(func.min(articles.c.id)).where(articles.c.site_id == site_id)) or 0
            number = min(lowest, 0) - 1
            at = turn.claimed_at
            add_article(tx, site_id, number, notice, at)
            following = select(subscriptions.c.channel).where(
                subscriptions.c.site_id == site_id, subscriptions.c.halted == ""
            )
            told = [Channel.parse(channel) for channel in tx.scalars(following)]
            rows = [delivery_columns(channel, site_id, number, notice.revision, at) for channel in told]
            if rows:
                tx.execute(insert(deliveries), rows)
                ring(tx)
            return len(rows)

    def put_off(self, turn: Turn, next_look: datetime) -> None:
        """The poll failed, which says nothing of the site: look again later."""
        with self._begin() as tx:
            self._end_turn(tx, turn, next_look)

    def _end_turn(self, tx: Connection, turn: Turn, next_look: datetime, **values: Any) -> int | None:
        """The site's id; None when the lease was lost."""
        mine = and_(sites.c.id == turn.site.id, sites.c.epoch == turn.epoch)
        ended = tx.execute(update(sites).where(mine).values({"due": next_look.timestamp(), **values})).rowcount
        return turn.site.id if ended else None

    def _find(self, tx: Connection, site_id: int, article: Article, card: Card, now: datetime) -> bool:
        """Whether the article was not known before; it is now, and so are its terms."""
        learn(tx, site_id, terms_of(article))
        if tx.scalar(select(articles.c.id).where(is_article(site_id, article.id))) is not None:
            return False
        add_article(tx, site_id, article.id, card, now)
        return True

    def _want_changed(self, tx: Connection, site_id: int, article: Article, card: Card, now: datetime) -> int:
        found = tx.execute(
            select(articles.c.revision, articles.c.withdrawn, articles.c.card).where(is_article(site_id, article.id))
        ).one_or_none()
        if found is None or (found.revision == card.revision and not found.withdrawn):
            return 0
        kept = {"revision": found.revision} if is_elsewhere(found.card, card) else {}
        wanted = kept.get("revision", card.revision)
        due = self._rewrite(tx, site_id, article.id, wanted, now) if found.withdrawn or not kept else 0
        if due and not kept:
            keep_earlier(tx, site_id, article.id, found.revision)
        values = {"withdrawn": False, "changed_at": now.timestamp(), **card_columns(card, now), **kept}
        tx.execute(update(articles).where(is_article(site_id, article.id)).values(values))
        return due

    def _want_withdrawn(self, tx: Connection, site_id: int, article_id: int, now: datetime) -> int:
        gone = tx.execute(
            update(articles)
            .where(is_article(site_id, article_id), articles.c.withdrawn == false())
            .values(withdrawn=True, changed_at=now.timestamp())
        )
        if not gone.rowcount:
            return 0
        return _promote(tx, site_id, article_id, now) + self._rewrite(tx, site_id, article_id, WITHDRAWN, now)

    def _rewrite(self, tx: Connection, site_id: int, article_id: int, wanted: str, now: datetime) -> int:
        """Want another revision in every channel; a parked one is tried again, a vanished one stays gone.

        A claim under way keeps its lease: what it settles differs from what is wanted, so the row is still due.
        Where the wish comes back to what is shown, an edit to the other may have left: one more makes it certain.
        An edit that was put off may have left all the same: the next one does not overtake it. What stands and is
        withdrawn goes before all else of its site, but of no other: nobody is called for a change. What may stand
        unseen becomes no news by being corrected.
        """
        moment, late = now.timestamp(), (now + LATE).timestamp()
        waits = and_(stands, deliveries.c.parked == false(), deliveries.c.due > moment)
        due = case(
            (or_(deliveries.c.claimed == true(), and_(waits, deliveries.c.due < late)), deliveries.c.due),
            (waits, late),
            (_to_strike(wanted), 0.0),
            else_=moment,
        )
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
                wanted_at=case((_may_stand_unseen, deliveries.c.wanted_at), else_=moment),
                shown=case((deliveries.c.shown == wanted, MIXED), else_=deliveries.c.shown),
                parked=False,
                attempts=0,
                due=due,
                loud=and_(deliveries.c.loud, deliveries.c.receipt.is_(None)),
            )
        ).rowcount


_may_stand_unseen = and_(deliveries.c.receipt.is_(None), deliveries.c.unsure_since.is_not(None))


def _to_strike(wanted: str) -> Any:
    return deliveries.c.receipt.is_not(None) if wanted == WITHDRAWN else false()


def _notices(tx: Connection, site_id: int) -> list[int]:
    """The notices that stand in place of articles; their numbers are below all that sites give."""
    stand = and_(articles.c.site_id == site_id, articles.c.id < 0, articles.c.withdrawn == false())
    return list(tx.scalars(select(articles.c.id).where(stand)))


def _lately(tx: Connection, site_id: int, now: datetime) -> dict[str, int]:
    """By channel, how many articles that were found within the spell were for it."""
    since = (now - SPELL).timestamp()
    query = (
        select(deliveries.c.channel, func.count().label("met"))
        .join(articles, and_(articles.c.site_id == deliveries.c.site_id, articles.c.id == deliveries.c.article_id))
        .where(deliveries.c.site_id == site_id, articles.c.found_at > since)
        .group_by(deliveries.c.channel)
    )
    return {row.channel: row.met for row in tx.execute(query)}


def _unless_asked(now: datetime, next_look: datetime) -> Any:
    """When a site is due after a look: at `next_look`, or still, where that was asked for meanwhile."""
    return case((sites.c.due <= now.timestamp(), sites.c.due), else_=next_look.timestamp())


def _met(tx: Connection, site_id: int, article_id: int) -> set[str]:
    """The channels to which a known article is nothing new: those that had to do with it, or followed later only."""
    had = (
        select(table.c.channel).where(table.c.site_id == site_id, table.c.article_id == article_id)
        for table in (deliveries, passed_over)
    )
    found_at = select(articles.c.found_at).where(is_article(site_id, article_id)).scalar_subquery()
    later = select(subscriptions.c.channel).where(subscriptions.c.site_id == site_id, subscriptions.c.since > found_at)
    return set(tx.scalars(union(later, *had)))


def _promote(tx: Connection, site_id: int, article_id: int, now: datetime) -> int:
    """Where this article was to be shown for several, and is withdrawn untried, want the newest of the others."""
    named = and_(deliveries.c.site_id == site_id, deliveries.c.article_id == article_id, deliveries.c.more > 0)
    untried = and_(named, deliveries.c.receipt.is_(None), deliveries.c.attempted_at.is_(None))
    heads = tx.execute(select(deliveries.c.channel, deliveries.c.more).where(untried)).all()
    tx.execute(update(deliveries).where(untried).values(more=0))
    return sum(_next_of_flood(tx, Channel.parse(head.channel), site_id, head.more, now) for head in heads)


def _next_of_flood(tx: Connection, channel: Channel, site_id: int, among: int, now: datetime) -> bool:
    """Whether one of that many newest that the channel was spared is wanted in place of their head."""
    flood = and_(passed_over.c.channel == str(channel), passed_over.c.site_id == site_id, passed_over.c.why == FLOOD)
    spared = (
        select(articles.c.id, articles.c.revision)
        .join(passed_over, and_(passed_over.c.site_id == articles.c.site_id, passed_over.c.article_id == articles.c.id))
        .where(flood, articles.c.withdrawn == false())
        .order_by(articles.c.published_at.desc(), articles.c.id.desc())
        .limit(among)
    )
    left = tx.execute(spared).all()
    for head in left[:1]:
        tx.execute(delete(passed_over).where(flood, passed_over.c.article_id == head.id))
        columns = delivery_columns(channel, site_id, head.id, head.revision, now, len(left) - 1)
        tx.execute(insert(deliveries).values(columns))
    return bool(left)


def _deliver(
    tx: Connection,
    site_id: int,
    fresh: Sequence[Article],
    cards: Mapping[int, Card],
    now: datetime,
    most: int,
    met: Mapping[int, Collection[str]],
    unsure_since: datetime | None = None,
) -> int:
    """Want new articles (oldest first) in each channel whose filters do.

    Of more than `most` within a spell, the newest one; none, where that is 0. `met` names the channels to which an
    article is not new.
    """
    if not fresh:
        return 0
    following = select(subscriptions).where(subscriptions.c.site_id == site_id)
    rows = tx.execute(following.order_by("since", "channel")).all()
    bearings = [Bearing(article) for article in fresh]  # one for all channels: to make a text ready takes long
    wanting: list[list[dict[str, Any]]] = [[] for _ in fresh]
    spared = []
    lately = _lately(tx, site_id, now) if most and len(fresh) > 1 else {}
    for one in map(subscription_of, rows):
        verdicts = {
            place: one.wants(bearings[place])
            for place, article in enumerate(fresh)
            if str(one.channel) not in met.get(article.id, ())
        }
        wanted = [place for place, verdict in verdicts.items() if verdict]
        why = HALTED if one.halted else FLOOD
        allowed = most - lately.get(str(one.channel), 0)
        shown = wanted if len(wanted) <= allowed else wanted[-1:] if most else []
        for place in () if one.halted else shown:
            article_id, more = fresh[place].id, len(wanted) - len(shown)
            revision = cards[article_id].revision
            columns = delivery_columns(
                one.channel, site_id, article_id, revision, now, more, unsure_since, loud=one.is_loud
            )
            wanting[place].append(columns)
        spared += [
            passed_over_columns(
                one.channel,
                site_id,
                fresh[place].id,
                why if verdict else f"{HALTED if one.halted else ''}-{verdict.because or ''}",
            )
            for place, verdict in verdicts.items()
            if one.halted or place not in shown
        ]
    if spared:
        tx.execute(insert(passed_over), spared)
    due = [columns for column in wanting for columns in column]
    if due:
        tx.execute(insert(deliveries), due)
    return len(due)
