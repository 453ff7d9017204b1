"""HTML that lost its opening tags gets them back, as far as its closing tags still tell. Pure and linear."""

from __future__ import annotations

import re
from collections import Counter

_TAG = re.compile(r"<(/?)(p|blockquote|h[1-6]|li|ul|ol|div|figure|figcaption|pre|table)\b[^<>]*>", re.IGNORECASE)
_COUNTED = re.compile(r"</?(?:p|blockquote|li|h[23])", re.IGNORECASE)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "figcaption", "pre"})
_INTRODUCES = re.compile(r"[:：]\s*$")
_ANY_TAG = re.compile(r"<[^<>]*>|&nbsp;|&#160;|\s+")
_TWEET = re.compile(r"\(@\w{1,30}\)|pic\.twitter\.com/")
_REACH = 12
"""Paragraphs that a quotation without its opening tag may go back; quotations are seldom longer."""


def repair(html: str) -> str:
    """The HTML with an opening tag for each closing tag that lost its own; the very same text where none did.

    A paragraph begins where the one before it ended. A block quote begins after the last paragraph that ends
    in a colon, else it is the last paragraph alone.
    """
    found = Counter(map(str.lower, _COUNTED.findall(html)))
    if all(found[f"</{tag}"] <= found[f"<{tag}"] for tag in ("p", "blockquote", "li", "h2", "h3")):
        return html
    return _Mending(html).done()


class _Mending:
    def __init__(self, html: str) -> None:
        self._html = html
        self._out: list[str] = []
        self._open: list[str] = []
        self._start = 0  # where in `_out` the paragraph under way began
        self._loose: list[int] = []  # where the paragraphs began that may belong to a quotation still without a start

    def done(self) -> str:
        end = 0
        for match in _TAG.finditer(self._html):
            self._out.append(self._html[end : match.start()])
            end = match.end()
            (self._closing if match[1] else self._opening)(match[0], match[2].lower())
        self._out.append(self._html[end:])
        return "".join(self._out)

    def _opening(self, tag: str, name: str) -> None:
        self._out.append(tag)
        self._open.append(name)
        self._start = len(self._out)
        if name not in _PARAGRAPHS:
            self._loose.clear()

    def _closing(self, tag: str, name: str) -> None:
        if name in self._open[-_REACH:]:
            while self._open.pop() != name:
                pass
            self._out.append(tag)
            self._loose = [*self._loose, self._start] if name in _PARAGRAPHS else []
        elif name in _PARAGRAPHS:
            self._prefix(self._start, f"<{name}>")
            self._out.append(tag)
            self._loose.append(self._start)
        elif name == "blockquote":
            self._quotation(tag)
        self._start = len(self._out)

    def _prefix(self, index: int, tag: str) -> None:
        if index == len(self._out):
            self._out.append("")
        self._out[index] = tag + self._out[index]

    def _quotation(self, tag: str) -> None:
        first = len(self._loose) - 1
        for index in range(len(self._loose) - 1, max(-1, len(self._loose) - 1 - _REACH), -1):
            if index and _INTRODUCES.search(self._words(index - 1)):
                first = index
                break
        if first >= 0:
            start = self._loose[first]
            kind = ' class="twitter-tweet"' if _TWEET.search("".join(self._out[start:])) else ""
            self._prefix(start, f"<blockquote{kind}>")
            self._out.append(tag)
        self._loose.clear()

    def _words(self, index: int) -> str:
        start = self._loose[index]
        end = self._loose[index + 1] if index + 1 < len(self._loose) else len(self._out)
        return _ANY_TAG.sub(" ", "".join(self._out[start:end])[-400:])
