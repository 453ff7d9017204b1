"""The one safe HTTP client: every URL that a person or a site gave is read through it.

Addresses are checked when the socket is made, so neither a redirect, a name that changes its mind between look-up
and connection, nor a literal in disguise leads anywhere else.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from types import MappingProxyType
from typing import Any, Literal

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from yarl import URL

from bot.errors import Blocked, SourceError, Unreachable
from bot.words import N_, _

MEGABYTE = 1024 * 1024
HTML_LIMIT = 2 * MEGABYTE
JSON_LIMIT = 5 * MEGABYTE
MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_PATIENCE = 24 * 3600.0
"""Seconds; a site that asks for more gets this."""

_NEVER = tuple(
    ip_network(net)
    for net in (
        "169.254.0.0/16",  # link-local, and the clouds' metadata services
        "fe80::/10",
        "fd00:ec2::254/128",
        "168.63.129.16/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "0.0.0.0/8",
        "::/128",
        "224.0.0.0/4",
        "ff00::/8",
        "240.0.0.0/4",
    )
)
_NOT_PUBLIC = tuple(ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20"))
_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_V4_COMPATIBLE = ip_network("::/96")
_ISATAP = frozenset({0x5EFE, 0x200_5EFE})


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: `url` after redirects, `body` decompressed. Any status; the caller judges it."""

    url: str
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def content_type(self) -> str:
        """The media type, lower case, without parameters; "" when the server named none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8; what is no UTF-8 becomes U+FFFD."""
        return self.body.decode("utf-8-sig", "replace")

    @property
    def clock(self) -> float:
        """The server's own time in Unix seconds, or ours where it told none."""
        return _http_date(self.headers.get("Date", "")) or time.time()

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asked to be left alone, at most a day; None when it did not ask."""
        asked = self.headers.get("Retry-After", "").strip()
        if asked.isascii() and asked.isdigit():
            return min(float(asked), LONGEST_PATIENCE)
        moment = _http_date(asked)
        return None if moment is None else min(max(moment - self.clock, 0.0), LONGEST_PATIENCE)


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


NO_ADDRESS = N_("That is no web address: write for example https://example.com/.")


def shown(url: str | URL) -> str:
    """The URL as errors and logs may show it: without userinfo, query and fragment, at most 200 characters."""
    try:
        plain = URL(url).with_user(None).with_query(None).with_fragment(None)
    except ValueError:
        return _("the address")
    return str(plain)[:200]


def is_public(address: str) -> bool:
    """Whether the IP address is one of the open internet, also when it is wrapped in another."""
    inner = _unwrap(address)
    if inner is None or any(inner in net for net in (*_NEVER, *_NOT_PUBLIC)):
        return False
    return inner.is_global and (inner.version == 4 or inner in _UNICAST)


def _is_private(address: str) -> bool:
    """Whether the address may be reached by those who allow private networks: all but the metadata services."""
    inner = _unwrap(address)
    return inner is not None and not any(inner in net for net in _NEVER)


def _unwrap(address: str) -> IPv4Address | IPv6Address | None:
    """The address that is reached in the end; None where that cannot be told (Teredo)."""
    ip = ip_address(address.partition("%")[0])
    if ip.version == 4:
        return ip
    if ip.teredo:
        return None
    if embedded := ip.ipv4_mapped or ip.sixtofour:
        return embedded
    low = IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip in _NAT64 or (int(ip) >> 32 & 0xFFFF_FFFF) in _ISATAP:
        return low
    return low if ip in _V4_COMPATIBLE and int(ip) > 1 else ip


class _Tried(list[str]):
    """The addresses refused while one request was connecting."""


_refused: ContextVar[_Tried] = ContextVar("_refused")


class Fetcher:
    """GETs http(s) URLs, and posts forms to them, within limits of place, size and time.

    Cookies, proxies and credentials do not exist for it.
    `allow_private` opens private networks and all ports (never the clouds' metadata services); `ports` are those open
    otherwise. Safe for concurrent use within one event loop; `close` it at the end.
    """

    def __init__(
        self,
        user_agent: str = "Pullquote",
        *,
        allow_private: bool = False,
        ports: Collection[int] = (80, 443),
        timeout: float = 20.0,
        connect_timeout: float = 5.0,
        tries: int = 3,
    ) -> None:
        self._user_agent, self._allow_private, self._ports = user_agent, allow_private, frozenset(ports)
        self._timeout, self._connect_timeout, self._tries = timeout, connect_timeout, tries
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def get(
        self,
        url: str,
        *,
        method: Literal["GET", "HEAD"] = "GET",
        limit: int = JSON_LIMIT,
        accept: str = "*/*",
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Response:
        """Read the URL, or its head alone, following at most 5 redirects; `limit` is in bytes after decompression.

        Blocked when it leads where we do not go, SourceError when nothing whole came back in time.
        """
        target = self._checked(url)
        sent = {"Accept": accept, "User-Agent": self._user_agent, **headers}
        try:
            async with asyncio.timeout(self._timeout):
                for _redirect in range(MAX_REDIRECTS + 1):
                    response = await self._steadily(method, target, sent, limit)
                    following = self._next(target, response)
                    if following is None:
                        return response
                    target = following
        except TimeoutError:
            raise self._late(target) from None
        why = N_("{where} redirects more than {most} times; give the page's final address.")
        raise SourceError(why, where=shown(url), most=MAX_REDIRECTS)

    async def post(self, url: str, form: Mapping[str, str], *, limit: int = MEGABYTE) -> Response:
        """Send a form to the URL, by the rules of `get`; a redirect is an answer like any other.

        What is sent may arrive more than once: a connection that breaks is tried again.
        """
        target = self._checked(url)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._steadily("POST", target, {"User-Agent": self._user_agent}, limit, form)
        except TimeoutError:
            raise self._late(target) from None

    def _late(self, target: URL) -> Unreachable:
        why = N_("{where} did not answer within {seconds} s.")
        return Unreachable(why, where=shown(target), seconds=f"{self._timeout:g}")

    def _next(self, target: URL, response: Response) -> URL | None:
        location = response.headers.get("Location")
        if response.status not in REDIRECTS or not location:
            return None
        try:
            joined = target.join(URL(location))
        except ValueError:
            raise SourceError(N_("{where} redirects to something that is no address."), where=shown(target)) from None
        return self._checked(joined)

    def _checked(self, url: str | URL) -> URL:
        try:
            target = URL(url).with_fragment(None)
            port = target.port
        except (ValueError, TypeError):
            raise SourceError(NO_ADDRESS) from None
        if target.scheme not in {"http", "https"}:
            why = N_("Only http and https addresses are read, not {scheme}: write for example https://example.com/.")
            raise Blocked(why, scheme=target.scheme) if target.scheme else Blocked(NO_ADDRESS)
        if not target.host:
            raise SourceError(N_("That address names no host: write for example https://example.com/."))
        if target.user is not None or target.password is not None:
            why = N_("{where} carries a user name or password; give the address without them.")
            raise Blocked(why, where=shown(target))
        if not self._allow_private and port not in self._ports:
            why = N_(
                "{where} uses port {port}; none but {ports} is read, unless the bot's operator sets "
                "PULLQUOTE_ALLOW_PRIVATE_NETWORKS."
            )
            raise Blocked(why, where=shown(target), port=port, ports="/".join(map(str, sorted(self._ports))))
        return target

    async def _steadily(
        self, method: str, target: URL, headers: Mapping[str, str], limit: int, form: Mapping[str, str] | None = None
    ) -> Response:
        """One request, tried again shortly when the connection breaks; foreign errors end here."""
        refused = _Tried()
        _refused.set(refused)
        broken = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)
        attempts = AsyncRetrying(
            stop=stop_after_attempt(self._tries),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception(lambda error: isinstance(error, broken) and not refused),
            reraise=True,
        )
        try:
            return await attempts(self._once, method, target, headers, limit, form)
        except (aiohttp.ClientError, ssl.SSLError, OSError, ValueError) as error:
            if not refused:
                why = next((words for kinds, words in _REASONS if isinstance(error, kinds)), _NO_HTTP)
                kind = Unreachable if isinstance(error, OSError) else SourceError
                raise kind(why, where=shown(target)) from error
        why = N_(
            "{where} leads to an address of a private or special network, which is not read; "
            "to follow an intranet's site set PULLQUOTE_ALLOW_PRIVATE_NETWORKS=true."
        )
        raise Blocked(why, where=shown(target))

    async def _once(
        self, method: str, target: URL, headers: Mapping[str, str], limit: int, form: Mapping[str, str] | None
    ) -> Response:
        session = self._open()
        async with session.request(method, target, headers=headers, data=form, allow_redirects=False) as answer:
            body = bytearray()
            if answer.status not in REDIRECTS:
                async for chunk in answer.content.iter_chunked(65536):
                    body += chunk
                    if len(body) > limit:
                        answer.close()
                        why = N_("{where} is longer than {most} MB; it is not read.")
                        raise SourceError(why, where=shown(target), most=f"{limit / MEGABYTE:.3g}")
            return Response(str(target), answer.status, CIMultiDictProxy(CIMultiDict(answer.headers)), bytes(body))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=64, limit_per_host=4, socket_factory=self._socket)
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                max_line_size=8192,
                max_field_size=16384,
            )
        return self._session

    def _socket(self, info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if not (_is_private(address[0]) if self._allow_private else is_public(address[0])):
            _refused.get(_Tried()).append(address[0])
            raise OSError("refused: not a public address")
        return socket.socket(family, kind, protocol)


_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    (
        (aiohttp.ClientConnectorDNSError,),
        N_("{where} is not known to the domain name system; is the address spelled right?"),
    ),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError),
        N_("{where} has no valid TLS certificate, so it is not read; its owner can renew it."),
    ),
    ((aiohttp.ConnectionTimeoutError,), N_("{where} cannot be reached: it did not take the connection in time.")),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError), N_("{where} broke off while answering.")),
    ((aiohttp.InvalidURL, ValueError), N_("{where} is no address that can be asked for.")),
    ((aiohttp.ClientConnectionError, OSError), N_("{where} cannot be reached: it did not take the connection.")),
)
_NO_HTTP = N_("{where} gave an answer that is no HTTP.")
"""What went wrong in words; the library's own may hold more than people should see."""
