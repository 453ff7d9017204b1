"""The environment in which the peers live, made from `peers.lock` when it is first needed."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

from benchmarks.posts import ROOT

LOCK = Path(__file__).with_name("peers.lock")
PLACE = ROOT / ".bench" / "peers"


def python(say: Callable[[str], None]) -> Path:
    """The peers' Python; `say` is told what is done and which packages could not be installed."""
    binary, made = PLACE / "bin" / "python", PLACE / "made-from.lock"
    if made.is_file() and made.read_text() == LOCK.read_text():
        return binary
    say(f"making the peers' environment in {PLACE.relative_to(ROOT)} …")
    venv.create(PLACE, clear=True, with_pip=True)
    if failure := _install(binary, LOCK.read_text()):
        say(f"not all of them could be installed together ({failure}); one by one …")
        for requirement in _requirements(LOCK.read_text()):
            if failure := _install(binary, requirement):
                say(f"{requirement.split()[0]} could not be installed: {failure}")
    made.write_text(LOCK.read_text())
    return binary


def _install(binary: Path, requirements: str) -> str:
    """Why the requirements could not be installed, or ""; the lock is whole, so nothing is resolved anew."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(requirements)
        file.flush()
        pip = [str(binary), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        run = subprocess.run(
            [*pip, "--no-deps", "--require-hashes", "-r", file.name], capture_output=True, text=True, check=False
        )
    lines = [line for line in run.stderr.splitlines() if "ERROR" in line] or [f"exit {run.returncode}"]
    return lines[-1] if run.returncode else ""


def _requirements(lock: str) -> list[str]:
    """Each requirement of the lock with its hashes."""
    found: list[str] = []
    for line in lock.splitlines(keepends=True):
        if line[:1].isalnum():
            found.append(line)
        elif found and not line.lstrip().startswith("#"):
            found[-1] += line
    return found


if __name__ == "__main__":
    print(python(lambda text: print(text, file=sys.stderr)))
