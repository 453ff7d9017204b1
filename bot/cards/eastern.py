"""Who said it, in scripts without capitals: Chinese, Japanese, Korean, Arabic, Hebrew. Pure."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import regex

from bot.cards.cues import CJK_CUES, CJK_PRONOUNS, CJK_SURNAMES, JA_CUES, KO_CUES
from bot.cards.marks import Span

LANGUAGES = frozenset({"zh", "ja", "ko"})

_CLAUSE = regex.compile(r"[，。；：！？、,;:!?\n”」』“「『）)]")
_ZH_BEFORE = regex.compile(
    rf"(?:^|[，。；！？,;!?”」』\s])(?P<who>[^，。；：！？,;:!?“”「」\s]{{1,24}}?)"
    rf"(?:则|則|也|还|還|随后|隨後|当时|當時|曾|并|並|对此|對此|在[^，。]{{1,12}}(?:中|时|時|上)|(?:对|向|對)[^，。]{{1,10}})?"
    rf"(?:{CJK_CUES})(?:了|道|到|过|過)?[：:，,]?\s*$"
)
_ZH_AFTER = regex.compile(rf"^[，,]?(?P<who>[^，。；：！？“”「」]{{2,40}}?)(?:这样|這樣|如此)?(?:{CJK_CUES})")
_ZH_CUE = regex.compile(CJK_CUES)
_ZH_NAME = regex.compile(
    rf"(?:[{CJK_SURNAMES}][\u4e00-\u9fff]{{1,2}}|[\u4e00-\u9fff]{{1,8}}·[\u4e00-\u9fff·]{{1,10}}|[A-Z][A-Za-z .'-]+)$"
)
_ZH_ORGANISATION = regex.compile(
    r"(?:部|局|院|会|會|报|報|社|网|網|台|所|署|厅|廳|办|辦|司|大学|大學|公司|法院|发言人|發言人|网友|網友|官方|组织|組織|机构|機構|媒体|媒體|通报|通報|声明|聲明)$"
)
_ZH_COMMENT = regex.compile(r"^(?P<who>[@＠][^：:\s，。、；！？“”]{1,20}|[^：:\s，。、；！？“”]{2,8})[：:]\s*$")
_HAN = regex.compile(r"\p{Han}+")
_ZH_PERSON = regex.compile(
    r"(?:人士|专家|專家|从业者|從業者|分析师|分析師|教授|学者|學者|律师|律師|医生|醫生|老师|老師|校长|校長|主任|经理|經理|总裁|總裁|创始人|創始人|负责人|負責人|董事长|董事長|记者|記者|研究员|研究員|先生|女士|工程师|工程師|居民|村民|学生|學生)$"
)
_ZH_TITLED = regex.compile(r"[长長师師员員理授任席裁官家工者生士记記监監](?P<name>[\p{Han}·]{2,4})$")
"""A name right behind a role: “副司长”, “博士生”, “总经理”."""
_ZH_NOBODY = regex.compile(
    r"(?:有的|有些|很多|许多|不少|大家|所谓|所謂|可以|不能|没有|不是|就是|还是|或者|如果|虽然|因为|但是|而且|并且|最后|接着|同时|忍不住|笑着)"
)
_ZH_OPENING = regex.compile(
    r"^(?:而|但|不过|因此|所以|其中|对于|据|随后|对此|同时|例如|比如|另外|此外|正如|日前|近日|昨日|今日|当时|后来|接着)"
)
_PARENTHESIS = regex.compile(r"[（(][^（）()]{1,20}[）)]$")
_JA_BEFORE = regex.compile(
    r"(?:^|[、。」\s])(?P<who>[^、。「」『』\sはがも]{2,24}?(?:氏|さん|首相|大統領|社長|会長|知事|教授|議員|監督|選手|代表|長官|大臣|長|男性|女性|医師|弁護士|担当者|関係者|協会|連盟|省|庁|党|政府|警察|側|社)|[A-Z]{2,8})(?:\([^)]{1,12}\)|（[^）]{1,12}）)?"
    r"(?:は|が|も)(?:[^。「」]{0,60})$"
)
_JA_TOPIC = regex.compile(
    r"(?:[^、。「」]{1,20}、)?(?P<who>[^、。「」『』\sはがも]{2,24}?(?:氏|さん|首相|大統領|社長|会長|知事|教授|議員|監督|選手|代表|長官|大臣|長|男性|女性|医師|弁護士|担当者|関係者|記者))"
    r"(?:\([^)]{1,12}\)|（[^）]{1,12}）)?(?:は|が|も)"
)
_JA_AFTER = regex.compile(rf"^(?:などと|と|とも)[^。「]{{0,24}}?(?:{JA_CUES})")
_KO_BEFORE = regex.compile(
    r"(?:^|[\s,.”])(?P<who>[가-힣A-Za-z·]{2,12}(?:\s[가-힣A-Za-z·]{2,12}){0,3}?)(?:은|는|이|가)\s[^“\"”]{0,30}$"
)
_KO_AFTER = regex.compile(rf"^[^“\"]{{0,24}}?(?:{KO_CUES})")


Often = Callable[[str], bool]
"""Whether the article uses a word more than once."""


def speaker(text: str, span: Span, language: str, often: Often) -> str:
    """The speaker of a quotation in a paragraph, with the title the text gives; "" when it is not said beside it."""
    before, after = text[max(0, span.start - 80) : span.start], text[span.end : span.end + 60]
    if language == "ja":
        return _japanese(text[max(0, span.start - 160) : span.start], after)
    if language == "ko":
        match = _KO_BEFORE.search(before)
        return match["who"] if match and _KO_AFTER.match(after) else ""
    if match := _ZH_BEFORE.search(before):
        return _chinese(match["who"], often)
    if match := _ZH_COMMENT.match(before):
        return match["who"]
    if match := _ZH_AFTER.match(after):
        return _chinese(match["who"], often)
    return ""


def _japanese(before: str, after: str) -> str:
    """The subject before the quotation, in its sentence or, where that has none, in the one before it."""
    if not _JA_AFTER.match(after):
        return ""
    if match := _JA_BEFORE.search(before):
        return match["who"]
    sentences = [part for part in regex.split(r"[。」]", before) if part.strip()]
    match = _JA_TOPIC.match(sentences[-1].strip()) if sentences else None
    return match["who"] if match else ""


_ZH_SUBJECT = regex.compile(rf"(?:^|[，。；！？”」])(?P<who>[^，。；！？：“”「」]{{2,16}}?)(?:{CJK_CUES})")


def subjects(text: str, often: Often) -> list[tuple[int, str]]:
    """Where a Chinese paragraph lets somebody say something, and who that is."""
    found = ((match.start(), _chinese(match["who"], often)) for match in _ZH_SUBJECT.finditer(text[:1500]))
    return [(start, name) for start, name in found if name]


def pronoun(text: str, span: Span) -> bool:
    """Whether only he, she or they is said to have said it."""
    match = _ZH_BEFORE.search(text[max(0, span.start - 80) : span.start])
    return bool(match and match["who"] in CJK_PRONOUNS - {"我", "大家", "自己", "有人"})


def introduced(text: str, often: Often) -> str:
    """The speaker that a paragraph ending in a colon names; "" when it names none."""
    if not text.endswith(("：", ":")):
        return ""
    match = _ZH_BEFORE.search(text[-80:])
    return _chinese(match["who"], often) if match else ""


def says(text: str, span: Span) -> bool:
    """Whether a word of saying stands beside the quotation."""
    before, after = text[max(0, span.start - 12) : span.start], text[span.end : span.end + 24]
    return bool(_ZH_CUE.search(before) or _JA_AFTER.match(after) or _KO_AFTER.match(after))


def _chinese(who: str, often: Often) -> str:
    """A subject that is a name or an organisation, without what stands before it; "" for pronouns and clauses."""
    who = _PARENTHESIS.sub("", _ZH_OPENING.sub("", who)).strip()
    if not who or who in CJK_PRONOUNS or who[0] in "我你您他她它这那" or _ZH_NOBODY.search(who):
        return ""
    if match := _ZH_TITLED.search(who):
        return who if len(who) <= 12 and "的" not in who else match["name"]
    if (match := _ZH_NAME.search(who)) and (len(who) <= 12 or often(match[0])) and "的" not in who:
        return who if len(who) <= 12 else match[0]
    if "的" in who or len(who) > 12:
        return who if who.startswith(("一名", "一位")) and _ZH_PERSON.search(who) else ""
    if _ZH_ORGANISATION.search(who) or _ZH_PERSON.search(who):
        return who
    return who if 2 <= len(who) <= 4 and often(who) and _HAN.fullmatch(who) else ""


_STOPS = r"(?:الذي|التي|الذين|إن|أن|أنه|أنها|في|من|على|عن|خلال|إلى|لـ|ل|بعد|قبل|مساء|صباح|اليوم|أمس|ردا|حول|إنه|إنها|ב|של|כי|על|עם|את|אתמול|היום|לאחר)"


_SENTENCE_ENDED = regex.compile(r"[.؟!»]\s")


@lru_cache(maxsize=4)
def _verb_first(cues: str) -> tuple[regex.Pattern[str], regex.Pattern[str], regex.Pattern[str]]:
    """After the quotation, before it, and a word of saying right before it whose subject was named earlier."""
    verb = rf"(?<![\p{{L}}])(?:{'|'.join(cues.split())})"
    word = r"[\p{L}\p{M}'’\"״׳-]+"
    subject = rf"(?P<who>(?!{_STOPS}\s)\p{{L}}{word}(?:\s(?!{_STOPS}[\s:،,]){word}){{0,4}})"
    return (
        regex.compile(rf"^[\s,،]*{verb}\s{subject}(?=[\s،,.:])"),
        regex.compile(rf"{verb}\s{subject}(?=[،,:]|\s{_STOPS}[\s:،,])"),
        regex.compile(rf"{verb}\s?:?\s*$"),
    )


def verb_first(text: str, span: Span, cues: str) -> str:
    """The subject after a word of saying, before the quotation (Arabic) or after it (Hebrew); at most five words."""
    after_it, before_it, _ = _verb_first(cues)
    before, after = text[max(0, span.start - 160) : span.start], text[span.end : span.end + 80]
    if match := after_it.match(after):
        return match["who"] if " " in match["who"] else ""
    matches = list(before_it.finditer(before))
    if matches and not _SENTENCE_ENDED.search(before[matches[-1].end() :]):
        return _definite(matches[-1]["who"])
    return ""


def subject_implied(text: str, span: Span, cues: str) -> bool:
    """Whether a word of saying stands right before the quotation without its subject."""
    return bool(_verb_first(cues)[2].search(text[max(0, span.start - 40) : span.start]))


def verb_subjects(text: str, cues: str) -> list[tuple[int, str]]:
    """Where a paragraph lets somebody say something, and who that is, in languages whose verb comes first."""
    found = ((match.start(), _definite(match["who"])) for match in _verb_first(cues)[1].finditer(text[:2000]))
    return [(start, who) for start, who in found if who]


def _definite(who: str) -> str:
    return who if " " in who or (who.startswith("ال") and len(who) > 5) else ""
