"""What may stay of strangers' text, and where it may be cut."""

import time

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.text import ELLIPSIS, apart, clean, cut, home_of, is_rtl, isolate, line, place, together, unescape, utf16

ANY_TEXT = st.text(st.characters(categories=None), max_size=80)


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("@\u202eeveryone", "@everyone"),
        ("so\u00adft", "soft"),
        ("zero\u200bwidth\ufeff\u2060", "zerowidth"),
        ("a\x00b\x07c\x9bd", "abcd"),
        ("one\r\ntwo\u2028three\tfour", "one\ntwo\nthree four"),
        ("\ud800lone", "lone"),
        ("tag\U000e0041\U000e007f", "tag"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", None),
        ("می\u200cخواهم", None),
        ("\u200d \u200cseen\u200d", "seen"),
        ("👩\u200d👩\u200d👧", None),
        ("latin\u200f", "latin"),
        ("שלום\u200f!", None),
        ("e" + "\u0301" * 200, "e" + "\u0301" * 8),
    ],
)
def test_clean_takes_away_what_nobody_sees_and_leaves_what_scripts_need(dirty: str, expected: str | None) -> None:
    assert clean(dirty) == (dirty if expected is None else expected)


def test_a_line_has_single_spaces_and_no_breaks() -> None:
    assert line("  one\n\n two\u00a0\u3000three ") == "one two three"


@given(ANY_TEXT)
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_clean_text_can_be_encoded(text: str) -> None:
    clean(text).encode()


@given(ANY_TEXT, st.integers(-1, 60), st.sampled_from([len, utf16]))
def test_cut_text_keeps_its_limit_and_splits_no_character(text: str, limit: int, unit: type[int]) -> None:
    text = clean(text)
    short = cut(text, limit, unit=unit)
    assert unit(short) <= max(limit, 0)
    if short != text and short:
        clusters = regex.findall(r"\X", text)
        kept = short.removesuffix(ELLIPSIS)
        assert any("".join(clusters[:count]) == kept for count in range(len(clusters)))


def test_text_within_its_limit_is_not_touched() -> None:
    assert cut("exact", 5) == "exact"


def test_a_cut_falls_between_words_where_one_is_near() -> None:
    assert cut("The quick brown fox jumps over", 17) == "The quick brown…"


def test_a_cut_without_words_falls_between_characters() -> None:
    assert cut("没有空格的文字也要剪断", 6) == "没有空格的…"


def test_a_flag_is_cut_whole() -> None:
    assert cut("🇨🇳🇷🇺", 3) == "🇨🇳…"


def test_utf16_counts_as_javascript_does() -> None:
    assert utf16("a🔷") == 3


@pytest.mark.parametrize(("text", "expected"), [("שלום world hi", False), ("سلام دنیا ok", True), ("123", False)])
def test_direction_is_that_of_most_letters(text: str, expected: bool) -> None:
    assert is_rtl(text) is expected


def test_only_text_that_could_turn_its_neighbours_is_isolated() -> None:
    assert isolate("plain") == "plain"
    assert isolate("שלום") == "\u2068שלום\u2069"


@pytest.mark.parametrize(
    "url",
    [
        "http://ledger.example/a/",
        "https://www.ledger.example/a",
        "LEDGER.example/a/",
        "https://ledger.example:443/a",
        "https://ledger.example./a/?utm_source=feed&fbclid=1#comments",
        " https://ledger.example/%61/ ",
    ],
)
def test_one_place_is_one_however_its_address_is_written(url: str) -> None:
    assert place(url) == "ledger.example/a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/A", "https://a.example/a"),
        ("https://a.example:8080/", "https://a.example/"),
        ("https://a.example/?p=1", "https://a.example/?p=2"),
        ("https://a.example/", "https://b.example/"),
    ],
)
def test_two_places_are_two(one: str, other: str) -> None:
    assert place(one) != place(other)


def test_a_host_is_one_place_in_its_own_letters_and_in_those_of_the_wire() -> None:
    assert place("https://bücher.example/ü") == place("https://xn--bcher-kva.example/%C3%BC/")


@given(st.text())
def test_whatever_is_no_address_is_a_place_all_the_same(text: str) -> None:
    assert place(text) == place(text.strip())


@pytest.mark.parametrize(
    ("endpoint", "home"),
    [
        ("https://x.example/wp-json/", "https://x.example/"),
        ("https://x.example/index.php/wp-json/", "https://x.example/"),
        ("https://x.example/?rest_route=/", "https://x.example/"),
        ("https://x.example/blog/index.php?rest_route=%2F", "https://x.example/blog/"),
        ("https://x.example/~one/wp-json/", "https://x.example/~one/"),
        ("https://x.example/?user=one&rest_route=/", "https://x.example/?user=one&rest_route=/"),
        ("https://x.example/not-wp-json/", "https://x.example/not-wp-json/"),
        ("https://wp-json/", "https://wp-json/"),
        ("https://x.example/feed/", "https://x.example/"),
        ("https://x.example/blog/index.php/feed/atom/", "https://x.example/blog/"),
        ("https://x.example/?feed=rss2", "https://x.example/"),
        ("https://x.example/feed/wp-json/", "https://x.example/feed/"),
        ("https://x.example/news.xml", "https://x.example/news.xml"),
        ("https://feed/", "https://feed/"),
        ("https://x.example/wp-json/?post_type=events&lang=de", "https://x.example/?lang=de&post_type=events"),
        ("https://x.example/?lang=de&rest_route=/", "https://x.example/?lang=de"),
        ("https://x.example/?feed=rss2&lang=de", "https://x.example/?lang=de"),
        ("https://x.example/news.xml?lang=de", "https://x.example/news.xml?lang=de"),
        ("https://x.example/?lang=", "https://x.example/?lang="),
        (
            "https://public-api.wordpress.com/wp/v2/sites/x.example/?post_type=events",
            "https://x.example/?post_type=events",
        ),
        ("https://public-api.wordpress.com/wp/v2/sites/x.example/", "https://x.example/"),
        ("https://evil.example/wp/v2/sites/x.example/", "https://evil.example/wp/v2/sites/x.example/"),
    ],
)
def test_an_api_implies_the_home_that_wordpress_made_it_of(endpoint: str, home: str) -> None:
    assert home_of(endpoint) == home


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("&#8220;a&#x201d; &amp;&#0000000000038;", "“a” &&"),
        (f"a&#{'9' * 5000};b", "a\ufffdb"),
        (f"a&#{'9' * 5000}", "a\ufffd"),
        (f"a&#x{'f' * 5000};b", "a\ufffdb"),
    ],
)
def test_an_entity_of_any_length_is_a_character(markup: str, text: str) -> None:
    assert unescape(markup) == text


@given(st.lists(st.sampled_from(["lang=de", "post_type=events", "rest_route=/", "p=1", "lang=", ""]), unique=True))
def test_an_address_and_its_edition_are_one_place_apart_or_together(parts: list[str]) -> None:
    url = f"https://x.example/?{'&'.join(parts)}"
    base, edition = apart(url)
    assert apart(base) == (base, "")
    assert sorted(place(together(base, edition))) == sorted(place(url))


@pytest.mark.parametrize("letters", [254, 5_900, 1_000_000])
def test_a_place_is_found_in_no_time_whatever_is_taken_for_an_address(letters: int) -> None:
    """The loop that asks for it serves everybody."""
    text = "https://" + "é" * letters
    before = time.process_time()
    assert place(text) == text[:2_000]
    assert time.process_time() - before < 0.05
