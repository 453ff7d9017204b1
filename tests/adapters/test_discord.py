"""Posting, editing, withdrawing and finding on Discord, over real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from bot.model import Card, Citation, Image, Quote, Style
from tests.adapters.discord_bench import Bench, discord_bench

CARD = Card(
    title="Rivers & roads",
    url="https://news.example/rivers",
    lead="The river rose in the night.",
    quote=Quote("Nobody slept.", "Ada Moor", "https://other.example/interview"),
    sources=(Citation("Water board", "https://water.example/levels"), Citation("A neighbour")),
    image=Image("https://news.example/river.jpg", "A flooded street"),
    language="en",
    site_name="The Example",
    author="J. Doe",
    published=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC),
)
KEY = "abcdefghijklmnopqrstuvwx"


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with discord_bench() as bench:
        yield bench


async def test_a_card_is_posted_edited_and_struck(bench: Bench) -> None:
    receipt = await bench.adapter.post(bench.channel, bench.adapter.render(CARD, Style.CARD), KEY)
    (message,) = bench.messages()
    assert message["id"] == receipt.ref
    assert message["embeds"][0]["title"] == "Rivers & roads"
    corrected = Card(title="Rivers and roads", url=CARD.url)
    await bench.adapter.edit(receipt, bench.adapter.render(corrected, Style.CARD), "e1")
    assert bench.messages()[0]["embeds"][0]["title"] == "Rivers and roads"
    await bench.adapter.withdraw(receipt, bench.adapter.render(corrected, Style.CARD, struck=True), "w1")
    (message,) = bench.messages()
    assert "~~**Rivers and roads**~~" in message["embeds"][0]["description"]
    assert message["components"] == []


async def test_a_card_is_removed_once_and_again(bench: Bench) -> None:
    receipt = await bench.adapter.post(bench.channel, bench.adapter.render(CARD, Style.CARD), KEY)
    await bench.adapter.withdraw(receipt, None, "w1")
    await bench.adapter.withdraw(receipt, None, "w1")
    assert bench.messages() == []
