"""The forms in which languages with capitals say who speaks: patterns of the clause before or after a quotation.

Each language gives its words (`cues`); how they stand together is much the same: a name and a word of saying in one
clause, the name in front (“Ida Roe, the harbour master, said”) or behind (“lamenta Ida Roe, alcaldesa de …”).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from bot.cards.cues import ACCORDING, AS, CUES, HEARERS, OPINION, PARTICLES, PERSONS, PRONOUNS
from bot.cards.names import NAME, TOKEN

_STOPS = r".!?;:“”„«»\""
_PLAIN = rf"[^{_STOPS}]"
_INNER = rf"[^,{_STOPS}]"
ROLE = r"(?P<role>\p{Ll}[^,.;:“”„«»\"()]{3,60})"
_AUXILIARY = {
    "en": "has|had|have|also|then|later|recently|once|further",
    "fr": "lui|leur|a|ont|avait|s’est|s'est|l’a|l'a",
    "it": "le|gli|ha|hanno|aveva|lo ha",
    "es": "ha|han|había|le|les|lo",
    "pt": "lhe|tinha|havia|já|se",
    "de": "hat|hatte|haben",
    "nl": "heeft|had",
}
_OF_WHOM = r"(?:\s(?:for|of|from|at|with|der|des|von|vom|de|du|del|della|do|da)\s(?:the\s)?\p{Lu}[\p{L}\-]*(?:\s\p{Lu}[\p{L}\-]*){0,3})?"
_PREPOSITION = (
    r"to|with|of|by|for|about|from|against|like|at|in|on|than|bei|mit|von|an|für|über|gegen|durch|nach|vor|wie|à|avec|pour|par|chez|sur"
    r"|con|para|por|sobre|di|da|su|com|de|du|des|del|della|dello|do|dos|das|al|em|no|na|в|на|с|к|от|для|из|о|w|z|na|do|od|dla|przez|zu|zum|zur|gegenüber|a|al|ao|aos|alla|allo|ai|agli"
)
"""After one of these a name is no subject."""
_OF = r"(?:of|from|with|at|for|von|vom|du|de|del|della|do|da|z|из)"
_ROLE_WORD = (
    r"(?!(?:in|at|on|of|to|with|for|during|after|before|from|as|by|when|and|who|while|about|over|that|this|whose|which|because|but|or"
    r"|und|mit|im|am|als|wie|dans|à|en|con|a|zu|zum|zur|gegenüber|al|ao|aos|do|da|dos|das|de|der|von|van|vom|du|della|di|del|den|dem|des|el|la|los|las|le|les|y|e|et|z|w|i|oraz|из|в|с|и|на|od|do)\b)\p{Ll}[\p{L}\-]*"
)
"""A word of a role between an outlet's or a body's name and a person's: “IMF chief economist …”."""
_DETERMINER = r"(?i:the|an?|one|some|another|many|several|der|die|das|eine?|mehrere|le|la|les|l’|une?|des|el|los|las|una?|il|lo|gli|o|os|as|uma?)"
_ADVERBS = {
    "en": r"(?:(?:\p{Ll}+ly|also|then|later|once|now|still|even|first|just|too|further|again|often|never|has|have|had|would|did)\s){0,2}?"
}
"""Between a subject and its word of saying; in English nothing else may stand there (“Security personnel said”)."""
_OPENING = (
    r"(?:(?:But|And|Yet|So|Then|Still|However,|Meanwhile,|Another|Aber|Doch|Und|Auch|Mais|Et|Pero|Y|Ma|E|Mas|Но|А|И|Ale|Jednak)\s)?"
    r"(?:(?i:the|el|la|le|il|l’|l'|o|a|der|die)\s?)?(?:\p{Ll}[\p{L}\-]*,?\s){0,3}?"
)
"""Before the name that opens a sentence."""
_NO_VERB = (
    r"(?!(?:de[lr]?|di|da|d[oa]s?|du|des|con|com|mit|with|für|for|por|para|par|pour|per|bei|von|vom|zum|zur|nach|aus|auf|über|unter|durch|gegen|ohne"
    r"|and|but|und|oder|aber|sondern|et|ou|mais|ni|y|o|pero|sino|e|ma|mas|nem|that|which|who|when|while|as|than|like|because|since|from|of|to|in|on|at|by|is|was|are|were"
    r"|wurden?|wird|werden|fueron?|foi|foram|furent|était|venn(?:e|ero)|został[ao]?|był[ao]?|был[аои]?|que|qui|quand|comme|donde|cuando|como|quando|che|cui|il|lo|la|le|les|los|las|el|un[ea]?|uno|um|uma|the|an?|d[ie]e|das|eine?[rnms]?|dem|den|im|am|au|aux|al|alla|nel|nella|no|na|nos|nas|sur|chez|sans|sin|sem|senza"
    r"|и|а|но|что|который|когда|как|на|в|с|к|из|от|для|по|об?|за|i|a|ale|że|który|gdy|jak|w|z|na|do|od|dla|po|za|o|sowie|wie|als|so|nur|sich|er|sie|es|not)\s)"
)
"""What stands after a quotation without being a word of saying."""


Form = tuple[Callable[[str], "regex.Match[str] | None"], bool]
"""How a form is looked for in a clause, and whether it holds a word of saying."""


def _form(pattern: str, *saying: str) -> Form:
    """The form that is written so: looked for at the clause's beginning where it begins there, else anywhere."""
    compiled = regex.compile(pattern)
    return compiled.match if pattern.startswith("^") else compiled.search, any(cue in pattern for cue in saying)


_OFFICE = r"(?:(?!(?:a|al|ao|aos|à|au|aux|zu|zum|zur|gegenüber|dem|den|to|of|for|alla|allo|к|с|do|z)\s)\p{Ll}[\p{L}’'\-]*\.?\s|[ld]['’]){0,5}?"
"""An office before a name, without a word that would make it the one who is spoken to."""


_FIRST = rf"{NAME}\s(?:and|und|et|y|e|и|i)\s"
"""The first of two who speak, in front of the second."""
_HEADED = (
    r"(?:(?:the|la|le|el|il|o|a|der|die|den|dem)\s|l['’])(?:\p{Ll}+\s)?(?:presid|minist|direct|mayor|sindac|alcald|prefeit|maire|préfet|secret|gobernad|governad|governor|gouverneur"
    r"|rector|reit|rettor|chef|chief|head|spokes|portavo|porta-voz|porte-parole|commissa|comisari|assessor|adjoint|procur|fiscal|juez|juge|avocat|abogad|avvocat|advogad|coach|trainer|founder|fundad|fondat)\p{Ll}*"
    r"\s(?:of|for|at|de|del|della|dell['’]|di|du|des|do|da)\s?[^,.!?;:“”„«»\"]{2,60}"
)
"""An office and what it is of, behind which the name of its holder stands between commas."""


@dataclass(frozen=True, slots=True)
class Words:
    """Whether a text holds one of many words: single ones are looked up, which is faster than any pattern."""

    single: frozenset[str]
    others: regex.Pattern[str]

    def count(self, text: str) -> int:
        """How many of the single ones stand in the text."""
        return sum(token in self.single for token in _TOKEN.findall(text.lower()))

    def among(self, text: str) -> bool:
        """Whether one of them stands in the text, in whatever case."""
        return not self.single.isdisjoint(_TOKEN.findall(text.lower())) or bool(self.others.search(text))


_TOKEN = re.compile(r"[^\W\d_]+")


def _words(cues: Sequence[str], *forms: str) -> Words:
    """The words of saying and other forms."""
    single = frozenset(cue.lower() for cue in cues if _TOKEN.fullmatch(cue))
    others = [*(cue for cue in cues if not _TOKEN.fullmatch(cue)), *forms]
    return Words(single, regex.compile(rf"\b(?i:{'|'.join(others)})\b"))


@dataclass(frozen=True, slots=True)
class Clauses:
    """Patterns of one language; groups: `name`, else `person`, `unknown` or, with none of them, a pronoun.

    `opens` is for the beginning of a sentence. `heard` tells that “according to” stands before a name, and what stands
    `between`; `ruled`, that this ends in a preposition, as in “the complaint against”. `says` tells whether a text
    holds a word of saying. A clause without one and without `hints` matches none of `after` and `before`: asked first,
    because most have none.
    """

    after: tuple[Form, ...]
    before: tuple[Form, ...]
    says: Words
    hints: regex.Pattern[str]
    subject: regex.Pattern[str]
    heard: regex.Pattern[str]
    ruled: regex.Pattern[str]
    opens: regex.Pattern[str]
    spoke: regex.Pattern[str]


@lru_cache(maxsize=32)
def clauses(language: str) -> Clauses:
    """The patterns of a language; English ones for a language that is not known."""
    known = language if language in CUES else "en"
    cues = CUES[known].split()
    cue = rf"(?:{'|'.join(cues)})"
    speaks = rf"(?i:{'|'.join(word for word in CUES[known].split() if word not in HEARERS)})"
    aux = rf"(?:(?:{_AUXILIARY.get(known, 'a|ha|hat|has|had|heeft')})\s){{0,2}}"
    pronoun = "|".join(PRONOUNS.get(known, "he she").split())
    according, opinion = ACCORDING.get(known, "according to"), OPINION.get(known, ACCORDING.get(known, "according to"))
    name = rf"(?P<name>(?!Secretary\sof\s){NAME})"
    subject = rf"(?=\p{{Lu}})(?<!\p{{Lu}}[\p{{L}}’'\-]*\s)(?<!\b(?i:{_PREPOSITION})\s(?:(?:the|der|die|das|den|dem|la|le|el|los|las|il|o)\s)?)(?:Secretary\sof\s\p{{Lu}}\p{{L}}+\s)?{name}"
    roles = r"(?P<before>(?:(?:(?!(?:in|at|on|im|в|на|у|при|we)\s)(?:\p{Lu}[\p{L}\-]*['’]s?|\p{Ll}[\p{L}’'\-]*\.?|\p{Lu}{2,5}|\p{Ll}+,\s(?:\p{Ll}+|\p{Lu}{2,5})\sand))\s|[ld]['’]){0,7}?)"
    title = rf"(?P<title>{TOKEN}(?:\s{TOKEN}){{0,3}}(?:\s{_ROLE_WORD}){{1,4}})"
    persons = rf"(?:{'|'.join(PERSONS.get(known, 'spokesperson').split())})\b"
    person = rf"(?P<person>(?:[\p{{L}}’'\-]+\s){{0,4}}?{persons}{_OF_WHOM})"
    others = r"(?P<others>\s(?:and|und|et|y|e)\s(?:his|her|their|sein\w*|ihr\w*|son|sa|ses?|sus?|i suoi|le sue|seus?|suas?)\s\p{L}+)"
    apposed = r"(?P<apposed>(?:[^;:“”„«»\".!?]|\.(?!\s\p{Lu}\p{Ll})){2,160}?)"
    appositive = rf"(?:,\s(?:{ROLE}|{apposed}),|\s\([^()]{{1,60}}\)|\s{_OF}\s{_INNER}{{2,80}}?|{others})?"
    adverbs = _ADVERBS.get(known, r"(?:(?!(?:und|oder|et|ou|y|o|e|и|i)\s)\p{Ll}+\s){0,2}?")
    said = rf"(?:{appositive}\s{aux}{adverbs}{cue}\b|(?<=,\s(?P=name)),\s{aux}{adverbs}{cue}\b(?!\s\p{{Lu}}))"
    full = rf"(?P<name>{TOKEN}(?:\s(?:(?:{PARTICLES})\s)?{TOKEN}){{1,4}})"
    role_after = rf"(?:,\s(?:\d\d,\s)?{ROLE}(?=[,.;:]|$))?"
    tail = rf"(?:{_PLAIN}{{0,90}}?)"
    start, end, lead_in = r"^[\s,，—–-]*", r"[\s:,，—–-]*$", rf"(?:{_PLAIN}{{0,60}}?,\s)??"
    begins = r"(?:^|(?<=[.!?…]\s)|(?<=[.!?…][”\"’»)]\s))"
    after = (
        rf"{start}(?:{lead_in}(?i:{pronoun})\s{aux}(?:\p{{Ll}}+\s)?{cue}|{aux}{cue}[\s-](?:t-)?(?P<pronoun>{pronoun}))\b",
        rf"{start}{aux}{speaks}\s(?:\p{{Ll}}{_INNER}{{3,80}}),\s(?!d[ae]\s){full}(?=[,.;:]|$)",
        rf"{start}{aux}{speaks}\s{title}\s{name}(?=[\s,.;:]|$)",
        rf"{start}{aux}{speaks}\s(?:\p{{Ll}}+ly\s)?{roles}{subject}(?!\s{persons}){role_after}",
        rf"{start}(?i:{according})\s(?:{_HEADED},\s{full}(?=[,.;:]|$)|{roles}{name}(?!\s{persons}){role_after})",
        rf"{start}{lead_in}(?:(?i:the|el|la|le|il|der|die)\s)?(?:{roles}|{_FIRST}){subject}{said}",
        rf"{start}(?:(?i:the)\s)?{title}\s{name}{said}",
        rf"{start}{aux}{speaks}\s{person}",
        rf"{start}{person}\s{aux}{adverbs}{cue}\b",
        rf"^\s?[,—–-]\s?{aux}{_NO_VERB}\p{{Ll}}{{4,}}\s{_OFFICE}(?<!\b(?i:{_PREPOSITION})\s){full}{role_after}",
        rf"{start}(?P<unknown>{aux}{speaks}\s\p{{L}}|{_DETERMINER}\s{_INNER}{{2,60}}\s{cue}\b)",
    )
    before: tuple[str, ...] = (
        rf"(?:^|[\s(]){subject}{said}(?P<tail>{tail}){end}",
        rf"(?:^|[\s,])(?i:{according})\s(?:{_HEADED},\s{full},|{roles}{name}(?:,\s{_PLAIN}{{2,90}},)?){tail}{end}",
        rf"^(?i:{opinion})\s{roles}{name}(?:,\s{_PLAIN}{{2,90}},)?{tail}{end}",
        rf"(?:^|\s)(?i:{AS.get(known, 'as')})\s{roles}{name}(?:,\s{_PLAIN}{{2,90}},)?\s\p{{Ll}}{tail}{end}",
        rf"(?:^|\s){speaks}\s{roles}{name}(?:,\s{_PLAIN}{{2,80}}?)?(?:\s{_INNER}{{2,60}})?\s?[:,]\s*$",
        rf"^{name}(?:,\s{ROLE})?\s?:\s*$",
        rf"(?:^|\s)(?P<pronoun>(?i:{pronoun}))\s{aux}(?:\p{{Ll}}+\s)?{cue}\b{tail}{end}",
        rf"(?:^|,\s){person}\s{aux}{adverbs}{cue}\b{tail}{end}",
        rf"{begins}(?=[^:]*:\s*$){lead_in}{_OPENING}(?=\p{{Lu}})(?<!\b(?i:{_PREPOSITION})\s){full}{_PLAIN}{{0,160}}:\s*$",
        rf"(?P<unknown>(?:^|\s){_DETERMINER}\s{_INNER}{{2,60}}\s{cue}\b{tail}{end})",
    )
    if known == "de":
        before = (*before, rf"{name},?\szufolge\b{tail}{end}")
    return Clauses(
        tuple(_form(each, cue, speaks) for each in after),
        tuple(_form(each, cue, speaks) for each in before),
        _words(cues, according),
        regex.compile(rf"\b(?i:{opinion}|{AS.get(known, 'as')}|zufolge)\b|:\s*$|^\s?[,—–-]\s?\p{{Ll}}"),
        regex.compile(rf"{subject}{said}"),
        regex.compile(rf"(?:(?:^|[\s,])(?i:{according})|^(?i:{opinion}))\s(?P<between>[^{_STOPS}]*)$"),
        regex.compile(
            rf"(?r)\b(?i:{_PREPOSITION}|close\sto|contra|contre|contro|visant|against|przeciwko|против|que|that|whom|which)\s(?:(?:the|der|die|das|den|dem|la|le|el|los|las|il|o)\s)?$"
        ),
        regex.compile(rf"{lead_in}{_OPENING}(?=\p{{Lu}})(?<!\b(?i:{_PREPOSITION})\s){name}"),
        regex.compile(rf"\b(?i:{pronoun})\s{aux}{adverbs}{cue}\b"),
    )
