"""Every sample post, healthy or damaged, in three scripts, gives a card in its own words."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from bot.cards import build
from bot.model import Article, Card
from bot.sources import document

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.json"))


def of(seed: Path) -> tuple[Article, Card]:
    article = document.article(document.load(seed.read_bytes()).post)
    return article, build(article)


def letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", html.unescape(re.sub(r"<[^>]*>", " ", text)))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_lead_and_quote_are_the_articles_own_words(seed: Path) -> None:
    article, card = of(seed)
    assert card.title == article.title
    assert len(card.lead) > 20
    for text in (card.lead, card.quote.text if card.quote else ""):
        for part in text.split("…"):
            assert letters(part) in letters(article.html)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_a_link_is_one_that_the_post_has_and_leads_elsewhere(seed: Path) -> None:
    article, card = of(seed)
    for source in card.sources:
        assert not source.url or source.url.rstrip("/") in html.unescape(article.html)
        assert "ledger.example" not in source.url


def test_three_of_the_sample_posts_are_damaged_and_read_all_the_same() -> None:
    repaired = [seed.stem for seed in SEEDS if document.load(seed.read_bytes()).repaired]
    lost_openers = [seed.stem for seed in SEEDS if of(seed)[0].html.count("</p>") > of(seed)[0].html.count("<p")]
    assert len({*repaired, *lost_openers}) >= 3


def test_the_best_known_speaker_is_named_where_the_text_names_her() -> None:
    _, card = of(SEEDS[0])
    assert card.quote is not None
    assert card.quote.speaker == "Maren Oldcastle, harbour pilot"


def test_a_post_with_nothing_in_it_is_a_title() -> None:
    card = build(Article(1, "https://ledger.example/1/", "Only a title"))
    assert (card.title, card.lead, card.quote, card.sources) == ("Only a title", "", None, ())


@pytest.mark.parametrize(
    "piece", ["<p>", "<!--", "“", "Mr. ", "</p></blockquote>", "<blockquote>", "&", "\0", "他说，“"]
)
def test_no_input_is_too_hostile_to_be_read(piece: str) -> None:
    build(Article(1, "https://ledger.example/1/", "Title", piece * (200_000 // len(piece))))
