"""No adapter is missing from the contract, and none is imported for nothing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot import plugins
from bot.model import Citation, Quote, Style
from tests.adapters import contract, test_console, test_discord, test_matrix
from tests.adapters.contract import CARD

SUITES = (test_console, test_discord, test_matrix)


def test_every_installed_adapter_is_held_to_the_contract() -> None:
    held = {suite.__name__.removeprefix("tests.adapters.test_") for suite in SUITES}
    assert held == set(contract.PLATFORMS) == set(plugins.available())


def test_an_adapter_that_is_not_set_up_is_not_imported() -> None:
    code = (
        "import sys, bot.app, bot.cli;"
        "print(sorted({'adapters', 'discord', 'nio'} & {name.split('.')[0] for name in sys.modules}))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("platform", sorted(plugins.available()))
@given(title=contract.hostile, lead=contract.hostile, quote=contract.hostile, name=contract.hostile)
@settings(max_examples=50, deadline=None)
def test_any_text_can_be_rendered_in_every_style(platform: str, title: str, lead: str, quote: str, name: str) -> None:
    card = replace(CARD, title=title, lead=lead, quote=Quote(quote, name), sources=(Citation(name, CARD.url),))
    contract.renders_anything(plugins.load(platform), card, name)


@pytest.mark.parametrize("platform", sorted(plugins.available()))
@pytest.mark.parametrize("monster", contract.MONSTERS)
def test_a_monster_in_every_field_at_once_can_be_rendered(platform: str, monster: str) -> None:
    text = contract.MONSTERS[monster]
    contract.renders_anything(plugins.load(platform), contract.filled(text), text)


@pytest.mark.parametrize("platform", sorted(plugins.available()))
@pytest.mark.parametrize("struck", [False, True])
def test_right_to_left_text_cannot_turn_the_bots_own_words(platform: str, struck: bool) -> None:
    adapter = plugins.load(platform)
    for style in Style:
        payload = adapter.render(contract.filled("שלום"), style, struck=struck, changed="שלום")
        for shown in adapter.text(payload).split("\n"):
            bare = re.sub("\u2068[^\u2066-\u2069]*\u2069", "", shown).replace("https://ledger.example/שלום", "")
            assert not ("ש" in bare and re.search("[A-Za-z0-9·—]", bare)), shown


@pytest.mark.parametrize("platform", sorted(plugins.available()))
def test_a_full_card_shows_all_that_is_known_of_the_article(platform: str) -> None:
    adapter, card = plugins.load(platform), replace(CARD, author="Ann Lee", category="Harbour", reading_minutes=4)
    shown = json.dumps(adapter.render(card, Style.FULL), ensure_ascii=False)
    for part in (card.title, card.url, card.lead, "We counted every bolt twice", "Inge Maddern", "Port Authority",
                 "The Quay Gazette", "A swing bridge, half open", "bridge.jpg", card.site_name, "Ann Lee", "Harbour",
                 "4 min"):  # fmt: skip
        assert part in shown
    assert re.search("2026-03-02[ T]09:30", shown)


@pytest.mark.parametrize("platform", sorted(plugins.available()))
@pytest.mark.parametrize("style", list(Style))
def test_every_style_says_where_from_by_whom_and_when(platform: str, style: Style) -> None:
    shown = json.dumps(plugins.load(platform).render(replace(CARD, author="Ann Lee"), style), ensure_ascii=False)
    assert CARD.site_name in shown
    assert "Ann Lee" in shown
    assert re.search("2026-03-02[ T]09:30", shown)


@pytest.mark.parametrize("platform", sorted(plugins.available()))
@given(
    title=contract.markup, lead=contract.markup, url=contract.markup | contract.markup.map("https://a.example/".__add__)
)
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_drawn_and_nothing_in_the_drawing_acts(platform: str, title: str, lead: str, url: str) -> None:
    contract.draws_anything(plugins.load(platform), title, lead, url)
