"""What the cards' tests are made of: a card of some HTML, and the words that a reader finds in it."""

from __future__ import annotations

import re

from bot.cards import build
from bot.model import Article, Card

OPENING = (
    "The council of the harbour town has decided to keep the old tide mill running for another year, at its own cost."
)


def card(html: str, title: str = "A title of its own", **known: str) -> Card:
    """The card of a post with this HTML."""
    return build(Article(1, "https://ledger.example/a/", title, html, site_url="https://ledger.example", **known))  # type: ignore[arg-type]


def letters(text: str) -> str:
    """The text without white space."""
    return re.sub(r"\s+", "", text)


def parts(text: str) -> list[str]:
    """The pieces between ellipses: each must be the article's own."""
    return [letters(part) for part in text.split("…") if part.strip()]
