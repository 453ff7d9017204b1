"""Whether the bot may post in a channel: Discord's published algorithm over what REST tells. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.words import N_, _

ADMINISTRATOR = 1 << 3
READ_MESSAGE_HISTORY = 1 << 16
CREATE_PUBLIC_THREADS = 1 << 35
ANNOUNCEMENT = 5
THREADED = {0, ANNOUNCEMENT}
"""Kinds of channels in which a message can have a thread."""
THREADS = {10, 11, 12}
FORUMS = {15, 16}
POSTABLE = {0, 2, 5, 13} | THREADS | FORUMS
"""Text, voice, announcement and stage channels, threads, forums and media channels."""
KINDS = {
    1: N_("a direct message"),
    3: N_("a group message"),
    4: N_("a category"),
    14: N_("a directory"),
}
UNKNOWN_KIND = N_("of an unknown kind")

_NEEDED = {
    "View Channel": (1 << 10, N_("without it the bot sees nothing of the channel")),
    "Send Messages": (1 << 11, N_("without it no card can be posted")),
    "Send Messages in Threads": (1 << 38, N_("without it no card can be posted")),
    "Embed Links": (1 << 14, N_("without it Discord takes no cards")),
    "Read Message History": (
        READ_MESSAGE_HISTORY,
        N_("without it a card whose delivery is in doubt cannot be looked for, and may be missing or stand twice"),
    ),
}


def rights(guild: Mapping[str, Any], member: Mapping[str, Any], channel: Mapping[str, Any]) -> int:
    """The bot's permission bits in a channel (for a thread, hand in its parent)."""
    roles = {role["id"]: int(role["permissions"]) for role in guild["roles"]}
    held = roles.get(guild["id"], 0)
    for role in member["roles"]:
        held |= roles.get(role, 0)
    if held & ADMINISTRATOR:
        return ~0
    overwrites = {item["id"]: item for item in channel.get("permission_overwrites") or ()}
    for holders in ([guild["id"]], member["roles"], [member["user"]["id"]]):
        written = [overwrites[holder] for holder in holders if holder in overwrites]
        for item in written:
            held &= ~int(item["deny"])
        for item in written:
            held |= int(item["allow"])
    return held


def missing(held: int, kind: int) -> Sequence[str]:
    """One sentence for each permission that is missing in a channel of this kind, with its mend."""
    skipped = "Send Messages" if kind in THREADS else "Send Messages in Threads"
    return [_lacks(name, why) for name, (bit, why) in _NEEDED.items() if name != skipped and not held & bit]


def no_threads() -> str:
    """That the bot may not open threads, with the mend."""
    return _lacks("Create Public Threads", N_("without it no thread can be opened under a card"))


def _lacks(name: str, why: str) -> str:
    said = _("The bot lacks “{name}”: {why}. Grant it in the channel's settings, under Permissions.")
    return said.format(name=name, why=_(why))
