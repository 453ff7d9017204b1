"""Which of two passages an editor would rather have, term by term of the score."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards.blocks import Kind
from bot.cards.passages import Candidate
from bot.cards.quote import rate
from bot.cards.speaker import Speaker
from bot.model import Quote
from tests.cards.posts import OPENING, card, quote

SAID = "The people of this town have carried the old mill on their backs for years."
BASE = Candidate(SAID, Kind.PARAGRAPH, 0, said=True)


def worth(candidate: Candidate, position: float = 0.0, topic: tuple[str, ...] = (), lead: str = "") -> float:
    return rate(candidate, position, set(topic), lead)


BETTER = {
    "what an editor pulled is what an editor would choose": (replace(BASE, kind=Kind.PULL), BASE),
    "a block quote was set apart on purpose": (replace(BASE, kind=Kind.QUOTATION), BASE),
    "so was a highlight": (replace(BASE, kind=Kind.HEADING), BASE),
    "what was said for the article is worth more than a post from elsewhere": (BASE, replace(BASE, kind=Kind.EMBED)),
    "running text speaks more than a list": (BASE, replace(BASE, kind=Kind.ITEM)),
    "somebody stands for it by name": (replace(BASE, speaker=Speaker("Ida Roe")), BASE),
    "a signature is a name": (replace(BASE, label="Ida Roe"), BASE),
    "somebody without a name is better than nobody": (replace(BASE, speaker=Speaker("a spokesperson")), BASE),
    "a name is better than somebody without one": (
        replace(BASE, speaker=Speaker("Ida Roe")),
        replace(BASE, speaker=Speaker("a spokesperson")),
    ),
    "words that were said are better than words in marks": (BASE, replace(BASE, said=False)),
    "a whole sentence is understood alone": (BASE, replace(BASE, whole=False)),
    "one that ends is, too": (BASE, replace(BASE, text=SAID.replace(".", ",") + " and")),
    "people speak of themselves": (replace(BASE, text=SAID.replace("this", "our")), BASE),
    "in every language": (
        replace(BASE, text="Мы несли нашу мельницу на себе много лет, и теперь она стоит."),
        replace(BASE, text="Они несли эту мельницу на себе много лет, и теперь она стоит."),
    ),
    "figures are for the lead": (BASE, replace(BASE, text=SAID.replace("years", "1400 years"))),
    "an address is no speech": (BASE, replace(BASE, text=SAID.replace("mill", "www.mill"))),
    "a short question asks for the answer": (
        replace(BASE, text="What will become of the mill now."),
        replace(BASE, text="What will become of the mill now?"),
    ),
    "a work's title is none either": (BASE, replace(BASE, text=SAID.title())),
    "a few words say little": (BASE, replace(BASE, text="The mill is still here.")),
    "a lot of words are not read": (BASE, replace(BASE, text=" ".join([SAID] * 4))),
}


@pytest.mark.parametrize(("better", "worse"), BETTER.values(), ids=BETTER)
def test_an_editor_would_rather_have(better: Candidate, worse: Candidate) -> None:
    assert worth(better) > worth(worse)


def test_what_stands_early_goes_first() -> None:
    """Newsrooms put the best quote near the beginning."""
    assert worth(BASE, 0.1) > worth(BASE, 0.9)


def test_what_the_lead_says_already_is_not_said_twice() -> None:
    """A card has room for one thing each."""
    assert worth(BASE) > worth(BASE, lead=f"He said: {SAID}")


def test_what_is_on_the_title_s_subject_goes_first() -> None:
    """It is what the article is about."""
    assert worth(BASE, topic=("mill",)) > worth(BASE)


NO_QUOTES = {
    "too short to say something": "The mill stands.",
    "an advertisement": "We would be glad if you were to subscribe to all of our letters.",
    "a licence": "We tell you that all rights reserved are the rights of the house.",
    "an invitation": "欢迎扫码关注我们的公众号，每天都有新的消息和故事。",
    "a summary": "In short: the people of this town have carried the mill.",
}


@pytest.mark.parametrize("text", NO_QUOTES.values(), ids=NO_QUOTES)
def test_some_words_are_never_a_quote(text: str) -> None:
    assert worth(replace(BASE, text=text, kind=Kind.PULL)) < 0


def test_the_sentence_that_comes_to_its_point_is_preferred() -> None:
    """Of two that are as good, the one with fewer commas."""
    turned = "We have carried it, and we will, we must, we can, we do, we may, we might, we shall, year by year."
    plain = "We have carried it for years and we shall carry this mill on our backs again."
    html = f"<p>“{turned}” said Ida Rowan.</p><p>“{plain}” said Otto Brand.</p>"
    assert quote(html) == Quote(plain, "Otto Brand")


def test_the_earlier_of_two_that_are_as_good_is_taken() -> None:
    """The reader meets it first."""
    first = "We have carried this mill for years and we would do it again tomorrow."
    other = "We have mended this wheel for years and we would do it again tomorrow."
    html = f"<p>“{first}” said Ida Rowan.</p><p>“{other}” said Otto Brand.</p>"
    assert quote(html) == Quote(first, "Ida Rowan")


def test_a_sentence_is_preferred_to_a_few_words_before_it() -> None:
    """Eight words say a mood, and no matter."""
    brief, full = (
        "We have carried it for years and years.",
        "We have carried this old mill on our backs for years and we would do it again tomorrow.",
    )
    html = f"<p>“{brief}” said Ida Rowan.</p><p>“{full}” said Otto Brand.</p>"
    assert quote(html) == Quote(full, "Otto Brand")


def test_a_box_that_never_closes_its_mark_is_shown_without_it() -> None:
    """One mark alone looks like a mistake there too."""
    text = "We have carried this mill on our backs for years."
    assert quote(f"<div class='pullquote'><p>„{text}</p></div>") == Quote(text)


@pytest.mark.parametrize("opening", ["Note that", "In short,"])
def test_people_sum_up_too(opening: str) -> None:
    """What was said by somebody is a quote, however it begins."""
    said = f"{opening} we have carried this mill on our backs for years and lost."
    assert quote(f"<p>“{said}” said Ida Rowan.</p>") == Quote(said, "Ida Rowan")


def test_a_comma_before_the_closing_mark_is_the_newsroom_s() -> None:
    """It belongs to the sentence around the quotation."""
    assert quote("<p>“We have carried this mill on our backs for years,” said Ida Rowan.</p>") == Quote(
        "We have carried this mill on our backs for years", "Ida Rowan"
    )


def test_a_quotation_that_goes_on_in_the_next_paragraph_is_shown_without_its_mark() -> None:
    """One mark alone looks like a mistake."""
    html = (
        "<p>Ida Rowan wrote: “We have carried this mill on our backs for years, and so will you.</p><p>“Mark it.”</p>"
    )
    found = quote(html)
    assert found is not None
    assert found.text == "We have carried this mill on our backs for years, and so will you."


def test_the_link_that_a_quotation_stands_on_is_the_quote_s() -> None:
    """Whoever wants more goes there."""
    said = "We have carried this mill on our backs for years and will."
    found = card(f'<p>{OPENING}</p><p>“<a href="https://tide.example/a">{said}</a>” said Ida Rowan.</p>').quote
    assert found == Quote(said, "Ida Rowan", "https://tide.example/a")
