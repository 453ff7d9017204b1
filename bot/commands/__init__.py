"""A command described once, for every platform and the CLI."""

from bot.commands.commands import Commands
from bot.commands.describe import command, describe

__all__ = ["Commands", "command", "describe"]
