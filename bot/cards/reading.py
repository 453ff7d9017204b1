"""HTML → blocks. Tolerant, bounded, linear in its input; pure.

lxml's parser tells its events and no tree is built: a tree of objects costs ten times as much as the events it is
made of, and without one no depth of nesting can hurt.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, NamedTuple, cast

from lxml import etree

from bot.cards import markup
from bot.cards.blocks import Block, Body, Kind, Link, Picture
from bot.cards.repair import repair
from bot.text import clean

MAX_CHARACTERS = 400_000
"""Of one post's HTML: longer than any article known. What comes after is not read."""
MAX_EVENTS = 60_000
"""Tags and texts; real posts stay below 10,000. What comes after is not read."""
_CHUNK = 16_384
_OPEN_LINKS = 3
"""Links do not nest; of those that are never closed the last ones are kept."""
_MAX_LINKS = 200
_MAX_BLOCK = 20_000
"""Of one block's text: some themes set a whole article as one paragraph, none a book."""
_BOX_LENGTH = 1500
"""A box longer than this is no share bar and no caption, whatever its class says: themes wrap articles in anything."""

_SIGNS = re.compile(r"\s*[—–―~]\s?\w")
"""What begins a signature on a line of its own."""
_LINE_JOIN = re.compile(r"(?<=[\u2e80-\u9fff\uff00-\uffef])\n ?(?=[\u2e80-\u9fff\uff00-\uffef])")
_LOOSE_PARAGRAPH = re.compile(r"(?P<tag><[^<>]*>?)|\n[ \t\r]*\n\s*")
_SUSPECT = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u0300-\\u036f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u1ab0-\\u1aff\\u1dc0-\\u1dff"
    "\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u20d0-\\u20ff\\u3164\\ufe00-\\ufe2f\\ufeff\\uffa0\\uff00\\ufff0-\\uffff"
    "\\U0001d165-\\U0001d1ff\\U000e0000-\\U0010ffff\\u0483-\\u0489\\u0591-\\u05c7\\u0610-\\u061a\\u064b-\\u065f\\u0670]"
)
"""Whether a text may hold anything that is cleaned away: asked first, because most texts do not."""


def read(html: str) -> Body:
    """The blocks and pictures of a post's HTML, whatever state it is in; never raises."""
    text = html[:MAX_CHARACTERS].encode("utf-8", "ignore").decode().replace("\0", "")  # without lone surrogates
    text = repair(markup.without_shortcodes(text, instead="<hr>"))
    if "<p" not in text and "<br" not in text and "<div" not in text:
        text = _LOOSE_PARAGRAPH.sub(lambda match: match["tag"] or "<p>", text)
    reader = _Reader()
    parser = etree.HTMLParser(target=cast("Any", reader), huge_tree=True, remove_comments=True, remove_pis=True)
    for start in range(0, len(text), _CHUNK):
        parser.feed(text[start : start + _CHUNK])
        if reader.events > MAX_EVENTS:
            break
    if text:
        parser.close()
    return reader.body()


class _Place(NamedTuple):
    """Where in the document the parser stands, as far as it matters to the text there."""

    kind: Kind = Kind.PARAGRAPH
    box: int = 0
    doubt: int = 0
    aside: bool = False
    cite: bool = False
    strong: bool = False
    slanted: bool = False
    fixed: bool = False


@dataclass(slots=True)
class _Run:
    """The text of the block under way."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    space: bool = True
    strong: int = 0
    slanted: int = 0
    links: list[Link] = field(default_factory=list)


class _Reader:
    """The parser's events, gathered into blocks. `doubt` numbers the boxes that are only junk when they are short."""

    def __init__(self) -> None:
        self.events = 0
        self._blocks: list[tuple[Block, int]] = []
        self._pictures: list[Picture] = []
        self._places = [_Place()]
        self._place = self._places[0]
        self._run = _Run()
        self._anchors: list[tuple[str, int]] = []
        self._skipping = 0
        self._bracketed = False  # a ruby's reading is part of the text where the markup brings brackets for it
        self._breaks = 0
        self._numbers = count(1)
        self._doubts: dict[int, tuple[bool, int]] = {}
        self._cites: dict[int, tuple[str, str]] = {}
        self._renumbered: dict[int, int] = {}

    # what the parser calls

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.events += 1
        attributes = attributes or _NONE
        if self._skipping or tag in markup.SKIPPED or self._unseen(tag, attributes):
            if tag in markup.BOXES and not self._skipping:
                self._flush()
            self._skipping += 1
            return
        if tag in {"ruby", "rp"}:
            self._bracketed = tag == "rp"
        if tag == "br":
            self._break()
        elif tag in {"img", "amp-img"}:
            self._picture(attributes)
        elif tag in markup.BREAKING:
            self._flush()
        place = self._enter(tag, attributes) if self.events < MAX_EVENTS else self._place
        self._places.append(place)
        self._place = place
        if tag == "a":
            self._anchors.append((attributes.get("href") or "", self._run.length))
            del self._anchors[:-_OPEN_LINKS]

    def end(self, tag: str) -> None:
        self.events += 1
        if self._skipping:
            self._skipping -= 1
            return
        if tag == "a" and self._anchors:
            self._link(*self._anchors.pop())
        elif tag in markup.BREAKING or self._leaves():
            self._flush()
        if len(self._places) > 1:
            self._places.pop()
        self._place = self._places[-1]

    def _leaves(self) -> bool:
        """Whether the element that ends here was a quotation or its signature, and the one around it is not."""
        place, around = self._place, self._places[max(0, len(self._places) - 2)]
        return place is not around and (place.cite, place.box) != (around.cite, around.box)

    def data(self, text: str) -> None:
        self.events += 1
        run = self._run
        if self._skipping or self.events > MAX_EVENTS or (run.space and text.isspace()):
            return
        if self._breaks and self._place.box and _SIGNS.match(text):
            self._flush()
            run = self._run
        text = _single_spaced(text, begins=run.space)
        if text != " ":
            self._breaks = 0
        run.parts.append(text)
        run.length += len(text)
        run.space = text[-1] == " "
        if self._place.strong:
            run.strong += len(text)
        if self._place.slanted:
            run.slanted += len(text)

    def close(self) -> None:
        self._flush()

    def _unseen(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Whether a browser shows nothing of the element, or nothing that the text needs."""
        if tag == "rt":
            return not self._bracketed
        if tag in markup.BREAKING:  # a whole box may be opened by a script
            return False
        return "hidden" in attributes or bool(markup.HIDDEN.search(attributes.get("style") or ""))

    # the elements

    def _enter(self, tag: str, attributes: Mapping[str, str]) -> _Place:
        place = self._place
        if tag in markup.STRONG:
            return place if place.strong else place._replace(strong=True)
        if tag in markup.SLANTED:
            return place if place.slanted else place._replace(slanted=True)
        if tag == "cite":
            return self._cite(place)
        if tag == "q" and place.aside:  # a quotation beside the article repeats it for the eye
            self._flush()
            return self._boxed(place, Kind.PULL)
        if tag not in markup.BREAKING:
            return place
        classes, style = attributes.get("class") or "", attributes.get("style") or ""
        if "hidden" in attributes:
            style = "display:none"
        meaning = markup.meaning(classes)
        if place.box and place.kind is not Kind.EMBED:
            if tag in {"footer", "figcaption"} or (meaning.signed and (tag == "p" or self._said_something())):
                return self._cite(place)
        elif meaning.signed_after and not place.box and (box := self._box_before()):
            return place._replace(box=box, cite=True)
        place = self._block(tag, meaning, place)
        identity = attributes.get("id")
        if classes or identity or style:
            place = self._suspect(tag, markup.meaning(f"{classes} {identity}") if identity else meaning, style, place)
        return place

    def _cite(self, place: _Place) -> _Place:
        if not place.box:
            return place
        self._flush()
        return place._replace(cite=True)

    def _said_something(self) -> bool:
        """Whether the quotation under way has words already: what names who said them stands behind them."""
        return self._run.length > 0 or bool(self._blocks and self._blocks[-1][0].box == self._place.box)

    def _box_before(self) -> int:
        """The quotation that ended right here; else 0."""
        if self._run.length or not self._blocks:
            return 0
        before = self._blocks[-1][0]
        return before.box if before.kind in {Kind.PULL, Kind.QUOTATION} else 0

    def _block(self, tag: str, meaning: markup.Meaning, place: _Place) -> _Place:
        if meaning.pull:
            return self._boxed(place, Kind.PULL)
        if meaning.embed and tag != "p":
            return self._boxed(place, Kind.EMBED)
        if tag == "blockquote":
            return self._boxed(place, Kind.PULL if meaning.stylized else Kind.QUOTATION)
        if place.fixed:
            return place
        if tag == "aside":
            return place._replace(aside=True)
        kind = _KINDS.get(tag)
        if kind is None:
            return place
        return place._replace(kind=kind, fixed=kind is Kind.CAPTION)

    def _boxed(self, place: _Place, kind: Kind) -> _Place:
        if place.box and place.kind in {Kind.PULL, Kind.EMBED, kind}:
            return place
        return place._replace(kind=kind, box=place.box or next(self._numbers), fixed=True)

    def _suspect(self, tag: str, meaning: markup.Meaning, style: str, place: _Place) -> _Place:
        chosen = place.kind in {Kind.PULL, Kind.EMBED}
        if not place.doubt and ((style and markup.HIDDEN.search(style)) or (meaning.junk and not chosen)):
            return place._replace(doubt=self._doubt(junk=True))
        if chosen:
            return place
        if place.kind is not Kind.QUOTATION and meaning.caption:
            return place._replace(kind=Kind.CAPTION, fixed=True, doubt=place.doubt or self._doubt(junk=False))
        if tag in {"div", "section"} and meaning.aside:
            return place._replace(aside=True)
        return place

    def _doubt(self, *, junk: bool) -> int:
        number = next(self._numbers)
        self._doubts[number] = (junk, 0)
        return number

    # the text

    def _break(self) -> None:
        self._breaks += 1
        if self._breaks > 1:
            self._flush()
        elif self._run.length and not self._run.space:
            self._run.parts.append("\n")
            self._run.length += 1
            self._run.space = True

    def _link(self, url: str, start: int) -> None:
        run = self._run
        if url and start < run.length and len(run.links) < _MAX_LINKS:
            run.links.append(Link(url, start, run.length))

    def _picture(self, attributes: Mapping[str, str]) -> None:
        url = attributes.get("data-src") or attributes.get("data-lazy-src") or attributes.get("src") or ""
        if self._place.kind is not Kind.EMBED and len(self._pictures) < _MAX_LINKS:
            self._pictures.append(Picture(url, attributes.get("alt") or ""))

    def _flush(self) -> None:
        run, place = self._run, self._place
        self._breaks = 0
        if not run.length:
            return
        self._anchors = [(url, 0) for url, _ in self._anchors]
        self._run = _Run()
        text, links = _tidy("".join(run.parts)[:_MAX_BLOCK], run.links)
        if not text:
            return
        box = self._renumbered.get(place.box, place.box)
        if place.cite:
            url = links[0].url if links else ""
            before = self._cites.get(box, ("", ""))
            self._cites[box] = (f"{before[0]}, {text}".removeprefix(", "), before[1] or url)
            return
        if box in self._cites and any(block.box == box for block, _ in self._blocks[-3:]):
            box = self._renumbered[place.box] = next(self._numbers)  # a quotation ends with its signature
        if place.doubt:
            junk, length = self._doubts[place.doubt]
            self._doubts[place.doubt] = (junk, length + len(text))
        block = Block(
            place.kind,
            text,
            links,
            box,
            strong=run.strong,
            slanted=run.slanted,
            aside=place.aside,
        )
        self._blocks.append((block, place.doubt))

    def body(self) -> Body:
        """What was gathered, without the junk."""
        self._flush()
        blocks: list[Block] = []
        left_out = False
        for block, doubt in self._blocks:
            kept = self._kept(block, doubt)
            if kept is not None and blocks and _is_initial(blocks[-1], kept):
                blocks[-1] = _with_initial(blocks[-1].text, kept)
            elif kept is not None:
                blocks.append(replace(kept, gap=True) if left_out else kept)
            left_out = kept is None
        if sum(len(block.text) for block in blocks) * 2 < sum(len(block.text) for block, _ in self._blocks):
            blocks = [block for block, _ in self._blocks]  # what would take most of a post away is its frame
        return Body(tuple(blocks), tuple(self._pictures))

    def _kept(self, block: Block, doubt: int) -> Block | None:
        junk, length = self._doubts.get(doubt, (False, 0))
        if doubt and junk and length < _BOX_LENGTH:
            return None
        if doubt and not junk and block.kind is Kind.CAPTION and length >= _BOX_LENGTH:
            return replace(block, kind=Kind.PARAGRAPH)
        if block.box in self._cites:
            cite, url = self._cites[block.box]
            return replace(block, cite=cite, cite_url=url)
        return block


_KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), Kind.HEADING),
    **dict.fromkeys(("li", "dt", "dd", "summary"), Kind.ITEM),
    **dict.fromkeys(("td", "th"), Kind.CELL),
    **dict.fromkeys(("figure", "figcaption", "caption"), Kind.CAPTION),
    "pre": Kind.PREFORMATTED,
}


_INITIALS = frozenset("BCDFGHJLMNPQRTXБГДЖЗЛМНПРТФХЦЧШЩЭЮ")

_NONE: Mapping[str, str] = {}
"""No attributes; the parser's own empty mapping is slow to ask."""


def _is_initial(before: Block, block: Block) -> bool:
    """Whether a block is the first letter of the next, set large; letters that are words of their own are none."""
    return len(before.text) == 1 and before.text in _INITIALS and block.text[:1].islower()


def _with_initial(letter: str, block: Block) -> Block:
    links = tuple(Link(link.url, link.start + 1, link.end + 1) for link in block.links)
    return replace(block, text=letter + block.text, links=links)


def _single_spaced(text: str, *, begins: bool) -> str:
    """The text with single spaces in place of all white space; none before it where it `begins` a line or a word."""
    words = " ".join(text.split())
    before = "" if begins or not text[:1].isspace() else " "
    return f"{before}{words} " if words and text[-1].isspace() else before + words


def _tidy(raw: str, links: list[Link]) -> tuple[str, tuple[Link, ...]]:
    """The block's text cleaned, single-spaced, with its links where they then stand."""
    text = _words(raw)
    if text == raw.rstrip() or not links:
        return text, tuple(link for link in links if link.start < len(text))
    moved = (Link(link.url, len(_words(raw[: link.start] + "|")) - 1, len(_words(raw[: link.end]))) for link in links)
    return text, tuple(link for link in moved if link.start < link.end)


def _words(raw: str) -> str:
    if "\n" in raw:
        raw = _LINE_JOIN.sub("", raw).replace("\n", " ")
    return " ".join(clean(raw).split()) if _SUSPECT.search(raw) else raw.rstrip()
