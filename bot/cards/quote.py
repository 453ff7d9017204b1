"""The quote worth reading: of all passages that could be one, the best by a score with reasons. Pure.

The evidence: where editors chose pull quotes, quotation marks, pronouns, short words and few digits told most of
what could be told (Bohn & Ling 2020); general summarizers were at chance. The editor's own pull quote comes first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import regex

from bot.cards.blocks import Block, Kind
from bot.cards.passages import BRACKETED, LIMIT, Candidate, candidates
from bot.cards.sentences import ends_like_a_sentence, shorten, weight, words
from bot.cards.speaker import Attribution
from bot.model import Quote

BAR = 0.1
"""Below this no quote is better than this one."""

_FIRST_PERSON = regex.compile(
    r"\b(?:I|we|you|my|our|us|me|your|ich|wir|uns|mich|mein\w*|unser\w*|je|j|nous|mon|ma|notre|nos|yo|nosotros|mi|nuestr[oa]s?|io"
    r"|noi|nostr[oaie]|eu|nós|minha|meu|nosso|nossa|ik|wij|ons|я|мы|мой|наш\w*|нас|мне|my|nas|mnie|jestem|nós|nossa)\b|我|我们|我們|咱|私|俺|우리|나는|저는"
    r"|نحن|كنا|أنا|אני|אנחנו",
    regex.IGNORECASE,
)
_DIGIT = regex.compile(r"\d")
_ADDRESS = regex.compile(r"https?://|www\.|@\w|#\w|pic\.twitter")
_NO_QUOTE = (
    "click here|sign up|subscribe|read more|all rights reserved|copyright|newsletter|cookie|download|follow us|watch below|©"
    "|this article|originally published|advertisement|editor's note|editor’s note|weiterlesen|lesen sie|lire aussi|leer más"
    "|扫码|关注|转载|版权|欢迎"
).split("|")
_SUMMARY = regex.compile(
    r"^(?:summary|key (?:points?|takeaways?)|takeaways?|note|tip|pro tip|bottom line|in short|tl;?dr|fazit|tipp|hinweis|zusammenfassung|en résumé|à retenir|resumen|consejo"
    r"|nota|in sintesi|resumo|dica|итог|совет|podsumowanie|总结|小结|提示|まとめ|ポイント|요약)\b",
    regex.IGNORECASE,
)
"""A box that sums up or advises is the author's, set apart."""
_WORD = regex.compile(r"\p{L}{4,}|[\u4e00-\u9fff]{2}")
_LEANS = regex.compile(
    r"(?:it|that|this|these|those|they|he|she|so|but|and|or|because|which|them|also|das|dies\w*|er|sie|es|aber|und|denn|il|elle|ce|cela|mais|et|eso|esto"
    r"|pero|y|é|questo|ma|e|это|он|она|но|и|to|ale|więc)\b|这|那|他|她|它|但|而",
    regex.IGNORECASE,
)
"""A first word that leans on what was said before."""
_CRIED = regex.compile(r"[!！]|[?？؟]$")
"""An outcry or a question: mood, or what somebody else has yet to answer."""
_UNPAIRED = {"“": "”", "„": "“", "«": "»", "「": "」", "『": "』"}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The quote, and whether its link is to what printed it: then the outlet stands for it where nobody is named."""

    quote: Quote
    printed: bool


def choose(blocks: Sequence[Block], title: str, lead: str, language: str, attribution: Attribution) -> Chosen | None:
    """The best quote of an article, or None where nothing is quotable."""
    found = sorted(candidates(blocks, attribution, title), key=lambda candidate: candidate.block)
    if not found:
        return None
    total = max(1, len(blocks))
    topic = set(_WORD.findall(title.lower()))
    best, most = None, -math.inf
    for order, candidate in enumerate(found):
        value = rate(candidate, candidate.block / total, topic, lead)
        if value > BAR and (value := value - _disfavour(candidate, blocks[candidate.block].text, order)) > most:
            best, most = candidate, value
    return Chosen(_quote(best, language), best.printed) if best else None


def _disfavour(candidate: Candidate, around: str, order: int) -> float:
    """What speaks, among passages that are all good enough, for another one; `order` counts the passages before it.

    Weights fitted on marked posts, in the unit of `rate`: newsrooms put the best quote early, and editors prefer
    a sentence that comes to its point, stands alone and states something. `around` is the text it stands in.
    """
    brief = 0.8 if words(candidate.text) < 9 else 0.0
    torn = (0.0 if candidate.whole else 0.5) + (0.8 if _LEANS.match(candidate.text) else 0.0)
    cried = 1.2 if _CRIED.search(candidate.text) else 0.0
    shown = 0.4 if candidate.kind is Kind.QUOTATION or _goes_on(candidate, around) else 0.0
    return 0.6 * math.log1p(order) + 0.13 * candidate.text.count(",") + brief + torn + cried - shown


def _goes_on(candidate: Candidate, around: str) -> bool:
    """Whether the sentence goes on behind the quotation to say who spoke: the author shows it, the next elaborates it."""
    if candidate.span is None or not candidate.said:
        return False
    rest = around[candidate.span.end :].lstrip()[:1]
    return rest.islower() or (rest != "" and rest in ",，–—-")


# --- the score


def rate(candidate: Candidate, position: float, topic: set[str], lead: str) -> float:
    """How good a quote the passage makes; each term has its reason beside it."""
    text = candidate.text
    length = words(text)
    if length < 5 or weight(text) < 25 or _sums_up(candidate):
        return -9.0
    opening = text[:300].lower()
    if any(furniture in opening for furniture in _NO_QUOTE):
        return -9.0
    score = 0.0
    score += {Kind.PULL: 6.0, Kind.QUOTATION: 1.2, Kind.HEADING: 1.5, Kind.EMBED: -0.6, Kind.ITEM: -0.3}.get(
        candidate.kind, 0.0
    )
    score -= 0.8 * abs(math.log(min(length, 60.0) / 22))  # long enough to say something, short enough to read
    score += _standing(candidate)
    score += 0.5 if candidate.said else -0.6  # said, not merely set in marks
    score += 0.4 if candidate.whole else -0.9  # understandable alone
    score += 0.5 if ends_like_a_sentence(text) else 0.0
    score += 0.5 if _FIRST_PERSON.search(text) else 0.0  # people speak of themselves
    score -= 1.0 * position
    score -= min(0.8, 0.08 * len(_DIGIT.findall(text)))  # figures are for the lead
    score -= 1.5 if _ADDRESS.search(text) else 0.0
    score -= 0.7 if text[:40] in lead else 0.0  # the card has it already
    score -= 0.4 if text.endswith(("?", "？")) and length < 12 else 0.0
    score -= 1.2 if _titled(text) else 0.0
    found = set(_WORD.findall(text.lower()))
    score += min(0.9, 0.3 * len(found & topic))  # on the article's subject
    return score


def _standing(candidate: Candidate) -> float:
    """Who stands for it: somebody by name, somebody without one, nobody."""
    if candidate.label or (candidate.speaker.name and not candidate.speaker.name[0].islower()):
        return 0.9
    return 0.5 if candidate.speaker.name else 0.0


def _sums_up(candidate: Candidate) -> bool:
    """Whether it is a box that says of itself that it sums up or advises."""
    boxed = candidate.kind in {Kind.QUOTATION, Kind.PULL} and not candidate.label and not candidate.speaker.name
    return boxed and bool(_SUMMARY.match(candidate.text))


def _titled(text: str) -> bool:
    """Whether it is written like the title of a work."""
    tokens = [token for token in text.split() if token[:1].isalpha()]
    return len(tokens) > 2 and sum(token[0].isupper() for token in tokens) > 0.75 * len(tokens)


def _quote(candidate: Candidate, language: str) -> Quote:
    text = BRACKETED.sub("", candidate.text).strip()
    if text.endswith((",", "，")) and words(text) > 3:
        text = text[:-1].rstrip()
    text = shorten(text, LIMIT, language)
    if (opener := text[:1]) in _UNPAIRED and _UNPAIRED[opener] not in text:
        text = text[1:].lstrip()
    return Quote(text, candidate.label.strip(" —–-―~") or str(candidate.speaker), candidate.url)
