"""A site's listings gone through newest first, as far back as there may be news."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bot.sources.lines import Line
from bot.sources.memory import OVERLAP, Memory
from bot.sources.rest import Api, Page

LATELY = 3600
"""Seconds for which a second that held many changes is looked through for one more."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Posts on a listing's page (WordPress gives at most 100) and on the first one, and pages.

    `step_back`: posts listed twice where two pages meet, so that a deletion meanwhile lets none slip through.
    """

    page: int = 100
    glance: int = 20
    step_back: int = 10
    pages: int = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """Posts newest first, without gaps; `whole` when the end was reached.

    `clock`: the site's own time; what is behind the last page that a look may ask for, none will reach.
    """

    lines: tuple[Line, ...] = ()
    whole: bool = False
    clock: float = 0

    @property
    def newest_change(self) -> int:
        """The newest `modified` that is not of the future, in Unix seconds."""
        return max((line.modified for line in self.lines if line.modified <= self.clock + OVERLAP), default=0)


async def listed(
    api: Api, extent: Extent, order: str, go_on: Callable[[Page], bool], *, first: int = 0, most: int = 0
) -> Listing:
    """Posts newest first: `first` of them, then whole pages while `go_on` says so of the last; `most` pages.

    A page shorter than it should be is one of a site that gives fewer at once than it is asked for, and the next one
    begins where it ended; unless that shows more of the same posts: then some on it are hidden.
    """
    lines: dict[int, Line] = {}
    offset, count, clock, shared, hides = 0, first or extent.page, 0.0, extent.page, False
    for _ in range(most or extent.pages):
        page = await api.lines(order, offset, count)
        if page is None:
            return Listing(tuple(lines.values()), whole=True, clock=clock)
        clock = clock or page.clock
        met = not offset or not page.lines or any(line.id in lines for line in page.lines)
        known = len(lines)
        hides = hides or sum(line.id in lines for line in page.lines) > shared
        lines |= {line.id: line for line in page.lines}
        if not met:
            # More was deleted meanwhile than two pages share: back to where they surely meet.
            offset = max(offset - extent.page, 0)
            continue
        full = 0 if hides or page.total is None else min(count, page.total - offset)
        reach = len(page.lines) if 0 < len(page.lines) < full else count
        if page.total is not None and offset + reach >= page.total:
            return Listing(tuple(lines.values()), whole=True, clock=clock)
        if page.lines and not (len(lines) > known and go_on(page)):
            return Listing(tuple(lines.values()), clock=clock)
        shared = min(extent.step_back, reach // 2) if reach < count else extent.step_back
        offset, count = max(offset + reach - shared, 0), extent.page
    return Listing(tuple(lines.values()), clock=clock)


def more_changes(memory: Memory, page: Page, read_to: int) -> bool:
    """Whether older changes may be news; `read_to`: up to which moment the listing was gone through before."""
    last, newest = page.lines[-1], max(memory.newest_change(page.clock), read_to)
    if last.modified > newest or memory.is_news(last):
        return last.modified >= newest - OVERLAP
    lately = LATELY if memory.is_settled(last) else OVERLAP
    return last.modified == newest > page.clock - lately  # another may have changed in the same second, after these


def more_dates(memory: Memory, page: Page, *, thorough: bool) -> bool:
    """Whether older posts may be news; a thorough look compares all that is remembered."""
    last = page.lines[-1]
    if memory.horizon is not None and last.date <= memory.horizon:
        return False
    return thorough or last.id not in memory.seen


def more_ids(memory: Memory, page: Page) -> bool:
    """Whether posts of lower numbers may be news."""
    last = page.lines[-1]
    return last.id > memory.base and last.id not in memory.seen
