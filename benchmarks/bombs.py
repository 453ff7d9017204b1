"""What answers made to fill the memory cost the client: `python -m benchmarks.bombs`.

Each is read in a process of its own, whose peak is compared with that of one that read a small answer; the server is
in this process. Printed are what went over the line, the peak above idle, the time, and what was said.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time

from bot.errors import SourceError
from bot.fetch import Fetcher
from tests.farends.hostile import ENDLESS, HEADS, MEGABYTE, PACKED, SHAPES, Hostile

IDLE = "plain"
BOMBS = [
    *(name for name in PACKED if "bomb" in name),
    *(name for name in ENDLESS if name.startswith("endless")),
    "a-header-of-a-megabyte",
    "ten-thousand-headers",
    "informational-by-the-thousand",
    "nested-lists",
    "nested-objects",
    "a-string-of-5-mb",
    "a-title-of-4-mb",
    "a-million-lists",
    "a-million-objects-in-a-post",
    "lists-without-end",
    "quotes-without-end",
]
assert set(BOMBS) <= PACKED.keys() | ENDLESS.keys() | HEADS.keys() | SHAPES.keys()
SECONDS = 5.0
"""The time-out; the client's own is four times as long, and memory does not grow meanwhile."""


async def read(url: str, shape: bool) -> str:
    """What becomes of one URL."""
    from bot.model import Site
    from bot.sources.wordpress import WordPress

    fetcher = Fetcher(allow_private=True, timeout=SECONDS, tries=1)
    try:
        if shape:
            await WordPress(fetcher).newest(Site(url, "Bomb", f"{url}/wp-json/"), 1)
            return "read"
        return f"{len((await fetcher.get(url)).body)} bytes"
    except SourceError as error:
        return str(error).partition(" ")[2]
    finally:
        await fetcher.close()


async def measured(base: str, name: str) -> tuple[int, float, str]:
    """KiB at the peak, seconds, and what was said."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.bombs", f"{base}/{name}", stdout=asyncio.subprocess.PIPE
    )
    told, _ = await child.communicate()
    peak, seconds, said = json.loads(told)
    return peak, seconds, said


async def main() -> None:
    """Measure all and print a table."""
    async with Hostile() as far:
        idle, _, _ = await measured(far.base, IDLE)
        print("| answer | sent, MB | peak above idle, MB | seconds | what became of it |\n|---|---:|---:|---:|---|")
        for name in BOMBS:
            before = far.sent
            peak, seconds, said = await measured(far.base, name)
            sent = (far.sent - before) / MEGABYTE
            print(f"| {name} | {sent:.1f} | {(peak - idle) / 1024:.1f} | {seconds:.2f} | {said} |", flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        began = time.perf_counter()
        told = asyncio.run(read(sys.argv[1], sys.argv[1].rpartition("/")[2] in SHAPES))
        took = time.perf_counter() - began
        print(json.dumps([resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, took, told]))
    else:
        asyncio.run(main())
