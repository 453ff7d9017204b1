"""Draws the pictures in `docs/replies/`: what each command answers on Discord and in a Matrix room.

`make pictures`, or `python -m docs.replies`. The answers are real: the bot's own process runs here, between a sample
publication on this machine, the tests' stand-in for Discord and a real homeserver; what it sent there is drawn as
`pullquote preview --as html` draws cards. So that a picture changes only when an answer does, the publication has a
name instead of a port, everything happens at one moment, and messages have one id.

Needs what `docs.draw` needs, and Synapse as the tests install it: where that cannot be had, Discord's half is drawn.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.discord import Discord
from adapters.matrix import Matrix
from bot.demo.site import SampleSite
from bot.page import CSS
from bot.ports import Fragment
from bot.sources import document
from docs.browser import tab
from docs.draw import COMPONENTS, DOCS, ROOT, SCALE, WIDTH, components, cut, photograph
from docs.examples import EXAMPLES, PUBLICATION, Example, known
from docs.palette import indexed
from tests.adapters.discord_bench import discord_far_end
from tests.farends.discord import DiscordFarEnd
from tests.real import synapse
from tests.real.matrix import Lodging, lodging
from tests.rig.bot import Bot, settings, until_right

FOLDER = DOCS / "replies"
NAME, MOMENT = "The Harbour Ledger", datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BEFORE = ("01", "02", "03", "04", "05")
"""The numbers of the sample posts that stand there from the beginning."""
TALLEST = 1000
"""CSS pixels of an answer that a picture shows."""
PATIENCE = 30.0
STYLE = """
body { background: light-dark(#fff, #1b1d20); }
.typed { margin: 0 0 8px; font: 14px/1.5 "Noto Sans Mono", "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
"""

Answers = Mapping[str, Fragment]
"""What a command answers on each platform, drawn."""


@dataclass(frozen=True)
class Stage:
    """The bot, who it speaks with, and what it reads."""

    bot: Bot
    site: SampleSite
    discord: DiscordFarEnd
    channel: str
    matrix: Lodging | None

    async def ask(self, example: Example) -> dict[str, Fragment]:
        """Give the command wherever it can be given, and draw what comes back."""
        await self.quiet()
        answers = {"discord": await self._ask_on_discord(example)}
        if self.matrix is not None:
            answers["matrix"] = await self._ask_in_matrix(example, self.matrix)
        for number in example.published:
            self.site.publish(post(number))
            await self.looked()
        return answers

    async def quiet(self) -> None:
        """Wait until no card waits any more."""

        async def waiting() -> list[str]:
            return re.findall(r"[1-9]\d* cards? waits?", await self.bot.command("status", f"discord:{self.channel}"))

        await until_right(waiting, PATIENCE)

    async def looked(self) -> None:
        """Wait until the bot has asked the publication for news twice: it had begun once before, perhaps."""
        count = len(self.site.requests) + 3

        async def missing() -> bool:
            return len(self.site.requests) < count

        await until_right(missing, PATIENCE)

    async def _ask_on_discord(self, example: Example) -> Fragment:
        numbers = {one.name for one in known()[example.command].options if one.kind == "number"}
        given = {
            name: int(value) if name in numbers else self._here(value) for name, value in example.arguments.items()
        }
        asked = await self.discord.people.command(example.command, self.channel, **given)
        messages = [await asked.answer(PATIENCE), *asked.followups]
        drawn = [Discord.page(self._elsewhere(message)) for message in messages]
        return Fragment("".join(one.html for one in drawn), drawn[0].css)

    async def _ask_in_matrix(self, example: Example, matrix: Lodging) -> Fragment:
        question = await matrix.alice.say(matrix.room, self._here(example.in_matrix(known())))
        heard: list[dict[str, Any]] = []

        async def unanswered() -> bool:
            spoken = [event["content"] for event in await matrix.spoken()]
            heard[:] = [one for one in spoken if one.get("m.relates_to", {}).get("event_id") == question]
            return not heard

        await until_right(unanswered, PATIENCE)
        return Matrix.page(self._elsewhere(heard[0]))

    def _here(self, text: str) -> str:
        return text.replace(PUBLICATION, self.site.url)

    def _elsewhere(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The payload as it would be if the publication were on the web, and everything happened at one moment."""
        text = json.dumps(payload, ensure_ascii=False).replace(self.site.url, PUBLICATION)
        days = "|".join(
            {f"{day:%Y-%m-%d}" for day in (MOMENT, datetime.now(UTC), datetime.now(UTC) - timedelta(days=1))}
        )
        text = re.sub(rf"(?:{days})([ T])\d\d(\W+)\d\d", rf"{MOMENT:%Y-%m-%d}\g<1>{MOMENT:%H}\g<2>{MOMENT:%M}", text)
        text = re.sub(r"\$[\w-]{43}", "$" + "Kq3vX0mTzB7c-9RfLw2hYd5sJpN8aGuE1oZiV4yQ6tM", text)
        found: dict[str, Any] = json.loads(re.sub(r"\b\d{17,20}\b", "1442837465283740001", text))
        return found


def post(number: str) -> dict[str, Any]:
    """The sample post of this number."""
    [seed] = (ROOT / "seeds").glob(f"{number}-*.json")
    return document.load(seed.read_bytes()).post


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """All of it, started, with nothing followed yet."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        clock = lambda: MOMENT + timedelta(seconds=time.monotonic() - began)  # noqa: E731
        site = await stack.enter_async_context(SampleSite(name=NAME, clock=clock))
        for number in BEFORE:
            site.publish(found := post(number), date=datetime.fromisoformat(found["date_gmt"]).replace(tzinfo=UTC))
        discord = await stack.enter_async_context(discord_far_end())
        matrix = await stack.enter_async_context(lodging(server)) if (server := homeserver()) else None
        bot = Bot(folder, settings(discord, matrix))
        await bot.start()
        stack.push_async_callback(bot.stop)
        await discord.gateway.until(lambda: bool(discord.gateway.sessions and discord.world.commands), PATIENCE)
        if matrix is not None:
            await until_right(lambda: _deaf(folder / "log"), PATIENCE)
        yield Stage(bot, site, discord, discord.world.add_channel(), matrix)


async def _deaf(log: Path) -> bool:
    return "matrix listens" not in await asyncio.to_thread(log.read_text, "utf-8")


def homeserver() -> synapse.Address | None:
    """A real one, or None, saying so."""
    try:
        return synapse.shared()
    except synapse.Unavailable as error:
        print(f"Matrix's half is left out: {error}")
        return None


def sheet(answered: Sequence[tuple[Example, Answers]]) -> str:
    """A page with each command, as it was typed, over what it answered, side by side."""
    sheets = dict.fromkeys(one.css for _example, answers in answered for one in answers.values())
    sections = "".join(_section(example, answers) for example, answers in answered)
    script = COMPONENTS.read_text("utf-8").replace("</script", r"<\/script")
    style = "".join([CSS, *sheets, STYLE])
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style>{sections}<script>{script}</script>'


def _section(example: Example, answers: Answers) -> str:
    typed = {"discord": example.on_discord(), "matrix": example.in_matrix(known())}
    figures = "".join(
        f'<figure lang="{example.language}"><p class="typed">{html.escape(typed[name])}</p>{one.html}</figure>'
        for name, one in answers.items()
    )
    return f'<section id="{example.picture}">{figures}</section>'


async def main() -> None:
    """Give all commands, and keep the pictures of what they answer."""
    components()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with stage(Path(folder)) as playing:
            answered = [(example, await playing.ask(example)) for example in EXAMPLES]
        page = Path(folder) / "replies.html"
        page.write_text(sheet(answered), "utf-8")
        async with tab(photograph) as opened:
            await opened.open(page, width=WIDTH, scale=SCALE)
            for name in (example.picture for example in EXAMPLES if example.picture):
                picture = indexed(await cut(opened, name, TALLEST))
                (FOLDER / f"{name}.png").write_bytes(picture)
                print(f"docs/replies/{name}.png  {len(picture) // 1000} kB")


if __name__ == "__main__":
    asyncio.run(main())
