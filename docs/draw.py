"""Draws `docs/card.png`: one card as Discord and as Matrix show it, from the payloads that would be sent.

`python -m docs.draw [SEED]`; needs Chromium (`chromium` on the path).
"""

from __future__ import annotations

import html
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot import plugins
from bot.cards import build
from bot.model import Style
from bot.sources import document

ROOT = Path(__file__).parents[1]
SEED = ROOT / "seeds" / "01-the-last-ferry-to-gannet-holm.json"

PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; padding: 20px; display: flex; gap: 20px; align-items: flex-start; background: #fff;
  font: 15px/1.4 "Noto Sans", sans-serif; }}
section {{ flex: 1; border-radius: 8px; padding: 14px 16px; }}
h2 {{ margin: 0 0 10px; font-size: 12px; letter-spacing: .06em; text-transform: uppercase; opacity: .6; }}
.discord {{ background: #313338; color: #dbdee1; }}
.embed {{ background: #2b2d31; border-left: 4px solid #1e1f22; border-radius: 4px; padding: 12px 16px; }}
.embed .title {{ color: #00a8fc; font-weight: 600; margin-bottom: 6px; }}
.embed blockquote {{ border-left: 4px solid #4e5058; margin: 8px 0; padding-left: 10px; }}
.embed .footer {{ font-size: 12px; color: #b5bac1; margin-top: 8px; }}
.button {{ display: inline-block; background: #4e5058; color: #fff; border-radius: 4px; padding: 4px 12px;
  margin: 8px 8px 0 0; font-size: 13px; }}
.matrix {{ background: #fff; color: #1b1d22; border: 1px solid #e1e6ec; }}
.matrix h4 {{ margin: 0 0 8px; font-size: 17px; }} .matrix a {{ color: #0467dd; text-decoration: none; }}
.matrix blockquote {{ border-left: 4px solid #c1c6cd; margin: 8px 0; padding-left: 12px; color: #656d77; }}
</style><section class="discord"><h2>Discord</h2>{discord}</section>
<section class="matrix"><h2>Matrix</h2>{matrix}</section>"""


def discord(payload: Mapping[str, Any]) -> str:
    """The embed and its buttons; of Discord's Markdown only what our cards use."""
    [embed] = payload["embeds"]
    parts = [f'<div class="title">{html.escape(embed["title"])}</div>'] if "title" in embed else []
    parts += [_markdown(line) for line in embed.get("description", "").split("\n")]
    footer = " • ".join(filter(None, (embed.get("footer", {}).get("text", ""), embed.get("timestamp", "")[:10])))
    buttons = [button["label"] for row in payload["components"] for button in row["components"]]
    drawn = "".join(f'<span class="button">{html.escape(label)} ↗</span>' for label in buttons)
    return f'<div class="embed">{"".join(parts)}<div class="footer">{html.escape(footer)}</div></div>{drawn}'


def _markdown(line: str) -> str:
    quoted = line.startswith("> ")
    text = html.escape(line.removeprefix("> "))
    text = re.sub(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*", r"<b>\1</b>", text)
    text = re.sub(r"\\(?=[^\w\s&])", "", text)
    return f"<blockquote>{text}</blockquote>" if quoted else f"<div>{text or '&nbsp;'}</div>"


def draw(seed: Path, target: Path) -> None:
    """Render the page in Chromium and keep its picture."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed, so nothing can be drawn")
    card = build(document.article(document.load(seed.read_bytes()).post))
    shown = {name: plugins.load(name).render(card, Style.CARD) for name in ("discord", "matrix")}
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "card.html"
        page.write_text(
            PAGE.format(discord=discord(shown["discord"]), matrix=shown["matrix"]["formatted_body"]), "utf-8"
        )
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--force-device-scale-factor=1.5",
        ]
        options += ["--disable-background-networking", f"--user-data-dir={folder}/profile", "--window-size=1100,470"]
        subprocess.run([chromium, *options, f"--screenshot={target}", page.as_uri()], check=True, capture_output=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else SEED, ROOT / "docs" / "card.png")
