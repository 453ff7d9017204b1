"""Publications that publish, correct and withdraw all the while, and remember what should stand."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from bot.demo.site import SampleSite
from tests.real import wordpress

BODY = "<p>The council met on Monday and decided what it had put off since the autumn, story by story.</p>"
IN_TEN_MINUTES = 25
"""New posts of one site: with more than thirty, Pullquote would rightly take them for a flood."""

Name = tuple[int, int]
"""Which post: the number of its site, and its own."""


class Editor(Protocol):
    """What an editor can do at a site; each call blocks until the site has done it."""

    url: str

    def publish(self, title: str) -> int: ...
    def edit(self, post_id: int, title: str) -> None: ...
    def trash(self, post_id: int) -> None: ...


@dataclass
class Newsroom:
    """Acts at random sites, `pace` seconds apart on average, on the thread of the loop where the sites are samples."""

    editors: Sequence[Editor]
    rng: random.Random
    pace: float = 0.7
    live: dict[Name, str] = field(default_factory=dict)
    withdrawn: set[Name] = field(default_factory=set)
    posts: dict[Name, int] = field(default_factory=dict)
    changes: int = 0
    published: list[list[float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.published = [[] for _ in self.editors]

    async def work(self) -> None:
        """Until cancelled; what is begun is ended."""
        while True:
            await asyncio.sleep(self.rng.uniform(self.pace * 0.3, self.pace * 1.7))
            await asyncio.shield(asyncio.to_thread(self.act))

    def act(self) -> None:
        """One deed."""
        luck = self.rng.random()
        if (luck < 0.6 or len(self.live) < 2) and self.publish():
            return
        if not self.live:
            return
        name = self.rng.choice(sorted(self.live))
        editor = self.editors[name[0]]
        self.changes += 1
        if luck < 0.87 or len(self.live) < 3:
            self.live[name] = f"{_title(name)}, version {self.rng.randint(2, 999)}"
            editor.edit(self.posts[name], self.live[name])
        else:
            del self.live[name]
            self.withdrawn.add(name)
            editor.trash(self.posts[name])

    def publish(self) -> bool:
        """A new post, at the site that has fewest; False where one more would be a flood."""
        since = time.monotonic() - 600
        self.published = [[at for at in times if at > since] for times in self.published]
        site = min(range(len(self.editors)), key=lambda one: (len(self.published[one]), self.rng.random()))
        if len(self.published[site]) >= IN_TEN_MINUTES:
            return False
        self.published[site].append(time.monotonic())
        name = site, 1 + sum(1 for known in self.posts if known[0] == site)
        self.live[name] = _title(name)
        self.posts[name] = self.editors[site].publish(self.live[name])
        return True


def _title(name: Name) -> str:
    return f"Story {name[0]:02d}-{name[1]:03d}"


class SampleEditor:
    """At a sample site."""

    def __init__(self, site: SampleSite) -> None:
        self.site, self.url = site, site.url

    def publish(self, title: str) -> int:
        return self.site.publish({"title": {"rendered": title}, "content": {"rendered": BODY}})

    def edit(self, post_id: int, title: str) -> None:
        self.site.edit(post_id, title=title)

    def trash(self, post_id: int) -> None:
        self.site.trash(post_id)


class WordPressEditor:
    """At a real one."""

    def __init__(self, site: wordpress.WordPress) -> None:
        self._site, self.url = site, site.url

    def publish(self, title: str) -> int:
        return self._site.publish(title, BODY)

    def edit(self, post_id: int, title: str) -> None:
        self._site.edit(post_id, title=title)

    def trash(self, post_id: int) -> None:
        self._site.trash(post_id)


@contextlib.asynccontextmanager
async def sample(_folder: Path) -> AsyncIterator[Editor]:
    """A sample publication."""
    async with SampleSite() as site:
        yield SampleEditor(site)


@contextlib.asynccontextmanager
async def real(folder: Path) -> AsyncIterator[Editor]:
    """A real WordPress, or the test skips with the reason."""
    kind = wordpress.KINDS[0]
    if why := wordpress.missing(kind):
        (pytest.fail if os.environ.get("PULLQUOTE_REQUIRE_REAL") == "1" else pytest.skip)(why)
    home = folder / "site"
    home.mkdir()
    with wordpress.running(kind, home) as site:
        yield WordPressEditor(site)
