"""Who said it: only where the text says so beside the quotation, and silence otherwise. Pure.

Precision comes before coverage: a name is taken only when a word of saying and the quotation's mark stand with it in
one clause, never because it is the nearest one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import regex

from bot.cards import eastern
from bot.cards.cues import ACCORDING, CUES, HEARERS, PARTICLES, PERSONS, PRONOUNS
from bot.cards.marks import Span
from bot.cards.names import NAME, TOKEN, Names

_AFTER, _BEFORE = 220, 280
_SUBJECTS = 3000
_ROLE = r"(?P<role>\p{Ll}[^,.;:“”„«»\"()]{3,60})"
_SENTENCE_END = regex.compile(
    r"(?<=[.!?…][”\"’»)]?)\s+(?=[\p{Lu}“„«\"‘])(?<!\b(?:Mr|Mrs|Ms|Dr|St|Sen|Rep|Gov|Gen|Prof|Lt|Sgt|\p{Lu})\.\s)"
)
_CONTINUES = frozenset(",?!—–…-")
_VERBLESS = {
    "en": "has|had|have|also|then|later|recently|once|further",
    "fr": "a|ont|avait|s’est",
    "it": "ha|hanno|aveva",
}
_NO_CASE = frozenset({"ar", "he"})
_OF_WHOM = r"(?:\s(?:for|of|from|at|with|der|des|von|vom|de|du|del|della|do|da)\s(?:the\s)?\p{Lu}[\p{L}\-]*(?:\s\p{Lu}[\p{L}\-]*){0,3})?"
_ABSTRACT = regex.compile(r"\p{L}{3}(?:ung|heit|keit|schaft|ion|tät|ismus)(?:en)?\b")
_DETERMINED = regex.compile(
    r"\b(?:de[rnms]|d[ia]e|das|kein\w*|\w*ein(?:e[rnms]?)?|dies\w*|jede\w*|ihr\w*|unser\w*|i[nm]|am|zu[mr]|vom|\p{Ll}+(?:er|en|es|e|em))\s$"
)
"""A German noun with one of these before it is no name."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is said to have said it; `pronoun` when the text only says he, she or they."""

    name: str = ""
    role: str = ""
    place: str = ""
    pronoun: bool = False

    def __str__(self) -> str:
        if not self.name:
            return ""
        place = f" {self.place}" if self.place else ""
        return f"{self.name}{place}" if place or not self.role else f"{self.name}, {self.role}"


NOBODY = Speaker()


@dataclass(frozen=True, slots=True)
class _Patterns:
    after: tuple[regex.Pattern[str], ...]
    before: tuple[regex.Pattern[str], ...]
    cue: regex.Pattern[str]
    subject: regex.Pattern[str]


@lru_cache(maxsize=32)
def _patterns(language: str) -> _Patterns:
    known = language if language in CUES else "en"
    cue = rf"(?:{'|'.join(CUES[known].split())})"
    speaks = rf"(?:{'|'.join(word for word in CUES[known].split() if word not in HEARERS)})"
    aux = rf"(?:(?:{_VERBLESS.get(known, 'a|ha|hat|has|had|heeft')})\s)?"
    pronoun = "|".join(PRONOUNS.get(known, "he she").split())
    according = ACCORDING.get(known, "according to")
    name = rf"(?P<name>{NAME})"
    roles = r"(?P<before>(?:(?:\p{Lu}[\p{L}\-]*['’]s?|\p{Ll}[\p{L}’'\-]*)\s){0,6}?)"
    persons = rf"(?:{'|'.join(PERSONS.get(known, 'spokesperson').split())})\b"
    person = rf"(?P<person>(?:[\p{{L}}’'\-]+\s){{0,4}}?{persons}{_OF_WHOM})"
    others = r"(?P<others>\s(?:and|und|et|y|e)\s(?:his|her|their|sein\w*|ihr\w*|ses?|sus?|i suoi|le sue)\s\p{Ll}+)"
    appositive = rf"(?:,\s(?:{_ROLE}|[^.;:“”„«»\"]{{3,90}}?),|{others})?"
    adverbs = r"(?:\p{Ll}+\s){0,2}?"
    start = r"^[\s,，—–-]*"
    after = (
        rf"{start}(?:{aux}(?i:{speaks}))\s(?:\p{{Ll}}[^,.;:“”„«»\"]{{3,60}}),\s(?P<name>{TOKEN}(?:\s(?:(?:{PARTICLES})\s)?{TOKEN}){{1,3}})(?=[,.;:]|$)",
        rf"{start}(?:{aux}(?i:{speaks})|(?i:{according}))\s(?:\p{{Ll}}+ly\s)?{roles}{name}(?!\s{persons})(?:,\s(?:\d\d,\s)?{_ROLE}(?=[,.;:]|$))?",
        rf"{start}(?:(?i:the|el|la|le|il|der|die)\s)?{roles}{name}{appositive}\s{aux}{adverbs}{cue}\b",
        rf"{start}(?:(?i:{pronoun})\s{aux}(?:\p{{Ll}}+\s)?{cue}|{aux}{cue}[\s-](?:t-)?(?P<pronoun>{pronoun}))\b",
        rf"{start}{aux}(?i:{speaks})\s{person}",
        rf"{start}{person}\s{aux}{adverbs}{cue}\b",
    )
    tail = r"(?:[^.!?;:“”„«»\"]{0,90}?)"
    before = (
        rf"(?:^|[\s(]){name}{appositive}\s{aux}{adverbs}{cue}\b(?P<tail>{tail})[\s:,，—–-]*$",
        rf"(?:^|[\s,])(?i:{according})\s(?:\p{{Ll}}+\s){{0,5}}?{name}(?:,\s{_ROLE})?,?[\s:]*$",
        rf"(?i:{speaks})\s(?:\p{{Ll}}[\p{{L}}\-]*\s){{0,6}}?{name}(?:,\s{_ROLE})?\s?[:,]\s*$",
        rf"^{name}(?:,\s{_ROLE})?\s?:\s*$",
        rf"(?:^|\s)(?P<pronoun>(?i:{pronoun}))\s{aux}(?:\p{{Ll}}+\s)?{cue}\b{tail}[\s:,—–-]*$",
        rf"(?:^|,\s){person}\s{aux}{adverbs}{cue}\b{tail}[\s:,—–-]*$",
    )
    return _Patterns(
        tuple(regex.compile(pattern) for pattern in after),
        tuple(regex.compile(pattern) for pattern in before),
        regex.compile(rf"\b(?i:{cue}|{according})\b"),
        regex.compile(rf"{name}{appositive}\s{aux}{adverbs}{cue}\b"),
    )


class Attribution:
    """Finds speakers in one article; `language` chooses the words of saying, `names` resolves surnames."""

    def __init__(self, language: str, names: Names) -> None:
        self._language = language.split("-")[0]
        self._names = names
        self._bare = self._language != "de"

    def of(self, text: str, span: Span) -> Speaker:
        """The speaker of a quotation in a paragraph; one without a name but `pronoun` where a pronoun stands for it."""
        if self._language in eastern.LANGUAGES:
            name = eastern.speaker(text, span, self._language, self._names.often)
            return Speaker(name, pronoun=not name and self._language == "zh" and eastern.pronoun(text, span))
        if self._language in _NO_CASE:
            name = eastern.verb_first(text, span, CUES[self._language])
            return Speaker(name, pronoun=not name and eastern.subject_implied(text, span, CUES[self._language]))
        after = _clause_after(text, span)
        found = self._after(after) if after is not None else NOBODY
        if found.name or found.pronoun:
            return found
        return self._before(_clause_before(text, span.start))

    def introduced(self, text: str) -> Speaker:
        """The speaker that a paragraph names before the quotation that follows it, when it ends in a colon."""
        if self._language in eastern.LANGUAGES:
            return Speaker(eastern.introduced(text, self._names.often))
        if not text.rstrip().endswith(":"):
            return NOBODY
        if self._language in _NO_CASE:
            return Speaker(eastern.verb_first(text, Span(len(text), len(text)), CUES[self._language]))
        return self._before(_clause_before(text, len(text)))

    def says(self, text: str, span: Span) -> bool:
        """Whether a word of saying stands near the quotation, whoever it belongs to."""
        near = text[max(0, span.start - 60) : span.start] + " " + text[span.end : span.end + 60]
        if self._language in eastern.LANGUAGES:
            return eastern.says(text, span)
        return bool(_patterns(self._language).cue.search(near))

    def subjects(self, text: str) -> list[str]:
        """The names of those whom a paragraph lets say something, in quotation marks or not, in order."""
        if self._language in eastern.LANGUAGES:
            return eastern.subjects(text, self._names.often)
        if self._language in _NO_CASE:
            return eastern.verb_subjects(text, CUES[self._language])
        found = _patterns(self._language).subject.finditer(text[:_SUBJECTS])
        return [speaker.name for match in found if (speaker := self._named(match)).name]

    def _after(self, clause: str) -> Speaker:
        return self._found(pattern.match(clause) for pattern in _patterns(self._language).after)

    def _before(self, clause: str) -> Speaker:
        return self._found(pattern.search(clause) for pattern in _patterns(self._language).before)

    def _found(self, matches: Iterable[regex.Match[str] | None]) -> Speaker:
        """The first of the matches that gives a name, a pronoun or somebody without a name."""
        for match in matches:
            if match is None:
                continue
            groups = match.groupdict()
            if groups.get("person"):
                if person := _person(groups["person"]):
                    return Speaker(person)
                continue
            if not groups.get("name"):
                return Speaker(pronoun=True)
            if (speaker := self._named(match)).name:
                return speaker
        return NOBODY

    def _named(self, match: regex.Match[str]) -> Speaker:
        said, groups = match["name"], match.groupdict()
        if self._language == "de" and self._is_noun(said, match.string[: match.start("name")]):
            return NOBODY
        name, title = self._names.resolve(said, bare=self._bare)
        if not name:
            return NOBODY
        others = groups.get("others") or ""
        return Speaker(name + others, _role(groups.get("role")) or title, _place(groups.get("tail")))

    def _is_noun(self, name: str, before: str) -> bool:
        """Whether a German word with a capital is a noun, or a noun with its genitive, and no name."""
        first, _, rest = " ".join(self._names.trimmed(name.split())).partition(" ")
        if _ABSTRACT.search(name) or (rest and self._names.genitive(first)):
            return True
        return not rest and bool(_DETERMINED.search(before))


_INDEFINITE = regex.compile(
    r"(?i:an?|one|another|une?|una|uno|um|uma|eine?|een|un’)\s|(?!The|That|This|His|Her|Their|Its|Some|Many|Several|Other)\p{Lu}\p{L}+\s\p{Ll}"
    r"|.*\s(?:for|of|from|at|with|der|des|von|vom|de|du|del|della|do|da)\s(?:the\s)?\p{Lu}"
)
_CLAUSE = regex.compile(r"^(?:and|but|when|while|as|that|because|und|aber|et|mais|y|pero|ma)\s", regex.IGNORECASE)


def _person(phrase: str) -> str:
    """Somebody without a name, in the text's words ("a spokesperson for the port").

    "" for a bare or a definite noun, which stands for somebody told of elsewhere, and for more than a noun phrase.
    """
    whole = _INDEFINITE.match(phrase) and not _CLAUSE.match(phrase) and len(phrase) <= 70
    return phrase if whole else ""


_ROLE_BEGINS = regex.compile(
    r"(?:an?|the|his|her|their|its|one|former|chief|senior|head|co-\p{L}+|vice|deputy|\p{L}+(?:er|or|ist|ian|ent|ant|man|woman|chair)\b"
    r"|le|la|l’|un|une|el|una|uno|il|o|uma?|um|der|die|de|het|een|ein|eine)\b"
)
"""How a role begins; whatever else stands between commas after a name tells what happened, not who it is."""

_IN_PRINT = regex.compile(rf"^\s(?P<place>in\s(?:(?:the|The)\s)?(?:{NAME}))(?=[\s,:]|$)")


def _place(tail: str | None) -> str:
    """Where it was written or said, when the text says so right after the word of saying ("argued in The …")."""
    match = _IN_PRINT.match(tail or "")
    return match["place"] if match else ""


def _role(role: str | None) -> str:
    role = (role or "").strip()
    return role if len(role) <= 50 and _ROLE_BEGINS.match(role) else ""


def _clause_after(text: str, span: Span) -> str | None:
    """What follows the quotation in its sentence; None when the sentence ended with the quotation."""
    if not span.closed:
        return None
    inside = span.inside(text)
    after = text[span.end : span.end + _AFTER]
    if inside.endswith((".", "。")) and not regex.match(r"\s*(?:[,—–-]|\p{Ll})", after):
        return None
    return _SENTENCE_END.split(after, maxsplit=1)[0]


def _clause_before(text: str, end: int) -> str:
    """What stands before the quotation in its sentence."""
    return _SENTENCE_END.split(text[max(0, end - _BEFORE) : end])[-1]
