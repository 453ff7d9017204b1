"""The lead is the first paragraph that is one."""

from __future__ import annotations

import pytest

from tests.cards.posts import OPENING, card

JUNK = {
    "a caption": "<figure><img src='a.jpg'><figcaption>The mill. Photo: Ida Roe / Ledger</figcaption></figure>",
    "a classic caption": '<div class="wp-caption"><p class="wp-caption-text">The mill at dawn, seen from the quay.</p></div>',
    "a byline": "<p>By IDA ROE</p>",
    "a date line of its own": "<p>12 March 2026</p>",
    "an editor's note": "<p><em>Editor’s note: this story was first published in the spring and is up to date.</em></p>",
    "a Chinese editor's note": "<p>编者按：本文为特稿，图片由受访者提供，转载请注明出处，并保留全部署名。</p>",
    "a share bar": '<div class="sharedaddy"><p>Tell everyone you know of this on all the networks.</p></div>',
    "a newsletter box": "<p>Sign up for our newsletter and get the news of the harbour every Friday.</p>",
    "a table of contents": '<div class="ez-toc-v2"><ul><li><a href="#a">The mill and all one wants to know.</a></li></ul></div>',
    "an empty paragraph": "<p>&nbsp;</p>",
    "what else to read": "<p>Read more: The mill that the harbour town has kept running for four hundred years.</p>",
    "a list of links": '<p><a href="/b/">Another story of the harbour town, and of all who live in it.</a></p>',
    "an advertisement": "<p>Advertisement</p>",
    "a shortcode": "[vc_row][vc_column_text]",
    "a script": "<script>document.write('<p>not a word of this</p>')</script>",
    "a reading time": "<p>3 minutes read</p>",
    "an agency's line with the headline once more": "<p>潮声社云海3月1日电　题：海上灯塔最后一次熄灭，守灯人在塔顶坐到了天亮，没有离开半步</p>",
    "what a box beside the article says": "<aside><p>The mill in figures: four hundred years, nine millers and one wheel of oak.</p></aside>",
    "an author's note in italics": "<p><em>Ida Roe is a writer who lives on the coast, and this article is one of nine.</em></p>",
    "a caption with its picture's source": "<p>The mill stands at the quay of the harbour town, as it ever did (Photo: Ida Roe)</p>",
    "a line that ends without a stop": "<p>The council of the harbour town and what it wants to do with the mill</p>",
    "a field's label": "<p>Location: the harbour town<form><label>Your name, and all that one wants to know of you.</label></form></p>",
    "a line that asks for something": "<p>Share this article with everyone whom you know in the harbour town, and beyond.</p>",
    "a row of a table": "<table><tr><td>The mill turns on every day of the week, and on feast days.</td></tr></table>",
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_what_stands_before_the_lead_is_not_the_lead(junk: str) -> None:
    assert card(f"{junk}<p>{OPENING}</p><p>More.</p>").lead == OPENING


ALONE = {
    "a line that asks for something": "<p>Join our club of the friends of the harbour, and of all who live there.</p>",
    "a reading time in a sentence": "<p>You have before you a story whose reading time is nine minutes, or so they say.</p>",
    "a note in Spanish": "<p>Nota del editor: el molino fue vendido y comprado otra vez en la primavera.</p>",
    "an agency's line that ends in a stop": "<p>潮声社云海3月1日电　题：海上灯塔最后一次熄灭，守灯人在塔顶坐到了天亮。</p>",
    "a caption that ends in a stop": "<p>The mill stands at the quay of the harbour town, as it ever did (Reuters/Ida Roe).</p>",
    "a short paragraph in italics": "<p><em>The mill stands where the river and the sea have met for four hundred years.</em></p>",
    "a long note in italics": f"<p><em>{OPENING} Ida Roe, who wrote this, is an editor of the Ledger.</em></p>",
}


@pytest.mark.parametrize("junk", ALONE.values(), ids=ALONE)
def test_what_ends_like_a_sentence_may_be_no_lead(junk: str) -> None:
    assert card(f"{junk}<p>{OPENING}</p>").lead == OPENING


LINES = {
    "a byline": "<p>By Ida Rowan and Otto Brand of the harbour</p>",
    "a name": "<p>Maximiliane Oldcastle-Portovecchio</p>",
    "a date": "<p>Seen in the harbour town on 12 March 2026</p>",
    "a caption": "<p>The mill at the quay, as it ever was (Reuters/Ida Rowan)</p>",
    "a label": "<p>Photo: the mill at the quay, as it ever was</p>",
    "a list's line": "<ul><li>The mill at the quay, as it ever was.</li></ul>",
    "a heading": "<h2>The mill at the quay, as it ever was</h2>",
}


@pytest.mark.parametrize("junk", LINES.values(), ids=LINES)
def test_where_the_text_is_short_a_label_is_still_none(junk: str) -> None:
    """A picture post has one line of text, and many around it."""
    assert card(f"{junk}<p>The mill turns again, at last.</p>").lead == "The mill turns again, at last."


def test_a_long_paragraph_need_not_end() -> None:
    """Some end in a colon, or in nothing at all."""
    opening = f"{OPENING[:-1]}, and all of its people have come to see it turn"
    assert card(f"<p>{opening}</p><p>{OPENING}</p>").lead == opening


ITALICS = {
    "an article set in italics as a whole begins with its beginning": f"<p><i>{OPENING}</i></p><p><i>More of it, and more of it, and more of it, and more of it.</i></p>",
    "a line in italics is the lead where only a list follows": f"<p><i>{OPENING}</i></p><ul><li>{OPENING} And more.</li></ul>",
    "so is it where only a few words follow": f"<p><i>{OPENING}</i></p><p>More.</p>",
}


@pytest.mark.parametrize("html", ITALICS.values(), ids=ITALICS)
def test_italics_are_no_note_where_nothing_better_follows(html: str) -> None:
    assert card(html).lead == OPENING


def test_a_long_title_is_not_repeated_by_a_shorter_lead() -> None:
    """Only the same words are the title again."""
    assert card(f"<p>{OPENING}</p>", "A title of its own that goes on and on " * 4).lead == OPENING


@pytest.mark.parametrize(
    "opening",
    [
        "By Monday morning the last of the boats had left the harbour, and nobody could say where it had gone.",
        "SALTMERE, March 3 (Ledger) — The harbour was closed on Tuesday after a barge struck the quay.",
        "Der Verein macht seit Montag Werbung für ein neues Ufer, an dem die Kinder der Stadt baden können.",
        "九月十三日凌晨，灯塔最后一次熄灭，守灯人没有离开塔顶。",
        "The Commission has sponsored a newsletter for the fishermen of the coast, and most of them read it.",
    ],
)
def test_words_of_junk_inside_a_sentence_are_no_junk(opening: str) -> None:
    assert card(f"<p>{opening}</p><p>{OPENING}</p>").lead == opening


def test_a_long_lead_is_cut_after_a_whole_sentence() -> None:
    assert card(f"<p>{' '.join([OPENING] * 9)}</p>").lead == f"{' '.join([OPENING] * 4)} …"


def test_a_short_first_sentence_of_its_own_belongs_to_the_lead() -> None:
    assert card(f"<p>Nobody wanted the mill.</p><p>{OPENING}</p>").lead == f"Nobody wanted the mill. {OPENING}"


def test_the_title_once_more_is_not_the_lead() -> None:
    """The reader has just read it."""
    title = "The council of the harbour town keeps the old mill running for another year"
    assert card(f"<p>{title}.</p><p>{OPENING}</p>", title).lead == OPENING


def test_a_sentence_that_begins_like_the_title_and_says_more_is_the_lead() -> None:
    """Newsrooms write the title from the lead."""
    assert card(f"<p>{OPENING}</p>", OPENING[:70]).lead == OPENING


def test_a_standfirst_in_italics_is_the_lead_where_it_is_about_the_matter() -> None:
    """A long paragraph in italics that speaks of no article is how some magazines begin."""
    standfirst = OPENING.replace("The council", "A council") + " Nobody in the town had thought so."
    assert card(f"<p><em>{standfirst}</em></p><p>{OPENING}</p>").lead == standfirst


NO_OPENER = {
    "a line in bold is a subheading": "<p><b>Nobody wanted the mill.</b></p>",
    "a line in italics is a note": "<p><i>Nobody wanted the mill.</i></p>",
    "a line with a link leads elsewhere": '<p><a href="/b/">Nobody</a> wanted the mill.</p>',
    "two words are a label": "<p>Mill latest.</p>",
    "a line that does not end is a label": "<p>Nobody wanted the mill</p>",
    "a label in a sentence is a label": "<p>Photo: Ida Rowan, the miller.</p>",
    "a box stands beside the article": "<aside><p>Nobody wanted the mill.</p></aside>",
}


@pytest.mark.parametrize("before", NO_OPENER.values(), ids=NO_OPENER)
def test_what_stands_before_the_lead_is_no_opening_sentence(before: str) -> None:
    assert card(f"{before}<p>{OPENING}</p>").lead == OPENING


def test_a_sentence_before_a_list_is_not_its_lead_s() -> None:
    """Only paragraphs go on from one to the next."""
    assert card(f"<p>Nobody wanted the mill.</p><ul><li>{OPENING}</li></ul>").lead == OPENING


@pytest.mark.parametrize(
    "html",
    [
        "<blockquote><p>{}</p></blockquote>",
        "<ul><li>{}</li></ul>",
        "<h2>{}</h2>",
        '<div class="pullquote"><p>{}</p></div>',
    ],
)
def test_where_no_paragraph_is_a_lead_another_passage_is(html: str) -> None:
    """A card without an opening says nothing."""
    assert card(html.format(OPENING)).lead == OPENING


def test_a_short_line_is_better_than_none() -> None:
    """Picture posts have one line of text."""
    assert card("<p>The mill turns again, at last.</p>").lead == "The mill turns again, at last."


def test_chinese_says_as_much_in_fewer_letters() -> None:
    """Twenty-five characters are a sentence there."""
    opening = "云海灯塔最后一次熄灭，守灯人没有离开塔顶，他坐到天亮。"
    assert card(f"<p>{opening}</p><p>{opening}灯还亮着。</p>").lead == opening


def test_a_long_sentence_that_begins_like_a_label_is_the_lead() -> None:
    """Labels are short."""
    opening = f"Video: {' '.join([OPENING] * 4)}"
    assert card(f"<p>{opening}</p>").lead.startswith("Video: The council")


def test_line_breaks_make_paragraphs_where_the_theme_knows_no_others() -> None:
    assert card(f"By Ida Roe<br /><br>{OPENING}<br><br>More of it.").lead == OPENING


def test_blank_lines_make_paragraphs_where_there_is_no_tag_at_all() -> None:
    assert card(f"{OPENING}\n\nMore of it.").lead == OPENING


def test_the_excerpt_is_the_last_resort() -> None:
    assert card("<p>Ok.</p>", excerpt=f"<p>{OPENING} [&hellip;]</p>").lead == f"{OPENING}…"


def test_an_article_inside_a_frame_with_a_plugin_s_class_is_still_the_article() -> None:
    assert card(f'<div class="share-content"><p>{OPENING}</p></div>').lead == OPENING


def test_lost_opening_tags_are_missed_by_nobody() -> None:
    assert card(f"\n{OPENING}</span></p>\n He wrote:</p>\n We go on.</p></blockquote>").lead == OPENING


def test_a_short_opener_is_no_part_of_the_lead_across_what_was_left_out() -> None:
    """The card's words stand in the article one behind the other, as on the card."""
    opener, text = (
        "It began with a leaking roof.",
        "The council of Saltmere closed the old library on Monday, for good.",
    )
    joined = f"<p>{opener}</p><p>{text}</p>"
    apart = f'<p>{opener}</p><div class="sharedaddy">Share this</div><p>{text}</p>'
    assert card(joined).lead == f"{opener} {text}"
    assert card(apart).lead == text
