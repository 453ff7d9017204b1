"""From any page's URL to the publication it belongs to, and to the one post it shows.

A page says where its API is (Link header, <link>); where it does not, its path is tried upwards. A base counts only
when it answers with the JSON of a WordPress that lists posts, and that base alone tells which publication it is:
whatever a page or an API states of itself, anybody can state of anybody's home.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from yarl import URL

from bot.errors import Blocked, SourceError
from bot.fetch import HTML_LIMIT, NO_ADDRESS, Fetcher, Response, shown
from bot.filters import Kind
from bot.model import Site
from bot.sources import editions
from bot.sources.document import plain
from bot.sources.rest import NAMESPACE, NUMBER, PASSING, PUBLIC_API, REFUSED, Api, judge, refuse
from bot.text import apart, home_of
from bot.words import N_

API_RELATION = "https://api.w.org/"
SITES = f"/{NAMESPACE}/sites/"
HOSTS = ".wordpress.com"
"""How hosts end whose sites WordPress.com's own API is guessed to have."""
ROOT_FIELDS = "name,namespaces"
HEAD = 300_000
"""Characters of a page in which its head is looked for."""
MOST_GUESSES = 8
LONGEST_BASE = 500
"""Characters of an API's address: it stands in what people are told of the publication."""

_AT_HOST = re.compile(rf"{SITES}([\w-]+(?:\.[\w-]+)*)/?")
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s",;]+))')
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_FEED_LANGUAGE = re.compile(r"<language>\s*([A-Za-z-]+)\s*</language>")
_POST_ROUTE = re.compile(r"(?<=/wp/v2)(?:/sites/[^/]+)?(/[\w-]+)/(\d{1,18})(?:$|[?&#])")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that a page carries in its headers or its head."""

    relation: str
    url: str
    type: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class _Head:
    """The language, the links and the body's classes of a page."""

    language: str = ""
    base: str = ""
    body: str = ""
    links: tuple[Link, ...] = ()


def _head(text: str) -> _Head:
    from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning  # not needed by a poll, only when somebody gives a URL

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # a feed's links are found all the same
        soup = BeautifulSoup(text, "lxml")  # html.parser takes quadratic time over unclosed comments

    def said(tag: Tag | None, name: str) -> str:
        value = tag.get(name, "") if tag else ""
        return (" ".join(value) if isinstance(value, list) else value or "").strip()

    links = [
        Link(relation, said(tag, "href"), said(tag, "type"), said(tag, "hreflang"))
        for tag in soup.find_all(["link", "atom:link"], href=True)
        for relation in said(tag, "rel").split()
    ]
    language = said(soup.html, "lang") or said(soup.html, "xml:lang")
    return _Head(language, said(soup.base, "href"), said(soup.body, "class"), tuple(links))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page says of where it belongs; URLs are absolute."""

    url: URL
    links: tuple[Link, ...] = ()
    language: str = ""
    body: str = ""

    def of(self, relation: str, media_type: str = "") -> Iterator[str]:
        """The URLs of the links of that relation."""
        return (link.url for link in self.links if link.relation == relation and link.type.startswith(media_type or ""))


def look_at(response: Response) -> Seen:
    """What a response says in its headers and, when it is a page, in its head."""
    url = URL(response.url)
    links = [link for value in response.headers.getall("Link", ()) for link in _header_links(value)]
    readable = "html" in response.content_type or response.content_type in {"", "application/xml", "text/xml"}
    head = _head(response.text[:HEAD]) if readable else _Head()
    language = head.language.replace("_", "-")
    return Seen(
        url,
        tuple(_absolute(url, [*links, *head.links])),
        language if _LANGUAGE.fullmatch(language) else "",
        head.body,
    )


def _header_links(value: str) -> Iterator[Link]:
    for target, parameters in _LINK.findall(value):
        said = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(parameters)}
        for relation in said.get("rel", "").split():
            yield Link(relation, target, said.get("type", ""))


def _absolute(url: URL, links: list[Link]) -> Iterator[Link]:
    for link in links:
        try:
            target = url.join(URL(link.url))
            host = target.host
        except ValueError:
            continue
        if target.scheme in {"http", "https"} and host:
            yield replace(link, url=str(target))


async def discover(fetcher: Fetcher, url: str) -> Site:
    """The publication that the URL belongs to, with an empty cursor; SourceError says why there is none."""
    return await belongs(fetcher, await page_at(fetcher, url))


async def belongs(fetcher: Fetcher, page: Response, public_api: str = PUBLIC_API) -> Site:
    """The publication that a page belongs to, as `discover` finds it; `public_api`: where WordPress.com answers."""
    seen = look_at(page)
    trouble: SourceError | None = None
    for base in _bases(page, seen, public_api):
        try:
            name, endpoint, home = await _behind(fetcher, apart(base)[0], seen, public_api)
            break
        except SourceError as error:
            trouble = trouble or error
    else:
        raise _none_found(page, seen, trouble)
    site = Site(str(home), plain(name) or str(home.host), endpoint, language=await _language(fetcher, home, seen))
    return await _edition(fetcher, site, page, seen, base)


async def _edition(fetcher: Fetcher, site: Site, page: Response, seen: Seen, base: str) -> Site:
    """The edition of the site that the page or the API that it names belongs to; all of it, where that is none."""
    alternates = [(link.language, link.url) for link in seen.links if link.relation == "alternate"]
    hint = editions.hinted(page.url, alternates, URL(site.url)).over(editions.Edition.of(base))
    for wanted in (hint, replace(hint, type=""), replace(hint, language="")):
        try:
            return await editions.choose(fetcher, site, wanted)
        except PASSING:
            raise
        except SourceError:
            continue
    return site


async def page_at(fetcher: Fetcher, url: str) -> Response:
    """The page of a URL as people write it, with or without a scheme."""
    text = url.strip().strip("<>")
    if "://" in text:
        return await fetcher.get(text, limit=HTML_LIMIT)
    if re.search(r"\s|^[^/?#]*@", text):  # words, or somebody's e-mail address
        raise SourceError(NO_ADDRESS)
    try:
        return await fetcher.get(f"https://{text}", limit=HTML_LIMIT)
    except Blocked:
        raise
    except SourceError:
        pass
    try:
        return await fetcher.get(f"http://{text}", limit=HTML_LIMIT)
    except Blocked:
        raise
    except SourceError:
        if "." in text:
            raise
        raise SourceError(NO_ADDRESS) from None  # a name, and not of a host in an intranet


def _bases(page: Response, seen: Seen, public_api: str) -> Iterator[str]:
    """Where the API may be, the likeliest first, none twice."""
    told = [str(URL(link)) for link in seen.of(API_RELATION)]
    url = URL(page.url)
    prefix, found, _ = url.path.partition("/wp-json")
    if found:
        told.append(str(url.with_path(f"{prefix}/wp-json/").with_query(None)))
    if "rest_route" in url.query:
        told.append(str(url.update_query(rest_route="/").with_fragment(None)))
    guessed: list[str] = []
    parts = [part for part in url.path.split("/") if part]
    for depth in range(min(len(parts), 3) + 1):
        folder = url.with_path("/" + "".join(f"{part}/" for part in parts[:depth])).with_query(None)
        guessed += [str(folder.update_query(rest_route="/")), str(folder.join(URL("wp-json/")))]
    guessed = guessed[:MOST_GUESSES]
    if (url.host or "").endswith(HOSTS):
        guessed.insert(2, f"{public_api}{SITES}{url.host}/")
    yield from (base for base in dict.fromkeys(told + guessed) if len(base) <= LONGEST_BASE)


async def _behind(fetcher: Fetcher, base: str, seen: Seen, public_api: str) -> tuple[str, str, URL]:
    """Name, API and home of the publication whose API is at the base."""
    if hosted := _hosted(base, public_api):
        name, domain = await _named_there(fetcher, base, hosted, public_api)
        return name, f"{public_api}{SITES}{domain}/", URL(f"https://{domain}/")
    return await _named(fetcher, base), base, _home(seen.url, base)


def _hosted(base: str, public_api: str) -> str:
    """The domain or the number of the site whose API at WordPress.com this is; "" where it is no such API."""
    found = _AT_HOST.fullmatch(base.removeprefix(public_api)) if base.startswith(public_api) else None
    return found[1].lower() if found else ""


async def _named_there(fetcher: Fetcher, base: str, hosted: str, public_api: str) -> tuple[str, str]:
    """Name and domain of a site at WordPress.com whose posts can be listed."""
    await _lists_posts(Api(fetcher, base))
    told: dict[str, Any] = {}
    try:
        url = URL(f"{public_api}/rest/v1.1/sites/{hosted}").update_query(fields="name,URL")
        answer = judge(await fetcher.get(str(url), accept="application/json"))
        refuse(answer)
        told = answer.value if isinstance(answer.value, dict) else {}
    except SourceError:
        if "." not in hosted:
            raise
    domain = hosted if "." in hosted else _domain(told.get("URL"))
    if not domain:
        raise SourceError(N_("{where} is no WordPress REST API."), where=shown(base))
    return str(told.get("name") or ""), domain


def _domain(url: Any) -> str:
    try:
        return URL(str(url)).host or ""
    except ValueError:
        return ""


async def _named(fetcher: Fetcher, base: str) -> str:
    """The name in the API's root, when it is that of a WordPress whose posts can be listed."""
    api = Api(fetcher, base)
    answer = judge(await fetcher.get(api.url("/", _fields=ROOT_FIELDS), accept="application/json"))
    refuse(answer)
    spaces = answer.value.get("namespaces") if isinstance(answer.value, dict) else None
    if not isinstance(spaces, list) or NAMESPACE not in spaces:
        raise SourceError(N_("{where} is no WordPress REST API."), where=shown(base))
    await _lists_posts(api)
    return str(answer.value.get("name") or "")


async def _lists_posts(api: Api) -> None:
    posts = await api.ask(api.listing, per_page=1, _fields="id")
    refuse(posts)
    if not isinstance(posts.value, list):
        raise SourceError(N_("{where} does not list its posts."), where=shown(api.base))


def _none_found(page: Response, seen: Seen, trouble: SourceError | None) -> SourceError:
    if any(seen.of(API_RELATION)) and trouble is not None:
        return trouble
    if page.headers.get("cf-mitigated") or page.status in {429, 503}:
        try:
            judge(page)
        except SourceError as error:
            return error
    if page.authorized and page.status in {401, 403}:
        return SourceError(REFUSED, where=shown(page.url), status=page.status)
    if page.status >= 400 and page.status != 404:
        why = N_("{where} answered with HTTP {status}, and no WordPress REST API was found.")
        return SourceError(why, where=shown(page.url), status=page.status)
    why = N_("{where} shows no WordPress REST API: it is made with something else, or its owner closed the API.")
    return SourceError(why, where=shown(page.url))


def _home(page: URL, base: str) -> URL:
    """The home that the base implies, by the scheme of the page where it is on the same host."""
    home = URL(home_of(base))
    home = home if home.path.endswith("/") else home.with_path(f"{home.path}/", keep_query=True)
    return home.with_scheme(page.scheme) if _place(home) == _place(page) else home


def _place(url: URL) -> tuple[str, int | None]:
    """Host and port, the same for a site with and without www. and TLS."""
    port = None if url.port in {80, 443} else url.port
    return (url.host or "").lower().removeprefix("www.").rstrip("."), port


async def _language(fetcher: Fetcher, home: URL, seen: Seen) -> str:
    """What the home page is written in, by its own word, else by the feed's; "" when neither tells."""
    told = seen.language if _place(seen.url) == _place(home) else ""
    if told and _same_page(seen.url, home):
        return told
    try:
        page = look_at(await fetcher.get(str(home), limit=HTML_LIMIT))
        if page.language:
            return page.language
        feeds = [*page.of("alternate", "application/rss+xml"), str(home.update_query(feed="rss2"))]
        found = _FEED_LANGUAGE.search((await fetcher.get(feeds[0], limit=HTML_LIMIT)).text)
    except SourceError:
        return told  # a language is a kindness, not a condition
    return found[1] if found else told


def listed(page: Response) -> tuple[Kind, str] | None:
    """What kind of term a page lists the posts of, by its body's classes or its path, and that term's slug."""
    seen = look_at(page)
    classes = set(seen.body.split())
    parts = [part for part in seen.url.path.split("/") if part]
    if page.status >= 400 or "single" in classes or not parts:
        return None
    while len(parts) > 2 and (parts[-1] == "feed" or (parts[-2] == "page" and parts[-1].isdigit())):
        parts = parts[:-1] if parts[-1] == "feed" else parts[:-2]
    for kind in (Kind.CATEGORY, Kind.TAG, Kind.AUTHOR):
        if {"archive", str(kind)} <= classes or kind in parts[:-1]:
            return kind, parts[-1]
    return None


async def listed_at(fetcher: Fetcher, site: Site, url: str) -> tuple[Kind, str] | None:
    """What the page at the URL lists, as `listed` tells it; the site's home lists everything."""
    page = await page_at(fetcher, url)
    return None if _same_page(URL(page.url), URL(site.url)) else listed(page)


async def post_at(fetcher: Fetcher, api: Api, site: Site, url: str) -> dict[str, Any]:
    """The REST object of the post that the URL shows; for the site's home its newest post."""
    try:
        target = URL(url if "://" in url else f"https://{url}")
        at_home = _is_home(target, site)
    except ValueError:  # also of a host whose xn-- name means nothing
        raise SourceError(NO_ADDRESS) from None
    if at_home:
        posts, _ = await api.posts(per_page=1)
    elif post_id := _told_id(target, api):
        return await _post(api, post_id, url)
    else:
        page = await fetcher.get(str(target), limit=HTML_LIMIT)
        seen = look_at(page)
        if _is_home(seen.url, site):
            posts, _ = await api.posts(per_page=1)
        elif post_id := _shown_id(seen, api):
            return await _post(api, post_id, url)
        else:
            posts, _ = await api.posts(slug=seen.url.name or seen.url.parent.name or "-")
    if not posts:
        why = N_("{where} shows no post of {name}; give the address of an article.")
        raise SourceError(why, where=shown(url), name=site.name)
    return posts[0]


async def _post(api: Api, post_id: int, url: str) -> dict[str, Any]:
    read = await api.post(post_id)
    if read is None:
        why = N_("{where} is no public post: it was withdrawn, or is not published yet.")
        raise SourceError(why, where=shown(url))
    return read[0]


def _same_page(one: URL, other: URL) -> bool:
    return _place(one) == _place(other) and one.path.rstrip("/") == other.path.rstrip("/")


def _is_home(url: URL, site: Site) -> bool:
    home = URL(site.url)
    return _same_page(url, home) and url.query in ({}, home.query)


def _told_id(url: URL, api: Api) -> int | None:
    """The post's id where the URL itself tells it: ?p=ID, or the API's own address of it."""
    asked = url.query.get("p", "")
    if NUMBER.fullmatch(asked):
        return int(asked)
    found = _POST_ROUTE.search(url.query.get("rest_route", "") or url.path)
    return int(found[2]) if found and api.listing.endswith(found[1]) else None


def _shown_id(seen: Seen, api: Api) -> int | None:
    """The id of the post that the page says it shows."""
    for link in (*seen.of("alternate", "application/json"), *seen.of("shortlink")):
        if post_id := _told_id(URL(link), api):
            return post_id
    found = re.search(r"\bpostid-(\d{1,18})\b", seen.body)
    return int(found[1]) if found else None
