"""The whole program, killed with kill -9 at scattered moments and started again: each card stands exactly once."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.real.matrix import homeserver
from tests.rig.bot import Bot
from tests.rig.newsroom import Editor, real, sample
from tests.rig.stage import stage


@pytest.mark.parametrize(
    ("place", "platforms", "kills"),
    [
        pytest.param(sample, ["discord"], 8, id="sample-discord"),
        pytest.param(sample, ["matrix"], 7, id="sample-matrix", marks=pytest.mark.real),
        pytest.param(real, ["discord", "matrix"], 5, id="wordpress-both", marks=pytest.mark.real),
    ],
)
async def test_killed_at_scattered_moments_each_card_stands_once_in_its_newest_state(
    tmp_path: Path,
    place: Callable[[Path], AbstractAsyncContextManager[Editor]],
    platforms: list[str],
    kills: int,
) -> None:
    rng = random.Random(os.environ.get("PULLQUOTE_RIG_SEED", "7"))
    server = homeserver() if "matrix" in platforms else None
    async with (
        place(tmp_path) as editor,
        stage(tmp_path, [editor], rng, platforms, homeserver=server) as playing,
    ):
        verdict = await playing.play(kills)
        assert verdict.complaints == []
        assert verdict.messages > 0


def test_two_runs_on_one_data_folder_are_refused(tmp_path: Path) -> None:
    from bot.store import hold_alone

    bot = Bot(tmp_path, {})
    with hold_alone(f"sqlite:///{tmp_path / 'data' / 'pullquote.db'}"):
        second = subprocess.run(
            [sys.executable, "-m", "bot", "run"], env=bot.environment, capture_output=True, text=True, check=False
        )
    assert second.returncode == 2
    assert "Another" in second.stderr
