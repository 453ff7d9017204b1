"""The stand-in keeps Discord's protocol: what the adapter's tests rely on is shown here against plain HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.farends.discord import DiscordFarEnd
from tests.farends.discord.rules import DESCRIPTION, violations

QUIET: dict[str, Any] = {"parse": []}
SITE = {"name": "site", "description": "s", "type": 3, "required": False, "autocomplete": True}
COMMAND: dict[str, Any] = {"name": "x", "description": "x", "type": 1, "options": [SITE]}


class Caller:
    """A bare bot: one method."""

    def __init__(self, far_end: DiscordFarEnd, session: aiohttp.ClientSession) -> None:
        self.far_end, self.session, self.token = far_end, session, far_end.world.token
        self.headers: dict[str, str] = {}

    async def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        async with self.session.request(
            method, self.far_end.api_url + path, json=body, headers={"Authorization": f"Bot {self.token}"}
        ) as response:
            self.headers = dict(response.headers)
            return response.status, await response.json() if response.status != 204 else None

    async def say(self, channel: str, **body: Any) -> tuple[int, Any]:
        return await self("POST", f"/channels/{channel}/messages", {"allowed_mentions": QUIET, **body})


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with DiscordFarEnd() as far_end, aiohttp.ClientSession() as session:
        far_end.world.bucket_limit = 1000
        yield Caller(far_end, session)


@pytest.fixture
def channel(call: Caller) -> str:
    return call.far_end.world.add_channel()


async def test_a_nonce_is_remembered_for_its_author_until_its_window_ends(call: Caller, channel: str) -> None:
    other = call.far_end.world.add_channel()
    first = (await call.say(channel, content="a", nonce="n", enforce_nonce=True))[1]
    assert first["nonce"] == "n"
    assert (await call.say(other, content="b", nonce="n", enforce_nonce=True))[1]["id"] == first["id"]
    call.far_end.world.clock.advance(call.far_end.world.nonce_window + 1)
    assert (await call.say(channel, content="a", nonce="n", enforce_nonce=True))[1]["id"] != first["id"]
    assert "nonce" not in (await call("GET", f"/channels/{channel}/messages"))[1][0]


async def test_a_nonce_that_is_not_enforced_is_only_echoed(call: Caller, channel: str) -> None:
    ids = {(await call.say(channel, content="a", nonce="n"))[1]["id"] for _ in range(2)}
    assert len(ids) == 2


async def test_a_nonce_whose_message_was_deleted_is_an_unknown_message(call: Caller, channel: str) -> None:
    first = (await call.say(channel, content="a", nonce="n", enforce_nonce=True))[1]
    assert (await call("DELETE", f"/channels/{channel}/messages/{first['id']}"))[0] == 204
    status, answer = await call.say(channel, content="a", nonce="n", enforce_nonce=True)
    assert (status, answer["code"]) == (404, 10008)


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2001},
        {"embeds": [{"description": "x" * 4000}, {"description": "x" * 2001}]},
        {"embeds": [{"title": "x" * 257}]},
        {"embeds": [{"title": "t", "url": "javascript:x"}]},
        {"embeds": [{}]},
        {"embeds": [{"title": "t", "fields": [{"name": " ", "value": "v"}]}]},
        {
            "components": [
                {"type": 1, "components": [{"type": 2, "style": 5, "label": "l", "url": "https://a/" + "x" * 512}]}
            ]
        },
        {"components": [{"type": 1, "components": [{"type": 2, "style": 5, "label": "", "url": "https://a.example"}]}]},
    ],
)
async def test_what_discord_does_not_take_is_refused_and_noted(
    call: Caller, channel: str, body: dict[str, Any]
) -> None:
    status, answer = await call.say(channel, **body)
    assert (status, answer["code"]) == (400, 50035)
    assert call.far_end.world.violations
    assert call.far_end.messages(channel) == []


async def test_white_space_around_a_text_does_not_count(call: Caller, channel: str) -> None:
    assert (await call.say(channel, content=" " * 50 + "x" * 2000 + "\n"))[0] == 200
    assert (await call.say(channel, content="  \n "))[1]["code"] == 50006


def test_the_published_description_is_held_against_each_body() -> None:
    if not DESCRIPTION.exists():
        pytest.skip("Discord's published description is not at hand")
    assert violations("POST", "/channels/1/messages", {"flags": "many"})
    assert violations("POST", "/channels/1/messages", {"content": "c", "nonce": "n" * 26})
    assert not violations("POST", "/channels/1/messages", {"content": "c", "nonce": "n" * 25})


async def test_a_bucket_counts_down_and_then_refuses(call: Caller, channel: str) -> None:
    call.far_end.world.bucket_limit = 2
    for left in ("1", "0"):
        assert (await call.say(channel, content="a"))[0] == 200
        assert call.headers["X-RateLimit-Remaining"] == left
    status, answer = await call.say(channel, content="a")
    assert status == 429
    assert 0 < answer["retry_after"] <= 5
    assert not answer["global"]
    assert "Via" in call.headers
    other = call.far_end.world.add_channel()
    assert (await call.say(other, content="a"))[0] == 200
    call.far_end.world.clock.advance(6)
    assert (await call.say(channel, content="a"))[0] == 200


async def test_the_bot_as_a_whole_has_a_limit_too(call: Caller, channel: str) -> None:
    call.far_end.world.global_limit = 3
    call.far_end.world.clock.base = lambda: 1_900_000_000.0
    for _ in range(3):
        await call("GET", f"/channels/{channel}")
    status, answer = await call("GET", f"/channels/{channel}")
    assert (status, answer["global"]) == (429, True)


@pytest.mark.parametrize(("right", "code"), [("VIEW_CHANNEL", 50001), ("SEND_MESSAGES", 50013), ("EMBED_LINKS", 50013)])
async def test_a_missing_right_is_told_as_discord_does(call: Caller, channel: str, right: str, code: int) -> None:
    call.far_end.world.deny(channel, right)
    assert (await call.say(channel, embeds=[{"title": "t"}]))[1]["code"] == code


async def test_an_unreadable_history_is_empty_and_no_error(call: Caller, channel: str) -> None:
    await call.say(channel, content="a")
    call.far_end.world.deny(channel, "READ_MESSAGE_HISTORY")
    assert await call("GET", f"/channels/{channel}/messages") == (200, [])


async def test_pages_hold_the_oldest_that_follow_newest_first(call: Caller, channel: str) -> None:
    ids = [(await call.say(channel, content=str(number)))[1]["id"] for number in range(5)]
    page = (await call("GET", f"/channels/{channel}/messages?after={ids[0]}&limit=2"))[1]
    assert [message["id"] for message in page] == [ids[2], ids[1]]
    page = (await call("GET", f"/channels/{channel}/messages?limit=2"))[1]
    assert [message["id"] for message in page] == [ids[4], ids[3]]
    page = (await call("GET", f"/channels/{channel}/messages?before={ids[3]}&limit=2"))[1]
    assert [message["id"] for message in page] == [ids[2], ids[1]]


async def test_unknown_things_have_their_codes(call: Caller, channel: str) -> None:
    assert (await call.say("404", content="a"))[1]["code"] == 10003
    assert (await call("PATCH", f"/channels/{channel}/messages/1", {"content": "a"}))[1]["code"] == 10008
    call.token = "wrong"
    assert (await call("GET", "/users/@me"))[0] == 401


async def test_mentions_that_are_left_to_the_default_are_noted(call: Caller, channel: str) -> None:
    await call.say(channel, content="a")
    assert call.far_end.world.pings == []
    await call("POST", f"/channels/{channel}/messages", {"content": "@everyone"})
    assert len(call.far_end.world.pings) == 1


async def test_an_answer_to_a_command_that_comes_late_is_lost(call: Caller, channel: str) -> None:
    call.far_end.people.deadline = 0.0
    await call("PUT", "/applications/1/commands", [{"name": "x", "description": "x", "type": 1, "options": []}])
    given = await call.far_end.people.command("x", channel)
    status, answer = await call("POST", f"/interactions/{given.id}/{given.token}/callback", {"type": 5})
    assert (status, answer["code"]) == (404, 10062)


async def test_each_kind_of_question_takes_its_own_answers_and_one_alone(call: Caller, channel: str) -> None:
    await call("PUT", "/applications/1/commands", [COMMAND])
    people = call.far_end.people
    for given, right, wrong in (
        (await people.command("x", channel), 5, 6),
        (await people.complete("x", channel, "site", "a"), 8, 5),
        (await people.press_id(await people.command("x", channel), "b"), 6, 8),
    ):
        path = f"/interactions/{given.id}/{given.token}/callback"
        data: dict[str, Any] = {"choices": []} if right == 8 else {}
        assert (await call("POST", path, {"type": wrong, "data": {"choices": []} if wrong == 8 else {}}))[0] == 400
        assert (await call("POST", path, {"type": right, "data": data}))[0] == 204
        assert (await call("POST", path, {"type": right, "data": data}))[1]["code"] == 40060


@pytest.mark.parametrize(("installed", "status"), [("server", 200), ("person", 400)])
async def test_who_was_installed_by_a_person_alone_follows_up_five_times(
    call: Caller, channel: str, installed: str, status: int
) -> None:
    await call("PUT", "/applications/1/commands", [COMMAND])
    call.far_end.people.person.installed = installed
    given = await call.far_end.people.command("x", channel)
    assert (await call("POST", f"/webhooks/1/{given.token}", {"content": "early"}))[1]["code"] == 10015
    await call("POST", f"/interactions/{given.id}/{given.token}/callback", {"type": 5})
    said = [(await call("POST", f"/webhooks/1/{given.token}", {"content": "c"}))[0] for _ in range(6)]
    assert said == [200] * 5 + [status]


async def test_a_forum_takes_threads_with_its_own_tags(call: Caller) -> None:
    forum = call.far_end.world.add_channel("forum", kind=15)
    (tag,) = call.far_end.world.add_tags(forum, "Weather", required=True)
    assert (await call.say(forum, content="a"))[1]["code"] == 40058
    message = {"content": "a", "allowed_mentions": QUIET}
    path = f"/channels/{forum}/threads"
    assert (await call("POST", path, {"name": "n", "message": message}))[1]["code"] == 40067
    assert (await call("POST", path, {"name": "n", "message": message, "applied_tags": ["5"]}))[1]["code"] == 10087
    thread = (await call("POST", path, {"name": "n", "message": message, "applied_tags": [tag]}))[1]
    assert (await call("GET", f"/channels/{thread['id']}/messages/{thread['id']}"))[1]["content"] == "a"
    active = (await call("GET", f"/guilds/{thread['guild_id']}/threads/active"))[1]["threads"]
    assert [one["id"] for one in active] == [thread["id"]]


async def test_what_stands_in_an_archived_thread_is_not_edited(call: Caller, channel: str) -> None:
    world = call.far_end.world
    thread = world.add_channel("thread", kind=11, parent=channel)
    message = f"/channels/{thread}/messages/{(await call.say(thread, content='a'))[1]['id']}"
    world.archive(thread)
    assert (await call("PATCH", message, {"content": "b", "allowed_mentions": QUIET}))[1]["code"] == 50083
    assert (await call("PATCH", f"/channels/{thread}", {"archived": False}))[0] == 200
    assert (await call("PATCH", message, {"content": "b", "allowed_mentions": QUIET}))[0] == 200


async def test_ten_messages_of_a_channel_are_published_an_hour(call: Caller, channel: str) -> None:
    news = call.far_end.world.add_channel("news", kind=5)
    for number in range(11):
        ident = (await call.say(news, content="a"))[1]["id"]
        status, answer = await call("POST", f"/channels/{news}/messages/{ident}/crosspost")
        assert status == (200 if number < 10 else 429)
    assert answer["retry_after"] == pytest.approx(3600, abs=30)
    ident = (await call.say(channel, content="a"))[1]["id"]
    assert (await call("POST", f"/channels/{channel}/messages/{ident}/crosspost"))[1]["code"] == 50024


async def test_a_deleted_channel_and_a_left_server_are_told(call: Caller, channel: str) -> None:
    gateway = call.far_end.gateway
    async with call.session.ws_connect(gateway.url) as socket:
        assert (await socket.receive_json())["op"] == 10
        await socket.send_json({"op": 2, "d": {"token": call.token, "intents": 1, "properties": {}}})
        assert [(await socket.receive_json())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
        await gateway.delete_channel(channel)
        assert (await socket.receive_json())["t"] == "CHANNEL_DELETE"
        await gateway.leave_guild()
        assert (await socket.receive_json())["t"] == "GUILD_DELETE"
        await gateway.invalidate(resumable=False)
        assert await socket.receive_json() == {"op": 9, "d": False}


async def test_as_a_process_it_keeps_what_stands_through_a_kill(tmp_path: Path) -> None:
    state = tmp_path / "discord.json"
    async with aiohttp.ClientSession() as session:
        first, urls = await _start(state)
        headers = {"Authorization": f"Bot {urls['token']}"}
        async with session.post(
            f"{urls['api_url']}/channels/777777/messages",
            json={"content": "a", "nonce": "n", "enforce_nonce": True, "allowed_mentions": QUIET},
            headers=headers,
        ) as response:
            said = await response.json()
        first.kill()
        await first.wait()
        second, urls = await _start(state)
        async with session.get(f"{urls['control_url']}/state") as response:
            seen = await response.json()
        assert [message["id"] for message in seen["messages"]["777777"]] == [said["id"]]
        assert seen["creates"] == 1
        second.terminate()
        assert await second.wait() == 0


async def _start(state: Path) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.farends.discord", "--state", str(state), "--channel", "777777"),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    return process, json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
