"""Sentences: where texts may be cut, and how long they are for a reader."""

from __future__ import annotations

import re

from sentencex import segment

from bot.text import ELLIPSIS, cut

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_END = re.compile(r"[.!?…。！？؟।][\"”’»›“』」)\]）*]*$")
_KNOWN = frozenset("en de fr es it pt nl pl ru uk ar zh ja ko he hi bn tr el sv id".split())


def weight(text: str) -> float:
    """The text's length in letters as an English reader would feel it: Chinese says it in 2.5 times fewer."""
    return len(text) + 1.5 * len(_CJK.findall(text))


def words(text: str) -> float:
    """How many words the text has, or would have in English."""
    cjk = len(_CJK.findall(text))
    return len(_CJK.sub(" ", text).split()) + cjk / 1.8 if cjk else float(len(text.split()))


def letters(text: str) -> str:
    """The text's letters and digits alone, small: the same for texts that differ in marks and spaces."""
    return "".join(filter(str.isalnum, text)).lower()


def ends_like_a_sentence(text: str) -> bool:
    """Whether the text ends in a full stop or its like, inside closing marks or before them."""
    return bool(_END.search(text))


def split(text: str, language: str) -> list[str]:
    """The text's sentences, which joined give the text again."""
    base = language.split("-")[0]
    return list(segment(base if base in _KNOWN else "en", text))


def shorten(text: str, limit: int, language: str) -> str:
    """The text within `limit` (in `weight`): whole sentences and "…", words where the first sentence is too long."""
    if weight(text) <= limit:
        return text
    kept = ""
    for sentence in split(text, language):
        if kept and weight(kept + sentence) > limit:
            break
        kept += sentence
    if kept == text:  # one sentence, a little longer
        return text if weight(text) <= limit * 1.3 else _cut(text, limit)
    if weight(kept) <= limit * 1.3:
        return f"{kept.rstrip()} {ELLIPSIS}" if not _CJK.search(kept[-3:]) else kept.rstrip() + ELLIPSIS
    return _cut(text, limit)


def _cut(text: str, limit: int) -> str:
    """The text within `limit` (in `weight`), cut at a word."""
    most = int(limit / (weight(text) / len(text)))
    while (shorter := cut(text, most)) and weight(shorter) > limit * 1.3 and most > 20:  # two scripts weigh unevenly
        most = most * 2 // 3
    return shorter
