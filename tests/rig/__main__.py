"""`make rig`: kills the bot some hundred times while it works, tells how it went, then does it the slow harms."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path

import pytest

from tests.real import synapse
from tests.rig.newsroom import SampleEditor, sample
from tests.rig.stage import Life, Stage, stage
from tests.rig.verdict import Verdict

CHANNELS = 2
KILLS_A_SITE = 14
"""A site publishes no flood: more kills take more sites."""


def main() -> int:
    """0 when nothing was lost, doubled, disordered or stale."""
    arguments = _arguments()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**6)
    print(f"seed {seed} (give it again with ARGS='--seed {seed}')", flush=True)
    failed = not asyncio.run(_kill(arguments.kills, seed, arguments.platforms.split(",")))
    if arguments.kills_only:
        return int(failed)
    print("\nthe slow harms: frozen past its lease, a full drain, a database locked for long", flush=True)
    os.environ["PULLQUOTE_RIG"] = "1"
    harms = [str(Path(__file__).parent), "-k", "for_long", "-n", "0", "-v", "--no-header"]
    return int(failed) or int(pytest.main(harms))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make rig ARGS=…", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--platforms", default="discord,matrix")
    parser.add_argument("--kills-only", action="store_true", help="leave the slow harms out")
    return parser.parse_args()


async def _kill(kills: int, seed: int, platforms: list[str]) -> bool:
    rng = random.Random(seed)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pullquote-rig-")))
        homeserver = None
        if "matrix" in platforms:
            homeserver = _homeserver(stack)
            platforms = platforms if homeserver else [one for one in platforms if one != "matrix"]
        async with contextlib.AsyncExitStack() as sites:
            editors = [await sites.enter_async_context(sample(folder)) for _ in range(max(2, kills // KILLS_A_SITE))]
            async with stage(
                folder, editors, rng, platforms, homeserver=homeserver, channels=CHANNELS, pace=0.4
            ) as playing:
                assert all(isinstance(one, SampleEditor) for one in editors)
                begun = time.monotonic()
                verdict = await playing.play(kills, lambda life: _tell(life, playing, kills, begun))
                _say(verdict, playing, folder)
    return not verdict.complaints


def _homeserver(stack: contextlib.ExitStack) -> synapse.Address | None:
    """A Synapse of this run's own, with its message limits lifted; None, said aloud, where it cannot be had."""
    server = synapse.own()
    try:
        server.start()
    except synapse.Unavailable as error:
        print(f"matrix is skipped: {error}", flush=True)
        return None
    stack.callback(server.close)
    return server.address


def _tell(life: Life, playing: Stage, kills: int, begun: float) -> None:
    done, spent = len(playing.lives), time.monotonic() - begun
    left = spent / done * (kills - done)
    line = f"{done:4}/{kills} killed ({life.kind:9} {life.seconds:4.1f} s), {len(playing.newsroom.posts)} articles"
    if sys.stdout.isatty():
        print(f"\r{line}, {left / 60:3.0f} min to go ", end="" if done < kills else "\n", flush=True)
    elif done % 10 == 0 or done == kills:
        print(f"{line}, {left / 60:.0f} min to go", flush=True)


def _say(verdict: Verdict, playing: Stage, folder: Path) -> None:
    lives = playing.lives
    limited = playing.discord.world.limited if playing.discord else 0
    print(
        f"\nkills          {len(lives)}  ({playing.causes()})"
        f"\noutages        {sum(life.outage for life in lives)}"
        f"\nseconds a life {sum(life.seconds for life in lives) / max(1, len(lives)):.1f}"
        f"\narticles       {len(playing.newsroom.posts)}, changed {playing.newsroom.changes} times"
        f"\nmessages       {verdict.messages}"
        f"\nlost           {len(verdict.lost)}"
        f"\nduplicated     {len(verdict.duplicated)}"
        f"\nout of order   {len(verdict.out_of_order)}"
        f"\nedits missed   {len(verdict.edits_missed)}"
        f"\n429s           {limited}",
        flush=True,
    )
    for complaint in verdict.complaints[:40]:
        print("  " + complaint, flush=True)
    if verdict.complaints:
        print((folder / "log").read_text(errors="replace")[-4000:])


if __name__ == "__main__":
    sys.exit(main())
