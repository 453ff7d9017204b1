"""Every passage of an article that could be its quote: between marks, in a box, in a heading, in an answer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise

import regex

from bot.cards import interviews
from bot.cards.blocks import Block, Kind
from bot.cards.floor import Floor
from bot.cards.marks import Span, spans
from bot.cards.names import NAME
from bot.cards.sentences import ends_like_a_sentence, letters, weight, words
from bot.cards.speaker import NOBODY, Attribution, Speaker
from bot.text import ELLIPSIS

LIMIT = 420
"""A quote longer than this, in `weight`, is cut at a sentence."""
_MOST = 400
"""Most passages that are looked at; a long feature has some eighty."""

BRACKETED = regex.compile(
    r"\s*[\[［【(（]\s*(?:Source|Quelle|Fuente|Fonte|Источник|来源|來源|原文|链接|via|Link|Read more|Translation|源)\s*[\]］】)）]\s*$",
    regex.IGNORECASE,
)
"""The mark of a quoted passage's source at its end."""

_SIGNATURE = regex.compile(r"^[—–―~-]{1,2}\s?(?P<who>[^—–]{2,80})$")
_BUTTON = regex.compile(
    r"^\W{0,3}(?:read (?:more|on|next|also)|click to tweet|tweet (?:this|it)|share (?:this|on|it)|continue reading|photo credit|image credit|buy \w+|sign up|subscribe"
    r"|learn more|download|weiterlesen|mehr lesen|teilen|lire (?:la suite|aussi)|partager|leer más|compartir|leggi (?:tutto|anche)|leia mais|читать далее|czytaj (?:więcej|dalej)|阅读更多|点击)\b.{0,30}$",
    regex.IGNORECASE,
)
"""What a plugin sets under a quotation."""
_SIGNED = regex.compile(rf"{NAME}(?:,\s.{{2,60}})?")
_LONGEST_SIGNATURE = 80
_TWEET_FOOT = regex.compile(r"^[—–-]\s?(?P<who>[^(]{1,60})\(@(?P<handle>\w{1,30})\)")
_OMITTED = regex.compile(r"^\s*(?:\[\s*(?:…|\.\.\.)\s*\]|…|\.\.\.)\s*")
_CASELESS = regex.compile(r"^[\s\"“„«‘(\[]*(?:\p{Lu}|\p{Lt}|\p{Lo}|\d|¿|¡|…)")
_DASH = regex.compile(r"^[—–―-]\s?(?P<said>[\p{Lu}¿¡].{10,600}?)(?:,?\s?[—–―]\s?(?P<rest>\p{Ll}[^—–―]{3,160}).*)?$")
_COMMENT = regex.compile(r"^(?P<who>[@＠][^\s:：]{1,30})\s?[:：]\s?(?P<said>.+)$")
_QUOTED = regex.compile(r"^[“\"„«「『](?P<said>[^“”\"„«»「」]+)[”\"“»」』][.。]?$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that could be the quote: where it stands (index of its block), what is known of it.

    `printed` tells that `url` leads to what the passage was taken from.
    """

    text: str
    kind: Kind
    block: int
    span: Span | None = None
    speaker: Speaker = NOBODY
    label: str = ""
    url: str = ""
    said: bool = False
    whole: bool = True
    printed: bool = False


def candidates(blocks: Sequence[Block], attribution: Attribution, title: str = "") -> Iterable[Candidate]:
    """Every passage between marks, in a box or in an answer, each kind in the article's order."""
    talk = interviews.read(blocks, title, attribution)
    running = [each for each in islice(_running(blocks, attribution), _MOST) if each.block not in talk.asked]
    yield from _boxes(blocks, attribution, running)
    yield from running
    yield from _headings(blocks)
    for said in talk.answers:
        whole = bool(_CASELESS.match(said.text))
        yield Candidate(said.text, Kind.PARAGRAPH, said.block, label=said.who, said=True, whole=whole)


# --- in the running text


def _running(blocks: Sequence[Block], attribution: Attribution) -> Iterable[Candidate]:
    floor = Floor(blocks, attribution)
    for index, block in enumerate(blocks):
        if block.kind in {Kind.PARAGRAPH, Kind.ITEM} and not block.aside:
            yield from _in_paragraph(block, index, attribution, floor.speakers(index))


def _in_paragraph(
    block: Block, index: int, attribution: Attribution, said: Sequence[tuple[Span, Speaker]]
) -> Iterable[Candidate]:
    if not said and (dash := _DASH.match(block.text)):
        speech, speaker = (
            (dash["said"], attribution.clause(dash["rest"])) if dash["rest"] else attribution.parted(dash["said"])
        )
        told = bool(dash["rest"] or speaker.name)
        yield Candidate(speech.strip(), block.kind, index, None, speaker, said=told)
    for span, speaker in said:
        yield _candidate(block, index, span, speaker, attribution)
    for (first, speaker), (second, other) in pairwise(said):
        one = other.name in {"", speaker.name}
        if one and (joined := _joined(block.text, first, second, attribution)) is not None:
            whole = bool(_CASELESS.match(joined))
            yield Candidate(joined, block.kind, index, None, speaker, said=True, whole=whole)


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
        said=attribution.says(text, span) or before.endswith((":", "：")) or _alone(text, span),
        whole=starts and bool(_CASELESS.match(inside)),
    )


def _alone(text: str, span: Span) -> bool:
    """Whether the quotation is the whole paragraph, and long enough to be speech."""
    return span.start == 0 and span.end >= len(text) - 1 and words(text) > 12


def _joined(text: str, first: Span, second: Span, attribution: Attribution) -> str | None:
    """“One half,” she said, “the other half.” as one quotation with an ellipsis; None where they are two."""
    half, rest, gap = first.inside(text), second.inside(text), text[first.end : second.start]
    if len(gap) > 120 or words(half) < 2 or not half.endswith((",", "，", "—", "–")):
        return None
    if gap.rstrip()[-1:] in ".!?。！？" or (words(half) >= 12 and not rest[:1].islower()):
        return None
    if not attribution.says(text, first):
        return None
    return f"{half.rstrip(',，—– ')} {ELLIPSIS} {rest}"


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
    inner = [block for block in inner if block.text and not _BUTTON.match(block.text)]
    label = "" if _BUTTON.match(label) else label
    if not label and len(inner) > 1 and _signs(inner[-1], inner[-2]):
        label, inner = inner[-1].text, inner[:-1]
    if not inner:
        return None
    source = next((link.url for block in inner for link in block.links if BRACKETED.search(block.text)), "")
    text = _passage(inner)
    before = blocks[start - 1] if start else None
    speaker = NOBODY
    if not label and before is not None and before.kind in {Kind.PARAGRAPH, Kind.ITEM}:
        speaker = attribution.introduced(before.text)
        url = url or _introducing(before, speaker, attribution)
    if (marked := spans(text)) and not label and not speaker.name and len(marked) < 4:
        speaker = attribution.of(text, marked[0])
        if (
            marked[0].closed
            and marked[0].end - marked[0].start > 40
            and marked[0].start < 3
            and marked[0].end < len(text) - 1
        ):
            text = marked[0].inside(text)
    url, whole = source or url, bool(_CASELESS.match(text))
    return Candidate(text, kind, start, None, speaker, label, url, said=True, whole=whole, printed=bool(url))


def _introducing(before: Block, speaker: Speaker, attribution: Attribution) -> str:
    """The link in the sentence that introduces a box, where it ends in a colon; "" where somebody else may be meant."""
    last = attribution.last_sentence(before.text)
    links = [link.url for link in before.links if link.start >= len(before.text.rstrip()) - len(last)]
    certain = before.text.endswith((":", "：")) and (speaker.name or not attribution.names_another(last, speaker))
    return links[-1] if links and certain else ""


def _signs(last: Block, before: Block) -> bool:
    """Whether the last line of a box names who said what stands before it: short, a name first, no sentence."""
    if len(last.text) > _LONGEST_SIGNATURE or not ends_like_a_sentence(before.text):
        return False
    return bool(_SIGNED.fullmatch(last.text)) and words(before.text) > 4


def _passage(inner: Sequence[Block]) -> str:
    """The first paragraph of a box; the ones after it while they are needed to make a passage."""
    text = ""
    for block in inner:
        marked = BRACKETED.sub("", block.text)
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
    opening = letters(candidate.text)[:40]
    for other in running:
        if other.speaker.name and len(opening) > 15 and opening in letters(other.text):
            return replace(candidate, speaker=other.speaker)
    return candidate


def _headings(blocks: Sequence[Block]) -> Iterable[Candidate]:
    """A subheading, or a paragraph set like one, that is a quotation as a whole: editors set highlights so."""
    for index, block in enumerate(blocks):
        set_apart = block.kind is Kind.HEADING or (
            block.kind is Kind.PARAGRAPH and block.strong > 0.9 * len(block.text)
        )
        if set_apart and (quoted := _QUOTED.match(block.text)):
            yield Candidate(quoted["said"].strip(), Kind.HEADING, index, said=True)
