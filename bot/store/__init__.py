"""The only SQL: synchronous on SQLAlchemy Core, reached by the loops through one small asynchronous door."""

from bot.store.door import Door, Inline
from bot.store.opening import hold_alone, open_store
from bot.store.store import Following, SiteHealth, Store, Turn

__all__ = ["Door", "Following", "Inline", "SiteHealth", "Store", "Turn", "hold_alone", "open_store"]
