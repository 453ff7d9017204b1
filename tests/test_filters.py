"""What a channel asks for: how it is written, what it finds in an article, and how it decides."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UsageError
from bot.filters import LONGEST_TERM, MOST_TERMS, Filters, Kind, Term, fold, parse
from bot.model import Article

NAMES = st.text(st.sampled_from("aBß字ü ,،\"'-:\u200d"), max_size=6)
ARTICLES = st.builds(
    Article,
    id=st.just(1),
    url=st.just("https://ledger.example/1/"),
    title=NAMES,
    html=st.lists(NAMES | st.sampled_from(["<p>", "</p>", "<b", ">", "&amp;", "<!--", "<script>"])).map("".join),
    author=NAMES,
    categories=st.lists(NAMES, max_size=3).map(tuple),
    tags=st.lists(NAMES, max_size=3).map(tuple),
)


def readable(text: str) -> bool:
    try:
        return bool(parse(text))
    except UsageError:
        return False


TEXTS = st.builds("{}{}".format, st.sampled_from(["", "tag:", "Author：", "words:", "category :"]), NAMES)
TERMS = TEXTS.filter(readable).map(lambda text: parse(text)[0])
SIDES = st.lists(TERMS, max_size=3).map(tuple)


def article(text: str = "", title: str = "") -> Article:
    return Article(1, "https://ledger.example/1/", title, f"<p>{text}</p>")


def finds(term: str, told: Article) -> bool:
    return Filters(include=parse(term)).verdict(told).wanted


@given(TERMS)
def test_a_term_is_written_as_it_is_read(term: Term) -> None:
    assert Term.parse(str(term)) == term


@given(SIDES, SIDES)
def test_filters_come_back_from_the_database_as_they_went(include: tuple[Term, ...], exclude: tuple[Term, ...]) -> None:
    filters = Filters(include, exclude)
    assert Filters.loads(filters.dumps()) == filters


@given(st.text().filter(readable))
def test_any_text_that_is_terms_stays_the_same_terms(text: str) -> None:
    terms = parse(text)
    assert parse(", ".join(map(str, terms))) == terms


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("rent control", Term(Kind.WORDS, "rent control")),
        ("“rent  control”", Term(Kind.WORDS, "rent control")),
        ("Category: Arts ", Term(Kind.CATEGORY, "Arts")),
        ("ＴＡＧ：港口", Term(Kind.TAG, "港口")),
        ("words:tag:x", Term(Kind.WORDS, "tag:x")),
        ("words:tag:", Term(Kind.WORDS, "tag:")),
        ("words:tag", Term(Kind.WORDS, "tag")),
        ("http://a.example", Term(Kind.WORDS, "http://a.example")),
    ],
)
def test_a_term_names_its_kind_or_is_words(text: str, term: Term) -> None:
    assert parse(text) == (term,)
    assert parse(str(term)) == (term,)


def test_terms_stand_between_commas_of_any_keyboard_and_none_twice() -> None:
    assert [str(term) for term in parse("a, tag:b，c、a,,")] == ["a", "tag:b", "c"]


@pytest.mark.parametrize("text", ["tag:", 'a, ""', "tag: \u200b", "x" * (LONGEST_TERM + 1)])
def test_what_is_no_term_is_refused_in_words(text: str) -> None:
    with pytest.raises(UsageError, match="is no filter: write category:NAME"):
        parse(text)


def test_too_many_terms_are_refused_in_words() -> None:
    assert len(parse(",".join(f"a{number}" for number in range(MOST_TERMS)))) == MOST_TERMS
    with pytest.raises(UsageError, match="50 terms"):
        parse(",".join(f"a{number}" for number in range(MOST_TERMS + 1)))


@given(ARTICLES, SIDES, SIDES)
def test_neither_the_order_of_terms_nor_how_often_they_stand_decides(
    told: Article, include: tuple[Term, ...], exclude: tuple[Term, ...]
) -> None:
    wanted = Filters(include, exclude).verdict(told).wanted
    mixed = Filters(tuple(reversed(include * 2)), tuple(reversed(exclude * 2)))
    assert mixed.verdict(told).wanted is wanted


@given(ARTICLES, SIDES, SIDES)
def test_exclusion_wins_and_a_verdict_names_the_term_that_decided(
    told: Article, include: tuple[Term, ...], exclude: tuple[Term, ...]
) -> None:
    borne = [term for term in (*include, *exclude) if Filters((term,)).verdict(told)]
    verdict = Filters(include, exclude).verdict(told)
    assert verdict.wanted is (not set(borne) & set(exclude) and (not include or bool(set(borne) & set(include))))
    if verdict.because:
        assert verdict.because in borne
        assert verdict.because in (include if verdict.wanted else exclude)
    else:
        assert not borne


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("art", "The art of it."),
        ("Bürger", "Alle BÜRGER gehen."),
        ("STRASSE", "Die Straße ist lang."),
        ("Ａｒｔ", "modern art"),
        ("art", "modern Ａｒｔ."),
        ("e\u0301te", "en \u00e9te"),
        ("rent control", "Rent\n <b>control</b> now"),
        ("rent control", "rent&nbsp;control"),
        ("don't", "They don’t say"),
        ("don’t", "They don't say"),
        ("mid-term", "a mid‑term vote"),
        ("AT&T", "at AT&amp;T today"),
        ("<b>", "write &lt;b&gt; here"),
        ("Bürgermeister", "der Bürger&shy;meister"),
        ("The", '<span class="cap">T</span>he first'),
        ("港口", "云海港口的灯灭了"),
        ("AI", "使用AI技术"),
        ("東京", "今日は東京都で"),
        ("カード", "ｶｰﾄﾞの話"),
        ("葛城", "葛\U000e0100城市"),
        ("ทะเล", "ชาวทะเลไทย"),
        ("서울", "서울 시장"),
        ("राम", "यह राम है"),
    ],
)
def test_words_are_found_however_they_are_written(term: str, text: str) -> None:
    assert finds(term, article(text))
    assert finds(term, article(title=text) if "&" not in text and "<" not in text else article(text))


@pytest.mark.parametrize(
    ("term", "text"),
    [
        ("art", "The party starts"),
        ("art", "art2 _ artful"),
        ("Bürger", "Bürgermeister"),
        ("rent control", "rent, and control"),
        ("rent control", "rent controls"),
        ("control rent", "rent control"),
        ("e", "\u00e9"),
        ("서울", "서울에서"),
        ("राम", "रामायण"),
        ("港口", "港 <p>说</p> 口"),
        ("strong", "<strong>so</strong>"),
        ("secret", "<script>secret</script><style>secret</style><!-- secret --><img alt='secret'>"),
        ("one two", "one</p><p>"),
    ],
)
def test_words_are_not_found_in_parts_of_others_nor_in_markup(term: str, text: str) -> None:
    assert not finds(term, article(text))


def test_words_do_not_run_from_the_title_into_the_text() -> None:
    assert not finds("bridge opens", article("opens", title="The bridge"))
    assert not finds("大桥", article("桥", title="大"))


def test_names_are_compared_whole_and_each_with_its_own_kind() -> None:
    told = replace(article("Ann Bold"), categories=("Arts, Books &c",), tags=("Rust",), author="Ann Lee, Bo Ek")
    for term in ("category:arts books &c", "tag:RUST", "author:ann  lee", "author:Bo Ek", "words:bold"):
        assert finds(term, told), term
    for term in ("category:Arts", "tag:Ann Lee", "author:Ann", "author:Bo", "category:Rust", "tag:bold", "rust"):
        assert not finds(term, told), term


@given(st.text())
def test_what_is_compared_is_compared_alike_twice(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "pattern",
    ["<", "<script>", "<!--", "<script </script", "<a ", "a", "ab" * 30 + " ", "東", "&", "&#", "\u0301", "a b "],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(pattern: str) -> None:
    terms = tuple(Term.parse("a" * 40 + chr(98 + number % 20) + "a" * (40 + number // 20)) for number in range(50))
    filters = Filters(exclude=terms)

    def work(size: int) -> float:
        told = article(pattern * (size // len(pattern)))
        begun = time.process_time()
        assert filters.verdict(told).wanted
        return time.process_time() - begun

    # Processor time, which a busy machine does not stretch; were the work quadratic, it would be 256 times as much.
    assert work(256_000) < 16 * 5 * max(min(work(16_000) for _ in range(3)), 0.001)
