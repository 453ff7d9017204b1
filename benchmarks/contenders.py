"""What `make bench-cards` times, each in a process of its own: `python -m benchmarks.contenders NAME PAGES REPEATS`.

Run by Pullquote's Python for its own rows and by the peers' Python for theirs, so nothing but the standard library is
imported before a contender is chosen. PAGES is a JSON file with a list of pages. Prints one JSON object: `times`
(milliseconds of each page's best of REPEATS calls after one that warms up, null where it failed), `why` (the first
failure), `empty` (pages of which nothing came), or `missing` when the contender is not installed.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypedDict

Call = Callable[[], object]
"""One piece of work; what it returns is false where nothing came of it."""


class Page(TypedDict):
    """A post as a contender gets it: the document's file, the post as a page of its site, and as plain text."""

    file: str
    url: str
    html: str
    text: str
    language: str


Prepare = Callable[[Page], Call]


def pullquote() -> Prepare:
    """The card of an article that is read already."""
    from bot.cards import build
    from bot.sources.document import article, load

    def prepare(page: Page) -> Call:
        known = article(load(Path(page["file"]).read_bytes()).post)
        return lambda: build(known).lead

    return prepare


def pullquote_from_json() -> Prepare:
    """The card of a document's bytes, mended where it is damaged."""
    from bot.cards import build
    from bot.sources.document import article, load

    def prepare(page: Page) -> Call:
        document = Path(page["file"]).read_bytes()
        return lambda: build(article(load(document).post)).lead

    return prepare


def lxml_alone() -> Prepare:
    """A tree and nothing more."""
    html = import_module("lxml.html")
    return lambda page: lambda: html.document_fromstring(page["html"]) is not None


def soup_alone() -> Prepare:
    """BeautifulSoup's tree on lxml and nothing more."""
    soup = import_module("bs4").BeautifulSoup
    return lambda page: lambda: soup(page["html"], "lxml")


def trafilatura() -> Prepare:
    """The text."""
    extract = import_module("trafilatura").extract
    return lambda page: lambda: extract(page["html"])


def readability() -> Prepare:
    """The article's HTML."""
    document = import_module("readability").Document
    return lambda page: lambda: document(page["html"]).summary(html_partial=True)


def newspaper() -> Prepare:
    """The text, its keywords and a summary."""
    import_module("newspaper.nlp").split_sentences._tokenizer = _untrained()
    kind = import_module("newspaper").Article

    def prepare(page: Page) -> Call:
        def call() -> object:
            article = kind(page["url"] or "https://a.example/", fetch_images=False)
            article.download(input_html=page["html"])
            article.parse()
            article.nlp()
            return article.summary or article.text

        return call

    return prepare


def goose() -> Prepare:
    """The text."""
    extractor, text = import_module("goose3").Goose, import_module("goose3.text")
    classes = {"ar": "StopWordsArabic", "ja": "StopWordsJapanese", "ko": "StopWordsKorean", "zh": "StopWordsChinese"}

    @cache
    def known(language: str) -> Any:
        stop_words = getattr(text, classes.get(language, "StopWords"))
        return extractor({"enable_image_fetching": False, "stopwords_class": stop_words})

    return lambda page: lambda: known(page["language"]).extract(raw_html=page["html"]).cleaned_text


def lexrank() -> Prepare:
    """One sentence out of the plain text, which it gets as a gift."""
    _untrained()
    parser = import_module("sumy.parsers.plaintext").PlaintextParser
    rank = import_module("sumy.summarizers.lex_rank").LexRankSummarizer
    stemmer = import_module("sumy.nlp.stemmers").Stemmer
    stop_words = cache(import_module("sumy.utils").get_stop_words)
    tokenizer = cache(import_module("sumy.nlp.tokenizers").Tokenizer)

    def prepare(page: Page) -> Call:
        def call() -> object:
            language = page["language"]
            try:
                summarizer = rank(stemmer(language))
            except LookupError:
                summarizer = rank()
            with suppress(LookupError):
                summarizer.stop_words = stop_words(language)
            return summarizer(parser.from_string(page["text"], tokenizer(language)).document, 1)

        return call

    return prepare


def _untrained() -> Any:
    """NLTK's splitter of sentences, in every place where it would ask for data that has to be downloaded."""
    tokenize: Any = import_module("nltk.tokenize")
    splitter = tokenize.PunktSentenceTokenizer()
    tokenize.PunktTokenizer = lambda language="english": splitter
    return splitter


CONTENDERS: dict[str, tuple[Callable[[], Prepare], bool]] = {
    "Pullquote: article to card": (pullquote, False),
    "Pullquote: JSON to card": (pullquote_from_json, False),
    "lxml: parse only": (lxml_alone, False),
    "bs4 + lxml: parse only": (soup_alone, False),
    "trafilatura: text": (trafilatura, True),
    "readability-lxml: article's HTML": (readability, True),
    "goose3: text": (goose, True),
    "newspaper4k: text, summary": (newspaper, True),
    "sumy LexRank: one sentence": (lexrank, True),
}
"""Name → what loads it, and whether it is a peer, which lives in an environment of its own."""


def measure(pages: list[Page], prepare: Prepare, repeats: int) -> dict[str, Any]:
    """Each page's best time and what failed, as the module's docstring says."""
    times: list[float | None] = []
    empty, why = 0, ""
    for page in pages:
        try:
            call = prepare(page)
            empty += not call()
            times.append(min(_time(call) for _ in range(repeats)))
        except Exception as error:  # noqa: BLE001 - whatever a peer raises is a failure of that page alone
            times.append(None)
            why = why or f"{Path(page['file']).stem}: {type(error).__name__}: {error}"
    return {"times": times, "empty": empty, "why": " ".join(why.split())[:200]}


def _time(call: Call) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _refuse(*_: object) -> None:
    raise OSError("A benchmark reaches nothing outside.")


def main() -> None:
    """Measure the contender named on the command line."""
    name, pages, repeats = sys.argv[1:]
    socket.getaddrinfo = _refuse  # type: ignore[assignment]
    socket.socket.connect = _refuse  # type: ignore[method-assign]
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        prepare = CONTENDERS[name][0]()
    except ImportError as error:
        result: dict[str, Any] = {"missing": str(error)}
    else:
        result = measure(json.loads(Path(pages).read_text()), prepare, int(repeats))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
