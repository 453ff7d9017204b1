"""What broken documents are made of: tags, words of many languages, addresses, odd characters, wrong values."""

from __future__ import annotations

from typing import Any

NAMES = """
    p div blockquote b strong em i u cite q li ul ol h2 h3 td table tr pre span script style br hr img figure figcaption
    a section article aside header footer svg math template noscript iframe form textarea details summary ruby rt sup
    sub code center font video audio select option button nav dl dt dd P DIV
""".split()
CLASSES = """
    wp-block-pullquote wp-block-quote pullquote share sharedaddy related author-box caption wp-caption-text
    twitter-tweet wp-block-embed instagram-media info-box alignright newsletter toc is-style-large entry
""".split()
ADDRESSES = [
    *"""
    https://tide.example/a http://tide.example //tide.example/a /a #a mailto:a@tide.example javascript:alert(1)
    https:// http://[::1 http://[::1]/a https://a:99999/ https://user:pw@tide.example/ data:text/html,a ftp://a.example/
    https://l.facebook.com/l.php?u=javascript:alert(1) https://l.facebook.com/l.php?u=https%3A%2F%2Ftide.example
    https://www.google.com/url?q=%00 HTTPS://TIDE.EXAMPLE/%zz https://пример.example/ю https://tide.example:80:80/
    https://. https://..example/ http://１２７.0.0.1/
    """.split(),
    "https://a.example/a b",
    "https://a.example/<b>",
    'https://a.example/"',
    " https://a.example/ ",
    "\thttps://a.example",
    "https://a.example/\x00",
    "https://a.example/\u202e",
]
PHRASES = (
    "“We go on,” said Ida Roe, “as we always did.”",
    "“We go on as we always did, and nobody shall stop us,” she said. “Nobody.”",
    "Ida Roe, who runs the mill, told The Tide: “It is ours; it was always ours.”",
    'According to Ida Roe, "we go on... [and] nobody" shall stop the mill.',
    "„Wir machen weiter, solange es geht“, sagte die Müllerin Ida Roe am Montag.",
    "« Nous continuons, a déclaré Ida Roe, comme toujours. »",
    "«Мы продолжим, — сказала Ида Ро, — как всегда».",
    "顾长汀表示：“灯告诉你家在哪里，我们会一直守下去。”",
    "港田市長は記者団に「灯は消さない。これからも守り続ける」と述べた。",
    "김항구 대표는 “등불은 끄지 않는다”고 말했다.",
    "وقالت الباحثة نوال القرشي: «لم نطلب من أحد أن يغادر هذا المكان».",
    'אמרה נעמה: "ספר שמגיע בים מריח אחרת מכל ספר אחר".',
    "The council of the harbour town has decided to keep the old tide mill running for another year, at its cost.",
    "— Ida Roe (@ida) May 1, 2026",
    "Ida Roe: We go on as we did.",
    "@ida：我们会一直守下去，直到灯塔再亮起来。",
    "[…] we go on … as we did (Source)",
    "Photo: Otto Brand / The Tide",
    "© 2026 The Tide",
    "a < b and c > d & e &lt;b&gt; &amp;lt; &#60;i&#62;",
    "[caption id=1]The mill[/caption]",
    "1. … ... . .",
)
ODD = (
    "\x00\x01\x08\x0b\x0c\x1b\x1f\x7f\x85\u00a0\u00ad\u034f\u0301\u0488\u061c\u115f\u1160\u180e\u200b\u200c\u200d\u200e"
    "\u200f\u2028\u2029\u202a\u202e\u2060\u2066\u2069\u3000\u3164\ufe0f\ufeff\ufff9\ufffc\ufffd\uffff\U0001f468\U0001f3fb"
    "\U000e0041\U000e007f\U0010ffff\ud83d\ude00\u0130ßﬁ\u1e9eǅ"
)
WRONG: tuple[Any, ...] = (
    None,
    0,
    -1,
    10**30,
    1.5,
    True,
    "",
    "a",
    [],
    ["a"],
    {},
    {"rendered": None},
    {"rendered": 7},
    [{}],
)
FIELDS = """
    id date date_gmt modified modified_gmt link slug guid title content excerpt lang locale status type _embedded
    yoast_head_json jetpack_featured_media_url author categories tags
""".split()
DATES = (
    "9999-12-31T23:59:59",
    "0001-01-01T00:00:00",
    "2026-02-30T00:00:00",
    "0000-00-00T00:00:00",
    "2026-01-01T00:00:00+14:00",
)
