"""The parts put together: what a card has besides lead, quote and sources."""

from __future__ import annotations

import pytest

from bot.cards import build
from bot.cards.language import agreed, detect
from bot.cards.repair import repair
from bot.cards.sentences import ends_like_a_sentence, shorten, split, weight, words
from bot.model import Article, Image, Quote
from tests.cards.posts import OPENING, card

SAID = "We have carried this mill on our backs for years, and we would do it again tomorrow."


def test_what_follows_a_copyright_line_is_the_page_s_furniture() -> None:
    """A theme's footer says things too."""
    body = f"<p>{OPENING}</p>" * 6
    assert card(f"{body}<p>“{SAID}” said Ida Roe.</p><p>© 2026 Ledger</p>").quote == Quote(SAID, "Ida Roe")
    assert card(f"{body}<p>© 2026 Ledger</p><p>“{SAID}” said Ida Roe.</p>").quote is None


def test_a_copyright_line_at_the_beginning_ends_nothing() -> None:
    """Pictures have one too."""
    assert card(f"<p>© 2026 Ledger</p><p>{OPENING}</p><p>“{SAID}” said Ida Roe.</p>").quote == Quote(SAID, "Ida Roe")


def test_a_long_line_that_begins_with_a_copyright_is_no_footer() -> None:
    """An article may be about copyright."""
    html = f"{f'<p>{OPENING}</p>' * 6}<p>Copyright {OPENING * 3}</p><p>“{SAID}” said Ida Roe.</p>"
    assert card(html).quote == Quote(SAID, "Ida Roe")


def test_what_comes_after_more_than_a_paragraph_ever_has_is_not_looked_through() -> None:
    """A post cannot hold up the bot."""
    assert card(f"<p>{OPENING * 40} “{SAID}” said Ida Roe.</p>").quote is None


def test_a_post_without_a_text_has_its_title_s_language() -> None:
    """Picture posts are in a language too."""
    assert card('<img src="https://a.example/b.jpg">', "Die Mühle ist für die Leute am Hafen").language == "de"


def test_a_post_without_a_title_is_called_by_its_first_words() -> None:
    """Notes and picture posts have none, and a card needs one."""
    made = card(f"<p>{OPENING.replace(',', ', and for once without asking anybody else in the whole county,')}</p>", "")
    assert made.title.endswith("…")
    assert OPENING.startswith(made.title[:60])
    assert len(made.title) < 120


@pytest.mark.parametrize(
    ("names", "category"),
    [(("Harbour", "Mills"), "Harbour"), (("Uncategorized", "Mills"), "Mills"), (("未分类",), ""), ((), "")],
)
def test_the_category_is_the_first_that_an_editor_chose(names: tuple[str, ...], category: str) -> None:
    """WordPress sorts what nobody has sorted."""
    assert (
        build(Article(1, "https://ledger.example/a/", "A", f"<p>{OPENING}</p>", categories=names)).category == category
    )


PICTURES = {
    "the first one": (
        '<img src="https://a.example/mill.jpg" alt="The\nmill">',
        Image("https://a.example/mill.jpg", "The mill"),
    ),
    "no face for a mood": (
        '<img src="https://a.example/smiley.png"><img src="https://a.example/b.jpg">',
        Image("https://a.example/b.jpg"),
    ),
    "no pixel that counts readers": ('<img src="https://a.example/pixel.gif">', None),
    "no drawing that platforms cannot show": ('<img src="https://a.example/mill.svg">', None),
    "none that lies inside the page": ('<img src="data:image/gif;base64,R0lGOD">', None),
}


@pytest.mark.parametrize(("html", "image"), PICTURES.values(), ids=PICTURES)
def test_the_picture_is_the_first_that_shows_something(html: str, image: Image | None) -> None:
    assert card(f"{html}<p>{OPENING}</p>").image == image


def test_the_editor_s_own_picture_goes_first() -> None:
    """The featured image was chosen for this."""
    own = Image("https://a.example/own.jpg")
    made = build(
        Article(1, "https://l.example/", "A", f'<img src="https://a.example/b.jpg"><p>{OPENING}</p>', image=own)
    )
    assert made.image == own


def test_a_minute_more_is_told_for_every_two_hundred_and_twenty_words() -> None:
    """So fast people read."""
    assert [card(f"<p>{'word ' * count}</p>").reading_minutes for count in (1, 220, 221)] == [1, 1, 2]


@pytest.mark.parametrize("more", ["Continue reading “A title”", "Read more »", "[…]", "[...]", "Weiterlesen"])
def test_an_excerpt_loses_its_theme_s_last_words(more: str) -> None:
    """The theme's link is no part of the text."""
    assert card("<p>Ok.</p>", excerpt=f"<p>{OPENING} {more}</p>").lead == f"{OPENING}…"


LANGUAGES = {
    "en": "The mill is for the people of the harbour, and it was not to be sold.",
    "de": "Die Mühle ist für die Leute am Hafen und wird nicht verkauft.",
    "fr": "Le moulin est pour les gens du port et il ne sera pas vendu.",
    "es": "El molino es para la gente del puerto y no se vende por lo que es.",
    "ru": "Мельница для людей гавани.",
    "uk": "Млин для людей гавані, і його не продадуть.",
    "zh": "灯塔最后一次熄灭。",
    "ja": "灯台の光は消えた。",
    "ko": "등대의 불이 꺼졌다.",
    "ar": "الميناء باق.",
    "he": "הנמל נשאר.",
    "el": "Ο μύλος γυρίζει.",
    "hi": "चक्की घूमती है।",
    "th": "โรงสีหมุน",
    "": "",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_text_tells_its_language(language: str) -> None:
    assert detect(LANGUAGES[language]) == language


@pytest.mark.parametrize(
    ("declared", "spoken", "language"),
    [
        ("en-GB", "en", "en-GB"),
        ("en", "zh", "zh"),
        ("en", "fr", "en"),
        ("", "fr", "fr"),
        ("zh-TW", "zh", "zh-TW"),
        ("fa", "ar", "fa"),
        ("sr", "en", "sr"),
        ("ru", "en", "en"),
        ("ar", "en", "en"),
        ("en", "ar", "ar"),
        ("en", "", "en"),
    ],
)
def test_a_site_s_language_holds_while_its_script_is_possible(declared: str, spoken: str, language: str) -> None:
    """Sites in Chinese are set up in English; English ones quote French."""
    assert agreed(declared, spoken) == language


def test_chinese_weighs_more_than_its_letters() -> None:
    """It says in two letters what English says in five."""
    assert (weight("mill"), weight("灯塔")) == (4, 5)
    assert words("the tide mill") == 3
    assert 1 < words("灯塔") < 2


@pytest.mark.parametrize("text", ["It turns.", "It turns!”", "Turns it?)", "It turns…", "灯灭了。", "「灯灭了。」"])
def test_a_sentence_ends_with_a_stop_inside_marks_or_before_them(text: str) -> None:
    assert ends_like_a_sentence(text)
    assert not ends_like_a_sentence(text + " and")


def test_a_text_is_cut_between_sentences_in_the_way_of_its_script() -> None:
    """Chinese has no space before the ellipsis."""
    assert shorten("One is here. Two is here. Three is here.", 26, "en") == "One is here. Two is here. …"
    assert shorten("灯塔熄灭了。守灯人没有走。渔船回来了。", 34, "zh") == "灯塔熄灭了。守灯人没有走。…"


def test_nothing_left_out_is_told_by_no_ellipsis() -> None:
    """A sentence somewhat too long is shown as it is."""
    assert shorten("One and two and three and four.", 26, "en") == "One and two and three and four."


def test_a_sentence_that_is_too_long_is_cut_between_words() -> None:
    """Half a word says nothing."""
    assert (
        shorten("One and two and three and four and five and seventeen and six", 45, "en")
        == "One and two and three and four and five and…"
    )


def test_abbreviations_end_no_sentence() -> None:
    """“Dr.” is not where an editor would cut."""
    assert split("Dr. Roe came. She left.", "en-GB") == ["Dr. Roe came. ", "She left."]


REPAIRED = {
    "a healthy text stays as it is": ("<p>One</p>\n<p>two</p>", "<p>One</p>\n<p>two</p>"),
    "a paragraph begins where the one before it ended": ("One</p><p>two</p>", "<p>One</p><p>two</p>"),
    "a quotation begins behind the colon": (
        "<p>He wrote:</p>One</p>two</p></blockquote>",
        "<p>He wrote:</p><blockquote><p>One</p><p>two</p></blockquote>",
    ),
    "without a colon it is the last paragraph": (
        "<p>He left.</p>One</p>two</p></blockquote>",
        "<p>He left.</p><p>One</p><blockquote><p>two</p></blockquote>",
    ),
    "a post from elsewhere is known by its foot": (
        "<p>He wrote:</p>One — Ida (@ida)</p></blockquote>",
        '<p>He wrote:</p><blockquote class="twitter-tweet"><p>One — Ida (@ida)</p></blockquote>',
    ),
    "a closing tag of nothing is left out": ("</blockquote><p>One</p>", "<p>One</p>"),
}


@pytest.mark.parametrize(("broken", "mended"), REPAIRED.values(), ids=REPAIRED)
def test_lost_opening_tags_are_put_where_they_were(broken: str, mended: str) -> None:
    assert repair(broken) == mended
