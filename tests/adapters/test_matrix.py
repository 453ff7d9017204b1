"""The contract, kept by Matrix on a real homeserver."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.matrix import Matrix
from bot.errors import UsageError
from bot.model import Channel
from tests.adapters.contract import Bench, Contract
from tests.real.matrix import homeserver, lodging


@pytest.mark.real
class TestMatrix(Contract):
    adapter_class = Matrix

    @pytest.fixture
    async def bench(self) -> AsyncIterator[Bench]:
        async with lodging(homeserver()) as lodged:

            async def standing() -> list[str]:
                return [content["body"] for content in await lodged.standing()]

            nowhere = Channel("matrix", await lodged.alice.create_room())
            yield Bench(lodged.adapter, lodged.channel, nowhere, standing)


@pytest.mark.parametrize("text", ["@ROOM", "room", "moderators", "@ada:x", "<@&77>", "77"])
def test_only_everybody_in_a_room_can_be_notified(text: str) -> None:
    assert Matrix.role("@room") == "@room"
    with pytest.raises(UsageError, match="only @room can be notified"):
        Matrix.role(text)
