"""From any address to the publication: what a page says, what is guessed, what a site may say of itself."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from yarl import URL

from bot.demo.site import Faults, Permalinks, SampleSite
from bot.errors import SourceError
from bot.fetch import Fetcher, Response
from bot.sources.discover import _head, discover, listed, look_at
from bot.text import places
from tests.commands.pages import Pages, api, served
from tests.sources.samples import page_of, recorded


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    opened = Fetcher(allow_private=True, timeout=10)
    yield opened
    await opened.close()


@pytest.mark.parametrize("permalinks", ["pretty", "plain", "index"])
@pytest.mark.parametrize("folder", ["", "/blog"])
async def test_every_page_of_a_site_leads_to_it(fetcher: Fetcher, permalinks: Permalinks, folder: str) -> None:
    async with SampleSite(permalinks=permalinks, folder=folder, name="A & B", language="ar") as site:
        post = site.publish({"title": "A post"})
        pages = ("", "/", "/?feed=rss2", "/no/such/page/")
        for url in (site.api, site.link(post), *(site.url + page for page in pages)):
            found = await discover(fetcher, url)
            assert (found.url, found.name, found.endpoint) == (f"{site.url}/", "A & B", site.api), url
            assert (found.language, found.cursor, found.reader) == ("ar", "", "wordpress")


async def test_a_host_without_a_scheme_is_enough(fetcher: Fetcher) -> None:
    async with SampleSite() as site:
        assert (await discover(fetcher, site.url.removeprefix("http://"))).url == f"{site.url}/"


@pytest.mark.parametrize("folder", ["", "/blog"])
async def test_a_site_that_tells_no_links_is_found_along_the_path(fetcher: Fetcher, folder: str) -> None:
    async with SampleSite(folder=folder) as site:
        site.faults = Faults(hide_link=True)
        post = site.publish({"title": "A post"})
        found = await discover(fetcher, site.link(post))
        assert found.url == f"{site.url}/"
        assert found.endpoint.startswith(f"{site.url}/")


@pytest.mark.parametrize(
    ("faults", "word"),
    [
        (Faults(rest="401"), "closed its REST API"),
        (Faults(rest="404"), "no WordPress REST API"),
        (Faults(rest="403html"), "firewall"),
        (Faults(status=503), "maintenance"),
        (Faults(page="<title>Parked</title>"), "no WordPress REST API"),
        (Faults(page="<title>Wait</title>", headers={"cf-mitigated": "challenge"}), "Cloudflare"),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_a_site_that_cannot_be_followed_is_told_in_words(fetcher: Fetcher, faults: Faults, word: str) -> None:
    async with SampleSite() as site:
        site.faults = faults
        with pytest.raises(SourceError, match=word):
            await discover(fetcher, site.url)


@pytest.mark.parametrize("home", ["https://famous.example/", "{origin}/"])
async def test_a_site_may_not_claim_the_home_of_another(fetcher: Fetcher, home: str) -> None:
    """Neither on another host nor above it on its own: it is known by where its API is."""
    pages: Pages = {"/~one/": "a page"}
    async with served(pages) as origin:
        pages |= api("/~one", home.format(origin=origin))
        found = await discover(fetcher, f"{origin}/~one/")
        assert (found.url, found.name) == (f"{origin}/~one/", "Stated")
        assert found.places.isdisjoint(places(f"{origin}/wp-json/"))


async def test_a_page_that_names_the_api_of_another_site_leads_to_that_site(fetcher: Fetcher) -> None:
    async with SampleSite(language="ar") as site:
        page = f'<html lang="de"><link rel="https://api.w.org/" href="{site.api}"></html>'
        async with served({"/": page}) as origin:
            found = await discover(fetcher, origin)
            assert (found.url, found.endpoint, found.language) == (f"{site.url}/", site.api, "ar")


@pytest.mark.parametrize("url", ["", "http://", "not a url", "ftp://example.com/", "http://[", "javascript:alert(1)"])
async def test_what_is_no_address_is_an_error_in_words(fetcher: Fetcher, url: str) -> None:
    with pytest.raises(SourceError):
        await discover(fetcher, url)


@pytest.mark.parametrize(("text", "told"), [("ledger", "no web address: write for"), ("report.pdf", "spelled right")])
async def test_a_word_that_leads_nowhere_is_told_to_be_no_address(
    fetcher: Fetcher, text: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def get(url: str, **_: object) -> Response:
        raise SourceError(f"{url} is not known; is the address spelled right?")

    monkeypatch.setattr(fetcher, "get", get)
    with pytest.raises(SourceError, match=told):
        await discover(fetcher, text)


@pytest.mark.parametrize("version", ["wp-6.1-subdir", "wp-6.8-plain", "wp-7.1-pretty"])
def test_the_pages_of_real_wordpress_tell_their_api_their_post_and_their_language(version: str) -> None:
    page = recorded(version, "post-page")
    seen = look_at(page)
    root = URL(page.url).origin()
    bases = {
        "wp-6.1-subdir": f"{root}/blog/wp-json/",
        "wp-6.8-plain": f"{root}/index.php?rest_route=/",
        "wp-7.1-pretty": f"{root}/wp-json/",
    }
    assert set(seen.of("https://api.w.org/")) == {bases[version]}
    assert seen.language == "en-US"
    if version != "wp-6.8-plain":  # there the recorded address is no post's
        assert {URL(link).path.rpartition("/")[2] for link in seen.of("alternate", "application/json")} >= {"5"}


def test_a_head_is_read_however_it_is_written() -> None:
    page = page_of(
        b"<HTML LANG='zh_Hans'><head><LINK href=//cdn.example/x rel='https://api.w.org/ other'><link rel=icon>"
        b"<link rel='https://api.w.org/' href='http://[broken'><link rel='https://api.w.org/' href='wp-json/'>"
    )
    assert list(look_at(page).of("https://api.w.org/")) == [
        "https://cdn.example/x",
        "https://example.com/blog/wp-json/",
    ]
    assert look_at(page).language == "zh-Hans"


def test_a_page_of_unclosed_comments_is_read_in_linear_time() -> None:
    """A parser that is quadratic here would keep the whole bot from its work for a minute."""
    seen = _head("<html lang='de'><link rel=x href=/y>" + "<!--" * 70_000)
    assert (seen.language, seen.links[0].url) == ("de", "/y")


def test_a_feed_is_looked_through_for_links_like_a_page() -> None:
    feed = "<?xml version='1.0'?><rss><channel><atom:link rel='self' href='https://a.example/feed/'/></channel></rss>"
    assert _head(feed).links[0].url == "https://a.example/feed/"


@pytest.mark.parametrize(
    ("url", "body", "term"),
    [
        ("https://a.example/category/news/", "", ("category", "news")),
        ("https://a.example/blog/category/world/asia/page/3/", "", ("category", "asia")),
        ("https://a.example/category/news/feed/", "", ("category", "news")),
        ("https://a.example/schlagwort/tide/", "archive tag tag-tide tag-7", ("tag", "tide")),
        ("https://a.example/author/ida/", "archive author author-ida", ("author", "ida")),
        ("https://a.example/category/%E6%96%B0%E9%97%BB/", "", ("category", "新闻")),
        ("https://a.example/category/", "", None),
        ("https://a.example/category/news/a-post/", "post-template-default single postid-7", None),
        ("https://a.example/news/", "page category", None),
        ("https://a.example/", "home archive tag", None),
    ],
)
def test_what_a_page_lists_is_told_by_its_classes_or_its_path(
    url: str, body: str, term: tuple[str, str] | None
) -> None:
    assert listed(page_of(f"<html><body class='{body}'>".encode(), url)) == term
