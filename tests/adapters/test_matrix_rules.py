"""The parts of Matrix that only think: settings, powers, words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.matrix import Matrix
from adapters.matrix.answers import Unreadable, refusal, retry_after
from adapters.matrix.rooms import Powers, Room
from bot.errors import CannotLogIn, Refused, SettingsError, TryLater
from tests.real.matrix import Drawer, RealTime

ADA, BEN, CAL = "@ada:x", "@ben:x", "@cal:x"
TOKEN = {"homeserver": "https://matrix.example.org", "access_token": "syt_secret"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)


def made_by(founder: str, version: str, **content: Any) -> Mapping[str, Any]:
    content["room_version"] = version
    return {"type": "m.room.create", "state_key": "", "sender": founder, "content": content}


def levels(**content: Any) -> Mapping[str, Any]:
    return {"type": "m.room.power_levels", "state_key": "", "content": content}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({}, "HOMESERVER: expected a URL"),
        ({}, "ACCESS_TOKEN: expected an access token"),
        ({**TOKEN, "homeserver": "example.org"}, "HOMESERVER"),
        ({**TOKEN, "user": "bot"}, "USER: expected a user id"),
        ({"homeserver": "https://x", "password": "p"}, "USER: expected, beside a password"),
        ({**TOKEN, "command_prefix": " "}, "COMMAND_PREFIX"),
    ],
)
def test_settings_that_are_missing_or_wrong_are_named(values: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingsError, match=f"PULLQUOTE_MATRIX_{complaint}") as error:
        Matrix.from_settings(Matrix.Settings.model_validate(values), Drawer(), RealTime())
    assert "secret" not in str(error.value)


def test_settings_that_suffice_make_an_adapter_that_has_not_connected() -> None:
    adapter = Matrix.from_settings(Matrix.Settings.model_validate(TOKEN), Drawer(), RealTime())
    assert not adapter.ready
    assert "secret" not in repr(Matrix.Settings.model_validate(TOKEN))


@pytest.mark.parametrize(
    ("header", "milliseconds", "after"),
    [
        ("7", None, 7),
        ("7", 1500, 7),
        ("0.5", 1500, 1.5),
        ("", 1500, 1.5),
        ("-3", None, 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, 0),
        ("Thu, 01 Jan 1970 00:00:00", None, None),
        ("soon", None, None),
        ("1e400", None, None),
        ("nan", None, None),
        ("99999999", None, 86_400),
        ("", "later", None),
        ("", True, None),
    ],
)
def test_the_longer_wait_of_header_and_body_is_believed_within_a_day(
    header: str, milliseconds: object, after: float | None
) -> None:
    assert retry_after({"Retry-After": header}, {"retry_after_ms": milliseconds}) == after


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, "M_BAD_JSON", Refused),
        (403, "M_FORBIDDEN", Refused),
        (404, "M_NOT_FOUND", Refused),
        (413, None, Refused),
        (413, "M_TOO_LARGE", Refused),
        (401, "M_UNKNOWN_TOKEN", CannotLogIn),
        (401, "M_MISSING_TOKEN", CannotLogIn),
        (403, "M_USER_DEACTIVATED", CannotLogIn),
        (403, "M_RESOURCE_LIMIT_EXCEEDED", TryLater),
        (429, None, TryLater),
        (404, None, TryLater),
        (401, None, TryLater),
        (200, None, Unreadable),
        (502, "M_UNKNOWN", TryLater),
    ],
)
def test_only_matrix_own_words_are_taken_for_a_refusal(status: int, code: str | None, kind: type[Exception]) -> None:
    assert isinstance(refusal("posting", status, {}, {"errcode": code, "error": "why"}), kind)


def test_every_setting_has_a_line_of_help() -> None:
    assert all(field.description for field in Matrix.Settings.model_fields.values())


def test_creators_stand_above_all_levels_from_room_version_12_on() -> None:
    powers = Powers.of([made_by(ADA, "12", additional_creators=[BEN]), levels(users={CAL: 100})])
    assert [powers.of_user(user) for user in (ADA, BEN, CAL, "@dee:x")] == [math.inf, math.inf, 100, 0]


def test_before_room_version_12_a_creator_has_what_the_levels_give() -> None:
    powers = Powers.of([made_by(ADA, "10", additional_creators=[BEN]), levels(users={CAL: "50"}, users_default=5)])
    assert [powers.of_user(user) for user in (ADA, BEN, CAL)] == [5, 5, 50]


def test_without_levels_the_creator_has_100_and_all_others_none() -> None:
    powers = Powers.of([made_by(ADA, "10")])
    assert [powers.of_user(user) for user in (ADA, BEN)] == [100, 0]


def test_later_levels_take_the_place_of_earlier_ones_and_other_events_change_nothing() -> None:
    powers = Powers.of([levels(users={ADA: 50}), levels(users={BEN: 50}), {**levels(users={ADA: 9}), "state_key": "x"}])
    assert [powers.of_user(user) for user in (ADA, BEN)] == [0, 50]


@pytest.mark.parametrize(
    ("said", "level"), [({}, 50), ({"notifications": {"room": 20}}, 20), ({"notifications": 5}, 50)]
)
def test_everybody_may_be_called_from_the_level_that_the_room_says(said: dict[str, Any], level: int) -> None:
    assert Powers.of([levels(**said)]).to_call() == level


@given(content=json_values, kind=st.sampled_from(["m.room.create", "m.room.power_levels", "m.room.message"]))
def test_no_state_event_whatever_it_holds_breaks_the_reckoning(content: Any, kind: str) -> None:
    powers = Powers.of([{"type": kind, "state_key": "", "sender": ADA, "content": content}])
    assert powers.of_user(BEN) <= math.inf
    assert powers.to_send("m.room.message") <= math.inf


@given(content=json_values, kind=st.sampled_from(["m.room.create", "m.room.member", "m.room.tombstone"]))
def test_no_event_whatever_it_holds_breaks_what_is_known_of_a_room(content: Any, kind: str) -> None:
    known = Room()
    for key in ("", "@ada:x"):
        known.learn({"type": kind, "state_key": key, "sender": ADA, "content": content})
    assert isinstance(known.successor, str)


@given(users=json_values, default=json_values, additional=json_values, version=json_values)
def test_no_levels_whatever_they_hold_break_the_reckoning(
    users: Any, default: Any, additional: Any, version: Any
) -> None:
    made = {**made_by(ADA, "12"), "content": {"room_version": version, "additional_creators": additional}}
    powers = Powers.of([made, levels(users=users, users_default=default, events=users, events_default=default)])
    assert powers.of_user(BEN) < math.inf
    assert powers.to_send("m.room.message") < math.inf
