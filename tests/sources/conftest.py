"""A site with one old post, and who follows it from then on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.demo.site import SampleSite
from bot.fetch import Fetcher
from bot.sources.wordpress import WordPress
from tests.sources.following import ALWAYS, Clock, Follower


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def site(clock: Clock) -> AsyncIterator[SampleSite]:
    async with SampleSite(clock=clock, name="Fish & Chips", gmt_offset=5.5) as running:
        running.publish({"title": "Long standing"}, date=clock.now - timedelta(days=30))
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    opened = Fetcher(allow_private=True, timeout=10)
    yield opened
    await opened.close()


@pytest.fixture
async def follower(fetcher: Fetcher, site: SampleSite, clock: Clock) -> Follower:
    made = await Follower.of(WordPress(fetcher, ALWAYS), site)
    clock.turn(60)
    return made
