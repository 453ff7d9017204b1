"""One page that shows a card as the platforms draw it. Opens by itself: nothing is fetched but the cards' pictures."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bot.model import Card, Style
from bot.ports import Adapter, Fragment
from bot.words import _, spoken

CSS = Path(__file__).with_name("page.css").read_text("utf-8")
WITHDRAWN = "withdrawn"
"""What the part of a page with the struck card is called; the others have their style's name."""


def page(card: Card, parts: Sequence[str], adapters: Mapping[str, type[Adapter]], script: str = "") -> str:
    """The page: for each part, a style or WITHDRAWN, the card as each adapter draws what it would send.

    `script` is put into the page and runs there; nothing else in it can.
    """
    drawn = {part: {name: _draw(adapter, card, part) for name, adapter in adapters.items()} for part in parts}
    sections = "".join(_section(part, fragments, card.language) for part, fragments in drawn.items())
    sheets = dict.fromkeys(fragment.css for fragments in drawn.values() for fragment in fragments.values())
    script = script.replace("</script", r"<\/script")
    return f"""<!doctype html>
<html lang="{spoken()}">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{html.escape(_policy(script))}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width">
<title>{html.escape(_("Preview of a card"))}</title>
<style>
{"".join([CSS, *sheets])}</style>
{sections}{f"<script>{script}</script>" if script else ""}
</html>"""


def _draw(adapter: type[Adapter], card: Card, part: str) -> Fragment:
    if part == WITHDRAWN:
        return adapter.page(adapter.render(card, Style.CARD, struck=True))
    return adapter.page(adapter.render(card, Style(part)))


def _section(part: str, fragments: Mapping[str, Fragment], language: str) -> str:
    lang = f' lang="{html.escape(language)}"' if language else ""
    figures = "".join(_figure(name, fragment, lang) for name, fragment in fragments.items())
    return f'<section id="{part}">\n<h1>{html.escape(part)}</h1>\n{figures}</section>\n'


def _figure(name: str, fragment: Fragment, lang: str) -> str:
    title = html.escape(name.title())
    return f"<figure>\n<figcaption>{title}</figcaption>\n<div{lang}>{fragment.html}</div>\n</figure>\n"


def _policy(script: str) -> str:
    """What the page may do: show pictures, and run the one script that was asked for."""
    allowed = ["default-src 'none'", "img-src http: https: data:", "style-src 'unsafe-inline'", *_scripts(script)]
    return "; ".join([*allowed, "base-uri 'none'", "form-action 'none'"])


def _scripts(script: str) -> Iterable[str]:
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        yield f"script-src 'sha256-{digest}'"
