"""Article → Card: the parts put together.

html ─► reading.read ─► blocks ─► lead.choose
                             ├──► quote.choose ◄── speaker.Attribution
                             └──► citations.choose
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.cards import citations, lead, quote
from bot.cards.blocks import Block, Body
from bot.cards.language import agreed, detect
from bot.cards.names import Names
from bot.cards.reading import read
from bot.cards.sentences import shorten, words
from bot.cards.speaker import Attribution
from bot.model import Article, Card, Citation, Image, Quote
from bot.text import line

_WORDS_A_MINUTE = 220
_UNSORTED = frozenset(
    {
        "uncategorized",
        "uncategorised",
        "allgemein",
        "non classé",
        "sin categoría",
        "senza categoria",
        "未分类",
        "未分類",
        "غير مصنف",
        "без рубрики",
    }
)
_NO_PICTURE = re.compile(
    r"emoji|smil(?:ey|ie)|avatar|gravatar|pixel|spacer|blank\.|1x1|/logo|icon|badge|button|\.svg", re.IGNORECASE
)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b)", re.IGNORECASE)
_TITLE_FROM_LEAD = 90
_MAX_BLOCKS = 1500
_MAX_BLOCK, _MAX_TEXT = 4_000, 120_000
"""Characters of one block and of all that are looked through: some patterns take quadratic time over hostile text; the
longest features have half of it."""


def build(article: Article) -> Card:
    """The card of an article: every word of lead and quote is the article's own; never raises."""
    body = read(article.html)
    blocks = _article(_bounded(body.blocks[:_MAX_BLOCKS]))
    text = "\n".join(block.text for block in blocks)
    spoken = detect(text or article.title)
    opening = lead.choose(blocks, article.title, lambda: _excerpt(article.excerpt), spoken)
    attribution = Attribution(spoken, Names(text))
    said = quote.choose(blocks, article.title, opening, spoken, attribution)
    quoted = citations.canonical(said.quote.url) if said and said.quote.url else ""
    sources = citations.choose(blocks, article.site_url, article.url, article.title, quoted)
    return Card(
        title=article.title or shorten(opening, _TITLE_FROM_LEAD, spoken),
        url=article.url,
        lead=opening,
        quote=_said(said, quoted, sources, text) if said else None,
        sources=sources,
        image=article.image or _picture(body),
        language=agreed(article.language, spoken),
        site_name=article.site_name,
        author=article.author,
        category=next((name for name in article.categories if name.lower() not in _UNSORTED), ""),
        reading_minutes=math.ceil(words(text) / _WORDS_A_MINUTE),
        published=article.published,
        modified=article.modified,
    )


def _said(chosen: quote.Chosen, url: str, sources: Sequence[Citation], text: str) -> Quote:
    """The quote with its link as it stands on the card, and who stands for it: an outlet only as the text names it."""
    said, speaker = chosen.quote, line(chosen.quote.speaker)
    if not speaker and chosen.printed and url:
        speaker = next((source.name for source in sources if source.url == url and source.name in text), "")
    return Quote(said.text, speaker, url)


def _bounded(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks, none longer than _MAX_BLOCK, up to _MAX_TEXT characters in all."""
    kept, room = [], _MAX_TEXT
    for block in blocks:
        limit = min(_MAX_BLOCK, room)
        if len(block.text) > limit:
            links = tuple(link for link in block.links if link.end <= limit)
            block = replace(block, text=block.text[:limit], links=links)  # noqa: PLW2901 - the same block, shorter
        room -= len(block.text)
        kept.append(block)
        if room <= 0:
            break
    return tuple(kept)


def _article(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks up to a copyright line near the end: what follows is the page's furniture."""
    for index in range(len(blocks) * 2 // 3, len(blocks)):
        if index and _COPYRIGHT.match(blocks[index].text) and len(blocks[index].text) < 250:
            return blocks[:index]
    return blocks


def _excerpt(html: str) -> str:
    """The excerpt's text without the theme's "read more"."""
    blocks = read(html).blocks
    text = blocks[0].text if blocks else ""
    return re.sub(r"\s*(?:\[…\]|\[\.\.\.\]|…|Continue reading.*|Read more.*|Weiterlesen.*)$", "…", text) if text else ""


def _picture(body: Body) -> Image | None:
    for picture in body.pictures:
        url = citations.canonical(picture.url)
        if url and not _NO_PICTURE.search(url):
            return Image(url, line(picture.alt))
    return None
