"""What every adapter promises. Each adapter's test file subclasses `Contract` and gives it a `bench`."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from hypothesis import strategies as st

from bot.errors import Refused, Vanished
from bot.model import Card, Channel, Citation, Image, Quote, Receipt, Style
from bot.ports import Adapter
from bot.text import line

PLATFORMS: dict[str, type[Contract]] = {}
"""Who is held to the contract, by platform."""

CARD = Card(
    title="Harbour bridge reopens after nine weeks",
    url="https://ledger.example/2026/03/harbour-bridge-reopens/",
    lead="The swing bridge at the harbour mouth carried its first lorries on Monday, nine weeks after a barge hit it.",
    quote=Quote("We counted every bolt twice.", "Inge Maddern", "https://port.example/report"),
    sources=(Citation("Port Authority", "https://port.example/report"), Citation("The Quay Gazette")),
    image=Image("https://ledger.example/bridge.jpg", "A swing bridge, half open"),
    language="en",
    site_name="The Harbour Ledger",
    published=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    modified=datetime(2026, 3, 2, 14, 5, tzinfo=UTC),
)
CORRECTED = replace(CARD, title="Harbour bridge reopens after ten weeks")
OTHER = replace(CARD, title="Ferry timetable changes", url="https://ledger.example/2026/03/ferry-timetable/")

hostile = st.text(
    st.one_of(st.characters(), st.sampled_from("@#<>&*_~`|[]()\\/:-.\n\u202e\u2066\u200b\u0301\ud800🇨🇳🏴\U000e0067م中"))
)

pieces = [
    "<blink>",
    "</div>",
    "</pre>",
    "<script>",
    "-->",
    " onload=",
    "javascript:",
    "https://",
    "&lt;",
    "&#60;",
    "](<",
]
pieces += ["> ", "-# ", "**", "~~", *"<>&\"'\\[]() \nxם"]
markup = st.lists(st.sampled_from(pieces), max_size=20).map("".join)
"""What would be HTML or Markdown if nobody escaped it."""

MONSTERS = {
    "a word of 100,000 letters": "x" * 100_000,
    "bidirectional overrides": "\u202e\u2066\u2067\u202d" * 20_000 + "evil\u202c",
    "nothing that is seen": "\u200b\u200d\u2060\ufeff" * 20_000,
    "a stack of marks": "Z" + "\u0301\u0489\u0334" * 30_000,
    "flags": "🇨🇳🇷🇺🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f" * 9_000,
    "families": "👩\u200d👩\u200d👧" * 9_000,
    "nothing but marks of Markdown and HTML": "*_~`|<&>\"'[]()\\#" * 6_000,
    "lines": "a\n" * 50_000,
    "right to left": "شكرا שלום " * 9_000,
    "pings": "@everyone @room <@1> " * 5_000,
    "lone surrogates": "\ud83d" * 50_000,
}
"""Texts that have broken cards elsewhere."""


def filled(text: str) -> Card:
    """A card that holds the text wherever it can hold one."""
    url = "https://ledger.example/" + text
    sources = tuple(Citation(text, url) for _ in range(12))
    return replace(
        Card(text, url, text, Quote(text, text, url), sources, Image(url, text), text, text, text, text, 10**9),
        published=CARD.published,
        modified=CARD.modified,
    )


@dataclass
class Bench:
    """An adapter, logged in, with a channel it may post to and one it may not."""

    adapter: Adapter
    channel: Channel
    nowhere: Channel
    standing: Callable[[], Awaitable[list[str]]]
    """The text that people see in the channel, one for each message that stands, oldest first."""


class Contract:
    """Subclasses give `adapter_class` and a fixture `bench`."""

    adapter_class: type[Adapter]

    def __init_subclass__(cls) -> None:
        PLATFORMS[cls.adapter_class.platform] = cls

    def payload(self, card: Card = CARD, *, struck: bool = False, changed: str = ""):  # type: ignore[no-untyped-def]
        return self.adapter_class.render(card, Style.CARD, struck=struck, changed=changed)

    async def test_a_posted_card_stands_in_its_channel(self, bench: Bench) -> None:
        await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        [shown] = await bench.standing()
        assert CARD.title in shown
        assert CARD.quote is not None
        assert CARD.quote.text.rstrip(".") in shown.replace("\\", "")

    async def test_the_same_key_posts_one_message_and_gives_its_receipt_again(self, bench: Bench) -> None:
        first = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        again = await bench.adapter.post(bench.channel, self.payload(CORRECTED), "k" * 24)
        assert again == first
        assert len(await bench.standing()) == 1

    async def test_another_key_is_another_message(self, bench: Bench) -> None:
        await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        await bench.adapter.post(bench.channel, self.payload(OTHER), "l" * 24)
        first, second = await bench.standing()
        assert CARD.title in first
        assert OTHER.title in second

    async def test_an_edit_changes_the_message_and_twice_is_once(self, bench: Bench) -> None:
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        for _ in range(2):
            await bench.adapter.edit(receipt, self.payload(CORRECTED), "k.1")
        [shown] = await bench.standing()
        assert CORRECTED.title in shown

    async def test_an_edit_back_to_what_stood_before_is_seen(self, bench: Bench) -> None:
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        for number, card in enumerate((CORRECTED, CARD, CORRECTED, CARD)):
            await bench.adapter.edit(receipt, self.payload(card), f"k.{number}")
        [shown] = await bench.standing()
        assert CARD.title in shown

    async def test_an_edit_says_what_was_corrected_and_when(self, bench: Bench) -> None:
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        await bench.adapter.edit(receipt, self.payload(CORRECTED, changed="headline changed, @room"), "k.1")
        [shown] = await bench.standing()
        assert "Corrected 2026-03-02 14:05 UTC: headline changed, @" in shown

    async def test_the_next_edit_says_only_what_it_has_to_say(self, bench: Bench) -> None:
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        await bench.adapter.edit(receipt, self.payload(CORRECTED, changed="headline changed"), "k.1")
        await bench.adapter.edit(receipt, self.payload(CARD), "k.2")
        [shown] = await bench.standing()
        assert "Corrected" not in shown

    async def test_a_struck_card_keeps_its_title_and_loses_its_text(self, bench: Bench) -> None:
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        for _ in range(2):
            await bench.adapter.withdraw(receipt, self.payload(struck=True), "k.1")
        [shown] = await bench.standing()
        assert CARD.title in shown
        assert "lorries" not in shown

    async def test_a_struck_card_can_stand_again(self, bench: Bench) -> None:
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        await bench.adapter.withdraw(receipt, self.payload(struck=True), "k.1")
        await bench.adapter.edit(receipt, self.payload(), "k.2")
        [shown] = await bench.standing()
        assert "lorries" in shown

    async def test_a_removed_card_is_gone_and_removing_it_again_is_no_error(self, bench: Bench) -> None:
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        for _ in range(2):
            await bench.adapter.withdraw(receipt, None, "k.1")
        assert not await bench.standing()

    async def test_a_message_is_found_by_its_mark(self, bench: Bench) -> None:
        before = datetime.now(UTC) - timedelta(seconds=5)
        await bench.adapter.post(bench.channel, self.payload(OTHER), "l" * 24)
        receipt = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        assert await bench.adapter.find(bench.channel, "k" * 24, CARD.url, before) == receipt

    async def test_what_was_never_posted_is_not_found(self, bench: Bench) -> None:
        before = datetime.now(UTC) - timedelta(seconds=5)
        await bench.adapter.post(bench.channel, self.payload(OTHER), "l" * 24)
        assert await bench.adapter.find(bench.channel, "k" * 24, CARD.url, before) is None

    async def test_posting_where_it_may_not_is_refused_with_words(self, bench: Bench) -> None:
        with pytest.raises(Refused) as refusal:
            await bench.adapter.post(bench.nowhere, self.payload(), "k" * 24)
        assert len(str(refusal.value)) > 20

    async def test_editing_what_never_stood_says_so(self, bench: Bench) -> None:
        posted = await bench.adapter.post(bench.channel, self.payload(), "k" * 24)
        lost = Receipt(posted.channel, posted.ref[:-1] + ("1" if posted.ref[-1] != "1" else "2"))
        with pytest.raises((Refused, Vanished)):
            await bench.adapter.edit(lost, self.payload(CORRECTED), "k.1")

    async def test_a_good_channel_has_nothing_to_complain_of(self, bench: Bench) -> None:
        assert list(await bench.adapter.check(bench.channel)) == []
        assert list(await bench.adapter.check(None)) == []

    async def test_a_channel_out_of_reach_is_complained_of(self, bench: Bench) -> None:
        assert list(await bench.adapter.check(bench.nowhere))


def renders_anything(adapter: type[Adapter], card: Card, changed: str) -> None:
    """Any text can be rendered in every style, always alike, into what can be sent."""
    for style in Style:
        for struck in (False, True):
            payload = adapter.render(card, style, struck=struck, changed=changed)
            assert payload == adapter.render(card, style, struck=struck, changed=changed)
            json.dumps(payload, ensure_ascii=False).encode()
            assert isinstance(adapter.text(payload), str)


ELEMENTS = {"html", "body", "div", "pre", "a", "img", "p", "br", "h4", "sub", "s", "del", "strong", "b", "blockquote"}
ADDRESSES = {"href", "src", "url", "image"}
ATTRIBUTES = {"alt", "class", "dir", "slot", "author", "bot", "avatar", "timestamp", "embed-title", *ADDRESSES}
ATTRIBUTES |= {"type", "disabled"}


def draws_anything(adapter: type[Adapter], title: str, lead: str, url: str) -> None:
    """Whatever a card holds, its page shows it as text, and has nothing in it that acts or leads elsewhere."""
    quote, sources = Quote(lead, title, url), (Citation(title, url), Citation(lead, CARD.url))
    card = replace(CARD, title=title, url=url, lead=lead, quote=quote, sources=sources, image=Image(url, title))
    for style in Style:
        for struck in (False, True):
            drawn = adapter.page(adapter.render(card, style, struck=struck, changed=lead)).html
            assert letters(line(title)) in letters(harmless(drawn))


def harmless(drawn: str) -> str:
    """What a drawing reads as, in which nothing acts or leads elsewhere than to the web."""
    shown = BeautifulSoup(drawn, "lxml")
    for element in shown.find_all(True):
        assert element.name in ELEMENTS or element.name.startswith("discord-")
        assert element.attrs.keys() <= ATTRIBUTES
        for name in element.attrs.keys() & ADDRESSES:
            assert str(element[name]).startswith(("https://", "http://"))
    return shown.get_text()


def letters(text: str) -> str:
    """The text without white space and without what turns, separates or escapes it."""
    return re.sub(r"[\s\u2060\u2068\u2069]", "", text)
