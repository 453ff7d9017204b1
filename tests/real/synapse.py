"""A real homeserver, Synapse, on 127.0.0.1: installed into a venv of its own on first use, gone with the test run.

`shared()` is one server for a whole run, whichever worker asks first; `Synapse(...)` is a server of the caller's
own, to be stopped, killed and started again. Started as a program, this file is the warden that ends a server when
the test run it belongs to has ended, however that ended.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

VERSION = "1.163.2"
LAB = Path(__file__).resolve().parents[2] / ".lab"
VENV = LAB / "venvs" / f"synapse-{VERSION}"
SERVER_NAME = "lab.localhost"
START = 90.0
"""Seconds a server may take to answer: a machine busy with other tests needs most of them."""

_OFF: dict[str, float] = {"per_second": 100_000, "burst_count": 100_000}
_NO_LIMITS: dict[str, Any] = {
    "rc_message": _OFF,
    "rc_login": {"address": _OFF, "account": _OFF, "failed_attempts": _OFF},
    "rc_admin_redaction": _OFF,
    "rc_joins": {"local": _OFF, "remote": _OFF},
    "rc_joins_per_room": _OFF,
    "rc_invites": {"per_room": _OFF, "per_user": _OFF, "per_issuer": _OFF},
    "rc_room_creation": _OFF,
}


class Unavailable(Exception):
    """Synapse cannot be had on this machine; the message says why."""


@dataclass(frozen=True)
class Account:
    """A user of the homeserver and a device they are logged in on."""

    user_id: str
    access_token: str
    device_id: str
    password: str


@dataclass(frozen=True)
class Address:
    """Where a running server is found."""

    home: Path
    port: int
    secret: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def register(self, name: str = "") -> Account:
        """A new user, whose name is told apart from all others by a random end when none is given."""
        name = name or f"user-{secrets.token_hex(6)}"
        path, password = "/_synapse/admin/v1/register", secrets.token_hex(8)
        nonce = request(self.url + path)["nonce"]
        mac = hmac.new(self.secret.encode(), "\0".join((nonce, name, password, "notadmin")).encode(), hashlib.sha1)
        body = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": mac.hexdigest()}
        answer = request(self.url + path, body)
        return Account(answer["user_id"], answer["access_token"], answer["device_id"], password)


class Synapse:
    """A homeserver of the caller's own: `start`, `stop`, `kill`, `restart` as often as needed, always at one address.

    `limits`: with the rate limits that Synapse ships (one message in 5 s after a burst of 10) instead of none.
    All calls block.
    """

    def __init__(self, home: Path, *, limits: bool = False, owner: int | None = None) -> None:
        self.address = Address(home, free_port(), secrets.token_hex(16))
        self._limits, self._owner = limits, owner or os.getpid()
        self._warden: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers; Unavailable when it does not."""
        install()
        home = self.address.home
        home.mkdir(parents=True, exist_ok=True)
        config = home / "homeserver.yaml"
        if not config.exists():
            seed = base64.b64encode(secrets.token_bytes(32)).decode().rstrip("=")
            (home / "signing.key").write_text(f"ed25519 a_lab {seed}\n")
            handler = {"out": {"class": "logging.StreamHandler"}}
            log = {"version": 1, "handlers": handler, "root": {"level": "WARNING", "handlers": ["out"]}}
            (home / "log.yaml").write_text(json.dumps(log))
            config.write_text(json.dumps(self._config()))
        command = [str(VENV / "bin/python"), "-m", "synapse.app.homeserver", "-c", str(config)]
        with (home / "homeserver.out").open("ab") as out:
            self._warden = subprocess.Popen(
                [sys.executable, __file__, str(self._owner), str(home / "pid"), *command],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, cwd=home,
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        """End it as an operator would; nothing when it does not run."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop it and start it again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it for good and take its data away."""
        self.kill()
        shutil.rmtree(self.address.home, ignore_errors=True)

    def let_go(self) -> None:
        """Leave it to the warden alone: no longer this object's to stop, nor this process's child to wait for."""
        assert self._warden is not None
        self._warden.returncode = 0
        self._warden = None

    def forget_transactions(self) -> None:
        """What Synapse does 24 hours after an event: it no longer knows its transaction id. Restarts the server."""
        self.stop()
        with contextlib.closing(sqlite3.connect(self.address.home / "homeserver.db")) as database, database:
            database.execute("DELETE FROM event_txn_id_device_id")
        self.start()

    def _end(self, how: signal.Signals) -> None:
        if self._warden is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(int((self.address.home / "pid").read_text()), how)
        try:
            self._warden.wait(30)
        except subprocess.TimeoutExpired:
            self._warden.terminate()
            self._warden.wait(10)
        self._warden = None

    def _wait(self) -> None:
        until = time.monotonic() + START
        while time.monotonic() < until:
            assert self._warden is not None
            if self._warden.poll() is not None:
                break
            with contextlib.suppress(OSError):
                urllib.request.urlopen(self.address.url + "/health", timeout=2).close()
                return
            time.sleep(0.1)
        self.stop()
        said = (self.address.home / "homeserver.out").read_text(errors="replace")[-2000:]
        raise Unavailable(f"Synapse did not come up; it said: {said}")

    def _config(self) -> dict[str, Any]:
        home = self.address.home
        return {
            "server_name": SERVER_NAME,
            "public_baseurl": self.address.url + "/",
            "listeners": [
                {"port": self.address.port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False,
                 "resources": [{"names": ["client"], "compress": False}]}
            ],
            "database": {"name": "sqlite3", "args": {"database": str(home / "homeserver.db")}},
            "media_store_path": str(home / "media"),
            "signing_key_path": str(home / "signing.key"),
            "registration_shared_secret": self.address.secret,
            "macaroon_secret_key": secrets.token_hex(16),
            "form_secret": secrets.token_hex(16),
            "federation_domain_whitelist": [],
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "enable_registration": False,
            "url_preview_enabled": False,
            "report_stats": False,
            "bcrypt_rounds": 4,
            "log_config": str(home / "log.yaml"),
            "presence": {"enabled": False},
            **({} if self._limits else _NO_LIMITS),
        }  # fmt: skip


def shared() -> Address:
    """The server without rate limits that all workers of this test run use; it ends with the run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    owner = os.getppid() if run else os.getpid()
    home = LAB / "synapse" / f"run-{run or owner}"
    with _locked(home / "lock"):
        note = home / "address.json"
        if not note.exists():
            server = Synapse(home, owner=owner)
            server.start()
            server.let_go()
            note.write_text(json.dumps(asdict(server.address), default=str))
        values = json.loads(note.read_text())
    return Address(Path(values["home"]), values["port"], values["secret"])


def own(*, limits: bool = False) -> Synapse:
    """A server for one test module, not yet started; `close` it, or it ends with the run."""
    return Synapse(LAB / "synapse" / f"own-{secrets.token_hex(6)}", limits=limits)


def install() -> None:
    """Synapse into its venv, once a checkout; Unavailable when it cannot be installed."""
    done = VENV / ".done"
    if done.exists():
        return
    with _locked(VENV.with_suffix(".lock")):
        if done.exists():
            return
        _run(sys.executable, "-m", "venv", "--clear", str(VENV))
        pip = (str(VENV / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet")
        _run(*pip, "install", "--retries", "2", f"matrix-synapse=={VERSION}")
        done.touch()


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=600)
    except subprocess.CalledProcessError as error:
        raise Unavailable(f"Synapse cannot be installed: {error.stderr.decode(errors='replace')[-500:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"Synapse cannot be installed: {error}") from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def request(url: str, body: Any = None, token: str = "", method: str | None = None) -> Any:
    """The JSON that the URL answers with; urllib's HTTPError for any status but 2xx."""
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=30) as answer:
        return json.load(answer)


def _watch(owner: int, pid_file: Path, command: list[str]) -> int:
    """Run the server until it ends by itself, is told to, or its owner is gone; then its folder goes too."""
    server = subprocess.Popen(command)
    pid_file.write_text(str(server.pid))
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    while server.poll() is None and _alive(owner):
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(0.5)
    if server.poll() is None:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
        shutil.rmtree(pid_file.parent, ignore_errors=True)
    return server.returncode


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(_watch(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
