"""A connection that is held whatever happens to it, and what it tells of servers and channels; through discord.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.errors import CannotLogIn, UsageError
from tests.adapters.discord_bench import DiscordBench, Spoken, Told, discord_bench, new_adapter, serving

COMMANDS = {"refuse": Spoken(UsageError("No such site.")).command("refuse")}


@pytest.fixture
async def bench() -> AsyncIterator[DiscordBench]:
    async with discord_bench(speed=20) as bench:
        yield bench


async def refusal(bench: DiscordBench) -> str:
    interaction = await bench.far_end.people.command("refuse", bench.channel.address)
    return str((await interaction.answer())["content"])


async def test_commands_are_told_again_only_when_they_changed(bench: DiscordBench) -> None:
    async with serving(bench, COMMANDS):
        pass
    again = bench.restarted()
    async with serving(bench, COMMANDS, again, sessions=2):
        pass
    await again.close()
    assert bench.far_end.world.command_syncs == 1
    other = bench.restarted()
    async with serving(bench, {"refuse": replace(COMMANDS["refuse"], help="Say no.")}, other, sessions=3):
        pass
    await other.close()
    assert bench.far_end.world.command_syncs == 2


async def test_a_dropped_connection_is_resumed_and_what_was_asked_meanwhile_is_answered(bench: DiscordBench) -> None:
    gateway = bench.far_end.gateway
    async with serving(bench, COMMANDS):
        await refusal(bench)
        await gateway.drop()
        assert await refusal(bench) == "No such site."
    assert (len(gateway.identifies), gateway.resumes) == (1, 1)


async def test_a_wish_to_reconnect_is_granted(bench: DiscordBench) -> None:
    gateway = bench.far_end.gateway
    async with serving(bench, COMMANDS):
        await refusal(bench)
        await gateway.ask_reconnect()
        await gateway.until(lambda: gateway.resumes == 1)
        assert await refusal(bench) == "No such site."


async def test_a_first_connection_that_fails_is_tried_again(bench: DiscordBench) -> None:
    bench.far_end.gateway.turn_away = 1
    async with serving(bench, COMMANDS):
        assert await refusal(bench) == "No such site."


async def test_a_login_that_fails_is_tried_again(bench: DiscordBench) -> None:
    bench.far_end.fault("error", path="/users/@me", status=502)
    bench.far_end.fault("drop_before", path="/gateway/bot")
    async with serving(bench, COMMANDS):
        assert bench.adapter.ready


async def test_a_wrong_token_ends_it(bench: DiscordBench) -> None:
    adapter = new_adapter(bench.far_end, bench.clock, token="wrong")
    with pytest.raises(CannotLogIn, match="PULLQUOTE_DISCORD_TOKEN"):
        await adapter.serve(COMMANDS, Told())
    assert not adapter.ready
    await adapter.close()


@pytest.mark.parametrize("code", [4004, 4013, 4014])
async def test_a_gateway_that_will_never_let_us_in_ends_it(bench: DiscordBench, code: int) -> None:
    bench.far_end.gateway.close_with = code
    with pytest.raises(CannotLogIn, match=str(code)):
        await bench.adapter.serve(COMMANDS, Told())


async def test_only_what_commands_need_is_asked_of_the_gateway(bench: DiscordBench) -> None:
    async with serving(bench, COMMANDS):
        assert bench.far_end.gateway.identifies[0]["intents"] == 1


async def test_posting_does_not_wait_for_the_gateway(bench: DiscordBench) -> None:
    bench.far_end.gateway.turn_away = 1000
    task = asyncio.create_task(bench.adapter.serve(COMMANDS, Told()))
    while not bench.adapter.ready:
        await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


# ------------------------------------------------------------------ servers and channels


async def test_at_the_start_all_channels_and_threads_are_within_reach(bench: DiscordBench) -> None:
    thread = bench.far_end.world.add_channel("thread", kind=11, parent=bench.channel.address)
    async with serving(bench, COMMANDS) as told:
        assert await told.next() == ("back", sorted([bench.channel.address, thread]), "")


async def test_a_server_that_is_left_and_joined_again(bench: DiscordBench) -> None:
    async with serving(bench, COMMANDS) as told:
        await told.next()
        await bench.far_end.gateway.leave_guild()
        kind, channels, why = await told.next()
        assert (kind, channels) == ("lost", [bench.channel.address])
        assert "The newsroom" in why
        await bench.far_end.gateway.join_guild()
        assert await told.next() == ("back", [bench.channel.address], "")


async def test_what_happened_first_is_told_first_however_long_it_takes(bench: DiscordBench) -> None:
    gateway = bench.far_end.gateway
    async with serving(bench, COMMANDS) as told:
        await told.next()
        told.pause = 0.1
        await gateway.delete_channel(bench.channel.address)
        new = await gateway.create_channel()
        assert [(await told.next())[:2] for _ in range(2)] == [("lost", [bench.channel.address]), ("back", [new])]


async def test_what_is_not_understood_is_told_again(bench: DiscordBench) -> None:
    async with serving(bench, COMMANDS) as told:
        await told.next()
        told.deaf = 2
        await bench.far_end.gateway.leave_guild()
        assert (await told.next())[0] == "lost"
        told.deaf = 1
        await bench.far_end.gateway.join_guild()
        assert (await told.next())[0] == "back"


async def test_an_outage_loses_nothing(bench: DiscordBench) -> None:
    async with serving(bench, COMMANDS) as told:
        await told.next()
        await bench.far_end.gateway.outage()
        await bench.far_end.gateway.recovery()
        assert (await told.next())[0] == "back"


async def test_a_channel_that_comes_and_goes(bench: DiscordBench) -> None:
    gateway = bench.far_end.gateway
    async with serving(bench, COMMANDS) as told:
        await told.next()
        new = await gateway.create_channel("talk")
        assert await told.next() == ("back", [new], "")
        await gateway.delete_channel(new)
        assert await told.next() == ("lost", [new], "The channel talk was deleted.")


async def test_a_deleted_channel_takes_its_threads_along(bench: DiscordBench) -> None:
    world, gateway = bench.far_end.world, bench.far_end.gateway
    threads = [world.add_channel("thread", kind=11, parent=bench.channel.address) for _ in range(2)]
    async with serving(bench, COMMANDS) as told:
        await told.next()
        await gateway.delete_channel(threads[0])
        assert await told.next() == ("lost", [threads[0]], "The thread was deleted.")
        await gateway.delete_channel(bench.channel.address)
        lost = [await told.next() for _ in range(2)]
        assert sorted(channels[0] for _kind, channels, _why in lost) == sorted([bench.channel.address, threads[1]])
