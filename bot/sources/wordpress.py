"""The WordPress source: what a site published, corrected and withdrew since the last look.

heartbeat ──► nothing, mostly: the feed is as it was
three light listings ──► Memory.noticing ──► missing ones asked for singly ──► pending ones read in full ──► Changes
(by modified, date, id)  (what is new)       (withdrawn, or only moved)        (at most 100, the rest waits)

A date alone decides nothing: scheduled posts appear with old dates, imported ones with older, two edits share a second.
Every tenth look pages through all that is remembered, so that what a listing's top hid comes to light too, and every
fifth one takes no heartbeat's word; nor does one that somebody asked for who says that there is news.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot.errors import Closed, SourceError
from bot.fetch import Fetcher, Response
from bot.filters import Kind
from bot.model import Article, Site
from bot.ports import Changes, Found
from bot.sources import discover, document, editions, moving
from bot.sources.heartbeat import SETTLED, Pulse, feel
from bot.sources.lines import Line
from bot.sources.listings import Extent, listed, more_changes, more_dates, more_ids
from bot.sources.memory import GONE, OVERLAP, Memory
from bot.sources.moving import Remembered
from bot.sources.rest import PUBLIC_API, Api, Damaged

OFTEN = 20
"""A site is looked at so many times while it publishes one post, where that is within bounds."""
FEW = 2
"""Posts that cannot be read, up to which it is the posts and not the site."""
EACH = 10.0
"""Seconds between two looks for each post that could not be read, since the next look asks for it again."""
LISTINGS: tuple[tuple[Kind, str, dict[str, str]], ...] = (
    (Kind.CATEGORY, "/wp/v2/categories", {"orderby": "count", "order": "desc"}),
    (Kind.TAG, "/wp/v2/tags", {"orderby": "count", "order": "desc"}),
    (Kind.AUTHOR, "/wp/v2/users", {}),
)
"""Where the names stand that posts can be filtered by."""


@dataclass(frozen=True, slots=True)
class Limits(Extent):
    """How much is asked for, and when.

    `deaf`: the looks for which a feed that told nothing, or not all, is not asked. `mass`: of more posts that vanish at
    once none is asked for until they have been absent for so many seconds (`lasting`): a restore under way shows none.
    """

    first_pages: int = 10
    thorough_every: int = 10
    full_every: int = 5
    deaf: int = 100
    chunk: int = 20
    read: int = 100
    verified: int = 50
    fresh: int = 20
    capacity: int = 1200
    mass: int = 20
    lasting: float = 3600


log = structlog.get_logger()


@dataclass(slots=True)
class _Harvest:
    """What one poll read: the memory as it grows, and what is to be told."""

    memory: Memory
    site: Site
    limits: Limits
    new: list[Article] = field(default_factory=list)
    changed: list[Article] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    unreadable: dict[int, SourceError] = field(default_factory=dict)
    read: int = 0

    @property
    def tells(self) -> bool:
        """Whether there is something to tell."""
        return bool(self.new or self.changed or self.withdrawn)

    async def judge(self, api: Api) -> None:
        """Name the posts that could not be read; the first one's error where it is not this post or that: the site."""
        if len(self.unreadable) > FEW and not self.read and not await self._reads_another(api):
            raise next(iter(self.unreadable.values()))
        for error in self.unreadable.values():
            log.warning("a post cannot be read; it is tried again", site=self.site.url, why=str(error))

    async def _reads_another(self, api: Api) -> bool:
        """Whether the newest of the posts that are known as they are can be read."""
        seen, others = self.memory.seen, self.memory.pending | self.unreadable.keys()
        known = {one.date: post_id for post_id, one in seen.items() if one.modified != GONE and post_id not in others}
        if not known:
            return False
        try:
            posts, _clock = await api.posts(include=str(known[max(known)]), per_page=1)
        except Damaged:
            return False
        return bool(posts)

    def take(self, post: dict[str, Any], clock: float) -> None:
        """Tell a post that was read; once more the same content, read again for its second's sake, is not told."""
        line = Line.of(post)
        memory, digest = self.memory, _digest(post)
        was_new, same = not memory.was_told(line.id), memory.fresh.get(line.id) == digest
        fresh = {post_id: seen for post_id, seen in memory.fresh.items() if post_id != line.id}
        if clock - SETTLED < line.modified <= clock + OVERLAP and len(fresh) < self.limits.fresh:
            fresh[line.id] = digest
        self.memory = replace(memory.reading(line), fresh=fresh)
        if was_new:
            self.new.append(document.article(post, self.site))
        elif not same:
            self.changed.append(document.article(post, self.site))

    def lose(self, post_id: int) -> None:
        """Tell that nobody can read the post any more, when it was told before, or another one under its number."""
        if self.memory.was_shown(post_id):
            self.withdrawn.append(post_id)
        fresh = {other: digest for other, digest in self.memory.fresh.items() if other != post_id}
        self.memory = replace(self.memory.losing(post_id), fresh=fresh)

    def changes(self) -> Changes:
        """What to tell, oldest first."""
        return Changes(
            cursor=self.memory.trimmed(self.limits.capacity).dumps(),
            new=tuple(sorted(self.new, key=self._age)),
            changed=tuple(sorted(self.changed, key=self._age)),
            withdrawn=tuple(sorted(self.withdrawn)),
            more=len(self.new) + len(self.changed) >= self.limits.read and bool(self.memory.to_read(1)),
        )

    def _age(self, article: Article) -> tuple[int, int]:
        return self.memory.seen[article.id].date, article.id


def _digest(post: dict[str, Any]) -> str:
    text = json.dumps(post, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


@dataclass(slots=True)
class _Watch:
    """How a site has been watched by this process: looks, and the pulse at the last one.

    `known`: the hash of the cursor with which all was read that the pulse stands for; None where there may be more.
    `deaf`: the look up to which the feed is not asked. `rest`: what was told of it at the last full look. `lost_at`:
    since when a mass of posts has been absent, by this process's own time. `told`: the hash of the cursor of the last
    full look, for which the listing of changes was gone through up to `read_to` (Unix seconds; 0: to no moment known).
    """

    looks: int = 0
    pulse: Pulse | None = None
    known: int | None = None
    deaf: int = 0
    rest: float = 0
    lost_at: float | None = None
    told: int | None = None
    read_to: int = 0


@dataclass(frozen=True, slots=True)
class _Sight:
    """What the listings showed: the memory with it, what they should show and do not, and where the site moved."""

    memory: Memory
    missing: Sequence[int]
    moved: str
    read_to: int


class WordPress:
    """Reads WordPress sites through their REST API. Only how often each was looked at, and its pulse, is remembered."""

    def __init__(self, fetcher: Fetcher, limits: Limits | None = None, public_api: str = PUBLIC_API) -> None:
        self._fetcher, self._limits, self._public_api = fetcher, limits or Limits(), public_api
        self._watches: dict[str, _Watch] = {}
        self._doubted: set[str] = set()

    async def discover(self, url: str) -> Site:
        """The publication that any URL of it belongs to: its home, an article, a category, a feed, the API itself."""
        return await self.belongs(await discover.page_at(self._fetcher, url))

    async def belongs(self, page: Response) -> Site:
        """The publication that a page belongs to, which was read already."""
        return await discover.belongs(self._fetcher, page, self._public_api)

    async def edition(self, site: Site, language: str, kind: str) -> Site:
        """The part of the publication in that language, or of that type; what is left open stays as it is."""
        wanted = editions.asked_for(language, kind).over(editions.Edition.of(site.endpoint))
        return await editions.choose(self._fetcher, site, wanted)

    async def article(self, site: Site, url: str) -> Article:
        """The one post that the URL shows; for the site's own home page its newest."""
        api = Api(self._fetcher, site.endpoint)
        return document.article(await discover.post_at(self._fetcher, api, site, url), site)

    async def newest(self, site: Site, count: int) -> Sequence[Article]:
        """The newest posts, newest first."""
        posts, _clock = await Api(self._fetcher, site.endpoint).posts(per_page=count)
        return [document.article(post, site) for post in posts[:count]]

    async def search(self, site: Site, words: str, page: int, size: int) -> Found:
        """What WordPress's own search finds, the most relevant first."""
        posts, total = await Api(self._fetcher, site.endpoint).found(words, page, size)
        return Found(tuple(document.article(post, site) for post in posts[:size]), total)

    async def terms(self, site: Site) -> Sequence[tuple[str, str]]:
        """The names of its most used categories, tags and authors; a listing that is closed gives none."""
        api = Api(self._fetcher, site.endpoint)
        terms: list[tuple[str, str]] = []
        for kind, route, order in LISTINGS:
            try:
                terms += [(kind, name) for name in await api.names(route, **order)]
            except SourceError as error:
                log.info("names cannot be listed", site=site.url, kind=kind, why=str(error))
        return terms

    async def term(self, site: Site, url: str) -> tuple[str, str] | None:
        """The category, tag or author whose page the URL is, by the slug at the end of its path."""
        try:
            found = await discover.listed_at(self._fetcher, site, url)
            if found is None:
                return None
            wanted, slug = found
            route = next(route for kind, route, _order in LISTINGS if kind == wanted)
            name = await Api(self._fetcher, site.endpoint).named(route, slug)
        except SourceError as error:
            log.info("what a page lists cannot be told", site=site.url, why=str(error))
            return None
        return (wanted, name) if name else None

    def doubt(self, endpoint: str) -> None:
        """The next look at a site takes no heartbeat's word: somebody says that there is news."""
        self._doubted.add(endpoint)

    async def articles(self, site: Site) -> Changes:
        """What changed since `site.cursor`; with an empty cursor nothing but the cursor."""
        if not site.cursor:
            return Changes(cursor=(await self._first_contact(Api(self._fetcher, site.endpoint))).dumps())
        watch = self._watches.setdefault(site.endpoint, _Watch())
        if site.endpoint in self._doubted:
            self._doubted.discard(site.endpoint)
            watch.known = None  # until a look has been whole
        unchanged = await self._unchanged(site, watch)
        thorough = watch.looks % self._limits.thorough_every == 0
        full = thorough or watch.looks % self._limits.full_every == 0
        if unchanged and not full and watch.known == hash(site.cursor):
            watch.looks += 1
            return Changes(cursor=site.cursor, rest=watch.rest)
        watch.known, api = None, Api(self._fetcher, site.endpoint)
        try:
            return await self._full(api, site, watch, thorough=thorough, unchanged=unchanged)
        finally:
            watch.looks += 1  # a thorough look that fails, too: the next one asks for less

    async def _full(self, api: Api, site: Site, watch: _Watch, *, thorough: bool, unchanged: bool) -> Changes:
        sight = await self._look(api, site, watch, thorough=thorough)
        harvest = _Harvest(sight.memory, site, self._limits)
        cut: SourceError | None = None
        try:
            await self._read(api, harvest)
            await self._verify(api, harvest, self._lasting(watch, sight.missing, thorough=thorough))
            await harvest.judge(api)
        except SourceError as error:
            if not harvest.tells:
                raise
            # Else a site that bears a few requests at once would never be read to the end.
            log.warning("a look was cut short", site=site.url, why=str(error))
            cut = error
        changes = harvest.changes()
        self._take_note(watch, changes, harvest.memory, unchanged=unchanged)
        watch.told, watch.read_to = hash(changes.cursor), sight.read_to
        if cut:
            watch.known = None
        patience = max((cut and cut.after) or 0, EACH * len(harvest.unreadable))
        return replace(changes, rest=watch.rest, moved=sight.moved, patience=patience)

    def _lasting(self, watch: _Watch, missing: Sequence[int], *, thorough: bool) -> Sequence[int]:
        """Of the missing posts those to be asked for now: none of a mass that has only just vanished."""
        if len(missing) <= self._limits.mass:
            watch.lost_at = None if thorough else watch.lost_at
            return missing
        if watch.lost_at is None:
            watch.lost_at = time.monotonic()
        return missing if time.monotonic() - watch.lost_at >= self._limits.lasting else ()

    async def _unchanged(self, site: Site, watch: _Watch) -> bool:
        """Whether the site's feed says so; one that says nothing is let alone for a while."""
        if watch.looks < watch.deaf or self._limits.full_every < 2:
            return False
        unchanged, watch.pulse = await feel(self._fetcher, site, watch.pulse)
        if not watch.pulse.tells:
            watch.pulse, watch.deaf = None, watch.looks + self._limits.deaf
        return unchanged

    def _take_note(self, watch: _Watch, changes: Changes, memory: Memory, *, unchanged: bool) -> None:
        """Remember what the pulse before this look stands for, and whether it can be trusted."""
        pulse = watch.pulse
        if pulse and unchanged and pulse.passed_over((*changes.new, *changes.changed)):
            log.info("a feed hides changes", feed=pulse.url)
            pulse = watch.pulse = None
            watch.deaf = watch.looks + self._limits.deaf
        watch.known = hash(changes.cursor) if pulse and pulse.settled and memory.rests else None
        watch.rest = max(memory.rhythm() / OFTEN, pulse.max_age if pulse else 0)

    async def proves(self, site: Site, there: str) -> bool:
        """Whether the API at that base shows what is remembered of the site."""
        page = await Api(self._fetcher, there).lines("date", 0, self._limits.page)
        return page is not None and Memory.loads(site.cursor).proves(page.lines)

    async def going_on(self, site: Site, before: Remembered) -> str:
        """The cursor with which a site that was read by its feed is read on; "" where it is not recognised."""
        memory = await self._first_contact(Api(self._fetcher, site.endpoint))
        if not before.recognises([Line(post_id, one.date, 0, one.slug) for post_id, one in memory.seen.items()]):
            return ""
        return memory.without(
            post_id for post_id, one in memory.seen.items() if before.is_later(post_id, one.date)
        ).dumps()

    async def _first_contact(self, api: Api) -> Memory:
        limits = self._limits
        by_date = await listed(api, limits, "date", lambda page: True, most=limits.first_pages)
        by_id = await listed(api, limits, "id", lambda page: False)
        return Memory.begin(by_date.lines, by_id.lines, whole=by_date.whole)

    async def _look(self, api: Api, site: Site, watch: _Watch, *, thorough: bool) -> _Sight:
        """What the listings show; SourceError where they come from elsewhere without proof that it is the same."""
        limits, memory = self._limits, Memory.loads(site.cursor)
        read_to = watch.read_to if watch.told == hash(site.cursor) else 0
        modified = await listed(
            api, limits, "modified", lambda page: more_changes(memory, page, read_to), first=limits.glance
        )
        by_date = await listed(api, limits, "date", lambda page: more_dates(memory, page, thorough=thorough))
        by_id = await listed(api, limits, "id", lambda page: more_ids(memory, page), first=limits.glance)
        moved = moving.whither(site, memory, api.led, by_date.lines)
        lines = (*modified.lines, *by_date.lines, *by_id.lines)
        noticed = memory.noticing(lines)
        missing = noticed.missing(by_date.lines, {line.id for line in lines}, whole=by_date.whole)
        return _Sight(noticed, missing, moved, modified.newest_change)

    async def _verify(self, api: Api, harvest: _Harvest, missing: Sequence[int]) -> None:
        """Ask for each missing post by itself: only the site's own word makes it withdrawn."""
        for post_id in missing[: self._limits.verified]:
            if harvest.memory.seen[post_id].modified == GONE:
                continue  # read again for its second's sake, and lost by that
            read = await _single(api, harvest, post_id)
            if read is not None:
                harvest.take(*read)
                # Readable but listed nowhere: not asked for again until a listing shows it.
                harvest.memory = harvest.memory.losing(post_id)

    async def _read(self, api: Api, harvest: _Harvest) -> None:
        waiting = harvest.memory.to_read(self._limits.read)
        ids = waiting + [post_id for post_id in harvest.memory.fresh if post_id not in waiting]
        for start in range(0, len(ids), self._limits.chunk):
            chunk = ids[start : start + self._limits.chunk]
            async for post, clock in _chunk(api, harvest, chunk):
                harvest.take(post, clock)
                harvest.read += 1
                await asyncio.sleep(0)  # a hundred posts in a row must not hold up the others


async def _chunk(api: Api, harvest: _Harvest, ids: Sequence[int]) -> AsyncIterator[tuple[dict[str, Any], float]]:
    """The posts, read together; those that do not come, and all of a damaged answer, one by one."""
    try:
        posts, clock = await api.posts(include=",".join(map(str, ids)), orderby="include", per_page=len(ids))
    except Damaged:
        posts, clock = [], 0.0
    for post in posts:
        if post["id"] in ids:
            yield post, clock
    for post_id in sorted(set(ids) - {post["id"] for post in posts}):
        read = await _single(api, harvest, post_id)
        if read is not None:
            yield read


async def _single(api: Api, harvest: _Harvest, post_id: int) -> tuple[dict[str, Any], float] | None:
    try:
        read = await api.post(post_id)
    except (Damaged, Closed) as error:
        if isinstance(error, Closed) and not any(isinstance(other, Closed) for other in harvest.unreadable.values()):
            await api.lines("date", 0, 1)  # the same error, where it is the API that was closed meanwhile
        harvest.unreadable[post_id] = error
        return None
    if read is None:
        harvest.lose(post_id)
    return read
