"""Who said it, in scripts without capitals: Chinese, Japanese, Korean. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import regex

from bot.cards.cues import CJK_CUES, CJK_PRONOUNS, CJK_SURNAMES, JA_CUES, KO_CUES
from bot.cards.marks import Span

LANGUAGES = frozenset({"zh", "ja", "ko"})

_ZH_BETWEEN = (
    r"(?:则|則|也|还|還|却|卻|曾|并|並|随后|隨後|当时|當時|对此|對此|笑着|笑著|(?:今|昨|前|近)[日天]?|\d{1,2}日|日前|受[访訪][时時]|接着|最后"
    r"|一[边邊][^，。]{1,8}|(?:对|對|向|跟|告[诉訴])[^，。]{1,10}?|在[^，。]{1,30}?(?:中|时|時|上|里|裡|后|後))"
)
"""What may stand between a Chinese subject and its word of saying."""
_ZH_BEFORE = regex.compile(
    rf"(?:^|[，。；！？,;!?”」』\s])(?P<who>[^，。；！？,;:!?“”「」\s]{{1,30}}?){_ZH_BETWEEN}{{0,3}}(?:{CJK_CUES})(?:了|道|到|过|過)?[：:，,]?\s*$"
)
_ZH_AFTER = regex.compile(
    rf"^[，,]?(?P<who>[^，。；：！？“”「」]{{1,40}}?)(?:这样|這樣|如此)?{_ZH_BETWEEN}{{0,3}}(?:{CJK_CUES})"
)
_ZH_COLON = regex.compile(
    r"(?:^|[。！？”」\s])(?P<who>[^，。；：！？“”「」]{2,16}?)(?:却|卻|则|則|也|的)?(?:[^：。“”「」]{0,24})[：:]\s*$"
)
_ZH_ACCORDING = regex.compile(
    r"(?:根据|根據|据|據|用|按|按照)(?P<who>[^，。：“”「」]{2,16}?)(?:的?(?:说法|說法|话说|話說|介绍|介紹|透露|描述))[^。“”「」]{0,24}$"
)
_ZH_CUE = regex.compile(CJK_CUES)
_ZH_NAME = regex.compile(
    rf"(?:(?:欧阳|歐陽|司徒|上官|诸葛|司马|司馬|夏侯|皇甫|慕容|端木|南宫)[\u4e00-\u9fff]{{1,2}}|[{CJK_SURNAMES}][\u4e00-\u9fff]{{1,2}}|[\u4e00-\u9fff]{{1,8}}·[\u4e00-\u9fff·]{{1,10}}|[A-Z][A-Za-z .'-]+)$"
)
_ZH_ORGANISATION = regex.compile(
    r"(?:部|局|院|会|會|报|報|社|网|網|台|所|署|厅|廳|办|辦|司|大学|大學|公司|法院|发言人|發言人|网友|網友|官方|组织|組織|机构|機構|媒体|媒體|通报|通報|声明|聲明)$"
)
_ZH_COMMENT = regex.compile(
    r"^(?P<who>[@＠][^：:\s，。、；！？“”]{1,20}|[^：:\s，。、；！？“”被问問对對]{2,8})[：:]\s*$"
)
_HAN = regex.compile(r"\p{Han}+")
_ZH_PERSON = regex.compile(
    r"(?:人士|专家|專家|从业者|從業者|分析师|分析師|教授|学者|學者|律师|律師|医生|醫生|老师|老師|校长|校長|主任|经理|經理|总裁|總裁|创始人|創始人|负责人|負責人|董事长|董事長|记者|記者|研究员|研究員|先生|女士|工程师|工程師|居民|村民|学生|學生)$"
)
_ZH_TITLED = regex.compile(r"[长長师師员員理授任席裁官家工者生士记記监監民演练練表娘人農农](?P<name>[\p{Han}·]{2,4})$")
"""A name right behind a role: “副司长”, “博士生”, “总经理”."""
_ZH_NOBODY = regex.compile(
    r"(?:被|有的|有些|为何|为什么|為何|很多|许多|不少|大家|所谓|所謂|可以|不能|没有|不是|就是|还是|或者|如果|虽然|因为|但是|而且|并且|最后|接着|同时|忍不住|笑着)"
)
_BRACKETED = regex.compile(r"[（(][^（）()]{1,20}[）)]")
_ZH_TO_WHOM = regex.compile(r"(?<=.{2})(?:对|對|向|跟).*$")
_ZH_HE = CJK_PRONOUNS - {"我", "大家", "自己", "有人"}
_ZH_OPENING = regex.compile(
    r"^(?:而|但|不过|因此|所以|其中|对于|据|随后|对此|同时|例如|比如|另外|此外|正如|日前|近日|昨日|今日|当时|后来|接着)"
)
_PARENTHESIS = regex.compile(r"[（(][^（）()]{1,20}[）)]$")
_JA_ONE = (
    r"(?:[\p{Han}\p{Katakana}ー・々ヶA-Za-z]{1,16}(?:氏|さん|君|首相|大統領|社長|会長|知事|教授|議員|監督|選手|代表|長官|大臣|水産相|相|長|男性|女性|医師|弁護士|担当者|関係者"
    r"|協会|連盟|省|庁|党|政府|警察|側|社)|[A-Z]{2,8})"
)
_JA_WHO = rf"(?P<who>(?:{_JA_ONE}と(?:[\p{{Han}}\p{{Katakana}}ー]{{1,10}}の)?)?+{_JA_ONE})(?:\([^)]{{1,12}}\)|（[^）]{{1,12}}）)?"
_JA_BEFORE = regex.compile(rf"(?:^|[、。」』のは\s]){_JA_WHO}(?P<topic>は|が|も)(?P<rest>[^。「」]{{0,60}})$")
_JA_TOPIC = regex.compile(rf"(?:^|[、のは\s]){_JA_WHO}(?:は|が|も)")
_JA_ACCORDING = regex.compile(rf"(?:^|[、。のは\s]){_JA_WHO}に(?:よると|よれば)[^。「」]{{0,40}}$")
_JA_BEHIND = regex.compile(
    rf"^(?:などと|とも|と)?(?:[^。「]{{0,16}}?(?:語る|話す|言う|述べる)のは)?[、。]?(?:[^。「」はが]{{0,30}}[、の])?{_JA_WHO}(?:は(?:[^。「」]{{0,20}})(?:{JA_CUES}|明か)|だ。?$|です。?$|。|$)"
)
_JA_AFTER = regex.compile(rf"^(?:などと|とも|と)[^。「]{{0,24}}?(?:{JA_CUES})")
_KO_SURNAMED = (
    r"(?:[김이박최정강조윤장임오서신권황안송류유홍고문양손배백허남심노하곽성차주우구민진지엄채원천방공함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용]"
    r"\s(?:감독|대표|의원|교수|시장|총리|대통령|장관|위원장|회장|사장|원장|지사|검사|변호사|선수|코치|총장|국장|팀장|후보|이사|작가|씨))"
)
"""A surname of one syllable with an office."""
_KO_WHO = (
    rf"(?P<who>{_KO_SURNAMED}|[가-힣A-Za-z·]{{2,12}}(?:\s[가-힣A-Za-z·]{{1,12}}){{0,3}}?(?:\s?\(\d+\))?(?:\s?씨)?)"
)
_KO_BEFORE = regex.compile(rf"(?:^|[\s,.”\"]){_KO_WHO}(?:은|는|이|가)\s[^“\"”.]{{0,60}}$")
_KO_THEN = regex.compile(
    rf"(?:이|가)\s[^“\"”.]{{1,30}}(?:자|뒤|후|때|동안|가운데|사이|데|지만|면서)\s{_KO_WHO}(?:은|는)\s[^“\"”.]{{0,60}}$"
)
"""Whom the sentence is about, behind a clause with its own subject."""
_KO_TO = regex.compile(r"^.*(?:에게|한테|께)\s")
_KO_ACCORDING = regex.compile(rf"(?:^|[\s,.]){_KO_WHO}에\s따르면[^“\"”.]{{0,30}}$")
_KO_BEHIND = regex.compile(rf"^\s(?:[가-힣]{{2,10}}\s){{0,4}}?{_KO_WHO}(?:은|는|이|가|의)\s[^“\"”]{{2,30}}[.]?$")
_KO_SENTENCE = regex.compile(rf"(?:^|[.]\s){_KO_WHO}(?:은|는|이|가)\s[^“\"”.]{{2,30}}[.]\s*$")
_KO_AFTER = regex.compile(rf"^[^“\"]{{0,24}}?(?:{KO_CUES})")


Often = Callable[[str], bool]
"""Whether the article uses a word more than once."""


def speaker(text: str, span: Span, language: str, often: Often) -> str:
    """The speaker of a quotation in a paragraph, with the title the text gives; "" when it is not said beside it."""
    before, after = text[max(0, span.start - 160) : span.start], text[span.end : span.end + 60]
    if language == "ja":
        return _japanese(before, after)
    if language == "ko":
        return _full_korean(_korean(before, after), before)
    return _chinese_speaker(text[max(0, span.start - 120) : span.start], after, often)


def _chinese_speaker(before: str, after: str, often: Often) -> str:
    before = _BRACKETED.sub("", before)
    if match := _ZH_BEFORE.search(before):
        return _chinese(match["who"], often)
    if match := _ZH_COMMENT.match(before):
        return match["who"]
    if (match := _ZH_AFTER.match(_BRACKETED.sub("", after))) and (who := _chinese(match["who"], often)):
        return who
    for pattern in (_ZH_ACCORDING, _ZH_COLON):
        if (match := pattern.search(before)) and (titled := _ZH_TITLED.search(match["who"])):
            return match["who"] if len(match["who"]) <= 12 else titled["name"]
    return ""


def _japanese(before: str, after: str) -> str:
    """Who is named beside the quotation: its sentence's subject, before it or after, or the subject right before."""
    if match := _JA_BEHIND.match(after):
        return match["who"]
    if match := _JA_ACCORDING.search(before):
        told = list(_JA_BEFORE.finditer(before, match.end("who"), overlapped=True))
        return _japanese_subject(told) if told else match["who"]
    if not _JA_AFTER.match(after) and after.strip("。 ").strip():
        return ""
    if subjects := list(_JA_BEFORE.finditer(before, overlapped=True)):
        return _japanese_subject(subjects)
    sentences = [part for part in regex.split(r"[。」』]", before) if part.strip()]
    matches = list(_JA_TOPIC.finditer(sentences[-1])) if sentences else []
    return matches[0]["who"] if len(matches) == 1 else ""


def _japanese_subject(subjects: Sequence[regex.Match[str]]) -> str:
    """Whom a sentence with several subjects is about: its last topic; without one, whoever stands nearest."""
    topics = [match for match in subjects if match["topic"] == "は"]
    last = (topics or subjects)[-1].start("topic")
    return str(next(match["who"] for match in subjects if match.start("topic") == last))


def _korean(before: str, after: str) -> str:
    if match := _KO_ACCORDING.search(before):
        return match["who"]
    if _KO_AFTER.match(after):
        match = _KO_THEN.search(before) or _KO_BEFORE.search(before)
        return _KO_TO.sub("", match["who"]) if match else ""
    if (match := _KO_BEHIND.match(after)) or (not after.strip() and (match := _KO_SENTENCE.search(before))):
        return match["who"]
    return ""


def _full_korean(who: str, before: str) -> str:
    """A surname with an office as the full name that stands with it earlier in the paragraph, where only one does."""
    surname, _, office = who.partition(" ")
    if len(surname) != 1:
        return who
    full = set(regex.findall(rf"(?<![가-힣]){surname}[가-힣]{{1,2}}\s{office}(?![가-힣]{{2}})", before))
    return str(full.pop()) if len(full) == 1 else who


_ZH_SUBJECT = regex.compile(
    rf"(?:^|[，。；！？”」])(?P<who>[^，。；！？：“”「」]{{2,24}}?){_ZH_BETWEEN}{{0,3}}(?:{CJK_CUES})"
)


def subjects(text: str, often: Often) -> list[tuple[int, str]]:
    """Where a Chinese paragraph lets somebody say something, and who that is."""
    found = ((match.start(), _chinese(match["who"], often)) for match in _ZH_SUBJECT.finditer(text[:1500]))
    return [(start, name) for start, name in found if name]


def pronoun(text: str, span: Span) -> bool:
    """Whether only he, she or they is said to have said it."""
    before = _ZH_BEFORE.search(text[max(0, span.start - 80) : span.start])
    after = _ZH_AFTER.match(text[span.end : span.end + 20])
    return any(match and match["who"] in _ZH_HE for match in (before, after))


def introduced(text: str, often: Often) -> str:
    """The speaker that a paragraph ending in a colon names; "" when it names none."""
    if not text.endswith(("：", ":")):
        return ""
    match = _ZH_BEFORE.search(text[-80:])
    return _chinese(match["who"], often) if match else ""


_TALKED = regex.compile(
    r"(?:专访|專訪|对话|對話|访谈|訪談|采访|採訪|对谈|訪問)(?:到|了|过)?[:：]?(?P<zh>[\p{Han}·]{2,12}?)(?=$|[，。：:！？|｜\s「“《\-—(（]|谈|談|就|关于|關於|并|，)"
    r"|(?:^|[，。；：|｜\s近日])(?P<zh>[\p{Han}·]{2,12}?)(?:[，,]?(?:近日|日前|昨日|今天|在[^，。]{1,12}))?(?:接受|应邀接受)[^，。]{0,16}(?:采访|採訪|专访|專訪|访问|訪問|访谈|訪談)"
    r"|^(?P<zh>[\p{Han}·]{2,12})(?:专访|專訪|访谈|訪談)"
    r"|(?<![\p{Han}\p{Katakana}ー・々ヶ])(?P<ja>[\p{Han}\p{Katakana}ー・々ヶ]{2,10})(?:さん|氏)(?:に|へ|を|の)[^。、]{0,16}?(?:聞|伺|訊|インタビュー|取材)"
    r"|(?P<ko>[가-힣]{2,4})\s?(?:씨|님|\s대표|\s교수|\s작가|\s감독|\s선수|\s배우|\s박사|\s의원|\s회장|\s원장)(?:를|을|와|과|에게|의)\s[^.]{0,20}?(?:만났|만나|인터뷰|이야기|들어|들었)"
)
"""Who is interviewed, where the text says that somebody is."""


def guests(texts: Iterable[str]) -> list[str]:
    """Those whom title and introduction name as the ones who are interviewed."""
    found = []
    for match in (match for text in texts for match in _TALKED.finditer(text)):
        name = match["zh"] and _ZH_NAME.search(match["zh"])
        if who := (name[0] if name else "") or match["ja"] or match["ko"]:
            found.append(who)
    return found


def says(text: str, span: Span) -> bool:
    """Whether a word of saying stands beside the quotation."""
    before, after = text[max(0, span.start - 12) : span.start], text[span.end : span.end + 24]
    return bool(_ZH_CUE.search(before) or _JA_AFTER.match(after) or _KO_AFTER.match(after))


def _chinese(who: str, often: Often) -> str:
    """A subject that is a name or an organisation, without what stands before it; "" for pronouns and clauses."""
    who = _ZH_TO_WHOM.sub("", _PARENTHESIS.sub("", _ZH_OPENING.sub("", who))).strip()
    if not who or who in CJK_PRONOUNS or who[0] in "我你您他她它这那" or _ZH_NOBODY.search(who):
        return ""
    if match := _ZH_TITLED.search(who):
        name = match["name"].removeprefix("的")
        if "的" in name:  # “市长…的妻子”: somebody of his
            return ""
        return who if len(who) <= 12 and "的" not in who else name
    if (match := _ZH_NAME.search(who)) and (len(who) <= 12 or often(match[0])) and "的" not in who:
        return who if who == match[0] or often(who) else match[0]
    if "的" in who or len(who) > 12:
        return who if who.startswith(("一名", "一位")) and _ZH_PERSON.search(who) else ""
    if _ZH_ORGANISATION.search(who) or _ZH_PERSON.search(who):
        return who
    return who if 2 <= len(who) <= 4 and often(who) and _HAN.fullmatch(who) else ""
