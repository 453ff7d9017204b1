"""Tables: what elements and the classes that themes and plugins give them mean for a reader."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

SKIPPED = frozenset(
    """
    script del s strike style noscript form nav iframe svg button select textarea template object video audio
    canvas head title math dialog menu
    """.split()
)
"""Elements whose text is not the article's."""

BOXES = frozenset("form nav iframe select textarea object video audio canvas dialog menu".split())
"""Those of them that a page shows, in a box of their own: the text before one does not go on after it."""

BREAKING = frozenset(
    """
    p div section article main header footer aside figure figcaption blockquote ul ol li dl dt dd table tbody
    thead tr td th caption h1 h2 h3 h4 h5 h6 pre hr address details summary center fieldset
    """.split()
)
"""Elements that end the block before them."""

STRONG, SLANTED = frozenset({"strong", "b"}), frozenset({"em", "i"})


def _class(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z])(?:{words})(?![a-z])", re.IGNORECASE)


PULL = re.compile(
    r"pull-?_?quote|td_pull_quote|td_quote_box|(?<![\w-])(?:quote-?box|module-quote|blockquote-pull|quote--pull"
    r"|callout-quote|big-?quote|featured-?quote|zitatbox|article__quote|mkd-blockquote|et_pb_testimonial)",
    re.IGNORECASE,
)
"""The editor's own choice of a quote. `pull-left` and `pullbox` are boxes of another sort."""

STYLIZED = _class("stylized|pulled|has-large-font-size|is-style-large")
"""Block quotes (and nothing else) that are set as pull quotes."""

SIGNED_AFTER = re.compile(
    r"(?:quote|zitat|cita)\w*[-_]+(?:author|autor|source|credit|cite|name|by|attribution|speaker|person)"
    r"|(?<![\w-])quote-?(?:author|source)(?![\w-])",
    re.IGNORECASE,
)
"""Right after a quotation's box, what names who is quoted."""

SIGNED = re.compile(
    rf"{SIGNED_AFTER.pattern}|(?<![\w-])(?:attribution|speaker|who|cite|citation|author|source|byline)(?![\w-])",
    re.IGNORECASE,
)
"""Inside the box, the same."""

NO_PULL = re.compile(r"tweet|twitter|instagram|(?<!quote-)embed", re.IGNORECASE)

EMBED = re.compile(
    r"twitter-(?:tweet|video)|instagram-media|fb-(?:post|video)|wp-embedded-content|tiktok-embed|bluesky-embed"
    r"|reddit-(?:embed|card)|mastodon-embed|imgur-embed|telegram-post|wp-block-embed|embedly-card|threads-post"
    r"|text-post-media|x-tweet|truthsocial",
    re.IGNORECASE,
)
"""What others posted elsewhere, shown inside the article."""

CAPTION = _class(
    r"wp-caption(?:-text|-dd)?|captions?|caption-?text"
    r"|(?:photo|image|img|picture|media|foto|bild)[-_]?(?:credits?|captions?|info|copyright|description)"
    r"|credits?|bildunterschrift|bildquelle|gallery|carousel|slideshow"
)

JUNK = _class(
    r"share|sharing|sharedaddy|shareaholic|social(?![-_](?:media[-_])?embed)|addtoany|a2a|heateor|sumo|related|relacionad[oa]s?|yarpp|newsletter"
    r"|mailchimp|mc4wp|subscribe|subscription|signup|sign-up|optin|paywall|toc|ez-toc|table-of-contents|breadcrumbs?"
    r"|author-?(?:box|bio|info)|about-author|byline|post-meta|entry-meta|ads?|adsense|advert\w*|sponsor\w*|promo\w*"
    r"|comments?|cookie\w*|donat\w*|patreon|tagcloud|post-?tags|read-?more|more-link|recommended|trending|most-?popular"
    r"|print(?:friendly)?|screen-reader-text|visually-hidden|sr-only|pagination|audio-player|reading-time"
    r"|rating|cta|jeg_\w*|outbrain|taboola|hatena|ssba|essb|swp|post-views|copyright"
)
"""Boxes that plugins put among the article's paragraphs."""

ASIDE = _class(r"info-?box|fact-?box|side-?bar|kasten|alignright|alignleft|callout|pull-?box")
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an element's classes and id say of it."""

    pull: bool
    stylized: bool
    embed: bool
    signed: bool
    signed_after: bool
    junk: bool
    caption: bool
    aside: bool


NOTHING = Meaning(*[False] * 8)
_KNOWN, _LONGEST = 4096, 300


def meaning(identity: str) -> Meaning:
    """What classes and id mean; remembered, because a site's posts are written with the same few."""
    if not identity:
        return NOTHING
    return _remembered(identity) if len(identity) <= _LONGEST else _meaning(identity)


def _meaning(identity: str) -> Meaning:
    return Meaning(
        pull=bool(PULL.search(identity)) and not NO_PULL.search(identity),
        stylized=bool(STYLIZED.search(identity)),
        embed=bool(EMBED.search(identity)),
        signed=bool(SIGNED.search(identity)),
        signed_after=bool(SIGNED_AFTER.search(identity)),
        junk=bool(JUNK.search(identity)),
        caption=bool(CAPTION.search(identity)),
        aside=bool(ASIDE.search(identity)),
    )


_remembered = lru_cache(maxsize=_KNOWN)(_meaning)

_SHORTCODE = re.compile(r"\[(?:/[a-zA-Z][\w-]*|(?P<name>[a-zA-Z][\w-]*)(?P<rest>[\s/][^\[\]<>]{0,2000})?)\]")
_PLUGIN = re.compile(
    r"vc_|et_pb_|fusion_|av_|su_|cs_|tdb?_|mk_|ultimate_|rev_slider|contact-form|ad(?:sense|rotate|inserter)|sc_|one_|two_|ez-toc|wpv-"
    r"|elementor|mailpoet|mc4wp|sharethis|soliloquy|envira|(?:ads|dropcap|gallery|playlist|spacer|toc)(?![\w-]|\s+[a-z])",
    re.IGNORECASE,
)
_ATTRIBUTES = re.compile(r"\s[\w-]+=\S|://")
_CLOSING = re.compile(r"\[/([a-zA-Z][\w-]{0,40})\]")


def without_shortcodes(html: str, instead: str) -> str:
    """The HTML without the shortcodes of plugins that are gone.

    What an editor put into brackets stays: a shortcode has a plugin's name, attributes, an address or a closing one.
    """
    if "[" not in html:
        return html
    closed = set(_CLOSING.findall(html))

    def left(match: re.Match[str]) -> str:
        name, rest = match["name"], match["rest"] or ""
        gone = name is None or name in closed or _PLUGIN.match(name + rest) or _ATTRIBUTES.search(rest)
        return instead if gone else match[0]

    return _SHORTCODE.sub(left, html)
