"""What a site shows now, read anew and apart from its cursor: for comparing it with what the channels were given.

One request at a time: light listings by date and by modification, down to the moment asked for; what they name is read
in full; and each article that they should name and do not is asked for by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from bot.errors import SourceError
from bot.fetch import JSON_LIMIT, Fetcher
from bot.model import Article, Site
from bot.sources import document
from bot.sources.entries import read
from bot.sources.feed import ACCEPT, WITHDRAWN, refusal
from bot.sources.memory import FOLD
from bot.sources.rest import Api, Damaged, Line

PAGE, STEP_BACK, PAGES = 100, 10, 100
CHUNK = 20
"""Posts read in full at once: a hundred would not always fit into what is read of an answer."""


@dataclass(frozen=True, slots=True)
class Shows:
    """What a site shows now of what was published or changed since a moment.

    `withdrawn`: ids, of those asked about, of posts that it shows no more; `unread`: why others, by id, cannot be told;
    `reach`: the moment from which on it is all, later than asked for where a site tells no more.
    """

    articles: tuple[Article, ...]
    withdrawn: frozenset[int]
    unread: Mapping[int, str]
    reach: datetime


@runtime_checkable
class Showing(Protocol):
    """A source that can be asked for more than what is new to its cursor."""

    async def shows(self, site: Site, since: datetime, known: Mapping[int, str]) -> Shows:
        """What the site shows; of `known`, ids with their URLs, what it does not list is asked for by itself.

        Raises SourceError. One request at a time.
        """
        ...


async def by_api(fetcher: Fetcher, site: Site, since: datetime, known: Mapping[int, str]) -> Shows:
    """By its REST API."""
    api, start = Api(fetcher, site.endpoint), since.timestamp()
    found: dict[int, Line] = {}
    for order in ("date", "modified"):
        found |= await _listed(api, order, start)
    ids = [line.id for line in found.values() if max(line.date, line.modified) >= start]
    posts, unread = await _whole(api, ids)
    articles = [document.article(post, site) for post in posts]
    withdrawn: set[int] = set()
    for post_id in sorted({*ids, *known} - {post["id"] for post in posts} - unread.keys()):
        try:
            answer = await api.post(post_id)
        except Damaged as error:
            unread[post_id] = str(error)
            continue
        if answer is None:
            withdrawn.add(post_id)
        else:
            articles.append(document.article(answer[0], site))
    return Shows(tuple(articles), frozenset(withdrawn), unread, since)


async def _listed(api: Api, order: str, start: float) -> dict[int, Line]:
    """The posts newest first by `order`, down to `start` in Unix seconds."""
    lines: dict[int, Line] = {}
    offset = 0
    for _ in range(PAGES):
        page = await api.lines(order, offset, PAGE)
        if page is None or not page.lines:
            break
        lines |= {line.id: line for line in page.lines}
        last = page.lines[-1]
        if (last.date if order == "date" else last.modified) < start - FOLD:
            break
        if page.total is not None and offset + PAGE >= page.total:
            break
        offset += PAGE - STEP_BACK  # a deletion meanwhile lets none slip through
    return lines


async def _whole(api: Api, ids: Sequence[int]) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """The posts of these numbers that can be read together, and why one cannot be read even alone."""
    posts: list[dict[str, Any]] = []
    unread: dict[int, str] = {}
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        try:
            given, _clock = await api.posts(include=",".join(map(str, chunk)), orderby="include", per_page=len(chunk))
        except Damaged:
            continue  # each is asked for by itself
        posts += [post for post in given if post["id"] in chunk]
    return posts, unread


async def by_feed(fetcher: Fetcher, site: Site, since: datetime, known: Mapping[int, str]) -> Shows:
    """By its feed, which shows the newest articles only."""
    response = await fetcher.get(site.endpoint, limit=JSON_LIMIT, accept=ACCEPT)
    if response.status != 200:
        raise refusal(response)
    feed = await asyncio.to_thread(read, response.body, response.url, site)
    dates = [entry.date for entry in feed.entries if entry.date]
    reach = max(since, datetime.fromtimestamp(min(dates), UTC)) if dates else since
    shown = {entry.id: entry.article for entry in feed.entries}
    withdrawn, unread = await _missing(fetcher, {one: known[one] for one in known.keys() - shown.keys()})
    return Shows(tuple(_lately(shown.values(), since)), withdrawn, unread, reach)


def _lately(articles: Iterable[Article], since: datetime) -> Iterable[Article]:
    for article in articles:
        moments = [one for one in (article.published, article.modified) if one]
        if not moments or max(moments) >= since:
            yield article


async def _missing(fetcher: Fetcher, known: Mapping[int, str]) -> tuple[frozenset[int], dict[int, str]]:
    """Which of these articles their own URLs say are gone, and why others did not answer."""
    gone, unread = set(), {}
    for number in sorted(known):
        try:
            answer = await fetcher.get(known[number], limit=JSON_LIMIT)
        except SourceError as error:
            unread[number] = str(error)
            continue
        if answer.status in WITHDRAWN:
            gone.add(number)
        elif answer.status >= 300:
            unread[number] = str(refusal(answer))
    return frozenset(gone), unread
