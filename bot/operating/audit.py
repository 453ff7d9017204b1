"""Reads each site anew and compares it with what the channels were given; writes nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.app import Parts
from bot.cards import build
from bot.errors import PullquoteError, SourceError, TryLater, Vanished
from bot.model import WITHDRAWN, Receipt, Site
from bot.operating.comparing import ADVICE, Comparison, Difference, Kind, repeated
from bot.ports import Adapter
from bot.sources.shows import Showing, Shows
from bot.store.ledger import Given, Kept, Ledger

SITES_AT_ONCE = 4
SETTLING = timedelta(minutes=5)
"""What changed so lately may still be on its way to the channels, if the sites are not looked at more seldom."""

TRIES, LONGEST_WAIT = 4, 60.0
EARLIER = timedelta(minutes=1)
"""A message is looked for from so long before its article was found: clocks differ."""


@dataclass(slots=True)
class Findings:
    """What was compared, what differs, and what could not be compared."""

    articles: int = 0
    given: int = 0
    looked: int = 0
    differences: list[Difference] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)
    """Where less than was asked for could be seen; that is no fault."""


async def audit(parts: Parts, since: datetime, *, look: bool) -> Findings:
    """Compare every site that is followed, or whose cards stand; `look` asks the platforms as well."""
    source = parts.source
    if not isinstance(source, Showing):
        raise SourceError("What is read here cannot be compared.")
    sites = [one.site for one in await parts.door(parts.store.health)]
    findings, turns = Findings(), asyncio.Semaphore(SITES_AT_ONCE)

    async def compare(site: Site) -> Ledger | None:
        async with turns:
            return await _compare(parts, source, site, since, findings)

    ledgers = [one for one in await asyncio.gather(*map(compare, sites)) if one]
    findings.differences += repeated(ledgers)
    if look:
        await _look(parts, ledgers, findings)
    findings.differences.sort(key=lambda one: (one.channel, one.kind, one.url))
    return findings


async def _compare(parts: Parts, source: Showing, site: Site, since: datetime, findings: Findings) -> Ledger | None:
    assert site.id is not None  # noqa: S101 - it is stored
    before = await parts.door(parts.store.ledger, site.id, since)
    if not before.wishes and not before.given:
        return None
    # Read before the table is read again: what the bot does meanwhile is in it.
    standing = {one.article_id for one in before.given.values() if one.ref and one.shown != WITHDRAWN and not one.gone}
    known = {number: before.articles[number].url for number in standing & before.articles.keys()}
    try:
        shows = await source.shows(site, since, known)
    except SourceError as error:
        findings.untold.append(f"{site.url}: {error}")
        return before
    cards = {}
    for article in shows.articles:
        await asyncio.sleep(0)
        cards[article.id] = build(article)
    ledger = await parts.door(parts.store.ledger, site.id, since, cards)
    longest = timedelta(seconds=parts.settings.poll_interval_longest)
    settled = parts.clock.now() - max(SETTLING, longest + timedelta(minutes=1))
    findings.articles += len(cards) + len(shows.withdrawn)
    findings.given += len(ledger.given)
    findings.differences += Comparison(shows, cards, ledger, settled).differences()
    _note(site, shows, since, findings)
    return ledger


def _note(site: Site, shows: Shows, since: datetime, findings: Findings) -> None:
    findings.untold += [f"{site.url}: article {number}: {why}" for number, why in shows.unread.items()]
    if shows.reach > since:
        findings.short.append(f"{site.url} shows nothing before {shows.reach:%Y-%m-%d %H:%M} UTC in its feed.")


async def _look(parts: Parts, ledgers: Iterable[Ledger], findings: Findings) -> None:
    """Ask the platforms for each message that is said to stand, one at a time in each."""
    standing: dict[str, list[tuple[Given, Kept]]] = {}
    for ledger in ledgers:
        for one in ledger.given.values():
            if one.ref and not one.gone and one.article_id in ledger.articles:
                standing.setdefault(one.channel.platform, []).append((one, ledger.articles[one.article_id]))

    async def look_through(platform: str, cards: Sequence[tuple[Given, Kept]]) -> None:
        try:
            adapter = parts.adapter(platform)
        except PullquoteError as error:
            findings.untold.append(f"{platform}: {error}")
            return
        for one, kept in cards:
            await _look_for(adapter, one, kept, findings)

    await asyncio.gather(*(look_through(*pair) for pair in standing.items()))


async def _look_for(adapter: Adapter, one: Given, kept: Kept, findings: Findings) -> None:
    try:
        found = await _find(adapter, one, kept)
    except Vanished:
        found = None
    except PullquoteError as error:
        findings.untold.append(f"{one.channel}: {kept.url}: {error}")
        return
    findings.looked += 1
    if found is None:
        what = "its struck message was removed" if one.shown == WITHDRAWN else "its message was removed, or never stood"
        findings.differences.append(Difference(one.channel, Kind.ABSENT, kept.title, kept.url, what))
    elif found.ref != one.ref:
        twice = f"messages {found.ref} and {one.ref}"
        findings.differences.append(Difference(one.channel, Kind.TWICE, kept.title, kept.url, twice))


async def _find(adapter: Adapter, one: Given, kept: Kept) -> Receipt | None:
    for _ in range(TRIES - 1):
        try:
            return await adapter.find(one.channel, one.key, kept.url, kept.found_at - EARLIER)
        except TryLater as error:
            await asyncio.sleep(min(error.after or 1.0, LONGEST_WAIT))
    return await adapter.find(one.channel, one.key, kept.url, kept.found_at - EARLIER)


def told(findings: Findings, since: datetime) -> Iterable[str]:
    """The findings as lines for people."""
    yield from map(str, findings.differences)
    kinds = Counter(one.kind for one in findings.differences)
    for kind in (kind for kind in Kind if kinds[kind]):
        yield f"What to do where it is {kind} ({kinds[kind]}): {ADVICE[kind]}"
    yield from (f"Not compared: {why}" for why in findings.untold)
    yield from findings.short
    counts = {"articles": findings.articles, "in channels": findings.given, "looked for": findings.looked}
    counted = ", ".join(f"{name}: {count}" for name, count in counts.items() if count or name != "looked for")
    agree = "sites and channels agree" if not findings.differences else f"differences: {len(findings.differences)}"
    yield f"Compared what was published or changed since {since:%Y-%m-%d %H:%M} UTC ({counted}); {agree}."
