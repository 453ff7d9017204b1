"""What options are completed to, from what is stored alone."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from bot.demo.site import SampleSite
from bot.filters import parse
from tests.commands.chat import ELSEWHERE, MANAGER, READER, Chat


async def completed(chat: Chat, command: str, option: str, typed: str) -> list[str]:
    return [choice.value for choice in await chat.commands[command].complete(MANAGER, option, typed)]


async def test_a_site_is_completed_by_its_name_or_address_among_those_followed_here(
    chat: Chat, other: SampleSite
) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=other.url)
    asked = len(chat.site.requests)
    for typed in ("", "harbour", "LEDGER ", "127.0.0.1"):
        [choice] = await chat.commands["unsubscribe"].complete(READER, "site", typed)
        assert (choice.label, choice.value) == (f"The Harbour Ledger · {chat.site.url}/", f"{chat.site.url}/")
    assert await completed(chat, "pause", "site", "gazette") == []
    assert len(chat.site.requests) == asked


async def test_terms_are_completed_from_the_sites_listings_and_its_new_articles(chat: Chat) -> None:
    chat.publish("Old", categories=("Arts, Books",), tags=("harbour",), author="Ann Lee")
    await chat.follow()
    chat.publish("New", categories=("Sports",), author="Bo Ek, Cy Fox")
    await chat.poll()
    everything = ["author:Ann Lee", "author:Bo Ek", "author:Cy Fox", "category:Arts Books", "category:Sports"]
    assert await completed(chat, "settings", "include", "") == [*everything, "tag:harbour"]
    assert await completed(chat, "settings", "exclude", "HARB") == ["tag:harbour"]


@pytest.mark.parametrize(("typed", "given"), [("tag:x,spo", "tag:x, "), ("a, b，spo", "a, b， "), ("a、 Spo", "a、 ")])
async def test_the_last_of_several_terms_is_completed_and_the_others_stay(chat: Chat, typed: str, given: str) -> None:
    chat.publish("Old", categories=("Sports",))
    await chat.follow()
    assert await completed(chat, "subscribe", "include", typed) == [f"{given}category:Sports"]


async def test_what_is_completed_is_what_the_filter_then_finds(chat: Chat) -> None:
    chat.publish("Old", categories=("Arts, Books &amp; More",), tags=("a:b",), author="King, Jr.")
    await chat.follow()
    for term in await completed(chat, "settings", "include", ""):
        assert len(parse(term)) == 1
        await chat.ask("settings", include=term)
        assert (await chat.say("preview")).startswith("It would be posted here, for"), term


async def test_commands_are_completed(chat: Chat) -> None:
    assert await completed(chat, "help", "command", "SUB") == ["subscribe", "unsubscribe", "subscriptions"]


async def test_at_most_25_are_offered_and_nothing_where_nothing_is_known(chat: Chat) -> None:
    chat.publish("Old", tags=tuple(f"tag {number}" for number in range(40)))
    await chat.follow()
    assert len(await completed(chat, "settings", "include", "tag")) == 25
    for command, option in (("settings", "role"), ("settings", "nonsense"), ("status", "x")):
        assert await completed(chat, command, option, "") == []


async def test_many_sites_are_offered_up_to_25(chat: Chat) -> None:
    async with AsyncExitStack() as stack:
        for number in range(26):
            site = SampleSite(name=f"Gazette {number}", clock=chat.clock.now)
            await stack.enter_async_context(site)
            await chat.ask("subscribe", site=site.url)
    assert len(await completed(chat, "pause", "site", "gazette")) == 25
