"""Interviews: which paragraphs answer, which only ask, and who answers. Pure.

Names stand before the turns, or letters (“Q:”, “A:”), or nothing does and the questions are set apart: in bold, in a
heading, behind a dash. A page of frequent questions looks the same; whoever is interviewed speaks of himself there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from bot.cards import guests
from bot.cards.blocks import Block, Kind
from bot.cards.sentences import ends_like_a_sentence, words
from bot.cards.speaker import Attribution

_TURN = regex.compile(r"^(?P<who>\p{Lu}[^:：.!?“”\"\d]{1,39})(?::\s|：\s?)(?=\S)")
_NEXT = regex.compile(r"\?\s(?P<who>\p{Lu}[^:：.!?“”\"\d]{1,39}):\s(?=\S)")
_TURN_EAST = regex.compile(
    r"(?:^|(?<=[。！？?!…”」])\s?)(?!\d+[:：])(?P<who>[^\s:：.。，、,!！?？“”「」()（）【】@＠#]{1,10})[:：]\s?(?=\S)"
)
_SAID_EAST = regex.compile(r"(?P<who>[\p{Han}\p{Katakana}ー・]{1,10})「(?P<said>[^「」]+)」$")
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
_BARE = regex.compile(r"(?P<who>[QARPDF])(?P<sign>)\s(?=\S)")
"""A letter in bold needs no sign behind it."""
_SPOKEN = frozenset({Kind.PARAGRAPH, Kind.HEADING})
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
_BUTTON = regex.compile(r"[“\"„«「][^“”\"„«»「」]{1,40}[”\"“»」]")
"""What a button says, or a term: not what the one who answers says of himself."""
_LEAST_ANSWERS = 4
"""Fewer questions with answers are an article that asks some, where it does not say that it is an interview."""
_LONGEST = 3
"""Paragraphs of one answer that are looked at."""
_INTRODUCTION = 8
"""Blocks before the first question in which the interview may be introduced."""


_Said = list[tuple[int, str]]
"""What somebody says, paragraph by paragraph, each with its block."""


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
    lettered = _lettered(blocks)
    asked, answers = lettered or _apart(blocks)
    if len(answers) < 2:
        return NONE
    introduction = _introduction(blocks, asked)
    guest = guests.guest(title, introduction, attribution)
    answers, label = _without_label(answers)
    said = [" ".join(text for _, text in answer) for answer in answers]
    certain = bool(guest or lettered)
    least = 2 if certain else 3 if guests.declared(title, introduction) else _least(blocks, asked)
    share = 0.25 if guest and lettered else 0.5
    if len(said) < least or not _personal(said, share, known=bool(guest)) or guests.helps(title, introduction):
        return NONE
    who = guest or guests.titled(title, introduction, attribution)
    if not lettered and who and _told_of(who, said):
        return NONE
    if label and label not in who:
        who = attribution.full(label) if label in " ".join([title, *introduction]) else ""
    found = tuple(Answer(index, text, who) for answer in answers for index, text in answer)
    return Interview(found, frozenset(asked))


def _without_label(answers: list[_Said]) -> tuple[list[_Said], str]:
    """The answers without the name that most of them begin with, and that name."""
    turns = [_TURN.match(answer[0][1]) or _TURN_EAST.match(answer[0][1]) for answer in answers]
    label, often = Counter(turn["who"] if turn else "" for turn in turns).most_common(1)[0]
    if not label or often * 2 < len(answers):
        return answers, ""
    bare = [
        [(answer[0][0], answer[0][1][turn.end() :]), *answer[1:]] if turn and turn["who"] == label else answer
        for turn, answer in zip(turns, answers, strict=True)
    ]
    return bare, label


def _introduction(blocks: Sequence[Block], asked: Iterable[int]) -> list[str]:
    """The paragraphs before the first question."""
    first = min(asked, default=0)
    return [block.text for block in blocks[max(0, first - _INTRODUCTION) : first]]


def _personal(answers: Sequence[str], share: float, *, known: bool) -> bool:
    """Whether enough of the answers are somebody's: he speaks of himself, or of "us" where the text names him."""
    bare = (_BUTTON.sub(" ", text) for text in answers)
    personal = sum(bool(_OF_ONESELF.search(text) or (known and _OF_US.search(text))) for text in bare)
    return personal >= max(1, share * len(answers))


def _told_of(who: str, answers: Sequence[str]) -> bool:
    """Whether the answers are about him instead of his own: nobody calls himself by his name again and again."""
    surname = who.split()[-1]
    return sum(surname in text for text in answers) * 3 > len(answers)


# --- behind names


def _named(blocks: Sequence[Block], title: str, attribution: Attribution) -> Interview | None:
    """An interview whose turns begin with names."""
    turns: dict[str, _Said] = {}
    for index, block in enumerate(blocks):
        if block.kind is Kind.PARAGRAPH and block.linked < 0.5:
            for who, text in _turns(block, attribution):
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


def _turns(block: Block, attribution: Attribution) -> Iterator[tuple[str, str]]:
    """What a paragraph says, behind whose name; what is answered may stand right behind the question."""
    text = block.text
    if attribution.eastern:
        yield from _eastern_turns(text, block.strong)
    elif turn := _TURN.match(text):
        answer = _NEXT.search(text, turn.end())
        yield turn["who"].strip(), text[turn.end() : answer.start() + 1 if answer else None]
        if answer:
            yield answer["who"].strip(), text[answer.end() :]


def _eastern_turns(text: str, strong: int) -> Iterator[tuple[str, str]]:
    turns = list(_TURN_EAST.finditer(text))
    if turns and not turns[0].start():
        ends = [*(turn.start() for turn in turns[1:]), len(text)]
        yield from ((turn["who"], text[turn.end() : end].strip()) for turn, end in zip(turns, ends, strict=True))
    elif said := _SAID_EAST.match(text):
        yield said["who"], said["said"]
    elif 0 < strong < 9 and text[strong : strong + 1] == " ":
        yield text[:strong], text[strong + 1 :]  # Japanese sets a name in bold, and a space


def _interviewed(blocks: Sequence[Block], who: str, said: Sequence[tuple[int, str]]) -> bool:
    """Whether the name before the colon answers: it does so again and again, and seldom asks."""
    asks = sum(text.endswith(("?", "？")) for _, text in said)
    if sum(words(text) > 9 and ends_like_a_sentence(text) for _, text in said) * 2 < len(said):
        return False  # a table's rows, not speech
    marked = sum(blocks[index].strong > 0 for index, _ in said)
    return len(said) > (1 if " " in who and marked > 1 else 2) and asks * 2 <= len(said)


def _is_name(who: str, attribution: Attribution) -> bool:
    """Whether a turn's label may be somebody's name: one word alone must be part of a full one, where names have capitals."""
    full = any(word[0].isupper() for word in who.split()[1:])
    return who not in _ALL and (full or not who[0].isupper() or attribution.full(who) != who)


def _eastern(
    blocks: Sequence[Block], turns: Mapping[str, _Said], title: str, attribution: Attribution
) -> dict[str, _Said]:
    """Who answers where names have no capitals: some other turns ask, and not these."""
    asking = {who for who, said in turns.items() if _ASKERS.search(who) or _asks(said)}
    answering = {who: said for who, said in turns.items() if who not in asking and _answers(who, said)}
    asked = [index for who in asking for index, text in turns[who] if _ASKING.search(text)]
    asked = asked or (_set_apart(blocks) if answering else [])
    if not answering or len(asked) < 2:
        return {}
    introduction = _introduction(blocks, asked)
    if not any(map(_ASKERS.search, asking)) and not guests.declared(title, introduction):
        return {}  # two who talk in a tale
    guest = guests.guest(title, introduction, attribution)
    if not asking:  # questions set apart: a label may be any, if it is not the guest's
        answering = {who: said for who, said in answering.items() if who in _ROLES or who[:1] == guest[:1]}
    named: dict[str, _Said] = {}
    for who, said in answering.items():
        named.setdefault(guest if who in _ROLES or guest.startswith(who) else who, []).extend(said)
    return named


def _answers(who: str, said: Sequence[tuple[int, str]]) -> bool:
    """Whether most of what stands behind a label are sentences, and somebody's where it only tells a role."""
    sentences = sum(words(text) > 7 and ends_like_a_sentence(text) for _, text in said)
    personal = who not in _ROLES or _personal([text for _, text in said], 0.5, known=False)
    return len(said) > 1 and who not in _ALL and sentences * 2 >= len(said) and personal


def _asks(said: Sequence[tuple[int, str]]) -> bool:
    return len(said) > 1 and sum(bool(_ASKING.search(text)) for _, text in said) * 2 > len(said)


# --- behind letters


def _lettered(blocks: Sequence[Block]) -> tuple[list[int], list[_Said]] | None:
    """An interview's questions and answers behind “Q:” and “A:” or the like; None where there are no two of each."""
    turns = {index: found for index, block in enumerate(blocks) if (found := list(_letters(block)))}
    seen = Counter(who for found in turns.values() for who, _ in found)
    pair = max(_PAIRS, key=lambda pair: min(_count(seen, pair[0]), _count(seen, pair[1])))
    if min(_count(seen, pair[0]), _count(seen, pair[1])) < 2:
        return None
    asked: set[int] = set()
    answers: list[_Said] = []
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
    form = _BARE if 0 < block.strong < 3 else _LETTERED
    turn = (form.match(block.text) or _LETTERED.match(block.text)) if block.kind in _SPOKEN else None
    while turn is not None:
        following = _WITHIN.search(block.text, turn.end())
        while following and following["sign"].strip() != turn["sign"].strip():
            following = _WITHIN.search(block.text, following.end())
        who = turn["who"] if len(turn["who"]) == 1 else turn["who"].capitalize()
        yield who, block.text[turn.end() : following.start() if following else None].strip()
        turn = following


# --- behind questions set apart


def _apart(blocks: Sequence[Block]) -> tuple[list[int], list[_Said]]:
    asked = _set_apart(blocks)
    return asked, list(_behind(blocks, asked))


def _least(blocks: Sequence[Block], asked: Sequence[int]) -> int:
    """How many answers make an interview that does not say that it is one; a dash before a question half says so."""
    return _LEAST_ANSWERS - any(_DASH.match(blocks[index].text) for index in asked)


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


def _behind(blocks: Sequence[Block], asked: Sequence[int]) -> Iterator[_Said]:
    """The answers to the questions: the plain paragraphs behind each; of the last one only the first."""
    turns = frozenset(asked)
    for index in asked:
        block, most = blocks[index], 1 if index == asked[-1] else _LONGEST
        if start := _question(block):
            yield [(index, block.text[start:].strip()), *_plain(blocks, index + 1, most - 1, turns)]
        elif answer := list(_plain(blocks, index + 1, most, turns)):
            yield answer


def _plain(blocks: Sequence[Block], start: int, most: int, turns: Container[int]) -> Iterator[tuple[int, str]]:
    """The plain paragraphs from a block on, at most so many, up to a turn or anything that is set apart."""
    for index in range(start, min(start + most, len(blocks))):
        block = blocks[index]
        if block.kind is not Kind.PARAGRAPH or block.aside or _marked(block) or index in turns:
            return
        yield index, block.text


def _marked(block: Block) -> bool:
    return max(block.strong, block.slanted) > 0.8 * len(block.text)
