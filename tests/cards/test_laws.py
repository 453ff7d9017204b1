"""What holds for any post, healthy or hostile."""

from __future__ import annotations

import html as entities
import re
from urllib.parse import quote

import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.cards import lead, passages
from bot.cards.citations import MOST, canonical
from bot.cards.reading import read
from bot.cards.repair import repair
from bot.cards.sentences import weight
from bot.text import line
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


SENTENCES = st.sampled_from(
    [
        OPENING,
        "We go on as we did and as we always shall .",
        "Das Bürgermeisterkanzleischreibmaschinenzimmer ! bleibt ; leer , ja , ganz leer .",
        "灯 塔 熄 灭 ， 守 灯 人 没 有 走 。",
        "الميناء باق ، والبحر معه .",
    ]
).flatmap(lambda text: st.lists(st.sampled_from(text.split()), max_size=40).map(" ".join))
"""Texts of one script each, of some few words."""
ADDRESSES = st.builds(
    "{}://{}/{}?{}#{}".format,
    st.sampled_from(["https", "HTTP", "ftp", ""]),
    st.sampled_from(["a.example", "WWW.Ledger.example:8080", "ida@灯.example", "localhost", "a..example", "[a"]),
    st.text('aß灯/%2F .\u202e\\"<&;'),
    st.lists(st.sampled_from(["utm_source=x", "id=1", "q=%20 x", "fbclid=灯", "", "a", "url=https://b.example/"])).map(
        "&".join
    ),
    st.text("ab"),
)
WRAPPED = st.recursive(
    ADDRESSES,
    lambda inner: (
        inner.map(lambda url: "https://www.google.com/url?sa=D&q=" + quote(url, safe=""))
        | inner.map(lambda url: "https://l.facebook.com/l.php?h=x&u=" + quote(url, safe=""))
        | inner.map(entities.escape)
        | inner.map(lambda url: url.removeprefix("https:"))
    ),
    max_leaves=1,
)


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
    one = html.replace("<p>", '<p class="pullquote" id="share" style="display:none">')
    other = html.replace("<p>", '<p style="display:none" id="share" class="pullquote">')
    one, other = one.replace("<a ", '<a rel="nofollow" '), other.replace("/a'>", '/a\' rel="nofollow">')
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


@given(SENTENCES, st.integers(1, 60))
def test_lead_and_quote_keep_within_what_a_reader_reads(text: str, times: int) -> None:
    long = " ".join([text] * times)
    made = card(f"<p>{long}</p><div class='pullquote'><p>{long}</p></div>")
    assert weight(made.lead) <= 1.3 * lead.LIMIT + 2
    assert made.quote is None or weight(made.quote.text) <= 1.3 * passages.LIMIT + 2


@given(st.lists(st.tuples(WRAPPED, st.sampled_from(["the report", "The Tide", "Source", " "])), max_size=7))
def test_a_card_has_few_sources_and_each_is_an_address_of_its_own(links: list[tuple[str, str]]) -> None:
    html = "".join(f'<p>A report <a href="{entities.escape(url)}">{words}</a> said so.</p>' for url, words in links)
    urls = [source.url for source in card(html).sources]
    assert len(urls) <= MOST
    assert len(set(urls)) == len(urls)


@given(WRAPPED | st.text())
def test_an_address_that_is_canonical_stays_as_it_is(url: str) -> None:
    assert canonical(canonical(url)) == canonical(url)


@given(WRAPPED)
def test_a_canonical_address_is_one_of_the_web(url: str) -> None:
    address = canonical(url)
    assert not address or re.fullmatch(r"https?://[^/\s]+\.[^/\s]+/?[^\s\"<>\\]*", address)


@given(st.lists(st.text("aZß灯\u202e\u200b\n\t \u0301“|（)：.&", min_size=1, max_size=90), min_size=1, max_size=4))
def test_a_name_is_one_clean_line_of_sixty_characters(names: list[str]) -> None:
    html = "".join(
        f'<p>A report in {name} <a href="https://o{number}.example/a">{name}</a> said “{OPENING}” {name} said.</p>'
        for number, name in enumerate(names)
    )
    made = card(html)
    shown = [source.name for source in made.sources]
    assert all(0 < len(name) <= 60 for name in shown)
    for name in [*shown, made.quote.speaker if made.quote else ""]:
        assert name == line(name)
        assert not regex.search(r"[\p{Cc}\p{Cs}\u202a-\u202e\u200b]", name)
