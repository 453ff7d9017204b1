"""What a channel follows, and how: by people who manage it, on a real store, source and site."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from bot.demo.site import SampleSite
from bot.errors import Refused, SourceError, TryLater, UsageError
from bot.model import Article, Channel, OnCorrection, OnWithdrawal, Site, Style
from bot.ports import Asked, Changes
from bot.store import Following
from tests.commands.chat import ELSEWHERE, HERE, MANAGER, READER, THERE, Chat
from tests.commands.pages import Pages, api, served
from tests.simulation.world import Platform
from tests.sources.polyglot import Polyglot
from tests.wishes import subscribe

BELOW = Asked(Channel("model", "below"), manages=True)


def followed(chat: Chat) -> Following:
    """The one subscription of the channel."""
    [one] = chat.store.following(HERE)
    return one


# --- subscribe


async def test_subscribing_tells_how_it_is_read_what_is_missing_the_newest_card_and_how_to_undo_it(chat: Chat) -> None:
    chat.publish("Older")
    chat.publish("Newest")
    chat.platform.lacks = ["Embed Links is missing here: allow it in the channel's settings."]
    reply = await chat.ask("subscribe", site=chat.site.url, style="compact")
    assert reply.text.splitlines() == [
        f"Subscribed to The Harbour Ledger ({chat.site.url}/).",
        f"It is read by its REST API at {chat.site.api}.",
        "Embed Links is missing here: allow it in the channel's settings.",
        f"Undo with: unsubscribe site={chat.site.url}/",
        "Its newest article, as it will look:",
    ]
    assert [(one.card.title, one.style) for one in reply.cards] == [("Newest", Style.COMPACT)]


async def test_a_name_of_any_length_leaves_room_for_the_advice(chat: Chat) -> None:
    chat.site.name = "A name without end " * 10_000
    told = await chat.say("subscribe", site=chat.site.url)
    assert len(told) < 500
    assert "Undo with: unsubscribe" in told
    reply = await chat.ask("subscriptions")
    assert len(reply.text) < 500
    assert max(len(button.label) for row in reply.buttons for button in row) < 120


async def test_following_starts_now(chat: Chat) -> None:
    chat.publish("Before")
    await chat.follow()
    assert await chat.go_on() == []
    chat.publish("After")
    assert await chat.go_on() == ["After"]


@pytest.mark.parametrize(
    "url",
    [
        lambda site: site.url,
        lambda site: site.link(1),
        lambda site: f"{site.url}/feed/",
        lambda site: site.api,
        lambda site: f"{site.url}/?rest_route=/",
        lambda site: f"{site.api}wp/v2/posts/1",
    ],
)
async def test_any_url_of_a_publication_will_do(chat: Chat, url: Callable[[SampleSite], str]) -> None:
    chat.publish("A story")
    await chat.ask("subscribe", site=url(chat.site))
    assert followed(chat).site.url == f"{chat.site.url}/"


async def test_a_site_that_has_published_nothing_is_said_to_have_not(chat: Chat) -> None:
    assert "It has published nothing yet." in await chat.say("subscribe", site=chat.site.url)


@pytest.mark.parametrize("again", [lambda site: site.url, lambda site: f"{site.url}/?rest_route=/"])
async def test_subscribing_again_changes_what_is_asked_for_and_nothing_else(
    chat: Chat, again: Callable[[SampleSite], str]
) -> None:
    await chat.follow(style="full", exclude="tag:b")
    chat.site.permalinks = "pretty"
    chat.publish("Between")
    reply = await chat.say("subscribe", site=again(chat.site), include="tag:a")
    assert reply.startswith("The Harbour Ledger")
    assert "is followed already" in reply
    wishes = followed(chat).subscription
    assert (wishes.style, str(wishes.filters.include[0]), str(wishes.filters.exclude[0])) == ("full", "tag:a", "tag:b")
    chat.publish("Later", tags=("a",))
    assert await chat.go_on() == ["Later"]


@pytest.mark.parametrize("rest", ["401", ""])
async def test_who_follows_again_once_the_api_is_open_or_closed_follows_by_what_there_is(chat: Chat, rest: str) -> None:
    chat.site.faults.rest = rest  # type: ignore[assignment]
    await chat.follow()
    await chat.ask("unsubscribe", site=chat.site.url)
    chat.turn(40 * 24 * 3600)
    chat.site.faults.rest = "" if rest else "401"
    await chat.follow()
    assert followed(chat).site.reader == ("wordpress" if rest else "feed")
    chat.publish("Told")
    assert await chat.go_on() == ["Told"]


async def test_a_site_that_moved_to_plain_addresses_is_still_the_same_one(chat: Chat) -> None:
    await chat.follow(exclude="tag:b")
    chat.site.permalinks = "plain"
    assert "is followed already" in await chat.say("subscribe", site=chat.site.url)
    assert len(chat.store.health()) == 1
    assert [str(term) for term in followed(chat).subscription.filters.exclude] == ["tag:b"]


async def test_a_page_that_only_points_at_a_publication_is_not_its_home(chat: Chat) -> None:
    """Else whoever made the page could move the publication for all who follow it."""
    chat.publish("A story")
    async with served({"/": f'<link rel="https://api.w.org/" href="{chat.site.api}">'}) as origin:
        await chat.ask("subscribe", ELSEWHERE, site=origin)
        await chat.follow()
        [one] = chat.store.health()
        assert (one.site.url, one.site.endpoint, one.channels) == (f"{chat.site.url}/", chat.site.api, 2)


async def test_two_publications_on_one_host_are_two_whatever_either_states(chat: Chat) -> None:
    pages: Pages = {"/": "a page", "/~one/": '<link rel="https://api.w.org/" href="wp-json/">'}
    async with served(pages) as origin:
        pages |= api("", f"{origin}/") | api("/~one", f"{origin}/")
        await chat.ask("subscribe", ELSEWHERE, site=f"{origin}/~one/")
        await chat.ask("subscribe", site=origin)
        assert [one.site.url for one in chat.store.health()] == [f"{origin}/", f"{origin}/~one/"]


async def test_another_channel_can_be_named(chat: Chat) -> None:
    await chat.ask("subscribe", site=chat.site.url, channel=str(THERE))
    assert [one.subscription.channel for one in chat.store.following()] == [THERE]
    for who in (MANAGER, READER):  # nobody is told to lack a right to what is no channel
        with pytest.raises(UsageError, match="is no channel"):
            await chat.ask("subscribe", who, site=chat.site.url, channel="there")


@pytest.mark.parametrize("rest", ["", "401"])
@pytest.mark.parametrize(
    ("page", "term"),
    [("category/sea-air", "category:Sea Air"), ("tag/tide", "tag:Tide"), ("author/ida-o", "author:Ida O")],
)
async def test_the_page_of_a_term_is_subscribed_to_with_that_filter(
    chat: Chat, page: str, term: str, rest: str
) -> None:
    """Where the API is closed, too, unless nothing in the feed bears the term."""
    chat.publish("Old", categories=("Sea Air",), tags=("Tide",), author="Ida O")
    chat.site.faults.rest = rest  # type: ignore[assignment]
    said = await chat.say("subscribe", site=f"{chat.site.url}/{page}/")
    assert f"Only articles with {term} are shown, since that page lists those. For all of them: settings" in said
    chat.publish("Ashore", categories=("Land",))
    chat.publish("At sea", categories=("Sea Air",), tags=("Tide",), author="Ida O")
    assert await chat.go_on() == ["At sea"]


@pytest.mark.parametrize(
    ("page", "options"),
    [
        ("category/sea-air/", {"include": "harbour"}),
        ("category/nothing/", {}),
        ("category/", {}),
        ("2026/03/old/", {}),
        ("", {}),
    ],
)
async def test_no_filter_is_set_where_one_was_given_or_the_page_lists_no_term(
    chat: Chat, page: str, options: dict[str, str]
) -> None:
    chat.publish("Old", categories=("Sea Air",))
    said = await chat.say("subscribe", site=f"{chat.site.url}/{page}", **options)
    assert "that page lists" not in said
    assert f"include: {options.get('include', 'everything')}" in await chat.say("settings")


async def test_a_publication_that_is_followed_keeps_its_filters_whatever_page_is_named(chat: Chat) -> None:
    chat.publish("Old", categories=("Sea Air",))
    await chat.follow()
    assert "followed already" in await chat.say("subscribe", site=f"{chat.site.url}/category/sea-air/")
    assert "include: everything" in await chat.say("settings")


async def test_two_languages_of_a_publication_are_followed_as_two(chat: Chat) -> None:
    async with Polyglot(clock=chat.clock.now) as site:
        for number, language in enumerate(("en", "de", "fr")):
            chat.publish(f"Old {number}", site=site, lang=language)
        assert "?lang=de" in await chat.say("subscribe", site=site.url, lang="de")
        assert "Subscribed" in await chat.say("subscribe", site=f"{site.url}/fr/", style="compact")
        assert "followed already" in await chat.say("subscribe", site=f"{site.url}/de/")
        for language in ("en", "de", "fr"):
            chat.publish(f"New in {language}", site=site, lang=language)
        assert sorted(await chat.go_on()) == ["New in de", "New in fr"]
        with pytest.raises(UsageError, match="Say which"):
            await chat.ask("pause")
        await chat.ask("unsubscribe", site=f"{site.url}/?lang=de")
        assert followed(chat).site.url == f"{site.url}/?lang=fr"


async def test_posts_of_another_type_are_followed_beside_the_articles(chat: Chat) -> None:
    async with Polyglot(clock=chat.clock.now) as site:
        await chat.ask("subscribe", site=site.url)
        assert "post_type=events" in await chat.say("subscribe", site=site.url, type="event")
        chat.publish("An article", site=site)
        concert = chat.publish("A concert", site=site, type="event")
        assert sorted(await chat.go_on()) == ["A concert", "An article"]
        site.edit(concert, title="A late concert")
        assert sorted(await chat.go_on()) == ["A late concert", "An article"]


@pytest.mark.parametrize("wish", [{"lang": "xx"}, {"type": "films"}, {"lang": "no language"}])
async def test_of_an_edition_that_is_none_nothing_is_stored(chat: Chat, wish: dict[str, str]) -> None:
    with pytest.raises(SourceError):
        await chat.ask("subscribe", site=chat.site.url, **wish)
    assert chat.store.health() == []


@pytest.mark.parametrize("rest", ["401", "404"])
async def test_a_site_whose_api_is_closed_is_followed_by_its_feed(chat: Chat, rest: str) -> None:
    chat.site.faults.rest = rest  # type: ignore[assignment]
    said = await chat.say("subscribe", site=chat.site.url)
    assert f"It is read by its feed at {chat.site.url}/?feed=rss2, since it has no open REST API" in said
    post = chat.publish("By the feed")
    assert await chat.go_on() == ["By the feed"]
    chat.site.edit(post, title="By the feed again")
    assert await chat.go_on() == ["By the feed again"]


@pytest.mark.parametrize("rest", ["401", "404"])
async def test_of_a_site_that_cannot_be_read_nothing_is_stored(chat: Chat, rest: str) -> None:
    chat.site.faults.feed = "404"
    chat.site.faults.rest = rest  # type: ignore[assignment]
    with pytest.raises(SourceError):
        await chat.follow()
    assert (chat.store.health(), chat.store.following()) == ([], [])


@pytest.mark.parametrize("wish", [{"include": "tag:"}, {"exclude": "x" * 101}, {"style": "huge"}, {"notify": "loud"}])
async def test_what_cannot_be_wished_for_stores_nothing_and_asks_nothing(chat: Chat, wish: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        await chat.follow(**wish)
    assert (chat.store.health(), chat.site.requests) == ([], [])


# --- unsubscribe


async def test_after_unsubscribing_nothing_new_comes_and_what_stands_stays(chat: Chat) -> None:
    await chat.follow()
    first = chat.publish("Stands")
    await chat.go_on()
    chat.publish("Waits")
    await chat.poll()
    assert "not followed here any more" in await chat.say("unsubscribe", site="the harbour ledger")
    chat.publish("New")
    assert await chat.go_on() == ["Stands"]
    assert chat.store.following() == []
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    chat.site.edit(first, title="Still corrected")
    assert await chat.go_on() == ["Still corrected"]


@pytest.mark.parametrize("name", ["{url}/", "{url}", "{url}/wp-json/", "The Harbour Ledger", " THE HARBOUR LEDGER"])
async def test_a_followed_site_is_known_by_its_name_and_each_of_its_addresses(chat: Chat, name: str) -> None:
    await chat.follow()
    await chat.ask("unsubscribe", site=name.format(url=chat.site.url))
    assert chat.store.following() == []


async def test_a_site_that_calls_itself_by_anothers_address_is_not_mistaken_for_it(
    chat: Chat, other: SampleSite
) -> None:
    other.name = f"{chat.site.url}/"
    await chat.follow()
    await chat.ask("subscribe", site=other.url)
    assert f"({chat.site.url}/) is paused" in await chat.say("pause", site=f"{chat.site.url}/")
    await chat.ask("unsubscribe", site=f"{chat.site.url}/")
    assert followed(chat).site.url == f"{other.url}/"


async def test_capitals_in_an_address_are_part_of_it(chat: Chat) -> None:
    chat.site.folder = "/News"
    await chat.follow()
    await chat.ask("unsubscribe", site=followed(chat).site.url)
    assert chat.store.following() == []


async def test_what_is_not_followed_is_named_with_what_is(chat: Chat, other: SampleSite) -> None:
    with pytest.raises(UsageError, match="Followed here: nothing"):
        await chat.ask("unsubscribe", site=chat.site.url)
    for name in ("settings", "pause", "resume", "backfill", "preview"):
        with pytest.raises(UsageError, match="Nothing is followed here yet"):
            await chat.ask(name)
    await chat.follow()
    with pytest.raises(UsageError, match=f"{other.url} is not followed here. Followed here: {chat.site.url}/"):
        await chat.ask("unsubscribe", site=other.url)


async def test_of_two_sites_one_has_to_be_named(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await chat.ask("subscribe", site=other.url)
    with pytest.raises(UsageError, match="Say which publication"):
        await chat.ask("pause")


# --- settings


async def test_each_setting_is_shown_with_the_option_that_changes_it(chat: Chat) -> None:
    await chat.follow()
    assert (await chat.say("settings")).splitlines() == [
        f"The Harbour Ledger ({chat.site.url}/)",
        "style: card",
        "notify: normal",
        "role: nobody",
        "include: everything",
        "exclude: nothing",
        "corrections: say",
        "withdrawals: strike",
        "crosspost: no",
        "thread: no",
        "language: auto",
    ]


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("style", "full", "style: full"),
        ("notify", "Silent", "notify: silent"),
        ("role", "42", "role: @42"),
        ("include", "tag:a, two words", "include: tag:a, two words"),
        ("exclude", "author:Ann", "exclude: author:Ann"),
        ("corrections", "leave", "corrections: leave"),
        ("withdrawals", "remove", "withdrawals: remove"),
    ],
)
async def test_each_setting_is_kept_and_changes_no_other(chat: Chat, option: str, value: str, shown: str) -> None:
    await chat.follow()
    before = set((await chat.say("settings")).splitlines())
    assert shown in await chat.say("settings", **{option: value})
    chat.store.close()
    chat.open()
    assert set((await chat.say("settings")).splitlines()) - before == {shown}


@pytest.mark.parametrize("none", ["none", "None", "-", "keine", "无"])
async def test_none_clears_a_filter_and_leaves_the_other(chat: Chat, none: str) -> None:
    await chat.follow(include="a", exclude="b")
    shown = await chat.say("settings", include=none)
    assert "include: everything\nexclude: b" in shown


async def test_clearing_the_role_makes_no_silent_channel_loud(chat: Chat) -> None:
    await chat.follow(notify="silent")
    assert "notify: silent" in await chat.say("settings", role="none")
    await chat.ask("settings", role="42")
    assert "notify: normal" in await chat.say("settings", role="none")


async def test_a_wrong_setting_changes_none(chat: Chat) -> None:
    await chat.follow()
    with pytest.raises(UsageError, match="it takes: compact, card, full"):
        await chat.ask("settings", style="huge", exclude="a", language="de")
    with pytest.raises(UsageError, match="is no filter"):
        await chat.ask("settings", style="full", exclude="tag:", language="de")
    with pytest.raises(UsageError, match="not followed here"):
        await chat.ask("settings", site="elsewhere", language="de")
    shown = await chat.say("settings")
    assert "style: card" in shown
    assert "language: auto" in shown


async def test_the_language_is_the_channels_whatever_is_followed_there(chat: Chat, other: SampleSite) -> None:
    for _ in range(3):
        await chat.ask("settings", language="zh-CN")
        assert chat.store.language(HERE) == "zh-CN"
        await chat.ask("settings", language="auto")
        assert chat.store.language(HERE) == ""
        await chat.ask("subscribe", site=(other if chat.store.following() else chat.site).url)


async def test_wishes_reach_the_cards(chat: Chat) -> None:
    await chat.follow(style="compact", notify="silent", include="tag:a, dredging", exclude="category:Sports")
    chat.publish("Tagged", tags=("a",))
    chat.publish("In the text", "The dredging goes on, whatever the harbour master says of it.")
    chat.publish("Neither")
    chat.publish("Both", tags=("a",), categories=("Sports",))
    assert await chat.go_on() == ["Tagged", "In the text"]
    assert {(payload["style"], payload["notify"]) for payload in chat.platform.posted} == {("compact", "silent")}


async def test_two_who_change_settings_at_once_lose_nothing_of_each_other(chat: Chat) -> None:
    await chat.follow()
    read = chat.store.following

    def between(channel: Channel | None = None) -> list[Following]:
        chat.store.following = read  # type: ignore[method-assign]
        seen = read(channel)
        [one] = seen
        chat.store.adjust(HERE, one.subscription.site_id, lambda old: replace(old, style=Style.FULL))
        return seen

    chat.store.following = between  # type: ignore[method-assign]
    assert "style: full\nnotify: silent" in await chat.say("settings", notify="silent")
    chat.store.following = between  # type: ignore[method-assign]
    await chat.follow(style="compact")
    chat.store.following = between  # type: ignore[method-assign]
    await chat.follow(notify="normal")
    assert (followed(chat).subscription.style, followed(chat).subscription.notify) == ("full", "normal")


async def test_settings_of_what_is_unsubscribed_meanwhile_are_said_to_be_of_nothing(chat: Chat) -> None:
    await chat.follow()
    read = chat.store.following

    def between(channel: Channel | None = None) -> list[Following]:
        chat.store.following = read  # type: ignore[method-assign]
        seen = read(channel)
        chat.store.unsubscribe(HERE, seen[0].subscription.site_id)
        return seen

    chat.store.following = between  # type: ignore[method-assign]
    with pytest.raises(UsageError, match="not followed here any more"):
        await chat.ask("settings", style="full")
    assert chat.store.following() == []
    await chat.follow()
    chat.store.following = between  # type: ignore[method-assign]
    assert (await chat.say("subscribe", site=chat.site.url)).startswith("Subscribed to")
    assert len(chat.store.following()) == 1


# --- settings url=


async def test_a_site_that_moved_to_where_its_api_is_closed_is_read_on_by_its_feed(
    chat: Chat, other: SampleSite
) -> None:
    await chat.follow()
    post = chat.publish("First")
    await chat.go_on()
    other.publish(chat.site.entries[post].post, date=chat.site.entries[post].date)
    other.faults.rest = "401"
    await chat.ask("settings", url=other.url)
    assert followed(chat).site.reader == "feed"
    chat.publish("Second", site=other)
    assert await chat.go_on() == ["First", "Second"]


@pytest.mark.parametrize("rest", ["401", "404", "403html"])
async def test_a_site_that_closes_its_api_is_read_on_by_its_feed_and_back_with_all_its_cards(
    chat: Chat, rest: str
) -> None:
    await chat.follow()
    first = chat.publish("First")
    assert await chat.go_on() == ["First"]
    chat.site.faults.rest = rest  # type: ignore[assignment]
    await chat.poll()
    said = await chat.say("settings", url=chat.site.url)
    assert "read by its feed" in said
    assert "What it published before" in said
    chat.site.edit(first, title="First, corrected")
    chat.publish("Second")
    assert await chat.go_on() == ["First, corrected", "Second"]
    chat.site.faults.rest = ""
    assert "read by its REST API" in await chat.say("settings", url=chat.site.url)
    chat.site.trash(first)
    chat.publish("Third")
    assert await chat.go_on() == ["~First, corrected~", "Second", "Third"]
    assert len(chat.store.health()) == 1


async def test_all_who_follow_a_site_whose_api_closed_are_shown_its_feed(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    chat.site.faults.rest = "401"
    await chat.ask("settings", url=chat.site.url)
    chat.publish("For all")
    assert await chat.go_on() == chat.standing(THERE) == ["For all"]


async def test_an_api_that_is_only_out_of_order_leads_to_no_feed(chat: Chat) -> None:
    await chat.follow()
    chat.site.faults.status = 503
    with pytest.raises(SourceError, match="maintenance"):
        await chat.ask("settings", url=chat.site.url)
    assert followed(chat).site.reader == "wordpress"


async def test_a_site_that_moved_keeps_its_subscription_settings_and_cards(chat: Chat, other: SampleSite) -> None:
    await chat.follow(style="full")
    first = chat.publish("Before the move")
    await chat.go_on()
    other.entries = chat.site.entries
    await chat.site.stop()
    assert "style: full" in await chat.say("settings", url=other.url)
    assert followed(chat).site.url == f"{other.url}/"
    chat.publish("After the move", site=other, id=7)
    other.edit(first, title="Corrected since")
    assert await chat.go_on() == ["Corrected since", "After the move"]


async def test_an_address_with_other_articles_is_refused(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    chat.publish("Ours")
    chat.publish("Theirs", site=other)
    await chat.go_on()
    with pytest.raises(UsageError, match="shows too little of what The Harbour Ledger"):
        await chat.ask("settings", url=other.url, style="full")
    assert (followed(chat).site.url, followed(chat).subscription.style) == (f"{chat.site.url}/", Style.CARD)


@pytest.mark.parametrize("status", [0, 503, 404])
async def test_a_site_is_taken_from_nobody_else_who_follows_it_whatever_it_answers(
    chat: Chat, other: SampleSite, status: int
) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url, style="full")
    first = chat.publish("Ours")
    await chat.go_on()
    other.entries = {number: deepcopy(entry) for number, entry in chat.site.entries.items()}
    chat.publish("Between", site=other, id=7)
    chat.site.faults.status = status
    assert "style: full" in await chat.say("settings", ELSEWHERE, url=other.url)
    chat.site.faults.status = 0
    assert [one.site.url for one in chat.store.following(HERE)] == [f"{chat.site.url}/"]
    assert [one.site.url for one in chat.store.following(THERE)] == [f"{other.url}/"]
    chat.site.edit(first, title="Corrected")
    chat.publish("Theirs", site=other, id=8)
    assert await chat.go_on() == ["Corrected"]
    assert chat.standing(THERE) == ["Corrected", "Between", "Theirs"]


async def test_whoever_moves_a_site_corrects_no_card_of_those_who_follow_it_no_more(
    chat: Chat, other: SampleSite
) -> None:
    await chat.follow()
    first = chat.publish("Ours")
    await chat.go_on()
    await chat.ask("unsubscribe", site=chat.site.url)
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    other.entries = {number: deepcopy(entry) for number, entry in chat.site.entries.items()}
    await chat.ask("settings", ELSEWHERE, url=other.url)
    other.edit(first, title="Whatever a stranger likes")
    chat.publish("Theirs", site=other, id=7)
    assert await chat.go_on() == ["Ours"]
    assert chat.standing(THERE) == ["Theirs"]
    chat.site.edit(first, title="Still corrected by its own")
    assert await chat.go_on() == ["Still corrected by its own"]


async def test_what_waits_when_a_channel_moves_on_alone_is_shown_once(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    chat.publish("Waits")
    await chat.poll()
    other.entries = chat.site.entries
    await chat.ask("settings", url=other.url)
    assert await chat.go_on() == ["Waits"]


@pytest.mark.parametrize("titles", [("F", "S"), ("First", "Another"), ("First", "Second, and more")])
async def test_one_article_of_several_or_the_beginnings_of_titles_prove_nothing(
    chat: Chat, other: SampleSite, titles: tuple[str, str]
) -> None:
    await chat.follow()
    chat.publish("First")
    chat.publish("Second")
    await chat.go_on()
    for title in titles:
        chat.publish(title, site=other)
    with pytest.raises(UsageError, match="shows too little of what The Harbour Ledger"):
        await chat.ask("settings", url=other.url)


async def test_a_site_moves_to_where_others_follow_it_already(chat: Chat, other: SampleSite) -> None:
    await chat.follow(style="full")
    chat.publish("Ours")
    await chat.go_on()
    other.entries = chat.site.entries
    await chat.ask("subscribe", ELSEWHERE, site=other.url)
    await chat.ask("settings", url=other.url)
    assert [(one.site.url, one.subscription.style) for one in chat.store.following()] == [
        (f"{other.url}/", "full"),
        (f"{other.url}/", "card"),
    ]


async def test_two_sites_that_are_followed_here_are_not_made_one(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    chat.publish("Ours")
    await chat.go_on()
    other.entries = chat.site.entries
    await chat.ask("subscribe", site=other.url)
    with pytest.raises(UsageError, match="is followed already"):
        await chat.ask("settings", site=chat.site.url, url=other.url)
    await chat.ask("unsubscribe", site=other.url)
    await chat.ask("settings", url=other.url)  # followed by nobody, it stands in the way of nobody
    assert [one.site.url for one in chat.store.health()] == [f"{other.url}/"]


async def test_the_address_it_has_is_no_move(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", url=f"{chat.site.url}/?rest_route=/")
    assert followed(chat).site.endpoint == chat.site.api


# --- pause and resume


@pytest.mark.parametrize(("missed", "more"), [(0, []), (1, [0]), (4, [3])])
async def test_after_a_pause_the_newest_comes_with_how_many_more_there_were(
    chat: Chat, missed: int, more: list[int]
) -> None:
    await chat.follow()
    assert "is paused here." in await chat.say("pause")
    for number in range(missed):
        chat.publish(f"Story {number}")
    assert await chat.go_on() == []
    reply = await chat.say("resume")
    assert ("Meanwhile it published 4 articles." in reply) is (missed == 4)
    await chat.deliver()
    assert chat.standing() == [f"Story {missed - 1}"][:missed]
    assert [payload["more"] for payload in chat.platform.posted] == more
    chat.publish("Next")
    assert (await chat.go_on())[-1] == "Next"


async def test_what_was_queued_when_the_pause_began_waits_with_the_rest(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Queued")
    await chat.poll()
    await chat.ask("pause")
    assert await chat.go_on() == []
    chat.publish("Missed")
    await chat.poll()
    await chat.ask("resume")
    assert await chat.go_on() == ["Missed"]
    assert chat.platform.posted[0]["more"] == 1


async def test_what_is_withdrawn_during_a_pause_is_not_missed(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("pause")
    chat.publish("Kept")
    gone = chat.publish("Withdrawn")
    await chat.poll()
    chat.site.trash(gone)
    await chat.poll()
    await chat.ask("resume")
    assert await chat.go_on() == ["Kept"]
    assert chat.platform.posted[0]["more"] == 0


async def test_a_paused_channel_is_still_corrected(chat: Chat) -> None:
    await chat.follow()
    first = chat.publish("Stands")
    await chat.go_on()
    await chat.ask("pause")
    chat.site.edit(first, title="Corrected")
    assert await chat.go_on() == ["Corrected"]


async def test_resuming_what_goes_on_already_says_nothing_twice(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Once")
    await chat.go_on()
    await chat.ask("resume")
    assert await chat.go_on() == ["Once"]


@pytest.mark.parametrize("exclude", ["category:Sports", "author:Ann", "whistle", "excluded"])
async def test_what_is_excluded_during_a_pause_is_not_missed(chat: Chat, exclude: str) -> None:
    await chat.follow()
    await chat.ask("pause")
    chat.publish("Wanted")
    text = "The whistle was blown at noon, and the crowd in the harbour went home in the rain."
    post = chat.publish("Excluded", text, categories=("Sports",), author="Ann")
    await chat.poll()
    await chat.ask("settings", exclude=exclude)
    await chat.ask("resume")
    assert await chat.go_on() == ["Wanted"]
    assert chat.platform.posted[0]["more"] == 0
    assert exclude in await chat.say("why", url=chat.site.link(post))


# --- backfill


async def test_a_backfill_shows_the_last_articles_oldest_first_and_none_twice(chat: Chat) -> None:
    for number in range(4):
        chat.publish(f"Old {number}")
    await chat.follow()
    chat.publish("New")
    await chat.go_on()
    assert "2 articles follow." in await chat.say("backfill", count="2")
    await chat.deliver()
    assert chat.standing() == ["New", "Old 2", "Old 3"]
    assert "2 articles follow." in await chat.say("backfill", count="3")
    assert "nothing follows; its last articles were shown" in await chat.say("backfill", count="3")
    assert await chat.go_on() == ["New", "Old 2", "Old 3", "Old 0", "Old 1"]


async def test_a_backfill_respects_the_filters(chat: Chat) -> None:
    chat.publish("Wanted", categories=("Arts",))
    chat.publish("Not wanted", categories=("Sports",))
    await chat.follow(exclude="category:sports")
    assert "1 article follows." in await chat.say("backfill")
    assert await chat.go_on() == ["Wanted"]


async def test_a_backfilled_card_is_corrected_and_withdrawn_like_any_other(chat: Chat) -> None:
    first, second = chat.publish("First"), chat.publish("Second")
    chat.turn(3600)
    await chat.follow()
    await chat.ask("backfill")
    assert await chat.go_on() == ["First", "Second"]
    chat.site.edit(first, title="Corrected")
    chat.site.trash(second)
    assert await chat.go_on() == ["Corrected", "~Second~"]


async def test_what_one_channel_backfills_before_it_was_read_is_new_to_the_others_all_the_same(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    chat.publish("Just out")
    await chat.ask("backfill")
    chat.turn(1)
    await chat.ask("subscribe", BELOW, site=chat.site.url)
    assert await chat.go_on() == ["Just out"]
    assert chat.standing(THERE) == ["Just out"]
    assert chat.standing(BELOW.channel) == []


async def test_what_a_pause_passed_over_can_be_backfilled(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("pause")
    for number in range(3):
        chat.publish(f"Story {number}")
    await chat.poll()
    await chat.ask("resume")
    await chat.deliver()
    await chat.ask("backfill")
    assert await chat.go_on() == ["Story 2", "Story 0", "Story 1"]


async def test_what_is_withdrawn_while_a_backfill_reads_it_is_not_shown(chat: Chat) -> None:
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    post = chat.publish("Withdrawn")
    await chat.go_on()
    await chat.follow()
    newest = chat.source.newest

    async def slowly(site: Site, count: int) -> Sequence[Article]:
        read = await newest(site, count)
        chat.site.trash(post)
        await chat.poll()
        return read

    chat.source.newest = slowly  # type: ignore[method-assign]
    assert "nothing follows" in await chat.say("backfill")
    assert await chat.go_on() == []
    assert chat.standing(THERE) == ["~Withdrawn~"]


@pytest.mark.parametrize("count", ["0", "21", "-1", "x", "0000000001", "1 0"])
async def test_a_backfill_takes_from_one_to_twenty(chat: Chat, count: str) -> None:
    await chat.follow()
    with pytest.raises(UsageError, match="it takes: 1–20"):
        await chat.ask("backfill", count=count)


# --- corrections, withdrawals


@pytest.mark.parametrize(
    ("corrections", "shown", "changed"),
    [("say", "New title", "headline changed"), ("edit", "New title", ""), ("leave", "Old title", "")],
)
async def test_a_correction_is_said_made_or_left(chat: Chat, corrections: str, shown: str, changed: str) -> None:
    await chat.follow()
    await chat.ask("settings", corrections=corrections)
    first = chat.publish("Old title")
    await chat.go_on()
    chat.site.edit(first, title="New title")
    assert await chat.go_on() == [shown]
    assert chat.platform.messages[0].changed == changed
    assert followed(chat).subscription.on_correction is OnCorrection(corrections)


async def test_after_corrections_were_left_the_next_says_all_that_changed_since_the_card(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("settings", corrections="leave")
    first = chat.publish("Old title")
    await chat.go_on()
    chat.site.edit(first, title="New title")
    await chat.go_on()
    await chat.ask("settings", corrections="say")
    content = "<p>Quite another lead stands here now, and it is long enough to be one of its own.</p>"
    chat.site.edit(first, content=content)
    assert await chat.go_on() == ["New title"]
    assert chat.platform.messages[0].changed == "headline changed, opening corrected"


@pytest.mark.parametrize(("withdrawals", "standing"), [("strike", ["~Gone~"]), ("remove", []), ("leave", ["Gone"])])
async def test_a_withdrawn_card_is_struck_removed_or_left(chat: Chat, withdrawals: str, standing: list[str]) -> None:
    await chat.follow()
    await chat.ask("settings", withdrawals=withdrawals)
    first = chat.publish("Gone")
    await chat.go_on()
    chat.site.trash(first)
    assert await chat.go_on() == standing
    assert followed(chat).subscription.on_withdrawal is OnWithdrawal(withdrawals)


# --- filters by names


async def test_a_name_that_the_publication_is_not_known_to_use_is_said(chat: Chat) -> None:
    chat.publish("A match", categories=("Sports",))
    told = await chat.say(
        "subscribe", site=chat.site.url, include="category:Sport, category:sports, words of mine, cat:Sports"
    )
    assert "No category:Sport is known of it yet" in told
    assert "cat:Sports is looked for as words" in told
    assert told.count("is looked for as words") == 1
    assert told.count("is known of it yet") == 1
    assert "No tag:Nowhere" not in await chat.say("settings", exclude="tag:Nowhere")  # nothing is known of its tags


async def test_a_newest_article_that_the_filters_hold_back_is_shown_as_that(chat: Chat) -> None:
    chat.publish("A match", categories=("Sports",))
    told = await chat.say("subscribe", site=chat.site.url, exclude="category:Sports")
    assert told.endswith("Its newest article, which the filters would hold back, as it would look:")


async def test_what_is_changed_of_a_publication_that_is_followed_already_is_said(chat: Chat) -> None:
    await chat.follow()
    assert "Its settings were changed." in await chat.say("subscribe", site=chat.site.url, style="full")
    assert "Its settings were changed." not in await chat.say("subscribe", site=chat.site.url)


@pytest.mark.parametrize("spelling", ["zh", "zh-CN", "ZH-cn"])
async def test_a_language_is_known_however_it_is_spelled(chat: Chat, spelling: str) -> None:
    await chat.ask("settings", language=spelling)
    assert chat.store.language(HERE) == "zh-CN"


# --- a long stop


@pytest.mark.parametrize(
    ("away", "published", "posted"),
    [(25, 3, [("0", 0), ("1", 0), ("2", 0)]), (25, 4, [("3", 3)]), (23, 4, [(str(n), 0) for n in range(4)])],
)
async def test_after_a_long_stop_the_newest_of_many_comes_and_all_of_a_few(
    chat: Chat, away: float, published: int, posted: list[tuple[str, int]]
) -> None:
    await chat.follow()
    await chat.poll()
    for number in range(published):
        chat.publish(str(number))
    chat.turn(timedelta(hours=away).total_seconds())
    await chat.go_on()
    assert [(payload["shown"], payload["more"]) for payload in chat.platform.posted] == posted


async def test_after_a_long_stop_more_than_is_read_at_once_is_no_flood(chat: Chat) -> None:
    await chat.follow()
    await chat.poll()
    for number in range(130):
        chat.publish(str(number))
    chat.turn(timedelta(hours=25).total_seconds())
    assert await chat.go_on() == []
    await chat.go_on()
    assert [(payload["shown"], payload["more"]) for payload in chat.platform.posted] == [("129", 29)]


@pytest.mark.parametrize(
    ("withdrawn", "posted"), [([5], [("4", 4)]), ([2, 5], [("4", 3)]), ([5, 4], [("3", 3)]), ([0], [("5", 5)])]
)
async def test_when_the_newest_of_a_flood_is_withdrawn_before_it_was_shown_the_next_one_comes(
    chat: Chat, withdrawn: list[int], posted: list[tuple[str, int]]
) -> None:
    await chat.follow()
    await chat.poll()
    chat.turn(timedelta(hours=25).total_seconds())
    posts = [chat.publish(str(number)) for number in range(6)]
    await chat.poll()
    for number in withdrawn:
        chat.site.trash(posts[number])
        await chat.poll()
    await chat.deliver()
    assert [(payload["shown"], payload["more"]) for payload in chat.platform.posted] == posted


async def test_what_is_no_news_any_more_is_not_tried_again(chat: Chat) -> None:
    await chat.follow()
    chat.platform.refusal = Refused("Not allowed.")
    chat.publish("Old")
    await chat.go_on()
    chat.turn(timedelta(hours=25).total_seconds())
    chat.publish("New")
    await chat.go_on()
    chat.platform.refusal = None
    await chat.parts.back([HERE])
    await chat.follow()
    assert await chat.go_on() == ["New"]


# --- who may


async def test_those_who_do_not_manage_the_channel_change_nothing(chat: Chat) -> None:
    chat.publish("A story")
    await chat.follow()
    managing = [name for name, command in chat.commands.items() if command.manage]
    assert sorted(managing) == ["backfill", "pause", "preview", "resume", "settings", "subscribe", "unsubscribe"]
    before = (chat.store.following(), chat.store.health(), len(chat.site.requests))
    reader = replace(READER, needs=lambda: "That needs a key.")
    for name in managing:
        with pytest.raises(UsageError, match=f"{name} is for those who manage the channel. That needs a key."):
            await chat.ask(name, reader, site=chat.site.url, style="full", language="de")
    assert (chat.store.following(), chat.store.health(), len(chat.site.requests)) == before
    assert chat.store.language(HERE) == ""


async def test_what_everybody_may_ask_changes_nothing(chat: Chat, other: SampleSite) -> None:
    url = other.link(chat.publish("A story", site=other))
    await chat.follow()
    before = (chat.store.following(), chat.store.health(), chat.store.queue())
    free = [name for name, command in chat.commands.items() if not command.manage]
    assert sorted(free) == ["article", "help", "latest", "search", "status", "subscriptions", "why"]
    for name in free:
        reply = await chat.ask(name, READER, url=url, site=other.url, words="story")
        assert reply.text or reply.cards
    assert (chat.store.following(), chat.store.health(), chat.store.queue()) == before


# --- channels out of reach


async def test_a_lost_channel_gets_nothing_and_goes_on_with_the_newest_once_it_is_back(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Queued")
    await chat.poll()
    for _ in range(2):
        await chat.parts.lost([HERE, THERE], "The bot was removed.")
    assert followed(chat).subscription.halted == "The bot was removed."
    chat.publish("Missed")
    assert await chat.go_on() == []
    for _ in range(2):
        await chat.parts.back([HERE, THERE])
    assert await chat.go_on() == ["Missed"]
    assert [payload["more"] for payload in chat.platform.posted] == [1]


async def test_a_channel_that_people_paused_stays_paused_when_it_is_back(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("pause")
    await chat.parts.lost([HERE], "The bot was removed.")
    await chat.parts.back([HERE])
    chat.publish("Missed")
    assert await chat.go_on() == []
    await chat.ask("resume")
    assert await chat.go_on() == ["Missed"]


async def test_what_a_channel_follows_moves_with_it(chat: Chat) -> None:
    await chat.follow(style="full")
    await chat.ask("settings", language="de")
    first = chat.publish("Stays")
    await chat.go_on()
    chat.publish("Waits")
    await chat.poll()
    for _ in range(2):
        await chat.parts.moved(HERE, THERE)
    chat.publish("Next")
    chat.site.edit(first, title="Corrected")
    assert await chat.go_on() == ["Corrected"]
    assert chat.standing(THERE) == ["Waits", "Next"]
    assert [one.subscription.style for one in chat.store.following(THERE)] == [Style.FULL]
    assert chat.store.language(THERE) == "de"


async def test_a_channel_that_was_lost_before_it_moved_goes_on_where_it_is_now(chat: Chat) -> None:
    await chat.follow()
    await chat.parts.lost([HERE], "The room was replaced.")
    chat.publish("Missed")
    await chat.poll()
    await chat.parts.moved(HERE, THERE)
    await chat.go_on()
    assert chat.standing(THERE) == ["Missed"]


async def test_a_channel_moves_onto_one_that_follows_the_same_already(chat: Chat) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url, style="full", exclude="nothing like it")
    chat.platform.refusal = TryLater("down", maybe_done=False)
    chat.publish("In both")
    await chat.go_on()
    chat.platform.refusal = None
    await chat.parts.moved(HERE, THERE)
    chat.turn(900)
    await chat.go_on()
    assert (chat.standing(HERE), chat.standing(THERE)) == ([], ["In both"])
    assert [one.subscription.style for one in chat.store.following()] == [Style.FULL]


async def test_a_card_that_is_taken_on_when_its_channel_moves_is_posted_where_it_is_now(chat: Chat) -> None:
    await chat.follow()
    chat.publish("In flight")
    await chat.poll()
    [claimed] = chat.store.claim("model", chat.clock.now(), 16, timedelta(minutes=1))
    await chat.parts.moved(HERE, THERE)
    await chat.dispatcher.deliver(claimed)
    chat.turn(90)
    await chat.deliver()
    assert (chat.standing(HERE), chat.standing(THERE)) == ([], ["In flight"])


# --- crosspost


@pytest.mark.parametrize("meanwhile", ["withdrawn", "turned off", "unsubscribed"])
async def test_what_should_not_be_handed_on_any_more_is_not(chat: Chat, meanwhile: str) -> None:
    await chat.follow()
    await chat.ask("settings", crosspost="yes")
    post = chat.publish("Handed on")
    await chat.go_on()
    assert len(chat.store.claim_extras("model", chat.clock.now(), 10, timedelta(0))) == 1
    match meanwhile:
        case "withdrawn":
            chat.site.trash(post)
            await chat.poll()
        case "turned off":
            await chat.ask("settings", crosspost="no")
        case _:
            await chat.ask("unsubscribe", site=chat.site.url)
    assert chat.store.claim_extras("model", chat.clock.now(), 10, timedelta(minutes=1)) == []


# --- followed no more


async def test_what_stands_is_corrected_and_struck_for_a_month_after_everybody_unsubscribed(chat: Chat) -> None:
    await chat.follow()
    first, second = chat.publish("First"), chat.publish("Second")
    await chat.go_on()
    await chat.ask("unsubscribe", site=chat.site.url)
    chat.site.edit(first, title="Corrected")
    chat.publish("New")
    assert await chat.go_on() == ["Corrected", "Second"]
    chat.turn(timedelta(days=29).total_seconds())
    chat.site.trash(second)
    assert await chat.go_on() == ["Corrected", "~Second~"]
    chat.turn(timedelta(days=1).total_seconds())
    asked = len(chat.site.requests)
    await chat.go_on()
    assert len(chat.site.requests) == asked


async def test_what_changed_while_nobody_followed_is_corrected_whoever_follows_again(chat: Chat) -> None:
    await chat.follow()
    first = chat.publish("First")
    await chat.go_on()
    await chat.ask("unsubscribe", site=chat.site.url)
    chat.site.edit(first, title="Corrected")
    await chat.follow()
    assert await chat.go_on() == ["Corrected"]


async def test_a_site_that_moves_to_where_cards_of_it_stand_leaves_them_to_be_corrected(
    chat: Chat, other: SampleSite
) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=other.url)
    chat.publish("Ours")
    theirs = chat.publish("Ours", site=other)
    await chat.go_on()
    await chat.ask("unsubscribe", ELSEWHERE, site=other.url)
    await chat.ask("settings", url=other.url)
    other.trash(theirs)
    await chat.go_on()
    assert chat.standing(THERE) == ["~Ours~"]


# --- followed again


async def test_who_follows_again_after_days_is_shown_all_that_is_new_from_then_on(chat: Chat) -> None:
    await chat.follow()
    await chat.poll()
    await chat.ask("unsubscribe", site=chat.site.url)
    chat.turn(timedelta(days=2).total_seconds())
    await chat.follow()
    titles = [chat.publish(f"Story {number}") and f"Story {number}" for number in range(5)]
    assert await chat.go_on() == titles


async def test_who_follows_again_while_the_site_is_read_is_shown_nothing_older(chat: Chat) -> None:
    await chat.follow()
    read = chat.source.articles

    async def slowly(site: Site) -> Changes:
        chat.source.articles = read  # type: ignore[method-assign]
        changes = await read(site)
        await chat.ask("unsubscribe", site=chat.site.url)
        await chat.follow()
        return changes

    chat.publish("Before")
    chat.source.articles = slowly  # type: ignore[method-assign]
    assert await chat.go_on() == []
    chat.publish("After")
    assert await chat.go_on() == ["After"]


async def test_a_channel_that_moves_to_itself_stays_as_it_is(chat: Chat) -> None:
    await chat.follow()
    chat.publish("Waits")
    await chat.poll()
    await chat.parts.moved(HERE, HERE)
    assert await chat.go_on() == ["Waits"]
    assert len(chat.store.following(HERE)) == 1


async def test_settings_and_help_name_options_as_their_reader_types_them(chat: Chat) -> None:
    await chat.follow()
    asked = replace(MANAGER, word=lambda text: {"notify": "ton", "silent": "stumm"}.get(text, text))
    assert "ton: stumm" in (await chat.ask("settings", asked, notify="silent")).text.splitlines()
    told = (await chat.ask("help", asked, command="settings")).text
    assert "[style] [ton] [role]" in told
    assert "(normal, stumm)" in told


async def test_a_role_and_silence_exclude_each_other_and_the_later_one_holds(chat: Chat) -> None:
    await chat.follow()
    with pytest.raises(UsageError, match="either a role or silent"):
        await chat.ask("settings", role="42", notify="silent")
    assert "notify: normal\nrole: nobody" in await chat.say("settings")
    reply = await chat.ask("settings", role="42")
    assert "notify: normal\nrole: @42" in reply.text
    assert reply.mentions == ("@42",)
    assert "notify: silent\nrole: nobody" in await chat.say("settings", notify="silent")


async def test_what_is_no_role_of_the_platform_is_refused(chat: Chat) -> None:
    await chat.follow()
    with pytest.raises(UsageError, match="No role"):
        await chat.ask("settings", role="readers")
    assert "role: nobody" in await chat.say("settings")


async def test_what_only_another_platform_has_is_refused(chat: Chat) -> None:
    await chat.follow()
    chat.parts.adapters["model"] = Platform(Random(1))
    with pytest.raises(UsageError, match="Only Discord has crosspost: in model:here it cannot be had"):
        await chat.ask("settings", crosspost="yes")
    assert "crosspost: no" in await chat.say("settings", crosspost="no")


async def test_filters_set_during_a_pause_judge_anew_all_that_it_held_back(chat: Chat) -> None:
    await chat.follow(include="tag:old")
    await chat.ask("pause")
    chat.publish("Old", tags=("old",))
    chat.publish("New", tags=("new",))
    chat.publish("Far down", "A text. " * 200 + "Only at its very end does it speak of lighthouses.")
    chat.publish("Neither")
    await chat.go_on()
    assert "it bears none of what is asked for" in await chat.say("why", url=chat.site.link(2))
    await chat.ask("settings", include="tag:new, lighthouses")
    assert "Meanwhile it published 2 articles." in await chat.say("resume")
    await chat.deliver()
    assert chat.standing() == ["Far down"]
    assert "only the newest is shown" in await chat.say("why", url=chat.site.link(2))
    assert "it bears none of what is asked for" in await chat.say("why", url=chat.site.link(1))


async def test_where_the_site_does_not_answer_a_pause_ends_by_what_was_wanted_then(chat: Chat) -> None:
    await chat.follow(include="tag:old")
    await chat.ask("pause")
    chat.publish("Old", tags=("old",))
    chat.publish("New", tags=("new",))
    await chat.go_on()
    await chat.ask("settings", include="tag:new")
    chat.site.faults.status = 503
    await chat.ask("resume")
    await chat.deliver()
    assert chat.standing() == ["Old"]
    assert "it bears none of what is asked for" in await chat.say("why", url=chat.site.link(2))


async def test_two_who_subscribe_a_channel_first_at_once_both_have_their_wishes(chat: Chat) -> None:
    site = chat.site.url
    asked = ({"style": "compact"}, {"notify": "silent"}, {"exclude": "tag:a"})
    await asyncio.gather(*(chat.ask("subscribe", site=site, **options) for options in asked))
    (one,) = chat.store.following(HERE)
    assert (one.subscription.style, one.subscription.notify) == (Style.COMPACT, "silent")
    assert [term.text for term in one.subscription.filters.exclude] == ["a"]


async def test_a_site_moves_whole_with_a_channel_that_moved_before(chat: Chat, other: SampleSite) -> None:
    await chat.follow()
    first = chat.publish("Ours")
    await chat.go_on()
    await chat.parts.moved(HERE, THERE)
    other.entries = chat.site.entries
    await chat.ask("settings", ELSEWHERE, url=other.url)
    other.edit(first, title="Corrected since")
    assert await chat.go_on() == ["Corrected since"]


async def test_what_a_channel_brings_along_is_nothing_to_those_who_follow_the_publication_already(
    chat: Chat, other: SampleSite
) -> None:
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=other.url)
    for title in ("One", "Two"):
        chat.publish(title)
    await chat.go_on()
    other.entries = {number: deepcopy(entry) for number, entry in chat.site.entries.items()}
    chat.publish("Made up", site=other, id=9)
    await chat.poll()
    await chat.ask("settings", ELSEWHERE, url=chat.site.url)
    for _ in range(3):
        await chat.go_on()
    assert [card.title for card in chat.store.latest([followed(chat).site.id or 0], 5)] == ["Two", "One"]
    assert "Made up" not in chat.standing(THERE)


async def test_a_channel_moves_to_where_it_was_before(chat: Chat, other: SampleSite) -> None:
    """What it was shown there is not shown again; who subscribes there meanwhile is in nobody's way."""
    await chat.follow()
    await chat.ask("subscribe", ELSEWHERE, site=chat.site.url)
    await chat.ask("subscribe", site=other.url)
    chat.publish("Waits")
    await chat.poll()
    other.entries = chat.site.entries
    await chat.poll()
    await chat.deliver()
    await chat.ask("unsubscribe", site=other.url)
    old, there = followed(chat).subscription, chat.store.health()
    chat.publish("Waits too")
    await chat.poll()
    [new] = [one.site.id for one in there if one.site.url == f"{other.url}/"]
    assert new
    subscribe(chat.store, replace(old, site_id=new), chat.clock.now())
    chat.store.move_subscription(old, new, chat.clock.now())
    assert followed(chat).site.url == f"{other.url}/"
    assert (await chat.go_on()).count("Waits too") == 1
