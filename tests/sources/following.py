"""What the tests of the source share: a clock to turn, a follower that keeps what it is told as the store does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.demo.site import SampleSite
from bot.fetch import Fetcher
from bot.model import Article, Site
from bot.ports import Changes, Source
from bot.sources.wordpress import Limits, WordPress

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ALWAYS = Limits(full_every=1)
"""Every look is a full one."""
SMALL = Limits(
    page=5, glance=2, step_back=2, first_pages=20, thorough_every=3, full_every=1, chunk=2, read=3, verified=2, fresh=3
)
"""So small that a handful of posts needs pages, chunks and several looks."""


class Clock:
    """The site's time, turned by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Follower:
    """Hands each cursor in with the next look; keeps articles and withdrawals as the table would."""

    source: Source
    site: Site
    articles: dict[int, Article] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    twice: list[int] = field(default_factory=list)

    @classmethod
    async def of(cls, source: WordPress, site: SampleSite) -> Follower:
        """One that has made first contact."""
        follower = cls(source, await source.discover(site.url))
        await follower.look()
        return follower

    async def look(self) -> Changes:
        changes = await self.source.articles(self.site)
        self.site = replace(self.site, cursor=changes.cursor)
        for article in changes.new:
            if article.id in self.articles:
                self.twice.append(article.id)
            self.articles[article.id] = article
        for article in changes.changed:
            if article.id in self.articles:
                self.articles[article.id] = article
                self.withdrawn.discard(article.id)
        self.withdrawn |= set(changes.withdrawn) & self.articles.keys()
        return changes

    async def told(self) -> tuple[list[str], list[str], list[int]]:
        """Titles of the new and the changed, ids of the withdrawn."""
        changes = await self.look()
        return [a.title for a in changes.new], [a.title for a in changes.changed], list(changes.withdrawn)


def reader(limits: Limits | None = None) -> tuple[Fetcher, WordPress]:
    """A source that may read loopback, and its client to close."""
    fetcher = Fetcher(allow_private=True, timeout=10)
    return fetcher, WordPress(fetcher, limits)
