"""`make bench-cards`: how long a card takes, beside what others take for a part of it, and what hostile posts cost.

Every row of the first table comes from the same posts in the same run, each contender in a process of its own, one
after the other: one call a post to warm up, then the best of as many as `--repeats` says.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from benchmarks import hostile, peers
from benchmarks.contenders import CONTENDERS, Page
from benchmarks.posts import ROOT, files
from bot.cards import build
from bot.sources.document import article, load

NOTES = """\
Only Pullquote's rows make a card; the others stop where their row says. Pullquote reads a post's JSON; the others
get its content as a page (<html lang><body><article>) with its title, LexRank its plain text. Pullquote and the two
parsers run in its own environment, the peers in theirs (benchmarks/peers.lock). Without data from outside, NLTK's
Punkt splits sentences untrained for newspaper4k and LexRank. failed: it raised, and counts in no time; empty: it
found nothing, and counts."""


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cards", description=__doc__)
    parser.add_argument("posts", nargs="*", type=Path, help="post documents or folders of them (default: seeds/)")
    parser.add_argument("--repeats", type=int, default=5, help="calls of which the best counts (default: 5)")
    chosen = parser.parse_args()
    console = Console(highlight=False)
    console.width = max(console.width, 110)
    found = files(chosen.posts)
    console.print(f"{_machine()}\n")
    console.print(compare(found, chosen.repeats))
    console.print(f"\n{NOTES}\n", soft_wrap=True)
    console.print(endure())


def compare(posts: Sequence[Path], repeats: int) -> Table:
    """Milliseconds a post of everyone."""
    pages = [_page(file) for file in posts]
    sizes = sorted(len(page["html"]) for page in pages)
    table = Table(
        "milliseconds a post",
        *("median", "p95", "max", "failed", "empty"),
        title=f"{len(pages)} posts, median {statistics.median(sizes):,.0f} characters, largest {sizes[-1]:,}; "
        f"best of {repeats} calls",
        caption_justify="left",
    )
    _right(table)
    binary, whys = peers.python(_say), []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pages.json"
        file.write_text(json.dumps(pages))
        for name in track(CONTENDERS, "timing", console=Console(stderr=True), transient=True):
            python = str(binary) if CONTENDERS[name][1] else sys.executable
            result = _child([python, "-m", "benchmarks.contenders", name, str(file), str(repeats)])
            table.add_row(name, *_cells(result))
            if why := result.get("missing") or result.get("why"):
                whys.append(f"{name.partition(':')[0]}: {why}")
    table.caption = Text("\n".join(whys))
    return table


def endure() -> Table:
    """Seconds and memory of a card of each hostile post."""
    table = Table(
        *("a megabyte of …", "seconds", "MiB"),
        title=f"hostile posts of {hostile.SIZE:,} characters: processor time of the card, memory at most above idle",
    )
    _right(table)
    idle = _child([sys.executable, "-m", "benchmarks.hostile", ""])["peak"]
    slow = 0
    for name in track(hostile.POSTS, "enduring", console=Console(stderr=True), transient=True):
        result = _child([sys.executable, "-m", "benchmarks.hostile", name])
        if "peak" not in result:
            table.add_row(Text(name), result["missing"], "")
            slow += 1
            continue
        slow += result["seconds"] > hostile.ENOUGH
        mark = " !" if result["seconds"] > hostile.ENOUGH else ""
        table.add_row(Text(name), f"{result['seconds']:.2f}{mark}", f"{(result['peak'] - idle) / 1024:.0f}")
    table.caption = f"{len(hostile.POSTS)} posts, {slow} of them over {hostile.ENOUGH:g} s"
    return table


def _page(file: Path) -> Page:
    """The post as the contenders get it; a damaged document is mended for everyone."""
    post = article(load(file.read_bytes()).post)
    language = build(post).language.split("-")[0]
    head = f'<meta charset="utf-8"><title>{escape(post.title)}</title>'
    html = f'<html lang="{language}"><head>{head}</head><body><article>{post.html}</article></body></html>'
    text = BeautifulSoup(post.html, "lxml").get_text("\n")
    return Page(file=str(file.resolve()), url=post.url, html=html, text=text, language=language)


def _child(command: list[str]) -> dict[str, Any]:
    """What a child's last line says, or why it said nothing."""
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3600, check=False)
    except subprocess.TimeoutExpired:
        return {"missing": "stopped after an hour"}
    if run.returncode:
        return {"missing": f"ended with {run.returncode}: {(run.stderr.strip().splitlines() or [''])[-1]}"}
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return result


def _cells(result: dict[str, Any]) -> tuple[str, ...]:
    if "missing" in result:
        return ("not run", "", "", "", "")
    times = sorted(value for value in result["times"] if value is not None)
    failed = str(len(result["times"]) - len(times))
    if not times:
        return ("–", "–", "–", failed, "–")
    p95 = times[math.ceil(0.95 * len(times)) - 1]
    return (*(f"{value:.2f}" for value in (statistics.median(times), p95, times[-1])), failed, str(result["empty"]))


def _right(table: Table) -> None:
    for column in table.columns[1:]:
        column.justify = "right"


def _machine() -> str:
    model = ""
    if (about := Path("/proc/cpuinfo")).is_file():
        model = next((line.partition(":")[2].strip() for line in about.open() if line.startswith("model name")), "")
    return f"Python {platform.python_version()}, {model or platform.machine()}, {os.cpu_count()} cores"


def _say(text: str) -> None:
    print(text, file=sys.stderr)


if __name__ == "__main__":
    main()
