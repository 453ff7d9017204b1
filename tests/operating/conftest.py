"""A bot for each test."""

from __future__ import annotations

from tests.commands.conftest import chat, other

__all__ = ["chat", "other"]
