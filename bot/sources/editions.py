"""Which of a publication's articles are read: those in one language, those of a type of its own.

The endpoint's query carries it (`lang=de`, `post_type=events`), so that each edition is a site of its own. It is chosen
only where the API knows it: one that takes no notice of `lang` would show all articles as those of each language.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from yarl import URL

from bot.errors import SourceError
from bot.fetch import Fetcher, shown
from bot.model import Site
from bot.sources.rest import NAMESPACE, POST_TYPE, Api, refuse
from bot.text import apart, place, together
from bot.words import N_

TYPES = f"/{NAMESPACE}/types"
SAMPLE = 50
"""Articles by which two listings are told apart."""
MOST_NAMED = 10

NO_ARTICLES = re.compile(r"attachment|nav_menu_item|wp_\w+|jp_\w+")
"""Types of WordPress's own that hold no articles."""

_LANGUAGE = re.compile(r"[a-z]{2,3}([-_][a-z0-9]{2,8})*")
_ROUTE = re.compile(rf"/{NAMESPACE}/(?:sites/[^/]+/)?([\w-]+)(?:/\d+)?/?$")


@dataclass(frozen=True, slots=True)
class Edition:
    """A language by the site's own short name, "" for all; a type by its name in routes, "" for posts."""

    language: str = ""
    type: str = ""

    @classmethod
    def of(cls, url: str) -> Self:
        """What the query of an address chooses."""
        query = URL(url).query
        language, kind = query.get("lang", "").lower(), query.get("post_type", "")
        return cls(
            language if _LANGUAGE.fullmatch(language) else "",
            kind if POST_TYPE.fullmatch(kind) and kind not in {"post", "posts"} else "",
        )

    def at(self, url: str) -> str:
        """The address with the query that chooses this."""
        said = [f"lang={self.language}"] if self.language else []
        return together(apart(url)[0], "&".join([*said, *([f"post_type={self.type}"] if self.type else [])]))

    def over(self, other: Edition) -> Edition:
        """This one, and what it leaves open as the other has it."""
        return Edition(self.language or other.language, self.type or other.type)


def asked_for(language: str, kind: str) -> Edition:
    """The edition that people name; SourceError where it can be none."""
    language, kind = language.strip().lower(), kind.strip()
    if language and not _LANGUAGE.fullmatch(language):
        raise SourceError(N_("{text} is no language: write for example de or pt-br."), text=language[:40])
    if kind and not POST_TYPE.fullmatch(kind):
        raise SourceError(N_("{text} is no type of posts: write for example events."), text=kind[:40])
    return Edition(language, kind)


def hinted(page: str, alternates: Iterable[tuple[str, str]], home: URL) -> Edition:
    """What the address of a page says: its query, a route of the API, or the home of a language as it names it itself.

    `alternates` are the languages and the addresses that the page says it can be had in.
    """
    url = URL(page)
    said = Edition.of(page)
    if route := _ROUTE.search(url.query.get("rest_route", "") or url.path):
        return said.over(Edition(type="" if route[1] == "posts" else route[1]))
    folder, _slash, last = url.path.rstrip("/").rpartition("/")
    if folder != home.path.rstrip("/") or not _LANGUAGE.fullmatch(last.lower()):
        return said
    wanted = re.split("[-_]", last.lower())[0]
    own = (language.lower() for language, address in alternates if place(address) == place(page))
    return said.over(Edition(last.lower() if any(one.partition("-")[0] == wanted for one in own) else ""))


async def choose(fetcher: Fetcher, site: Site, wanted: Edition) -> Site:
    """The edition of a site; SourceError says why there is none."""
    base, home = apart(site.endpoint)[0], apart(site.url)[0]
    kind = await _route_of(Api(fetcher, base), wanted.type) if wanted.type else ""
    edition = Edition(wanted.language, kind)
    if edition.language:
        every = await _sample(Api(fetcher, replace(edition, language="").at(base)))
        these = await _sample(Api(fetcher, edition.at(base)))
        if not these[1]:
            why = N_("{where} shows nothing in the language {language}.")
            raise SourceError(why, where=shown(base), language=edition.language)
        if these == every:
            why = N_("{where} shows the same articles with the language {language} and without: leave it out.")
            raise SourceError(why, where=shown(base), language=edition.language)
    elif kind:
        await _sample(Api(fetcher, edition.at(base)))
    language = edition.language.replace("_", "-") or site.language
    return replace(site, url=edition.at(home), endpoint=edition.at(base), language=language)


async def _sample(api: Api) -> tuple[int | None, list[int]]:
    """How many articles a listing has, and the numbers of its newest."""
    page = await api.lines("date", 0, SAMPLE)
    return (page.total, [line.id for line in page.lines]) if page else (0, [])


async def _route_of(api: Api, wanted: str) -> str:
    """The name in routes of a type that is given by that or by its own name, "" for posts."""
    answer = await api.ask(TYPES)  # `_fields` would pick from the types themselves, which this is a map of
    refuse(answer)
    told = answer.value.items() if isinstance(answer.value, dict) else ()
    routes: dict[str, str] = {}
    for name, one in told:
        route = str(one.get("rest_base") or name) if isinstance(one, dict) else ""
        usual = route and one.get("rest_namespace", NAMESPACE) == NAMESPACE
        if usual and POST_TYPE.fullmatch(route) and not NO_ARTICLES.fullmatch(name):
            routes[name.lower()] = route
    found = routes.get(wanted.lower()) or next((one for one in routes.values() if one.lower() == wanted.lower()), None)
    if found is None:
        known = ", ".join(list(routes.values())[:MOST_NAMED])
        why = N_("{where} has no type of posts called {type}; it has: {known}.")
        raise SourceError(why, where=shown(api.base), type=wanted, known=known)
    return "" if found == "posts" else found
