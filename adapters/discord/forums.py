"""Cards in forums and media channels: each begins a thread, whose id is its first message's.

Discord takes no nonce there, so whoever posts looks first, and while a try is in doubt nothing is sent at all: the
dispatcher then finds out in its own time, after a restart as well (`Discord.recognises`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.discord.markdown import same_url, unescape
from adapters.discord.rest import Rest
from adapters.discord.snowflakes import moment
from bot.errors import AdapterError, Refused, TryLater, Vanished
from bot.model import Channel, Payload, Receipt
from bot.ports import Clock
from bot.text import cut, utf16
from bot.words import _

NAME, TAGS, PAGE = 100, 5, 100
REQUIRE_TAG = 1 << 4


class Forums:
    """Posts threads and finds them again; `settle` is how many seconds a try can stay in doubt."""

    def __init__(self, rest: Rest, clock: Clock, settle: float) -> None:
        self._rest, self._clock, self._settle = rest, clock, settle
        self._doubts: dict[str, float] = {}

    async def post(self, channel: Channel, payload: Payload, key: str, me: str, after: int) -> Receipt:
        """Begin a thread, unless one of ours with the same URL has begun since the id `after`."""
        doing = _("Posting in {channel}").format(channel=channel)
        self._wait_out(key, doing)
        forum = await self._rest.call("GET", f"/channels/{channel.address}", doing)
        url = payload["embeds"][0].get("url", "")
        with contextlib.suppress(Refused):  # what cannot be looked through can still be posted in
            if earlier := await self.find(channel, forum, url, me, after):
                return earlier
        body = _thread(forum, payload)
        self._doubts[key] = self._clock.monotonic() + self._settle
        try:
            answer = await self._rest.call("POST", f"/channels/{channel.address}/threads", doing, json=body)
        except AdapterError as error:
            if not isinstance(error, TryLater) or not error.maybe_done:
                del self._doubts[key]
            raise
        if not isinstance(answer, dict) or not str(answer.get("id", "")).isdecimal():
            raise TryLater(_("{doing}: Discord's answer names no message.").format(doing=doing), maybe_done=True)
        del self._doubts[key]
        return _receipt(channel, answer)

    async def find(self, channel: Channel, forum: Mapping[str, Any], url: str, me: str, after: int) -> Receipt | None:
        """The first thread of ours since the id `after` whose first message carries the URL."""
        active = await self._rest.call("GET", f"/guilds/{forum['guild_id']}/threads/active", _looking(channel))
        threads = [*active["threads"], *await self._archived(channel, after)]
        ours = [one for one in threads if one["parent_id"] == forum["id"] and one["owner_id"] == me]
        for thread in sorted(ours, key=lambda one: int(one["id"])):
            if int(thread["id"]) > after and await self._carries(thread["id"], url):
                return _receipt(channel, thread)
        return None

    async def _archived(self, channel: Channel, after: int) -> Sequence[Mapping[str, Any]]:
        """All that were archived since then: those that began since then are among them."""
        found: list[Mapping[str, Any]] = []
        params, since = {"limit": str(PAGE)}, moment(after)
        path = f"/channels/{channel.address}/threads/archived/public"
        while True:
            page = await self._rest.call("GET", path, _looking(channel), params=params)
            found += page["threads"]
            if not page["has_more"] or not page["threads"]:
                return found
            last = page["threads"][-1]["thread_metadata"]["archive_timestamp"]
            if datetime.fromisoformat(last) < since:
                return found
            params["before"] = datetime.fromisoformat(last).astimezone(UTC).isoformat().replace("+00:00", "Z")

    async def _carries(self, thread: str, url: str) -> bool:
        try:
            message = await self._rest.call("GET", f"/channels/{thread}/messages/{thread}", _("Looking at a thread"))
        except Vanished:
            return False
        return any(same_url(embed.get("url") or "", url) for embed in message["embeds"])

    def _wait_out(self, key: str, doing: str) -> None:
        """TryLater while an earlier try with this key may still be carried out."""
        now = self._clock.monotonic()
        self._doubts = {one: until for one, until in self._doubts.items() if until > now}
        if until := self._doubts.get(key):
            why = _("{doing}: an earlier try is still in doubt.").format(doing=doing)
            raise TryLater(why, until - now, maybe_done=True)


def lacking(forum: Mapping[str, Any]) -> Sequence[str]:
    """What keeps cards out of a forum besides permissions, with its mend."""
    demands = int(forum.get("flags", 0)) & REQUIRE_TAG and not _usable(forum)
    return [_("The forum demands a tag: add tags named like the site's categories, or demand none.")] if demands else []


def _looking(channel: Channel) -> str:
    return _("Looking through {channel}").format(channel=channel)


def _thread(forum: Mapping[str, Any], payload: Payload) -> dict[str, Any]:
    """The body of the request: the card's title, its category as a tag where the forum has one, its message."""
    wanted = {name.casefold() for name in payload.get("applied_tags", ())}
    tags = [tag["id"] for tag in _usable(forum) if tag["name"].casefold() in wanted]
    message = {name: value for name, value in payload.items() if name != "applied_tags"}
    title = unescape(payload["embeds"][0].get("title", ""))
    return {"name": cut(title, NAME, unit=utf16) or _("Untitled"), "applied_tags": tags[:TAGS], "message": message}


def _usable(forum: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [tag for tag in forum.get("available_tags") or () if not tag["moderated"]]


def _receipt(channel: Channel, thread: Mapping[str, Any]) -> Receipt:
    """Names thread and message, which have one id."""
    return Receipt(channel, f"{thread['id']}/{thread['id']}")
