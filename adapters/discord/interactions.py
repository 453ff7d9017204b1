"""What people ask of the bot in Discord, heard through discord.py: answered at once, then carried out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import discord
import structlog

from adapters.discord import replies, slash
from bot.errors import PullquoteError
from bot.model import Channel
from bot.ports import Asked, Choice, Command, Commands, Reply
from bot.words import _, choose, speaking

log = structlog.get_logger()

AT_ONCE = 32
"""Commands under way: fewer than the connections to sites, which the reading of those that are followed needs too."""

AT_ONCE_EACH = 3
"""Commands under way of one person: nobody can keep the bot from all others alone."""

COMPLETION = 1.0
"""Seconds for the choices of an option: Discord waits three, people do not."""


class Interactions:
    """Commands, completions and presses of buttons; nothing is kept of them, so buttons outlive a restart."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._acting = Counter[int]()

    async def hear(self, interaction: discord.Interaction) -> None:
        """Answer within Discord's three seconds; what came too late for that is not carried out."""
        hearers = {
            discord.InteractionType.application_command: self._obey,
            discord.InteractionType.autocomplete: self._complete,
            discord.InteractionType.component: self._press,
        }
        hearer = hearers.get(interaction.type)
        if hearer is None or interaction.channel_id is None:
            log.warning("something unknown was asked", kind=str(interaction.type))
            return
        data: Mapping[str, Any] = interaction.data or {}
        try:
            with speaking(choose(str(interaction.locale))):
                await hearer(interaction, data)
        except (discord.DiscordException, OSError, TimeoutError) as error:
            log.warning("an answer did not reach discord", asked=_name(data), error=str(error))

    async def _obey(self, interaction: discord.Interaction, data: Mapping[str, Any]) -> None:
        given = slash.arguments(data)
        private = given.get("public") != "true"
        await interaction.response.defer(ephemeral=private)
        command = self._commands.get(_name(data))
        if command is None:
            said: Reply | str = _("The bot no longer knows this command; reload Discord to see those it knows.")
        else:
            # Whoever Discord offers a command for managers is one, by the server's own exceptions to its rights.
            sure = command.manage and interaction.guild_id is not None
            said = await self._in_turn(interaction, command, given, sure=sure)
        await _show(interaction, Reply(said) if isinstance(said, str) else said, private=private)

    async def _press(self, interaction: discord.Interaction, data: Mapping[str, Any]) -> None:
        """Buttons stand under the bot's own replies only: a new reply takes the old one's place, an excuse does not."""
        await interaction.response.defer()
        name, given = replies.pressed(str(data.get("custom_id", "")))
        command = self._commands.get(name)
        if command is None:
            said: Reply | str = _("This button is of an earlier version of the bot: give the command again.")
        else:
            said = await self._in_turn(interaction, command, given)
        if isinstance(said, str):
            await interaction.followup.send(replies.content(said), ephemeral=True)
        else:
            await _show(interaction, said, private=bool(interaction.message and interaction.message.flags.ephemeral))

    async def _in_turn(
        self, interaction: discord.Interaction, command: Command, given: Mapping[str, str], *, sure: bool = False
    ) -> Reply | str:
        """The command carried out, unless too many are under way; then it has to be given again."""
        asker = interaction.user.id
        if self._acting[asker] >= AT_ONCE_EACH:
            return _("Your last commands are still under way: please say this again in a moment.")
        if self._acting.total() >= AT_ONCE:
            return _("Too many commands are under way: please say this again in a moment.")
        self._acting[asker] += 1
        try:
            return await self._carry_out(interaction, command, given, sure=sure)
        finally:
            self._acting[asker] -= 1
            self._acting += Counter()  # forgets whose count is none

    async def _complete(self, interaction: discord.Interaction, data: Mapping[str, Any]) -> None:
        command = self._commands.get(_name(data))
        typed = next((option for option in data.get("options", ()) if option.get("focused")), None)
        found: Sequence[Choice] = ()
        if command is not None and typed is not None:
            asked = self._asked(interaction, command, slash.arguments(data))
            found = await _completions(command, asked, typed["name"], str(typed["value"]))
        offered = [discord.app_commands.Choice(name=label, value=value) for label, value in replies.choices(found)]
        await interaction.response.autocomplete(offered)

    async def _carry_out(
        self, interaction: discord.Interaction, command: Command, given: Mapping[str, str], *, sure: bool = False
    ) -> Reply | str:
        """The command's reply or, where it has none, why; `sure`: whoever asks is known to manage the channel."""
        if why := _forbidden(interaction, command, given):
            return why
        try:
            return await command.run(self._asked(interaction, command, given, sure=sure), given)
        except PullquoteError as error:
            return str(error)
        except Exception:  # whoever asked is owed an answer; the operator gets the trace
            log.exception("a command failed", command=command.name)
            return _("Something unforeseen went wrong; the bot's log tells more.")

    def _asked(
        self, interaction: discord.Interaction, command: Command, given: Mapping[str, str], *, sure: bool = False
    ) -> Asked:
        """Who asks and where; they manage when they manage this channel and all that are named."""
        here = sure or slash.may_manage(interaction.permissions.value)
        named = slash.named("channel", given, command)
        others = {ident: slash.may_manage(_permissions(interaction, ident)) for ident in named}
        channel, locale = Channel("discord", str(interaction.channel_id)), str(interaction.locale)
        needs = partial(_needs, *(() if here else ("",)), *(ident for ident, held in others.items() if not held))
        write = partial(slash.typed, locale=locale, commands=self._commands)
        return Asked(
            channel, locale, here and all(others.values()), write, word=partial(slash.word, locale=locale), needs=needs
        )


async def _completions(command: Command, asked: Asked, option: str, typed: str) -> Sequence[Choice]:
    """None rather than late ones, or an error under somebody's fingers."""
    try:
        async with asyncio.timeout(COMPLETION):
            return await command.complete(asked, option, typed)
    except TimeoutError:
        log.warning("choices came too late", command=command.name, option=option)
    except Exception:
        log.exception("choices could not be found", command=command.name, option=option)
    return ()


def _needs(*places: str) -> str:
    """The right that whoever asks lacks in these channels, "" for the one they ask in."""
    here, there = _("That needs Manage Channels in this channel."), _("That needs Manage Channels in {channel}.")
    return " ".join(there.format(channel=f"discord:{place}") if place else here for place in places)


def _forbidden(interaction: discord.Interaction, command: Command, given: Mapping[str, str]) -> str:
    """Why a role that they name cannot be notified: who may not mention it must not have the bot do so."""
    data: Mapping[str, Any] = interaction.data or {}
    known = data.get("resolved", {}).get("roles", {})
    mentionable = [known.get(role, {}).get("mentionable") for role in slash.named("role", given, command)]
    if all(mentionable) or slash.may_mention(interaction.permissions.value):
        return ""
    return _(
        "You may not mention this role: choose one that all may mention, or have the right “{name}” given to you."
    ).format(name="Mention @everyone, @here and All Roles")


def _permissions(interaction: discord.Interaction, ident: str) -> int:
    """The asker's permission bits in a channel they named: Discord tells them with a command, not with a button."""
    data: Mapping[str, Any] = interaction.data or {}
    resolved = data.get("resolved", {}).get("channels", {}).get(ident)
    if resolved is not None:
        return int(resolved["permissions"])
    known = interaction.guild.get_channel_or_thread(int(ident)) if interaction.guild and ident.isdecimal() else None
    if known is None or not isinstance(interaction.user, discord.Member):
        return 0
    return known.permissions_for(interaction.user).value


async def _show(interaction: discord.Interaction, reply: Reply, *, private: bool) -> None:
    with speaking(reply.language):
        first, *others = replies.messages(reply)
    await interaction.edit_original_response(**_written(first), view=_view(first["components"]))
    for message in others:
        await interaction.followup.send(**_written(message), ephemeral=private)


def _written(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "content": message["content"],
        "embeds": [discord.Embed.from_dict(embed) for embed in message["embeds"]],
        "allowed_mentions": discord.AllowedMentions.none(),
    }


def _view(rows: Sequence[Mapping[str, Any]]) -> discord.ui.View | None:
    """The rows in discord.py's form, stopped: it is to keep none of them in mind."""
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for button in row["components"]:
            shown = {name: button[name] for name in ("label", "url", "custom_id") if name in button}
            view.add_item(discord.ui.Button(style=discord.ButtonStyle(button["style"]), row=number, **shown))
    view.stop()
    return view if rows else None


def _name(data: Mapping[str, Any]) -> str:
    return str(data.get("name") or data.get("custom_id", ""))
