"""Numbers that a site gave to another article: after a backup is restored, it gives those once more that it gave since.

The later article is kept under its number and a LIFE more for each article that had the number before it, so that no
card is edited into another article, and keys, cards and histories stay apart. Everybody else knows ids, no numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from sqlalchemy import Connection, and_, select

from bot.filters import fold
from bot.model import Article, Card
from bot.ports import Changes
from bot.store.rows import storable
from bot.store.schema import articles
from bot.text import place

LIFE = 2**48
"""More than any number that WordPress has given; a higher one is its article's for ever."""
LAST = 2**62
"""Ids from here on are no numbers, but hashes of feeds."""
PIECE = 5
"""Characters by which two texts are compared."""


def lives(tx: Connection, site_id: int | None) -> dict[int, int]:
    """By number, the id of the article that has it now; of those alone that another one had before."""
    later = and_(articles.c.site_id == site_id, articles.c.id >= LIFE, articles.c.id < LAST)
    return {id_ % LIFE: id_ for id_ in tx.scalars(select(articles.c.id).where(later).order_by(articles.c.id))}


def number_of(id_: int, now: Mapping[int, int]) -> int | None:
    """The number of the article kept under an id, by what `lives` tells; None where another has that number by now."""
    number = id_ % LIFE if 0 < id_ < LAST else id_
    return number if now.get(number, id_) == id_ else None


def told_apart(
    tx: Connection, site_id: int | None, changes: Changes, cards: Mapping[int, Card]
) -> tuple[Changes, dict[int, Card]]:
    """The changes, and their cards, by the ids that articles are kept under.

    An article that has another one's number is new, whatever the source took it for, and the other one withdrawn.
    """
    now = lives(tx, site_id)
    told = [now.get(one.id, one.id) for one in (*changes.new, *changes.changed)]
    stored = select(articles.c.id, articles.c.card).where(articles.c.site_id == site_id, articles.c.id.in_(told))
    kept = {row.id: row.card for row in tx.execute(stored)}
    withdrawn = [now.get(number, number) for number in changes.withdrawn]
    fresh, found = {one.id for one in changes.new}, dict[int, Card]()
    new: list[Article] = []
    changed: list[Article] = []
    for one in (*changes.new, *changes.changed):
        id_, card = now.get(one.id, one.id), cards[one.id]
        other = id_ in kept and one.id < LIFE and id_ + LIFE < LAST and is_another(kept[id_], card, one.id)
        if other:
            withdrawn.append(id_)
            id_ += LIFE
        found[id_] = card
        (new if other or one.id in fresh else changed).append(replace(one, id=id_))
    return replace(changes, new=tuple(new), changed=tuple(changed), withdrawn=tuple(withdrawn)), found


def is_another(kept: str, card: Card, number: int) -> bool:
    """Whether a card is of another article than the one that is kept, as text, under the same number.

    Of date, title and name in the address two at least are told and none stayed, and most of the opening is other
    words: an article that was only corrected keeps one of these.
    """
    old = Card.from_dict(json.loads(kept))
    card = Card.from_dict(json.loads(storable(json.dumps(card.as_dict(), ensure_ascii=False))))  # as it would be kept
    if old.revision == card.revision:
        return False
    pairs = [(fold(old.title), fold(card.title)), (_name(old.url, number), _name(card.url, number))]
    pairs += [(str(old.published or ""), str(card.published or ""))]
    told = [one != other for one, other in pairs if one and other]
    return len(told) > 1 and all(told) and not _alike(_opening(old), _opening(card))


def is_elsewhere(kept: str, card: Card) -> bool:
    """Whether a card differs from the one that is kept in the publication's host alone, on which its links stand.

    Old links lead on to where the publication went: what shows them needs no edit.
    """
    old, new = ({**values, "modified": None} for values in (json.loads(kept), card.as_dict()))
    here, there = (f"{parts.scheme}://{parts.netloc}" for parts in (urlsplit(old["url"]), urlsplit(new["url"])))
    return json.dumps(old, sort_keys=True).replace(here, there) == json.dumps(new, sort_keys=True)


def _name(url: str, number: int) -> str:
    """What an article's address calls it, whatever stands before that; "" where it only tells the number."""
    name = place(url).rpartition("/")[2]
    return "" if str(number) in re.findall(r"\d+", name) else name


def _opening(card: Card) -> str:
    return fold(f"{card.lead} {card.quote.text if card.quote else ''}".strip())


def _alike(one: str, other: str) -> bool:
    """Whether half of the shorter text is in the other, by its pieces, which each script has."""
    pieces, others = ({text[at : at + PIECE] for at in range(len(text) - PIECE + 1)} for text in (one, other))
    return bool(pieces and others) and len(pieces & others) * 2 >= min(len(pieces), len(others))
