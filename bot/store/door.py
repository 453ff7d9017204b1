"""The asynchronous door to the synchronous store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from bot.errors import StoreError

P = ParamSpec("P")
T = TypeVar("T")


class Door:
    """Runs the store's methods on threads of its own: one for SQLite, which has one writer anyway.

    A call that has begun is carried to its end even when the caller is cancelled; one that waits is dropped then.
    When the database begins to refuse, `tell` hears it, once until `answers` is called.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")
        self._refusal: StoreError | None = None
        self._refused_at = 0.0
        self.tell: Callable[[StoreError], None] = lambda _: None

    async def __call__(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the method returns or raises."""
        call = self._threads.submit(partial(method, *args, **kwargs))
        answer = asyncio.wrap_future(call)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            call.cancel()
            answer.add_done_callback(_look_away)
            raise
        except StoreError as error:
            self._refused_at = time.monotonic()
            if type(error) is not type(self._refusal):
                self._refusal = error
                self.tell(error)
            raise

    def refused_for(self) -> float | None:
        """Seconds since the database last refused; None when it has not since `answers` was called."""
        return None if self._refusal is None else time.monotonic() - self._refused_at

    def answers(self) -> None:
        """It is sure that the database can be written again."""
        self._refusal = None

    def close(self) -> None:
        """Wait for the calls under way."""
        self._threads.shutdown(wait=True)


def _look_away(answer: asyncio.Future[T]) -> None:
    """Nobody waits for it any more: its error, if it has one, is no news."""
    if not answer.cancelled():
        answer.exception()


class Inline(Door):
    """Runs the store's methods where they are called: for simulated time, which must not wait for a thread."""

    def __init__(self) -> None:
        super().__init__()

    async def __call__(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the method returns or raises."""
        return method(*args, **kwargs)
