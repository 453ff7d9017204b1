"""Names in running text, for scripts that write them with capitals. Pure."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import regex

from bot.cards.cues import NO_NAMES, PARTICLES

TOKEN = r"(?:(?=\p{Lu}\p{L}{0,4}[.])(?:\p{Lu}|Dr|Mr|Mrs|Ms|St|Prof|Sen|Rep|Gov|Gen|Lt|Col|Sgt|Rev|Hon|Capt|Ing|Dr\.-Ing|Dipl\.-Ing|Dra?|Sra?|Mme|Mlle)\.(?=\s?\p{Lu})\s?){0,3}+\p{Lu}[\p{L}\p{M}'’`\-]*+"  # noqa: S105 - a word, no secret
NAME = rf"(?=\p{{Lu}})(?<![\p{{L}}.]){TOKEN}(?:[ \xa0](?:(?:{PARTICLES})[ \xa0])?{TOKEN}){{0,6}}+(?:,?\s(?:Jr|Sr)\.)?"
"""One to seven capitalised words with the small words that names hold."""

_NAME = regex.compile(NAME)
_FULL = regex.compile(rf"(?=\p{{Lu}})(?<![\p{{L}}@#]){TOKEN}(?:[ \xa0](?:(?:{PARTICLES})[ \xa0])?{TOKEN}){{1,6}}")
_SENTENCE_ENDS = frozenset(["", ".", "!", "?", ":", "“", "”", '"', "«", "»", "„"])
_WORD = regex.compile(
    r"(?=\p{Lu})(?<![\p{L}\p{M}][’'\-]?)[\p{L}\p{M}]+(?:[’'\-][\p{L}\p{M}]+)*?(?=['’]s\b|[^\p{L}\p{M}'’\-]|['’\-][^\p{L}]|$)"
)
"""A word with a capital, whole (“Roe-Marsh”) but for its genitive."""
_MARKS = ("", ",", ".", ";", ":", "!", "?", ")", "”", "’s")
_MOST_TITLE = 5
_PEOPLE = frozenset(
    "researchers scientists officials police authorities prosecutors experts critics supporters residents witnesses others"
    " article psalm section chapter friends nobody everyone neighbours neighbors workers voters colleagues"
    " officers investigators lawyers doctors activists protesters organizers organisers analysts democrats republicans".split()
)
"""Who speaks in many a sentence's first word, and is nobody."""
_POSSESSIVE = regex.compile(r"['’]s?$")
TITLES = frozenset(
    """
    mr mrs ms miss dr prof sir dame lord lady rev sgt lt col gen gov sen rep capt det cllr mp sr sra don doña herr frau m mme
    monsieur madame dott signor signora president minister secretary senator congressman congresswoman mayor chief officer
    professor doctor judge justice governor commissioner commander director chairman chairwoman chancellor premier ceo cfo
    coach captain sheriff superintendent ambassador attorney spokesman spokeswoman spokesperson representative councillor
    king queen prince princess pope cardinal bishop archbishop pastor imam rabbi sergeant lieutenant colonel general major
    detective inspector constable undersecretary analyst editor founder co-founder owner lawyer solicitor
    präsident präsidentin minister ministerin kanzler kanzlerin bürgermeister bürgermeisterin sprecher sprecherin trainer
    trainerin professorin autor autorin chef chefin vorsitzender vorsitzende geschäftsführer geschäftsführerin
    premierminister premierministerin außenminister außenministerin innenminister innenministerin kommissar richter
    """.split()
)


class Names:
    """The full names that an article gives, by which a bare surname is resolved."""

    def __init__(self, text: str) -> None:
        self._full: dict[str, set[str]] = {}
        self._part: dict[str, set[str]] = {}
        self._text = text
        self._titled: set[str] = set()
        self._learned: Counter[str] = Counter()
        for match in _FULL.finditer(text):
            self._learn(match[0], opens=text[max(0, match.start() - 2) : match.start()].strip() in _SENTENCE_ENDS)

    @cached_property
    def _words(self) -> set[str]:
        return set(self._text.split())

    @cached_property
    def _times(self) -> Counter[str]:
        """How often the article uses a word with a capital; counted for all of them at once."""
        return Counter(_WORD.findall(self._text))

    def _plain(self, word: str) -> bool:
        """Whether the article also writes the word small: at the start of a sentence it is no name then."""
        small = word.lower()
        return any(small + mark in self._words for mark in _MARKS)

    def _learn(self, name: str, *, opens: bool) -> None:
        tokens, title = _without_title(self.trimmed(name.split()))
        if opens and len(tokens) > 1 and not title and self._plain(tokens[0]):  # “Getting Square off the ground …”
            tokens = tokens[1:]
        if 2 <= len(tokens) <= 5:
            full = " ".join(tokens)
            self._learned[full] += 1
            if title:
                self._titled.add(full)
            self._full.setdefault(tokens[-1], set()).add(full)
            for token in tokens[:-1]:
                self._part.setdefault(token, set()).add(full)

    def person(self, name: str) -> bool:
        """Whether it is somebody's name: one behind a title, one whose surname the article goes on with, or that."""
        tokens = name.split()
        if len(tokens) == 1:
            return name in self._full and self._times[name] > 2 and not self._plain(name)
        if name in self._titled:
            return True
        return 1 < len(tokens) <= 4 and self._times[tokens[-1]] > self._learned[name]

    def full_in(self, text: str) -> list[str]:
        """What looks like full names in a text."""
        tokens = (_without_title(self.trimmed(match[0].split()))[0] for match in _FULL.finditer(text))
        return [" ".join(each) for each in tokens if len(each) > 1]

    def initialled(self, letters: str) -> str:
        """The only full name with these initials; "" where there is none or another."""
        if not (2 <= len(letters) <= 3 and letters.isupper()):
            return ""
        found = [full for full in self._learned if "".join(token[0] for token in full.split()) == letters]
        return found[0] if len(found) == 1 else ""

    def known(self, name: str) -> str:
        """The full name that something written with capitals ends with ("Mill Keeper Ida Roe"); "" for none."""
        full = self.resolve(name, bare=False)[0]
        tokens = full.split()
        if full not in self._learned:
            full = next((end for n in (3, 2) if (end := " ".join(tokens[-n:])) in self._learned), full)
        return full

    def title(self, name: str) -> bool:
        """Whether what looks like a name begins with a title."""
        return name.split()[0].lower().rstrip(".") in TITLES

    def often(self, word: str) -> bool:
        """Whether the article uses the word again: in scripts without capitals a name is known by that."""
        return self._text.count(word) > 1

    def genitive(self, word: str) -> bool:
        """Whether the word is the genitive, in "s", of another that the article uses."""
        return word.endswith("s") and word[:-1] in self._words

    def trimmed(self, tokens: list[str]) -> list[str]:
        """The words of a name without what only opened its sentence and without a genitive."""
        while tokens and tokens[0].lower().strip(".,") in NO_NAMES:
            tokens = tokens[1:]
        if tokens:
            tokens = [*tokens[:-1], _POSSESSIVE.sub("", tokens[-1])]
        return tokens

    def resolve(self, name: str, *, bare: bool = True) -> tuple[str, str]:
        """The full name for one found in the text and the title that it stood behind; "" for what is none.

        `bare`: whether a single word that is no part of a full name may be one (not so where all nouns have capitals).
        """
        tokens, title = _without_title(self.trimmed(name.split()))
        if not tokens or (len(tokens) == 1 and (len(tokens[0]) < 2 or tokens[0].lower().rstrip(".") in TITLES)):
            return "", ""
        if len(tokens) > 1:
            return " ".join(tokens), " ".join(title) if len(title) <= _MOST_TITLE else ""
        fuller = self._full.get(tokens[0]) or self._part.get(tokens[0], set())
        if len(fuller) > 1:  # the one that is used again, where the others only look like names
            fuller = {full for full in fuller if self.often(full) or self.person(full)} or fuller
        if len(fuller) == 1:
            return next(iter(fuller)), ""
        if title:
            return " ".join([*title, *tokens]), ""
        unknown = tokens[0].lower() in _PEOPLE or (
            not fuller and (not bare or self._plain(tokens[0]) or len(tokens[0]) < 3)
        )
        return ("", "") if unknown else (tokens[0], "")


def _without_title(tokens: list[str]) -> tuple[list[str], list[str]]:
    """The name behind the last title in front of it, and all up to that title ("Press Secretary")."""
    for index in range(len(tokens) - 2, -1, -1):
        if tokens[index].lower().rstrip(".") in TITLES:
            return tokens[index + 1 :], tokens[: index + 1]
    return tokens, []
