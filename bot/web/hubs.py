"""What a feed says of its hub, and what a hub signs. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from lxml import etree
from yarl import URL

from bot.fetch import Response

HEAD = 64 * 1024
"""Bytes of a feed in which its head is looked for."""

ALGORITHMS = frozenset({"sha1", "sha256", "sha384", "sha512"})

_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_RELATION = re.compile(r';\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]+))', re.IGNORECASE)


def hub_of(feed: Response) -> tuple[str, str] | None:
    """The hub of a feed and the topic to ask it for; None where there is none. What headers say goes first."""
    links = list(chain(_in_headers(feed), _in_body(feed)))
    hub = next((url for relation, url in links if relation == "hub"), None)
    topic = next((url for relation, url in links if relation == "self"), feed.url)
    return (hub, topic) if hub else None


def _in_headers(feed: Response) -> Iterator[tuple[str, str]]:
    for value in feed.headers.getall("Link", ()):
        for target, parameters in _LINK.findall(value):
            said = _RELATION.search(parameters)
            yield from _links(feed.url, (said[1] or said[2] or "") if said else "", target)


def _in_body(feed: Response) -> Iterator[tuple[str, str]]:
    parser = etree.XMLPullParser(
        events=("start",), recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        parser.feed(feed.body[:HEAD])
    except etree.XMLSyntaxError:
        return
    started: Iterator[tuple[str, Any]] = parser.read_events()
    for _event, element in started:
        name = etree.QName(element).localname
        if name in {"item", "entry"}:
            return
        if name == "link":
            yield from _links(feed.url, element.get("rel", ""), element.get("href", ""))


def _links(base: str, relations: str, target: str) -> Iterator[tuple[str, str]]:
    try:
        url = URL(base).join(URL(target.strip()))
    except ValueError:
        return
    if target.strip() and url.scheme in {"http", "https"} and url.host:
        yield from ((relation, str(url)) for relation in relations.lower().split())


def is_signed(signature: str, secret: str, body: bytes) -> bool:
    """Whether `signature`, an X-Hub-Signature (`method=hex`), is the body's with that secret."""
    method, _equals, digest = signature.strip().partition("=")
    if method.lower() not in ALGORITHMS:
        return False
    expected = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(expected.encode(), digest.strip().lower().encode())
