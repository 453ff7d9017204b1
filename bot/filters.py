"""What a channel wants of a publication: terms that an article must, or must not, bear. Pure.

A term is `category:NAME`, `tag:NAME`, `author:NAME`, or words that stand in the article, one behind the other.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, Self

import regex

from bot.errors import UsageError
from bot.text import clean, line, unescape
from bot.words import _

MOST_TERMS, LONGEST_TERM = 50, 100
COMMAS = regex.compile("[,，、]")
"""What stands between terms, on any keyboard."""
COLON = regex.compile("[:：]")
"""What stands behind a kind."""


class Bearer(Protocol):
    """What is asked of an article here."""

    @property
    def title(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def author(self) -> str: ...
    @property
    def categories(self) -> tuple[str, ...]: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


class Kind(StrEnum):
    """What a term is compared with."""

    CATEGORY = "category"
    TAG = "tag"
    AUTHOR = "author"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Term:
    """One thing an article may bear."""

    kind: Kind
    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """`kind:text`, or words, with quotation marks around them or none; UsageError when nothing is left."""
        head, *rest = COLON.split(text, maxsplit=1)
        named = fold(head)
        kind = Kind(named) if rest and named in tuple(Kind) else Kind.WORDS
        words = line(rest[0] if rest and named == kind else text).strip(_QUOTES)
        if not fold(words) or len(words) > LONGEST_TERM:
            raise UsageError(
                _(
                    "{term} is no filter: write category:NAME, tag:NAME, author:NAME or words, up to 100 characters."
                ).format(term=text[:LONGEST_TERM])
            )
        return cls(kind, words)

    def __str__(self) -> str:
        head, *rest = COLON.split(self.text, maxsplit=1)
        looks_named = rest and fold(head) in tuple(Kind)
        return self.text if self.kind is Kind.WORDS and not looks_named else f"{self.kind}:{self.text}"


class Bearing:
    """Asks an article for terms, each once; its text is made ready at the first question for words."""

    def __init__(self, article: Bearer) -> None:
        self._article = article
        self._text: str | None = None
        self._known: dict[Term, bool] = {}

    def __call__(self, term: Term) -> bool:
        """Whether the article bears the term."""
        if term not in self._known:
            self._known[term] = self._bears(term)
        return self._known[term]

    def _bears(self, term: Term) -> bool:
        article, wanted = self._article, _name(term.text)
        match term.kind:
            case Kind.CATEGORY:
                return wanted in map(_name, article.categories)
            case Kind.TAG:
                return wanted in map(_name, article.tags)
            case Kind.AUTHOR:
                return wanted in map(_name, [article.author, *COMMAS.split(article.author)])
            case Kind.WORDS:
                return self._holds(term.text)

    def _holds(self, words: str) -> bool:
        """Whether the words stand in title or text: whole words, but where the script writes none apart."""
        if self._text is None:
            self._text = _apart(self._article.title) + _apart(unescape(_MARKUP.sub(_seen, self._article.html)))
        return _apart(words) in self._text


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an article is wanted; `because` names the term that decided, None where none did.

    Not wanted because of None: the channel asks for certain terms, and the article bears none of them.
    """

    wanted: bool
    because: Term | None = None

    def __bool__(self) -> bool:
        return self.wanted


@dataclass(frozen=True, slots=True)
class Filters:
    """An article passes when it bears one of `include` (or there are none) and none of `exclude`."""

    include: tuple[Term, ...] = ()
    exclude: tuple[Term, ...] = ()

    def verdict(self, article: Bearer | Bearing) -> Verdict:
        """What these filters say of an article; exclusion wins."""
        bears = article if isinstance(article, Bearing) else Bearing(article)
        for term in self.exclude:
            if bears(term):
                return Verdict(wanted=False, because=term)
        for term in self.include:
            if bears(term):
                return Verdict(wanted=True, because=term)
        return Verdict(wanted=not self.include)

    def dumps(self) -> str:
        """As text for the database; "" where there are none."""
        if self == Filters():
            return ""
        return json.dumps([[str(term) for term in side] for side in (self.include, self.exclude)], ensure_ascii=False)

    @staticmethod
    @lru_cache(maxsize=1024)
    def loads(text: str) -> Filters:
        """What `dumps` wrote; asked for with every command, the same again and again."""
        include, exclude = json.loads(text) if text else ((), ())
        return Filters(tuple(map(Term.parse, include)), tuple(map(Term.parse, exclude)))


def parse(text: str) -> tuple[Term, ...]:
    """Terms between commas; UsageError when one is none, or there are too many."""
    terms = tuple(dict.fromkeys(Term.parse(part) for part in COMMAS.split(text) if part.strip()))
    if len(terms) > MOST_TERMS:
        raise UsageError(_("A channel can have {most} terms here, not more.").format(most=MOST_TERMS))
    return terms


def fold(text: str) -> str:
    """The text as it is compared: without case, forms of one character, what nobody sees, or more space than needed."""
    return " ".join(unicodedata.normalize("NFKC", clean(text)).casefold().translate(_TYPED).split())


def _name(text: str) -> str:
    """A name as it is compared: its commas, which no term can hold, count as spaces."""
    return fold(COMMAS.sub(" ", text))


def _apart(text: str) -> str:
    """The text's words, each on a line: a letter of a script without spaces, or a mark, is one of its own."""
    return "".join(f"\n{word}" for word in _WORD.findall(fold(text))) + "\n"


def _seen(markup: regex.Match[str]) -> str:
    """What separates words in place of markup: nothing where it only dresses letters."""
    return "" if markup["name"] and markup["name"].lower() in _DRESS else " "


_QUOTES = '"“”„«»「」『』 \u200c\u200d'
_TYPED = {
    **dict.fromkeys(map(ord, "‘’‚ʼ"), "'"),
    **dict.fromkeys(map(ord, "“”„«»"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—−"), "-"),
    **dict.fromkeys([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]),
}
"""What people type in place of a site's typography; of a letter's variants the letter."""

_WORD = regex.compile(
    r"""
    [[\p{L}\p{N}\p{M}]--[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々〆]]+
    | \S
    """,
    regex.VERBOSE | regex.VERSION1,
)
_MARKUP = regex.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|noscript|template)\b.*?(?:</\1\s*>|\Z)|</?(?P<name>[a-z][a-z0-9]*)\b[^<>]*>|<[^<>]*>",
    regex.DOTALL | regex.IGNORECASE,
)
_DRESS = frozenset("a abbr b bdi bdo big cite em font i ins mark q s small span strong u wbr".split())  # noqa: SIM905
