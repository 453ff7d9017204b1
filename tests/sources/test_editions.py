"""Sites in several languages and with types of posts of their own: each edition is a site of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.demo.site import Permalinks
from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.sources.editions import Edition
from bot.sources.rest import PUBLIC_API, Api
from bot.sources.wordpress import WordPress
from tests.sources.following import ALWAYS, Clock, Follower
from tests.sources.polyglot import Polyglot


@pytest.fixture
async def source() -> AsyncIterator[WordPress]:
    fetcher = Fetcher(allow_private=True, timeout=10, tries=1)
    yield WordPress(fetcher, ALWAYS)
    await fetcher.close()


@pytest.fixture
async def site() -> AsyncIterator[Polyglot]:
    async with Polyglot(clock=Clock()) as serving:
        filled(serving)
        yield serving


def filled(site: Polyglot) -> None:
    for language, title in (("en", "Good morning"), ("de", "Guten Morgen"), ("fr", "Bonjour")):
        site.publish({"title": title, "lang": language})
    site.publish({"title": "Concert", "lang": "en", "type": "event"})
    site.publish({"title": "Konzert", "lang": "de", "type": "event"})


async def titles(source: WordPress, site: Polyglot, url: str) -> list[str]:
    found = await source.discover(f"{site.url}{url}")
    return [article.title for article in await source.newest(found, 20)]


@pytest.mark.parametrize("permalinks", ["pretty", "plain", "index"])
async def test_each_edition_is_followed_by_itself(source: WordPress, permalinks: Permalinks) -> None:
    clock = Clock()
    async with Polyglot(clock=clock, permalinks=permalinks) as site:
        filled(site)
        whole = await source.discover(site.url)
        editions = [await source.edition(whole, *wanted) for wanted in (("de", ""), ("", "event"), ("de", "events"))]
        followers = [Follower(source, one) for one in (whole, *editions)]
        for one in followers:
            await one.look()
        clock.turn(60)
        site.publish({"title": "Noch eins", "lang": "de"})
        late = site.publish({"title": "Noch ein Konzert", "lang": "de", "type": "event"})
        events = ["Noch ein Konzert"]
        assert [(await one.told())[0] for one in followers] == [["Noch eins"], ["Noch eins"], events, events]
        clock.turn(60)
        site.edit(late, title="Ein Konzert")
        assert [(await one.told())[1] for one in followers] == [[], [], ["Ein Konzert"], ["Ein Konzert"]]
        clock.turn(60)
        site.trash(late)
        assert [(await one.told())[2] for one in followers] == [[], [], [late], [late]]


async def test_editions_are_sites_of_their_own_however_their_api_is_written(source: WordPress, site: Polyglot) -> None:
    whole = await source.discover(site.url)
    german, events = await source.edition(whole, "DE", ""), await source.edition(whole, "", "Event")
    assert (german.url, german.language) == (f"{site.url}/?lang=de", "de")
    assert german.endpoint == f"{site.url}/wp-json/?lang=de"
    assert events.url == f"{site.url}/?post_type=events"
    sites = [whole, german, events, await source.edition(german, "", "events"), await source.edition(whole, "fr", "")]
    assert all(one.places.isdisjoint(other.places) for one in sites for other in sites if one is not other)
    site.permalinks = "plain"
    plain = await source.edition(await source.discover(site.url), "de", "")
    assert plain.endpoint == f"{site.url}/index.php?rest_route=/&lang=de"
    assert plain.places & german.places


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/", ["Bonjour", "Guten Morgen", "Good morning"]),
        ("/?lang=de", ["Guten Morgen"]),
        ("/de/", ["Guten Morgen"]),
        ("/fr", ["Bonjour"]),
        ("/wp-json/wp/v2/events", ["Konzert", "Concert"]),
        ("/wp-json/wp/v2/events?lang=de", ["Konzert"]),
        ("/?rest_route=/wp/v2/events", ["Konzert", "Concert"]),
        ("/?post_type=event", ["Konzert", "Concert"]),
        ("/wp-json/wp/v2/posts", ["Bonjour", "Guten Morgen", "Good morning"]),
        ("/wp-json/wp/v2/categories", ["Bonjour", "Guten Morgen", "Good morning"]),
        ("/wp-json/wp/v2/media", ["Bonjour", "Guten Morgen", "Good morning"]),
        ("/?lang=xx", ["Bonjour", "Guten Morgen", "Good morning"]),
    ],
)
async def test_an_address_leads_to_the_edition_that_it_is_of(
    source: WordPress, site: Polyglot, url: str, shown: list[str]
) -> None:
    assert await titles(source, site, url) == shown


@pytest.mark.parametrize("url", ["/de/", "/?lang=de", "/"])
async def test_where_the_api_takes_no_notice_of_languages_there_is_one_site(
    source: WordPress, site: Polyglot, url: str
) -> None:
    site.heeds_lang = False
    found = await source.discover(f"{site.url}{url}")
    assert (found.endpoint, found.url) == (f"{site.url}/wp-json/", f"{site.url}/")


@pytest.mark.parametrize(
    ("language", "kind", "word"),
    [
        ("xx", "", "shows nothing in the language xx"),
        ("klingon", "", "is no language"),
        ("d&x=1", "", "is no language"),
        ("", "films", "it has: posts, pages, events"),
        ("", "media", "no type of posts called media"),
        ("", "product", "no type of posts called product"),
        ("", "../users", "is no type of posts"),
    ],
)
async def test_an_edition_that_is_none_is_told_in_words(
    source: WordPress, site: Polyglot, language: str, kind: str, word: str
) -> None:
    with pytest.raises(SourceError, match=word):
        await source.edition(await source.discover(site.url), language, kind)


async def test_a_language_that_changes_nothing_is_refused(source: WordPress, site: Polyglot) -> None:
    site.heeds_lang = False
    with pytest.raises(SourceError, match="leave it out"):
        await source.edition(await source.discover(site.url), "de", "")


async def test_trouble_that_passes_makes_no_other_edition(source: WordPress, site: Polyglot) -> None:
    whole = await source.discover(site.url)
    site.faults.status = 503
    with pytest.raises(SourceError, match="maintenance"):
        await source.edition(whole, "de", "")


async def test_a_type_can_be_had_as_posts_by_either_of_their_names(source: WordPress, site: Polyglot) -> None:
    whole = await source.discover(site.url)
    assert await source.edition(whole, "", "posts") == await source.edition(whole, "", "post") == whole


async def test_the_address_of_an_edition_shows_its_newest_and_that_of_a_post_that_one(
    source: WordPress, site: Polyglot
) -> None:
    events = await source.edition(await source.discover(site.url), "", "events")
    assert (await source.article(events, events.url)).title == "Konzert"
    concert = next(number for number, entry in site.entries.items() if entry.post["title"]["rendered"] == "Concert")
    assert (await source.article(events, f"{site.url}/wp-json/wp/v2/events/{concert}")).title == "Concert"
    assert (await source.article(events, f"{site.url}/?p={concert}")).title == "Concert"


async def test_the_search_of_an_edition_finds_its_own(source: WordPress, site: Polyglot) -> None:
    german = await source.edition(await source.discover(site.url), "de", "")
    found = await source.search(german, "mor", 1, 10)
    assert ([article.title for article in found.articles], found.total) == (["Guten Morgen"], 1)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://x.example/wp-json/", "https://x.example/wp-json/wp/v2/events?lang=de&page=2"),
        ("https://x.example/?rest_route=/", "https://x.example/?rest_route=/wp/v2/events&lang=de&page=2"),
        (f"{PUBLIC_API}/wp/v2/sites/x.example/", f"{PUBLIC_API}/wp/v2/sites/x.example/events?lang=de&page=2"),
    ],
)
def test_the_routes_of_an_edition_are_built_on_every_kind_of_base(base: str, url: str) -> None:
    api = Api(Fetcher(), Edition("de", "events").at(base))
    assert api.url(api.listing, page=2) == url
    assert "events" not in api.url("/wp/v2/categories")


@pytest.mark.parametrize("kind", ["../users", "a/b", "x" * 41, ""])
def test_what_is_no_type_leads_to_posts(kind: str) -> None:
    assert Api(Fetcher(), f"https://x.example/wp-json/?post_type={kind}").listing == "/wp/v2/posts"
