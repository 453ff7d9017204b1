"""Interviews: who answers is the speaker; questions, tables and advice are none."""

from __future__ import annotations

import pytest

from bot.model import Quote
from tests.cards.posts import card, quote

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


# --- questions and answers behind letters

ASKED_BY_US = "<p>Ida Roe, who keeps the tide mill, spoke to us about her life.</p>"


def lettered(asks: str, answers: str, form: str = "<p>{}{}</p><p>{}{}</p>") -> str:
    pairs = zip(QUESTIONS, ANSWERS, strict=True)
    return "".join(form.format(asks, asked, answers, said) for asked, said in pairs)


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("Q: ", "A: "),
        ("Q. ", "A. "),
        ("Q – ", "A – "),
        ("Question: ", "Answer: "),
        ("Q&nbsp;: ", "R&nbsp;: "),
        ("Frage: ", "Antwort: "),
        ("P: ", "R: "),
        ("P. ", "R. "),
        ("Pregunta: ", "Respuesta: "),
        ("D: ", "R: "),
        ("Domanda: ", "Risposta: "),
        ("V: ", "A: "),
        ("<b>Q:</b> ", "<b>A:</b> "),
        ("<strong>Q</strong>: ", "<strong>A</strong>: "),
        ("<b>Q</b> ", "<b>A</b> "),
        ("Q：", "A："),
        ("Q1: ", "A1: "),
    ],
)
def test_an_answer_behind_a_letter_is_the_quote_without_its_letter(asks: str, answers: str) -> None:
    """The letters tell who speaks as names would; the introduction tells who that is."""
    assert quote(ASKED_BY_US + lettered(asks, answers)) == Quote(ANSWERS[0], "Ida Roe")


@pytest.mark.parametrize(
    "form",
    [
        "<p>{}{}<br>{}{}</p>",
        "<p><strong>{}{}</strong><br />{}{}</p>",
        "<h3>{}{}</h3><p>{}{}</p>",
        "<p><em>{}{}</em></p><p>{}{}</p>",
    ],
    ids=["one paragraph", "half of it bold", "a heading", "italics"],
)
def test_question_and_answer_may_be_set_in_many_ways(form: str) -> None:
    """Themes set the two as one paragraph or as two, or the question as a heading."""
    assert quote(ASKED_BY_US + lettered("Q: ", "A: ", form)) == Quote(ANSWERS[0], "Ida Roe")


def test_an_answer_behind_a_letter_has_no_speaker_where_none_is_introduced() -> None:
    """Who it is the card does not guess."""
    assert quote(lettered("Q: ", "A: ")) == Quote(ANSWERS[0], "")


def test_an_answer_goes_on_in_the_paragraphs_behind_it() -> None:
    """Only an answer's first paragraph has the letter; the best of it may come later."""
    html = "".join(
        f"<p>Q: {asked}</p><p>A: Yes, I do.</p><p>{said}</p>" for asked, said in zip(QUESTIONS, ANSWERS, strict=True)
    )
    assert quote(html) == Quote(ANSWERS[0], "")


def test_a_question_behind_a_letter_and_an_answer_without_one() -> None:
    """Some set a letter before the question alone."""
    assert quote(ASKED_BY_US + lettered("Q: ", "")) == Quote(ANSWERS[0], "Ida Roe")


def test_what_a_question_quotes_is_not_the_answer() -> None:
    """A question reads out what somebody else wrote; the one who answers did not say it."""
    read_out = (
        "Q: “I have never seen a mill so well kept, and we all must thank its keeper,” wrote Otto Brand. Is it so?"
    )
    html = "".join(f"<p>{read_out}</p><p>A: {said}</p>" for said in ANSWERS)
    assert quote(ASKED_BY_US + html) == Quote(ANSWERS[0], "Ida Roe")


FAQ = [
    (
        "How do I reset my password?",
        "Click the link below the form, and enter the address that the account was opened with.",
    ),
    (
        "How do I change my name?",
        "Open the settings, choose the second page, and write the new name into the field there.",
    ),
    (
        "Can I have my money back?",
        "Yes, within thirty days, as long as the seal of the box that it came in is not broken.",
    ),
    ("I forgot it?", "Then press “I forgot my password”, and the page sends a letter to the address in the account."),
    ("I lost it?", "Then press “I lost my key”, and the house sends another one to the address in the account."),
    ("I sold it?", "Then press “I sold my box”, and the house sends nothing more to the address in the account."),
    ("Where is my order?", "Orders leave the house on the next day, and the number of the parcel is sent by letter."),
]


@pytest.mark.parametrize("form", ["<p>Q: {}</p><p>A: {}</p>", "<p>Q: {}<br>A: {}</p>", "<h3>Q. {}</h3><p>A. {}</p>"])
def test_help_is_no_interview(form: str) -> None:
    """Who asks for help says “I”; what answers is a page: nobody is named, and nobody speaks of himself."""
    assert quote("".join(form.format(*pair) for pair in FAQ)) is None


def test_help_that_names_its_writer_is_no_interview() -> None:
    """A name above the questions is the writer’s; the answers are still a page’s."""
    html = "<p>We spoke to Ida Roe of the bank about what our readers ask most.</p>"
    assert quote(html + "".join(f"<p>Q: {asked}</p><p>A: {said}</p>" for asked, said in FAQ)) is None


def test_help_in_chinese_is_no_interview() -> None:
    """“我们” is the shop that answers, and no person."""
    html = "".join(
        f"<p>问：如何更改第{n}个密码？</p><p>答：请在设置页面点击“更改”，我们的客服会在三天之内回复您的邮件。</p>"
        for n in "一二三四"
    )
    assert card(f"<p>本店开业以来，收到了许多顾客的来信，现将常见的问题整理如下，供大家参考。</p>{html}").quote is None


@pytest.mark.parametrize(
    "rows",
    [
        ["Date: 4 March, at nine in the morning.", "Place: The old tide mill on the quay of the harbour town."] * 3,
        ["Flour: Two hundred grams, and some more for the board.", "Water: As much as the flour will take in an hour."]
        * 3,
        ["A. The wheel turns twice a day with the tide.", "B. The wheel turns with the wind.", "C. I do not know."] * 3,
        ["Q. Which wheel turns? A. The upper one of the two, twice a day.", "Q. Why? A. Because of the tide."] * 2,
    ],
    ids=["an event", "a recipe", "choices", "a quiz"],
)
def test_lists_with_labels_are_no_interview(rows: list[str]) -> None:
    """A label tells what follows it, not who says it."""
    assert quote("".join(f"<p>{row}</p>" for row in rows)) is None


def test_one_question_and_its_answer_make_no_interview() -> None:
    """A letter or two stand in many an article."""
    assert quote(f"<p>Q: Why a mill?</p><p>A: {ANSWERS[0]}</p>") is None


# --- who is interviewed


@pytest.mark.parametrize(
    ("title", "introduction"),
    [
        ("Interview with Ida Roe", ""),
        ("The keeper of the mill: an interview with Ida Roe", ""),
        ("Q&A With Ida Roe, Keeper of the Mill", ""),
        ("Interview mit Ida Roe über das Meer", ""),
        ("Entretien avec Ida Roe", ""),
        ("Entrevista a Ida Roe", ""),
        ("Intervista a Ida Roe", ""),
        ("Entrevista com Ida Roe", ""),
        ("A title", "We sat down with the keeper of the mill, Ida Roe, to talk about the sea."),
        ("A title", "I spoke to miller Ida Roe about the sea."),
        ("A title", "Ida Roe, who has kept the mill for years, answered our questions."),
        ("A title", "In this interview, Ida Roe tells us of the sea."),
        ("A title", "Wir haben mit Ida Roe über das Meer gesprochen."),
        ("A title", "Ida Roe nous parle de la mer."),
        ("A title", "Hablamos con Ida Roe sobre el mar."),
    ],
)
def test_who_is_interviewed_is_named_in_title_or_introduction(title: str, introduction: str) -> None:
    """The sentence that introduces an interview names who answers, and nobody else."""
    made = quote(f"<p>{introduction}</p>" + lettered("Q: ", "A: "), title)
    assert made == Quote(ANSWERS[0], "Ida Roe")


@pytest.mark.parametrize(
    ("title", "introduction"),
    [
        ("Interview with Ida Roe and Otto Brand", ""),
        ("A title", "Ida Roe spoke to Otto Brand about the sea."),
        ("A title", "We spoke with Ida Roe and Otto Brand about the sea."),
        ("A title", "In conversation with Otto Brand, Ida Roe tells of the sea."),
        ("Interview with Ida Roe", "We spoke to Otto Brand, too."),
        ("A title", "Interview by Otto Brand."),
        ("A title", "Our reporter Otto Brand interviewed the keeper of the mill."),
        ("A title", "Interview: Otto Brand"),
        ("A title", "In the war she met Otto Brand, and they came to the mill."),
        ("Interview with the Harbour Trust", ""),
        ("A title", "Ida Roe was the first to build a mill in the harbour."),
    ],
)
def test_where_another_may_be_meant_nobody_is_named(title: str, introduction: str) -> None:
    """Two names, the name of who asks, a company’s: none of them says who answers."""
    assert quote(f"<p>{introduction}</p>" + lettered("Q: ", "A: "), title) == Quote(ANSWERS[0], "")


def test_who_is_interviewed_speaks_behind_questions_set_apart() -> None:
    """Where the type tells who speaks, the introduction tells his name."""
    html = ASKED_BY_US + unnamed("<p><strong>{}</strong></p>", ANSWERS)
    assert quote(html) == Quote(ANSWERS[0], "Ida Roe")


@pytest.mark.parametrize("question", ["<p><strong>{}</strong></p>", "<h3>{}</h3>", "<p><i>{}</i></p>"])
def test_an_interview_that_says_so_may_be_short(question: str) -> None:
    """Two questions are enough where the article says that it is an interview, and with whom."""
    assert quote(unnamed(question, ANSWERS[:2]), "Interview with Ida Roe") == Quote(ANSWERS[0], "Ida Roe")


def test_a_question_in_bold_and_its_answer_may_be_one_paragraph() -> None:
    """A line break parts them where the theme has no paragraphs for them."""
    pairs = zip(QUESTIONS, ANSWERS, strict=True)
    html = "".join(f"<p><strong>{asked}</strong><br>{said}</p>" for asked, said in pairs)
    assert quote(html, "Interview with Ida Roe") == Quote(ANSWERS[0], "Ida Roe")


@pytest.mark.parametrize("question", ["<p><b>{}</b></p><p>Marlo: {}</p>", "<p>Q: {}</p><p>Marlo: {}</p>"])
def test_one_name_alone_before_the_answers_is_the_speaker_that_the_title_names(question: str) -> None:
    """Some have one name only; title or introduction must know it, or it is a label like any other."""
    html = "".join(question.format(asked, said) for asked, said in zip(QUESTIONS, ANSWERS, strict=True))
    assert quote(html, "Marlo on the sea") == Quote(ANSWERS[0], "Marlo")
    assert quote(html, "On the sea") == Quote(ANSWERS[0], "")


def test_names_may_stand_in_one_paragraph() -> None:
    """A line break parts question and answer where the theme has no paragraphs for them."""
    pairs = zip(QUESTIONS, ANSWERS, strict=True)
    html = "".join(f"<p><b>Ledger: {asked}</b><br>Ida Roe: {said}</p>" for asked, said in pairs)
    assert quote(html) == Quote(ANSWERS[0], "Ida Roe")


def test_a_title_may_say_whose_words_the_article_has() -> None:
    """A headline sets the name before the words."""
    html = "<p>Ida Roe has kept the mill for years.</p>" + unnamed("<h3>{}</h3>", ANSWERS)
    assert quote(html, "Ida Roe: “I never sold it”") == Quote(ANSWERS[0], "Ida Roe")


@pytest.mark.parametrize("title", ["Ida Roe: What You Need to Know", "Interview with Ida Roe"])
def test_what_is_told_of_somebody_is_not_said_by_her(title: str) -> None:
    """Nobody calls herself by her name: a newsroom explains what she does, question by question."""
    told = ["The mill is hers, and Roe says that we all know that our town will pay for it one day."] * 4
    assert quote("<p>Ida Roe keeps the mill.</p>" + unnamed("<h3>{}</h3>", told), title) is None


@pytest.mark.parametrize("title", ["FAQ: the mill", "Häufig gestellte Fragen zur Mühle", "Preguntas frecuentes"])
def test_what_calls_itself_frequent_questions_is_no_interview(title: str) -> None:
    """Whoever writes the answers, the page is there to help."""
    assert quote(lettered("Q: ", "A: "), title) is None
    assert quote(unnamed("<h3>{}</h3>", ANSWERS), title) is None


def test_samples_of_answers_are_nobody_s() -> None:
    """What stands before the colon is no name: it has no second capital."""
    html = "".join(
        f"<p><b>{asked}</b></p><p>Sample answer: {said}</p>" for asked, said in zip(QUESTIONS, ANSWERS, strict=True)
    )
    assert quote(html, "Interview questions for millers") is None


def test_advice_about_interviews_is_none() -> None:
    """What is asked in an interview for a job is no interview."""
    html = "".join(f"<p><b>{asked}</b></p><p>{said}</p>" for asked, said in FAQ)
    assert quote(html, "Job interview questions, and how to answer them") is None


def test_initials_stand_for_the_name_that_has_them() -> None:
    """Magazines write the name once, and its letters before each turn."""
    assert quote(ASKED_BY_US + talk("IR", "<p><b>{}:</b> {}</p>")) == Quote(ANSWERS[0], "Ida Roe")


# --- scripts without capitals

CHINESE = "<p>潮汐磨坊位于海港小城的码头旁边，已经运转了整整一百年，今年市议会决定继续出资维修。</p>"
ZH = [
    "我在这座磨坊里工作了二十年，如果可以重来，我还是会选择它。",
    "那年的冬天非常难熬，我不希望任何人再经历一次那样的日子。",
    "我的母亲在我之前守着水车，她的姑姑在战争之前就守着它了。",
]
ZH_ASKED = ["为什么是磨坊？", "那年难吗？", "在您之前是谁？"]


def eastern(asks: str, answers: str, asked: list[str], said: list[str], end: str = "") -> str:
    pairs = zip(asked, said, strict=True)
    return "".join(f"<p>{asks}{question}</p><p>{answers}{answer}{end}</p>" for question, answer in pairs)


@pytest.mark.parametrize(
    ("asks", "answers", "speaker"),
    [
        ("问：", "答：", "罗一达"),
        ("問：", "答：", "罗一达"),
        ("Q：", "A：", "罗一达"),
        ("记者：", "罗一达：", "罗一达"),
        ("记者：", "罗：", "罗一达"),
        ("<strong>记者：</strong>", "<strong>罗一达：</strong>", "罗一达"),
        ("新潮周刊：", "罗一达：", "罗一达"),
        ("记者：", "罗老师：", "罗老师"),
        ("——", "", "罗一达"),
        ("36度报：", "罗一达：", "罗一达"),
        ("主持人：", "嘉宾：", "罗一达"),
    ],
)
def test_chinese_interviews(asks: str, answers: str, speaker: str) -> None:
    """Who answers stands before a colon, or in the introduction."""
    html = CHINESE + "<p>近日，磨坊主罗一达接受了本报的专访。</p>" + eastern(asks, answers, ZH_ASKED, ZH)
    assert card(html).quote == Quote(ZH[0], speaker)


@pytest.mark.parametrize("title", ["专访磨坊主罗一达", "对话罗一达：大海与磨坊", "罗一达专访"])
def test_a_chinese_title_names_who_is_interviewed(title: str) -> None:
    made = card(CHINESE + eastern("问：", "答：", ZH_ASKED, ZH), title).quote
    assert made == Quote(ZH[0], "罗一达")


def test_letters_in_chinese_without_an_introduction_name_nobody() -> None:
    assert card(CHINESE + eastern("问：", "答：", ZH_ASKED, ZH)).quote == Quote(ZH[0], "")


@pytest.mark.parametrize("form", ["<p>记者：{}<br>罗一达：{}</p>", "记者：{}<br>罗一达：{}<br>"])
def test_chinese_turns_may_stand_in_one_paragraph(form: str) -> None:
    """Line breaks leave nothing between full stop and name."""
    html = "".join(form.format(asked, said) for asked, said in zip(ZH_ASKED, ZH, strict=True))
    assert card(f"{CHINESE}<p>{html}</p>").quote == Quote(ZH[0], "罗一达")


def test_two_who_talk_in_a_chinese_tale_are_not_interviewed() -> None:
    """Nobody there is of a newsroom, and the tale does not say that it is an interview."""
    assert card(CHINESE + eastern("小明：", "小红：", ZH_ASKED, ZH)).quote is None


def test_a_label_below_chinese_headings_is_nobody_s_name() -> None:
    """A guide asks in its headings, and gives its hints behind a label."""
    html = "".join(f"<h3>{asked}</h3><p>提示：{said}</p>" for asked, said in zip(ZH_ASKED, ZH, strict=True))
    assert card(f"{CHINESE}<p>近日，磨坊主罗一达接受了本报的专访。</p>{html}").quote != Quote(ZH[0], "提示")


def test_chinese_turns_of_a_help_desk_are_no_interview() -> None:
    said = ["请在设置页面点击更改，我们会在三天之内回复您的邮件。"] * 3
    assert card(CHINESE + eastern("问：", "客服：", ZH_ASKED, said)).quote is None


def test_chinese_rows_are_no_interview() -> None:
    """An event has a time, a place and a host, again and again, and nobody asks."""
    rows = [
        "时间：三月四日上午九点，逢周一休息。",
        "地点：海港小城码头旁边的潮汐磨坊。",
        "主讲人：罗一达，我们的老朋友。",
    ] * 3
    assert card(CHINESE + "".join(f"<p>{row}</p>" for row in rows)).quote is None


JAPANESE = "<p>港町の古い潮力水車小屋は、町議会の決定により、さらに一年間、町の費用で動き続けることになった。</p>"
JA = [
    "私はこの水車小屋で二十年働いてきましたが、もう一度選べるとしても同じ道を選ぶと思います。",
    "あの冬は本当に厳しかったですね。私は誰にもあんな思いをしてほしくないんです。",
    "母が私の前に水車を守っていて、その前は戦争が始まるまで叔母が守っていました。",
]
JA_ASKED = ["なぜ水車小屋なのですか？", "大変でしたか？", "その前は誰が？"]


@pytest.mark.parametrize(
    ("asks", "answers", "end", "speaker"),
    [
        ("――", "", "", "山田一子"),
        ("──", "", "", "山田一子"),
        ("Q．", "A．", "", "山田一子"),
        ("Q：", "A：", "", "山田一子"),
        ("記者：", "山田：", "", "山田一子"),
        ("――", "山田：", "", "山田一子"),
        ("――", "<strong>山田</strong>　", "", "山田一子"),
        ("記者「", "山田「", "」", "山田一子"),
    ],
)
def test_japanese_interviews(asks: str, answers: str, end: str, speaker: str) -> None:
    """A long dash asks; what stands behind it answers."""
    asked = [f"{question}{end}" for question in JA_ASKED]
    html = JAPANESE + "<p>水車小屋を守る山田一子さんに話を聞いた。</p>" + eastern(asks, answers, asked, JA, end)
    assert card(html).quote == Quote(JA[0], speaker)


def test_japanese_help_is_no_interview() -> None:
    said = ["マイページの設定から変更できます。詳しくはヘルプのページをご覧ください。"] * 3
    assert card(JAPANESE + eastern("Q．", "A．", JA_ASKED, said)).quote is None


KOREAN = (
    "<p>항구 마을의 오래된 물레방앗간은 마을 의회의 결정에 따라 앞으로 일 년 더 마을의 비용으로 돌아가게 되었다.</p>"
)
KO = [
    "저는 이 방앗간에서 이십 년을 일했고 다시 고를 수 있다고 해도 같은 길을 고를 것 같습니다.",
    "그해 겨울은 정말 힘들었고 저는 누구도 그런 겨울을 겪지 않기를 바랍니다.",
    "어머니가 저보다 먼저 물레방아를 지켰고 전쟁 전에는 고모가 지켰습니다.",
]
KO_ASKED = ["왜 방앗간인가요?", "힘들었나요?", "그 전에는 누가 있었나요?"]


@pytest.mark.parametrize(
    ("asks", "answers"),
    [
        ("Q. ", "A. "),
        ("Q: ", "A: "),
        ("문: ", "답: "),
        ("질문: ", "답변: "),
        ("기자: ", "김하늘: "),
        ("- ", "김하늘: "),
    ],
)
def test_korean_interviews(asks: str, answers: str) -> None:
    html = KOREAN + "<p>방앗간을 지키는 김하늘 씨를 만나 이야기를 들었다.</p>" + eastern(asks, answers, KO_ASKED, KO)
    assert card(html).quote == Quote(KO[0], "김하늘")


# --- what strangers may write


@pytest.mark.parametrize(
    "html",
    [
        "<p>Q: Why?</p>" * 75_000,
        "<p>" + "Q: Why? A: It is so. " * 50_000 + "</p>",
        "<p>Q: " + "A" * 1_000_000 + "</p>",
        "<p>Q:</p><p>A:</p>" * 50_000,
        "<p><b>Why?</b></p><p>It is so.</p>" * 30_000,
        "<p>――" + "？" * 300_000 + "</p>",
        "<p>记者：" + "罗：" * 300_000 + "</p>",
        "<p>" + "interview with " * 60_000 + "</p><p>Q: a</p><p>A: b</p><p>Q: a</p><p>A: b</p>",
        "<p>We spoke with " + "a " * 400_000 + "</p><p>Q: a</p><p>A: b</p><p>Q: a</p><p>A: b</p>",
        "<p>" + "Ida Roe, " * 100_000 + "</p><p>Q: a</p><p>A: b</p><p>Q: a</p><p>A: b</p>",
    ],
    ids=range(10),
)
def test_a_megabyte_of_turns_is_no_interview(html: str) -> None:
    """What a stranger writes may be long, and says nothing by that."""
    assert card(html, "Interview with " * 1000).quote is None
