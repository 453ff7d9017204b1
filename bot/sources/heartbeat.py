"""Whether anything can have changed at a site: one question for its feed's head, which WordPress answers from a date.

The feed's validators tell of no withdrawal, of no post with dates older than the last change, and of nothing where a
cache keeps the feed: so a full look follows at every `Limits.full_every`th look in any case, and a feed that is seen
to have passed over a change is not asked for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from yarl import URL

from bot.errors import SourceError
from bot.fetch import Fetcher, Response, http_date
from bot.model import Article, Site

SETTLED = 10
"""Seconds after a change from which its second is certainly over; covers crooked clocks."""

MOST_PATIENCE = 3600.0
"""Seconds of a feed's `max-age` that are believed."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a feed said of its state: where it is in the end, its validators, and for how many seconds that holds.

    `settled`: the last change is so long past that its second holds no other one.
    """

    url: str
    etag: str = ""
    modified: str = ""
    max_age: float = 0
    settled: bool = False

    @property
    def tells(self) -> bool:
        """Whether a change would show: there is a validator that WordPress recognises."""
        return bool(self.etag or self.modified)

    def conditions(self) -> dict[str, str]:
        """The request's headers; a weak tag, which only a proxy can have made, is another one to WordPress."""
        sent = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in sent.items() if value}

    def passed_over(self, articles: Iterable[Article]) -> bool:
        """Whether one of these, found though the feed had not changed, is younger than all the feed knows of."""
        last = http_date(self.modified)
        return any(last is None or (article.modified and article.modified.timestamp() > last) for article in articles)


async def feel(fetcher: Fetcher, site: Site, last: Pulse | None) -> tuple[bool, Pulse]:
    """Whether the feed is as it was at the last pulse, and its pulse now; one that tells nothing where it has none."""
    url = last.url if last else str(URL(site.url).update_query(feed="rss2"))
    conditions = last.conditions() if last else {}
    try:
        answer = await fetcher.get(url, method="HEAD", headers=conditions, accept="application/rss+xml, */*;q=0.1")
    except SourceError:
        return False, Pulse(url)
    if answer.status == 304 and last is not None:
        return True, last if last.settled else replace(last, settled=settled(last.modified, answer))
    return False, _read(answer)


def _read(answer: Response) -> Pulse:
    if answer.status != 200 or not answer.content_type.endswith("xml"):
        return Pulse(answer.url)
    etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
    return Pulse(
        answer.url,
        "" if etag.startswith("W/") else etag,
        modified,
        max_age(answer.headers.get("Cache-Control", "")),
        settled=settled(modified, answer),
    )


def settled(modified: str, answer: Response) -> bool:
    """Whether the last change is so long past that its second holds no other one."""
    last = http_date(modified)
    return last is None or answer.clock - last > SETTLED


def max_age(said: str) -> float:
    """Seconds for which a Cache-Control header lets an answer be kept, at most an hour."""
    for part in said.lower().split(","):
        name, _equals, value = part.strip().partition("=")
        if name == "max-age" and value.isascii() and value.isdigit():
            return min(float(value), MOST_PATIENCE)
    return 0
