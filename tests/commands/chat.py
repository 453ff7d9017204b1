"""A channel, people who ask there, a site and the bot between them; nothing happens but what a test says.

Real are the store, the source and the site's HTTP; time is turned by hand, and the platform is a model.
"""

from __future__ import annotations

import html
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot import config
from bot.app import Parts
from bot.demo.site import SampleSite
from bot.dispatcher import LEASE, Dispatcher
from bot.errors import UsageError
from bot.fetch import Fetcher
from bot.model import NORMAL, Card, Channel, Extra, Payload, Receipt, Style
from bot.poller import Poller
from bot.ports import Asked, Command, Reply, Source
from bot.sources.readers import Readers
from bot.sources.wordpress import WordPress
from bot.store import Inline, Store, open_store
from tests.simulation.world import Platform
from tests.sources.following import ALWAYS

T = TypeVar("T")

HERE, THERE = Channel("model", "here"), Channel("model", "there")


MANAGER, READER, ELSEWHERE = Asked(HERE, manages=True), Asked(HERE), Asked(THERE, manages=True)


class Clock:
    """Time as a test turns it; what `bot.ports.Clock` promises."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 2, 14, 5, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


class Model(Platform):
    """A platform that answers at once, and remembers how each card was to announce itself."""

    def __init__(self) -> None:
        super().__init__(random.Random(1))
        self.posted: list[Payload] = []
        self.lacks: list[str] = []
        self.never: set[Extra] = set()
        self.extended: list[tuple[str, Extra, str]] = []
        self.troubles: list[Exception] = []
        """Each meets one try to extend a message."""
        self.refusal: Exception | None = None

    @classmethod
    def render(
        cls, card: Card, style: Style, *, struck: bool = False, changed: str = "", notify: str = NORMAL, more: int = 0
    ) -> Payload:
        shown = super().render(card, style, struck=struck, changed=changed)
        return {**shown, "style": style, "notify": notify, "more": more}

    async def post(self, channel: Channel, payload: Payload, key: str) -> Any:
        receipt = await super().post(channel, payload, key)
        self.posted.append(payload)
        return receipt

    async def needs(self, channel: Channel, extra: Extra) -> list[str]:
        if extra in self.never:
            raise UsageError(f"{channel} can have no {extra}.")
        return self.lacks

    async def extend(self, receipt: Receipt, extra: Extra, title: str) -> None:
        if self.troubles:
            raise self.troubles.pop(0)
        self.extended.append((receipt.ref, extra, title))

    async def check(self, channel: Channel | None) -> list[str]:
        return self.lacks

    async def _request(self, apply: Callable[[], T], *, may_be_late: bool = False) -> T:
        if self.refusal:
            raise self.refusal
        return apply()


def named(categories: tuple[str, ...], tags: tuple[str, ...], author: str) -> dict[str, Any]:
    """What a post carries of its terms and its author."""
    terms = [
        [{"taxonomy": taxonomy, "name": name} for name in names]
        for taxonomy, names in (("category", categories), ("post_tag", tags))
    ]
    return {"wp:term": terms, "author": [{"name": author}] if author else []}


@dataclass
class Chat:
    """The bot and all around it."""

    database: str
    source: Source
    site: SampleSite
    clock: Clock
    platform: Model = field(default_factory=Model)
    language: str = "en"

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """Start the bot: what it knows is what is stored."""
        self.store: Store = open_store(self.database)
        settings = config.read(config.Settings, None).model_copy(update={"language": self.language})
        self.parts = Parts(settings, self.store, Inline(), self.clock, self.source, {"model": self.platform})
        self.commands: Mapping[str, Command] = self.parts.commands()
        rng, interval = random.Random(1), timedelta(seconds=60)
        self.poller = Poller(self.source, self.store, Inline(), self.clock, rng, interval, lambda: None)
        self.dispatcher = Dispatcher(self.platform, self.store, Inline(), self.clock, rng, language=self.language)

    def publish(
        self,
        title: str,
        text: str = "",
        *,
        site: SampleSite | None = None,
        categories: tuple[str, ...] = (),
        tags: tuple[str, ...] = (),
        author: str = "",
        **post: Any,
    ) -> int:
        """Publish a second later; the post's id."""
        self.turn(1)
        content = f"<p>{html.escape(text or f'{title} was in all the papers, and nobody could say why it was so.')}</p>"
        told = {"title": html.escape(title), "content": content, "_embedded": named(categories, tags, author)}
        return (site or self.site).publish({**told, **post})

    def turn(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.moment += timedelta(seconds=seconds)

    async def ask(self, name: str, asked: Asked = MANAGER, /, **arguments: str) -> Reply:
        """What the bot answers."""
        return await self.commands[name].run(asked, arguments)

    async def say(self, name: str, asked: Asked = MANAGER, /, **arguments: str) -> str:
        """The text that it answers."""
        return (await self.ask(name, asked, **arguments)).text

    async def follow(self, **options: str) -> None:
        """Subscribe the channel to the site."""
        await self.ask("subscribe", site=self.site.url, **options)

    async def poll(self) -> None:
        """Look at every site, well after the last change and the last look."""
        self.turn(90)
        for turn in self.store.claim_sites(self.clock.now(), 8, timedelta(minutes=5)):
            await self.poller.poll(turn)

    async def deliver(self) -> None:
        """Deliver until nothing more can be."""
        self.turn(1)
        while claimed := self.store.claim("model", self.clock.now(), 16, LEASE):
            for delivery in claimed:
                await self.dispatcher.deliver(delivery)

    async def go_on(self) -> list[str]:
        """Look and deliver; what stands in the channel now."""
        await self.poll()
        await self.deliver()
        return self.standing()

    def standing(self, channel: Channel = HERE) -> list[str]:
        """What stands in a channel, in the order of the messages."""
        return self.platform.standing(str(channel))


@asynccontextmanager
async def opened(database: str, **given: Any) -> AsyncIterator[Chat]:
    """A bot with one site that serves; all is closed at the end."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(SampleSite(name="The Harbour Ledger", clock=clock.now))
        fetcher = Fetcher(allow_private=True, timeout=10)
        stack.push_async_callback(fetcher.close)
        chat = Chat(database, Readers(fetcher, WordPress(fetcher, ALWAYS)), site, clock, **given)
        stack.callback(lambda: chat.store.close())
        yield chat
