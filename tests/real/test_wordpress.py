"""The source against real WordPress: three versions, pretty and plain permalinks, in a folder, on two databases."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.model import Site
from bot.ports import Changes
from bot.sources.feed import Limits
from bot.sources.readers import Readers
from bot.sources.wordpress import WordPress as Source
from tests.real import wordpress
from tests.real.wordpress import KINDS, Kind, WordPress

pytestmark = pytest.mark.real


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Kind], WordPress]]:
    """Each kind of site once a worker, started when the first test asks for it."""
    with ExitStack() as stack:
        started: dict[Kind, WordPress] = {}

        def site(kind: Kind) -> WordPress:
            if kind not in started:
                started[kind] = stack.enter_context(wordpress.running(kind, tmp_path_factory.mktemp(str(kind))))
            return started[kind]

        yield site


@pytest.fixture(params=KINDS, ids=str)
def wp(request: pytest.FixtureRequest, sites: Callable[[Kind], WordPress]) -> WordPress:
    return ready(request.param, sites)


def ready(kind: Kind, sites: Callable[[Kind], WordPress]) -> WordPress:
    """The site of that kind; where it is not installed the test skips, or fails when it must not skip."""
    if why := wordpress.missing(kind):
        (pytest.fail if os.environ.get("PULLQUOTE_REQUIRE_REAL") == "1" else pytest.skip)(why)
    return sites(kind)


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    fetcher = Fetcher(allow_private=True)
    yield Source(fetcher)
    await fetcher.close()


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    fetcher = Fetcher(allow_private=True)
    yield Readers(fetcher)
    await fetcher.close()


class Follower:
    """Follows one site as the poller does: the cursor of each answer is handed in with the next look."""

    def __init__(self, source: Source | Readers, site: Site) -> None:
        self.source, self.site = source, site

    @classmethod
    async def of(cls, source: Source | Readers, wp: WordPress) -> Follower:
        follower = cls(source, await source.discover(wp.url))
        assert await follower.look() == Changes(cursor=follower.site.cursor), "first contact tells nothing"
        return follower

    async def look(self) -> Changes:
        changes = await self.source.articles(self.site)
        self.site = replace(self.site, cursor=changes.cursor)
        return changes

    async def told(self) -> tuple[list[str], list[str], list[int]]:
        changes = await self.look()
        return [a.title for a in changes.new], [a.title for a in changes.changed], list(changes.withdrawn)


async def test_any_page_leads_to_the_publication(wp: WordPress, source: Source) -> None:
    post = wp.publish("A way in")
    feed = f"{wp.url}/?feed=rss2"
    bases = {
        "pretty": f"{wp.url}/wp-json/",
        "plain": f"{wp.url}/index.php?rest_route=/",
    }
    for url in (wp.url, f"{wp.url}/", wp.link(post), f"{wp.url}/?p={post}", feed, bases[wp.kind.permalinks]):
        site = await source.discover(url)
        assert (site.url, site.name, site.endpoint, site.language) == (
            f"{wp.url}/",
            "Lab & Site",
            bases[wp.kind.permalinks],
            "en-US",
        ), url


async def test_a_site_that_hides_its_links_is_found_by_its_path(wp: WordPress, source: Source) -> None:
    post = wp.publish("Hidden way")
    with wp.mode(hide_link=True):
        site = await source.discover(wp.link(post))
    assert site.name == "Lab & Site"
    assert site.url == f"{wp.url}/"


async def test_a_published_post_is_new_once_and_whole(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    news = wp.rest("GET", "/wp/v2/categories?slug=news")[0]["id"]
    post = wp.publish("Fish &amp; “chips”", "<p>Words <b>here</b>.</p>", categories=[news])
    (article,) = (await follower.look()).new
    assert (article.id, article.title, article.author) == (post, "Fish & “chips”", 'Jane & "J" Doe')
    assert article.categories == ("News & Views",)
    assert "<b>here</b>" in article.html
    assert article.url == wp.link(post)
    assert (article.site_name, article.language) == ("Lab & Site", "en-US")
    assert article.published is not None
    assert (await follower.look()).new == ()


async def test_two_posts_of_one_second_are_both_new(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    wp.await_next_second()
    wp.publish("Twin A")
    wp.publish("Twin B")
    new, _, _ = await follower.told()
    assert new == ["Twin A", "Twin B"]


async def test_a_backdated_post_is_new(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    wp.publish("From the past", date_gmt="2020-01-01T00:00:00")
    assert (await follower.told())[0] == ["From the past"]


async def test_a_draft_from_before_is_new_when_it_is_published(wp: WordPress, source: Source) -> None:
    post = wp.publish("Draft", status="draft")
    wp.publish("Later than the draft")
    follower = await Follower.of(source, wp)
    wp.edit(post, status="publish")
    assert (await follower.told())[0] == ["Draft"]


async def test_a_scheduled_post_is_new_when_cron_is_late(wp: WordPress, source: Source) -> None:
    post = wp.schedule("Late train")
    follower = await Follower.of(source, wp)
    assert await follower.told() == ([], [], [])
    wp.cron()
    changes = await follower.look()
    assert [article.id for article in changes.new] == [post]
    assert changes.new[0].published is not None


async def test_an_edit_is_told_and_so_is_a_second_one_in_the_same_second(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    post = wp.publish("First")
    await follower.look()
    wp.await_next_second()
    wp.edit(post, title="Second")
    assert (await follower.told())[1] == ["Second"]
    wp.php(
        f"global $wpdb; $wpdb->update($wpdb->posts, ['post_title' => 'Third'], ['ID' => {post}]);"
        f"clean_post_cache({post});"
    )
    assert (await follower.told())[1] == ["Third"], "its modified_gmt is that of the second"


async def test_a_changed_slug_is_told_with_the_new_address(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    post = wp.publish("Renamed")
    await follower.look()
    wp.await_next_second()
    wp.edit(post, slug=f"another-{post}")
    changes = await follower.look()
    assert [article.url for article in changes.changed] == [wp.link(post)]


@pytest.mark.parametrize("way", ["trash", "delete", "draft", "private"])
async def test_a_post_taken_away_is_withdrawn_once(wp: WordPress, source: Source, way: str) -> None:
    follower = await Follower.of(source, wp)
    post = wp.publish(f"Gone by {way}")
    await follower.look()
    {
        "trash": lambda: wp.trash(post),
        "delete": lambda: wp.delete(post),
        "draft": lambda: wp.edit(post, status="draft"),
        "private": lambda: wp.edit(post, status="private"),
    }[way]()
    assert (await follower.told())[2] == [post]
    assert await follower.told() == ([], [], [])


async def test_a_withdrawn_post_that_returns_is_changed(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    post = wp.publish("Boomerang")
    await follower.look()
    wp.trash(post)
    await follower.look()
    wp.untrash(post)
    assert (await follower.told())[:2] == ([], ["Boomerang"])


async def test_a_protected_post_is_a_title_alone(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    post = wp.publish("Behind a door", "<p>Secret words.</p>")
    await follower.look()
    wp.await_next_second()
    wp.edit(post, password="sesame")
    (article,) = (await follower.look()).changed
    assert (article.title, article.html, article.excerpt, article.protected) == ("Behind a door", "", "", True)


async def test_an_address_leads_to_its_post_and_the_home_to_the_newest(wp: WordPress, source: Source) -> None:
    site = await source.discover(wp.url)
    older, post = wp.publish("Older one"), wp.publish("Newest one", date="2098-01-01T00:00:00", status="publish")
    wp.php(
        f"global $wpdb; $wpdb->update($wpdb->posts, ['post_status' => 'publish'], ['ID' => {post}]);"
        f"clean_post_cache({post});"
    )
    assert (await source.article(site, wp.link(older))).id == older
    assert (await source.article(site, f"{wp.url}/?p={older}")).id == older
    assert (await source.article(site, wp.url)).title == "Newest one"
    wp.delete(post)


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        ({"rest": "401"}, "closed its REST API"),
        ({"rest": "404"}, "REST API"),
        ({"rest": "403html"}, "firewall"),
        ({"status": 503}, "maintenance"),
        ({"status": 500}, "HTTP 500"),
    ],
    ids=str,
)
async def test_a_closed_api_is_an_error_and_never_a_withdrawal(
    wp: WordPress, source: Source, faults: dict[str, object], word: str
) -> None:
    follower = await Follower.of(source, wp)
    post = wp.publish("Still there")
    await follower.look()
    with wp.mode(**faults):
        with pytest.raises(SourceError, match=word) as caught:
            await follower.look()
        assert caught.value.after == (7.0 if "status" in faults else None)
    wp.edit(post, title="Still there, corrected")
    new, changed, withdrawn = await follower.told()
    assert (new, changed, withdrawn) == ([], ["Still there, corrected"], [])


@pytest.mark.parametrize("rest", ["401", "404", "403html"])
async def test_where_the_api_is_closed_the_feed_is_read(wp: WordPress, readers: Readers, rest: str) -> None:
    wp.publish("Before it closed")
    with wp.mode(rest=rest):
        follower = await Follower.of(readers, wp)
        assert follower.site.reader == "feed"
        assert await follower.told() == ([], [], [])
    wp.await_next_second()
    post = wp.publish("By the feed", "<p>All of it.</p>", status="draft")  # as editors do; then its guid has its number
    wp.edit(post, status="publish")
    with wp.mode(rest=rest):
        changes = await follower.look()
        assert [(article.id, article.title) for article in changes.new] == [(post, "By the feed")]
        assert "All of it." in changes.new[0].html
    wp.await_next_second()
    wp.edit(post, title="By the feed, corrected")
    link = wp.link(post)
    with wp.mode(rest=rest):
        assert await follower.told() == ([], ["By the feed, corrected"], [])
        assert (await readers.article(follower.site, link)).id == post
    wp.trash(post)
    with wp.mode(rest=rest):
        looks = [await follower.told() for _ in range(Limits().full_every)]
        assert [withdrawn for _new, _changed, withdrawn in looks if withdrawn] == [[post]]
    assert (await readers.discover(wp.url)).reader == "wordpress"


async def test_posts_of_another_type_are_read_by_themselves(wp: WordPress, readers: Readers) -> None:
    pages = await readers.edition(await readers.discover(wp.url), "", "page")
    pages = replace(pages, cursor=(await readers.articles(pages)).cursor)
    wp.publish("An article and no page")
    page = wp.rest("POST", "/wp/v2/pages", {"title": "A page", "content": "<p>Body.</p>", "status": "publish"})
    changes = await readers.articles(pages)
    assert [(article.id, article.title) for article in changes.new] == [(page["id"], "A page")]
    with pytest.raises(SourceError, match="no type of posts called media"):
        await readers.edition(pages, "", "media")
    with pytest.raises(SourceError, match="leave it out"):
        await readers.edition(await readers.discover(wp.url), "de", "")


async def test_what_php_prints_before_the_json_hides_no_post(wp: WordPress, source: Source) -> None:
    follower = await Follower.of(source, wp)
    wp.publish("Through the noise")
    with wp.mode(notice=True):
        assert (await follower.told())[0] == ["Through the noise"]


async def test_a_hundred_and_fifty_posts_at_once_are_all_told_in_order(
    sites: Callable[[Kind], WordPress], source: Source
) -> None:
    wp = ready(Kind("sid"), sites)
    follower = await Follower.of(source, wp)
    wp.php(
        "for ($i = 0; $i < 150; $i++) { wp_insert_post(['post_title' => sprintf('Bulk %03d', $i),"
        " 'post_status' => 'publish', 'post_content' => 'x']); }"
    )
    titles = [*(await follower.told())[0], *(await follower.told())[0]]
    assert titles == [f"Bulk {i:03d}" for i in range(150)]


def testsites_live_in_a_folder_of_their_own(tmp_path: Path) -> None:
    """What is not installed is named, with the way to get it."""
    assert "tests/real/lab/install" in wordpress.missing(Kind("no-such-suite"))
    assert not list(tmp_path.iterdir())
