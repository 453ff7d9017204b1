"""The contract, kept by Matrix on a real homeserver."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.matrix import Matrix
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
