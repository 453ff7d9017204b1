"""What the operator tells about the homeserver and the bot's account there."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.errors import SettingsError
from bot.windows import Windows

PREFIX = "PULLQUOTE_MATRIX_"


class Settings(BaseSettings):
    """An account on a homeserver: by its access token, or by its password, which is used once."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True)

    homeserver: str = Field("", description="Base URL of the bot's homeserver, for example https://matrix.example.org")
    user: str = Field("", description="The bot's user id, @name:server; may be left out with an access token")
    access_token: SecretStr = Field(SecretStr(""), description="Access token of the bot's account")
    device_id: str = Field("", description="Device of the access token; asked of the homeserver when left out")
    password: SecretStr = Field(
        SecretStr(""), description="Password instead of a token: for one login, whose token and device are kept"
    )
    command_prefix: str = Field("!pq", description="What a message starts with that is a command to the bot")
    allow_invites: str = Field(
        "", description="Users (@name:server) and servers, comma separated, whose invitations the bot accepts"
    )

    manage_level: int = Field(
        50, description="Power level from which on people may change what a room follows; creators always may"
    )

    known: float = Field(
        86_400, gt=0, description="Seconds for which Synapse recognises a repeated card of the bot's device, at least"
    )
    late: float = Field(25, ge=15, description="Seconds after which a homeserver carries out no request any more")
    resend: float = Field(
        82_800,
        ge=0,
        description="Seconds for which Synapse is simply sent a card in doubt again; with LATE no more than KNOWN; "
        "any other homeserver 300 at most",
    )
    settle: float = Field(
        60, ge=0, description="Seconds after which a card in doubt is looked for in its room; no less than LATE"
    )

    @property
    def windows(self) -> Windows:
        """How long Synapse is sent a card in doubt again, and when it is looked for."""
        return Windows.of_seconds(resend=self.resend, settle=self.settle, late=self.late, known=self.known)

    def require(self) -> None:
        """SettingsError naming each value that is missing or cannot be."""
        wrong = []
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", self.homeserver):
            wrong.append("HOMESERVER: expected a URL such as https://matrix.example.org")
        if self.user and not re.fullmatch(r"@[^\s:]+:\S+", self.user):
            wrong.append("USER: expected a user id such as @pullquote:example.org")
        if not self.access_token.get_secret_value():
            if not self.password.get_secret_value():
                wrong.append("ACCESS_TOKEN: expected an access token (or PULLQUOTE_MATRIX_PASSWORD)")
            elif not self.user:
                wrong.append("USER: expected, beside a password, a user id such as @pullquote:example.org")
        if not self.command_prefix.strip():
            wrong.append("COMMAND_PREFIX: expected a word such as !pq")
        said = [*(f"{PREFIX}{complaint}." for complaint in wrong), *self.windows.wrong(PREFIX)]
        if said:
            raise SettingsError("\n".join(said))

    @property
    def welcome(self) -> frozenset[str]:
        """The users and servers whose invitations are accepted."""
        return frozenset(name.strip() for name in self.allow_invites.split(",") if name.strip())
