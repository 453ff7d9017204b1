"""A card on Discord: what is sent, within which limits, and that strangers' text stays text."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.discord import Discord
from adapters.discord.cards import CHANGED
from adapters.discord.markdown import MAX_BUTTON_URL, MAX_EMBED_URL, escape, safe_url, same_url, unescape
from bot.model import NORMAL, SILENT, Card, Citation, Image, Payload, Quote, Style
from bot.text import clean, line, utf16
from tests.adapters.contract import MONSTERS, filled
from tests.farends.discord.rules import violations

PLAIN = Card(
    title="Rivers & roads",
    url="https://news.example/rivers",
    lead="The river rose in the night.",
    quote=Quote("Nobody slept.", "Ada Moor", "https://other.example/talk_(full)"),
    sources=(Citation("Water board", "https://water.example/levels"), Citation("A neighbour")),
    image=Image("https://news.example/river.jpg", "A flooded street"),
    language="en",
    site_name="The Example",
    author="J. Doe",
    category="Weather",
    reading_minutes=3,
    published=datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC),
    modified=datetime(2026, 5, 4, 14, 5, tzinfo=UTC),
)

TRICKS = (
    *("@everyone", "@\u202eeveryone", "<@123456789>", "<@&1>", "<#1>", "<:smile:1>", "<t:1>", "</x:1>", ":smile:"),
    *("https://evil.example", "[a](https://evil.example)", "](https://evil.example)", "](<https://evil.example>)"),
    *("# big", "-# small", "\n> q", ">>> all", "\n- item", "\n1. one", "||spoiler||", "```\ncode", "~~gone~~"),
    *("**b**", "__u__", "\\", "\\\\*x*", "mailto:a@b.c", "\ud800", "\x00", "\U000e0041\U000e007f", "\u2068"),
    *("🇨🇳🇷🇺", "👩\u200d👩\u200d👧", "e" + "\u0301" * 40, "شكرا", "שלום", "🔷" * 60),
)
hostile = st.lists(
    st.one_of(st.text(st.characters(categories=None), max_size=30), st.sampled_from(TRICKS)), max_size=12
).map("".join)
long = st.tuples(hostile, st.integers(1, 300)).map(lambda pair: (pair[0] * pair[1])[:5000])
texts = st.one_of(hostile, long)
urls = st.one_of(
    texts,
    texts.map(lambda text: "https://site.example/" + text),
    st.sampled_from(
        ["https://ok.example/a(b)c d>", "javascript:alert(1)", "https://user:pw@site.example/", "https://[::1]/"]
    ),
)
cards = st.builds(
    Card,
    title=texts,
    url=urls,
    lead=texts,
    quote=st.none() | st.builds(Quote, texts, texts, urls),
    sources=st.lists(st.builds(Citation, texts, urls), max_size=30).map(tuple),
    image=st.none() | st.builds(Image, urls, texts),
    site_name=texts,
    author=texts,
    category=texts,
    reading_minutes=st.integers(0, 10**6),
)


def test_a_plain_card_is_sent_as_this() -> None:
    assert Discord.render(PLAIN, Style.CARD) == {
        "content": "",
        "applied_tags": ["Weather"],
        "embeds": [
            {
                "url": "https://news.example/rivers",
                "title": "Rivers & roads",
                "description": (
                    "The river rose in the night.\n\n"
                    "> Nobody slept.\n> — [Ada Moor](<https://other.example/talk_%28full%29>)\n\n"
                    "Sources: A neighbour"
                ),
                "image": {"url": "https://news.example/river.jpg", "description": "A flooded street"},
                "footer": {"text": "The Example · J. Doe"},
                "timestamp": "2026-05-04T03:02:01Z",
            }
        ],
        "components": [
            {
                "type": 1,
                "components": [
                    {"type": 2, "style": 5, "label": "Read the article", "url": "https://news.example/rivers"},
                    {"type": 2, "style": 5, "label": "Water board", "url": "https://water.example/levels"},
                ],
            }
        ],
        "allowed_mentions": {"parse": []},
    }


def test_a_compact_card_is_a_title_and_a_lead() -> None:
    payload = Discord.render(PLAIN, Style.COMPACT)
    assert payload["embeds"][0]["description"] == "The river rose in the night."
    assert payload["components"] == []


def test_a_full_card_lists_its_sources_as_links() -> None:
    (embed,) = Discord.render(PLAIN, Style.FULL)["embeds"]
    assert "Sources: [Water board](<https://water.example/levels>) · A neighbour" in embed["description"]
    assert embed["footer"]["text"] == "The Example · J. Doe · Weather · 3 min"


def test_a_struck_card_keeps_its_title_and_its_mark() -> None:
    payload = Discord.render(PLAIN, Style.CARD, struck=True)
    assert payload["embeds"] == [
        {
            "url": "https://news.example/rivers",
            "description": "~~**Rivers & roads**~~\nWithdrawn by its publisher.",
            "footer": {"text": "The Example · J. Doe"},
            "timestamp": "2026-05-04T03:02:01Z",
        }
    ]
    assert payload["components"] == []


def test_a_correction_is_a_small_line_below_with_its_moment() -> None:
    plain, corrected = (Discord.render(PLAIN, Style.COMPACT, changed=said) for said in ("", "headline changed"))
    description = f"{PLAIN.lead}\n\n-# Corrected <t:1777903500:f>: headline changed"
    assert corrected["embeds"] == [{**plain["embeds"][0], "description": description}]
    assert "\n\nCorrected 2026-05-04 14:05 UTC: headline changed" in Discord.text(corrected)


def test_what_is_not_shown_is_a_small_line_at_the_end() -> None:
    (embed,) = Discord.render(PLAIN, Style.COMPACT, changed="headline changed", more=3)["embeds"]
    *_above, corrected, last = embed["description"].split("\n\n")
    assert corrected.startswith("-# Corrected")
    assert last == "-# 3 more articles were published meanwhile."
    (embed,) = Discord.render(Card("t", "https://a.example"), Style.CARD, more=1)["embeds"]
    assert embed["description"] == "-# 1 more article was published meanwhile."


def test_a_role_is_mentioned_and_may_be_pinged_alone() -> None:
    payload = Discord.render(PLAIN, Style.CARD, notify="role:123")
    assert (payload["content"], payload["allowed_mentions"]) == ("<@&123>", {"parse": [], "roles": ["123"]})
    assert Discord.text(payload).startswith("@123\n")


@pytest.mark.parametrize(
    "notify", [NORMAL, SILENT, "role:", "role:@everyone", "role:1 2", "role:١", "role:" + "1" * 21]
)
def test_what_is_no_role_mentions_nobody(notify: str) -> None:
    payload = Discord.render(PLAIN, Style.CARD, notify=notify)
    assert (payload["content"], payload["allowed_mentions"]) == ("", {"parse": []})
    assert payload.get("flags") == (4096 if notify == SILENT else None)


@given(cards, st.sampled_from(Style), st.booleans(), texts, st.sampled_from(["role:123", NORMAL, SILENT]) | texts)
@settings(max_examples=40, deadline=None)
def test_no_text_of_a_site_pings(card: Card, style: Style, struck: bool, changed: str, notify: str) -> None:
    payload = Discord.render(card, style, struck=struck, changed=changed, notify=notify, more=2)
    roles = {"content": "<@&123>", "allowed_mentions": {"parse": [], "roles": ["123"]}}
    nobody = {"content": "", "allowed_mentions": {"parse": []}}
    told = {name: payload[name] for name in nobody}
    assert told == (roles if notify == "role:123" else nobody)


def test_a_correction_without_a_moment_or_a_text_beside_it_is_said_too() -> None:
    (embed,) = Discord.render(Card("t", "https://a.example"), Style.CARD, changed="headline changed")["embeds"]
    assert embed["description"] == "-# Corrected: headline changed"


def test_a_struck_card_says_no_correction() -> None:
    struck = Discord.render(PLAIN, Style.CARD, struck=True)
    assert Discord.render(PLAIN, Style.CARD, struck=True, changed="headline changed") == struck


@pytest.mark.parametrize("style", list(Style))
def test_a_correction_costs_the_card_nothing(style: Style) -> None:
    words = "word " * 2000
    full = Card(words, PLAIN.url, words, Quote(words, words), PLAIN.sources * 15, site_name=words)
    plain, corrected = (Discord.render(full, style, changed=said)["embeds"][0] for said in ("", "changed " * 500))
    assert corrected["description"].startswith(plain["description"] + "\n\n-# Corrected: changed ")
    assert corrected["description"].endswith("…")


@pytest.mark.parametrize("monster", MONSTERS)
def test_a_monster_in_every_field_at_once_is_no_more_than_discord_takes(monster: str) -> None:
    for style in Style:
        payload = Discord.render(filled(MONSTERS[monster]), style, changed=MONSTERS[monster])
        assert violations("POST", "/channels/1/messages", payload) == []
        assert [live for markdown in _markdown_of(payload) for live in _live(markdown)] == []


def test_a_preview_reads_like_the_card() -> None:
    assert Discord.text(Discord.render(PLAIN, Style.CARD)) == (
        "Rivers & roads\nhttps://news.example/rivers\nThe river rose in the night.\n\n"
        "> Nobody slept.\n> — Ada Moor <https://other.example/talk_%28full%29>\n\nSources: A neighbour\n"
        "[image: A flooded street] https://news.example/river.jpg\nThe Example · J. Doe\n"
        "[Read the article] https://news.example/rivers\n[Water board] https://water.example/levels"
    )


def test_right_to_left_names_do_not_turn_the_line() -> None:
    (embed,) = Discord.render(Card(title="t", url="https://a.example", site_name="שלום", author="A"), Style.CARD)[
        "embeds"
    ]
    assert embed["footer"]["text"] == "\u2068שלום\u2069 · A"


@given(cards, st.sampled_from(Style), st.booleans(), texts)
@settings(max_examples=40, deadline=None)
@example(
    Card(title="🔷" * 9000, url="https://a.example", lead="*🔷" * 9000, quote=Quote("a\n" * 9000)),
    Style.FULL,
    False,
    "🔷*" * 9000,
)
def test_any_card_is_one_that_discord_takes(card: Card, style: Style, struck: bool, changed: str) -> None:
    payload = Discord.render(card, style, struck=struck, changed=changed)
    json.dumps(payload, ensure_ascii=False).encode()
    assert violations("POST", "/channels/1/messages", payload) == []
    (embed,) = payload["embeds"]
    assert utf16(embed.get("description", "")) <= 4096 * 0.6 + (CHANGED + 50 if changed else 0)
    assert utf16(embed.get("title", "")) <= 256


@given(cards, st.sampled_from(Style), st.booleans(), texts)
@settings(max_examples=40, deadline=None)
def test_no_text_of_a_site_formats_links_or_mentions(card: Card, style: Style, struck: bool, changed: str) -> None:
    for markdown in _markdown_of(Discord.render(card, style, struck=struck, changed=changed)):
        assert _live(markdown) == []


@given(texts)
@settings(deadline=None)
def test_escaped_text_reads_as_the_text_it_was(text: str) -> None:
    assert unescape(escape(line(text))) == line(text)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_stays_text(trick: str) -> None:
    assert _live(escape(clean(trick))) == []


def test_a_bar_at_the_beginning_of_a_lead_is_no_quote() -> None:
    (embed,) = Discord.render(Card(title="t", url="", lead="> not said"), Style.CARD)["embeds"]
    assert embed["description"] == "\\> not said"


@pytest.mark.parametrize(
    "live", ["*x*", "a_b", "https://x.example", "[a](b)", "<@1>", "@here", "# h", "- i", "1. i", "`c`", "|x|"]
)
def test_the_judge_of_these_tests_sees_what_is_live(live: str) -> None:
    assert _live(live) != []


@pytest.mark.parametrize(
    ("given_url", "sent"),
    [
        ("https://a.example/b c", "https://a.example/b%20c"),
        ("https://a.example/(x)>", "https://a.example/%28x%29%3E"),
        ("http://bücher.example/ä", "http://xn--bcher-kva.example/%C3%A4"),
        ("https://a.example/?q=a%2Fb&c=d+e#f", "https://a.example/?q=a/b&c=d+e#f"),
        ("javascript:alert(1)", ""),
        ("//a.example/", ""),
        ("https://xn--a.example/", ""),  # no valid Punycode
        ("https://user@a.example/", ""),
        ("https://a.example/" + "x" * MAX_EMBED_URL, ""),
        ("no url", ""),
        ("", ""),
    ],
)
def test_a_url_is_encoded_or_dropped_never_cut(given_url: str, sent: str) -> None:
    assert safe_url(given_url) == sent


def test_a_url_too_long_for_a_button_has_none() -> None:
    card = Card(title="t", url="https://a.example/" + "x" * MAX_BUTTON_URL)
    payload = Discord.render(card, Style.CARD)
    assert payload["embeds"][0]["url"] == card.url
    assert payload["components"] == []


@given(urls)
@settings(deadline=None)
def test_a_url_once_safe_stays_as_it_is(url: str) -> None:
    assert safe_url(safe_url(url)) == safe_url(url)


def test_a_url_is_the_same_with_a_last_slash() -> None:
    assert same_url("https://a.example", "https://a.example/")
    assert not same_url("", "")


def _markdown_of(payload: Payload) -> list[str]:
    """Everything that Discord reads as Markdown."""
    return [embed[name] for embed in payload["embeds"] for name in ("title", "description") if name in embed]


def _live(markdown: str) -> list[str]:
    """What would do something in the text, once our own marks (the bar, links, the strike) are taken out."""
    ours = r"(\\.)|\[((?:\\.|[^\\\[\]])*)\]\(<https?://[^<>()\s]*>\)"
    own = re.sub(ours, lambda match: match[1] or match[2], markdown)
    own = re.sub(r"^~~\*\*(.*)\*\*~~$", r"\1", own, flags=re.MULTILINE)
    own = re.sub(r"^> ", "", own, flags=re.MULTILINE)
    own = re.sub(r"^(Sources): ", r"\1 ", own, flags=re.MULTILINE)
    own = re.sub(r"^-# (Corrected)( <t:\d+:f>)?: ", r"\1 ", own, flags=re.MULTILINE)
    bare = re.sub(r"\\[^0-9A-Za-z\s]", "", own)
    found = re.findall(r"[*_~|`\[\]()<>@#:\\]", bare)
    return found + re.findall(r"^\s*(?:[-+]|\d+\.)", re.sub(r"\\[^0-9A-Za-z\s]", "x", own), flags=re.MULTILINE)
