"""The test of the test: take one part of the guarantee away, and the schedules find it out."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.discord import Discord
from bot import dispatcher
from bot.ages import Age, Ages
from bot.dispatcher import Dispatcher
from bot.model import Channel, Delivery
from bot.store import Store
from bot.windows import Windows
from tests.simulation.discord import DiscordModel, ModelRest
from tests.simulation.schedule import Schedule, chosen
from tests.simulation.stage import judge
from tests.simulation.test_found import LATE_EDITS
from tests.simulation.test_schedules import EVERY, SHARE

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


def with_windows(patch: Patch, windows: Windows) -> None:
    make = DiscordModel.adapter

    def adapter(self: DiscordModel, clock: Any) -> Discord:
        made = make(self, clock)
        made.windows = windows
        return made

    patch.setattr(DiscordModel, "adapter", adapter)


def resend_past_the_window(patch: Patch) -> None:
    with_windows(patch, Windows(timedelta(minutes=10), timedelta(seconds=60)))


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
    certain = dispatcher.decide
    patch.setattr(dispatcher, "decide", lambda delivery, *rest: certain(replace(delivery, unsure_since=None), *rest))


def trust_the_wall_clock(patch: Patch) -> None:
    def of(self: Ages, delivery: Delivery, windows: Windows) -> Age:
        assert delivery.attempt is not None
        wall = self._clock.now() - delivery.attempt.at
        return Age(wall, wall)

    patch.setattr(Ages, "of", of)


def edit_at_once(patch: Patch) -> None:
    with_windows(patch, Windows(timedelta(seconds=30), timedelta(seconds=60)))


def repeat_in_forums(patch: Patch) -> None:
    async def always(self: Discord, channel: Channel) -> bool:
        return True

    patch.setattr(Discord, "recognises", always)


MUTATIONS: list[tuple[Callable[[Patch], None], str, str, str]] = [
    (no_key, "discord", "post", "kill"),
    (another_key_each_time, "discord", "post", "kill"),
    (no_look, "discord", "post", "reboot"),
    (mark_after_send, "discord", "post", "freeze"),
    (short_lease, "discord", "taken back", "late"),
    (resend_past_the_window, "discord", "post", "kill"),
    (look_too_early, "forum", "post", "late"),
    (forget_the_attempt, "discord", "post", "freeze"),
    (no_cold_look, "discord", "post", "restore"),
    (trust_the_wall_clock, "discord", "post", "reboot"),
    (edit_at_once, "discord", "taken back", "late"),
    (repeat_in_forums, "forum", "post", "late"),
]
"""Each with the platform, the story and the kind of fault by which it is found out soonest."""


def caught(platform: str, story: str, fault: str) -> Schedule | None:
    """The first schedule with this fault, of those that the tests run, in which something goes wrong."""
    undisturbed = judge(Schedule(platform, story))[1]
    most = EVERY if story == "post" else SHARE
    schedules = chosen(platform, story, undisturbed.steps, undisturbed.sent, most)
    such = [one for one in schedules if fault in f"{one.events} {one.fates}"]
    such += LATE_EDITS if story == "taken back" else ()
    return next((one for one in such if judge(one)[0]), None)


@pytest.mark.parametrize(
    ("mutation", "platform", "story", "fault"), MUTATIONS, ids=[one.__name__ for one, *_ in MUTATIONS]
)
def test_without_a_part_of_the_guarantee_a_schedule_fails(
    monkeypatch: Patch, mutation: Callable[[Patch], None], platform: str, story: str, fault: str
) -> None:
    mutation(monkeypatch)
    assert caught(platform, story, fault)
