"""Documents that the code can check are checked."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from adapters.matrix.words import Words
from docs import examples, generate, palette

ROOT = Path(__file__).parents[1]
CARDS = (ROOT / "docs" / "cards.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("document", generate.PARTS)
def test_what_is_generated_in_a_document_is_what_the_code_says(document: str) -> None:
    assert generate.filled(document) == (ROOT / document).read_text("utf-8"), "run `make docs`"


def test_the_example_settings_are_what_the_command_prints() -> None:
    example = (ROOT / ".env.example").read_text("utf-8")
    printed = subprocess.run([sys.executable, "-m", "bot", "env"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert printed.stdout == example, "run `make docs`"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"`make ([a-z]+)", README))))
def test_what_the_readme_tells_to_make_can_be_made(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^):#]+)\)", README))))
def test_what_the_readme_links_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_gallery_shows_every_picture_once() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", CARDS)
    there = [*(ROOT / "docs").glob("*.png"), *(ROOT / "docs" / "cards").glob("*.png")]
    assert sorted(shown) == sorted(path.relative_to(ROOT / "docs").as_posix() for path in there)
    assert len(shown) >= 10


def test_every_command_has_an_example_that_it_takes_and_its_picture() -> None:
    pictures = {one.picture for one in examples.EXAMPLES if one.picture}
    assert pictures == {path.stem for path in (ROOT / "docs" / "replies").glob("*.png")}
    known = examples.known()
    assert known.keys() <= pictures
    for one in examples.EXAMPLES:
        said = Words.of(one.in_matrix(known).removeprefix("!pq "))
        assert said.command(known) == known[one.command]
        assert said.arguments(known[one.command], "!pq") == one.arguments


def test_a_picture_in_few_colours_keeps_every_pixel_whatever_its_filters() -> None:
    rows = ["0 10 20 30 40 50 60", "1 10 20 30 30 30 30", "2 0 0 0 0 0 0", "3 5 10 15 15 15 15", "4 0 0 0 0 0 0"]
    data = zlib.compress(b"".join(bytes(map(int, row.split())) for row in rows))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 2, 5, 8, 2, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    made = palette.indexed(palette.HEAD + b"".join(palette.written(*part) for part in parts))
    found = dict(palette.parts(made))
    assert found[b"PLTE"] == bytes([10, 20, 30, 40, 50, 60])
    assert zlib.decompress(found[b"IDAT"]) == bytes([0, 0, 1]) * 5


def test_the_lock_of_the_pictures_package_names_no_registry() -> None:
    assert "://" not in (ROOT / "docs" / "package-lock.json").read_text("utf-8")
