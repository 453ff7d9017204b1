"""Names in running text, for scripts that write them with capitals. Pure."""

from __future__ import annotations

import regex

from bot.cards.cues import NO_NAMES, PARTICLES

TOKEN = r"(?:\p{Lu}\p{Ll}{0,2}\.(?=\s?\p{Lu})\s?){0,3}+\p{Lu}[\p{L}\p{M}'’`\-]*"  # noqa: S105 - a word, no secret
NAME = rf"(?<![\p{{L}}.]){TOKEN}(?:\s(?:(?:{PARTICLES})\s)?{TOKEN}){{0,4}}"
"""One to five capitalised words with the small words that names hold."""

_NAME = regex.compile(NAME)
_FULL = regex.compile(rf"(?<![\p{{L}}@#]){TOKEN}(?:\s(?:(?:{PARTICLES})\s)?{TOKEN}){{1,3}}")
_POSSESSIVE = regex.compile(r"['’]s?$")
_TITLES = frozenset(
    "mr mrs ms dr prof sir dame lord lady rev sgt lt col gen gov sen rep capt det sr sra don doña herr frau m mme monsieur"
    " madame dott signor signora president minister senator mayor chief officer professor doctor judge governor".split()
)


class Names:
    """The full names that an article gives, by which a bare surname is resolved."""

    def __init__(self, text: str) -> None:
        self._full: dict[str, set[str]] = {}
        self._part: dict[str, set[str]] = {}
        self._words = set(text.split())
        for match in _FULL.finditer(text):
            self._learn(match[0])

    def _plain(self, word: str) -> bool:
        """Whether the article also writes the word small: at the start of a sentence it is no name then."""
        return word.lower() in self._words

    def _learn(self, name: str) -> None:
        tokens = self.trimmed(name.split())
        tokens = tokens[1:] if tokens and tokens[0].lower().rstrip(".") in _TITLES and len(tokens) > 2 else tokens
        if 2 <= len(tokens) <= 5:
            full = " ".join(tokens)
            self._full.setdefault(tokens[-1], set()).add(full)
            for token in tokens[:-1]:
                self._part.setdefault(token, set()).add(full)

    def trimmed(self, tokens: list[str]) -> list[str]:
        """The words of a name without what only opened its sentence and without a genitive."""
        while tokens and tokens[0].lower().strip(".,") in NO_NAMES:
            tokens = tokens[1:]
        if tokens:
            tokens = [*tokens[:-1], _POSSESSIVE.sub("", tokens[-1])]
        return tokens

    def resolve(self, name: str, *, bare: bool = True) -> str:
        """The full name for one found in the text; "" for what is none.

        `bare`: whether a single word that is no part of a full name may be one (not so where all nouns have capitals).
        """
        tokens = self.trimmed(name.split())
        if not tokens:
            return ""
        if len(tokens) == 1 or (len(tokens) == 2 and tokens[0].lower().rstrip(".") in _TITLES):
            fuller = self._full.get(tokens[-1]) or self._part.get(tokens[-1], set())
            if len(fuller) == 1:
                return next(iter(fuller))
            if len(tokens) == 1 and not fuller and (not bare or self._plain(tokens[0]) or len(tokens[0]) < 3):
                return ""
        if len(tokens) == 1 and tokens[0].isupper() and len(tokens[0]) < 2:
            return ""
        return " ".join(tokens)
