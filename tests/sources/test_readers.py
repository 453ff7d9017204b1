"""Which way a publication is read: by REST where that can be, by its feed where not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.demo.site import Faults, SampleSite
from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.model import Site
from bot.sources.readers import Readers
from tests.sources.feeds import feed_site
from tests.sources.following import Follower


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    fetcher = Fetcher(allow_private=True, timeout=10)
    yield Readers(fetcher)
    await fetcher.close()


@pytest.mark.parametrize("page", ["/", "/?feed=rss2", "post"])
@pytest.mark.parametrize("rest", ["401", "404", "403html"])
@pytest.mark.parametrize("folder", ["", "/blog"])
async def test_a_site_whose_api_is_closed_is_read_by_its_feed(
    readers: Readers, page: str, rest: str, folder: str
) -> None:
    async with SampleSite(name="A & B", language="ar", folder=folder) as site:
        post = site.publish({"title": "Old"})
        site.faults = Faults(rest=rest)  # type: ignore[arg-type]
        found = await readers.discover(site.link(post) if page == "post" else site.url + page)
        assert (found.url, found.name, found.reader) == (f"{site.url}/", "A & B", "feed")
        assert (found.endpoint, found.language) == (f"{site.url}/?feed=rss2", "ar")
        follower = Follower(readers, found)
        await follower.look()
        number = site.publish({"title": "New", "content": "<p>Told by the feed.</p>"})
        (told,) = (await follower.look()).new
        assert (told.id, told.title, told.html) == (number, "New", "<p>Told by the feed.</p>")


@pytest.mark.parametrize("page", ["/", "/?feed=rss2"])
async def test_a_site_that_has_both_is_read_by_rest(readers: Readers, page: str) -> None:
    async with SampleSite() as site:
        assert (await readers.discover(site.url + page)).reader == "wordpress"


async def test_by_either_way_it_is_the_same_publication(readers: Readers) -> None:
    async with SampleSite() as site:
        by_rest = await readers.discover(site.url)
        site.faults = Faults(rest="401")
        by_feed = await readers.discover(site.url)
        assert by_rest.places & by_feed.places


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        (Faults(status=503), "maintenance"),
        (Faults(status=500), "failed"),
        (Faults(rest="401", feed="404"), "closed its REST API"),
        (Faults(rest="404", feed="404"), "no WordPress REST API"),
    ],
    ids=lambda value: str(value)[:30],
)
async def test_trouble_that_passes_makes_no_feed_and_without_one_the_api_is_told_of(
    readers: Readers, faults: Faults, word: str
) -> None:
    async with SampleSite() as site:
        site.faults = faults
        with pytest.raises(SourceError, match=word):
            await readers.discover(site.url)


@pytest.mark.parametrize("kind", ["rss", "atom"])
async def test_a_site_of_another_make_is_read_by_the_feed_that_its_page_names(readers: Readers, kind: str) -> None:
    async with feed_site(kind=kind, numbered=False) as site:
        site.publish("One")
        media = "application/rss+xml" if kind == "rss" else "application/atom+xml"
        site.page = (
            f'<link rel="alternate" type="{media}" href="/comments/feed/">'
            f'<link rel="alternate" type="{media}" href="/nothing.xml">'
            f'<link rel=alternate type="{media}" href="/feed/">'
        )
        for url in (site.origin, site.feed, site.feed.removeprefix("http://")):
            found = await readers.discover(url)
            assert (found.reader, found.endpoint, found.url) == ("feed", site.feed, f"{site.origin}/")
        assert [one.title for one in await readers.newest(found, 3)] == ["One"]
        assert await readers.terms(found) == [("category", "News"), ("author", "Jane Doe")]
        assert (await readers.article(found, site.link(1))).title == "One"
        assert (await readers.search(found, "one", 1, 3)).total == 1


async def test_a_feed_may_not_claim_the_home_of_another_host(readers: Readers) -> None:
    async with feed_site() as site:
        site.damage = lambda text: text.replace(f"<link>{site.origin}</link>", "<link>https://famous.example/</link>")
        found = await readers.discover(site.feed)
        assert found.url == f"{site.origin}/"


async def test_the_feed_of_a_language_is_a_site_of_its_own(readers: Readers) -> None:
    async with feed_site() as site:
        site.publish("First")
        pages = [f"{site.feed}?lang=de", f"{site.feed}?lang=fr", site.feed]
        found = [await readers.discover(page) for page in pages]
        assert [one.url for one in found] == [f"{site.origin}/?lang=de", f"{site.origin}/?lang=fr", f"{site.origin}/"]
        assert all(one.places.isdisjoint(other.places) for one in found for other in found if one is not other)
        with pytest.raises(SourceError, match="give the address of the feed"):
            await readers.edition(found[2], "de", "")


async def test_a_reader_of_another_version_is_told_of(readers: Readers) -> None:
    site = replace(Site("https://a.example/", "A", "https://a.example/x"), reader="gopher")
    with pytest.raises(SourceError, match="no reader called 'gopher'"):
        await readers.articles(site)
