"""A publication read by its feed alone: what is told of it, what is not, and what no feed can do to the bot."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import Gone, SourceError
from bot.fetch import Fetcher
from bot.model import Article, Site
from bot.sources.entries import HASHED, read
from bot.sources.feed import Feeds, Limits
from bot.sources.window import Window
from tests.sources.feeds import BEGUN, FeedSite, feed_site
from tests.sources.following import Follower
from tests.sources.samples import recorded

URL = "https://ledger.example/feed/"
ALWAYS = Limits(full_every=1)


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    opened = Fetcher(allow_private=True, timeout=10)
    yield opened
    await opened.close()


@pytest.fixture(params=["rss", "atom"])
async def site(request: pytest.FixtureRequest) -> AsyncIterator[FeedSite]:
    async with feed_site(kind=request.param) as running:
        running.publish("Long standing")
        yield running


async def following(fetcher: Fetcher, site: FeedSite, limits: Limits | None = None) -> Follower:
    """One that has made first contact."""
    source = Feeds(fetcher, limits)
    follower = Follower(source, await source.discover(site.feed))
    assert (await follower.look()).new == ()
    return follower


async def test_a_feed_tells_its_publication_and_all_of_an_article(fetcher: Fetcher, site: FeedSite) -> None:
    follower = await following(fetcher, site)
    found = follower.site
    assert (found.url, found.name, found.endpoint) == (f"{site.origin}/", "The Feed & Post", site.feed)
    assert (found.reader, found.language) == ("feed", "en-US")
    number = site.publish("Ships & sails", terms=("Harbour", "News"), author="Omar O")
    (told,) = (await follower.look()).new
    assert (told.id, told.url, told.title) == (number, site.link(number), "Ships & sails")
    assert (told.html, told.excerpt) == ("<p>It was in all the papers.</p>", "<p>In all the papers.</p>")
    assert (told.author, told.categories, told.tags) == ("Omar O", ("Harbour", "News"), ("Harbour", "News"))
    assert (told.site_name, told.language, told.published) == (found.name, "en-US", site.items[number].at)
    assert told.modified == (told.published and told.published + timedelta(hours=1) if site.kind == "atom" else None)


async def test_first_contact_tells_nothing_and_an_empty_feed_is_one(fetcher: Fetcher) -> None:
    async with feed_site() as site:
        follower = await following(fetcher, site)
        site.publish("First of all")
        assert await follower.told() == (["First of all"], [], [])


async def test_what_is_published_or_edited_is_told_once(fetcher: Fetcher, site: FeedSite) -> None:
    follower = await following(fetcher, site)
    first = site.publish("First")
    site.publish("Second")
    assert await follower.told() == (["First", "Second"], [], [])
    site.edit(first, text="<p>Otherwise.</p>")
    assert await follower.told() == ([], ["First"], [])
    assert await follower.told() == ([], [], [])


async def test_an_unchanged_feed_is_not_sent_and_the_cursor_stays(fetcher: Fetcher, site: FeedSite) -> None:
    follower = await following(fetcher, site)
    cursor = follower.site.cursor
    site.requests.clear()
    for _ in range(4):
        assert await follower.told() == ([], [], [])
        assert follower.site.cursor == cursor
    sent = [headers for _path, headers in site.requests]
    assert all("If-None-Match" in headers and "If-Modified-Since" in headers for headers in sent)
    await follower.look()
    assert "If-None-Match" not in site.requests[-1][1], "every fifth look asks whatever was said"


async def test_what_slid_off_the_end_is_not_withdrawn_nor_new_when_it_is_back(fetcher: Fetcher) -> None:
    async with feed_site(length=3, numbered=False) as site:
        numbers = [site.publish(f"Post {number}") for number in range(5)]
        follower = await following(fetcher, site, ALWAYS)
        newer = [site.publish(f"New {number}") for number in range(2)]
        assert await follower.told() == (["New 0", "New 1"], [], [])
        for number in (*newer, numbers[-1]):
            del site.items[number]
        new, changed, gone = await follower.told()
        assert (new, changed, len(gone)) == ([], [], 3), "older ones come into sight, some of them never seen"
        site.length = 10
        assert await follower.told() == ([], [], [])


async def test_what_is_missing_among_older_ones_is_withdrawn_by_its_own_word_alone(
    fetcher: Fetcher, site: FeedSite
) -> None:
    follower = await following(fetcher, site, ALWAYS)
    numbers = [site.publish(f"Post {number}") for number in range(3)]
    await follower.look()
    kept = site.items.pop(numbers[1])
    site.asked()
    assert await follower.told() == ([], [], [numbers[1]])
    assert site.asked() == ["/feed/", f"/post-{numbers[1]}/"]
    assert await follower.told() == ([], [], [])
    assert site.asked() == ["/feed/"], "once it is known it is not asked for"
    site.items[numbers[1]] = kept
    assert await follower.told() == ([], ["Post 1"], []), "it came back as it was"


async def test_missing_articles_that_may_not_be_read_hide_none_that_is_gone(fetcher: Fetcher, site: FeedSite) -> None:
    follower = await following(fetcher, site, Limits(verified=2, full_every=1))
    gone, *shut = (site.publish(f"Post {number}") for number in range(4))
    await follower.look()
    for number in (gone, *shut):
        del site.items[number]
    site.shut = {*shut}
    assert (gone,) in [(await follower.look()).withdrawn for _ in range(4)]


async def test_what_a_feed_leaves_out_and_the_site_shows_is_not_withdrawn(
    fetcher: Fetcher, site: FeedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = await following(fetcher, site, ALWAYS)
    hidden, last = site.publish("Hidden"), site.publish("Last")
    await follower.look()
    monkeypatch.setattr(site, "shown", lambda: [site.items[last], site.items[1]])
    site.asked()
    assert await follower.told() == ([], [], [])
    assert site.asked() == ["/feed/", f"/post-{hidden}/"]
    assert await follower.told() == ([], [], [])
    assert site.asked() == ["/feed/"]


async def test_posts_with_old_dates_are_new_by_their_numbers(fetcher: Fetcher, site: FeedSite) -> None:
    follower = await following(fetcher, site, ALWAYS)
    site.publish("Imported", at=BEGUN - timedelta(days=900))
    assert await follower.told() == (["Imported"], [], [])


async def test_more_than_the_feed_holds_is_told_as_far_as_it_holds(fetcher: Fetcher) -> None:
    async with feed_site(length=3, numbered=False) as site:
        site.publish("Old")
        follower = await following(fetcher, site)
        for number in range(5):
            site.publish(f"New {number}")
        assert (await follower.told())[0] == ["New 2", "New 3", "New 4"]


async def test_articles_are_found_by_url_words_and_number(fetcher: Fetcher) -> None:
    async with feed_site(length=2) as site:
        for number in range(6):
            site.publish(f"Harbour {number}", terms=("Harbour", f"T{number}"))
        source = Feeds(fetcher)
        found = await source.discover(site.feed)
        assert [one.title for one in await source.newest(found, 9)] == ["Harbour 5", "Harbour 4"]
        assert (await source.article(found, found.url)).title == "Harbour 5"
        assert (await source.article(found, site.link(6) + "?utm_source=x")).title == "Harbour 5"
        assert (await source.article(found, f"{site.origin}/?p=5")).title == "Harbour 4"
        assert (await source.article(found, site.link(1))).title == "Harbour 0", "by the feed that each post has"
        with pytest.raises(SourceError, match="newest articles only"):
            await source.article(found, f"{site.origin}/nothing/")
        page = await source.search(found, "harbour", 2, 2)
        assert ([one.title for one in page.articles], page.total) == (["Harbour 2", "Harbour 3"], 6)
        assert (await source.search(found, "submarine", 1, 5)).total == 0
        assert await source.terms(found) == [
            ("category", "Harbour"), ("category", "T5"), ("category", "T4"), ("author", "Jane Doe"),
        ]  # fmt: skip


async def test_a_feed_of_anybody_else_cannot_be_searched(fetcher: Fetcher) -> None:
    with pytest.raises(SourceError, match="cannot be searched"):
        await Feeds(fetcher).search(Site("https://a.example/", "A", "https://a.example/news.xml", "feed"), "x", 1, 5)


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        (404, SourceError, "no feed any more"),
        (410, Gone, "no feed any more"),
        (403, SourceError, "refuses"),
        (429, SourceError, "less often"),
        (503, SourceError, "overloaded"),
        (500, SourceError, "failed"),
    ],
)
async def test_a_feed_that_does_not_answer_is_told_in_words(
    fetcher: Fetcher, status: int, kind: type[SourceError], word: str
) -> None:
    async with feed_site() as site:
        site.publish("One")
        follower = await following(fetcher, site)
        site.status = status
        with pytest.raises(kind, match=word) as caught:
            await follower.look()
        assert caught.value.after == (77 if status in {429, 503, 500} else None)


def one(text: str, url: str = URL) -> Article:
    (entry,) = read(text.encode(), url).entries
    return entry.article


HEAD = '<rss version="2.0"><channel><title>T</title>'


def test_ids_are_numbers_of_wordpress_only_on_its_own_host() -> None:
    def number(guid: str) -> int:
        return one(f"{HEAD}<item><title>x</title><guid>{guid}</guid></item></channel></rss>").id

    assert number("https://www.ledger.example/?p=12") == 12
    assert number("https://ledger.example/?post_type=note&amp;p=13") == 13
    for other in (
        "https://other.example/?p=12",
        "https://ledger.example/?p=0",
        "tag:x",
        "https://ledger.example/?p=1x",
    ):
        assert HASHED <= number(other) < 2**63
        assert number(other) == number(other)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace(' xmlns:content="http://purl.org/rss/1.0/modules/content/"', ""),
        lambda text: "Notice: undefined index\n" + text,
        lambda text: text.replace("<title>", "<title>\x0b\x00", 1),
        lambda text: text.replace("Ships", "Ships &nbsp;&", 1),
        lambda text: text.replace("</channel>\n</rss>", "</channel>"),
        lambda text: text + "<!-- cached -->",
        lambda text: '<!DOCTYPE rss [<!ENTITY x "y">]>' + text,
    ],
    ids=["namespace", "notice", "control", "entity", "unclosed", "comment", "doctype"],
)
async def test_a_damaged_feed_is_read_all_the_same(fetcher: Fetcher, damage: object) -> None:
    async with feed_site() as site:
        site.publish("Old")
        follower = await following(fetcher, site, ALWAYS)
        site.damage = damage  # type: ignore[assignment]
        site.publish("Ships")
        (told,) = (await follower.look()).new
        assert told.title.startswith("Ships")
        assert (told.html, told.author) == ("<p>It was in all the papers.</p>", "Jane Doe")
        assert follower.withdrawn == set()


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.97])
async def test_a_feed_cut_off_anywhere_changes_and_withdraws_nothing(
    fetcher: Fetcher, site: FeedSite, share: float
) -> None:
    for number in range(5):
        site.publish(f"Post {number}")
    follower = await following(fetcher, site)
    site.damage = lambda text: text[: int(len(text) * share)]
    assert await follower.told() == ([], [], [])
    site.damage = str
    site.publish("Whole again")
    assert await follower.told() == (["Whole again"], [], [])


def test_other_encodings_are_read() -> None:
    text = f'<?xml version="1.0" encoding="ENC"?>{HEAD}<item><title>Größe</title></item></channel></rss>'
    for name, encoding in (("iso-8859-1", "iso-8859-1"), ("utf-16", "utf-16"), ("iso-8859-1", "utf-8")):
        (entry,) = read(text.replace("ENC", name).encode(encoding), URL).entries
        assert entry.article.title == "Größe"


@pytest.mark.parametrize("body", [b"", b"<html><title>x</title></html>", b'{"a": 1}', b"<rss", b"\xff\xfe\x00"])
def test_what_is_no_feed_is_told_so(body: bytes) -> None:
    with pytest.raises(SourceError, match="no feed"):
        read(body, URL)


def test_entities_expand_to_nothing_and_read_no_files() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY l0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">{laughs}]>'
    begun = time.perf_counter()
    told = one(f"{bomb}{HEAD}<item><title>a&l9;b&f;c</title></item></channel></rss>")
    assert time.perf_counter() - begun < 2
    assert told.title == "abc"


@pytest.mark.parametrize(
    "filling",
    [
        *(
            piece * 100_000
            for piece in ("<a ", "<!--", "<![CDATA[", "<a>", "&&&", "&lt;a ", "&lt;!--", "1:", "\n", "\"'")
        ),
        "<a " + " ".join(f"b{n}='c'" for n in range(20_000)) + ">",
        "".join(f"<a{n}:b xmlns:a{n}='u{n}'/>" for n in range(5_000)),
    ],
    ids=lambda text: text[:12],
)
def test_no_filling_holds_the_reader_up(filling: str) -> None:
    begun = time.perf_counter()
    for place in ("description", "title", "category", "pubDate", "guid", "link", "author", "content:encoded"):
        with suppress(SourceError):
            read(f"{HEAD}<item><{place}>{filling}</{place}></item></channel></rss>".encode(), URL)
    assert time.perf_counter() - begun < 20


async def test_a_feed_that_is_too_long_is_not_read(fetcher: Fetcher) -> None:
    async with feed_site() as site:
        site.damage = lambda text: text + " " * 6_000_000
        with pytest.raises(SourceError, match="longer than"):
            await Feeds(fetcher).discover(site.feed)


@pytest.mark.parametrize("cursor", ["x", "[]", "{}", '{"v":1}', '{"feed":1,"known":[[1]]}'])
def test_a_cursor_of_another_kind_is_told_so(cursor: str) -> None:
    with pytest.raises(SourceError, match="cursor"):
        Window.loads(cursor)


def test_the_cursor_is_bounded_json() -> None:
    items = [f"<item><guid>g{n}</guid><link>https://ledger.example/{'x' * 900}{n}</link></item>" for n in range(500)]
    window = Window.begin(())
    for start in range(0, 500, 100):
        feed = read(f"{HEAD}{''.join(items[start : start + 100])}</channel></rss>".encode(), URL)
        window = window.seeing(feed.entries)[0].validated("e" * 9999, "").trimmed(400)
    assert len(window.known) == 400
    assert Window.loads(window.dumps()) == window
    assert len(json.dumps(window.dumps())) < 100_000


@pytest.mark.parametrize("version", ["wp-6.1-subdir", "wp-7.1-pretty"])
def test_rss_and_atom_of_real_wordpress_tell_the_same_articles(version: str) -> None:
    rss, atom = (read(answer.body, answer.url) for answer in map(partial(recorded, version), ("feed", "feed-atom")))
    assert rss.whole
    assert atom.whole
    assert len(rss.entries) >= 3
    for one, other in zip(rss.entries, atom.entries, strict=True):
        ours, theirs = one.article, other.article
        assert (ours.title, ours.url, ours.html, ours.author) == (theirs.title, theirs.url, theirs.html, theirs.author)
        assert (ours.id, ours.published, ours.protected) == (theirs.id, theirs.published, theirs.protected)
        assert ours.categories
    assert any(entry.article.protected for entry in rss.entries)


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["publish", "publish", "publish", "backdate", "edit", "withdraw", "look", "look"]),
        st.integers(0, 30),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(HAPPENINGS, st.booleans(), st.integers(1, 6), st.integers(0, 8), st.booleans())
def test_whatever_happens_between_looks_each_is_new_once_and_at_rest_all_is_told(
    happenings: list[tuple[str, int]], numbered: bool, length: int, standing: int, deaf: bool
) -> None:
    """Withdrawn is only what is gone; what the feed shows in the end is what was told of it."""

    async def run() -> None:
        fetcher = Fetcher(allow_private=True, timeout=10)
        async with feed_site(numbered=numbered, length=length, deaf=deaf) as site:
            stood = {site.link(site.publish(f"Standing {number}")) for number in range(standing)}
            follower = await following(fetcher, site, Limits(verified=2, full_every=2))
            for what, which in happenings:
                chosen = sorted(site.items)[which % len(site.items)] if site.items else 0
                if what == "publish":
                    site.publish(f"New {which}")
                elif what == "backdate" and numbered:
                    site.publish(f"Late {which}", at=BEGUN - timedelta(minutes=which))
                elif what == "edit" and chosen:
                    site.edit(chosen, text=f"<p>{which}</p>")
                elif what == "withdraw" and chosen:
                    del site.items[chosen]
                elif what == "look":
                    await follower.look()
            for _ in range(8):
                await follower.look()
            assert not follower.twice
            there = {site.link(number): item.text for number, item in site.items.items()}
            told = {article.url: article for article in follower.articles.values()}
            assert not stood & told.keys()
            assert not any(url in there for url, article in told.items() if article.id in follower.withdrawn)
            shown = {site.link(item.number) for item in site.shown()} - stood
            assert {url: told[url].html for url in shown} == {url: there[url] for url in shown}
            assert await follower.told() == ([], [], [])
        await fetcher.close()

    asyncio.run(run())


async def test_a_look_from_an_old_cursor_tells_the_same_again(fetcher: Fetcher, site: FeedSite) -> None:
    follower = await following(fetcher, site)
    before = follower.site
    site.publish("New")
    await follower.look()
    assert [one.title for one in (await follower.source.articles(replace(before))).new] == ["New"]
