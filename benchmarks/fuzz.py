"""`make fuzz`: damaged and hostile documents by the thousand, and whether each still gives an honest card.

    numbers ─► mutations.Documents ─► document ─► laws.attempt: load, build ─► laws.faults
              └────────────── a process for each core, killed by a document that takes too long ──────────────┘

A document is made of its number, the seed and the posts: the same three give it again (`--only NUMBER`).
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.laws import Build, Fault, attempt, faults
from benchmarks.mutations import Documents
from benchmarks.posts import files
from bot.cards import build
from bot.errors import SourceError
from bot.sources.document import article, load

BOUND = 2.0
"""Seconds of processor time after which a document counts as one that hangs the bot."""
_ASLEEP = 30.0
"""Seconds by the clock after which it does so whatever it waits for."""
_SHOWN = 3
"""Documents that are told of one kind of fault."""
_SPAWN = get_context("spawn")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document, and the seconds of processor time that it took."""

    number: int
    seconds: float
    refused: bool = False
    faults: tuple[Fault, ...] = ()


@dataclass(slots=True)
class Tally:
    """What became of all."""

    documents: int = 0
    refused: int = 0
    slowest: tuple[float, int] = (0.0, 0)
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count one more."""
        self.documents += 1
        self.refused += outcome.refused
        self.slowest = max(self.slowest, (outcome.seconds, outcome.number))
        self.kinds.update({fault.kind for fault in outcome.faults})


def run(
    documents: Documents, numbers: range, *, make: Build = build, bound: float = BOUND, workers: int | None = None
) -> Iterator[Outcome]:
    """The outcome of each number, as they come; a worker that a document kills is followed by another."""
    count = min(workers or os.cpu_count() or 1, len(numbers))
    crew: dict[Connection, _Worker] = {}

    def hire(share: range) -> None:
        if share:
            worker = _Worker(documents, share, make, bound)
            crew[worker.pipe] = worker

    for first in range(count):
        hire(numbers[first::count])
    try:
        while crew:
            for pipe in wait(list(crew)):
                assert isinstance(pipe, Connection)
                worker = crew[pipe]
                try:
                    outcome = pipe.recv()
                except EOFError:
                    del crew[pipe]
                    worker.process.join()
                    if left := worker.left:
                        yield Outcome(left[0], bound, faults=(_killed(worker.process.exitcode, bound),))
                        hire(left[1:])
                else:
                    worker.left = worker.left[1:]
                    yield outcome
    finally:
        for worker in crew.values():
            worker.process.kill()


class _Worker:
    """A process at work on its share of the numbers; `left` are those that it has not answered for."""

    def __init__(self, documents: Documents, share: range, make: Build, bound: float) -> None:
        self.left = share
        self.pipe, far = _SPAWN.Pipe(duplex=False)
        self.process: SpawnProcess = _SPAWN.Process(
            target=_work, args=(far, documents, share, make, bound), daemon=True
        )
        self.process.start()
        far.close()


def _work(pipe: Connection, documents: Documents, share: range, make: Build, bound: float) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in share:
        document = documents.make(number)
        # no handler: the kernel ends the process, which no code that keeps the interpreter busy can put off
        signal.setitimer(signal.ITIMER_PROF, bound)
        signal.setitimer(signal.ITIMER_REAL, max(_ASLEEP, bound))
        began = time.process_time()
        made = attempt(document, make)
        seconds = time.process_time() - began
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send(Outcome(number, seconds, made.refused, tuple(faults(made))))


def _killed(code: int | None, bound: float) -> Fault:
    if code == -signal.SIGPROF:
        return Fault("a hang", f"more than {bound:g} s of processor time")
    if code == -signal.SIGALRM:
        return Fault("a hang", f"more than {_ASLEEP:g} s by the clock")
    return Fault("a crash", f"the process ended with {code}")


# --- the command


def main() -> None:
    """Run the documents that were asked for; exit status 1 when one failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description="Damaged documents by the thousand.")
    parser.add_argument("posts", nargs="*", type=Path, help="posts to damage beside those of seeds/: files and folders")
    parser.add_argument("--documents", type=int, default=20_000, help="how many (default: 20,000)")
    parser.add_argument("--first", type=int, default=0, help="the first number (default: 0)")
    parser.add_argument("--seed", type=int, default=1, help="another seed is other documents (default: 1)")
    parser.add_argument("--workers", type=int, help="processes (default: one a core)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one document again, made as small as it can be")
    chosen = parser.parse_args()
    found = list(dict.fromkeys(files([]) + (files(chosen.posts) if chosen.posts else [])))
    documents = Documents([file.read_bytes() for file in found], chosen.seed)
    folder = Path(tempfile.mkdtemp(prefix="pullquote-fuzz-"))
    if chosen.only is not None:
        raise SystemExit(_again(documents, chosen.only, folder))
    raise SystemExit(_all(documents, range(chosen.first, chosen.first + chosen.documents), chosen.workers, folder))


def _all(documents: Documents, numbers: range, workers: int | None, folder: Path) -> int:
    tally, began = Tally(), time.perf_counter()
    columns = (TextColumn("fuzz"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("", total=len(numbers))
        for outcome in run(documents, numbers, workers=workers):
            tally.add(outcome)
            progress.advance(bar)
            for fault in outcome.faults:
                if tally.kinds[fault.kind] <= _SHOWN:
                    file = _keep(folder, outcome.number, documents.make(outcome.number))
                    progress.console.print(
                        f"document {outcome.number}: {fault.kind}: {fault.what}\n  {file}", markup=False
                    )
    seconds = time.perf_counter() - began
    for kind, count in tally.kinds.most_common():
        print(f"{count} × {kind}")
    worst, number = tally.slowest
    print(
        f"{tally.documents} documents in {seconds:.0f} s, {tally.documents / seconds:.0f} a second;"
        f" {tally.refused} were no posts; slowest {worst:.2f} s (document {number});"
        f" {sum(tally.kinds.values())} failed"
    )
    return 1 if tally.kinds else 0


def _keep(folder: Path, number: int, document: bytes) -> Path:
    file = folder / f"{number}.json"
    file.write_bytes(document)
    return file


def _again(documents: Documents, number: int, folder: Path) -> int:
    """One document, what is wrong with it, and the least of it of which the same is wrong."""
    document = documents.make(number)
    print(_keep(folder, number, document))
    outcome = next(run(documents, range(number, number + 1), workers=1))
    print(f"{outcome.seconds:.2f} s, {'no post' if outcome.refused else 'a post'}")
    for fault in outcome.faults:
        print(f"{fault.kind}: {fault.what}")
    kinds = {fault.kind for fault in outcome.faults}
    if kinds and not kinds & {"a hang", "a crash"}:
        least = least_of(document, lambda smaller: kinds <= {fault.kind for fault in faults(attempt(smaller))})
        print(f"{_keep(folder, -number, least)}\n{least.decode('utf-8', 'backslashreplace')}")
        for fault in faults(attempt(least)):
            print(f"{fault.kind}: {fault.what}")
    return 1 if kinds else 0


def least_of(document: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """The document with all taken out of it without which it still fails: fields first, then their text."""
    try:
        post = article(load(document).post)
    except SourceError:
        return document
    fields = {"title": post.title, "content": post.html, "excerpt": post.excerpt, "link": post.url}
    if not fails(_document(fields)):
        return document
    for name, text in fields.items():
        fields[name] = _least_text(text, lambda less, name=name: fails(_document(fields | {name: less})))  # type: ignore[misc]
    return _document(fields)


def _document(fields: dict[str, str]) -> bytes:
    return json.dumps({name: {"rendered": text} if name != "link" else text for name, text in fields.items()}).encode()


def _least_text(text: str, fails: Callable[[str], bool]) -> str:
    size = len(text)
    while size:
        start = 0
        while start < len(text):
            shorter = text[:start] + text[start + size :]
            if fails(shorter):
                text = shorter
            else:
                start += size
        size //= 2
    return text


if __name__ == "__main__":
    main()
