"""Interviews: which paragraphs answer, which only ask, and who answers. Pure.

Names stand before the turns, or letters (“Q:”, “A:”), or nothing does and the questions are set apart: in bold, in a
heading, behind a dash. A page of frequent questions looks the same; whoever is interviewed speaks of himself there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from bot.cards import guests
from bot.cards.blocks import Block, Kind
from bot.cards.sentences import ends_like_a_sentence, words
from bot.cards.speaker import Attribution

_TURN = regex.compile(r"^(?P<who>\p{Lu}[^:：.!?“”\"\d]{1,39})(?::\s|：\s?)(?=\S)")
_TURN_EAST = regex.compile(
    r"(?P<who>[^\s:：.。，、,!！?？“”「」()（）【】@＠\d#]{1,10})(?:[:：]\s?(?=\S)|(?=「[^「」]+」$))"
)
_NEXT_EAST = regex.compile(r"[?？]\s?(?P<who>[\p{Han}·]{1,8})[:：]")
_PAIRS = [
    (frozenset(asks.split()), frozenset(answers.split()))
    for asks, _, answers in (
        row.partition(" / ")
        for row in (
            "Q Question / A Answer",
            "Q Question / R Réponse",
            "F Frage / A Antwort",
            "P Pregunta Pergunta / R Respuesta Resposta",
            "D Domanda / R Risposta",
            "V Vraag / A Antwoord",
            "P Pytanie / O Odpowiedź",
            "F Fråga / S Svar",
            "В Вопрос / О Ответ",
            "S Soru / C Cevap",
            "س سؤال / ج جواب",
            "ש שאלה / ת תשובה",
            "问 問 提问 提問 / 答 回答",
            "문 질문 / 답 답변",
        )
    )
]
"""What stands before questions, and before their answers."""
_ASKS = frozenset().union(*(asks for asks, _ in _PAIRS))
_ALL = sorted(_ASKS.union(*(answers for _, answers in _PAIRS)), key=len, reverse=True)
_LETTER = rf"(?P<who>{'|'.join(_ALL)}|{'|'.join(word.upper() for word in _ALL if word.isascii() and len(word) > 1)})\s?\d{{0,2}}(?P<sign>\s?[:：]|[.．]|\s[–—-])\s?(?=\S)"
_LETTERED = regex.compile(rf"[\s*•–—-]{{0,3}}{_LETTER}")
_WITHIN = regex.compile(rf"(?<=[.!?…。！？”\"’»」)]|[.!?…。！？”\"’»」)]\s){_LETTER}")
_ASKERS = regex.compile(
    r"(?:记者|記者|主持人?|采访者|採訪者|编辑部?|編輯部?|編集部|编者|小编|问|問|提问|提問|[周週]刊|日报|日報|晚报|晚報|新闻|新聞|杂志|雜誌|[报報网網社]|聞き手|司会|インタビュアー|기자|인터뷰어|진행자?|질문|문|Q)$"
)
"""Who asks, where a name has no capitals to be known by."""
_ROLES = frozenset("嘉宾 嘉賓 受访者 受訪者 被采访者 老师 老師 专家 專家 客服 网友 網友 회사 고객센터".split())
"""Who answers, without a name."""
_DASH = regex.compile(r"(?:[―─—ー]{2,3}|[-–—―─](?=\s?\p{L}))\s?(?=\S)")
_ASKING = regex.compile(r"(?:[?？؟]|か。?)[」”\"]?$")
_OF_ONESELF = regex.compile(
    r"\b(?:I|I['’]\w+|my|me|ich|mich|mein\w*|je|j['’]\w+|moi|mon|yo|mi|me|io|mio|eu|meu|minha|ik|mijn|я|мне|мой|ja|mnie|mój)\b"
    r"|我(?![们們国國市省司校院])|(?:私|僕|俺|自分)[はがのもにを]|と思(?:い|っ|う)|んです|ですね|저는|나는|제가|내가|것 같|거든요|더라고|أنا|אני"
)
"""Who is interviewed speaks of himself; what answers frequent questions does not."""
_OF_US = regex.compile(
    r"\b(?:[Ww]e|[Oo]ur|[Ww]ir|[Uu]nser\w*|[Nn]ous|[Nn]os|[Nn]otre|[Nn]osotros|[Nn]uestr\w+|[Nn]oi|[Nn]ostr[oaie]|[Nn]ós|[Nn]oss[oa]s?|[Ww]ij|мы|наш\w*)\b|我们|我們|私たち|우리|저희"
)
_LEAST_ANSWERS = 4
"""Fewer questions with answers are an article that asks some, where it does not say that it is an interview."""
_LONGEST = 3
"""Paragraphs of one answer that are looked at."""
_INTRODUCTION = 8
"""Blocks before the first question in which the interview may be introduced."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody answers, in which block; `who`: as the article names him, "" where it does not."""

    block: int
    text: str
    who: str = ""


@dataclass(frozen=True, slots=True)
class Interview:
    """An article's answers, and the blocks in which nothing but questions stand."""

    answers: tuple[Answer, ...] = ()
    asked: frozenset[int] = frozenset()


NONE = Interview()


def read(blocks: Sequence[Block], title: str, attribution: Attribution) -> Interview:
    """The article's answers and questions; none where it is no interview."""
    if named := _named(blocks, title, attribution):
        return named
    if lettered := _lettered(blocks):
        asked, answers, least = *lettered, 2
    else:
        asked = _set_apart(blocks)
        answers, least = list(_behind(blocks, asked)), _LEAST_ANSWERS
    first = min(asked, default=0)
    if len(answers) < 2:
        return NONE
    introduction = [block.text for block in blocks[max(0, first - _INTRODUCTION) : first]]
    who = guests.guest(title, introduction, attribution)
    if not who and least > 2 and guests.declared(title, introduction):
        least = 3
    if not _personal(
        [" ".join(text for _, text in answer) for answer in answers], 2 if who else least, known=bool(who)
    ):
        return NONE
    found = tuple(Answer(index, text, who) for answer in answers for index, text in answer)
    return Interview(found, frozenset(asked))


def _personal(answers: Sequence[str], least: int, *, known: bool) -> bool:
    """Whether enough of the answers are somebody's: he speaks of himself, or once of "us" where the text names him."""
    personal = sum(bool(_OF_ONESELF.search(text) or (known and _OF_US.search(text))) for text in answers)
    return len(answers) >= least and (personal > 0 if known else personal * 2 >= len(answers))


# --- behind names


def _named(blocks: Sequence[Block], title: str, attribution: Attribution) -> Interview | None:
    """An interview whose turns begin with names."""
    turns: dict[str, list[tuple[int, str]]] = {}
    for index, block in enumerate(blocks):
        if block.kind is Kind.PARAGRAPH and block.linked < 0.5:
            for who, text in _turns(block.text, attribution):
                turns.setdefault(who, []).append((index, text))
    if attribution.eastern:
        named = _eastern(blocks, turns, title, attribution)
    else:
        named = {
            attribution.full(who): said
            for who, said in turns.items()
            if _is_name(who, attribution) and _interviewed(blocks, who, said)
        }
    if not named:
        return None
    answers = tuple(Answer(index, text, who) for who, said in named.items() for index, text in said)
    speaking = {answer.block for answer in answers}
    asked = {index for said in turns.values() for index, text in said if _ASKING.search(text)}
    return Interview(answers, frozenset(asked - speaking))


def _turns(text: str, attribution: Attribution) -> Iterator[tuple[str, str]]:
    """What a paragraph says, behind whose name; in Chinese an answer's may stand right behind the question."""
    if not attribution.eastern:
        if turn := _TURN.match(text):
            yield turn["who"].strip(), text[turn.end() :]
        return
    if turn := _TURN_EAST.match(text):
        said = text[turn.end() :]
        following = _NEXT_EAST.search(said)
        if following:
            yield following["who"], said[following.end() :].lstrip()
            said = said[: following.start() + 1]
        yield turn["who"], said[1:-1] if said[:1] == "「" and said[-1:] == "」" else said


def _interviewed(blocks: Sequence[Block], who: str, said: Sequence[tuple[int, str]]) -> bool:
    """Whether the name before the colon answers: it does so again and again, and seldom asks."""
    asks = sum(text.endswith(("?", "？")) for _, text in said)
    if sum(words(text) > 9 and ends_like_a_sentence(text) for _, text in said) * 2 < len(said):
        return False  # a table's rows, not speech
    marked = sum(blocks[index].strong > 0 for index, _ in said)
    return len(said) > (1 if " " in who and marked > 1 else 2) and asks * 2 <= len(said)


def _is_name(who: str, attribution: Attribution) -> bool:
    """Whether a turn's label may be somebody's name: one word alone must be part of a full one, where names have capitals."""
    return who not in _ALL and (" " in who or not who[0].isupper() or attribution.full(who) != who)


def _eastern(
    blocks: Sequence[Block], turns: Mapping[str, list[tuple[int, str]]], title: str, attribution: Attribution
) -> dict[str, list[tuple[int, str]]]:
    """Who answers where names have no capitals: some other turns ask, and not these."""
    asking = {who for who, said in turns.items() if _ASKERS.search(who) or _asks(said)}
    asked = [index for who in asking for index, text in turns[who] if _ASKING.search(text)]
    asked = asked or _set_apart(blocks)
    if len(asked) < 2:
        return {}
    first = min(asked)
    named: dict[str, list[tuple[int, str]]] = {}
    who = None
    for label, said in turns.items():
        if label in asking or label in _ALL or len(said) < 2 or not _speech(said):
            continue
        if label in _ROLES and not _personal([text for _, text in said], 2, known=False):
            continue
        if who is None:
            introduction = [block.text for block in blocks[max(0, first - _INTRODUCTION) : first]]
            who = guests.guest(title, introduction, attribution)
        full = who if label in _ROLES or who.startswith(label) else label
        named.setdefault(full, []).extend(said)
    return named


def _asks(said: Sequence[tuple[int, str]]) -> bool:
    return len(said) > 1 and sum(bool(_ASKING.search(text)) for _, text in said) * 2 > len(said)


def _speech(said: Sequence[tuple[int, str]]) -> bool:
    """Whether most of what stands behind a label are sentences."""
    return sum(words(text) > 7 and ends_like_a_sentence(text) for _, text in said) * 2 >= len(said)


# --- behind letters


def _lettered(blocks: Sequence[Block]) -> tuple[list[int], list[list[tuple[int, str]]]] | None:
    """An interview's questions and answers behind “Q:” and “A:” or the like; None where there are no two of each."""
    turns = {index: found for index, block in enumerate(blocks) if (found := list(_letters(block)))}
    seen = Counter(who for found in turns.values() for who, _ in found)
    pair = max(_PAIRS, key=lambda pair: min(_count(seen, pair[0]), _count(seen, pair[1])))
    if min(_count(seen, pair[0]), _count(seen, pair[1])) < 2:
        return None
    asked: set[int] = set()
    answers: list[list[tuple[int, str]]] = []
    for index, found in turns.items():
        said = [(index, text) for who, text in found if who in pair[1]]
        if not said:
            asked.add(index)
        answers.extend([turn] for turn in said)
    for answer in answers[:-1]:  # behind the last one the author may go on
        index = answer[0][0]
        answer.extend(_plain(blocks, index + 1, _LONGEST - 1, turns))
    return sorted(asked | {min(turns)}), answers


def _count(seen: Counter[str], labels: Iterable[str]) -> int:
    return sum(seen[label] for label in labels)


def _letters(block: Block) -> Iterator[tuple[str, str]]:
    """The turns of a block, each behind its letter."""
    turn = _LETTERED.match(block.text) if block.kind in {Kind.PARAGRAPH, Kind.HEADING} else None
    while turn is not None:
        following = _WITHIN.search(block.text, turn.end())
        while following and following["sign"].strip() != turn["sign"].strip():
            following = _WITHIN.search(block.text, following.end())
        who = turn["who"] if len(turn["who"]) == 1 else turn["who"].capitalize()
        yield who, block.text[turn.end() : following.start() if following else None].strip()
        turn = following


# --- behind questions set apart


def _set_apart(blocks: Sequence[Block]) -> list[int]:
    """The questions that the type sets apart from their answers, a dash or a letter before them."""
    dashes = [index for index, block in enumerate(blocks) if block.kind is Kind.PARAGRAPH and _DASH.match(block.text)]
    if sum(bool(_ASKING.search(blocks[index].text)) for index in dashes) * 2 <= len(dashes):
        dashes = []
    return sorted({*dashes, *(index for index, block in enumerate(blocks) if _asked(block))})


def _asked(block: Block) -> bool:
    if not block.text.endswith(("?", "？", "؟")):
        return bool(_question(block))
    apart = block.kind is Kind.HEADING or (block.kind is Kind.PARAGRAPH and _marked(block))
    letter = block.kind is Kind.PARAGRAPH and (match := _LETTERED.match(block.text)) and match["who"] in _ASKS
    return bool(apart or letter)


def _question(block: Block) -> int:
    """Where a paragraph's answer begins behind a question in bold or italics; 0 where it does not begin so."""
    for marked in (block.strong, block.slanted):
        if 8 < marked < 0.8 * len(block.text) and block.kind is Kind.PARAGRAPH:
            end = len(block.text[: marked + 1].rstrip())
            if block.text[:end].endswith(("?", "？", "؟")):
                return end
    return 0


def _behind(blocks: Sequence[Block], asked: Sequence[int]) -> Iterator[list[tuple[int, str]]]:
    """The answers to the questions: the plain paragraphs behind each; of the last one only the first."""
    for index in asked:
        block, most = blocks[index], 1 if index == asked[-1] else _LONGEST
        if start := _question(block):
            yield [(index, block.text[start:].strip()), *_plain(blocks, index + 1, most - 1, asked)]
        elif answer := list(_plain(blocks, index + 1, most, asked)):
            yield answer


def _plain(blocks: Sequence[Block], start: int, most: int, turns: Iterable[int]) -> Iterator[tuple[int, str]]:
    """The plain paragraphs from a block on, at most so many, up to a turn or anything that is set apart."""
    for index in range(start, min(start + most, len(blocks))):
        block = blocks[index]
        if block.kind is not Kind.PARAGRAPH or block.aside or _marked(block) or index in turns:
            return
        yield index, block.text


def _marked(block: Block) -> bool:
    return max(block.strong, block.slanted) > 0.8 * len(block.text)
