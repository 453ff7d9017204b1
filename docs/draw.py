"""Draws the pictures: `docs/card.png` and `docs/cards/`, sample posts' cards as Discord and Matrix show them.

`make pictures`, or `python -m docs.draw [PICTURE …]` for some. Each is cut out of the page that `pullquote preview --as
html` prints, in a real Chromium, with Discord's messages drawn by the npm package that `docs/package.json` names.

Needs npm, Chromium (`chromium` on the path) and fonts for every script: Debian's fonts-noto-core and fonts-noto-cjk.
The sample publication exists nowhere, so its photographs are stand-ins: each a sea under a sky in colours of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from docs.browser import Tab, tab

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
COMPONENTS = DOCS / "node_modules" / "components.js"
WIDTH, SCALE, MARGIN = 1288, 1, 12
"""CSS pixels of the page, pixels to one of them, and CSS pixels left around what is cut out."""

FIRST = "01-card"
"""The picture that README shows, `docs/card.png`."""
PICTURES = {
    FIRST: "card",
    "02-long-quote": "full",
    "03-chinese": "card",
    "04-arabic": "card",
    "05-interview": "full",
    "06-control-characters": "card",
    "07-hebrew": "card",
    "08-compact": "compact",
    "09-lost-link": "card",
    "10-cut-off": "card",
    "11-no-quote": "card",
    "12-arabic-compact": "compact",
    "13-withdrawn": "withdrawn",
    "14-traditional-chinese": "full",
}
"""The part of a page that a picture shows, by its name; the number is the sample post's."""

CLIP = """(() => {
  const figures = [...document.querySelectorAll("#PART figure")].slice(0, 2).map(one => one.getBoundingClientRect());
  const [left, right] = [figures[0].left, figures.at(-1).right];
  const height = Math.min(TALLEST, Math.max(...figures.map(one => one.height)));
  const corner = {x: left - MARGIN, y: figures[0].y + scrollY - MARGIN};
  return {...corner, width: right - left + 2 * MARGIN, height: height + 2 * MARGIN};
})()"""


def components() -> None:
    """Install what is pinned and make one script of it, to be put into a page."""
    subprocess.run(["npm", "ci", "--silent"], cwd=DOCS, check=True)
    esbuild = str(DOCS / "node_modules" / ".bin" / "esbuild")
    options = ["--bundle", "--minify", "--format=iife", "--log-level=warning", f"--outfile={COMPONENTS}"]
    subprocess.run([esbuild, "components.js", *options], cwd=DOCS, check=True)


def preview(seed: Path) -> str:
    """The page with every style of the sample post's card, as anybody can have it printed."""
    words = ["preview", str(seed), "--as", "html", "--style", "all", "--components", str(COMPONENTS)]
    printed = subprocess.run([sys.executable, "-m", "bot", *words], cwd=ROOT, check=True, capture_output=True)
    return printed.stdout.decode()


def photograph(url: str) -> str:
    """What stands for the photograph at this address."""
    digest = hashlib.blake2b(url.encode(), digest_size=3).digest()
    sky, sea, sun = 180 + digest[0] % 50, 190 + digest[1] % 40, 150 + digest[2] * 3
    crests = "150 0 " * 7
    waves = "".join(
        f'<path d="M0 {y}q75-40 150 0t{crests}V675H0z" fill="hsl({sea} 45% {light}%)"/>'
        for y, light in ((400, 52), (470, 44), (550, 36))
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="675"><rect width="1200" height="675"'
        f' fill="hsl({sky} 50% 80%)"/><circle cx="{sun}" cy="230" r="80" fill="hsl(40 90% 88%)"/>{waves}</svg>'
    )


async def cut(opened: Tab, part: str, tallest: int = 10_000) -> bytes:
    """The picture of a part of the page that is open: its first two figures, side by side."""
    names = {"PART": part, "TALLEST": str(tallest), "MARGIN": str(MARGIN)}
    return await opened.picture(await opened.ask(re.sub("|".join(names), lambda name: names[name[0]], CLIP)))


async def draw(opened: Tab, name: str, folder: Path) -> None:
    """Keep one picture."""
    [seed] = (ROOT / "seeds").glob(f"{name[:2]}-*.json")
    page = folder / f"{name}.html"
    page.write_text(preview(seed), "utf-8")
    await opened.open(page, width=WIDTH, scale=SCALE)
    picture = await cut(opened, PICTURES[name])
    target = DOCS / "cards" / f"{name}.png" if name != FIRST else DOCS / "card.png"
    target.write_bytes(picture)
    print(f"{target.relative_to(ROOT)}  {len(picture) // 1000} kB")


async def main(names: list[str]) -> None:
    """Draw the pictures of these names."""
    components()
    (DOCS / "cards").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with tab(photograph) as opened:
            for name in names:
                await draw(opened, name, Path(folder))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or list(PICTURES)))
