"""What is asked for is looked at: at once, then once in five seconds, and never not at all. On virtual time."""

from __future__ import annotations

import asyncio
import tempfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.store import Inline, Store, open_store
from bot.web.early import APART, Early
from tests.simulation.virtual import VirtualClock, run


class Looks:
    """When sites were asked for and when they became due."""

    def __init__(self, store: Store) -> None:
        self.clock = VirtualClock()
        self.due: list[tuple[int, float]] = []
        self.refusing = 0
        self.early = Early(store, Inline(), self.clock, lambda _endpoint: None)
        store.look_at_once = self._look  # type: ignore[method-assign]

    def _look(self, site_id: int, now: object) -> str:
        if self.refusing:
            self.refusing -= 1
            raise StoreError("busy")
        self.due.append((site_id, self.clock.monotonic()))
        return "endpoint"


@pytest.fixture
def looks(tmp_path: Path) -> Looks:
    return Looks(open_store(f"sqlite:///{tmp_path / 'pullquote.db'}"))


def test_the_first_is_at_once_and_others_fold_into_one(looks: Looks) -> None:
    async def work() -> None:
        for _ping in range(5):
            looks.early.look(1)
            await asyncio.sleep(0.5)
        await asyncio.sleep(20)

    run(work())
    assert looks.due == [(1, 0.0), (1, APART)]


def test_one_site_holds_up_no_other(looks: Looks) -> None:
    async def work() -> None:
        looks.early.look(1)
        looks.early.look(2)
        await asyncio.sleep(0)

    run(work())
    assert looks.due == [(1, 0.0), (2, 0.0)]


def test_a_database_that_refuses_is_asked_again(looks: Looks) -> None:
    looks.refusing = 2

    async def work() -> None:
        looks.early.look(1)
        await asyncio.sleep(60)

    run(work())
    assert looks.due == [(1, 2 * APART)]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(1, 3), st.floats(0, 4, allow_nan=False)), max_size=30))
def test_after_whatever_is_asked_comes_a_look_and_none_too_soon(asked: list[tuple[int, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        looks = Looks(open_store(f"sqlite:///{folder}/pullquote.db"))
        when: list[tuple[int, float]] = []

        async def work() -> None:
            for site, wait in asked:
                await asyncio.sleep(wait)
                when.append((site, looks.clock.monotonic()))
                looks.early.look(site)
            await asyncio.sleep(60)

        run(work())
    for site, at in when:
        assert any(one == site and at <= then <= at + APART + 1e-3 for one, then in looks.due)
    for site in {site for site, _at in when}:
        times = [then for one, then in looks.due if one == site]
        assert all(later - sooner >= APART - 1e-3 for sooner, later in pairwise(times))
