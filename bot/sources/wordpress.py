"""The WordPress source: what a site published, corrected and withdrew since the last look.

heartbeat ──► nothing, mostly: the feed is as it was
three light listings ──► Memory.noticing ──► missing ones asked for singly ──► pending ones read in full ──► Changes
(by modified, date, id)  (what is new)       (withdrawn, or only moved)        (at most 100, the rest waits)

A date alone decides nothing: scheduled posts appear with old dates, imported ones with older, two edits share a second.
Every tenth look pages through all that is remembered, so that what a listing's top hid comes to light too, and every
fifth one takes no heartbeat's word; nor does one that somebody asked for who says that there is news.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from bot.errors import SourceError
from bot.fetch import Fetcher, Response
from bot.filters import Kind
from bot.model import Article, Site
from bot.ports import Changes, Found
from bot.sources import discover, document, editions
from bot.sources.heartbeat import SETTLED, Pulse, feel
from bot.sources.memory import OVERLAP, Memory
from bot.sources.rest import PUBLIC_API, Api, Damaged, Line, Page, seconds

OFTEN = 20
"""A site is looked at so many times while it publishes one post, where that is within bounds."""
FEW = 2
"""Posts that cannot be read, up to which it is the posts and not the site."""
LISTINGS: tuple[tuple[Kind, str, dict[str, str]], ...] = (
    (Kind.CATEGORY, "/wp/v2/categories", {"orderby": "count", "order": "desc"}),
    (Kind.TAG, "/wp/v2/tags", {"orderby": "count", "order": "desc"}),
    (Kind.AUTHOR, "/wp/v2/users", {}),
)
"""Where the names stand that posts can be filtered by."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is asked for: posts a listing's page (WordPress gives at most 100), pages, posts read in full.

    `step_back`: posts listed twice where two pages meet, so that a deletion meanwhile lets none slip through.
    `deaf`: the looks for which a feed that told nothing, or not all, is not asked.
    """

    page: int = 100
    glance: int = 20
    step_back: int = 10
    first_pages: int = 10
    pages: int = 100
    thorough_every: int = 10
    full_every: int = 5
    deaf: int = 100
    chunk: int = 20
    read: int = 100
    verified: int = 50
    fresh: int = 20
    capacity: int = 1200


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listing:
    """Posts newest first, without gaps; `whole` when the end was reached."""

    lines: tuple[Line, ...] = ()
    whole: bool = False


@dataclass(slots=True)
class _Harvest:
    """What one poll read: the memory as it grows, and what is to be told."""

    memory: Memory
    site: Site
    limits: Limits
    new: list[Article] = field(default_factory=list)
    changed: list[Article] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    unreadable: list[Damaged] = field(default_factory=list)

    def take(self, post: dict[str, Any], clock: float) -> None:
        """Tell a post that was read; once more the same content, read again for its second's sake, is not told."""
        line = Line(post["id"], seconds(post.get("date_gmt")), seconds(post.get("modified_gmt")))
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
        """Tell that nobody can read the post any more, when it was told before."""
        if self.memory.was_told(post_id):
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


def _name(cursor: str) -> str:
    return hashlib.blake2b(cursor.encode(), digest_size=8).hexdigest()


def _digest(post: dict[str, Any]) -> str:
    text = json.dumps(post, sort_keys=True)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


@dataclass(slots=True)
class _Watch:
    """How a site has been watched by this process: looks, and the pulse at the last one.

    `known` names the cursor with which all was read that the pulse stands for; "" where there may be more. `deaf`: the
    look up to which the feed is not asked. `rest`: what was told of it at the last full look.
    """

    looks: int = 0
    pulse: Pulse | None = None
    known: str = ""
    deaf: int = 0
    rest: float = 0


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
        api = Api(self._fetcher, site.endpoint)
        if not site.cursor:
            return Changes(cursor=(await self._first_contact(api)).dumps())
        watch = self._watches.setdefault(site.endpoint, _Watch())
        if site.endpoint in self._doubted:
            self._doubted.discard(site.endpoint)
            watch.known = ""  # until a look has been whole
        unchanged = await self._unchanged(site, watch)
        thorough = watch.looks % self._limits.thorough_every == 0
        full = thorough or watch.looks % self._limits.full_every == 0
        if unchanged and not full and watch.known == _name(site.cursor):
            watch.looks += 1
            return Changes(cursor=site.cursor, rest=watch.rest)
        watch.known = ""
        memory = Memory.loads(site.cursor)
        memory, missing = await self._look(api, memory, thorough=thorough)
        harvest = _Harvest(memory, site, self._limits)
        await self._verify(api, harvest, missing)
        await self._read(api, harvest)
        changes = harvest.changes()
        self._take_note(watch, changes, harvest.memory, unchanged=unchanged)
        return replace(changes, rest=watch.rest)

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
        watch.known = _name(changes.cursor) if pulse and pulse.settled and memory.rests else ""
        watch.rest = max(memory.rhythm() / OFTEN, pulse.max_age if pulse else 0)
        watch.looks += 1

    async def _first_contact(self, api: Api) -> Memory:
        by_date = await self._listing(api, "date", lambda page: True, most=self._limits.first_pages)
        by_id = await self._listing(api, "id", lambda page: False)
        return Memory.begin(by_date.lines, by_id.lines, whole=by_date.whole)

    async def _look(self, api: Api, memory: Memory, *, thorough: bool) -> tuple[Memory, list[int]]:
        """The memory with what the listings show, and the ids of the posts that they should show and do not."""
        glance = self._limits.glance
        modified = await self._listing(api, "modified", lambda page: _more_changes(memory, page), first=glance)
        by_date = await self._listing(api, "date", lambda page: _more_dates(memory, page, thorough))
        by_id = await self._listing(api, "id", lambda page: _more_ids(memory, page), first=glance)
        lines = (*modified.lines, *by_date.lines, *by_id.lines)
        noticed = memory.noticing(lines)
        return noticed, noticed.missing(by_date.lines, {line.id for line in lines}, whole=by_date.whole)

    async def _listing(
        self, api: Api, order: str, go_on: Callable[[Page], bool], *, first: int = 0, most: int = 0
    ) -> Listing:
        """Posts newest first: `first` of them, then whole pages while `go_on` says so of the last; `most` pages."""
        limits = self._limits
        lines: dict[int, Line] = {}
        offset, count = 0, first or limits.page
        for _ in range(most or limits.pages):
            page = await api.lines(order, offset, count)
            if page is None:
                return Listing(tuple(lines.values()), whole=True)
            met = not offset or not page.lines or any(line.id in lines for line in page.lines)
            known = len(lines)
            lines |= {line.id: line for line in page.lines}
            if not met:
                # More was deleted meanwhile than two pages share: back to where they surely meet.
                offset = max(offset - limits.page, 0)
                continue
            if page.total is not None and offset + count >= page.total:
                return Listing(tuple(lines.values()), whole=True)
            if page.lines and not (len(lines) > known and go_on(page)):
                break
            offset, count = max(offset + count - limits.step_back, 0), limits.page
        return Listing(tuple(lines.values()))

    async def _verify(self, api: Api, harvest: _Harvest, missing: Sequence[int]) -> None:
        """Ask for each missing post by itself: only the site's own word makes it withdrawn."""
        for post_id in missing[: self._limits.verified]:
            read = await _single(api, harvest, post_id)
            if read is not None:
                harvest.take(*read)
                # Readable but listed nowhere: not asked for again until a listing shows it.
                harvest.memory = harvest.memory.losing(post_id)

    async def _read(self, api: Api, harvest: _Harvest) -> None:
        waiting = harvest.memory.to_read(self._limits.read)
        ids = waiting + [post_id for post_id in harvest.memory.fresh if post_id not in waiting]
        told = 0
        for start in range(0, len(ids), self._limits.chunk):
            chunk = ids[start : start + self._limits.chunk]
            for post, clock in await _chunk(api, harvest, chunk):
                harvest.take(post, clock)
                told += 1
        if len(harvest.unreadable) > FEW and not told:
            raise harvest.unreadable[0]  # not this post or that: the site
        for error in harvest.unreadable:
            log.warning("a post cannot be read; it is tried again", site=harvest.site.url, why=str(error))


async def _chunk(api: Api, harvest: _Harvest, ids: Sequence[int]) -> list[tuple[dict[str, Any], float]]:
    """The posts, read together; those that do not come, and all of a damaged answer, one by one."""
    try:
        posts, clock = await api.posts(include=",".join(map(str, ids)), orderby="include", per_page=len(ids))
    except Damaged:
        posts, clock = [], 0.0
    found = [(post, clock) for post in posts if post["id"] in ids]
    for post_id in sorted(set(ids) - {post["id"] for post in posts}):
        read = await _single(api, harvest, post_id)
        if read is not None:
            found.append(read)
    return found


async def _single(api: Api, harvest: _Harvest, post_id: int) -> tuple[dict[str, Any], float] | None:
    try:
        read = await api.post(post_id)
    except Damaged as error:
        harvest.unreadable.append(error)
        return None
    if read is None:
        harvest.lose(post_id)
    return read


def _more_changes(memory: Memory, page: Page) -> bool:
    last = page.lines[-1]
    return not memory.is_settled(last) and last.modified >= memory.newest_change(page.clock) - OVERLAP


def _more_dates(memory: Memory, page: Page, thorough: bool) -> bool:
    last = page.lines[-1]
    if memory.horizon is not None and last.date <= memory.horizon:
        return False
    return thorough or last.id not in memory.seen


def _more_ids(memory: Memory, page: Page) -> bool:
    last = page.lines[-1]
    return last.id > memory.base and last.id not in memory.seen
