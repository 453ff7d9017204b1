"""What a message means to the bot, and what an answer carries: the parts that only think."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.matrix import reply as replies
from adapters.matrix.words import How, Line, Reaction, Word, Words, heard, reacted, unknown, written
from bot.errors import UsageError
from bot.ports import Button, Command, Option, Reply
from tests.adapters.test_matrix_rules import json_values
from tests.real.matrix import command

ME = "@quill:x.example"
MENTION = {"m.mentions": {"user_ids": [ME]}}
REPLY = {"m.relates_to": {"m.in_reply_to": {"event_id": "$e"}}}

site, words = Option("site", "which"), Option("words", "what")
some_site = Option("site", "which", required=False)
place = Option("channel", "where", required=False, kind="channel")
style = Option("style", "how", required=False, choices=("compact", "card", "full"))
count = Option("count", "how many", required=False, kind="number", most=5)
role = Option("role", "whom", required=False, kind="role")
public = Option("public", "for all", required=False, kind="flag")
old, new = Option("old", "from"), Option("new", "to")


def made(*options: Option) -> Command:
    return command([], "do", *options)


def message(body: object, **more: Any) -> Mapping[str, Any]:
    return {"type": "m.room.message", "content": {"msgtype": "m.text", "body": body, **more}}


@pytest.mark.parametrize(
    ("body", "more", "line"),
    [
        ("!pq", {}, Line("")),
        ("  !PQ  Sites ", {}, Line("  Sites")),
        ("> <@a:b> !pq before\n> more\n\n!pq sites", REPLY, Line(" sites")),
        ("> !pq sites", {}, Line("> !pq sites", How.OVERHEARD)),
        ("!pqfollow", {}, Line("!pqfollow", How.OVERHEARD)),
        ("say !pq follow", {}, Line("say !pq follow", How.OVERHEARD)),
        ("Quill: sites", {}, Line(" sites")),
        ("quill，最新", {}, Line("最新")),
        (f"{ME} : sites", {}, Line(" sites")),
        ("Quill sites", {}, Line("Quill sites", How.OVERHEARD)),
        ("Quill sites", MENTION, Line(" sites")),
        ("@Quill", MENTION, Line("")),
        ("Quillian: sites", MENTION, Line("Quillian: sites", How.MENTIONED)),
        ("sites, Quill", MENTION, Line("sites, Quill", How.MENTIONED)),
        ("sites, Quill", MENTION | REPLY, Line("sites, Quill", How.OVERHEARD)),
        ("sites", {"m.mentions": {"user_ids": "all"}}, Line("sites", How.OVERHEARD)),
        ("!pq sites", {"m.relates_to": {"rel_type": "m.replace", "event_id": "$e"}}, None),
        ("!pq sites", {"msgtype": "m.notice"}, None),
    ],
)
def test_a_message_is_the_bots_by_prefix_by_name_or_by_mention(
    body: str, more: dict[str, Any], line: Line | None
) -> None:
    assert heard(message(body, **more), "!pq", ME, ["Quill"]) == line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", Words("help")),
        ("Follow 'it's' \"two words\"", Words("follow", (Word("'it's'"), Word("two words", quoted=True)))),
        ("f “two words” „two words“", Words("f", (Word("two words", quoted=True),) * 2)),
        ("f «two words»", Words("f", (Word("two words", quoted=True),))),
        ('f name="two words" --name=“a b”', Words("f", (Word("name=two words"), Word("--name=a b")))),
        ('f "" "open', Words("f", (Word("", quoted=True), Word('"open')))),
        ("f\u3000气候\u2060变化", Words("f", (Word("气候变化"),))),
    ],
)
def test_quotation_marks_hold_words_together(text: str, said: Words) -> None:
    assert Words.of(text) == said


@pytest.mark.parametrize(
    ("options", "text", "arguments"),
    [
        ((site, place, style), "https://a.example", {"site": "https://a.example"}),
        ((site, place, style), "a.example !room full", {"site": "a.example", "channel": "!room", "style": "full"}),
        ((site, place), "https://a.example https://b.example", {"site": "https://a.example https://b.example"}),
        ((site, place, style), "style=full site=a.example", {"site": "a.example", "style": "full"}),
        ((site, place, style), "--style full a.example", {"site": "a.example", "style": "full"}),
        ((site, style), "Style=full a.example/?style=card", {"site": "a.example/?style=card", "style": "full"}),
        ((site,), "The Harbour Ledger", {"site": "The Harbour Ledger"}),
        ((site, role), "a.example @room", {"site": "a.example", "role": "@room"}),
        ((words, some_site, count), "climate change", {"words": "climate change"}),
        ((words, some_site, count), "气候 变化", {"words": "气候 变化"}),
        ((words, some_site, count), "apollo 11", {"words": "apollo 11"}),
        ((words, some_site, count), "apollo 11 count=2", {"words": "apollo 11", "count": "2"}),
        ((words, public), "public", {"words": "public"}),
        ((words, public), "public transport", {"words": "public transport"}),
        ((words, public), "transport public", {"words": "transport", "public": "true"}),
        ((words, public), 'transport "public"', {"words": "transport public"}),
        ((words, public), '"style=full" --public', {"words": "style=full", "public": "true"}),
        ((words, public), "a —public b", {"words": "a b", "public": "true"}),
        ((words,), "1 + 1 = 2", {"words": "1 + 1 = 2"}),
        ((some_site, count, public), "", {}),
        ((some_site, count, public), "3", {"count": "3"}),
        ((some_site, count, public), "Harbour 3 public", {"site": "Harbour", "count": "3", "public": "true"}),
        ((some_site, count, public), "public=false", {"public": "false"}),
        ((old, new), "a b c", {"old": "a", "new": "b c"}),
        ((old, new), "new=b a", {"old": "a", "new": "b"}),
    ],
)
def test_words_find_their_options(options: Sequence[Option], text: str, arguments: Mapping[str, str]) -> None:
    assert Words.of(f"do {text}").arguments(made(*options), "!pq") == arguments


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ((), "something"),
        ((site,), ""),
        ((old, new), "a"),
        ((count, public), "many"),
        ((Option("count", "", kind="number"),), "1 2"),
        ((site, style), "a.example --style"),
        ((site,), "a.example --stile full"),
        ((some_site, style), "style full"),
        ((site,), "site a.example"),
    ],
)
def test_words_that_do_not_fit_are_answered_by_the_usage(options: Sequence[Option], text: str) -> None:
    with pytest.raises(UsageError, match="Write: !pq do"):
        Words.of(f"do {text}").arguments(made(*options), "!pq")


@given(values=st.dictionaries(st.sampled_from(["site", "words", "style"]), st.text("ab \"“”„«»='-变", min_size=1)))
def test_a_command_that_is_written_out_is_read_as_it_was_meant(values: dict[str, str]) -> None:
    values = {name: value for name, value in values.items() if not ('"' in value and "”" in value and "»" in value)}
    options = [Option(name, "", required=False) for name in ("site", "words", "style")]
    text = written("do", values, "!pq")
    line = heard(message(text), "!pq", ME, [])
    assert line is not None
    assert Words.of(line.text).arguments(made(*options), "!pq") == values


def test_the_aliases_mean_their_commands_and_an_unknown_one_is_told_what_is_near() -> None:
    commands = {name: command([], name) for name in ("subscribe", "unsubscribe", "subscriptions")}
    meant = {alias: Words.of(alias).command(commands) for alias in ("sub", "unsub", "subs", "ls", "SUBS", "latest")}
    assert {alias: one.name if one else "" for alias, one in meant.items()} == {
        "sub": "subscribe",
        "unsub": "unsubscribe",
        "subs": "subscriptions",
        "ls": "subscriptions",
        "SUBS": "subscriptions",
        "latest": "",
    }
    assert "did you mean unsubscribe?" in unknown("unsubscibe", commands, "!pq")
    assert unknown("xyz", commands, "!pq") == "There is no command xyz. All commands: !pq help"


@pytest.mark.parametrize(
    ("word", "symbol"),
    [
        ("▶", "▶"), ("▶️", "▶"), ("➡️", "▶"), ("⏩", "▶"), ("next", "▶"), (" Next ", "▶"), ("◀", "◀"), ("⬅️", "◀"),
        ("previous", "◀"), ("back", "◀"), ("✖", "✖"), ("n", ""), ("页", ""), ("", ""), ("next one", ""), ("👍🏽", ""),
    ],
)  # fmt: skip
def test_signs_and_words_turn_pages(word: str, symbol: str) -> None:
    assert replies.turn(word) == symbol


def test_an_answer_carries_its_turning_buttons_and_writes_the_others_out() -> None:
    on = Button("Next", "search", {"words": "the sea", "page": "2"}, "▶")
    stop = Button("Stop", "unsubscribe", {"site": "The Ledger"})
    made = replies.content(Reply("Found.", buttons=((on, stop),)), "!pq")
    assert made == {
        "msgtype": "m.notice",
        "body": 'Found.\n\nStop: !pq unsubscribe site="The Ledger"\n'
        "▶ Next (react with the sign, or say the word in this thread)",
        "m.mentions": {},
        "org.pullquote.buttons": [{"symbol": "▶", "command": "search", "arguments": {"words": "the sea", "page": "2"}}],
    }
    assert replies.offered(made) == {"▶": ("search", {"words": "the sea", "page": "2"})}


@given(content=json_values, sign=json_values)
def test_no_event_whatever_it_holds_breaks_the_reading(content: Any, sign: Any) -> None:
    heard(message(content), "!pq", ME, [""])
    heard({"type": "m.room.message", "content": content}, "!pq", ME, [])
    heard(message("!pq", **{"m.relates_to": content, "m.mentions": sign}), "!pq", ME, [])
    reacted({"type": "m.reaction", "content": {"m.relates_to": {"event_id": content, "key": sign}}})
    replies.offered({replies.BUTTONS: content})
    replies.offered({replies.BUTTONS: [{"symbol": sign, "arguments": content}]})


def test_a_reaction_is_read() -> None:
    relation = {"rel_type": "m.annotation", "event_id": "$e", "key": "▶"}
    assert reacted({"type": "m.reaction", "content": {"m.relates_to": relation}}) == Reaction("$e", "▶")


@given(text=st.text(max_size=60))
def test_no_words_whatever_they_are_break_the_parser(text: str) -> None:
    said = Words.of(text)
    for options in ((words, some_site, count, public), (old, new), (place, style)):
        try:
            given = said.arguments(made(*options), "!pq")
        except UsageError:
            continue
        assert set(given) <= {option.name for option in options}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stil=full", "do has no option stil. Did you mean style?"),
        ("xyz=1", "do has no option xyz. Write: !pq do [site] [style]"),
    ],
)
def test_an_option_that_there_is_not_is_named(text: str, said: str) -> None:
    options = (Option("site", "", required=False), Option("style", "", required=False, choices=("card", "full")))
    with pytest.raises(UsageError) as raised:
        Words.of(f"do {text}").arguments(made(*options), "!pq")
    assert str(raised.value) == said


def test_words_to_search_for_may_look_like_an_option() -> None:
    words = made(Option("words", ""), Option("page", "", required=False, kind="number"))
    assert Words.of("do e=mc2").arguments(words, "!pq") == {"words": "e=mc2"}
