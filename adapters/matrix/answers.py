"""A homeserver's failures in terms of what to do about them: the one place where they are translated."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bot.errors import AdapterError, CannotLogIn, Refused, TryLater
from bot.words import N_, _


class Missing(Refused):
    """What was asked for does not exist, or not for the bot."""


class Limited(TryLater):
    """The homeserver asked the bot to be slower."""


class Unreadable(TryLater):
    """The homeserver's answer came whole and made no sense."""


_LOGIN = {"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_LOCKED"}
_LATER = {"M_RESOURCE_LIMIT_EXCEEDED", "M_SERVER_NOT_TRUSTED"}
_MENDS = {
    "M_FORBIDDEN": N_("invite the bot to the room and let it send messages there"),
    "M_NOT_FOUND": N_("look whether the room still exists, and invite the bot"),
    "M_TOO_LARGE": N_("choose a smaller style for this channel"),
    "M_UNRECOGNIZED": N_("look whether PULLQUOTE_MATRIX_HOMESERVER is the homeserver's base URL"),
}
_MOST = 86_400.0
"""The longest wait, in seconds, that is believed."""


def refusal(doing: str, status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> AdapterError:
    """The error for an answer that is no success: `body` is {} where it was no JSON object.

    Only an answer in Matrix's own form is believed to come from the homeserver; all others may come from a proxy
    that had already passed the request on.
    """
    code, said = body.get("errcode"), str(body.get("error", ""))[:200]
    if status == 429 or code == "M_LIMIT_EXCEEDED":
        after = retry_after(headers, body)
        return Limited(f"{doing}: the homeserver limits the bot's rate", after, maybe_done=False, everywhere=True)
    if status == 413:
        code = "M_TOO_LARGE"
    if 200 <= status < 300:
        return Unreadable(f"{doing}: unexpected, the homeserver's answer makes no sense", everywhere=True)
    if status >= 500 or not isinstance(code, str):
        return TryLater(f"{doing}: the homeserver answered {status}", retry_after(headers, body), everywhere=True)
    if code in _LOGIN:
        return CannotLogIn(
            f"{doing}: the homeserver no longer knows the bot's access token ({code} {said}): "
            "give a new PULLQUOTE_MATRIX_ACCESS_TOKEN or PULLQUOTE_MATRIX_PASSWORD"
        )
    if code in _LATER:
        return TryLater(f"{doing}: {code} {said}", 600, maybe_done=False, everywhere=True)
    mend = _MENDS.get(code) if doing != "logging in" else None  # it is in no room's power
    kind = Missing if code == "M_NOT_FOUND" else Refused
    return kind(f"{doing}: {code} {said}" + (f"; {_(mend)}" if mend else ""))


def breakdown(doing: str, error: Exception) -> TryLater:
    """The error for a request that got no answer, or one that could not be read."""
    name = type(error).__name__
    if isinstance(error, (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)):
        return TryLater(f"{doing}: the homeserver cannot be reached ({name})", maybe_done=False, everywhere=True)
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return TryLater(f"{doing}: the homeserver gave no whole answer ({name})", everywhere=True)
    return Unreadable(f"{doing}: unexpected, the homeserver's answer makes no sense ({name})", everywhere=True)


def retry_after(headers: Mapping[str, str], body: Mapping[str, Any]) -> float | None:
    """Seconds to wait, from the header `Retry-After` or Matrix's older `retry_after_ms`, whichever is longer."""
    waits = [wait for wait in (_header(headers.get("Retry-After", "")), _milliseconds(body)) if wait is not None]
    return min(max(waits), _MOST) if waits else None


def _header(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):  # no date, or one without a time zone
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _milliseconds(body: Mapping[str, Any]) -> float | None:
    value = body.get("retry_after_ms")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return max(value / 1000, 0.0)
