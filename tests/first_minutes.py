"""Reads a conversation out of a document and holds it with the running bot: what is said there is what happens.

In a block, a line begins with who speaks: `you`, `bot` (what stands under it is said too), `press` (a button of the
bot's last answer), `published` (a headline, by the publication), `channel` (what the bot has posted there).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.demo.site import SampleSite

PUBLICATION = "https://ledger.example"
MOMENT = "2026-11-25 09:00 UTC"
_BLOCK = re.compile(r"^```(?P<platform>\w+)\n(?P<lines>.*?)^```", re.MULTILINE | re.DOTALL)
_SPEAKERS = ("you", "bot", "press", "published", "channel")


@dataclass(frozen=True)
class Line:
    """What one speaker says."""

    speaker: str
    text: str


def conversation(document: Path, platform: str) -> list[Line]:
    """All that is said in a document's blocks of one platform, in order."""
    blocks = [found["lines"] for found in _BLOCK.finditer(document.read_text()) if found["platform"] == platform]
    return [line for block in blocks for line in _lines(block)]


def _lines(block: str) -> Iterator[Line]:
    said: list[str] = []
    speaker = ""
    for line in block.splitlines():
        head, colon, rest = line.partition(":")
        if colon and head in _SPEAKERS:
            if speaker:
                yield Line(speaker, "\n".join(said))
            speaker, said = head, [rest.strip()]
        else:
            said.append(line.strip())
    yield Line(speaker, "\n".join(said))


def written(text: str, site: SampleSite) -> str:
    """What the bot said, as the document has it: the publication's name for the test's, one moment for all."""
    text = text.replace(site.url.rstrip("/"), PUBLICATION)
    text = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", MOMENT, text)
    text = re.sub(r"/\d{4}/\d\d/", "/2026/11/", text)
    text = re.sub(r"as message \S+\.", "as message 1.", text)
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


@dataclass
class Stage:
    """How one platform is spoken to: each gives what the bot answers, or has posted, as lines of text."""

    site: SampleSite
    say: Callable[[str], Awaitable[str]]
    press: Callable[[str], Awaitable[str]]
    posted: Callable[[], Awaitable[str]]

    async def hold(self, lines: list[Line]) -> list[tuple[Line, str]]:
        """Hold the conversation; each of the bot's lines with what it really said."""
        heard, answer = [], ""
        for line in lines:
            text = line.text.replace(PUBLICATION, self.site.url.rstrip("/"))
            text = text.replace("/2026/11/", f"/{datetime.now(UTC):%Y/%m}/")
            match line.speaker:
                case "you":
                    answer = await self.say(text)
                case "press":
                    answer = await self.press(text)
                case "published":
                    self.site.publish({"title": {"rendered": text}, "slug": "bridge", "content": {"rendered": STORY}})
                case "channel":
                    heard.append((line, written(await self.posted(), self.site)))
                case _:
                    heard.append((line, written(answer, self.site)))
        return heard


STORY = "<p>The bridge over the estuary opened on Monday morning, nine weeks later than the council had promised.</p>"
