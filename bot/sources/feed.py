"""Reads a publication by its feed, RSS 2.0 or Atom, where its REST API is closed or absent.

feed, asked with what it last said of its state ──► 304: nothing ──► else Window.seeing ──► what is missing from its
midst, asked for by itself ──► Changes

A feed shows only the newest articles: what slid off its end is not withdrawn, and what happens to it there is not told.
WordPress's own says nothing of a withdrawal by its validators, so that every fifth look asks without them.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yarl import URL

from bot.errors import Gone, SourceError
from bot.fetch import JSON_LIMIT, NO_ADDRESS, Fetcher, Response, shown
from bot.filters import Kind, fold
from bot.model import Article, Site
from bot.ports import Changes, Found
from bot.sources.discover import listed_at
from bot.sources.entries import HASHED, NO_FEED, Entry, Feed, read
from bot.sources.heartbeat import max_age, settled
from bot.sources.moving import NOT_THE_SAME, Remembered, line_of
from bot.sources.rest import BUSY, CHALLENGE_PATIENCE, FAILED, REFUSED
from bot.sources.window import Window
from bot.sources.wordpress import OFTEN
from bot.text import apart, home_of, place, places
from bot.words import N_

READER = "feed"
ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"
WITHDRAWN = frozenset({404, 410})

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked for and kept: articles known, missing ones asked for a look, pages of a search.

    `full_every`: at every so manieth look the feed is read whatever its validators say.
    """

    capacity: int = 400
    verified: int = 5
    pages: int = 5
    full_every: int = 5


class Feeds:
    """Reads feeds. Only how often each was looked at, and how many missing ones were asked for, is remembered here."""

    def __init__(self, fetcher: Fetcher, limits: Limits | None = None) -> None:
        self._fetcher, self._limits = fetcher, limits or Limits()
        self._looks: Counter[str] = Counter()
        self._asked: Counter[str] = Counter()
        self._reading = asyncio.Lock()

    async def discover(self, url: str) -> Site:
        """The publication whose feed is at the URL."""
        response = await self._get(url if "://" in url else f"https://{url}")
        return await site_of(response)

    async def edition(self, site: Site, language: str, kind: str) -> Site:
        """SourceError: each language and each type has a feed of its own, whose address nothing tells."""
        why = N_("{name} is read by its feed: give the address of the feed that it has of these articles.")
        raise SourceError(why, name=site.name)

    async def articles(self, site: Site) -> Changes:
        """What changed since `site.cursor`; with an empty cursor nothing but the cursor."""
        before = Window.loads(site.cursor) if site.cursor else None
        conditions = self._conditions(site, before) if before else {}
        response = await self._get(site.endpoint, conditions)
        if before and response.status == 304:
            return Changes(site.cursor, rest=_rest(before, response))
        feed = await self._read(response, site)
        moved = await self._moved(response, feed, site) if before else None
        validators = _validators(response) if feed.whole else ("", "")
        if before is None:
            return Changes(Window.begin(feed.newest_first).validated(*validators).dumps())
        window, new, changed = before.seeing(feed.newest_first)
        window, withdrawn = await self._verified(window.validated(*validators), site.endpoint)
        return Changes(
            window.trimmed(self._limits.capacity).dumps(),
            new=_oldest_first(new),
            changed=_oldest_first(changed),
            withdrawn=tuple(withdrawn),
            rest=_rest(window, response),
            moved=moved,
        )

    async def going_on(self, site: Site, before: Remembered) -> str:
        """The cursor with which a site that was read by its API is read on; "" where it is not recognised."""
        feed = await self._feed(site, site.endpoint)
        if not _shows(feed, before):
            return ""
        known = [entry for entry in feed.newest_first if not before.is_later(entry.id, entry.date)]
        return Window.begin(known).dumps()

    def _conditions(self, site: Site, window: Window) -> dict[str, str]:
        self._looks[site.endpoint] += 1
        if self._looks[site.endpoint] % self._limits.full_every == 0:
            return {}
        sent = {"If-None-Match": window.etag, "If-Modified-Since": window.modified}
        return {name: value for name, value in sent.items() if value}

    async def _verified(self, window: Window, endpoint: str) -> tuple[Window, list[int]]:
        """Ask for each missing article by itself, in turn where they are many: only its own URL makes it withdrawn."""
        withdrawn, missing = [], window.missing()
        first = self._asked[endpoint] % max(len(missing), 1)
        for known in (missing[first:] + missing[:first])[: self._limits.verified]:
            self._asked[endpoint] += 1
            try:
                answer = await self._fetcher.get(known.url, limit=JSON_LIMIT)
            except SourceError:
                continue  # asked again at the next look
            if answer.status in WITHDRAWN:
                window = window.losing(known.id)
                withdrawn.append(known.id)
            elif answer.status < 300:
                window = window.leaving(known.id)
        return window, withdrawn

    async def article(self, site: Site, url: str) -> Article:
        """The article of that URL, from the feed or, on WordPress, from the feed that each of its posts has."""
        feed = await self._feed(site, site.endpoint)
        if place(url) == place(site.url) and feed.entries:
            return feed.newest_first[0].article
        found = _at(feed, url) or await self._alone(site, url)
        if found is None:
            why = N_("{where} is not in the feed of {name}, which shows the newest articles only.")
            raise SourceError(why, where=shown(url), name=site.name)
        return found.article

    async def _alone(self, site: Site, url: str) -> Entry | None:
        try:
            target = URL(url if "://" in url else f"https://{url}")
        except ValueError:
            raise SourceError(NO_ADDRESS) from None
        if target.host != URL(site.endpoint).host:
            return None
        try:
            return _at(await self._feed(site, str(target.update_query(feed="rss2", withoutcomments="1"))), url)
        except SourceError:
            return None

    async def newest(self, site: Site, count: int) -> Sequence[Article]:
        """The newest articles, newest first; no more than the feed shows."""
        feed = await self._feed(site, site.endpoint)
        return [entry.article for entry in feed.newest_first[:count]]

    async def search(self, site: Site, words: str, page: int, size: int) -> Found:
        """What WordPress's own search finds, which has a feed too; `total` counts no further than the next page."""
        home = home_of(site.endpoint)
        if home == site.endpoint:
            why = N_("{where} cannot be searched: it is no feed of WordPress.")
            raise SourceError(why, where=shown(site.endpoint))
        found: dict[int, Article] = {}
        for number in range(1, self._limits.pages + 1):
            asked = URL(home).update_query(s=words, feed="rss2", paged=number)
            response = await self._get(str(asked), ends=number > 1)
            entries = () if response.status == 404 else (await self._read(response, site)).entries
            known = len(found)
            found |= {entry.id: entry.article for entry in entries}
            if len(found) == known or len(found) > page * size:
                break
        return Found(tuple(found.values())[(page - 1) * size : page * size], len(found))

    async def terms(self, site: Site) -> Sequence[tuple[str, str]]:
        """The names under which the articles in the feed are filed, the most used first, and their authors."""
        articles = [entry.article for entry in (await self._feed(site, site.endpoint)).entries]
        filed = Counter(name for article in articles for name in article.categories)
        authors = Counter(article.author for article in articles if article.author)
        return [
            *((Kind.CATEGORY, name) for name, _count in filed.most_common()),
            *((Kind.AUTHOR, name) for name, _count in authors.most_common()),
        ]

    async def term(self, site: Site, url: str) -> tuple[str, str] | None:
        """The term whose page the URL is, where an article in the feed bears one that makes such a slug."""
        try:
            found = await listed_at(self._fetcher, site, url)
            terms = await self.terms(site) if found else ()
        except SourceError:
            return None
        if found is None:
            return None
        wanted, slug = found
        borne = Kind.AUTHOR if wanted is Kind.AUTHOR else Kind.CATEGORY
        return next(((wanted, name) for kind, name in terms if kind == borne and _slug(name) == _slug(slug)), None)

    async def _feed(self, site: Site, url: str) -> Feed:
        return await self._read(await self._get(url), site)

    async def _read(self, response: Response, site: Site | None = None) -> Feed:
        """One after the other: several threads at work would let the event loop have its turn too seldom."""
        async with self._reading:
            return await asyncio.to_thread(read, response.body, response.url, site)

    async def _moved(self, response: Response, feed: Feed, site: Site) -> str:
        """Where the feed has moved for good, "" where it has not; SourceError where it leads to what is not the same.

        Of a feed whose articles would have other ids once it is that of the new address, the old one is kept.
        """
        if response.url == str(URL(site.endpoint)):
            return ""
        before = Remembered.of_window(site.cursor)
        if places(response.url).isdisjoint(site.places) and before.posts and not _shows(feed, before):
            raise SourceError(NOT_THE_SAME, url=site.url, where=shown(response.url))
        alone = await self._read(response)
        return response.moved if _shows(alone, before) else ""

    async def _get(self, url: str, conditions: Mapping[str, str] | None = None, *, ends: bool = False) -> Response:
        """The feed, or 304 where conditions were set; 404, too, where a listing `ends` so."""
        response = await self._fetcher.get(url, limit=JSON_LIMIT, accept=ACCEPT, headers=conditions or {})
        if response.status == 200 or (response.status == 304 and conditions) or (response.status == 404 and ends):
            return response
        raise refusal(response)


async def site_of(response: Response) -> Site:
    """The publication whose feed a response is; SourceError when it is none."""
    feed = await asyncio.to_thread(read, response.body, response.url)
    url = _home(feed.link, response.url)
    language = feed.language.replace("_", "-")
    return Site(
        url=url,
        name=feed.title or URL(url).host or url,
        endpoint=response.url,
        reader=READER,
        language=language if _LANGUAGE.fullmatch(language) else "",
    )


def _home(link: str, url: str) -> str:
    """The home that a feed names, where it is on the feed's own host; else what the feed's address implies."""
    feed, implied = URL(url), home_of(url)
    if apart(implied)[1] and implied != url:
        return implied  # its language's or its type's, which the link may leave out
    try:
        home = URL(link)
        if home.scheme in {"http", "https"} and _origin(home) == _origin(feed):
            folder = home.path if home.query or "." in home.name else f"{home.path.rstrip('/')}/"
            return str(home.with_path(folder, keep_query=True))
    except ValueError:
        pass
    return implied if implied != url else str(feed.origin() / "")


def _origin(url: URL) -> tuple[str, int | None]:
    return (url.host or "").removeprefix("www."), None if url.port in {80, 443} else url.port


def _shows(feed: Feed, before: Remembered) -> bool:
    return before.recognises([line_of(entry.article) for entry in feed.entries])


def refusal(response: Response) -> SourceError:
    """Why a response is no feed, by its status."""
    where, status = shown(response.url), response.status
    if response.headers.get("cf-mitigated"):
        why = N_("{where} is behind a check that only browsers pass (Cloudflare); its owner can let Pullquote through.")
        return SourceError(why, max(response.retry_after or 0, CHALLENGE_PATIENCE), where=where)
    if status in BUSY:
        return SourceError(BUSY[status], response.retry_after, where=where)
    if status >= 500:
        return SourceError(FAILED, response.retry_after, where=where, status=status)
    if status in WITHDRAWN:
        kind = Gone if status == 410 else SourceError
        return kind(N_("{where} shows no feed any more (HTTP {status})."), where=where, status=status)
    if status >= 400:
        why = N_("{where} refuses the request (HTTP {status}).")
        denied = response.authorized and status in {401, 403}
        return SourceError(REFUSED if denied else why, where=where, status=status)
    return SourceError(NO_FEED, where=where)


def _validators(response: Response) -> tuple[str, str]:
    """Its tag and its date, once the second of its last change is over, of which WordPress makes both.

    A weak tag, which WordPress does not know again, only where there is no date.
    """
    etag, modified = response.headers.get("ETag", ""), response.headers.get("Last-Modified", "")
    if not settled(modified, response):
        return "", ""
    return "" if etag.startswith("W/") and modified else etag, modified


def _rest(window: Window, response: Response) -> float:
    return max(window.rhythm() / OFTEN, max_age(response.headers.get("Cache-Control", "")))


def _oldest_first(entries: Sequence[Entry]) -> tuple[Article, ...]:
    return tuple(entry.article for entry in reversed(entries))


def _slug(name: str) -> str:
    """A name as a part of an address, nearly as WordPress makes it."""
    return re.sub(r"[\W_]+", "-", fold(name)).strip("-")


def _at(feed: Feed, url: str) -> Entry | None:
    """The entry of a URL: the one it links to, or whose number it is."""
    asked = URL(url).query.get("p", "") if "?" in url else ""
    for entry in feed.entries:
        if place(entry.article.url) == place(url) or (entry.id < HASHED and str(entry.id) == asked):
            return entry
    return None
