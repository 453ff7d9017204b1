"""The bot's own words for people, through gettext: catalogues stand under `bot/locale`, made by `make words`."""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "zh-CN", "de")
"""BCP 47 tags of the languages the bot speaks, as Discord writes them; the first needs no catalogue."""

NOTHING = frozenset(["none", "-", "nothing", "keine", "nichts", "无"])
"""What people write to clear an option, in the languages the bot speaks."""

_LOCALE = Path(__file__).with_name("locale")
_spoken: ContextVar[str] = ContextVar("spoken", default=LANGUAGES[0])


def _(text: str) -> str:
    """The text in the language spoken now."""
    return _catalogue(_spoken.get()).gettext(text) if text else ""  # gettext's "" is a catalogue's head


def ngettext(one: str, many: str, count: int) -> str:
    """The form for a count, in the language spoken now, with `{count}` filled in."""
    return _catalogue(_spoken.get()).ngettext(one, many, count).format(count=count)


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark a text for the catalogues; `_` translates it when it is said."""
    return text


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything inside in this language (one of LANGUAGES); tasks begun inside speak it too."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """The language spoken now (one of LANGUAGES)."""
    return _spoken.get()


def choose(*wishes: str) -> str:
    """The first of the wished languages that the bot speaks, by BCP 47 tags ("" for no wish); else English.

    >>> choose("", "zh-Hans-SG", "de")
    'zh-CN'
    """
    for wish in wishes:
        first = wish.replace("_", "-").partition("-")[0].lower()
        for language in LANGUAGES:
            if first and language.partition("-")[0] == first:
                return language
    return LANGUAGES[0]


def listed(items: Iterable[str]) -> str:
    """Some short texts on one line, with the comma of the language spoken."""
    return _(", ").join(items)


def correction(what: str, when: str) -> str:
    """The line under a card that was corrected; `when` may be "" where the site does not tell."""
    said = _("Corrected {when}: {what}") if when else _("Corrected: {what}")
    return said.format(when=when, what=what)


def not_shown(count: int) -> str:
    """The line under the newest card of several, the others of which were passed over; "" for none."""
    said = ngettext(
        "{count} more article was published meanwhile.", "{count} more articles were published meanwhile.", count
    )
    return said if count > 0 else ""


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("pullquote", _LOCALE, [language.replace("-", "_")], fallback=True)
