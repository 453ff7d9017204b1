"""Slash commands, and a connection that is held whatever happens to it; discord.py itself speaks here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

import pytest

from adapters.discord import Discord
from bot.errors import CannotLogIn, UsageError
from bot.model import Channel
from bot.ports import Command, Option
from tests.adapters.discord_bench import DiscordBench, discord_bench, new_adapter


async def echo(channel: Channel, arguments: Mapping[str, str]) -> str:
    return f"{channel} {sorted(arguments.items())} *not bold* https://news.example/a_b"


async def refuse(channel: Channel, arguments: Mapping[str, str]) -> str:
    raise UsageError("No such site.")


async def stumble(channel: Channel, arguments: Mapping[str, str]) -> str:
    raise ZeroDivisionError


COMMANDS = {
    "follow": Command(
        "follow",
        "Follow a site.",
        (Option("place", "Where.", required=False, kind="channel"), Option("url", "Any page of the site.")),
        True,
        echo,
    ),
    "refuse": Command("refuse", "Never works.", (), False, refuse),
    "stumble": Command("stumble", "Breaks.", (), False, stumble),
}


@pytest.fixture
async def bench() -> AsyncIterator[DiscordBench]:
    async with discord_bench(speed=20) as bench:
        yield bench


@contextlib.asynccontextmanager
async def serving(bench: DiscordBench, adapter: Discord | None = None, sessions: int = 1) -> AsyncIterator[None]:
    """The adapter serves and has reached the gateway; nothing of it is left afterwards."""
    task = asyncio.create_task((adapter or bench.adapter).serve(COMMANDS))
    gateway = bench.far_end.gateway
    reached = asyncio.create_task(gateway.until(lambda: len(gateway.sessions) >= sessions))
    try:
        await asyncio.wait([task, reached], return_when=asyncio.FIRST_COMPLETED)
        assert not task.done(), task.exception()
        await reached
        yield
    finally:
        reached.cancel()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def content(bench: DiscordBench, command: str, **options: str) -> str:
    interaction = await bench.far_end.gateway.interact(command, bench.channel.address, **options)
    said = await interaction.answer()
    assert interaction.first == {"type": 5, "data": {"flags": 64}}
    return str(said["content"])


async def test_a_command_is_described_to_discord(bench: DiscordBench) -> None:
    async with serving(bench):
        follow = bench.far_end.world.commands[0]
        assert (follow["name"], follow["description"]) == ("follow", "Follow a site.")
        assert [(option["name"], option["type"], option["required"]) for option in follow["options"]] == [
            ("url", 3, True),
            ("place", 7, False),
        ]
        assert follow["default_member_permissions"] == 16
        assert bench.adapter.ready


async def test_a_command_is_carried_out_and_answered_in_plain_words(bench: DiscordBench) -> None:
    async with serving(bench):
        said = await content(bench, "follow", url="news.example", place=bench.channel.address)
    assert said.replace("\\", "") == (
        f"{bench.channel} [('place', '{bench.channel}'), ('url', 'news.example')] *not bold* <https://news.example/a_b>"
    )
    assert "\\*not bold\\*" in said


async def test_a_wrong_use_is_answered_with_its_reason(bench: DiscordBench) -> None:
    async with serving(bench):
        assert await content(bench, "refuse") == "No such site."


async def test_a_defect_is_answered_too(bench: DiscordBench) -> None:
    async with serving(bench):
        assert "unforeseen" in await content(bench, "stumble")


async def test_commands_are_told_again_only_when_they_changed(bench: DiscordBench) -> None:
    async with serving(bench):
        pass
    again = bench.restarted()
    async with serving(bench, again, sessions=2):
        pass
    await again.close()
    assert bench.far_end.world.command_syncs == 1


async def test_a_dropped_connection_is_resumed_and_what_was_asked_meanwhile_is_answered(bench: DiscordBench) -> None:
    gateway = bench.far_end.gateway
    async with serving(bench):
        await content(bench, "refuse")
        await gateway.drop()
        interaction = await gateway.interact("refuse", bench.channel.address)
        assert (await interaction.answer())["content"] == "No such site."
    assert (len(gateway.identifies), gateway.resumes) == (1, 1)


async def test_a_wish_to_reconnect_is_granted(bench: DiscordBench) -> None:
    gateway = bench.far_end.gateway
    async with serving(bench):
        await content(bench, "refuse")
        await gateway.ask_reconnect()
        await gateway.until(lambda: gateway.resumes == 1)
        assert await content(bench, "refuse") == "No such site."


async def test_a_first_connection_that_fails_is_tried_again(bench: DiscordBench) -> None:
    bench.far_end.gateway.turn_away = 1
    async with serving(bench):
        assert await content(bench, "refuse") == "No such site."


async def test_a_login_that_fails_is_tried_again(bench: DiscordBench) -> None:
    bench.far_end.fault("error", path="/users/@me", status=502)
    bench.far_end.fault("drop_before", path="/gateway/bot")
    async with serving(bench):
        assert bench.adapter.ready


async def test_a_wrong_token_ends_it(bench: DiscordBench) -> None:
    adapter = new_adapter(bench.far_end, bench.clock, token="wrong")
    with pytest.raises(CannotLogIn, match="PULLQUOTE_DISCORD_TOKEN"):
        await adapter.serve(COMMANDS)
    assert not adapter.ready
    await adapter.close()


@pytest.mark.parametrize("code", [4004, 4013, 4014])
async def test_a_gateway_that_will_never_let_us_in_ends_it(bench: DiscordBench, code: int) -> None:
    bench.far_end.gateway.close_with = code
    with pytest.raises(CannotLogIn, match=str(code)):
        await bench.adapter.serve(COMMANDS)


async def test_only_what_commands_need_is_asked_of_the_gateway(bench: DiscordBench) -> None:
    async with serving(bench):
        assert bench.far_end.gateway.identifies[0]["intents"] == 1


async def test_posting_does_not_wait_for_the_gateway(bench: DiscordBench) -> None:
    bench.far_end.gateway.turn_away = 1000
    task = asyncio.create_task(bench.adapter.serve(COMMANDS))
    while not bench.adapter.ready:
        await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
