"""Publications that move, close, open, or are restored from a backup, with nobody there to tell the bot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.demo.site import SampleSite
from bot.fetch import Fetcher
from bot.sources.readers import Readers
from bot.sources.wordpress import WordPress
from tests.commands.chat import ELSEWHERE, HERE, Chat
from tests.sources.following import ALWAYS

DAY = 86_400.0


def address(chat: Chat) -> str:
    """The home of the one site that is followed here."""
    (one,) = chat.store.following(HERE)
    return one.site.url


def trouble(chat: Chat) -> str:
    """What is said of it, where all is listed."""
    (one,) = chat.store.following(HERE)
    return one.trouble


async def days(chat: Chat, count: int, *, looks: int = 12) -> None:
    """Look so many times a day, and deliver."""
    for _ in range(count * looks):
        chat.turn(DAY / looks - 91)
        await chat.go_on()


async def begun(chat: Chat, posts: int = 15) -> list[str]:
    """Follow the site, and have it publish; what stands."""
    await chat.follow()
    for number in range(posts):
        chat.publish(f"Story {number}", slug=f"story-{number}")
        await chat.poll()
    await chat.deliver()
    return chat.standing()


def move(chat: Chat, there: SampleSite, status: int = 301) -> None:
    """All of the site is there now, and its old address leads there."""
    there.entries = chat.site.entries
    chat.site.faults.moved, chat.site.faults.moved_by = there.url, status


# --- redirects for good


@pytest.mark.parametrize("status", [301, 308])
async def test_a_site_that_moved_for_good_is_read_there_after_a_day_and_nothing_is_said_anew(
    chat: Chat, other: SampleSite, status: int
) -> None:
    stood = await begun(chat)
    before = list(chat.platform.messages)
    move(chat, other, status)
    await days(chat, 1)
    assert address(chat) == f"{chat.site.url}/", "not before a day is over"
    with capture_logs() as logs:
        await days(chat, 1)
    assert [line["url"] for line in logs if "another address" in line["event"]] == [f"{other.url}/"]
    assert (address(chat), chat.store.health()[0].site.endpoint) == (f"{other.url}/", other.api)
    assert chat.standing() == stood
    assert chat.platform.messages == before
    await chat.site.stop()
    chat.publish("After the move", site=other, id=900)
    assert await chat.go_on() == [*stood, "After the move"]


async def test_cards_are_not_edited_for_their_links_new_host_alone(chat: Chat, other: SampleSite) -> None:
    stood = await begun(chat)
    shown = [(one.url, one.shown) for one in chat.platform.messages]
    move(chat, other)
    await days(chat, 2)
    for post_id in list(other.entries):
        other.edit(post_id)
    await days(chat, 1)
    assert [(one.url, one.shown) for one in chat.platform.messages] == shown
    trace = chat.store.trace(HERE, other.link(max(other.entries)).removeprefix("http://").rstrip("/"))
    assert trace is not None, "it is found by its new address"
    other.edit(max(other.entries), title="Story 14, corrected")
    assert await chat.go_on() == [*stood[:-1], "Story 14, corrected"]


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_redirect_for_now_is_followed_and_never_adopted(chat: Chat, other: SampleSite, status: int) -> None:
    stood = await begun(chat)
    move(chat, other, status)
    await days(chat, 3)
    assert address(chat) == f"{chat.site.url}/"
    chat.publish("Read from there", site=other, id=900)
    assert await chat.go_on() == [*stood, "Read from there"]


async def test_a_redirect_that_ends_before_a_day_is_over_changes_nothing(chat: Chat, other: SampleSite) -> None:
    await begun(chat)
    for _ in range(4):
        move(chat, other)
        await days(chat, 1, looks=11)
        chat.site.faults.moved = ""
        await chat.go_on()
    assert address(chat) == f"{chat.site.url}/"


@pytest.mark.parametrize("status", [301, 302])
@pytest.mark.parametrize("ids", ["the same", "others"])
async def test_a_domain_that_somebody_else_has_now_takes_no_channel_over(
    chat: Chat, other: SampleSite, status: int, ids: str
) -> None:
    stood = await begun(chat)
    for number in range(20):
        chat.publish(
            f"Win now {number}", site=other, slug=f"win-{number}", id=number + (1 if ids == "the same" else 500)
        )
    chat.site.faults.moved, chat.site.faults.moved_by = other.url, status
    await days(chat, 3)
    assert (chat.standing(), address(chat)) == (stood, f"{chat.site.url}/")
    said = await chat.say("subscriptions")
    assert "does not show what was published here before" in said
    assert f"settings site={chat.site.url}/ url=ADDRESS" in said
    chat.site.faults.moved = ""
    chat.publish("Ours again", id=700)
    await days(chat, 1)
    assert (chat.standing(), trouble(chat)) == ([*stood, "Ours again"], "")


async def test_an_old_address_that_shows_nothing_is_no_move(chat: Chat, other: SampleSite) -> None:
    await begun(chat)
    other.entries = chat.site.entries
    chat.site.faults.page = "<title>Gone</title>"
    await days(chat, 3)
    assert address(chat) == f"{chat.site.url}/"


async def test_a_site_that_moves_to_where_another_one_is_followed_is_left_and_why_is_said(
    chat: Chat, other: SampleSite
) -> None:
    stood = await begun(chat)
    move(chat, other)
    await chat.ask("subscribe", ELSEWHERE, site=other.url)
    await days(chat, 3)
    assert address(chat) == f"{chat.site.url}/"
    for _ in range(2):
        assert f"It has moved to {other.url}/, which is followed" in trouble(chat) + await chat.say("subscriptions")
        await chat.go_on()
    assert chat.standing() == stood
    await chat.ask("unsubscribe", ELSEWHERE, site=other.url)
    await days(chat, 2)
    assert (address(chat), trouble(chat)) == (f"{other.url}/", "")


async def test_a_site_of_which_nothing_was_seen_moves_for_nobody(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    move(chat, other)
    await days(chat, 3)
    assert address(chat) == f"{chat.site.url}/"


async def test_a_feed_that_moved_on_the_same_articles_is_read_there(chat: Chat, other: SampleSite) -> None:
    chat.site.faults.rest = other.faults.rest = "401"
    stood = await begun(chat, 5)
    move(chat, other)
    await days(chat, 2)
    chat.publish("Read from there", site=other, id=900)
    assert await chat.go_on() == [*stood, "Read from there"]


async def test_a_feed_that_leads_to_somebody_elses_is_not_read(chat: Chat, other: SampleSite) -> None:
    chat.site.faults.rest = other.faults.rest = "401"
    stood = await begun(chat, 5)
    for number in range(9):
        chat.publish(f"Win now {number}", site=other, slug=f"win-{number}")
    chat.site.faults.moved = other.url
    await days(chat, 2)
    assert (chat.standing(), address(chat)) == (stood, f"{chat.site.url}/")
    assert "does not show what was published here before" in trouble(chat)


# --- APIs that close and open


async def test_a_closed_api_is_left_for_the_feed_after_a_day_and_taken_up_again_when_it_opens(chat: Chat) -> None:
    stood = await begun(chat, 6)
    chat.site.faults.rest = "401"
    await days(chat, 1)
    assert chat.store.health()[0].site.reader == "wordpress"
    chat.publish("While it was closed")
    await days(chat, 1)
    stood = [*stood, "While it was closed"]
    assert (chat.store.health()[0].site.reader, chat.standing()) == ("feed", stood)
    assert trouble(chat) == ""
    chat.publish("By the feed")
    stood = [*stood, "By the feed"]
    assert await chat.go_on() == stood
    chat.site.faults.rest = ""
    await days(chat, 2)
    assert (chat.store.health()[0].site.reader, chat.standing()) == ("wordpress", stood)
    chat.publish("By the API")
    chat.site.trash(min(chat.site.entries))
    await chat.go_on()
    assert chat.standing() == [f"~{stood[0]}~", *stood[1:], "By the API"]


async def test_other_ways_are_looked_for_once_a_day(chat: Chat) -> None:
    await begun(chat, 3)
    chat.site.faults.rest, chat.site.faults.feed = "401", "404"
    chat.site.requests.clear()
    await days(chat, 5, looks=24)
    homes = chat.site.requests.count("/")
    assert 3 <= homes <= 5
    chat.restart()
    await days(chat, 1, looks=24)
    assert chat.site.requests.count("/") - homes <= 2, "a restart does not count anew"


async def test_a_site_whose_whole_old_address_leads_to_its_new_home_is_found_there(
    chat: Chat, other: SampleSite
) -> None:
    stood = await begun(chat)
    other.entries = chat.site.entries
    chat.site.faults.moved = f"{other.url}/?"
    await days(chat, 3)
    assert address(chat) == f"{other.url}/"
    chat.publish("After the move", site=other, id=900)
    assert await chat.go_on() == [*stood, "After the move"]


async def test_a_feed_with_other_articles_is_no_other_way(chat: Chat) -> None:
    stood = await begun(chat, 4)
    chat.site.faults.rest = "401"
    for number in range(1, 13):
        chat.site.entries.pop(number, None)
        chat.publish(f"Win now {number}", id=number, slug=f"win-{number}")
    await days(chat, 3)
    assert (chat.store.health()[0].site.reader, chat.standing()) == ("wordpress", stood)


# --- backups


def restored(site: SampleSite, backup: dict[int, Any]) -> None:
    """What was published since the backup is gone, and its numbers are given again."""
    site.entries = dict(backup)
    site._last_id = max(backup, default=0)  # as the database counts on


@pytest.mark.parametrize(("withdrawals", "old"), [("strike", ["~Lost~"]), ("remove", []), ("leave", ["Lost"])])
@pytest.mark.parametrize("noticed", [True, False])
async def test_a_number_that_is_given_again_is_a_new_article_with_a_card_of_its_own(
    chat: Chat, withdrawals: str, old: list[str], noticed: bool
) -> None:
    await chat.follow()
    await chat.ask("settings", withdrawals=withdrawals)
    chat.publish("Kept", "The harbour was kept open all night by those who live there.", slug="kept")
    backup = dict(chat.site.entries)
    lost = chat.publish("Lost", "A ferry was late by nine hours, and nobody was told of it.", slug="lost")
    await chat.go_on()
    restored(chat.site, backup)
    if noticed:
        await chat.go_on()
    assert lost == chat.publish("Found", "Two swans have come to live beside the old mill again.", slug="found")
    assert await chat.go_on() == ["Kept", *old, "Found"]
    chat.site.edit(lost, title="Found, corrected")
    assert await chat.go_on() == ["Kept", *old, "Found, corrected"]
    chat.site.trash(lost)
    assert await chat.go_on() == [
        "Kept",
        *old,
        *[f"~{one}~" for one in ["Found, corrected"] if withdrawals == "strike"],
        *[one for one in ["Found, corrected"] if withdrawals == "leave"],
    ]


async def test_a_number_of_before_first_contact_that_is_given_again_is_new(chat: Chat) -> None:
    chat.publish("Old", slug="old")
    backup = dict(chat.site.entries)
    chat.publish("Lost before anybody followed", slug="lost")
    await chat.follow()
    restored(chat.site, backup)
    chat.publish("Found", slug="found")
    assert await chat.go_on() == ["Found"]


@pytest.mark.parametrize("keeps", ["slug", "title", "content"])
async def test_an_article_that_is_rewritten_and_keeps_something_keeps_its_card(chat: Chat, keeps: str) -> None:
    await chat.follow()
    post = chat.publish("First", "A ferry was late by nine hours, and nobody was told of it.", slug="first")
    await chat.go_on()
    chat.turn(60)
    entry = chat.site.entries[post]
    entry.date = chat.clock.now()
    changes = {"slug": "second", "title": "Second", "content": "<p>Two swans have come to live beside the mill.</p>"}
    chat.site.edit(post, **{name: value for name, value in changes.items() if name != keeps})
    (stands,) = await chat.go_on()
    assert stands in {"First", "Second"}
    assert len(chat.platform.messages) == 1


async def test_a_restored_site_shows_again_what_it_showed_at_the_backup(chat: Chat) -> None:
    await chat.follow()
    post = chat.publish("First", slug="first")
    await chat.go_on()
    backup = {post: replace(chat.site.entries[post], post=dict(chat.site.entries[post].post))}
    chat.turn(60)
    chat.site.edit(post, title="First, corrected")
    assert await chat.go_on() == ["First, corrected"]
    restored(chat.site, backup)
    assert await chat.go_on() == ["First"]


async def test_what_vanishes_in_a_mass_is_struck_only_once_it_has_lasted(chat: Chat) -> None:
    fetcher = Fetcher(allow_private=True, timeout=10)
    patient = WordPress(fetcher, replace(ALWAYS, mass=5, lasting=3600))
    chat.poller._source = Readers(fetcher, patient)
    stood = await begun(chat, 8)
    entries, chat.site.entries = chat.site.entries, {}
    assert await chat.go_on() == stood
    chat.site.entries = entries
    assert await chat.go_on() == stood
    chat.site.entries = {}
    await chat.go_on()
    patient._limits = replace(patient._limits, lasting=0)
    assert await chat.go_on() == [f"~{one}~" for one in stood]
    await fetcher.close()
