"""The sample posts' cards, reviewed by eye and kept; `PULLQUOTE_GOLDEN=write` writes them, to be reviewed again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from bot.cards import build
from bot.sources.document import article, load

SEEDS = sorted((Path(__file__).parents[2] / "seeds").glob("*.json"))
GOLDEN = Path(__file__).parent / "golden"
DAMAGED = {
    "06-seagrass-comes-back": "raw control characters",
    "10-cartographer-who-drew-the-fog": "cut off before its end",
}


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_a_sample_post_gives_the_card_that_was_reviewed(seed: Path) -> None:
    card = json.loads(json.dumps(build(article(load(seed.read_bytes()).post)).as_dict()))
    kept = GOLDEN / seed.name
    if os.environ.get("PULLQUOTE_GOLDEN") == "write":
        kept.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert card == json.loads(kept.read_text(encoding="utf-8"))


def test_the_sample_posts_are_as_many_as_promised() -> None:
    assert len(SEEDS) >= 12


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_only_the_damaged_ones_need_repair(seed: Path) -> None:
    expected = (DAMAGED[seed.stem],) if seed.stem in DAMAGED else ()
    assert load(seed.read_bytes()).repaired == expected


def test_the_document_the_project_began_with_gives_its_card() -> None:
    found = sorted((Path(__file__).parents[2] / "../shared/seed").glob("*.txt"))
    if not found:
        pytest.skip("the document is not beside the checkout")
    card = build(article(load(found[0].read_bytes()).post))
    assert card.lead.startswith("As Russia’s war against Ukraine spills into 2023, ")
    assert card.quote is not None
    assert card.quote.speaker.startswith(("Joseph Webster", "Alexander Gabuev"))
    assert [(source.name, source.url) for source in card.sources] == [("The Atlantic", ""), ("The Diplomat", "")]
