"""The console keeps the contract; and what it prints."""

from __future__ import annotations

import json

import pytest

from adapters.console import Console
from bot.clock import SystemClock
from bot.model import Channel
from tests.adapters.contract import Bench, Contract
from tests.drawers import MemoryDrawer


class TestConsole(Contract):
    adapter_class = Console

    @pytest.fixture
    def bench(self) -> Bench:
        drawer = MemoryDrawer()

        async def standing() -> list[str]:
            shown = [json.loads(text)["shown"] for text in drawer.values.values()]
            return [Console.text(payload) for payload in shown if payload]

        return Bench(
            Console(drawer, SystemClock()), Channel("console", "main"), Channel("console", "no such console"), standing
        )
