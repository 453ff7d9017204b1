"""A publication that tells what changed by comparing with its cursor; what it shows is the truth of a test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from bot.model import Article, Site
from bot.ports import Changes, Found

SITE = Site("https://ledger.example/", "The Harbour Ledger", "https://ledger.example/wp-json/")


class Publication:
    """Its posts are titles by number."""

    def __init__(self) -> None:
        self.posts: dict[int, str] = {}

    def cursor(self) -> str:
        return json.dumps(self.posts)

    async def articles(self, site: Site) -> Changes:
        await asyncio.sleep(0.2)
        seen: dict[str, str] = json.loads(site.cursor or "{}")
        now = {str(number): title for number, title in self.posts.items()}
        return Changes(
            self.cursor(),
            new=tuple(self._article(n) for n in now if n not in seen),
            changed=tuple(self._article(n) for n in now if n in seen and seen[n] != now[n]),
            withdrawn=tuple(int(n) for n in seen if n not in now),
        )

    def _article(self, number: str) -> Article:
        return Article(int(number), f"https://ledger.example/{number}/", self.posts[int(number)])

    async def discover(self, url: str) -> Site:
        return SITE

    async def edition(self, site: Site, language: str, kind: str) -> Site:
        raise NotImplementedError

    async def article(self, site: Site, url: str) -> Article:
        raise NotImplementedError

    async def newest(self, site: Site, count: int) -> Sequence[Article]:
        raise NotImplementedError

    async def search(self, site: Site, words: str, page: int, size: int) -> Found:
        raise NotImplementedError

    async def terms(self, site: Site) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    async def term(self, site: Site, url: str) -> tuple[str, str] | None:
        raise NotImplementedError
