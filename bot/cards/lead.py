"""The lead: the first paragraph that is one. Features with reasons, no site's name. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import regex

from bot.cards.blocks import Block, Kind
from bot.cards.sentences import ends_like_a_sentence, shorten, weight, words

LIMIT = 480
"""A lead longer than this, in `weight`, is cut at a sentence."""
_ENOUGH, _LONG, _LITTLE = 60, 140, 25
_BEGINNING = 10
"""Blocks among which a dateline says where the article begins."""

_LABEL = regex.compile(
    r"^\W{0,3}(?:by|von|par|por|text|texte|words|story|interview|reporting|written by|author|autor|auteur|photos?|fotos?|bild|images?|credit"
    r"|pictured?|imagen|immagine|crédits?|source|quelle|fuente|fonte|video|watch|listen|read|also read|read also|read more|read next|see also|more on|related"
    r"|lesen sie auch|mehr zum thema|lire aussi|à lire|lea también|te puede interesar|leggi anche|leia também|czytaj też|читайте также|updated?|published|posted"
    r"|last updated|veröffentlicht|publié|publicado|reading time|lesezeit|temps de lecture|tiempo de lectura|disclaimer|disclosure|advertisement|anzeige|werbung|publicité|publicidad"
    r"|newsletter|contents|table of contents|inhalt|inhaltsverzeichnis|sommaire|índice|getty|reuters|afp|ap photo|shutterstock|unsplash|courtesy|illustration|screenshot|via|tags?"
    r"|filed under|categor\w+|topics?|作者|记者|記者|文|图|圖|来源|來源|原标题|原題|原文|译者|編輯|编辑|责编|摄影|攝影|翻译|译|图片|图源|相关阅读|相關閱讀|延伸阅读|推荐阅读|文章来源|发布时间"
    r"|写真|撮影|文責|取材|関連記事|목차|사진|기자|اقرأ أيضًا|مدة القراءة|صورة|تصوير|المصدر|קרא עוד|צילום|מאת)"
    r"(?:\s*[:：|｜/／]|\s[—–-]\s|\W*$|\s(?:by|von)\b)",
    regex.IGNORECASE,
)
"""A label and what follows it: who wrote, who photographed, what else there is to read."""
_OPENS = regex.compile(
    r"^\W{0,3}(?:this (?:\w+ )?(?:story|article|post|interview|piece) (?:was|is|has|first|originally|contains)|share this|teilen sie|partager|compartir|sign up|subscribe|abonnier\w+|suscríbe\w*|follow us"
    r"|join our|click here|jump to|skip to|本文|转载|关注|扫码)",
    regex.IGNORECASE,
)
_JUNK = regex.compile(
    r"(?i:\b(?:photo(?:graph)?|image|picture|foto|bild|illustration|video)\s?(?:by|credit|courtesy|via|:|©|/|von|de)|©|\(c\)\s\d|all rights reserved|getty images|shutterstock"
    r"|subscribe (?:to|now|for|today)|sign up (?:for|to|now)|(?:our|free|daily|weekly|unser\w*|notre|nuestro|nostra) (?:\w+ )?newsletter|minutes? read|min\.? read|min lesezeit|read(?:ing)? time|click (?:here|to)|tap here|share (?:this|on)|follow us|affiliate link"
    r"|sponsored (?:by|content|post)|this (?:story|article|post|piece|interview) (?:was|has been|is|first|originally) (?:first |originally )?(?:published|appeared|translated|edited|updated|part|produced|written)"
    r"|this post (?:may )?contains?|we may earn|cookies?\b.{0,40}\b(?:accept|policy)|listen to this|your browser|enable javascript|jump to|skip to|add(?:toany|this)"
    r"|dieser (?:artikel|beitrag) (?:erschien|ist|enthält|wurde)|cet article (?:est|a été|publié)|este artículo (?:fue|es|apareció)|reading this in)"
    r"|编者按|编者注|本文(?:首发|转自|来自|转载|原载)|微信公众号|公众号|扫描|二维码|原标题|责任编辑|版权|转载请|点击|关注我们|更多精彩|下载客户端|下載客戶端|免费试|自动播放|閱讀更多|本報訊$"
)
_AGENCY = regex.compile(r"^[\p{Han}\d ]{2,24}[电電][  ]*(?:题|題)[:：]")
"""A Chinese agency's dateline with the headline once more."""
_DATELINE = regex.compile(
    r"^(?:\p{Lu}[\p{L}.,’' /-]{2,40}(?:\d{1,2}\s)?\s?\(\p{L}[\p{L}. ]{1,14}\)\s?[–—-]{1,2}\s?(?=\p{Lu}|[“\"„«])|\p{Lu}[\p{Lu}.,’' -]{3,30}(?:,\s[\p{L}. ]{2,20})?\s?[–—]\s?(?=\p{Lu})"
    r"|\p{Han}{2,10}[讯訊电電](?:\s|[（(]|　))"
)
"""Where and by whom it was told: newsrooms set it before the first paragraph, and before no other."""
_ASIDE = regex.compile(r"^[(（][^()（）]*[)）]\.?$")
"""A paragraph in brackets speaks beside the matter: a correction, a joke."""
_EDITOR = regex.compile(
    r"^\W{0,3}(?:editor.?s.? note|编者按|编者注|編者按|編按|\w{0,8}\s?编者按|note de la rédaction|nota del editor|anm\w*\.? d(?:er|\.) red)",
    regex.IGNORECASE,
)
_NOTE = regex.compile(
    r"(?i)\beditor|\bnote\b|published|\bedited|translated|updated|correction|this (?:\w+ )?(?:article|story|piece|post|interview|series|column)|is an? [\w ]{0,40}(?:author|writer|editor|professor|journalist)|views expressed|disclaim|redaktion|erschien|auteur d|tribune|subscrib|编|译|本文"
)
_BYLINE = regex.compile(
    r"^(?i:by|von|par|por|di|text:|от|מאת|بقلم)\s[\p{Lu}\p{Lo}][^.!?]{2,60}$|^\p{Lu}[\p{L}.'-]+(?:\s\p{Lu}[\p{L}.'-]+){1,3}$"
)
_DATE = regex.compile(
    r"^[^.!?]{0,40}\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?\s\d{1,2},?\s\d{4}|\d{1,2}\.?\s\p{L}+\s\d{4}|\d{4}年\d{1,2}月\d{1,2}日)[^.!?]{0,30}$",
    regex.IGNORECASE,
)
_CAPTION = regex.compile(
    r"\((?:photo|image|foto|ap|afp|reuters|getty|courtesy|bild|file)\b[^()]{0,80}\)\.?$|[/|]\s?(?:getty|reuters|ap|afp|dpa|unsplash|shutterstock)\b.{0,30}$",
    regex.IGNORECASE,
)


def choose(blocks: Sequence[Block], title: str, excerpt: Callable[[], str], language: str) -> str:
    """The article's lead, cut at a sentence when it is long; empty where there is no text at all."""
    for accept in (_dated, _paragraph, _passage, _anything):
        for index, block in enumerate(blocks):
            if accept(blocks, index, block) and not _repeats(block.text, title):
                return shorten(_with_opener(blocks, index), LIMIT, language)
    return shorten(excerpt(), LIMIT, language)


def _dated(blocks: Sequence[Block], index: int, block: Block) -> bool:
    """A paragraph near the beginning that has a dateline."""
    return index < _BEGINNING and bool(_DATELINE.match(block.text)) and _paragraph(blocks, index, block)


def _paragraph(blocks: Sequence[Block], index: int, block: Block) -> bool:
    """A paragraph of some length that ends like one and is about the matter."""
    if block.kind is not Kind.PARAGRAPH or block.aside or not _readable(block):
        return False
    size = weight(block.text)
    if size < _ENOUGH or (size < _LONG and not ends_like_a_sentence(block.text)):
        return False
    return not (_set_apart(block) and _better_follows(blocks, index, block))


def _passage(blocks: Sequence[Block], index: int, block: Block) -> bool:
    """Where no paragraph is one: a passage in a quotation, a list or a subheading that says something."""
    return (
        block.kind in {Kind.QUOTATION, Kind.ITEM, Kind.HEADING, Kind.PARAGRAPH}
        and weight(block.text) >= _ENOUGH
        and _readable(block)
    )


def _anything(blocks: Sequence[Block], index: int, block: Block) -> bool:
    return (
        block.kind in {Kind.PARAGRAPH, Kind.QUOTATION, Kind.PULL} and weight(block.text) >= _LITTLE and _readable(block)
    )


def _readable(block: Block) -> bool:
    text = block.text
    if block.linked > 0.7 or _BYLINE.match(text) or _DATE.match(text) or _CAPTION.search(text[-120:]):
        return False
    if (
        _ASIDE.match(text)
        or _EDITOR.match(text)
        or _AGENCY.match(text)
        or (weight(text) < 400 and (_LABEL.match(text) or _OPENS.match(text)))
    ):
        return False
    return not (weight(text) < 320 and _JUNK.search(text))


def _set_apart(block: Block) -> bool:
    """Whether the whole paragraph is in italics: a note about the article more often than its beginning."""
    return block.slanted > 0.85 * len(block.text)


def _better_follows(blocks: Sequence[Block], index: int, block: Block) -> bool:
    following = [
        other
        for other in blocks[index + 1 : index + 5]
        if other.kind is Kind.PARAGRAPH and weight(other.text) >= _ENOUGH
    ]
    return (
        bool(following)
        and not _set_apart(following[0])
        and (weight(block.text) < _LONG or bool(_NOTE.search(block.text)))
    )


def _with_opener(blocks: Sequence[Block], index: int) -> str:
    """A short first sentence that stands as a paragraph of its own right before the lead belongs to it."""
    text = blocks[index].text
    before = blocks[index - 1] if index and not blocks[index].gap else None
    if before is None or before.kind is not Kind.PARAGRAPH or before.aside or blocks[index].kind is not Kind.PARAGRAPH:
        return text
    opener = before.text
    plain = not before.links and before.strong < len(opener) / 2 and before.slanted < len(opener) / 2
    if plain and words(opener) >= 4 and ends_like_a_sentence(opener) and weight(opener) < _ENOUGH and _readable(before):
        return f"{opener} {text}"
    return text


def _repeats(text: str, title: str) -> bool:
    """Whether the block only says the title again."""
    return (
        bool(title)
        and weight(text) < 1.3 * weight(title)
        and text.strip(" .").lower().startswith(title.strip(" .").lower()[:60])
    )
