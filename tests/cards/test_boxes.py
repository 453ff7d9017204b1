"""Quotations that are set apart: in a box, as a heading; who signs them, and what only looks like one."""

from __future__ import annotations

import pytest

from bot.cards.reading import read
from bot.model import Quote
from tests.cards.posts import card, quote

SAID = "We have carried this mill on our backs for years, and we would do it again tomorrow."
OTHER = "Nobody asked the people of the quay before the wall was built around their gardens."
WHO = "a miller of the harbour"
SIGNED = {
    "themes give who is quoted a class of its own": '<blockquote><p>{}</p><div class="quote__author">{}</div></blockquote>',
    "a class that names an author does, inside the box": '<blockquote><p>{}</p><p class="author">{}</p></blockquote>',
    "some themes sign right behind the box": '<blockquote><p>{}</p></blockquote><div class="quote-author">{}</div>',
    "German themes do so in German": '<blockquote><p>{}</p></blockquote><p class="zitat-name">{}</p>',
    "an editor signs with a dash": "<blockquote><p>{}</p><p>— {}</p></blockquote>",
    "an editor signs with a wavy dash": "<blockquote><p>{}</p><p>~{}</p></blockquote>",
    "the block editor signs with cite": "<blockquote><p>{}</p><cite>{}</cite></blockquote>",
    "HTML's own book says footer": "<blockquote><p>{}</p><footer>{}</footer></blockquote>",
    "an editor signs behind a line's end": "<blockquote><p>{}<br>— {}</p></blockquote>",
    "a figure's caption signs what it shows": '<figure class="wp-block-pullquote"><p>{}</p><figcaption>{}</figcaption></figure>',
    "a pull quote is signed as any other": '<div class="pullquote"><p>{}</p></div><div class="quote_source">{}</div>',
}


@pytest.mark.parametrize("html", SIGNED.values(), ids=SIGNED)
def test_who_signs_a_quotation_is_its_speaker(html: str) -> None:
    assert quote(html.format(SAID, WHO)) == Quote(SAID, WHO)


def test_a_signature_may_stand_above_what_it_signs() -> None:
    """Some themes show the face and the name first."""
    assert quote(f'<blockquote><p class="author">Ida Roe</p><p>{SAID}</p></blockquote>') == Quote(SAID, "Ida Roe")


def test_a_short_last_line_with_a_name_signs() -> None:
    """Many an editor only starts a new line."""
    assert quote(f"<blockquote><p>{SAID}</p><p>Ida Roe</p></blockquote>") == Quote(SAID, "Ida Roe")


@pytest.mark.parametrize(
    "line",
    ["That is all there is.", "Saltmere in the spring of that year was a quiet town", "and so on it went"],
)
def test_a_last_line_that_is_no_name_signs_nothing(line: str) -> None:
    """An editor signs with a name: a line that goes on is the quotation's own."""
    said = quote(f"<blockquote><p>{SAID}</p><p>{line}</p></blockquote>")
    assert said is not None
    assert said.speaker == ""


def test_a_short_last_line_may_tell_what_the_signer_is() -> None:
    """Who says it and why one should listen stand together."""
    html = f"<blockquote><p>{SAID}</p><p>Ida Roe, harbour master of Saltmere</p></blockquote>"
    assert quote(html) == Quote(SAID, "Ida Roe, harbour master of Saltmere")


@pytest.mark.parametrize("name", ["author", "name", "source"])
def test_what_follows_a_quotation_signs_it_only_when_it_says_so(name: str) -> None:
    """The article's own author box follows quotations too; it has not said them."""
    said = quote(f'<blockquote><p>{SAID}</p></blockquote><p class="{name}">Otto Brand</p>')
    assert said == Quote(SAID, "")


def test_a_box_that_follows_other_text_signs_nothing() -> None:
    """A signature stands right behind what it signs."""
    html = f'<blockquote><p>{SAID}</p></blockquote><p>The wheel turned.</p><p class="quote-author">Otto Brand</p>'
    assert quote(html) == Quote(SAID, "")


def test_a_signature_ends_its_quotation_and_another_one_follows() -> None:
    """Two people in one box are two quotations, and neither says the other's words."""
    blocks = read(
        f"<blockquote><p>{SAID}</p><cite>Ida Roe</cite><p>{OTHER}</p><cite>Otto Brand</cite></blockquote>"
    ).blocks
    assert [(block.text, block.cite) for block in blocks] == [(SAID, "Ida Roe"), (OTHER, "Otto Brand")]
    assert blocks[0].box != blocks[1].box


def test_two_parts_of_a_signature_are_one() -> None:
    """A name and the paper it stood in are set in two elements."""
    html = f"<blockquote><p>{SAID}</p><footer>Ida Roe <cite>in The Tide</cite></footer></blockquote>"
    assert quote(html) == Quote(SAID, "Ida Roe, in The Tide")


def test_a_signature_s_link_is_the_quotation_s() -> None:
    """Where it can be read in full is part of who said it."""
    html = f'<blockquote><p>{SAID}</p><cite><a href="https://tide.example/a">Ida Roe</a></cite></blockquote>'
    assert quote(html) == Quote(SAID, "Ida Roe", "https://tide.example/a")


def test_a_cited_work_in_a_sentence_signs_nothing() -> None:
    """Outside a quotation, cite is the title of a work."""
    assert [block.text for block in read("<p>The play <cite>Mills</cite> ran.</p>").blocks] == ["The play Mills ran."]


REPEATED = {
    "as a whole": f"<p>“{SAID}” said Ida Roe.</p>",
    "in the middle of more": f"<p>“Yes, it is so. {SAID} That is all,” said Ida Roe.</p>",
    "in two halves": "<p>“We have carried this mill on our backs for years,” said Ida Roe, “and we would do it again tomorrow.”</p>",
}


@pytest.mark.parametrize("html", REPEATED.values(), ids=REPEATED)
def test_a_pull_quote_that_repeats_the_text_has_the_speaker_of_the_text(html: str) -> None:
    """Editors pull a sentence out of the article and leave the name where it stands."""
    assert quote(f'{html}<div class="pullquote"><p>{SAID}</p></div>') == Quote(SAID, "Ida Roe")


def test_a_pull_quote_that_repeats_nothing_has_no_speaker_of_the_text() -> None:
    """Somebody who is quoted elsewhere has not said this."""
    assert quote(f'<p>“{OTHER}” said Otto Brand.</p><div class="pullquote"><p>{SAID}</p></div>') == Quote(SAID, "")


def test_its_own_signature_stands_above_the_text_s_speaker() -> None:
    """Who signs a box is what its editor knew."""
    html = f'<p>“{SAID}” said Ida Roe.</p><div class="pullquote"><p>{SAID}</p><cite>Ida Roe, miller</cite></div>'
    assert quote(html) == Quote(SAID, "Ida Roe, miller")


@pytest.mark.parametrize("beside", ["<aside><q><p>{}</p></q></aside>", "<aside><q>{}</q></aside>"])
def test_a_quotation_beside_the_article_is_the_editor_s_choice(beside: str) -> None:
    """What stands beside the article as a quotation repeats it for the eye."""
    html = f"<p>“{OTHER}” said Otto Brand.</p>{beside.format(SAID)}<p>“{SAID}” said Ida Roe.</p>"
    assert quote(html) == Quote(SAID, "Ida Roe")


def test_what_else_stands_beside_the_article_is_not_quoted() -> None:
    """A note beside the article is the author's, or another article's."""
    assert quote(f"<aside><p>“{SAID}” said Ida Roe.</p></aside>") is None


HIGHLIGHTS = {
    "a subheading": f"<h2>“{SAID}”</h2>",
    "a paragraph set in bold": f"<p><strong>“{SAID}”</strong></p>",
    "in German marks": f"<h3>„{SAID}“</h3>",
    "in corner marks": f"<h3>「{SAID}」</h3>",
}


@pytest.mark.parametrize("html", HIGHLIGHTS.values(), ids=HIGHLIGHTS)
def test_a_line_set_apart_that_is_one_quotation_is_one(html: str) -> None:
    """Editors set highlights so, where the theme knows no pull quotes."""
    assert quote(f"{html}<p>The wheel turned.</p>") == Quote(SAID)


@pytest.mark.parametrize(
    "html", [f"<h2>Ida Roe: “{SAID}”</h2>", f"<h2>{SAID}</h2>", "<h2>“Blue lane” and “red lane”</h2>"]
)
def test_a_heading_that_is_no_quotation_as_a_whole_is_none(html: str) -> None:
    """A headline's words are the newsroom's."""
    assert quote(html) is None


@pytest.mark.parametrize(
    "opening",
    [
        "Summary:",
        "Key takeaways:",
        "Pro tip:",
        "Bottom line:",
        "TL;DR",
        "Fazit:",
        "En résumé,",
        "Итог:",
        "总结：",
        "まとめ ",
    ],
)
@pytest.mark.parametrize("box", ["<blockquote><p>{}</p></blockquote>", '<div class="pullquote"><p>{}</p></div>'])
def test_a_box_that_sums_up_is_no_quote(opening: str, box: str) -> None:
    """Bloggers set their own summary in a quotation's box; nobody has said it."""
    assert quote(box.format(f"{opening} {SAID}")) is None


def test_a_box_that_begins_with_a_word_s_like_is_still_a_quote() -> None:
    """“Notes” are no “Note”."""
    said = "Notes of a miller are what I keep, and I would keep them again tomorrow."
    assert quote(f"<blockquote><p>{said}</p></blockquote>") == Quote(said)


def test_a_block_quote_has_the_speaker_whom_the_paragraph_before_it_names() -> None:
    """A colon hands over to who was named."""
    html = f"<p>The miller, Ida Roe, wrote to the council:</p><blockquote><p>{SAID}</p></blockquote>"
    assert quote(html) == Quote(SAID, "Ida Roe")


def test_a_block_quote_behind_a_sentence_that_has_ended_has_no_speaker() -> None:
    """Without a colon the paragraph before is only the one before."""
    html = f"<p>The miller, Ida Roe, wrote to the council.</p><blockquote><p>{SAID}</p></blockquote>"
    assert quote(html) == Quote(SAID, "")


def test_a_chinese_block_quote_has_the_speaker_before_the_colon() -> None:
    """The colon does the same in Chinese."""
    opening = "灯塔在运转一百零七年后最后一次熄灭，守灯人没有离开塔顶，他在那里坐到了天亮，直到渔船都回来了。"
    html = (
        f"<p>{opening}</p><p>顾长汀写道：</p><blockquote><p>我们守着这盏灯，守了三十九年，还会守下去。</p></blockquote>"
    )
    assert card(html).quote == Quote("我们守着这盏灯，守了三十九年，还会守下去。", "顾长汀")


def test_a_quotation_inside_a_box_gives_its_words_and_its_speaker() -> None:
    """A box may hold the quotation and the sentence that names who said it."""
    assert quote(f"<blockquote><p>“{SAID}” said Ida Roe on Monday.</p></blockquote>") == Quote(SAID, "Ida Roe")


def test_marks_around_a_whole_box_are_not_shown_twice() -> None:
    """The card sets its own."""
    assert quote(f"<blockquote><p>“{SAID}”</p></blockquote>") == Quote(SAID)


def test_short_paragraphs_of_a_box_make_one_passage() -> None:
    """A first line that says too little needs the next one."""
    html = f"<blockquote><p>Listen to me.</p><p>{SAID}</p><p>{OTHER}</p></blockquote>"
    assert quote(html) == Quote(f"Listen to me. {SAID}")


@pytest.mark.parametrize("mark", ["[…]", "[...]", "…", "..."])
def test_what_a_box_leaves_out_is_told(mark: str) -> None:
    """An ellipsis at a paragraph's beginning is the editor's, and it is kept as one."""
    html = f"<blockquote><p>Listen to me.</p><p>{mark} {SAID}</p></blockquote>"
    assert quote(html) == Quote(f"Listen to me. … {SAID}")


def test_a_tweet_s_foot_is_its_signature() -> None:
    """Who posted it stands below the post, with the handle."""
    html = f'<blockquote class="twitter-tweet"><p>{SAID}</p>— Ida Roe (@idaroe) <a href="https://twitter.com/idaroe/status/1">May 1</a></blockquote>'
    found = quote(html)
    assert found is not None
    assert (found.text, found.speaker) == (SAID, "Ida Roe")


@pytest.mark.parametrize("kind", ["stylized", "has-large-font-size", "is-style-large"])
def test_a_block_quote_set_large_is_a_pull_quote(kind: str) -> None:
    """Size is how an editor says: this one."""
    html = f'<p>“{OTHER}” said Otto Brand.</p><blockquote class="{kind}"><p>{SAID}</p></blockquote>'
    assert quote(html) == Quote(SAID)
