"""Article → Card: the parts put together."""

from __future__ import annotations

from bot.cards.blocks import Kind
from bot.cards.reading import read
from bot.model import Article, Card, Citation, Quote
from bot.text import cut


def build(article: Article) -> Card:
    """The card of an article: every word of lead and quote is the article's own; never raises."""
    body = read(article.html)
    paragraphs = [block for block in body.blocks if block.kind is Kind.PARAGRAPH and len(block.text) > 60]
    lead = cut(paragraphs[0].text, 600) if paragraphs else ""
    quote = next((Quote(cut(b.text, 500)) for b in body.blocks if b.kind in {Kind.PULL, Kind.QUOTATION}), None)
    links = tuple(Citation(block.text[l.start : l.end], l.url) for block in paragraphs for l in block.links)
    return Card(
        title=article.title,
        url=article.url,
        lead=lead,
        quote=quote,
        sources=tuple(c for c in links if c.url.startswith("http") and not c.url.startswith(article.site_url))[:5],
        image=article.image,
        language=article.language,
        site_name=article.site_name,
        author=article.author,
        category=article.categories[0] if article.categories else "",
        published=article.published,
        modified=article.modified,
    )
