"""Who speaks with whom: two names that an “and” joins speak both, and neither of them alone. Pure."""

from __future__ import annotations

from functools import lru_cache

import regex

from bot.cards.cues import NO_NAMES
from bot.cards.names import NAME, TITLES, TOKEN

_AND = {
    "en": "and|&",
    "de": "und|sowie",
    "fr": "et",
    "es": "y|e",
    "it": "e|ed",
    "pt": "e",
    "ru": "и",
    "pl": "i|oraz",
    "nl": "en",
}
_SEVERAL = regex.compile(rf"\s(?:{'|'.join(_AND.values())})\s")
_THEIRS = r"(?:his|her|their|sein\w*|ihr\w*|son|sa|ses|sus?|il\ssuo|la\ssua|i\ssuoi|le\ssue|seus?|suas?|o\sseu|a\ssua|его|её|ее|jego|jej)\s\p{L}+"
_KIN = r"(?:o|a|il|la|el|le)\s(?:marido|mulher|esposa|filh[oa]|irmão|irmã|marito|moglie|figli[oa]|fratello|sorella|herman[oa]|hij[oa]|esposo|mujer)"
_STOPS = r"(?=[,.;:!?)]|\s?$|\s(?:in|on|at|of|from|after|during|on|am|im|auf|von|nach|dans|en|de|sur|lors|em|na|no|nel|nella|durante|в|на|из|w|z|po)\s)"
"""What stands behind the last of those who speak."""
_OFFICE = r"(?:(?:the|his|her|their|der|die|sein\w*|ihr\w*|le|la|son|sa|el|su|il|o|a)\s(?:[\p{Ll}’'\-]+\s){0,3}|l['’](?:[\p{Ll}’'\-]+\s){1,3})"
"""What stands before a second name that has its own office."""
_PLAIN = r"(?:former|then|acting|deputy|chief|fellow)\s(?:[\p{Ll}’'\-]+\s)?"
_OF = r"(?:of|from|vom|von|der|de|du|del|della|di|do|da)"
_NEAR = 120


@lru_cache(maxsize=16)
def _patterns(language: str) -> tuple[regex.Pattern[str], ...]:
    """Whether an “and” stands before a name; who is joined by it; who after it; and who else, farther off."""
    joined = rf"(?:{_AND.get(language, 'and')})"
    small = r"(?:[\p{Ll}’'\-]+\s){0,4}"
    office = r"(?:[\p{Ll}\-]+\s){1,3}" if language in {"ru", "pl"} else _OFFICE
    farther = (
        rf"\s{joined}\s(?:{_THEIRS}|{NAME})(?=\s)",
        rf"\s{joined}\s{office}(?:{TOKEN}\s{TOKEN}|{NAME}(?=[,.;:]|\s?$))",
        rf"\s{joined}\s(?:{_PLAIN}){{1,3}}{TOKEN}\s{TOKEN}(?=[,.;:]|\s?$)",
        rf"(?:,\s{NAME})+,?\s{joined}\s{NAME}(?=[,.;:]|\s?$)",
        rf",\s[^,.;:]{{2,80}},\s{joined}\s{small}{NAME}(?=[,.;:]|\s?$)",
        rf"\s{_OF}\s[^,.;:]{{2,60}}\s{joined}\s{NAME}\s{_OF}\s",
    )
    return (
        regex.compile(rf"(?r)\s{joined}\s{small}$"),
        regex.compile(rf"(?P<first>{NAME})(?P<apart>,[^,]{{2,60}},|,)?\s{joined}\s(?P<office>{small})$"),
        regex.compile(rf"\s{joined}\s(?P<second>{_THEIRS}|{_KIN}|{NAME}){_STOPS}"),
        regex.compile("|".join(farther)),
    )


def all_of(text: str, start: int, end: int, language: str) -> str:
    """The name between `start` and `end` with whoever an “and” joins to it; "" where the text leaves open who speaks."""
    joins, before, after, farther = _patterns(language)
    head, tail = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    if (
        joins.search(head)
        and (match := before.search(head))
        and not _opening(match["first"])
        and not _title(match["first"])
    ):
        opens = not head[: match.start()].strip() or head[: match.start()].rstrip()[-1:] in ",;:—–"
        first = head[match.start("first") :] if opens and not match["apart"] and not match["office"] else ""
        return _without_opening(first) + text[start:end] if first else ""
    if tail[:1] not in {" ", ","}:
        return text[start:end]
    if _title(text[start:end]) and farther.match(tail):
        return ""  # two offices of one, whose name is not here
    if match := after.match(tail):
        return text[start:end] + tail[: match.end("second")]
    return "" if farther.match(tail) else text[start:end]


def _opening(phrase: str) -> bool:
    """Whether no more stands there than what opens a sentence."""
    return all(token.lower() in NO_NAMES for token in phrase.split())


def _title(phrase: str) -> bool:
    """Whether it is one of somebody's two offices (“CEO and president …”)."""
    last = phrase.split()[-1]
    return last.lower() in TITLES or (last.isupper() and len(last) <= 4)


def _without_opening(phrase: str) -> str:
    """A phrase without the words that only open its sentence (“But …”)."""
    first, _, rest = phrase.partition(" ")
    return _without_opening(rest) if first.lower() in NO_NAMES and rest else phrase


def several(name: str) -> bool:
    """Whether it names more than one, so that no “she said” can stand for it."""
    return bool(_SEVERAL.search(name))
