"""What can be done to a database from outside, and whether this machine allows it."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sqlite3
import struct
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.rig.bot import Bot

PAGE = 4096


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "2m") -> Iterator[None]:
    """A disk of that size as the data folder; the test skips where no disk can be mounted."""
    data = folder / "data"
    data.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(data)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False) if shutil.which("mount") else None
    if done is None or done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip() if done else 'no mount'}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(data)], check=True)


@contextlib.contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Not a byte is free on the data folder's disk."""
    ballast = folder / "data" / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(PAGE))
    try:
        yield
    finally:
        ballast.unlink()


@contextlib.contextmanager
def no_file_grows(bot: Bot) -> Iterator[None]:
    """The running process may write no file beyond the size that its database's log has now: a quota, for anybody."""
    assert bot.process is not None
    size = (bot.folder / "data" / "pullquote.db-wal").stat().st_size
    soft, hard = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another process's transaction stands open, and nobody else may write."""
    with contextlib.closing(sqlite3.connect(folder / "data" / "pullquote.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")


def bound_by_modes() -> Sequence[str]:
    """What starts a program for which the modes of files hold: for root they do not; skips where that cannot be had."""
    if os.geteuid():
        return ()
    start = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")
    if not shutil.which("setpriv") or subprocess.run([*start, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the modes of files do not hold for root, and setpriv cannot take that from it here")
    return start


def frames(log: Path) -> int:
    """How many pages are in the database's log."""
    return (log.stat().st_size - 32) // (PAGE + 24)


def flip(file: Path, at: int) -> None:
    """Turn one byte round."""
    with file.open("r+b") as whole:
        whole.seek(at)
        byte = whole.read(1)[0]
        whole.seek(at)
        whole.write(bytes([byte ^ 0xFF]))


def into_one_file(folder: Path) -> Path:
    """The database's file, with all that its log held."""
    file = folder / "data" / "pullquote.db"
    with contextlib.closing(sqlite3.connect(file)) as database:
        assert database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    return file


def break_page(file: Path, table: str) -> None:
    """Write nonsense over the first page of a table."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        root = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    with file.open("r+b") as whole:
        whole.seek((root - 1) * PAGE)
        whole.write(struct.pack(">II", 0xDEADBEEF, 0xDEADBEEF) * (PAGE // 8))
