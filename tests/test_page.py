"""The page that shows a card: complete in itself, and drawn from what would be sent."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from bs4 import BeautifulSoup

from bot import plugins
from bot.model import Style
from bot.page import WITHDRAWN, page
from tests.adapters.contract import CARD

ADAPTERS = {name: plugins.load(name) for name in plugins.available()}


def test_each_part_shows_what_each_adapter_makes_of_what_it_would_send() -> None:
    text = page(CARD, [*Style, WITHDRAWN], ADAPTERS)
    parts = {part["id"]: str(part) for part in BeautifulSoup(text, "lxml")("section")}
    assert list(parts) == ["compact", "card", "full", "withdrawn"]
    for adapter in ADAPTERS.values():
        assert adapter.page(adapter.render(CARD, Style.FULL)).html in text
        assert adapter.page(adapter.render(CARD, Style.CARD, struck=True)).html in text
    assert ["lorries" in part for part in parts.values()] == [True, True, True, False]


def test_the_page_fetches_nothing_but_pictures() -> None:
    shown = BeautifulSoup(page(CARD, ["card"], ADAPTERS), "lxml")
    assert not shown(["link", "script", "iframe", "base"])
    assert {element.name for element in shown.find_all(src=True)} == {"img"}
    assert not re.search(r"url\(|@import", "".join(sheet.text for sheet in shown("style")))


def test_each_style_sheet_stands_in_the_page_once() -> None:
    text = page(CARD, [*Style], ADAPTERS)
    for adapter in ADAPTERS.values():
        assert text.count(adapter.page(adapter.render(CARD, Style.CARD)).css) == 1


def test_the_card_is_told_to_be_in_its_language() -> None:
    shown = BeautifulSoup(page(CARD, ["card"], ADAPTERS), "lxml")
    assert {element["lang"] for figure in shown("figure") for element in figure.find_all(lang=True)} == {"en"}


@pytest.mark.parametrize("script", ["draw()", "draw('</script><script>more()')"])
def test_the_script_is_the_only_one_that_may_run_and_cannot_end_early(script: str) -> None:
    shown = BeautifulSoup(page(CARD, ["card"], ADAPTERS, script), "lxml")
    [inlined] = shown("script")
    assert inlined.text.replace(r"<\/script", "</script") == script
    [policy] = shown("meta", attrs={"http-equiv": "Content-Security-Policy"})
    digest = base64.b64encode(hashlib.sha256(inlined.text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy["content"]
    assert "default-src 'none'" in policy["content"]
