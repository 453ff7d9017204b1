"""What the stand-in's parts share: Discord's numbers, its errors, a clock, and what can go wrong."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
BITS = {
    "ADMINISTRATOR": 1 << 3,
    "MANAGE_CHANNELS": 1 << 4,
    "VIEW_CHANNEL": 1 << 10,
    "SEND_MESSAGES": 1 << 11,
    "EMBED_LINKS": 1 << 14,
    "READ_MESSAGE_HISTORY": 1 << 16,
    "MENTION_EVERYONE": 1 << 17,
    "CREATE_PUBLIC_THREADS": 1 << 35,
    "SEND_MESSAGES_IN_THREADS": 1 << 38,
}
ALL = sum(BITS.values())
THREADS, FORUMS, ANNOUNCEMENT = {10, 11, 12}, {15, 16}, 5
REQUIRE_TAG, CROSSPOSTED = 1 << 4, 1 << 0
DEFAULT = ALL & ~(BITS["ADMINISTRATOR"] | BITS["MANAGE_CHANNELS"])


@dataclass
class Fault:
    """Something that goes wrong with the next `times` requests that fit `method` and a part of the `path`.

    kinds: drop_before (the connection breaks, nothing was done) · drop_after (done, the answer is lost) · late (done,
    answered after `after` s) · hang (not done, never answered) · truncate (done, half an answer) · garbage (done, a
    page of HTML) · error (`status` and `code`, not done) · error_after (done, yet `status`) · rate_limit (429,
    `after` s) · global_limit · cloudflare (429 without Via).
    """

    kind: str
    method: str = ""
    path: str = ""
    times: int = 1
    status: int = 500
    code: int = 0
    after: float = 1.0

    def fits(self, method: str, path: str) -> bool:
        return self.times > 0 and self.method in {"", method} and self.path in path


class ApiError(Exception):
    """An answer that is no success: status, Discord's code and message."""

    def __init__(self, status: int, code: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.more = status, code, more

    @property
    def body(self) -> Json:
        return {"message": str(self), "code": self.code, **self.more}


@dataclass
class Settable:
    """A clock that runs with the given one (or the machine's) and can be put forward."""

    base: Callable[[], float] = time.time
    offset: float = 0.0

    def __call__(self) -> float:
        return self.base() + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds
