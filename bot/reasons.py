"""Why nothing was read, in words: those of the libraries may hold more than people should see."""

from __future__ import annotations

import ssl

import aiohttp

from bot.words import N_

_NO_PROXY = N_("{where} cannot be reached: the proxy of PULLQUOTE_PROXY did not take the connection.")
PROXY_REFUSES = N_("{where} cannot be reached: the proxy of PULLQUOTE_PROXY refuses to lead there.")
_NO_CONNECTION = N_("{where} cannot be reached: it did not take the connection.")
_BROKE_OFF = N_("{where} broke off while answering.")
_REASONS: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((aiohttp.ClientProxyConnectionError,), _NO_PROXY),
    ((aiohttp.ClientHttpProxyError,), PROXY_REFUSES),
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
NO_HTTP = N_("{where} gave an answer that is no HTTP.")


def reason(error: Exception, *, proxy: bool = False) -> str:
    """What an error of aiohttp's means for whoever reads `{where}`, behind a proxy or not."""
    if proxy and isinstance(error, aiohttp.ClientConnectorDNSError):
        return _NO_PROXY
    return next((words for kinds, words in _REASONS if isinstance(error, kinds)), NO_HTTP)
