"""Documents that the code can check are checked."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import generate

ROOT = Path(__file__).parents[1]
CARDS = (ROOT / "docs" / "cards.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")


def test_the_readmes_tables_are_what_the_code_says() -> None:
    assert generate.readme(README) == README, "run `make docs`"


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


def test_the_lock_of_the_pictures_package_names_no_registry() -> None:
    assert "://" not in (ROOT / "docs" / "package-lock.json").read_text("utf-8")
