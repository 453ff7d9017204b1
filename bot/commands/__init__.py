"""A command described once, for every platform and the CLI."""

from bot.commands.commands import commands
from bot.commands.describe import describe
from bot.commands.desk import Desk, Health

__all__ = ["Desk", "Health", "commands", "describe"]
