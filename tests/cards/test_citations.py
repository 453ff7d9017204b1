"""The sources are what the article stands on, named as people name them."""

from __future__ import annotations

import pytest

from bot.cards.citations import canonical
from bot.model import Citation
from tests.cards.posts import OPENING, card


def sources(html: str) -> list[tuple[str, str]]:
    return [(source.name, source.url) for source in card(f"<p>{OPENING}</p>{html}").sources]


def test_a_source_is_named_as_the_text_spells_it() -> None:
    html = (
        '<p>As The Tide Weekly <a href="https://tideweekly.example/a?utm_source=x&id=3#top">reported</a>, it turns.</p>'
    )
    assert sources(html) == [("The Tide Weekly", "https://tideweekly.example/a?id=3")]


def test_a_source_that_the_text_does_not_name_is_named_by_its_host() -> None:
    assert sources('<p>See <a href="https://north-gazette.example/a">this</a>.</p>') == [
        ("North Gazette", "https://north-gazette.example/a")
    ]


def test_a_republished_source_is_named_by_its_outlet() -> None:
    html = '<p>（潮声周报 | <a href="https://ledger.example/2026/b/">四百一十二次大雾</a>）</p>'
    assert sources(html) == [("潮声周报", "https://ledger.example/2026/b/")]


@pytest.mark.parametrize(
    "url",
    [
        "https://ledger.example/2026/another/",
        "https://www.facebook.com/sharer.php?u=x",
        "https://twitter.com/intent/tweet?text=x",
        "https://twitter.com/ledger",
        "https://www.amazon.co.uk/dp/1?tag=ledger-21",
        "https://other.example/tag/mills/",
        "https://other.example/mill.jpg",
        "https://unsplash.com/photos/1",
        "mailto:desk@ledger.example",
        "javascript:alert(1)",
        "#top",
    ],
)
def test_what_is_no_source_is_left_out(url: str) -> None:
    assert sources(f'<p>The mill, according to <a href="{url}">this report</a>, turns.</p>') == []


def test_at_most_five_sources_stand_on_a_card() -> None:
    assert len(sources("".join(f'<p>A <a href="https://o{n}.example/a">report</a> says.</p>' for n in range(9)))) == 5


def test_names_stand_alone_where_the_document_lost_its_links() -> None:
    html = "<p>Ida Roe argued in The Tide Weekly that it turns.</p><p>She told The North Gazette the same.</p>"
    assert sources(html) == [("The Tide Weekly", ""), ("The North Gazette", "")]


def test_the_quote_s_own_source_goes_first() -> None:
    html = (
        '<p>A <a href="https://a.example/1">study</a> found it.</p><blockquote><p>We have carried this mill.'
        ' [<a href="https://b.example/2">Source</a>]</p></blockquote>'
    )
    assert card(f"<p>{OPENING}</p>{html}").sources[0] == Citation("b.example", "https://b.example/2")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.google.com/url?q=https%3A%2F%2Fa.example%2Fb&sa=D", "https://a.example/b"),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fb%3Ffbclid%3D1&h=x", "https://a.example/b"),
        ("https://a.example/b?utm_medium=x&c=%20d&amp;e", "https://a.example/b?c=%20d&e"),
        ("https://a.example/b c", "https://a.example/b%20c"),
        ("ftp://a.example/b", ""),
        ("https://[a/", ""),
        ("//a.example/b", "https://a.example/b"),
        ("https://localhost/b", ""),
    ],
)
def test_an_address_is_unwrapped_and_loses_its_trackers(url: str, expected: str) -> None:
    assert canonical(url) == expected
