"""Article → Card, pure."""

from __future__ import annotations

from bot.model import Article, Card


def build(article: Article) -> Card:
    """The card of an article: every word of lead and quote is the article's own; never raises."""
    return Card(title=article.title, url=article.url)
