"""A document becomes a post object whatever happened to it on its way, and says what was mended."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SourceError
from bot.model import Image, Site
from bot.sources.document import article, load

WHOLE = (
    r'{"id":7,"link":"https:\/\/ledger.example\/a\/","title":{"rendered":"Tide \u201cturns\u201d \ud83c\udf0a"},'
    '"content":{"rendered":"<p>One.<\\/p>\\n<p>Two.<\\/p>","protected":false},"tags":[1,2]}'
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    ["id", "link", "guid", "title", "content", "excerpt", "date_gmt", "modified_gmt", "_embedded", "yoast_head_json"]
)


def test_a_healthy_document_is_read_without_repair() -> None:
    document = load(WHOLE)
    assert (document.post["title"]["rendered"], document.repaired) == ("Tide “turns” 🌊", ())


@pytest.mark.parametrize(
    ("text", "title", "repaired"),
    [
        ("\ufeff" + WHOLE, "Tide “turns” 🌊", "a byte order mark"),
        (("\ufeff" + WHOLE).encode(), "Tide “turns” 🌊", "a byte order mark"),
        ("<b>Warning</b>: {x}\n" + WHOLE, "Tide “turns” 🌊", "text before the post"),
        (WHOLE + "<!-- cached -->", "Tide “turns” 🌊", "text after the post"),
        (f"[{WHOLE}]", "Tide “turns” 🌊", "a list around the post"),
        (f"[{WHOLE},{WHOLE}]", "Tide “turns” 🌊", "the first of a list of 2"),
        ('{"title":{"rendered":"a\nb\tc"}}', "a\nb\tc", "raw control characters"),
        (r'{"title":{"rendered":"a\ud83c b"}}', "a b", "halves of characters"),
        (r'{"title":{"rendered":"a \u20', "a ", "cut off before its end"),
        ('{"title":{"rendered":"a \\', "a ", "cut off before its end"),
        (r'{"title":{"rendered":"a \\', "a \\", "cut off before its end"),
        ('{"title":{"rendered":"a"},"content":{"rendered', "a", "cut off before its end"),
        ('{"title":{"rendered":"a"},"sticky":fal', "a", "cut off before its end"),
        ('{"title":{"rendered":"a"},"id":1', "a", "cut off before its end"),
        (b'{"title":{"rendered":"a\xff"}}', "a\ufffd", "bytes that are no text"),
    ],
)
def test_damage_is_mended_and_named(text: str | bytes, title: str, repaired: str) -> None:
    document = load(text)
    assert (document.post["title"]["rendered"], document.repaired) == (title, (repaired,))


@pytest.mark.parametrize("end", range(WHOLE.index("title") + 9, len(WHOLE)))
def test_wherever_it_is_cut_off_the_rest_is_read_and_reading_it_again_changes_nothing(end: int) -> None:
    document = load(WHOLE[:end])
    again = load(json.dumps(document.post))
    assert (again.post, again.repaired) == (document.post, ())
    assert document.repaired[0] == "cut off before its end"


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", "<html>", '{"ti', "[" * 100_000, '{"a":' * 100_000, b"\xff"])
def test_what_holds_no_post_is_refused(text: str | bytes) -> None:
    with pytest.raises(SourceError):
        load(text)


def test_an_error_answer_of_the_site_is_told() -> None:
    with pytest.raises(SourceError, match="Sorry, you are not allowed"):
        load('{"code":"rest_forbidden","message":"Sorry, you are not allowed to do that."}')


@given(st.text() | st.binary())
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    with contextlib.suppress(SourceError):
        assert isinstance(load(text).post, dict)


POST: dict[str, Any] = {
    "id": 7,
    "date": "2026-01-10T09:30:00",
    "date_gmt": "2026-01-10T14:30:00",
    "modified_gmt": "2026-01-11T08:00:00Z",
    "link": "https://ledger.example/a/",
    "title": {"rendered": "Tom &#038; <em>Ida&#8217;s</em> tide &amp;#8212; again"},
    "content": {"rendered": "<p>One.</p>", "protected": False},
    "_embedded": {
        "author": [{"name": "Ida &amp; Co"}, {"code": "rest_user_invalid_id"}],
        "wp:featuredmedia": [
            {"media_type": "image", "source_url": "https://ledger.example/a.jpg", "alt_text": "A &lt;"}
        ],
        "wp:term": [[{"taxonomy": "category", "name": "Port &amp; Sea"}], [{"taxonomy": "post_tag", "name": "tide"}]],
    },
}


def test_a_post_is_told_in_plain_text_and_utc() -> None:
    told = article(
        POST, Site("https://ledger.example", "The Ledger", "https://ledger.example/wp-json", language="en-GB")
    )
    assert (told.id, told.url, told.title) == (7, "https://ledger.example/a/", "Tom & Ida’s tide — again")
    assert (told.author, told.categories, told.tags) == ("Ida & Co", ("Port & Sea",), ("tide",))
    assert told.image == Image("https://ledger.example/a.jpg", "A <")
    assert told.published == datetime(2026, 1, 10, 14, 30, tzinfo=UTC)
    assert told.modified == datetime(2026, 1, 11, 8, tzinfo=UTC)
    assert (told.site_name, told.language) == ("The Ledger", "en-GB")


@pytest.mark.parametrize(
    "date", [None, "0000-00-00T00:00:00", "soon", 3, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_date_that_is_none_is_left_out(date: object) -> None:
    assert article({**POST, "date_gmt": date}).published is None


def test_a_local_date_without_its_zone_is_not_taken_for_a_moment() -> None:
    told = article(
        {
            "title": "a",
            "date": "2026-01-10T09:30:00",
            "yoast_head_json": {"article_published_time": "2026-01-10T09:30:00"},
        }
    )
    assert told.published is None


def test_a_protected_post_keeps_its_title_alone() -> None:
    told = article(
        {**POST, "title": {"rendered": "Geschützt: Flut"}, "content": {"rendered": "<p>x</p>", "protected": True}}
    )
    assert (told.title, told.html, told.protected) == ("Flut", "", True)


def test_an_open_post_may_be_titled_protected() -> None:
    assert (
        article({**POST, "title": {"rendered": "Protected: the last wetland"}}).title == "Protected: the last wetland"
    )


@given(st.dictionaries(FIELDS, JSON))
def test_fields_of_any_type_are_tolerated(post: dict[str, Any]) -> None:
    assert article(post).title == article(dict(reversed(post.items()))).title


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    assert article(
        {**POST, "link": "javascript:alert(1)", "guid": {"rendered": "https://ledger.example/?p=7"}}
    ).url == ("https://ledger.example/?p=7")
