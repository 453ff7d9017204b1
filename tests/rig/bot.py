"""`pullquote` as a real process: started, killed, started again."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.farends.discord import DiscordFarEnd
from tests.real.matrix import Lodging

NUMBER = re.compile(r"Story (\d{3})")
STRUCK = "ithdrawn by its publisher"


@dataclass
class Bot:
    """One deployment; `folder` holds its database and what it printed. As a context, no process of it outlives it."""

    folder: Path
    settings: Mapping[str, str]
    process: asyncio.subprocess.Process | None = None
    begun: int = 0
    """Where in the log the running process began."""

    @property
    def environment(self) -> dict[str, str]:
        """What the process sees: this deployment's settings and nobody else's."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("PULLQUOTE_")}
        return own | {"PULLQUOTE_DATA_DIR": str(self.folder / "data"), **self.settings}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    async def command(self, *words: str) -> str:
        """What a command printed; AssertionError with its complaint when it failed."""
        process = await self._start(*words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def start(self, *words: str) -> None:
        """`pullquote run`, with these options."""
        with (self.folder / "log").open("ab") as log:
            self.begun = log.tell()
            self.process = await self._start("run", *words, stdout=log, stderr=log)

    def freeze(self) -> None:
        """It stands still, and all its connections stay."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had been."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    async def running(self) -> None:
        """Wait until it is."""
        async with asyncio.timeout(60):
            while b"running" not in (self.folder / "log").read_bytes()[self.begun :]:
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """kill -9, if it runs."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, once it runs: one that is still starting has nothing to stop well; the exit status."""
        assert self.process is not None
        await self.running()
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 20)

    async def _start(self, *words: str, **streams: object) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *words,
            env=self.environment,
            cwd=Path(__file__).parents[2],
            **streams,  # type: ignore[arg-type]
        )


def settings(discord: DiscordFarEnd | None, matrix: Lodging | None) -> dict[str, str]:
    """What a deployment with these accounts has in its environment."""
    given = {
        "PULLQUOTE_ALLOW_PRIVATE_NETWORKS": "true",
        "PULLQUOTE_POLL_INTERVAL": "0.5",
        "PULLQUOTE_POLL_INTERVAL_LONGEST": "0.5",
    }
    if discord is not None:
        given |= {
            "PULLQUOTE_DISCORD_TOKEN": discord.world.token,
            "PULLQUOTE_DISCORD_API_URL": discord.api_url,
            "PULLQUOTE_DISCORD_GATEWAY_URL": discord.gateway_url,
        }
    if matrix is not None:
        given |= {
            "PULLQUOTE_MATRIX_HOMESERVER": matrix.server.url,
            "PULLQUOTE_MATRIX_USER": matrix.bot.account.user_id,
            "PULLQUOTE_MATRIX_ACCESS_TOKEN": matrix.bot.account.access_token,
        }
    return given


def complaints(shown: list[str], live: Mapping[int, str], withdrawn: set[int]) -> list[str]:
    """What differs between a channel's messages and the site: each live post once, in order, in its newest words."""
    numbers = [int(found[1]) if (found := NUMBER.search(text)) else -1 for text in shown]
    wrong = [f"{number:03d} stands twice" for number in set(numbers) if numbers.count(number) > 1]
    wrong += [f"{number:03d} is missing" for number in live if number not in numbers]
    wrong += [f"{number:03d} was never published" for number in numbers if number not in {*live, *withdrawn}]
    if numbers != sorted(numbers):
        wrong.append(f"out of order: {numbers}")
    for number, text in zip(numbers, shown, strict=True):
        if number in withdrawn and STRUCK not in text:
            wrong.append(f"{number:03d} is withdrawn and still stands")
        if number in live and (live[number] not in text or STRUCK in text):
            wrong.append(f"{number:03d} is not in its newest words, {live[number]!r}: {text[:80]!r}")
    return wrong


async def until_right(look: Callable[[], object], patience: float) -> None:
    """Wait until an async `look` finds nothing wrong; AssertionError with its complaints after so many seconds."""
    deadline = asyncio.get_running_loop().time() + patience
    while wrong := await look():  # type: ignore[misc]
        assert asyncio.get_running_loop().time() < deadline, wrong
        await asyncio.sleep(0.5)
