"""Whatever editors, hosts and backups do between whatever looks: at rest, what is shown is what the site shows."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.demo.newsroom import Entry
from bot.demo.site import SampleSite
from bot.fetch import Fetcher
from bot.sources.readers import Readers
from bot.sources.wordpress import WordPress
from tests.commands.chat import Chat, opened
from tests.sources.following import ALWAYS

WHAT = (
    "publish", "publish", "publish", "edit", "rename", "rewrite", "trash", "untrash", "delete", "give again",
    "backup", "restore", "move", "move back", "fail", "close", "heal", "restart", "look", "look", "look", "days",
)  # fmt: skip
Step = tuple[str, int]
STEPS = st.lists(st.tuples(st.sampled_from(WHAT), st.integers(0, 40)), max_size=40)


@dataclass
class Story:
    """A publication at two addresses, of which the second is reached by a redirect alone, and who follows it."""

    chat: Chat
    there: SampleSite
    written: int = 0
    backup: dict[int, Entry] = field(default_factory=dict)

    def words(self) -> dict[str, str]:
        """A title and a name that no other post had, and a text that is like no other."""
        self.written += 1
        text = " ".join(hashlib.sha256(f"{self.written} {part}".encode()).hexdigest() for part in range(3))
        return {"title": f"Post {self.written}", "slug": f"post-no-{self.written}", "text": text}

    def publish(self, **post: Any) -> None:
        words = self.words()
        self.chat.publish(words["title"], words["text"], **{"slug": words["slug"], **post})

    async def happen(self, what: str, which: int) -> None:
        chat, site = self.chat, self.chat.site
        faults, ids = site.faults, sorted(site.entries)
        chat.turn(which % 3)
        match what:
            case "publish":
                self.publish()
            case "backup":
                self.backup = deepcopy(site.entries)
            case "restore":
                site.entries.clear()
                site.entries.update(deepcopy(self.backup))
                site._last_id = max(self.backup, default=0)
            case "move":
                faults.moved = self.there.url
            case "move back":
                faults.moved = ""
            case "fail":
                faults.status = 503
            case "close":
                faults.rest = "401"
            case "heal":
                self.heal()
            case "restart":
                chat.restart()
            case "look":
                await chat.go_on()
            case "days" if not (faults.status or faults.rest):
                for _ in range(26):
                    chat.turn(7200)
                    await chat.go_on()
            case _ if ids:
                self.change(what, ids[which % len(ids)])

    def change(self, what: str, post_id: int) -> None:
        site, words = self.chat.site, self.words()
        status = site.entries[post_id].status
        match what:
            case "edit":
                site.edit(post_id, title=words["title"])
            case "rename":
                site.edit(post_id, slug=words["slug"])
            case "rewrite":
                site.edit(post_id, title=words["title"], slug=words["slug"], content=f"<p>{words['text']}</p>")
            case "trash" if status == "publish":
                site.trash(post_id)
            case "untrash" if status == "trash":
                site.untrash(post_id)
            case "delete":
                site.delete(post_id)
            case "give again":
                site.delete(post_id)
                self.publish(id=post_id)

    def heal(self) -> None:
        self.chat.site.faults.status, self.chat.site.faults.rest = 0, ""

    async def rest(self) -> None:
        """A move is given up where all was rewritten at once with it: nothing proves then that it is the same site."""
        self.heal()
        for unproven in (True, False):
            self.chat.turn(7200)
            for _ in range(25):
                await self.chat.go_on()
            if not (unproven and "does not show what was published here" in await self.chat.say("subscriptions")):
                return
            self.chat.site.faults.moved = ""


async def play(database: str, steps: Sequence[Step]) -> tuple[list[str], list[str]]:
    """The titles that stand in the channel, and those that the site shows."""
    async with opened(database) as chat, SampleSite(name="The Harbour Ledger", clock=chat.clock.now) as there:
        fetcher = Fetcher(allow_private=True, timeout=10)
        chat.source = Readers(fetcher, WordPress(fetcher, replace(ALWAYS, mass=1000)))
        chat.restart()
        await chat.follow(notify="silent")
        await chat.ask("settings", withdrawals="remove")
        story = Story(chat, there)
        there.entries = chat.site.entries
        for what, which in steps:
            await story.happen(what, which)
        await story.rest()
        await fetcher.close()
        return chat.standing(), [entry.post["title"]["rendered"] for entry in chat.site.shown()]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@example(steps=[("publish", 0), ("move", 0), ("look", 0), ("rewrite", 0)])
@given(steps=STEPS)
def test_at_rest_what_stands_is_what_the_site_shows(steps: list[Step]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        standing, shown = asyncio.run(play(f"sqlite:///{folder}/pullquote.db", steps))
    assert sorted(standing) == sorted(shown)
