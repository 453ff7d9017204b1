"""What has to be set for Discord, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.windows import Windows


class DiscordSettings(BaseSettings):
    """What Discord needs to know."""

    model_config = SettingsConfigDict(
        env_prefix="PULLQUOTE_DISCORD_", extra="ignore", frozen=True, env_ignore_empty=True
    )

    token: SecretStr = Field(SecretStr(""), description="The bot's token; empty: no Discord")
    api_url: str = Field("https://discord.com/api/v10", description="Where Discord's REST is; for tests and proxies")
    gateway_url: str = Field("", description="Where Discord's gateway is; empty: where Discord's library says")
    known: float = Field(60, gt=0, description="Seconds for which Discord recognises a repeated card, at least")
    late: float = Field(25, ge=15, description="Seconds after which Discord carries out no request any more")
    resend: float = Field(
        30, ge=0, description="Seconds for which a card in doubt is simply sent again; with LATE no more than KNOWN"
    )
    settle: float = Field(
        60, ge=0, description="Seconds after which a card in doubt is looked for in its channel; no less than LATE"
    )

    @property
    def windows(self) -> Windows:
        """How long a card in doubt is sent again, and when it is looked for."""
        return Windows.of_seconds(resend=self.resend, settle=self.settle, late=self.late, known=self.known)


def wrong(settings: DiscordSettings) -> Sequence[str]:
    """One sentence for each value that is wrong or missing, with its name."""
    found = []
    token = settings.token.get_secret_value()
    if not token or not token.isascii() or any(letter.isspace() for letter in token):
        found.append("PULLQUOTE_DISCORD_TOKEN: expected the bot's token, as the Developer Portal shows it under Bot.")
    if not settings.api_url.startswith(("http://", "https://")):
        found.append("PULLQUOTE_DISCORD_API_URL: expected a URL that begins with https://.")
    if settings.gateway_url and not settings.gateway_url.startswith(("ws://", "wss://")):
        found.append("PULLQUOTE_DISCORD_GATEWAY_URL: expected a URL that begins with wss://, or nothing.")
    found += settings.windows.wrong("PULLQUOTE_DISCORD_")
    return found
