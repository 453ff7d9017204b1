"""A correction is told in a short line, and never more than is true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards.changes import describe
from bot.model import Card, Citation, Quote

OLD = Card(
    "Mill stays", "https://ledger.example/a/", "The mill stays open.", Quote("We go on as we always did.", "Ida Roe")
)


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
        ({"author": "Desk"}, "details changed"),
        ({"title": "Mill goes", "quote": None}, "headline changed, quote removed"),
    ],
)
def test_what_changed_is_said(changes: dict[str, object], said: str) -> None:
    assert describe(OLD, replace(OLD, **changes)) == said  # type: ignore[arg-type]


def test_long_quotations_are_one_when_they_begin_alike() -> None:
    begin = "We go on as we always did. " * 40
    long, longer = (replace(OLD, quote=Quote(begin + end * 3000)) for end in ("yes ", "no, "))
    assert describe(long, longer) == "quote corrected"
