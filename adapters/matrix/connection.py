"""The bot's login and its requests: one try each, 15 s at most, failures translated."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import aiohttp
import nio  # type: ignore[import-untyped]
import structlog

from adapters.matrix.answers import breakdown, refusal
from adapters.matrix.settings import Settings
from bot.errors import CannotLogIn, Refused, TryLater
from bot.ports import Keep

PATIENCE = 15
"""Seconds a request may take, all in all."""

VERSION = 3
"""Seconds for the server to tell its name."""

_LOGIN = "login"

log = structlog.get_logger(__name__)

# nio logs whole answers, tokens among them, and every malformed event that a stranger sends.
logging.getLogger("nio").setLevel(logging.CRITICAL)

Call = Callable[[nio.AsyncClient], Awaitable[Any]]

# After the first two, what nio's parsers raise on answers that they did not expect.
_BREAKDOWNS = (aiohttp.ClientError, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Login:
    """Who the bot is: what a password was exchanged for, or what the homeserver says of a token."""

    homeserver: str
    user_id: str
    device_id: str
    access_token: str

    def __repr__(self) -> str:
        return f"Login({self.user_id}, {self.device_id})"


class Connection:
    """One HTTP client, logged in at the first request and again when a kept token has been revoked."""

    def __init__(self, settings: Settings, keep: Keep) -> None:
        self._settings, self._keep = settings, keep
        self._client: nio.AsyncClient | None = None
        self._logging_in = asyncio.Lock()
        self._closed, self._has_device = False, True
        self.login: Login | None = None
        self.keeps_ids = False
        """Whether transaction ids are kept in a database for the bot's device: by Synapse, for who has a device."""
        self.device_changed = False
        """Whether the bot was another device before, whose transaction ids no server knows for this one."""

    async def me(self) -> Login:
        """Who the bot is; logs in when it has not. CannotLogIn or TryLater (never `maybe_done`) when that fails."""
        try:
            async with asyncio.timeout(PATIENCE), self._logging_in:
                if self.login is None:
                    login = await self._log_in()
                    self.keeps_ids = self._has_device and await self._is_synapse()
                    self.login = login
                return self.login
        except TimeoutError as error:
            raise TryLater("logging in: the homeserver takes too long", maybe_done=False, everywhere=True) from error
        except TryLater as error:
            raise TryLater(str(error), error.after, maybe_done=False, everywhere=True) from error

    async def ask(self, doing: str, call: Call, patience: float = PATIENCE) -> Any:
        """The answer as nio read it to the call; TryLater, Refused or CannotLogIn when it is no success.

        A token that was exchanged for the password and has been revoked is exchanged anew, once.
        """
        login = await self.me()
        try:
            return await self._try(doing, call, patience)
        except CannotLogIn:
            if self.login is login:
                self.login = None
            if self._settings.access_token.get_secret_value():
                raise
        await self.me()
        return await self._try(doing, call, patience)

    async def people(self, room: str) -> int:
        """How many are in the room, the bot among them."""
        answer = await self.ask(f"reading {room}", lambda client: client.joined_members(room))
        return len(answer.members)

    async def close(self) -> None:
        """Break off what is under way and let go of the connections."""
        self._closed = True
        if self._client is not None:
            await self._client.close()

    async def _try(self, doing: str, call: Call, patience: float = PATIENCE) -> Any:
        if self._closed:
            raise TryLater(f"{doing}: the bot is stopping", maybe_done=False)
        try:
            async with asyncio.timeout(patience):
                answer = await call(self._open())
        except _BREAKDOWNS as error:
            raise breakdown(doing, error) from error
        transport = answer.transport_response
        failed = isinstance(answer, nio.ErrorResponse)
        if failed or not 200 <= transport.status < 300:
            raise refusal(doing, transport.status, transport.headers, _body(answer))
        return answer

    def _open(self) -> nio.AsyncClient:
        if self._client is None:
            config = nio.AsyncClientConfig(
                max_limit_exceeded=0, max_timeouts=0, request_timeout=PATIENCE, encryption_enabled=False
            )
            self._client = nio.AsyncClient(self._settings.homeserver.rstrip("/"), config=config)
        return self._client

    async def _log_in(self) -> Login:
        kept = await self._kept()
        token = self._settings.access_token.get_secret_value()
        login = await (self._recognise(token, kept) if token else self._resume(kept))
        self._wear(login)
        keeping = replace(login, access_token="" if token else login.access_token)
        if keeping != kept:
            await self._keep.put(_LOGIN, json.dumps(asdict(keeping)))
        return login

    async def _is_synapse(self) -> bool:
        """By the server's name for itself; one that does not tell it, or not now, is taken for another."""
        url = f"{self._settings.homeserver.rstrip('/')}/_matrix/federation/v1/version"
        try:
            async with (
                asyncio.timeout(VERSION),
                aiohttp.ClientSession() as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                told = json.loads(await answer.content.read(10_000)) if answer.status == 200 else {}
                return bool(told["server"]["name"] == "Synapse")
        except (TimeoutError, *_BREAKDOWNS):
            return False

    async def _resume(self, kept: Login | None) -> Login:
        """The login that the password was exchanged for before, while its token is good; a new one otherwise."""
        if kept is None:
            return await self._exchange(self._settings.device_id)
        if kept.access_token:
            self._wear(kept)
            with contextlib.suppress(CannotLogIn):
                await self._try("logging in", lambda client: client.whoami())
                return kept
        return await self._exchange(kept.device_id)

    async def _recognise(self, token: str, kept: Login | None) -> Login:
        """Whom the configured token belongs to."""
        user, device = self._settings.user, self._settings.device_id
        self._wear(Login(self._settings.homeserver, user, device, token))
        answer = await self._try("logging in", lambda client: client.whoami())
        if user and answer.user_id != user:
            raise CannotLogIn(f"PULLQUOTE_MATRIX_ACCESS_TOKEN belongs to {answer.user_id}, not to {user}: mend either")
        self._has_device = bool(answer.device_id)  # an appservice's token has none
        login = Login(self._settings.homeserver, answer.user_id, answer.device_id or device, token)
        if kept is not None and kept.user_id == login.user_id and kept.device_id != login.device_id:
            # Transaction ids count per device: what was in flight on the old one is found by looking instead.
            self.device_changed = True
            log.warning("matrix_device_changed", before=kept.device_id, now=login.device_id)
        return login

    async def _exchange(self, device: str) -> Login:
        """The password for a token, on the device that was used before if there was one."""
        password = self._settings.password.get_secret_value()
        self._wear(Login(self._settings.homeserver, self._settings.user, device, ""))
        try:
            answer = await self._try("logging in", lambda client: client.login(password, "Pullquote"))
        except Refused as error:
            raise CannotLogIn(f"{error}: mend PULLQUOTE_MATRIX_USER or PULLQUOTE_MATRIX_PASSWORD") from error
        return Login(self._settings.homeserver, answer.user_id, answer.device_id, answer.access_token)

    def _wear(self, login: Login) -> None:
        client = self._open()
        client.user, client.user_id = login.user_id, login.user_id
        client.device_id, client.access_token = login.device_id or None, login.access_token

    async def _kept(self) -> Login | None:
        text = await self._keep.get(_LOGIN)
        kept = Login(**json.loads(text)) if text else None
        wanted = self._settings.user
        if kept is None or kept.homeserver != self._settings.homeserver or (wanted and kept.user_id != wanted):
            return None
        return kept


def _body(answer: Any) -> Mapping[str, Any]:
    """What nio made of an error's body, in the form the homeserver sent it."""
    if isinstance(answer, nio.ErrorResponse):
        return {"errcode": answer.status_code, "error": answer.message, "retry_after_ms": answer.retry_after_ms}
    content = getattr(answer, "content", None)  # nio takes any answer for a state event's content
    return content if isinstance(content, dict) else {}
