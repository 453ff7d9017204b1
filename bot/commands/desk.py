"""What every command works with, and how it finds what people mean by a site."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.errors import UsageError
from bot.filters import COMMAS
from bot.model import PAUSED, Channel, Extra, Site
from bot.ports import Adapter, Asked, Choice, Clock, Source
from bot.store import Door, Following, Store
from bot.text import cut, place
from bot.words import _

ADDRESS = "https://a-publication.example"
"""The address that examples have."""

LONGEST_NAME = 100
"""Characters of a publication's name that are written; a platform cuts a reply at its end, where the advice stands."""


@dataclass(frozen=True, slots=True)
class Health:
    """How the process fares: since when it runs (None where only a command runs), which platforms are ready."""

    since: datetime | None
    platforms: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that commands need.

    `adapter` gives a channel's platform, `check` says what is missing there, `needs` what for an extra, raising
    UsageError where none can ever be had; `language` is the deployment's own; `private`: the source goes where only the
    deployment's own network or its passwords lead, which is not everybody's to look around in.
    """

    source: Source
    store: Store
    door: Door
    clock: Clock
    adapter: Callable[[Channel], type[Adapter]]
    check: Callable[[Channel, Collection[Extra]], Awaitable[Sequence[str]]]
    needs: Callable[[Channel, Extra], Awaitable[Sequence[str]]]
    health: Callable[[], Health]
    language: str = ""
    private: bool = False

    async def followed(self, channel: Channel) -> list[Following]:
        """What a channel follows."""
        return await self.door(self.store.following, channel)

    async def chosen(self, asked: Asked, site: str = "") -> Following:
        """The followed publication that is meant, or the only one there is; UsageError when it is not clear."""
        followed = await self.followed(asked.channel)
        if not followed and not site:
            raise UsageError(nothing_yet(asked))
        chosen = meant(followed, site) if site else followed
        if len(chosen) == 1:
            return chosen[0]
        known = ", ".join(one.site.url for one in followed) or _("nothing")
        if site and not chosen:
            raise UsageError(
                _("{site} is not followed here. Followed here: {known}.").format(site=site[:200], known=known)
            )
        raise UsageError(_("Say which publication. Followed here: {known}.").format(known=known))

    async def complete_site(self, asked: Asked, typed: str) -> Sequence[Choice]:
        """The publications followed here whose name or URL holds what is typed."""
        wanted = typed.strip().casefold()
        followed = (one.site for one in await self.followed(asked.channel))
        return [
            Choice(f"{site.name} · {site.url}" if site.name else site.url, site.url)
            for site in followed
            if wanted in site.name.casefold() or wanted in site.url.casefold()
        ]

    async def complete_term(self, asked: Asked, typed: str) -> Sequence[Choice]:
        """Categories, tags and authors for the last of the terms that are typed; the terms before it stay."""
        last = COMMAS.split(typed)[-1]
        before = typed[: len(typed) - len(last)]
        kept, wanted = f"{before} " if before else "", last.strip().casefold()
        known = await self.door(self.store.terms, asked.channel)
        terms = [f"{kind}:{' '.join(COMMAS.sub(' ', name).split())}" for kind, name in known]
        fresh = (term for term in terms if wanted in term.casefold() and term.casefold() not in before.casefold())
        return [Choice(kept + term, kept + term) for term in fresh]


class Room:
    """Commands that belong together."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk


async def a_site(room: Room, asked: Asked, typed: str) -> Sequence[Choice]:
    """Completes a publication that is followed here."""
    return await room.desk.complete_site(asked, typed)


async def some_terms(room: Room, asked: Asked, typed: str) -> Sequence[Choice]:
    """Completes what articles can be filtered by."""
    return await room.desk.complete_term(asked, typed)


def nothing_yet(asked: Asked) -> str:
    """That nothing is followed in a channel, and how to begin."""
    begin = asked.write("subscribe", {"site": ADDRESS})
    return _("Nothing is followed here yet. Begin with: {command}").format(command=begin)


def meant(followed: Sequence[Following], text: str) -> list[Following]:
    """Those that a text names by home page or API, however written; by name where it is nobody's address.

    A site may call itself anything, by another's address too.
    """
    where, name = place(text), text.strip().casefold()
    there = [one for one in followed if where in one.site.places | {place(one.site.url)}]
    return there or [one for one in followed if one.site.name.casefold() == name]


def name_of(site: Site) -> str:
    """A site's name, no longer than leaves room for what else there is to say."""
    return cut(site.name, LONGEST_NAME) or site.url


def called(site: Site) -> str:
    """A site as people recognise it."""
    return f"{name_of(site)} ({site.url})" if site.name else site.url


def halted(one: Following) -> str:
    """Why nothing new is shown of a publication, for people; "" where it is."""
    if one.subscription.halted == PAUSED:
        return _("paused")
    return _("stopped: {why}").format(why=one.subscription.halted) if one.subscription.halted else ""


def moment(when: datetime | None) -> str:
    """A moment for people."""
    return f"{when:%Y-%m-%d %H:%M} UTC" if when else _("not yet")
