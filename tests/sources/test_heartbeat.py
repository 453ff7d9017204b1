"""A look at a quiet site is one question for its feed's head; nothing is missed for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.site import Faults, SampleSite
from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.ports import Doubting
from bot.sources.memory import Known, Memory
from bot.sources.wordpress import Limits, WordPress
from tests.sources.following import Clock, Follower

LIMITS = Limits(full_every=4, thorough_every=8, deaf=3)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def site(clock: Clock) -> AsyncIterator[SampleSite]:
    async with SampleSite(clock=clock) as running:
        running.publish({"title": "Long standing"}, date=clock.now - timedelta(days=30))
        clock.turn(60)
        yield running


@pytest.fixture
async def follower(site: SampleSite) -> AsyncIterator[Follower]:
    """One that has made first contact and one full look."""
    fetcher = Fetcher(allow_private=True, timeout=10)
    made = await Follower.of(WordPress(fetcher, LIMITS), site)
    await made.look()
    site.requests.clear()
    yield made
    await fetcher.close()


def asked_api(site: SampleSite) -> bool:
    """Whether the API was asked since the last time."""
    found = any("/wp-json/" in request for request in site.requests)
    site.requests.clear()
    return found


async def test_a_quiet_site_is_asked_one_question_a_look(follower: Follower, site: SampleSite) -> None:
    for _ in range(3):
        cursor = follower.site.cursor
        assert await follower.told() == ([], [], [])
        assert follower.site.cursor == cursor
    assert site.requests == ["/?feed=rss2"] * 3
    await follower.look()
    assert asked_api(site), "and at every fourth look the API is, whatever the feed says"


async def test_what_is_published_or_corrected_is_told_at_the_next_look(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    post = site.publish({"title": "New"})
    assert (await follower.told())[0] == ["New"]
    site.edit(post, title="Newer")
    assert (await follower.told())[1] == ["Newer"], "also within the second of the first change"
    clock.turn(60)
    await follower.look()
    site.edit(post, title="Newest")
    assert (await follower.told())[1] == ["Newest"]


def doubt(follower: Follower) -> None:
    assert isinstance(follower.source, Doubting)
    follower.source.doubt(follower.site.endpoint)


async def test_a_doubted_look_takes_no_heartbeats_word(follower: Follower, site: SampleSite) -> None:
    site.faults = Faults(feed="kept")
    site.publish({"title": "Behind a cache"})
    doubt(follower)
    assert (await follower.told())[0] == ["Behind a cache"]


async def test_a_doubt_lasts_until_a_look_succeeds_and_no_longer(follower: Follower, site: SampleSite) -> None:
    doubt(follower)
    site.faults = Faults(status=503)
    with pytest.raises(SourceError):
        await follower.look()
    site.faults = Faults()
    site.requests.clear()
    await follower.look()
    assert asked_api(site)
    await follower.look()
    assert not asked_api(site)


async def test_a_change_in_the_second_of_one_that_tells_nothing_is_told(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    site.changed_at = clock.now  # a page was edited, say
    assert await follower.told() == ([], [], [])
    site.publish({"title": "In the same second"})
    assert (await follower.told())[0] == ["In the same second"]


async def test_what_no_feed_tells_comes_to_light_at_the_next_full_look(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    withdrawn = site.publish({"title": "Withdrawn"})
    await follower.look()
    clock.turn(60)
    site.trash(withdrawn)
    site.publish({"title": "Imported"}, date=clock.now - timedelta(days=9))
    told = [await follower.told() for _ in range(4)]
    assert [titles for new, _changed, _gone in told for titles in new] == ["Imported"]
    assert [post for _new, _changed, gone in told for post in gone] == [withdrawn]
    site.requests.clear()
    await follower.look()
    assert site.requests == ["/?feed=rss2"], "which is no reason to distrust the feed"


async def test_a_feed_that_a_cache_keeps_is_not_asked_for_a_while(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    site.faults = Faults(feed="kept")
    clock.turn(60)
    site.publish({"title": "Hidden by a cache"})
    told = [await follower.told() for _ in range(4)]
    assert [new for new, _changed, _gone in told] == [[], [], [], ["Hidden by a cache"]]
    clock.turn(60)
    site.requests.clear()
    await follower.look()
    assert not any("feed" in request for request in site.requests)
    site.publish({"title": "Seen at once"})
    assert (await follower.told())[0] == ["Seen at once"]


async def test_a_weakened_tag_is_not_sent(follower: Follower, site: SampleSite, clock: Clock) -> None:
    clock.turn(60)
    site.faults = Faults(feed="weak")
    site.edit(1, title="Edited")
    await follower.look()
    clock.turn(60)
    await follower.look()
    site.requests.clear()
    await follower.look()
    assert site.requests == ["/?feed=rss2"], "the date alone is enough"


async def test_a_site_without_a_feed_is_read_by_its_api_alone(follower: Follower, site: SampleSite) -> None:
    site.faults = Faults(feed="404")
    await follower.look()
    for _ in range(2):
        site.requests.clear()
        await follower.look()
        assert not any("feed" in request for request in site.requests)
        assert asked_api(site)


async def test_a_look_that_failed_leaves_nothing_out(follower: Follower, site: SampleSite) -> None:
    site.publish({"title": "While the API was down"})
    site.faults = Faults(status=503)
    with pytest.raises(SourceError):
        await follower.look()
    site.faults = Faults()
    assert (await follower.told())[0] == ["While the API was down"]


async def test_a_cursor_that_was_never_written_leaves_nothing_out(follower: Follower, site: SampleSite) -> None:
    site.publish({"title": "Read, and lost on the way to the table"})
    before = follower.site
    await follower.source.articles(before)
    assert [one.title for one in (await follower.source.articles(before)).new] == [
        "Read, and lost on the way to the table"
    ]


def test_the_rhythm_is_the_usual_gap_between_posts() -> None:
    seen = {number: Known(number * 3600, 0) for number in range(1, 9)}
    memory = Memory(seen=seen)
    assert memory.rhythm() == 3600
    assert replace(memory, seen={**seen, 99: Known(10**9, 0)}).rhythm() == 3600, "one long silence is no rhythm"
    assert Memory(seen={1: Known(0, 0), 2: Known(9, 0)}).rhythm() == 0


async def test_a_busy_site_is_looked_at_more_often_than_a_quiet_one_and_a_cache_no_more_than_it_says(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    site.faults = Faults(headers={"Cache-Control": "public, max-age=300"})
    for _ in range(12):
        clock.turn(600)
        site.publish({"title": "Every ten minutes"})
    changes = await follower.look()
    assert changes.rest == 300
    site.faults = Faults()
    clock.turn(3600)
    site.edit(1, title="So that the feed is read anew")
    assert (await follower.look()).rest == 30


async def test_a_date_beyond_all_calendars_is_no_date(follower: Follower, site: SampleSite, clock: Clock) -> None:
    absurd = "Wed, 01 Jan 99999999999999999999 00:00:00 GMT"
    site.faults = Faults(headers={"Last-Modified": absurd, "Date": absurd})
    clock.turn(60)
    site.publish({"title": "Read all the same"})
    assert (await follower.told())[0] == ["Read all the same"]
