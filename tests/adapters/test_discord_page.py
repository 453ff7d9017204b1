"""What the Discord page shows of a message: what Discord would make of its Markdown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bs4 import BeautifulSoup, Tag

from adapters.discord import Discord
from bot.model import Payload, Quote, Style
from tests.adapters.contract import CARD


def drawn(payload: Payload) -> Tag:
    message = BeautifulSoup(Discord.page(payload).html, "lxml").find("discord-message")
    assert isinstance(message, Tag)
    return message


def described(description: str) -> Tag:
    embed: dict[str, Any] = {"description": description}
    shown = drawn({"embeds": [embed], "components": []}).find("discord-embed-description")
    assert isinstance(shown, Tag)
    return shown


def test_what_is_escaped_in_the_message_is_read_without_its_backslashes() -> None:
    card = replace(CARD, title="*Not* @here", lead="1. a_b_c\n- <@1> **d** ~~e~~ [f](g) \\ https://h.example")
    message = drawn(Discord.render(card, Style.CARD))
    [embed] = message("discord-embed")
    assert embed["embed-title"] == "*Not* @here"
    assert "1. a_b_c- <@1> **d** ~~e~~ [f](g) \\ https://h.example" in embed.text
    assert not embed.find(["strong", "s"])


def test_lines_with_a_bar_are_one_quote_and_the_others_stay_outside() -> None:
    shown = described("Lead.\n\n> One.\n> — two\n\nSources")
    [quote] = shown("discord-quote")
    assert [line.text for line in quote("div")] == ["One.", "— two"]
    assert [child.text for child in shown if child is not quote] == ["Lead.", "", "", "Sources"]


def test_a_small_line_is_small() -> None:
    shown = described("-# Corrected: the *title*\nLead")
    assert [small.text for small in shown("discord-subscript")] == ["Corrected: the *title*"]
    assert shown.text.endswith("Lead")


def test_a_struck_title_is_struck_and_bold_with_its_asterisks_left_alone() -> None:
    message = drawn(Discord.render(replace(CARD, title="A ** B ~~ C"), Style.CARD, struck=True))
    [struck] = message("s")
    assert struck.text == "A ** B ~~ C"
    assert struck.strong is not None
    assert not message("discord-button")


def test_a_speaker_links_to_where_it_was_said() -> None:
    card = replace(CARD, quote=Quote("Words.", "A [b] C", "https://port.example/report?a=1&b=2"))
    [quote] = drawn(Discord.render(card, Style.CARD))("discord-quote")
    [link] = quote("a")
    assert (link.text, link["href"]) == ("A [b] C", "https://port.example/report?a=1&b=2")


def test_title_picture_footer_and_buttons_are_the_messages_own() -> None:
    payload = Discord.render(CARD, Style.CARD)
    message = drawn(payload)
    [embed] = message("discord-embed")
    assert (embed["url"], embed["image"]) == (CARD.url, "https://ledger.example/bridge.jpg")
    assert [image["alt"] for image in embed("img")] == ["A swing bridge, half open"]
    [footer] = embed("discord-embed-footer")
    assert (footer.text, footer["timestamp"]) == ("The Harbour Ledger", "2026-03-02 09:30")
    buttons = payload["components"][0]["components"]
    assert [(one.text, one["url"]) for one in message("discord-button")] == [(b["label"], b["url"]) for b in buttons]


def test_no_word_of_a_title_is_an_emoji_to_the_library_which_would_fetch_it() -> None:
    [embed] = drawn(Discord.render(replace(CARD, title="A <:b:12345678901234567> c"), Style.CARD))("discord-embed")
    assert "<:" not in embed["embed-title"]
    assert "A <:b:12345678901234567> c" in embed.text


def test_a_footer_with_nothing_but_a_time_begins_with_the_time() -> None:
    [footer] = drawn(Discord.render(replace(CARD, site_name=""), Style.CARD))("discord-embed-footer")
    assert (footer.text, footer.get("timestamp")) == ("2026-03-02 09:30", None)


def test_a_correction_is_a_small_line_with_its_moment_in_words() -> None:
    shown = drawn(Discord.render(CARD, Style.CARD, changed="headline changed"))
    [small] = shown("discord-subscript")
    assert small.text == "Corrected 2026-03-02 14:05 UTC: headline changed"
