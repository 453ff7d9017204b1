"""A site beside its channels: what differs between what it shows and what they were given. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.model import WITHDRAWN, Article, Card, Channel, OnCorrection, OnWithdrawal, Subscription
from bot.sources.shows import Shows
from bot.store.ledger import Given, Kept, Ledger
from bot.text import place


class Kind(StrEnum):
    """How a channel differs from a site, or from what the database says of it."""

    MISSING = "missing"
    WAITING = "waiting"
    STANDS = "shown though withdrawn"
    OLD = "in old words"
    PARKED = "given up"
    TWICE = "twice"
    ABSENT = "not there"


ADVICE = {
    Kind.MISSING: "`pullquote sites` says whether the site is read, and what keeps it from that; what stays missing is"
    " shown by `pullquote backfill CHANNEL --site URL`, of its last twenty articles.",
    Kind.WAITING: "it is shown once it can be; see that the bot runs, and what `pullquote status CHANNEL` says.",
    Kind.STANDS: "it is struck within five looks at the site; `pullquote sites` says whether it is looked at.",
    Kind.OLD: "it is edited after the next look at the site; `pullquote sites` says whether it is looked at.",
    Kind.PARKED: "mend what is said there (`pullquote check`), then `pullquote subscribe CHANNEL URL` once more: what"
    " is still news is tried again.",
    Kind.TWICE: "remove one of the messages by hand; of two publications with the same articles, follow one.",
    Kind.ABSENT: "nothing, where a moderator removed it: it is not said again.",
}
"""What to do about each."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; `detail` says more, where there is more to say."""

    channel: Channel
    kind: Kind
    title: str
    url: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.channel}  {self.kind}: {self.title} {self.url}{f' ({self.detail})' if self.detail else ''}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One site's part; `settled`: what changed later than that may still be on its way."""

    shows: Shows
    cards: Mapping[int, Card]
    ledger: Ledger
    settled: datetime

    def differences(self) -> Iterator[Difference]:
        """All of them: what is missing, then what is there and not as it should be."""
        articles = {article.id: article for article in self.shows.articles}
        for wish, since in self.ledger.wishes:
            yield from self._missing(wish, since, articles.values())
        for one in self.ledger.given.values():
            kept = self.ledger.articles.get(one.article_id)
            if kept is None or one.gone or one.article_id in self.shows.unread:
                continue
            found = self._withdrawn(one) if one.article_id in self.shows.withdrawn else None
            if article := articles.get(one.article_id):
                found = self._shown(one, article, kept)
            if found:
                kind, detail = found
                yield Difference(one.channel, kind, kept.title, kept.url, detail)

    def _missing(self, wish: Subscription, since: datetime, articles: Iterable[Article]) -> Iterator[Difference]:
        if wish.halted:
            return
        places = (wish.channel, *self.ledger.moved.get(wish.channel, ()))
        for article in articles:
            met = ((where, article.id) for where in places)
            if any(pair in self.ledger.given or pair in self.ledger.spared for pair in met):
                continue
            kept = self.ledger.articles.get(article.id)
            began = kept.found_at if kept else article.published
            if began is None or not since < began < self.settled or not wish.wants(article):
                continue
            detail = "found and not given" if kept else "not found yet"
            yield Difference(wish.channel, Kind.MISSING, self.cards[article.id].title, article.url, detail)

    def _withdrawn(self, one: Given) -> tuple[Kind, str] | None:
        if not one.ref or one.shown == WITHDRAWN or one.on_withdrawal is OnWithdrawal.LEAVE:
            return None
        if one.parked:
            return Kind.PARKED, one.note
        on_its_way = one.wanted == WITHDRAWN and one.wanted_at > self.settled
        return None if on_its_way else (Kind.STANDS, one.note)

    def _shown(self, one: Given, article: Article, kept: Kept) -> tuple[Kind, str] | None:
        """Of one that its site shows."""
        card = self.cards[article.id]
        changed = max((at for at in (article.published, article.modified) if at), default=None)
        if one.parked and one.wanted != one.shown:
            return Kind.PARKED, one.note
        if (one.pending and one.wanted_at > self.settled) or (changed and changed > self.settled):
            return None
        if not one.ref:
            return (Kind.WAITING, one.note) if one.pending else (Kind.MISSING, "shown by its site again")
        if one.shown == card.revision or (one.on_correction is OnCorrection.LEAVE and one.shown != WITHDRAWN):
            return None
        # The card may be made otherwise since: no other state of the article, and so no edit, comes of that.
        same = one.shown == kept.revision and article.modified and kept.modified == article.modified.isoformat()
        return None if same else (Kind.OLD, one.note)


def repeated(ledgers: Iterable[Ledger]) -> Iterator[Difference]:
    """Articles that stand more than once in a channel, under one address."""
    met: set[tuple[Channel, str]] = set()
    for ledger in ledgers:
        for one in ledger.given.values():
            kept = ledger.articles.get(one.article_id)
            if kept is None or not one.ref or one.gone or one.shown == WITHDRAWN:
                continue
            where = (one.channel, place(kept.url))
            if where in met:
                yield Difference(one.channel, Kind.TWICE, kept.title, kept.url, "followed under two addresses")
            met.add(where)
