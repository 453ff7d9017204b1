"""What the source tells, look by look, of a sample site."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.demo.site import Faults, Permalinks, SampleSite
from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.model import Image
from bot.ports import Changes
from bot.sources.wordpress import Limits, WordPress
from tests.sources.following import SMALL, Clock, Follower


async def test_first_contact_tells_nothing_but_a_cursor(fetcher: Fetcher, site: SampleSite) -> None:
    source = WordPress(fetcher)
    changes = await source.articles(await source.discover(site.url))
    assert changes == Changes(cursor=changes.cursor)
    assert changes.cursor


async def test_a_quiet_site_is_read_with_three_requests_and_keeps_its_cursor(
    follower: Follower, site: SampleSite
) -> None:
    before, cursor = len(site.requests), follower.site.cursor
    assert await follower.told() == ([], [], [])
    assert len(site.requests) - before == 3
    assert follower.site.cursor == cursor


async def test_a_new_post_is_told_once_and_whole(follower: Follower, site: SampleSite, clock: Clock) -> None:
    embedded = {
        "author": [{"id": 1, "name": "Ana &amp; Bo"}],
        "wp:featuredmedia": [{"id": 2, "source_url": "https://example.com/a.png", "alt_text": "A & B"}],
        "wp:term": [[{"id": 3, "name": "News &amp; Views", "taxonomy": "category"}]],
    }
    post = site.publish({"title": "It&#8217;s new", "content": "<p>Body</p>", "_embedded": embedded})
    (article,) = (await follower.look()).new
    assert (article.id, article.title, article.html) == (post, "It’s new", "<p>Body</p>")
    assert (article.url, article.site_name, article.language) == (site.link(post), "Fish & Chips", "en-US")
    assert (article.author, article.categories) == ("Ana & Bo", ("News & Views",))
    assert article.image == Image("https://example.com/a.png", "A & B")
    assert article.published == clock.now
    clock.turn(60)
    await follower.look()
    assert await follower.told() == ([], [], [])


async def test_new_posts_come_oldest_first_and_ids_order_what_shares_a_second(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    site.publish({"title": "Twin A"})
    site.publish({"title": "Twin B"})
    site.publish({"title": "Earlier"}, date=clock.now - timedelta(seconds=5))
    assert (await follower.told())[0] == ["Earlier", "Twin A", "Twin B"]


async def test_a_scheduled_post_is_new_though_its_dates_are_older_than_the_last_look(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    site.schedule({"title": "Planned"}, clock.now + timedelta(minutes=1))
    clock.turn(600)
    site.publish({"title": "In between"})
    assert (await follower.told())[0] == ["In between"]
    site.cron()
    assert (await follower.told())[0] == ["Planned"]


async def test_a_post_dated_years_back_is_new(follower: Follower, site: SampleSite, clock: Clock) -> None:
    site.publish({"title": "From 2001"}, date=clock.now - timedelta(days=9000))
    assert (await follower.told())[0] == ["From 2001"]


async def test_a_second_edit_within_the_second_of_the_first_is_told(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    post = site.publish({"title": "One"})
    await follower.look()
    site.edit(post, title="Two")
    assert (await follower.told())[1] == ["Two"]
    site.edit(post, title="Three")
    assert (await follower.told())[1] == ["Three"]
    clock.turn(60)
    await follower.look()
    before = len(site.requests)
    await follower.look()
    assert len(site.requests) - before == 3, "once settled it is not read again"


async def test_a_post_from_before_first_contact_is_told_as_changed_and_never_as_new(
    follower: Follower, site: SampleSite
) -> None:
    site.edit(1, title="Long standing, corrected")
    assert await follower.told() == ([], ["Long standing, corrected"], [])


@pytest.mark.parametrize("way", ["trash", "delete"])
async def test_a_post_that_is_gone_is_withdrawn_once(
    follower: Follower, site: SampleSite, clock: Clock, way: str
) -> None:
    post = site.publish({"title": "Short lived"})
    await follower.look()
    clock.turn(60)
    getattr(site, way)(post)
    assert await follower.told() == ([], [], [post])
    assert await follower.told() == ([], [], [])


async def test_a_withdrawn_post_that_returns_is_changed(follower: Follower, site: SampleSite) -> None:
    post = site.publish({"title": "Back again"})
    await follower.look()
    site.trash(post)
    await follower.look()
    site.untrash(post)
    assert await follower.told() == ([], ["Back again"], [])


async def test_a_post_withdrawn_before_it_was_told_is_not_told_and_new_when_it_returns(
    fetcher: Fetcher, site: SampleSite
) -> None:
    follower = await Follower.of(WordPress(fetcher, SMALL), site)
    posts = [site.publish({"title": f"Post {number}"}) for number in range(SMALL.read + 1)]
    await follower.look()
    site.trash(posts[-1])
    assert await follower.told() == ([], [], [])
    site.untrash(posts[-1])
    assert [article.id for article in (await follower.look()).new] == posts[-1:]


async def test_a_protected_post_is_a_title_alone(follower: Follower, site: SampleSite) -> None:
    post = site.publish({"title": "Secret", "content": "<p>Hidden</p>"})
    await follower.look()
    site.protect(post)
    (article,) = (await follower.look()).changed
    assert (article.title, article.html, article.protected) == ("Secret", "", True)


async def test_more_posts_than_one_look_reads_are_all_told_in_their_order(
    fetcher: Fetcher, site: SampleSite, clock: Clock
) -> None:
    follower = await Follower.of(WordPress(fetcher, SMALL), site)
    titles = [f"Post {number:02}" for number in range(20)]
    for title in titles:
        clock.turn(60)
        site.publish({"title": title})
    told: list[str] = []
    for _ in range(8):
        told += (await follower.told())[0]
    assert told == titles


@pytest.mark.parametrize("moment", ["orderby=date", "orderby=id"])
async def test_posts_deleted_while_the_pages_are_turned_make_no_old_post_new(
    fetcher: Fetcher, site: SampleSite, moment: str
) -> None:
    posts = [site.publish({"title": f"Old {number:02}"}) for number in range(40)]

    def delete(path: str) -> None:
        if "offset=6" in path and moment in path:
            for post in posts[-12:]:
                site.entries.pop(post, None)

    site.on_request = delete
    follower = await Follower.of(WordPress(fetcher, SMALL), site)
    for _ in range(4):
        assert (await follower.look()).new == ()


async def test_an_edit_far_down_the_list_is_told_at_the_next_look(
    fetcher: Fetcher, site: SampleSite, clock: Clock
) -> None:
    posts = [site.publish({"title": f"Old {number:02}"}) for number in range(40)]
    follower = await Follower.of(WordPress(fetcher, SMALL), site)
    await follower.look()
    clock.turn(600)
    for post in posts[:3]:
        site.edit(post, content="<p>Corrected</p>")
    assert [article.id for article in (await follower.look()).changed] == posts[:3]


async def test_a_withdrawal_far_down_the_list_comes_to_light_at_a_thorough_look(
    fetcher: Fetcher, site: SampleSite, clock: Clock
) -> None:
    posts = []
    for number in range(40):
        clock.turn(3600)
        posts.append(site.publish({"title": f"Old {number:02}"}))
    follower = await Follower.of(WordPress(fetcher, SMALL), site)
    await follower.look()
    site.trash(posts[0])
    looks = [(await follower.look()).withdrawn for _ in range(SMALL.thorough_every)]
    assert looks == [(), (), (posts[0],)]


async def test_a_backdated_post_of_a_large_archive_is_new(fetcher: Fetcher, site: SampleSite, clock: Clock) -> None:
    for number in range(40):
        site.publish({"title": f"Old {number}"}, date=clock.now - timedelta(days=40 - number))
    follower = await Follower.of(WordPress(fetcher, replace(SMALL, first_pages=2)), site)
    site.publish({"title": "From 2001"}, date=clock.now - timedelta(days=9000))
    assert (await follower.told())[0] == ["From 2001"]


async def test_an_api_that_closes_between_list_and_post_withdraws_nothing(follower: Follower, site: SampleSite) -> None:
    post = site.publish({"title": "Stays"})
    await follower.look()
    site.unlisted.add(post)

    def close(path: str) -> None:
        if f"posts/{post}?" in path:
            site.faults = Faults(rest="401")

    site.on_request = close
    with pytest.raises(SourceError, match="closed"):
        await follower.look()
    site.on_request, site.faults = site.requests.append, Faults()
    site.unlisted.clear()
    assert (await follower.told())[2] == []


async def test_an_old_post_of_a_large_archive_is_nothing_new_when_it_is_edited(
    fetcher: Fetcher, site: SampleSite, clock: Clock
) -> None:
    for number in range(40):
        site.publish({"title": f"Old {number}"}, date=clock.now - timedelta(days=40 - number))
    limits = replace(SMALL, first_pages=2)
    follower = await Follower.of(WordPress(fetcher, limits), site)
    clock.turn(60)
    site.edit(5, title="Old, corrected")
    new, _, withdrawn = await follower.told()
    assert (new, withdrawn) == ([], [])


async def test_a_post_whose_date_is_no_date_is_told(follower: Follower, site: SampleSite) -> None:
    site.publish({"title": "Undated"}, damage=lambda text: text.replace('"date_gmt": "2026', '"date_gmt": "0000'))
    (article,) = (await follower.look()).new
    assert (article.title, article.published) == ("Undated", None)


@pytest.mark.parametrize(
    ("faults", "word", "after"),
    [
        (Faults(rest="401"), r"closed its REST API .*rest_login_required", None),
        (Faults(rest="404"), "REST API", None),
        (Faults(rest="403html"), "firewall", None),
        (Faults(status=503, retry_after="120"), "maintenance", 120),
        (Faults(status=429, retry_after="30"), "less often", 30),
        (Faults(status=500), "HTTP 500", None),
        (Faults(page="<title>Briefly unavailable</title>"), "web page in place of data", None),
        (Faults(status=403, headers={"cf-mitigated": "challenge"}), "Cloudflare", 3600),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_site_that_cannot_be_read_is_an_error_in_words_and_withdraws_nothing(
    follower: Follower, site: SampleSite, faults: Faults, word: str, after: float | None
) -> None:
    post = site.publish({"title": "Stays"})
    await follower.look()
    site.faults = faults
    with pytest.raises(SourceError, match=word) as caught:
        await follower.look()
    assert caught.value.after == after
    site.faults = Faults()
    site.edit(post, title="Stays, corrected")
    assert await follower.told() == ([], ["Stays, corrected"], [])


CONTROLS, CUT = "raw control characters", "cut off"
DAMAGES = {
    CONTROLS: lambda text: text.replace("Body", "Bo\ndy\x02"),
    CUT: lambda text: text[: text.index("Body") + 4],
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_post_is_told_as_far_as_it_can_be_read_and_hides_no_other(
    follower: Follower, site: SampleSite, damage: str
) -> None:
    site.publish({"title": "Before"})
    site.publish({"title": "Damaged", "content": "<p>Body</p>"}, damage=DAMAGES[damage])
    site.publish({"title": "After"})
    changes = await follower.look()
    assert [article.title for article in changes.new] == ["Before", "Damaged", "After"]
    assert "<p>Bo" in changes.new[1].html


async def test_a_post_that_cannot_be_read_waits_and_holds_up_no_other(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    broken = site.publish({"title": "Broken"}, damage=lambda text: "<p>Fatal error</p>")
    site.publish({"title": "Whole"})
    assert (await follower.told())[0] == ["Whole"]
    site.entries[broken].damage = None
    assert (await follower.told())[0] == ["Broken"]


async def test_a_post_that_hides_from_lists_but_can_be_read_is_not_withdrawn(
    follower: Follower, site: SampleSite, clock: Clock
) -> None:
    post = site.publish({"title": "Unlisted"})
    await follower.look()
    site.unlisted.add(post)
    clock.turn(60)
    for _ in range(3):
        assert (await follower.told())[2] == []
    before = len(site.requests)
    await follower.look()
    assert len(site.requests) - before == 3, "nor is it asked for again and again"
    site.unlisted.clear()
    assert (await follower.told())[1] == ["Unlisted"]


async def test_an_empty_list_alone_withdraws_nothing(follower: Follower, site: SampleSite) -> None:
    post = site.publish({"title": "Still readable"})
    await follower.look()
    site.unlisted |= {1, post}
    assert (await follower.told())[2] == []


@pytest.mark.parametrize("text", ["{}", "[", '{"v": 99}', '{"v": 1, "seen": 3}'])
async def test_a_cursor_that_cannot_be_read_is_an_error_and_no_new_beginning(follower: Follower, text: str) -> None:
    follower.site = replace(follower.site, cursor=text)
    with pytest.raises(SourceError, match="cursor"):
        await follower.look()


async def test_what_is_long_past_is_forgotten_and_still_not_new(
    fetcher: Fetcher, site: SampleSite, clock: Clock
) -> None:
    follower = await Follower.of(WordPress(fetcher, Limits(capacity=5)), site)
    for number in range(20):
        clock.turn(3600)
        site.publish({"title": f"Post {number}"})
        await follower.look()
    clock.turn(3600)
    await follower.look()
    assert len(json.loads(follower.site.cursor)["seen"]) == 5
    site.edit(4, title="Long past, corrected")
    assert (await follower.told())[0] == []
    assert len(follower.articles) == 20


@pytest.mark.parametrize("permalinks", ["pretty", "plain", "index"])
@pytest.mark.parametrize("folder", ["", "/blog"])
async def test_every_form_of_permalinks_is_read(fetcher: Fetcher, permalinks: Permalinks, folder: str) -> None:
    async with SampleSite(permalinks=permalinks, folder=folder) as site:
        follower = await Follower.of(WordPress(fetcher), site)
        post = site.publish({"title": "New"})
        assert (await follower.told())[0] == ["New"]
        site.trash(post)
        assert (await follower.told())[2] == [post]


@pytest.mark.parametrize("permalinks", ["pretty", "plain", "index"])
async def test_an_address_leads_to_the_post_it_shows(fetcher: Fetcher, permalinks: Permalinks) -> None:
    async with SampleSite(permalinks=permalinks) as site:
        source = WordPress(fetcher)
        post, newest = site.publish({"title": "Asked for"}), site.publish({"title": "Newest"})
        found = await source.discover(site.url)
        for url in (site.link(post), f"{site.url}/?p={post}"):
            assert (await source.article(found, url)).id == post
        assert (await source.article(found, f"{site.url}/")).id == newest
        site.trash(post)
        with pytest.raises(SourceError, match=r"no public post|shows no post"):
            await source.article(found, f"{site.url}/?p={post}")


async def test_an_address_without_links_leads_to_its_post_by_its_slug(fetcher: Fetcher, site: SampleSite) -> None:
    source = WordPress(fetcher)
    found = await source.discover(site.url)
    post = site.publish({"title": "By name", "slug": "by-name"})
    site.faults = Faults(hide_link=True)
    assert (await source.article(found, site.link(post))).id == post


async def test_no_request_trusts_a_date_or_asks_for_more_than_it_needs(follower: Follower, site: SampleSite) -> None:
    site.publish({"title": "New"})
    site.requests.clear()
    await follower.look()
    assert all("_fields=" in request for request in site.requests)
    assert not any(name in request for request in site.requests for name in ("after=", "before="))
