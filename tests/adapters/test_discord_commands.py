"""Slash commands, choices while typing and buttons: what people ask, through discord.py itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.discord import cards, slash
from bot import words
from bot.commands import Desk, commands
from bot.errors import UsageError
from bot.model import Channel, Style
from bot.ports import Asked, Button, Choice, Option, Reply, Shown
from tests.adapters.contract import CARD
from tests.adapters.discord_bench import DiscordBench, Spoken, discord_bench, serving
from tests.farends.discord import BITS, Interaction, Person
from tests.farends.discord.rules import DESCRIPTION, violations

OPTIONS = (
    Option("place", "Where.", required=False, kind="channel"),
    Option("site", "Any page of the site.", completes=True),
    Option("style", "How much.", required=False, choices=("compact", "card")),
    Option("count", "How many.", required=False, kind="number", most=20),
    Option("role", "Whom.", required=False, kind="role"),
    Option("public", "For all.", required=False, kind="flag"),
)
MANAGER, STRANGER = Person(), Person(rights=0)


@pytest.fixture
async def bench() -> AsyncIterator[DiscordBench]:
    async with discord_bench(speed=20) as bench:
        yield bench


@pytest.fixture
def spoken() -> Spoken:
    return Spoken()


@pytest.fixture
async def server(bench: DiscordBench, spoken: Spoken) -> AsyncIterator[DiscordBench]:
    """A bot that offers four commands, all of which are `spoken`."""
    commands = [
        spoken.command("follow", *OPTIONS, manage=True),
        spoken.command("look", *OPTIONS, anywhere=True),
        spoken.command("list"),
    ]
    async with serving(bench, {command.name: command for command in commands}):
        yield bench


async def give(server: DiscordBench, name: str, person: Person = MANAGER, **options: Any) -> Interaction:
    """The command, given and answered."""
    server.far_end.people.person = person
    given = await server.far_end.people.command(name, server.channel.address, **options)
    await given.answer()
    return given


# ------------------------------------------------------------------ how commands are described


def test_each_kind_of_option_is_one_of_discords() -> None:
    (described,) = slash.describe({"follow": Spoken().command("follow", *OPTIONS, manage=True)})
    kinds = {option["name"]: option["type"] for option in described["options"]}
    assert kinds == {"site": 3, "place": 7, "style": 3, "count": 4, "role": 8, "public": 5}
    by_name = {option["name"]: option for option in described["options"]}
    assert described["options"][0] == {
        "name": "site",
        "name_localizations": {"zh-CN": "媒体", "de": "publikation"},
        "description": "Any page of the site.",
        "description_localizations": {},
        "type": 3,
        "required": True,
        "autocomplete": True,
    }
    assert by_name["place"]["channel_types"] == [0, 5, 10, 11, 12, 15]
    assert (by_name["count"]["min_value"], by_name["count"]["max_value"]) == (1, 20)
    assert [choice["value"] for choice in by_name["style"]["choices"]] == ["compact", "card"]


def test_what_manages_is_for_managers_in_servers_and_what_helps_anywhere_goes_along() -> None:
    spoken = Spoken()
    commands = [spoken.command("follow", manage=True), spoken.command("look", anywhere=True), spoken.command("list")]
    described = slash.describe({command.name: command for command in commands})
    assert [one["default_member_permissions"] for one in described] == [16, None, None]
    assert [one["contexts"] for one in described] == [[0], [0, 1, 2], [0]]
    assert [one["integration_types"] for one in described] == [[0], [0, 1], [0]]


def test_descriptions_and_choices_are_told_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"zh-CN": {"How to follow.": "关注。", "card": "卡片"}, "de": {"How to follow.": "Folgen.\n\nKurz."}}
    monkeypatch.setattr(slash, "_", lambda text: said.get(words.spoken(), {}).get(text, text))
    (described,) = slash.describe({"follow": Spoken().command("follow", *OPTIONS)})
    assert described["description"] == "How to follow."
    assert described["description_localizations"] == {"zh-CN": "关注。", "de": "Folgen. Kurz."}
    style = next(option for option in described["options"] if option["name"] == "style")
    assert style["choices"][1] == {"name": "card", "value": "card", "name_localizations": {"zh-CN": "卡片"}}


def test_descriptions_fit_discords_own_description() -> None:
    if not DESCRIPTION.exists():
        pytest.skip("Discord's published description (../shared/discord) is not at hand")
    long = tuple(Option(f"option_{number}", "Words " * 50, required=False) for number in range(25))
    described = slash.describe({"a": replace(Spoken().command("a", *OPTIONS)), "b": Spoken().command("b", *long)})
    assert violations("PUT", "/applications/1/commands", described) == []


# ------------------------------------------------------------------ commands


async def test_a_command_is_put_off_at_once_then_carried_out_and_answered_to_the_asker_alone(
    server: DiscordBench, spoken: Spoken
) -> None:
    person = replace(MANAGER, locale="zh-CN")
    given = await give(server, "look", person, site="news.example", count=3, role="77", public=False, style="card")
    assert given.first == {"type": 5, "data": {"flags": 64}}
    assert spoken.asked == [
        (
            Asked(server.channel, "zh-CN", manages=True),
            {"site": "news.example", "count": "3", "role": "77", "public": "false", "style": "card"},
        )
    ]


async def test_a_public_answer_is_for_everybody(server: DiscordBench) -> None:
    given = await give(server, "look", site="s", public=True)
    assert given.first == {"type": 5}


async def test_text_stays_text_and_its_links_unfold_no_preview(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = Reply("*not bold* @everyone https://news.example/a_b.")
    said = (await give(server, "list")).final
    assert said is not None
    assert said["content"] == "\\*not bold\\* \\@everyone <https://news.example/a_b>."
    assert said["allowed_mentions"] == {"parse": []}


async def test_a_wrong_use_is_answered_with_its_reason(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = UsageError("No such site.")
    given = await give(server, "list")
    assert given.final is not None
    assert given.final["content"] == "No such site."


async def test_a_defect_is_answered_too(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = ZeroDivisionError()
    given = await give(server, "list")
    assert given.final is not None
    assert "unforeseen" in given.final["content"]


async def test_nobody_keeps_the_bot_from_the_others_alone(server: DiscordBench, spoken: Spoken) -> None:
    spoken.free.clear()
    server.far_end.people.person = STRANGER
    first = [await server.far_end.people.command("list", server.channel.address) for _ in range(4)]
    told = await asyncio.wait_for(_first_answer(first), 5)
    assert "still under way" in told
    server.far_end.people.person = replace(STRANGER, id="1000000000000000009")
    other = await server.far_end.people.command("list", server.channel.address)
    while len(spoken.asked) < 4:
        await asyncio.sleep(0.01)
    spoken.free.set()
    assert [(await one.answer())["content"] for one in (*first, other)].count("Done.") == 4
    assert (await give(server, "list", STRANGER)).final == other.final


async def test_a_flood_is_answered_in_part(
    server: DiscordBench, spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.interactions.AT_ONCE", 2)
    spoken.free.clear()
    for number in range(3):
        server.far_end.people.person = replace(STRANGER, id=f"100000000000000010{number}")
        given = await server.far_end.people.command("list", server.channel.address)
        while number < 2 and len(spoken.asked) <= number:
            await asyncio.sleep(0.01)
    assert "Too many commands" in (await given.answer())["content"]
    spoken.free.set()


async def _first_answer(given: list[Interaction]) -> str:
    while not any(one.final for one in given):
        await asyncio.sleep(0.01)
    return next(str(one.final["content"]) for one in given if one.final)


async def test_what_comes_too_late_is_not_carried_out(server: DiscordBench, spoken: Spoken) -> None:
    server.far_end.people.deadline = 0.0
    given = await server.far_end.people.command("list", server.channel.address)
    while not any(request["path"].endswith("/callback") for request in server.far_end.world.requests):
        await asyncio.sleep(0.01)
    server.far_end.people.deadline = 3.0
    await give(server, "list")
    assert given.final is None
    assert len(spoken.asked) == 1


async def test_a_command_that_discord_still_shows_is_answered_kindly(server: DiscordBench, spoken: Spoken) -> None:
    server.far_end.world.commands.append({"id": "9", "name": "gone", "options": []})
    given = await give(server, "gone")
    assert given.final is not None
    assert "reload Discord" in given.final["content"]
    assert spoken.asked == []


async def test_in_a_direct_message_nobody_manages(server: DiscordBench, spoken: Spoken) -> None:
    direct = server.far_end.world.add_channel("direct", kind=1)
    server.far_end.people.person = replace(MANAGER, installed="person")
    given = await server.far_end.people.command("look", direct, site="s")
    await given.answer()
    assert spoken.asked[0][0] == Asked(Channel("discord", direct), "en-US", manages=False)


# ------------------------------------------------------------------ who manages


@pytest.mark.parametrize(
    ("command", "rights", "manages"),
    [
        ("look", 0, False),
        ("look", BITS["SEND_MESSAGES"], False),
        ("look", BITS["MANAGE_CHANNELS"], True),
        ("look", BITS["ADMINISTRATOR"], True),
        ("follow", 0, True),  # the server itself lets them: Discord would not have offered it
    ],
)
async def test_who_manages_the_channel(
    server: DiscordBench, spoken: Spoken, command: str, rights: int, manages: bool
) -> None:
    await give(server, command, Person(rights=rights), site="s")
    assert spoken.asked[0][0].manages is manages


async def test_who_does_not_manage_is_told_the_right_that_they_lack_and_where(
    server: DiscordBench, spoken: Spoken
) -> None:
    other = server.far_end.world.add_channel("other")
    await give(server, "look", Person(rights=0, there={other: 0}), site="s", place=other)
    assert spoken.asked[0][0].needs() == (
        f"That needs Manage Channels in this channel. That needs Manage Channels in discord:{other}."
    )
    await give(server, "look", MANAGER, site="s")
    assert spoken.asked[1][0].needs() == ""


@pytest.mark.parametrize("there", [0, BITS["MANAGE_CHANNELS"]])
@pytest.mark.parametrize("command", ["look", "follow"])
async def test_who_names_another_channel_must_manage_that_one_too(
    server: DiscordBench, spoken: Spoken, command: str, there: int
) -> None:
    other = server.far_end.world.add_channel("other")
    await give(server, command, Person(there={other: there}), site="s", place=other)
    assert spoken.asked == [(Asked(server.channel, "en-US", bool(there)), {"site": "s", "place": f"discord:{other}"})]


@pytest.mark.parametrize(
    ("rights", "mentionable", "allowed"),
    [(16, False, False), (16, True, True), (16 | BITS["MENTION_EVERYONE"], False, True), (8, False, True)],
)
async def test_who_may_not_mention_a_role_cannot_have_the_bot_do_so(
    server: DiscordBench, spoken: Spoken, rights: int, mentionable: bool, allowed: bool
) -> None:
    server.far_end.world.mentionable = {"77"} if mentionable else set()
    given = await give(server, "follow", Person(rights=rights), site="s", role="77")
    assert bool(spoken.asked) is allowed
    assert given.final is not None
    assert ("may not mention" in given.final["content"]) is not allowed


# ------------------------------------------------------------------ choices while typing


async def typing(server: DiscordBench) -> list[dict[str, str]]:
    given = await server.far_end.people.complete("look", server.channel.address, "site", "riv", public=True)
    assert given.kind == 4
    choices: list[dict[str, str]] = (await given.answer())["choices"]
    return choices


async def test_choices_are_offered_for_what_is_typed(server: DiscordBench, spoken: Spoken) -> None:
    spoken.choices = [Choice("River News", "https://river.example")]
    server.far_end.people.person = replace(STRANGER, locale="de")
    assert await typing(server) == [{"name": "River News", "value": "https://river.example"}]
    assert spoken.typed == [(Asked(server.channel, "de", manages=False), "site", "riv")]


async def test_choices_keep_discords_limits(server: DiscordBench, spoken: Spoken) -> None:
    spoken.choices = [Choice("Too long a value", "x" * 101), Choice("", "no label"), Choice("🔷" * 99, "long label")]
    spoken.choices += [Choice(str(number), str(number)) for number in range(50)]
    offered = await typing(server)
    assert len(offered) == 25
    assert [choice["value"] for choice in offered[:3]] == ["no label", "long label", "0"]
    assert offered[1]["name"] == "🔷" * 49 + "…"


async def test_choices_that_come_late_are_none(server: DiscordBench, spoken: Spoken) -> None:
    spoken.choices, spoken.pause = [Choice("Late", "late")], 30
    started = asyncio.get_running_loop().time()
    assert await typing(server) == []
    assert asyncio.get_running_loop().time() - started < 2.5


async def test_a_defect_offers_nothing(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = ZeroDivisionError()
    assert await typing(server) == []


# ------------------------------------------------------------------ cards and buttons


async def test_one_card_is_shown_as_it_is_posted(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = Reply("", (Shown(CARD, Style.CARD),))
    said = (await give(server, "list")).final
    assert said is not None
    assert said["content"] == ""
    (embed,) = said["embeds"]
    assert embed["title"] == CARD.title
    assert embed["image"]["description"] == "A swing bridge, half open"
    assert [button["label"] for button in said["components"][0]["components"]] == ["Read the article", "Port Authority"]


async def test_a_cards_own_words_are_in_the_replys_language(
    server: DiscordBench, spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cards, "_", lambda text: f"{words.spoken()}: {text}")
    spoken.reply = Reply("", (Shown(CARD, Style.CARD),), language="zh-CN")
    said = (await give(server, "list", replace(MANAGER, locale="de"))).final
    assert said is not None
    assert said["components"][0]["components"][0]["label"] == "zh-CN: Read the article"


async def test_an_excuse_is_in_the_askers_language(
    server: DiscordBench, spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.discord.interactions._", lambda text: f"{words.spoken()}: {text}")
    spoken.reply = ZeroDivisionError()
    said = (await give(server, "list", replace(MANAGER, locale="de"))).final
    assert said is not None
    assert said["content"].startswith("de\\: Something unforeseen")


async def test_several_cards_share_messages_as_far_as_they_fit(server: DiscordBench, spoken: Spoken) -> None:
    long = replace(CARD, lead="A long lead. " * 100, quote=None)
    spoken.reply = Reply("Three of them.", (Shown(long, Style.FULL),) * 5)
    given = await give(server, "list")
    await give(server, "list")  # by then all of the first has been said
    assert given.final is not None
    assert [len(message["embeds"]) for message in (given.final, *given.followups)] == [4, 1]
    assert given.final["components"] == []
    assert [message["flags"] for message in given.followups] == [64]


async def test_too_many_cards_become_compact_ones(server: DiscordBench, spoken: Spoken) -> None:
    long = replace(CARD, lead="A long lead. " * 200, quote=replace(CARD.quote, text="Long words. " * 200))  # type: ignore[type-var]
    spoken.reply = Reply("Twenty.", (Shown(long, Style.FULL),) * 20)
    given = await give(server, "look", replace(MANAGER, installed="person"), site="s")
    await give(server, "list")
    assert given.final is not None
    assert sum(len(message["embeds"]) for message in (given.final, *given.followups)) == 20


PAGE_2 = Button("Next", "list", {"page": "2"})


async def test_a_button_turns_the_page_of_the_answer_it_stands_on(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = Reply("Page 1", buttons=((PAGE_2,),))
    first = await give(server, "list")
    spoken.reply = Reply("Page 2", buttons=((Button("Back", "list", {"page": "1"}),),))
    pressed = await server.far_end.people.press(first, "Next")
    assert (await pressed.answer())["content"] == "Page 2"
    assert pressed.first == {"type": 6}
    assert first.original is not None
    assert first.original["content"] == "Page 2"
    assert spoken.asked[1] == (Asked(server.channel, "en-US", manages=True), {"page": "2"})


async def test_buttons_outlive_a_restart(bench: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = Reply("Page 1", buttons=((PAGE_2,),))
    commands = {"list": spoken.command("list")}
    async with serving(bench, commands):
        first = await give(bench, "list")
    again = bench.restarted()
    async with serving(bench, commands, again, sessions=2):
        await (await bench.far_end.people.press(first, "Next")).answer()
    await again.close()
    assert spoken.asked[1][1] == {"page": "2"}


async def test_a_press_has_the_rights_of_who_presses(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = Reply("One.", buttons=((Button("Pause", "follow", {"site": "s"}),),))
    first = await give(server, "list")
    server.far_end.people.person = STRANGER
    await (await server.far_end.people.press(first, "Pause")).answer()
    assert [asked.manages for asked, _given in spoken.asked] == [True, False]


@pytest.mark.parametrize("rights", [0, BITS["MANAGE_CHANNELS"]])
async def test_a_press_for_another_channel_needs_the_rights_there(
    bench: DiscordBench, spoken: Spoken, rights: int
) -> None:
    other = bench.far_end.world.add_channel("other")
    bench.far_end.world.role_permissions = BITS["VIEW_CHANNEL"] | rights
    button = Button("Pause", "follow", {"site": "s", "place": f"discord:{other}"})
    spoken.reply = Reply("One.", buttons=((button,),))
    commands = [spoken.command("list"), spoken.command("follow", *OPTIONS, manage=True)]
    async with serving(bench, {command.name: command for command in commands}) as told:
        await told.next()
        first = await give(bench, "list")
        await (await bench.far_end.people.press(first, "Pause")).answer()
    assert spoken.asked[1][0].manages is bool(rights)


async def test_an_excuse_leaves_the_answer_as_it_is(server: DiscordBench, spoken: Spoken) -> None:
    spoken.reply = Reply("One.", buttons=((PAGE_2,),))
    first = await give(server, "list")
    spoken.reply = UsageError("Not for you.")
    pressed = await server.far_end.people.press(first, "Next")
    heard = await pressed.heard()
    assert (heard["content"], heard["flags"]) == ("Not for you.", 64)
    assert first.original is not None
    assert first.original["content"] == "One."


@pytest.mark.parametrize("ident", ["pq:gone?page=2", "pq:", "somebody:else", "pq:gone"])
async def test_a_button_of_another_time_is_answered_kindly(server: DiscordBench, spoken: Spoken, ident: str) -> None:
    first = await give(server, "list")
    heard = await (await server.far_end.people.press_id(first, ident)).heard()
    assert "earlier version" in heard["content"]
    assert len(spoken.asked) == 1


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("de", ["/suche wörter:card", "/artikel adresse:card umfang:normal"]),
        ("zh-CN", ["/搜索 关键词:card", "/文章 网址:card 样式:标准"]),
        ("fr", ["/search words:card", "/article url:card style:card"]),
    ],
)
def test_a_command_is_written_by_the_names_that_its_reader_sees(locale: str, written: list[str]) -> None:
    known = commands(Desk.__new__(Desk))
    given = [("search", {"words": "card"}), ("article", {"url": "card", "style": "card"})]
    assert [slash.typed(name, options, locale, known) for name, options in given] == written


def test_every_name_of_a_command_or_an_option_is_one_that_discord_takes_and_stands_once() -> None:
    described = slash.describe(commands(Desk.__new__(Desk)))
    for language in ("de", "zh-CN"):
        for among in (described, *(one["options"] for one in described)):
            names = [one["name_localizations"].get(language, one["name"]) for one in among]
            assert len(set(names)) == len(names)
            assert all(name == name.lower() and len(name) <= 32 and " " not in name for name in names)


def test_options_and_choices_are_named_in_the_readers_language_and_known_by_their_own_names() -> None:
    described = {one["name"]: one for one in slash.describe(commands(Desk.__new__(Desk)))}
    notify = next(option for option in described["settings"]["options"] if option["name"] == "notify")
    assert notify["name_localizations"] == {"zh-CN": "提示音", "de": "ton"}
    assert notify["choices"][1] == {
        "name": "silent",
        "value": "silent",
        "name_localizations": {"zh-CN": "静音", "de": "stumm"},
    }
    assert slash.arguments({"options": [{"name": "notify", "type": 3, "value": "silent"}]}) == {"notify": "silent"}


async def test_the_asker_is_told_options_by_the_names_that_they_see(server: DiscordBench, spoken: Spoken) -> None:
    await give(server, "list", replace(MANAGER, locale="de"))
    asked = spoken.asked[0][0]
    assert [asked.word(one) for one in ("notify", "silent", "https://x.example")] == [
        "ton",
        "stumm",
        "https://x.example",
    ]
