"""The quote worth reading: every passage that could be one, and a score with reasons. Pure.

The evidence: where editors chose pull quotes, quotation marks, pronouns, short words and few digits told most of
what could be told (Bohn & Ling 2020); general summarizers were at chance. The editor's own pull quote comes first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise

import regex

from bot.cards.blocks import Block, Kind
from bot.cards.marks import Span, spans
from bot.cards.sentences import ends_like_a_sentence, shorten, weight, words
from bot.cards.speaker import NOBODY, Attribution, Speaker
from bot.model import Quote
from bot.text import ELLIPSIS

BAR = 0.2
"""Below this no quote is better than this one."""
LIMIT = 420
"""A quote longer than this, in `weight`, is cut at a sentence."""
_MOST = 400
"""Most passages that are looked at; a long feature has some eighty."""

_FIRST_PERSON = regex.compile(
    r"\b(?:I|we|you|my|our|us|me|your|ich|wir|uns|mich|mein\w*|unser\w*|je|j|nous|mon|ma|notre|nos|yo|nosotros|mi|nuestr[oa]s?|io"
    r"|noi|nostr[oaie]|eu|nós|minha|meu|nosso|nossa|ik|wij|ons|я|мы|мой|наш\w*|нас|мне|my|nas|mnie|jestem|nós|nossa)\b|我|我们|我們|咱|私|俺|우리|나는|저는"
    r"|نحن|كنا|أنا|אני|אנחנו",
    regex.IGNORECASE,
)
_DIGIT = regex.compile(r"\d")
_ADDRESS = regex.compile(r"https?://|www\.|@\w|#\w|pic\.twitter")
_SIGNATURE = regex.compile(r"^[—–―~-]{1,2}\s?(?P<who>[^—–]{2,80})$")
_TWEET_FOOT = regex.compile(r"^[—–-]\s?(?P<who>[^(]{1,60})\(@(?P<handle>\w{1,30})\)")
_BRACKETED = regex.compile(
    r"\s*[\[［【(（]\s*(?:Source|Quelle|Fuente|Fonte|Источник|来源|來源|原文|链接|via|Link|Read more|Translation|源)\s*[\]］】)）]\s*$",
    regex.IGNORECASE,
)
_OMITTED = regex.compile(r"^\s*(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.)\s*")
_NO_QUOTE = regex.compile(
    r"click here|sign up|subscribe|read more|all rights reserved|copyright|newsletter|cookie|download|follow us|watch below|©"
    r"|this article|originally published|advertisement|editor.s note|Weiterlesen|Lesen Sie|lire aussi|leer más|扫码|关注|转载|版权|欢迎",
    regex.IGNORECASE,
)
_WORD = regex.compile(r"\p{L}{4,}|[\u4e00-\u9fff]{2}")
_CASELESS = regex.compile(r"^[\s\"“„«‘(\[]*(?:\p{Lu}|\p{Lt}|\p{Lo}|\d|¿|¡|…)")
_QUESTION = regex.compile(r"[?？]$")
_DASH = regex.compile(r"^[—–―]\s?(?P<said>[\p{Lu}¿¡].{20,600}?)(?:,?\s[—–―]\s(?P<rest>.{3,120}))?$")
_UNPAIRED = {"“": "”", "„": "“", "«": "»", "「": "」", "『": "』"}
_TURN = regex.compile(r"^(?P<who>\p{Lu}[^:：.!?“”\"]{1,39})[:：]\s(?=\S)")
_COMMENT = regex.compile(r"^(?P<who>[@＠][^\s:：]{1,30})\s?[:：]\s?(?P<said>.+)$")
_QUOTED = regex.compile(r"^[“\"„«「『](?P<said>[^“”\"„«»「」]+)[”\"“»」』][.。]?$")


Last = Callable[[], Speaker]
"""Who spoke last before a paragraph; asked only where the paragraph leaves it open."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that could be the quote: where it stands (index of its block), what is known of it."""

    text: str
    kind: Kind
    block: int
    span: Span | None = None
    speaker: Speaker = NOBODY
    label: str = ""
    url: str = ""
    said: bool = False
    whole: bool = True


def choose(blocks: Sequence[Block], title: str, lead: str, language: str, attribution: Attribution) -> Quote | None:
    """The best quote of an article, or None where nothing is quotable."""
    found = list(candidates(blocks, attribution))
    if not found:
        return None
    total = max(1, len(blocks))
    topic = set(_WORD.findall(title.lower()))
    best, score = None, BAR
    for candidate in found:
        value = rate(candidate, candidate.block / total, topic, lead)
        if value > score:
            best, score = candidate, value
    return _quote(best, language) if best else None


def candidates(blocks: Sequence[Block], attribution: Attribution) -> Iterable[Candidate]:
    """Every passage between marks or in a box, in the article's order."""
    running = list(islice(_running(blocks, attribution), _MOST))
    yield from _boxes(blocks, attribution, running)
    yield from running
    yield from _headings(blocks)
    yield from _answers(blocks)


# --- in the running text


def _running(blocks: Sequence[Block], attribution: Attribution) -> Iterable[Candidate]:
    spoken: list[Candidate] = []
    for index, block in enumerate(blocks):
        if block.kind not in {Kind.PARAGRAPH, Kind.ITEM} or block.aside:
            continue
        for candidate in _in_paragraph(block, index, attribution, partial(_last, blocks, index, spoken, attribution)):
            spoken.append(candidate)
            yield candidate


def _last(blocks: Sequence[Block], index: int, spoken: Sequence[Candidate], attribution: Attribution) -> Speaker:
    """Who spoke by name in the two blocks before this one, and nobody else after; silence when there are several."""
    for before in range(index - 1, max(-1, index - 3), -1):
        named = [each.speaker for each in spoken[-20:] if each.block == before and each.speaker.name]
        if named:
            return named[-1]
        if subjects := set(attribution.subjects(blocks[before].text)):
            return Speaker(subjects.pop()) if len(subjects) == 1 else NOBODY
    return NOBODY


def _in_paragraph(block: Block, index: int, attribution: Attribution, last: Last) -> Iterable[Candidate]:
    text = block.text
    if (dash := _DASH.match(text)) and not spans(text):
        yield Candidate(dash["said"], block.kind, index, said=bool(dash["rest"]))
        return
    found = spans(text)
    previous, speaker = None, NOBODY
    for span in found:
        own = attribution.of(text, span)
        if own.name:
            speaker = own
        elif own.pronoun:
            speaker = _meant(text, span, attribution, last)
        elif previous is None or not _carries(text[previous.end : span.start], attribution):
            alone = len(found) == 1 and span.start == 0 and span.end >= len(text) - 1
            speaker = last() if alone else NOBODY
        yield _candidate(block, index, span, speaker, attribution)
        previous = span
    yield from _joined(block, index, found, attribution, last)


def _meant(text: str, span: Span, attribution: Attribution, last: Last) -> Speaker:
    """Whom a pronoun stands for: the one person who spoke by name before it; silence when there are several."""
    before = set(attribution.subjects(text[: span.start]))
    if len(before) == 1:
        return Speaker(before.pop())
    return NOBODY if before else last()


def _carries(between: str, attribution: Attribution) -> bool:
    """Whether the speaker of one quotation still speaks in the next: nobody else came between them."""
    return len(between) < 220 and len(set(attribution.subjects(between))) <= 1


def _candidate(block: Block, index: int, span: Span, speaker: Speaker, attribution: Attribution) -> Candidate:
    text = block.text
    inside = span.inside(text)
    url = next((link.url for link in block.links if link.start <= span.end and link.end >= span.start), "")
    before = text[: span.start].rstrip()
    starts = not before or before[-1] in ".!?:：，,。！？”»」—–" or bool(_CASELESS.match(inside))
    return Candidate(
        inside,
        block.kind,
        index,
        span,
        speaker,
        url=url,
        said=attribution.says(text, span),
        whole=starts and bool(_CASELESS.match(inside)),
    )


def _joined(
    block: Block, index: int, found: Sequence[Span], attribution: Attribution, last: Last
) -> Iterable[Candidate]:
    """“One half,” she said, “the other half.” as one quotation with an ellipsis."""
    text = block.text
    for first, second in pairwise(found):
        half, rest, gap = first.inside(text), second.inside(text), text[first.end : second.start]
        if (
            len(gap) > 120
            or not attribution.says(text, first)
            or words(half) < 2
            or not half.endswith((",", "，", "—", "–"))
        ):
            continue
        if words(half) < 12 or rest[:1].islower():
            speaker = attribution.of(text, first)
            speaker = _meant(text, first, attribution, last) if speaker.pronoun else speaker
            whole = bool(_CASELESS.match(half))
            yield Candidate(
                f"{half.rstrip(',，—– ')} {ELLIPSIS} {rest}", block.kind, index, None, speaker, said=True, whole=whole
            )


# --- in boxes and headings


def _boxes(blocks: Sequence[Block], attribution: Attribution, running: Sequence[Candidate]) -> Iterable[Candidate]:
    index = 0
    while index < len(blocks):
        box = blocks[index].box
        end = index + 1
        while box and end < len(blocks) and blocks[end].box == box:
            end += 1
        if box and len(comments := _comments(blocks, index, end)) > 1:
            yield from comments
        elif box and (candidate := _box(blocks, index, end, attribution)):
            yield _known(candidate, running)
        index = end


def _comments(blocks: Sequence[Block], start: int, end: int) -> list[Candidate]:
    """What readers wrote, gathered in one box, each line with its writer before a colon."""
    found = ((at, _COMMENT.match(blocks[at].text)) for at in range(start, end))
    return [
        Candidate(match["said"], Kind.QUOTATION, at, label=match["who"].strip(), said=True)
        for at, match in found
        if match
    ]


def _box(blocks: Sequence[Block], start: int, end: int, attribution: Attribution) -> Candidate | None:
    inner = list(blocks[start:end])
    kind = inner[0].kind
    label, url = inner[0].cite, inner[0].cite_url
    for at, block in enumerate(inner):
        if tweet := _TWEET_FOOT.match(block.text):
            kind, label, inner = Kind.EMBED, tweet["who"].strip(), inner[:at]
            break
        if at and (signature := _SIGNATURE.match(block.text)):
            label, inner = label or signature["who"].strip(), inner[:at]
            break
    inner = [block for block in inner if block.text]
    if not inner:
        return None
    source = next((link.url for block in inner for link in block.links if _BRACKETED.search(block.text)), "")
    text = _passage(inner)
    before = blocks[start - 1] if start else None
    speaker = NOBODY
    if not label and before is not None and before.kind in {Kind.PARAGRAPH, Kind.ITEM}:
        speaker = attribution.introduced(before.text)
        url = url or (before.links[-1].url if before.links and before.text.endswith((":", "：")) else "")
    if (marked := spans(text)) and not label and not speaker.name and len(marked) < 4:
        speaker = attribution.of(text, marked[0])
        if (
            marked[0].closed
            and marked[0].end - marked[0].start > 40
            and marked[0].start < 3
            and marked[0].end < len(text) - 1
        ):
            text = marked[0].inside(text)
    return Candidate(
        text, kind, start, None, speaker, label, source or url, said=True, whole=bool(_CASELESS.match(text))
    )


def _passage(inner: Sequence[Block]) -> str:
    """The first paragraph of a box; the ones after it while they are needed to make a passage."""
    text = ""
    for block in inner:
        marked = _BRACKETED.sub("", block.text)
        part = _OMITTED.sub("", marked).strip()
        if text and weight(text) + weight(part) > LIMIT:
            break
        left_out = f"{ELLIPSIS} " if text and part != marked.strip() else ""
        text = f"{text} {left_out}{part}".strip()
        if weight(text) > 60 or marked != block.text:  # the mark of its source ends a passage
            break
    whole = _QUOTED.match(text)
    return whole["said"].strip() if whole else text


def _known(candidate: Candidate, running: Sequence[Candidate]) -> Candidate:
    """A pull quote repeats the running text: what is known of its speaker there holds for it."""
    if candidate.speaker.name or candidate.label or candidate.kind is not Kind.PULL:
        return candidate
    opening = _letters(candidate.text)[:40]
    for other in running:
        if other.speaker.name and len(opening) > 15 and opening in _letters(other.text):
            return replace(candidate, speaker=other.speaker)
    return candidate


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def _headings(blocks: Sequence[Block]) -> Iterable[Candidate]:
    """A subheading that is a quotation as a whole: editors set highlights so."""
    for index, block in enumerate(blocks):
        if block.kind is Kind.HEADING and (quoted := _QUOTED.match(block.text)):
            yield Candidate(quoted["said"].strip(), block.kind, index, said=True)


def _answers(blocks: Sequence[Block]) -> Iterable[Candidate]:
    """An interview's answers, where each begins with the name of whoever answers."""
    turns: dict[str, list[tuple[int, str]]] = {}
    for index, block in enumerate(blocks):
        if block.kind is Kind.PARAGRAPH and block.strong and (turn := _TURN.match(block.text)):
            turns.setdefault(turn["who"], []).append((index, block.text[turn.end() :]))
    for who, said in turns.items():
        if len(said) < 2 or " " not in who or sum(text.endswith(("?", "？")) for _, text in said) * 2 > len(said):
            continue
        for index, text in said:
            whole = bool(_CASELESS.match(text))
            yield Candidate(text, Kind.PARAGRAPH, index, label=who, said=True, whole=whole)


# --- the score


def rate(candidate: Candidate, position: float, topic: set[str], lead: str) -> float:
    """How good a quote the passage makes; each term has its reason beside it."""
    text = candidate.text
    length = words(text)
    if length < 5 or weight(text) < 25 or _NO_QUOTE.search(text[:300]):
        return -9.0
    score = 0.0
    score += {Kind.PULL: 6.0, Kind.QUOTATION: 1.2, Kind.HEADING: 1.5, Kind.EMBED: -0.6, Kind.ITEM: -0.3}.get(
        candidate.kind, 0.0
    )
    score -= 0.8 * abs(math.log(min(length, 60.0) / 22))  # long enough to say something, short enough to read
    score += 0.9 if candidate.speaker.name or candidate.label else 0.0  # someone stands for it
    score += 0.5 if candidate.said else -0.6  # said, not merely set in marks
    score += 0.4 if candidate.whole else -0.9  # understandable alone
    score += 0.5 if ends_like_a_sentence(text) else 0.0
    score += 0.5 if _FIRST_PERSON.search(text) else 0.0  # people speak of themselves
    score -= 1.0 * position
    score -= min(0.8, 0.08 * len(_DIGIT.findall(text)))  # figures are for the lead
    score -= 1.5 if _ADDRESS.search(text) else 0.0
    score -= 0.7 if text[:40] in lead else 0.0  # the card has it already
    score -= 0.4 if _QUESTION.search(text) and length < 12 else 0.0
    score -= 1.2 if _titled(text) else 0.0
    found = set(_WORD.findall(text.lower()))
    score += min(0.6, 0.2 * len(found & topic))  # on the article's subject
    return score


def _titled(text: str) -> bool:
    """Whether it is written like the title of a work."""
    tokens = [token for token in text.split() if token[:1].isalpha()]
    return len(tokens) > 2 and sum(token[0].isupper() for token in tokens) > 0.75 * len(tokens)


def _quote(candidate: Candidate, language: str) -> Quote:
    text = _BRACKETED.sub("", candidate.text).strip()
    if text.endswith((",", "，")) and words(text) > 3:
        text = text[:-1]
    text = shorten(text, LIMIT, language)
    if (opener := text[:1]) in _UNPAIRED and _UNPAIRED[opener] not in text:
        text = text[1:].lstrip()
    return Quote(text, candidate.label.strip(" —–-―~") or str(candidate.speaker), candidate.url)
