"""How things stand, told to everybody: an article, what is followed, the bot itself, and what can be asked."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest

from bot.commands import Desk, Health, commands
from bot.commands.telling import EXAMPLES
from bot.demo.site import SampleSite
from bot.errors import Refused, SourceError, TryLater, UsageError, Vanished
from bot.store import Inline
from tests.commands.chat import ELSEWHERE, HERE, READER, Chat


async def why(chat: Chat, post: int) -> str:
    return await chat.say("why", READER, url=chat.site.link(post))


# --- why


async def test_why_tells_when_an_article_was_found_queued_shown_and_edited(chat: Chat) -> None:
    await chat.follow()
    first = chat.publish("A story")
    assert "has not been found since The Harbour Ledger" in await why(chat, first)
    await chat.poll()
    told = await why(chat, first)
    assert told.splitlines()[0] == "A story"
    assert "Found 2026-03-02 14:06 UTC.\nQueued 2026-03-02 14:06 UTC.\nWaiting, next try" in told
    await chat.deliver()
    shown = "It has stood here since 2026-03-02 14:06 UTC."
    assert (await why(chat, first)).splitlines()[-1] == shown
    for number in range(2):
        chat.site.edit(first, title=f"Correction {number}")
        await chat.go_on()
    assert (await why(chat, first)).splitlines()[-2:] == [shown, "Edited 2 times."]
    assert "Queued" not in await why(chat, first)  # the newest correction was, after the card stood


async def test_an_article_is_known_by_its_address_however_it_is_written(chat: Chat) -> None:
    await chat.follow()
    first = chat.publish("A story")
    await chat.poll()
    url = chat.site.link(first)
    for way in (url, url.rstrip("/"), f"{url}?utm_source=x", f"{url}#comments", url.removeprefix("http://")):
        assert (await chat.say("why", READER, url=way)).startswith("A story"), way


async def test_why_names_the_filter_that_decided(chat: Chat) -> None:
    await chat.follow(include="tag:a", exclude="category:Sports")
    excluded = chat.publish("One", tags=("a",), categories=("Sports",))
    unasked = chat.publish("Two")
    await chat.go_on()
    assert "It was passed over: category:Sports is excluded here." in await why(chat, excluded)
    assert "It was passed over: it bears none of what is asked for here." in await why(chat, unasked)


async def test_why_tells_of_pauses_and_floods(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("pause")
    first, second = chat.publish("One"), chat.publish("Two")
    await chat.poll()
    assert "nothing was to be posted here at that time" in await why(chat, second)
    await chat.ask("resume")
    await chat.deliver()
    assert "after a pause or a long stop only the newest is shown" in await why(chat, first)
    assert "It has stood here since" in await why(chat, second)


async def test_why_tells_what_went_wrong(chat: Chat) -> None:
    await chat.follow()
    chat.platform.refusal = TryLater("Discord is down.", maybe_done=False)
    first = chat.publish("A story")
    await chat.go_on()
    assert (await why(chat, first)).endswith("Discord is down.")
    chat.platform.refusal = Refused("Send Messages is missing here.")
    chat.turn(900)
    await chat.deliver()
    assert (await why(chat, first)).endswith("Given up: Send Messages is missing here.")


async def test_why_tells_of_withdrawals_and_removed_messages(chat: Chat) -> None:
    await chat.follow()
    first, second = chat.publish("One"), chat.publish("Two")
    await chat.go_on()
    chat.site.trash(first)
    await chat.go_on()
    told = await why(chat, first)
    assert told.endswith("Its publisher has withdrawn it.")
    assert "Edited" not in told
    chat.platform.refusal = Vanished("Someone removed the message.")
    chat.site.edit(second, title="Corrected")
    await chat.go_on()
    told = await why(chat, second)
    assert told.endswith("Given up: Someone removed the message.")
    assert "It has stood here" not in told


async def test_a_correction_that_is_left_is_no_edit(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", corrections="leave")
    first = chat.publish("A story")
    await chat.go_on()
    chat.site.edit(first, title="Corrected")
    await chat.go_on()
    assert "Edited" not in await why(chat, first)


async def test_an_article_from_before_the_subscription_is_told_to_be_one(chat: Chat) -> None:
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    first = chat.publish("A story")
    await chat.poll()
    host = chat.site.url.removeprefix("http://")
    assert await why(chat, first) == f"No publication at {host} is followed here."
    chat.turn(1)
    await chat.follow()
    assert "before this channel followed the publication" in await why(chat, first)


async def test_why_tells_of_a_site_in_trouble_and_of_one_that_is_not_followed(chat: Chat) -> None:
    await chat.follow()
    first = chat.publish("A story")
    chat.site.faults.status = 503
    await chat.poll()
    assert (await why(chat, first)).endswith("is down for maintenance or overloaded (HTTP 503).")
    assert await chat.say("why", url="https://a.example/x/?y=1") == "No publication at a.example is followed here."


async def test_what_was_given_up_before_the_last_card_is_no_trouble_any_more(chat: Chat) -> None:
    await chat.follow()
    chat.platform.refusal = Refused("Not allowed.")
    chat.publish("One")
    await chat.go_on()
    assert "stopped: Not allowed." in await chat.say("subscriptions")
    chat.platform.refusal = None
    chat.publish("Two")
    await chat.go_on()
    assert "stopped" not in await chat.say("subscriptions")


async def test_why_knows_an_article_by_any_address_that_leads_to_it(chat: Chat) -> None:
    old = chat.publish("Before anybody followed")
    await chat.follow()
    number = chat.publish("A story")
    await chat.go_on()
    short = f"<{chat.site.url}/?p={number}>"
    assert (await chat.say("why", url=short)).startswith("A story\nFound")
    told = await chat.say("why", url=chat.site.link(old))
    assert told.startswith("It was published 2026-03-02 14:05 UTC, before The Harbour Ledger")
    assert "does not show it" in await chat.say("why", url=f"{chat.site.url}/2026/03/nothing-here/")


@pytest.mark.parametrize("text", ["https://", "/etc/x", ":", "?"])
async def test_why_says_what_it_asks_for(chat: Chat, text: str) -> None:
    with pytest.raises(UsageError, match="for example https://"):
        await chat.ask("why", url=text)


async def test_a_title_of_any_length_leaves_room_for_what_became_of_the_article(chat: Chat) -> None:
    await chat.follow()
    post = chat.publish("A title without end " * 10_000)
    await chat.go_on()
    told = await why(chat, post)
    assert len(told) < 500
    assert "It has stood here since" in told


@pytest.mark.parametrize("typed", ["\udcff", "\0", " \udcff \0 "])
async def test_what_no_database_takes_is_as_good_as_not_typed(chat: Chat, typed: str) -> None:
    await chat.follow()
    with pytest.raises(UsageError, match="why needs: url"):
        await chat.ask("why", READER, url=typed)
    assert "No publication at x is followed" in await chat.say("why", READER, url=f"http://x/{typed}")
    assert "role: @42" in await chat.say("settings", role=f"42{typed}")


# --- subscriptions


async def test_subscriptions_tell_how_each_fares(chat: Chat) -> None:
    assert await chat.say("subscriptions", READER) == (
        "Nothing is followed here yet. Begin with: subscribe site=https://a-publication.example"
    )
    await chat.follow()
    chat.publish("One")
    await chat.go_on()
    assert (await chat.say("subscriptions", READER)).splitlines() == [
        f"The Harbour Ledger ({chat.site.url}/)",
        "· last article 2026-03-02 14:06 UTC",
        "· last card 2026-03-02 14:06 UTC",
        f"· next look {chat.store.following()[0].due:%Y-%m-%d %H:%M} UTC",
    ]
    chat.platform.refusal = TryLater("down", maybe_done=False)
    chat.publish("Two")
    await chat.go_on()
    chat.site.faults.status = 503
    await chat.poll()
    line = await chat.say("subscriptions")
    assert "1 card waits" in line
    assert "trouble: " in line
    chat.platform.refusal = Refused("Not allowed.")
    chat.turn(900)
    await chat.deliver()
    assert "stopped: Not allowed." in await chat.say("subscriptions")
    await chat.ask("pause")
    assert "· paused" in await chat.say("subscriptions")


async def test_a_message_that_someone_removed_is_no_trouble(chat: Chat) -> None:
    await chat.follow()
    first = chat.publish("One")
    await chat.go_on()
    chat.platform.refusal = Vanished("Someone removed the message.")
    chat.site.edit(first, title="Corrected")
    await chat.go_on()
    assert "stopped" not in await chat.say("subscriptions")


async def test_subscriptions_come_in_pages_with_buttons_for_those_who_manage(chat: Chat) -> None:
    async with AsyncExitStack() as stack:
        for number in range(6):
            site = SampleSite(name=f"Gazette {number}", clock=chat.clock.now)
            await stack.enter_async_context(site)
            await chat.ask("subscribe", site=site.url)
    first = await chat.ask("subscriptions")
    shown = first.text.splitlines()
    assert (len(shown), shown[-1], len(first.buttons)) == (9, "Page 1 of 2.", 5)
    pause, remove = first.buttons[0]
    assert (pause.command, remove.command) == ("pause", "unsubscribe")
    await chat.ask(pause.command, **pause.arguments)
    assert (await chat.ask("subscriptions")).buttons[0][0].command == "resume"
    last = await chat.ask(first.buttons[-1][0].command, **first.buttons[-1][0].arguments)
    assert len(last.text.splitlines()) == 5
    assert (await chat.ask("subscriptions", page="9")).text == last.text
    reader = await chat.ask("subscriptions", READER)
    assert [[button.command for button in row] for row in reader.buttons] == [["subscriptions"]]


# --- status


async def test_status_tells_of_platforms_queues_and_sites_in_trouble(chat: Chat) -> None:
    await chat.follow()
    chat.platform.refusal = Refused("Not allowed.")
    chat.publish("One")
    chat.publish("Two")
    await chat.poll()
    await chat.dispatcher.deliver(chat.store.claim("model", chat.clock.now(), 1, timedelta(minutes=1))[0])
    chat.site.faults.status = 503
    await chat.poll()
    parts = chat.parts
    health = Health(chat.clock.now() - timedelta(days=1), (("matrix", False), ("model", True)))
    desk = Desk(
        parts.source, chat.store, Inline(), chat.clock, parts.platform, parts.check, parts.needs, lambda: health
    )
    lines = (await commands(desk)["status"].run(READER, {})).text.splitlines()
    assert lines[:4] == [
        f"Running since {health.since:%Y-%m-%d %H:%M} UTC.",
        "Matrix: not connected",
        "Model: connected, 1 card waits, 1 given up",
        "1 publication is followed.",
    ]
    assert lines[4].startswith(f"The Harbour Ledger ({chat.site.url}/): ")
    assert "503" in lines[4]


async def test_status_tells_of_trouble_elsewhere_to_nobody_but_who_runs_the_bot(chat: Chat) -> None:
    """What another channel follows may be an intranet's, and is nobody else's matter."""
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    chat.site.faults.status = 503
    await chat.poll()
    assert (await chat.say("status")).splitlines() == ["1 publication is followed.", "1 more is in trouble."]
    assert "503" in await chat.say("status", ELSEWHERE)
    assert "503" in await chat.say("status", replace(READER, operates=True))


async def test_a_command_that_runs_alone_claims_nothing_of_the_bot_that_runs(chat: Chat) -> None:
    assert (await chat.say("status")).splitlines() == ["0 publications are followed."]


# --- help


async def test_help_lists_every_command(chat: Chat) -> None:
    lines = (await chat.say("help", READER)).splitlines()
    assert [line.split()[0] for line in lines[:-1]] == list(chat.commands)
    assert "unsubscribe – Follow a publication here no longer; what stands stays." in lines
    assert lines[-1] == "With options and an example: help command=subscribe"


@pytest.mark.parametrize("name", ["subscribe", "/subscribe", " Subscribe "])
async def test_help_on_one_command_explains_each_option_with_an_example(chat: Chat, name: str) -> None:
    told = await chat.say("help", READER, command=name)
    for option in chat.commands["subscribe"].options:
        assert f"\n{option.name}: {option.help}" in told
    assert "(compact, card, full)" in told
    assert told.endswith(
        "For example: subscribe site=https://a-publication.example style=compact exclude=category:Sports"
    )


async def test_help_suggests_what_may_have_been_meant(chat: Chat) -> None:
    with pytest.raises(UsageError, match=r"There is no command subscirbe\. Did you mean subscribe\?"):
        await chat.ask("help", READER, command="subscirbe")
    with pytest.raises(UsageError, match=r"There is no command xyzzy\.$"):
        await chat.ask("help", READER, command="xyzzy")


async def test_every_example_is_a_command_with_options_that_it_has(chat: Chat) -> None:
    for name, example in EXAMPLES.items():
        assert example.keys() <= {option.name for option in chat.commands[name].options}


# --- the language of an answer


@pytest.mark.parametrize(
    ("channel", "locale", "default", "spoken"),
    [("de", "zh-CN", "en", "de"), ("", "zh-TW", "de", "zh-CN"), ("", "fr", "de", "de"), ("", "", "de", "de")],
)
async def test_a_channels_language_comes_before_the_askers_and_that_before_the_default(
    chat: Chat, channel: str, locale: str, default: str, spoken: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bot import words

    chat.language = default
    chat.restart()
    if channel:
        await chat.ask("settings", language=channel)
    monkeypatch.setattr("bot.commands.desk._", lambda text: words._spoken.get())
    assert await chat.say("subscriptions", replace(READER, locale=locale)) == spoken
    assert READER.channel == HERE


async def test_a_command_that_takes_too_long_is_broken_off_and_says_so(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.site.faults.delay = 1
    patience = import_module("bot.commands.commands")  # the package gives that name to the function
    assert patience.PATIENCE == 30.0
    monkeypatch.setattr(patience, "PATIENCE", 0.05)
    with pytest.raises(UsageError, match="took too long"):
        await chat.ask("article", READER, url=chat.site.url)


# --- what went wrong with a site, in the reader's language


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "wird gewartet oder ist überlastet (HTTP 503)"), ("zh-cn", "正在维护或负载过高（HTTP 503）")],
)
async def test_what_went_wrong_with_a_site_is_said_in_the_readers_language(
    chat: Chat, language: str, said: str
) -> None:
    await chat.follow()
    chat.site.faults.status = 503
    await chat.poll()
    assert "is down for maintenance" in await chat.say("subscriptions")
    await chat.ask("settings", language=language)
    assert said in await chat.say("subscriptions")
    assert said in await chat.say("status")
    with pytest.raises(SourceError) as caught:
        await chat.say("article", url=f"{chat.site.url}/elsewhere")
    assert said in str(caught.value)


async def test_a_trouble_that_an_earlier_version_kept_is_said_as_it_stands(chat: Chat) -> None:
    await chat.follow()
    (turn,) = chat.store.claim_sites(chat.clock.now() + timedelta(minutes=2), 8, timedelta(minutes=5))
    chat.store.trouble(turn, "{It} fell over.", chat.clock.now())
    assert "trouble: {It} fell over." in await chat.say("subscriptions")
