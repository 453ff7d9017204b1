"""The hygiene of text that strangers wrote: what may stay of it, where it may be cut, which way it runs. Pure."""

from __future__ import annotations

import html
from bisect import bisect_right
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import regex

ELLIPSIS = "…"
LEFT_TO_RIGHT_ISOLATE, FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE = "\u2066", "\u2068", "\u2069"
MAX_MARKS = 8
"""More combining marks than any script stacks on one letter; past 150, Discord reads a ping through them."""

_LINE_BREAKS = regex.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = regex.compile(
    r"""
    [\p{Cc}--[\n\t]]                              # control characters, C0 and C1
    | [\p{Cs}\p{Noncharacter_Code_Point}]         # lone surrogates and what Unicode promises never to assign
    | [\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB]
    | [\u202A-\u202E]                             # embeddings and overrides; 2066-2069, isolates, are above
    """,
    regex.VERBOSE | regex.VERSION1,
)
_ENDLESS = regex.compile(r"&#[0-9]{100,};?")
_TAGS = regex.compile(
    r"(\U0001F3F4[\U000E0030-\U000E0039\U000E0061-\U000E007A]{3,6}\U000E007F)|[\U000E0000-\U000E007F]"
)
_MARKS = regex.compile(rf"(\p{{M}}{{{MAX_MARKS}}})\p{{M}}+")
_JOINERS = regex.compile(r"([\u200C\u200D])[\u200C\u200D]+")
_DIRECTION_MARKS = regex.compile(r"[\u200E\u200F]")
_RIGHT_TO_LEFT = regex.compile(r"[\p{bc=R}\p{bc=AL}]")
_LEFT_TO_RIGHT = regex.compile(r"\p{bc=L}")
_CLUSTER = regex.compile(r"\X")
_EDGES = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200c\u200d"  # what joins nothing is not seen
_DANGLING = " \t\n\u00a0,;:–—-([{«“‘„¡¿"


def clean(text: str) -> str:
    r"""The text without what nobody sees: controls, overrides, zero-width characters, tags, lone surrogates.

    Line breaks of every kind become "\n" and tabs spaces; joiners (Persian, Indic, emoji) and the flags made of
    tags stay, direction marks stay in right-to-left text, at most 8 combining marks stay on a letter. Idempotent.
    """
    text = _INVISIBLE.sub("", _LINE_BREAKS.sub("\n", text)).replace("\t", " ")
    text = _TAGS.sub(lambda match: match[1] or "", text)
    if not is_rtl(text):
        text = _DIRECTION_MARKS.sub("", text)
    return _MARKS.sub(r"\1", _JOINERS.sub(r"\1", text)).strip(_EDGES)


def unescape(markup: str) -> str:
    """The text with its entities resolved; a number of so many digits that Python reads none of them is no character.

    >>> unescape("&#8220;&#" + "9" * 5000 + ";")
    '“\ufffd'
    """
    return html.unescape(_ENDLESS.sub("\ufffd", markup))


def line(text: str) -> str:
    """The text cleaned, on one line, with single spaces."""
    return " ".join(clean(text).split())


def cut(text: str, limit: int, *, unit: Callable[[str], int] = len) -> str:
    """The text within `limit`, as `unit` counts; what is cut ends in "…", at a word's end where one is near.

    Never splits what people see as one character. `unit` must count at least 1 for every code point and never
    count less for a longer text; `utf16` and the length of an escaped text do.
    """
    if unit(text) <= limit:
        return text
    ends = [end for end in _cluster_ends(text[: max(limit, 0) + 1]) if end <= limit]
    fits = bisect_right(ends, limit, key=lambda end: unit(text[:end] + ELLIPSIS))
    if not fits:
        return ELLIPSIS if unit(ELLIPSIS) <= limit else ""
    return _whole_words(text, ends[fits - 1]).rstrip(_DANGLING) + ELLIPSIS


def utf16(text: str) -> int:
    """The text's length as JavaScript counts it; never below `len`."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_rtl(text: str) -> bool:
    """Whether the text is mostly written from right to left."""
    rtl = len(_RIGHT_TO_LEFT.findall(text))
    return rtl > 0 and rtl >= len(_LEFT_TO_RIGHT.findall(text))


def isolate(text: str) -> str:
    """The text, wrapped so that it cannot turn what stands beside it on the line; unchanged where nothing could."""
    if not _RIGHT_TO_LEFT.search(text):
        return text
    return f"{FIRST_STRONG_ISOLATE}{text}{POP_DIRECTIONAL_ISOLATE}"


def _cluster_ends(text: str) -> list[int]:
    return [match.end() for match in _CLUSTER.finditer(text)]


def _whole_words(text: str, end: int) -> str:
    """The first `end` code points, less a broken last word when a gap between words is near enough."""
    if end < len(text) and text[end].isspace():
        return text[:end]
    gap = max(text.rfind(space, end - end // 5, end) for space in (" ", "\n", "\u00a0"))
    return text[:gap] if gap > 0 else text[:end]


def place(url: str) -> str:
    """What is one place on the web, whatever the scheme, a leading www., a slash at the end or what trackers add.

    Never raises, and never takes long: a text that is no URL is a place of its own.
    """
    url = url.strip()[:_LONGEST_URL]
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        host = parts.hostname or ""
        if len(host) > _LONGEST_HOST:
            return url
        host = host.removesuffix(".").encode("idna").decode().removeprefix("www.")
        port = "" if parts.port in {None, 80, 443} else f":{parts.port}"
    except ValueError:
        return url
    kept = "&".join(one for one in parts.query.split("&") if one and not one.lower().startswith(_TRACKERS))
    return f"{host}{port}{unquote(parts.path).rstrip('/')}{f'?{kept}' if kept else ''}"


def home_of(endpoint: str) -> str:
    """The home page that a REST API's or a feed's address implies, since WordPress makes the one of the other."""
    base, edition = apart(endpoint)
    hosted = _HOSTED.fullmatch(base)
    home = f"https://{hosted[1]}/" if hosted else _API.sub("", base)
    return endpoint if home == base else together(home, edition)


def apart(url: str) -> tuple[str, str]:
    """An address without the part of its query that chooses a language or a type of posts; and that part, in order."""
    path, _mark, query = url.partition("?")
    parts = query.split("&")
    chosen = [part for part in parts if _EDITION.fullmatch(part)]
    kept = "&".join(part for part in parts if part not in chosen)
    return (f"{path}?{kept}" if kept else path) if chosen else url, "&".join(sorted(chosen))


def together(url: str, edition: str) -> str:
    """What `apart` took apart."""
    return f"{url}{'&' if '?' in url else '?'}{edition}" if edition else url


def places(endpoint: str) -> frozenset[str]:
    """Where a publication is, by its API or feed alone: a page can say of itself that it is any publication's home."""
    return frozenset({place(endpoint), place(home_of(endpoint))})


_EDITION = regex.compile(r"(?:lang|post_type)=[\w-]+")
_API = regex.compile(
    r"""(?<=[^/]/)(?:index\.php/?)?
    (?: (?:wp-json/?)?(?:\?rest_route=(?:/|%2[Ff])?)?
    | feed/?(?:(?:rss2?|atom|rdf)/?)?
    | \?feed=(?:rss2?|atom|rdf)
    )$""",
    regex.VERBOSE,
)
_HOSTED = regex.compile(r"https://public-api\.wordpress\.com/wp/v2/sites/([\w-]+(?:\.[\w-]+)+)/?")
_LONGEST_URL, _LONGEST_HOST = 2_000, 253
"""Python takes quadratic time over a host of other than ASCII letters."""

_TRACKERS = ("utm_", "fbclid", "gclid", "mc_cid", "mc_eid")
