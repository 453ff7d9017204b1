"""What a process does of a platform's work while that is its own, and leaves when it is not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dispatcher import Dispatcher
from bot.errors import UsageError
from bot.model import Channel, Payload, Receipt
from bot.platforms import PlatformRun, Role, roles_of
from bot.ports import Asked, Command, Commands, Events, Reply, Windows
from bot.store import Inline, Store, open_store
from bot.store.duties import Alone
from tests.commands.chat import Clock
from tests.store.test_store import LEASE, ONE, follow, tell, turn


class Elsewhere(Alone):
    """Every duty is another process's by now, which this one has not yet been told."""

    def has(self, duty: str) -> bool:
        return False


class Platform:
    """Counts what is sent to it, and hands its commands out."""

    platform = "model"
    windows = Windows(timedelta(seconds=30), timedelta(seconds=60))
    ready = True

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.commands = asyncio.get_running_loop().create_future()

    def render(self, *_: object, **__: object) -> Payload:
        return {}

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        self.sent.append(key)
        return Receipt(channel, "m")

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        self.sent.append(key)

    async def serve(self, commands: Commands, events: Events) -> None:
        self.commands.set_result(commands)
        await asyncio.Event().wait()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'pullquote.db'}")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("only", "roles"), [("", set(Role)), ("poll", {Role.POLL}), ("serve, poll", {"serve", "poll"})]
)
def test_the_parts_of_the_work_are_named_between_commas(only: str, roles: set[Role]) -> None:
    assert roles_of(only) == roles


@pytest.mark.parametrize("only", ["read", "poll,", "poll deliver", " "])
def test_what_is_no_part_of_the_work_is_refused_with_what_is(only: str) -> None:
    with pytest.raises(UsageError, match="poll, deliver, serve"):
        roles_of(only)


async def test_a_command_that_another_process_answers_by_now_is_not_carried_out(store: Store) -> None:
    asked: list[str] = []

    async def run(who: Asked, given: Any) -> Reply:
        asked.append("run")
        return Reply("Done.")

    async def complete(who: Asked, option: str, typed: str) -> list[Any]:
        return []

    commands = {"status": Command("status", "", (), False, run, complete)}
    for duties, times in ((Alone(), 1), (Elsewhere(), 1)):
        platform = Platform()
        one = PlatformRun(
            platform,  # type: ignore[arg-type]  # no more of an adapter is asked for
            store,
            Inline(),
            Clock(),
            random.Random(1),
            duties,
            set(Role),
        )
        serving = asyncio.create_task(one.serve(commands, None))  # type: ignore[arg-type]
        obey = (await platform.commands)["status"].run
        answering = asyncio.create_task(obey(Asked(ONE), {}))
        await asyncio.wait([answering], timeout=0.05)
        assert len(asked) == times
        for task in (serving, answering):
            task.cancel()
        await asyncio.gather(serving, answering, return_exceptions=True)


async def test_what_is_another_process_s_by_now_is_not_sent_and_is_due_again_undoubted(store: Store) -> None:
    clock, platform = Clock(), Platform()
    mine = [True]
    follow(store, ONE)
    tell(store, clock.now(), new=(1,), claimed=turn(store, clock.now()))
    dispatcher = Dispatcher(
        platform,  # type: ignore[arg-type]
        store,
        Inline(),
        clock,
        random.Random(1),
        mine=lambda: mine[0],
    )
    [post] = store.claim("model", clock.now(), 16, LEASE)
    mine[0] = False
    await dispatcher.deliver(post)
    assert platform.sent == []
    clock.moment += LEASE
    [again] = store.claim("model", clock.now(), 16, LEASE)
    assert again.attempt is None
    mine[0] = True
    await dispatcher.deliver(again)
    tell(store, clock.now(), changed={1: "Corrected"}, claimed=turn(store, clock.now() + LEASE))
    [edit] = store.claim("model", clock.now(), 16, LEASE)
    mine[0] = False
    await dispatcher.deliver(edit)
    assert len(platform.sent) == 1
