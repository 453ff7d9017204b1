"""A feed's bytes, RSS 2.0 or Atom, healthy or damaged → what it says of itself, and its articles. Pure, and slow.

bytes ──► text from the root element on (no DTD is ever read) ──► lxml, which mends ──► feedparser, which knows feeds

feedparser alone would read a damaged feed by a parser that hostile ones can hold up; what lxml mended is well-formed.
"""

from __future__ import annotations

import calendar
import hashlib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html.entities import html5
from typing import Any

from lxml import etree
from yarl import URL

from bot.errors import SourceError
from bot.fetch import shown
from bot.model import Article, Site
from bot.sources import document
from bot.words import N_

HASHED = 2**62
"""Ids from here on are hashes; those of WordPress are smaller."""
MOST_ITEMS = 200
MOST_ELEMENTS, MOST_ATTRIBUTES, MOST_NAMESPACES = 100_000, 50, 100
"""Beyond these it is no feed: feedparser takes more than linear time over them."""

LONGEST_NAME, MOST_NAMES = 1_000, 100
"""Characters of a title or a name, and names of one article."""

NO_FEED = N_("{where} answered with something that is no feed.")

_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)(?=[\s>])")
_END = re.compile(r"</(?:rss|feed|rdf:RDF)\s*>")
_DECLARED = re.compile(rb"""^[^>]{0,100}\bencoding=["']([\w-]{1,20})["']""")
_CHARSET = re.compile(r"iso-8859-\d+|windows-125\d|gb\d+k?|big5|euc-\w+|shift_jis|koi8-\w|us-ascii", re.IGNORECASE)
"""Those that feeds come in; some others that Python knows take quadratic time."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITY = re.compile(r"&(\w{2,31});")
_XML_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_POST_ID = re.compile(r"[?&]p=([1-9][0-9]{0,17})(?:&|$)")
_PASSWORD_FORM = re.compile(r"""class=["'][^"'<>]*\bpost-password-form\b""")
_USUAL = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "atom": "http://www.w3.org/2005/Atom",
    "media": "http://search.yahoo.com/mrss/",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One article of a feed; `digest` tells one state of its content from another."""

    article: Article
    digest: str

    @property
    def id(self) -> int:
        """The article's id."""
        return self.article.id

    @property
    def date(self) -> int:
        """When it was published, in Unix seconds; 0 where the feed does not say."""
        return int(self.article.published.timestamp()) if self.article.published else 0


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed holds, in its own order; `whole`: it was not cut off."""

    title: str = ""
    link: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    whole: bool = True

    @property
    def newest_first(self) -> tuple[Entry, ...]:
        """By date where each has one; else the feed's own order is believed."""
        if all(entry.date for entry in self.entries):
            return tuple(sorted(self.entries, key=lambda entry: -entry.date))
        return self.entries


def read(body: bytes, url: str, site: Site | None = None) -> Feed:
    """The feed in a body that came from this URL; SourceError when it is none."""
    text = _text(body)
    root = _ROOT.search(text)
    if root is None:
        raise SourceError(NO_FEED, where=shown(url))
    text = text[root.start() :]
    whole = _END.search(text) is not None
    parsed = _parsed(_mended(text, url), url)
    said = parsed["feed"]
    found = parsed["entries"][: MOST_ITEMS + 1]
    found = found if whole else found[:-1]
    entries: dict[int, Entry] = {}
    for item in found[:MOST_ITEMS]:
        entry = _entry(item, url, site)
        entries.setdefault(entry.id, entry)
    return Feed(
        document.plain(_said(said, "title")[:LONGEST_NAME]),
        _said(said, "link"),
        _said(said, "language"),
        tuple(entries.values()),
        whole,
    )


def _text(body: bytes) -> str:
    """The body as characters that XML allows; UTF-8 where it can be that, whatever it says."""
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _NO_XML.sub("", body.decode("utf-16", "replace"))
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = _DECLARED.match(body)
        charset = declared[1].decode() if declared else ""
        text = body.decode(charset if _CHARSET.fullmatch(charset) else "utf-8", "replace")
    return _NO_XML.sub("", text)


def _numbered(entity: re.Match[str]) -> str:
    """An entity of HTML, which XML does not know, as numbers."""
    meant = "" if entity[1] in _XML_OWN else html5.get(f"{entity[1]};", "")
    return "".join(f"&#{ord(character)};" for character in meant) or entity[0]


def _mended(text: str, url: str) -> bytes:
    """The text as well-formed XML, without entities of its own, comments and what is declared nowhere."""
    strict = etree.XMLParser(
        recover=True,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(_ENTITY.sub(_numbered, text).encode(), strict)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        raise SourceError(NO_FEED, where=shown(url))
    namespaces: set[str] = set()
    for count, element in enumerate(root.iter()):
        if count > MOST_ELEMENTS or len(namespaces) > MOST_NAMESPACES:
            raise SourceError(N_("{where} is too large for a feed; it is not read."), where=shown(url))
        if isinstance(element.tag, str):
            element.tag = _bound(element.tag)
            _bind_attributes(element)
            namespaces.add(element.tag.rpartition("}")[0])
    etree.strip_elements(root, etree.Entity, with_tail=False)
    etree.cleanup_namespaces(root)
    return etree.tostring(root, encoding="utf-8")


def _bound(tag: str) -> str:
    """A tag in the namespace that its prefix usually means, where the feed forgot to declare it."""
    prefix, colon, name = tag.partition(":")
    if tag.startswith("{") or not colon:
        return tag
    name = name.replace(":", "-") or "none"
    return f"{{{_USUAL[prefix]}}}{name}" if prefix in _USUAL else f"{prefix or 'none'}-{name}"


def _bind_attributes(element: Any) -> None:
    if len(element.attrib) > MOST_ATTRIBUTES:
        element.attrib.clear()
    for name in [name for name in element.attrib if ":" in name and not name.startswith("{")]:
        del element.attrib[name]


def _parsed(xml: bytes, url: str) -> Mapping[str, Any]:
    import feedparser  # not needed by those who follow no feed

    headers = {"content-location": url, "content-type": "application/xml; charset=utf-8"}
    try:
        parsed: Mapping[str, Any] = feedparser.parse(
            io.BytesIO(xml), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
        )
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError):  # it takes no care of odd feeds
        raise SourceError(NO_FEED, where=shown(url)) from None
    return parsed


def _get(values: Any, name: str) -> Any:
    """What feedparser found under exactly that name; its own look-up puts other things in the place of missing ones."""
    return dict.get(values, name) if isinstance(values, dict) else None


def _said(values: Any, name: str) -> str:
    value = _get(values, name)
    return value.strip() if isinstance(value, str) else ""


def _items(values: Any, name: str) -> list[Any]:
    value = _get(values, name)
    return value if isinstance(value, list) else []


def _entry(item: Any, url: str, site: Site | None) -> Entry:
    """An item as its article, through the same hands as a post from REST."""
    content = next((text for part in _items(item, "content") if (text := _said(part, "value"))), "")
    told = {
        "id": _id(item, {_host(url), _host(site.url if site else url)}),
        "link": _said(item, "link") or _said(item, "id"),
        "title": {"rendered": _said(item, "title")[:LONGEST_NAME]},
        "content": {"rendered": content, "protected": bool(_PASSWORD_FORM.search(content))},
        "excerpt": {"rendered": _said(item, "summary")},
        "date_gmt": _date(item, "published_parsed") or _date(item, "updated_parsed"),
        "modified_gmt": _date(item, "updated_parsed"),
        "_embedded": {
            "author": [{"name": name} for name in _authors(item)],
            "wp:term": [
                [{"taxonomy": taxonomy, "name": name} for name in _terms(item)] for taxonomy in ("category", "post_tag")
            ],
            "wp:featuredmedia": [{"source_url": picture} for picture in _pictures(item)],
        },
    }
    article = document.article(told, site)
    text = json.dumps({**told, "modified_gmt": ""}, sort_keys=True)
    return Entry(article, hashlib.blake2b(text.encode(), digest_size=6).hexdigest())


def _id(item: Any, homes: set[tuple[str, int | None]]) -> int:
    """WordPress's number of the post where the item's own id is of this site and tells it; else a hash."""
    named = _said(item, "id")
    number = _POST_ID.search(named)
    if number and _host(named) in homes:
        return int(number[1])
    return hashed(named or _said(item, "link") or _said(item, "title"))


def hashed(text: str) -> int:
    """A text as a positive number of 63 bits that no post of WordPress has."""
    return HASHED | (int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") % HASHED)


def _host(url: str) -> tuple[str, int | None]:
    try:
        parts = URL(url)
        return (parts.host or "").removeprefix("www."), None if parts.port in {80, 443} else parts.port
    except ValueError:
        return "", None


def _date(item: Any, name: str) -> str:
    moment = _get(item, name)
    try:
        return datetime.fromtimestamp(calendar.timegm(moment), UTC).isoformat() if moment else ""
    except (ValueError, OverflowError, OSError, TypeError):
        return ""


def _authors(item: Any) -> list[str]:
    names = [_said(author, "name") for author in _items(item, "authors")]
    return _short(names) or _short([_said(item, "author")])


def _terms(item: Any) -> list[str]:
    """The names it is filed under. A feed does not tell categories from tags, so each is both."""
    return _short(_said(tag, "term") for tag in _items(item, "tags"))


def _short(names: Iterable[str]) -> list[str]:
    """The names, none twice or empty, neither more nor longer than names are."""
    return list(dict.fromkeys(name[:LONGEST_NAME] for name in names if name))[:MOST_NAMES]


def _pictures(item: Any) -> Iterator[str]:
    for enclosure in _items(item, "enclosures"):
        if _said(enclosure, "type").startswith("image/"):
            yield _said(enclosure, "href")
    for picture in _items(item, "media_thumbnail"):
        yield _said(picture, "url")
