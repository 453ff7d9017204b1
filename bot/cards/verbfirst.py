"""Who said it, in scripts without capitals whose verb comes first: Arabic, Hebrew. Pure."""

from __future__ import annotations

from functools import lru_cache

import regex

from bot.cards.marks import Span

_STOPS = (
    r"(?:الذي|التي|الذين|إن|أن|أنه|أنها|في|من|على|عن|خلال|إلى|لـ|ل|لل\p{L}+|بعد|قبل|مساء|صباح|اليوم|أمس|ردا|حول|إنه|إنها|قائل[اةً]*|مضيف[اةً]*|وهو|وهي"
    r"|ב|של|כי|על|עם|את|אתמול|היום|לאחר)"
)
"""Words that end a subject."""
_TO = r"ل[^ابلمهوؤيجطقن]"
"""“To”, written together with the name; before the other letters it may be the name's own first."""
_SENTENCE_ENDED = regex.compile(r"[.؟!»]\s")
_ACCORDING = r"(?:وفقاً?\sل|وفق\s|بحسب\s|وبحسب\s|حسب\s|ووفقاً?\sل|נ?לדברי\s|לפי\s)"


@lru_cache(maxsize=4)
def _patterns(cues: str) -> tuple[regex.Pattern[str], ...]:
    """After the quotation; before it; a word of saying right before it whose subject was named earlier; “according to”; a name between commas before the word of saying."""
    verb = rf"(?<![\p{{L}}])(?:{'|'.join(cues.split())})"
    word = r"[\p{L}\p{M}'’\"״׳.-]*[\p{L}\p{M}'’״׳]"
    subject = rf"(?P<who>(?!{_STOPS}\s|{_TO})\p{{L}}{word}(?:\s(?!{_STOPS}[\s:،,]|{_TO}){word}){{0,5}})(?:،\s(?P<name>(?!{_STOPS}\s)\p{{L}}{word}(?:\s(?!{_STOPS}[\s:،,]|{_TO}){word}){{1,3}})،)?"
    return (
        regex.compile(rf"^[\s,،]*{verb}\s{subject}(?=[\s،,.:]|$)"),
        regex.compile(rf"{verb}\s{subject}(?=[،,:.؟!]|\s{_STOPS}|\s?$|\s)"),
        regex.compile(rf"(?:(?P<subject>[\p{{L}}\p{{M}}]،?\s)(?!و)|(?<![\p{{L}}\p{{M}}]،?\s)|(?=و)){verb}\s?:?\s*$"),
        regex.compile(rf"{_ACCORDING}{subject}(?=[،,:]|\s|$)"),
        regex.compile(rf"،\s(?P<who>(?!{_STOPS}\s)\p{{L}}{word}(?:\s{word}){{1,3}})،\s{verb}\s?:?\s*$"),
    )


def speaker(text: str, span: Span, cues: str) -> str:
    """The subject beside a word of saying, after the quotation or before it; the name where one follows the office."""
    after_it, before_it, _, according, in_front = _patterns(cues)
    before, after = text[max(0, span.start - 180) : span.start], text[span.end : span.end + 90]
    if (match := after_it.match(after)) and (name := _named(match)):
        return name
    if match := in_front.search(before):
        return match["who"]
    for pattern in (before_it, according):
        matches = list(pattern.finditer(before))
        if matches and not _SENTENCE_ENDED.search(before[matches[-1].end() :]) and (name := _named(matches[-1])):
            doubled = pattern is according and name.startswith("ل") and before[matches[-1].start("who") - 1] == "ل"
            return f"ا{name}" if doubled else name  # “for the …” drops the article's first letter
    return ""


def subject_implied(text: str, span: Span, cues: str) -> bool:
    """Whether a word of saying stands right before the quotation without its subject."""
    match = _patterns(cues)[2].search(text[max(0, span.start - 40) : span.start])
    return match is not None and not match["subject"]


def subject_in_front(text: str, span: Span, cues: str) -> bool:
    """Whether a noun stands before the word of saying that introduces the quotation: the subject, by no name."""
    match = _patterns(cues)[2].search(text[max(0, span.start - 40) : span.start])
    return match is not None and bool(match["subject"])


def subjects(text: str, cues: str) -> list[tuple[int, str]]:
    """Where a paragraph lets somebody say something, and who that is."""
    found = ((match.start(), _named(match)) for match in _patterns(cues)[1].finditer(text[:2000]))
    return [(start, who) for start, who in found if who]


def _named(match: regex.Match[str]) -> str:
    """Who: the name behind an office, or a subject of several words; a single one is a body, if anybody."""
    who = match["name"] or match["who"]
    return who if " " in who else ""
