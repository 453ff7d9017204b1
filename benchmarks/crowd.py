"""Ten thousand sites on one core, which nginx serves on loopback: `python -m benchmarks.crowd`.

Each is a host of its own (127.x.y.z), for a host gets one request at a time, and each look makes a connection anew, as
it is with a minute between two looks. Measured are two rounds through all sites: the first, in which each is read in
full, and the next, in which each feed's head alone is asked for. Of five looks one is full.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, insert

from benchmarks.looks import Counted, make_all_due
from bot import logs
from bot.clock import SystemClock
from bot.fetch import Fetcher
from bot.model import Channel, Subscription
from bot.poller import Poller
from bot.sources.lines import Line
from bot.sources.memory import Memory
from bot.sources.wordpress import WordPress
from bot.store import Door, Store, open_store
from bot.store.rows import wish_columns
from bot.store.schema import sites, subscriptions

SITES, POSTS = 10_000, 20
OLD = 24 * 3600
LAST = int(time.time()) - OLD
LINES = [Line(POSTS - number, LAST - 3600 * number, LAST - 3600 * number) for number in range(POSTS)]
CONF = """
worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 20000; }}
http {{
  access_log off; client_body_temp_path {folder}/t; proxy_temp_path {folder}/t; fastcgi_temp_path {folder}/t;
  uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t; default_type application/rss+xml;
  server {{
    listen 0.0.0.0:{port} backlog=4096; root {folder}/www; allow 127.0.0.0/8; deny all;
    location = / {{ try_files /feed.xml =404; }}
    location = /wp-json/wp/v2/posts {{ default_type application/json; add_header X-WP-Total {posts};
      try_files /posts.json =404; }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """The port at which it serves the same site behind every name of this machine."""
    www = folder / "www"
    www.mkdir()
    (www / "feed.xml").write_text('<?xml version="1.0"?><rss version="2.0"><channel></channel></rss>')
    posts = [{"id": line.id, **dict.fromkeys(("date_gmt", "modified_gmt"), _told(line.date))} for line in LINES]
    (www / "posts.json").write_text(json.dumps(posts))
    for file in (folder, www, *www.iterdir()):
        os.chmod(file, 0o755)
    os.utime(www / "feed.xml", (time.time() - OLD,) * 2)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    (folder / "conf").write_text(CONF.format(folder=folder, port=port, posts=POSTS))
    with subprocess.Popen(["nginx", "-c", folder / "conf"], stderr=subprocess.DEVNULL) as server:
        try:
            _await(port)
            yield port
        finally:
            server.terminate()
            server.wait()


def _await(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("nginx did not start")


def _told(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def fill(database: str, port: int) -> None:
    """All sites, each followed."""
    cursor, channel = Memory.begin(LINES, [], whole=True).dumps(), Channel("console", "bench")
    homes = [f"http://127.{1 + n // 62500}.{n // 250 % 250}.{1 + n % 250}:{port}/" for n in range(SITES)]
    told = {"name": "Crowd", "language": "", "reader": "wordpress", "cursor": cursor, "due": 0}
    with create_engine(database).begin() as tx:
        tx.execute(
            insert(sites), [{"id": n, "url": u, "endpoint": f"{u}wp-json/", **told} for n, u in enumerate(homes, 1)]
        )
        tx.execute(
            insert(subscriptions),
            [
                {"channel": str(channel), "site_id": n, "since": 0, **wish_columns(Subscription(channel, n))}
                for n in range(1, SITES + 1)
            ],
        )


def _memory() -> float:
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


async def once_round(name: str, counted: Any, store: Store, door: Door) -> float:
    """Go through all sites, print what that took; microseconds of processor time for each."""
    poller = Poller(counted, store, door, SystemClock(), random.Random(1), timedelta(hours=1), lambda: None, tick=0.02)
    await door(make_all_due, store)
    counted.left, counted.poller = SITES, poller
    spent, wall = time.process_time(), time.perf_counter()
    await poller.run()
    spent, wall = (time.process_time() - spent) / SITES, (time.perf_counter() - wall) / SITES
    open_now = len(os.listdir("/proc/self/fd"))
    print(
        f"| {name} | {spent * 1e6:.0f} | {1 / spent:.0f} | {1 / wall:.0f} | {_memory():.0f} | {open_now} |", flush=True
    )
    return spent


async def main() -> None:
    """Measure and print."""
    if shutil.which("nginx") is None:
        print("10,000 sites: skipped, nginx is not installed (apt-get install nginx-light)")
        return
    logs.configure("error", "text")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name, nginx(Path(name)) as port:
        fetcher, door, database = Fetcher(allow_private=True), Door(), f"sqlite:///{name}/bench.db"
        store = await door(open_store, database)
        fill(database, port)
        counted: Any = Counted(WordPress(fetcher))
        print(f"{SITES:,} sites, memory before the first look {_memory():.0f} MiB")
        print("| round | µs a look | looks a second on one core | as it went | memory, MiB | files open |")
        print("|---|---:|---:|---:|---:|---:|")
        full = await once_round("the first: all read in full", counted, store, door)
        pulse = await once_round("the next: the feed's head", counted, store, door)
        print(f"so one core makes {5 / (full + 4 * pulse):.0f} looks a second, of which every fifth is full;", end=" ")
        print(f"needed: {SITES / 60:.0f} looks a second for one a minute, {SITES / 300:.0f} for one in five")
        await door(store.close)
        await fetcher.close()
        door.close()


if __name__ == "__main__":
    asyncio.run(main())
