"""What is remembered of a site between two polls: the cursor. Pure thinking; dates are never trusted alone.

A post is new when it was not public at first contact and has not been told since. That is known for certain as far
as the memory reaches back: all posts of a small site, the newest thousand of a large one. Behind that horizon an
unknown post is new only when its id is higher than any that was known then; else it is an old post that was edited.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Self

from bot.errors import SourceError
from bot.sources.lines import Line
from bot.words import N_

VERSION = 2
READABLE = frozenset({1, VERSION})
"""Cursors of 1 hold no marks."""
NEVER, TOLD, ANOTHER = 0, 1, 2
"""Whether a post was ever told, or stood before first contact; or another one that had its number, and it was not."""
GONE = -1
"""In place of `modified`: the post is in no list any more."""
FOLD = 2 * 3600
"""Seconds by which the order of local times (WordPress sorts by them) may contradict UTC, with room."""
NEWEST, ENOUGH = 10, 3
"""So many of the newest posts, and so many of all older ones, have to be as they are remembered to prove a site."""
OVERLAP = 120
"""Seconds by which clocks, caches and commits may put a change before the newest one that is known."""


@dataclass(frozen=True, slots=True)
class Known:
    """A post as last read: its dates in Unix seconds, and whether it was ever told.

    `slug` and `title` are the marks of a `Line`, "" while they are not known.
    """

    date: int
    modified: int
    told: int = TOLD
    slug: str = ""
    title: str = ""

    @classmethod
    def of(cls, line: Line, told: int = TOLD) -> Self:
        """The post of a listing's line."""
        return cls(line.date, line.modified, told, line.slug, line.title)

    def edited(self, line: Line) -> Self:
        """The post with a change to be read; or the one that was given its number, after a backup was restored."""
        if self.kept(line) >= 0:
            return replace(self, date=line.date)
        return self.of(line, ANOTHER if self.told else NEVER)

    def kept(self, line: Line) -> int:
        """How many of date, slug and title are told here and there and the same; -1 where all are told and others."""
        pairs = ((self.date, line.date), (self.slug, line.slug), (self.title, line.title))
        told = [one == other for one, other in pairs if one and other]
        return sum(told) if any(told) or len(told) < len(pairs) else -1


@dataclass(frozen=True, slots=True)
class Memory:
    """The cursor.

    `base`: no post with a higher id was public at first contact (or was forgotten since). `horizon`: all posts
    dated later were known then; None when simply all were. `pending`: noticed, still to be read. `fresh`: read so
    soon after their last change that the same second may hold another; with a digest of what was read.
    """

    base: int = 0
    horizon: int | None = None
    seen: Mapping[int, Known] = field(default_factory=dict)
    pending: frozenset[int] = frozenset()
    fresh: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def begin(cls, by_date: Collection[Line], by_id: Collection[Line], *, whole: bool) -> Self:
        """First contact: all that stands is known, nothing is told."""
        seen = {line.id: Known.of(line) for line in (*by_date, *by_id)}
        dates = [line.date for line in by_date]
        return cls(max(seen, default=0), None if whole else min(dates, default=0) + FOLD, seen)

    def without(self, ids: Iterable[int]) -> Self:
        """First contact without these posts, which were published since the site was read otherwise: they are new."""
        gone = {*ids}
        seen = {post_id: known for post_id, known in self.seen.items() if post_id not in gone}
        return replace(self, base=max(seen, default=0), seen=seen)

    def is_new(self, line: Line) -> bool:
        """Whether an unknown post was certainly not public at first contact."""
        return self.horizon is None or line.id > self.base or line.date > self.horizon

    def is_settled(self, line: Line) -> bool:
        """Whether the post is known as it is listed."""
        known = self.seen.get(line.id)
        return known is not None and known.modified == line.modified

    def is_news(self, line: Line) -> bool:
        """Whether there is something in the line to be noticed; of a post of the archive there is not."""
        known = self.seen.get(line.id)
        return self.is_new(line) if known is None else known.modified != line.modified and line.id not in self.pending

    def newest_change(self, clock: float) -> int:
        """The newest `modified` that is known and not of the future."""
        return max((known.modified for known in self.seen.values() if known.modified <= clock + OVERLAP), default=0)

    def noticing(self, lines: Iterable[Line]) -> Self:
        """With what is new or changed in the listings put down to be read."""
        newest: dict[int, Line] = {}
        for line in lines:
            if line.id not in newest or newest[line.id].modified < line.modified:
                newest[line.id] = line
        seen, pending = dict(self.seen), set(self.pending)
        for line in newest.values():
            known = seen.get(line.id)
            if known is None and self.is_new(line):
                seen[line.id] = Known.of(line, NEVER)
                pending.add(line.id)
            elif known is not None and known.modified != line.modified:
                seen[line.id] = known.edited(line)
                pending.add(line.id)
            elif known is not None and (line.slug, line.title) != (known.slug, known.title):
                seen[line.id] = replace(known, slug=line.slug, title=line.title)
        return replace(self, seen=seen, pending=frozenset(pending))

    def missing(self, by_date: Collection[Line], listed: Collection[int], *, whole: bool) -> list[int]:
        """Posts that the listing by date should show and does not, newest first; none of `listed` and pending ones."""
        lowest = -1 if whole else min((line.date for line in by_date), default=0) + FOLD
        lost = (
            (known.date, post_id)
            for post_id, known in self.seen.items()
            if known.modified != GONE and known.date > lowest and post_id not in listed and post_id not in self.pending
        )
        return [post_id for _, post_id in sorted(lost, reverse=True)]

    def rhythm(self) -> float:
        """Seconds between two posts, as a rule, of the last dozen; 0 where there are too few to tell."""
        dates = heapq.nlargest(12, (known.date for known in self.seen.values() if known.modified != GONE))
        gaps = sorted(later - earlier for later, earlier in pairwise(dates))
        return gaps[len(gaps) // 2] if len(gaps) > 2 else 0

    def proves(self, lines: Collection[Line]) -> bool:
        """Whether a listing by date is the same site's: of its newest posts and older ones enough are as remembered.

        Of a few posts, each; and none is another one. Dates, slugs and titles are anybody's to copy, but a domain that
        somebody else has now shows what its new owner writes.
        """
        kept = {line.id: self.seen[line.id].kept(line) for line in lines if line.id in self.seen}
        if min(kept.values(), default=-1) < 0:
            return False
        standing = [post_id for post_id, known in self.seen.items() if known.modified != GONE]
        standing.sort(key=lambda post_id: self.seen[post_id].date, reverse=True)
        lowest = min(line.date for line in lines)
        older = [post_id for post_id in standing[NEWEST:] if self.seen[post_id].date > lowest]
        same = {post_id for post_id, count in kept.items() if count > 1 or (count and not self.seen[post_id].slug)}
        return all(len(same & {*group}) >= min(ENOUGH, len(group)) for group in (standing[:NEWEST], older))

    @property
    def rests(self) -> bool:
        """Whether there is nothing to read, or to read again."""
        return not self.pending and not self.fresh

    def to_read(self, most: int) -> list[int]:
        """What to read in full now: first the new, oldest first, then the changed."""
        key = {post_id: (self.seen[post_id].told == TOLD, self.seen[post_id].date, post_id) for post_id in self.pending}
        return sorted(key, key=lambda post_id: key[post_id])[:most]

    def was_told(self, post_id: int) -> bool:
        """Whether the post is one that was told before, or stood before first contact."""
        known = self.seen.get(post_id)
        return known is None or known.told == TOLD

    def was_shown(self, post_id: int) -> bool:
        """Whether an article may stand somewhere under that number."""
        known = self.seen.get(post_id)
        return known is None or known.told != NEVER

    def reading(self, line: Line) -> Self:
        """With the post read and told, as it was read."""
        return self._with(line.id, Known.of(line))

    def losing(self, post_id: int) -> Self:
        """With the post in no list any more; should it return, it is told as before: new if it never was."""
        return self._with(post_id, replace(self.seen[post_id], modified=GONE))

    def _with(self, post_id: int, known: Known) -> Self:
        return replace(self, seen={**self.seen, post_id: known}, pending=self.pending - {post_id})

    def trimmed(self, capacity: int) -> Self:
        """With the oldest posts forgotten, by date and id alike, beyond `capacity`; none that is still to be read."""
        excess = len(self.seen) - capacity
        if excess <= 0:
            return self
        by_id = {post_id: rank for rank, post_id in enumerate(sorted(self.seen))}
        by_date = sorted(self.seen, key=lambda post_id: (self.seen[post_id].date, post_id))
        ranks = {post_id: max(rank, by_id[post_id]) for rank, post_id in enumerate(by_date)}
        oldest = sorted(ranks.keys() - self.pending - self.fresh.keys(), key=lambda post_id: ranks[post_id])[:excess]
        forgotten = {post_id: self.seen[post_id] for post_id in oldest}
        return replace(
            self,
            base=max((self.base, *forgotten)),
            horizon=max((self.horizon or 0, *(known.date for known in forgotten.values()))),
            seen={post_id: known for post_id, known in self.seen.items() if post_id not in forgotten},
        )

    def dumps(self) -> str:
        """The cursor's text; equal memories have equal texts."""
        value = {
            "v": VERSION,
            "base": self.base,
            "horizon": self.horizon,
            "seen": [
                [post_id, known.date, known.modified, known.told, known.slug, known.title]
                for post_id, known in sorted(self.seen.items())
            ],
            "pending": sorted(self.pending),
            "fresh": dict(sorted(self.fresh.items())),
        }
        return json.dumps(value, separators=(",", ":"))

    @classmethod
    def loads(cls, text: str) -> Self:
        """The memory that `dumps` wrote; SourceError for any other text, so that nothing is passed over silently."""
        try:
            value: dict[str, Any] = json.loads(text)
            if value["v"] not in READABLE:
                raise SourceError(N_("This site's cursor was written by another version of Pullquote; use that one."))
            seen = {entry[0]: _known(*entry[1:], first=value["v"] == 1) for entry in value["seen"]}
            fresh = {int(post_id): digest for post_id, digest in value["fresh"].items()}
            return cls(value["base"], value["horizon"], seen, frozenset(value["pending"]), fresh)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise SourceError(
                N_("This site's cursor is damaged; unsubscribe and subscribe again to start anew.")
            ) from error


def _known(date: int, modified: int, told: int | None = None, slug: str = "", title: str = "", *, first: bool) -> Known:
    """A post of a cursor; in the first version's the mere presence of `told` said that it was not."""
    return Known(date, modified, int(told is None) if first else told or 0, slug, title)
