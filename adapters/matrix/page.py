"""An event as Element would draw it: its own HTML, in a frame like Element's. Pure."""

from __future__ import annotations

import html
import re
from pathlib import Path

from bot.model import Payload
from bot.ports import Fragment

CSS = Path(__file__).with_name("page.css").read_text("utf-8")

_WHOLE = re.compile(r"(<a\b.*?</a>|<[^>]*>)", re.DOTALL)
"""What of our HTML a client looks for no addresses in."""
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,:;!?)\]}'’”»]")


def page(payload: Payload) -> Fragment:
    """The `formatted_body`, which `adapters.matrix` escaped, or the plain body; which way it runs its letters say."""
    kind = "matrix-body matrix-notice" if payload["msgtype"] == "m.notice" else "matrix-body"
    if "formatted_body" in payload:
        inner = "".join(
            part if number % 2 else _linked(html.unescape(part))
            for number, part in enumerate(_WHOLE.split(payload["formatted_body"]))
        )
    else:
        inner = "<br>".join(map(_linked, payload["body"].split("\n")))
    body = f'<div class="{kind}" dir="auto">{inner}</div>'
    return Fragment(f'<div class="matrix-event"><div class="matrix-sender">Pullquote</div>{body}</div>', CSS)


def _linked(text: str) -> str:
    """The text as HTML; an address in it is a link, as clients make it one."""
    drawn, end = [], 0
    for match in _ADDRESS.finditer(text):
        url = html.escape(match[0])
        drawn += [html.escape(text[end : match.start()]), f'<a href="{url}">{url}</a>']
        end = match.end()
    return "".join(drawn) + html.escape(text[end:])
