"""The sample site answers as real WordPress does, asked the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from yarl import URL

from bot.demo.site import Faults, SampleSite
from bot.fetch import Fetcher, Response
from tests.sources.following import Clock
from tests.sources.samples import recorded

VERSION = "wp-7.1-pretty"
BLOCKS = datetime(2026, 1, 10, 14, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def site(clock: Clock) -> AsyncIterator[SampleSite]:
    """The posts of the recorded site that its answers are compared by; ids and dates are the same."""
    async with SampleSite(name="Lab Site", gmt_offset=-5, clock=clock) as running:
        for number in range(17, 142):
            hours = timedelta(hours=number - 16)
            running.publish(
                {"id": number, "slug": f"filler-{number - 16}"}, date=datetime(2025, 1, 1, 17, tzinfo=UTC) + hours
            )
        post = {"id": 5, "slug": "blocks", "title": "Blocks &#038; “quotes” — everything", "content": "<p>x</p>"}
        running.publish({**post, "_embedded": {"author": [{"id": 2}], "wp:featuredmedia": [{"id": 4}]}}, date=BLOCKS)
        dated = [(6, "hand-written-excerpt", 11), (7, "password-protected", 12), (12, "trashed", 14), (15, "15-2", 15)]
        for post_id, slug, day in dated:
            running.publish({"id": post_id, "slug": slug, "title": slug}, date=datetime(2026, 1, day, 15, tzinfo=UTC))
        running.publish({"id": 16, "slug": "aside"}, date=datetime(2026, 1, 16, 15, tzinfo=UTC))
        running.publish({"id": 11, "slug": "sticky"}, date=datetime(2026, 1, 5, 15, tzinfo=UTC))
        running.entries[7].password = "sesame"
        running.trash(12)
        yield running


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    opened = Fetcher(allow_private=True)
    yield opened
    await opened.close()


def plain(value: Any, url: str) -> Any:
    """A value with the site's own address taken out."""
    return json.loads(json.dumps(value).replace(str(URL(url).origin()), "")) if value is not None else None


async def ask_the_same(fetcher: Fetcher, site: SampleSite, name: str) -> tuple[Response, Response]:
    real = recorded(VERSION, name)
    return real, await fetcher.get(str(URL(site.url).join(URL(real.url).relative())))


SAME_BODY = (
    "posts-p100", "posts-page2", "posts-page-beyond", "posts-include-order", "posts-after-z", "posts-after-exact",
    "posts-after-exact-z", "posts-after-offset", "posts-after", "posts-modified-after", "posts-offset", "posts-exclude",
    "posts-slug", "posts-context-edit", "posts-status-any", "posts-p0", "posts-p101", "posts-after-bad", "post-trashed",
    "post-never", "route-unknown", "rest_route-posts",
)  # fmt: skip


@pytest.mark.parametrize("name", SAME_BODY)
async def test_an_answer_is_the_one_of_real_wordpress(fetcher: Fetcher, site: SampleSite, name: str) -> None:
    real, ours = await ask_the_same(fetcher, site, name)
    mine, theirs = json.loads(ours.body), json.loads(real.body)
    if real.status >= 400:
        theirs.get("data", {}).pop("details", None)
        mine, theirs = [{**said, "data": {"status": said["data"]["status"]}} for said in (mine, theirs)]
    assert (ours.status, plain(mine, ours.url)) == (real.status, plain(theirs, real.url))
    for header in ("X-WP-Total", "X-WP-TotalPages", "Content-Type", "X-Robots-Tag"):
        assert (header, ours.headers.get(header)) == (header, real.headers.get(header))
    assert "Link" in ours.headers if "Link" in real.headers else True


async def test_the_root_tells_what_real_wordpress_tells(fetcher: Fetcher, site: SampleSite) -> None:
    real, ours = await ask_the_same(fetcher, site, "api-root")
    mine, theirs = json.loads(ours.body), json.loads(real.body)
    for name in ("name", "description", "url", "home", "gmt_offset"):
        assert (name, plain(mine[name], ours.url)) == (name, plain(theirs[name], real.url))
    assert "wp/v2" in mine["namespaces"]
    assert mine.keys() <= theirs.keys()


async def test_a_whole_post_has_the_fields_of_real_wordpress(fetcher: Fetcher, site: SampleSite) -> None:
    real, ours = await ask_the_same(fetcher, site, "post-ok")
    mine, theirs = json.loads(ours.body), json.loads(real.body)
    for name in ("id", "date", "date_gmt", "modified", "modified_gmt", "slug", "status", "type", "link", "title"):
        assert (name, plain(mine[name], ours.url)) == (name, plain(theirs[name], real.url))
    assert mine.keys() <= theirs.keys()
    assert mine["content"].keys() == theirs["content"].keys()


async def test_a_protected_post_hides_what_real_wordpress_hides(fetcher: Fetcher, site: SampleSite) -> None:
    real, ours = await ask_the_same(fetcher, site, "post-protected")
    mine, theirs = json.loads(ours.body), json.loads(real.body)
    assert (mine["content"], mine["excerpt"]) == (theirs["content"], theirs["excerpt"])


@pytest.mark.parametrize("name", ["posts-embed-fields", "posts-embed-fields-nolinks", "posts-fields-nested"])
async def test_fields_and_embedding_go_together_as_in_real_wordpress(
    fetcher: Fetcher, site: SampleSite, name: str
) -> None:
    real, ours = await ask_the_same(fetcher, site, name)
    mine, theirs = json.loads(ours.body)[0], json.loads(real.body)[0]
    assert mine.get("_embedded", {}).keys() == theirs.get("_embedded", {}).keys()
    assert mine.keys() - {"_links"} <= theirs.keys()
    assert mine["title"] == theirs["title"]


@pytest.mark.parametrize("name", ["home", "post-page", "home-trashed"])
async def test_a_page_links_as_real_wordpress_does(fetcher: Fetcher, site: SampleSite, name: str) -> None:
    real, ours = await ask_the_same(fetcher, site, name)
    links = [link for link in real.headers.getall("Link") if "shortlink" not in link]
    assert plain(ours.headers.getall("Link"), ours.url) == plain(links, real.url)
    assert ours.status == real.status


async def test_the_feed_answers_304_by_the_rules_of_real_wordpress(fetcher: Fetcher, site: SampleSite) -> None:
    feed = await fetcher.get(f"{site.url}/feed/")
    tag, date = feed.headers["ETag"], feed.headers["Last-Modified"]

    async def status(**headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return (await fetcher.get(f"{site.url}/feed/", headers=named)).status

    assert await status(If_None_Match=tag) == 304
    assert await status(If_Modified_Since=date) == 304
    assert await status(If_None_Match=tag, If_Modified_Since=date) == 304
    assert await status(If_None_Match=f"W/{tag}", If_Modified_Since=date) == 200
    assert await status(If_None_Match='"nope"', If_Modified_Since=date) == 200
    site.edit(5, title="Changed")
    assert await status(If_Modified_Since=date) == 200


async def test_a_scheduled_post_appears_by_cron_with_the_dates_of_its_plan(site: SampleSite, clock: Clock) -> None:
    written, planned = clock.now, clock.now + timedelta(minutes=5)
    post = site.schedule({"title": "Planned"}, planned)
    clock.turn(600)
    assert post not in {entry.id for entry in site.shown()}
    site.cron()
    entry = next(entry for entry in site.shown() if entry.id == post)
    assert (entry.date, entry.modified) == (planned, written)


async def test_dates_have_whole_seconds_and_the_sites_own_hours(fetcher: Fetcher, site: SampleSite) -> None:
    site.clock = lambda: datetime(2026, 5, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    post = site.publish({"title": "Now"})
    told = json.loads((await fetcher.get(f"{site.api}wp/v2/posts/{post}")).body)
    assert (told["date_gmt"], told["date"]) == ("2026-05-01T12:00:00", "2026-05-01T07:00:00")


async def test_a_fault_lasts_until_it_is_taken_away(fetcher: Fetcher, site: SampleSite) -> None:
    site.faults = Faults(status=503, retry_after="7")
    broken = await fetcher.get(f"{site.api}wp/v2/posts")
    site.faults = Faults()
    assert (broken.status, broken.retry_after) == (503, 7.0)
    assert (await fetcher.get(f"{site.api}wp/v2/posts")).status == 200
