"""The writing half: deliveries are claimed, and what stands in the channels is written down."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from bot.model import WITHDRAWN, Attempt, Channel, Delivery, Extra, Receipt
from bot.store.earlier import was_seen
from bot.store.line import next_in_line
from bot.store.restored import SPELL, Restored
from bot.store.rota import Rota
from bot.store.rows import delivery_of, moment, passed_over_columns
from bot.store.schema import (
    FLOOD,
    HALTED,
    MIXED,
    articles,
    channels,
    deliveries,
    earlier,
    is_wish,
    may_leave,
    passed_over,
    pending,
    stands,
    subscriptions,
)
from bot.store.schema import extras as afterwards
from bot.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class Owed:
    """An extra that is owed to a card that stands; `tries` counts the claims."""

    delivery_id: int
    extra: Extra
    receipt: Receipt
    title: str
    shown_at: datetime
    tries: int


class Writing(Transactions):
    """What the dispatcher asks of the table."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._rota = Rota()

    def claim(self, platform: str, now: datetime, limit: int, lease: timedelta) -> list[Delivery]:
        """Deliveries that are due, in the order to be made in, each nobody else's until the lease ends.

        What people are called for goes before all else, and sites take turns. Of a site the longest waiting is first,
        but for withdrawals, which are before that. Within a channel a post waits for the posts before it; corrections
        of what stands already wait for nobody.
        """
        if self._restored and self._restored.is_quiet(now):
            return []
        ids: list[int] = []
        since = self._restored.surely_new_from if self._restored else 0.0
        leased = {"until": (now + lease).timestamp()}
        with self._begin(together=True) as tx:
            while len(ids) < limit and (more := self._rota.due(tx, platform, now, limit - len(ids), since)):
                tx.execute(_LEASED, {**leased, "ids": more})
                ids += more
            rows = tx.execute(_CLAIMED, {"ids": ids}).all() if ids else []
            in_turn = sorted(rows, key=lambda row: ids.index(row.id))
            return [delivery_of(row, self._installation, self._restored) for row in in_turn]

    def attempting(self, delivery: Delivery, now: datetime) -> Delivery | None:
        """Make it durable that a post is about to leave; None when nothing may leave.

        That is so when the lease was lost, or when the channel meanwhile unsubscribed or was halted. A repeat keeps
        the moment of the first try, from which the platform's window counts.
        """
        if delivery.attempt is None and self._restored and self._pass_over_stale(delivery, self._restored, now):
            return None
        first = delivery.attempt or Attempt(now, delivery.wanted, delivery.card.url)
        # A key that another life may have used is answered with what stands, whatever that is.
        certain = first.revision == delivery.wanted and delivery.unsure_since is None
        revision = delivery.wanted if certain else MIXED
        attempt = Attempt(first.at, revision, delivery.card.url)
        written = self._write(
            delivery,
            may_leave,
            attempted_at=attempt.at.timestamp(),
            attempted_revision=attempt.revision,
            attempted_url=attempt.url,
            unsure_since=None,
        )
        return replace(delivery, attempt=attempt, unsure_since=None) if written else None

    def renew(self, delivery: Delivery, now: datetime, lease: timedelta) -> bool:
        """Hold a claimed delivery for longer; whether it was still held."""
        return self._write(delivery, due=(now + lease).timestamp())

    def _pass_over_stale(self, delivery: Delivery, restored: Restored, now: datetime) -> bool:
        """Whether an article that came up by reading on after a restore proved absent and is no news; it is spared."""
        if restored.opened is None:
            return False
        since, until = restored.opened.timestamp(), (restored.opened + SPELL).timestamp()
        found = and_(deliveries.c.wanted_at == articles.c.found_at, articles.c.found_at.between(since, until))
        dated = articles.c.published_at.between(restored.taken.timestamp(), (now - SPELL).timestamp())
        mine = and_(deliveries.c.id == delivery.id, deliveries.c.epoch == delivery.epoch, deliveries.c.generation == 0)
        with self._begin() as tx:
            stale = tx.scalar(select(deliveries.c.id).join(articles, _written).where(mine, found, dated))
            if stale is None:
                return False
            spared = passed_over_columns(delivery.channel, delivery.site_id, delivery.article_id, FLOOD)
            tx.execute(insert(passed_over).values(spared))
            tx.execute(delete(deliveries).where(deliveries.c.id == stale))
            next_in_line(tx, [str(delivery.channel)])
            return True

    def settle(
        self, delivery: Delivery, shown: str, receipt: Receipt | None, now: datetime, *, left: bool = False
    ) -> bool:
        """What stands there now; `left` as it was, where the channel wants that, whatever it should show.

        A message that was removed frees its key: the next one is another generation.
        """
        stood, stands = delivery.receipt is not None, receipt is not None
        struck = shown == WITHDRAWN and stands
        posted: dict[str, Any] = {"shown_at": now.timestamp()} if stands and not stood else {}
        return self._write(
            delivery,
            shown=shown,
            seen=deliveries.c.seen if struck or left else shown if receipt else "",
            receipt=receipt.ref if receipt else None,
            generation=deliveries.c.generation + int(stood and not stands),
            attempted_at=None,
            unsure_since=None,
            attempts=0,
            note="",
            claimed=False,
            behind=False,  # marked since, where its lease had ended
            due=now.timestamp(),
            edits=deliveries.c.edits + int(stood and stands and not struck and not left),
            **posted,
            extras=delivery.extras if posted else (),
            out_of_line=not stood,
        )

    def postpone(self, delivery: Delivery, until: datetime, note: str, *, forget_attempt: bool) -> bool:
        """Try again later; `forget_attempt` only when it is certain that nothing arrived."""
        forgotten: dict[str, Any] = {"attempted_at": None} if forget_attempt else {}
        return self._write(delivery, due=until.timestamp(), note=note, claimed=False, **forgotten)

    def park(self, delivery: Delivery, note: str, *, gone: bool = False, forget_attempt: bool = False) -> bool:
        """Leave it until a command or a correction revives it; a `gone` one is revived by nothing."""
        forgotten: dict[str, Any] = {"attempted_at": None} if forget_attempt else {}
        waited_for = delivery.receipt is None
        left: dict[str, Any] = {"parked": True, "gone": gone, "note": note, "claimed": False, "behind": False}
        return self._write(delivery, out_of_line=waited_for, **left, **forgotten)

    def spare(self, delivery: Delivery, now: datetime) -> None:
        """Nothing of it stands and nothing new may go there: it goes where the channel moved to, or is forgotten.

        Where the channel is only halted, it is passed over until that ends.
        """
        with self._begin() as tx:
            row = tx.execute(_SPARED, {"id": delivery.id, "epoch": delivery.epoch}).one_or_none()
            if row is None:
                return
            this = deliveries.c.id == delivery.id
            if row.halted is None and row.successor and _rehome(tx, delivery, row.successor, now):
                next_in_line(tx, [str(delivery.channel), row.successor])
                return
            if row.halted == "" or row.generation:  # followed again, or a removed message whose key must stay used
                waits = row.halted != ""
                left = {"parked": waits, "held": waits, "note": row.halted or "", "due": now.timestamp()}
                tx.execute(update(deliveries).where(this).values(attempted_at=None, claimed=False, **left))
                next_in_line(tx, [str(delivery.channel)])
                return
            if row.halted:
                tx.execute(
                    insert(passed_over).values(
                        passed_over_columns(delivery.channel, delivery.site_id, delivery.article_id, HALTED)
                    )
                )
            tx.execute(delete(deliveries).where(this))
            next_in_line(tx, [str(delivery.channel)])

    def claim_extras(self, platform: str, now: datetime, limit: int, lease: timedelta) -> list[Owed]:
        """What is to be done for cards that stand; each is nobody else's until the lease ends.

        Asked for when they were posted, and still: nothing for what is withdrawn, nor for a channel that wishes it no
        more.
        """
        due = and_(afterwards.c.platform == platform, afterwards.c.due <= now.timestamp())
        still = (and_(afterwards.c.extra == extra, subscriptions.c[extra]) for extra in Extra)
        query = (
            select(afterwards.c.delivery_id, afterwards.c.extra, afterwards.c.tries)
            .add_columns(deliveries.c.channel, deliveries.c.receipt, deliveries.c.shown_at, articles.c.card)
            .join(deliveries, deliveries.c.id == afterwards.c.delivery_id)
            .join(articles, _written)
            .where(due, stands, deliveries.c.wanted != WITHDRAWN, exists().where(is_wish, or_(*still)))
            .order_by(afterwards.c.due)
            .limit(limit)
            .with_for_update(skip_locked=True, of=afterwards)
        )
        with self._begin() as tx:
            rows = tx.execute(query).all()
            for row in rows:
                leased = {"due": (now + lease).timestamp(), "tries": row.tries + 1}
                tx.execute(update(afterwards).where(_is(row.delivery_id, row.extra)).values(**leased))
        return [
            Owed(
                row.delivery_id,
                Extra(row.extra),
                Receipt(Channel.parse(row.channel), row.receipt),
                json.loads(row.card)["title"],
                moment(row.shown_at),
                row.tries + 1,
            )
            for row in rows
        ]

    def extended(self, owed: Owed, again: datetime | None = None, note: str = "") -> None:
        """It is done; `again`: try then; a `note` alone: given up for that."""
        this = _is(owed.delivery_id, owed.extra)
        with self._begin() as tx:
            if again is None and not note:
                tx.execute(delete(afterwards).where(this))
            else:
                due = again.timestamp() if again else None
                tx.execute(update(afterwards).where(this).values(due=due, note=note))

    def next_due(self, platform: str) -> datetime | None:
        """When the next delivery of a platform is due, if there is one."""
        soonest = select(func.min(deliveries.c.due)).where(pending, deliveries.c.platform == platform)
        with self._begin() as tx:
            seconds: float | None = tx.scalar(soonest)
            return moment(seconds)

    def _write(
        self,
        delivery: Delivery,
        *where: Any,
        extras: Iterable[Extra] = (),
        out_of_line: bool = False,
        **values: Any,
    ) -> bool:
        """Whether the lease held and the values are written; `out_of_line`: no other post waits for it any more."""
        mine = and_(deliveries.c.id == delivery.id, deliveries.c.epoch == delivery.epoch, *where)
        with self._begin(together=True) as tx:
            written = bool(tx.execute(update(deliveries).where(mine).values(**values)).rowcount)
            if written and extras:
                tx.execute(delete(afterwards).where(afterwards.c.delivery_id == delivery.id))  # of a message before it
                begun = {"platform": delivery.channel.platform, "due": values["shown_at"]}
                rows = [{"delivery_id": delivery.id, "extra": extra, **begun} for extra in sorted(extras)]
                tx.execute(insert(afterwards), rows)
            if written and out_of_line:
                next_in_line(tx, [str(delivery.channel)])
            return written


_SPARED = (
    select(deliveries.c.generation, subscriptions.c.halted, channels.c.successor)
    .select_from(deliveries.outerjoin(subscriptions, is_wish))
    .outerjoin(channels, channels.c.channel == deliveries.c.channel)
    .where(deliveries.c.id == bindparam("id"), deliveries.c.epoch == bindparam("epoch"))
)


def _rehome(tx: Connection, delivery: Delivery, channel: str, now: datetime) -> bool:
    """Whether the delivery, of which nothing left, waits in the other channel now: unless that one had the article."""
    for table in (deliveries, passed_over):
        here = and_(table.c.channel == channel, table.c.site_id == delivery.site_id)
        if tx.scalar(select(exists().where(here, table.c.article_id == delivery.article_id))):
            return False
    anew = {
        "attempted_at": None,
        "unsure_since": None,
        "claimed": False,
        "attempts": 0,
        "epoch": deliveries.c.epoch + 1,
    }
    where = deliveries.c.id == delivery.id
    tx.execute(update(deliveries).where(where).values(channel=channel, due=now.timestamp(), **anew))
    return True


_written = and_(articles.c.site_id == deliveries.c.site_id, articles.c.id == deliveries.c.article_id)


def _is(delivery_id: int, extra: str) -> Any:
    return and_(afterwards.c.delivery_id == delivery_id, afterwards.c.extra == extra)


_named = deliveries.c.id.in_(bindparam("ids", expanding=True))
_LEASED = (
    update(deliveries)
    .where(_named)
    .values(
        due=bindparam("until"),
        claimed=True,
        epoch=deliveries.c.epoch + 1,
        attempts=deliveries.c.attempts + 1,
    )
)
_CLAIMED = (
    select(
        deliveries,
        *(articles.c[name] for name in ("card", "url", "found_at", "published_at")),
        earlier.c.card.label("before"),
        subscriptions.c.style,
        subscriptions.c.on_withdrawal,
        subscriptions.c.on_correction,
        subscriptions.c.notify,
        *(subscriptions.c[extra] for extra in Extra),
        channels.c.language,
    )
    .join(articles, _written)
    .outerjoin(earlier, was_seen)
    .outerjoin(subscriptions, is_wish)
    .outerjoin(channels, channels.c.channel == deliveries.c.channel)
    .where(_named)
)
