"""Several `pullquote run` on one PostgreSQL, and a wire to it that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from sqlalchemy import make_url

from tests.rig.bot import Bot

SOCKET = ".s.PGSQL.5432"


@dataclass
class Wire:
    """What stands between a process and the database: a socket in `folder` that leads to the server's."""

    folder: Path
    server: Path
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    _relays: set[asyncio.Task[None]] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        self.whole.set()
        self._listening = await asyncio.start_unix_server(self._connect, self.folder / SOCKET)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listening.close()
        for relay in self._relays:
            relay.cancel()
        await asyncio.gather(*self._relays, return_exceptions=True)

    def cut(self) -> None:
        """Nothing passes any more, and no end is told."""
        self.whole.clear()

    def mend(self) -> None:
        """All goes on."""
        self.whole.set()

    def url(self, url: str) -> str:
        """The database's, by this wire."""
        by_wire = make_url(url).update_query_dict({"host": str(self.folder)})
        return by_wire.render_as_string(hide_password=False)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_unix_connection(str(self.server / SOCKET))
        for source, target in ((reader, far_writer), (far_reader, writer)):
            relay = asyncio.create_task(self._relay(source, target))
            self._relays.add(relay)
            relay.add_done_callback(self._relays.discard)

    async def _relay(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self.whole.wait()
                target.write(data)
                await target.drain()
        except OSError:
            pass
        finally:
            target.close()


@contextlib.asynccontextmanager
async def bots(folder: Path, settings: Sequence[dict[str, str]]) -> AsyncIterator[list[Bot]]:
    """As many deployments, each in a folder of its own; none of their processes outlives them."""
    async with contextlib.AsyncExitStack() as stack:
        made = []
        for number, own in enumerate(settings):
            home = folder / f"machine{number}"
            home.mkdir()
            made.append(await stack.enter_async_context(Bot(home, {**own, "PULLQUOTE_LOG_FORMAT": "json"})))
        yield made


async def holder(among: Sequence[Bot], duty: str, patience: float = 35.0, *, but: Bot | None = None) -> Bot:
    """Who has a duty, by what they said last; `but`: wait until it is another."""
    async with asyncio.timeout(patience):
        while True:
            taken = [(moments[-1], place) for place, bot in enumerate(among) if (moments := _taken(bot, duty))]
            if taken and (last := among[max(taken)[1]]) is not but:
                return last
            await asyncio.sleep(0.1)


def _taken(bot: Bot, duty: str) -> list[str]:
    log = bot.folder / "log"
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    said = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    return [one["timestamp"] for one in said if one["event"] == "taken over" and one["duty"] == duty]
