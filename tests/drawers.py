"""A drawer in memory: what `bot.ports.Keep` promises, for as long as the test lasts."""

from __future__ import annotations


class MemoryDrawer:
    """Keeps texts by name, in the order in which they were first put."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    async def get(self, name: str) -> str | None:
        return self.values.get(name)

    async def put(self, name: str, value: str) -> None:
        self.values[name] = value
