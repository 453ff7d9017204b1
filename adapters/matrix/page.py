"""An event as Element would draw it: its own HTML, in a frame like Element's. Pure."""

from __future__ import annotations

from pathlib import Path

from bot.model import Payload
from bot.ports import Fragment

CSS = Path(__file__).with_name("page.css").read_text("utf-8")


def page(payload: Payload) -> Fragment:
    """The `formatted_body`, which `adapters.matrix.card` escaped; which way it runs its first letters say."""
    kind = "matrix-body matrix-notice" if payload["msgtype"] == "m.notice" else "matrix-body"
    body = f'<div class="{kind}" dir="auto">{payload["formatted_body"]}</div>'
    return Fragment(f'<div class="matrix-event"><div class="matrix-sender">Pullquote</div>{body}</div>', CSS)
