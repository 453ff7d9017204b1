"""The stand-in as a process of its own: `python -m tests.farends.discord --port N [--state file]`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
from pathlib import Path

from tests.farends.discord import DiscordFarEnd, World


async def serve(port: int, state: Path | None, token: str, channels: list[str]) -> None:
    """Listens until SIGTERM or SIGINT; prints one line of JSON that says where."""
    world = World(state_file=state, token=token)
    for ident in set(channels) - set(world.channels):
        world.add_channel(ident=ident)
    far_end = DiscordFarEnd(world)
    await far_end.start(port)
    try:
        urls = {"api_url": far_end.api_url, "gateway_url": far_end.gateway_url, "token": token}
        urls["control_url"] = f"http://127.0.0.1:{far_end.port}/_control"
        print(json.dumps(urls | {"channels": list(world.channels)}), flush=True)
        done = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, done.set)
        await done.wait()
    finally:
        await far_end.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--state", type=Path, help="a file that keeps what stands across restarts")
    parser.add_argument("--token", default="far-end-token")
    parser.add_argument("--channel", action="append", default=[], help="the id of a channel to have; repeatable")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(given.port, given.state, given.token, given.channel))


if __name__ == "__main__":
    main()
