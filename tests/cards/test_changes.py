"""A correction is told in a short line, and never more than is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards.changes import describe
from bot.model import Card, Citation, Image, Quote

SAID = Quote("We go on as we always did.", "Ida Roe")
OLD = Card("Mill stays", "https://ledger.example/a/", "The mill stays open.", SAID)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"title": "Mill goes"}, "headline changed"),
        ({"lead": "The mill stays shut."}, "opening corrected"),
        ({"lead": "The mill stays open"}, "punctuation corrected"),
        ({"quote": Quote("We go on as we never did.", "Ida Roe")}, "quote corrected"),
        ({"quote": Quote("Nobody asked us.", "Ida Roe")}, "another quote"),
        ({"quote": Quote("We go on as we always did. " + "And on. " * 9, "Ida Roe")}, "another quote"),
        ({"quote": Quote("We go on as we always did.", "Otto Brand")}, "speaker corrected"),
        ({"quote": None}, "quote removed"),
        ({"sources": (Citation("The Tide"),)}, "sources changed"),
        ({"lead": ""}, "opening removed"),
        ({"image": Image("https://a.example/b.jpg")}, "picture changed"),
        ({"url": "https://ledger.example/b/"}, "address changed"),
        ({"quote": replace(SAID, url="https://tide.example/")}, "quote's link changed"),
        ({"author": "Desk"}, "details changed"),
        ({"title": "Mill goes", "quote": None}, "headline changed, quote removed"),
    ],
)
def test_what_changed_is_said(changes: dict[str, object], said: str) -> None:
    assert describe(OLD, replace(OLD, **changes)) == said  # type: ignore[arg-type]


def test_what_was_not_there_before_is_added() -> None:
    bare = replace(OLD, lead="", quote=None)
    assert describe(bare, OLD) == "opening added, quote added"


def test_long_quotations_are_one_when_they_begin_alike() -> None:
    begin = "We go on as we always did. " * 40
    long, longer = (replace(OLD, quote=Quote(begin + end * 3000)) for end in ("yes ", "no, "))
    assert describe(long, longer) == "quote corrected"
