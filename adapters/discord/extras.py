"""What Discord can do for a card that stands: publish it to the followers of its channel, open a thread under it."""

from __future__ import annotations

from adapters.discord.errors import Forbidden, Published, Threaded
from adapters.discord.forums import NAME
from adapters.discord.pace import Budget
from adapters.discord.permissions import ANNOUNCEMENT, FORUMS, THREADED, THREADS, no_threads
from adapters.discord.rest import Rest
from bot.errors import Refused, TryLater
from bot.model import Channel, Extra
from bot.ports import Clock
from bot.text import cut, line, utf16
from bot.words import _

CROSSPOSTS, HOUR = 10, 3600.0
"""So many messages of a channel an hour are published to others; Discord lets those above wait without a word."""


class Extras:
    """Both for the message at a path of Discord's API; twice is once."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        self._rest = rest
        self._crossposts = Budget(clock, CROSSPOSTS, HOUR)

    async def publish(self, channel: Channel, path: str) -> None:
        """Publish a message of an announcement channel to the servers that follow it.

        TryLater, certainly not done, once ten of the channel have been published within an hour.
        """
        doing = _("Publishing in {channel}").format(channel=channel)
        self._crossposts.spend(channel.address, doing)
        try:
            await self._rest.call("POST", f"{path}/crosspost", doing)
        except Published:
            return
        except TryLater as error:
            if not error.maybe_done:
                self._crossposts.give_back(channel.address)
            raise

    async def open_thread(self, channel: Channel, path: str, title: str) -> None:
        """Open a thread of this title; a message has one at most, so that a repeat is refused."""
        doing = _("Opening a thread in {channel}").format(channel=channel)
        body = {"name": cut(line(title), NAME, unit=utf16) or _("Untitled")}
        try:
            await self._rest.call("POST", f"{path}/threads", doing, json=body)
        except Threaded:
            return
        except Forbidden as error:
            raise Refused(no_threads()) from error


def never(channel: Channel, kind: int, extra: Extra) -> str:
    """Why no card in a channel of this kind can have it; "" where it can."""
    if extra is Extra.CROSSPOST and kind != ANNOUNCEMENT:
        return _("{channel} is no announcement channel: only those publish to others.").format(channel=channel)
    if extra is Extra.THREAD and kind in FORUMS | THREADS:
        return _("{channel} is a thread or a forum: there no card can have a thread of its own.").format(
            channel=channel
        )
    if extra is Extra.THREAD and kind not in THREADED:
        said = _("Only in text and announcement channels can a card have a thread, and {channel} is none.")
        return said.format(channel=channel)
    return ""
