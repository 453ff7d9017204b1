"""Damaged and hostile documents, each made of its number alone: the same seed and posts give the same document."""

from __future__ import annotations

import html as entities
import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from benchmarks.clay import ADDRESSES, CLASSES, DATES, FIELDS, NAMES, ODD, PHRASES, WRONG
from benchmarks.hostile import PIECES, fill
from bot.sources.document import load

Mutation = Callable[[Random, str], str]
"""Some HTML, damaged in one way."""

_TAG = re.compile(r"<[^<>]*>")
_OPENER = re.compile(r"<[A-Za-z][^<>]*>")
_CLOSER = re.compile(r"</[^<>]*>")
_MARK = re.compile("[“”„«»「」『』\"'‘’]")
_LONGEST = 60_000
"""Characters of HTML to begin with: a few posts are so long that they would take most of the time."""


class Documents:
    """Documents by their number; `posts` are healthy or damaged post documents, the clay they are made of."""

    def __init__(self, posts: Sequence[bytes], seed: int = 1) -> None:
        self._posts = [load(post).post for post in posts]
        self._contents = [_rendered(post.get("content"))[:_LONGEST] for post in self._posts]
        self._seed = seed

    def make(self, number: int) -> bytes:
        """The document of this number."""
        rng = Random(f"{self._seed}/{number}")
        post = dict(rng.choice(self._posts))
        post["content"] = {"rendered": self._content(rng)}
        if rng.random() < 0.3:
            _spoil_fields(rng, post)
        text = json.dumps(post, ensure_ascii=rng.random() < 0.5)
        document = text.encode("utf-8", "surrogatepass")
        return _spoil_document(rng, document) if rng.random() < 0.3 else document

    def _content(self, rng: Random) -> str:
        kind = rng.random()
        if kind < 0.2:
            html = _written(rng)
        elif kind < 0.35:
            html = _half(rng, rng.choice(self._contents), first=True) + _half(
                rng, rng.choice(self._contents), first=False
            )
        else:
            html = rng.choice(self._contents)
        for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 8))):
            html = rng.choice(MUTATIONS)(rng, html)
        return html


def _rendered(value: Any) -> str:
    text = value.get("rendered") if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""


def _half(rng: Random, html: str, *, first: bool) -> str:
    at = rng.randint(0, len(html))
    return html[:at] if first else html[at:]


def _written(rng: Random) -> str:
    """A post out of phrases and tags that need not match."""
    parts = []
    for _ in range(rng.randint(1, 14)):
        name = rng.choice(NAMES)
        opening = f"<{name}{_attributes(rng)}>" if rng.random() < 0.8 else ""
        closing = f"</{name}>" if rng.random() < 0.8 else ""
        words = " ".join(rng.choice(PHRASES) for _ in range(rng.randint(0, 3)))
        parts.append(opening + words + closing)
    return rng.choice(("", "\n", "\n\n")).join(parts)


def _attributes(rng: Random) -> str:
    kinds = (
        lambda: "",
        lambda: "",
        lambda: f' class="{rng.choice(CLASSES)}"',
        lambda: f" class={rng.choice(CLASSES)}",
        lambda: f' href="{rng.choice(ADDRESSES)}"',
        lambda: f' src="{rng.choice(ADDRESSES)}" alt="{rng.choice(PHRASES)}"',
        lambda: f' id="{rng.choice(CLASSES)}" style="display:none"',
        lambda: f' dir="rtl" lang="{rng.choice(("ar", "xx", ""))}"',
        lambda: f' cite="{rng.choice(ADDRESSES)}"',
        lambda: " \"='",
    )
    return rng.choice(kinds)()


# --- ways to damage HTML


def cut(rng: Random, html: str) -> str:
    """Cut off at its beginning, at its end, or a piece out of it."""
    a, b = sorted((rng.randint(0, len(html)), rng.randint(0, len(html))))
    return rng.choice((html[:b], html[a:], html[:a] + html[b:]))


def delete_tag(rng: Random, html: str) -> str:
    """Without one tag."""
    return _at_tag(rng, html, lambda tag: "")


def double_tag(rng: Random, html: str) -> str:
    """One tag twice or many times."""
    return _at_tag(rng, html, lambda tag: tag * rng.choice((2, 3, 50)))


def break_tag(rng: Random, html: str) -> str:
    """One tag that ends before its end."""
    return _at_tag(rng, html, lambda tag: tag[: rng.randint(0, len(tag) - 1)])


def rename_tag(rng: Random, html: str) -> str:
    """Another tag instead of one."""
    return _at_tag(rng, html, lambda tag: f"<{rng.choice(('', '/'))}{rng.choice(NAMES)}{_attributes(rng)}>")


def attribute(rng: Random, html: str) -> str:
    """Attributes put into tags."""
    share = rng.choice((0.02, 0.3))
    return _OPENER.sub(lambda tag: tag[0][:-1] + _attributes(rng) + ">" if rng.random() < share else tag[0], html)


def swap_tags(rng: Random, html: str) -> str:
    """Two tags, each in the other's place."""
    tags = list(_TAG.finditer(html))
    if len(tags) < 2:
        return html
    one, two = sorted(rng.sample(tags, 2), key=lambda tag: tag.start())
    return html[: one.start()] + two[0] + html[one.end() : two.start()] + one[0] + html[two.end() :]


def delete_openers(rng: Random, html: str) -> str:
    """Without its opening tags, or some of them."""
    return _without(rng, _OPENER, html)


def delete_closers(rng: Random, html: str) -> str:
    """Without its closing tags, or some of them."""
    return _without(rng, _CLOSER, html)


def insert_hostile(rng: Random, html: str) -> str:
    """Hostile pieces, again and again, somewhere."""
    piece = "".join(rng.choice(PIECES) for _ in range(rng.choice((1, 1, 2, 3))))
    return _insert(rng, html, fill(piece, rng.choice((20, 200, 2000, 8000))))


def insert_odd(rng: Random, html: str) -> str:
    """Control characters, invisible ones and halves of others, here and there."""
    return _scatter(rng, html, lambda: rng.choice(ODD) * rng.choice((1, 1, 1, 2, 12)))


def insert_any(rng: Random, html: str) -> str:
    """Any characters of Unicode, here and there."""
    return _scatter(
        rng, html, lambda: chr(rng.choice((rng.randint(0, 0x2FF), rng.randint(0, 0xFFFF), rng.randint(0, 0x10FFFF))))
    )


def insert_phrase(rng: Random, html: str) -> str:
    """Something that somebody says, in another language too."""
    return _insert(
        rng,
        html,
        rng.choice(("{}", "<p>{}</p>", "<blockquote>{}</blockquote>", " {} ")).replace("{}", rng.choice(PHRASES)),
    )


def insert_link(rng: Random, html: str) -> str:
    """A link to somewhere odd."""
    return _insert(
        rng, html, f'<a href="{rng.choice(ADDRESSES)}">{rng.choice(("The Tide", "", rng.choice(PHRASES)))}</a>'
    )


def change_marks(rng: Random, html: str) -> str:
    """Other quotation marks, or none."""
    share = rng.choice((0.1, 0.5, 1.0))
    return _MARK.sub(lambda mark: rng.choice("“”„«»「」\"'  ") if rng.random() < share else mark[0], html)


def wrap(rng: Random, html: str) -> str:
    """A part of it inside another element."""
    a, b = sorted((rng.randint(0, len(html)), rng.randint(0, len(html))))
    name = rng.choice(NAMES)
    return f"{html[:a]}<{name}{_attributes(rng)}>{html[a:b]}</{name}>{html[b:]}"


def shuffle(rng: Random, html: str) -> str:
    """Its lines or paragraphs in another order."""
    parts = re.split(rng.choice((r"(?<=\n)", r"(?<=</p>)", r"(?<=\.)", r"(?<= )")), html)
    rng.shuffle(parts)
    return "".join(parts)


def repeat(rng: Random, html: str) -> str:
    """A part of it twice or more."""
    a = rng.randint(0, len(html))
    part = html[a : a + rng.choice((1, 10, 100, 1000))]
    return html[:a] + part * rng.choice((2, 3, 20)) + html[a:]


def escape(rng: Random, html: str) -> str:
    """A part of it escaped, or escaped no more."""
    a, b = sorted((rng.randint(0, len(html)), rng.randint(0, len(html))))
    return html[:a] + rng.choice((entities.escape, entities.unescape))(html[a:b]) + html[b:]


def capitals(rng: Random, html: str) -> str:
    """All in capitals, or none."""
    return rng.choice((str.upper, str.lower, str.swapcase, str.title))(html)


def unspace(rng: Random, html: str) -> str:
    """Its white space changed or gone."""
    return re.sub(r"\s", rng.choice(("", "\n", "\t", "\u00a0", "  ", "<br>", "\r\n")), html)


def strip(rng: Random, html: str) -> str:
    """Without any tag."""
    return _TAG.sub(rng.choice(("", " ", "\n\n", "<br>")), html)


MUTATIONS: tuple[Mutation, ...] = (
    *(cut, delete_tag, double_tag, break_tag, rename_tag, attribute, swap_tags, delete_openers, delete_closers),
    *(insert_hostile, insert_odd, insert_any, insert_phrase, insert_link, change_marks, wrap, shuffle, repeat, escape),
    *(capitals, unspace, strip),
)


def _at_tag(rng: Random, html: str, change: Callable[[str], str]) -> str:
    tags = list(_TAG.finditer(html))
    if not tags:
        return html
    tag = rng.choice(tags)
    return html[: tag.start()] + change(tag[0]) + html[tag.end() :]


def _without(rng: Random, tags: re.Pattern[str], html: str) -> str:
    share = rng.choice((0.1, 0.5, 1.0))
    return tags.sub(lambda tag: "" if rng.random() < share else tag[0], html)


def _insert(rng: Random, html: str, piece: str) -> str:
    at = rng.randint(0, len(html))
    if rng.random() < 0.5:  # at a tag's edge: there it becomes text or a block, not a part of an attribute
        at = rng.choice([tag.end() for tag in _TAG.finditer(html)] or [at])
    return html[:at] + piece + html[at:]


def _scatter(rng: Random, html: str, piece: Callable[[], str]) -> str:
    for _ in range(rng.choice((1, 3, 30))):
        at = rng.randint(0, len(html))
        html = html[:at] + piece() + html[at:]
    return html


# --- ways to damage what is around the HTML


def _spoil_fields(rng: Random, post: dict[str, Any]) -> None:
    for _ in range(rng.randint(1, 4)):
        field, kind = rng.choice(FIELDS), rng.random()
        if kind < 0.2:
            post.pop(field, None)
        elif kind < 0.5:
            post[field] = rng.choice(WRONG)
        elif kind < 0.6:
            post[rng.choice(("date_gmt", "modified_gmt"))] = rng.choice(DATES)
        elif kind < 0.7:
            post["link"] = rng.choice(ADDRESSES)
        elif kind < 0.8:
            post["excerpt"] = {"rendered": rng.choice(MUTATIONS)(rng, f"<p>{rng.choice(PHRASES)}</p>")}
        elif kind < 0.9:
            post["title"] = {"rendered": rng.choice(MUTATIONS)(rng, rng.choice(PHRASES))}
        else:
            post["_embedded"] = {
                "author": rng.choice((WRONG, [{"name": rng.choice(PHRASES)}])),
                "wp:featuredmedia": [{"source_url": rng.choice(ADDRESSES), "alt_text": rng.choice(PHRASES)}],
                "wp:term": rng.choice((WRONG, [[{"taxonomy": "category", "name": rng.choice(PHRASES)}]])),
            }


def _spoil_document(rng: Random, document: bytes) -> bytes:
    for spoil in rng.sample(_SPOILS, rng.choice((1, 1, 2))):
        document = spoil(rng, document)
    return document


def _truncate(rng: Random, document: bytes) -> bytes:
    return document[: rng.randint(0, len(document))]


def _flip(rng: Random, document: bytes) -> bytes:
    changed = bytearray(document)
    for _ in range(rng.choice((1, 5, 50))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _raw(rng: Random, document: bytes) -> bytes:
    return document.replace(rng.choice((b"\\n", b"\\u", b'\\"', b"\\")), rng.choice((b"\n", b"", b"\x00", b"\\")))


def _hole(rng: Random, document: bytes) -> bytes:
    a = rng.randint(0, len(document))
    return document[:a] + document[a + rng.choice((1, 10, 1000)) :]


def _surround(rng: Random, document: bytes) -> bytes:
    before, after = rng.choice(
        (
            (b"[", b"]"),
            (b"\xef\xbb\xbf", b""),
            (b"<br>Warning: {x}\n", b"</html>"),
            (b"\n[", b""),
            (b"null", b""),
            (b"[[{", b""),
        )
    )
    return before + document + after


def _recode(rng: Random, document: bytes) -> bytes:
    text = document.decode("utf-8", "replace")
    return text.encode(rng.choice(("utf-16", "utf-16-le", "latin-1", "utf-8-sig", "gb18030")), "replace")


_SPOILS = (_truncate, _flip, _raw, _hole, _surround, _recode)
