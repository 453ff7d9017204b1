"""One example of each command, which docs/commands.md shows with its picture and `docs.replies` gives to the bot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.discord.slash import typed
from bot.commands import Desk
from bot.commands import commands as described
from bot.ports import Command, Commands, Option

PUBLICATION = "https://ledger.example"
BEFORE = f"{PUBLICATION}/2026/09/the-last-ferry-to-gannet-holm/"
"""An article that stood there before anybody followed the publication."""
NEWEST = f"{PUBLICATION}/2026/11/seagrass-comes-back/"
"""The first one that is published while the bot runs."""


@dataclass(frozen=True)
class Example:
    """A command with arguments; `picture` is the name of what shows its answer, "" where nothing does.

    `published`: what the publication brings out after it, as the numbers of sample posts.
    """

    command: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    picture: str = ""
    language: str = "en"
    published: tuple[str, ...] = ()

    def on_discord(self) -> str:
        """As it is typed there."""
        return typed(self.command, self.arguments, "en", {})

    def in_matrix(self, commands: Commands) -> str:
        """As it is typed in a room: what must be given needs no name."""
        needed = [option.name for option in commands[self.command].options if option.required]
        given = (value if name in needed else f"{name}={value}" for name, value in self.arguments.items())
        return " ".join(["!pq", self.command, *given])


EXAMPLES = (
    Example("subscribe", {"site": PUBLICATION}, "subscribe", published=("06",)),
    Example("latest", {"count": "3"}, "latest"),
    Example("search", {"words": "saltmere"}, "search"),
    Example("article", {"url": BEFORE}, "article"),
    Example("preview", {}, "preview"),
    Example("why", {"url": NEWEST}, "why"),
    Example("settings", {"exclude": "category:Sports", "corrections": "edit"}, "settings"),
    Example("subscriptions", {}, "subscriptions"),
    Example("status", {}, "status"),
    Example("help", {}, "help"),
    Example("settings", {"language": "zh-cn"}),
    Example("subscriptions", {}, "chinese", "zh-CN"),
    Example("settings", {"language": "en"}),
    Example("pause", {}, "pause", published=("08", "13")),
    Example("resume", {}, "resume"),
    Example("backfill", {"count": "5"}, "backfill"),
    Example("unsubscribe", {"site": PUBLICATION}, "unsubscribe"),
)
"""In the order in which they are given."""


def known() -> Commands:
    """All commands, to be read, not given."""
    return described(Desk.__new__(Desk))


def sections() -> str:
    """docs/commands.md's part on each command: what it does, who may, an example, what may be said with it."""
    examples = {one.picture: one for one in EXAMPLES}
    commands = known()
    return "\n\n".join(_section(one, examples[name], commands) for name, one in commands.items())


def _section(command: Command, example: Example, commands: Commands) -> str:
    who = " For those who manage the channel." if command.manage else ""
    typed = f"`{example.on_discord()}` or, in a Matrix room, `{example.in_matrix(commands)}`"
    picture = f"![What {command.name} answers](replies/{command.name}.png)"
    return "\n\n".join([f"## {command.name}", command.help + who, typed, picture, *_options(command)])


def _options(command: Command) -> list[str]:
    rows = [f"| {_name(one)} | {_told(one)} |" for one in command.options]
    return ["\n".join(["| option | what it says |", "|---|---|", *rows])] if rows else []


def _name(option: Option) -> str:
    return f"`{option.name}`" if option.required else f"`{option.name}` (may be left out)"


def _told(option: Option) -> str:
    return option.help + (": " + ", ".join(f"`{one}`" for one in option.choices) if option.choices else "")
