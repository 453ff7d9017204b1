"""What Discord answers, in terms of what to do about it: the one place where its errors are translated."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bot.errors import AdapterError, CannotLogIn, Refused, TryLater, Vanished
from bot.words import N_, _


class WrongKind(Refused):
    """The channel takes no messages, but may take threads: it can be a forum."""


class Archived(Refused):
    """The message stands in a thread that was put away."""


class Published(Refused):
    """The message was crossposted before."""


class Forbidden(Refused):
    """The bot lacks a permission."""


class Threaded(Refused):
    """The message has a thread already."""


UNKNOWN_MESSAGE = 10008
CLOUDFLARE_PAUSE = 60.0
"""Seconds to keep quiet after a block that does not say for how long."""

LONGEST = 86_400.0
"""The longest wait, in seconds, that is believed."""

_REFUSALS = {
    10003: N_("Discord knows no such channel (10003): it was deleted, or the number is wrong. Unsubscribe it"),
    10004: N_("Discord knows no such server (10004): it was deleted, or the bot was removed. Invite the bot again"),
    40033: N_("The message is already published (40033)"),
    40058: N_("Messages cannot be sent to a forum itself (40058)"),
    40066: N_("The forum demands a tag, and only its moderators may set those it has (40066): allow others to set one"),
    40067: N_("The forum demands a tag (40067): give it one named like the article's category, or demand none"),
    40333: N_("Discord's firewall refuses the bot (40333): the address of this machine is blocked"),
    50001: N_("The bot cannot see this channel (50001): invite it to the server and give it View Channel there"),
    50024: N_("This kind of channel does not do that (50024): only announcement channels publish to others"),
    50008: N_("Messages cannot be sent to this kind of channel (50008): choose a text or announcement channel"),
    50013: N_("The bot lacks a permission here (50013): give it Send Messages and Embed Links in this channel"),
    50035: N_("Discord finds the request malformed (50035): that is a bug of Pullquote's, please report it"),
    50083: N_("The thread is archived and locked (50083): unlock it"),
    160004: N_("The message has a thread already (160004)"),
    160005: N_("The thread is locked (160005): unlock it"),
    160006: N_("The server has too many active threads (160006): archive some"),
    200000: N_("The server's AutoMod blocks this card (200000): allow the site's words or links there"),
    200001: N_("The server's AutoMod blocks this card (200001): allow the site's words or links there"),
    240000: N_("Discord blocks a link of this card as harmful (240000)"),
}

_KINDS: dict[int, type[Refused]] = {
    40033: Published,
    40058: WrongKind,
    50008: WrongKind,
    50013: Forbidden,
    50083: Archived,
    160004: Threaded,
}
"""Refusals that the adapter itself may know a way around."""

_PAUSES = {
    30046: (N_("Discord takes no more edits of messages older than an hour (30046) for now"), 600.0),
    130000: (N_("Discord is overloaded (130000)"), 60.0),
}
"""Refusals that pass by themselves, with the seconds to wait."""


def translate(status: int, headers: Mapping[str, str], body: bytes, doing: str) -> AdapterError:
    """The error that an answer of `status` ≥ 400 means; `doing` begins its sentence."""
    answer = parse(body)
    code = answer.get("code", 0) if isinstance(answer, dict) else 0
    if status == 401:
        return CannotLogIn(_("Discord refuses the token (401): make a new one and set PULLQUOTE_DISCORD_TOKEN."))
    if status == 429:
        return _too_many(headers, answer, doing)
    if status >= 500:
        return TryLater(_("{doing}: Discord failed with {status}.").format(doing=doing, status=status), maybe_done=True)
    refusal = _("{doing}: Discord refuses with {status}, code {code}: {said}")
    said = refusal.format(doing=doing, status=status, code=code, said=_said(answer))
    return _meaning(code, doing) or Refused(said)


def _meaning(code: Any, doing: str) -> AdapterError | None:
    """The error that one of Discord's own codes means, if we know it."""
    if code == UNKNOWN_MESSAGE:
        return Vanished(_("{doing}: the message is gone (10008); someone deleted it.").format(doing=doing))
    if code in _PAUSES:
        why, after = _PAUSES[code]
        return TryLater(f"{doing}: {_(why)}.", after, maybe_done=False)
    why = _REFUSALS.get(code, "")
    return _KINDS.get(code, Refused)(f"{doing}: {_(why)}.") if why else None


def _said(answer: Any) -> str:
    said = answer.get("message") if isinstance(answer, dict) else ""
    return str(said or _("no reason given"))[:200]


def unreachable(error: Exception, doing: str) -> TryLater:
    """What a failure of the connection means: whether the request can have arrived."""
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        unreached = _("{doing}: Discord cannot be reached ({error}).")
        return TryLater(unreached.format(doing=doing, error=type(error).__name__), maybe_done=False)
    broken = _("{doing}: the connection to Discord broke ({error}).")
    return TryLater(broken.format(doing=doing, error=type(error).__name__), maybe_done=True)


def parse(body: bytes) -> Any:
    """The JSON of an answer; None where it is none."""
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _too_many(headers: Mapping[str, str], answer: Any, doing: str) -> TryLater:
    """A 429 with `Via` and a body is Discord's; any other comes from the firewall before it and stops all."""
    told = _seconds(answer.get("retry_after")) if isinstance(answer, dict) else None
    if told is not None and isinstance(answer, dict) and "Via" in headers:
        everywhere = bool(answer.get("global")) or headers.get("X-RateLimit-Scope") == "global"
        asked = _("{doing}: Discord asks for {seconds} s of patience.").format(doing=doing, seconds=f"{told:g}")
        return TryLater(asked, told, maybe_done=False, everywhere=everywhere)
    after = _seconds(headers.get("Retry-After")) or CLOUDFLARE_PAUSE
    held = _("{doing}: Discord's firewall holds this machine back.").format(doing=doing)
    return TryLater(held, after, maybe_done=False, everywhere=True)


def _seconds(value: Any) -> float | None:
    """A wait as a header or a body tells it, in seconds or as a date; None where it makes no sense."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (TypeError, ValueError, AttributeError):  # no date, or one without a time zone
            return None
    return min(max(seconds, 0.0), LONGEST) if math.isfinite(seconds) else None
