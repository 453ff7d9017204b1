"""Discord's ids: milliseconds since 2015, above 22 bits of something else. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

EPOCH_MS = 1_420_070_400_000


def least(moment: datetime) -> int:
    """The least id that something of that moment can have."""
    return max(int(moment.timestamp() * 1000) - EPOCH_MS, 1) << 22


def moment(ident: int) -> datetime:
    """When something with this id was made, to the millisecond."""
    return datetime.fromtimestamp(((ident >> 22) + EPOCH_MS) / 1000, UTC)
