"""The asynchronous door to the synchronous store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Door:
    """Runs the store's methods on threads of its own: one for SQLite, which has one writer anyway.

    A call that has begun is carried to its end even when the caller is cancelled; one that waits is dropped then.
    """

    def __init__(self, threads: int = 1) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="store")

    async def __call__(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the method returns or raises."""
        call = self._threads.submit(partial(method, *args, **kwargs))
        try:
            return await asyncio.shield(asyncio.wrap_future(call))
        except asyncio.CancelledError:
            call.cancel()
            raise

    def close(self) -> None:
        """Wait for the calls under way."""
        self._threads.shutdown(wait=True)


class Inline(Door):
    """Runs the store's methods where they are called: for simulated time, which must not wait for a thread."""

    def __init__(self) -> None:
        super().__init__()

    async def __call__(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the method returns or raises."""
        return method(*args, **kwargs)
