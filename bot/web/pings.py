"""Publish pings, as WordPress sends them to its Update Services: XML-RPC `weblogUpdates.ping` and `extendedPing`."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import structlog
from aiohttp import web
from lxml import etree

from bot.ports import Clock
from bot.store import Door, Store
from bot.web.incoming import PerMinute, body_of, sender_of
from bot.words import _

MOST_BYTES = 64 * 1024
PER_MINUTE = 60
"""Pings of one sender that are heard."""

METHODS = frozenset({"weblogUpdates.ping", "weblogUpdates.extendedPing"})
_URL, _MOST_PARAMETERS = 1, 8
"""Behind the site's name stands its address, in each of them."""

log = structlog.get_logger()


class Pings:
    """Hears that a site has published, and asks for a look at it if it is one that is followed."""

    def __init__(self, public_url: str, store: Store, door: Door, clock: Clock, look: Callable[[int], None]) -> None:
        self._url, self._store, self._door, self._clock, self._look = f"{public_url}/ping", store, door, clock, look
        self._heard = PerMinute(PER_MINUTE, clock)

    async def explain(self, request: web.Request) -> web.Response:
        """What a person is told who opens the address."""
        said = _("This is for WordPress: put {url} under Settings → Writing → Update Services, in a line of its own.")
        return web.Response(text=said.format(url=self._url))

    async def hear(self, request: web.Request) -> web.Response:
        """A ping, and what XML-RPC answers to it."""
        if not self._heard.allows(sender_of(request)):
            raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})
        url = pinged(await body_of(request, MOST_BYTES))
        known = await self._door(self._store.sites_at, url, self._clock.now()) if url else []
        for site_id in known:
            self._look(site_id)
        log.debug("a ping", url=url, known=len(known))
        said = _("Thank you: the site is looked at.") if known else _("This names no site that is followed here.")
        return web.Response(body=answer(not known, said), content_type="text/xml", charset="utf-8")


def pinged(body: bytes) -> str:
    """The address of the site that a ping is about; "" when it is none. No document type and no entity is taken."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False, remove_pis=True
    )
    if b"<!DOCTYPE" in body or b"\0" in body:
        return ""
    try:
        call = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return ""
    parameters = call.findall("params/param/value")
    if call.tag != "methodCall" or (call.findtext("methodName") or "").strip() not in METHODS:
        return ""
    return _text(parameters[_URL]) if _URL < len(parameters) <= _MOST_PARAMETERS else ""


def _text(value: etree._Element) -> str:
    """What a value holds, with or without the <string> around it."""
    inner = value[0] if len(value) == 1 and value[0].tag == "string" else value
    return "" if len(inner) else (inner.text or "").strip()


def answer(error: bool, message: str) -> bytes:
    """The struct that weblogUpdates answers with."""
    flag = f"<member><name>flerror</name><value><boolean>{int(error)}</boolean></value></member>"
    said = f"<member><name>message</name><value><string>{escape(message)}</string></value></member>"
    inner = f"<params><param><value><struct>{flag}{said}</struct></value></param></params>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<methodResponse>{inner}</methodResponse>\n'.encode()
