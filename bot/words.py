"""The bot's own words for people, through gettext: catalogues, where there are any, stand under `bot/locale`."""

from __future__ import annotations

import gettext
from pathlib import Path

_ = gettext.translation("pullquote", Path(__file__).with_name("locale"), fallback=True).gettext


def correction(what: str, when: str) -> str:
    """The line under a card that was corrected; `when` may be "" where the site does not tell."""
    said = _("Corrected {when}: {what}") if when else _("Corrected: {what}")
    return said.format(when=when, what=what)
