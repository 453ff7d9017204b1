"""Other people's text in Discord's Markdown: it stays text, whatever it holds. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote

from yarl import URL

from bot.text import clean, utf16

MAX_EMBED_URL, MAX_BUTTON_URL = 2048, 512

_SPECIAL = re.compile(r"[\\*_~|`\[\]()<>@#:]")
_ORDINAL = re.compile(r"(?m)^( *\d+)\.")
_BULLET = re.compile(r"(?m)^( *)([-+])")
OURS = (
    r"\\(?P<sign>[^0-9A-Za-z\s])|\[(?P<label>(?:\\.|[^\\\[\]])*)\]\(<(?P<url>[^>]*)>\)"
    r"|<t:(?P<moment>-?\d+):f>"
)
"""What `escape`, `link` and `moment` write, each where it begins: an escaped bracket begins no link."""
_OURS = re.compile(rf"{OURS}|(?m:^)-#[ ]")


def escape(text: str) -> str:
    r"""Cleaned text with a backslash before all that could format, link, mention or ping; never shorter than it was.

    The colon ends links (`https\://`), custom emoji and time stamps as well; dashes, pluses and numbers mean
    something only where a line begins.
    """
    text = _SPECIAL.sub(r"\\\g<0>", text)
    text = _BULLET.sub(r"\1\\\2", text)
    return _ORDINAL.sub(r"\1\\.", text)


def escaped_length(text: str) -> int:
    """What the text takes of a limit once escaped: UTF-16 units, never fewer than code points."""
    return utf16(escape(text))


def unescape(markdown: str) -> str:
    """Our own Markdown as people read it: links in the form `label <url>`, moments in UTC."""
    return _OURS.sub(_read, markdown)


def _read(match: re.Match[str]) -> str:
    if match["moment"]:
        return read_moment(match["moment"])
    return match["sign"] or (f"{unescape(match['label'])} <{match['url']}>" if match["url"] is not None else "")


def link(label: str, url: str) -> str:
    """A masked link; `label` is escaped here, `url` must come from `safe_url`."""
    return f"[{escape(label)}](<{url}>)"


def moment(when: datetime) -> str:
    """A moment that Discord shows by each reader's own clock."""
    return f"<t:{int(when.timestamp())}:f>"


def read_moment(seconds: str) -> str:
    """What a moment's seconds say to those whose clock is not known."""
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M} UTC"


def small(markdown: str) -> str:
    """A line in small, grey letters."""
    return f"-# {markdown}"


def safe_url(text: str, limit: int = MAX_EMBED_URL) -> str:
    """The URL, encoded so that nothing in it ends a link early; "" when it is too long or not plain http(s).

    A URL with a user in it, or with a bare IPv6 address, is none that a publication gives.
    """
    if len(text) > 4 * limit:  # encoding makes it longer yet
        return ""
    try:
        url = URL(clean(text))
        plain = url.host and ":" not in url.host and url.user is None and url.password is None
        encoded = quote(str(url), safe="%/:?#@!$&'*+,;=~-._")
    except ValueError:  # asking for a host in bad Punycode raises one as well
        return ""
    if url.scheme not in {"http", "https"} or not plain:
        return ""
    return encoded if utf16(encoded) <= limit else ""


def same_url(one: str, other: str) -> bool:
    """Whether two URLs are one, whatever encoding and last slash a platform gave them."""
    return _canonical(one) == _canonical(other) != ""


def _canonical(text: str) -> str:
    return safe_url(text).rstrip("/")
