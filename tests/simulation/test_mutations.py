"""The test of the test: take one part of the guarantee away, and the schedules find it out."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from adapters.discord import Discord
from adapters.matrix import Matrix
from bot import dispatcher
from bot.ages import Age, Ages
from bot.dispatcher import Dispatcher
from bot.model import Channel, Delivery
from bot.ports import Windows
from bot.store import Store
from tests.simulation.discord import DiscordModel, ModelRest
from tests.simulation.schedule import Schedule, chosen
from tests.simulation.stage import judge

BUDGET = 650
"""Schedules of one platform and story that `test_schedules` runs at least."""

Patch = pytest.MonkeyPatch


def no_key(patch: Patch) -> None:
    request = ModelRest.request

    def without(self: ModelRest, method: str, path: str, *, json: Any, **rest: Any) -> Any:
        json = json and {name: value for name, value in json.items() if name != "nonce"}
        return request(self, method, path, json=json, **rest)

    patch.setattr(ModelRest, "request", without)


def another_key_each_time(patch: Patch) -> None:
    post = Discord.post

    async def anew(self: Discord, channel: Channel, payload: Any, key: str) -> Any:
        return await post(self, channel, payload, f"{key[:16]}{random.getrandbits(32):08x}")

    patch.setattr(Discord, "post", anew)


def no_look(patch: Patch) -> None:
    async def nothing(self: Any, *_: object) -> None:
        return None

    patch.setattr(Discord, "find", nothing)


def mark_after_send(patch: Patch) -> None:
    async def post(self: Dispatcher, delivery: Delivery) -> None:
        receipt = await self._adapter.post(delivery.channel, self._payload(delivery), delivery.key)
        marked = await self._door(self._store.attempting, delivery, self._clock.now())
        assert marked is not None
        await self._door(self._store.settle, marked, delivery.wanted, receipt, self._clock.now())

    patch.setattr(Dispatcher, "_post", post)


def short_lease(patch: Patch) -> None:
    patch.setattr(dispatcher, "LEASE", timedelta(seconds=0.5))


def resend_past_the_window(patch: Patch) -> None:
    make = DiscordModel.adapter

    def adapter(self: DiscordModel, clock: Any) -> Discord:
        made = make(self, clock)
        made.windows = Windows(timedelta(minutes=10), timedelta(seconds=60))
        return made

    patch.setattr(DiscordModel, "adapter", adapter)


def look_too_early(patch: Patch) -> None:
    of = Ages.of

    def quiet(self: Ages, delivery: Delivery, windows: Windows) -> Age:
        return Age(of(self, delivery, windows).first, windows.settle)

    patch.setattr(Ages, "of", quiet)


def forget_the_attempt(patch: Patch) -> None:
    postpone = Store.postpone

    def forgetting(self: Store, delivery: Delivery, until: Any, note: str, *, forget_attempt: bool) -> bool:
        return postpone(self, delivery, until, note, forget_attempt=True)

    patch.setattr(Store, "postpone", forgetting)


def no_cold_look(patch: Patch) -> None:
    patch.setattr(Ages, "unsure", lambda *_: False)


def trust_the_wall_clock(patch: Patch) -> None:
    def of(self: Ages, delivery: Delivery, windows: Windows) -> Age:
        assert delivery.attempt is not None
        wall = self._clock.now() - delivery.attempt.at
        return Age(wall, wall)

    patch.setattr(Ages, "of", of)


def edit_at_once(patch: Patch) -> None:
    make = DiscordModel.adapter

    def adapter(self: DiscordModel, clock: Any) -> Discord:
        made = make(self, clock)
        made.windows = Windows(timedelta(seconds=30), timedelta(seconds=60))
        return made

    patch.setattr(DiscordModel, "adapter", adapter)


def repeat_in_forums(patch: Patch) -> None:
    async def always(self: Discord, channel: Channel) -> bool:
        return True

    patch.setattr(Discord, "recognises", always)


def a_day_of_memory(patch: Patch) -> None:
    patch.setattr(Matrix, "windows", property(lambda self: self._settings.windows))


MUTATIONS: list[tuple[Callable[[Patch], None], str, str]] = [
    (no_key, "discord", "post"),
    (another_key_each_time, "discord", "post"),
    (no_look, "discord", "post"),
    (mark_after_send, "discord", "post"),
    (short_lease, "discord", "taken back"),
    (resend_past_the_window, "discord", "post"),
    (look_too_early, "forum", "post"),
    (forget_the_attempt, "discord", "post"),
    (no_cold_look, "discord", "post"),
    (trust_the_wall_clock, "discord", "post"),
    (edit_at_once, "discord", "taken back"),
    (repeat_in_forums, "forum", "post"),
]


def caught(platform: str, story: str) -> int:
    """How many schedules it took to find something wrong; 0 when none did."""
    undisturbed = judge(Schedule(platform, story))[1]
    schedules = chosen(platform, story, undisturbed.steps, undisturbed.sent, BUDGET)
    return next((number for number, schedule in enumerate(schedules, 1) if judge(schedule)[0]), 0)


@pytest.mark.parametrize(("mutation", "platform", "story"), MUTATIONS, ids=[one.__name__ for one, *_ in MUTATIONS])
def test_without_a_part_of_the_guarantee_a_schedule_fails(
    monkeypatch: Patch, mutation: Callable[[Patch], None], platform: str, story: str
) -> None:
    mutation(monkeypatch)
    assert caught(platform, story)
