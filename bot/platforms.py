"""One platform in a run: what is due there is delivered, its connection is held, each by one process at a time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Set
from dataclasses import replace
from enum import StrEnum
from functools import partial

import structlog

from bot.dispatcher import Dispatcher
from bot.errors import CannotLogIn, PullquoteError, StoreError, UsageError
from bot.extras import Extras
from bot.ports import Adapter, Asked, Clock, Command, Commands, Events, Extending, Reply
from bot.store import Door, Duties, Store

log = structlog.get_logger()


class Role(StrEnum):
    """A part of the work that a process may be left out of, where others do it."""

    POLL = "poll"
    DELIVER = "deliver"
    SERVE = "serve"


def roles_of(only: str) -> frozenset[Role]:
    """The parts named, between commas; all where none is. UsageError for anything else."""
    named = [name.strip() for name in only.split(",")] if only else list(Role)
    try:
        return frozenset(map(Role, named))
    except ValueError:
        raise UsageError(
            f"--only {only!r} names what is no part of the work: write {', '.join(Role)}, or several between commas."
        ) from None


class PlatformRun:
    """One platform's work, done while it is this process's (`bot.store.Duties`)."""

    def __init__(
        self,
        adapter: Adapter,
        store: Store,
        door: Door,
        clock: Clock,
        rng: random.Random,
        duties: Duties,
        roles: Set[Role],
    ) -> None:
        self.adapter = adapter
        self._store, self._door, self._clock, self._rng = store, door, clock, rng
        self._duties, self._roles = duties, roles
        self._dispatcher: Dispatcher | None = None
        self._waiting: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Something may be due."""
        if self._dispatcher is not None:
            self._dispatcher.wake.set()

    def stop(self) -> None:
        """End `deliver`, once what is under way has ended."""
        if self._dispatcher is not None:
            self._dispatcher.stop()
        elif self._waiting is not None:
            self._waiting.cancel()

    async def deliver(self, language: str) -> None:
        """Until `stop`: what is due, and what is owed to cards that stand."""
        self._waiting = asyncio.current_task()
        await self._duties.do(self._duty(Role.DELIVER), partial(self._deliver, language))

    async def serve(self, commands: Commands, events: Events) -> None:
        """Until cancelled: the connection, and what is asked over it. CannotLogIn where it will never be let in."""
        obeyed = {name: replace(one, run=partial(self._obey, one)) for name, one in commands.items()}
        try:
            await self._duties.do(self._duty(Role.SERVE), partial(self._serve, obeyed, events))
        except CannotLogIn:
            for role in (Role.DELIVER, Role.SERVE):
                self._duties.give_up(self._duty(role))
            raise

    async def _deliver(self, language: str) -> None:
        await self._release()
        adapter, store, door, clock, rng = self.adapter, self._store, self._door, self._clock, self._rng
        mine = partial(self._duties.has, self._duty(Role.DELIVER))
        self._dispatcher = Dispatcher(adapter, store, door, clock, rng, language=language, mine=mine)
        beside = [asyncio.create_task(self._log_in())]
        if isinstance(adapter, Extending):
            beside.append(asyncio.create_task(Extras(adapter, store, door, clock, rng).run()))
        try:
            await self._dispatcher.run()
        finally:
            self._dispatcher = None
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _release(self) -> None:
        """What the process before this one had claimed is due again, and nothing that it still writes counts."""
        platform = self.adapter.platform
        while True:
            try:
                await self._door(self._store.release, platform, self._clock.now())
            except StoreError as error:
                log.error("nothing is sent: the database cannot be asked", platform=platform, error=str(error))
                await self._clock.sleep(1)
            else:
                return

    async def _log_in(self) -> None:
        """Where another process holds the platform's connection, nothing else logs in here."""
        wait = 1.0
        while True:
            serves = Role.SERVE in self._roles and self._duties.has(self._duty(Role.SERVE))
            if not serves and not self.adapter.ready and (problems := await self._problems()):
                wait = min(wait * 2, 60.0)
                log.warning("cannot log in to deliver", platform=self.adapter.platform, why=problems, again_in=wait)
            await self._clock.sleep(wait)

    async def _problems(self) -> list[str]:
        try:
            return list(await self.adapter.check(None))
        except PullquoteError as error:
            return [str(error)]

    async def _serve(self, commands: Commands, events: Events) -> None:
        wait = 1.0
        while True:
            try:
                await self.adapter.serve(commands, events)
            except CannotLogIn:
                raise
            except StoreError as error:  # the database's fault, not the platform's: no reason to stay away for long
                log.warning("connection begun anew", platform=self.adapter.platform, why=str(error))
                await self._clock.sleep(2)
                continue
            except Exception:  # a library's defect in one connection must not take the others down
                log.exception("connection lost unexpectedly", platform=self.adapter.platform, again_in=wait)
            await self._clock.sleep(wait)
            wait = min(wait * 2, 300.0)

    async def _obey(self, command: Command, asked: Asked, given: Mapping[str, str]) -> Reply:
        """The command's reply; none ever once the connection may be another's: that one answers, and this one ends."""
        if not self._duties.has(self._duty(Role.SERVE)):
            await asyncio.Event().wait()
        return await command.run(asked, given)

    def _duty(self, role: Role) -> str:
        return f"{role} {self.adapter.platform}"
