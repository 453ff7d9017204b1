"""What strangers send is read within limits of size, time and number."""

from __future__ import annotations

import asyncio
from collections import Counter
from ipaddress import ip_address

from aiohttp import ClientPayloadError, web
from aiohttp.http import HttpProcessingError

from bot.addresses import is_public
from bot.ports import Clock

SLOWEST = 10.0
"""Seconds in which a whole body has to arrive."""

MOST_SENDERS = 10_000
"""Senders that are counted apart within one minute; those beyond share one count."""


async def body_of(request: web.Request, most: int) -> bytes:
    """The request's body, of `most` bytes; else the HTTP error that says what was wrong with it."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType  # nothing is unpacked for strangers
    told = request.content_length or 0
    if told > most:
        raise web.HTTPRequestEntityTooLarge(most, told)
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST):
            async for chunk in request.content.iter_chunked(65536):
                body += chunk
                if len(body) > most:
                    raise web.HTTPRequestEntityTooLarge(most, len(body))
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ConnectionError, ClientPayloadError, HttpProcessingError):  # hung up, or sent what is no HTTP
        raise web.HTTPBadRequest from None
    return bytes(body)


def sender_of(request: web.Request) -> str:
    """Who sent it, as far as they can be told apart: an IPv4 address, or the network of an IPv6 one.

    A reverse proxy beside the bot says last in X-Forwarded-For whom it heard; no other sender is believed.
    """
    sender = _network(request.remote or "")
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    if told and not (sender and is_public(sender)):
        return _network(told) or sender
    return sender


def _network(address: str) -> str:
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if ip.version == 6 and not ip.ipv4_mapped:
        return str(ip_address(int(ip) >> 64 << 64 if int(ip) >> 64 else int(ip)))
    return str(ip)


class PerMinute:
    """Counts what each sender sends in a minute."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most, self._clock = most, clock
        self._minute, self._sent = 0, Counter[str]()

    def allows(self, sender: str) -> bool:
        """Whether one more is within the limit; it is counted."""
        minute = int(self._clock.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._sent = minute, Counter()
        known = sender in self._sent or len(self._sent) < MOST_SENDERS
        self._sent[sender if known else ""] += 1
        return self._sent[sender if known else ""] <= self._most
