"""A real PostgreSQL of the tests' own: reached by a Unix socket alone, ended with the process that asked for it.

`missing()` says what is not there; `tests/real/lab/install` brings it. Linux only.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from bot.store import open_store
from bot.store.schema import metadata

START = 60.0
OWNER = "postgres"
"""Who runs the server where root asks for it: PostgreSQL refuses root."""

_CARELESS = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")
_SETTINGS = (
    *("-c", "listen_addresses="),
    *("-c", "autovacuum=off", "-c", "shared_buffers=32MB", "-c", "max_wal_size=4GB"),
)


def missing() -> str:
    """What of PostgreSQL is not installed here; "" when all is."""
    there = {
        "PostgreSQL 15 or newer (run tests/real/lab/install)": _programs(),
        "setpriv (util-linux)": shutil.which("setpriv"),
        "the driver (pip install 'psycopg[binary]')": importlib.util.find_spec("psycopg"),
    }
    absent = [name for name, found in there.items() if not found]
    return f"not installed: {', '.join(absent)}" if absent else ""


@dataclass
class Server:
    """A server, and its databases; always at one address."""

    home: Path
    durable: bool = False
    """Whether what is committed is on the disk, as it is with whoever hosts it; tests need not wait for that."""
    _process: subprocess.Popen[bytes] | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _free: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")

    def start(self) -> None:
        """Start and wait until it answers."""
        command = ["setpriv", "--pdeathsig=QUIT", "--", str(_program("postgres"))]
        settings = _SETTINGS if self.durable else (*_SETTINGS, *_CARELESS)
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "-D", str(self.home / "data"), "-k", str(self.home), *settings],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_unprivileged(),
            )  # fmt: skip
        until = time.monotonic() + START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                said = (self.home / "log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not come up; it said: {said}")
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash would: every connection is cut."""
        self._engine.dispose()
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    @contextmanager
    def away(self) -> Iterator[None]:
        """It crashes, and is back at the end."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def url(self, name: str) -> str:
        """Where the database of that name is."""
        return f"postgresql+psycopg://pullquote@/{name}?host={self.home}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a database as a first start makes it, nobody else's meanwhile."""
        url = self._free.pop() if self._free else self._make("begun")
        open_store(url).close()
        try:
            yield url
        finally:
            self._empty(url)
            self._free.append(url)

    @contextmanager
    def empty_database(self, how: str = "") -> Iterator[str]:
        """The URL of a database without tables, made as CREATE DATABASE is told; it is gone at the end."""
        url = self._make("empty", how)
        try:
            yield url
        finally:
            self._say(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _make(self, name: str, how: str = "") -> str:
        name = f"{name}{next(self._numbers)}"
        self._say(f"CREATE DATABASE {name} {how}")
        return self.url(name)

    def _empty(self, url: str) -> None:
        """Take everything out but the tables: a database of its own for each test costs ten times as much."""
        clean = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
        clean += [f"SELECT setval('{table}_id_seq', 1, false)" for table in ("sites", "deliveries")]
        engine = create_engine(url, connect_args={"options": "-c lock_timeout=10s"})
        with engine.begin() as tx:
            tx.exec_driver_sql("; ".join(clean))
        engine.dispose()

    def _say(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))

    def _answers(self) -> bool:
        try:
            self._say("SELECT 1")
        except OperationalError:
            return False
        return True


@contextmanager
def running(*, durable: bool = False) -> Iterator[Server]:
    """A new server with a language's collation and not C's, so that what depends on it is found; gone at the end."""
    home = Path(tempfile.mkdtemp(prefix="pullquote-pg-", dir="/tmp"))  # a socket's path must be short
    server = Server(home, durable)
    try:
        if unprivileged := _unprivileged():
            shutil.chown(home, unprivileged["user"], unprivileged["group"])
        making = [str(_program("initdb")), "-D", str(home / "data"), "-U", "pullquote", "-A", "trust", "--no-sync"]
        making += ["--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=und"]
        subprocess.run(making, check=True, capture_output=True, timeout=START, cwd=home, **unprivileged)
        server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path | None:
    """The folder of the newest version's programs."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    newest = max(versions, key=lambda path: float(path.parent.name), default=None)
    if newest is not None:
        return newest if float(newest.parent.name) >= 15 else None
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _program(name: str) -> Path:
    programs = _programs()
    assert programs is not None, missing()
    return programs / name


def _unprivileged() -> dict[str, Any]:
    """How `subprocess` gives root's rights up, where there are any."""
    return {"user": OWNER, "group": OWNER, "extra_groups": []} if os.getuid() == 0 else {}
