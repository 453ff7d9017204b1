"""What a database knows that was restored from a copy: channels may show more than it tells.

The life that went on after the copy was taken found articles that the copy does not know, and posted cards that it
holds for waiting. So a first post is looked for before it is sent, unless it is so young that its key is recognised.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self

SPELL = timedelta(days=1)
"""What is found later than so long after a copy was first run was surely never found before."""

QUIET = timedelta(seconds=60)
"""A request that the life before sent last may take effect so long after it: until then a look proves nothing."""

EARLY = timedelta(days=1)
"""No card is older than its article's date by more than this, however wrong the clock of its site is."""


@dataclass(frozen=True, slots=True)
class Restored:
    """When the copy was taken, and when it was first run (None while it was not)."""

    taken: datetime
    opened: datetime | None = None

    def dumps(self) -> str:
        """As a text for the database."""
        return json.dumps([self.taken.timestamp(), self.opened and self.opened.timestamp()])

    @classmethod
    def loads(cls, text: str) -> Self:
        """What `dumps` wrote."""
        taken, opened = json.loads(text)
        return cls(_moment(taken), None if opened is None else _moment(opened))

    def copied(self, now: datetime) -> Restored:
        """What a copy of this database should know that is taken now: what is still in doubt here is so there."""
        doubtful = self.opened is None or now < self.opened + SPELL
        return Restored(min(self.taken, now) if doubtful else now)

    @property
    def surely_new_from(self) -> float:
        """What was found and dated from that second on, no life before can have posted; 0 where there was none."""
        return (self.opened + SPELL).timestamp() if self.opened else 0.0

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing may be posted or looked for yet."""
        return self.opened is not None and timedelta(0) <= now - self.opened < QUIET

    def is_behind(self, read_at: datetime | None) -> bool:
        """Whether a site last read then is still to be read up to what the life before may have found."""
        return self.opened is not None and read_at is not None and read_at < self.opened

    def doubt(self, row: Any) -> datetime | None:
        """Since when a life before may have posted a delivery that nobody tried since; None where it cannot have.

        `row` is one of `deliveries` joined with its article's `url`, `found_at` and `published_at`.
        """
        if self.opened is None or row.receipt is not None or row.attempted_at is not None:
            return None
        found, published = _moment(row.found_at), _moment(row.published_at)
        if found >= self.opened + SPELL and published >= self.opened:
            return None
        dated = published < found  # else it states no date, or none that can be believed
        return max(self.taken, published - EARLY) if dated else self.taken


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
