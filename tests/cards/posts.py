"""What the cards' tests are made of: a card of some HTML, and the words that a reader finds in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.cards import build
from bot.cards.blocks import Block, Kind
from bot.cards.floor import Floor
from bot.cards.names import Names
from bot.cards.speaker import Attribution
from bot.model import Article, Card, Quote

OPENING = (
    "The council of the harbour town has decided to keep the old tide mill running for another year, at its own cost."
)


def card(html: str, title: str = "A title of its own", **known: str) -> Card:
    """The card of a post with this HTML."""
    return build(Article(1, "https://ledger.example/a/", title, html, site_url="https://ledger.example", **known))  # type: ignore[arg-type]


def quote(html: str, title: str = "A title of its own") -> Quote | None:
    """The quote of a post that has this HTML behind a lead in which nobody says anything."""
    return card(f"<p>{OPENING}</p>{html}", title).quote


def attribution(language: str, paragraphs: Iterable[str]) -> tuple[list[Block], Attribution]:
    """Paragraphs as blocks, with what finds the speakers in them."""
    blocks = [Block(Kind.PARAGRAPH, text) for text in paragraphs]
    return blocks, Attribution(language, Names("\n".join(block.text for block in blocks)))


def voices(language: str, *paragraphs: str) -> list[str]:
    """Who speaks each quotation between marks, in their order; "" for nobody."""
    blocks, names = attribution(language, paragraphs)
    floor = Floor(blocks, names)
    return [str(speaker) for index in range(len(blocks)) for _, speaker in floor.speakers(index)]


def letters(text: str) -> str:
    """The text without white space."""
    return re.sub(r"\s+", "", text)


def parts(text: str) -> list[str]:
    """The pieces between ellipses: each must be the article's own."""
    return [letters(part) for part in text.split("…") if part.strip()]
