"""What holds for any post, healthy or hostile."""

from __future__ import annotations

import html as entities
import re

from hypothesis import given
from hypothesis import strategies as st

from bot.cards.reading import read
from bot.cards.repair import repair
from tests.cards.posts import OPENING, card, letters, parts

WORDS = st.text("abcÄß灯塔で가شא “”„«»「」'\"’.,:;!?…—-()[]@#|123 \n", max_size=60) | st.sampled_from(
    [
        OPENING,
        "“We go on,” said Ida Roe, “as we always did.”",
        "顾长汀表示：“灯告诉你家在哪里。”",
        "Ida Roe wrote:",
        "&#8220;&amp;",
        "(Source)",
    ]
)
TAGS = ["p", "div", "blockquote", "b", "em", "cite", "li", "h2", "td", "pre", "span", "script", "br", "figcaption"]
TAGS += [
    "a href='https://o.example/a'",
    "figure class=wp-block-pullquote",
    "div class=share",
    "blockquote class=twitter-tweet",
]
PIECES = st.lists(
    st.tuples(st.sampled_from(TAGS), WORDS, st.booleans(), st.booleans()).map(
        lambda piece: (
            (f"<{piece[0]}>" if piece[2] else "") + piece[1] + (f"</{piece[0].split()[0]}>" if piece[3] else "")
        )
    ),
    max_size=14,
).map("".join)


def visible(html: str) -> str:
    return letters(entities.unescape(re.sub(r"<[^<>]*>", " ", html)))


def read_by_people(html: str) -> str:
    return visible(html) + "\n" + visible(re.sub(r"(?s)<script>.*?(?:</script>|$)", "", html))


@given(PIECES)
def test_every_word_of_lead_and_quote_is_the_article_s_own(html: str) -> None:
    made = card(html)
    text = read_by_people(html).replace("…", "")
    for part in parts(made.lead) + parts(made.quote.text if made.quote else ""):
        assert part in text


@given(st.text(max_size=300))
def test_no_text_breaks_a_card(html: str) -> None:
    card(html, title=html, excerpt=html)


@given(PIECES)
def test_what_was_repaired_needs_no_repair(html: str) -> None:
    assert repair(repair(html)) == repair(html)


@given(PIECES)
def test_lost_opening_tags_lose_no_word(html: str) -> None:
    closed = re.sub(r"<[a-z][^<>]*>", " ", html)
    words = "".join(block.text for block in read(closed).blocks)
    assert len(letters(words)) <= len(visible(closed))


@given(PIECES)
def test_the_order_of_attributes_never_matters(html: str) -> None:
    one = html.replace("<p>", '<p class="a" id="b" style="c">')
    other = html.replace("<p>", '<p style="c" id="b" class="a">')
    assert card(one) == card(other)


@given(
    st.lists(
        st.sampled_from(
            ["<p>&nbsp;</p>", "<p>By IDA ROE</p>", "<p>Advertisement</p>", "<hr>", "<p>Photo: Otto Brand</p>"]
        )
    )
)
def test_junk_before_the_lead_changes_nothing_of_lead_and_quote(junk: list[str]) -> None:
    post = f"<p>{OPENING}</p><p>“We go on as we always did, and we are glad of it,” said Ida Roe.</p>"
    plain, full = card(post), card("".join(junk) + post)
    assert (full.lead, full.quote) == (plain.lead, plain.quote)


def test_no_depth_of_nesting_hides_the_text() -> None:
    assert card(f"{'<div>' * 20_000}<p>{OPENING}</p>").lead == OPENING
