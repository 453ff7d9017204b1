"""`pullquote` as a real process: started, killed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.farends.discord import DiscordFarEnd
from tests.real.matrix import Lodging


@dataclass
class Bot:
    """One deployment; `folder` holds its database and what it printed. As a context, no process of it outlives it."""

    folder: Path
    settings: Mapping[str, str]
    process: asyncio.subprocess.Process | None = None
    begun: int = 0
    """Where in the log the running process began."""
    program: Sequence[str] = ("-m", "bot")
    """What Python is given before the command's words."""
    before: Sequence[str] = ()
    """What the program is started by, if by anything."""

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

    @property
    def log(self) -> str:
        """What the process that runs, or ran last, has printed."""
        return (self.folder / "log").read_bytes()[self.begun :].decode(errors="replace")

    async def says(self, what: str, patience: float = 60) -> None:
        """Wait until its log says so; TimeoutError with the log when it does not."""
        try:
            async with asyncio.timeout(patience):
                while what not in self.log:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise TimeoutError(f"{what!r} was not said in {self.log}") from None

    async def ends(self, patience: float = 60) -> int:
        """The status with which it ends by itself."""
        assert self.process is not None
        return await asyncio.wait_for(self.process.wait(), patience)

    def signal(self, number: int) -> None:
        """Send it one."""
        assert self.process is not None
        self.process.send_signal(number)

    @property
    def alive(self) -> bool:
        """Whether it runs, or is frozen."""
        return self.process is not None and self.process.returncode is None

    async def _start(self, *words: str, **streams: object) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self.before,
            sys.executable,
            *self.program,
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


async def until_right(look: Callable[[], object], patience: float) -> None:
    """Wait until an async `look` finds nothing wrong; AssertionError with its complaints after so many seconds."""
    deadline = asyncio.get_running_loop().time() + patience
    while wrong := await look():  # type: ignore[misc]
        assert asyncio.get_running_loop().time() < deadline, wrong
        await asyncio.sleep(0.5)
