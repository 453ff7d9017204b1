"""Who does what exists once, however many processes run: a platform's deliveries, its connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from sqlalchemy import make_url

from bot.errors import SettingsError
from bot.store.engine import sqlite_path

BELL = "pullquote_due"
"""The channel of PostgreSQL's NOTIFY on which transactions tell every process that deliveries are due."""

Work = Callable[[], Coroutine[Any, Any, None]]


class Duties(Protocol):
    """Duties by name. Each is one process's at a time."""

    alone: bool
    """Whether no other process can be at work."""

    async def run(self) -> None:
        """See, until cancelled, whose each duty is."""
        ...

    async def do(self, duty: str, work: Work) -> None:
        """Work whenever the duty is this process's, until the work ends by itself.

        It is cancelled when the duty is lost, and begun anew when it is had again.
        """
        ...

    def has(self, duty: str) -> bool:
        """Whether it is certain now that no other process has the duty."""
        ...

    def give_up(self, duty: str) -> None:
        """Leave the duty to others for good, where there can be others."""
        ...


class Alone:
    """The duties of the only process: all of them, always."""

    alone = True

    async def run(self) -> None:
        """There is nothing to see."""
        await asyncio.Event().wait()

    async def do(self, duty: str, work: Work) -> None:
        """Work."""
        await work()

    def has(self, duty: str) -> bool:
        """Yes."""
        return True

    def give_up(self, duty: str) -> None:
        """There are no others."""


def duties_of(url: str, wake: Callable[[], None]) -> Duties:
    """The duties of a process on that database; `wake` is called when any process has written what is due."""
    if sqlite_path(url) is not None:
        return Alone()
    if make_url(url).get_driver_name() != "psycopg":
        raise SettingsError("`pullquote run` needs a PULLQUOTE_DATABASE_URL that begins with postgresql+psycopg://")
    from bot.store.locks import Locks

    return Locks(url, wake)
