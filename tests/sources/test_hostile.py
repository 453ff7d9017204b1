"""The WordPress source against sites that answer with anything else: one sentence, or articles in order."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.cards import build
from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.model import Article, Site
from bot.sources.memory import Known, Memory
from bot.sources.wordpress import WordPress
from tests.farends import hostile
from tests.farends.hostile import Hostile

KNOWN = Memory(base=9, seen={number: Known(1_767_225_600 + number, 1_767_225_600 + number) for number in range(1, 10)})
"""A site that has had nine posts."""
SENTENCE = re.compile(r"[^\n\r]{10,600}[.?]")
NO_TITLE = 10_001
"""Characters that no title has."""


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    opened = Fetcher(allow_private=True, timeout=10, tries=1)
    yield opened
    await opened.close()


@pytest.fixture
async def far() -> AsyncIterator[Hostile]:
    async with Hostile() as opened, asyncio.timeout(20):
        yield opened


def site(far: Hostile, name: str) -> Site:
    home = f"{far.base}/{name}/"
    return Site(home, "Hostile", f"{home}wp-json/", id=1)


def fit(error: SourceError) -> None:
    said = str(error)
    assert SENTENCE.fullmatch(said), said
    assert not re.search(r"Traceback|Error\b|object at", said), said


def sane(article: Article) -> None:
    card = build(article)
    assert len(card.title) < NO_TITLE
    assert "\x00" not in card.title
    assert not card.url or card.url.startswith("http")
    card.title.encode()


@pytest.mark.parametrize("name", hostile.SHAPES)
async def test_a_look_at_a_site_gone_mad_tells_one_sentence_or_sane_articles_and_withdraws_nothing(
    fetcher: Fetcher, far: Hostile, name: str
) -> None:
    source, known = WordPress(fetcher), site(far, name)
    for cursor in ("", KNOWN.dumps()):
        try:
            changes = await source.articles(replace(known, cursor=cursor))
        except SourceError as error:
            fit(error)
            continue
        assert changes.withdrawn == ()
        for article in (*changes.new, *changes.changed):
            sane(article)
        Memory.loads(changes.cursor)


@pytest.mark.parametrize("name", hostile.SHAPES)
async def test_a_look_up_at_a_site_gone_mad_tells_one_sentence_or_sane_articles(
    fetcher: Fetcher, far: Hostile, name: str
) -> None:
    source, known = WordPress(fetcher), site(far, name)

    async def article() -> list[Article]:
        return [await source.article(known, f"{known.url}?p=1")]

    async def found() -> list[Article]:
        result = await source.search(known, "words", 1, 5)
        assert result.total >= len(result.articles)
        return list(result.articles)

    async def newest() -> list[Article]:
        return list(await source.newest(known, 1))

    for look in (article, found, newest):
        try:
            articles = await look()
        except SourceError as error:
            fit(error)
        else:
            for one in articles:
                sane(one)
    assert await source.terms(known) == [] or name == "the-same-for-ever"


@pytest.mark.parametrize("name", [*hostile.SHAPES, "plain", "loop", "to-file", "refresh", "http-2", "gzip-bomb"])
async def test_nothing_of_the_kind_is_discovered_as_a_publication(fetcher: Fetcher, far: Hostile, name: str) -> None:
    with pytest.raises(SourceError) as error:
        await WordPress(fetcher).discover(f"{far.base}/{name}/")
    fit(error.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("challenge", "behind a check that only browsers pass"),
        ("challenge-200", "behind a check that only browsers pass"),
        ("maintenance", "down for maintenance or overloaded"),
        ("database-error", "failed with HTTP 500"),
        ("page", "answered with a web page in place of data"),
        ("picture", "something that is no data"),
        ("cut-off", "answered with damaged JSON"),
        ("utf-16", "answered with damaged JSON"),
        ("nested-lists", "answered with damaged JSON"),
        ("nested-in-a-post", "answered with damaged JSON"),
        ("id-true", "no list of posts"),
        ("id-beyond-all", "no list of posts"),
        ("empty-object", "no list of posts"),
        ("a-string-of-5-mb", "no list of posts"),
    ],
)
async def test_what_a_site_did_in_place_of_answering_is_told(
    fetcher: Fetcher, far: Hostile, name: str, said: str
) -> None:
    with pytest.raises(SourceError, match=said):
        await WordPress(fetcher).newest(site(far, name), 1)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("byte-order-mark", "Told"),
        ("wrong-charset", "Told"),
        ("no-utf-8", "caf\ufffd"),
        ("nul-in-a-title", "ab"),
        ("php-notice", "Told"),
        ("dates-beyond-all", "Told"),
        ("dates-of-year-1", "Told"),
        ("total-without-end", "Told"),
        ("entities-in-entities", None),
    ],
)
async def test_what_can_be_read_all_the_same_is_read(
    fetcher: Fetcher, far: Hostile, name: str, title: str | None
) -> None:
    (article,) = await WordPress(fetcher).newest(site(far, name), 1)
    assert title is None or article.title == title


@pytest.mark.parametrize("url", ["http://xn--a.example/", "xn--a.example/?p=1", "https://xn--a.example/?p=1"])
async def test_a_host_whose_name_means_nothing_is_no_address(fetcher: Fetcher, far: Hostile, url: str) -> None:
    for look in (WordPress(fetcher).discover(url), WordPress(fetcher).article(site(far, "empty-list"), url)):
        with pytest.raises(SourceError) as error:
            await look
        fit(error.value)


async def test_a_page_that_links_to_such_a_host_links_nowhere(fetcher: Fetcher) -> None:
    page = hostile.body('<link rel="https://api.w.org/" href="https://xn--a.example/wp-json/">', hostile.HTML)
    async with Hostile({"page": page}) as far:
        with pytest.raises(SourceError) as error:
            await WordPress(fetcher).discover(f"{far.base}/page/")
    fit(error.value)


async def test_a_challenge_is_left_alone_for_an_hour_and_a_maintenance_for_as_long_as_it_says(
    fetcher: Fetcher, far: Hostile
) -> None:
    for name, seconds in (("challenge", 3600), ("maintenance", 600)):
        with pytest.raises(SourceError) as error:
            await WordPress(fetcher).articles(site(far, name))
        assert error.value.after == seconds
