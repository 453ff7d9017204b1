"""Who said it: taken where the text says so beside the quotation, and nowhere else."""

from __future__ import annotations

import pytest

from bot.cards.marks import spans
from bot.cards.names import Names
from bot.cards.speaker import Attribution

SAID = [
    ("en", "“We shall go on,” said Maren Oldcastle, who was born there.", "Maren Oldcastle"),
    ("en", "“We shall go on,” Maren Oldcastle said on Monday.", "Maren Oldcastle"),
    ("en", "Maren Oldcastle, a pilot, told The Tide: “We shall go on.”", "Maren Oldcastle, a pilot"),
    ("en", "“We shall go on,” Oldcastle said. Maren Oldcastle was born there.", "Maren Oldcastle"),
    (
        "en",
        "“It is so,” said Imogen Tallis-Wray, a nurse on the fourth floor.",
        "Imogen Tallis-Wray, a nurse on the fourth floor",
    ),
    ("en", "“The mill is to be sold,” the Tidewater Weekly reported.", "Tidewater Weekly"),
    ("de", "„Wir machen weiter“, sagte die Lotsin Maren Altburg am Montag.", "Lotsin Maren Altburg"),
    ("fr", "« Nous continuons », a déclaré Jeanne Port-Vieux.", "Jeanne Port-Vieux"),
    ("es", "“Vamos a seguir”, mencionó la ministra de Pesca, Ana Puerto.", "Ana Puerto"),
    ("it", "«Andiamo avanti», ha detto Mario Portovecchio.", "Mario Portovecchio"),
    ("en", "“We shall go on,” minister of mines Otto Brand said.", "Otto Brand"),
    ("pt", "“Vamos continuar”, disse Ana Porto.", "Ana Porto"),
    ("ru", "«Мы продолжим», — сказал Иван Портов.", "Иван Портов"),
    ("pl", "„Idziemy dalej” – powiedziała Anna Portowa.", "Anna Portowa"),
    ("zh", "在接受采访时，顾长汀表示：“灯告诉你家在哪里。”", "顾长汀"),
    ("zh", "“灯告诉你家在哪里，”顾长汀说。", "顾长汀"),
    ("ja", "港田市長は記者団に「灯は消さない」と述べた。", "港田市長"),
    ("ko", "김항구 대표는 “등불은 끄지 않는다”고 말했다.", "김항구 대표"),
    ("ar", "وقالت الباحثة نوال القرشي، التي قادت الدراسة: «لم نطلب من أحد».", "الباحثة نوال القرشي"),
    ("he", '"ספר שמגיע בים מריח אחרת", אמרה נעמה ברזילאי-שור, מנהלת הספרייה.', "נעמה ברזילאי-שור"),
]
NOT_SAID = [
    ("en", "Maren Oldcastle went home. The sign reads “We shall go on.” Otto Brand followed her."),
    ("en", "Recently, “we shall go on” has become the motto of the Harbour Board."),
    ("en", "“We shall go on,” she told Otto Brand."),
    ("en", "“We shall go on,” officers said. The officers left."),
    ("en", "The man who robbed Otto Brand said: “We shall go on.”"),
    ("en", "“We shall go on,” said the lawyer representing Otto Brand."),
    ("en", "“We shall go on,” said the widow of the late Otto Brand."),
    ("en", "Maren Oldcastle did not say: “We shall go on.”"),
    ("en", "Maren Oldcastle was told: “We shall go on.”"),
    ("en", "“We shall go on,” her deputy shouted, Maren Oldcastle told the court."),
    ("en", "After meeting Otto Brand, the union said: “We shall go on.”"),
    ("en", "Otto Brand sat in silence as the judge told him: “We shall go on.”"),
    ("de", "„Wir machen weiter“, sagte der Sprecher."),
    ("en", "“We shall go on,” the Tidewater Weekly reported."),
    ("de", "„Wir machen weiter“, berichtet die Süddeutsche Zeitung."),
    ("zh", "他说：“灯告诉你家在哪里。”"),
    ("zh", "这座被称为“海上之家”的灯塔已经熄灭。"),
]


def speaker(language: str, text: str) -> str:
    return str(Attribution(language, Names(text)).of(text, spans(text)[0]))


@pytest.mark.parametrize(("language", "text", "expected"), SAID)
def test_the_name_beside_a_word_of_saying_is_the_speaker(language: str, text: str, expected: str) -> None:
    assert speaker(language, text) == expected


@pytest.mark.parametrize(("language", "text"), NOT_SAID)
def test_a_name_that_is_only_near_is_not_the_speaker(language: str, text: str) -> None:
    assert speaker(language, text) == ""


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("“One,” she said. “Two “in” three.”", ["One,", "Two “in” three."]),
        ("„Ja“, »Nein«, «Si», 「蠔『不』會」", ["Ja", "Nein", "Si", "蠔『不』會"]),
        ('He said "a b c," and it\'s 5" long.', ["a b c,"]),
        ("‘I don’t know,’ he said, ‘it’s the boys’ club.’", ["I don’t know,", "it’s the boys’ club."]),
        (
            "“This one goes on in the next paragraph of the article",
            ["This one goes on in the next paragraph of the article"],
        ),
        ('Typed “so" and so.', ["so"]),
        ('Typed "so” and so.', ["so"]),
        ('Getippt „so".', ["so"]),
        ("Typed “so“ and so.", ["so"]),
        ("Nothing follows “", []),
        ('He said " a b c " twice.', []),
        ('"Why not? " she wrote. "It turns."', ["Why not?", "It turns."]),
        ('"We go, she said. "It turns on," he said.', ["It turns on,"]),
        ("“We shall go on as ever, said Ida Roe. “It turns, and it will,” said Otto.", ["It turns, and it will,"]),
        (
            "“We shall go on as ever with the “new wheel” and all the rest of it",
            ["We shall go on as ever with the “new wheel” and all the rest of it"],
        ),
        ('The 5"-pipe "fits" well.', ["fits"]),
        ('Some"where else" and end."next one" too.', []),
        ('He said "we go " on there" now.', ['we go " on there']),
        ('He said "we"re here" now.', ['we"re here']),
        ("‘A single mark that never closes is an apostrophe in a sentence", []),
        ("“Too short to go on", []),
        ('"등불은 끄지 않는다"고 말했다. "다시 켠다"며 웃었다.', ["등불은 끄지 않는다", "다시 켠다"]),
        (
            "“This one, with a mark that never closes in the midst of its sentence, he said",
            ["This one, with a mark that never closes in the midst of its sentence, he said"],
        ),
        ("It is a “mark that never closes in the midst of a sentence and is none", []),
        ("»Außen ›innen‹ außen« und «fuori ‹dentro› fuori»", ["Außen ›innen‹ außen", "fuori ‹dentro› fuori"]),
        ("‹Seul›, 『独り』, 〝一人〟, ＂혼자＂", ["Seul", "独り", "一人", "혼자"]),
    ],
)
def test_quotations_are_found_in_all_marks(text: str, inside: list[str]) -> None:
    assert [span.inside(text) for span in spans(text)] == inside
