"""What a site shows beside what its channels were given: each kind of difference is found, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.site import SampleSite
from bot.errors import CannotLook, Refused
from bot.model import Channel, Receipt
from bot.operating.audit import Findings, audit, told
from tests.commands.chat import ELSEWHERE, HERE, THERE, Chat

WEEK = timedelta(days=7)


async def compare(chat: Chat, *, look: bool = False, ago: timedelta = WEEK, wait: float = 600) -> Findings:
    """What is found once all that was on its way has had its time."""
    chat.turn(wait)
    return await audit(chat.parts, chat.clock.now() - ago, look=look)


async def differences(chat: Chat, *, look: bool = False, wait: float = 600) -> list[tuple[Channel, str, str]]:
    found = await compare(chat, look=look, wait=wait)
    assert found.untold == []
    return [(one.channel, one.kind, one.title) for one in found.differences]


async def test_a_bot_that_did_its_work_agrees_with_its_sites(chat: Chat, other: SampleSite) -> None:
    chat.publish("Before anyone followed")
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url, exclude="tag:dull")
    await chat.ask("subscribe", ELSEWHERE, site=other.url)
    first, second = chat.publish("First"), chat.publish("Second", tags=("dull",))
    await chat.go_on()
    chat.site.edit(first, title="First, mended")
    chat.site.trash(second)
    chat.publish("Elsewhere", site=other)
    await chat.go_on()
    found = await compare(chat, look=True)
    assert (found.differences, found.untold, found.looked) == ([], [], 4)
    assert [*told(found, chat.clock.now())][-1].endswith("sites and channels agree.")


async def test_what_the_bot_has_not_found_is_missing(chat: Chat) -> None:
    await chat.follow(exclude="dull")
    chat.publish("Wanted")
    chat.publish("Dull")
    assert await differences(chat) == [(HERE, "missing", "Wanted")]


async def test_what_is_just_published_may_be_on_its_way(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Just now")
    assert await differences(chat, wait=60) == []


async def test_what_was_found_and_given_to_nobody_is_missing(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    chat.publish("Lost")
    await chat.poll()
    [one] = [due for due in chat.store.claim("model", chat.clock.now(), 9, WEEK) if due.channel == HERE]
    chat.store.spare(replace(one), chat.clock.now())  # a row that went where no row should go
    with chat.store._begin() as tx:
        tx.exec_driver_sql(f"DELETE FROM deliveries WHERE channel = '{HERE}'")
    chat.store.release_all(chat.clock.now())
    await chat.deliver()
    assert await differences(chat) == [(HERE, "missing", "Lost")]


async def test_what_a_pause_or_a_flood_holds_back_is_not_missing(chat: Chat) -> None:
    await chat.follow()
    await chat.go_on()
    await chat.ask("pause")
    chat.publish("During the pause")
    await chat.go_on()
    chat.publish("Not even found")
    assert await differences(chat) == []
    await chat.ask("resume")
    await chat.go_on()
    chat.turn(timedelta(days=2).total_seconds())
    for number in range(5):
        chat.publish(f"After a long stop {number}")
    await chat.go_on()
    assert await differences(chat) == []


async def test_what_went_along_when_a_channel_moved_is_not_missing(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Before the move")
    await chat.go_on()
    chat.store.move_channel(HERE, THERE)
    assert await differences(chat) == []


async def test_what_stands_though_its_site_withdrew_it_is_found(chat: Chat) -> None:
    await chat.follow()
    gone = chat.publish("Withdrawn")
    await chat.go_on()
    chat.site.trash(gone)
    assert await differences(chat) == [(HERE, "shown though withdrawn", "Withdrawn")]
    await chat.go_on()
    assert await differences(chat) == []


async def test_what_is_to_stay_when_it_is_withdrawn_or_corrected_may_stay(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", withdrawals="leave", corrections="leave")
    gone, changed = chat.publish("Withdrawn"), chat.publish("Changed")
    await chat.go_on()
    chat.site.trash(gone)
    chat.site.edit(changed, title="Changed since")
    assert await differences(chat) == []
    await chat.go_on()
    assert await differences(chat) == []


async def test_old_words_are_found(chat: Chat) -> None:
    await chat.follow()
    post = chat.publish("First words")
    await chat.go_on()
    chat.site.edit(post, title="Last words")
    assert await differences(chat) == [(HERE, "in old words", "First words")]
    await chat.poll()
    assert await differences(chat) == [(HERE, "in old words", "Last words")]
    await chat.deliver()
    assert await differences(chat) == []


async def test_a_card_that_another_version_made_is_not_in_old_words(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.follow()
    chat.publish("Same words")
    await chat.go_on()
    with chat.store._begin() as tx:  # as if an older version had drawn its card another way
        tx.exec_driver_sql("UPDATE articles SET revision = 'older'")
        tx.exec_driver_sql("UPDATE deliveries SET wanted = 'older', shown = 'older'")
    assert await differences(chat) == []


async def test_what_waits_for_long_and_what_was_given_up_is_told_with_the_reason(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Waiting")
    await chat.poll()
    assert await differences(chat) == [(HERE, "waiting", "Waiting")]
    chat.platform.refusal = Refused("The bot may not write here.")
    await chat.deliver()
    [one] = (await compare(chat)).differences
    assert (one.kind, one.detail) == ("given up", "The bot may not write here.")


async def test_two_publications_with_one_address_are_found(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await chat.ask("subscribe", site=other.url)
    post = chat.publish("Twice")
    chat.publish("Twice", site=other)
    await chat.go_on()
    assert await differences(chat) == []
    with chat.store._begin() as tx:
        tx.exec_driver_sql(f"UPDATE articles SET url = '{chat.site.link(post)}'")
    assert await differences(chat) == [(HERE, "twice", "Twice")]


async def test_a_look_finds_what_is_not_there_and_what_is_there_again(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Removed by a moderator")
    chat.publish("Said once more")
    await chat.go_on()
    removed, doubled = chat.platform.messages
    removed.key = "gone"
    chat.platform.messages.append(replace(doubled))
    assert await differences(chat) == []
    assert await differences(chat, look=True) == [
        (HERE, "not there", "Removed by a moderator"),
        (HERE, "twice", "Said once more"),
    ]


async def test_a_channel_that_cannot_be_looked_through_is_told(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    async def blind(*_: object) -> Receipt | None:
        raise CannotLook("The bot may not read here.")

    await chat.follow()
    chat.publish("Behind a curtain")
    await chat.go_on()
    monkeypatch.setattr(chat.platform, "find", blind)
    found = await compare(chat, look=True)
    assert found.differences == []
    assert [why.endswith("The bot may not read here.") for why in found.untold] == [True]


async def test_a_site_that_cannot_be_read_is_told_and_the_others_are_compared(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await chat.ask("subscribe", site=other.url)
    chat.publish("Not found", site=other)
    chat.site.faults.status = 500
    found = await compare(chat)
    assert [one.title for one in found.differences] == ["Not found"]
    assert [chat.site.url in why for why in found.untold] == [True]


async def test_one_post_that_cannot_be_read_is_told_and_the_others_are_compared(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Not found")
    chat.turn(1)
    chat.site.publish({"title": "Damaged", "content": "<p>x</p>"}, damage=lambda text: "<html>")
    found = await compare(chat)
    assert [one.title for one in found.differences] == ["Not found"]
    assert ["article 2" in why for why in found.untold] == [True]


async def test_a_publication_read_by_its_feed_is_compared_as_far_as_the_feed_goes(chat: Chat) -> None:
    chat.site.faults.rest = "404"
    chat.publish("Before")
    await chat.follow()
    gone, kept = chat.publish("Withdrawn"), chat.publish("Kept")
    await chat.go_on()
    assert await differences(chat) == []
    chat.site.trash(gone)
    chat.site.edit(kept, title="Kept and mended")
    chat.publish("Not found")
    assert await differences(chat) == [
        (HERE, "in old words", "Kept"),
        (HERE, "missing", "Not found"),
        (HERE, "shown though withdrawn", "Withdrawn"),
    ]
    found = await compare(chat)
    assert [chat.site.url in line for line in found.short] == [True]


async def test_what_is_older_than_asked_for_is_not_read(chat: Chat) -> None:
    await chat.follow()
    for number in range(150):
        chat.publish(f"Old {number}")
    chat.turn(timedelta(days=3).total_seconds())
    chat.publish("New")
    chat.site.requests.clear()
    found = await compare(chat, ago=timedelta(days=1))
    assert [one.title for one in found.differences] == ["New"]
    assert len(chat.site.requests) == 3  # a page by date, one by modification, and the one post


async def test_comparing_changes_nothing(chat: Chat) -> None:
    await chat.follow()
    gone = chat.publish("Withdrawn")
    await chat.go_on()
    chat.site.trash(gone)
    chat.publish("New")
    before = await dumped(chat)
    await compare(chat, look=True)
    assert await dumped(chat) == before


async def dumped(chat: Chat) -> list[object]:
    with chat.store._begin() as tx:
        tables = ("sites", "articles", "deliveries", "passed_over", "kept")
        return [tx.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables]
