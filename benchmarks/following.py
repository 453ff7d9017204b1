"""`make bench-following`: what following many sites costs, and how long anything waits for it.

Each part is a process of its own: one look beside aiohttp alone, ten thousand sites on one core, the event loop's
stalls, answers made to fill the memory, and from publish to card where a site pings (by poll: `make bench`).
"""

from __future__ import annotations

import os
import subprocess
import sys

PARTS = ("looks", "crowd", "stalls", "bombs", "pinged")


def main() -> None:
    """All parts, one after the other, each with what else the machine had to do."""
    for part in PARTS:
        print(f"\n{part}, at a load of {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=False)


if __name__ == "__main__":
    main()
