"""Whose invitations the bot accepts, with no homeserver to join at."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from adapters.matrix import Matrix
from adapters.matrix.rooms import Room
from adapters.matrix.tenancy import Tenancy
from bot.errors import Refused
from tests.real.matrix import RealTime

ME, FRIEND, STRANGER = "@quill:x", "@ada:x", "@eve:evil"


class Server:
    """A homeserver that notes what it is asked, and refuses it."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, doing: str, call: Any) -> Any:
        self.asked.append(doing)
        raise Refused("no")


def invites(sender: str) -> Mapping[str, Any]:
    return {"type": "m.room.member", "sender": sender, "state_key": ME, "content": {"membership": "invite"}}


def inhabits(user: str) -> Mapping[str, Any]:
    return {"type": "m.room.member", "sender": user, "state_key": user, "content": {"membership": "join"}}


@pytest.mark.parametrize("allowed", [FRIEND, "x", "@ben:y, x"])
@pytest.mark.parametrize(
    ("state", "accepted"),
    [
        ([invites(FRIEND)], True),
        ([inhabits(STRANGER), inhabits(FRIEND), invites(FRIEND)], True),
        ([invites(STRANGER)], False),
        ([invites(FRIEND), invites(STRANGER)], False),
        ([invites(STRANGER), invites(FRIEND)], False),
        ([inhabits(FRIEND)], False),
        ([], False),
    ],
)
async def test_what_a_strangers_homeserver_sends_along_with_an_invitation_makes_nobody_else_the_inviter(
    allowed: str, state: list[Mapping[str, Any]], accepted: bool
) -> None:
    server, rooms = Server(), dict[str, Room]()
    settings = Matrix.Settings.model_validate({"homeserver": "https://x.example", "allow_invites": allowed})
    tenancy = Tenancy(settings, server, RealTime(), rooms, None)  # type: ignore[arg-type]
    tenancy.invited("!r:evil", state, ME)
    for _ in range(5):
        await asyncio.sleep(0)
    assert bool(server.asked) is accepted
