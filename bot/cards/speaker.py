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
_INSERTION = regex.compile(r"\s[–—-]\s([^–—“”«»\"]{5,90}?)\s?,?\s[–—-]\s")
_CONTINUES = frozenset(",?!—–…-")
_VERBLESS = {
    "en": "has|had|have|also|then|later|recently|once|further",
    "fr": "a|ont|avait|s’est",
    "it": "ha|hanno|aveva",
}
_NO_CASE = frozenset({"ar", "he"})
_OF_WHOM = r"(?:\s(?:for|of|from|at|with|der|des|von|vom|de|du|del|della|do|da)\s(?:the\s)?\p{Lu}[\p{L}\-]*(?:\s\p{Lu}[\p{L}\-]*){0,3})?"
_PREPOSITIONS = r"to|with|of|by|for|about|from|against|like|at|in|on|than|bei|mit|von|an|für|über|gegen|durch|nach|vor|wie|à|avec|pour|par|chez|sur|con|para|por|sobre|di|da|su|com|de|du|des|del|della|do|dos|das"
"""After one of these a name is no subject."""
_OF = r"(?:of|from|with|at|for|von|vom|du|de|del|della|do|da)"
_ROLE_WORD = (
    r"(?!(?:in|at|on|of|to|with|for|during|after|before|from|as|by|when|and|who|while|about|over|that|this|whose|which|because|but|or"
    r"|und|mit|im|am|als|wie|dans|à|en|con|a)\b)\p{Ll}[\p{L}\-]*"
)
"""A word of a role between an outlet's or a body's name and a person's: “IMF chief economist …”."""
_DETERMINER = r"(?i:the|an?|one|some|another|many|several|der|die|das|eine?|mehrere|le|la|les|l’|une?|des|el|los|las|una?|il|lo|gli|o|os|as|uma?)"
_ADVERBS = {
    "en": r"(?:(?:\p{Ll}+ly|also|then|later|once|now|still|even|first|just|too|further|again|often|never|has|have|had|would|did)\s){0,2}?"
}
"""Between a subject and its word of saying; in English nothing else may stand there (“Security personnel said”)."""
_OPENING = r"(?:(?:But|And|Yet|So|Then|Still|However,|Meanwhile,|Another|Aber|Doch|Und|Auch|Mais|Et|Pero|Y|Ma|E|Mas)\s)?(?:\p{Ll}[\p{L}\-]*,?\s){0,3}?"
"""Before the name that opens a sentence."""
_ABSTRACT = regex.compile(r"\p{L}{3}(?:ung|heit|keit|schaft|ion|tät|ismus)(?:en)?\b")
_DETERMINED = regex.compile(
    r"\b(?:de[rnms]|d[ia]e|das|kein\w*|\w*ein(?:e[rnms]?)?|dies\w*|jede\w*|ihr\w*|unser\w*|i[nm]|am|zu[mr]|vom|\p{Ll}+(?:er|en|es|e|em))\s$"
)
"""A German noun with one of these before it is no name, unless it is the word of saying."""
_OF_GERMAN = regex.compile(r"(?:de[rsnm]|vo[nm]|für)\s")
_FULL_NAME = regex.compile(NAME)
_GERMAN_CUES = frozenset(CUES["de"].split())


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who is said to have said it.

    Without a name, `pronoun` tells that the text only says he, she or they, `unknown` that it says who, but not by name.
    """

    name: str = ""
    role: str = ""
    place: str = ""
    pronoun: bool = False
    unknown: bool = False

    def __str__(self) -> str:
        if not self.name:
            return ""
        place = f" {self.place}" if self.place else ""
        return f"{self.name}{place}" if place or not self.role else f"{self.name}, {self.role}"


NOBODY = Speaker()
UNKNOWN = Speaker(unknown=True)


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody named as the subject of a sentence, where in the text; `said` tells that the sentence is about saying."""

    start: int
    name: str
    said: bool = True


@dataclass(frozen=True, slots=True)
class _Patterns:
    after: tuple[regex.Pattern[str], ...]
    before: tuple[regex.Pattern[str], ...]
    cue: regex.Pattern[str]
    subject: regex.Pattern[str]
    opens: regex.Pattern[str]
    spoke: regex.Pattern[str]


@lru_cache(maxsize=32)
def _patterns(language: str) -> _Patterns:
    known = language if language in CUES else "en"
    cue = rf"(?:{'|'.join(CUES[known].split())})"
    speaks = rf"(?i:{'|'.join(word for word in CUES[known].split() if word not in HEARERS)})"
    aux = rf"(?:(?:{_VERBLESS.get(known, 'a|ha|hat|has|had|heeft')})\s)?"
    pronoun = "|".join(PRONOUNS.get(known, "he she").split())
    according = ACCORDING.get(known, "according to")
    name = rf"(?P<name>(?!Secretary\sof\s){NAME})"
    subject = rf"(?<!\b(?i:{_PREPOSITIONS})\s)(?:Secretary\sof\s\p{{Lu}}\p{{L}}+\s)?{name}"
    roles = r"(?P<before>(?:(?:\p{Lu}[\p{L}\-]*['’]s?|\p{Ll}[\p{L}’'\-]*|\p{Lu}{2,5}|\p{Ll}+,\s(?:\p{Ll}+|\p{Lu}{2,5})\sand)\s){0,6}?)"
    title = rf"(?P<title>{TOKEN}(?:\s{TOKEN}){{0,3}}(?:\s{_ROLE_WORD}){{1,4}})"
    persons = rf"(?:{'|'.join(PERSONS.get(known, 'spokesperson').split())})\b"
    person = rf"(?P<person>(?:[\p{{L}}’'\-]+\s){{0,4}}?{persons}{_OF_WHOM})"
    others = r"(?P<others>\s(?:and|und|et|y|e)\s(?:his|her|their|sein\w*|ihr\w*|ses?|sus?|i suoi|le sue)\s\p{Ll}+)"
    appositive = rf"(?:,\s(?:{_ROLE}|(?P<apposed>(?:[^.;:“”„«»\"]|\.(?!\s\p{{Lu}}\p{{Ll}})){{3,160}}?)),|\s{_OF}\s[^,.;:“”„«»\"]{{2,80}}?|{others})?"
    adverbs = _ADVERBS.get(known, r"(?:(?!(?:und|oder|et|ou|y|o|e|и|i)\s)\p{Ll}+\s){0,2}?")
    said = rf"(?:{appositive}\s{aux}{adverbs}{cue}\b|(?<=,\s(?P=name)),\s{aux}{adverbs}{cue}\b(?!\s\p{{Lu}}))"
    tail = r"(?:[^.!?;:“”„«»\"]{0,90}?)"
    start, end = r"^[\s,，—–-]*", r"[\s:,，—–-]*$"
    after = (
        rf"{start}{aux}{speaks}\s(?:\p{{Ll}}[^,.;:“”„«»\"]{{3,60}}),\s(?P<name>{TOKEN}(?:\s(?:(?:{PARTICLES})\s)?{TOKEN}){{1,3}})(?=[,.;:]|$)",
        rf"{start}{aux}{speaks}\s{title}\s{name}(?=[\s,.;:]|$)",
        rf"{start}(?:{aux}{speaks}|(?i:{according}))\s(?:\p{{Ll}}+ly\s)?{roles}{name}(?!\s{persons})(?:,\s(?:\d\d,\s)?{_ROLE}(?=[,.;:]|$))?",
        rf"{start}(?:[^.!?;:“”„«»\"]{{0,60}},\s)?(?:(?i:the|el|la|le|il|der|die)\s)?{roles}{name}{said}",
        rf"{start}(?:(?i:the)\s)?{title}\s{name}{said}",
        rf"{start}(?:(?:[^.!?;:“”„«»\"]{{0,60}},\s)?(?i:{pronoun})\s{aux}(?:\p{{Ll}}+\s)?{cue}|{aux}{cue}[\s-](?:t-)?(?P<pronoun>{pronoun}))\b",
        rf"{start}{aux}{speaks}\s{person}",
        rf"{start}{person}\s{aux}{adverbs}{cue}\b",
        rf"{start}(?P<unknown>{aux}{speaks}\s\p{{L}}|{_DETERMINER}\s[^,.;:“”„«»\"]{{2,60}}\s{cue}\b)",
    )
    before = (
        rf"(?:^|[\s(]){subject}{said}(?P<tail>{tail}){end}",
        rf"(?:^|[\s,])(?i:{according})\s(?:\p{{Ll}}+\s){{0,5}}?{name}(?:,\s{_ROLE})?,?[\s:]*$",
        rf"{speaks}\s(?:\p{{Ll}}[\p{{L}}\-]*\s){{0,6}}?{name}(?:,\s{_ROLE})?\s?[:,]\s*$",
        rf"^{name}(?:,\s{_ROLE})?\s?:\s*$",
        rf"(?:^|\s)(?P<pronoun>(?i:{pronoun}))\s{aux}(?:\p{{Ll}}+\s)?{cue}\b{tail}{end}",
        rf"(?:^|,\s){person}\s{aux}{adverbs}{cue}\b{tail}{end}",
        rf"(?P<unknown>(?:^|\s){_DETERMINER}\s[^,.;:“”„«»\"]{{2,60}}\s{cue}\b{tail}{end})",
    )
    return _Patterns(
        tuple(regex.compile(pattern) for pattern in after),
        tuple(regex.compile(pattern) for pattern in before),
        regex.compile(rf"\b(?i:{cue}|{according})\b"),
        regex.compile(rf"{subject}{said}"),
        regex.compile(rf"(?:^|(?<=[.!?…]\s)|(?<=[.!?…][”\"’)]\s)){_OPENING}{name}"),
        regex.compile(rf"\b(?i:{pronoun})\s{aux}{adverbs}{cue}\b"),
    )


class Attribution:
    """Finds speakers in one article; `language` chooses the words of saying, `names` resolves surnames."""

    def __init__(self, language: str, names: Names) -> None:
        self._language = language.split("-")[0]
        self._names = names
        self._bare = self._language != "de"

    def of(self, text: str, span: Span) -> Speaker:
        """The speaker of a quotation in a paragraph; without a name where the text gives none."""
        if self._language in eastern.LANGUAGES:
            name = eastern.speaker(text, span, self._language, self._names.often)
            return Speaker(name, pronoun=not name and self._language == "zh" and eastern.pronoun(text, span))
        if self._language in _NO_CASE:
            name = eastern.verb_first(text, span, CUES[self._language])
            return Speaker(name, pronoun=not name and eastern.subject_implied(text, span, CUES[self._language]))
        if (inserted := self._inserted(span.inside(text))) != NOBODY:
            return inserted
        before, after = _clause_before(text, span.start), _clause_after(text, span)
        clauses = [(self._before, before), (self._after, after or "")]
        if not text[: span.start].rstrip().endswith((",", ":")):
            clauses.reverse()
        found = [speaker for look, clause in clauses if (speaker := look(clause)) != NOBODY]
        return next((speaker for speaker in found if not speaker.unknown), found[0] if found else NOBODY)

    def _inserted(self, said: str) -> Speaker:
        """Whom a clause inside the quotation names ("– explains Ida Roe –")."""
        for clause in _INSERTION.findall(said[:_BEFORE]):
            if _patterns(self._language).cue.match(clause) and (found := self._after(clause)) != NOBODY:
                return found
        return NOBODY

    def introduced(self, text: str) -> Speaker:
        """The speaker that a paragraph names before the quotation that follows it, when it ends in a colon."""
        if self._language in eastern.LANGUAGES:
            return Speaker(eastern.introduced(text, self._names.often))
        if not text.rstrip().endswith(":"):
            return NOBODY
        if self._language in _NO_CASE:
            return Speaker(eastern.verb_first(text, Span(len(text), len(text)), CUES[self._language]))
        return self._before(_clause_before(text, len(text)))

    def full(self, name: str) -> str:
        """The full name for a part of it that stands alone; the same where there is none."""
        return self._names.resolve(name, bare=True)[0] or name

    def says(self, text: str, span: Span) -> bool:
        """Whether a word of saying stands near the quotation, whoever it belongs to."""
        near = text[max(0, span.start - 60) : span.start] + " " + text[span.end : span.end + 60]
        near += " ".join(_INSERTION.findall(span.inside(text)[:_BEFORE]))
        if self._language in eastern.LANGUAGES:
            return eastern.says(text, span)
        return bool(_patterns(self._language).cue.search(near))

    def subjects(self, text: str) -> list[Subject]:
        """Those whom a paragraph lets say something, in quotation marks or not, and those who open its sentences."""
        if self._language in eastern.LANGUAGES:
            return [Subject(start, name) for start, name in eastern.subjects(text, self._names.often)]
        if self._language in _NO_CASE:
            return [Subject(start, name) for start, name in eastern.verb_subjects(text, CUES[self._language])]
        patterns, text = _patterns(self._language), text[:_SUBJECTS]
        found = {}
        for match in patterns.opens.finditer(text):
            name = self._named(match).name
            if self._names.person(name) and (
                self._bare or self._names.often(name)
            ):  # where nouns have capitals, these open too
                found[match.start("name")] = Subject(match.start("name"), name, said=False)
        for match in patterns.subject.finditer(text):
            if name := self._named(match).name:
                found[match.start("name")] = Subject(match.start("name"), name)
        return list(found.values())

    def told(self, text: str) -> bool:
        """Whether the text's last sentence lets somebody say something who stands there as a pronoun."""
        if self._language in eastern.LANGUAGES or self._language in _NO_CASE:
            return False
        return bool(_patterns(self._language).spoke.search(_last_sentence(text)))

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
            if groups.get("unknown"):
                return UNKNOWN
            if groups.get("person"):
                person = _person(groups["person"])
                return Speaker(person) if person else UNKNOWN
            if not groups.get("name"):
                return Speaker(pronoun=True)
            if (speaker := self._named(match)).name:
                return speaker
        return NOBODY

    def _named(self, match: regex.Match[str]) -> Speaker:
        said, groups = match["name"], match.groupdict()
        if said.endswith(("’s", "'s")):  # something of hers, not she
            return NOBODY
        if self._language == "de" and self._is_noun(said, match.string[: match.start("name")]):
            return NOBODY
        apposed = groups.get("apposed") or ""
        if " " in apposed and _FULL_NAME.fullmatch(apposed):  # “the member for …, Jacob Roe, said”
            said = apposed
        name, title = self._names.resolve(said, bare=self._bare)
        if not name:
            return NOBODY
        role = _role(groups.get("role")) or groups.get("title") or title
        return Speaker(name + (groups.get("others") or ""), role, _place(groups.get("tail")))

    def _is_noun(self, name: str, before: str) -> bool:
        """Whether a German word with a capital is a noun, or a noun with its genitive, and no name."""
        first, _, rest = " ".join(self._names.trimmed(name.split())).partition(" ")
        if _ABSTRACT.search(name) or (rest and self._names.genitive(first)):
            return True
        alone = not rest or _OF_GERMAN.match(rest) is not None
        determined = _DETERMINED.search(before) if alone else None
        return determined is not None and determined[0].strip() not in _GERMAN_CUES


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


def _last_sentence(text: str) -> str:
    """The whole sentence that a text ends with."""
    return _SENTENCE_END.split(text[-_BEFORE:].rstrip())[-1]
