"""What stands on the stand-in: a guild, its channels and messages, what was asked for, what is to go wrong."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.farends.discord.basics import (
    ALL,
    ANNOUNCEMENT,
    BITS,
    CROSSPOSTED,
    DEFAULT,
    EPOCH_MS,
    FORUMS,
    REQUIRE_TAG,
    THREADS,
    ApiError,
    Fault,
    Json,
    Settable,
)


@dataclass
class World:
    """The state; all times are seconds of `clock`, all ids strings of digits, as Discord writes them."""

    clock: Settable = field(default_factory=Settable)
    token: str = "far-end-token"
    nonce_window: float = 120.0
    bucket_limit: int = 5
    bucket_window: float = 5.0
    global_limit: int = 50
    way: float = 0.0
    """Seconds that a request takes there and back."""
    state_file: Path | None = None

    channels: dict[str, Json] = field(default_factory=dict)
    messages: dict[str, dict[str, Json]] = field(default_factory=dict)
    commands: list[Json] = field(default_factory=list)
    nonces: dict[str, tuple[float, str, str]] = field(default_factory=dict)
    creates: int = 0
    command_syncs: int = 0
    limited: int = 0
    crossposts: dict[str, list[float]] = field(default_factory=dict)
    pings: list[Json] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    requests: list[Json] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    in_guild: bool = True
    role_permissions: int = DEFAULT
    user: Json = field(default_factory=dict)
    guild_id: str = "81384788765712384"
    mentionable: set[str] = field(default_factory=set)
    """The roles that everyone may mention."""
    role_id: str = "81384788765712385"
    application_id: str = "1000000000000000001"

    def __post_init__(self) -> None:
        self._counter = itertools.count()
        self.user = self.user or {
            "id": "1000000000000000001",
            "username": "Pullquote",
            "discriminator": "0000",
            "global_name": None,
            "avatar": None,
            "bot": True,
        }
        self.load()

    def snowflake(self) -> str:
        """A new id, later than all before it in the same millisecond."""
        return str(((int(self.clock() * 1000) - EPOCH_MS) << 22) | (next(self._counter) & 0x3FFFFF))

    # ------------------------------------------------------------------ channels and rights

    def add_channel(self, name: str = "news", kind: int = 0, ident: str = "", parent: str | None = None) -> str:
        """A channel in which the bot may do all it needs; its id."""
        ident = ident or self.snowflake()
        self.channels[ident] = {
            "id": ident,
            "type": kind,
            "name": name,
            "guild_id": self.guild_id,
            "position": len(self.channels),
            "permission_overwrites": [],
            "parent_id": parent,
            "nsfw": False,
            "topic": None,
            "last_message_id": None,
            "rate_limit_per_user": 0,
            "flags": 0,
        }
        if kind in THREADS:
            self.channels[ident] |= {"owner_id": self.user["id"], "message_count": 0, "member_count": 1}
            self.channels[ident]["thread_metadata"] = self._metadata(archived=False)
        if kind in FORUMS:
            self.channels[ident]["available_tags"] = []
        self.messages.setdefault(ident, {})
        self.save()
        return ident

    def remove_channel(self, ident: str) -> Json:
        """Take a channel away, its threads with it."""
        channel = self.channels.pop(ident)
        self.messages.pop(ident)
        for thread in [one["id"] for one in self.channels.values() if one["parent_id"] == ident]:
            self.remove_channel(thread)
        return channel

    def add_tags(self, forum_id: str, *names: str, required: bool = False) -> list[str]:
        """Tags that a forum offers; their ids."""
        ids = [self.snowflake() for _ in names]
        self.channels[forum_id]["available_tags"] += [
            {"id": ident, "name": name, "moderated": False, "emoji_id": None, "emoji_name": None}
            for ident, name in zip(ids, names, strict=True)
        ]
        self.channels[forum_id]["flags"] |= REQUIRE_TAG if required else 0
        return ids

    def archive(self, thread_id: str, *, archived: bool = True, locked: bool = False) -> None:
        """Put a thread into the archive, or take it out."""
        self.channels[thread_id]["thread_metadata"] = self._metadata(archived=archived, locked=locked)

    def _metadata(self, *, archived: bool, locked: bool = False) -> Json:
        return {
            "archived": archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": self._timestamp(),
            "locked": locked,
        }

    def deny(self, channel_id: str, *names: str) -> None:
        """Take rights from the bot in a channel."""
        self.channels[channel_id]["permission_overwrites"] = [
            {"id": self.user["id"], "type": 1, "allow": "0", "deny": str(sum(BITS[name] for name in names))}
        ]

    def permissions(self, channel: Json) -> int:
        """The bot's rights there, by the published algorithm."""
        if channel["type"] in THREADS and channel["parent_id"]:
            return self.permissions(self.channels[channel["parent_id"]])
        rights = self.role_permissions
        if rights & BITS["ADMINISTRATOR"]:
            return ALL
        overwrites = {item["id"]: item for item in channel["permission_overwrites"]}
        for holder in (self.guild_id, self.role_id, self.user["id"]):
            if holder in overwrites:
                rights = rights & ~int(overwrites[holder]["deny"]) | int(overwrites[holder]["allow"])
        return rights

    def channel(self, channel_id: str, *needed: str) -> Json:
        """The channel, when the bot may see it and has the rights; else the error Discord gives."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise ApiError(404, 10003, "Unknown Channel")
        rights = self.permissions(channel)
        if not self.in_guild or not rights & BITS["VIEW_CHANNEL"]:
            raise ApiError(403, 50001, "Missing Access")
        if any(not rights & BITS[name] for name in needed):
            raise ApiError(403, 50013, "Missing Permissions")
        return channel

    # ------------------------------------------------------------------ messages

    def create(self, channel_id: str, body: Json) -> Json:
        """A new message, or the one that already has this nonce."""
        channel = self.channel(channel_id)
        threaded = channel["type"] in THREADS
        self.channel(channel_id, "SEND_MESSAGES_IN_THREADS" if threaded else "SEND_MESSAGES")
        if body.get("embeds"):
            self.channel(channel_id, "EMBED_LINKS")
        if channel["type"] in FORUMS:
            raise ApiError(400, 40058, "Cannot send a message in a forum channel")
        if channel["type"] not in {0, 2, 5, 10, 11, 12, 13}:
            raise ApiError(400, 50008, "Cannot send messages in a non-text channel")
        nonce = str(body["nonce"]) if body.get("nonce") is not None else ""
        if nonce and body.get("enforce_nonce") and (earlier := self._same_nonce(nonce)):
            return {**earlier, "nonce": nonce}
        message = self._message(channel_id, body)
        self.messages[channel_id][message["id"]] = message
        self.creates += 1
        if nonce:
            self.nonces[nonce] = (self.clock(), channel_id, message["id"])
        self._note_pings(body)
        self.save()
        return {**message, "nonce": nonce} if nonce else message

    def start_thread(self, forum_id: str, body: Json) -> Json:
        """A post in a forum: a thread whose id is its first message's; no nonce is known there."""
        forum = self.channel(forum_id, "SEND_MESSAGES")
        if body["message"].get("embeds"):
            self.channel(forum_id, "EMBED_LINKS")
        if forum["type"] not in FORUMS:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        tags = body.get("applied_tags") or []
        if {*tags} - {tag["id"] for tag in forum["available_tags"]}:
            raise ApiError(404, 10087, "Unknown Tag")
        if forum["flags"] & REQUIRE_TAG and not tags:
            raise ApiError(400, 40067, "A tag is required to create a forum post in this channel")
        message = self._message("", body["message"])
        thread = self.add_channel(body["name"].strip(), 11, message["id"], forum_id)
        self.channels[thread]["applied_tags"] = tags
        self.messages[thread][thread] = message | {"channel_id": thread}
        self.creates += 1
        self._note_pings(body["message"])
        self.save()
        return {**self.channels[thread], "message": message}

    def open_thread(self, channel_id: str, message_id: str, body: Json) -> Json:
        """A thread under a message, whose id it takes; one at most."""
        channel = self.channel(channel_id, "CREATE_PUBLIC_THREADS")
        self.message(channel_id, message_id)
        if channel["type"] not in {0, ANNOUNCEMENT}:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if message_id in self.channels:
            raise ApiError(400, 160004, "A thread has already been created for this message")
        kind = 10 if channel["type"] == ANNOUNCEMENT else 11
        return self.channels[self.add_channel(body["name"].strip(), kind, message_id, channel_id)]

    def threads(self, parent: str, *, archived: bool) -> list[Json]:
        """The threads of a channel ("": of all), the newest archived first."""
        found = [one for one in self.channels.values() if one["type"] in THREADS and parent in {"", one["parent_id"]}]
        found = [one for one in found if one["thread_metadata"]["archived"] is archived]
        return sorted(found, key=lambda one: str(one["thread_metadata"]["archive_timestamp"]), reverse=True)

    def crosspost(self, channel_id: str, message_id: str) -> Json:
        """Publish a message of an announcement channel; ten an hour."""
        channel, message = self.channel(channel_id, "SEND_MESSAGES"), self.message(channel_id, message_id)
        if channel["type"] != ANNOUNCEMENT:
            raise ApiError(400, 50024, "Cannot execute action on this channel type")
        if message["flags"] & CROSSPOSTED:
            raise ApiError(400, 40033, "This message has already been crossposted.")
        recent = [at for at in self.crossposts.get(channel_id, []) if at > self.clock() - 3600]
        if len(recent) >= 10:
            raise ApiError(429, 0, "You are being rate limited.", retry_after=recent[0] + 3600 - self.clock())
        self.crossposts[channel_id] = [*recent, self.clock()]
        message["flags"] |= CROSSPOSTED
        return message

    def edit(self, channel_id: str, message_id: str, body: Json) -> Json:
        channel = self.channel(channel_id)
        if channel.get("thread_metadata", {}).get("archived"):
            raise ApiError(400, 50083, "Thread is archived")
        message = self.message(channel_id, message_id)
        message |= {key: body[key] for key in ("content", "embeds", "components", "flags") if key in body}
        message["edited_timestamp"] = self._timestamp()
        self._note_pings(body)
        self.save()
        return message

    def delete(self, channel_id: str, message_id: str) -> None:
        channel = self.channel(channel_id)
        self.message(channel_id, message_id)
        if channel.get("thread_metadata", {}).get("archived"):
            raise ApiError(400, 50083, "Thread is archived")
        del self.messages[channel_id][message_id]
        self.save()

    def message(self, channel_id: str, message_id: str) -> Json:
        try:
            return self.messages[channel_id][message_id]
        except KeyError:
            raise ApiError(404, 10008, "Unknown Message") from None

    def history(self, channel_id: str, *, after: int, before: int, limit: int) -> list[Json]:
        """One page, newest first: the oldest that follow `after`, else the newest; empty without the right to read."""
        channel = self.channel(channel_id)
        if not self.permissions(channel) & BITS["READ_MESSAGE_HISTORY"]:
            return []
        ids = sorted(int(ident) for ident in self.messages[channel_id])
        ids = [ident for ident in ids if ident > after and (not before or ident < before)]
        page = ids[:limit] if after else ids[-limit:]
        return [self.messages[channel_id][str(ident)] for ident in reversed(page)]

    def _same_nonce(self, nonce: str) -> Json | None:
        at, channel_id, message_id = self.nonces.get(nonce, (float("-inf"), "", ""))
        if self.clock() - at > self.nonce_window:
            return None
        return self.message(channel_id, message_id)

    def _message(self, channel_id: str, body: Json) -> Json:
        return {
            "id": self.snowflake(),
            "channel_id": channel_id,
            "type": 0,
            "author": self.user,
            "content": (body.get("content") or "").strip(),
            "timestamp": self._timestamp(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [{"type": "rich", **embed} for embed in body.get("embeds") or []],
            "components": body.get("components") or [],
            "pinned": False,
            "flags": body.get("flags") or 0,
        }

    def _timestamp(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).isoformat()

    def _note_pings(self, body: Json) -> None:
        """A body that leaves mentions to the default, or allows any, could ping someone."""
        allowed = body.get("allowed_mentions")
        if allowed is None or allowed.get("parse") or allowed.get("users") or allowed.get("roles"):
            self.pings.append(body)

    # ------------------------------------------------------------------ what survives a restart of the stand-in

    def save(self) -> None:
        if self.state_file is None:
            return
        kept = {name: getattr(self, name) for name in ("channels", "messages", "nonces", "creates", "commands")}
        kept |= {"pings": self.pings, "violations": self.violations, "offset": self.clock.offset}
        fresh = self.state_file.with_suffix(".new")
        fresh.write_text(json.dumps(kept))
        os.replace(fresh, self.state_file)

    def load(self) -> None:
        if self.state_file is None or not self.state_file.exists():
            return
        kept = json.loads(self.state_file.read_text())
        self.clock.offset = kept.pop("offset")
        self.nonces = {nonce: (at, where, which) for nonce, (at, where, which) in kept.pop("nonces").items()}
        for name, value in kept.items():
            setattr(self, name, value)

    def take_fault(self, method: str, path: str) -> Fault | None:
        """The first fault that fits, used once more."""
        for fault in self.faults:
            if fault.fits(method, path):
                fault.times -= 1
                return fault
        return None

    def as_dict(self) -> Json:
        """What a test in another process wants to know."""
        return {
            "creates": self.creates,
            "limited": self.limited,
            "pings": self.pings,
            "violations": self.violations,
            "messages": {channel: list(messages.values()) for channel, messages in self.messages.items()},
            "commands": self.commands,
            "command_syncs": self.command_syncs,
            "faults": [asdict(fault) for fault in self.faults if fault.times > 0],
        }
