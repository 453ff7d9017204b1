"""What is done for cards that stand: once each, later where there is no room, whatever goes wrong."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.errors import Refused, TryLater, Vanished
from bot.extras import Extras
from bot.model import Extra
from bot.store import Inline
from tests.commands.chat import Chat, Clock, opened

BOTH = {"crosspost": "yes", "thread": "yes"}


@pytest.fixture
async def chat(database: str) -> AsyncIterator[Chat]:
    async with opened(database) as one:
        yield one


class Ends(Exception):
    """The time that a test looks at is over."""


class Until(Clock):
    """A chat's clock, up to a moment."""

    def __init__(self, chat: Chat, seconds: float) -> None:
        super().__init__()
        self._chat, self._end = chat, chat.clock.now() + timedelta(seconds=seconds)

    def now(self) -> datetime:
        return self._chat.clock.now()

    async def sleep(self, seconds: float) -> None:
        self._chat.turn(seconds)
        if self.now() >= self._end:
            raise Ends


async def extended(chat: Chat, seconds: float) -> list[tuple[Extra, str]]:
    """What was done, for which titles, once so many seconds of the test's clock have gone by."""
    with pytest.raises(Ends):
        await Extras(chat.platform, chat.store, Inline(), Until(chat, seconds), random.Random(1)).run()
    return sorted((extra, title) for _ref, extra, title in chat.platform.extended)


@pytest.mark.parametrize("extra", Extra)
async def test_each_card_gets_it_once_where_that_is_wished(chat: Chat, extra: Extra) -> None:
    await chat.follow()
    chat.publish("Before it was wished")
    await chat.go_on()
    await chat.ask("settings", **{extra.value: "true"})
    for title in ("One", "Two"):
        chat.publish(title)
    await chat.go_on()
    assert await extended(chat, 10) == [(extra, "One"), (extra, "Two")]
    assert len(await extended(chat, 10)) == 2


async def test_a_card_gets_all_that_is_wished(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", **BOTH)
    chat.publish("One")
    await chat.go_on()
    assert await extended(chat, 10) == [(Extra.CROSSPOST, "One"), (Extra.THREAD, "One")]


@pytest.mark.parametrize("trouble", [TryLater("The budget is used up.", 1800), ZeroDivisionError("a defect")])
async def test_what_cannot_be_done_now_is_done_later_and_holds_back_no_other(chat: Chat, trouble: Exception) -> None:
    await chat.follow()
    await chat.ask("settings", thread="true")
    chat.publish("One")
    chat.publish("Two")
    await chat.go_on()
    chat.platform.troubles = [trouble]
    assert len(await extended(chat, 10)) == 1
    assert len(await extended(chat, 3600)) == 2
    assert "trouble" not in await chat.say("subscriptions")


@pytest.mark.parametrize("trouble", [Refused("No threads here."), Vanished("Somebody removed it.")])
async def test_what_can_never_be_done_is_tried_once_and_told_until_the_next_card_has_it(
    chat: Chat, trouble: Exception
) -> None:
    await chat.follow()
    await chat.ask("settings", thread="true")
    chat.publish("One")
    await chat.go_on()
    chat.platform.troubles = [trouble]
    assert await extended(chat, 3600) == []
    assert f"trouble: {trouble}" in await chat.say("subscriptions")
    assert chat.standing() == ["One"]
    chat.publish("Two")
    await chat.go_on()
    assert await extended(chat, 10) == [(Extra.THREAD, "Two")]
    assert "trouble" not in await chat.say("subscriptions")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # a day has many seconds
async def test_what_fails_all_day_is_given_up_and_the_card_is_never_sent_again(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", thread="true")
    chat.publish("One")
    await chat.go_on()
    chat.platform.troubles = [TryLater("Discord failed with 500.") for _ in range(500)]
    assert await extended(chat, 25 * 3600) == []
    assert 50 < 500 - len(chat.platform.troubles) < 200
    assert "trouble: Discord failed with 500." in await chat.say("subscriptions")
    await chat.deliver()
    assert len(chat.platform.posted) == 1


async def test_what_was_done_before_the_process_died_is_asked_for_again_which_is_once(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", thread="true")
    chat.publish("One")
    await chat.go_on()
    [owed] = chat.store.claim_extras("model", chat.clock.now(), 10, timedelta(minutes=10))
    assert await extended(chat, 60) == []
    assert await extended(chat, 600) == [(Extra.THREAD, "One")]
    assert (owed.title, owed.tries) == ("One", 1)


async def test_what_the_channel_can_never_have_is_refused_and_what_is_missing_is_told(chat: Chat) -> None:
    await chat.follow()
    chat.platform.never, chat.platform.lacks = {Extra.CROSSPOST}, ["Create Public Threads"]
    with pytest.raises(Exception, match="can have no crosspost"):
        await chat.ask("settings", **BOTH)
    assert "thread: no" in await chat.say("settings")
    assert (await chat.say("settings", thread="yes")).splitlines()[-1] == "Create Public Threads"
    assert "Create Public Threads" in await chat.say("subscribe", site=chat.site.url)
