"""Posts as light listings tell them, with short marks by which they are known again. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import unquote

from bot.sources.document import plain

LONGEST_MARKED = 1_000
"""Characters of a title or a slug by which it is known again."""


@dataclass(frozen=True, slots=True)
class Line:
    """One post of a light listing; `date` and `modified` in Unix seconds, 0 where the site states none.

    `slug` and `title` are marks of these, "" where they tell nothing.
    """

    id: int
    date: int
    modified: int
    slug: str = ""
    title: str = ""

    @classmethod
    def of(cls, post: Mapping[str, Any]) -> Self:
        """The line of a post object."""
        title = post.get("title")
        title = title.get("rendered") if isinstance(title, dict) else title
        return cls(
            post["id"],
            seconds(post.get("date_gmt")),
            seconds(post.get("modified_gmt")),
            mark(unquote(str(post.get("slug") or "")[:LONGEST_MARKED])),
            mark(plain(str(title or "")[:LONGEST_MARKED])),
        )


def mark(text: str) -> str:
    """A short sign by which a text is known again; "" for none."""
    told = text.casefold().encode("utf-8", "surrogatepass")
    return base64.b64encode(hashlib.blake2b(told, digest_size=3).digest()).decode() if told else ""


def seconds(date_gmt: Any) -> int:
    """A `…_gmt` date in Unix seconds; 0 for what is no date (null, 0000-00-00)."""
    try:
        moment = datetime.fromisoformat(date_gmt)
    except (TypeError, ValueError):
        return 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
