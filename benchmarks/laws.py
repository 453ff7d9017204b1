"""What must hold of any document's card: nothing is raised, every word is the article's own, every address is one."""

from __future__ import annotations

import html as entities
import json
import re
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

import regex
from bs4 import BeautifulSoup, Tag

from bot.cards import build
from bot.cards.markup import BREAKING, HIDDEN, JUNK, SKIPPED, without_shortcodes
from bot.cards.repair import repair
from bot.errors import SourceError
from bot.model import Article, Card
from bot.sources.document import article, load
from bot.text import ELLIPSIS, MAX_MARKS

Build = Callable[[Article], Card]

MOST_SOURCES = 5
_TAG = re.compile(r"<[^<>]*>")
_HALF_TAG = re.compile(r"<[^<>]*>|</?[A-Za-z]*")
_NOT_READ = re.compile(r"[\ud800-\udfff\x00]")
_IGNORED = regex.compile(r"[\s\p{C}\p{Z}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFFA0]+")
"""What a reader does not see; the project's own list is not asked, since it could be wrong."""
_MARKS = regex.compile(rf"(\p{{M}}{{{MAX_MARKS}}})\p{{M}}+")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a card; faults of one `kind` have one cause, as a rule."""

    kind: str
    what: str


@dataclass(frozen=True, slots=True)
class Made:
    """A document's article and card; neither when the document was honestly refused; `raised` when neither was it."""

    article: Article | None = None
    card: Card | None = None
    raised: Fault | None = None

    @property
    def refused(self) -> bool:
        """Whether the document was no post, and said so."""
        return self.card is None and self.raised is None


def attempt(document: bytes, make: Build = build) -> Made:
    """Reads the document and makes its card. Nothing may be raised but SourceError, by the reading of the JSON."""
    try:
        post = article(load(document).post)
    except SourceError:
        return Made()
    except Exception as error:  # noqa: BLE001 - whatever is raised here is what is looked for
        return Made(raised=_raised(error))
    try:
        return Made(post, make(post))
    except Exception as error:  # noqa: BLE001 - the same
        return Made(post, raised=_raised(error))


def faults(made: Made) -> Iterator[Fault]:
    """What is wrong with what was made."""
    if made.raised:
        yield made.raised
    if made.article and abs(made.article.id) >= 1 << 63:
        yield Fault("the article's id fits no database", str(made.article.id)[:300])
    if made.article and made.card:
        yield from _lost(made.card)
        yield from _invented(made.article, made.card)
        yield from _malformed(made.card)


def _lost(card: Card) -> Iterator[Fault]:
    """What the store does not give back as it got it."""
    try:
        known = Card.from_dict(json.loads(json.dumps(card.as_dict(), ensure_ascii=False).encode()))
    except ValueError as error:
        yield _raised(error)
    else:
        if known != card:
            yield Fault("lost in the store", repr(card)[:300])


def _raised(error: Exception) -> Fault:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/bot/" in frame.filename]
    place = f" in {Path(frames[-1].filename).name}, {frames[-1].name}" if frames else ""
    return Fault(f"{type(error).__name__}{place}", str(error)[:300])


def _invented(post: Article, card: Card) -> Iterator[Fault]:
    """Words of the card that the post does not show."""
    readings = _Readings(post)
    said = card.quote
    for name, text in (("lead", card.lead), ("quote", said.text if said else "")):
        for part in text.split(ELLIPSIS):
            if not readings.show(part):
                yield Fault(f"the {name} is not the article's", part.strip()[:300])
    for word in said.speaker.split() if said else ():
        if not readings.show(word.rstrip(",")):
            yield Fault("the speaker is not the article's", word)


class _Readings:
    """A post's text as several readers see it: broken markup is text to one and a tag to another.

    What none of them sees is nobody's. The cheap readings come first, the costly ones only where they are not enough.
    """

    def __init__(self, post: Article) -> None:
        self._sources = [
            without_shortcodes(_NOT_READ.sub("", html), instead="<hr>") for html in (post.html, post.excerpt)
        ]

    def show(self, part: str) -> bool:
        """Whether the part stands in the text, white space and what is invisible aside."""
        wanted = letters(part)
        return any(wanted in text for text in self._plain) or any(wanted in text for text in self._parsed)

    @cached_property
    def _plain(self) -> list[str]:
        return [letters(entities.unescape(tag.sub(" ", html))) for html in self._sources for tag in (_TAG, _HALF_TAG)]

    @cached_property
    def _parsed(self) -> list[str]:
        return [letters(text) for html in self._sources for text in _parsed(html)]


def _parsed(html: str) -> Iterator[str]:
    """All the text; then without what is no text, then without what is hidden, then without the boxes beside it.

    What stands before and after something that is left out is joined.
    """
    yield BeautifulSoup(html, "lxml").get_text()
    soup = BeautifulSoup(repair(html), "lxml")
    for left_out in (_no_text, _hidden, _reading, _beside):
        for element in soup.find_all(left_out):
            element.decompose()
        yield soup.get_text()


def _no_text(element: Tag) -> bool:
    return element.name in SKIPPED


def _reading(element: Tag) -> bool:
    return element.name == "rt"


def _hidden(element: Tag) -> bool:
    return element.has_attr("hidden") or bool(HIDDEN.search(str(element.get("style") or "")))


def _beside(element: Tag) -> bool:
    return element.name in BREAKING and bool(
        JUNK.search(" ".join((*element.get_attribute_list("class", ""), str(element.get("id") or ""))))
    )


def letters(text: str) -> str:
    """The text without white space and what is invisible, and with no more marks on a letter than a card keeps."""
    return _MARKS.sub(r"\1", _IGNORED.sub("", text))


def _malformed(card: Card) -> Iterator[Fault]:
    """What is no address, or no line, or too much."""
    if len(card.sources) > MOST_SOURCES:
        yield Fault("too many sources", str(len(card.sources)))
    if len(set(card.sources)) < len(card.sources):
        yield Fault("a source twice", repr(card.sources))
    quote_url = card.quote.url if card.quote else ""
    for name, url in (
        ("card", card.url),
        ("quote", quote_url),
        ("image", card.image.url if card.image else ""),
        *(("source", source.url) for source in card.sources),
    ):
        if url and not _web(url):
            yield Fault(f"the {name}'s address is none of the web", repr(url)[:300])
    lines = {"title": card.title, "lead": card.lead, "author": card.author, "category": card.category}
    lines |= {"quote": card.quote.text, "speaker": card.quote.speaker} if card.quote else {}
    lines |= {f"source {number}": source.name for number, source in enumerate(card.sources)}
    for name, text in lines.items():
        if text != " ".join(text.split()) or regex.search(r"\p{Cc}|\p{Cs}", text):
            yield Fault(f"the {name.split()[0]} is not one clean line", repr(text)[:300])
    if (card.quote and not card.quote.text) or not all(source.name for source in card.sources):
        yield Fault("an empty quote or source", repr((card.quote, card.sources))[:300])


def _web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (
        parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and not regex.search(r"[\s<>\"\p{Cc}\p{Cf}\p{Cs}]", url)
    )
