"""Whom a name beside a word of saying only touches: who is spoken to, who is spoken of, whose people speak. Pure.

Case and prepositions tell it, and each language has its own; where they leave it open, the name is nobody's.
"""

from __future__ import annotations

import regex

_SMALL = r"[\p{Ll}’'\-]+\s"
_PUBLIC = (
    r"prensa|medios|audiencia|policía|salida|final|término|inicio|comienzo|cierre|pleno|teléfono|micrófono|salir|llegar|ser|concluir|respecto|congreso|parlamento|juicio|público"
    r"|presse|police|sortie|issue|sujet|terme|cours|micro|début|lendemain|moment|procès|tribunal|congrès|parlement|sénat|téléphone|audience|antenne|assemblée|occasion"
    r"|stampa|polizia|termine|margine|riguardo|proposito|telefono|microfono|processo|tribunale|congresso|pubblico|uscita"
    r"|imprensa|reportagem|polícia|saída|lado|vivo|longo|fim|chegar|sair|telefone|plenário|microfone"
)
"""After “a la” and its like these are complete: a name behind them begins something new."""
_ROLE = rf"(?!(?:{_PUBLIC})\s)(?:{_SMALL}){{1,4}}$"
_BUT_SUBJECT = rf"(?!(?:{_SMALL}){{0,4}}(?:el|il|la)\s)"
_TO = {
    "es": rf"\b(?:al|a\s(?:la|una?|su|mi|el))\s{_BUT_SUBJECT}{_ROLE}|\bal?\s$",
    "fr": rf"\b(?:(?:au|à\s(?:la|un|une|son|sa))\s|à\sl[’']){_ROLE}|\b(?:à|au)\s$",
    "it": rf"\b(?:(?:al|allo|alla|ad?\s(?:un|una|suo|sua))\s{_BUT_SUBJECT}|all[’']){_ROLE}|\b(?:ad?|alla?)\s$",
    "pt": rf"\b(?:ao|à|a\s(?:um|uma|seu|sua))\s{_ROLE}|\b(?:a|ao|à)\s$",
    "de": (
        r"\b(?:zu(?:[mr]\s(?!Auftakt|Abschluss|Abschied|Thema|Schluss|Ende|Start|Ergebnis|Fall|Spiel|Begründung|Eröffnung|Lage|Sache|Frage|Situation|Entscheidung|Verteidigung)|\s)|gegenüber\s"
        r"|(?<!\b(?:nach|vor|auf|in|an|bei|aus|über|unter|hinter|neben|seit|während)\s)(?:dem|einem|seinem|ihrem|seiner|ihrer)\s)(?:(?!(?:der|die)\s)[\p{L}\-]+\s){0,3}$"
    ),
    "ru": r"\p{Ll}(?:ого|его)\s$",
    "pl": r"\p{Ll}ego\s$|\bdo\s\p{Ll}+a\s$",
}
"""By language, what makes the name that follows the one who is spoken to, at the end of what stands before it."""
_OFFICE = (
    r"(?:premier\s|ex-?\s?)?(?:maire|ministre|présidente?|juge|député|préfet|sénateur|alcalde(?:sa)?|ministr[oa]|president[ea]|jue[zc]a?|gobernadora?|senadora?|diputad[oa]"
    r"|sindac[oa]|giudice|senator|deputat[oa]|prefeit[oa]|governadora?|deputad[oa]|juí?za?|víctima|victime|vittima|vítima|acusad[oa]|accusée?|imputat[oa]|fallecid[oa]|cantante|chanteu(?:r|se)|actor|actriz)"
)
_OF = {
    **dict.fromkeys(
        ("es", "fr", "it", "pt"),
        rf"\b(?:del|de\sla|du|de\sl[’']|della|dello|dell[’']|d[oa])\s?(?:ex\s)?{_OFFICE}\s$|\b(?:contra|contre|contro)\s$"
        rf"|\b(?:a\s(?:quien|quienes|l[ao]s?\sque)|cercan[oa]s?\sal?)\s(?:\p{{Ll}}+\s){{0,2}}$",
    ),
    "de": r"\bdes\s(?:\p{Ll}+\s)?\p{Lu}\p{L}+s\s$|\p{Lu}\p{L}+\sder\s(?:\p{Ll}+\s)?\p{Lu}\p{L}+in\s$",
}
"""By language, what makes the name that follows somebody of whom the one who speaks is a part, a sister or an enemy."""
_NOBODY = regex.compile(r"(?!)")
_GOVERNED = {
    language: regex.compile(rf"(?r)(?i:{'|'.join(each for each in (_TO.get(language), _OF.get(language)) if each)})")
    for language in {*_TO, *_OF}
}

_GENITIVE = (
    r"(?:Ивана|Петра|Сергея|Андрея|Алексея|Дмитрия|Михаила|Николая|Владимира|Виктора|Олега|Игоря|Юрия|Антона|Арт[её]ма|Максима|Павла|Кирилла|Романа|Егора|Дениса|Бориса"
    r"|Анатолия|Георгия|Григория|Константина|Леонида|Станислава|Вячеслава|Тимура|Руслана|Ф[её]дора|Степана|Глеба|Вадима"
    r"|Jana|Piotra|Andrzeja|Tomasza|Marka|Pawła|Krzysztofa|Adama|Michała|Jakuba|Marcina|Grzegorza|Stanisława|Wojciecha|Łukasza|Mateusza|Roberta|Romualda)"
)
_SURNAME = r"[\p{L}\-]*"
_OBLIQUE = {
    "ru": rf"(?:\p{{Lu}}\p{{L}}*[ую]\s(?:\p{{Lu}}\p{{L}}*чу\s)?\p{{Lu}}{_SURNAME}(?:у|ю|ому|ему)|\p{{Lu}}\p{{L}}*[еи]\s(?:\p{{Lu}}\p{{L}}*вне\s)?\p{{Lu}}{_SURNAME}(?:ой|ей)|\p{{Lu}}\p{{L}}*(?:ой|ией|ьей)\s(?:\p{{Lu}}\p{{L}}*вной\s)?\p{{Lu}}{_SURNAME}(?:ой|ей)|\p{{Lu}}\p{{L}}*[оеё]м\s(?:\p{{Lu}}\p{{L}}*чем\s)?\p{{Lu}}{_SURNAME}[ыи]м|{_GENITIVE}\s\p{{Lu}}\p{{L}}+|\p{{Lu}}\p{{L}}+(?:ого|ому|ему))",
    "pl": rf"(?:\p{{Lu}}\p{{L}}*owi(?:\s\p{{Lu}}{_SURNAME}(?:owi|emu|e|y|i)?)?|(?:\p{{Lu}}\p{{L}}*\s)?\p{{Lu}}{_SURNAME}(?:owi|emu|iego)|\p{{Lu}}\p{{L}}*em\s\p{{Lu}}{_SURNAME}[yi]m|\p{{Lu}}\p{{L}}*ą\s\p{{Lu}}{_SURNAME}ą|\p{{Lu}}\p{{L}}*[eiy]\s\p{{Lu}}{_SURNAME}(?:iej|ej)|{_GENITIVE}\s\p{{Lu}}\p{{L}}+)",
}
"""Names in another case than the subject's: “Ивану Петрову”, “Janowi Kowalskiemu”."""
_HEAD = {language: regex.compile(rf"{form}(?=\s|$)") for language, form in _OBLIQUE.items()}
_TAIL = {language: regex.compile(rf"(?<=\p{{L}}\s\p{{L}}+)\s{form}$") for language, form in _OBLIQUE.items()}

_TO_OFFICE = regex.compile(r"\szu\s\p{Lu}\p{L}+\s\p{Lu}.*$")
"""“Ida Rohwer zu Minister Otto Brand”: no part of her name, as “zu” is in others."""
_FRONTED = {
    "es": regex.compile(r"A[l]?\s"),
    "it": regex.compile(r"A[dl]?\s"),
    "fr": regex.compile(r"[AÀ]u?\s"),
    "pt": regex.compile(r"(?:À|Ao)\s"),
    "de": regex.compile(r"(?<=\b(?:der|dem|den)\s)\p{Lu}\p{L}+en\s\p{Lu}|(?<=\beine?\s)"),
    "pl": regex.compile(r"Do\s"),
    "ru": regex.compile(r"К\s"),
}
"""By language, how what looks like a name begins when it tells by itself that it is spoken to, or is none."""
CASES = frozenset({"de", "pl", "ru"})
"""Where “according to” has a case of its own, case tells nothing."""


def governed(before: str, name: str, language: str) -> bool:
    """Whether what stands before a name makes it somebody spoken to, or somebody whose people speak."""
    return bool(
        _GOVERNED.get(language, _NOBODY).search(before)
        or _FRONTED.get(language, _NOBODY).match(before + name, len(before))
    )


def subject(name: str, language: str) -> str:
    """The part of what looks like one name that can be a sentence's subject, by its case; "" where none of it can."""
    if language == "de":
        return _TO_OFFICE.sub("", name)
    if language not in _HEAD:
        return name
    if head := _HEAD[language].match(name):
        return name[head.end() :].strip()
    return _TAIL[language].sub("", name)
