"""Who speaks in sentences written for this, in twelve languages: the right one or nobody, and never somebody else.

Each line of the file holds either way: `right`, where the card names whom the text names (and nobody where it names
nobody), or `silent`, where it may still miss a name. `python -m tests.cards.test_attributions` counts them.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.cards.passages import candidates
from tests.cards.posts import attribution, letters

LINES = [
    json.loads(line) for line in (Path(__file__).parent / "attributions.jsonl").read_text(encoding="utf-8").splitlines()
]


def named(line: dict[str, str]) -> str:
    """Who the card would say speaks the line's quotation."""
    found = candidates(*attribution(line["language"], [line["text"]]))
    opening = letters(line["quote"])
    return next((each.label or str(each.speaker) for each in found if letters(each.text).startswith(opening)), "")


def name(line: dict[str, str]) -> str:
    """What the line is called: its language and its first words."""
    return f"{line['language']} {line['text'][:32].strip()}"


@pytest.mark.parametrize("line", LINES, ids=name)
def test_the_speaker_is_the_one_whom_the_text_names(line: dict[str, str]) -> None:
    said, expected = named(line), line["speaker"]
    rightly = expected in said if expected else not said
    assert rightly or (line["holds"] == "silent" and not said)


if __name__ == "__main__":
    counts = Counter((line["language"], line["holds"]) for line in LINES)
    for language in sorted({line["language"] for line in LINES}):
        print(language, *(f"{holds} {counts[language, holds]}" for holds in ("right", "silent")))
