"""What exists once is one process's at a time, and soon another's when that one is gone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from sqlalchemy import create_engine, text

from bot.errors import SettingsError
from bot.model import Subscription
from bot.store import duties_of, open_store
from bot.store.duties import Alone, Duties
from tests.real.postgres import Server
from tests.store.test_store import NOW, ONE, SITE, follow

DUTY = "deliver model"


class Process:
    """One that has the duty or not; `at_work` as long as it works."""

    def __init__(self, url: str) -> None:
        self.duties: Duties = duties_of(url, self._ring)
        self.at_work, self.idle, self.rung, self.enough = (asyncio.Event() for _ in range(4))
        self.idle.set()
        self.begun = 0

    def _ring(self) -> None:
        self.rung.set()

    async def _work(self) -> None:
        self.begun += 1
        self.at_work.set()
        self.idle.clear()
        try:
            await self.enough.wait()
        finally:
            self.at_work.clear()
            self.idle.set()

    @contextlib.asynccontextmanager
    async def alive(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(self.duties.run()), asyncio.create_task(self.duties.do(DUTY, self._work))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def soon(event: asyncio.Event) -> None:
    await asyncio.wait_for(event.wait(), 30)


@pytest.fixture
def url(server: Server) -> Iterator[str]:
    with server.database() as made:
        yield made


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.locks.BEAT", 0.2)


def cut(url: str) -> None:
    """The server ends every session."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
    engine.dispose()


async def test_on_sqlite_the_only_process_has_every_duty() -> None:
    only = Process("sqlite:///nowhere.db")
    assert isinstance(only.duties, Alone)
    only.enough.set()
    await only.duties.do(DUTY, only._work)
    assert only.begun == 1
    assert only.duties.has(DUTY)


def test_a_driver_that_cannot_hold_duties_is_refused() -> None:
    with pytest.raises(SettingsError, match="psycopg"):
        duties_of("postgresql+pg8000://nobody@localhost/none", lambda: None)


@pytest.mark.real
@pytest.mark.usefixtures("hasty")
class TestPostgres:
    async def test_a_duty_is_one_process_s_and_the_next_one_s_when_that_is_gone(self, url: str) -> None:
        first, second = Process(url), Process(url)
        async with contextlib.AsyncExitStack() as first_life:
            await first_life.enter_async_context(first.alive())
            await soon(first.at_work)
            async with second.alive():
                await asyncio.sleep(1)
                assert not second.begun
                assert first.duties.has(DUTY)
                assert not second.duties.has(DUTY)
                await first_life.aclose()
                await soon(second.at_work)

    async def test_who_gives_a_duty_up_leaves_it_to_another_and_keeps_the_others(self, url: str) -> None:
        first, second = Process(url), Process(url)
        async with first.alive():
            await soon(first.at_work)
            kept = asyncio.create_task(first.duties.do("another", asyncio.Event().wait))  # type: ignore[arg-type]
            await _until(lambda: first.duties.has("another"))
            async with second.alive():
                first.duties.give_up(DUTY)
                await soon(first.idle)
                await soon(second.at_work)
                assert first.duties.has("another")
            kept.cancel()

    async def test_a_session_that_ends_breaks_the_work_off_and_another_session_begins_it_anew(self, url: str) -> None:
        one = Process(url)
        async with one.alive():
            await soon(one.at_work)
            cut(url)
            await soon(one.idle)
            await soon(one.at_work)
            assert one.begun == 2

    async def test_without_an_answer_the_work_is_broken_off_before_the_server_frees_the_lock(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bot.store.locks.SURE", 1.0)
        one = Process(url)
        async with one.alive():
            await soon(one.at_work)
            engine = create_engine(url)
            with engine.begin() as tx:
                monkeypatch.setattr("bot.store.locks._ASK", "SELECT pg_advisory_xact_lock(7, 7), %s, %s::int[]")
                tx.execute(text("SELECT pg_advisory_xact_lock(7, 7)"))
                await soon(one.idle)
                assert not one.duties.has(DUTY)
            engine.dispose()

    async def test_a_server_that_was_away_is_found_again(self, server: Server, url: str) -> None:
        one = Process(url)
        async with one.alive():
            await soon(one.at_work)
            with server.away():
                await soon(one.idle)
            await soon(one.at_work)

    async def test_news_of_one_process_wakes_another(self, url: str) -> None:
        store = open_store(url)
        follow(store, ONE)
        one = Process(url)
        async with one.alive():
            await soon(one.at_work)
            one.rung.clear()
            site = store.add_site(SITE, NOW)
            assert site.id is not None
            store.backfill(Subscription(ONE, site.id), [], 1, NOW)
            await soon(one.rung)
        store.close()


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.05)
