"""The command line. Exit status: 0 done, 1 failed, 2 wrong usage or settings."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App as CommandLine
from cyclopts import CycloptsError, Parameter

from bot import __version__
from bot.errors import Damaged, PullquoteError, SettingsError, SourceError, UsageError
from bot.model import Article, Card, Channel, Extra, Style
from bot.offered import offered, typed
from bot.operating.commands import COMMANDS
from bot.operating.opened import settings, with_parts
from bot.ports import Asked
from bot.words import choose, speaking

if TYPE_CHECKING:
    from bot.app import Parts
    from bot.config import Settings

cli = CommandLine(
    "pullquote",
    help="Follows WordPress publications and shows each post as a verbatim card in chat channels.",
    version=__version__,
)


@cli.command
def run(*, only: str = "") -> None:
    """Run the bot with the settings of the environment and `.env`, until it is asked to stop.

    Parameters
    ----------
    only
        Do a part of the work, where other processes do the rest: poll, deliver, serve, or several between commas.
    """
    from bot import app
    from bot.platforms import roles_of

    asyncio.run(app.run(settings(), roles_of(only)))


@cli.command
def demo(*, once: bool = False, speed: float = 1.0) -> None:
    """Watch the bot at work on a sample publication, with no accounts.

    Parameters
    ----------
    once
        Run one round and end.
    speed
        How many times faster than for people to follow.
    """
    from bot.demo import show

    with speaking(choose(settings().language)):
        asyncio.run(show.run(once=once, speed=speed))


@cli.command
def preview(
    what: str,
    *,
    form: Annotated[str, Parameter(name="--as")] = "text",
    style: Literal["compact", "card", "full", "all"] = "card",
    components: Path | None = None,
) -> None:
    """Print the card of a post exactly as it would be sent.

    Parameters
    ----------
    what
        A post's URL (for a homepage its newest post), or a file with one WordPress post document.
    form
        text, json (the card itself), html (a page with the card as each platform draws it), or a platform's name
        (what is sent to it): discord, matrix, console.
    style
        How much to show; all: a page with every style and the card as it is struck once its post is withdrawn.
    components
        For a page: a script that draws some of its elements better than the page itself (see docs/cards.md).
    """
    if form != "html" and (style == "all" or components):
        raise UsageError("--style all and --components go with --as html.")
    with speaking(choose(settings().language)):
        _preview(what, form, style, components)


def _preview(what: str, form: str, style: str, components: Path | None) -> None:
    from bot import plugins
    from bot.cards import build

    if form == "html":
        print(_page_of(build(_article_of(what)), style, components))
        return
    adapter = plugins.load("console" if form in {"text", "json"} else form)
    card = build(_article_of(what))
    payload = adapter.render(card, Style(style))
    match form:
        case "json":
            print(json.dumps(_card_json(card), ensure_ascii=False, indent=2))
        case "text":
            print(adapter.text(payload))
        case _:
            print(json.dumps(payload, ensure_ascii=False, indent=2))


@cli.command
def card(*files: Path) -> None:
    """Print the card of each file, a WordPress post document, as one JSON object a line, in order.

    A file that holds no post gets an object with nothing but its `error`, and exit status 1.

    Parameters
    ----------
    files
        Files with one WordPress post document each, healthy or damaged.
    """
    from bot.cards import build

    failed = 0
    for file in _progress(files):
        try:
            print(json.dumps(_card_json(build(_read_file(file))), ensure_ascii=False), flush=True)
        except PullquoteError as error:
            failed += 1
            print(json.dumps({"error": str(error)}, ensure_ascii=False), flush=True)
            print(error, file=sys.stderr)
    if failed:
        raise SystemExit(1)


@cli.command
def subscriptions(channel: str = "") -> None:
    """What is followed where, and how it fares.

    Parameters
    ----------
    channel
        Only this channel.
    """
    from bot.commands.telling import fares

    only = _channel(channel) if channel else None

    async def show(parts: Parts) -> None:
        followed = await parts.door(parts.store.following, only)
        for one in followed:
            print(f"{one.subscription.channel}  {' · '.join(fares(one))}")
        if not followed:
            print("Nothing is followed yet. Begin with: pullquote subscribe CHANNEL URL")

    with_parts(show)


@cli.command
def sites() -> None:
    """Every publication that is known: how it is read, last look, next look, trouble."""

    async def show(parts: Parts) -> None:
        health = await parts.door(parts.store.health)
        for one in health:
            looked = f"{one.read_at:%Y-%m-%d %H:%M:%S} UTC" if one.read_at else "not yet"
            state = str(SourceError.loads(one.trouble)) if one.trouble else f"next {one.due:%H:%M:%S} UTC"
            print(
                f"{one.site.url}  {one.site.name} · {one.channels} channels · {one.site.reader} {one.site.endpoint}"
                f" · read {looked} · {state}"
            )
        if not health:
            print("No publication is known yet. Begin with: pullquote subscribe CHANNEL URL")

    with_parts(show)


@cli.command
def check() -> None:
    """See whether settings, database, logins and each channel's permissions are in order, and how to mend them."""
    from bot import config, plugins

    wrong: list[str] = []

    def say(what: str, problems: Sequence[str]) -> None:
        wrong.extend(problems)
        print(f"{'✗' if problems else '✓'} {what}")
        for problem in problems:
            print(f"    {problem}")

    async def look(parts: Parts) -> None:
        say(f"database {parts.store.where}", [])
        channels: dict[Channel, set[Extra]] = {}
        for one in await parts.door(parts.store.following):
            channels.setdefault(one.subscription.channel, set()).update(one.subscription.extras)
        platforms = plugins.set_up() | {channel.platform for channel in channels}
        for platform in sorted(platforms):
            say(f"{platform}: login", await _check_login(parts, platform))
        for channel in sorted(channels):
            say(str(channel), await parts.check(channel, channels[channel]))
        if not platforms:
            print('  No platform is set up and no channel subscribed; see the README, "Set up".')

    given = settings()
    models: list[type[Any]] = [type(given), *(plugins.load(name).Settings for name in plugins.available())]
    say("settings", config.unknown(config.names(), models))
    for hint in _hints(given):
        print(f"  {hint}")
    with_parts(look)
    if wrong:
        raise SystemExit(1)


@cli.command
def env() -> None:
    """Print all settings with their help and defaults: the text of `.env.example`."""
    from bot import config, plugins

    models: list[type[Any]] = [config.Settings, *(plugins.load(name).Settings for name in sorted(plugins.available()))]
    print(config.env_example(models), end="")


def _hints(given: Settings) -> Iterable[str]:
    """What works and could be better."""
    from bot import credentials

    if given.anonymous:
        yield (
            "Sites cannot tell whose bot reads them: put an address of yours into PULLQUOTE_USER_AGENT, for example "
            '"Pullquote/0.1 (+https://you.example/bot)".'
        )
    for file in credentials.exposed(given.credentials_file) if given.credentials_file else ():
        yield f"Every user of this machine may read the passwords in {file}: chmod 600 {file}"


for command in COMMANDS:
    cli.command(command)


async def _check_login(parts: Parts, platform: str) -> Sequence[str]:
    try:
        return await parts.adapter(platform).check(None)
    except PullquoteError as error:
        return [str(error)]


def chat_commands(ours: Container[str]) -> None:
    """Offer what people can ask for in a chat here too, but for what is called like something of `ours`."""
    from bot.commands import Desk, commands

    described = commands(Desk.__new__(Desk))  # described here, carried out with parts that are open
    for command in described.values():
        if command.name not in ours:
            cli.command(offered(command, _ask), name=command.name)


def _ask(name: str, where: str, arguments: Mapping[str, str]) -> None:
    from bot import plugins

    channel = _channel(where)

    async def ask(parts: Parts) -> None:
        asked = Asked(channel, manages=True, operates=True, write=partial(typed, channel))
        reply = await parts.commands()[name].run(asked, arguments)
        console = plugins.load("console")
        texts = [reply.text, *(console.text(console.render(one.card, one.style)) for one in reply.cards)]
        texts += [f"{one.label}: {asked.write(one.command, one.arguments)}" for row in reply.buttons for one in row]
        print("\n".join(text for text in texts if text))

    with_parts(ask)


def _channel(text: str) -> Channel:
    from bot import plugins

    try:
        channel = Channel.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if not plugins.load(channel.platform).is_address(channel.address):
        raise UsageError(
            f"{channel} is no channel: write discord: and the channel's number, matrix: and the room's id (it begins"
            " with !), or console: and a name."
        )
    return channel


def _article_of(what: str) -> Article:
    if Path(what).is_file():
        return _read_file(Path(what))
    found: list[Article] = []

    async def fetch(parts: Parts) -> None:
        site = await parts.source.discover(what)
        found.append(await parts.source.article(site, what))

    if "://" not in what and (what.startswith((".", "/", "~")) or Path(what).suffix in _FILES):
        raise UsageError(f"There is no file {what}; is its name spelled right?")
    if "." not in what and "://" not in what:
        raise UsageError(f"{what!r} is neither a file nor a URL.")
    with_parts(fetch)
    return found[0]


def _page_of(card: Card, style: str, components: Path | None) -> str:
    from bot import page, plugins

    try:
        script = components.read_text("utf-8") if components else ""
    except (OSError, ValueError) as error:
        raise UsageError(f"{components} cannot be read as a script: {error}") from error
    platforms = sorted(plugins.available(), key=lambda name: (name == "console", name))  # the chats first
    parts = [*Style, page.WITHDRAWN] if style == "all" else [style]
    return page.page(card, parts, {name: plugins.load(name) for name in platforms}, script)


def _read_file(file: Path) -> Article:
    from bot.sources import document

    try:
        return document.article(document.load(file.read_bytes()).post)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from error
    except SourceError as error:
        raise SourceError(f"{file}: {error}") from error


_FILES = frozenset({".json", ".jsonl", ".txt", ".html", ".htm", ".xml"})
"""What a name ends in that is meant as a file, not as a host."""
_FACTS = ("image", "author", "category", "language", "reading_minutes", "published", "modified")


def _card_json(card: Card) -> dict[str, Any]:
    values = card.as_dict()
    sources = [{"name": source.name, "url": source.url or None} for source in card.sources]
    quote = card.quote and {"text": card.quote.text, "speaker": card.quote.speaker, "url": card.quote.url or None}
    return {
        "title": card.title,
        "url": card.url,
        "lead": card.lead,
        "quote": quote,
        "sources": sources,
        **{name: values[name] for name in _FACTS},
    }


def _progress(files: Sequence[Path]) -> Iterable[Path]:
    if not sys.stderr.isatty() or len(files) < 20:
        return files
    from rich.console import Console
    from rich.progress import track

    return track(files, "cards", console=Console(stderr=True))


def main() -> None:
    """Run the command line; foreseen errors are told in words, not in tracebacks."""
    ours = set(cli)
    try:
        if not set(sys.argv[1:2]) & ours or sys.argv[1].startswith("-"):
            chat_commands(ours)
        cli(exit_on_error=False, print_error=True)
    except (SettingsError, UsageError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    except CycloptsError:
        raise SystemExit(2) from None
    except PullquoteError as error:
        print(error, file=sys.stderr)
        raise SystemExit(3 if isinstance(error, Damaged) else 1) from None
    except BrokenPipeError:  # `| head` is a way to read; Python's own flush at exit must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
