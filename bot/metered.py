"""A limit on what comes through one connection."""

from __future__ import annotations

import socket
from typing import Any

PIECE = 16 * 1024
"""Bytes taken from a connection before others have their turn: chunks of one byte each take a while to put together."""
KEPT = 2.0
"""Seconds for which a connection waits for the next request, which comes at once or not before the next look."""
METER = 32 * 1024 * 1024
"""Bytes through one connection, as they come; one that is kept for many answers is made anew after so many."""


class Metered(socket.socket):
    """A connection that ends when too much came through it, were it all framing that no limit of a body sees."""

    _left = METER

    def recv(self, most: int, *flags: int) -> bytes:
        came = super().recv(min(most, PIECE), *flags)
        self._count(len(came))
        return came

    def recv_into(self, room: Any, most: int = 0, *flags: int) -> int:
        came = super().recv_into(room, min(most or len(room), PIECE), *flags)
        self._count(came)
        return came

    def _count(self, came: int) -> None:
        self._left -= came
        if self._left < 0:
            raise ConnectionAbortedError("more came than any answer has")
