"""WebSub: where a site's feed names a hub, the hub is asked to tell when the feed changes.

    feed names a hub ──► hub.mode=subscribe ──► the hub asks back (`verify`) ──► it tells (`hear`) ──► an early look

One subscription a site, kept in the database; it is renewed before it ends and given up with the site's last follower.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web
from yarl import URL

from bot.errors import SourceError, StoreError
from bot.fetch import Fetcher
from bot.model import Site
from bot.ports import Clock, Keep
from bot.store import Door, SiteHealth, Store
from bot.web.hubs import hub_of, is_signed
from bot.web.incoming import body_of

TICK = 30.0
AT_ONCE = 4
DAY, HOUR = timedelta(days=1).total_seconds(), timedelta(hours=1).total_seconds()
LEASE = 10 * DAY
"""Seconds that a hub is asked for; it may grant others."""

LONGEST_LEASE, SHORTEST_LEASE = 30 * DAY, 60.0
RENEWED = 0.8
"""The part of a lease after which it is renewed."""

MOST_BYTES = 4 * 1024 * 1024
MOST_LEFT = 1000

log = structlog.get_logger()


@dataclass(slots=True)
class Watch:
    """What is known of one site's hub; moments are seconds since 1970, `hub` is "" where the feed names none.

    `id` is the unguessable end of the callback; `asked` is 0 once the hub has confirmed, `lease` is 0 before.
    """

    endpoint: str
    checked: float = 0
    hub: str = ""
    topic: str = ""
    id: str = ""
    secret: str = ""
    asked: float = 0
    since: float = 0
    lease: float = 0

    @property
    def renewal(self) -> float:
        """The moment from which the hub is to be asked, first or again."""
        wait = HOUR if self.lease else DAY
        return max(self.since + self.lease * RENEWED, self.asked + wait if self.asked else 0)

    def is_due(self, now: float) -> bool:
        """Whether the feed is to be looked at, or the hub to be asked."""
        return now >= self.checked + DAY or bool(self.hub and now >= self.renewal)


class WebSub:
    """The subscriptions at hubs, and what hubs send to them."""

    def __init__(
        self,
        public_url: str,
        store: Store,
        door: Door,
        clock: Clock,
        keep: Keep,
        fetcher: Fetcher,
        look: Callable[[int], None],
    ) -> None:
        self._url, self._store, self._door, self._clock = public_url, store, door, clock
        self._keep, self._fetcher, self._look = keep, fetcher, look
        self._watches: dict[int, Watch] = {}
        self._sites: dict[str, int] = {}
        self._left: dict[str, str] = {}

    async def load(self) -> None:
        """Take up what is kept; before the first hub may call."""
        for one in await self._door(self._store.health):
            kept = await self._keep.get(str(one.site.id))
            if kept and one.site.id is not None:
                watch = Watch(**json.loads(kept))
                self._watches[one.site.id] = watch
                if watch.id:
                    self._sites[watch.id] = one.site.id

    async def run(self) -> None:
        """Until cancelled: ask hubs, renew, take leave."""
        while True:
            try:
                await self.tend()
            except StoreError as error:
                log.error("hubs are not asked: the database cannot be", error=str(error))
            except Exception:  # a defect here must not stop what was told already
                log.exception("unexpected; hubs are asked again")
            await self._clock.sleep(TICK)

    async def tend(self) -> None:
        """What is due now at every site."""
        followed = {one.site.id: one for one in await self._door(self._store.health) if one.channels and one.site.id}
        for site_id, watch in list(self._watches.items()):
            one = followed.get(site_id)
            if one is None or one.site.endpoint != watch.endpoint:
                await self._leave(site_id, watch)
        free = asyncio.Semaphore(AT_ONCE)

        async def each(one: SiteHealth) -> None:
            async with free:
                await self._tend(one)

        await asyncio.gather(*(each(one) for one in followed.values() if self._is_due(one)))

    def _is_due(self, one: SiteHealth) -> bool:
        watch = self._watches.get(one.site.id or 0)
        return not one.trouble and (watch is None or watch.is_due(self._now))

    @property
    def _now(self) -> float:
        return self._clock.now().timestamp()

    async def _tend(self, one: SiteHealth) -> None:
        site_id = one.site.id or 0
        watch = self._watches.setdefault(site_id, Watch(one.site.endpoint))
        if self._now >= watch.checked + DAY:
            watch = await self._check(site_id, watch, one.site)
        if watch.hub and self._now >= watch.renewal:
            watch.asked = self._now
            await self._put(site_id, watch)  # the hub may ask back before it answers
            await self._ask("subscribe", watch)

    async def _check(self, site_id: int, watch: Watch, site: Site) -> Watch:
        """The watch as the site's feed has it now."""
        url = site.endpoint if site.reader == "feed" else str(URL(site.url).update_query(feed="rss2"))
        try:
            feed = await self._fetcher.get(url, accept="application/rss+xml, application/atom+xml;q=0.9, */*;q=0.1")
        except SourceError as error:
            log.info("no feed was read to look for a hub", site=site.url, why=str(error))
            watch.checked = self._now - DAY + HOUR
            return watch
        hub, topic = (hub_of(feed) if feed.status == 200 else None) or ("", "")
        if (hub, topic) != (watch.hub, watch.topic):
            await self._leave(site_id, watch)
            watch = Watch(watch.endpoint, 0, hub, topic)
            if hub:
                watch.id, watch.secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
                self._sites[watch.id] = site_id
            self._watches[site_id] = watch
        watch.checked = self._now
        await self._put(site_id, watch)
        return watch

    async def _leave(self, site_id: int, watch: Watch) -> None:
        self._watches.pop(site_id, None)
        await self._keep.put(str(site_id), "")
        if watch.id:
            self._sites.pop(watch.id, None)
            self._left[watch.id] = watch.topic
            for forgotten in list(self._left)[:-MOST_LEFT]:
                del self._left[forgotten]
            await self._ask("unsubscribe", watch)

    async def _ask(self, mode: str, watch: Watch) -> None:
        form = {"hub.mode": mode, "hub.topic": watch.topic, "hub.callback": f"{self._url}/websub/{watch.id}"}
        form["hub.verify"] = "sync"  # wordpress.com's hub speaks PubSubHubbub 0.3, which wants it; the others ignore it
        if mode == "subscribe":
            form |= {"hub.secret": watch.secret, "hub.lease_seconds": f"{LEASE:.0f}"}
        try:
            answer = await self._fetcher.post(watch.hub, form)
        except SourceError as error:
            log.warning("a hub was not asked", mode=mode, topic=watch.topic, why=str(error))
            return
        if answer.status // 100 == 2:
            log.info("a hub was asked", mode=mode, hub=watch.hub, topic=watch.topic)
        else:
            log.warning("a hub did not agree", mode=mode, hub=watch.hub, topic=watch.topic, status=answer.status)

    async def _put(self, site_id: int, watch: Watch) -> None:
        await self._keep.put(str(site_id), json.dumps(asdict(watch)))

    async def verify(self, request: web.Request) -> web.Response:
        """The hub asks back whether it is wished so: the challenge where it is, 404 where it is not."""
        asked, token = request.query, request.match_info["id"]
        mode, topic = asked.get("hub.mode", ""), asked.get("hub.topic", "")
        site_id = self._sites.get(token)
        watch = self._watches.get(site_id or 0)
        if site_id is None or watch is None:
            if mode != "unsubscribe" or not topic or self._left.get(token) != topic:
                raise web.HTTPNotFound
            del self._left[token]
        elif topic != watch.topic or mode not in {"subscribe", "denied"}:
            raise web.HTTPNotFound
        elif mode == "denied":
            log.warning("a hub refuses", hub=watch.hub, topic=topic, why=asked.get("hub.reason", "")[:200])
            watch.since, watch.lease, watch.asked = 0, 0, self._now
            await self._put(site_id, watch)
        else:
            watch.since, watch.lease, watch.asked = self._now, _lease(asked.get("hub.lease_seconds", "")), 0
            await self._put(site_id, watch)
            log.info("a hub will tell", hub=watch.hub, topic=topic, for_seconds=watch.lease)
        return web.Response(text=asked.get("hub.challenge", ""))

    async def hear(self, request: web.Request) -> web.Response:
        """What the hub sends: that it came, signed, is all that is taken of it. Who is wrong is not told so."""
        site_id = self._sites.get(request.match_info["id"])
        watch = self._watches.get(site_id or 0)
        if site_id is None or watch is None:
            raise web.HTTPGone
        body = await body_of(request, MOST_BYTES)
        if any(is_signed(one, watch.secret, body) for one in request.headers.getall("X-Hub-Signature", ())):
            self._look(site_id)
        else:
            log.warning("what a hub sent is not signed as agreed", hub=watch.hub, topic=watch.topic)
        return web.Response(status=202)


def _lease(seconds: Any) -> float:
    told = float(seconds) if seconds.isascii() and seconds.isdigit() else LEASE
    return min(max(told, SHORTEST_LEASE), LONGEST_LEASE)
