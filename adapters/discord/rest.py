"""Discord's REST, for deliveries: one request a call, paced before it leaves, its answer given back at once.

discord.py's own client holds an accepted message's answer back until the bucket refills; a crash in that time makes
a success look like a doubt. Hence this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from adapters.discord.errors import parse, translate, unreachable
from adapters.discord.pace import Pace
from bot.clock import Stopwatch
from bot.errors import AdapterError, CannotLogIn, TryLater
from bot.ports import Clock
from bot.words import _

TIMEOUT = aiohttp.ClientTimeout(total=9, connect=5)
"""With the pace's three waits of two seconds at most, this stays within the 15 s of a try."""
LONGEST = 10.0
"""Seconds from a call to its request at most: longer than the pace's waits."""
AGENT = "DiscordBot (https://github.com/pullquote/pullquote, 0.1)"


class Rest:
    """Requests with the bot's token; raises what `errors` names, and CannotLogIn for good once the token is refused."""

    def __init__(self, api_url: str, token: str, clock: Clock) -> None:
        self._api_url = api_url.rstrip("/")
        self._headers = {"Authorization": f"Bot {token}", "User-Agent": AGENT}
        self._clock = clock
        self._pace = Pace(clock)
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._refused: CannotLogIn | None = None
        self.ahead = 0.0
        """Seconds by which Discord's clock is ahead of ours, as its last answer said."""

    @property
    def refused(self) -> bool:
        """Whether Discord has refused the token; no request leaves any more."""
        return self._refused is not None

    @property
    def silenced(self) -> bool:
        """Whether Discord has refused so much of late that nothing leaves for now."""
        return self._pace.silenced

    async def call(
        self, method: str, path: str, doing: str, *, json: Any = None, params: Mapping[str, str] | None = None
    ) -> Any:
        """The answer's JSON (None for an empty one); an answer that breaks off is a TryLater that may be done."""
        if self._refused:
            raise CannotLogIn(str(self._refused))
        asked = Stopwatch(self._clock)
        async with self._pace.turn(method, path):
            if asked.elapsed() > LONGEST:  # the machine was suspended: what was true when asked may be so no more
                raise TryLater(f"{doing}: paused before sending", maybe_done=False)
            try:
                sent = self._open().request(
                    method, self._api_url + path, json=json, params=params, allow_redirects=False
                )
                async with sent as response:
                    body = await response.read()
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                raise unreachable(error, doing) from error
            self._pace.learn(method, path, response.status, response.headers)
        self._learn_time(response.headers)
        if response.status >= 400:
            meaning = translate(response.status, response.headers, body, doing)
            self._heed(method, path, response.status, meaning)
            raise meaning
        answer = parse(body)
        if answer is None and response.status != 204:
            why = _("{doing}: Discord's answer breaks off or is not JSON.").format(doing=doing)
            raise TryLater(why, maybe_done=True)
        return answer

    async def close(self) -> None:
        """Ends the connections; calls under way raise TryLater, later ones too."""
        self._closed = True
        if self._session is not None:
            await self._session.close()

    def _heed(self, method: str, path: str, status: int, error: AdapterError) -> None:
        """Keeps in mind what an answer asks of later calls."""
        if status == 429 and isinstance(error, TryLater) and error.after:
            self._pace.hold(method, path, error.after, everywhere=error.everywhere)
        if isinstance(error, CannotLogIn):
            self._refused = error

    def _open(self) -> aiohttp.ClientSession:
        if self._closed:
            raise TryLater(_("The connection to Discord is closed: Pullquote is stopping."), maybe_done=False)
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=64, keepalive_timeout=15)
            self._session = aiohttp.ClientSession(
                headers=self._headers, timeout=TIMEOUT, connector=connector, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    def _learn_time(self, headers: Mapping[str, str]) -> None:
        try:
            told = parsedate_to_datetime(headers["Date"])
        except (KeyError, ValueError):
            return
        if told.tzinfo is not None:
            self.ahead = (told - self._clock.now()).total_seconds()
