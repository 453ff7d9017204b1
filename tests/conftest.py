"""What holds for all tests: a law is not broken by a busy machine, so hypothesis watches no clock."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
