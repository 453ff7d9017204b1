"""The quote is the one worth reading; no quote is better than a bad one."""

from __future__ import annotations

import pytest

from bot.model import Quote
from tests.cards.posts import OPENING, card

SAID = "We have carried this mill on our backs for years, and we would do it again tomorrow."


def quote(html: str) -> Quote:
    found = card(f"<p>{OPENING}</p>{html}").quote
    assert found is not None
    return found


@pytest.mark.parametrize(
    "pull",
    [
        f'<figure class="wp-block-pullquote"><blockquote><p>{SAID}</p><cite>Ida Roe</cite></blockquote></figure>',
        f'<div class="td_pull_quote"><p>{SAID}</p><p>— Ida Roe</p></div>',
        f'<aside class="module-quote pullquote"><p>“{SAID}”</p><footer>Ida Roe</footer></aside>',
    ],
)
def test_the_editor_s_own_choice_goes_first(pull: str) -> None:
    said = quote(f"<p>“Another thing that was said here by somebody else,” said Otto Brand.</p>{pull}")
    assert (said.text, said.speaker) == (SAID, "Ida Roe")


def test_a_pull_quote_has_the_speaker_that_the_text_gives_it() -> None:
    said = quote(f'<p>“{SAID}” said Ida Roe.</p><figure class="wp-block-pullquote"><p>{SAID}</p></figure>')
    assert said.speaker == "Ida Roe"


def test_a_box_that_only_stands_left_is_no_pull_quote() -> None:
    said = quote(f'<div class="pull-left"><p>A fact or two about the mill.</p></div><p>“{SAID}” said Ida Roe.</p>')
    assert said.text == SAID


def test_a_block_quote_loses_its_source_mark_and_keeps_the_link() -> None:
    said = quote(
        "<p>Ida Roe argued in The Tide that the mill must stay:</p>"
        f'<blockquote><p>{SAID} [<a href="https://tide.example/b"><strong>Source</strong></a>]</p></blockquote>'
    )
    assert said == Quote(SAID, "Ida Roe in The Tide", "https://tide.example/b")


def test_a_button_under_a_block_quote_is_nobody_s_name() -> None:
    assert quote(f"<blockquote><p>{SAID}</p><p>Read More</p></blockquote>") == Quote(SAID)


def test_he_is_neither_of_two_who_are_named_before() -> None:
    said = quote(f"<p>Ida Roe asked Tom Hale why the mill must stay. “{SAID}” he said.</p>")
    assert said == Quote(SAID)


@pytest.mark.parametrize(
    "first",
    [
        "<p>“Nobody in this town has ever loved that mill more than my mother did!” said Otto Brand.</p>",
        "<p>“Who in this town has ever loved that mill more than my mother did?” said Otto Brand.</p>",
        "<p>“They have never once asked anybody in this town what I would do with my mill if it were mine,” said Otto Brand.</p>",
        "<p>Otto Brand wrote: “Nobody in this town has been asked what is to become of the mill.”</p>",
    ],
    ids=["an outcry", "a question", "leans on what was said before", "nothing goes on behind it"],
)
def test_among_good_quotes_an_earlier_one_loses_to_a_statement_that_stands_alone(first: str) -> None:
    assert quote(f"{first}<p>“{SAID}” said Ida Roe.</p>").text == SAID


def test_a_block_is_shown_as_well_as_a_quotation_whose_sentence_goes_on() -> None:
    shown = "Nobody in this town has been asked what is to become of the mill."
    html = f"<blockquote><p>{shown}</p></blockquote><p>“{SAID}” said Ida Roe.</p>"
    assert quote(html).text == shown


def test_two_halves_of_one_sentence_are_joined_by_an_ellipsis() -> None:
    said = quote("<p>“We have carried this mill,” said Ida Roe, “and we would do it again tomorrow.”</p>")
    assert said.text == "We have carried this mill … and we would do it again tomorrow."


def test_readers_comments_in_one_box_are_quotes_of_their_own() -> None:
    html = "<p>网友评论如下：</p><blockquote><p>@海边的人：我们守着这盏灯，守了三十九年。</p><p>@路人：好。</p></blockquote>"
    said = card(f"<p>{'灯塔在运转一百零七年后最后一次熄灭，守灯人没有离开。' * 2}</p>{html}").quote
    assert said == Quote("我们守着这盏灯，守了三十九年。", "@海边的人")


def test_an_interview_s_answers_are_the_quotes() -> None:
    html = f"<p><b>Ida Roe:</b> {SAID}</p><p><b>Ledger:</b> Why?</p><p><b>Ida Roe:</b> Because it was there.</p>"
    assert quote(html) == Quote(SAID, "Ida Roe")


@pytest.mark.parametrize(
    "html",
    [
        "<p>The “blue lane” closes at eight, and the “red lane” never opens.</p>",
        "<p>The film “The Long Way Home to the Sea” is shown on Friday.</p>",
        "<p>Forms are on the council’s page, and there is nothing more to say.</p>",
        "<p>“Click here to subscribe to our newsletter and never miss a thing,” says the box.</p>",
    ],
)
def test_where_nothing_is_quotable_there_is_no_quote(html: str) -> None:
    assert card(f"<p>{OPENING}</p>{html}").quote is None


def test_a_long_quote_is_cut_after_a_whole_sentence() -> None:
    said = quote(f"<p>Ida Roe said:</p><blockquote><p>{' '.join([SAID] * 9)}</p></blockquote>")
    assert said.text == f"{' '.join([SAID] * 4)} …"


@pytest.mark.parametrize(("named", "speaker"), [("The Tide Weekly", "The Tide Weekly"), ("a newspaper", "")])
def test_an_outlet_stands_for_a_quotation_only_by_a_name_that_the_text_gives(named: str, speaker: str) -> None:
    """A name made of the address is not the article's word."""
    said = quote(
        f"<p>All of it stood in {named} on Monday.</p>"
        f'<blockquote><p>{SAID} [<a href="https://the-tide-weekly.example/b">Source</a>]</p></blockquote>'
    )
    assert said.speaker == speaker
