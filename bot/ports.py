"""What the loops are promised by what lies outside: sources, adapters, the clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from bot.model import NORMAL, Article, Card, Channel, Extra, Payload, Receipt, Site, Style
from bot.windows import Windows


class Clock(Protocol):
    """Time, given from outside, so that simulated time can drive the loops."""

    def now(self) -> datetime:
        """The wall clock, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never go back; comparable within one process only."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; cancellable at once."""
        ...


class Keep(Protocol):
    """A drawer in the database where an adapter keeps what must survive a restart (a token, a device)."""

    async def get(self, name: str) -> str | None: ...

    async def put(self, name: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed at a site since its cursor, oldest first.

    `new`: never seen before; `changed`: seen before (the same content may be told again); `withdrawn`: ids of
    posts the site no longer shows anyone; `cursor`: what to hand in next time, to be stored in the same
    transaction as the rest; `more`: there was more than is told at once, and the next call tells of it; `rest`: seconds
    for which another look is worth little, by the site's own rhythm; `moved`: the endpoint to which it said that it
    moved for good, where that has proved to show the same articles, "" where it did not, None where it was not asked;
    `patience`: seconds for which the site asked to be left alone, before all was read.
    """

    cursor: str
    new: tuple[Article, ...] = ()
    changed: tuple[Article, ...] = ()
    withdrawn: tuple[int, ...] = ()
    more: bool = False
    rest: float = 0
    moved: str | None = None
    patience: float = 0

    def leaves_all(self, cursor: str) -> bool:
        """Whether all is as it was at that cursor."""
        return not (self.new or self.changed or self.withdrawn or self.more or self.moved) and self.cursor == cursor


@dataclass(frozen=True, slots=True)
class Found:
    """A page of articles that a search found, and how many there are in all."""

    articles: tuple[Article, ...] = ()
    total: int = 0


class Source(Protocol):
    """A way of reading publications.

    Every method raises SourceError (with `after` when the site asked for patience) and nothing else foreseen.
    Calls for one site do not overlap; calls for different sites do.
    """

    async def discover(self, url: str) -> Site:
        """The publication that any URL of it belongs to, with an empty cursor."""
        ...

    async def edition(self, site: Site, language: str, kind: str) -> Site:
        """The part of a publication in a language, by its own short name, or of a type of posts: a site of its own.

        What is "" stays as it is in the site.
        """
        ...

    async def articles(self, site: Site) -> Changes:
        """What changed since `site.cursor`; with an empty cursor nothing but the cursor: following starts now."""
        ...

    async def article(self, site: Site, url: str) -> Article:
        """The one post that the URL shows; for the site's own home page its newest."""
        ...

    async def newest(self, site: Site, count: int) -> Sequence[Article]:
        """The newest posts, newest first; at most `count` (1 to 20) of them."""
        ...

    async def search(self, site: Site, words: str, page: int, size: int) -> Found:
        """What the site's own search finds in its whole archive; `page` counts from 1."""
        ...

    async def terms(self, site: Site) -> Sequence[tuple[str, str]]:
        """What its posts can be filtered by: (kind, name), kind as in `bot.filters.Kind`; a first page of each."""
        ...

    async def term(self, site: Site, url: str) -> tuple[str, str] | None:
        """The one of these whose posts the page at the URL lists; None for any other page, and where none is known."""
        ...


@runtime_checkable
class Examining(Protocol):
    """A source that can find another way to a publication that it knows."""

    def is_makeshift(self, site: Site) -> bool:
        """Whether another way of reading the site would be better, should there be one by now."""
        ...

    async def again(self, site: Site) -> Site | None:
        """The site as it can be read otherwise, with the cursor that goes on there; None where nothing else proved."""
        ...


@runtime_checkable
class Doubting(Protocol):
    """A source that spares a site much of a look where the site itself hints that nothing changed."""

    def doubt(self, endpoint: str) -> None:
        """Spare the next look nothing: somebody says that there is news."""
        ...


@dataclass(frozen=True, slots=True)
class Fragment:
    """HTML to stand in a page, and the style sheet that it wants there; the same one for every payload."""

    html: str
    css: str = ""


class Events(Protocol):
    """What an adapter tells of its channels; the core decides what that means. Telling twice is once."""

    async def lost(self, channels: Sequence[Channel], why: str) -> None:
        """They are out of the bot's reach, for a reason that people can read."""
        ...

    async def back(self, channels: Sequence[Channel]) -> None:
        """They are within reach."""
        ...

    async def moved(self, old: Channel, new: Channel) -> None:
        """What was the one channel is the other now; the bot is in it."""
        ...


class Adapter(Protocol):
    """A chat platform. One instance a process; all calls come from one event loop and may overlap.

    `post`, `edit`, `withdraw` and `find` make one try each, bounded by 15 s, and raise TryLater, Refused, Vanished,
    CannotLogIn (certainly not carried out: the credentials no longer hold) or, `find` only, CannotLook; the
    dispatcher alone owns patience. No method may log or raise a credential.
    """

    platform: ClassVar[str]
    """The word before the colon of its channels, and the name of its entry point."""

    Settings: ClassVar[type[Any]]
    """A pydantic-settings model; its fields read PULLQUOTE_<PLATFORM>_<FIELD>, each with a description."""

    @property
    def windows(self) -> Windows:
        """What holds now; shorter while little is known of the server."""
        ...

    @classmethod
    def is_address(cls, address: str) -> bool:
        """Whether a channel of the platform can be called that; pure."""
        ...

    @classmethod
    def from_settings(cls, settings: Any, keep: Keep, clock: Clock) -> Self:
        """An adapter that has not yet connected; SettingsError names each wrong or missing value."""
        ...

    async def serve(self, commands: Commands, events: Events) -> None:
        """Connect, hold the connection and answer commands until cancelled; CannotLogIn ends it for good.

        `events` is told what becomes of channels meanwhile.

        Connections that break are mended inside, with back-off. Posting does not depend on this running.
        """
        ...

    @property
    def ready(self) -> bool:
        """Whether posts have a chance to arrive now: logged in and, where one is needed, connected."""
        ...

    @classmethod
    def render(
        cls, card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
    ) -> Payload:
        """Exactly what would be sent, in the language spoken (`bot.words`); pure but for that, and needs no account.

        `struck` shows a withdrawn card: its title struck out, its text gone.

        `changed` is the bot's own words on what was corrected, shown small with `card.modified`; it is shortened
        rather than anything else lost. A struck card shows none. `notify` is NORMAL, SILENT or ROLE with a role's
        name; it tells on a post alone, never on an edit. `more` > 0 is said small: so many more, not shown here.

        Whatever the card's text holds, the payload keeps the platform's limits and can ping, link or format nothing.
        """
        ...

    @classmethod
    def role(cls, text: str) -> str:
        """The platform's own name of those to notify that a person names so; UsageError where it has none. Pure."""
        ...

    @classmethod
    def mention(cls, role: str) -> str:
        """How a reply names them; in `Reply.mentions` it calls nobody. Pure."""
        ...

    @classmethod
    def text(cls, payload: Payload) -> str:
        """The payload as people would read it in a terminal; for previews."""
        ...

    @classmethod
    def page(cls, payload: Payload) -> Fragment:
        """The payload as the platform would draw it, from nothing else; pure, for previews.

        Nothing in it can act: no script, no event handler, no link but to http(s), and each stranger's text escaped.
        """
        ...

    async def post(self, channel: Channel, payload: Payload, key: str) -> Receipt:
        """Post once: within `windows.resend` the same key again gives the first message's receipt."""
        ...

    async def edit(self, receipt: Receipt, payload: Payload, key: str) -> None:
        """Make the message show the payload; `key` is new for each edit, the same when one is tried again."""
        ...

    async def withdraw(self, receipt: Receipt, payload: Payload | None, key: str) -> None:
        """Strike the message (show `payload` instead), or remove it where `payload` is None; twice is once."""
        ...

    async def find(self, channel: Channel, key: str, url: str, since: datetime) -> Receipt | None:
        """The message with this key or, where keys are not readable, of this card URL, posted by us since then."""
        ...

    async def check(self, channel: Channel | None) -> Sequence[str]:
        """What is missing before anything can be posted there, each with its mend; empty when all is well.

        None asks for the login alone. Works without `serve`.
        """
        ...

    async def close(self) -> None:
        """Let go of all connections; calls under way end first or raise TryLater."""
        ...


@runtime_checkable
class Extending(Protocol):
    """An adapter whose platform can do more for a card than show it."""

    async def needs(self, channel: Channel, extra: Extra) -> Sequence[str]:
        """What is missing there for it, each with its mend; UsageError where the channel can never have it."""
        ...

    async def extend(self, receipt: Receipt, extra: Extra, title: str) -> None:
        """Do it for the message of an article so titled; twice is once. Raises as `Adapter.edit` does.

        TryLater when the platform's budget is used up.
        """
        ...


@runtime_checkable
class Forgetful(Protocol):
    """An adapter that has channels in which no key is ever recognised."""

    async def recognises(self, channel: Channel) -> bool:
        """Whether a repeated post is recognised there. Raises as `Adapter.find` does."""
        ...


@runtime_checkable
class Paced(Protocol):
    """An adapter that knows how fast its platform lets it be."""

    @property
    def room(self) -> int:
        """How many calls may be under way now; 0 when none may begin."""
        ...


def plainly(command: str, options: Mapping[str, str]) -> str:
    """A command with its options, as `name=value`."""
    return " ".join([command, *(f"{name}={value}" for name, value in options.items())])


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a command was given, and by whom.

    `locale` is the asker's language as a BCP 47 tag, "" where the platform does not tell it; `manages`: whether they
    manage the channel and every other one that the command names; `write` gives a command as it is typed there, `word`
    the name of an option or a choice; `needs` says what right whoever does not manage lacks; `operates`: whether they
    run the bot, and may know what every channel follows.
    """

    channel: Channel
    locale: str = ""
    manages: bool = False
    write: Callable[[str, Mapping[str, str]], str] = field(default=plainly, compare=False)
    operates: bool = False
    word: Callable[[str], str] = field(default=str, compare=False)
    needs: Callable[[], str] = field(default=str, compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that an option may be completed to: what people read, and what is handed in."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Option:
    """One argument of a command, handed in as text.

    `kind`: "text"; "channel" (`platform:address`); "role" (a platform's own name for those to notify); "number" (from
    1 to `most`); "flag" ("true" or "false"). `choices` are all there are; `completes`: ask `Command.complete`.
    """

    name: str
    help: str
    required: bool = True
    kind: str = "text"
    choices: tuple[str, ...] = ()
    completes: bool = False
    most: int = 0


@dataclass(frozen=True, slots=True)
class Button:
    """A command that a reply offers; `symbol` is one character that stands for it where there are no buttons."""

    label: str
    command: str
    arguments: Mapping[str, str]
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card inside a reply, as it looks in this style."""

    card: Card
    style: Style


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers: Markdown-free text for people, cards below it, rows of buttons below those.

    `public`: for the whole channel, where the platform can tell one reader from all. `language` is the one it is in
    (`bot.words.LANGUAGES`), for the words that the platform adds. `mentions` are those in the text that are no
    stranger's (`Adapter.mention`).
    """

    text: str
    cards: tuple[Shown, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    public: bool = False
    language: str = "en"
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A command described once for every platform and the CLI.

    `help` and the options' help are English texts for `bot.words._`. `manage`: only for those who manage the channel,
    which `run` demands; `anywhere`: of use outside a subscribed channel, too, and without rights there.
    `run` answers, or raises UsageError or SourceError with what to tell people; `complete(asked, option, typed)`
    gives the choices for what is typed so far, at most 25, from what is stored here, in milliseconds.
    """

    name: str
    help: str
    options: tuple[Option, ...]
    manage: bool
    run: Callable[[Asked, Mapping[str, str]], Awaitable[Reply]]
    complete: Callable[[Asked, str, str], Awaitable[Sequence[Choice]]]
    anywhere: bool = False


Commands = Mapping[str, Command]
