"""Who said it: only where the text says so beside the quotation, and silence otherwise. Pure.

Precision comes before coverage: a name is taken only when a word of saying and the quotation's mark stand with it in
one clause, never because it is the nearest one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import regex

from bot.cards import eastern, hearers, outlets, together, verbfirst
from bot.cards.clauses import Form, clauses
from bot.cards.cues import CUES
from bot.cards.marks import Span
from bot.cards.names import NAME, Names
from bot.cards.phrases import SENTENCE_END, clause_after, clause_before, insertions, person, place, role

_SUBJECTS, _MOST_SENTENCES = 3000, 40
_MOST_COMMAS = 4
_NEAR = 120
"""Characters before a name that may tell that it is no subject."""
_NO_CASE = frozenset({"ar", "he"})
_FRONTED = regex.compile(
    r"(?:After|Before|Unlike|Like|Of|To|With|For|About|Despite|Zu|Über|Gegenüber|Nach|Vor|Sobre|Para|Pour|Per)\s"
)
"""A phrase in front of the sentence's subject."""
_SUBORDINATE = regex.compile(
    r"\b(?:who|whom|whose|which|qui|qu['’]|quien|che|котор\p{L}+|któr\p{L}+)\s?\p{Ll}[^,;:]*\s$|\b(?:que|der|die|das)\s\p{Ll}+\s(?:a|al|den|dem)?\s?$|\p{Ll}{3}(?:ing|ant)\s$"
    r"|\b(?:of|for|from|against|near)\s(?:the\s|an?\s)?(?:late|former|then|\p{Ll}+ed)\s(?:\p{Ll}+\s){0,2}$|\bd['’]$|\b(?:nor|noch|\p{Ll}+ed\sas|known\sas)\s$"
)
"""Before a name that somebody does something to: “the man who shot …”, “the lawyer representing …”."""
_WHOM = regex.compile(r"\bqu(?:e\s|['’])$")
"""Before a name, behind a quotation: “le préfet que … avait nommé”."""
_ONESELF = regex.compile(
    r"\b(?:I|I['’]\p{Ll}+|[Mm]e|[Ww]e|[Oo]ur|[Uu]s|[Ii]ch|[Ww]ir|[Uu]nser\w*|[Mm]ein\w*|[Jj]e|[Jj]['’]\p{Ll}+|[Nn]ous|[Yy]o|[Nn]osotros|[Nn]uestr[oa]s?|[Ii]o|[Nn]oi|[Nn]ostr[oaie]|[Ee]u|[Nn]ós|[Nn]oss[oa]s?|[Яя]|[Мм]ы|[Нн]аш\p{L}*|[Jj]a|[Nn]asz\p{L}*)\b|我|私|우리|나는|저는"
)
"""Somebody speaks of himself: what a newspaper prints so is not the newspaper's own."""
_AT = regex.compile(r"\s(?:entgegen|zu)(?=[.,;:]|\s?$)")
"""Behind a German name: “riefen … entgegen”."""
_OF_THE_SAME = regex.compile(
    r"(?:He|She|They|I|It was|Er|Sie|Il|Elle|Ils|Elles|Él|Ella|Lui|Lei|Ele|Ela|Он|Она|On|Ona|Then|And then|Asked|Pressed)\b|\p{Ll}"
)
"""How a sentence begins that tells on of whoever spoke."""
_DENIED = regex.compile(
    r"\b(?:not|never|n['’]t|neither|false|fake|falsely|hoax|denied|denies|denying|nie|niemals|bestreitet|bestritt|jamais|nunca|jamás|negó|niega|nega|mai|никогда|nigdy)\b|谣言|謠言"
)
"""The text says that it was not said."""
_APPOSITION = regex.compile(r",[^,]{2,160},")
_ANOTHER = regex.compile(
    r"\b(?:wurden?|wird|été|fue|fueron|foi|foram|stat[oa]|został[ao]?)\s(?:\p{L}+\s){0,3}(?:gefragt|gewarnt|gebeten|interrogé|averti|preguntad|advertid|chiest|interrogat|perguntad|questionad|avisad|zapytan|ostrzeżon)"
    r"|\b(?:was|were|been|being)\s(?:told|asked|informed|warned|called)\b|\bs['’]est\s(?:vue?|fait|entendue?)\s|\b(?:as|when|while|because)\s(?:the|an?|his|her|their|its|one|some\p{L}+)\s"
)
"""Between a name and the quotation: somebody else says it."""
_WHO_SAYS = regex.compile(r"\s\p{L}[^,]*,\s(?:who|que|quien|qui|che|der|die|котор(?:ый|ая)|któr[ya])\s[^,:]*:?\s*$")
"""Behind a name that somebody else, named after it, goes on to say it: “… introduced Ida Roe, who said:”."""
_ABSTRACT = regex.compile(r"\p{L}{3}(?:ung|heit|keit|schaft|ion|tät|ismus)(?:en)?\b")
_DETERMINED = regex.compile(
    r"\b(?:(?i:de[rnms]|d[ia]e|das|kein\w*|\w*ein(?:e[rnms]?)?|dies\w*|jede\w*|ihr\w*|unser\w*|i[nm]|am|zu[mr]|vom)|\p{Ll}+(?:er|en|es|e|em))\s$"
)
"""A German noun with one of these before it is no name, unless it is the word of saying."""
_KIN = regex.compile(
    r"s['’]?\s(?:Schwester|Bruder|Mutter|Vater|Frau|Mann|Ehemann|Ehefrau|Sohn|Tochter|Anwalt|Anwältin|Sprecher(?:in)?|Witwer?|Chef(?:in)?|Nachbar(?:in)?|Partei|Büro|Team|Trainer(?:in)?|Nachfolger(?:in)?|Vorgänger(?:in)?)$"
)
"""Whose people they are: “Arno Teels Schwester”."""
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
        if self.place:
            return f"{self.name} {self.place}"
        return f"{self.name}, {self.role}" if self.role else self.name


NOBODY = Speaker()
UNKNOWN = Speaker(unknown=True)


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody named as the subject of a sentence, where in the text; `said` tells that the sentence is about saying."""

    start: int
    name: str
    said: bool = True


class Attribution:
    """Finds speakers in one article; `language` chooses the words of saying, `names` resolves surnames."""

    def __init__(self, language: str, names: Names) -> None:
        self._language = language.split("-")[0]
        self._names = names
        self._bare = self._language != "de"

    def of(self, text: str, span: Span) -> Speaker:
        """The speaker of a quotation in a paragraph; without a name where the text gives none."""
        speaker = self._of(text, span)
        printed = speaker.name and outlets.is_outlet(speaker.name) and _ONESELF.search(span.inside(text))
        return UNKNOWN if printed else speaker

    def _of(self, text: str, span: Span) -> Speaker:
        if self._language in eastern.LANGUAGES:
            name = eastern.speaker(text, span, self._language, self._names.often)
            return Speaker(name, pronoun=not name and self._language == "zh" and eastern.pronoun(text, span))
        if self._language in _NO_CASE:
            return self._verb_first(text, span)
        if (inserted := self._inserted(span.inside(text))) != NOBODY:
            return inserted
        looks = [lambda: self._before(clause_before(text, span.start)), lambda: self._after(clause_after(text, span))]
        if not text[: span.start].rstrip().endswith((",", ":")):
            looks.reverse()
        first = looks[0]()
        if first.name or first.pronoun:
            return first
        second = looks[1]()
        return second if second != NOBODY and (first == NOBODY or not second.unknown) else first

    def _verb_first(self, text: str, span: Span) -> Speaker:
        """The speaker in a script without capitals whose verb comes first."""
        cues = CUES[self._language]
        if name := verbfirst.speaker(text, span, cues):
            return Speaker(name)
        return Speaker(
            pronoun=verbfirst.subject_implied(text, span, cues), unknown=verbfirst.subject_in_front(text, span, cues)
        )

    def _inserted(self, said: str) -> Speaker:
        """Whom a clause inside the quotation names ("– explains Ida Roe –")."""
        for clause in insertions(said):
            if clauses(self._language).says.among(clause[:24]) and (found := self._after(clause)) != NOBODY:
                return found
        return NOBODY

    def clause(self, text: str) -> Speaker:
        """The speaker whom a clause after the speech names, where no marks stand around either."""
        return self._after(text)

    def introduced(self, text: str) -> Speaker:
        """The speaker that a paragraph names before the quotation that follows it, when it ends in a colon."""
        if self._language in eastern.LANGUAGES:
            return Speaker(eastern.introduced(text, self._names.often))
        if not text.rstrip().endswith(":"):
            return NOBODY
        if self._language in _NO_CASE:
            return Speaker(verbfirst.speaker(text, Span(len(text), len(text)), CUES[self._language]))
        return self._before(clause_before(text, len(text)))

    def full(self, name: str) -> str:
        """The full name for a part of it that stands alone; the same where there is none."""
        return self._names.initialled(name) or self._names.resolve(name, bare=True)[0] or name

    @property
    def eastern(self) -> bool:
        """Whether the article's script has no capitals to know names by, as Chinese has none."""
        return self._language in eastern.LANGUAGES

    def known(self, name: str) -> str:
        """The full name in what looks like one, without what the article does not write before it; "" for none."""
        return self._names.known(name)

    def people(self, text: str) -> list[str]:
        """What looks like full names in a text."""
        return self._names.full_in(text)

    def says(self, text: str, span: Span) -> bool:
        """Whether a word of saying stands near the quotation, whoever it belongs to."""
        if self._language in eastern.LANGUAGES:
            return eastern.says(text, span)
        near = text[max(0, span.start - 60) : span.start] + " " + text[span.end : span.end + 60]
        says = clauses(self._language).says
        return says.among(near) or any(map(says.among, insertions(span.inside(text))))

    def subjects(self, text: str) -> list[Subject]:
        """Those whom a paragraph lets say something, in quotation marks or not, and those who open its sentences."""
        if self._language in eastern.LANGUAGES:
            return [Subject(start, name) for start, name in eastern.subjects(text, self._names.often)]
        if self._language in _NO_CASE:
            return [Subject(start, name) for start, name in verbfirst.subjects(text, CUES[self._language])]
        patterns, text = clauses(self._language), text[:_SUBJECTS]
        found = {}
        for start in (0, *(end.end() for end in islice(SENTENCE_END.finditer(text), _MOST_SENTENCES))):
            if (match := patterns.opens.match(text, start)) is None:
                continue
            known = self._names.resolve(match["name"], bare=self._bare)[0]
            if not self._names.person(known) or not (self._bare or self._names.often(known)):
                continue  # where nouns have capitals, these open too
            if name := self._named(match).name:
                found[match.start("name")] = Subject(match.start("name"), name, said=False)
        for match in patterns.subject.finditer(text):
            if name := self._named(match).name:
                found[match.start("name")] = Subject(match.start("name"), name)
        return list(found.values())

    def names_another(self, text: str, speaker: Speaker) -> bool:
        """Whether a text names somebody, in full, who is not the speaker."""
        if self._language in eastern.LANGUAGES or self._language in _NO_CASE:
            return False
        return any(name != speaker.name for name in self._names.full_in(text))

    def goes_on(self, between: str, speaker: Speaker) -> bool:
        """Whether what stands between two quotations tells of nobody but the speaker of the first."""
        if self.names_another(between, speaker):
            return False
        _, *sentences = SENTENCE_END.split(between.strip())
        surname = speaker.name.split()[-1] if speaker.name else ""
        return all(_OF_THE_SAME.match(sentence) or (surname and surname in sentence) for sentence in sentences)

    def untold(self, text: str) -> int:
        """Where the first sentence begins in which somebody is said to say something; the text's length where none does."""
        start = 0
        for stop in islice(SENTENCE_END.finditer(text), _MOST_SENTENCES):
            if self._tells(text[start : stop.start()]):
                return start
            start = stop.end()
        return start if self._tells(text[start:]) else len(text)

    def _tells(self, sentence: str) -> bool:
        return any(each.said for each in self.subjects(sentence)) or self.told(sentence)

    def parted(self, said: str) -> tuple[str, Speaker]:
        """A speech without marks, parted from the clause behind a comma that says whose it is (“…, dit Ida Roe.”)."""
        for comma in islice(regex.finditer(r"(?r),\s(?=\p{Ll})", said), _MOST_COMMAS):
            clause = said[comma.end() :]
            says = clauses(self._language).says.among(" ".join(clause.split()[:2]))
            if says and (speaker := self._after(clause)).name:
                return said[: comma.start()], speaker
        return said, NOBODY

    def last_sentence(self, text: str) -> str:
        """The whole sentence that a text ends with."""
        return clause_before(text, len(text))

    def told(self, text: str) -> bool:
        """Whether the text's last sentence lets somebody say something who stands there as a pronoun."""
        if self._language in eastern.LANGUAGES or self._language in _NO_CASE:
            return False
        return bool(clauses(self._language).spoke.search(self.last_sentence(text)))

    def _after(self, clause: str) -> Speaker:
        return self._told_by(clauses(self._language).after, clause)

    def _before(self, clause: str) -> Speaker:
        return self._told_by(clauses(self._language).before, clause)

    def _told_by(self, forms: Sequence[Form], clause: str) -> Speaker:
        """What the first form that fits tells; forms with a word of saying are not tried where the clause has none."""
        language = clauses(self._language)
        spoken = language.says.among(clause)
        if not spoken and not language.hints.search(clause):
            return NOBODY
        return self._found(look(clause) for look, speaks in forms if spoken or not speaks)

    def _found(self, matches: Iterable[regex.Match[str] | None]) -> Speaker:
        """The first of the matches that gives a name, a pronoun or somebody without a name."""
        rejected = False
        for match in matches:
            if match is None:
                continue
            groups = match.groupdict()
            if groups.get("unknown"):
                return UNKNOWN
            if groups.get("person"):
                who = person(groups["person"])
                return Speaker(who) if who else UNKNOWN
            if not groups.get("name"):
                return Speaker(pronoun=True)
            if (speaker := self._named(match)).name:
                return speaker
            rejected = rejected or self._aside(match)
            again = match.re.search(match.string, match.end("name"))  # the first word was no name: “Come ha detto …”
            if again and again.groupdict().get("name") and (speaker := self._named(again)).name:
                return speaker
        return UNKNOWN if rejected else NOBODY

    def _named(self, match: regex.Match[str]) -> Speaker:
        said, groups, before = match["name"], match.groupdict(), match.string[: match.start("name")]
        if said.endswith(("’s", "'s")):  # something of hers, not she
            return NOBODY
        if self._aside(match) or (self._language == "de" and self._is_noun(said, before)):
            return NOBODY
        subject = hearers.subject(said, self._language) or said
        apposed = groups.get("apposed") or ""
        if " " in apposed and _FULL_NAME.fullmatch(apposed) and not self._names.title(apposed) and before.strip():
            said = apposed  # “the member for …, Jacob Roe, said”
        elif subject != said:
            said = subject
        elif not groups.get("others") and (whole := self._together(match)) != said:
            return Speaker(whole)
        name, title = self._names.resolve(said, bare=self._bare)
        if not name:
            return NOBODY
        what = role(groups.get("role")) or groups.get("title") or title
        return Speaker(name + (groups.get("others") or ""), what, place(groups.get("tail")))

    def _aside(self, match: regex.Match[str]) -> bool:
        """Whether the name only looks like the subject: it ends a clause of its own, or the saying is denied or another's."""
        before = match.string[max(0, match.start("name") - _NEAR) : match.start("name")]
        after = _APPOSITION.sub(" ", match.string[match.end("name") : match.end()])
        if _FRONTED.match(match["name"]) or _SUBORDINATE.search(before) or _DENIED.search(f"{before[-60:]} {after}"):
            return True
        earlier, comma, _ = before.rpartition(", ")
        says = clauses(self._language).says
        if self._language == "de" and _AT.match(match.string, match.end("name")):
            return True
        behind = not match.string[:1].isalnum()  # what follows a quotation begins with a comma or a blank
        if self._governed(before, match["name"]) or (behind and _WHOM.search(before)):
            return True
        nested = behind and bool(comma) and says.among(earlier) and says.among(after)
        nested = nested or (self._language == "en" and says.count(after) > 1)
        nested = nested or bool(_ANOTHER.search(after) or _WHO_SAYS.match(after))
        return nested or says.among(match.groupdict().get("tail") or "")

    def _together(self, match: regex.Match[str]) -> str:
        """The name with those who speak with it; "" where the text leaves open who speaks."""
        return together.all_of(match.string, match.start("name"), match.end("name"), self._language)

    def _governed(self, before: str, name: str) -> bool:
        """Whether a name is spoken to, or spoken of, by what stands before it."""
        forms, language = clauses(self._language), self._language
        subject = hearers.subject(name, language)
        heads = name.startswith(subject)  # else what stands before belongs to the name that stands before it
        governed = not subject or (heads and hearers.governed(before, name, language))
        if not governed and not forms.ruled.search(before):
            return False
        if (heard := forms.heard.search(before)) is None:
            return governed
        between = heard["between"]
        spoken_of = language not in hearers.CASES and hearers.governed(between, name, language)
        return spoken_of or bool(forms.ruled.search(between))

    def _is_noun(self, name: str, before: str) -> bool:
        """Whether a German word with a capital is a noun, or a noun with its genitive, and no name."""
        first, _, rest = " ".join(self._names.trimmed(name.split())).partition(" ")
        if _ABSTRACT.search(name) or _KIN.search(name) or (rest and self._names.genitive(first)):
            return True
        alone = not rest or _OF_GERMAN.match(rest) is not None
        determined = _DETERMINED.search(before[-_NEAR:]) if alone else None
        return determined is not None and determined[0].strip() not in _GERMAN_CUES
