"""A few of `make fuzz`'s documents, and that its checks can fail."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.fuzz import least_of, run
from benchmarks.laws import Made, attempt, faults
from benchmarks.mutations import Documents
from bot.model import Article, Card, Citation, Quote
from tests.cards.posts import OPENING, card

SEEDS = [path.read_bytes() for path in sorted((Path(__file__).parents[2] / "seeds").glob("*.json"))]
DOCUMENTS = Documents(SEEDS, seed=254)
POST = Article(1, "https://ledger.example/a/", "A title", f"<p>{OPENING}</p><p>“We go on as ever,” said Ida Roe.</p>")
GOOD = card(POST.html)


def raising(article: Article) -> Card:
    raise LookupError(article.title)


def hanging(article: Article) -> Card:
    while True:
        pass


def dying(article: Article) -> Card:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def kinds(card: Card) -> set[str]:
    return {fault.kind for fault in faults(Made(POST, card))}


@pytest.mark.parametrize("part", range(3))
def test_damaged_documents_give_honest_cards(part: int) -> None:
    for number in range(part * 100, part * 100 + 100):
        assert (number, *faults(attempt(DOCUMENTS.make(number)))) == (number,)


def test_a_document_is_made_again_of_its_number() -> None:
    assert Documents(SEEDS, seed=254).make(7) == DOCUMENTS.make(7) != Documents(SEEDS, seed=2).make(7)


def test_most_documents_can_be_read() -> None:
    assert sum(attempt(DOCUMENTS.make(number)).refused for number in range(50)) < 15


@pytest.mark.parametrize(
    ("bad", "kind"),
    [
        (replace(GOOD, lead=OPENING.replace("harbour", "airport")), "the lead is not the article's"),
        (replace(GOOD, lead=f"{OPENING} … Invented."), "the lead is not the article's"),
        (replace(GOOD, quote=Quote("We go on as never")), "the quote is not the article's"),
        (replace(GOOD, quote=Quote("We go on as ever", "Ada Roe")), "the speaker is not the article's"),
        (replace(GOOD, url="javascript:alert(1)"), "the card's address is none of the web"),
        (replace(GOOD, sources=(Citation("The Tide", "https://"),)), "the source's address is none of the web"),
        (replace(GOOD, sources=tuple(Citation(f"The Tide {n}") for n in range(6))), "too many sources"),
        (replace(GOOD, title="A title\n"), "the title is not one clean line"),
        (replace(GOOD, author="\ud800"), "UnicodeEncodeError"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_dishonest_card_is_caught(bad: Card, kind: str) -> None:
    assert kind in kinds(bad)


def test_an_honest_card_passes() -> None:
    assert kinds(GOOD) == set()


def test_a_card_may_leave_out_what_its_ellipsis_tells() -> None:
    assert kinds(replace(GOOD, lead="The council … another year, at its own cost.")) == set()


def test_an_exception_is_caught() -> None:
    made = attempt(SEEDS[0], raising)
    assert [fault.kind for fault in faults(made)] == ["LookupError"]
    assert not made.refused


@pytest.mark.parametrize(("make", "kind"), [(hanging, "a hang"), (dying, "a crash")])
def test_a_document_that_hangs_or_kills_its_process_is_caught_and_the_next_one_follows(
    make: Callable[[Article], Card], kind: str
) -> None:
    outcomes = list(run(DOCUMENTS, range(3, 5), make=make, bound=0.1, workers=1))
    assert [(outcome.number, *(fault.kind for fault in outcome.faults)) for outcome in outcomes] == [
        (3, kind),
        (4, kind),
    ]


def test_a_failing_document_is_made_as_small_as_it_can_be() -> None:
    least = least_of(SEEDS[0], lambda smaller: b"berth" in smaller)
    assert json.loads(least)["content"] == {"rendered": "berth"}
