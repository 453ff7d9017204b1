"""Interviews: who answers is the speaker; questions, tables and advice are none."""

from __future__ import annotations

import pytest

from bot.model import Quote
from tests.cards.posts import quote

ANSWERS = [
    "I have carried this mill on my back for years, and I would do it again tomorrow.",
    "It was a hard winter for the mill, and I would not wish such a winter upon anybody.",
    "My mother ran the wheel before me, and her aunt ran it before the war came to us.",
    "I think the sea will have the mill in the end, but I hope that I shall not see it.",
]
QUESTIONS = ["Why a mill?", "Was it hard?", "Who was there before?", "What comes next?"]


def turns(*pairs: tuple[str, str], form: str = "<p>{}: {}</p>") -> str:
    return "".join(form.format(who, said) for who, said in pairs)


def talk(who: str, form: str = "<p>{}: {}</p>") -> str:
    pairs = zip(QUESTIONS, ANSWERS, strict=True)
    return turns(*(turn for asked, said in pairs for turn in (("Ledger", asked), (who, said))), form=form)


def unnamed(question: str, answers: list[str], questions: list[str] | None = None) -> str:
    pairs = zip(questions or QUESTIONS, answers, strict=False)
    return "".join(question.format(asked) + f"<p>{said}</p>" for asked, said in pairs)


@pytest.mark.parametrize("form", ["<p>{}: {}</p>", "<p><b>{}:</b> {}</p>", "<p><strong>{}</strong>: {}</p>"])
def test_who_answers_before_a_colon_is_the_speaker(form: str) -> None:
    """An interview names its speakers before what they say, set in bold or not."""
    assert quote(talk("Ida Roe", form)) == Quote(ANSWERS[0], "Ida Roe")


def test_a_single_name_before_the_colon_is_resolved_to_the_full_one() -> None:
    """The introduction gives the name in full, and the answers give half of it."""
    assert quote(talk("Roe") + "<p>Ida Roe runs the mill.</p>") == Quote(ANSWERS[0], "Ida Roe")


def test_who_asks_is_not_quoted() -> None:
    """The newsroom's questions are the newsroom's, however often it asks."""
    asks = [("Otto Brand", f"{said[:-1]}, don’t you think so?") for said in ANSWERS]
    assert quote(turns(*asks)) is None


@pytest.mark.parametrize(
    "question",
    ["<p><strong>{}</strong></p>", "<p><b>{}</b></p>", "<h3>{}</h3>", "<p><em>{}</em></p>"],
    ids=["bold", "b", "a heading", "italics"],
)
def test_what_follows_a_question_set_apart_is_an_answer(question: str) -> None:
    """Where no names stand, the type tells who speaks; who it is the card does not guess."""
    assert quote(unnamed(question, ANSWERS)) == Quote(ANSWERS[0], "")


def test_a_few_questions_make_no_interview() -> None:
    """Articles ask questions of their own."""
    assert quote(unnamed("<h3>{}</h3>", ANSWERS[:3])) is None


def test_questions_in_plain_type_make_no_interview() -> None:
    """A question in the running text is the author's."""
    assert quote(unnamed("<p>{}</p>", ANSWERS)) is None


def test_frequent_questions_are_no_interview() -> None:
    """Whoever is interviewed speaks of himself; a page of advice does not."""
    advice = [
        "A mill is a house with a wheel that grinds the corn of all the farmers of the valley.",
        "The ticket costs four crowns for adults, and children enter the house free of charge.",
        "The house is open from Monday until Friday, and closed during the high tides of March.",
        "Dogs have to wait at the gate, where a bowl of water stands for them all year round.",
    ]
    asked = ["What is a mill?", "What does it cost?", "When is it open?", "May dogs come in?"]
    assert quote(unnamed("<h3>{}</h3>", advice, asked)) is None


TABLES = {
    "measures": [("Length", "forty metres"), ("Length", "thirty metres"), ("Length", "ten metres of oak")],
    "one row of a kind": [("Position", ANSWERS[0]), ("Age", ANSWERS[1]), ("Prospects", ANSWERS[2])],
}


@pytest.mark.parametrize("rows", TABLES.values(), ids=TABLES)
def test_rows_with_a_label_are_no_interview(rows: list[tuple[str, str]]) -> None:
    """A label before a colon is no name: it does not come back with sentences of its own."""
    assert quote(turns(*rows)) is None


def test_a_list_of_links_is_no_interview() -> None:
    """What else there is to read stands behind a label too."""
    form = '<p><a href="/b/">{}: {}</a></p>'
    assert quote(turns(*(("Mill Notes", said) for said in ANSWERS), form=form)) is None
