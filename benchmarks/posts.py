"""Which posts a measurement runs over: the files and folders given, or the samples of seeds/."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"


def files(given: Sequence[Path]) -> list[Path]:
    """The files given and the *.json of the folders given, in order; SystemExit when there is none."""
    found: list[Path] = []
    for path in given or [SEEDS]:
        found += sorted(path.glob("*.json")) if path.is_dir() else [path]
    missing = [path for path in found if not path.is_file()]
    if missing or not found:
        raise SystemExit(f"No post document at {missing[0] if missing else ', '.join(map(str, given))}.")
    return found
