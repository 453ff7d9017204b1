"""What a post's HTML is read into: a flat list of typed blocks with their links."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a block is, for an editor's eye."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"
    QUOTATION = "quotation"
    PULL = "pull quote"
    EMBED = "embed"
    CAPTION = "caption"
    CELL = "cell"
    PREFORMATTED = "preformatted"


@dataclass(frozen=True, slots=True)
class Link:
    """A link inside a block's text, which it covers from `start` to `end`."""

    url: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """One block of running text, white space collapsed.

    `box` is one number for all blocks of one quotation, pull quote or embed, else 0; `cite` and `cite_url` are what
    the markup names as that box's source. `strong` and `slanted` are the characters set in bold and in italics.
    `aside` says that it stands in a box beside the article (an author's note, a teaser), `gap` that something was left
    out right before it.
    """

    kind: Kind
    text: str
    links: tuple[Link, ...] = ()
    box: int = 0
    cite: str = ""
    cite_url: str = ""
    strong: int = 0
    slanted: int = 0
    aside: bool = False
    gap: bool = False

    @property
    def linked(self) -> float:
        """The share of the text that is link."""
        return sum(link.end - link.start for link in self.links) / max(1, len(self.text))


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of the body; `alt` as the markup has it."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Body:
    """All that a card reads of a post's HTML, in its order."""

    blocks: tuple[Block, ...] = ()
    pictures: tuple[Picture, ...] = ()
