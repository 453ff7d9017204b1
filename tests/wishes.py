"""A subscription as a test wishes it, in the table."""

from __future__ import annotations

from datetime import datetime

from bot.model import Subscription
from bot.store import Store


def subscribe(store: Store, wish: Subscription, now: datetime) -> None:
    """Follow as wished; one that stands takes the new wishes."""
    store.follow(wish.channel, wish.site_id, lambda _old: wish, now)
