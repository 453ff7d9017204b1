"""Every question and every change, synchronous: the loops come in through `door`, simulated time calls it inline.

Each public method is one transaction. Moments are aware datetimes in UTC. Any method raises StoreError when the
database cannot answer; nothing is half written then.
"""

from __future__ import annotations

from bot.store.copies import Copies
from bot.store.leases import Leases
from bot.store.ledger import Ledgers
from bot.store.lookup import Lookup
from bot.store.moves import Moves
from bot.store.reading import Reading
from bot.store.sites import Sites
from bot.store.wishes import Wishes
from bot.store.writing import Writing


class Store(Sites, Wishes, Reading, Writing, Leases, Moves, Lookup, Ledgers, Copies):
    """The tables, on one engine."""
