"""The console keeps the contract; and what it prints."""

from __future__ import annotations

import json
import unicodedata

import pytest

from adapters.console import Console
from bot.clock import SystemClock
from bot.model import Channel, Style
from tests.adapters.contract import CARD, MONSTERS, Bench, Contract, filled
from tests.drawers import MemoryDrawer


class TestConsole(Contract):
    adapter_class = Console

    @pytest.fixture
    def bench(self) -> Bench:
        drawer = MemoryDrawer()

        async def standing() -> list[str]:
            shown = [json.loads(text)["shown"] for text in drawer.values.values()]
            return [Console.text(payload) for payload in shown if payload]

        return Bench(
            Console(drawer, SystemClock()), Channel("console", "main"), Channel("console", "no such console"), standing
        )


def test_a_correction_is_the_last_line_and_costs_the_card_nothing() -> None:
    for style in Style:
        plain, corrected = (Console.render(CARD, style, changed=said) for said in ("", "headline changed"))
        note = ["note", "Corrected 2026-03-02 14:05 UTC: headline changed"]
        assert corrected["lines"] == [*plain["lines"], note]


def test_a_struck_card_says_no_correction() -> None:
    struck = Console.render(CARD, Style.CARD, struck=True)
    assert Console.render(CARD, Style.CARD, struck=True, changed="headline changed") == struck


@pytest.mark.parametrize("monster", MONSTERS)
def test_a_monster_in_every_field_at_once_fills_no_more_than_a_few_screens(monster: str) -> None:
    for style in Style:
        payload = Console.render(filled(MONSTERS[monster]), style, changed=MONSTERS[monster])
        for kind, text in payload["lines"]:
            assert len(text) <= (4002 if kind in {"lead", "quote"} else 2400)
            assert not {unicodedata.category(letter) for letter in text.replace("\n", "")} & {"Cc", "Cs"}
            assert text.replace("\u200d", "")
