"""How long a homeserver recognises a card is known of Synapse alone, and of it only for who has a device there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from aiohttp import web
from pydantic import SecretStr

from adapters.matrix import Matrix
from bot.clock import SystemClock
from bot.errors import SettingsError
from tests.drawers import MemoryDrawer

A_WHILE, A_DAY = timedelta(minutes=5), timedelta(hours=23)


@asynccontextmanager
async def homeserver(device: str, name: str) -> AsyncIterator[str]:
    """The URL of a server that knows one token, of this device ("" for none), and gives itself this name."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.path.endswith("/whoami"):
            return web.json_response({"user_id": "@bot:model", **({"device_id": device} if device else {})})
        if request.path.endswith("/joined_rooms"):
            return web.json_response({"joined_rooms": []})
        if request.path.endswith("/federation/v1/version") and name:
            return web.json_response({"server": {"name": name, "version": "1.0"}})
        return web.json_response({"errcode": "M_UNRECOGNIZED", "error": "no"}, status=404)

    runner = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def resend(url: str, keep: MemoryDrawer) -> timedelta:
    """For how long a card in doubt is simply sent again, once the bot is logged in."""
    settings = Matrix.Settings(_env_file=None, homeserver=url, access_token=SecretStr("t"))  # type: ignore[call-arg]
    adapter = Matrix.from_settings(settings, keep, SystemClock())
    assert adapter.windows.resend == A_WHILE
    assert await adapter.check(None) == []
    await adapter.close()
    return adapter.windows.resend


@pytest.mark.parametrize(
    ("device", "name", "expected"),
    [
        pytest.param("PHONE", "Synapse", A_DAY, id="Synapse, with a device"),
        pytest.param("", "Synapse", A_WHILE, id="Synapse, without a device"),
        pytest.param("PHONE", "Dendrite", A_WHILE, id="another server"),
        pytest.param("PHONE", "", A_WHILE, id="a server that tells no name"),
    ],
)
async def test_a_card_in_doubt_is_sent_again_for_as_long_as_the_server_recognises_it(
    device: str, name: str, expected: timedelta
) -> None:
    async with homeserver(device, name) as url:
        assert await resend(url, MemoryDrawer()) == expected


async def test_on_another_device_nothing_is_sent_again() -> None:
    keep = MemoryDrawer()
    async with homeserver("PHONE", "Synapse") as url:
        await resend(url, keep)
    kept = keep.values["login"]
    async with homeserver("LAPTOP", "Synapse") as other:
        keep.values["login"] = kept.replace(url, other)
        assert await resend(other, keep) == timedelta(0)


def test_windows_that_promise_nothing_are_refused() -> None:
    settings = Matrix.Settings(  # type: ignore[call-arg]
        _env_file=None, homeserver="http://model", access_token=SecretStr("t"), resend=86_390, settle=20
    )
    with pytest.raises(SettingsError, match=r"PULLQUOTE_MATRIX_RESEND(.|\n)*PULLQUOTE_MATRIX_SETTLE"):
        Matrix.from_settings(settings, MemoryDrawer(), SystemClock())
