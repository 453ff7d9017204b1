"""The phrases around a quotation: the clauses beside it, and who, what and where in them. Pure."""

from __future__ import annotations

import regex

from bot.cards.marks import Span
from bot.cards.names import NAME

_AFTER, _BEFORE = 220, 280
SENTENCE_END = regex.compile(
    r"(?<=[.!?…][”\"’»)]?)\s+(?=[\p{Lu}“„«\"‘])(?<!\b(?:Mr|Mrs|Ms|Dr|St|Sen|Rep|Gov|Gen|Prof|Lt|Sgt|\p{Lu})\.\s)"
)
_INSERTION = regex.compile(r"\s[–—-]\s?([^–—“”«»\"]{5,90}?)\s?,?[–—-](?=[\s,.])|,\s([^,“”«»\"]{8,70})(?=,\s)")


_INDEFINITE = regex.compile(
    r"(?i:an?|one|another|une?|una|uno|um|uma)\s(?:.*\s)?\p{Lu}|(?!The|That|This|His|Her|Their|Its|Some|Many|Several|Other)\p{Lu}\p{L}+\s\p{Ll}"
    r"|(?i:eine?|een)\s.*\s(?:der|des|von|vom|van)\s\p{Lu}"
)


def insertions(said: str) -> list[str]:
    """What stands between dashes or commas inside a quotation, and may be the newsroom's."""
    return ["".join(found) for found in _INSERTION.findall(said[:_BEFORE])]


_CLAUSE = regex.compile(r"^(?:and|but|when|while|as|that|because|und|aber|et|mais|y|pero|ma)\s", regex.IGNORECASE)


def person(phrase: str) -> str:
    """Somebody without a name, in the text's words ("a spokesperson for the Port").

    "" for a bare or a definite noun, which stands for somebody told of elsewhere, for one that says nothing ("a
    spokesman"), and for more than a noun phrase.
    """
    whole = _INDEFINITE.match(phrase) and not _CLAUSE.match(phrase) and len(phrase) <= 70
    return phrase if whole else ""


_ROLE_BEGINS = regex.compile(
    r"(?:an?|the|his|her|their|its|one|former|chief|senior|head|co-\p{L}+|vice|deputy|\p{L}+(?:er|or|ist|ian|ent|ant|man|woman|chair)\b"
    r"|le|la|l’|un|une|el|una|uno|il|o|uma?|um|der|die|de|het|een|ein|eine)\b"
)
"""How a role begins; whatever else stands between commas after a name tells what happened, not who it is."""

_IN_PRINT = regex.compile(rf"^\s(?P<place>in\s(?:(?:the|The)\s)?(?:{NAME}))(?=[\s,:]|$)")


def place(tail: str | None) -> str:
    """Where it was written or said, when the text says so right after the word of saying ("argued in The …")."""
    match = _IN_PRINT.match(tail or "")
    return match["place"] if match else ""


def role(phrase: str | None) -> str:
    """What somebody is, in the text's words, where it is short and says that."""
    phrase = (phrase or "").strip()
    return phrase if len(phrase) <= 50 and _ROLE_BEGINS.match(phrase) else ""


def clause_after(text: str, span: Span) -> str:
    """What follows the quotation in its sentence; "" when the sentence ended with the quotation."""
    if not span.closed:
        return ""
    inside = span.inside(text)
    after = text[span.end : span.end + _AFTER]
    if inside.endswith((".", "。")) and not regex.match(r"\s*(?:[,—–-]|\p{Ll})", after):
        return ""
    return SENTENCE_END.split(after, maxsplit=1)[0]


def clause_before(text: str, end: int) -> str:
    """What stands before the quotation in its sentence."""
    return SENTENCE_END.split(text[max(0, end - _BEFORE) : end])[-1]
