"""Looking articles up: what readers are shown, and what is shown where the site does not answer."""

from __future__ import annotations

import asyncio

import pytest

from bot.commands import Desk, Health, commands, reading
from bot.demo.site import SampleSite
from bot.errors import SourceError, UsageError
from bot.model import Site
from bot.ports import Found, Reply
from bot.store import Inline
from tests.commands.chat import ELSEWHERE, MANAGER, READER, Chat


def titles(reply: Reply) -> list[str]:
    return [one.card.title for one in reply.cards]


# --- latest


async def test_the_latest_of_all_that_is_followed_comes_newest_first(chat: Chat, other: SampleSite) -> None:
    chat.publish("Before anybody followed", site=other)
    await chat.follow()
    await chat.ask("subscribe", site=other.url)
    assert titles(await chat.ask("latest", READER)) == ["Before anybody followed"]
    for number in range(3):
        chat.publish(f"Ours {number}")
        chat.publish(f"Theirs {number}", site=other)
    await chat.poll()
    assert titles(await chat.ask("latest", READER)) == ["Theirs 2"]
    assert titles(await chat.ask("latest", READER, count="3")) == ["Theirs 2", "Ours 2", "Theirs 1"]
    assert titles(await chat.ask("latest", READER, site=chat.site.url, count="2")) == ["Ours 2", "Ours 1"]


@pytest.mark.parametrize("trouble", ["", "fails", "is slow"])
async def test_the_latest_of_one_site_is_what_it_shows_itself_or_else_what_is_stored(
    chat: Chat, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.publish("Not looked at")
    await chat.follow()
    chat.publish("Stored")
    await chat.poll()
    chat.publish("Just published")
    chat.site.faults.status = 503 if trouble == "fails" else 0
    chat.site.faults.delay = 1 if trouble == "is slow" else 0
    monkeypatch.setattr(reading, "PATIENCE", 0.2)
    assert titles(await chat.ask("latest", READER)) == ["Stored" if trouble else "Just published"]
    expected = ["Stored"] if trouble else ["Just published", "Stored"]
    assert titles(await chat.ask("latest", READER, count="2")) == expected


async def test_a_command_that_waits_behind_a_slow_look_is_answered_from_what_is_stored(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.follow()
    chat.publish("Stored")
    await chat.poll()
    chat.publish("Just published")
    asked: list[str] = []
    chat.site.on_request = asked.append
    chat.site.faults.delay = 1
    monkeypatch.setattr(reading, "PATIENCE", 0.2)
    look = asyncio.create_task(chat.poll())
    while not asked:
        await asyncio.sleep(0.01)
    assert titles(await chat.ask("latest", READER)) == ["Stored"]
    assert len(asked) == 1  # the look's own: nothing else reached the site meanwhile
    chat.site.faults.delay = 0
    await look
    assert titles(await chat.ask("latest", READER)) == ["Just published"]


async def test_the_latest_of_a_site_that_nobody_follows(chat: Chat) -> None:
    chat.publish("A story")
    reply = await chat.ask("latest", READER, site=chat.site.url, public="yes")
    assert (titles(reply), reply.public) == (["A story"], True)
    assert chat.store.health() == []


async def test_one_card_is_shown_whole_and_several_small(chat: Chat) -> None:
    chat.publish("One")
    chat.publish("Two")
    await chat.follow()
    assert [one.style for one in (await chat.ask("latest")).cards] == ["card"]
    assert [one.style for one in (await chat.ask("latest", count="2")).cards] == ["compact"] * 2


async def test_a_withdrawn_article_is_no_latest(chat: Chat) -> None:
    chat.publish("Stays")
    await chat.follow()
    gone = chat.publish("Gone")
    await chat.poll()
    chat.site.trash(gone)
    await chat.poll()
    assert titles(await chat.ask("latest")) == ["Stays"]


async def test_nothing_published_is_said_and_a_site_out_of_reach_is_not_called_empty(chat: Chat) -> None:
    await chat.follow()
    assert "Nothing has been published yet." in await chat.say("latest")
    chat.site.faults.status = 503
    with pytest.raises(SourceError, match="503"):
        await chat.ask("latest")


async def test_where_nothing_is_followed_a_site_has_to_be_named(chat: Chat) -> None:
    for name in ("latest", "search"):
        with pytest.raises(UsageError, match="name a publication's address"):
            await chat.ask(name, READER, words="x")
    with pytest.raises(UsageError, match="is not followed here"):
        await chat.ask("latest", READER, site="Some Gazette")


# --- search


async def test_a_search_goes_through_the_whole_archive_page_by_page(chat: Chat) -> None:
    for number in range(12):
        chat.publish(f"Ferry {number:02d}")
    chat.publish("Something else", "Not a word of it is to be found in here, whoever looks for it.")
    await chat.follow()
    first = await chat.ask("search", READER, words="ferry")
    assert first.text == "12 articles found."
    assert titles(first) == [f"Ferry {number:02d}" for number in (11, 10, 9, 8, 7)]
    [[on]] = first.buttons
    assert (on.label, on.command, on.arguments) == ("Next", "search", {"words": "ferry", "page": "2"})
    second = await chat.ask(on.command, READER, **on.arguments)
    assert [[button.arguments["page"] for button in row] for row in second.buttons] == [["1", "3"]]
    last = await chat.ask("search", READER, words="ferry", page="3")
    assert titles(last) == ["Ferry 01", "Ferry 00"]
    assert [[button.label for button in row] for row in last.buttons] == [["Previous"]]


@pytest.mark.parametrize("trouble", ["", "fails"])
async def test_a_page_past_the_end_says_so_and_offers_the_last(chat: Chat, trouble: str) -> None:
    await chat.follow()
    for number in range(7):
        chat.publish(f"Ferry {number}")
    await chat.poll()
    chat.site.faults.status = 503 if trouble else 0
    reply = await chat.ask("search", words="ferry", page="1000")
    assert (reply.text, titles(reply)) == ("7 articles found.\nThe last page is 2.", [])
    assert [[(one.label, one.arguments["page"]) for one in row] for row in reply.buttons] == [[("Previous", "2")]]
    assert await chat.say("search", words="tram", page="2") == "Nothing found for tram."


async def test_the_total_stays_when_one_of_several_sites_has_no_more_pages(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await chat.ask("subscribe", site=other.url)
    chat.publish("Our ferry")
    for number in range(5):
        chat.publish(f"Their ferry {number}", site=other)
    assert [(await chat.ask("search", words="ferry", page=page)).text for page in "123"] == ["6 articles found."] * 3


@pytest.mark.parametrize("words", ["港口", "大桥 港口", "灯火"])
async def test_chinese_words_are_found_by_the_site_and_here(chat: Chat, words: str) -> None:
    await chat.follow()
    chat.publish("云海港口的大桥", "港口的灯火熄灭了，守灯人还在那里等着最后一班渡轮。大桥 港口")
    await chat.poll()
    assert titles(await chat.ask("search", words=words)) == ["云海港口的大桥"]
    chat.site.faults.status = 500
    assert titles(await chat.ask("search", words=words)) == ["云海港口的大桥"]


@pytest.mark.parametrize("trouble", ["fails", "is slow"])
async def test_where_a_sites_search_is_of_no_use_what_is_stored_is_searched(
    chat: Chat, trouble: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def search(site: Site, words: str, page: int, size: int) -> Found:
        if trouble == "fails":
            raise SourceError("Its search is closed.")
        await asyncio.sleep(60)
        return Found()

    await chat.follow()
    for number in range(7):
        chat.publish(f"FERRY {number}")
    await chat.poll()
    monkeypatch.setattr(chat.source, "search", search)
    monkeypatch.setattr(reading, "PATIENCE", 0.02)
    reply = await chat.ask("search", words="ferry papers", page="2")
    assert (reply.text, titles(reply)) == ("7 articles found.", ["FERRY 1", "FERRY 0"])
    assert titles(await chat.ask("search", words="% _")) == []
    assert titles(await chat.ask("search", words="\u2060\u200b.")) != []
    assert titles(await chat.ask("search", words="\u2060")) == []


@pytest.mark.parametrize("words", ["㌖" * 20_000, "\ufdfa" * 6_000, "%_" * 40_000, "a " * 40_000])
async def test_words_of_any_length_are_looked_for(chat: Chat, words: str) -> None:
    await chat.follow()
    chat.publish("A story")
    await chat.poll()
    chat.site.faults.status = 503
    assert len(await chat.say("search", words=words)) < 300


async def test_a_sites_own_search_may_take_two_seconds() -> None:
    assert reading.PATIENCE == 2.0


async def test_a_site_that_nobody_follows_is_searched_or_said_to_be_out_of_reach(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.publish("Ferry")
    assert titles(await chat.ask("search", READER, words="ferry", site=chat.site.url)) == ["Ferry"]

    async def search(*_: object) -> Found:
        raise SourceError("Its search is closed.")

    monkeypatch.setattr(chat.source, "search", search)
    with pytest.raises(SourceError, match="could not be searched"):
        await chat.ask("search", READER, words="ferry", site=chat.site.url)


async def test_several_sites_share_a_page_and_one_that_fails_spoils_no_other(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await chat.ask("subscribe", site=other.url)
    for number in range(3):
        chat.publish(f"Our ferry {number}")
        chat.publish(f"Their ferry {number}", site=other)
    other.faults.status = 500
    reply = await chat.ask("search", words="ferry")
    assert (reply.text, titles(reply)) == ("3 articles found.", ["Our ferry 2", "Our ferry 1"])
    other.faults.status = 0
    reply = await chat.ask("search", words="ferry")
    assert reply.text == "6 articles found."
    assert sorted(titles(reply)) == ["Our ferry 1", "Our ferry 2", "Their ferry 1", "Their ferry 2"]
    assert [[button.label for button in row] for row in reply.buttons] == [["Next"]]


async def test_what_is_not_found_is_said(chat: Chat) -> None:
    await chat.follow()
    assert await chat.say("search", words="nowhere") == "Nothing found for nowhere."
    with pytest.raises(UsageError, match="search needs: words"):
        await chat.ask("search", words="  ")


# --- article, preview


async def test_any_sites_article_is_shown_without_being_followed(chat: Chat) -> None:
    story = chat.publish("A story")
    chat.publish("The newest")
    reply = await chat.ask("article", READER, url=chat.site.link(story), style="full")
    assert [(one.card.title, one.style) for one in reply.cards] == [("A story", "full")]
    assert titles(await chat.ask("article", READER, url=chat.site.url)) == ["The newest"]
    assert chat.store.health() == []
    with pytest.raises(SourceError, match="shows no post"):
        await chat.ask("article", READER, url=f"{chat.site.url}/no-such-story/")


@pytest.mark.parametrize(
    "text",
    ["Ledger", "two words", "ann@x.example", "mailto:ann@x.example", "https://", "/etc/x", "ftp://x.example/", "@"],
)
async def test_what_is_no_address_is_told_how_one_is_written(chat: Chat, text: str) -> None:
    for name, option in (("article", "url"), ("subscribe", "site"), ("latest", "site"), ("search", "site")):
        with pytest.raises((SourceError, UsageError), match="for example https://"):
            await chat.ask(name, words="x", **{option: text})


@pytest.mark.parametrize("name", ["article", "latest", "search"])
async def test_in_an_intranet_readers_look_around_nowhere_but_in_what_is_followed(
    chat: Chat, other: SampleSite, name: str
) -> None:
    story = chat.publish("A story")
    chat.publish("A story", site=other)
    await chat.follow()
    desk = Desk(
        chat.source,
        chat.store,
        Inline(),
        chat.clock,
        chat.parts.platform,
        chat.parts.check,
        chat.parts.needs,
        lambda: Health(None),
        private=True,
    )
    run = commands(desk)[name].run
    for address in (other.url, other.link(1), f"{chat.site.url}9/", f"{chat.site.url}@x.example/"):
        with pytest.raises(UsageError, match="not followed here"):
            await run(READER, {"url": address, "site": address, "words": "story"})
    assert other.requests == []
    for asked, address in ((READER, chat.site.url), (READER, chat.site.link(story)), (MANAGER, other.url)):
        assert titles(await run(asked, {"url": address, "site": address, "words": "story"})) == ["A story"]


async def test_a_preview_shows_the_newest_card_as_it_would_be_and_what_decides(chat: Chat) -> None:
    await chat.follow(style="full", include="tag:a, tag:b", exclude="category:Sports")
    assert "has published nothing yet" in await chat.say("preview")
    chat.publish("One", tags=("b",))
    reply = await chat.ask("preview")
    assert reply.text == "It would be posted here, for tag:b."
    assert [(one.card.title, one.style) for one in reply.cards] == [("One", "full")]
    chat.publish("Two", tags=("b",), categories=("Sports",))
    assert await chat.say("preview") == "It would not be posted here: category:Sports is excluded."
    chat.publish("Three")
    assert await chat.say("preview") == "It would not be posted here: it bears none of what is asked for."
    await chat.ask("settings", include="none")
    assert await chat.say("preview") == "It would be posted here."
    await chat.ask("pause")
    assert await chat.say("preview") == "paused"
    with pytest.raises(UsageError, match="not followed here"):
        await chat.ask("preview", ELSEWHERE, site=chat.site.url)
