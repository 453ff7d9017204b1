"""The sources an article stands on: links worth following, named as people name them; names where links are lost. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import regex

from bot.cards.blocks import Block, Kind
from bot.cards.names import TOKEN
from bot.cards.outlets import OUTLETS
from bot.model import Citation

MOST = 5
_PER_HOST = 3
_LOOKED_AT = 300

_TRACKERS = regex.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|msclkid|mc_[ce]id|igshid|ref_src|ref_url|s_cid|cmpid|ocid|smid|xtor|at_\w+|wt\.\w+|spm)$",
    regex.IGNORECASE,
)
_WRAPPERS = {
    "l.facebook.com": "u",
    "lm.facebook.com": "u",
    "www.google.com": "q",
    "google.com": "q",
    "l.instagram.com": "u",
    "href.li": "",
    "anonym.to": "",
    "slack-redir.net": "url",
    "out.reddit.com": "url",
    "vk.com": "to",
}
_UNSAFE = regex.compile(r"[\s\"<>\\^`{}\p{Cc}\p{Cf}\p{Cs}]")
_SAFELINKS = regex.compile(r"safelinks\.protection\.outlook\.com$")
_SECOND_LEVEL = frozenset("co com org net gov ac edu gob gouv govt ne or go nom in".split())
_SHARE = regex.compile(
    r"facebook\.com/(?:sharer|share|dialog)|(?:twitter|x)\.com/(?:intent|share|home\?status|hashtag|search)|t\.me/share|linkedin\.com/(?:share|cws)|pinterest\.\w+/pin/create"
    r"|reddit\.com/submit|addtoany|wa\.me/|(?:api|web)\.whatsapp\.com|telegram\.me/share|tumblr\.com/(?:share|widgets)|b\.hatena|line\.me/R|getpocket\.com/save|del\.icio\.us"
    r"|digg\.com/submit|news\.ycombinator\.com/submit|printfriendly|mix\.com/add|flipboard\.com/bookmarklet|vk\.com/share|truthsocial\.com/share|gettr\.com/share|service\.weibo\.com/share|buffer\.com/add",
    regex.IGNORECASE,
)
_NO_SOURCE_HOST = regex.compile(
    r"(?:^|\.)(?:t\.co|bit\.ly|pic\.twitter\.com|amzn\.to|amazon\.[a-z.]+|amazlet\.com|awin1\.com|shareasale\.com|rstyle\.me|shopstyle\.[a-z]+|go\.redirectingat\.com|anrdoezrs\.net|jdoqocy\.com"
    r"|tkqlhce\.com|dpbolvw\.net|clickbank\.net|skimresources\.com|prf\.hn|etsy\.com|ebay\.[a-z.]+|aliexpress\.com|flickr\.com|unsplash\.com|pixabay\.com|pexels\.com|gettyimages\.[a-z.]+|shutterstock\.com"
    r"|istockphoto\.com|creativecommons\.org|play\.google\.com|apps\.apple\.com|itunes\.apple\.com|open\.spotify\.com|podcasts\.apple\.com|patreon\.com|steadyhq\.com|paypal\.[a-z]+|paypalobjects\.com|ko-fi\.com"
    r"|buymeacoffee\.com|liberapay\.com|gravatar\.com|w\.org|wordpress\.(?:org|com)|wp\.me|mailchimp\.com|mailchi\.mp|list-manage\.com|eepurl\.com|feedburner\.com|feedly\.com|doubleclick\.net|googlesyndication\.com"
    r"|addthis\.com|sharethis\.com|disqus\.com|forms\.gle|eventbrite\.[a-z.]+|webmasterplan\.com|hatena\.ne\.jp|blogmura\.com|px\.a8\.net|(?:www|maps|plus|news|support|chrome)\.google\.com|maps\.app\.goo\.gl|goo\.gl)$",
    regex.IGNORECASE,
)
_NO_SOURCE_PATH = regex.compile(
    r"/(?:tag|tags|category|categorie|categoria|kategorie|author|autor|auteur|topic|topics|search|login|signin|register|subscribe|newsletter|donate|spenden|privacy|datenschutz|impressum|terms|cart|shop|store"
    r"|product|products|produkt|about|about-us|contact|kontakt|careers?|jobs?|feed|rss)(?:/|$)|[?&](?:tag|aff(?:iliate)?|ref)=|ref=as_li|\.(?:jpe?g|png|gif|webp|svg|mp3|mp4|zip|exe|css|js)$|/wp-content/uploads/.*\.(?:jpe?g|png|gif|webp)",
    regex.IGNORECASE,
)
_SOCIAL = regex.compile(
    r"(?:^|\.)(?:twitter\.com|x\.com|facebook\.com|instagram\.com|tiktok\.com|threads\.net|bsky\.app|linkedin\.com|pinterest\.[a-z]+|youtube\.com|youtu\.be|vimeo\.com|soundcloud\.com|t\.me|github\.com|medium\.com/@)"
)
_SOCIAL_POST = regex.compile(
    r"/(?:status|statuses|posts?|p|reel|video|watch|permalink|photo|post|videos)\b|/watch\?|youtu\.be/\w|story_fbid|permalink\.php"
)
_REFERENCE = regex.compile(
    r"(?:^|\.)(?:wikipedia\.org|wiktionary\.org|imdb\.com|britannica\.com|merriam-webster\.com|investopedia\.com|dictionary\.com)$"
)
_CITES = regex.compile(
    r"(?i:according to|report\w*|told|stud(?:y|ies)|survey|letter|document|statement|interview|analysis|data|research|filing|paper|found|publish\w*|announce\w*|wrote|writes|said|says|poll|court|investigat\w*"
    r"|laut|studie|bericht\w*|zufolge|umfrage|interview|erklärung|selon|étude|rapport|enquête|según|estudio|informe|entrevista|secondo|studio|intervista|segundo|estudo|pesquisa|według|badani|по данным|сообща\w+|исследован\w+"
    r"|via|h/t|source|quelle|fuente|fonte)|报道|报导|報道|報導|来源|來源|刊|称|據|据|研究|调查|公告|声明|بحسب|وفق|دراسة|تقرير|نقل|לפי|כתבה"
)
_SOURCE_WORD = regex.compile(
    r"^\W*(?:Source|Sources|Quelle|Quellen|Fuente|Fonte|Источник|来源|來源|原文|原文链接|via|Link|here|hier|aquí|ici|qui|this|read more|链接|源)\W*$",
    regex.IGNORECASE,
)
_OUTLET_TITLE = regex.compile(r"[（(]?\s*(?P<outlet>[^|｜（）()]{2,24}?)\s?[|｜]\s?(?P<title>.{4,})")
_WORKS = regex.compile(r"《(?P<name>[^《》]{2,20})》")
_PRINTED = regex.compile(
    rf"\b(?:told|in|for|to|with|by|via|from|reported in)\s(?P<name>(?:The\s){TOKEN}(?:\s{TOKEN}){{0,3}})(?=[,.:;\s]|$)"
)
_POSSESSIVE = regex.compile(r"['’]s?$")
_AROUND = '()[]"“”‘’«».,;:!?'
_CJK_OUTLET = regex.compile(
    r"(?:报|報|新闻|新聞|周刊|週刊|杂志|雜誌|时报|時報|日报|日報|晚报|晚報|网|網|通讯社|通訊社|电视台|電視台|之声|之聲|亚洲|传媒|傳媒|月刊)$"
)


@dataclass(frozen=True, slots=True)
class _Found:
    url: str
    host: str
    name: str
    score: float
    order: int


def choose(blocks: Sequence[Block], site_url: str, url: str, quoted: str = "") -> tuple[Citation, ...]:
    """At most five sources, in the order of the article; names alone where the document lost its links.

    `site_url` and `url` tell the article's own host; `quoted` is the link that the quote is tied to: it goes first.
    """
    own = registrable(site_url or url)
    found = list(_links(blocks, own))
    kept: list[_Found] = []
    for candidate in sorted(found, key=lambda each: (-each.score, each.order)):
        same = [other for other in kept if other.host == candidate.host]
        if (
            len(kept) < MOST
            and candidate.score > 0
            and len(same) < _PER_HOST
            and all(other.url != candidate.url for other in same)
        ):
            kept.append(candidate)
    if kept:
        return tuple(
            Citation(each.name, each.url) for each in sorted(kept, key=lambda each: (each.url != quoted, each.order))
        )
    if any(block.links for block in blocks):
        return ()
    return tuple(Citation(name) for name in _names(blocks) if _label(name) not in own)[:MOST]


def _label(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def canonical(url: str) -> str:
    """The address itself: out of its wrapper, without trackers and fragment; "" for what is no web page."""
    for _ in range(3):
        inner = _unwrapped(html.unescape(url).strip())
        if inner == url:
            break
        url = inner
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme.lower() not in {"http", "https"} or "." not in host:
        return ""
    query = "&".join(piece for piece in parts.query.split("&") if not _TRACKERS.match(piece.partition("=")[0]))
    address = urlunsplit((parts.scheme.lower(), host + port, parts.path, query, ""))
    return _UNSAFE.sub(lambda match: quote(match[0]), address)


def _unwrapped(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    host = parts.hostname or ""
    name = "url" if _SAFELINKS.search(host) else _WRAPPERS.get(host)
    if (
        name
        and (inner := parse_qs(parts.query).get(name) or parse_qs(parts.query).get("url"))
        and inner[0].startswith("http")
    ):
        return inner[0]
    return url


def registrable(url: str) -> str:
    """The host as its owner registered it ("example.co.uk"), near enough without the public suffix list."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
    labels = host.split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])


def _links(blocks: Sequence[Block], own: str) -> Iterable[_Found]:
    phrases = _phrases(" ".join(block.text for block in blocks)) if any(block.links for block in blocks) else {}
    order = 0
    for index, block in enumerate(blocks):
        if block.kind in {Kind.CAPTION, Kind.EMBED, Kind.HEADING} or block.aside:
            continue
        for link in block.links[:_LOOKED_AT]:
            order += 1
            if order > _LOOKED_AT:
                return
            url = canonical(link.url)
            anchor = block.text[link.start : link.end].strip()
            if not url or not anchor or url.startswith("mailto"):
                continue
            titled = _OUTLET_TITLE.match(block.text) if registrable(url) == own else None
            if registrable(url) == own and not titled:
                continue
            score = _score(url, anchor, block, link.start, index / max(1, len(blocks)))
            host = urlsplit(url).hostname or ""
            name = titled["outlet"].strip(" （(") if titled else _name(host, anchor, block, link.start, phrases)
            yield _Found(url, registrable(url), name, score, order)


def _score(url: str, anchor: str, block: Block, start: int, position: float) -> float:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _SHARE.search(url) or _NO_SOURCE_HOST.search(host) or _NO_SOURCE_PATH.search(url):
        return -9.0
    score = 1.0 - 0.3 * position
    deep = parts.path.strip("/") or parts.query
    if _SOCIAL.search(host):
        score -= 0.5 if _SOCIAL_POST.search(url) else 2.0
    elif not deep:
        score -= 1.2
    if _REFERENCE.search(host):
        score -= 1.5
    if block.linked > 0.8 and block.kind is Kind.ITEM:
        score -= 0.4
    if _SOURCE_WORD.match(anchor) or _OUTLET_TITLE.match(block.text):
        score += 0.8
    if _CITES.search(block.text[max(0, start - 80) : start + len(anchor)]):
        score += 0.6
    return score + (0.3 if block.kind is Kind.QUOTATION else 0.0)


def _name(host: str, anchor: str, block: Block, start: int, phrases: dict[str, str]) -> str:
    """How people name the outlet behind a host: the text's own spelling, the table, the host's words."""
    if work := _WORKS.search(anchor) or _WORKS.search(block.text[max(0, start - 16) : start + 1]):
        return work["name"]
    if titled := _OUTLET_TITLE.match(block.text):
        return titled["outlet"].strip(" （(")
    bare = registrable(f"https://{host}")
    for known in (host.removeprefix("www."), bare):
        if known in OUTLETS:
            return OUTLETS[known]
    label = bare.split(".")[0]
    if spelled := _spelled(label.replace("-", ""), phrases):
        return spelled
    if _named(anchor):
        return anchor
    return " ".join(word.capitalize() for word in label.split("-")) if "-" in label else bare


def _named(anchor: str) -> bool:
    """Whether the link's own text is an outlet's name and nothing else."""
    tokens = anchor.split()
    if _CJK_OUTLET.search(anchor) and len(anchor) < 14:
        return True
    return 1 < len(tokens) <= 4 and all(
        token[:1].isupper() or token.lower() in {"of", "the", "and", "de", "für", "&"} for token in tokens
    )


def _phrases(text: str) -> dict[str, str]:
    """The capitalised phrases of a text, of up to four words, by their letters written together in small."""
    found: dict[str, str] = {}
    tokens = text.split()
    for at, token in enumerate(tokens):
        if not token.lstrip('("“‘«')[:1].isupper():
            continue
        letters = ""
        for end in range(at, min(at + 4, len(tokens))):
            letters += _label(tokens[end])
            phrase = _POSSESSIVE.sub("", " ".join(tokens[at : end + 1]).strip(_AROUND))
            found.setdefault(
                letters.removesuffix("s") if letters.endswith("s") and phrase[-1:] != "s" else letters, phrase
            )
    return found


def _spelled(label: str, phrases: dict[str, str]) -> str:
    """The words of the text which, written together, are the host's label ("The Diplomat" for thediplomat)."""
    if len(label) < 3:
        return ""
    return phrases.get(f"the{label}") or phrases.get(label, "")


def _names(blocks: Sequence[Block]) -> Iterable[str]:
    """Outlets that the text names where it tells what they printed."""
    seen: set[str] = set()
    for block in blocks:
        if block.kind not in {Kind.PARAGRAPH, Kind.ITEM}:
            continue
        found = [
            match["name"]
            for match in _PRINTED.finditer(block.text[:3000])
            if _CITES.search(block.text[max(0, match.start() - 60) : match.end()]) or "argued" in block.text
        ]
        found += [match["name"] for match in _WORKS.finditer(block.text[:3000]) if _CJK_OUTLET.search(match["name"])]
        for name in found:
            if name not in seen:
                seen.add(name)
                yield name
