"""Who has the floor: quotations beside which only a pronoun stands, or nothing at all."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.cards.blocks import Kind
from bot.cards.floor import Floor
from tests.cards.posts import attribution, quote, voices

FIRST = "“We shall go on as long as it turns,” said Ida Rowan."
ENDED = "“Then we shall see what is left of it.”"
NEXT = "“Then we shall see what is left of it”"
HANDED_ON = {
    "a pronoun stands for whoever spoke last": (FIRST + f" {NEXT}, she added.",),
    "it does so over the paragraph's end, where newsrooms break quotations": (FIRST, f"{NEXT}, she added."),
    "one paragraph that tells of the matter may stand between": (FIRST, "The mill is old.", f"{NEXT}, she added."),
    "a pronoun before the quotation is the same": (FIRST + f" She added: {NEXT}",),
    "a sentence of its own may say that she said it": (FIRST, f"She told the meeting so. {ENDED}"),
    "a second quotation without a word of saying goes on": (FIRST + f" {ENDED}",),
    "a few words may stand between two quotations of one speaker": (FIRST + f" She smiled at that. {ENDED}",),
}


@pytest.mark.parametrize("paragraphs", HANDED_ON.values(), ids=HANDED_ON)
def test_whoever_spoke_last_has_the_floor(paragraphs: tuple[str, ...]) -> None:
    assert voices("en", *paragraphs) == ["Ida Rowan", "Ida Rowan"]


NAMED_BEFORE = {
    "a title before it makes the subject of the sentence before a person": f"Mayor Ida Rowan opened the gate. {NEXT}, she said.",
    "so does the surname that the article goes on with": f"Ida Rowan runs the mill. Rowan does not sleep. {NEXT}, she said.",
    "whoever is said to have said something has the floor": f"Ida Rowan said that she would stay. {ENDED}",
}


@pytest.mark.parametrize("text", NAMED_BEFORE.values(), ids=NAMED_BEFORE)
def test_the_subject_of_the_sentence_before_has_the_floor(text: str) -> None:
    assert voices("en", text) == ["Ida Rowan"]


def test_the_last_subject_has_the_floor() -> None:
    """A pronoun means the one who was named nearest."""
    text = f"Mayor Ida Rowan said no, and Rowan left. Commissioner Otto Brand said yes. {NEXT}, he said."
    assert voices("en", text) == ["Otto Brand"]


def test_a_quotation_that_is_a_paragraph_alone_is_whose_the_paragraph_before_is() -> None:
    """Newsrooms name the speaker, end the paragraph, and let the quotation stand by itself."""
    assert voices("en", "Ida Rowan said that the mill would be kept.", ENDED) == ["Ida Rowan"]


def test_a_quotation_block_follows_the_same_rule_on_a_card() -> None:
    """What the reader sees is the name."""
    found = quote(
        "<p>Ida Rowan said that the mill would be kept, whatever it may cost.</p>"
        "<p>“We have carried this mill on our backs for years, and we would do it again tomorrow.”</p>"
    )
    assert found is not None
    assert found.speaker == "Ida Rowan"


SILENT = {
    "somebody else was named between the two": (FIRST + f" Mayor Otto Brand disagreed. {ENDED}",),
    "a word of saying with a subject that is no name is somebody's whom nobody knows": (
        FIRST + f" {NEXT}, the patient said.",
    ),
    "the same before the quotation": (FIRST + f" The patient said: {NEXT}",),
    "people are quoted without a name": (FIRST + f" {NEXT}, one of the neighbours said.",),
    "too much stands between the two": (FIRST + f" {'The wheel turned and turned. ' * 9}{ENDED}",),
    "two paragraphs that name nobody stand between": (
        FIRST,
        "The mill is old.",
        "The wheel is older.",
        f"{NEXT}, she said.",
    ),
    "a lone quotation follows a paragraph that names nobody": (
        FIRST,
        "The mill is old.",
        ENDED,
    ),
    "a paragraph that begins with a quotation and goes on is not a quotation alone": (
        FIRST,
        f"{NEXT} is the motto of the town.",
    ),
    "somebody else was named in passing": (FIRST + f" The wheel was mended by Mayor Otto Brand. {ENDED}",),
    "a quotation at the end of other words is not a quotation alone": (
        FIRST,
        f"Over the gate stands in red {ENDED}",
    ),
    "a sign's words are nobody's": (FIRST + f" Over the gate hangs a sign with {NEXT} on it.",),
}


@pytest.mark.parametrize("paragraphs", SILENT.values(), ids=SILENT)
def test_where_nobody_has_the_floor_nobody_is_named(paragraphs: tuple[str, ...]) -> None:
    assert voices("en", *paragraphs) == ["Ida Rowan", ""]


def test_a_term_in_marks_is_nobody_s_words() -> None:
    """A word or two without punctuation are a term, though whoever used it stands in front of it."""
    assert voices("en", "Ida Rowan said the “blue lane” would go.") == [""]


def test_a_subject_inside_a_quotation_has_no_floor() -> None:
    """Whom a speaker tells of is not speaking."""
    text = f"“Mayor Otto Brand said no to all of us,” said Ida Rowan. {ENDED}"
    assert voices("en", text) == ["Ida Rowan", "Ida Rowan"]


def test_whom_a_speaker_tells_of_is_not_he_or_she() -> None:
    """A pronoun means who spoke, not who was spoken of."""
    text = f"“Mayor Otto Brand said no to all of us, and Brand left,” said Ida Rowan. {NEXT}, she added."
    assert voices("en", text) == ["Ida Rowan", "Ida Rowan"]


def test_whoever_is_named_afterwards_had_no_floor() -> None:
    """A pronoun looks back."""
    assert voices("en", f"{NEXT}, she said. Mayor Ida Rowan left, and Rowan slept.") == [""]


def test_a_subject_far_before_the_quotation_has_lost_the_floor() -> None:
    """What is longer tells of other things."""
    text = f"Ida Rowan said that she would stay. {'The wheel turned and turned. ' * 9}{ENDED}"
    assert voices("en", text) == [""]


def test_a_speaker_who_is_named_again_keeps_the_role() -> None:
    """The role was told once."""
    text = f"“We go on, all of us,” said Ida Rowan, a miller. Rowan said no more. {ENDED}"
    assert voices("en", text) == ["Ida Rowan, a miller"] * 2


def test_a_heading_takes_the_floor_from_nobody() -> None:
    """Headlines tell of others."""
    blocks, names = attribution("en", [FIRST, "Mayor Otto Brand said no", f"{NEXT}, she added."])
    blocks[1] = replace(blocks[1], kind=Kind.HEADING)
    floor = Floor(blocks, names)
    assert [str(speaker) for index in (0, 2) for _, speaker in floor.speakers(index)] == ["Ida Rowan", "Ida Rowan"]


OTHER_LANGUAGES = {
    "de": ("Ida Rohwer sagte nein. „Die Mühle dreht sich auch morgen noch weiter“, sagte sie.", "Ida Rohwer"),
    "fr": ("Jeanne Port-Vieux a dit non. « Le moulin ne s’arrêtera pas demain », ajoute-t-elle.", "Jeanne Port-Vieux"),
    "es": ("Elena Ruiz dijo que no. “El molino no se detiene tampoco mañana”, añadió ella.", "Elena Ruiz"),
    "ru": (
        "«Мы остаёмся здесь, у моря», — сказала Анна Портова. «Мельница не остановится и завтра», — добавила она.",
        "Анна Портова",
    ),
    "zh": ("顾长汀认为灯不能灭。他说：“灯告诉你家在哪里。”", "顾长汀"),
    "ar": ("قالت الباحثة نوال القرشي إن الميناء باق. وأضافت: «لن نغلق الميناء قبل الشتاء».", "الباحثة نوال القرشي"),
}


@pytest.mark.parametrize("language", OTHER_LANGUAGES)
def test_a_pronoun_stands_for_the_last_speaker_in_every_language(language: str) -> None:
    """Who “he” is, the sentence before tells everywhere."""
    text, expected = OTHER_LANGUAGES[language]
    assert voices(language, text)[-1] == expected


def test_he_said_stands_for_neither_of_two() -> None:
    assert voices("en", f"“We shall go on as long as it turns,” said Ida Rowan and Otto Brand. {NEXT}, he said.") == [
        "Ida Rowan and Otto Brand",
        "",
    ]


UNCLOSED = "“We shall go on as long as it turns. Nobody will stop us."


@pytest.mark.parametrize(
    ("paragraphs", "said"),
    [
        ((UNCLOSED,), UNCLOSED),
        ((UNCLOSED + " Otto Brand said that he would.",), UNCLOSED),
        ((UNCLOSED + " He said that he would.", "The mill is old."), UNCLOSED),
        ((UNCLOSED + " He said that he would.", "“And that is that.”"), UNCLOSED + " He said that he would."),
        (("“We shall go on as long as it turns, Ida Rowan said. The mill is old.",), ""),
    ],
)
def test_a_quotation_that_is_not_closed_ends_before_others_are_told_of(paragraphs: tuple[str, ...], said: str) -> None:
    """Nobody else's words, and none of the newsroom's, become the speaker's."""
    blocks, names = attribution("en", paragraphs)
    found = [blocks[0].text[span.start : span.end].strip() for span, _ in Floor(blocks, names).speakers(0)]
    assert found == ([said] if said else [])
