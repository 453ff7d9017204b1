"""Writes what the code knows better than any author, for `make docs`; a test compares.

That is `.env.example` and parts of README and docs/commands.md: what stands there between `<!-- NAME -->` and
`<!-- /NAME -->` is replaced by what the function of that name returns.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot import cli, config, plugins
from docs import examples

ROOT = Path(__file__).parents[1]


def commands() -> str:
    """The command line's commands."""
    rows = ["| command | what it does |", "|---|---|"]
    cli.chat_commands(set(cli.cli))
    for name in sorted(name for name in cli.cli if not name.startswith("-")):
        function = cli.cli[name].default_command
        rows.append(f"| `pullquote {name}{_arguments(function)}` | {_summary(function)} |")
    return "\n".join(rows)


def chat_commands() -> str:
    """The commands people give in a chat."""
    rows = ["| command | who | what it does |", "|---|---|---|"]
    for command in examples.known().values():
        options = "".join(f" {o.name}" if o.required else f" [{o.name}]" for o in command.options)
        who = "managers" if command.manage else "everyone"
        rows.append(f"| `{command.name}{options}` | {who} | {command.help} |")
    return "\n".join(rows)


def settings() -> str:
    """All settings, the core's first."""
    rows = ["| setting | default | what it does |", "|---|---|---|"]
    for model in _models():
        for name, field in config.fields(model):
            default = config.default_text(field)
            rows.append(f"| `{name}` | {f'`{default}`' if default else ''} | {field.description} |")
    return "\n".join(rows)


PARTS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"commands": commands, "chat commands": chat_commands, "settings": settings},
    "docs/commands.md": {"every command": examples.sections},
}
"""What is made anew in each document, by the part's name."""


def filled(document: str) -> str:
    """The document's text with its generated parts made anew."""
    text = (ROOT / document).read_text("utf-8")
    for name, make in PARTS[document].items():
        pattern = re.compile(rf"<!-- {name} -->\n.*?<!-- /{name} -->", re.DOTALL)
        made = f"<!-- {name} -->\n{make()}\n<!-- /{name} -->"
        text, found = pattern.subn(made.replace("\\", r"\\"), text)
        if not found:
            sys.exit(f"{document} has no part {name!r} to be filled")
    return text


def env_example() -> str:
    """The text of `.env.example`."""
    return config.env_example(_models())


def _models() -> list[type[Any]]:
    return [config.Settings, *(plugins.load(name).Settings for name in sorted(plugins.available()))]


def _arguments(function: object) -> str:
    words = []
    for one in inspect.signature(function).parameters.values():  # type: ignore[arg-type]
        if one.kind is one.VAR_POSITIONAL:
            words.append(f" {one.name.upper()}…")
        elif one.kind is one.KEYWORD_ONLY:
            name = {"form": "as"}.get(one.name, one.name)
            words.append(f" [--{name}]" if one.default is False else f" [--{name} …]")
        else:
            words.append(f" {one.name.upper()}" if one.default is one.empty else f" [{one.name.upper()}]")
    return "".join(words)


def _summary(function: object) -> str:
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


if __name__ == "__main__":
    for document in PARTS:
        (ROOT / document).write_text(filled(document), "utf-8")
    (ROOT / ".env.example").write_text(env_example(), "utf-8")
