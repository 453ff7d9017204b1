"""Posts made to hold the bot up, and the cost of the card of one of them: `python -m benchmarks.hostile NAME`.

Prints one JSON object: `seconds` of processor time and `peak`, the most memory that the process ever held, in KiB.
NAME "" is the idle process that the others are compared with.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from bot.cards import build
from bot.errors import SourceError
from bot.sources.document import article, load

SIZE = 1_000_000
ENOUGH = 1.0
"""Seconds that no post may take longer than."""
_PARAGRAPH = 4_000

TAGS = {
    "nested <div>": "<div>",
    "nested <blockquote>": "<blockquote>",
    "nested <table>": "<table><tr><td>",
    "nested <ul><li>": "<ul><li>",
    "nested <b>": "<b>",
    "nested <span class>": '<span class="share">',
    "nested <div class=share>": '<div class="share">',
    "nested <figure>": "<figure><figcaption>",
    "nested <script>": "<script>",
    "nested <svg>": "<svg>",
    "<p> never closed": "<p>word ",
    "<a href> never closed": '<a href="https://o.example/a">x',
    "<cite> in <blockquote>": "<blockquote><cite>Ann Roe",
    "</p> never opened": "</p>",
    "words </p>": "word </p>",
    "</blockquote> never opened": "</blockquote>",
    "words: </p></blockquote>": "Ann Roe wrote:</p>word</blockquote>",
    "<br>": "<br>",
    "<img>": '<img src="https://o.example/a.jpg" alt="a">',
    "<": "<",
    "<p": "<p",
    "<p ": "<p ",
    "<!--": "<!--",
    "<!-- -->": "<!-- -->",
    "<![CDATA[": "<![CDATA[",
    "&": "&",
    "&#8220;": "&#8220;",
    "&#x": "&#x",
    "links": '<a href="https://o.example/a">x</a> ',
    "links in paragraphs": '<p>Ann Roe told <a href="https://o.example/a">The Tide</a> so.</p>',
    "pull quotes of two": '<blockquote class="pullquote"><p>“We go on.</p><p>As we did,” she said.</p></blockquote>',
    "lines of names": "<p>Ann Roe: we go on.</p>",
    "bold lines of names": "<p><b>Ann Roe: we go on as we did.</b></p>",
    "signatures": "<p>— Ann Roe</p>",
    "copyright lines": "<p>© Ann Roe</p>",
    "quoted paragraphs": "<p>“We go on as we always did,” said Ann Roe.</p>",
    "quoted headings": "<h2>“We go on as we always did”</h2>",
    "tweets": '<blockquote class="twitter-tweet"><p>We go on</p>— Ann Roe (@ann) May 1</blockquote>',
    "[caption]": "[caption id=1]",
    "[caption never closed": "[caption ",
}
"""Markup that a post may repeat as often as it likes."""

TEXTS = {
    "letters": "a",
    "blanks": " ",
    "no-break spaces": "\u00a0",
    "zero-width spaces": "\u200b",
    "zero-width joiners": "\u200d",
    "marks on a letter": "\u0301",
    "overrides": "\u202e",
    "line breaks": "\n",
    "two line breaks": "a\n\n",
    "[": "[",
    '"': '"',
    "'": "'",
    "“": "“",
    "”": "”",
    "“”": "“”",
    "„": "„",
    "«": "«",
    "« »": "« a » ",
    "「": "「",
    "《": "《",
    "…": "…",
    ".": ".",
    "—": "— ",
    "-": "a-",
    ",": "a, ",
    "(a|b)": "(a|b) ",
    "@": "@a ",
    "https://": "https://",
    "Q: A:": "Q: Is it so? A: I do not know. ",
    "interview with": "we spoke with Ann Roe, interview with ",
    "记者：": "记者：为什么？罗：我不知道。",
    "――": "――？",
    "digits": "1",
    "dates": "1.1.2026 ",
    "Mr.": "Mr. ",
    "names": "Ann ",
    "long names": "Annabelle-Marguerite de la ",
    "sentences": "So. ",
    "Ann Roe said": "Ann Roe said ",
    "“Ann Roe said": "“Ann Roe said ",
    "“a,” said Ann, “": "“a,” said Ann Roe, “",
    "“a” and no end": "“a” ann ",
    "said": "said ",
    "according to": "according to ",
    "Ann, a": "Ann, a b, ",
    "sagte": "„Wir“, sagte Frau ",
    "a déclaré": "« Nous », a déclaré le ",
    "他说，“": "他说，“",
    "他说，“好”": "灯塔，他说，“好，”",
    "顾长汀": "顾长汀",
    "と述べた": "市長は「灯」と述べた。",
    "고 말했다": "김항구 대표는 “등불”고 말했다. ",
    "قال": "قال علي: «",
    "אמר": 'אמר דוד: "',
}
"""Text that a post may repeat as often as it likes."""

PIECES = tuple({**TAGS, **TEXTS}.values())


def fill(piece: str, size: int = SIZE) -> str:
    """The piece again and again, `size` characters in all."""
    return (piece * (size // len(piece) + 1))[:size]


def paragraphs(text: str) -> str:
    """Paragraphs of the text, as long as a paragraph may be for all of it to be looked at."""
    return fill(f"<p>{fill(text, _PARAGRAPH)}</p>\n")


_OPENING = "<p>The council of the harbour town has decided to keep the old tide mill running for another year.</p>"


def _attributes() -> str:
    return f"<p {' '.join(f'a{number}=b' for number in range(100_000))}>{_OPENING}"


def _post(content: str = _OPENING, title: str = "", excerpt: str = "") -> bytes:
    fields = {"title": title, "content": content, "excerpt": excerpt}
    return json.dumps({name: {"rendered": value} for name, value in fields.items()}).encode()


POSTS: dict[str, Callable[[], bytes]] = {
    **{name: partial(lambda piece: _post(fill(piece)), piece) for name, piece in (TAGS | TEXTS).items()},
    **{f"{name}, in paragraphs": partial(lambda text: _post(paragraphs(text)), text) for name, text in TEXTS.items()},
    "100,000 attributes": lambda: _post(_attributes()),
    "one attribute": lambda: _post(f'<p title="{fill("a")}">{_OPENING}'),
    "one class": lambda: _post(f'<div class="{fill("share-")}">{_OPENING}'),
    "one style": lambda: _post(f'<div style="{fill("display:")}">{_OPENING}'),
    "one address": lambda: _post(f'<p>Ann Roe told <a href="https://o.example/{fill("a?")}">The Tide</a> so.'),
    "one address of %": lambda: _post(
        f'<p>Ann Roe told <a href="https://o.example/?{fill("&a=%20")}">The Tide</a> so.'
    ),
    "one name of a site": lambda: _post(f'<p>Ann Roe told <a href="https://{fill("a-")}.example/">The Tide</a> so.'),
    "one tag's name": lambda: _post(f"<{fill('a')}>{_OPENING}"),
    "one title, before many paragraphs": lambda: _post(paragraphs("So it is. "), title=fill("a b ")),
    "one title and no text": lambda: _post("", title=fill("So it is. ")),
    "one title of <": lambda: _post(title=fill("<")),
    "one title of &": lambda: _post(title=fill("&#")),
    "one excerpt": lambda: _post("", excerpt=fill("So it is. ")),
    "one excerpt of Read more": lambda: _post("", excerpt=fill("Read more ")),
    "one excerpt of blanks": lambda: _post("", excerpt=fill("a " + " " * 50)),
    "documents of {": lambda: fill("{").encode(),
    "documents of [": lambda: fill("[").encode(),
    'documents of {"a":': lambda: fill('{"a":').encode(),
    'documents of [{"': lambda: fill('[{"').encode(),
    "a document that never ends": lambda: b'{"title":"a","content":"' + fill("a\\n").encode(),
    "a document of backslashes": lambda: b'{"title":"a","content":"' + fill("\\").encode(),
    "a document of half escapes": lambda: b'{"title":"a","content":"' + fill("\\ud83d").encode() + b'"}',
}
"""Name → the post's document."""


def main() -> None:
    """Make the card of the post named on the command line."""
    _card(_post(content=_OPENING))  # what is imported and compiled once is no post's cost
    seconds = 0.0
    if name := sys.argv[1]:
        document = POSTS[name]()
        began = time.process_time()
        _card(document)
        seconds = time.process_time() - began
    print(json.dumps({"seconds": seconds, "peak": _peak()}))


def _card(document: bytes) -> None:
    with suppress(SourceError):  # an honest answer to what is no post
        build(article(load(document).post))


def _peak() -> int:
    """Most KiB held: Linux's own count for this program, since ru_maxrss begins with what the parent held."""
    status = Path("/proc/self/status")
    if status.is_file():
        return int(status.read_text().split("VmHWM:")[1].split()[0])
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // 1024 if sys.platform == "darwin" else most


if __name__ == "__main__":
    main()
