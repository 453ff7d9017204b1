"""What the world may tell the bot: that a site has published. All of it are hints; looking stays the truth."""

from bot.web.server import Web

__all__ = ["Web"]
