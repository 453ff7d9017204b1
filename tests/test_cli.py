"""The command line as people use it: what it prints and with which status it ends."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from bot.demo.site import SampleSite
from tests.adapters.discord_bench import discord_far_end
from tests.real.postgres import Server
from tests.rig.bot import Bot, settings

ROOT = Path(__file__).parents[1]
SEED = ROOT.parent / "shared" / "seed" / "000_90ec0177be3c75fe.txt"
LEAD = "The bridge over the estuary opened on Monday morning, nine weeks later than the council had promised."
POST = {"title": {"rendered": "The &#8220;long&#8221; bridge"}, "content": {"rendered": f"<p>{LEAD}</p>"}}


def pullquote(*words: str | Path, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PULLQUOTE_")}
    return subprocess.run(
        [sys.executable, "-m", "bot", *map(str, words)],
        env=own | {"PYTHONPATH": str(ROOT), "PULLQUOTE_DATA_DIR": str(folder / "data")} | settings,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
async def site() -> AsyncIterator[SampleSite]:
    async with SampleSite(name="The Harbour Ledger") as opened:
        yield opened


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    given = {
        "PULLQUOTE_ALLOW_PRIVATE_NETWORKS": "true",
        "PULLQUOTE_POLL_INTERVAL": "0.3",
        "PULLQUOTE_POLL_INTERVAL_LONGEST": "0.3",
    }
    async with Bot(tmp_path, given) as made:
        yield made


def test_each_file_gives_one_card_on_one_line_in_order(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text(json.dumps(POST | {"id": 1, "link": f"https://ledger.example/{name}/"}))
    done = pullquote("card", "b", "a", folder=tmp_path)
    assert done.returncode == 0
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["url"] for line in lines] == ["https://ledger.example/b/", "https://ledger.example/a/"]
    facts = ["image", "author", "category", "language", "reading_minutes", "published", "modified"]
    assert list(lines[0]) == ["title", "url", "lead", "quote", "sources", *facts]
    assert lines[0]["title"] == "The “long” bridge"


def test_a_file_that_holds_no_post_keeps_its_line_and_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "good").write_text(json.dumps(POST))
    (tmp_path / "bad").write_text("no post at all")
    done = pullquote("card", "bad", "good", folder=tmp_path)
    assert done.returncode == 1
    bad, good = (json.loads(line) for line in done.stdout.splitlines())
    assert "bad" in bad["error"]
    assert good["title"]
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not SEED.exists(), reason="the newsroom's own damaged document is not beside this checkout")
def test_the_damaged_document_it_began_with_yields_a_good_card(tmp_path: Path) -> None:
    done = pullquote("card", SEED, folder=tmp_path)
    card = json.loads(done.stdout)
    assert card["title"] == "Xi Maintains Close Ties with Russia as War in Ukraine Enters a New Year"
    assert card["lead"].startswith("As Russia’s war against Ukraine spills into 2023, China continues its policy of")
    assert ("Webster" in card["quote"]["speaker"]) or ("Gabuev" in card["quote"]["speaker"])
    assert {"The Diplomat", "The Atlantic"} & {source["name"] for source in card["sources"]}
    assert [source["url"] for source in card["sources"] if source["url"]] == []


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("subscribe", "nowhere", "https://a.example"), 2, "is not a channel"),
        (("subscribe", "telegram:1", "https://a.example"), 2, "no adapter for 'telegram'"),
        (("subscribe", "console:main"), 2, "site"),
        (("dance",), 2, "dance"),
        (("preview", "nofile"), 2, "neither a file nor a URL"),
        (("preview", "nofile", "--style", "all"), 2, "go with --as html"),
        (("preview", "nofile", "--as", "html"), 2, "neither a file nor a URL"),
        (("preview", "https://127.0.0.1/"), 1, "PULLQUOTE_ALLOW_PRIVATE_NETWORKS"),
        (("unsubscribe", "console:main", "https://a.example"), 2, "not followed here"),
        (("settings", "console:main", "--style", "huge"), 2, "compact"),
        (("search", "console:main", "words"), 2, "name a publication's address"),
        (("backfill", "console:main", "--count", "many"), 2, "many"),
        (("help", "console:main", "--command", "serach"), 2, "Did you mean search?"),
        (("audit", "--since", "yesterday"), 2, "is no moment"),
        (("restored", "soon"), 2, "is no moment"),
        (("restored", "2999-01-01"), 2, "yet to come"),
        (("backup", "no/such/folder"), 1, "could not be written"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(tmp_path: Path, words: tuple[str, ...], status: int, said: str) -> None:
    done = pullquote(*words, folder=tmp_path)
    assert (done.returncode, said in done.stdout + done.stderr) == (status, True), done
    assert "Traceback" not in done.stderr


def test_a_wrong_setting_ends_with_status_2_and_its_name(tmp_path: Path) -> None:
    done = pullquote("run", folder=tmp_path, PULLQUOTE_POLL_INTERVAL="often")
    assert done.returncode == 2
    assert "PULLQUOTE_POLL_INTERVAL" in done.stderr


def test_check_names_what_is_missing_and_how_to_mend_it(tmp_path: Path) -> None:
    done = pullquote("check", folder=tmp_path, PULLQUOTE_MATRIX_HOMESERVER="http://127.0.0.1:9", PULLQUOTE_TYPO="1")
    assert done.returncode == 1
    assert "PULLQUOTE_TYPO is no setting" in done.stdout
    assert "PULLQUOTE_MATRIX_ACCESS_TOKEN" in done.stdout


def test_check_hints_at_what_could_be_better_and_is_content(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('["https://a.example"]\nuser = "bot"\npassword = "hunter2"\n')
    secrets.chmod(0o644)
    done = pullquote("check", folder=tmp_path, PULLQUOTE_CREDENTIALS_FILE=str(secrets))
    assert (done.returncode, f"chmod 600 {secrets}" in done.stdout) == (0, True)
    assert "put an address of yours into PULLQUOTE_USER_AGENT" in done.stdout
    secrets.chmod(0o600)
    named = "Pullquote (+https://a.example/bot)"
    done = pullquote("check", folder=tmp_path, PULLQUOTE_CREDENTIALS_FILE=str(secrets), PULLQUOTE_USER_AGENT=named)
    assert "chmod" not in done.stdout
    assert "USER_AGENT" not in done.stdout


def test_a_wrong_file_of_credentials_ends_the_start_and_shows_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('["https://a.example"]\nuser = "bot"\npasword = "hunter2"\n')
    done = pullquote("run", folder=tmp_path, PULLQUOTE_CREDENTIALS_FILE="secrets.toml")
    assert done.returncode == 2
    assert "secrets.toml: https://a.example has an entry that is none of" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


async def test_subscribing_following_and_unsubscribing_in_a_running_bot(bot: Bot, site: SampleSite) -> None:
    site.publish({"title": {"rendered": "Older"}, "content": {"rendered": "<p>Before anyone followed.</p>"}})
    await bot.start()
    assert "The Harbour Ledger" in await bot.command("subscribe", "console:main", site.url)
    assert "console:main  The Harbour Ledger" in await bot.command("subscriptions")
    first = site.publish(POST)
    await printed(bot, "New · console:main\n  The “long” bridge")
    site.edit(first, title="The longer bridge")
    await printed(bot, "Corrected · console:main\n  The longer bridge")
    site.trash(first)
    await printed(bot, "Withdrawn · console:main\n  [withdrawn] The longer bridge")
    assert "not followed here any more" in await bot.command("unsubscribe", "console:main", site.url)
    assert await bot.stop() == 0
    assert "Older" not in (bot.folder / "log").read_text()


@pytest.mark.real
async def test_a_running_bot_outlives_a_postgresql_that_goes_away(
    tmp_path: Path, site: SampleSite, server: Server
) -> None:
    with server.database() as url:
        given = settings(None, None) | {"PULLQUOTE_DATABASE_URL": url}
        async with Bot(tmp_path, given) as bot:
            await bot.command("subscribe", "console:main", site.url)
            await bot.start()
            site.publish(POST)
            await printed(bot, "New · console:main\n  The “long” bridge")
            with server.away():
                site.publish({**POST, "title": {"rendered": "Meanwhile"}})
                await printed(bot, "the database refuses")
            await printed(bot, "New · console:main\n  Meanwhile")
            assert await bot.stop() == 0
        assert (bot.folder / "log").read_text().count("The “long” bridge") == 1


async def printed(bot: Bot, text: str) -> None:
    """Wait until the bot has printed it."""
    async with asyncio.timeout(30):
        while text not in (bot.folder / "log").read_text():
            await asyncio.sleep(0.05)


async def test_what_is_asked_in_a_chat_can_be_asked_here(bot: Bot, site: SampleSite) -> None:
    story = site.publish(POST)
    await bot.command("subscribe", "console:main", site.url, "--exclude", "tag:a, two words")
    settings = await bot.command("settings", "console:main", "--style", "full", "--notify", "silent")
    assert settings.splitlines()[1:6] == [
        "style: full",
        "notify: silent",
        "role: nobody",
        "include: everything",
        "exclude: tag:a, two words",
    ]
    assert "exclude: nothing" in await bot.command("settings", "console:main", "--exclude", "none")
    found = await bot.command("search", "console:main", "estuary")
    assert found.startswith("1 article found.\n")
    assert "The “long” bridge" in found
    assert "was followed here: nothing is posted for it" in await bot.command("why", "console:main", site.link(story))
    assert "1 article follows." in await bot.command("backfill", "console:main", "--count", "1")
    assert "Waiting, next try" in await bot.command("why", "console:main", site.link(story))
    assert (await bot.command("status", "console:main")).splitlines() == [
        "Console: 1 card waits",
        "1 publication is followed.",
    ]
    assert "paused" in await bot.command("pause", "console:main")
    assert "count: How many articles" in await bot.command("help", "console:main", "--command", "latest")


async def test_what_a_site_shows_is_compared_with_what_was_shown_and_nothing_differs_or_it_fails(
    bot: Bot, site: SampleSite
) -> None:
    await bot.command("subscribe", "console:main", site.url)
    await bot.start()
    site.publish(POST)
    await printed(bot, "New · console:main")
    audited = await bot.command("audit", "--since", "2h", "--look")
    assert audited.startswith("Compared what was published or changed since ")
    assert audited.endswith("(articles: 1, in channels: 1, looked for: 1); sites and channels agree.\n")
    assert await bot.stop() == 0
    site.faults.status = 500
    with pytest.raises(AssertionError):
        await bot.command("audit")


def test_a_backup_is_a_database_of_its_own(tmp_path: Path) -> None:
    assert pullquote("backup", "copy.db", folder=tmp_path).returncode == 0
    again = pullquote("backup", "copy.db", folder=tmp_path)
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    assert pullquote("backup", "copy.db", "--force", folder=tmp_path).returncode == 0
    opened = pullquote("sites", folder=tmp_path, PULLQUOTE_DATABASE_URL=f"sqlite:///{tmp_path / 'copy.db'}")
    assert "No publication is known" in opened.stdout


async def test_a_preview_is_exactly_what_would_be_sent(bot: Bot, site: SampleSite) -> None:
    site.publish(POST)
    as_discord = json.loads(await bot.command("preview", site.url, "--as", "discord"))
    assert as_discord["embeds"][0]["title"] == "The “long” bridge"
    as_matrix = json.loads(await bot.command("preview", site.url, "--as", "matrix"))
    assert as_matrix["msgtype"] == "m.text"
    assert LEAD in await bot.command("preview", site.url)
    assert json.loads(await bot.command("preview", site.url, "--as", "json"))["lead"] == LEAD


def test_a_page_shows_the_card_as_every_platform_would(tmp_path: Path) -> None:
    (tmp_path / "post").write_text(json.dumps(POST | {"link": "https://ledger.example/bridge/"}))
    (tmp_path / "script").write_text("draw()")
    done = pullquote("preview", "post", "--as", "html", "--components", "script", folder=tmp_path)
    shown = BeautifulSoup(done.stdout, "lxml")
    assert [caption.text for caption in shown("figcaption")] == ["Discord", "Matrix", "Console"]
    assert all(LEAD in figure.text for figure in shown("figure"))
    assert [script.text for script in shown("script")] == ["draw()"]


def test_the_demo_shows_a_card_posted_corrected_and_withdrawn_and_ends_by_itself(tmp_path: Path) -> None:
    done = pullquote("demo", "--once", "--speed", "4", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    kinds = re.findall(r"^(New|Corrected|Withdrawn) · console:demo$", done.stdout, re.MULTILINE)
    assert kinds == ["New", "New", "Corrected", "Withdrawn"]
    assert "real accounts" in done.stdout


@pytest.mark.parametrize("channel", ["discord:abc", "matrix:general", "console:no room"])
def test_what_can_be_no_channel_is_refused_before_anything_is_stored(tmp_path: Path, channel: str) -> None:
    done = pullquote("subscribe", channel, "https://a.example", folder=tmp_path)
    assert (done.returncode, "is no channel: write discord:" in done.stderr) == (2, True), done
    assert "Nothing is followed" in pullquote("subscriptions", folder=tmp_path).stdout


async def test_a_bot_that_no_platform_lets_in_ends_and_says_why(tmp_path: Path) -> None:
    """Who starts it, a service manager say, must not take it for well."""
    async with discord_far_end() as discord:
        given = settings(discord, None) | {"PULLQUOTE_DISCORD_TOKEN": "wrong"}
        async with Bot(tmp_path, given) as bot:
            await bot.start()
            assert bot.process is not None
            assert await asyncio.wait_for(bot.process.wait(), 30) == 1
    assert "PULLQUOTE_DISCORD_TOKEN" in (tmp_path / "log").read_text().splitlines()[-1]
