"""`make bench-following`: what following many sites costs, and how long anything waits for it.

Each part is a process of its own: one look beside aiohttp alone, ten thousand sites on one core, the event loop's
stalls, and answers made to fill the memory. From publish to card on a real WordPress: `make bench` by poll, and below
by ping.
"""

from __future__ import annotations

import os
import subprocess
import sys

PARTS = ("looks", "crowd", "stalls", "bombs", "pinged")


def main() -> None:
    """All parts, one after the other; what else the machine does meanwhile is told with each."""
    for part in PARTS:
        print(f"\n## {part} (load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors)\n", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}"], check=False)


if __name__ == "__main__":
    main()
