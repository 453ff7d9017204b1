"""A limit on what comes through one connection."""

from __future__ import annotations

import socket
from typing import Any

METER = 32 * 1024 * 1024
"""Bytes through one connection, as they come; one that is kept for many answers is made anew after so many."""


class Metered(socket.socket):
    """A connection that ends when too much came through it, were it all framing that no limit of a body sees."""

    _left = METER

    def recv(self, *asked: Any) -> bytes:
        came = super().recv(*asked)
        self._count(len(came))
        return came

    def recv_into(self, *asked: Any) -> int:
        came = super().recv_into(*asked)
        self._count(came)
        return came

    def _count(self, came: int) -> None:
        self._left -= came
        if self._left < 0:
            raise ConnectionAbortedError("more came than any answer has")
