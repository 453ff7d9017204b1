"""The sources an article stands on: links worth following, named as people name them; names where links are lost. Pure."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

import regex

from bot.cards import hosts
from bot.cards.blocks import Block, Kind
from bot.cards.names import TOKEN
from bot.cards.outlets import OUTLETS
from bot.cards.sentences import letters
from bot.model import Citation
from bot.text import cut, line

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
_ENTITY = regex.compile(r"&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z][A-Za-z\d]{1,31});")
"""Whole ones only: a parser has unescaped the address already, and “&section=” is none."""
_HOST = regex.compile(r"\w[\w-]*(?:\.[\w-]+)+")
_LONGEST_NAME = 60
_SAFELINKS = regex.compile(r"safelinks\.protection\.outlook\.com$")
_SECOND_LEVEL = frozenset("co com org net gov ac edu gob gouv govt ne or go nom in".split())
_CITES = regex.compile(
    r"(?i:according to|report\w*|told|stud(?:y|ies)|survey|letter|document|statement|interview|analysis|data|research|filing|paper|found|publish\w*|announce\w*|wrote|writes|said|says|poll|court|investigat\w*"
    r"|laut|studie|bericht\w*|zufolge|umfrage|interview|erklärung|selon|étude|rapport|enquête|según|estudio|informe|entrevista|secondo|studio|intervista|segundo|estudo|pesquisa|według|badani|по данным|сообща\w+|исследован\w+"
    r"|via|h/t|source|quelle|fuente|fonte)|报道|报导|報道|報導|来源|來源|刊|称|據|据|研究|调查|公告|声明|بحسب|وفق|دراسة|تقرير|نقل|לפי|כתבה"
)
_SOURCE_WORD = regex.compile(
    r"^\W*(?:Source|Sources|Quelle|Quellen|Fuente|Fonte|Источник|来源|來源|原文|原文链接|via|Link|here|hier|aquí|ici|qui|this|read more|链接|源)\W*$",
    regex.IGNORECASE,
)
_CALL = regex.compile(
    r"^(?:(?:buy|download|subscribe|sign up|learn more|get (?:it|yours|tickets)|(?:(?:pre-?)?order|shop|purchase|register|book) (?:now|here|it|your|a|the|at|for|tickets)"
    r"|jetzt \p{L}+n|herunterladen|télécharger|s['’]abonner|acheter|comprar|descargar|suscr[ií]b\w+|acquista|scarica|abbonati|baixar|assine|купить|заказать"
    r"|скачать|kup|pobierz)\b|购买|購買|下载|下載|订阅|訂閱|报名|報名|購入|ダウンロード|구매|다운로드)",
    regex.IGNORECASE,
)
"""A button's words: where they open a line or a sentence, the link leads to a till or a form."""
_BRACKET = regex.compile(r"\[[^\[\]]{0,60}$")
"""“[outlet]”: what a text or passage was taken from."""
_SOURCES = regex.compile(
    r"^\W*(?:sources?|references|quellen?|literatur|références|fuentes?|referencias|fonti?|fontes?|источники?|źródł[ao]|参考(?:资料|文献)?|參考資料|来源|來源|出典|출처|المصادر|מקורות)\W*$",
    regex.IGNORECASE,
)
"""What stands over a list of sources."""
_EMBEDDED = 0.3
"""What a post shown inside the article counts: below whatever the text itself cites."""
_REPUBLISHED = regex.compile(r"[（(][^（）()|｜]{2,24}[|｜][^（）()]{4,}[）)]")
"""“（outlet | title）”: the site's own copy of what another one printed."""
_OUTLET_TITLE = regex.compile(r"[（(]?\s*(?P<outlet>[^|｜（）()]{2,24}?)\s?[|｜]\s?(?P<title>.{4,})")
_WORKS = regex.compile(r"《(?P<name>[^《》]{2,20})》")
_PRINTED = regex.compile(
    rf"\b(?:told|in|for|to|with|by|via|from|reported in)\s(?P<name>(?:The\s){TOKEN}(?:\s{TOKEN}){{0,3}})(?=[,.:;\s]|$)"
)
_ARABIC_OUTLET = regex.compile(r"(?:جريدة|صحيفة|مجلة|وكالة|موقع|قناة|شبكة|עיתון|אתר)\s")
_CJK_OUTLET = regex.compile(
    r"(?:报|報|新闻|新聞|周刊|週刊|杂志|雜誌|时报|時報|日报|日報|晚报|晚報|网|網|通讯社|通訊社|电视台|電視台|之声|之聲|亚洲|传媒|傳媒|月刊)$"
)


@dataclass(frozen=True, slots=True)
class _Found:
    url: str
    host: str
    anchor: str
    block: Block
    start: int
    score: float
    order: int


def choose(blocks: Sequence[Block], site_url: str, url: str, title: str, quoted: str = "") -> tuple[Citation, ...]:
    """At most five sources, in the order of the article; names alone where the document lost its links.

    `site_url` and `url` tell the article's own host, `title` whom it is about; `quoted` is the link that the quote is
    tied to: it goes first.
    """
    own = registrable(site_url or url) or _commonest(blocks)
    found = list(_links(blocks, own, letters(title)))
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
        text = " ".join(block.text for block in blocks)
        kept.sort(key=lambda each: (each.url != quoted, each.order))
        return _apart(Citation(cut(line(_name(each, text)), _LONGEST_NAME) or each.host, each.url) for each in kept)
    if any(block.links for block in blocks):
        return ()
    house = own.split(".")[0].replace("-", "")
    named = (cut(line(name), _LONGEST_NAME) for name in _names(blocks))
    return tuple(
        Citation(name) for name in named if name and letters(name).removeprefix("the") != house.removeprefix("the")
    )[:MOST]


def _apart(sources: Iterable[Citation]) -> tuple[Citation, ...]:
    """The sources, with a number behind a name that stands there already: two buttons of one name are a riddle."""
    told: Counter[str] = Counter()
    apart = []
    for source in sources:
        told[source.name] += 1
        number = told[source.name]
        apart.append(source if number == 1 else Citation(f"{source.name} ({number})", source.url))
    return tuple(apart)


def canonical(url: str) -> str:
    """The address itself: out of its wrapper, without trackers and fragment; "" for what is no web page."""
    for _ in range(3):
        inner = _unwrapped(_ENTITY.sub(lambda match: html.unescape(match[0]), url).strip())
        if inner == url:
            break
        url = inner
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if not parts.scheme and url.startswith("//"):
        return canonical(f"https:{url}")
    if parts.scheme.lower() not in {"http", "https"} or not _HOST.fullmatch(host):
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


def _same_house(host: str, own: str) -> bool:
    """Whether two registered hosts are one publication's: the same, or the same word in two countries' domains."""
    label = own.split(".")[0]
    return host == own or (len(label) > 2 and host.split(".")[0] == label)


def _commonest(blocks: Sequence[Block]) -> str:
    """The host of most of the links, for an article that does not say where it stands: articles link their own site."""
    hosts_of = Counter(registrable(link.url) for block in blocks for link in block.links)
    host, times = max(hosts_of.items(), key=lambda each: each[1], default=("", 0))
    return host if times > 2 and times * 2 > sum(hosts_of.values()) else ""


def _links(blocks: Sequence[Block], own: str, subject: str) -> Iterable[_Found]:
    order, over = 0, ""
    for index, block in enumerate(blocks):
        over = over if block.kind is Kind.ITEM else block.text
        if block.kind is Kind.EMBED and (post := _embedded(block)):
            order += 1
            yield _Found(post, registrable(post), "", block, 0, _EMBEDDED - index / max(1, len(blocks)) / 10, order)
        if block.kind in {Kind.CAPTION, Kind.EMBED, Kind.HEADING} or block.aside:
            continue
        for link in block.links:
            order += 1
            if order > _LOOKED_AT:
                return
            url = canonical(link.url)
            anchor = block.text[link.start : link.end].strip()
            host = registrable(url)
            if url and anchor and (not _same_house(host, own) or _REPUBLISHED.search(block.text)):
                score = _score(url, anchor, block, link.start, index / max(1, len(blocks)), subject)
                score += _listed(block, over)
                yield _Found(url, host, anchor, block, link.start, score, order)


def _embedded(block: Block) -> str:
    """The address of a post shown inside the article; "" where the embed has none."""
    urls = (canonical(link.url) for link in reversed(block.links))
    return next(
        (
            url
            for url in urls
            if hosts.among(urlsplit(url).hostname or "", hosts.SOCIAL) and hosts.SOCIAL_POST.search(url)
        ),
        "",
    )


def _score(url: str, anchor: str, block: Block, start: int, position: float, subject: str) -> float:
    parts = urlsplit(url)
    host = parts.hostname or ""
    bare = host.removeprefix("www.")
    if hosts.among(host, hosts.NO_SOURCE) or registrable(url).split(".")[0] in hosts.SHOPS:
        return -9.0
    if hosts.SHARE.match(bare + parts.path) or hosts.NO_SOURCE_PATH.search(url):
        return -9.0
    if hosts.CARRIES.search(url) or hosts.COUNTS.match(host) or hosts.SHORTENED.fullmatch(bare + parts.path):
        return -9.0
    score = 1.0 - 0.3 * position
    if hosts.among(host, hosts.SOCIAL):
        score -= 0.5 if hosts.SOCIAL_POST.search(url) else 2.0
    elif hosts.HOME.fullmatch(parts.path) and not parts.fragment:
        score -= 0.4 if letters(registrable(url).split(".")[0]) in subject else 2.0
    if hosts.WHO.search(parts.path):
        score -= 0.8
    if hosts.among(host, hosts.REFERENCE):
        score -= 1.5
    if _CALL.match(anchor) and (start == 0 or anchor[0].isupper()) and not _CITES.search(anchor):
        score -= 2.0
    if _SOURCE_WORD.match(anchor) or _OUTLET_TITLE.match(block.text) or _BRACKET.search(block.text[:start]):
        score += 0.8
    if _CITES.search(block.text[max(0, start - 80) : start + len(anchor)]):
        score += 0.6
    return score + (0.3 if block.kind is Kind.QUOTATION else 0.0)


def _listed(block: Block, over: str) -> float:
    """What it takes from a link to be a list's item and nothing else: such lists are menus, or what else there is to read."""
    alone = block.linked > 0.8 or len(block.text) * (1 - block.linked) < 4
    if block.kind is not Kind.ITEM or not alone:
        return 0.0
    return 0.0 if _SOURCES.match(over) else -1.2


def _name(found: _Found, text: str) -> str:
    """How people name the outlet behind a link: the words around it, the table, the text's own spelling, the host."""
    block, host = found.block, urlsplit(found.url).hostname or ""
    if titled := _OUTLET_TITLE.match(block.text):
        return titled["outlet"].strip(" （(")
    if work := _WORKS.search(found.anchor) or _WORKS.search(block.text[max(0, found.start - 16) : found.start + 1]):
        return work["name"]
    for known in (host.removeprefix("www."), found.host):
        if known in OUTLETS:
            return OUTLETS[known]
    label = found.host.split(".")[0]
    if spelled := _spelled(label.replace("-", ""), text):
        return spelled
    if _named(found.anchor):
        return found.anchor
    return " ".join(word.capitalize() for word in label.split("-") if word) if "-" in label else found.host


def _named(anchor: str) -> bool:
    """Whether the link's own text is an outlet's name and nothing else."""
    tokens = anchor.split()
    if (_CJK_OUTLET.search(anchor) and len(anchor) < 14) or (_ARABIC_OUTLET.match(anchor) and len(tokens) <= 4):
        return True
    return 1 < len(tokens) <= 4 and all(
        token[:1].isupper() or token.lower() in {"of", "the", "and", "de", "für", "&"} for token in tokens
    )


def _spelled(label: str, text: str) -> str:
    """The words of the text which, written together, are the host's label ("The Diplomat" for thediplomat)."""
    together = "".join(text.lower().split())
    for separator in "-’'.&":
        together = together.replace(separator, "")
    if len(label) < 3 or label not in together:
        return ""
    spelling = r"[\s\-’'.&]{0,2}".join(map(regex.escape, label[:40]))
    for match in regex.finditer(rf"(?<!\p{{L}})(?:The\s)?{spelling}(?!\p{{L}})", text, regex.IGNORECASE):
        phrase = match[0].removeprefix("the ")
        if phrase.startswith("The ") and text[: match.start()].rstrip()[-1:] in ".!?”":
            phrase = phrase[4:]  # the article that opens a sentence is no part of the name
        if phrase[0].isupper():
            return phrase
    return ""


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
