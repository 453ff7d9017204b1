"""Quotation marks of all scripts: where in a text a quotation stands. Pure and linear."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

_PAIRS = {
    "“": "”",
    "”": "”",  # Finnish and Swedish, and whoever types fast
    "„": "“”‟",
    "‟": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "「": "」",
    "『": "』",
    "﹁": "﹂",
    "〝": "〞〟",
    '"': '"',
    "＂": "＂",
    "‘": "’",
    "‚": "‘’",
}
_OPENING = re.compile("[" + "".join(_PAIRS) + "]")
_CLOSED = {opener: re.compile(f"[{re.escape(opener + closers)}]") for opener, closers in _PAIRS.items()}
_REACH = 1500
"""Longest quotation in the running text, in characters; real ones stay below 900."""
_MOST = 80
"""Most marks that are looked at in one block."""
_NESTED = 16
"""Most marks that are looked at for the one that closes."""
_HANGUL_OR_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LIKE = frozenset('“„"')
"""Marks that do not stand inside each other: a second one tells that the first was not closed."""
_NEW_SENTENCE = frozenset({". ", "! ", "? ", ": "})
"""Before a mark that looks the same both ways, these tell that it opens a quotation."""
_STOPS = frozenset(".,!?…’'")
_SINGLE = frozenset("‘‚")
_ALIKE = frozenset('"＂”')
"""Marks that open and close."""


@dataclass(frozen=True, slots=True)
class Span:
    """A quotation in a text: the marks stand at `start` and `end - 1`; one that never closes ends with the text."""

    start: int
    end: int
    closed: bool = True

    def inside(self, text: str) -> str:
        """The quoted words."""
        return text[self.start + 1 : self.end - 1 if self.closed else self.end].strip()


def spans(text: str) -> list[Span]:
    """The outermost quotations of a text, in order.

    One that stays open is given when it begins a sentence and no other follows it: else nobody knows where it ends.
    """
    found: list[Span] = []
    left_open: list[Span] = []
    at = 0
    for _ in range(_MOST):
        match = _OPENING.search(text, at)
        if match is None:
            break
        start = match.start()
        at = start + 1
        if not _opens(text, start):
            continue
        end = _closing(text, start) or _mixed(text, start)
        if end:
            found.append(Span(start, end))
            at = end
        elif text[start] not in _SINGLE and len(text) - start > 40 and _begins(text, start):
            left_open.append(Span(start, len(text), closed=False))
    return _with_open(text, found, left_open)


def _with_open(text: str, found: list[Span], left_open: list[Span]) -> list[Span]:
    """The quotations with the first that is left open, where no other begins a sentence after it."""
    for span in left_open[:1]:
        after = [each for each in found if each.start > span.start]
        if not any(text[span.start] in _LIKE and _begins(text, each.start) for each in after):
            return [*(each for each in found if each.start < span.start), span]
    return found


def opens_with_mark(text: str) -> bool:
    """Whether the text begins with a quotation mark, as a quotation does that goes on from the paragraph before."""
    return text[:1] in _PAIRS


def _opens(text: str, at: int) -> bool:
    mark, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if not after or (mark in '"”»‘‚' and after.isspace()):
        return False
    if mark in '"”‘‚»':
        return not before or not (before.isalnum() or before in ".,!?…)")
    return True


def _closing(text: str, start: int) -> int:
    """Where the quotation that begins at `start` has ended; 0 when it does not close within reach."""
    opener, depth = text[start], 1
    window = text[start + 1 : start + 1 + _REACH]
    for match in islice(_CLOSED[opener].finditer(window), _NESTED):
        mark, at = match[0], start + 1 + match.start()
        if mark == opener and opener not in _ALIKE and not (opener == "„" and mark == "“"):
            if opener == "“" and _looks_closing(text, at):
                return at + 1
            depth += opener != "»"
            continue
        if opener in _SINGLE and not _ends_single(text, at):
            continue
        if opener in _ALIKE and not _looks_closing(text, at) and not _closes_late(text, at):
            if text[at - 2 : at] in _NEW_SENTENCE and text[at + 1 : at + 2].isalnum():
                return 0
            continue
        depth -= 1
        if depth <= 0:
            return at + 1
    return 0


_MIXED = {'"': "”", "“": '"', "„": '"'}


def _mixed(text: str, start: int) -> int:
    """Where a quotation ends whose two marks are of different sorts, as typing leaves them; 0 when it does not."""
    closer = _MIXED.get(text[start])
    if closer is None:
        return 0
    end = text.find(closer, start + 1, start + 1 + _REACH)
    return end + 1 if end > 0 and _looks_closing(text, end) else 0


def _looks_closing(text: str, at: int) -> bool:
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    latin = after.isalnum() and not _HANGUL_OR_HAN.match(after)  # a particle follows the mark without a space
    return not before.isspace() and before not in "([—" and not latin


def _closes_late(text: str, at: int) -> bool:
    """Whether a mark that stands alone closes a quotation, with a blank typed before it."""
    return text[at - 1 : at].isspace() and text[at - 2 : at - 1] in _STOPS and text[at + 1 : at + 2].isspace()


def _ends_single(text: str, at: int) -> bool:
    """Whether a single mark ends a quotation: apostrophes look alike, but no punctuation stands before them."""
    return text[at - 1] in ".,!?…;:" and not text[at + 1 : at + 2].isalnum()


def _begins(text: str, start: int) -> bool:
    return not text[:start].strip() or text[:start].rstrip()[-1] in ":：,，.。”»」"
