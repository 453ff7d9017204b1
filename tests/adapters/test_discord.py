"""Discord keeps the contract; and what its errors, windows and limits mean, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.discord import Discord
from adapters.discord.errors import Forbidden, WrongKind
from adapters.discord.pace import INVALID_LIMIT
from adapters.discord.rest import Rest
from bot.errors import AdapterError, CannotLogIn, CannotLook, Refused, SettingsError, TryLater, UsageError, Vanished
from bot.model import SILENT, Card, Channel, Extra, Receipt, Style
from tests.adapters.contract import CARD, CORRECTED, OTHER, Bench, Contract
from tests.adapters.discord_bench import DiscordBench, FastClock, discord_bench, discord_far_end, new_adapter
from tests.drawers import MemoryDrawer

KEY = "abcdefghijklmnopqrstuvwx"
PAYLOAD = Discord.render(CARD, Style.CARD)


@pytest.fixture
async def at_discord() -> AsyncIterator[DiscordBench]:
    async with discord_bench() as bench:
        yield bench


class TestDiscord(Contract):
    adapter_class = Discord

    @pytest.fixture
    async def bench(self, at_discord: DiscordBench) -> Bench:
        world = at_discord.far_end.world
        nowhere = world.add_channel("closed")
        world.deny(nowhere, "SEND_MESSAGES")

        async def standing() -> list[str]:
            return [Discord.text(message) for message in at_discord.messages()]

        return Bench(at_discord.adapter, at_discord.channel, Channel("discord", nowhere), standing)


async def post(bench: DiscordBench, card: Card = CARD, key: str = KEY) -> Receipt:
    return await bench.adapter.post(bench.channel, Discord.render(card, Style.CARD), key)


async def failure(bench: DiscordBench) -> AdapterError:
    with pytest.raises(AdapterError) as caught:
        await post(bench)
    return caught.value


# ------------------------------------------------------------------ what errors mean


@pytest.mark.parametrize(
    ("status", "code", "expected", "hint"),
    [
        (403, 50001, Refused, "View Channel"),
        (403, 50013, Forbidden, "Send Messages"),
        (404, 10003, Refused, "Unsubscribe"),
        (404, 10004, Refused, "Invite"),
        (400, 50008, WrongKind, "text or announcement"),
        (400, 50035, Refused, "bug of Pullquote"),
        (400, 200000, Refused, "AutoMod"),
        (400, 240000, Refused, "link"),
        (403, 77777, Refused, "77777"),
        (404, 10008, Vanished, "deleted"),
        (401, 0, CannotLogIn, "PULLQUOTE_DISCORD_TOKEN"),
    ],
)
async def test_a_refusal_says_what_to_do(
    at_discord: DiscordBench, status: int, code: int, expected: type[AdapterError], hint: str
) -> None:
    at_discord.far_end.fault("error", status=status, code=code)
    error = await failure(at_discord)
    assert type(error) is expected
    assert hint in str(error)
    assert at_discord.far_end.world.token not in str(error)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_server_error_leaves_it_open_whether_the_card_stands(at_discord: DiscordBench, status: int) -> None:
    at_discord.far_end.fault("error_after", method="POST", status=status)
    error = await failure(at_discord)
    assert isinstance(error, TryLater)
    assert error.maybe_done
    assert len(at_discord.messages()) == 1


async def test_a_refusal_that_passes_by_itself_is_tried_later(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    at_discord.far_end.fault("error", method="PATCH", status=400, code=30046)
    with pytest.raises(TryLater) as caught:
        await at_discord.adapter.edit(receipt, PAYLOAD, "e")
    assert (caught.value.after, caught.value.maybe_done) == (600, False)
    await at_discord.adapter.edit(receipt, PAYLOAD, "e")


@pytest.mark.parametrize("kind", ["drop_after", "truncate", "garbage"])
async def test_a_lost_answer_is_a_doubt_that_the_same_key_dispels(at_discord: DiscordBench, kind: str) -> None:
    at_discord.far_end.fault(kind, method="POST")
    error = await failure(at_discord)
    assert isinstance(error, TryLater)
    assert error.maybe_done
    receipt = await post(at_discord)
    assert [message["id"] for message in at_discord.messages()] == [receipt.ref]


async def test_an_answer_that_never_comes_is_a_doubt(at_discord: DiscordBench, monkeypatch: pytest.MonkeyPatch) -> None:
    import aiohttp

    monkeypatch.setattr("adapters.discord.rest.TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    at_discord.far_end.fault("late", method="POST", after=5)
    error = await failure(at_discord)
    assert isinstance(error, TryLater)
    assert error.maybe_done
    assert len(at_discord.messages()) == 1


async def test_a_server_that_is_not_there_certainly_did_nothing() -> None:
    async with discord_far_end() as far_end:
        pass
    adapter = new_adapter(far_end, FastClock())
    with pytest.raises(TryLater) as caught:
        await adapter.post(Channel("discord", "123456"), PAYLOAD, KEY)
    assert not caught.value.maybe_done
    await adapter.close()


@pytest.mark.parametrize(("kind", "everywhere"), [("rate_limit", False), ("global_limit", True), ("cloudflare", True)])
async def test_a_limit_says_for_how_long_and_for_whom(at_discord: DiscordBench, kind: str, everywhere: bool) -> None:
    at_discord.far_end.fault(kind, after=7.0)
    error = await failure(at_discord)
    assert isinstance(error, TryLater)
    assert (error.after, error.maybe_done, error.everywhere) == (7.0, False, everywhere)


async def test_a_limit_is_kept_before_discord_has_to_repeat_it(at_discord: DiscordBench) -> None:
    at_discord.far_end.fault("rate_limit", after=7.0)
    await failure(at_discord)
    error = await failure(at_discord)
    assert isinstance(error, TryLater)
    assert error.after == pytest.approx(7, abs=1)
    assert at_discord.far_end.world.limited == 1


async def test_a_refused_token_is_shown_once(at_discord: DiscordBench) -> None:
    adapter = new_adapter(at_discord.far_end, at_discord.clock, token="a-wrong-token")
    for _ in range(2):
        with pytest.raises(CannotLogIn) as caught:
            await adapter.post(at_discord.channel, PAYLOAD, KEY)
    assert "a-wrong-token" not in str(caught.value)
    assert len(at_discord.far_end.world.requests) == 1
    assert await adapter.check(None) == [str(caught.value)]
    assert not adapter.ready
    await adapter.close()


async def test_a_closed_adapter_sends_nothing(at_discord: DiscordBench) -> None:
    await at_discord.adapter.close()
    error = await failure(at_discord)
    assert isinstance(error, TryLater)
    assert not error.maybe_done


async def test_closing_leaves_a_call_under_way_in_doubt(at_discord: DiscordBench) -> None:
    at_discord.far_end.fault("late", method="POST", after=5)
    call = asyncio.create_task(failure(at_discord))
    await asyncio.sleep(0.2)
    await at_discord.adapter.close()
    error = await call
    assert isinstance(error, TryLater)
    assert error.maybe_done


async def test_an_address_that_is_no_number_is_refused_unsent(at_discord: DiscordBench) -> None:
    for address in ("123/../456", "news", "１２３"):
        with pytest.raises(Refused):
            await at_discord.adapter.post(Channel("discord", address), PAYLOAD, KEY)
    assert at_discord.far_end.world.requests == []


# ------------------------------------------------------------------ once, and found


async def test_within_the_window_a_restarted_bot_repeats_without_effect(at_discord: DiscordBench) -> None:
    first = await post(at_discord)
    at_discord.far_end.world.clock.advance(29)
    adapter = at_discord.restarted()
    assert await adapter.post(at_discord.channel, PAYLOAD, KEY) == first
    assert len(at_discord.messages()) == 1
    await adapter.close()


async def test_past_the_window_a_repeat_is_a_second_message_and_looking_finds_the_first(
    at_discord: DiscordBench,
) -> None:
    before = at_discord.clock.now()
    first = await post(at_discord)
    at_discord.far_end.world.clock.advance(600)
    await post(at_discord)
    assert len(at_discord.messages()) == 2
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) == first


async def test_a_repeat_whose_first_message_was_deleted_says_so(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    at_discord.far_end.world.delete(at_discord.channel.address, receipt.ref)
    assert isinstance(await failure(at_discord), Vanished)


async def test_looking_pages_through_a_busy_channel(at_discord: DiscordBench) -> None:
    before = at_discord.clock.now()
    world = at_discord.far_end.world
    noise = {"content": "chatter", "allowed_mentions": {"parse": []}}
    for _ in range(150):
        world.create(at_discord.channel.address, noise)
    receipt = await post(at_discord)
    for _ in range(150):
        world.create(at_discord.channel.address, noise)
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) == receipt


async def test_someone_elses_link_to_the_article_is_not_our_card(at_discord: DiscordBench) -> None:
    before = at_discord.clock.now()
    receipt = await post(at_discord)
    message = at_discord.far_end.world.message(at_discord.channel.address, receipt.ref)
    message["author"] = {**message["author"], "id": "4242424242"}
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) is None


async def test_a_card_from_before_the_attempt_is_not_taken_for_it(at_discord: DiscordBench) -> None:
    await post(at_discord)
    at_discord.far_end.world.clock.advance(3600)
    at_discord.clock.offset += 3600
    later = at_discord.clock.now()
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, later) is None


async def test_a_clock_that_is_an_hour_fast_finds_its_card(at_discord: DiscordBench) -> None:
    at_discord.clock.offset += 3600
    at_discord.far_end.world.clock.advance(-3600)
    before = at_discord.clock.now()
    receipt = await post(at_discord)
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) == receipt


async def test_an_unreadable_history_proves_nothing(at_discord: DiscordBench) -> None:
    await post(at_discord)
    at_discord.far_end.world.deny(at_discord.channel.address, "READ_MESSAGE_HISTORY")
    with pytest.raises(CannotLook, match="Read Message History"):
        await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, at_discord.clock.now())


async def test_a_struck_card_is_found_too(at_discord: DiscordBench) -> None:
    before = at_discord.clock.now()
    receipt = await post(at_discord)
    await at_discord.adapter.withdraw(receipt, Discord.render(CARD, Style.CARD, struck=True), "w")
    assert await at_discord.adapter.find(at_discord.channel, KEY, CARD.url, before) == receipt


async def test_an_edit_of_a_deleted_message_says_so_and_its_withdrawal_is_done(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    at_discord.far_end.world.delete(at_discord.channel.address, receipt.ref)
    with pytest.raises(Vanished):
        await at_discord.adapter.edit(receipt, Discord.render(CORRECTED, Style.CARD), "e")
    await at_discord.adapter.withdraw(receipt, Discord.render(CARD, Style.CARD, struck=True), "w")


async def test_no_request_can_ping(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    await at_discord.adapter.edit(receipt, Discord.render(OTHER, Style.FULL), "e")
    bodies = [request["body"] for request in at_discord.far_end.world.requests]
    assert [body["allowed_mentions"] for body in bodies] == [{"parse": []}] * 2


async def test_a_role_is_notified_by_the_post_alone(at_discord: DiscordBench) -> None:
    world = at_discord.far_end.world
    posted = Discord.render(CARD, Style.CARD, notify="role:77")
    receipt = await at_discord.adapter.post(at_discord.channel, posted, KEY)
    (ping,) = world.pings
    world.pings.clear()
    assert (ping["content"], ping["allowed_mentions"]) == ("<@&77>", {"parse": [], "roles": ["77"]})
    await at_discord.adapter.edit(receipt, Discord.render(CORRECTED, Style.CARD, notify="role:77"), "e")
    await at_discord.adapter.withdraw(receipt, Discord.render(CARD, Style.CARD, struck=True, notify="role:77"), "w")
    assert [message["content"] for message in at_discord.messages()] == ["<@&77>"]


async def test_a_silent_card_is_posted_without_a_sound_and_edited_as_any(at_discord: DiscordBench) -> None:
    payload = Discord.render(CARD, Style.CARD, notify=SILENT)
    receipt = await at_discord.adapter.post(at_discord.channel, payload, KEY)
    await at_discord.adapter.edit(receipt, payload, "e")
    posted, edited = [request["body"] for request in at_discord.far_end.world.requests]
    assert posted["flags"] == 4096
    assert "flags" not in edited


async def test_a_card_in_an_archived_thread_is_edited_and_in_a_locked_one_the_mend_is_told(
    at_discord: DiscordBench,
) -> None:
    world = at_discord.far_end.world
    thread = Channel("discord", world.add_channel("thread", kind=11, parent=at_discord.channel.address))
    receipt = await at_discord.adapter.post(thread, PAYLOAD, KEY)
    world.archive(thread.address)
    await at_discord.adapter.edit(receipt, Discord.render(CORRECTED, Style.CARD), "e")
    assert CORRECTED.title in Discord.text(world.message(thread.address, receipt.ref))
    world.archive(thread.address, locked=True)
    with pytest.raises(Refused, match="unlock"):
        await at_discord.adapter.edit(receipt, PAYLOAD, "f")


# ------------------------------------------------------------------ publishing


@pytest.fixture
async def announced(at_discord: DiscordBench) -> Channel:
    return Channel("discord", at_discord.far_end.world.add_channel("news", kind=5))


async def test_a_card_is_published_once(at_discord: DiscordBench, announced: Channel) -> None:
    receipt = await at_discord.adapter.post(announced, PAYLOAD, KEY)
    for _ in range(2):
        await at_discord.adapter.extend(receipt, Extra.CROSSPOST, "")
    assert at_discord.far_end.world.message(announced.address, receipt.ref)["flags"] == 1


async def test_the_eleventh_of_an_hour_waits_unsent(at_discord: DiscordBench, announced: Channel) -> None:
    at_discord.far_end.world.bucket_limit = 100
    receipts = [await at_discord.adapter.post(announced, PAYLOAD, f"k{number}") for number in range(11)]
    for receipt in receipts[:10]:
        await at_discord.adapter.extend(receipt, Extra.CROSSPOST, "")
    sent = len(at_discord.far_end.world.requests)
    with pytest.raises(TryLater) as caught:
        await at_discord.adapter.extend(receipts[10], Extra.CROSSPOST, "")
    assert caught.value.after == pytest.approx(3600, abs=30)
    assert not caught.value.maybe_done
    assert len(at_discord.far_end.world.requests) == sent
    at_discord.clock.offset += 3600
    await at_discord.adapter.extend(receipts[10], Extra.CROSSPOST, "")


async def test_what_was_certainly_not_published_costs_nothing(at_discord: DiscordBench, announced: Channel) -> None:
    receipt = await at_discord.adapter.post(announced, PAYLOAD, KEY)
    for _ in range(12):
        at_discord.far_end.fault("rate_limit", path="/crosspost", after=0.0)
        with pytest.raises(TryLater):
            await at_discord.adapter.extend(receipt, Extra.CROSSPOST, "")
    await at_discord.adapter.extend(receipt, Extra.CROSSPOST, "")


async def test_only_announcement_channels_publish(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    with pytest.raises(Refused, match="announcement"):
        await at_discord.adapter.extend(receipt, Extra.CROSSPOST, "")


# ------------------------------------------------------------------ threads under cards


async def test_a_thread_is_opened_under_a_card_once(at_discord: DiscordBench) -> None:
    receipt, world = await post(at_discord), at_discord.far_end.world
    for _ in range(2):
        await at_discord.adapter.extend(receipt, Extra.THREAD, "A *long* title " * 20)
    (thread,) = world.threads(at_discord.channel.address, archived=False)
    assert thread["id"] == receipt.ref
    assert thread["name"].startswith("A *long* title A *long*")
    assert 90 < len(thread["name"]) <= 100
    assert thread["name"].endswith("…")
    assert world.creates == 1


async def test_one_whose_answer_is_lost_is_found_to_be_there(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    at_discord.far_end.fault("drop_after", path="/threads")
    with pytest.raises(TryLater):
        await at_discord.adapter.extend(receipt, Extra.THREAD, "Title")
    await at_discord.adapter.extend(receipt, Extra.THREAD, "Title")
    assert len(at_discord.far_end.world.threads("", archived=False)) == 1


async def test_the_right_to_open_threads_is_named_where_it_is_missing(at_discord: DiscordBench) -> None:
    receipt = await post(at_discord)
    assert await at_discord.adapter.needs(at_discord.channel, Extra.THREAD) == []
    at_discord.far_end.world.deny(at_discord.channel.address, "CREATE_PUBLIC_THREADS")
    assert "“Create Public Threads”" in (await at_discord.adapter.needs(at_discord.channel, Extra.THREAD))[0]
    with pytest.raises(Refused, match="“Create Public Threads”"):
        await at_discord.adapter.extend(receipt, Extra.THREAD, "Title")


@pytest.mark.parametrize(
    ("kind", "extra", "why"),
    [
        (11, Extra.THREAD, "a thread or a forum"),
        (15, Extra.THREAD, "a thread or a forum"),
        (2, Extra.THREAD, "Only in text and announcement channels"),
        (0, Extra.CROSSPOST, "no announcement channel"),
        (5, Extra.CROSSPOST, ""),
        (5, Extra.THREAD, ""),
    ],
)
async def test_what_a_channel_can_never_have_is_refused(
    at_discord: DiscordBench, kind: int, extra: Extra, why: str
) -> None:
    channel = Channel("discord", at_discord.far_end.world.add_channel("c", kind, parent=at_discord.channel.address))
    if not why:
        assert await at_discord.adapter.needs(channel, extra) == []
        return
    with pytest.raises(UsageError, match=why):
        await at_discord.adapter.needs(channel, extra)


# ------------------------------------------------------------------ what is missing


@pytest.mark.parametrize(
    ("right", "name"),
    [
        ("VIEW_CHANNEL", "View Channel"),
        ("SEND_MESSAGES", "Send Messages"),
        ("EMBED_LINKS", "Embed Links"),
        ("READ_MESSAGE_HISTORY", "Read Message History"),
    ],
)
async def test_a_missing_permission_is_named(at_discord: DiscordBench, right: str, name: str) -> None:
    at_discord.far_end.world.deny(at_discord.channel.address, right)
    (complaint,) = await at_discord.adapter.check(at_discord.channel)
    assert name in complaint


async def test_a_thread_has_its_parents_permissions(at_discord: DiscordBench) -> None:
    world = at_discord.far_end.world
    thread = Channel("discord", world.add_channel("thread", kind=11, parent=at_discord.channel.address))
    assert await at_discord.adapter.check(thread) == []
    world.deny(at_discord.channel.address, "SEND_MESSAGES_IN_THREADS")
    (complaint,) = await at_discord.adapter.check(thread)
    assert "Send Messages in Threads" in complaint


async def test_a_channel_of_the_wrong_kind_is_named(at_discord: DiscordBench) -> None:
    category = at_discord.far_end.world.add_channel("category", kind=4)
    (complaint,) = await at_discord.adapter.check(Channel("discord", category))
    assert "category" in complaint


async def test_a_server_that_was_left_is_named(at_discord: DiscordBench) -> None:
    at_discord.far_end.world.in_guild = False
    (complaint,) = await at_discord.adapter.check(at_discord.channel)
    assert "invite" in complaint


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"token": ""}, "PULLQUOTE_DISCORD_TOKEN"),
        ({"token": "has space"}, "PULLQUOTE_DISCORD_TOKEN"),
        ({"token": "t", "api_url": "discord.com"}, "PULLQUOTE_DISCORD_API_URL"),
        ({"token": "t", "gateway_url": "https://discord.gg"}, "PULLQUOTE_DISCORD_GATEWAY_URL"),
        ({"token": "t", "resend": "40"}, "PULLQUOTE_DISCORD_RESEND: expected at most .* is 35"),
        ({"token": "t", "settle": "20"}, "PULLQUOTE_DISCORD_SETTLE"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, str], name: str) -> None:
    settings = Discord.Settings(_env_file=None, **values)
    with pytest.raises(SettingsError, match=name):
        Discord.from_settings(settings, MemoryDrawer(), FastClock())


def test_the_windows_lie_within_what_discord_promises() -> None:
    windows = Discord.Settings(_env_file=None, token="t").windows
    assert windows.resend + timedelta(seconds=25) <= timedelta(seconds=60)
    assert windows.settle >= timedelta(seconds=25)


# ------------------------------------------------------------------ pace


async def test_two_hundred_posts_to_fifty_channels_meet_no_limit() -> None:
    async with discord_bench(speed=0.5) as bench:  # slow, so that a busy machine's stalls are short beside a second
        world = bench.far_end.world
        channels = [Channel("discord", world.add_channel()) for _ in range(50)]

        async def patiently(channel: Channel, key: str) -> None:
            try:
                await bench.adapter.post(channel, PAYLOAD, key)
            except TryLater as error:
                await bench.clock.sleep(error.after or 1)
                await patiently(channel, key)

        async def four(number: int, channel: Channel) -> None:
            for turn in range(4):
                await patiently(channel, f"{number}.{turn}")

        await asyncio.gather(*(four(number, channel) for number, channel in enumerate(channels)))
        assert world.creates == 200
        assert world.limited == 0


async def test_a_channels_sixth_post_waits_instead_of_asking() -> None:
    async with discord_bench(speed=10) as bench:
        bench.far_end.world.bucket_window = 1.5
        for number in range(7):
            await bench.adapter.post(bench.channel, PAYLOAD, f"k{number}")
        assert len(bench.messages()) == 7
        assert bench.far_end.world.limited == 0


async def test_a_long_wait_is_handed_to_the_dispatcher() -> None:
    async with discord_bench() as bench:
        bench.far_end.world.bucket_window = 60
        for number in range(5):
            await bench.adapter.post(bench.channel, PAYLOAD, f"k{number}")
        with pytest.raises(TryLater) as caught:
            await bench.adapter.post(bench.channel, PAYLOAD, "k5")
        assert caught.value.after == pytest.approx(60, abs=3)
        assert (caught.value.maybe_done, caught.value.everywhere) == (False, False)
        assert bench.far_end.world.limited == 0


async def test_many_refusals_silence_the_bot_before_a_ban() -> None:
    async with discord_far_end() as far_end:
        clock = FastClock()
        rest = Rest(far_end.api_url, far_end.world.token, clock)
        for _ in range(INVALID_LIMIT):
            rest._pace.learn("POST", "/channels/1/messages", 403, {})
        with pytest.raises(TryLater) as caught:
            await rest.call("GET", "/users/@me", "Asking")
        assert caught.value.everywhere
        assert not caught.value.maybe_done
        assert far_end.world.requests == []
        clock.offset += 601
        await rest.call("GET", "/users/@me", "Asking")
        await rest.close()
