"""How the bot fares, what became of an article, and what can be asked: for everybody."""

from __future__ import annotations

import asyncio
import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated

from bot.commands.describe import Given, command
from bot.commands.desk import ADDRESS, Desk, Room, called, halted, moment, name_of, nothing_yet
from bot.commands.reading import PATIENCE, paging
from bot.errors import SourceError, UsageError
from bot.ports import Asked, Button, Choice, Command, Commands, Reply
from bot.store import Following, Trace
from bot.text import cut, place
from bot.words import N_, _, listed, ngettext

LONGEST_TITLE = 300
"""Characters of an article's title that are written before what became of it."""

PAGE = 4
"""Publications on one page: each has its own row of buttons, and one more row turns the pages."""


async def a_command(room: Telling, asked: Asked, typed: str) -> list[Choice]:
    """Completes a command's name."""
    return [Choice(name, name) for name in room.commands() if typed.strip().casefold() in name]


class Telling(Room):
    """Commands that tell how things stand. `commands` are all there are, once they are described."""

    def __init__(self, desk: Desk, commands: Callable[[], Commands]) -> None:
        super().__init__(desk)
        self.commands = commands

    @command()
    async def subscriptions(
        self, asked: Asked, page: Annotated[int, Given(N_("Which page of the list"), most=1000)] = 1
    ) -> Reply:
        """What is followed here, and how it fares."""
        followed = await self.desk.followed(asked.channel)
        if not followed:
            return Reply(nothing_yet(asked))
        pages = -(-len(followed) // PAGE)
        page = min(page, pages)
        shown = followed[(page - 1) * PAGE : page * PAGE]
        lines = ["\n· ".join(fares(one)) for one in shown]
        if pages > 1:
            lines.append(_("Page {page} of {pages}.").format(page=page, pages=pages))
        rows = tuple(map(_buttons, shown)) if asked.manages else ()
        return Reply("\n".join(lines), buttons=(*rows, *paging("subscriptions", {}, page, pages)))

    @command()
    async def why(self, asked: Asked, url: Annotated[str, Given(N_("The article's address"))]) -> Reply:
        """What became of an article here: when it was found, what filter decided, where it stands, what went wrong."""
        url = url.strip().strip("<>").rstrip(".")
        followed = await self.desk.followed(asked.channel)
        if story := await self._story(asked, url, followed):
            return Reply(story)
        host = _host(url)[:200]
        if not host:
            raise UsageError(
                _("That is no web address: give an article's, for example {address}.").format(address=_STORY)
            )
        one = next((one for one in followed if _host(one.site.url) == host), None)
        if one is None:
            return Reply(_("No publication at {host} is followed here.").format(host=host))
        try:
            async with asyncio.timeout(PATIENCE):
                article = await self.desk.source.article(one.site, url)
        except (SourceError, TimeoutError) as error:
            why = str(error) or _("The publication takes too long to answer.")
            return Reply(
                _("Nothing is known of it here, and {name} does not show it: {why}").format(
                    name=called(one.site), why=why
                )
            )
        if story := await self._story(asked, article.url, followed):
            return Reply(story)
        if article.published and article.published <= one.since:
            before = _(
                "It was published {moment}, before {name} was followed here: nothing is posted for it, "
                "unless backfill fetches it."
            )
            return Reply(before.format(moment=moment(article.published), name=called(one.site)))
        lines = [_("It has not been found since {name} has been followed here.").format(name=called(one.site))]
        if article.published:
            lines.append(_("It was published {moment}.").format(moment=moment(article.published)))
        lines.append(_("Last look: {moment}; next: {next}.").format(moment=moment(one.read_at), next=moment(one.due)))
        return Reply("\n".join([*lines, *([str(SourceError.loads(one.trouble))] if one.trouble else [])]))

    async def _story(self, asked: Asked, url: str, followed: Sequence[Following]) -> str:
        """What became here of the article at a URL; "" where none of it is known."""
        trace = await self.desk.door(self.desk.store.trace, asked.channel, place(url))
        known = trace and (trace.met or any(one.site.id == trace.site_id for one in followed))
        return "\n".join(_story(trace)) if trace and known else ""

    @command()
    async def status(self, asked: Asked) -> Reply:
        """The bot's health: platforms, publications in trouble, what is queued, since when it runs."""
        desk = self.desk
        health = desk.health()
        lines = [_("Running since {moment}.").format(moment=moment(health.since))] if health.since else []
        waiting = await desk.door(desk.store.queue)
        for name, ready in health.platforms:
            state = _("connected") if ready else _("not connected")
            lines.append(f"{name.capitalize()}: " + listed([state, *_waiting(waiting.pop(name, (0, 0)))]))
        lines += [f"{name.capitalize()}: " + listed(_waiting(counts)) for name, counts in waiting.items()]
        sites = [one for one in await desk.door(desk.store.health) if one.channels]
        troubled = [one for one in sites if one.trouble]
        lines.append(ngettext("{count} publication is followed.", "{count} publications are followed.", len(sites)))
        here = {one.site.id for one in await desk.followed(asked.channel)}
        told = [one for one in troubled if asked.operates or one.site.id in here][:10]
        lines += [f"{called(one.site)}: {SourceError.loads(one.trouble)}" for one in told]
        if more := len(troubled) - len(told):
            lines.append(ngettext("{count} more is in trouble.", "{count} more are in trouble.", more))
        return Reply("\n".join(lines))

    @command()
    async def help(
        self,
        asked: Asked,
        command: Annotated[str, Given(N_("Only this command, with its options"), a_command)] = "",
    ) -> Reply:
        """What can be asked, with examples."""
        commands, command = self.commands(), command.removeprefix("/").casefold()
        if not command:
            more = _("With options and an example: {command}").format(command=asked.write("help", EXAMPLES["help"]))
            return Reply(
                "\n".join([*(f"{asked.write(name, {})} – {summary(one)}" for name, one in commands.items()), more])
            )
        if command not in commands:
            near = difflib.get_close_matches(command, commands, 1)
            hint = _("Did you mean {name}?").format(name=near[0]) if near else ""
            raise UsageError(_("There is no command {name}.").format(name=command[:40]) + f" {hint}".rstrip())
        one = commands[command]
        named = [asked.word(o.name) if o.required else f"[{asked.word(o.name)}]" for o in one.options]
        lines = [" ".join([asked.word(command), *named]), _(one.help)]
        lines += [f"{asked.word(o.name)}: {_(o.help)}" + _takes(map(asked.word, o.choices)) for o in one.options]
        if command in EXAMPLES:
            lines.append(_("For example: {example}").format(example=asked.write(command, EXAMPLES[command])))
        return Reply("\n".join(lines))


_STORY = f"{ADDRESS}/2026/11/a-story/"
EXAMPLES: dict[str, dict[str, str]] = {
    "subscribe": {"site": ADDRESS, "style": "compact", "exclude": "category:Sports"},
    "unsubscribe": {"site": ADDRESS},
    "settings": {"notify": "silent", "corrections": "edit"},
    "latest": {"count": "3"},
    "search": {"words": "rent control"},
    "article": {"url": _STORY},
    "why": {"url": _STORY},
    "backfill": {"count": "3"},
    "help": {"command": "subscribe"},
}
"""Options of each command that takes some, as people may give them."""


def summary(command: Command) -> str:
    """The first line of a command's help, in the language spoken."""
    return _(command.help).partition("\n")[0]


def fares(one: Following) -> list[str]:
    """One subscription, for people: its name, and what is to be said of it."""
    parts = [called(one.site)]
    if one.last_article:
        parts.append(_("last article {moment}").format(moment=moment(one.last_article)))
    if one.last_card:
        parts.append(_("last card {moment}").format(moment=moment(one.last_card)))
    parts.append(halted(one) or _("next look {moment}").format(moment=moment(one.due)))
    if one.waiting:
        parts.append(ngettext("{count} card waits", "{count} cards wait", one.waiting))
    if one.parked:
        parts.append(_("stopped: {why}").format(why=one.parked))
    if one.owed:
        parts.append(_("trouble: {why}").format(why=one.owed))
    if one.trouble:
        parts.append(_("trouble: {why}").format(why=SourceError.loads(one.trouble)))
    return parts


def _buttons(one: Following) -> tuple[Button, ...]:
    name, site = name_of(one.site), {"site": one.site.url}
    going = not one.subscription.halted
    turn = (
        Button(_("Pause {name}").format(name=name), "pause", site)
        if going
        else Button(_("Resume {name}").format(name=name), "resume", site)
    )
    return (turn, Button(_("Remove {name}").format(name=name), "unsubscribe", site))


def _story(trace: Trace) -> list[str]:
    """What became of an article, in the order in which it happened."""
    lines = [cut(trace.title, LONGEST_TITLE), _("Found {moment}.").format(moment=moment(trace.found_at))]
    if trace.spared is not None:
        lines.append(_passed_over(trace.spared))
    elif trace.wanted_at is None:
        lines.append(_("It was found before this channel followed the publication: nothing is posted for it."))
    else:
        lines += _delivered(trace)
    if trace.withdrawn:
        lines.append(_("Its publisher has withdrawn it."))
    return lines


def _delivered(trace: Trace) -> list[str]:
    lines = []
    if not (trace.wanted_at and trace.shown_at and trace.wanted_at > trace.shown_at):  # that would be its newest change
        lines.append(_("Queued {moment}.").format(moment=moment(trace.wanted_at)))
    if trace.gone:
        lines.append(_("It was shown here {moment}.").format(moment=moment(trace.shown_at)))
    elif trace.ref:
        lines.append(_("It has stood here since {moment}.").format(moment=moment(trace.shown_at)))
    if trace.edits:
        lines.append(ngettext("Edited {count} time.", "Edited {count} times.", trace.edits))
    if trace.parked:
        lines.append(_("Given up: {why}").format(why=trace.note or _("no reason is known")))
    elif trace.waiting:
        lines.append(
            _("Waiting, next try {moment}.").format(moment=moment(trace.due)) + (f" {trace.note}" if trace.note else "")
        )
    return lines


def _passed_over(why: str) -> str:
    match why.removeprefix("halted") or "halted":  # the filters judge it anew at the end of a pause
        case "halted":
            return _("It was passed over: nothing was to be posted here at that time.")
        case "flood":
            return _(
                "It was passed over: after a pause or a long stop only the newest is shown, the others by backfill."
            )
        case "-":
            return _("It was passed over: it bears none of what is asked for here.")
    return _("It was passed over: {filter} is excluded here.").format(filter=why.partition("-")[2])


def _host(url: str) -> str:
    return re.split("[/?]", place(url), maxsplit=1)[0]


def _waiting(counts: tuple[int, int]) -> list[str]:
    waiting, parked = counts
    said = [ngettext("{count} card waits", "{count} cards wait", waiting)] if waiting else []
    return [*said, ngettext("{count} given up", "{count} given up", parked)] if parked else said


def _takes(choices: Iterable[str]) -> str:
    return f" ({told})" if (told := ", ".join(choices)) else ""
