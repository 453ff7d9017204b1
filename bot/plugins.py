"""Adapters are entry points of the group `pullquote.adapters`: a name, which is the platform's, and a class."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import cast

from bot import config
from bot.errors import SettingsError
from bot.ports import Adapter, Clock, Keep

GROUP = "pullquote.adapters"


def available() -> dict[str, EntryPoint]:
    """The adapters that are installed, by platform; none is imported."""
    return {point.name: point for point in entry_points(group=GROUP)}


def set_up() -> set[str]:
    """The platforms that have a setting in the environment or in `.env`; none is imported."""
    given = config.names()
    return {name for name in available() if any(one.startswith(f"{config.PREFIX}{name.upper()}_") for one in given)}


def load(platform: str) -> type[Adapter]:
    """The adapter's class; SettingsError says which half was wrong: the name, or what stands behind it."""
    point = available().get(platform)
    if point is None:
        known = ", ".join(sorted(available())) or "none: is Pullquote installed?"
        raise SettingsError(f"There is no adapter for {platform!r}. Installed are: {known}.")
    try:
        return cast("type[Adapter]", point.load())
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"The adapter {platform!r} is installed as {point.value}, which fails: {error}") from error


def make(platform: str, keep: Keep, clock: Clock) -> Adapter:
    """An adapter with its settings, not yet connected; SettingsError names what is wrong."""
    adapter = load(platform)
    return adapter.from_settings(config.read(adapter.Settings), keep, clock)
