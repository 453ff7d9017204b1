"""Makes a screen's PNG a third as large: 256 colours, one byte a pixel. What a page draws needs hardly more."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterator

COLOURS = 256
HEAD = b"\x89PNG\r\n\x1a\n"
TRUE_COLOUR, INDEXED = 2, 3


def indexed(png: bytes) -> bytes:
    """The picture in its most frequent colours; each other one becomes the nearest of them.

    `png` is as Chromium makes it: 8 bits of red, green and blue a pixel, not interlaced.
    """
    given = list(parts(png))
    width, height, depth, kind = struct.unpack(">IIBB", given[0][1][:10])
    if (depth, kind) != (8, TRUE_COLOUR):
        raise ValueError(f"no PNG of 8 bits in true colour: {depth}, {kind}")
    data = zlib.decompress(b"".join(body for name, body in given if name == b"IDAT"))
    pixels = [[row[at : at + 3] for at in range(0, 3 * width, 3)] for row in _rows(data, 3 * width)]
    counted = Counter(pixel for row in pixels for pixel in row)
    palette = [colour for colour, _count in counted.most_common(COLOURS)]
    number = {colour: min(range(len(palette)), key=_distance(colour, palette)) for colour in counted}
    rows = b"".join(b"\0" + bytes(number[pixel] for pixel in row) for row in pixels)
    shape = struct.pack(">IIBBBBB", width, height, 8, INDEXED, 0, 0, 0)
    made = [(b"IHDR", shape), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return HEAD + b"".join(written(name, body) for name, body in made)


def parts(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks that the file is made of: their names and what is in them."""
    at = len(HEAD)
    while at < len(png):
        [size] = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        at += size + 12


def written(name: bytes, body: bytes) -> bytes:
    """A chunk, as it stands in the file."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _rows(data: bytes, size: int) -> Iterator[bytes]:
    """The rows, each without its filter: what it differs in from the pixel before, above, or before above."""
    above = bytes(size)
    for at in range(0, len(data), size + 1):
        row, guess = bytearray(data[at + 1 : at + 1 + size]), GUESSES[data[at]]
        for place in range(size):
            before, corner = (row[place - 3], above[place - 3]) if place >= 3 else (0, 0)
            row[place] = (row[place] + guess(before, above[place], corner)) & 255
        yield (above := bytes(row))


def _paeth(before: int, above: int, corner: int) -> int:
    guess = before + above - corner
    return min((before, above, corner), key=lambda one: abs(guess - one))


GUESSES: tuple[Callable[[int, int, int], int], ...] = (
    lambda before, above, corner: 0,
    lambda before, above, corner: before,
    lambda before, above, corner: above,
    lambda before, above, corner: (before + above) // 2,
    _paeth,
)
"""PNG's filters by their numbers."""


def _distance(colour: bytes, palette: list[bytes]) -> Callable[[int], int]:
    return lambda number: sum((one - other) ** 2 for one, other in zip(colour, palette[number], strict=True))
