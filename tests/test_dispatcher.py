"""What one delivery needs next: the decisions, without any I/O."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ages import Age
from bot.dispatcher import Step, decide, patience
from bot.model import WITHDRAWN, Card, Channel, Delivery, OnWithdrawal, Receipt
from bot.windows import Windows

NEVER = None
WINDOWS = Windows(resend=timedelta(seconds=30), settle=timedelta(seconds=60))
CARD = Card("Title", "https://ledger.example/1/")
FRESH = Delivery(1, Channel("model", "one"), 1, 1, "key", CARD, CARD.revision, "", epoch=1, attempts=1)
STANDING = replace(FRESH, receipt=Receipt(FRESH.channel, "m1"), shown="older")


WITHDRAWN_POST = replace(FRESH, wanted=WITHDRAWN)
DROPPED = replace(FRESH, followed=False)


def tried(seconds_ago: float | None, quiet: float | None = None) -> Age:
    """Tried first so many seconds ago, and last as long ago unless it says so."""
    first = None if seconds_ago is None else timedelta(seconds=seconds_ago)
    return Age(first, timedelta(seconds=quiet if quiet is not None else seconds_ago or 0))


@pytest.mark.parametrize(
    ("delivery", "age", "step"),
    [
        pytest.param(FRESH, NEVER, Step.POST, id="never tried"),
        pytest.param(WITHDRAWN_POST, NEVER, Step.NOTHING, id="withdrawn before it was ever tried"),
        pytest.param(FRESH, tried(29), Step.POST, id="in doubt, and the platform still recognises the key"),
        pytest.param(FRESH, tried(29, 0), Step.POST, id="in doubt, and repeated just now"),
        pytest.param(FRESH, tried(30), Step.WAIT, id="in doubt, too late to repeat and too early to look"),
        pytest.param(FRESH, tried(500, 59), Step.WAIT, id="in doubt, a late repeat may still arrive"),
        pytest.param(FRESH, tried(60), Step.LOOK, id="in doubt, and nothing can arrive any more"),
        pytest.param(FRESH, tried(None, 59), Step.WAIT, id="of unknown age, and it may have left just now"),
        pytest.param(FRESH, tried(None, 60), Step.LOOK, id="of unknown age: never repeated"),
        pytest.param(WITHDRAWN_POST, tried(5), Step.WAIT, id="in doubt and withdrawn: never repeated"),
        pytest.param(WITHDRAWN_POST, tried(60), Step.LOOK, id="in doubt and withdrawn, then looked for"),
        pytest.param(DROPPED, NEVER, Step.SPARE, id="never tried, and followed no more"),
        pytest.param(DROPPED, tried(5), Step.WAIT, id="in doubt and followed no more: never repeated"),
        pytest.param(DROPPED, tried(60), Step.LOOK, id="in doubt and followed no more, looked for"),
        pytest.param(replace(STANDING, followed=False), NEVER, Step.EDIT, id="stands in older words, not followed"),
        pytest.param(STANDING, NEVER, Step.EDIT, id="stands, in older words"),
        pytest.param(replace(STANDING, wanted=WITHDRAWN), NEVER, Step.STRIKE, id="stands, withdrawn"),
        pytest.param(
            replace(STANDING, wanted=WITHDRAWN, on_withdrawal=OnWithdrawal.REMOVE), NEVER, Step.REMOVE, id="to remove"
        ),
        pytest.param(
            replace(STANDING, wanted=WITHDRAWN, on_withdrawal=OnWithdrawal.LEAVE), NEVER, Step.NOTHING, id="to leave"
        ),
    ],
)
def test_the_next_step(delivery: Delivery, age: Age | None, step: Step) -> None:
    assert decide(delivery, age, WINDOWS) is step


@pytest.mark.parametrize(
    ("delivery", "step"),
    [(FRESH, Step.LOOK), (WITHDRAWN_POST, Step.LOOK), (DROPPED, Step.SPARE), (STANDING, Step.EDIT)],
)
def test_what_a_forgotten_life_may_have_posted_is_looked_for_first(delivery: Delivery, step: Step) -> None:
    assert decide(replace(delivery, unsure_since=datetime(2026, 3, 1, tzinfo=UTC)), None, WINDOWS) is step


def test_windows_that_promise_nothing_are_named() -> None:
    wrong = Windows.of_seconds(resend=40, settle=20, late=25, known=60).wrong("PULLQUOTE_X_")
    assert [line.split(":")[0] for line in wrong] == ["PULLQUOTE_X_RESEND", "PULLQUOTE_X_SETTLE"]
    assert Windows.of_seconds(resend=35, settle=25, late=25, known=60).wrong("PULLQUOTE_X_") == []


@given(st.integers(1, 10_000), st.one_of(st.none(), st.floats(0, 5000)), st.integers())
def test_patience_grows_is_bounded_and_never_less_than_asked(attempts: int, after: float | None, seed: int) -> None:
    seconds = patience(attempts, after, random.Random(seed)).total_seconds()
    assert (after or 0) - 1e-5 <= seconds <= max(900, after or 0) + 1e-5
    assert seconds >= min(450, 2 ** min(attempts - 1, 10)) - 1e-5
