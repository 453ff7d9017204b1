"""The one safe HTTP client: every URL that a person or a site gave is read through it.

Addresses are checked when the socket is made, so neither a redirect, a name that changes its mind between look-up
and connection, nor a literal in disguise leads anywhere else.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from types import MappingProxyType
from typing import Any, Literal
from weakref import WeakValueDictionary

import aiohttp
from aiohttp import hdrs
from multidict import CIMultiDict, CIMultiDictProxy
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential
from yarl import URL

from bot.addresses import is_private, is_public, may_be_named
from bot.credentials import Credentials, basic
from bot.errors import Blocked, SourceError, Unreachable
from bot.metered import Metered
from bot.words import N_, _

MEGABYTE = 1024 * 1024
HTML_LIMIT = 2 * MEGABYTE
JSON_LIMIT = 5 * MEGABYTE
MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
ENCODINGS = frozenset({"gzip", "deflate", "identity"})
LONGEST_PATIENCE = 24 * 3600.0
"""Seconds; a site that asks for more gets this."""
QUEUE = 60.0
"""Seconds that a request waits for others to the same site before it is given up."""

_HOST = re.compile(r"[A-Za-z0-9._~:-]{1,253}")


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered: `url` after redirects, `body` decompressed. Any status; the caller judges it.

    `moved`: where what was asked for is from now on, when every redirect on the way said that it is for good; else "".
    `authorized`: credentials were sent, so that 401 and 403 speak of these.
    """

    url: str
    status: int
    headers: CIMultiDictProxy[str]
    body: bytes
    moved: str = ""
    authorized: bool = False

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
        return http_date(self.headers.get("Date", "")) or time.time()

    @property
    def retry_after(self) -> float | None:
        """Seconds that the server asked to be left alone, at most a day; None when it did not ask."""
        asked = self.headers.get("Retry-After", "").strip()
        if asked.isascii() and asked.isdigit():
            return min(float(asked), LONGEST_PATIENCE)
        moment = http_date(asked)
        return None if moment is None else min(max(moment - self.clock, 0.0), LONGEST_PATIENCE)


def http_date(text: str) -> float | None:
    """A header's date in Unix seconds; None for what is none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year beyond all calendars is the latter
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


class _Tried(list[str]):
    """The addresses refused while one request was connecting."""


_refused: ContextVar[_Tried] = ContextVar("_refused")


class Fetcher:
    """GETs http(s) URLs, and posts forms to them, within limits of place, size and time; cookies do not exist for it.

    `allow_private` opens private networks and all ports (never the clouds' metadata services); `ports` are those open
    otherwise. `deny`: hosts, and all below them, that are never read. `proxy`: the URL of one through which everything
    is read, with user and password where it wants them; where a host's name leads is then for the proxy to judge.
    One site gets one request at a time. Safe for concurrent use within one event loop; `close` it at the end.
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
        deny: Collection[str] = (),
        proxy: str = "",
        credentials: Credentials | None = None,
    ) -> None:
        self._user_agent, self._allow_private, self._ports = user_agent, allow_private, frozenset(ports)
        self._timeout, self._connect_timeout, self._tries = timeout, connect_timeout, tries
        self._deny, self._credentials = frozenset(deny), credentials or Credentials()
        self._proxy, self._proxy_header = _proxied(proxy)
        self._turns: WeakValueDictionary[tuple[str, int | None], asyncio.Lock] = WeakValueDictionary()
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
        target = asked = self._checked(url)
        sent = {"Accept": accept, "User-Agent": self._user_agent, **headers}
        left, seen, for_good = self._timeout, {target}, True
        for _redirect in range(MAX_REDIRECTS + 1):
            # Another host's redirect must not make the bot show what it may see at this one.
            secret = self._credentials.header(target) if target.host == asked.host else ""
            authorization = {hdrs.AUTHORIZATION: secret} if secret else {}
            response, left = await self._in_turn(method, target, sent | authorization, limit, left)
            following = self._next(target, response)
            if following is None:
                moved = response.url if for_good and len(seen) > 1 else ""
                return replace(response, moved=moved, authorized=bool(secret))
            if following in seen:
                why = N_("{where} redirects in a circle; it may insist on cookies, which the bot does not keep.")
                raise SourceError(why, where=shown(target))
            seen.add(following)
            for_good = for_good and response.status in PERMANENT
            target = following
        why = N_("{where} redirects more than {most} times; give the page's final address.")
        raise SourceError(why, where=shown(url), most=MAX_REDIRECTS)

    async def post(self, url: str, form: Mapping[str, str], *, limit: int = MEGABYTE) -> Response:
        """Send a form to the URL, by the rules of `get`; a redirect is an answer like any other.

        What is sent may arrive more than once: a connection that breaks is tried again.
        """
        sent = {"User-Agent": self._user_agent}
        response, _ = await self._in_turn("POST", self._checked(url), sent, limit, self._timeout, form)
        return response

    async def _in_turn(
        self,
        method: str,
        target: URL,
        headers: Mapping[str, str],
        limit: int,
        seconds: float,
        form: Mapping[str, str] | None = None,
    ) -> tuple[Response, float]:
        """One request, when its turn comes, and how many of its seconds it left."""
        async with self._turn(target):
            began = time.monotonic()
            try:
                async with asyncio.timeout(seconds):
                    response = await self._steadily(method, target, headers, limit, form)
            except TimeoutError:
                raise self._late(target) from None
            return response, seconds - (time.monotonic() - began)

    @asynccontextmanager
    async def _turn(self, target: URL) -> AsyncIterator[None]:
        """Alone with the site: requests to it follow each other in the order in which they were made."""
        lock = self._turns.setdefault(_place(target), asyncio.Lock())
        try:
            async with asyncio.timeout(QUEUE):
                await lock.acquire()
        except TimeoutError:
            why = N_("{where} answers so slowly that others are still waiting for it; try again in a few minutes.")
            raise SourceError(why, where=shown(target)) from None
        try:
            yield
        finally:
            lock.release()

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
            named, port = target.host, target.port  # a host's name may be an xn-- that means nothing
        except (ValueError, TypeError):
            raise SourceError(NO_ADDRESS) from None
        if target.scheme not in {"http", "https"}:
            why = N_("Only http and https addresses are read, not {scheme}: write for example https://example.com/.")
            raise Blocked(why, scheme=target.scheme) if target.scheme else Blocked(NO_ADDRESS)
        host = target.raw_host
        if not host:
            raise SourceError(N_("That address names no host: write for example https://example.com/."))
        if not _HOST.fullmatch(host):
            raise SourceError(NO_ADDRESS)
        if target.user is not None or target.password is not None:
            why = N_("{where} carries a user name or password; give the address without them.")
            raise Blocked(why, where=shown(target))
        if not self._allow_private and port not in self._ports:
            why = N_(
                "{where} uses port {port}; none but {ports} is read, unless the bot's operator sets "
                "PULLQUOTE_ALLOW_PRIVATE_NETWORKS."
            )
            raise Blocked(why, where=shown(target), port=port, ports="/".join(map(str, sorted(self._ports))))
        if any(f".{host.rstrip('.')}".endswith(f".{denied}") for denied in self._deny):
            why = N_("{host} is not read: the bot's operator does not wish it (PULLQUOTE_DENY).")
            raise Blocked(why, host=named)
        if not may_be_named(host, private=self._allow_private):
            raise Blocked(NOT_READ, where=shown(target))
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
                kind = Unreachable if isinstance(error, OSError) else SourceError
                secret = self._proxy or hdrs.AUTHORIZATION in headers  # the library's errors hold the whole request
                raise kind(self._why(error), where=shown(target)) from (None if secret else error)
        raise Blocked(NOT_READ, where=shown(target))

    def _why(self, error: Exception) -> str:
        if self._proxy and isinstance(error, aiohttp.ClientConnectorDNSError):
            return _NO_PROXY
        return next((words for kinds, words in _REASONS if isinstance(error, kinds)), _NO_HTTP)

    async def _once(
        self, method: str, target: URL, headers: Mapping[str, str], limit: int, form: Mapping[str, str] | None
    ) -> Response:
        session = self._open()
        through: dict[str, Any] = {"proxy": self._proxy, "data": form}
        if self._proxy_header and target.scheme == "http":
            headers = {**headers, hdrs.PROXY_AUTHORIZATION: self._proxy_header}
        elif self._proxy_header:
            through["proxy_headers"] = {hdrs.PROXY_AUTHORIZATION: self._proxy_header}
        async with session.request(method, target, headers=headers, allow_redirects=False, **through) as answer:
            if answer.status < 200:  # another protocol, or a number that is no status
                raise SourceError(_NO_HTTP, where=shown(target))
            if self._proxy and answer.status == 407:
                raise SourceError(_PROXY_REFUSES, where=shown(target))
            body = bytearray()
            if answer.status not in REDIRECTS:
                if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ENCODINGS:
                    raise SourceError(N_("{where} is packed in a way that was not asked for."), where=shown(target))
                async for chunk in answer.content.iter_chunked(65536):
                    body += chunk
                    if len(body) > limit:
                        answer.close()
                        why = N_("{where} is longer than {most} MB; it is not read.")
                        raise SourceError(why, where=shown(target), most=f"{limit / MEGABYTE:.3g}")
            return Response(str(target), answer.status, CIMultiDictProxy(CIMultiDict(answer.headers)), bytes(body))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=64, limit_per_host=1, socket_factory=self._socket)
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout)
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=timeout,
                headers={"Accept-Encoding": "gzip, deflate"},  # whatever else is installed by chance
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                max_line_size=8192,
                max_field_size=16384,
                max_headers=128,
            )
        return self._session

    def _socket(self, info: Any) -> socket.socket:
        family, kind, protocol, _, address = info
        if self._proxy is None and not (is_private(address[0]) if self._allow_private else is_public(address[0])):
            _refused.get(_Tried()).append(address[0])
            raise OSError("refused: not a public address")
        return Metered(family, kind, protocol)


def _place(url: URL) -> tuple[str, int | None]:
    """The site that a URL is of: with TLS or without."""
    return (url.raw_host or "").rstrip("."), None if url.port in {80, 443} else url.port


def _proxied(proxy: str) -> tuple[URL | None, str]:
    """A proxy's address, and the header that it wants."""
    if not proxy:
        return None, ""
    url = URL(proxy)
    known = url.user or url.password
    return url.with_user(None), basic(url.user or "", url.password or "") if known else ""


NOT_READ = N_(
    "{where} leads to an address of a private or special network, which is not read; "
    "to follow an intranet's site set PULLQUOTE_ALLOW_PRIVATE_NETWORKS=true."
)
_NO_PROXY = N_("{where} cannot be reached: the proxy of PULLQUOTE_PROXY did not take the connection.")
_PROXY_REFUSES = N_("{where} cannot be reached: the proxy of PULLQUOTE_PROXY refuses to lead there.")
_NO_CONNECTION = N_("{where} cannot be reached: it did not take the connection.")
_BROKE_OFF = N_("{where} broke off while answering.")
_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((aiohttp.ClientProxyConnectionError,), _NO_PROXY),
    ((aiohttp.ClientHttpProxyError,), _PROXY_REFUSES),
    (
        (aiohttp.ClientConnectorDNSError,),
        N_("{where} is not known to the domain name system; is the address spelled right?"),
    ),
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError),
        N_("{where} has no valid TLS certificate, so it is not read; its owner can renew it."),
    ),
    ((aiohttp.ConnectionTimeoutError,), N_("{where} cannot be reached: it did not take the connection in time.")),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError), _BROKE_OFF),
    ((aiohttp.InvalidURL, ValueError), N_("{where} is no address that can be asked for.")),
    ((aiohttp.ClientConnectorError,), _NO_CONNECTION),
    ((aiohttp.ClientOSError,), _BROKE_OFF),
    ((aiohttp.ClientConnectionError, OSError), _NO_CONNECTION),
)
_NO_HTTP = N_("{where} gave an answer that is no HTTP.")
"""What went wrong in words; the library's own may hold more than people should see."""
