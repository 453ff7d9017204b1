"""What an edit says of the correction: the dispatcher and the real store, with a platform that remembers each edit."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.dispatcher import LEASE, Dispatcher
from bot.errors import TryLater
from bot.model import Article, Card, Channel, OnWithdrawal, Payload, Receipt, Style, Subscription
from bot.ports import Changes
from bot.store import Inline, open_store
from tests.simulation.site import SITE
from tests.simulation.virtual import VirtualClock, run
from tests.simulation.world import Platform
from tests.wishes import subscribe

ONE, TWO = Channel("model", "one"), Channel("model", "two")
A = Card("Bridge closed", "https://ledger.example/1/", "The bridge is closed until May.", author="Ann")
B = replace(A, title="Bridge open")
C = replace(A, lead="The bridge is closed until June.")


class Remembering(Platform):
    def __init__(self) -> None:
        super().__init__(random.Random(1))
        self.edits: list[Payload] = []
        self.answers = True

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        receipt = await super().post(channel, payload, key)
        if not self.answers:
            raise TryLater("the answer was lost")
        return receipt

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        self.edits.append(payload)
        await super().edit(receipt, payload, key)
        if not self.answers:
            raise TryLater("the answer was lost")


@dataclass
class Newsroom:
    """One article of one site, followed in two channels; nothing happens but what a test says."""

    folder: Path
    on_withdrawal: OnWithdrawal = OnWithdrawal.STRIKE
    platform: Remembering = field(default_factory=Remembering)
    now: datetime = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
    pause: timedelta = LEASE

    def __post_init__(self) -> None:
        self.store = open_store(f"sqlite:///{self.folder / 'pullquote.db'}")
        site = self.store.add_site(SITE, self.now)
        assert site.id is not None
        for channel in (ONE, TWO):
            subscribe(self.store, Subscription(channel, site.id, Style.CARD, self.on_withdrawal), self.now)
        self.known = False

    def tell(self, card: Card | None) -> None:
        """The site shows this card of its article from now on, or no longer any."""
        self.now += self.pause
        [turn] = self.store.claim_sites(self.now, 1, LEASE)
        if card is None:
            changes = Changes("", withdrawn=(1,))
        else:
            article = Article(1, card.url, card.title)
            changes = Changes("", changed=(article,)) if self.known else Changes("", new=(article,))
        self.known = True
        self.store.want(turn, changes, {1: card} if card else {}, self.now, self.now)

    async def deliver(self, most: int = 2) -> list[str]:
        """What the edits said that are made when so many deliveries are taken on."""
        self.now += self.pause
        clock = VirtualClock(self.now)
        dispatcher = Dispatcher(self.platform, self.store, Inline(), clock, random.Random(1))
        before = len(self.platform.edits)
        for delivery in self.store.claim("model", self.now, most, LEASE):
            await dispatcher.deliver(delivery)
        return [payload["changed"] for payload in self.platform.edits[before:]]


Story = Callable[[Newsroom], Coroutine[Any, Any, None]]


def play(story: Story, folder: Path, **given: Any) -> None:
    newsroom = Newsroom(folder, **given)
    run(story(newsroom))
    newsroom.store.close()


def test_a_correction_is_said_in_every_channel(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        assert await newsroom.deliver() == []
        newsroom.tell(B)
        assert await newsroom.deliver() == ["headline changed"] * 2

    play(story, tmp_path)


def test_a_card_that_cannot_be_drawn_is_parked_and_the_next_one_goes_out(tmp_path: Path) -> None:
    def broken(*_: Any, **__: Any) -> Payload:
        raise ValueError("no such letter")

    async def story(newsroom: Newsroom) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(newsroom.platform, "render", broken)
            newsroom.tell(A)
            await newsroom.deliver()
        assert await newsroom.deliver() == []
        assert [each.parked for each in newsroom.store.following(ONE)] == [
            "A defect of Pullquote's: this card cannot be drawn; see the log."
        ]
        newsroom.tell(B)
        await newsroom.deliver()
        assert [len(newsroom.platform.standing(str(channel))) for channel in (ONE, TWO)] == [1, 1]

    play(story, tmp_path)


def test_a_correction_before_the_first_post_is_not_said(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        newsroom.tell(B)
        assert await newsroom.deliver() == []
        assert [message.changed for message in newsroom.platform.messages] == ["", ""]

    play(story, tmp_path)


def test_two_corrections_while_the_platform_is_down_are_said_as_one(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        newsroom.tell(B)
        newsroom.tell(C)
        assert await newsroom.deliver() == ["opening corrected"] * 2

    play(story, tmp_path)


def test_each_channel_is_told_what_changed_since_its_own_card(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        newsroom.tell(B)
        assert await newsroom.deliver(most=1) == ["headline changed"]
        newsroom.tell(replace(B, lead=C.lead))
        assert sorted(await newsroom.deliver()) == ["headline changed, opening corrected", "opening corrected"]

    play(story, tmp_path)


def test_a_correction_that_is_taken_back_is_a_correction_like_any_other(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        for card in (B, A, B, A):
            newsroom.tell(card)
            assert await newsroom.deliver() == ["headline changed"] * 2

    play(story, tmp_path)


def test_a_correction_that_is_taken_back_before_it_was_shown_is_not_said(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        newsroom.tell(B)
        newsroom.tell(A)
        assert await newsroom.deliver() == ["", ""]

    play(story, tmp_path)


def test_an_edit_that_is_tried_again_says_the_same(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        newsroom.tell(B)
        newsroom.platform.answers = False
        for _ in range(3):
            await newsroom.deliver(most=1)
        assert len(newsroom.platform.edits) == 3
        assert newsroom.platform.edits == newsroom.platform.edits[:1] * 3

    play(story, tmp_path)


def test_a_struck_card_says_only_that_it_is_withdrawn(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        newsroom.tell(B)
        newsroom.tell(None)
        assert await newsroom.deliver() == ["", ""]
        assert [message.shown for message in newsroom.platform.messages] == ["~Bridge open~"] * 2

    play(story, tmp_path)


@pytest.mark.parametrize("on_withdrawal", [OnWithdrawal.STRIKE, OnWithdrawal.LEAVE])
@pytest.mark.parametrize(("again", "said"), [(A, ""), (B, "headline changed")])
def test_a_card_that_stands_again_says_what_differs_from_the_one_people_saw(
    tmp_path: Path, on_withdrawal: OnWithdrawal, again: Card, said: str
) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        newsroom.tell(None)
        await newsroom.deliver()
        newsroom.tell(again)
        assert await newsroom.deliver() == [said] * 2

    play(story, tmp_path, on_withdrawal=on_withdrawal)


def test_a_card_that_was_removed_and_is_posted_anew_says_nothing(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        await newsroom.deliver()
        newsroom.tell(None)
        await newsroom.deliver()
        newsroom.tell(B)
        assert await newsroom.deliver() == []
        assert [m.changed for m in newsroom.platform.messages if not m.removed] == ["", ""]

    play(story, tmp_path, on_withdrawal=OnWithdrawal.REMOVE)


def test_a_post_whose_answer_was_lost_is_found_and_its_correction_said(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.tell(A)
        newsroom.platform.answers = False
        await newsroom.deliver()
        newsroom.platform.answers = True
        newsroom.tell(B)
        newsroom.tell(C)
        assert await newsroom.deliver() == []
        assert await newsroom.deliver() == ["opening corrected"] * 2

    play(story, tmp_path)


def test_where_one_card_or_another_may_have_been_seen_nothing_is_said(tmp_path: Path) -> None:
    async def story(newsroom: Newsroom) -> None:
        newsroom.pause = timedelta(seconds=5)  # inside the platform's window
        newsroom.tell(A)
        newsroom.platform.answers = False
        await newsroom.deliver()
        newsroom.platform.answers = True
        newsroom.tell(B)
        assert await newsroom.deliver() == []
        assert await newsroom.deliver() == ["", ""]
        assert [message.shown for message in newsroom.platform.messages] == [B.title] * 2

    play(story, tmp_path)
