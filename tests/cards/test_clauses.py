"""How newsrooms say who speaks, form by form; each form's reason is its test's name."""

from __future__ import annotations

import pytest

from bot.cards.passages import candidates
from tests.cards.posts import attribution, voices

MILL = "“We shall go on as long as it turns”"
ES, FR, DE = (
    "“El molino no se detiene este año”",
    "« Le moulin ne s’arrêtera pas demain »",
    "„Wir machen mit der Mühle weiter“",
)

NAMED = {
    "a title in front tells what somebody is, and goes behind the name": (
        "en",
        f"{MILL}, said Harbour Commissioner Ida Roe.",
        "Ida Roe, Harbour Commissioner",
    ),
    "so does one in front of the word of saying": (
        "en",
        f"Harbour Commissioner Ida Roe said: {MILL}",
        "Ida Roe, Harbour Commissioner",
    ),
    "a body's name and a role in small letters are a title": (
        "en",
        f"{MILL}, Harbour Board chief economist Ida Roe said.",
        "Ida Roe, Harbour Board chief economist",
    ),
    "a town's genitive belongs to the office": (
        "en",
        f"{MILL}, said Saltmere’s mayor Ida Rowan.",
        "Ida Rowan, Saltmere’s mayor",
    ),
    "a surname stands for the full name that the article gave": (
        "en",
        f"Ida Rowan runs the mill. {MILL}, Rowan said.",
        "Ida Rowan",
    ),
    "so does a surname behind a form of address": (
        "en",
        f"Ida Rowan runs the mill. {MILL}, Ms. Rowan said.",
        "Ida Rowan",
    ),
    "a surname that two people bear stands alone": (
        "en",
        f"Ida Rowan runs the mill. Ben Rowan mends it. {MILL}, Rowan said.",
        "Rowan",
    ),
    "a first name may stand alone where the article gave the rest": (
        "en",
        f"Ida Rowan runs the mill. {MILL}, Ida said.",
        "Ida Rowan",
    ),
    "a role behind the name is kept": (
        "en",
        f"{MILL}, said Ida Roe, a miller from the valley.",
        "Ida Roe, a miller from the valley",
    ),
    "what somebody did while speaking is no role": ("en", f"{MILL}, said Ida Roe, pointing at the wheel.", "Ida Roe"),
    "a role of more than fifty letters is a story": (
        "en",
        f"{MILL}, said Ida Roe, a miller from the far end of the valley of the rivers.",
        "Ida Roe",
    ),
    "a small letter goes on behind a quotation's stop": (
        "en",
        "“We shall go on as long as it turns.” said Ida Roe.",
        "Ida Roe",
    ),
    "what follows a quotation goes before what stood in front": (
        "en",
        f"As Otto Brand said he would go, {MILL.replace('“', 'that “')}, said Ida Rowan.",
        "Ida Rowan",
    ),
    "a genitive gave the full name too": ("en", f"Ida Rowan’s mill is old. {MILL}, Rowan said.", "Ida Rowan"),
    "an office stands with a surname that has no more": ("en", f"{MILL}, said Mayor Rowan.", "Mayor Rowan"),
    "a role between name and verb does not hide the name": (
        "en",
        f"{MILL}, Ida Roe, the harbour master, said on Monday.",
        "Ida Roe, the harbour master",
    ),
    "the name may be what an office is explained by": (
        "en",
        f"The member for Saltmere, Jacob Roe, said: {MILL}",
        "Jacob Roe",
    ),
    "an office may come first and the name behind its comma": (
        "en",
        f"{MILL}, said the miller of the valley, Ida Roe.",
        "Ida Roe",
    ),
    "who wrote with a team is named with it": ("en", f"{MILL}, Ida Roe and her team wrote.", "Ida Roe and her team"),
    "so is a Spanish team": ("es", f"Elena Ruiz y su equipo escribe: {ES}", "Elena Ruiz y su equipo"),
    "“according to” says it without a verb": (
        "en",
        "According to Ida Roe, the mill is “a house that has to turn.”",
        "Ida Roe",
    ),
    "so does German so": ("de", f"{DE}, so Ida Rohwer.", "Ida Rohwer"),
    "and German laut": ("de", "Laut Ida Rohwer ist die Mühle „ein Haus, das sich drehen muss“.", "Ida Rohwer"),
    "and German zufolge, behind the name": (
        "de",
        "Ida Rohwer zufolge ist die Mühle „ein Haus, das sich drehen muss“.",
        "Ida Rohwer",
    ),
    "and French selon": ("fr", f"{FR}, selon Jeanne Port-Vieux.", "Jeanne Port-Vieux"),
    "and Spanish según": ("es", f"{ES}, según Elena Ruiz.", "Elena Ruiz"),
    "a Spanish sentence may open with whose opinion it is": (
        "es",
        "Para Elena Ruiz, molinera, es “una casa que tiene que girar”.",
        "Elena Ruiz",
    ),
    "“as X put it” says it too": ("en", "As Ida Roe put it, “the sea does not read the timetable.”", "Ida Roe"),
    "so does German wie": (
        "de",
        "Es sei, wie Ida Rohwer es nennt, „ein Haus, das sich drehen muss“.",
        "Ida Rohwer",
    ),
    "who tells is the speaker, and who is told is not": ("en", f"{MILL}, Ida Roe told Otto Brand.", "Ida Roe"),
    "the same before the quotation": ("en", f"Ida Roe told Otto Brand: {MILL}", "Ida Roe"),
    "a verb that is in no list speaks where it stands behind the mark and before a name": (
        "de",
        f"{DE}, brummelt Ida Rohwer.",
        "Ida Rohwer",
    ),
    "the same with what she is": ("fr", f"{FR}, rigole la meunière Jeanne Port-Vieux.", "Jeanne Port-Vieux"),
    "a colon hands over to the sentence's subject": ("en", f"Ida Roe was blunt: {MILL}", "Ida Roe"),
    "a phrase may open that sentence": ("en", f"Asked about the wall, Ida Roe was blunt: {MILL}", "Ida Roe"),
    "a name and a colon are enough": ("en", f"Ida Roe: {MILL}", "Ida Roe"),
    "where it was printed belongs to it": ("en", f"Ida Roe argued in The Tide that {MILL}", "Ida Roe in The Tide"),
    "“according to” may follow": ("en", "The mill is “a house that has to turn,” according to Ida Roe.", "Ida Roe"),
    "so may the Spanish words for it": (
        "es",
        "El molino es “una casa que gira”, de acuerdo con Elena Ruiz.",
        "Elena Ruiz",
    ),
    "a body that has an article is spoken for": (
        "en",
        f"{MILL}, said a spokeswoman for the Harbour Board.",
        "a spokeswoman for the Harbour Board",
    ),
    "a small word in a name makes no title of the rest": (
        "en",
        f"{MILL}, said Ursula von der Tann.",
        "Ursula von der Tann",
    ),
    "nor does it in Spanish": ("es", f"{ES}, dijo Ana de la Torre.", "Ana de la Torre"),
    "nor in French": ("fr", f"{FR}, a dit Jeanne de la Tour.", "Jeanne de la Tour"),
    "nor in German": ("de", f"{DE}, sagte Otto von Brand.", "Otto von Brand"),
    "a German listener is not who speaks": ("de", f"{DE}, sagte Ida Rohwer gegenüber Otto Brand.", "Ida Rohwer"),
    "three letters at a sentence's end are a surname and no initial": (
        "en",
        f"Here is Ida Roe. She runs the mill. {MILL}, Roe said.",
        "Ida Roe",
    ),
    "initials are part of a name": ("en", f"{MILL}, said J. K. Brand.", "J. K. Brand"),
    "small words are part of a name": ("en", f"{MILL}, Otto van der Brand said.", "Otto van der Brand"),
    "a form of address does not end a sentence": ("en", f"{MILL}, Mr. Brand said. Otto Brand left.", "Otto Brand"),
    "somebody without a name is told in the text's words": (
        "en",
        f"{MILL}, a Seaways spokesperson said.",
        "a Seaways spokesperson",
    ),
    "whom he speaks for belongs to it": (
        "en",
        f"{MILL}, said a spokeswoman for Fisheries Minister Aodhan Breck.",
        "a spokeswoman for Fisheries Minister Aodhan Breck",
    ),
    "the same in German": ("de", f"{DE}, sagte eine Sprecherin der Hafenbehörde.", "eine Sprecherin der Hafenbehörde"),
    "the same in Spanish": ("es", f"{ES}, dijo una portavoz del Puerto.", "una portavoz del Puerto"),
    "the same in French": ("fr", f"{FR}, a dit une porte-parole du Port.", "une porte-parole du Port"),
    "dashes inside a quotation are the newsroom's": (
        "fr",
        "« Le moulin – explique Jeanne Port-Vieux – ne s’arrêtera pas demain. »",
        "Jeanne Port-Vieux",
    ),
    "so are commas": (
        "fr",
        "« Le moulin, explique Jeanne Port-Vieux, ne s’arrêtera pas demain. »",
        "Jeanne Port-Vieux",
    ),
    "a Russian clause stands between comma and dash": (
        "ru",
        "«Мельница, — пояснила Анна Портова, — не остановится и завтра».",
        "Анна Портова",
    ),
}


@pytest.mark.parametrize(("language", "text", "expected"), NAMED.values(), ids=NAMED)
def test_who_speaks_is_said_in_many_forms(language: str, text: str, expected: str) -> None:
    assert voices(language, text) == [expected]


NOBODY = {
    "a spokesman of nobody says nothing of who speaks": ("en", f"{MILL}, a spokesman said."),
    "a definite noun is somebody told of elsewhere": ("en", f"{MILL}, the patient said."),
    "who is told is not who tells": ("en", f"{MILL}, she told Otto Brand."),
    "who is warned is not who warns": ("en", f"Warned Otto Brand, {MILL}"),
    "a lawyer's client does not speak": ("en", f"{MILL}, said Ida Rowan’s lawyer."),
    "nor does she in front of the verb": ("en", f"Ida Rowan’s lawyer said: {MILL}"),
    "somebody's wife is not he": ("en", f"{MILL}, said the wife of Otto Brand."),
    "people in the plural are nobody": ("en", f"{MILL}, Officers said."),
    "a sign reads, and nobody speaks": ("en", f"The sign reads {MILL}"),
    "with is no word of saying": ("es", f"{ES}, con Elena Ruiz en la puerta."),
    "a word in capitals that the text also writes small is no name": (
        "en",
        f"{MILL}, Officials said. The officials left.",
    ),
    "an insertion without a word of saying names nobody": (
        "fr",
        "« Le moulin – une merveille de Jeanne Port-Vieux – ne s’arrêtera pas demain. »",
    ),
    "a German noun with its article is no name": ("de", f"{DE}, sagt die Verwaltung."),
    "nor is a German noun alone, though it has a capital": ("de", f"{DE}, sagte ein Fischer."),
    "nor is a German noun with its genitive": ("de", f"{DE}, heißt es in der Erklärung des Vereins."),
    "nor is a German abstract noun": ("de", "Laut Verwaltung wird die Mühle „noch in diesem Jahr umgebaut“."),
    "nor is it one with another noun": ("de", f"{DE}, sagte Verwaltung Hafenstadt."),
    "nor is a genitive with a noun": ("de", f"{DE}, erklärt Vereins Vorstand. Der Verein tagte lange."),
    "a name behind a preposition is no subject": ("de", f"{DE}, sagte sie bei Otto Brand."),
    "who speaks in the next sentence says something else": (
        "en",
        "“We shall go on as long as it turns.” Otto Brand said nothing of it.",
    ),
    "a clause is nobody": ("en", f"{MILL}, while a Seaways spokesperson said so."),
    "who listens is not who speaks, in German": ("de", f"{DE}, sagte sie zu Otto Brand."),
    "nor is the listener in the dative": ("de", f"{DE}, sagte sie dem Reporter Otto Brand."),
    "nor the Spanish one": ("es", f"{ES}, le dijo a Otto Brand."),
    "nor the Italian one": ("it", "«Il mulino quest’anno non si ferma», ha detto a Mario Portovecchio."),
    "nor the Russian one": ("ru", "«Мельница не остановится и завтра», — сказала она Ивану Портову."),
    "a name in the next sentence is somebody else's": (
        "en",
        "“We shall go on as long as it turns.” Otto Brand left the room.",
    ),
}


@pytest.mark.parametrize(("language", "text"), NOBODY.values(), ids=NOBODY)
def test_where_it_is_not_said_who_speaks_nobody_is_named(language: str, text: str) -> None:
    assert voices(language, text) == [""]


EASTERN = {
    "a Chinese office stands right before the name": (
        "zh",
        "灯塔管理处处长顾长汀表示：“灯告诉你家在哪里。”",
        "灯塔管理处处长顾长汀",
    ),
    "whom it was said to is no part of the subject": ("zh", "顾长汀对市长说：“灯告诉你家在哪里。”", "顾长汀"),
    "nor is what opens the sentence": ("zh", "对此，顾长汀则表示：“灯告诉你家在哪里。”", "顾长汀"),
    "nor is what stands in brackets": ("zh", "顾长汀（守灯人）说：“灯告诉你家在哪里。”", "顾长汀"),
    "a body of several words speaks as itself": ("zh", "云海市海事局表示：“灯告诉你家在哪里。”", "云海市海事局"),
    "somebody without a name is told in the text's words": (
        "zh",
        "一名不愿透露姓名的居民说：“灯告诉你家在哪里。”",
        "一名不愿透露姓名的居民",
    ),
    "many people are nobody": ("zh", "很多人说：“灯告诉你家在哪里。”", ""),
    "a comment stands behind its writer": ("zh", "海边的人：“灯告诉你家在哪里。”", "海边的人"),
    "a book's title is nobody's words": ("zh", "他写了一本书，名叫“灯告诉你家在哪里”。", ""),
    "a Chinese account gives the words in somebody's telling": (
        "zh",
        "据青溪镇镇长顾长汀介绍，“全镇已有九成住户完成转移”。",
        "青溪镇镇长顾长汀",
    ),
    "a Japanese subject may follow the quotation": ("ja", "「灯は消さない」と港田市長は述べた。", "港田市長"),
    "によると says it without a verb": ("ja", "港田教授によると、灯は「百年は消えない」という。", "港田教授"),
    "a Japanese clause may make the speaker its noun": ("ja", "「灯は消さない」と話す灯台守の港田さん。", "港田さん"),
    "에 따르면 says it without a verb": ("ko", "김항구 교수에 따르면 등불은 “백 년은 꺼지지 않는다”.", "김항구 교수"),
    "a Korean sentence behind the quotation names who did so": (
        "ko",
        "“등불은 끄지 않는다.” 김항구 씨는 고개를 저었다.",
        "김항구 씨",
    ),
    "an Arabic name follows the office between commas": (
        "ar",
        "وقال وزير الصيد، سالم الغريفي، للصحفيين: «لن نغلق الميناء قبل الشتاء».",
        "سالم الغريفي",
    ),
    "a single Arabic word is a body, if anybody": ("ar", "وقالت الشرطة: «لن نغلق الميناء قبل الشتاء».", ""),
    "بحسب says it without a verb": ("ar", "بحسب نوال القرشي، فإن الميناء «لن يغلق قبل الشتاء».", "نوال القرشي"),
}


@pytest.mark.parametrize(("language", "text", "expected"), EASTERN.values(), ids=EASTERN)
def test_scripts_without_capitals_have_forms_of_their_own(language: str, text: str, expected: str) -> None:
    assert voices(language, text) == [expected]


DIALOGUE = {
    "es": ("—Daqui no se mueve nadie mientras gire la rueda —dijo Elena Ruiz, pescadora.", "Elena Ruiz"),
    "ru": ("— Мы никуда не уйдём отсюда, — сказала Анна Портова. — Здесь наш дом.", "Анна Портова"),
    "pl": ("– Nigdzie stąd nie pójdziemy – mówi Anna Portowa, latarniczka.", "Anna Portowa"),
    "pt": ("— Daqui eu não saio de jeito nenhum — avisou Raimundo Porto.", "Raimundo Porto"),
}


def spoken(language: str, text: str) -> list[tuple[str, str]]:
    return [(each.text, str(each.speaker)) for each in candidates(*attribution(language, [text]))]


@pytest.mark.parametrize("language", DIALOGUE)
def test_a_dash_opens_speech_and_another_one_tells_whose(language: str) -> None:
    """Spanish, Portuguese, Russian and Polish newsrooms set dialogue without marks."""
    text, expected = DIALOGUE[language]
    said = text.lstrip("—– ").split(" —")[0].split(" –")[0].rstrip(",")
    assert spoken(language, text) == [(said, expected)]


def test_a_dash_at_a_line_s_beginning_without_a_speaker_is_nobody_s() -> None:
    """A list's lines begin with a dash too."""
    assert spoken("es", "—Nadie se va de aquí mientras gire la rueda.") == [
        ("Nadie se va de aquí mientras gire la rueda.", "")
    ]


def test_a_line_of_dialogue_that_has_marks_is_read_by_its_marks() -> None:
    """Marks say more than dashes."""
    text = f"— {ES}, dijo Elena Ruiz."
    assert spoken("es", text) == [(ES.strip("“”"), "Elena Ruiz")]
