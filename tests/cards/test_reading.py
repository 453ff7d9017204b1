"""HTML is read as a reader sees it: what is shown, in the blocks in which it is shown."""

from __future__ import annotations

import pytest

from bot.cards.blocks import Kind
from bot.cards.reading import MAX_CHARACTERS, MAX_EVENTS, read
from tests.cards.posts import OPENING


def texts(html: str) -> list[str]:
    return [block.text for block in read(html).blocks]


SHOWN = {
    "a reading above a word is not the word": ("<p><ruby>灯<rt>とう</rt>台<rt>だい</rt></ruby>の光</p>", ["灯台の光"]),
    "brackets make a reading part of the text": (
        "<p><ruby>灯台<rp>（</rp><rt>とうだい</rt><rp>）</rp></ruby>の光</p>",
        ["灯台（とうだい）の光"],
    ),
    "brackets hold for their own word alone": (
        "<p><ruby>灯台<rp>（</rp><rt>とうだい</rt><rp>）</rp></ruby>の<ruby>港<rt>みなと</rt></ruby></p>",
        ["灯台（とうだい）の港"],
    ),
    "hidden words are for machines": (
        '<p>The mill<span style="display: none"> is sold</span> turns.</p>',
        ["The mill turns."],
    ),
    "invisible ones too": (
        '<p>The mill<span style="visibility:hidden"> is sold</span> turns.</p>',
        ["The mill turns."],
    ),
    "so is what has the attribute": ("<p>The mill<i hidden> is sold</i> turns.</p>", ["The mill turns."]),
    "a hidden box is a plugin's": (
        '<div style="display:none"><p>Sold.</p></div><p>The mill turns.</p>',
        ["The mill turns."],
    ),
    "a form stands in a box of its own": ("The mill<form>Your name</form>turns.", ["The mill", "turns."]),
    "so does a field": ("<p>The mill<textarea>Your text</textarea>turns.</p>", ["The mill", "turns."]),
    "so does a video": ("<p>The mill<video>No video</video>turns.</p>", ["The mill", "turns."]),
    "a button stands in the line": ("<p>The mill <button>Copy</button> turns.</p>", ["The mill turns."]),
    "a comment is nobody's": ("<p>The <!-- old -->mill</p>", ["The mill"]),
    "blank lines make paragraphs where there is no tag at all": ("The mill\n\nturns.", ["The mill", "turns."]),
    "blank lines inside a tag make none": ('The mill <img\n\nalt="a\n\nb" src="a.jpg"> turns.', ["The mill turns."]),
    "they make none where there are paragraphs": ("<p>The mill\n\nturns.</p>", ["The mill turns."]),
    "a line's end is a space": ("<p>The mill<br>turns.</p>", ["The mill turns."]),
    "in Chinese it is nothing": ("<p>灯塔<br>熄灭。</p>", ["灯塔熄灭。"]),
    "two line ends are a paragraph's": ("<p>The mill<br><br>turns.</p>", ["The mill", "turns."]),
    "a space between them is nothing": ("<p>The mill<br> <br>turns.</p>", ["The mill", "turns."]),
    "a page's foot is text": ("<p>The mill</p><footer>turns.</footer>", ["The mill", "turns."]),
    "a plugin's box is known by its id": ('<div id="comments">First!</div><p>The mill turns.</p>', ["The mill turns."]),
    "a hidden box may have a class": (
        '<div class="x" style="display:none">Sold.</div><p>The mill turns.</p>',
        ["The mill turns."],
    ),
    "a pull quote is kept, whatever its parts are called": (
        '<div class="pullquote"><p class="related">The mill turns.</p></div>',
        ["The mill turns."],
    ),
    "spaces of all widths are one": ("<p>The&nbsp;&nbsp;mill&#8195; turns.</p>", ["The mill turns."]),
    "what nobody sees is not there": ("<p>The m\u200bi\u00adll turns.</p>", ["The mill turns."]),
    "what the editor struck out is not there": (
        "<p>The mill <del>stops</del> <s>stands</s> turns.</p>",
        ["The mill turns."],
    ),
    "nor what is hidden": ("<p>The mill turns.</p><p hidden>It stops.</p>", ["The mill turns."]),
    "a number that is no character is none": ("<p>The mill\ud800\x00 turns.</p>", ["The mill turns."]),
    "a shortcode of a plugin that is gone is no text": ('<p>One</p>[gallery ids="1,2"]<p>two</p>', ["One", "two"]),
    "so is one with an address": ("<p>One</p>[youtube https://v.example/1]<p>two</p>", ["One", "two"]),
    "so is a pair": ("<p>One</p>[row]<p>two</p>[/row]", ["One", "two"]),
    "so is one that nobody knows, with attributes": (
        '<p>One</p>[tide-table harbour="Saltmere"]<p>two</p>',
        ["One", "two"],
    ),
    "what an editor put into brackets is text": (
        "<p>They took the [row of houses] and the [block], [video] or no [one-way street].</p>",
        ["They took the [row of houses] and the [block], [video] or no [one-way street]."],
    ),
    "an editor's brackets are": (
        "<p>They took [the owners’] mill […] and wheel [sic].</p>",
        ["They took [the owners’] mill […] and wheel [sic]."],
    ),
}


@pytest.mark.parametrize(("html", "expected"), SHOWN.values(), ids=SHOWN)
def test_what_is_shown_is_read(html: str, expected: list[str]) -> None:
    assert texts(html) == expected


KINDS = {
    "a caption's class": ('<p class="wp-caption-text">A mill.</p>', Kind.CAPTION),
    "a figure": ("<figure><p>A mill.</p></figure>", Kind.CAPTION),
    "a table's cell": ("<table><tr><td>A mill.</td></tr></table>", Kind.CELL),
    "a list's line": ("<ul><li><p>A mill.</p></li></ul>", Kind.ITEM),
    "a subheading": ("<h3>A mill.</h3>", Kind.HEADING),
    "code": ("<pre>A mill.</pre>", Kind.PREFORMATTED),
    "a quotation": ("<blockquote><h3>A mill.</h3></blockquote>", Kind.QUOTATION),
    "a pull quote that holds a quotation": (
        '<div class="pullquote"><blockquote><p>A mill.</p></blockquote></div>',
        Kind.PULL,
    ),
    "a quotation in a caption's type": ('<blockquote><p class="credit">A mill.</p></blockquote>', Kind.QUOTATION),
    "a quotation in the running text": ("<div><q><p>A mill.</p></q></div>", Kind.PARAGRAPH),
    "a quotation set large": ('<blockquote class="has-large-font-size"><p>A mill.</p></blockquote>', Kind.PULL),
    "a post from elsewhere": ('<blockquote class="instagram-media"><p>A mill.</p></blockquote>', Kind.EMBED),
    "a box for a tweet that the theme calls a pull quote": (
        '<blockquote class="tweet pullquote">A mill.</blockquote>',
        Kind.QUOTATION,
    ),
    "a paragraph set large": ('<p class="has-large-font-size">A mill.</p>', Kind.PARAGRAPH),
    "a paragraph of a theme's embed block": ('<p class="wp-block-embed">A mill.</p>', Kind.PARAGRAPH),
}


@pytest.mark.parametrize(("html", "kind"), KINDS.values(), ids=KINDS)
def test_a_block_is_what_an_editor_would_call_it(html: str, kind: Kind) -> None:
    assert [block.kind for block in read(html).blocks] == [kind]


@pytest.mark.parametrize(
    "html",
    [
        "<aside><p>A mill.</p></aside>",
        '<div class="infobox"><p>A mill.</p></div>',
        '<section class="alignright">A mill.</section>',
    ],
)
def test_a_box_beside_the_article_is_told_from_it(html: str) -> None:
    """What stands beside the article is not what it begins with."""
    assert [block.aside for block in read(html).blocks] == [True]


def test_a_paragraph_that_is_set_right_is_no_box() -> None:
    """Signatures and datelines are set right."""
    assert [block.aside for block in read('<p class="alignright">A mill.</p>').blocks] == [False]


LONG = f"<p>{OPENING}</p>" * 14


@pytest.mark.parametrize("name", ["share", "related-posts", "newsletter", "ez-toc", "ads", "author-box"])
def test_a_plugin_s_box_is_left_out_while_it_is_short(name: str) -> None:
    """Themes wrap whole articles in boxes with such names."""
    assert texts(f'<div class="{name}"><p>Tell them.</p></div>{LONG}') == [OPENING] * 14
    assert texts(f'<div class="{name}">{LONG}</div>{LONG}') == [OPENING] * 28


@pytest.mark.parametrize(("frame", "shown"), [("social-embed", 1), ("social-media-embed", 1), ("social-links", 0)])
def test_a_frame_around_a_post_from_elsewhere_is_no_share_bar(frame: str, shown: int) -> None:
    """Themes name it after the networks too."""
    post = '<blockquote class="twitter-tweet"><p>It turns.</p></blockquote>'
    blocks = read(f'{LONG}<div class="{frame}">{post}</div>').blocks
    assert [block.kind for block in blocks].count(Kind.EMBED) == shown


@pytest.mark.parametrize("hidden", ['style="display:none"', "hidden"])
def test_a_long_box_that_is_hidden_may_be_opened(hidden: str) -> None:
    """“Read on” is a script's button, and the article is behind it."""
    assert texts(f"<div {hidden}>{LONG}</div>{LONG}") == [OPENING] * 28


@pytest.mark.parametrize("sign", ['<span class="author">miller</span>', '<p class="plain">Miller.</p>'])
def test_what_is_no_box_of_its_own_signs_nothing(sign: str) -> None:
    """A word in a sentence is a word, and a paragraph is a paragraph."""
    assert not any(block.cite for block in read(f"<blockquote><p>A mill.</p>The {sign}</blockquote>").blocks)


def test_a_caption_as_long_as_an_article_is_text() -> None:
    """Galleries hold whole stories."""
    blocks = read(f'<div class="gallery">{LONG}</div>').blocks
    assert [block.kind for block in blocks] == [Kind.PARAGRAPH] * 14


def test_a_link_stands_where_its_words_stand() -> None:
    """Spaces and invisible characters move words, and the link with them."""
    (block,) = read('<p>One  <a href="https://a.example/">t\u200bwo   three</a> four</p>').blocks
    assert [block.text[link.start : link.end] for link in block.links] == ["two three"]


def test_a_picture_that_waits_for_a_script_has_its_own_address() -> None:
    """Themes put a grey pixel where the picture will be."""
    assert [
        picture.url for picture in read('<img src="pixel.gif" data-src="mill.jpg"><img data-lazy-src="b.jpg">').pictures
    ] == [
        "mill.jpg",
        "b.jpg",
    ]


def test_a_picture_of_a_post_from_elsewhere_is_not_the_article_s() -> None:
    """It belongs to whoever posted it."""
    assert read('<blockquote class="twitter-tweet"><img src="a.jpg"></blockquote>').pictures == ()


def test_what_comes_after_more_tags_than_any_article_has_is_not_read() -> None:
    """A post cannot hold up the bot."""
    assert texts(f"<p>{OPENING}</p>{'<br>' * MAX_EVENTS}<p>More.</p>") == [OPENING]


def test_what_comes_after_more_text_than_any_article_has_is_not_read() -> None:
    """The same with words."""
    assert texts(f"<p>{OPENING}</p><!--{'x' * MAX_CHARACTERS}--><p>More.</p>") == [OPENING]


def test_a_first_letter_set_large_belongs_to_its_word() -> None:
    """Themes set it into a box of its own; what is a word by itself stays one."""
    large = read("<div><span>T</span><p>urnstone <a href='https://a.example/b'>ferries</a> are back.</p></div>").blocks
    assert [(block.text, block.links[0].start) for block in large] == [("Turnstone ferries are back.", 10)]
    word = read("<div><span>A</span><p>long winter is over.</p></div>").blocks
    assert [block.text for block in word] == ["A", "long winter is over."]
