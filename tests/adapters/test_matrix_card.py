"""What Matrix is sent for a card: bounded, well formed, and unable to ping, link or format anything of a stranger's."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.matrix import Matrix
from adapters.matrix.card import BODY, quiet, said
from bot.model import NORMAL, SILENT, Card, Citation, Image, Quote, Style
from tests.adapters.contract import CARD, MONSTERS, filled, hostile

TAGS = {"h4", "a", "p", "br", "blockquote", "del", "sub"}

attack = st.sampled_from(
    [
        "@room", "@alice:example.org", "#town:example.org", "!room:example.org", "matrix.to/#/@a:b",
        "https://matrix.to/#/@alice:example.org", "http://evil.example", "www.evil.example", "matrix:u/alice:b",
        "<a href='https://evil.example'>x</a>", "</p><script>", "&lt;b&gt;", "<mx-reply>", '" onclick="x', "\n\n# h",
        "[x](https://evil.example)", "مرحبا", "\u202eevil", "👩‍👩‍👧", "é" * 50, "<" * 4000, "\"" * 4000, "\n" * 4000,
        "!" * 5000, "字" * 5000, "a\u0301" * 3000,
    ]
)  # fmt: skip
text = st.lists(st.one_of(hostile, attack), max_size=4).map("".join)
url = st.one_of(
    text,
    text.map("https://example.org/{}".format),
    st.sampled_from(
        [
            "", "https://matrix.to/#/@a:b", "HTTPS://MATRIX.TO./#/!a:b", "https://ｍatrix.to/x", "https://a@b.example/",
            "https://app.example/#/user/@a:b", "https://x/#/%40a:b", "javascript:alert(1)", "matrix:u/a:b",
            "//x.example", "https://[::1", "https://x/\u202e", "https://x/" + "a" * 5000, "https://x/?a=1&b=<2>",
            "https://x/" + "&" * 780,
        ]
    ),
)  # fmt: skip
cards = st.builds(
    Card,
    title=text,
    url=url,
    lead=text,
    quote=st.none() | st.builds(Quote, text, text, url),
    sources=st.lists(st.builds(Citation, text, url), max_size=30).map(tuple),
    image=st.none() | st.builds(Image, url, text),
    site_name=text,
    author=text,
    category=text,
    reading_minutes=st.integers(0, 90),
    published=st.just(datetime(2026, 3, 2, tzinfo=UTC)) | st.none(),
)


notifying = st.sampled_from([NORMAL, SILENT, "role:@room", "role:@alice:example.org", "role:moderators"])


class Reader(HTMLParser):
    """The tags, their nesting and the links of a formatted body."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.hrefs: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.hrefs += [value or "" for _, value in attrs]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration")

    def handle_pi(self, data: str) -> None:
        raise AssertionError("an instruction")


def edit_of(payload: Any) -> dict[str, Any]:
    """What `edit` sends for the payload."""
    relation = {"rel_type": "m.replace", "event_id": "$" + "x" * 43}
    fallback = {"msgtype": "m.notice", "body": "* " + payload["body"], "m.mentions": {}}
    return {**fallback, "m.new_content": payload, "m.relates_to": relation}


def size(content: Any) -> int:
    return len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


@given(card=cards, style=st.sampled_from(Style), struck=st.booleans(), changed=text)
@settings(max_examples=150, deadline=None)
def test_every_card_keeps_the_laws_of_its_form(card: Card, style: Style, struck: bool, changed: str) -> None:
    payload = Matrix.render(card, style, struck=struck, changed=changed)
    shown = Reader(payload["formatted_body"])
    assert set(shown.tags) <= TAGS
    assert not shown.open
    own = {card.url, *(source.url for source in card.sources), card.quote.url if card.quote else ""}
    own.add(card.image.url if card.image else "")
    assert set(shown.hrefs) <= own
    for href in shown.hrefs:
        assert href.lower().startswith(("http://", "https://"))
        assert "matrix.to" not in href.lower()
    assert len(payload["body"].encode()) <= BODY + (400 if changed else 0)
    assert size(edit_of(payload)) < 40_000
    assert payload["m.mentions"] == {}


@given(card=cards, style=st.sampled_from(Style), struck=st.booleans(), changed=text, notify=notifying)
@settings(max_examples=150, deadline=None)
def test_no_card_pings_or_turns_its_own_words_into_links(
    card: Card, style: Style, struck: bool, changed: str, notify: str
) -> None:
    called = Matrix.render(card, style, struck=struck, changed=changed, notify=notify, more=3)
    payload = quiet(called)
    assert payload["m.mentions"] == {}
    assert called["m.mentions"] == ({"room": True} if notify == "role:@room" and not struck else {})
    plain = payload["body"].replace(card.url, "") if card.url else payload["body"]
    for words in (plain, Reader(payload["formatted_body"]).text):
        lowered = words.lower()
        for forbidden in ("@room", "@alice:example", "#town:example", "!room:example", "matrix.to", "matrix:u"):
            assert forbidden not in lowered
        assert "http://evil" not in lowered
        assert "www.evil" not in lowered


def test_markup_in_a_cards_words_is_shown_and_not_obeyed() -> None:
    words = '<b>5 < 6 & "7"</b>'
    card = replace(CARD, title=words, lead=words, site_name=words, quote=Quote(words, words))
    shown = Reader(Matrix.render(card, Style.CARD)["formatted_body"])
    assert shown.text.count(words) == 5
    assert "b" not in shown.tags


@pytest.mark.parametrize(
    "link",
    [
        "https://matrix.to/#/@alice:example.org", "https://MATRIX.TO/x", "https://ｍatrix.to/", "https://x.example/#/@a:b",
        "https://good.example@evil.example/", "javascript:alert(1)", "ftp://x.example/", "https://x.example/\u202egnp.exe",
    ],
)  # fmt: skip
def test_an_address_that_may_not_be_linked_is_shown_as_text(link: str) -> None:
    payload = Matrix.render(replace(CARD, url=link, quote=None, sources=()), Style.CARD)
    shown = Reader(payload["formatted_body"])
    assert shown.hrefs == []
    assert CARD.title in shown.text


def test_a_card_shows_title_lead_quotation_speaker_sources_and_site_in_order() -> None:
    assert Matrix.render(CARD, Style.CARD)["formatted_body"] == (
        '<h4><a href="https://ledger.example/2026/03/harbour-bridge-reopens/">'
        "Harbour bridge reopens after nine weeks</a></h4>"
        "<p>The swing bridge at the harbour mouth carried its first lorries on Monday, nine weeks after a barge hit it."
        "</p><blockquote><p>We counted every bolt twice.<br>— "
        '<a href="https://port.example/report">Inge Maddern</a></p></blockquote>'
        '<p>Sources: <a href="https://port.example/report">Port Authority</a> · The Quay Gazette</p>'
        "<p><sub>The Harbour Ledger · 2026-03-02 09:30 UTC</sub></p>"
    )


def test_a_correction_is_a_small_line_below_with_its_moment_in_both_forms() -> None:
    for style in Style:
        plain, corrected = (Matrix.render(CARD, style, changed=said) for said in ("", "headline changed"))
        said = "Corrected 2026-03-02 14:05 UTC: headline changed"
        assert corrected["formatted_body"] == f"{plain['formatted_body']}<p><sub>{said}</sub></p>"
        assert corrected["body"] == f"{plain['body']}\n\n{said}"


def test_a_correction_without_a_moment_is_said_too() -> None:
    body = Matrix.render(replace(CARD, modified=None), Style.CARD, changed="headline changed")["body"]
    assert body.endswith("\n\nCorrected: headline changed")


def test_a_struck_card_says_no_correction() -> None:
    struck = Matrix.render(CARD, Style.CARD, struck=True)
    assert Matrix.render(CARD, Style.CARD, struck=True, changed="headline changed") == struck


def test_a_correction_costs_the_card_nothing() -> None:
    card = replace(CARD, title="字" * 9000, lead="字" * 9000, quote=Quote("字" * 9000), sources=CARD.sources * 9)
    plain, corrected = (Matrix.render(card, Style.FULL, changed=said) for said in ("", "changed " * 500))
    for form in ("body", "formatted_body"):
        assert corrected[form].startswith(plain[form])
        assert "UTC: changed changed" in corrected[form]


@pytest.mark.parametrize("monster", MONSTERS)
def test_a_monster_in_every_field_at_once_is_no_more_than_an_event_may_be(monster: str) -> None:
    for style in Style:
        payload = Matrix.render(filled(MONSTERS[monster]), style, changed=MONSTERS[monster])
        assert size(edit_of(payload)) < 40_000
        assert not Reader(payload["formatted_body"]).open


def test_a_full_card_tells_the_pictures_own_words_and_links_them() -> None:
    compact, card, full = (Matrix.render(CARD, style) for style in Style)
    link = '<p>Picture: <a href="https://ledger.example/bridge.jpg">A swing bridge, half open</a></p>'
    assert link in full["formatted_body"]
    assert "Picture: A swing bridge, half open" in full["body"]
    assert "Picture" not in compact["body"] + card["body"]


def test_a_picture_without_words_is_not_told() -> None:
    card = replace(CARD, image=Image("https://ledger.example/bridge.jpg"))
    assert "Picture" not in Matrix.render(card, Style.FULL)["body"]


def test_the_plain_body_says_the_same() -> None:
    assert Matrix.text(Matrix.render(CARD, Style.CARD)) == (
        f"{CARD.title}\n{CARD.url}\n\n{CARD.lead}\n\n"
        "“We counted every bolt twice.”\n— Inge Maddern\n\nSources: Port Authority · The Quay Gazette\n\n"
        "The Harbour Ledger · 2026-03-02 09:30 UTC"
    )


def test_a_struck_card_is_its_title_struck_out_and_why() -> None:
    payload = Matrix.render(CARD, Style.FULL, struck=True)
    assert payload["formatted_body"] == (
        "<h4><del>Harbour bridge reopens after nine weeks</del></h4><p>Withdrawn by its publisher.</p>"
    )
    assert payload["body"] == "Harbour bridge reopens after nine weeks\n\nWithdrawn by its publisher."


def test_a_compact_card_is_title_lead_and_origin_and_a_full_one_says_what_kind_and_how_long() -> None:
    card = replace(CARD, author="Ann Lee", category="Harbour", reading_minutes=4)
    compact, full = (Matrix.render(card, style)["body"] for style in (Style.COMPACT, Style.FULL))
    assert compact == f"{CARD.title}\n{CARD.url}\n\n{CARD.lead}\n\nThe Harbour Ledger · Ann Lee · 2026-03-02 09:30 UTC"
    assert full.endswith("The Harbour Ledger · Ann Lee · Harbour · 2026-03-02 09:30 UTC · 4 min")


def test_a_right_to_left_name_cannot_turn_what_stands_beside_it() -> None:
    sources = (Citation("الجزيرة"), Citation("BBC"))
    card = replace(CARD, quote=Quote("قال ذلك", "محمد"), sources=sources, site_name="الجزيرة")
    body = Matrix.render(card, Style.CARD)["body"]
    assert "\n\u2068الجزيرة\u2069 · \u20662026-03-02" in body
    assert "— \u2068محمد\u2069" in body
    assert "Sources: \u2068الجزيرة\u2069 · BBC" in body


def test_a_long_card_is_cut_where_people_see_an_edge_and_keeps_its_link() -> None:
    family = "👩‍👩‍👧 "
    card = replace(CARD, title=family * 400, lead="字" * 9000, quote=Quote("& " * 9000))
    payload = Matrix.render(card, Style.FULL)
    shown = Reader(payload["formatted_body"])
    assert card.url in shown.hrefs
    title = shown.text.partition("…")[0]
    assert set(title.split()) == {family.strip()}
    assert size(edit_of(payload)) < 40_000


def test_an_untitled_card_has_something_to_click() -> None:
    assert Reader(Matrix.render(replace(CARD, title=""), Style.CARD)["formatted_body"]).text.startswith("The Harbour")
    assert "Untitled" in Matrix.render(Card("", "https://x.example/"), Style.CARD)["body"]


@given(words=text)
def test_an_answer_to_a_command_pings_nobody_and_keeps_its_size(words: str) -> None:
    shown = said(words)
    assert "@room" not in shown.lower()
    assert "@alice:example" not in shown
    assert len(html.escape(shown).encode()) <= BODY


def test_a_card_makes_a_sound_unless_it_is_asked_to_be_silent() -> None:
    kinds = {notify: Matrix.render(CARD, Style.CARD, notify=notify)["msgtype"] for notify in (NORMAL, SILENT)}
    assert kinds == {NORMAL: "m.text", SILENT: "m.notice"}


def test_a_card_for_everybody_says_so_above_itself_in_both_forms_and_can_be_quieted() -> None:
    plain, called = (Matrix.render(CARD, Style.CARD, notify=notify) for notify in (NORMAL, "role:@room"))
    assert called["body"] == f"@room\n\n{plain['body']}"
    assert called["formatted_body"] == f"<p>@room</p>{plain['formatted_body']}"
    assert called["m.mentions"] == {"room": True}
    assert quiet(called) == plain == quiet(plain)


def test_a_role_that_no_room_has_is_shown_as_any_card() -> None:
    assert Matrix.render(CARD, Style.CARD, notify="role:readers") == Matrix.render(CARD, Style.CARD)


def test_how_many_more_there_are_is_a_small_line_below() -> None:
    for count, told in ((1, "and 1 more article, not shown here"), (7, "and 7 more articles, not shown here")):
        payload = Matrix.render(CARD, Style.COMPACT, more=count)
        assert payload["formatted_body"].endswith(f"<p><sub>{told}</sub></p>")
        assert payload["body"].endswith(f"\n\n{told}")
    assert Matrix.render(CARD, Style.COMPACT, struck=True, more=7) == Matrix.render(CARD, Style.COMPACT, struck=True)


@pytest.mark.parametrize(
    "title", ["!roll 1d6", "/join #x:y", ".help", "> quoted", "？帮助", "Quill: help", "Quill, help"]
)
def test_a_title_is_no_command_to_other_bots(title: str) -> None:
    body = Matrix.render(replace(CARD, title=title), Style.CARD)["body"]
    assert body.startswith(f"\u2060{title[0]}")


def test_the_largest_card_is_no_larger_than_an_event_with_its_edit_may_be() -> None:
    far = "https://example.org/" + "&" * 1900
    words = "&'<" * 9000
    sources = tuple(Citation(words, far[:790]) for _ in range(30))
    quote, image = Quote(words, words, far[:790]), Image(far[:790], words)
    card = Card(words, far, words, quote, sources, image, site_name=words, author=words, category=words)
    for style in Style:
        assert size(edit_of(Matrix.render(card, style, changed=words))) < 40_000
