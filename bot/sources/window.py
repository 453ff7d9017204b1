"""What is remembered of a feed between two looks: the cursor. Pure thinking.

A feed is a window on the newest articles. What stands in it and was never seen is new where its number or its date is
higher than all that there was at first contact, or where it stands above something known; else it is an old one, which
the window shows since one above was withdrawn or the window has grown.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from bot.errors import SourceError
from bot.sources.entries import HASHED, Entry
from bot.words import N_

VERSION = 1
LONGEST_URL, LONGEST_VALIDATOR = 500, 200
TELL = ""
"""In place of a digest: told again when it is seen again."""


@dataclass(frozen=True, slots=True)
class Known:
    """An article as last seen; `url` where it is to be asked for when it is missing: while it stands in the feed.

    `missing`: it was taken out of the feed's midst, and its own URL has not said yet why.
    """

    id: int
    digest: str
    date: int = 0
    url: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The cursor: what is known, the newest first, and the feed's validators.

    `base`: no post of WordPress with a higher number, and `newest`: none with a later date, was public at first contact
    (or was forgotten since).
    """

    known: tuple[Known, ...] = ()
    base: int = 0
    newest: int = 0
    etag: str = ""
    modified: str = ""

    @classmethod
    def begin(cls, entries: Sequence[Entry]) -> Self:
        """First contact: all that stands is known, nothing is told."""
        return cls().seeing(entries)[0]._forgetting(entries)

    def _forgetting(self, gone: Sequence[Entry | Known]) -> Self:
        """The window in which nothing as old as these is ever new."""
        numbers = [one.id for one in gone if one.id < HASHED]
        return replace(self, base=max([self.base, *numbers]), newest=max([self.newest, *(one.date for one in gone)]))

    def seeing(self, entries: Sequence[Entry]) -> tuple[Self, list[Entry], list[Entry]]:
        """The window with what a feed shows, newest first; and what of that is new, and what has changed."""
        before = {known.id: known for known in self.known}
        listed = {entry.id for entry in entries}
        last = max((place for place, entry in enumerate(entries) if entry.id in before), default=-1)
        new = [
            entry for place, entry in enumerate(entries) if entry.id not in before and self._is_new(entry, place, last)
        ]
        changed = [entry for entry in entries if entry.id in before and before[entry.id].digest != entry.digest]
        shown = [Known(one.id, one.digest, one.date, _kept(one.article.url, LONGEST_URL)) for one in entries]
        lowest = max((place for place, known in enumerate(self.known) if known.id in listed), default=-1)
        rest = [_left(known, above=place < lowest) for place, known in enumerate(self.known) if known.id not in listed]
        seen = replace(self, known=(*shown, *rest))
        return seen, new, changed

    def _is_new(self, entry: Entry, place: int, last: int) -> bool:
        """Whether an article that is not known is new; `last` is the place of the last that is known, -1 for none."""
        if self.base < entry.id < HASHED or entry.date > self.newest or place < last:
            return True
        return last < 0 and not entry.date

    def missing(self) -> list[Known]:
        """What was taken out of the feed's midst and is to be asked for."""
        return [known for known in self.known if known.missing]

    def losing(self, article_id: int) -> Self:
        """The site says that it is gone: should it come back, that is told."""
        return self._with(article_id, digest=TELL, url="", missing=False)

    def leaving(self, article_id: int) -> Self:
        """It is not in the feed, and there all the same."""
        return self._with(article_id, url="", missing=False)

    def _with(self, article_id: int, **values: Any) -> Self:
        known = tuple(replace(one, **values) if one.id == article_id else one for one in self.known)
        return replace(self, known=known)

    def trimmed(self, capacity: int) -> Self:
        """The window with so many at most, and all that it shows."""
        kept, gone = self.known[:capacity], self.known[capacity:]
        return replace(self._forgetting(gone), known=kept)

    def rhythm(self) -> float:
        """Seconds from one article to the next, as the dates of those in the feed tell; 0 where they do not."""
        dates = [known.date for known in self.known if known.url and known.date]
        return (max(dates) - min(dates)) / (len(dates) - 1) if len(dates) > 1 else 0

    def validated(self, etag: str, modified: str) -> Self:
        """The window with the feed's validators; one that is too long for one is none."""
        return replace(self, etag=_kept(etag, LONGEST_VALIDATOR), modified=_kept(modified, LONGEST_VALIDATOR))

    def dumps(self) -> str:
        """As text for the database; the same window gives the same text."""
        known = [[one.id, one.digest, one.date, one.url, one.missing] for one in self.known]
        values = {"base": self.base, "newest": self.newest, "etag": self.etag, "modified": self.modified}
        return json.dumps({"feed": VERSION, **values, "known": known}, separators=(",", ":"))

    @classmethod
    def loads(cls, cursor: str) -> Self:
        """What `dumps` wrote; SourceError when it wrote something else."""
        try:
            told = json.loads(cursor)
            known = tuple(Known(*values) for values in told["known"])
            made = cls(known, told["base"], told["newest"], told["etag"], told["modified"])
        except (ValueError, KeyError, TypeError):
            why = N_("This site's cursor is damaged; unsubscribe and subscribe again to start anew.")
            raise SourceError(why) from None
        if told["feed"] != VERSION:
            raise SourceError(N_("This site's cursor was written by another version of Pullquote; use that one."))
        return made


def _kept(text: str, most: int) -> str:
    """The text, or nothing: a part of it would be another one."""
    return text if len(text) <= most else ""


def _left(known: Known, *, above: bool) -> Known:
    """A known article that the feed does not show: it slid off, or was taken out from above others."""
    missing = bool(known.url) and (above or known.missing)
    return replace(known, missing=missing, url=known.url if missing else "")
