"""The bot's own words: every one of them is in the catalogues, and in each language complete."""

from __future__ import annotations

import ast
import asyncio
import re
import string
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import Desk, commands
from bot.words import LANGUAGES, _, choose, correction, listed, ngettext, not_shown, speaking, spoken
from docs import words

ROOT = Path(__file__).parents[1]
TRANSLATED = LANGUAGES[1:]
ANEW = "the catalogues are not what the code says now: run `make words`, translate what it names, and run it again"


def catalogue(language: str) -> words.Words:
    return words.translated(words.template(), language, words.file(language, "po").read_text("utf-8"))


def pairs(language: str) -> Iterator[tuple[str, str]]:
    """Each form of a text's translation, with the text in its fullest form: a count may be left to "one" alone."""
    for one in filter(lambda one: one.id, catalogue(language)):
        yield from ((words.forms(one.id)[-1], said) for said in words.forms(one.string))


# The catalogues


def test_the_template_is_what_the_code_says_now() -> None:
    assert words.TEMPLATE.read_text("utf-8") == words.po(words.template()), ANEW


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_holds_the_templates_texts_and_no_others(language: str) -> None:
    assert words.file(language, "po").read_text("utf-8") == words.po(catalogue(language)), ANEW


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_gettext_reads_is_made_of_what_people_translate(language: str) -> None:
    assert words.file(language, "mo").read_bytes() == words.mo(catalogue(language)), ANEW


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_left_untranslated_or_in_doubt(language: str) -> None:
    assert words.missing(catalogue(language)) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_in_what_the_text_fills_in(language: str) -> None:
    assert [(text, said) for text, said in pairs(language) if fields(text) != fields(said)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_lines_of_the_text(language: str) -> None:
    assert [(text, said) for text, said in pairs(language) if text.count("\n") != said.count("\n")] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_discord_shows_the_whole_help_of_a_command_and_its_options(language: str) -> None:
    with speaking(language):
        described = commands(Desk.__new__(Desk)).values()
        helps = [_(text) for one in described for text in (one.help, *(option.help for option in one.options))]
    assert [text for text in helps if len(text.encode("utf-16-le")) // 2 > 100] == []


def test_older_catalogues_give_what_is_not_translated_yet() -> None:
    new = words.Words(fuzzy=False)
    new.add("New")
    new.add(("{count} day", "{count} days"))
    ours = 'msgid "New"\nmsgstr "Neu"\n\nmsgid "Gone"\nmsgstr "Fort"\n'
    theirs = 'msgid "New"\nmsgstr "Anders"\n\nmsgid "{count} day"\nmsgstr "Tag"\n'
    made = words.translated(new, "de", ours, theirs)
    assert [(one.id, one.string) for one in made if one.id] == [
        ("New", "Neu"),
        (("{count} day", "{count} days"), ("", "")),
    ]


def test_a_wheel_brings_the_catalogues_along(tmp_path: Path) -> None:
    build = f"import hatchling.build as build; print(build.build_wheel({str(tmp_path)!r}))"
    subprocess.run([sys.executable, "-c", build], cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    held = set(ZipFile(wheel).namelist())
    assert {words.file(language, "mo").relative_to(ROOT).as_posix() for language in TRANSLATED} <= held


# What is said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Corrected 14:05: headline changed, quote added"),
        ("de", "Korrigiert 14:05: Überschrift geändert, Zitat ergänzt"),
        ("zh-CN", "14:05 更正：标题已修改，已补充引语"),
    ],
)
def test_a_correction_is_told_in_the_language_spoken(language: str, said: str) -> None:
    with speaking(language):
        assert correction(listed([_("headline changed"), _("quote added")]), "14:05") == said


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [
        ("en", "1 card waits", "2 cards wait"),
        ("de", "1 Karte wartet", "2 Karten warten"),
        ("zh-CN", "1 张卡片待发", "2 张卡片待发"),
    ],
)
def test_a_count_takes_its_form(language: str, one: str, two: str) -> None:
    with speaking(language):
        assert [ngettext("{count} card waits", "{count} cards wait", count) for count in (1, 2)] == [one, two]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_said_is_nothing_in_every_language(language: str) -> None:
    with speaking(language):
        assert (_(""), not_shown(0), listed([])) == ("", "", "")


# Which language


WISHES = st.sampled_from(
    ["", "en", "en-GB", "zh", "zh-CN", "zh_Hans_SG", "ZH-tw", "de", "de-AT", "fr", "nl", "x", "-", "é"]
)
SPOKEN, UNSPOKEN = (
    st.sampled_from(["en-US", "zh-Hant", "de_CH"]),
    st.sampled_from(["", "fr", "pt-BR", "d", "deu", "-de", "e n"]),
)


@given(st.lists(WISHES))
def test_whatever_is_wished_a_language_of_the_bots_is_chosen(wishes: list[str]) -> None:
    assert choose(*wishes) in LANGUAGES


@given(st.lists(st.text()))
def test_so_it_is_for_wishes_that_are_no_tags(wishes: list[str]) -> None:
    assert choose(*wishes) in LANGUAGES


@given(st.lists(UNSPOKEN), SPOKEN, st.lists(WISHES))
def test_the_first_wish_that_can_be_met_is_met(before: list[str], wish: str, after: list[str]) -> None:
    assert choose(*before, wish, *after) == choose(wish)


@given(st.lists(UNSPOKEN))
def test_where_no_wish_can_be_met_it_is_english(wishes: list[str]) -> None:
    assert choose(*wishes) == "en"


@given(st.lists(WISHES))
def test_what_was_chosen_is_chosen_again(wishes: list[str]) -> None:
    assert choose(choose(*wishes), *wishes) == choose(*wishes)


@given(SPOKEN)
def test_neither_case_nor_the_sign_between_the_parts_of_a_tag_matters(tag: str) -> None:
    assert choose(tag) == choose(tag.upper().replace("-", "_")) == choose(tag.lower().replace("_", "-"))


@given(st.lists(st.sampled_from(LANGUAGES), max_size=6))
def test_a_language_within_a_language_ends_with_its_block(languages: list[str]) -> None:
    def nest(rest: list[str]) -> None:
        before = spoken()
        if rest:
            with speaking(rest[0]):
                nest(rest[1:])
                assert spoken() == rest[0]
        assert spoken() == before

    nest(languages)


def test_a_language_ends_with_its_block_when_that_fails() -> None:
    with pytest.raises(KeyError), speaking("de"):
        raise KeyError
    assert spoken() == "en"


async def test_tasks_at_the_same_time_speak_each_their_own_language() -> None:
    async def say(language: str) -> list[str]:
        with speaking(language):
            heard = []
            for _turn in range(3):
                await asyncio.sleep(0)
                heard.append(_("New"))
            return heard

    assert await asyncio.gather(*map(say, LANGUAGES)) == [["New"] * 3, ["新文章"] * 3, ["Neu"] * 3]
    assert spoken() == "en"


async def test_a_task_speaks_the_language_in_which_it_was_begun() -> None:
    async def say() -> str:
        await asyncio.sleep(0)
        return _("New")

    with speaking("de"):
        task = asyncio.create_task(say())
    assert await task == "Neu"


# Nothing is said past the catalogues
#
# Where the bot speaks to people, every literal that reads as a text stands in `_`, `ngettext` or `N_`. What reads as a
# text: two words with a space between them, or one word that begins as a sentence does. What does not: docstrings,
# keys, markup.

SPEAKING = (
    "bot/commands",
    "bot/sources",
    "bot/fetch.py",
    "bot/poller.py",
    "bot/filters.py",
    "bot/cards/changes.py",
    "bot/words.py",
    "bot/page.py",
    "bot/web",
    "bot/demo/show.py",
    "adapters",
)
READS = re.compile(r"[^\W\d_]{2,}\s+[^\W\d_]{2,}|^\W*[A-Z][a-z]{3,}(?![-\w])")
MARKUP = re.compile(r"</?[a-z!]|data:|^\.\w+ \{")
NAMES = {"Pullquote"}

STORED = "kept in the database or logged, for readers of any language: English (docs/decisions.md)"
OPERATOR = "for who runs the bot, at its start or in its log: English (docs/decisions.md)"
NOT_SAID = {
    **dict.fromkeys(["log.debug", "log.info", "log.warning", "log.error", "log.exception"], OPERATOR),
    **dict.fromkeys(["Field", "SettingsError", "wrong.append"], OPERATOR),
    **dict.fromkeys(["TryLater", "Refused", "Vanished", "CannotLook", "CannotLogIn", "Limited", "Unreadable"], STORED),
    **dict.fromkeys(["call", "ask", "_ask", "_try", "_id"], "what was being done, the first words of such an error"),
    **dict.fromkeys(["TypeVar", "filterwarnings", "Fragment", "SampleSite"], "a name or a pattern"),
}
"""Texts handed to these are not said in a chat."""

EXCUSED = {
    "adapters/matrix/connection.py:_is_synapse": "what a homeserver calls itself",
    "bot/commands/telling.py:EXAMPLES": "what is typed, in every language alike",
    "adapters/console.py:_print": "names of the terminal's colours",
    "adapters/discord/gateway.py:REFUSED_FOR_GOOD": OPERATOR,
    "adapters/discord/settings.py:wrong": OPERATOR,
    "adapters/discord/permissions.py:missing": "Discord's own names of rights, looked up in a table",
    "adapters/discord/permissions.py:no_threads": "Discord's own name of a right",
    "adapters/discord/interactions.py:_forbidden": "Discord's own name of a right",
    "adapters/matrix/tenancy.py:invited": OPERATOR,
    "adapters/matrix/answers.py:refusal": "what was being done, the first words of an error",
    "adapters/matrix/page.py:page": "names of style classes",
    **dict.fromkeys(
        [f"adapters/matrix/words.py:{name}" for name in ("ADDRESSED", "MENTIONED", "OVERHEARD")],
        "how a message was meant for the bot: told to the code, not to people",
    ),
    "bot/filters.py:_DRESS": "names of HTML elements",
    **dict.fromkeys(
        [
            f"bot/sources/document.py:{name}"
            for name in ("_decode", "_say_around", "_parse", "_post", "_without_surrogates")
        ],
        "what was mended in a document, for a log",
    ),
    "bot/sources/document.py:_PROTECTED": "a pattern",
    **dict.fromkeys(
        ["bot/fetch.py:_next", "bot/fetch.py:clock", "bot/sources/discover.py:look_at", "bot/web/hubs.py:_in_headers"],
        "names of headers",
    ),
    "bot/fetch.py:_socket": "told to the code, not to people",
}
"""Modules, or names in them, with texts that need no translation, and why."""


def modules() -> list[Path]:
    found = [ROOT / name for name in SPEAKING]
    return sorted(file for one in found for file in ([one] if one.is_file() else one.rglob("*.py")))


def test_no_text_for_people_goes_past_the_catalogues() -> None:
    past = [f"{place}: {text!r}" for file in modules() for place, text in unmarked(file) if not excuse(place)]
    assert past == [], "put these into `_`, `ngettext` or `N_`, or say in EXCUSED why not"


def test_no_excuse_outlives_its_text() -> None:
    used = {excuse(place) for file in modules() for place, _text in unmarked(file)}
    assert sorted(EXCUSED.keys() - used) == [], "these need no excuse any more: take them out of EXCUSED"


@pytest.mark.parametrize("file", modules(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_what_is_marked_can_be_gathered(file: Path) -> None:
    """Only a literal can: no f-string, no sum, and no name but one that says it holds a help, marked elsewhere."""
    code = ast.parse(file.read_text("utf-8"))
    marks = [one for one in ast.walk(code) if isinstance(one, ast.Call) and name_of(one.func) in words.SAYS]
    given = [argument for one in marks for argument in one.args[: words.SAYS[name_of(one.func)]]]
    odd = [ast.unparse(one) for one in given if not isinstance(one, ast.Constant | ast.Name | ast.Attribute)]
    assert odd == []


@pytest.mark.parametrize("file", modules(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_where_texts_are_marked_the_mark_means_nothing_else(file: Path) -> None:
    """`for _ in …` would make `_(…)` fail in the same function."""
    code = ast.parse(file.read_text("utf-8"))
    functions = [one for one in ast.walk(code) if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)]
    both = [one.name for one in functions if {ast.Store, ast.Load} <= {type(name.ctx) for name in uses(one)}]
    assert both == []


def uses(function: ast.AST) -> Iterator[ast.Name]:
    return (one for one in ast.walk(function) if isinstance(one, ast.Name) and one.id == "_")


def unmarked(file: Path) -> Iterator[tuple[str, str]]:
    """Each literal that reads as a text and is not marked: where (`module:name`), and what it is."""
    code = ast.parse(file.read_text("utf-8"))
    above = {child: node for node in ast.walk(code) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(code):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and reads_as_text(node.value):
            path = [node, *ancestors(node, above)]
            if not is_key(path) and not handed_to(path) & (NOT_SAID.keys() | words.SAYS.keys()):
                yield f"{file.relative_to(ROOT).as_posix()}:{named(path)}", node.value


def ancestors(node: ast.AST, above: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while node in above:
        node = above[node]
        yield node


def reads_as_text(value: str) -> bool:
    return bool(READS.search(value)) and not MARKUP.search(value) and value.strip() not in NAMES


def is_key(path: list[ast.AST]) -> bool:
    """A docstring, a key, or a name in `__all__`."""
    node, parent = path[0], path[1]
    return (
        isinstance(parent, ast.Expr | ast.Subscript)
        or (isinstance(parent, ast.Dict) and node in parent.keys)
        or named(path) in {"__all__", "__repr__"}
    )


def handed_to(path: list[ast.AST]) -> set[str]:
    """What calls a literal is an argument of, near or far, within its statement."""
    calls: set[str] = set()
    for inner, outer in pairwise(path):
        if isinstance(outer, ast.stmt):
            break
        if isinstance(outer, ast.Call) and inner is not outer.func:
            calls |= {name_of(outer.func), ast.unparse(outer.func)}
    return calls


def name_of(function: ast.AST) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def named(path: list[ast.AST]) -> str:
    """The function around a node, else the name that is given what it stands in."""
    for node in path:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            return node.name
    for node in path:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                return name
    return ""


def excuse(place: str) -> str:
    """The excuse that fits a place; "" for none."""
    return next((one for one in (place, place.partition(":")[0]) if one in EXCUSED), "")


def fields(text: str) -> Counter[str]:
    return Counter(name for _text, name, _spec, _conversion in string.Formatter().parse(text) if name is not None)
