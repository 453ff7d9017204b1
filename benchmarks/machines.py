"""Durable deliveries a second on PostgreSQL by 1, 2 and 4 processes: claimed, marked and settled, with nothing sent.

What the database and the store bear, fsync on; every delivery is two commits of its own and a part of a claim's. All
processes deliver for one platform, which `pullquote run` never lets them (`bot/store/duties.py`): the worst for leases.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Barrier

from bot.model import Article, Card, Channel, Receipt, Site, Subscription
from bot.ports import Changes
from bot.store import open_store
from tests.real import postgres
from tests.wishes import subscribe

CHANNELS, ARTICLES = 100, 12
AT_ONCE = 16
LEASE = timedelta(seconds=60)
PROCESSES = (1, 2, 4)


def main() -> None:
    """Measure each number of processes on a database of its own."""
    if why := postgres.missing():
        print(f"several machines: {why}")
        return
    with postgres.running(durable=True) as server:
        for processes in PROCESSES:
            with server.empty_database() as url:
                fill(url)
                rate = measure(url, processes)
                print(f"durable deliveries a second, {processes} processes on one PostgreSQL: {rate:.0f}")


def fill(url: str) -> None:
    """Deliveries that are due: every article in every channel."""
    store, now = open_store(url), datetime.now(UTC)
    site = store.add_site(Site("https://bench.example/", "Bench", "https://bench.example/wp-json/"), now)
    assert site.id is not None
    for number in range(CHANNELS):
        subscribe(store, Subscription(Channel("null", str(number)), site.id), now)
    articles = [Article(n, f"https://bench.example/{n}/", f"Post {n}") for n in range(1, ARTICLES + 1)]
    cards = {article.id: Card(article.title, article.url) for article in articles}
    [turn] = store.claim_sites(now, 1, LEASE)
    due = store.want(turn, Changes("", tuple(articles)), cards, now, now)
    assert due == CHANNELS * ARTICLES
    store.close()


def measure(url: str, processes: int) -> float:
    """Deliveries a second from the moment when all are ready until nothing is due; each was had once."""
    spawning = multiprocessing.get_context("spawn")
    start, done = spawning.Barrier(processes + 1), spawning.SimpleQueue()
    workers = [spawning.Process(target=deliver, args=(url, start, done)) for _ in range(processes)]
    for worker in workers:
        worker.start()
    start.wait()
    began = time.perf_counter()
    shares: Sequence[int] = [done.get() for _ in workers]
    took = time.perf_counter() - began
    for worker in workers:
        worker.join()
    assert sum(shares) == CHANNELS * ARTICLES, shares
    return sum(shares) / took


def deliver(url: str, start: Barrier, done: multiprocessing.SimpleQueue[int]) -> None:
    """One process's share, as the dispatcher takes the steps, but for the sending."""
    store, settled = open_store(url), 0
    start.wait()
    while store.next_due("null") is not None:
        for delivery in store.claim("null", datetime.now(UTC), AT_ONCE, LEASE):
            marked = store.attempting(delivery, datetime.now(UTC))
            assert marked is not None
            settled += store.settle(marked, marked.wanted, Receipt(marked.channel, "null"), datetime.now(UTC))
    done.put(settled)
    store.close()


if __name__ == "__main__":
    main()
