"""What one delivery needs next: the decisions, without any I/O."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dispatcher import Step, decide, patience
from bot.model import WITHDRAWN, Attempt, Card, Channel, Delivery, OnWithdrawal, Receipt
from bot.ports import Windows

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WINDOWS = Windows(resend=timedelta(seconds=30), settle=timedelta(seconds=60))
CARD = Card("Title", "https://ledger.example/1/")
FRESH = Delivery(1, Channel("model", "one"), 1, 1, "key", CARD, CARD.revision, "", epoch=1, attempts=1)
STANDING = replace(FRESH, receipt=Receipt(FRESH.channel, "m1"), shown="older")


def tried(seconds_ago: float, wanted: str = CARD.revision) -> Delivery:
    return replace(FRESH, wanted=wanted, attempt=Attempt(NOW - timedelta(seconds=seconds_ago), "older", CARD.url))


@pytest.mark.parametrize(
    ("delivery", "step"),
    [
        pytest.param(FRESH, Step.POST, id="never tried"),
        pytest.param(replace(FRESH, wanted=WITHDRAWN), Step.NOTHING, id="withdrawn before it was ever tried"),
        pytest.param(tried(29), Step.POST, id="in doubt, and the platform still recognises the key"),
        pytest.param(tried(30), Step.WAIT, id="in doubt, too late to repeat and too early to look"),
        pytest.param(tried(89), Step.WAIT, id="in doubt, a late request may still arrive"),
        pytest.param(tried(90), Step.LOOK, id="in doubt, and nothing can arrive any more"),
        pytest.param(tried(-1), Step.LOOK, id="the clock went back, so the window proves nothing"),
        pytest.param(tried(5, WITHDRAWN), Step.WAIT, id="in doubt and withdrawn: never repeated"),
        pytest.param(tried(90, WITHDRAWN), Step.LOOK, id="in doubt and withdrawn, then looked for"),
        pytest.param(replace(FRESH, followed=False), Step.SPARE, id="never tried, and followed no more"),
        pytest.param(replace(tried(5), followed=False), Step.WAIT, id="in doubt and followed no more: never repeated"),
        pytest.param(replace(tried(90), followed=False), Step.LOOK, id="in doubt and followed no more, looked for"),
        pytest.param(replace(STANDING, followed=False), Step.EDIT, id="stands in older words, and followed no more"),
        pytest.param(STANDING, Step.EDIT, id="stands, in older words"),
        pytest.param(replace(STANDING, wanted=WITHDRAWN), Step.STRIKE, id="stands, withdrawn"),
        pytest.param(
            replace(STANDING, wanted=WITHDRAWN, on_withdrawal=OnWithdrawal.REMOVE), Step.REMOVE, id="to be removed"
        ),
        pytest.param(
            replace(STANDING, wanted=WITHDRAWN, on_withdrawal=OnWithdrawal.LEAVE), Step.NOTHING, id="to be left"
        ),
    ],
)
def test_the_next_step(delivery: Delivery, step: Step) -> None:
    assert decide(delivery, NOW, WINDOWS) is step


@given(st.integers(1, 10_000), st.one_of(st.none(), st.floats(0, 5000)), st.integers())
def test_patience_grows_is_bounded_and_never_less_than_asked(attempts: int, after: float | None, seed: int) -> None:
    seconds = patience(attempts, after, random.Random(seed)).total_seconds()
    assert (after or 0) - 1e-5 <= seconds <= max(900, after or 0) + 1e-5
    assert seconds >= min(450, 2 ** min(attempts - 1, 10)) - 1e-5
