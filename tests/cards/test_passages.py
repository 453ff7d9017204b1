"""Every passage that could be a quote, and what is known of it before one is chosen."""

from __future__ import annotations

import pytest

from bot.cards.blocks import Kind
from bot.cards.names import Names
from bot.cards.passages import Candidate, candidates
from bot.cards.reading import read
from bot.cards.speaker import Attribution

SAID = "We have carried this mill on our backs for years, and we would do it again tomorrow."


def found(html: str, language: str = "en") -> list[Candidate]:
    blocks = read(html).blocks
    return list(candidates(blocks, Attribution(language, Names("\n".join(block.text for block in blocks)))))


def texts(html: str) -> list[str]:
    return [each.text for each in found(html)]


def joined(html: str) -> list[str]:
    return [each.text for each in found(html) if each.span is None]


def test_two_halves_of_a_sentence_are_one_quotation_besides() -> None:
    """The newsroom put the speaker in the middle; what is left out there is told by an ellipsis."""
    html = "<p>“We have carried this mill,” said Ida Rowan, “and we would do it again.”</p>"
    assert texts(html) == [
        "We have carried this mill,",
        "and we would do it again.",
        "We have carried this mill … and we would do it again.",
    ]


APART = {
    "the first has ended": "<p>“We have carried it.” Ida Rowan said. “And we would again.”</p>",
    "the newsroom's sentence ends between them": "<p>“It is so,” said Ida Rowan. “We have carried it.”</p>",
    "one word is an exclamation": "<p>“No,” said Ida Rowan, “and we would do it again.”</p>",
    "much stands between": f"<p>“We have carried it,” said Ida Rowan, who {'has run the mill and ' * 6}was there, “and would.”</p>",
    "nobody says it": "<p>Over the gate stand “the mill,” and lower down “the wheel of it”.</p>",
    "a long one is followed by a sentence of its own": f"<p>“{SAID[:-1]},” said Ida Rowan. “We have done it.”</p>",
}


@pytest.mark.parametrize("html", APART.values(), ids=APART)
def test_two_quotations_stay_two(html: str) -> None:
    assert joined(html) == []


def test_a_long_half_goes_on_where_its_sentence_does() -> None:
    """A small letter is the same sentence."""
    html = "<p>“We have carried this mill on our backs for years and for years,” said Ida Rowan, “and would again.”</p>"
    assert len(joined(html)) == 1


SPOKEN = {
    "a word of saying beside it": ("<p>“We carried it,” said Ida Rowan.</p>", True),
    "a colon before it": ("<p>Over the gate: “We carried it.”</p>", True),
    "a long paragraph of nothing else": (f"<p>“{SAID}”</p>", True),
    "a short paragraph of nothing else": ("<p>“We carried it.”</p>", False),
    "a long one at the end of its paragraph": (f"<p>Over the gate “{SAID}”</p>", False),
    "a long one at the beginning of its paragraph": (f"<p>“{SAID}” stands over the gate.</p>", False),
    "words in marks": ("<p>The mill is “a house of wood” and more.</p>", False),
}


@pytest.mark.parametrize(("html", "said"), SPOKEN.values(), ids=SPOKEN)
def test_words_in_marks_are_speech_where_the_text_shows_it(html: str, said: bool) -> None:
    assert [each.said for each in found(html)] == [said]


WHOLE = {
    "a sentence behind a sentence": ("<p>She left. “We carried it,” said Ida Rowan.</p>", True),
    "a sentence in the middle of another": ("<p>The sign “We carried it” is old.</p>", True),
    "words that go on from the newsroom's": ("<p>She said that “we carried it.”</p>", False),
    "words in small letters behind a comma": ("<p>She said, “we carried it.”</p>", False),
}


@pytest.mark.parametrize(("html", "whole"), WHOLE.values(), ids=WHOLE)
def test_a_quotation_is_whole_where_it_begins_as_a_sentence_does(html: str, whole: bool) -> None:
    """What begins in the middle is understood with the newsroom's words only."""
    assert [each.whole for each in found(html)] == [whole]


LINK = '<a href="https://tide.example/a">{}</a>'
LINKS = {
    "on its words": f"<p>“We {LINK.format('carried')} it,” said Ida Rowan.</p>",
    "around it": f"<p>{LINK.format('“We carried it,”')} said Ida Rowan.</p>",
    "right behind it": f"<p>“We carried it,”{LINK.format(' said')} Ida Rowan.</p>",
}


@pytest.mark.parametrize("html", LINKS.values(), ids=LINKS)
def test_a_link_that_touches_a_quotation_is_its_own(html: str) -> None:
    assert [each.url for each in found(html)] == ["https://tide.example/a"]


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{LINK.format('The mill')} turns. “We carried it,” said Ida Rowan.</p>",
        f"<p>“We carried it,” said Ida Rowan of {LINK.format('the mill')}.</p>",
    ],
)
def test_a_link_elsewhere_in_the_paragraph_is_not(html: str) -> None:
    """It leads to what the newsroom tells."""
    assert [each.url for each in found(html)] == [""]


def test_a_colon_s_link_is_the_block_quote_s() -> None:
    """“Ida Roe wrote in The Tide:” links what is then quoted."""
    box = f"<blockquote><p>{SAID}</p></blockquote>"
    before = f"<p>Ida Rowan {LINK.format('wrote')}"
    assert [each.url for each in found(f"{before}:</p>{box}")] == ["https://tide.example/a"]
    assert [each.url for each in found(f"{before} so.</p>{box}")] == [""]


INTRODUCED = {
    "ar": ("وقالت الباحثة نوال القرشي:", "لن نغلق الميناء قبل الشتاء.", "الباحثة نوال القرشي"),
    "zh": ("顾长汀写道：", "我们守着这盏灯，守了三十九年。", "顾长汀"),
    "de": ("Ida Rohwer schrieb:", "Wir machen mit der Mühle weiter.", "Ida Rohwer"),
}


@pytest.mark.parametrize("language", INTRODUCED)
def test_a_colon_hands_over_in_every_language(language: str) -> None:
    """A block quote stands behind the sentence that names its speaker."""
    before, said, speaker = INTRODUCED[language]
    (each,) = found(f"<p>{before}</p><blockquote><p>{said}</p></blockquote>", language)
    assert str(each.speaker) == speaker


def test_a_chinese_word_of_saying_makes_speech() -> None:
    """It stands right beside the marks, without a space."""
    spoken, written = found("<p>他写道“灯告诉你家在哪里”。</p><p>这座“海上的家”已经熄灭。</p>", "zh")
    assert (spoken.said, written.said) == (True, False)


def test_a_heading_before_a_block_quote_introduces_nobody() -> None:
    """A headline's colon is no sentence's."""
    (each,) = found(f"<h2>Ida Rowan said:</h2><blockquote><p>{SAID}</p></blockquote>")
    assert str(each.speaker) == ""


def test_the_speaker_in_a_box_is_asked_for_only_where_nobody_signed_it() -> None:
    """A signature knows it."""
    html = f"<blockquote><p>“{SAID}” said Otto Brand.</p><cite>The Tide</cite></blockquote>"
    (each,) = found(html)
    assert (each.label, str(each.speaker)) == ("The Tide", "")


def test_a_box_with_many_quotations_is_one_passage() -> None:
    """A dialogue in a box is nobody's alone."""
    text = "“One is here,” said Ida Rowan. “Two,” said Otto Brand. “Three,” said Ada Finch. “Four,” said Al Marsh."
    (each,) = found(f"<blockquote><p>{text}</p></blockquote>")
    assert (each.text, str(each.speaker)) == (text, "")


def test_a_short_quotation_in_a_box_does_not_stand_for_it() -> None:
    """A term in marks is no reason to leave out the rest."""
    text = "“The mill,” said Ida Rowan, is what we have carried on our backs for years and years."
    (each,) = found(f"<blockquote><p>{text}</p></blockquote>")
    assert each.text == text


def test_a_quotation_late_in_a_box_does_not_stand_for_it() -> None:
    """What comes before is what was set apart."""
    text = f"Ida Rowan came to the quay and said: “{SAID}” Then she left."
    (each,) = found(f"<blockquote><p>{text}</p></blockquote>")
    assert each.text == text


def test_the_paragraphs_of_a_box_are_added_while_they_fit() -> None:
    """A passage is no essay."""
    (each,) = found(f"<blockquote><p>Listen to me.</p><p>{SAID * 6}</p></blockquote>")
    assert each.text == "Listen to me."


def test_the_mark_of_its_source_ends_a_passage() -> None:
    """What follows it is another one."""
    html = f"<blockquote><p>We carried it. [{LINK.format('Source')}]</p><p>{SAID}</p></blockquote>"
    (each,) = found(html)
    assert (each.text, each.url) == ("We carried it.", "https://tide.example/a")


def test_two_boxes_are_two_passages() -> None:
    """Each was set apart for itself."""
    assert texts(f"<blockquote><p>{SAID}</p></blockquote><blockquote><p>We do.</p></blockquote>") == [SAID, "We do."]


def test_a_dash_that_begins_a_box_signs_nothing() -> None:
    """A signature stands behind what it signs."""
    (each,) = found("<blockquote><p>— We have carried this mill</p></blockquote>")
    assert each.label == ""


@pytest.mark.parametrize("last", ["Ida Rowan of the Mills of the Harbour of " + "Saltmere " * 6, "Ida Rowan"])
def test_a_last_line_signs_only_what_ended_before_it(last: str) -> None:
    """A line that breaks in the middle of a sentence is no signature; nor is a long one."""
    end = "" if last == "Ida Rowan" else "."
    (each,) = found(f"<blockquote><p>{SAID[:-1]}{end}</p><p>{last}</p></blockquote>")
    assert each.label == ""


def test_a_last_line_signs_more_than_a_few_words() -> None:
    """Two short lines may be verse."""
    (each,) = found("<blockquote><p>We carried it.</p><p>Ida Rowan</p></blockquote>")
    assert each.label == ""


def test_only_a_pull_quote_repeats_the_text() -> None:
    """A block quote that says the same is somebody else's, if it names nobody."""
    html = f"<p>“{SAID}” said Ida Rowan.</p><p>It was read out.</p><blockquote><p>{SAID}</p></blockquote>"
    assert [str(each.speaker) for each in found(html) if each.kind is Kind.QUOTATION] == [""]


def test_a_few_words_of_a_pull_quote_repeat_nothing() -> None:
    """“We go on” is said by many."""
    html = "<p>“We go on, whatever it takes,” said Ida Rowan.</p><div class='pullquote'><p>We go on</p></div>"
    assert [str(each.speaker) for each in found(html) if each.kind is Kind.PULL] == [""]


def test_a_line_of_a_list_in_quotation_marks_is_no_highlight() -> None:
    """Highlights are headings, or paragraphs set like one."""
    html = f"<ul><li><b>“{SAID}”</b></li></ul><p>“{SAID}”</p>"
    assert not any(each.kind is Kind.HEADING for each in found(html))


ROWS = "".join(f"<li>Rowan: {SAID}</li>" for _ in range(4))


@pytest.mark.parametrize(
    "html", [f"<ul>{ROWS}</ul>", f"<p>Ida Rowan: {SAID}</p>" * 2, f"<p><b>Rowan:</b> {SAID}</p>" * 2]
)
def test_turns_make_an_interview_only_where_they_come_again_and_again(html: str) -> None:
    """A name before a colon twice is a caption's or a list's; in bold and in full it is an interview's."""
    assert found(html) == []
    assert len(found(f"<p><b>Ida Rowan:</b> {SAID}</p>" * 2)) == 2


def test_a_question_s_answer_is_a_paragraph() -> None:
    """A question may be followed by another one, or by a picture."""
    ask = "<h3>Why did I stay?</h3>"
    html = f"{ask}<p>I carried it.</p>" * 4
    assert len(found(html)) == 4
    assert len(found(html + f"{ask}<p><b>And so on.</b></p>{ask}<ul><li>I carried it.</li></ul>")) == 4


def test_a_heading_that_asks_nothing_has_no_answer() -> None:
    """A subheading is a subheading."""
    assert found("<h3>Why I stayed</h3><p>I carried it.</p>" * 5) == []


def test_a_list_that_is_set_in_italics_asks_nothing() -> None:
    """Questions are headings or paragraphs."""
    assert found("<ul><li><i>Why did I stay?</i></li></ul><p>I carried it.</p>" * 5) == []


def test_answers_with_names_go_before_answers_without() -> None:
    """Where names stand, the type tells nothing more."""
    named = f"<p><b>Ida Rowan:</b> {SAID}</p>" * 3
    asked = "<p><b>Why did I stay?</b></p><p>I carried it.</p>" * 4
    assert {each.label for each in found(named + asked)} == {"Ida Rowan"}


@pytest.mark.parametrize(
    "html",
    [
        "<p>”Silta suljettiin, ennen kuin kukaan ehti kysyä miksi”, sanoi Ida Roe torstaina.</p>",
        "<p>Ida Roe said: ”Nobody asked why the bridge was closed before the vote was counted.”</p>",
        "<p>The board met. ”The vote was a performance, and the public paid for the seats”, Ida Roe said.</p>",
    ],
)
def test_one_mark_may_open_and_close(html: str) -> None:
    """Finnish and Swedish newsrooms set the same mark on both sides."""
    [passage] = found(html)
    assert "”" not in passage.text
    assert len(passage.text) > 40
