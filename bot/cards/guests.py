"""Who is interviewed: whom the title or the sentence that introduces an interview names, where it is one alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import regex

from bot.cards import eastern
from bot.cards.names import NAME
from bot.cards.sentences import split
from bot.cards.speaker import Attribution

_MOST = 600
"""Characters of a title or a paragraph in which an interview is introduced."""
_TALK = regex.compile(
    r"\b(?:interview(?:ed|s|t)?|interviewen|gesprek|q\s?&\s?a|entretien|entrevista(?:mos|do|da)?|intervista(?:to|ta)?|wywiad|интервью)\b"
    r"|专访|專訪|访谈|訪談|对话|對話|采访|採訪|インタビュー|対談|に聞く|話を聞|인터뷰",
    regex.IGNORECASE,
)
_JOB = regex.compile(
    r"\b(?:job|mock)\s(?:talk|interview)|\binterview\s(?:questions?|answers?|tips|skills|prep\p{L}*|guide)\b|vorstellungsgespräch|bewerbungsgespräch|entretien d['’]embauche|entrevista de (?:trabajo|emprego)|colloquio|面试|面試|面接|면접",
    regex.IGNORECASE,
)
"""An interview for a job is none for readers."""
_WITH = (
    r"(?<!\bin\san\s(?:exclusive\s)?)(?i:\b(?:interview(?:ed|ing|s)?|q\s?&\s?a|conversation|chat(?:ted|ting)?|spoke|speak(?:s|ing)?|talk(?:ed|s|ing)?|sat down|sits? down|caught up|catch up|met)\b(?:\s(?:with|to)\b)?"
    r"|\b(?:interview|gespräch|gesprochen|sprach(?:en)?|unterhalten|haben|habe|wir|ich)\smit\b|\b(?:entretien|interview|rencontr\p{L}+|échang\p{L}+|parlé|discuté)\s(?:(?:avec|de)\b|d['’])?"
    r"|\b(?:entrevist\p{L}+|conversa\p{L}+|hablamos|hablado|charla\p{L}*|falamos|falei)\b(?:\s(?:con|com|a)\b)?|\b(?:intervist\p{L}+|parlato|incontrato|conversazione|chiacchierat\p{L}+)\b(?:\s(?:con|ad?)\b)?"
    r"|\b(?:interview|gesprek|spraken|sprak)\smet\b)"
)
"""Words that stand before the name of whoever answers."""
_AIM = regex.compile(
    rf"{_WITH}:?\s?(?:(?!(?:of|at|from|for|by|about|de|del|du|di|da|von|vom|des|der|and|und|e|et|y|who|us|our)\b)[\p{{Ll}}’'-]+,?\s){{0,6}}?(?:(?:of|for|at)\sthe\s\p{{Ll}}+,\s)?(?P<name>{NAME})"
)
_US = regex.compile(
    r"\b(?:(?:spoke|speaks|talk(?:ed|s)|sat down|sits down|chat(?:s|ted))\s(?:\p{Ll}+\s)?(?:to|with)\s(?:us|me)|(?:tells?|told|gave|gives|joined|joins)\s(?:us|me)|answer(?:s|ed|ing)?\s(?:\p{Ll}+\s){0,2}questions"
    r"|mit uns|(?:erzählt|verrät|erklärt|berichtet)e?\suns|unsere Fragen|im (?:Interview|Gespräch)|gibt uns|nous (?:a |en )?(?:parl|racont|expliqu|répond|confi|reç)\p{L}+|(?:à )?nos questions"
    r"|con nosotros|nos (?:cuenta|contó|habla|habló|explica|recib\p{L}+)|nuestras preguntas|con noi|ci (?:ha )?(?:raccont|parl|spieg)\p{L}+|nostre domande|conosco|nos (?:conta|contou|fala|falou)|nossas perguntas)\b"
    r"|\b(?i:in this|im|dans cet?|en esta|in questa|nesta) (?:interview|entretien|entrevista|intervista)\b",
)
"""Words that make the one whom the sentence names the one who answers: it is us whom he speaks to."""
_OURS = regex.compile(
    r"\b(?i:we|i|our|my|us|here|today|this|wir|ich|uns\p{L}*|hier|dies\p{L}+|heute|nous|notre|je|cet?|voici|nuestr\p{L}+|\p{L}+[ai]mos|hemos|est[ae]|abbiamo|ho|\p{L}+iamo|nostr\p{L}|quest[ao]|nosso|nossa|wij?)\b"
    r"|^(?i:interview|q\s?&\s?a|entretien|entrevista|intervista|gesprek)\b"
)
"""A sentence that introduces an interview tells of those who made it, or of the interview."""
_OTHERS = regex.compile(
    rf"\b(?:of|at|for|from|in|on|near|about|the|by|von|vom|bei|aus|über|im|der|die|das|den|du|des|del|de|della|dei|da|do|sur|sobre|par|por|su)\s(?:(?:the|la|le|el|las|los|l’)\s?)?{NAME}"
)
"""What is named as somebody's place, firm or work, or the one who asks."""
_ANOTHER = regex.compile(
    rf"(?:,\s{NAME}){{0,3}},?\s(?:and|&|und|et|y|e|en|with)\s(?:\p{{Ll}}+\s)?{NAME}|,\s\p{{Lu}}\p{{L}}+\s\p{{Lu}}\p{{L}}+\b(?!\s(?:of|at|for|from)\b)"
)
_BODY = regex.compile(
    r"\b(?:Trust|Company|Corporation|Inc|Ltd|LLC|GmbH|AG|University|College|School|Institute|Group|Club|Council|Party|Team|Association|Foundation|Centre|Center|Ministry|Bank|Museum|Society|Union|Studios?"
    r"|Times|Post|Ledger|News|Magazine|Press|Universität|Verein|Verband|Stiftung|Université|Universidad|Università)\b"
)
_HELP = regex.compile(
    r"\bFAQs?\b|\b(?i:frequently asked|häufig(?:e|en)? (?:gestellte )?fragen|foire aux questions|questions fréquentes|preguntas frecuentes|domande frequenti|perguntas frequentes|veelgestelde vragen)\b"
    r"|常见问题|常見問題|よくある質問|자주 묻는"
)
_TITLE_NAME = regex.compile(rf"(?P<name>{NAME})\s?:\s")


def declared(title: str, introduction: Sequence[str]) -> bool:
    """Whether an article says of itself that it is an interview."""
    texts = [text[:_MOST] for text in (title, *introduction)]
    return any(map(_TALK.search, texts)) and not any(map(_JOB.search, texts))


def helps(title: str, introduction: Sequence[str]) -> bool:
    """Whether an article says of itself that it answers what many ask, or what is asked of those who want a job."""
    return bool(_JOB.search(title[:_MOST])) or any(_HELP.search(text[:_MOST]) for text in (title, *introduction))


def guest(title: str, introduction: Sequence[str], attribution: Attribution) -> str:
    """The only one whom title and introduction name as the one who answers; "" where there is none or another."""
    title = title[:_MOST]
    if attribution.eastern:
        found = set(eastern.guests([title, *(text[:_MOST] for text in introduction)]))
        return found.pop() if len(found) == 1 else ""
    sentences = [
        sentence.strip()
        for text in introduction
        if _AIM.search(text[:_MOST]) or _US.search(text[:_MOST])
        for sentence in split(text[:_MOST], "en")
    ]
    found = set(_named([title], attribution, True)) | set(_named(sentences, attribution, False))
    return found.pop() if len(found) == 1 else ""


def titled(title: str, introduction: Sequence[str], attribution: Attribution) -> str:
    """Whose words the title says that the article has (“Ida Roe: I …”); "" where the introduction does not name him."""
    match = _TITLE_NAME.match(title[:_MOST])
    name = attribution.known(match["name"]) if match else ""
    return name if name in attribution.people(" ".join(introduction)) else ""


def _named(sentences: Iterable[str], attribution: Attribution, heading: bool) -> Iterable[str]:
    """Whom the sentences introduce; "" for one that does so, but may mean another."""
    for sentence in sentences:
        match = _AIM.search(sentence)
        if match and not heading and not (sentence[-1:] in ".!?:…" and _OURS.search(sentence)):
            continue  # “Interview: …” on a line of its own names who asks; “she met …” tells of a life
        if match:
            name = attribution.known(match["name"])
            before = "" if heading else _OTHERS.sub(" ", sentence[: match.start()])
            doubt = _ANOTHER.match(sentence, match.end()) or attribution.people(before)
            yield "" if doubt or not _person(name) else name
        elif match := _US.search(sentence):
            people = {name for name in attribution.people(_OTHERS.sub(" ", sentence)) if _person(name)}
            yield people.pop() if len(people) == 1 else ""


def _person(name: str) -> bool:
    return " " in name and not _BODY.search(name) and "’s " not in name and "'s " not in name
