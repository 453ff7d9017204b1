"""What people can ask for, wherever they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlsplit

from bot.commands.describe import command
from bot.errors import UsageError
from bot.model import Channel, Site, Style, Subscription
from bot.ports import Clock, Source
from bot.store import Door, Following, Store
from bot.words import _

Check = Callable[[Channel], Awaitable[Sequence[str]]]


class Commands:
    """Every command answers with text for people; UsageError and SourceError are answers too."""

    def __init__(self, source: Source, store: Store, door: Door, clock: Clock, check: Check) -> None:
        self._source, self._store, self._door, self._clock, self._check = source, store, door, clock, check

    @command(manage=True)
    async def subscribe(
        self,
        channel: Channel,
        site: Annotated[str, _("A publication's homepage, or any page of it")],
        style: Annotated[str, _("How much to show: compact, card or full")] = Style.CARD.value,
    ) -> str:
        """Show here what a publication publishes from now on."""
        wish = _style(style)
        found = await self._source.discover(site)
        first_contact = await self._source.articles(found)
        now = self._clock.now()
        stored = await self._door(self._store.add_site, replace(found, cursor=first_contact.cursor), now)
        assert stored.id is not None  # noqa: S101 - a stored site has an id
        new = await self._door(self._store.subscribe, Subscription(channel, stored.id, wish), now)
        await self._door(self._store.revive, channel, now)
        said = _("Subscribed {channel} to {name} ({url}).") if new else _("{channel} already follows {name} ({url}).")
        lines = [said.format(channel=channel, name=stored.name or stored.url, url=stored.url)]
        lines.append(_("Every new post appears here; undo with: unsubscribe {url}").format(url=stored.url))
        return "\n".join([*lines, *await self._check(channel)])

    @command(manage=True)
    async def unsubscribe(
        self, channel: Channel, site: Annotated[str, _("The publication, as `subscriptions` shows it")]
    ) -> str:
        """Follow a publication here no longer; what stands stays."""
        followed = await self._door(self._store.following, channel)
        chosen = [one for one in followed if _same(one.site, site)]
        if not chosen:
            known = ", ".join(one.site.url for one in followed) or _("nothing")
            raise UsageError(
                _("{channel} does not follow {site}; it follows: {known}.").format(
                    channel=channel, site=site, known=known
                )
            )
        for one in chosen:
            await self._door(self._store.unsubscribe, channel, one.subscription.site_id)
        return _("{channel} no longer follows {url}.").format(channel=channel, url=chosen[0].site.url)

    @command(manage=False)
    async def subscriptions(self, channel: Channel) -> str:
        """What is followed here, and how it fares."""
        followed = await self._door(self._store.following, channel)
        if not followed:
            return _("{channel} follows nothing yet. Begin with: subscribe URL").format(channel=channel)
        return "\n".join(following_line(one) for one in followed)


def following_line(one: Following) -> str:
    """One subscription, for people."""
    parts = [f"{one.site.name or one.site.url} ({one.site.url})"]
    if one.last_card:
        parts.append(_("last card {moment}").format(moment=f"{one.last_card:%Y-%m-%d %H:%M} UTC"))
    if one.waiting:
        parts.append(_("{count} waiting").format(count=one.waiting))
    if one.parked:
        parts.append(_("stopped: {why}").format(why=one.parked))
    return " · ".join(parts)


def _style(text: str) -> Style:
    try:
        return Style(text.lower())
    except ValueError:
        known = ", ".join(Style)
        raise UsageError(_("{text} is no style; there are: {known}.").format(text=text, known=known)) from None


def _same(site: Site, text: str) -> bool:
    wanted = text.strip().casefold()
    return wanted == site.name.casefold() or _place(wanted) in {_place(site.url), _place(site.endpoint)}


def _place(url: str) -> str:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    return f"{(parts.hostname or '').removeprefix('www.')}:{parts.port or ''}{parts.path.rstrip('/')}?{parts.query}"
