"""Looking articles up: for everybody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import chain
from typing import Annotated

import structlog

from bot.cards import build
from bot.commands.describe import Given, command
from bot.commands.desk import ADDRESS, Room, a_site, called, halted
from bot.errors import SourceError, UsageError
from bot.model import Card, Site, Style
from bot.ports import Asked, Button, Found, Reply, Shown
from bot.text import cut, place
from bot.words import N_, _, ngettext

PAGE = 5
PATIENCE = 2.0
"""Seconds that a site itself may take to answer; then what is stored of it here will do."""

MOST_SITES = 5
"""Publications searched at once when none is named."""

log = structlog.get_logger()

public_too = Given(N_("Show the answer to everybody here"))
which = Given(N_("A publication followed here, or any other's address"), a_site)


class Reading(Room):
    """Commands that show articles to whoever asks."""

    @command(anywhere=True)
    async def latest(
        self,
        asked: Asked,
        site: Annotated[str, which] = "",
        count: Annotated[int, Given(N_("How many articles"), most=PAGE)] = 1,
        public: Annotated[bool, public_too] = False,
    ) -> Reply:
        """The newest articles of a publication, or of all that are followed here."""
        sites = await self._sites(asked, site)
        stored = await self.desk.door(self.desk.store.latest, [one.id for one in sites if one.id], count)
        cards = await (self._newest(sites[0], count, stored) if len(sites) == 1 else self._filled(sites, count, stored))
        text = "" if cards else _("Nothing has been published yet.")
        return Reply(text, _shown(cards, Style.CARD if count == 1 else Style.COMPACT), public=public)

    @command(anywhere=True)
    async def search(
        self,
        asked: Asked,
        words: Annotated[str, Given(N_("What to look for"))],
        site: Annotated[str, which] = "",
        page: Annotated[int, Given(N_("Which page of what was found"), most=1000)] = 1,
        public: Annotated[bool, public_too] = False,
    ) -> Reply:
        """Search a publication's whole archive."""
        sites = (await self._sites(asked, site))[:MOST_SITES]
        size = max(PAGE // len(sites), 1)
        answers = await asyncio.gather(*(self._search(one, words, page, size) for one in sites))
        cards = [card for found, _total in answers for card in found]
        total = sum(count for _found, count in answers)
        if not total:
            return Reply(_("Nothing found for {words}.").format(words=cut(words, 200)), public=public)
        text = ngettext("{count} article found.", "{count} articles found.", total)
        pages = max(-(-count // size) for _found, count in answers)
        if page > pages:
            page, text = pages + 1, f"{text}\n" + _("The last page is {page}.").format(page=pages)
        asked_again = {"words": words, "site": site, "public": "true" if public else ""}
        return Reply(text, _shown(cards, Style.COMPACT), paging("search", asked_again, page, pages), public)

    @command(anywhere=True)
    async def article(
        self,
        asked: Asked,
        url: Annotated[str, Given(N_("The address of any article on a WordPress site"))],
        style: Annotated[Style, Given(N_("How much of a card to show"))] = Style.CARD,
        public: Annotated[bool, public_too] = False,
    ) -> Reply:
        """The card of any article, also of a publication that nobody follows."""
        site = await self._discover(asked, url)
        card = build(await self.desk.source.article(site, url))
        return Reply("", (Shown(card, style),), public=public)

    @command(manage=True)
    async def preview(
        self,
        asked: Asked,
        site: Annotated[str, Given(N_("The publication, as “subscriptions” shows it"), a_site)] = "",
    ) -> Reply:
        """The newest card exactly as it would be posted here, and whether it would be."""
        one = await self.desk.chosen(asked, site)
        newest = await self.desk.source.newest(one.site, 1)
        if not newest:
            return Reply(_("{name} has published nothing yet.").format(name=called(one.site)))
        verdict = one.subscription.wants(newest[0])
        said = halted(one) or judged(verdict.wanted, str(verdict.because or ""))
        return Reply(said, (Shown(build(newest[0]), one.subscription.style),))

    async def _sites(self, asked: Asked, site: str) -> Sequence[Site]:
        """The publication that is named, followed or not, or all that are followed here."""
        followed = await self.desk.followed(asked.channel)
        if not site:
            if not followed:
                raise UsageError(_("Nothing is followed here: name a publication's address."))
            return [one.site for one in followed]
        try:
            return [(await self.desk.chosen(asked, site)).site]
        except UsageError as error:
            if "." not in site and "://" not in site:
                other = _("Any other publication is named by its address, for example {address}.")
                raise UsageError(f"{error} " + other.format(address=ADDRESS)) from None
            return [await self._discover(asked, site)]

    async def _discover(self, asked: Asked, url: str) -> Site:
        """Any publication; in an intranet, for those who do not manage the channel, only one that is followed here."""
        free = asked.manages or not self.desk.private
        followed = () if free else [one.site for one in await self.desk.followed(asked.channel)]
        if free or any(within(url, site) for site in followed):
            found = await self.desk.source.discover(url)
            if free or any(found.places & site.places for site in followed):
                return found
        said = _("Only who manages the channel can look up what is not followed here.")
        raise UsageError(f"{said} {asked.needs()}".rstrip())

    async def _newest(self, site: Site, count: int, stored: Sequence[Card]) -> Sequence[Card]:
        """What the site itself shows first, which may be newer than what is stored; that, where the site fails."""
        try:
            async with asyncio.timeout(PATIENCE if stored else None):
                return [build(article) for article in await self.desk.source.newest(site, count)]
        except (SourceError, TimeoutError):
            if not stored:
                raise
            return stored

    async def _filled(self, sites: Sequence[Site], count: int, stored: Sequence[Card]) -> Sequence[Card]:
        """What is stored of several sites, and what they show themselves where that is not enough."""
        if len(stored) >= count:
            return stored
        asked_for = await asyncio.gather(*(self._among_others(one, count) for one in sites[:MOST_SITES]))
        found = {card.url: card for card in (*stored, *chain.from_iterable(asked_for))}
        return sorted(found.values(), key=_age)[:count]

    async def _among_others(self, site: Site, count: int) -> Sequence[Card]:
        """What the site itself shows first; nothing where it fails, since the others may not."""
        try:
            return await self._newest(site, count, ())
        except SourceError:
            return ()

    async def _search(self, site: Site, words: str, page: int, size: int) -> tuple[Sequence[Card], int]:
        """A page by the site's own search; by what is stored of it here, where that fails or takes too long."""
        try:
            async with asyncio.timeout(PATIENCE):
                found: Found = await self.desk.source.search(site, words, page, size)
            return [build(article) for article in found.articles], found.total
        except (SourceError, TimeoutError) as error:
            if site.id is None:
                raise SourceError(_("{url} could not be searched.").format(url=site.url)) from error
            log.info("searched here instead of there", site=site.url, why=str(error) or "too slow")
            return await self.desk.door(self.desk.store.found, site.id, words, (page - 1) * size, size)


def judged(wanted: bool, because: str) -> str:
    """What a channel's filters say of an article, and which of them."""
    if wanted:
        return (
            _("It would be posted here, for {filter}.").format(filter=because)
            if because
            else _("It would be posted here.")
        )
    if because:
        return _("It would not be posted here: {filter} is excluded.").format(filter=because)
    return _("It would not be posted here: it bears none of what is asked for.")


def paging(name: str, arguments: dict[str, str], page: int, pages: int) -> tuple[tuple[Button, ...], ...]:
    """The buttons that lead to the pages beside this one."""
    steps = [(_("Previous"), "◀", page - 1), (_("Next"), "▶", page + 1)]
    row = tuple(
        Button(label, name, {**{k: v for k, v in arguments.items() if v}, "page": str(to)}, symbol)
        for label, symbol, to in steps
        if 1 <= to <= pages
    )
    return (row,) if row else ()


def within(url: str, site: Site) -> bool:
    """Whether an address is one of a publication's pages."""
    path, home = place(url).partition("?")[0], place(site.url).partition("?")[0]
    return f"{path}/".startswith(f"{home}/")


def _age(card: Card) -> float:
    return -card.published.timestamp() if card.published else 0


def _shown(cards: Sequence[Card], style: Style) -> tuple[Shown, ...]:
    return tuple(Shown(card, style) for card in cards)
