"""Replies as Discord messages, with nobody there: limits, buttons, and text that stays text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord import Discord, replies
from adapters.discord.markdown import unescape
from bot.errors import UsageError
from bot.model import Style
from bot.ports import Button, Choice, Reply, Shown
from bot.text import line
from tests.adapters.contract import CARD, MONSTERS, filled
from tests.adapters.test_discord_cards import cards, texts
from tests.farends.discord.rules import violations

ORIGINAL = "/webhooks/1/t/messages/@original"
buttons = st.lists(
    st.lists(st.builds(Button, texts, st.sampled_from(["list", "search"]), st.dictionaries(st.just("words"), texts))),
    max_size=2,
).map(lambda rows: tuple(map(tuple, rows)))


@given(texts, st.lists(st.builds(Shown, cards, st.sampled_from(Style)), max_size=3).map(tuple), buttons)
@settings(max_examples=20, deadline=None)
def test_any_reply_is_one_that_discord_takes_and_pings_nobody(
    text: str, shown: tuple[Shown, ...], rows: tuple[tuple[Button, ...], ...]
) -> None:
    first, *others = replies.messages(Reply(text, shown, rows))
    for message in (first, *others):
        assert violations("PATCH", ORIGINAL, message) == []
        assert message["allowed_mentions"] == {"parse": []}
        assert message["content"].strip() or message["embeds"]
    assert len(others) <= replies.FOLLOW_UPS
    assert sum(len(message["embeds"]) for message in (first, *others)) == len(shown)


@pytest.mark.parametrize("monster", ["pings", "families"])
def test_monsters_fit_into_six_messages(monster: str) -> None:
    shown = (Shown(filled(MONSTERS[monster][:5000]), Style.FULL),) * 13
    said = replies.messages(Reply(MONSTERS[monster], shown))
    assert sum(len(message["embeds"]) for message in said) == 13
    assert [wrong for message in said for wrong in violations("PATCH", ORIGINAL, message)] == []


@given(texts.filter(lambda text: "http" not in text))
@settings(deadline=None)
def test_a_short_text_reads_as_it_was(text: str) -> None:
    short = line(text)[:200]
    assert unescape(replies.content(short)) == line(short)


@given(st.dictionaries(st.from_regex("[a-z_]{1,12}", fullmatch=True), texts.map(line), max_size=3))
def test_any_arguments_are_read_as_they_were_written(arguments: dict[str, str]) -> None:
    assert replies.pressed(replies.custom_id(Button("b", "search", arguments))) == ("search", arguments)


@given(st.lists(st.builds(Choice, texts, texts), max_size=40))
@settings(deadline=None)
def test_any_choices_keep_discords_limits(offered: list[Choice]) -> None:
    shown = replies.choices(offered)
    assert len(shown) <= 25
    assert all(0 < len(label) <= 100 and 0 < len(value) <= 100 for label, value in shown)


@pytest.mark.parametrize(
    "arguments", [{}, {"page": "2"}, {"words": "桥 重开", "a": "x=1&b=2%26?"}, {"site": "https://a.example/?q=a+b"}]
)
def test_a_button_is_read_as_it_was_written(arguments: dict[str, str]) -> None:
    assert replies.pressed(replies.custom_id(Button("b", "search", arguments))) == ("search", arguments)


def test_letters_of_any_script_take_one_place_in_a_button() -> None:
    assert replies.custom_id(Button("b", "search", {"words": "桥"})) == "pq:search?words=桥"


def test_buttons_that_cannot_be_offered_are_left_out() -> None:
    fits = Button("Fits", "list", {"words": "x" * 83})
    assert len(replies.custom_id(fits)) == 97
    wrong = (Button("Too long", "list", {"words": "x" * 90}), Button("", "list", {"page": "1"}), fits)
    (message,) = replies.messages(Reply("t", buttons=((fits, *wrong), wrong)))
    (row,) = message["components"]
    assert row["components"] == [{"type": 2, "style": 2, "label": "Fits", "custom_id": replies.custom_id(fits)}]


def test_five_rows_of_five_are_the_most() -> None:
    rows = tuple(tuple(Button("b", "list", {"page": f"{row}.{n}"}) for n in range(7)) for row in range(7))
    (message,) = replies.messages(Reply("t", (Shown(CARD, Style.CARD),), rows))
    assert [len(row["components"]) for row in message["components"]] == [2, 5, 5, 5, 5]
    assert violations("PATCH", "/webhooks/1/t/messages/@original", message) == []


@pytest.mark.parametrize(
    "text", ["", "\u200b", "word " * 1000, "*" * 5000, "🔷" * 3000, "a https://e.example/" + "x_" * 1500]
)
def test_any_text_is_one_that_discord_takes(text: str) -> None:
    (message,) = replies.messages(Reply(text))
    assert message["content"].strip()
    assert violations("PATCH", "/webhooks/1/t/messages/@original", message) == []


def test_a_long_text_is_cut_in_front_of_a_link() -> None:
    said = replies.content("Words " * 330 + "https://news.example/a-long-name")
    assert said.endswith("Words …")


def test_a_role_that_a_reply_names_is_drawn_and_a_strangers_is_not() -> None:
    reply = Reply("role: <@&77> of <@&78>", mentions=(Discord.mention("77"),))
    (message,) = replies.messages(reply)
    assert message["content"] == r"role\: <@&77> of \<\@&78\>"
    assert message["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(
    ("text", "role"), [("77", "77"), (" <@&77> ", "77"), ("@room", ""), ("moderators", ""), ("", "")]
)
def test_a_role_is_one_by_its_number_alone(text: str, role: str) -> None:
    if role:
        assert Discord.role(text) == role
        return
    with pytest.raises(UsageError, match="is no role"):
        Discord.role(text)
