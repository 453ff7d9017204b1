"""Gathers the bot's own words and makes its catalogues anew: `make words`; a test compares.

Everything in `_`, `ngettext` and `N_`, and the help of all commands and their options, goes into one template. Each
language's `.po` keeps the translations of what is still said, word for word, and loses the others; `.mo` is made of it.
Nothing that is written holds a date, a line's number or a tool's version: the same words make the same files. Further
`.po` files may be named, `make words ARGS="FILE…"`, whose translations are taken where there is none: the other side's
at a merge, or a translator's.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from bot.commands import Desk, commands
from bot.words import LANGUAGES

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "bot" / "locale"
TEMPLATE = LOCALE / "pullquote.pot"
SAYS = {"_": 1, "N_": 1, "ngettext": 2}
"""What marks a text, and how many forms of it."""


class Words(Catalog):
    """A catalogue with nothing at its head but what gettext needs."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        """How the file is to be read; Babel's own would hold dates."""
        name = self.locale_identifier
        language = [("Language", name), ("Plural-Forms", self.plural_forms)] if name else []
        return [
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            *language,
        ]


def template() -> Words:
    """All that the bot says now."""
    found = Words(header_comment="# What Pullquote says. Made by `make words`.", fuzzy=False)
    for file in sorted(file for folder in ("bot", "adapters") for file in (ROOT / folder).rglob("*.py")):
        for text in said(ast.parse(file.read_text("utf-8"))):
            found.add(text, locations=[(file.relative_to(ROOT).as_posix(), 0)])
    for text, place in _helps():
        found.add(text, auto_comments=[place])
    return found


def said(code: ast.AST) -> Iterator[str | tuple[str, ...]]:
    """The texts that code marks; Babel's own reading misses those in f-strings, before Python 3.12."""
    for node in ast.walk(code):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYS:
            given = node.args[: SAYS[node.func.id]]
            forms = [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if forms:
                yield forms[0] if len(forms) == 1 else tuple(forms)


def translated(new: Words, language: str, *older: str) -> Words:
    """The template's words, with what the texts of older `.po` say for exactly these; the earlier is the better."""
    locale = language.replace("-", "_")
    head = f"# Pullquote's words in {language}. See docs/languages.md."
    found = Words(locale=locale, header_comment=head, fuzzy=False)
    known = [one for one in map(_read, older) if one.locale_identifier in {None, locale}]
    for message in filter(lambda one: one.id, new):  # the one without an id is the head
        kept = _kept(known, message)
        found.add(
            message.id,
            kept.string if kept else "",
            message.locations,
            message.flags | (kept.flags & {"fuzzy"} if kept else set()),
            message.auto_comments,
            kept.user_comments if kept else (),
        )
    return found


def po(catalogue: Words) -> str:
    """The text of a `.po` or the template, sorted by what is said: moving code moves nothing here."""
    written = BytesIO()
    write_po(written, catalogue, width=120, include_lineno=False, sort_output=True)
    return written.getvalue().decode()


def mo(catalogue: Words) -> bytes:
    """The catalogue as gettext reads it."""
    written = BytesIO()
    write_mo(written, catalogue)
    return written.getvalue()


def file(language: str, ending: str) -> Path:
    """Where a language's catalogue stands."""
    return LOCALE / language.replace("-", "_") / "LC_MESSAGES" / f"pullquote.{ending}"


def missing(catalogue: Words) -> list[str]:
    """What has no translation, or one that somebody doubts."""
    return [forms(one.id)[0] for one in catalogue if one.id and (one.fuzzy or not all(forms(one.string)))]


def forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    """A text or a translation, in all its forms: one, where it counts nothing."""
    return (text,) if isinstance(text, str) else tuple(text or ("",))


def _helps() -> Iterator[tuple[str, str]]:
    for command in commands(Desk.__new__(Desk)).values():  # described, never called
        yield command.name, f"Name of `{command.name}` on Discord: at most 32 small letters, no spaces."
        yield command.help, f"Help of `{command.name}`; at most 100 characters are best."
        for option in command.options:
            yield option.name, "Name of an option on Discord: at most 32 small letters, no spaces."
            for choice in option.choices:
                yield choice, "A choice as Discord names it; best in the words of its option's help."
            yield option.help, f"Help of `{command.name} {option.name}`; at most 100 characters are best."


def _read(text: str) -> Catalog:
    return read_po(text.splitlines(keepends=True))


def _kept(known: Sequence[Catalog], message: Message) -> Message | None:
    found = [one.get(message.id) for one in known]
    return next((one for one in found if one and one.id == message.id and any(forms(one.string))), None)


def main() -> None:
    """Write the template and every catalogue; say what is still to be translated."""
    new, left = template(), []
    TEMPLATE.write_text(po(new), "utf-8")
    for language in LANGUAGES[1:]:
        there = file(language, "po")
        there.parent.mkdir(parents=True, exist_ok=True)
        there.touch()
        catalogue = translated(new, language, *(one.read_text("utf-8") for one in (there, *map(Path, sys.argv[1:]))))
        there.write_text(po(catalogue), "utf-8")
        file(language, "mo").write_bytes(mo(catalogue))
        left += [f"{there.relative_to(ROOT)}: {text!r}" for text in missing(catalogue)]
    if left:
        sys.exit("\n".join([*left, f"{len(left)} texts are to be translated: fill them in, then `make words` again."]))


if __name__ == "__main__":
    main()
