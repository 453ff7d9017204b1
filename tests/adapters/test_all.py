"""No adapter is missing from the contract, and none is imported for nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings

from bot import plugins
from tests.adapters import contract, test_console, test_discord, test_matrix

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
    contract.renders_anything(plugins.load(platform), title, lead, quote, name)


@pytest.mark.parametrize("platform", sorted(plugins.available()))
@given(
    title=contract.markup, lead=contract.markup, url=contract.markup | contract.markup.map("https://a.example/".__add__)
)
@settings(max_examples=100, deadline=None)
def test_any_text_can_be_drawn_and_nothing_in_the_drawing_acts(platform: str, title: str, lead: str, url: str) -> None:
    contract.draws_anything(plugins.load(platform), title, lead, url)
