"""Tables: hosts and paths that links of articles lead to without being what the article stands on."""

from __future__ import annotations

import re

NO_SOURCE = frozenset(
    """
    t.co bit.ly pic.twitter.com amzn.to amazlet.com awin1.com shareasale.com rstyle.me go.redirectingat.com
    anrdoezrs.net jdoqocy.com tkqlhce.com dpbolvw.net clickbank.net skimresources.com prf.hn etsy.com aliexpress.com
    flickr.com unsplash.com pixabay.com pexels.com shutterstock.com istockphoto.com creativecommons.org
    play.google.com apps.apple.com open.spotify.com podcasts.apple.com patreon.com steadyhq.com
    paypal.com paypal.me paypalobjects.com ko-fi.com buymeacoffee.com liberapay.com gravatar.com w.org wordpress.org
    wordpress.com wp.me mailchimp.com mailchi.mp list-manage.com eepurl.com feedburner.com feedly.com doubleclick.net
    googlesyndication.com addthis.com sharethis.com addtoany.com disqus.com forms.gle eventbrite.com eventbrite.co.uk
    webmasterplan.com hatena.ne.jp blogmura.com px.a8.net www.google.com google.com maps.google.com plus.google.com
    news.google.com support.google.com chrome.google.com maps.app.goo.gl goo.gl wa.me api.whatsapp.com
    web.whatsapp.com printfriendly.com service.weibo.com onelink.me page.link app.link smart.link linktr.ee
    copyright.com linksynergy.com pxf.io sjv.io rfvk.net go2cloud.org viglink.com howl.me shop-links.co zdcs.link geni.us amzlink.to
    """.split()
)
"""Shops, affiliates, pictures, app stores, donations, mailing lists, shorteners, share buttons."""

SHOPS = frozenset({"amazon", "ebay", "gettyimages", "shopstyle"})
"""The same in every country's domain."""

SOCIAL = frozenset(
    """
    twitter.com x.com facebook.com instagram.com tiktok.com threads.net bsky.app linkedin.com pinterest.com youtube.com
    youtu.be vimeo.com soundcloud.com t.me weibo.com vk.com
    """.split()
)
"""A post there may be a source, a profile says only who someone is."""

REFERENCE = frozenset(
    "wikipedia.org wiktionary.org imdb.com britannica.com merriam-webster.com investopedia.com dictionary.com".split()
)
"""What explains a word."""

SHARE = re.compile(
    r"^(?:facebook\.com/(?:sharer|share|dialog)|(?:twitter|x)\.com/(?:intent|share|hashtag|search|home)\b"
    r"|t(?:elegram)?\.me/share|linkedin\.com/(?:share|cws)|pinterest\.\w+/pin/create|reddit\.com/submit"
    r"|tumblr\.com/(?:share|widgets)|line\.me/R|getpocket\.com/save|digg\.com/submit|news\.ycombinator\.com/submit"
    r"|flipboard\.com/bookmarklet|vk\.com/share|(?:truthsocial|gettr)\.com/share|buffer\.com/add|mix\.com/add)",
    re.IGNORECASE,
)
"""Links that share the article, by host without "www." and path."""

NO_SOURCE_PATH = re.compile(
    r"/(?:tags?|category|categorie|categoria|kategorie|author|autor|auteur|topics?|search|login|signin|register|subscribe"
    r"|newsletter|donate|spenden|letters|letters-to-the-editor|downloads?|reprints?|privacy|datenschutz|impressum|terms|cart|shop|store|products?|produkt|about|about-us"
    r"|contact|kontakt|careers?|jobs?|feed|rss)(?:/|$|\?|\.(?:php|html?)\b)|[?&](?:tag|aff(?:iliate)?|ref)="
    r"|\.(?:jpe?g|png|gif|webp|svg|mp3|mp4|zip|exe|css|js)(?:$|\?)",
    re.IGNORECASE,
)
"""Lists, forms, files that are no text; links with a partner's number."""

SHORTENED = re.compile(r"[a-z0-9-]{1,7}\.(?:to|ly|gl|gd|cc|me|co|it|st|am|mp|us|id|link)/\w{1,12}/?", re.IGNORECASE)
"""An address that hides another one: whole, without scheme."""

COUNTS = re.compile(r"(?:r|go|click|clk|trk|track|tracking|out|redir|redirect)\.[^.]+\.", re.IGNORECASE)
"""A host that only counts the click and goes on elsewhere."""

CARRIES = re.compile(r"[?&][\w.]+=https?(?:://|%3A%2F%2F)", re.IGNORECASE)
"""A link that counts the click and goes on elsewhere."""

WHO = re.compile(
    r"/(?:people|person|persons|profile|profiles|team|staff|leadership|directory|faculty|speakers?|experts?|bio|biography|members?|contributors?)/",
    re.IGNORECASE,
)
"""A page that says who somebody is, not what the article stands on."""

HOME = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?|home|index|default|main)?(?:/|\.\w{2,5})?", re.IGNORECASE)
"""The path of a home page, in one of its languages."""

SOCIAL_POST = re.compile(
    r"/(?:status|statuses|posts?|p|reel|video|videos|watch|permalink|photo)\b|/watch\?|youtu\.be/\w|story_fbid|permalink\.php"
)


def among(host: str, hosts: frozenset[str]) -> bool:
    """Whether the host or one that it belongs to is in the table."""
    labels = host.split(".")
    return any(".".join(labels[start:]) in hosts for start in range(len(labels) - 1))
