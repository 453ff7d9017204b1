"""The client for sites as its operator wishes it."""

from __future__ import annotations

from bot import credentials
from bot.config import Settings
from bot.fetch import Fetcher


def reader(settings: Settings) -> Fetcher:
    """The one client for sites, by the operator's wishes; SettingsError where the file of credentials is wrong."""
    private, file = settings.allow_private_networks, settings.credentials_file
    return Fetcher(
        user_agent=settings.user_agent,
        allow_private=private,
        deny=settings.denied,
        proxy=settings.proxy.get_secret_value(),
        credentials=credentials.load(file, insecure=private) if file else None,
    )
