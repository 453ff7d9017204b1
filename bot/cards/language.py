"""Which language a text is in, as far as marks and sentences need it: by script, then by its commonest words."""

from __future__ import annotations

import re
from collections import Counter

_SCRIPTS = {
    "kana": re.compile(r"[\u3040-\u30ff]+"),
    "ko": re.compile(r"[\uac00-\ud7af\u1100-\u11ff]+"),
    "zh": re.compile(r"[\u4e00-\u9fff\u3400-\u4dbf]+"),
    "ar": re.compile(r"[\u0600-\u06ff]+"),
    "he": re.compile(r"[\u0590-\u05ff]+"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]+"),
    "el": re.compile(r"[\u0370-\u03ff]+"),
    "hi": re.compile(r"[\u0900-\u097f]+"),
    "bn": re.compile(r"[\u0980-\u09ff]+"),
    "th": re.compile(r"[\u0e00-\u0e7f]+"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f]+"),
}
_COMMON = {
    "en": "the and of to in that is was for it with as on are be this by from have not said",
    "de": "der die und das in den von zu ist mit nicht auf für ein eine dem sich im auch es des als wir",
    "fr": "le la les des et est une dans que pour qui sur pas plus avec au du cette par ce il en sont",
    "es": "el la los las de que en y es una por con para del se un al su como más lo fue son pero",
    "it": "il la di che è un una per non con del della le gli in sono si da dei nel alla più ha",
    "pt": "o a os as de que em é uma um para com não por do da no na dos das mais se ao foi são",
    "nl": "de het een en van is dat op te in voor met niet zijn aan er ook als maar bij door wordt",
    "pl": "i w na z się nie do że jest to o jak po za od przez dla są ma ale czy tym który",
    "sv": "och att det som en på är av för med den till inte har de om ett men jag var",
    "tr": "ve bir bu da de için ile çok olarak daha gibi olan ne kadar sonra en",
    "id": "yang dan di ini itu dengan untuk dari tidak pada dalam akan ke juga karena ada",
    "sw": "na ya wa kwa ni katika la za kuwa cha hiyo huo alisema wakati baada",
    "vi": "và của là có không được người cho một các trong này những với",
}
_WORDS = {
    word: [tag for tag, words in _COMMON.items() if word in words.split()]
    for words in _COMMON.values()
    for word in words.split()
}
_WORD = re.compile(r"[^\W\d_]+")
_SAMPLE = 1000


def detect(text: str) -> str:
    """The language of a text as a two-letter tag; "" when it is unknown."""
    sample = text[:_SAMPLE]
    script = _script(sample)
    if script == "latin":
        return _latin(sample)
    if script == "cyrillic":
        return "uk" if re.search("[іїєґІЇЄҐ]", sample) else "ru"
    return script


def agreed(declared: str, spoken: str) -> str:
    """The language that was declared, unless the text's script says that it cannot be; then the text's own."""
    return declared if declared and (not spoken or _scripts(declared) & _scripts(spoken)) else spoken


def _script(sample: str) -> str:
    if _letters("latin", sample) > 0.6 * len(sample):
        return "latin"
    counts = {name: _letters(name, sample) for name in _SCRIPTS}
    if counts.pop("kana") * 10 > counts["zh"] and counts["zh"]:
        return "ja"
    if counts["zh"] * 3 > counts["latin"]:
        counts["zh"] *= 3
    best = max(counts, key=lambda name: counts[name])
    return best if counts[best] else ""


def _letters(script: str, sample: str) -> int:
    return sum(map(len, _SCRIPTS[script].findall(sample)))


def _scripts(tag: str) -> set[str]:
    base = tag.split("-")[0].lower()
    if base in {"zh", "ja", "ko", "he", "el", "hi", "bn", "th"}:
        return {base}
    if base in {"ar", "fa", "ur", "ps", "ckb"}:
        return {"ar"}
    if base in {"ru", "uk", "bg", "be", "sr", "mk", "kk", "mn"}:
        return {"cyrillic", "latin"} if base == "sr" else {"cyrillic"}
    return {"latin"}


def _latin(sample: str) -> str:
    votes = Counter(tag for word in _WORD.findall(sample.lower()) for tag in _WORDS.get(word, ()))
    return votes.most_common(1)[0][0] if votes else ""
