"""A site that answers what it likes, in whatever length: it is cut down to what was asked for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from bot.errors import SourceError
from bot.fetch import Response
from bot.model import Site
from bot.sources.discover import discover
from bot.sources.wordpress import WordPress

HOME = "https://liar.example/"
SITE = Site(HOME, "The Liar", f"{HOME}wp-json/")
ENDLESS = "9" * 5000


class Liar:
    """Gives the same answer to every request."""

    def __init__(self, value: Any, status: int = 200, **headers: str) -> None:
        self.value, self.status = value, status
        self.headers = CIMultiDictProxy(CIMultiDict({name.replace("_", "-"): told for name, told in headers.items()}))

    async def get(self, url: str, **_asked: Any) -> Response:
        body = self.value if isinstance(self.value, str) else json.dumps(self.value)
        return Response(url, self.status, self.headers, body.encode())


def posts(count: int) -> list[dict[str, Any]]:
    return [{"id": number, "link": f"{HOME}{number}/", "title": {"rendered": "Told"}} for number in range(1, count + 1)]


async def test_more_posts_than_were_asked_for_are_left_out() -> None:
    source = WordPress(Liar(posts(300)))  # type: ignore[arg-type]
    assert len(await source.newest(SITE, 2)) == 2
    found = await source.search(SITE, "told", 1, 5)
    assert (len(found.articles), found.total) == (5, 300)


@pytest.mark.parametrize("total", [ENDLESS, "-3", "٣", ""])
async def test_a_total_that_no_archive_has_is_none(total: str) -> None:
    found = await WordPress(Liar(posts(2), X_WP_Total=total)).search(SITE, "told", 1, 5)  # type: ignore[arg-type]
    assert found.total == 2


async def test_a_number_that_no_post_has_is_an_error_in_words() -> None:
    source = WordPress(Liar([]))  # type: ignore[arg-type]
    with pytest.raises(SourceError, match="shows no post"):
        await source.article(SITE, f"{HOME}?p={ENDLESS}")


async def test_what_a_site_says_went_wrong_is_told_shortly() -> None:
    source = WordPress(Liar({"code": "no\n" * 100_000}, 500))  # type: ignore[arg-type]
    with pytest.raises(SourceError) as error:
        await source.newest(SITE, 1)
    assert len(str(error.value)) < 250
    assert "\n" not in str(error.value)


class Maze(Liar):
    """A page whose API stands as far away as it likes."""

    async def get(self, url: str, **asked: Any) -> Response:
        at_home = url.rstrip("/") == HOME.rstrip("/")
        kind = {"Content-Type": "text/html" if at_home else "application/json"}
        api: Any = [{"id": 1}] if "/posts" in url else {"name": "Maze", "namespaces": ["wp/v2"]}
        page = f'<html lang="en"><link rel="https://api.w.org/" href="{self.value}">' if at_home else json.dumps(api)
        return Response(url, 200, CIMultiDictProxy(CIMultiDict(kind)), page.encode())


@pytest.mark.parametrize(("folders", "found"), [(20, True), (2000, False)])
async def test_an_api_whose_address_has_no_end_is_passed_by(folders: int, found: bool) -> None:
    far = f"{HOME}{'a/' * folders}wp-json/"
    site = await discover(Maze(far), HOME)  # type: ignore[arg-type]
    assert (site.endpoint == far) is found
    assert len(site.url) < 500
