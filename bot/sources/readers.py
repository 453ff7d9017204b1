"""All ways of reading publications as one: each site is read by the reader that it was found with.

Page of a URL ──► a REST API, where one answers ──► reader "wordpress"
              └─► else its feed, or the page where that is one ──► reader "feed"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.errors import SourceError
from bot.fetch import JSON_LIMIT, Fetcher, Response
from bot.model import Article, Site
from bot.ports import Changes, Found, Source
from bot.sources import discover, shows
from bot.sources.feed import ACCEPT, READER, Feeds, refusal, site_of
from bot.sources.rest import PASSING
from bot.sources.shows import Shows
from bot.sources.wordpress import WordPress
from bot.words import N_

FEED_TYPES = ("application/rss+xml", "application/atom+xml")
MOST_FEEDS = 3


class Readers:
    """Hands each site to its reader."""

    def __init__(self, fetcher: Fetcher, wordpress: WordPress | None = None, feeds: Feeds | None = None) -> None:
        self._fetcher = fetcher
        self._wordpress = wordpress or WordPress(fetcher)
        self._by_name: Mapping[str, Source] = {"wordpress": self._wordpress, READER: feeds or Feeds(fetcher)}

    async def discover(self, url: str) -> Site:
        """The publication that any URL of it belongs to, read by REST where that can be, else by its feed."""
        page = await discover.page_at(self._fetcher, url)
        try:
            return await self._wordpress.belongs(page)
        except PASSING:  # a site that has an API is not read by its feed for that
            raise
        except SourceError:
            found = await self._by_feed(page)
            if found is None:
                raise
            return found

    async def _by_feed(self, page: Response) -> Site | None:
        """The publication by the feed that a page is, or names first; None where it has none that can be read."""
        try:
            return await site_of(page)
        except SourceError:
            pass
        for _number, url in zip(range(MOST_FEEDS), _feeds(page), strict=False):
            try:
                feed = await self._fetcher.get(url, limit=JSON_LIMIT, accept=ACCEPT)
                if feed.status != 200:
                    raise refusal(feed)
                return await site_of(feed)
            except SourceError:
                continue
        return None

    async def edition(self, site: Site, language: str, kind: str) -> Site:
        """The part of the publication in that language, or of that type."""
        return await self._of(site).edition(site, language, kind)

    async def articles(self, site: Site) -> Changes:
        """What changed since `site.cursor`."""
        return await self._of(site).articles(site)

    def doubt(self, endpoint: str) -> None:
        """The site's next look takes no heartbeat's word."""
        self._wordpress.doubt(endpoint)

    async def article(self, site: Site, url: str) -> Article:
        """The one post that the URL shows."""
        return await self._of(site).article(site, url)

    async def newest(self, site: Site, count: int) -> Sequence[Article]:
        """The newest posts, newest first."""
        return await self._of(site).newest(site, count)

    async def search(self, site: Site, words: str, page: int, size: int) -> Found:
        """What the site's own search finds."""
        return await self._of(site).search(site, words, page, size)

    async def terms(self, site: Site) -> Sequence[tuple[str, str]]:
        """What its posts can be filtered by."""
        return await self._of(site).terms(site)

    async def term(self, site: Site, url: str) -> tuple[str, str] | None:
        """The term whose posts the page at the URL lists."""
        return await self._of(site).term(site, url)

    async def shows(self, site: Site, since: datetime, known: Mapping[int, str]) -> Shows:
        """What the site shows of what was published or changed since then, whatever the cursor says."""
        self._of(site)
        ask = shows.by_feed if site.reader == READER else shows.by_api
        return await ask(self._fetcher, site, since, known)

    def _of(self, site: Site) -> Source:
        reader = self._by_name.get(site.reader)
        if reader is None:
            why = N_("This Pullquote has no reader called {reader}; a newer version stored the site.")
            raise SourceError(why, reader=repr(site.reader))
        return reader


def _feeds(page: Response) -> Iterator[str]:
    """The feeds that a page names, those of comments left out."""
    seen = discover.look_at(page)
    links = (link for link in seen.links if link.relation == "alternate" and link.type.lower() in FEED_TYPES)
    own = str(seen.url).rstrip("/")
    home = f"{seen.url.origin()}"
    for url in dict.fromkeys(link.url for link in links):
        of_a_post = own != home and url.rstrip("/") == f"{own}/feed" and "postid-" in seen.body
        if "/comments/" not in url and not of_a_post:
            yield url
