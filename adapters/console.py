"""The terminal: cards are printed as they are posted, corrected and withdrawn. For trying things out.

What stands in a console channel is kept in the database, so that a repeat is recognised there as on any platform.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import Refused, UsageError, Vanished
from bot.model import NORMAL, Card, Channel, Payload, Receipt, Style
from bot.ports import Clock, Commands, Events, Fragment, Keep
from bot.text import clean, cut, isolate, line
from bot.windows import Windows
from bot.words import _, correction, ngettext, not_shown

LEAD = {Style.COMPACT: 200, Style.CARD: 700, Style.FULL: 4000}
NAME_LENGTH, ADDRESS_LENGTH = 300, 2000
MARGIN = "▎"
PAGE_CSS = """.terminal { margin: 0; padding: 12px 16px; background: #16181d; color: #d6dae0; border-radius: 8px;
  font: 13px/1.5 ui-monospace, "Noto Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
NAME = re.compile(r"[\w-]{1,40}")


class ConsoleSettings(BaseSettings):
    """Nothing has to be set."""

    model_config = SettingsConfigDict(env_prefix="PULLQUOTE_CONSOLE_", extra="ignore", frozen=True)


class Console:
    """Channels `console:NAME`: the terminal that `pullquote run` was started in."""

    platform: ClassVar[str] = "console"
    Settings: ClassVar[type[Any]] = ConsoleSettings
    windows = Windows(resend=timedelta(days=365), settle=timedelta(0))

    def __init__(self, keep: Keep, clock: Clock) -> None:
        self._keep, self._clock = keep, clock
        self._turn = asyncio.Lock()

    @classmethod
    def is_address(cls, address: str) -> bool:
        """Letters, digits, hyphens."""
        return NAME.fullmatch(address) is not None

    @classmethod
    def from_settings(cls, settings: Any, keep: Keep, clock: Clock) -> Self:
        """A console; it has nothing to connect to."""
        return cls(keep, clock)

    async def serve(self, commands: Commands, events: Events) -> None:
        """Nobody types here: the CLI is the console's way to give commands."""
        await asyncio.Event().wait()

    @property
    def ready(self) -> bool:
        """Always."""
        return True

    @classmethod
    def render(
        cls, card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
    ) -> Payload:
        """Lines for a terminal, free of control characters: (kind, text) pairs."""
        lines = [("struck" if struck else "title", _name(card.title)), ("link", _address(card.url))]
        if struck:
            lines.insert(1, ("note", _("Withdrawn by its publisher.")))
        else:
            lines += _body(card, style)
            when = _moment(card.modified) if card.modified else ""
            lines += [("note", not_shown(more)), ("note", correction(_name(changed), when) if changed else "")]
        return {"url": _address(card.url), "lines": [[kind, text] for kind, text in lines if text]}

    @classmethod
    def role(cls, text: str) -> str:
        """Nobody is called in a terminal."""
        raise UsageError(_("In a terminal nobody can be notified."))

    @classmethod
    def mention(cls, role: str) -> str:
        """As it is kept."""
        return role

    @classmethod
    def text(cls, payload: Payload) -> str:
        """The lines, one below the other."""
        return "\n".join(f"{MARGIN} {_plain(kind, text)}" for kind, text in payload["lines"])

    @classmethod
    def page(cls, payload: Payload) -> Fragment:
        """The lines as a terminal shows them."""
        return Fragment(f'<pre class="terminal">{html.escape(cls.text(payload))}</pre>', PAGE_CSS)

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        """Print it, unless this key was printed before."""
        if problems := await self.check(channel):
            raise Refused(problems[0])
        async with self._turn:
            if await self._standing(key) is None:
                await self._write(key, {"url": payload["url"], "at": self._clock.now().isoformat(), "shown": payload})
                _print(channel, "new", _("New"), payload)
        return Receipt(channel, key)

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        """Print the corrected card."""
        await self._change(receipt, payload, "corrected", _("Corrected"))

    async def withdraw(self, receipt: Receipt, payload: Payload | None, key: str) -> None:
        """Print the struck card, or that it is gone."""
        await self._change(receipt, payload, "withdrawn", _("Withdrawn"))

    async def find(self, channel: Channel, key: str, url: str, since: datetime) -> Receipt | None:
        """By its key."""
        standing = await self._standing(key)
        if standing is not None and standing["shown"] is None:
            raise Vanished(_("It was removed before."))
        return Receipt(channel, key) if standing else None

    async def check(self, channel: Channel | None) -> Sequence[str]:
        """There is always a terminal, or something that takes its lines; only the name can be wrong."""
        if channel is None or self.is_address(channel.address):
            return []
        return [_("{channel} is no console: write console: and letters, digits or hyphens.").format(channel=channel)]

    async def close(self) -> None:
        """Nothing is held."""

    async def _change(self, receipt: Receipt, payload: Payload | None, kind: str, word: str) -> None:
        async with self._turn:
            standing = await self._standing(receipt.ref)
            if standing is None:
                raise Refused(_("No card was ever printed there under this key."))
            if standing["shown"] == payload:
                return
            if standing["shown"] is None:
                raise Vanished(_("It was removed before."))
            await self._write(receipt.ref, {**standing, "shown": payload})
            gone: Payload = {"lines": [["note", _("Removed: {url}").format(url=standing["url"])]]}
            _print(receipt.channel, kind, word, payload or gone)

    async def _standing(self, key: str) -> dict[str, Any] | None:
        kept = await self._keep.get(f"card:{key}")
        return None if kept is None else dict(json.loads(kept))

    async def _write(self, key: str, value: Mapping[str, Any]) -> None:
        await self._keep.put(f"card:{key}", json.dumps(value, ensure_ascii=False))


def _body(card: Card, style: Style) -> list[tuple[str, str]]:
    limit = LEAD[style]
    lines = [("lead", isolate(cut(clean(card.lead[: 8 * limit]), limit)) if limit else "")]
    if card.quote and style is not Style.COMPACT:
        lines.append(("quote", isolate(cut(clean(card.quote.text[: 8 * limit]), limit))))
        lines.append(("speaker", _name(card.quote.speaker)))
    if style is not Style.COMPACT:
        lines += [("source", _linked(source.name, source.url)) for source in card.sources]
    if style is Style.FULL and card.image:
        lines.append(("image", _linked(card.image.alt, card.image.url)))
    lines.append(("about", " · ".join(filter(None, _about(card, style)))))
    return lines


def _about(card: Card, style: Style) -> list[str]:
    when = _moment(card.published) if card.published else ""
    if style is not Style.FULL:
        return [_name(card.site_name), _name(card.author), when]
    length = ngettext("{count} min", "{count} min", card.reading_minutes) if card.reading_minutes > 0 else ""
    return [_name(card.site_name), _name(card.author), _name(card.category), when, length]


def _linked(name: str, url: str) -> str:
    return " ".join(filter(None, (_name(name), isolate(_address(url)))))


def _name(text: str) -> str:
    return isolate(cut(line(text[: 8 * NAME_LENGTH]), NAME_LENGTH))


def _moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


def _address(url: str) -> str:
    """The URL, whole or not at all."""
    return "".join(clean(url).split()) if len(url) <= ADDRESS_LENGTH else ""


def _plain(kind: str, text: str) -> str:
    before = {"quote": "  ❝ ", "speaker": "    — ", "source": "  ↗ ", "image": "  ▣ "}.get(kind, "")
    return f"{before}{text}" if kind != "struck" else f"[{_('withdrawn')}] {text}"


def _print(channel: Channel, kind: str, word: str, payload: Payload) -> None:
    if not sys.stdout.isatty():
        lines = "\n".join(f"  {_plain(*line)}" for line in payload["lines"])
        print(f"{word} · {channel}\n{lines}\n", flush=True)
        return
    from rich.console import Console as Terminal
    from rich.panel import Panel
    from rich.text import Text

    styles = {"title": "bold", "struck": "strike dim", "link": "cyan underline", "quote": "italic green"}
    dim = dict.fromkeys(("speaker", "source", "image", "about", "note"), "dim")
    colour = {"new": "green", "corrected": "yellow", "withdrawn": "red"}[kind]
    body = Text("\n").join(Text(_plain(*line), style=(styles | dim).get(line[0], "")) for line in payload["lines"])
    Terminal().print(Panel(body, title=f"{word} · {channel}", title_align="left", border_style=colour, width=100))
