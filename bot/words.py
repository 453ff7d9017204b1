"""The bot's own words for people, through gettext: catalogues, where there are any, stand under `bot/locale`."""

from __future__ import annotations

import gettext
from pathlib import Path

_ = gettext.translation("pullquote", Path(__file__).with_name("locale"), fallback=True).gettext
