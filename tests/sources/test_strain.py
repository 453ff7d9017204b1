"""What a site bears, and what of it is broken: short pages, few requests at once, posts that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.query import Query
from bot.demo.site import Faults, SampleSite
from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.sources.wordpress import WordPress
from tests.sources.following import ALWAYS, SMALL, Clock, Follower


@pytest.mark.parametrize("count", [40, 150])
async def test_a_site_that_gives_fewer_at_once_than_it_is_asked_for_tells_no_old_post_as_new(
    fetcher: Fetcher, site: SampleSite, clock: Clock, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    class Short(Query):
        @property
        def per_page(self) -> int:
            return 10

        @per_page.setter
        def per_page(self, asked: int) -> None:
            """As a theme does that sets `posts_per_page` for every query."""

    monkeypatch.setattr("bot.demo.site.Query", Short)
    for number in range(count):
        site.publish({"title": f"Old {number}"}, date=clock.now - timedelta(days=count - number))
    follower = await Follower.of(WordPress(fetcher, ALWAYS), site)
    site.edit(20, title="Old, corrected")
    told = []
    for number in range(12):
        clock.turn(3600)
        if number in {2, 3}:
            site.publish({"title": f"News {number}"})
        told += (await follower.told())[0]
    assert told == ["News 2", "News 3"]


@pytest.mark.parametrize("one_of", [2, 5, 50])
async def test_posts_that_lists_hide_cost_a_large_archive_no_more_pages(
    fetcher: Fetcher, site: SampleSite, clock: Clock, monkeypatch: pytest.MonkeyPatch, one_of: int
) -> None:
    for number in range(600):
        site.publish({"title": "Old"}, date=clock.now - timedelta(days=600 - number))
    told = site._text
    monkeypatch.setattr(site, "_text", lambda entry, query: "0" if entry.id % one_of else told(entry, query))
    await Follower.of(WordPress(fetcher, ALWAYS), site)
    assert sum("orderby=date" in request for request in site.requests) <= 9


async def test_an_edit_of_more_posts_than_a_look_goes_through_is_gone_through_once(
    fetcher: Fetcher, site: SampleSite, clock: Clock
) -> None:
    for number in range(60):
        site.publish({"title": f"Old {number}"}, date=clock.now - timedelta(days=100 - number))
    limits = replace(SMALL, pages=4, capacity=10, first_pages=2, thorough_every=1000)
    follower = await Follower.of(WordPress(fetcher, limits), site)
    await follower.look()
    for number in range(2, 45):
        clock.turn(200)
        site.edit(number, title=f"Touched {number}")
    counts = []
    for _ in range(4):
        clock.turn(600)
        site.requests.clear()
        await follower.look()
        counts.append(len(site.requests))
    assert counts == [6, 3, 3, 3]


async def test_a_site_that_bears_no_thorough_look_is_read_by_others(
    fetcher: Fetcher, site: SampleSite, clock: Clock
) -> None:
    for number in range(60):
        site.publish({"title": f"Old {number}"}, date=clock.now - timedelta(days=100 - number))
    follower = await Follower.of(WordPress(fetcher, SMALL), site)
    site.publish({"title": "News"})
    site.on_request = _at_most(site, 8)
    with pytest.raises(SourceError, match="less often"):
        await follower.look()
    site.on_request = _at_most(site, 8)
    assert (await follower.told())[0] == ["News"]


def _at_most(site: SampleSite, most: int) -> Callable[[str], None]:
    """Lets so many requests through; what comes after them is too much."""
    came: list[str] = []

    def count(path: str) -> None:
        came.append(path)
        site.faults = Faults(status=429, retry_after="300") if len(came) > most else Faults()

    return count


async def test_what_was_read_before_a_site_asks_for_patience_is_told(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    posts = [site.publish({"title": f"Post {number}"}) for number in range(15)]
    await follower.look()
    clock.turn(60)
    for post in posts:
        site.trash(post)
    site.publish({"title": "News"})
    site.on_request = _at_most(site, 10)
    changes = await follower.look()
    assert ([article.title for article in changes.new], changes.patience) == (["News"], 300)
    for _ in range(3):
        clock.turn(300)
        site.on_request = _at_most(site, 10)
        await follower.look()
    assert follower.withdrawn == {*posts}


async def test_posts_that_cannot_be_read_keep_no_withdrawal_back(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    gone, *broken = (site.publish({"title": f"Post {number}"}) for number in range(4))
    await follower.look()
    clock.turn(60)
    site.trash(gone)
    for post in broken:
        site.edit(post, title="Broken")
        site.entries[post].damage = lambda text: "<p>Fatal error</p>"
    assert await follower.told() == ([], [], [gone])


async def test_posts_that_cannot_be_read_are_no_trouble_of_a_site_that_can(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    for number in range(3):
        site.publish({"title": f"Broken {number}"}, damage=lambda text: "<p>Fatal error</p>")
    changes = await follower.look()
    assert (changes.new, changes.patience) == ((), 30)
    site.entries[1].damage = lambda text: "<p>Fatal error</p>"
    with pytest.raises(SourceError, match="cannot be read"):
        await follower.look()


async def test_a_post_that_is_closed_alone_is_no_trouble_of_a_site_that_can_be_read(
    follower: Follower, site: SampleSite
) -> None:
    post = site.publish({"title": "For members from now on"})
    await follower.look()
    site.unlisted.add(post)

    def close(path: str) -> None:
        site.faults = Faults(rest="401" if f"posts/{post}?" in path else "")

    site.on_request = close
    assert await follower.told() == ([], [], [])
