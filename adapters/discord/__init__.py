"""Discord: embeds over REST, slash commands over the gateway."""

from adapters.discord.adapter import Discord

__all__ = ["Discord"]
