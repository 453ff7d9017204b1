"""Article → Card, pure."""

from bot.cards.building import build

__all__ = ["build"]
