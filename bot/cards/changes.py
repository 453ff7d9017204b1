"""What changed between two cards of one article, in a short honest line. Pure."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher

from bot.model import Card, Quote
from bot.words import _, listed

_COMPARED = 600
"""Letters of a quotation that are compared: over hostile text the comparison takes quadratic time and more."""


def describe(old: Card, new: Card) -> str:
    """What a reader of the old card has to know ("headline changed, quote corrected"); "" when nothing to see changed."""
    said = [
        _("headline changed") if old.title != new.title else "",
        _text(old.lead, new.lead),
        _quote(old.quote, new.quote),
        _("sources changed") if old.sources != new.sources else "",
        _("picture changed") if old.image != new.image else "",
        _("address changed") if old.url != new.url else "",
    ]
    told = [words for words in said if words]
    if not told and old.revision != new.revision:
        told = [_("details changed")]
    return listed(told)


def _text(old: str, new: str) -> str:
    if old == new:
        return ""
    if not old or not new:
        return _("opening added") if new else _("opening removed")
    return _("punctuation corrected") if _letters(old) == _letters(new) else _("opening corrected")


def _quote(old: Quote | None, new: Quote | None) -> str:
    if old == new:
        return ""
    if old is None or new is None:
        return _("quote added") if new else _("quote removed")
    if old.text == new.text:
        return _("speaker corrected") if old.speaker != new.speaker else _("quote's link changed")
    return _("quote corrected") if _alike(old.text, new.text) else _("another quote")


def _letters(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _alike(old: str, new: str) -> bool:
    """Whether the two are one quotation, mended: most of their letters are the same."""
    return SequenceMatcher(None, _letters(old)[:_COMPARED], _letters(new)[:_COMPARED], autojunk=False).ratio() > 0.6
