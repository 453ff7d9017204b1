"""Sites that WordPress.com hosts, read through its own API; a stand-in for that on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.errors import SourceError
from bot.fetch import Fetcher
from bot.sources.discover import _bases, look_at
from bot.sources.rest import PUBLIC_API, Api
from bot.sources.wordpress import WordPress
from tests.commands.pages import Pages, served
from tests.sources.samples import page_of

DOMAIN = "ledger.invalid"


def post(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "date_gmt": f"2026-03-01T12:00:{number:02}",
        "modified_gmt": f"2026-03-01T12:00:{number:02}",
        "link": f"https://{DOMAIN}/{number}/",
        "title": {"rendered": f"Post {number}"},
    }


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    opened = Fetcher(allow_private=True, timeout=10, tries=1)
    yield opened
    await opened.close()


@asynccontextmanager
async def hosting() -> AsyncIterator[tuple[str, Pages]]:
    """WordPress.com with one site, known by domain and by number."""
    pages: Pages = {}
    for name in (DOMAIN, "77"):
        pages[f"/wp/v2/sites/{name}/posts"] = [post(1)]
        pages[f"/rest/v1.1/sites/{name}"] = {"name": "The Ledger &amp; Co", "URL": f"https://{DOMAIN}"}
    async with served(pages) as origin:
        yield origin, pages


@pytest.mark.parametrize("name", [DOMAIN, "77"])
async def test_a_page_may_say_that_its_api_is_at_wordpress_com(fetcher: Fetcher, name: str) -> None:
    async with hosting() as (public, pages):
        pages["/page/"] = f'<html lang="de"><link rel="https://api.w.org/" href="{public}/wp/v2/sites/{name}/"></html>'
        source = WordPress(fetcher, public_api=public)
        found = await source.discover(f"{public}/page/")
        assert (found.url, found.name) == (f"https://{DOMAIN}/", "The Ledger & Co")
        assert (found.endpoint, found.reader) == (f"{public}/wp/v2/sites/{DOMAIN}/", "wordpress")
        assert [one.title for one in await source.newest(found, 1)] == ["Post 1"]
        pages[f"/wp/v2/sites/{DOMAIN}/posts/1"] = post(1)
        assert (await source.article(found, f"{public}/wp/v2/sites/{DOMAIN}/posts/1")).title == "Post 1"
        pages[f"/wp/v2/sites/{DOMAIN}/categories"] = [{"name": "Harbour"}]
        assert await source.terms(found) == [("category", "Harbour")]


async def test_what_wordpress_com_says_of_a_site_is_told(fetcher: Fetcher) -> None:
    async with hosting() as (public, pages):
        pages["/page/"] = f'<link rel="https://api.w.org/" href="{public}/wp/v2/sites/other.invalid/">'
        with pytest.raises(SourceError, match="does not exist"):
            await WordPress(fetcher, public_api=public).discover(f"{public}/page/")


async def test_a_host_that_only_looks_like_wordpress_com_is_not_believed(fetcher: Fetcher) -> None:
    async with hosting() as (public, pages):
        pages["/page/"] = f'<link rel="https://api.w.org/" href="{public}/wp/v2/sites/{DOMAIN}/">'
        with pytest.raises(SourceError):
            await WordPress(fetcher, public_api=f"{public}0").discover(f"{public}/page/")


@pytest.mark.parametrize(
    ("url", "guessed"),
    [
        ("https://ledger.wordpress.com/2026/03/", ["https://public-api.wordpress.com/wp/v2/sites/ledger.wordpress.com/"]),
        ("https://ledger.example/", []),
        ("https://notwordpress.com/", []),
        ("https://ledger.wordpress.com.example/", []),
    ],
)  # fmt: skip
def test_the_api_of_wordpress_com_is_guessed_for_its_own_hosts_alone(url: str, guessed: list[str]) -> None:
    page = page_of(b"<title>x</title>", url)
    bases = list(_bases(page, look_at(page), PUBLIC_API))
    assert [base for base in bases if "public-api" in base] == guessed
    assert not guessed or bases.index(guessed[0]) == 2, "the site's own API goes first"


def test_routes_stand_directly_under_a_hosted_site(fetcher: Fetcher) -> None:
    api = Api(fetcher, f"{PUBLIC_API}/wp/v2/sites/a.example/")
    assert api.url("/wp/v2/posts/5", _fields="id") == f"{PUBLIC_API}/wp/v2/sites/a.example/posts/5?_fields=id"
