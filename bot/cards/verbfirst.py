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
_SENTENCE_ENDED = regex.compile(r"[.؟!»]\s")
_ACCORDING = r"(?:وفقاً?\sل|وفق\s|بحسب\s|وبحسب\s|حسب\s|ووفقاً?\sل|נ?לדברי\s|לפי\s)"


@lru_cache(maxsize=4)
def _patterns(cues: str) -> tuple[regex.Pattern[str], ...]:
    """After the quotation; before it; a word of saying right before it whose subject was named earlier; “according to”."""
    verb = rf"(?<![\p{{L}}])(?:{'|'.join(cues.split())})"
    word = r"[\p{L}\p{M}'’\"״׳.-]*[\p{L}\p{M}'’״׳]"
    subject = rf"(?P<who>(?!{_STOPS}\s)\p{{L}}{word}(?:\s(?!{_STOPS}[\s:،,]){word}){{0,5}})(?:،\s(?P<name>(?!{_STOPS}\s)\p{{L}}{word}(?:\s(?!{_STOPS}[\s:،,]){word}){{1,3}})،)?"
    return (
        regex.compile(rf"^[\s,،]*{verb}\s{subject}(?=[\s،,.:]|$)"),
        regex.compile(rf"{verb}\s{subject}(?=[،,:]|\s{_STOPS}|\s?$|\s)"),
        regex.compile(rf"{verb}\s?:?\s*$"),
        regex.compile(rf"{_ACCORDING}{subject}(?=[،,:]|\s|$)"),
    )


def speaker(text: str, span: Span, cues: str) -> str:
    """The subject beside a word of saying, after the quotation or before it; the name where one follows the office."""
    after_it, before_it, _, according = _patterns(cues)
    before, after = text[max(0, span.start - 180) : span.start], text[span.end : span.end + 90]
    if (match := after_it.match(after)) and (name := _named(match)) and " " in name:
        return name
    for pattern in (before_it, according):
        matches = list(pattern.finditer(before))
        if matches and not _SENTENCE_ENDED.search(before[matches[-1].end() :]) and (name := _named(matches[-1])):
            doubled = pattern is according and name.startswith("ل") and before[matches[-1].start("who") - 1] == "ل"
            return f"ا{name}" if doubled else name  # “for the …” drops the article's first letter
    return ""


def subject_implied(text: str, span: Span, cues: str) -> bool:
    """Whether a word of saying stands right before the quotation without its subject."""
    return bool(_patterns(cues)[2].search(text[max(0, span.start - 40) : span.start]))


def subjects(text: str, cues: str) -> list[tuple[int, str]]:
    """Where a paragraph lets somebody say something, and who that is."""
    found = ((match.start(), _named(match)) for match in _patterns(cues)[1].finditer(text[:2000]))
    return [(start, who) for start, who in found if who]


def _named(match: regex.Match[str]) -> str:
    """Who: the name behind an office, or a subject of several words; a single one is a body, if anybody."""
    who = match["name"] or match["who"]
    return who if " " in who else ""
