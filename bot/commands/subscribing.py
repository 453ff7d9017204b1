"""What a channel follows, and how: for those who manage it."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Annotated

from bot import filters
from bot.cards import build
from bot.commands.describe import Given, command
from bot.commands.desk import Room, a_site, called, some_terms
from bot.commands.wishing import Language, Notify, adjusted, all_settings, how_read
from bot.errors import SourceError, UsageError
from bot.model import (
    PAUSED,
    ROLE,
    Channel,
    OnCorrection,
    OnWithdrawal,
    Site,
    Style,
    Subscription,
)
from bot.ports import Asked, Button, Reply, Shown
from bot.store import Following
from bot.words import N_, NOTHING, _, choose, ngettext, speaking

MOST_BACKFILLED = 20
PATIENCE = 5.0
"""Seconds that a site may take to show what a pause held back."""

followed = Given(N_("The publication, as “subscriptions” shows it"), a_site)
wanted = Given(N_("Only articles with one of these: category:…, tag:…, author:… or words, between commas"), some_terms)
unwanted = Given(N_("No articles with any of these: category:…, tag:…, author:… or words"), some_terms)
on_correction_of = Given(N_("What a correction does to a card: edit it and say so, edit it, leave it"))
style_of = Given(N_("How much of a card to show"))
loudness = Given(N_("Whether a new card makes a sound; either ends the notifying of a role"))
role_of = Given(N_("A role that each new card notifies, with a sound; “none” for none"), kind="role")


class Subscribing(Room):
    """Commands that change what a channel shows."""

    @command(manage=True)
    async def subscribe(
        self,
        asked: Asked,
        site: Annotated[str, Given(N_("A publication's homepage, or any page of it, its feed or its API"))],
        channel: Annotated[Channel | None, Given(N_("Where to show it; here, when left out"))] = None,
        style: Annotated[Style | None, style_of] = None,
        notify: Annotated[Notify | None, loudness] = None,
        include: Annotated[str, wanted] = "",
        exclude: Annotated[str, unwanted] = "",
        lang: Annotated[str, Given(N_("Only its articles in this language, as its addresses name it: de, pt-br"))] = "",
        type: Annotated[  # noqa: A002 - what the option is called
            str, Given(N_("Only its posts of this type, as its API or its editors name it, in place of articles"))
        ] = "",
    ) -> Reply:
        """Show here what a publication publishes from now on."""
        desk, where = self.desk, channel or asked.channel
        wished = partial(adjusted, style=style, notify=notify, include=include, exclude=exclude)
        wished(Subscription(where, 0))  # what cannot be wished for is said before anything is asked or stored
        found = await desk.source.discover(site)
        if lang or type:
            found = await desk.source.edition(found, lang, type)
        known = [one for one in await desk.followed(where) if one.site.places & found.places]
        changed = await desk.door(desk.store.adjust, where, _id(known[0].site), wished) if known else None
        if changed:
            await desk.door(desk.store.revive, where, desk.clock.now(), _id(known[0].site))
            text = _("{name} is followed already.").format(name=called(known[0].site))
            if changed != known[0].subscription:
                text += " " + _("Its settings were changed.")
            return await self._shown(asked, text, known[0].site, changed)
        term = None if include else await self._listed(found, site)
        if term:
            wished = partial(wished, include=str(term))
        stored = await self._begin(found)
        wishes = await desk.door(desk.store.follow, where, _id(stored), wished, desk.clock.now())
        await desk.door(desk.store.revive, where, desk.clock.now(), _id(stored))
        text = _("Subscribed to {name}.").format(name=called(stored))
        if where != asked.channel:
            text = _("Subscribed {channel} to {name}.").format(channel=where, name=called(stored))
        if term:
            text += "\n" + _("Only articles with {term} are shown, since that page lists those.").format(term=term)
        if term and where == asked.channel:
            every = asked.write("settings", {"site": stored.url, "include": "none"})
            text += " " + _("For all of them: {command}").format(command=every)
        return await self._shown(asked, text, stored, wishes)

    async def _listed(self, found: Site, url: str) -> filters.Term | None:
        """The term whose posts the page at the URL lists, as a filter; None where it can be none."""
        listed = await self.desk.source.term(found, url)
        if listed is None:
            return None
        kind, name = listed
        try:
            return filters.Term.parse(f"{kind}:{filters.COMMAS.sub(' ', name)}")
        except UsageError:
            return None

    async def _begin(self, found: Site) -> Site:
        """The site with its first contact made, and the names that its posts can be filtered by."""
        first_contact = await self.desk.source.articles(found)
        return await self._add(replace(found, cursor=first_contact.cursor))

    async def _add(self, found: Site) -> Site:
        """The site with its names; once it is stored nothing is waited for, so that meanwhile nobody moves it."""
        desk = self.desk
        terms = await desk.source.terms(found)
        stored = await desk.door(desk.store.add_site, found, desk.clock.now())
        await desk.door(desk.store.learn_terms, _id(stored), terms)
        return stored

    async def _shown(self, asked: Asked, text: str, site: Site, wishes: Subscription) -> Reply:
        """How the site is read, what is missing, its newest card as it will look, and how to undo it all."""
        undo = asked.write("unsubscribe", {"site": site.url})
        lines = [text, how_read(site)]
        lines += await self.desk.check(wishes.channel, wishes.extras) or [_("The bot has all it needs to post there.")]
        lines += await self._strange(wishes)
        lines.append(
            _("Undo with: {command}").format(command=undo)
            if wishes.channel == asked.channel
            else _("Undo there with: {command}").format(command=undo)
        )
        try:
            newest = await self.desk.source.newest(site, 1)
        except SourceError as error:
            return Reply("\n".join([*lines, _("Its newest article cannot be shown: {why}").format(why=error)]))
        if not newest:
            return Reply("\n".join([*lines, _("It has published nothing yet.")]))
        looks = _("Its newest article, as it will look:")
        if not wishes.wants(newest[0]):
            looks = _("Its newest article, which the filters would hold back, as it would look:")
        return Reply("\n".join([*lines, looks]), (Shown(build(newest[0]), wishes.style),))

    async def _strange(self, wishes: Subscription) -> list[str]:
        """A sentence for each filter that the publication is not known to bear: a name, or words written like one."""
        terms = (*wishes.filters.include, *wishes.filters.exclude)
        known = await self.desk.door(self.desk.store.terms, wishes.channel)
        names = {(kind, filters.fold(name)) for kind, name in known}
        kinds = {kind for kind, _name in known}
        strange = [
            _("No {term} is known of it yet: it may be spelled otherwise.").format(term=term)
            for term in terms
            if term.kind in kinds and (term.kind, filters.fold(term.text)) not in names
        ]
        words = [term for term in terms if term.kind is filters.Kind.WORDS and filters.COLON.search(term.text)]
        return strange + [
            _("{term} is looked for as words: names stand only behind category:, tag: and author:.").format(term=term)
            for term in words
        ]

    @command(manage=True)
    async def unsubscribe(self, asked: Asked, site: Annotated[str, followed]) -> Reply:
        """Follow a publication here no longer; what stands stays."""
        one = await self.desk.chosen(asked, site)
        await self.desk.door(self.desk.store.unsubscribe, asked.channel, one.subscription.site_id)
        return Reply(_("{name} is not followed here any more.").format(name=called(one.site)))

    @command(manage=True)
    async def settings(
        self,
        asked: Asked,
        site: Annotated[str, followed] = "",
        style: Annotated[Style | None, style_of] = None,
        notify: Annotated[Notify | None, loudness] = None,
        role: Annotated[str, role_of] = "",
        include: Annotated[str, wanted] = "",
        exclude: Annotated[str, unwanted] = "",
        corrections: Annotated[OnCorrection | None, on_correction_of] = None,
        withdrawals: Annotated[OnWithdrawal | None, Given(N_("What a withdrawal does to a card"))] = None,
        crosspost: Annotated[
            bool | None, Given(N_("Hand each card on to the servers that follow this channel (announcements only)"))
        ] = None,
        thread: Annotated[
            bool | None, Given(N_("Open a thread under each card (Discord: text and announcement channels)"))
        ] = None,
        language: Annotated[Language | None, Given(N_("The language of the bot's own words here"))] = None,
        url: Annotated[str, Given(N_("The publication's new address, once it has moved"))] = "",
    ) -> Reply:
        """See or change how a publication is shown here; “none” clears a filter."""
        desk = self.desk
        asked_for = (style, notify, role, include, exclude, corrections, withdrawals, crosspost, thread)
        if language is not None and not any(
            one not in {None, ""} for one in (site, url, *asked_for)
        ):  # it is the channel's, whatever is followed
            return await self._speak(asked.channel, language)
        one = await desk.chosen(asked, site)
        if role and role.casefold() not in NOTHING:
            role = desk.adapter(asked.channel).role(role)
        asked_for = (style, notify, role, include, exclude, corrections, withdrawals, crosspost, thread)

        def wished(old: Subscription) -> Subscription:
            return adjusted(old, *asked_for)

        extras = wished(one.subscription).extras  # what cannot be wished for is said before anything is asked or stored
        lacks = [
            line
            for extra in sorted(extras - one.subscription.extras)
            for line in await desk.needs(asked.channel, extra)
        ]
        if url:
            before, one = one.site, replace(one, site=await self._move(one, url))
            if before.reader != one.site.reader:
                lacks += [how_read(one.site), self._missed(asked, one.site)]
        wishes = await desk.door(desk.store.adjust, asked.channel, _id(one.site), wished)
        if wishes is None:
            raise UsageError(_("{name} is not followed here any more.").format(name=called(one.site)))
        if language is not None:
            await self._speak(asked.channel, language)
        tag = await desk.door(desk.store.language, asked.channel)
        with speaking(choose(tag, asked.locale, desk.language)):  # the one that it may just have been changed to
            called_for = wishes.notify.removeprefix(ROLE) if wishes.notify.startswith(ROLE) else ""
            mention = called_for and desk.adapter(asked.channel).mention(called_for)
            told = all_settings(one.site, wishes, tag, asked.word, mention)
            text = "\n".join([told, *lacks, *await self._strange(wishes)])
            return Reply(text, mentions=(mention,) if mention else ())

    async def _speak(self, channel: Channel, language: Language) -> Reply:
        tag = "" if language is Language.AUTO else language.value
        await self.desk.door(self.desk.store.speak, channel, tag)
        with speaking(tag) if tag else nullcontext():
            return Reply(_("The bot speaks {language} here.").format(language=tag or language))

    async def _move(self, one: Following, url: str) -> Site:
        """The site at its new address, once that has proved to be the same: it shows articles that are known.

        Where other channels follow it too, or its cards stand there, this one alone follows it there: nobody takes a
        site from them.
        """
        desk, site = self.desk, one.site
        there = await desk.source.discover(url)
        if there.places & site.places:
            return site if there.reader == site.reader else await self._read_by(site, there)
        if any(other.site.places & there.places for other in await desk.followed(one.subscription.channel)):
            raise UsageError(_("{name} is followed already.").format(name=called(there)))
        shown = [(article.id, build(article).title) for article in await desk.source.newest(there, 20)]
        if not await desk.door(desk.store.knows, _id(site), shown):
            said = _(
                "{url} shows too little of what {name} had to be the same publication; "
                "it can be subscribed to as another one."
            )
            raise UsageError(said.format(url=there.url, name=called(site)))
        if there.reader != site.reader:  # one reader's cursor tells the other nothing
            there = replace(there, cursor=(await desk.source.articles(there)).cursor)
        moved = await desk.door(desk.store.move_site, one.subscription.channel, _id(site), there, desk.clock.now())
        return moved or await self._move_alone(one, there)

    async def _read_by(self, site: Site, found: Site) -> Site:
        """The site as it can be read now, by all who follow it: its API was closed, or opened again."""
        desk = self.desk
        begun = replace(found, cursor=(await desk.source.articles(found)).cursor)
        return await desk.door(desk.store.read_by, _id(site), begun, desk.clock.now())

    def _missed(self, asked: Asked, site: Site) -> str:
        """How to see what was published before the way of reading changed."""
        command = asked.write("backfill", {"site": site.url})
        return _("What it published before is not shown by itself: {command}").format(command=command)

    async def _move_alone(self, one: Following, there: Site) -> Site:
        """The site at its new address, followed there by this channel; it is read on from where the old one was."""
        desk = self.desk
        stored = await self._add(replace(there, cursor=there.cursor or one.site.cursor))
        await desk.door(desk.store.move_subscription, one.subscription, _id(stored), desk.clock.now())
        return stored

    @command(manage=True)
    async def pause(self, asked: Asked, site: Annotated[str, followed] = "") -> Reply:
        """Show nothing new of a publication here, until it is resumed."""
        desk, one = self.desk, await self.desk.chosen(asked, site)
        await desk.door(desk.store.halt, [asked.channel], PAUSED, one.subscription.site_id)
        resume = {"site": one.site.url}
        text = _("{name} is paused here.").format(name=called(one.site))
        return Reply(
            text, buttons=((Button(_("Resume {name}").format(name=one.site.name or one.site.url), "resume", resume),),)
        )

    @command(manage=True)
    async def resume(self, asked: Asked, site: Annotated[str, followed] = "") -> Reply:
        """Go on after a pause: with the newest article, and a word on how many there were."""
        desk, one = self.desk, await self.desk.chosen(asked, site)
        try:
            async with asyncio.timeout(PATIENCE):
                whole = await desk.source.newest(one.site, MOST_BACKFILLED)
        except (SourceError, TimeoutError):
            whole = ()  # the pause ends all the same
        site_id = one.subscription.site_id
        missed = await desk.door(desk.store.resume, asked.channel, desk.clock.now(), site_id, whole)
        lines = [_("{name} goes on here.").format(name=called(one.site))]
        if missed > 1:
            lines.append(
                ngettext("Meanwhile it published {count} article.", "Meanwhile it published {count} articles.", missed)
            )
            others = asked.write("backfill", {"site": one.site.url})
            lines.append(_("The newest follows; for the others: {command}").format(command=others))
        return Reply("\n".join(lines))

    @command(manage=True)
    async def backfill(
        self,
        asked: Asked,
        site: Annotated[str, followed] = "",
        count: Annotated[int, Given(N_("How many of its newest articles, oldest first"), most=MOST_BACKFILLED)] = 5,
    ) -> Reply:
        """Show here a publication's last articles that have not been shown yet."""
        desk, one = self.desk, await self.desk.chosen(asked, site)
        articles = await desk.source.newest(one.site, MOST_BACKFILLED)
        pairs = [(article, build(article)) for article in reversed(articles)]
        due = await desk.door(desk.store.backfill, one.subscription, pairs, count, desk.clock.now())
        if not due:
            nothing = _("{name}: nothing follows; its last articles were shown here, or the filters hold them back.")
            return Reply(nothing.format(name=called(one.site)))
        follow = ngettext("{count} article follows.", "{count} articles follow.", due)
        return Reply(f"{called(one.site)}: {follow}")


def _id(site: Site) -> int:
    assert site.id is not None  # noqa: S101 - a stored site has an id
    return site.id
