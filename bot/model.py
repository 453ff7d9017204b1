"""The nouns: frozen values, checked at birth, with aware datetimes in UTC."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from bot.filters import Bearing, Filters, Verdict
from bot.text import places

Payload = Mapping[str, Any]
"""What an adapter sends for a card: JSON-serialisable, made by `Adapter.render` alone."""

WITHDRAWN = "withdrawn"
"""The revision wanted of a card whose post its site has withdrawn."""


class Style(StrEnum):
    """How much of a card a channel shows."""

    COMPACT = "compact"
    CARD = "card"
    FULL = "full"


class OnWithdrawal(StrEnum):
    """What becomes of a message whose post was withdrawn."""

    STRIKE = "strike"
    REMOVE = "remove"
    LEAVE = "leave"


class OnCorrection(StrEnum):
    """What becomes of a message whose post was corrected; SAY tells in it what changed."""

    SAY = "say"
    EDIT = "edit"
    LEAVE = "leave"


class Extra(StrEnum):
    """What a platform may do for a card once it stands: hand it on to those who follow the channel, open a thread."""

    CROSSPOST = "crosspost"
    THREAD = "thread"


PAUSED = "paused"
NORMAL, SILENT, ROLE = "normal", "silent", "role:"
"""How a card announces itself: as messages do, without a sound, or by notifying what stands behind `role:`."""


def _check_utc(**moments: datetime | None) -> None:
    for name, moment in moments.items():
        if moment is not None and moment.utcoffset() != timedelta(0):
            raise ValueError(f"{name} must be an aware datetime in UTC, not {moment!r}")


@dataclass(frozen=True, slots=True)
class Site:
    """A publication: polled once, however many channels follow it.

    `url` is its home page, `endpoint` where `reader` (the name of a source) reads it, `cursor` what that
    source needs to know what is new (opaque to all others; "" before first contact), `language` a BCP 47 tag or "".
    """

    url: str
    name: str
    endpoint: str
    reader: str = "wordpress"
    language: str = ""
    cursor: str = ""
    id: int | None = None

    def __post_init__(self) -> None:
        for name in ("url", "endpoint"):
            if not getattr(self, name).startswith(("http://", "https://")):
                raise ValueError(f"a site's {name} must be an http(s) URL, not {getattr(self, name)!r}")

    @property
    def places(self) -> frozenset[str]:
        """Where its API is, as `bot.text.places` has it: two sites that share one are the same publication."""
        return places(self.endpoint)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture and the text that stands for it."""

    url: str
    alt: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """One post as its site tells it; known by (site, id), never by a date or a URL.

    `title`, `author` and the terms are plain text (unescaped); `html` and `excerpt` are the site's HTML.
    """

    id: int
    url: str
    title: str
    html: str = ""
    excerpt: str = ""
    site_url: str = ""
    site_name: str = ""
    language: str = ""
    author: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    image: Image | None = None
    protected: bool = False
    published: datetime | None = None
    modified: datetime | None = None

    def __post_init__(self) -> None:
        _check_utc(published=self.published, modified=self.modified)


@dataclass(frozen=True, slots=True)
class Quote:
    """The article's own words, who said them, and a link when the text ties one to them."""

    text: str
    speaker: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source the article stands on, named as people name it; `url` is "" where the link is lost."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a channel shows of an article: verbatim, plain text, unescaped."""

    title: str
    url: str
    lead: str = ""
    quote: Quote | None = None
    sources: tuple[Citation, ...] = ()
    image: Image | None = None
    language: str = ""
    site_name: str = ""
    author: str = ""
    category: str = ""
    reading_minutes: int = 0
    published: datetime | None = None
    modified: datetime | None = None
    revision: str = field(init=False, default="")

    def __post_init__(self) -> None:
        _check_utc(published=self.published, modified=self.modified)
        seen = {name: value for name, value in self.as_dict().items() if name != "modified"}
        digest = hashlib.blake2b(json.dumps(seen, sort_keys=True).encode(), digest_size=10)
        object.__setattr__(self, "revision", digest.hexdigest())

    def as_dict(self) -> dict[str, Any]:
        """This card as JSON-ready values, without its revision; `from_dict` reads it back."""
        values = asdict(self)
        del values["revision"]
        for name in ("published", "modified"):
            values[name] = values[name] and values[name].isoformat()
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The card that `as_dict` wrote; KeyError or TypeError when it wrote something else."""
        plain = dict(values)
        plain["quote"] = plain["quote"] and Quote(**plain["quote"])
        plain["image"] = plain["image"] and Image(**plain["image"])
        plain["sources"] = tuple(Citation(**source) for source in plain["sources"])
        for name in ("published", "modified"):
            plain[name] = plain[name] and datetime.fromisoformat(plain[name]).astimezone(UTC)
        return cls(**plain)


@dataclass(frozen=True, slots=True, order=True)
class Channel:
    """Where cards go: `platform:address`, the only way to name a place in the database, the CLI and the logs."""

    platform: str
    address: str

    def __post_init__(self) -> None:
        if not self.platform.isidentifier() or not self.address or self.address != self.address.strip():
            raise ValueError(f"{self.platform}:{self.address} is not a channel (expected for example discord:123)")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The channel that `str` wrote; ValueError when the text names none."""
        platform, colon, address = text.strip().partition(":")
        if not colon:
            raise ValueError(f"{text!r} is not a channel: write discord:123, matrix:!room or console:main")
        return cls(platform, address)

    def __str__(self) -> str:
        return f"{self.platform}:{self.address}"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A channel that wants what a site publishes from the moment it subscribed on, and how.

    `halted` says why nothing new goes there for now: PAUSED by people, or in words why the channel is out of reach.
    """

    channel: Channel
    site_id: int
    style: Style = Style.CARD
    on_withdrawal: OnWithdrawal = OnWithdrawal.STRIKE
    on_correction: OnCorrection = OnCorrection.SAY
    notify: str = NORMAL
    filters: Filters = field(default_factory=Filters)
    halted: str = ""
    extras: frozenset[Extra] = frozenset()

    @property
    def is_loud(self) -> bool:
        """Whether people are called for what is new: then it must not wait behind what they find by themselves."""
        return self.notify.startswith(ROLE)

    def wants(self, article: Article | Bearing) -> Verdict:
        """Whether a new article of the site is for this channel, and which of its filters says so."""
        return self.filters.verdict(article)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a card stands; `ref` (a message id, an event id) is opaque to all but the adapter that wrote it."""

    channel: Channel
    ref: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A post that may have left: when it was tried, and which revision and URL it carried."""

    at: datetime
    revision: str
    url: str

    def __post_init__(self) -> None:
        _check_utc(at=self.at)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What should stand in a channel: not what to do.

    `wanted` is a card's revision or WITHDRAWN, `shown` the revision that stands there ("" for none). `epoch` is
    the lease this claim holds: a claim that lost its lease can write nothing. `generation` counts the messages
    that were removed to be posted anew. `attempts` counts the claims since the last success. `before` is the card
    that people last saw there, when it is known and another than the wanted one. `more` older articles were passed
    over so as not to flood the channel. `extras` are wished of it once it stands. `language` is the one that the bot
    speaks there, "" for the default. `followed`: the channel follows the site and no halt holds
    the card back; else nothing new may leave for it. `unsure_since`: from when on a life of the bot that the
    database does not remember (it was restored, or lost its last moments) may have posted it; None where it has not.
    """

    id: int
    channel: Channel
    site_id: int
    article_id: int
    key: str
    card: Card
    wanted: str
    shown: str
    epoch: int
    attempts: int
    style: Style = Style.CARD
    on_withdrawal: OnWithdrawal = OnWithdrawal.STRIKE
    on_correction: OnCorrection = OnCorrection.SAY
    notify: str = NORMAL
    more: int = 0
    extras: frozenset[Extra] = frozenset()
    language: str = ""
    followed: bool = True
    receipt: Receipt | None = None
    attempt: Attempt | None = None
    before: Card | None = None
    wanted_at: datetime | None = None
    unsure_since: datetime | None = None


def delivery_key(installation: str, channel: Channel, site_id: int, article_id: int, generation: int) -> str:
    """The mark of one message, 24 characters of base 32: nonce, transaction id and content mark alike.

    The revision is left out, so that a repeat finds the message that stands. It names nothing that a restart or
    a restored backup would change.
    """
    text = "\n".join((installation, str(channel), str(site_id), str(article_id), str(generation)))
    return base64.b32encode(hashlib.blake2b(text.encode(), digest_size=15).digest()).decode().lower()
