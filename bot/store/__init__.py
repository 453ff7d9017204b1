"""The only SQL: synchronous on SQLAlchemy Core, reached by the loops through one small asynchronous door."""

from bot.store.door import Door, Inline
from bot.store.duties import Duties, duties_of
from bot.store.lookup import Trace
from bot.store.opening import hold_alone, open_store
from bot.store.reading import Turn
from bot.store.sites import Following, SiteHealth
from bot.store.store import Store
from bot.store.writing import Owed

__all__ = [
    "Door",
    "Duties",
    "Following",
    "Inline",
    "Owed",
    "SiteHealth",
    "Store",
    "Trace",
    "Turn",
    "duties_of",
    "hold_alone",
    "open_store",
]
