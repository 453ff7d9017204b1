"""Thousands of posts changed at once, as editors of databases and plugins do."""

from __future__ import annotations

from datetime import timedelta

from tests.commands.chat import Chat

ARCHIVE, NEW = 4_950, 50
ONCE, MOST_REQUESTS = 80, 20
"""Of the first look and of any other: pages of listings, and the hundred posts that are read in full by twenties."""


async def test_of_five_thousand_edited_posts_those_are_edited_once_whose_cards_changed(chat: Chat) -> None:
    for number in range(ARCHIVE):
        chat.site.publish({"title": f"Old {number}"}, date=chat.clock.now() - timedelta(days=30, minutes=number))
    await chat.follow()
    for number in range(NEW):
        chat.publish(f"Story {number}")
        if number % 25 == 24:
            await chat.go_on()
            chat.turn(900)
    await chat.go_on()
    stood = chat.standing()
    ids = sorted(chat.site.entries)
    for _ in range(3):
        for post_id in ids:
            chat.site.edit(post_id)
        for post_id in ids[-10:]:
            chat.site.edit(post_id, title=f"Corrected {post_id} at {chat.clock.now():%H:%M:%S}")
        chat.turn(1)
    seen = [set(one.seen) for one in chat.platform.messages]
    for look in range(16):
        chat.site.requests.clear()
        await chat.go_on()
        assert len(chat.site.requests) <= (MOST_REQUESTS if look else ONCE)
    fresh = [one.seen - before for one, before in zip(chat.platform.messages, seen, strict=True)]
    assert [len(titles) for titles in fresh] == [0] * (NEW - 10) + [1] * 10, "three corrections are one edit"
    assert chat.standing()[:-10] == stood[:-10]
    assert all(title.startswith("Corrected") for title in chat.standing()[-10:])
