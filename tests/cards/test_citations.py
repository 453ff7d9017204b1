"""The sources are what the article stands on, named as people name them."""

from __future__ import annotations

import pytest

from bot.cards import build
from bot.cards.citations import canonical, registrable
from bot.model import Article, Citation
from tests.cards.posts import OPENING, card


def sources(html: str, title: str = "A title of its own") -> list[tuple[str, str]]:
    return [(source.name, source.url) for source in card(f"<p>{OPENING}</p>{html}", title).sources]


def report(url: str, anchor: str = "a report") -> str:
    return f'<p>The mill, according to <a href="{url}">{anchor}</a>, turns.</p>'


def urls(html: str, title: str = "A title of its own") -> list[str]:
    return [url for _, url in sources(html, title)]


OTHERS = [f"https://o{number}.example/a" for number in range(5)]
POST = "https://twitter.com/idaroe/status/1"
EMBED = f'<blockquote class="twitter-tweet"><p>It turns.</p>— Ida Roe (@idaroe) <a href="{POST}">May 1</a></blockquote>'


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
        "https://www.reddit.com/submit?title=x",
        "https://www.amazon.co.uk/dp/1?tag=ledger-21",
        "https://other.example/tag/mills/",
        "https://other.example/mill.jpg",
        "https://unsplash.com/photos/1",
        "mailto:desk@ledger.example",
        "javascript:alert(1)",
        "#top",
        "//ledger.example/2026/another/",
        "https://news.ledger.example/2026/another/",
        "https://www.ledger.co.uk/2026/another/",
        "https://click.example/jump?id=1&url=https%3A%2F%2Ftide.example%2Fa",
        "https://click.example/jump?to=https://tide.example/a",
        "https://r.tide.example/u/x7Zq",
        "https://tide.example/reprints.htm",
        "https://s100.copyright.com/rights?of=tide",
        "https://tide.ly/x7Zq",
        "https://is.gd/x7Zq",
        "https://tide.example/",
        "https://tide.example/en/",
        "https://tide.example/index.html",
        "https://shop.example/shop/mill",
        "https://tide.example/about-us",
        "https://tide.example/a?aff=ledger",
        "https://play.google.com/store/apps/details?id=x",
        "https://www.ebay.de/itm/1",
    ],
)
def test_what_is_no_source_is_left_out(url: str) -> None:
    assert sources(f'<p>The mill, according to <a href="{url}">this report</a>, turns.</p>') == []


def test_a_post_shown_inside_counts_less_than_whatever_the_text_cites() -> None:
    """An editor shows a post to illustrate; what the article stands on it links in its sentences."""
    assert urls(EMBED + "".join(map(report, OTHERS))) == OTHERS
    assert urls(EMBED + report(OTHERS[0])) == [POST, OTHERS[0]]


def test_an_embed_without_an_address_is_no_source() -> None:
    """A profile says only who posts."""
    assert urls(EMBED.replace(POST, "https://twitter.com/idaroe")) == []


def test_a_home_page_is_a_source_only_where_the_title_names_it() -> None:
    """Who is written about may be linked at its door; anybody else's door is no reading."""
    home = report("https://www.tide.example/", "The Tide")
    assert urls(home, "Tide closes after forty years") == ["https://www.tide.example/"]
    assert urls(home, "Gazette closes after forty years") == []


def test_a_page_that_says_who_somebody_is_counts_last() -> None:
    """It is no reading on the matter, but better than nothing."""
    person = "https://uni.example/people/idaroe"
    assert urls(report(person, "Ida Roe") + "".join(map(report, OTHERS))) == OTHERS
    assert urls(report(person, "Ida Roe") + report(OTHERS[0])) == [person, OTHERS[0]]


def test_what_explains_a_word_is_a_source_for_nothing() -> None:
    """Encyclopedias and dictionaries are linked for the reader's sake."""
    assert urls('<p>The <a href="https://en.wikipedia.org/wiki/Mill">mill</a> turns.</p>') == []


def test_an_address_without_its_scheme_is_one_of_the_web() -> None:
    """Editors copy them so from other pages."""
    assert urls(report("//tide.example/a")) == ["https://tide.example/a"]


def test_the_commonest_host_is_the_own_one_where_none_is_known() -> None:
    """Articles link their own site most."""
    html = report("https://tide.example/a") + "".join(report(f"https://www.gazette.example/{n}") for n in range(5))
    article = Article(1, "", "A title", f"<p>{OPENING}</p>{html}")
    assert [source.url for source in build(article).sources] == ["https://tide.example/a"]


def test_a_few_links_tell_no_own_host() -> None:
    """Two links to one outlet are two sources."""
    html = report("https://tide.example/a") + report("https://tide.example/b")
    article = Article(1, "", "A title", f"<p>{OPENING}</p>{html}")
    assert [source.url for source in build(article).sources] == ["https://tide.example/a", "https://tide.example/b"]


def test_the_own_host_is_a_source_only_where_brackets_name_the_outlet() -> None:
    """Translation sites keep a copy of what others printed, and say so in brackets."""
    assert sources('<p>潮声周报 | <a href="https://ledger.example/b/">四百一十二次大雾</a></p>') == []


@pytest.mark.parametrize(
    "place",
    [
        "<h2>{}</h2>",
        "<aside><p>{}</p></aside>",
        "<figure><figcaption>{}</figcaption></figure>",
        '<p class="wp-caption-text">{}</p>',
    ],
)
def test_what_stands_beside_the_text_cites_nothing(place: str) -> None:
    """Captions, boxes and headings link pictures, other articles, and themselves."""
    assert urls(place.format('A <a href="https://tide.example/a">report</a>')) == []


def test_one_outlet_gives_three_sources_at_most() -> None:
    """Five of one house would hide the others."""
    assert len(urls("".join(report(f"https://tide.example/{n}/a") for n in range(6)))) == 3


def test_a_page_linked_twice_is_one_source() -> None:
    """The reader follows it once."""
    assert urls(report("https://tide.example/a") + report("https://tide.example/a?utm_source=x")) == [
        "https://tide.example/a"
    ]


def test_what_the_text_says_it_stands_on_goes_before_what_it_only_links() -> None:
    """“According to” is an editor's own mark of a source."""
    plain = "".join(f'<p>The mill <a href="{url}">turns</a> on.</p>' for url in OTHERS)
    assert "https://tide.example/a" in urls(plain + report("https://tide.example/a"))


def test_a_link_that_says_source_goes_before_what_the_text_only_links() -> None:
    """“Source” is an editor's mark too."""
    plain = "".join(f'<p>The mill <a href="{url}">turns</a> on.</p>' for url in OTHERS)
    assert "https://tide.example/a" in urls(plain + '<p>It turns. <a href="https://tide.example/a">Source</a></p>')


def test_a_list_of_links_counts_less_than_a_sentence() -> None:
    """What else there is to read stands in lists."""
    more = "".join(f'<ul><li><a href="{url}">The mill turns</a></li></ul>' for url in OTHERS)
    assert "https://tide.example/a" in urls(more + '<p>It <a href="https://tide.example/a">turns</a> on.</p>')


@pytest.mark.parametrize("text", ['<a href="{url}">The mill turns</a>', '<a href="{url}">Mills</a> |'])
def test_what_a_list_only_links_is_a_menu_or_what_else_there_is_to_read(text: str) -> None:
    items = "".join(f"<li>{text.format(url=url)}</li>" for url in OTHERS)
    assert urls(f"<ul>{items}</ul>") == []


def test_what_a_list_links_is_a_source_where_it_says_so() -> None:
    items = "".join(f'<li><a href="{url}">The mill turns</a></li>' for url in OTHERS[:3])
    assert urls(f"<h3>Sources:</h3><ul>{items}</ul>") == OTHERS[:3]
    assert urls(f"<ul>{items.replace('mill turns', 'study of the mill')}</ul>") == OTHERS[:3]


@pytest.mark.parametrize(
    ("paragraph", "found"),
    [
        ('<a href="{url}">Buy the mill’s flour</a> while it lasts.', False),
        ('It grinds. <a href="{url}">Get it</a> for nine crowns.', False),
        ('<a href="{url}">download the mill’s songs</a>', False),
        ('The town means to <a href="{url}">buy the mill’s flour</a> itself.', True),
        ('<a href="{url}">Download the report</a> of the miller.', True),
        ('<a href="{url}">Order in the mill</a> is what the town wants.', True),
    ],
)
def test_a_button_s_words_lead_to_a_till_or_a_form(paragraph: str, found: bool) -> None:
    url = "https://tide.example/a"
    assert (url in urls(f"<p>{paragraph.format(url=url)}</p>")) is found


def test_a_name_in_square_brackets_goes_before_what_the_text_only_links() -> None:
    plain = "".join(f'<p>The mill <a href="{url}">turns</a> on.</p>' for url in OTHERS)
    noted = '<p>The mill turns on. [<a href="https://tide.example/a">The Tide</a> - <a href="https://ebb.example/a">Ebb</a>]</p>'
    assert {"https://tide.example/a", "https://ebb.example/a"} <= set(urls(plain + noted))
    after = '<p>The mill [of the town] <a href="https://tide.example/a">turns</a> on.</p>'
    assert "https://tide.example/a" not in urls(plain + after)


def test_a_link_in_a_quotation_goes_before_others() -> None:
    """What is quoted at length is stood on."""
    plain = "".join(f'<p>The mill <a href="{url}">turns</a> on.</p>' for url in OTHERS)
    quoted = '<blockquote><p>The mill <a href="https://tide.example/a">turns</a> on.</p></blockquote>'
    assert "https://tide.example/a" in urls(plain + quoted)


def test_a_post_elsewhere_that_the_text_links_is_a_source() -> None:
    """Somebody said it there."""
    assert urls(report(POST)) == [POST]


def test_an_outlet_and_a_title_go_before_what_the_text_only_links() -> None:
    """“outlet | title” is a reference, and nothing else."""
    plain = "".join(f'<p>The mill <a href="{url}">turns</a> on.</p>' for url in OTHERS)
    assert "https://tide.example/a" in urls(
        plain + '<p>The Tide | <a href="https://tide.example/a">The mill turns</a></p>'
    )


@pytest.mark.parametrize(("url", "own"), [("https://ab.example/b/", True), ("https://ab.co.uk/b/", False)])
def test_two_letters_in_another_country_are_another_house(url: str, own: bool) -> None:
    """Many bear the same initials."""
    article = Article(1, "https://ab.example/a/", "A title", f"<p>{OPENING}</p>{report(url)}")
    assert bool(build(article).sources) is not own


def test_a_host_of_some_of_the_links_is_not_the_own_one() -> None:
    """Articles on a paper link that paper often."""
    html = "".join(report(url) for url in OTHERS[:3]) + "".join(report(f"https://tide.example/{n}") for n in range(3))
    article = Article(1, "", "A title", f"<p>{OPENING}</p>{html}")
    assert len(build(article).sources) == 5


def test_a_heading_names_no_source() -> None:
    """Headlines are about outlets."""
    assert sources("<h2>What Ida Rowan told The Tide Weekly, as it reported</h2>") == []


def test_sources_stand_in_the_article_s_order() -> None:
    """A reader who comes from the text knows where he is."""
    html = '<p>The mill <a href="https://tide.example/a">turns</a> on.</p>' + report(OTHERS[0])
    assert urls(html) == ["https://tide.example/a", OTHERS[0]]


NAMES = {
    "the article that opens a sentence is no part of a name": (
        '<p>It rained. The Tide <a href="https://tide.example/a">wrote</a> so.</p>',
        "Tide",
    ),
    "inside a sentence it is": ('<p>It rained, The Tide <a href="https://tide.example/a">wrote</a>.</p>', "The Tide"),
    "what the text writes small names no outlet": (
        '<p>The tide <a href="https://tide.example/a">wrote</a> its name.</p>',
        "tide.example",
    ),
    "a Chinese outlet stands in title marks": (
        '<p>据《潮声周报》<a href="https://tide.example/a">报道</a>，灯塔熄灭。</p>',
        "潮声周报",
    ),
    "so does the link itself": (
        '<p>灯塔熄灭，<a href="https://tide.example/a">《潮声周报》的消息</a>。</p>',
        "潮声周报",
    ),
    "a few words in small letters are no name": (
        '<p>It was <a href="https://tide.example/a">this very report</a> that said so.</p>',
        "tide.example",
    ),
    "a link on an outlet's name names it": (
        '<p>It was <a href="https://hgb-online.example/a">The Harbour Gazette</a> that said so.</p>',
        "The Harbour Gazette",
    ),
    "so does one on a Chinese outlet's": (
        '<p>这是<a href="https://hgb-online.example/a">潮声周报</a>的消息。</p>',
        "潮声周报",
    ),
    "and one on an Arabic outlet's": (
        '<p>قالت <a href="https://hgb-online.example/a">صحيفة الساحل</a> ذلك.</p>',
        "صحيفة الساحل",
    ),
    "two letters of a host are found in any text": (
        '<p>At AB the mill <a href="https://ab.example/a">turns</a>.</p>',
        "ab.example",
    ),
    "a link on a sentence does not": (
        '<p>It is said that <a href="https://tide.example/a">The mill has turned for four hundred years</a>.</p>',
        "tide.example",
    ),
    "a name that people know goes before the host": (report("https://www.bbc.co.uk/news/1"), "BBC"),
    "a name is one line": (
        '<p>As The Tide\n<br>Weekly <a href="https://tideweekly.example/a">wrote</a>.</p>',
        "The Tide Weekly",
    ),
    "a name holds nothing that nobody sees": (
        '<p>It was <a href="https://hgb-online.example/a">The \u202eHarbour\u200b Gazette</a> that said so.</p>',
        "The Harbour Gazette",
    ),
}


@pytest.mark.parametrize(("html", "name"), NAMES.values(), ids=NAMES)
def test_a_source_s_name_is_what_people_call_it(html: str, name: str) -> None:
    assert [found for found, _ in sources(html)] == [name]


def test_a_name_is_cut_at_sixty_characters() -> None:
    """Five names have to fit into one line of a card."""
    anchor = "The Extraordinarily-Longwinded-And-Never-Ending Weekly-Gazette-Of-The-Harbour Town-And-Its-People"
    (name,) = (name for name, _ in sources(f'<p>Read <a href="https://tide.example/a">{anchor}</a>.</p>'))
    assert len(name) <= 60
    assert anchor.startswith(name.rstrip("…"))


def test_the_own_house_is_no_source_by_name() -> None:
    """“She told The Ledger” is the paper's way of saying “us”."""
    assert sources("<p>Ida Roe told The Ledger that it turns.</p>") == []


def test_names_alone_are_cut_too() -> None:
    """They stand on the same line."""
    name = f"The {' '.join(['Saltmerehafenzeitungsgesellschaft'] * 3)}"
    ((shown, _),) = sources(f"<p>Ida Roe argued in {name} that it turns.</p>")
    assert len(shown) <= 60


def test_names_alone_are_given_only_where_the_document_has_no_link_at_all() -> None:
    """Where links are left, what is not linked was not cited."""
    html = '<p>Ida Roe argued in The Tide Weekly that it turns.</p><p><a href="/b/">More</a></p>'
    assert sources(html) == []


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
        ("https://a.example/b?id=1&section=2&copy=3&region=4", "https://a.example/b?id=1&section=2&copy=3&region=4"),
        ("https://a.example/b c", "https://a.example/b%20c"),
        ("https://l.facebook.com/l.php?u=javascript:alert(1)", "https://l.facebook.com/l.php?u=javascript:alert(1)"),
        ("ftp://a.example/b", ""),
        ("https://[a/", ""),
        ("//a.example/b", "https://a.example/b"),
        ("https://localhost/b", ""),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.example%2Fb&data=x",
            "https://a.example/b",
        ),
        (
            "https://l.instagram.com/?u=https%3A%2F%2Fl.facebook.com%2Fl.php%3Fu%3Dhttps%253A%252F%252Fa.example%252Fb",
            "https://a.example/b",
        ),
        ("HTTPS://A.example:8080/b#c", "https://a.example:8080/b"),
        ("https://ida@a.example/b", "https://a.example/b"),
        ("https://a.example./b", "https://a.example/b"),
        ("https://a.example:99999/b", ""),
        ("https://a.example/\u202eb", "https://a.example/%E2%80%AEb"),
    ],
)
def test_an_address_is_unwrapped_and_loses_its_trackers(url: str, expected: str) -> None:
    assert canonical(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://news.tide.example/a", "tide.example"),
        ("https://www.tide.co.uk/a", "tide.co.uk"),
        ("https://tide.uk/a", "tide.uk"),
        ("https://tide.co.example/a", "co.example"),
        ("https://[a/", ""),
    ],
)
def test_a_house_is_known_by_the_host_that_it_registered(url: str, expected: str) -> None:
    assert registrable(url) == expected


def test_two_sources_of_one_name_are_told_apart() -> None:
    """A row of buttons that all say the same leaves people to guess."""
    first, second = "https://tidewater-weekly.example/a-letter", "https://tidewater-weekly.example/a-vote"
    told = f'<p>According to <a href="{first}">a letter</a> and <a href="{second}">a report</a>, the board voted twice.</p>'
    names = [source.name for source in card(f"{OPENING}{told}").sources]
    assert names == ["Tidewater Weekly", "Tidewater Weekly (2)"]
