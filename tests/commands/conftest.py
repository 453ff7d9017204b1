"""A bot for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.demo.site import SampleSite
from tests.commands.chat import Chat, opened


@pytest.fixture
async def chat(database: str) -> AsyncIterator[Chat]:
    async with opened(database) as one:
        yield one


@pytest.fixture
async def other(chat: Chat) -> AsyncIterator[SampleSite]:
    """A second publication."""
    async with SampleSite(name="The Other Gazette", clock=chat.clock.now) as site:
        yield site
