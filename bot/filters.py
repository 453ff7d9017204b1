"""What a channel wants of a publication: terms that an article must, or must not, bear. Pure.

A term is `category:NAME`, `tag:NAME`, `author:NAME`, or words that stand in the article, one behind the other.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import Protocol, Self

from bot.errors import UsageError
from bot.words import _

MOST_TERMS, LONGEST_TERM = 50, 100
_TAG = re.compile(r"<[^<>]*>")


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
        """`kind:text`, or words; UsageError when nothing is left to look for."""
        head, colon, rest = text.strip().partition(":")
        kind = Kind(head.strip().casefold()) if colon and head.strip().casefold() in tuple(Kind) else Kind.WORDS
        words = " ".join((rest if colon and kind.value == head.strip().casefold() else text).split())
        if not fold(words) or len(words) > LONGEST_TERM:
            raise UsageError(
                _(
                    "{term} is no filter: write category:NAME, tag:NAME, author:NAME or words, up to 100 characters."
                ).format(term=text[:LONGEST_TERM])
            )
        return cls(kind, words)

    def __str__(self) -> str:
        return self.text if self.kind is Kind.WORDS and Term.parse(self.text) == self else f"{self.kind}:{self.text}"


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

    def verdict(self, article: Bearer) -> Verdict:
        """What these filters say of an article; exclusion wins."""
        bears = _Bearing(article)
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

    @classmethod
    def loads(cls, text: str) -> Self:
        """What `dumps` wrote."""
        include, exclude = json.loads(text) if text else ((), ())
        return cls(tuple(map(Term.parse, include)), tuple(map(Term.parse, exclude)))


def parse(text: str) -> tuple[Term, ...]:
    """Terms between commas; UsageError when one is none, or there are too many."""
    terms = tuple(dict.fromkeys(Term.parse(part) for part in re.split("[,，、]", text) if part.strip()))
    if len(terms) > MOST_TERMS:
        raise UsageError(_("A channel can have {most} terms here, not more.").format(most=MOST_TERMS))
    return terms


def fold(text: str) -> str:
    """The text as it is compared: without case, forms of one character, or more space than needed."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


class _Bearing:
    """Asks an article for terms; its text is made ready at the first question for words."""

    def __init__(self, article: Bearer) -> None:
        self._article = article
        self._text: str | None = None

    def __call__(self, term: Term) -> bool:
        article, wanted = self._article, fold(term.text)
        match term.kind:
            case Kind.CATEGORY:
                return wanted in map(fold, article.categories)
            case Kind.TAG:
                return wanted in map(fold, article.tags)
            case Kind.AUTHOR:
                return wanted == fold(article.author)
            case Kind.WORDS:
                return self._holds(wanted)

    def _holds(self, wanted: str) -> bool:
        """Whether the words stand in title or text: whole words, but where the script writes none apart."""
        if self._text is None:
            self._text = fold(f"{self._article.title} {unescape(_TAG.sub(' ', self._article.html))}")
        text, start = self._text, 0
        while (found := text.find(wanted, start)) >= 0:
            if _whole(text, found, found + len(wanted)):
                return True
            start = found + 1
        return False


def _whole(text: str, start: int, end: int) -> bool:
    """Whether a stretch begins and ends with words of the text."""
    return not (_joined(text[start - 1 : start], text[start]) or _joined(text[end - 1], text[end : end + 1]))


def _joined(left: str, right: str) -> bool:
    """Whether two characters belong to one word; scripts without spaces join none."""
    return bool(left and right) and all(one.isalnum() and not _unspaced(one) for one in (left, right))


def _unspaced(letter: str) -> bool:
    return (
        unicodedata.east_asian_width(letter) in {"W", "F"} and not "\uac00" <= letter <= "\ud7a3"
    ) or "\u0e00" <= letter <= "\u0eff"
