"""Whether a site that answers from elsewhere, or otherwise than before, is still the same one. Pure thinking."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from bot.errors import SourceError
from bot.fetch import shown
from bot.model import Article, Site
from bot.sources.lines import Line, mark
from bot.sources.memory import Known, Memory
from bot.sources.window import Window
from bot.text import place, places
from bot.words import N_

NOT_THE_SAME = N_(
    "{url} leads to {where} now, which does not show what was published here before: nothing is taken from there. "
    "Where the publication has moved, give its new address: settings site={url} url=ADDRESS"
)


def whither(site: Site, memory: Memory, led: Mapping[str, bool], by_date: Collection[Line]) -> str:
    """The base to which all listings led for good, where it shows the same posts; "" where they did not.

    SourceError where they came from another place, and nothing proves that it is the same site: a lapsed domain.
    """
    others = led.keys() - {site.endpoint}
    if not others:
        return ""
    proved = memory.proves(by_date)
    if not proved and memory.seen and any(places(base).isdisjoint(site.places) for base in others):
        raise SourceError(NOT_THE_SAME, url=site.url, where=shown(min(others)))
    return others.pop() if proved and len(led) == 1 and all(led.values()) else ""


ENOUGH = 2
"""Articles by which one way of reading a site recognises the other's."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a cursor holds of a site's articles, whichever reader wrote it; `newest`: no date that it knows is later."""

    posts: Mapping[int, Known]
    newest: int

    @classmethod
    def of_memory(cls, cursor: str) -> Self:
        """What is remembered of a site that is read by its API."""
        return cls._of(Memory.loads(cursor).seen)

    @classmethod
    def of_window(cls, cursor: str) -> Self:
        """What is remembered of a site that is read by its feed."""
        known = Window.loads(cursor).known
        return cls._of({one.id: Known(one.date, 0, slug=mark(_slug(one.url))) for one in known})

    @classmethod
    def _of(cls, posts: Mapping[int, Known]) -> Self:
        return cls(posts, max((known.date for known in posts.values()), default=0))

    def recognises(self, lines: Collection[Line]) -> bool:
        """Whether some of these are remembered as they are, or the only one; and none is another under its number."""
        kept = {line.id: self.posts[line.id].kept(line) for line in lines if line.id in self.posts}
        same = [count for id_, count in kept.items() if count > 1 or (count and not self.posts[id_].slug)]
        return 0 < min(ENOUGH, len(self.posts)) <= len(same) and min(kept.values()) >= 0

    def is_later(self, id_: int, date: int) -> bool:
        """Whether it was published since the last look."""
        return id_ not in self.posts and date > self.newest


def line_of(article: Article) -> Line:
    """An article as a listing would tell it."""
    date = int(article.published.timestamp()) if article.published else 0
    return Line(article.id, date, 0, mark(_slug(article.url)), mark(article.title))


def _slug(url: str) -> str:
    """The last part of an address that has a path; what only has a number in its query tells no slug."""
    return "" if "?" in url else place(url).partition("/")[2].rpartition("/")[2]
