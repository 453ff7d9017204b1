"""What the Matrix page shows of a reply: what a client would make of its words."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from hypothesis import given, settings

from adapters.matrix import Matrix, reply
from bot.model import Style
from bot.ports import Button, Reply, Shown
from tests.adapters import contract
from tests.adapters.contract import CARD

SAID = "It is read at https://ledger.example/wp-json/.\n<b> & (https://ledger.example/?a=1&b=2)"
LINKS = ["https://ledger.example/wp-json/", "https://ledger.example/?a=1&b=2"]


def links(html: str) -> list[str]:
    return [str(link["href"]) for link in BeautifulSoup(html, "lxml")("a")]


def test_a_plain_answer_keeps_its_lines_and_its_addresses_are_links() -> None:
    drawn = Matrix.page(reply.content(Reply(SAID), "!pq")).html
    assert links(drawn) == LINKS
    [body] = BeautifulSoup(drawn, "lxml")("div", class_="matrix-body")
    assert body.get_text("", strip=False).replace(".<b>", ".\n<b>") == SAID


def test_addresses_above_a_card_are_links_too_and_the_cards_own_stay_as_they_are() -> None:
    content = reply.content(Reply(SAID, (Shown(CARD, Style.CARD),)), "!pq")
    drawn = Matrix.page(content).html
    assert links(drawn) == [*LINKS, *re.findall('href="(.*?)"', content["formatted_body"])]
    assert BeautifulSoup(drawn, "lxml").text.endswith(BeautifulSoup(content["formatted_body"], "lxml").text)


def test_a_cards_page_is_its_own_html() -> None:
    payload = Matrix.render(CARD, Style.FULL)
    assert payload["formatted_body"] in Matrix.page(payload).html


@given(contract.markup, contract.markup.map("https://a.example/".__add__))
@settings(max_examples=100, deadline=None)
def test_whatever_a_reply_says_nothing_in_its_drawing_acts(text: str, url: str) -> None:
    buttons = ((Button(text, "search", {"words": url}),),)
    for cards in ((), (Shown(CARD, Style.CARD),)):
        said = reply.content(Reply(f"{text} {url} <{url}>\n{text}", cards, buttons), "!pq")
        contract.harmless(Matrix.page(said).html)
