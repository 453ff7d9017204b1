"""Who has the floor: whose a quotation is that only “he said” stands beside, or nothing at all. Pure.

Newsrooms name the speaker once and go on: in the sentence before the quotation, in the quotation before it, in the
paragraph before. Whoever is named last, as the subject of a sentence, has the floor; a word of saying with a subject
that is no name gives it to somebody unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import regex

from bot.cards.blocks import Block, Kind
from bot.cards.marks import Span, opens_with_mark, spans
from bot.cards.speaker import NOBODY, UNKNOWN, Attribution, Speaker, Subject
from bot.cards.together import several

_BACK = 2
"""How many blocks back whoever a pronoun stands for may have been named."""
_CARRIES = 220
"""Characters between two quotations of one speaker, or a subject and its quotation; what is longer tells of other things."""
_ENDS = ".!?:。！？：”»」"
_FULL_STOPS = ".!?。！？"
_TERM = 24
"""Characters of the longest term in quotation marks, and nothing more."""
_CLOSES_BOTH = regex.compile(r"[»”][.,]?\s?$")
"""One mark at a paragraph's end may close the quotation and the one inside it."""
_DENSE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Arabic}]")
_SPOKEN = frozenset({Kind.PARAGRAPH, Kind.ITEM})


class Floor:
    """The speakers of an article's quotations; asked for one block after the other, in their order."""

    def __init__(self, blocks: Sequence[Block], attribution: Attribution) -> None:
        self._blocks, self._attribution = blocks, attribution
        self._known: dict[int, tuple[list[Span], list[Speaker]]] = {}
        self._named: dict[int, list[Subject]] = {}

    def speakers(self, index: int) -> list[tuple[Span, Speaker]]:
        """The quotations of a block's text and who speaks them."""
        if index not in self._known:
            found = self._spans(index)
            self._known[index] = (found, self._assigned(index, found) if found else [])
        return list(zip(*self._known[index], strict=True))

    def _spans(self, index: int) -> list[Span]:
        """A block's quotations; one that is not closed, and that no mark goes on with in the next, ends before the
        first sentence in which somebody is said to say something.
        """
        text = self._blocks[index].text
        found = spans(text)
        following = self._blocks[index + 1].text if index + 1 < len(self._blocks) else ""
        if not found or found[-1].closed or opens_with_mark(following) or _CLOSES_BOTH.search(text):
            return found
        start = found.pop().start
        end = start + 1 + self._attribution.untold(text[start + 1 :])
        return [*found, Span(start, end, closed=False)] if end > start + _TERM else found

    def _assigned(self, index: int, found: Sequence[Span]) -> list[Speaker]:
        text = self._blocks[index].text
        speakers: list[Speaker] = []
        for number, span in enumerate(found):
            own = self._attribution.of(text, span) if _is_speech(text, span) else UNKNOWN
            if not own.name and not own.unknown:
                subjects = self._subjects(index, found)
                named = [(other.start, who) for other, who in zip(found, speakers, strict=False) if who.name]
                named += [(each.start, Speaker(each.name)) for each in subjects if each.start < span.start]
                holder = max(named, key=lambda each: each[0], default=(0, NOBODY))
                if own.pronoun or self._told(text, span):
                    own = holder[1] if holder[1].name else self._last(index, _BACK)
                    own = NOBODY if several(own.name) else own
                    told = text[holder[0] : span.start]
                    if subjects and self._attribution.names_another(self._attribution.last_sentence(told), own):
                        own = NOBODY  # two are named in the sentence before: either may be meant
                else:
                    before = found[number - 1] if number else None
                    own = self._left_open(index, span, before, subjects, speakers)
            speakers.append(own if own.name else NOBODY)
        return speakers

    def _subjects(self, index: int, found: Sequence[Span]) -> list[Subject]:
        """The subjects of a block that stand in no quotation, in order."""
        if index not in self._named:
            self._named[index] = _outside(self._attribution.subjects(self._blocks[index].text), found)
        return self._named[index]

    def _told(self, text: str, span: Span) -> bool:
        """Whether the quotation is a sentence of its own after one that says that he or she said something."""
        before = text[: span.start].rstrip()
        return before[-1:] in _FULL_STOPS and self._attribution.told(before)

    def _left_open(
        self, index: int, span: Span, before: Span | None, subjects: Sequence[Subject], speakers: Sequence[Speaker]
    ) -> Speaker:
        """Whose the quotation is when no word of saying stands beside it."""
        text = self._blocks[index].text
        apart = text[: span.start].rstrip()[-1:] in _ENDS
        since = before.end if before else 0
        said = [each for each in subjects if since <= each.start < span.start]
        if said:
            near = said[-1].said and apart and span.start - said[-1].start < _CARRIES
            same = bool(speakers) and said[-1].name == speakers[-1].name
            return Speaker(said[-1].name) if near and not same else speakers[-1] if same else NOBODY
        if before:
            between = text[before.end : span.start]
            goes_on = apart and len(between) < _CARRIES and self._attribution.goes_on(between, speakers[-1])
            return speakers[-1] if goes_on else NOBODY
        alone = span.start == 0 and span.end >= len(text) - 1
        return self._last(index, 1) if alone else NOBODY

    def _last(self, index: int, back: int) -> Speaker:
        """Who had the floor at the end of the blocks right before this one, not more than `back` of them."""
        for before in range(index - 1, max(-1, index - 1 - back), -1):
            if before in self._known and self._blocks[before].kind in _SPOKEN and (holder := self._holder(before)).name:
                return holder
        return NOBODY

    def _holder(self, index: int) -> Speaker:
        said = self.speakers(index)
        subjects = self._subjects(index, [span for span, _ in said])
        named = [(span.start, speaker) for span, speaker in said if speaker.name]
        named += [(subject.start, Speaker(subject.name)) for subject in subjects]
        return max(named, key=lambda each: each[0])[1] if named else NOBODY


def _is_speech(text: str, span: Span) -> bool:
    """Whether somebody may have said it: a word or two in marks without punctuation are a title or a distance."""
    said, after = span.inside(text), text[span.end : span.end + 2].strip()
    punctuated = said[-1:] in ",.!?…，。！？" or after[:1] in {",", "—", "–"}
    return len(said) > _TERM or punctuated or bool(_DENSE.search(said[:3]))


def _outside(subjects: Sequence[Subject], found: Sequence[Span]) -> list[Subject]:
    """The subjects that stand in no quotation, in order."""
    outside = (each for each in subjects if not any(span.start < each.start < span.end for span in found))
    return sorted(outside, key=lambda each: each.start)
