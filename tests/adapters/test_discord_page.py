"""What the Discord page shows of a message: what Discord would make of its Markdown."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings

from adapters.discord import Discord, replies
from bot.model import Payload, Quote, Style
from bot.ports import Button, Reply, Shown
from tests.adapters import contract
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


def test_a_reply_reads_as_it_was_said_its_addresses_as_links() -> None:
    said = "Subscribed to *The* _Ledger_ (https://ledger.example/).\n\n> Undo with: unsubscribe https://ledger.example/"
    [message] = replies.messages(Reply(said))
    _name, *lines = drawn(message)("div")
    assert [line.text for line in lines] == said.split("\n")
    assert [link["href"] for line in lines for link in line("a")] == ["https://ledger.example/"] * 2
    assert not drawn(message)(["em", "strong", "discord-quote"])


def test_all_cards_of_a_reply_are_drawn_in_their_order() -> None:
    shown = [Shown(replace(CARD, title=title), Style.COMPACT) for title in ("One", "Two", "Three")]
    [message] = replies.messages(Reply("3 articles found.", tuple(shown)))
    assert [embed["embed-title"] for embed in drawn(message)("discord-embed")] == ["One", "Two", "Three"]


def test_buttons_stand_in_their_rows_and_lead_nowhere() -> None:
    rows = ((Button("Pause", "pause", {"site": "a"}), Button("Remove", "unsubscribe", {"site": "a"})),)
    [message] = replies.messages(Reply("Followed.", buttons=(*rows, (Button("Next", "subscriptions", {"page": "2"}),))))
    shown = [[button.text for button in row("discord-button")] for row in drawn(message)("discord-action-row")]
    assert shown == [["Pause", "Remove"], ["Next"]]
    assert not any(button.attrs or button("a") for button in drawn(message)("discord-button"))


@pytest.mark.parametrize(("style", "kind"), [(1, "primary"), (2, None), (3, "success"), (4, "destructive"), (5, None)])
def test_a_button_has_its_styles_colour_and_shows_that_it_cannot_be_pressed(style: int, kind: str | None) -> None:
    button = {"type": 2, "style": style, "label": "Go", "custom_id": "pq:go?", "disabled": True}
    [shown] = drawn({"embeds": [], "components": [{"type": 1, "components": [button]}]})("discord-button")
    assert (shown.get("type"), shown.get("disabled")) == (kind, "true")


def test_a_message_that_mentions_a_role_shows_its_number() -> None:
    message = drawn(Discord.render(CARD, Style.CARD, notify="role:123"))
    assert [line.text for line in message("div", recursive=False)] == ["PullquoteAPP", "@123"]


@given(contract.markup, contract.markup.map("https://a.example/".__add__))
@settings(max_examples=100, deadline=None)
def test_whatever_a_reply_says_nothing_in_its_drawing_acts(text: str, url: str) -> None:
    said = f"{text} {url} <{url}>\n{text}"
    buttons = ((Button(text, "search", {"words": text}), Button(url, "search", {"words": url})),)
    for message in replies.messages(Reply(said, (Shown(CARD, Style.CARD),), buttons)):
        contract.harmless(Discord.page(message).html)
