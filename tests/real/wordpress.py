"""A real WordPress on 127.0.0.1: made in a folder of the caller's, written to through REST, gone with the caller.

`tests/real/lab/install` brings what it needs; `missing()` says what is not there. Linux only.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILES = Path(__file__).resolve().parent / "lab"
LAB = Path(os.environ.get("PULLQUOTE_LAB") or Path(__file__).resolve().parents[2] / ".lab") / "wordpress"
PASSWORD = "lablablablablablablablab"
"""Of a server that only this machine reaches, for as long as a test runs."""
START = 60.0
ANSWER = 30.0


@dataclass(frozen=True)
class Kind:
    """Which WordPress, and how it is set up."""

    suite: str
    database: str = "sqlite"
    permalinks: str = "pretty"
    folder: str = ""
    timezone: str = "America/New_York"
    posts: int = 0

    def __str__(self) -> str:
        return f"{self.suite}-{self.database}-{self.permalinks}{self.folder.replace('/', '-')}"


KINDS = (
    Kind("sid"),
    Kind("trixie", permalinks="plain", timezone="Asia/Kathmandu"),
    Kind("bookworm", database="mysql", folder="/blog", posts=120),
)


def missing(kind: Kind) -> str:
    """What of the lab is not installed here; "" when all is."""
    programs = {name: shutil.which(name) for name in ("php", "setpriv")}
    wanted = {**programs, "WordPress": (LAB / "core" / kind.suite / "wp-includes/version.php").exists()}
    if kind.database == "mysql":
        wanted["MariaDB"] = shutil.which("mariadbd") and shutil.which("mariadb-install-db")
    else:
        wanted["SQLite for WordPress"] = (LAB / "sqlite-database-integration" / "db.copy").exists()
    absent = [name for name, there in wanted.items() if not there]
    return f"{', '.join(absent)} not installed for {kind}: run tests/real/lab/install" if absent else ""


@dataclass
class WordPress:
    """A running site, and what an editor does there."""

    kind: Kind
    url: str
    root: Path
    mode_file: Path
    environment: dict[str, str] = field(default_factory=dict, repr=False)

    def rest(self, method: str, route: str, body: Mapping[str, Any] | None = None) -> Any:
        """Call the site's REST API as its administrator; the JSON it answers with."""
        token = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
        path, _, query = route.partition("?")
        url = f"{self.url}/?rest_route={urllib.parse.quote(path, safe='/')}{'&' if query else ''}{query}"
        request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, method=method)
        request.add_header("Authorization", f"Basic {token}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=ANSWER) as answer:
            return json.load(answer)

    def publish(self, title: str, content: str = "<p>Body.</p>", **fields: Any) -> int:
        """Publish a post now (`status="draft"` to write it only); its id."""
        post = {"title": title, "content": content, "status": "publish", **fields}
        return int(self.rest("POST", "/wp/v2/posts", post)["id"])

    def edit(self, post_id: int, **changes: Any) -> None:
        self.rest("POST", f"/wp/v2/posts/{post_id}", changes)

    def trash(self, post_id: int) -> None:
        self.rest("DELETE", f"/wp/v2/posts/{post_id}")

    def untrash(self, post_id: int) -> None:
        self.edit(post_id, status="publish")

    def delete(self, post_id: int) -> None:
        self.rest("DELETE", f"/wp/v2/posts/{post_id}?force=true")

    def link(self, post_id: int) -> str:
        return str(self.rest("GET", f"/wp/v2/posts/{post_id}")["link"])

    def schedule(self, title: str) -> int:
        """A post that was due five minutes ago and that cron has not seen yet."""
        post_id = self.publish(title, status="future", date="2099-01-01T00:00:00")
        self.php(
            "global $wpdb; $late = time() - 300;"
            f"$wpdb->update($wpdb->posts, ['post_date_gmt' => gmdate('Y-m-d H:i:s', $late),"
            f" 'post_date' => get_date_from_gmt(gmdate('Y-m-d H:i:s', $late))], ['ID' => {post_id}]);"
            f"clean_post_cache({post_id});"
            f"wp_clear_scheduled_hook('publish_future_post', [{post_id}]);"
            f"wp_schedule_single_event(time() - 1, 'publish_future_post', [{post_id}]);"
        )
        return post_id

    def cron(self) -> None:
        """Have WordPress do what is due."""
        with urllib.request.urlopen(f"{self.url}/wp-cron.php?doing_wp_cron", timeout=ANSWER) as answer:
            answer.read()

    def await_next_second(self) -> None:
        """Wait until WordPress would date a change to a later second than any change so far."""
        now = time.time()
        time.sleep(1.02 - now % 1)

    @contextlib.contextmanager
    def mode(self, **faults: Any) -> Iterator[None]:
        """The site misbehaves meanwhile; lab/control.php says how."""
        self.mode_file.write_text(json.dumps(faults))
        try:
            yield
        finally:
            self.mode_file.write_text("{}")

    def php(self, code: str) -> str:
        """Run code inside the site; what it prints."""
        code = f"$_SERVER['HTTP_HOST'] = 'lab'; require 'wp-load.php'; {code}"
        return _php(["-r", code], self.root, self.environment)


@contextlib.contextmanager
def running(kind: Kind, home: Path) -> Iterator[WordPress]:
    """A new site of that kind in the empty folder `home`, stopped at the end."""
    with contextlib.ExitStack() as stack:
        site = home / "htdocs"
        root = site / kind.folder.strip("/")
        shutil.copytree(LAB / "core" / kind.suite, root, copy_function=_link_or_copy, dirs_exist_ok=True)
        port = _free_port()
        url = f"http://127.0.0.1:{port}{kind.folder}"
        mode_file = home / "mode.json"
        mode_file.write_text("{}")
        socket_path = stack.enter_context(_mariadb(home)) if kind.database == "mysql" else None
        _configure(root, home, mode_file, socket_path)
        environment = {
            "LAB_URL": url,
            "LAB_PASSWORD": PASSWORD,
            "LAB_PERMALINKS": kind.permalinks,
            "LAB_TIMEZONE": kind.timezone,
            "LAB_POSTS": str(kind.posts),
            "LAB_PREFIX": kind.folder,
        }
        for phase in ("install", "seed"):
            _php([str(FILES / "setup.php"), str(root), phase], root, environment)
        serve = ["-d", "display_errors=0", "-S", f"127.0.0.1:{port}", "-t", str(site), str(FILES / "router.php")]
        stack.enter_context(_process([_program("php"), *_SETTINGS, *serve], home / "php.log", environment))
        _await(lambda: _answers(f"{url}/wp-includes/images/blank.gif"), f"WordPress did not start; see {home}/php.log")
        yield WordPress(kind, url, root, mode_file, environment)


_SETTINGS = ("-d", "variables_order=EGPCS", "-d", "opcache.enable_cli=1", "-d", "opcache.revalidate_freq=0")


def _configure(root: Path, home: Path, mode_file: Path, socket_path: Path | None) -> None:
    plugins = root / "wp-content" / "mu-plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    shutil.copy(FILES / "control.php", plugins)
    if socket_path is None:
        (root / "wp-content" / "database").mkdir()
        integration = plugins / "sqlite-database-integration"
        shutil.copytree(LAB / "sqlite-database-integration", integration)
        text = (integration / "db.copy").read_text().replace("{SQLITE_IMPLEMENTATION_FOLDER_PATH}", str(integration))
        text = text.replace("{SQLITE_PLUGIN}", "sqlite-database-integration/load.php")
        (root / "wp-content" / "db.php").write_text(text)
    theme = max(path.name for path in (root / "wp-content" / "themes").iterdir() if path.is_dir())
    values = {
        "DB_NAME": "wordpress",
        "DB_USER": "root",
        "DB_PASSWORD": "",
        "DB_HOST": f"localhost:{socket_path}",
        "DB_CHARSET": "utf8mb4",
        "DB_COLLATE": "",
        "WP_ENVIRONMENT_TYPE": "local",  # application passwords without TLS
        "WP_DEFAULT_THEME": theme,
        "LAB_MODE_FILE": str(mode_file),
        "WP_DEBUG_LOG": str(home / "debug.log"),
        **{f"{name}_{part}": secrets.token_hex(16) for name in _KEYS for part in ("KEY", "SALT")},
    }
    switches = {"WP_HTTP_BLOCK_EXTERNAL": "true", "AUTOMATIC_UPDATER_DISABLED": "true", "DISABLE_WP_CRON": "true"}
    switches |= {"WP_DEBUG": "true", "WP_DEBUG_DISPLAY": "false"}
    lines = [f"define('{name}', '{value}');" for name, value in values.items()]
    lines += [f"define('{name}', {value});" for name, value in switches.items()]
    lines += ["$table_prefix = 'wp_';", "defined('ABSPATH') || define('ABSPATH', __DIR__ . '/');"]
    (root / "wp-config.php").write_text("\n".join(["<?php", *lines, "require_once ABSPATH . 'wp-settings.php';"]))


_KEYS = ("AUTH", "SECURE_AUTH", "LOGGED_IN", "NONCE")


@contextlib.contextmanager
def _mariadb(home: Path) -> Iterator[Path]:
    """A private server with an empty database `wordpress`; the path of its socket, which must be short."""
    data, log = home / "mysql", home / "mysql.log"
    run = Path("/tmp") / f"pullquote-{secrets.token_hex(4)}"
    run.mkdir(mode=0o700)
    where = ["--no-defaults", f"--user={_user()}", f"--datadir={data}"]
    try:
        making = [_program("mariadb-install-db"), *where, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(making, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=START)
        place = run / "sock"
        serving = [
            f"--socket={place}",
            f"--pid-file={run}/pid",
            "--skip-networking",
            "--innodb-flush-log-at-trx-commit=0",
        ]
        with _process([_program("mariadbd"), *where, *serving, "--innodb-buffer-pool-size=32M"], log, {}):
            create = [_program("mariadb"), "--no-defaults", "-uroot", "-S", str(place)]
            create += ["-e", "create database wordpress character set utf8mb4"]
            _await(lambda: _succeeds(create), f"MariaDB did not start; see {log}")
            yield place
    finally:
        shutil.rmtree(run, ignore_errors=True)


@contextlib.contextmanager
def _process(command: list[str], log: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A server that runs meanwhile, and that the kernel ends should this process die first."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [_program("setpriv"), "--pdeathsig=KILL", "--", *command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _php(arguments: list[str], root: Path, environment: Mapping[str, str]) -> str:
    command = [
        _program("php"),
        "-d",
        "display_errors=stderr",
        "-d",
        "error_reporting=E_ALL & ~E_DEPRECATED",
        *arguments,
    ]
    values = {**os.environ, **environment}
    done = subprocess.run(command, check=False, cwd=root, env=values, capture_output=True, text=True, timeout=START)
    if done.returncode:
        raise RuntimeError(f"php failed: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return done.stdout


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} is not installed: run tests/real/lab/install")
    return found


def _user() -> str:
    import getpass

    return getpass.getuser()


def _link_or_copy(source: str, target: str) -> None:
    """Core files are never written to: hard links where the file system can."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _succeeds(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def _await(condition: Callable[[], bool], complaint: str) -> None:
    end = time.monotonic() + START
    while not condition():
        if time.monotonic() > end:
            raise RuntimeError(complaint)
        time.sleep(0.1)
