"""Cards that are handed on to a channel's followers: once each, later where there is no room, whatever goes wrong."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.crossposts import Crossposts
from bot.demo.site import SampleSite
from bot.errors import Refused, TryLater, Vanished
from bot.fetch import Fetcher
from bot.model import Receipt
from bot.sources.wordpress import WordPress
from bot.store import Inline
from tests.commands.chat import Chat, Clock, Model


class Announcements(Model):
    """A platform whose channels have followers; each of `troubles` meets one try."""

    def __init__(self) -> None:
        super().__init__()
        self.handed_on: list[str] = []
        self.troubles: list[Exception] = []

    async def crosspost(self, receipt: Receipt) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.handed_on.append(receipt.ref)


@pytest.fixture
async def chat(database: str) -> AsyncIterator[Chat]:
    clock = Clock()
    async with SampleSite(name="The Harbour Ledger", clock=clock.now) as site:
        fetcher = Fetcher(user_agent="a test", allow_private=True)
        opened = Chat(database, WordPress(fetcher), site, clock, Announcements())
        yield opened
        opened.store.close()
        await fetcher.close()


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


async def hand_on(chat: Chat, seconds: float) -> list[str]:
    """What was handed on once so many seconds of the test's clock have gone by."""
    platform = chat.platform
    assert isinstance(platform, Announcements)
    with pytest.raises(Ends):
        await Crossposts(platform, chat.store, Inline(), Until(chat, seconds), random.Random(1)).run()
    return platform.handed_on


async def test_each_card_is_handed_on_once_where_that_is_wished(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Before it was wished")
    await chat.go_on()
    await chat.ask("settings", crosspost="true")
    for title in ("One", "Two"):
        chat.publish(title)
    await chat.go_on()
    assert len(await hand_on(chat, 10)) == 2
    assert len(set(await hand_on(chat, 10))) == 2


@pytest.mark.parametrize("trouble", [TryLater("The budget is used up.", 1800), ZeroDivisionError("a defect")])
async def test_what_cannot_be_handed_on_now_is_handed_on_later_and_holds_back_no_other(
    chat: Chat, trouble: Exception
) -> None:
    await chat.follow()
    await chat.ask("settings", crosspost="true")
    chat.publish("One")
    chat.publish("Two")
    await chat.go_on()
    assert isinstance(chat.platform, Announcements)
    chat.platform.troubles = [trouble]
    assert len(await hand_on(chat, 10)) == 1
    assert len(await hand_on(chat, 3600)) == 2


@pytest.mark.parametrize("trouble", [Refused("No announcements here."), Vanished("Somebody removed it.")])
async def test_what_can_never_be_handed_on_is_tried_once(chat: Chat, trouble: Exception) -> None:
    await chat.follow()
    await chat.ask("settings", crosspost="true")
    chat.publish("One")
    await chat.go_on()
    assert isinstance(chat.platform, Announcements)
    chat.platform.troubles = [trouble]
    assert await hand_on(chat, 3600) == []
