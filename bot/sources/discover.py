"""From any page's URL to the publication it belongs to, and to the one post it shows.

A page says where its API is (Link header, <link>); where it does not, its path is tried upwards. A base counts only
when it answers with the JSON of a WordPress that lists posts, and that base alone tells which publication it is:
whatever a page or an API states of itself, anybody can state of anybody's home.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yarl import URL

from bot.errors import Blocked, SourceError
from bot.fetch import HTML_LIMIT, NO_ADDRESS, Fetcher, Response, shown
from bot.model import Site
from bot.sources.document import plain
from bot.sources.rest import NAMESPACE, POSTS, Answer, Api, judge, refuse
from bot.text import home_of

API_RELATION = "https://api.w.org/"
ROOT_FIELDS = "name,namespaces"
HEAD = 300_000
"""Characters of a page in which its head is looked for."""
MOST_GUESSES = 8
LONGEST_BASE = 2_000
"""Characters of an API's address: a database knows a site by it."""

_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[\w*-]+\s*=\s*(?:"[^"]*"|[^\s",;]+))*)')
_PARAMETER = re.compile(r';\s*([\w*-]+)\s*=\s*(?:"([^"]*)"|([^\s",;]+))')
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_FEED_LANGUAGE = re.compile(r"<language>\s*([A-Za-z-]+)\s*</language>")
_POST_ROUTE = re.compile(r"/wp/v2/posts/(\d{1,18})(?:$|[?&#])")


@dataclass(frozen=True, slots=True)
class Link:
    """A link that a page carries in its headers or its head."""

    relation: str
    url: str
    type: str = ""


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
        Link(relation, said(tag, "href"), said(tag, "type"))
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
        except ValueError:
            continue
        if target.scheme in {"http", "https"} and target.host:
            yield Link(link.relation, str(target), link.type)


async def discover(fetcher: Fetcher, url: str) -> Site:
    """The publication that the URL belongs to, with an empty cursor; SourceError says why there is none."""
    page = await _page(fetcher, url)
    seen = look_at(page)
    trouble: SourceError | None = None
    for base in _bases(page, seen):
        try:
            root = await _root(fetcher, base)
            break
        except SourceError as error:
            trouble = trouble or error
    else:
        raise _none_found(page, seen, trouble)
    home = _home(seen.url, base)
    return Site(
        url=str(home),
        name=plain(str(root.value.get("name") or "")) or str(home.host),
        endpoint=base,
        language=await _language(fetcher, home, seen),
    )


async def _page(fetcher: Fetcher, url: str) -> Response:
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


def _bases(page: Response, seen: Seen) -> Iterator[str]:
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
    yield from (base for base in dict.fromkeys(told + guessed[:MOST_GUESSES]) if len(base) <= LONGEST_BASE)


async def _root(fetcher: Fetcher, base: str) -> Answer:
    """The API's root, when it is that of a WordPress whose posts can be listed."""
    api = Api(fetcher, base)
    answer = judge(await fetcher.get(api.url("/", _fields=ROOT_FIELDS), accept="application/json"))
    refuse(answer)
    spaces = answer.value.get("namespaces") if isinstance(answer.value, dict) else None
    if not isinstance(spaces, list) or NAMESPACE not in spaces:
        raise SourceError(f"{shown(base)} is no WordPress REST API: it does not offer {NAMESPACE}.")
    posts = await api.ask(POSTS, per_page=1, _fields="id")
    refuse(posts)
    if not isinstance(posts.value, list):
        raise SourceError(f"{shown(base)} does not list its posts.")
    return answer


def _none_found(page: Response, seen: Seen, trouble: SourceError | None) -> SourceError:
    if any(seen.of(API_RELATION)) and trouble is not None:
        return trouble
    if page.headers.get("cf-mitigated") or page.status in {429, 503}:
        try:
            judge(page)
        except SourceError as error:
            return error
    if page.status >= 400 and page.status != 404:
        return SourceError(f"{shown(page.url)} answered with HTTP {page.status}, and no WordPress REST API was found.")
    return SourceError(
        f"{shown(page.url)} shows no WordPress REST API: it is made with something else, or its owner closed the API."
    )


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


async def post_at(fetcher: Fetcher, api: Api, site: Site, url: str) -> dict[str, Any]:
    """The REST object of the post that the URL shows; for the site's home its newest post."""
    try:
        target = URL(url if "://" in url else f"https://{url}")
    except ValueError:
        raise SourceError(NO_ADDRESS) from None
    if not target.query and _same_page(target, URL(site.url)):
        posts, _ = await api.posts(per_page=1)
    elif post_id := _told_id(target):
        return await _post(api, post_id, url)
    else:
        page = await fetcher.get(str(target), limit=HTML_LIMIT)
        seen = look_at(page)
        if _same_page(seen.url, URL(site.url)) and not seen.url.query:
            posts, _ = await api.posts(per_page=1)
        elif post_id := _shown_id(seen):
            return await _post(api, post_id, url)
        else:
            posts, _ = await api.posts(slug=seen.url.name or seen.url.parent.name or "-")
    if not posts:
        raise SourceError(f"{shown(url)} shows no post of {site.name}; give the address of an article.")
    return posts[0]


async def _post(api: Api, post_id: int, url: str) -> dict[str, Any]:
    read = await api.post(post_id)
    if read is None:
        raise SourceError(f"{shown(url)} is no public post: it was withdrawn, or is not published yet.")
    return read[0]


def _same_page(one: URL, other: URL) -> bool:
    return _place(one) == _place(other) and one.path.rstrip("/") == other.path.rstrip("/")


def _told_id(url: URL) -> int | None:
    """The post's id where the URL itself tells it: ?p=ID, or the API's own address of it."""
    asked = url.query.get("p", "")
    if asked.isascii() and asked.isdigit():
        return int(asked)
    found = _POST_ROUTE.search(url.query.get("rest_route", "") or url.path)
    return int(found[1]) if found else None


def _shown_id(seen: Seen) -> int | None:
    """The id of the post that the page says it shows."""
    for link in (*seen.of("alternate", "application/json"), *seen.of("shortlink")):
        if post_id := _told_id(URL(link)):
            return post_id
    found = re.search(r"\bpostid-(\d{1,18})\b", seen.body)
    return int(found[1]) if found else None
