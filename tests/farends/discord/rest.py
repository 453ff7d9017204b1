"""Discord's REST as far as Pullquote and discord.py use it: one middleware of rules, one handler an operation."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web

from tests.farends.discord.basics import BITS, ApiError, Fault, Json
from tests.farends.discord.gateway import Gateway
from tests.farends.discord.rules import violations
from tests.farends.discord.world import World

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFIX = "/api/v10"
VIEW = BITS["VIEW_CHANNEL"]
UNBUCKETED = ("/interactions/", "/webhooks/")
"""Answers to people are outside all limits and carry their own token."""


class Rest:
    """The operations; `answer` wraps each in what Discord does to every request."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self.world, self.gateway = world, gateway
        self.stopping = asyncio.Event()
        self._buckets: dict[str, deque[float]] = defaultdict(deque)
        self._all: deque[float] = deque()

    def routes(self) -> list[web.RouteDef]:
        message = "/channels/{channel}/messages/{message}"
        webhook = "/webhooks/{app}/{token}"
        table: list[tuple[str, str, Callable[[web.Request, Any], Any]]] = [
            ("GET", "/users/@me", lambda request, body: self.world.user),
            ("GET", "/oauth2/applications/@me", lambda request, body: self._application()),
            ("GET", "/applications/@me", lambda request, body: self._application()),
            ("GET", "/gateway/bot", lambda request, body: self._gateway()),
            ("PUT", "/applications/{app}/commands", self._put_commands),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/guilds/{guild}/members/{user}", self._member),
            ("GET", "/guilds/{guild}/threads/active", self._active),
            ("GET", "/channels/{channel}", self._channel),
            ("PATCH", "/channels/{channel}", self._change_thread),
            ("POST", "/channels/{channel}/threads", self._start_thread),
            ("GET", "/channels/{channel}/threads/archived/public", self._archived),
            ("GET", "/channels/{channel}/messages", self._history),
            ("POST", "/channels/{channel}/messages", self._create),
            ("GET", message, self._get),
            ("PATCH", message, self._edit),
            ("DELETE", message, self._delete),
            ("POST", message + "/crosspost", self._crosspost),
            ("POST", message + "/threads", self._open_thread),
            ("POST", "/interactions/{interaction}/{token}/callback", self._callback),
            ("POST", webhook, self._follow_up),
            ("GET", webhook + "/messages/@original", self._original),
            ("PATCH", webhook + "/messages/@original", self._edit_original),
        ]
        return [web.route(method, PREFIX + path, self._handler(operation)) for method, path, operation in table]

    # ------------------------------------------------------------------ what happens to every request

    def _handler(self, operation: Callable[[web.Request, Any], Any]) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(PREFIX)
            body = await request.json() if request.can_read_body else None
            fault = self.world.take_fault(request.method, path)
            if fault and (early := await self._before(fault, request)):
                return early
            await asyncio.sleep(self.world.way / 2)
            response = self._answer(operation, request, path, body)
            await asyncio.sleep(self.world.way / 2)
            self.world.requests.append(
                {"method": request.method, "path": path, "body": body, "status": response.status}
            )
            if fault:
                response = await self._after(fault, request, response)
            return response

        return handle

    def _answer(
        self, operation: Callable[[web.Request, Any], Any], request: web.Request, path: str, body: Any
    ) -> web.Response:
        try:
            if not path.startswith(UNBUCKETED) and request.headers.get("Authorization") != f"Bot {self.world.token}":
                raise ApiError(401, 0, "401: Unauthorized")
            headers = self._spend(request.method, path)
            if wrong := violations(request.method, path, body):
                self.world.violations += wrong
                raise ApiError(400, 50035, "Invalid Form Body", errors={"_errors": wrong})
            return self._respond(200, operation(request, body), headers)
        except ApiError as error:
            headers = {key: str(error.more.pop(key)) for key in list(error.more) if key.startswith("X-")}
            return self._respond(error.status, error.body, headers)

    def _respond(self, status: int, content: Any, headers: dict[str, str]) -> web.Response:
        """`Content-Type` without a charset, `Via` and the stand-in's own time, as Discord has them."""
        date = format_datetime(datetime.fromtimestamp(self.world.clock(), UTC), usegmt=True)
        headers = {"Via": "1.1 google", "Date": date, **headers}
        if content is None:
            return web.Response(status=204, headers=headers)
        return web.Response(
            status=status, body=json.dumps(content).encode(), headers={"Content-Type": "application/json", **headers}
        )

    def _spend(self, method: str, path: str) -> dict[str, str]:
        """Takes the request out of its bucket and the bot's; the headers that tell, or a 429."""
        if path.startswith(UNBUCKETED):
            return {}
        now, world = self.world.clock(), self.world
        _expire(self._all, now - 1)
        if len(self._all) >= world.global_limit:
            raise self._too_many(self._all[0] + 1 - now, everywhere=True)
        major = "/".join(path.split("/")[:3])
        shape = "/".join(part for part in path.split("/")[3:] if not part.isdigit())
        bucket = self._buckets[f"{method}{major}/{shape}"]
        _expire(bucket, now - world.bucket_window)
        if len(bucket) >= world.bucket_limit:
            raise self._too_many(bucket[0] + world.bucket_window - now)
        bucket.append(now)
        self._all.append(now)
        reset_after = bucket[0] + world.bucket_window - now
        return {
            "X-RateLimit-Limit": str(world.bucket_limit),
            "X-RateLimit-Remaining": str(world.bucket_limit - len(bucket)),
            "X-RateLimit-Reset": f"{now + reset_after:.3f}",
            "X-RateLimit-Reset-After": f"{reset_after:.3f}",
            "X-RateLimit-Bucket": f"{abs(hash((method, shape))):x}",
        }

    def _too_many(self, after: float, *, everywhere: bool = False) -> ApiError:
        self.world.limited += 1
        headers = {"X-RateLimit-Scope": "global" if everywhere else "user"}
        if everywhere:
            headers["X-RateLimit-Global"] = "true"
        error = ApiError(429, 0, "You are being rate limited.", retry_after=round(after, 3), **headers)
        error.more["global"] = everywhere
        return error

    async def _before(self, fault: Fault, request: web.Request) -> web.Response | None:
        """The answer of a fault that keeps the request from being carried out."""
        match fault.kind:
            case "drop_before":
                _break(request)
                return web.Response()
            case "hang":
                await self.stopping.wait()
                return web.Response()
            case "error":
                return self._respond(fault.status, {"message": "Injected", "code": fault.code}, {})
            case "rate_limit" | "global_limit":
                error = self._too_many(fault.after, everywhere=fault.kind == "global_limit")
                headers = {key: str(error.more.pop(key)) for key in list(error.more) if key.startswith("X-")}
                return self._respond(429, error.body, headers)
            case "cloudflare":
                self.world.limited += 1
                headers = {"Retry-After": str(int(fault.after))}
                return web.Response(
                    status=429, text="<html>error 1015</html>", content_type="text/html", headers=headers
                )
        return None

    async def _after(self, fault: Fault, request: web.Request, response: web.Response) -> web.Response:
        """What a fault makes of the answer to a request that was carried out."""
        match fault.kind:
            case "drop_after":
                _break(request)
            case "late":
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stopping.wait(), fault.after)
            case "truncate":
                body = response.body if isinstance(response.body, bytes) else b""
                return web.Response(status=200, body=body[: len(body) // 2], content_type="application/json")
            case "garbage":
                return web.Response(status=200, text="<html>hello</html>", content_type="text/html")
            case "error_after":
                return self._respond(fault.status, {"message": "Injected", "code": fault.code}, {})
        return response

    # ------------------------------------------------------------------ operations

    def _application(self) -> Json:
        return {
            "id": self.world.application_id,
            "name": "Pullquote",
            "icon": None,
            "description": "",
            "bot_public": False,
            "bot_require_code_grant": False,
            "owner": {**self.world.user, "id": "1000000000000000009", "username": "owner", "bot": False},
            "verify_key": "0" * 64,
            "team": None,
            "summary": "",
            "flags": 0,
        }

    def _gateway(self) -> Json:
        limit = {"total": 1000, "remaining": 999, "reset_after": 3_600_000, "max_concurrency": 1}
        return {"url": self.gateway.url, "shards": 1, "session_start_limit": limit}

    def _put_commands(self, request: web.Request, body: Any) -> list[Json]:
        self.world.command_syncs += 1
        self.world.commands = [
            {
                "id": self.world.snowflake(),
                "application_id": self.world.application_id,
                "version": "1",
                "type": 1,
                "default_member_permissions": None,
                **command,
            }
            for command in body
        ]
        self.world.save()
        return self.world.commands

    def _guild(self, request: web.Request, body: Any) -> Json:
        if not self.world.in_guild or request.match_info["guild"] != self.world.guild_id:
            raise ApiError(404, 10004, "Unknown Guild")
        return self.gateway.guild()

    def _member(self, request: web.Request, body: Any) -> Json:
        self._guild(request, body)
        if request.match_info["user"] != self.world.user["id"]:
            raise ApiError(404, 10007, "Unknown Member")
        return self.gateway.member()

    def _channel(self, request: web.Request, body: Any) -> Json:
        return self.world.channel(request.match_info["channel"])

    def _active(self, request: web.Request, body: Any) -> Json:
        self._guild(request, body)
        threads = [thread for thread in self.world.threads("", archived=False) if self.world.permissions(thread) & VIEW]
        return {"threads": threads, "members": []}

    def _archived(self, request: web.Request, body: Any) -> Json:
        """A page of those archived before a moment; without the right to read history they are refused."""
        forum = self.world.channel(request.match_info["channel"], "READ_MESSAGE_HISTORY")
        before = request.query.get("before", "~").replace("Z", "+00:00")
        found = [
            thread
            for thread in self.world.threads(forum["id"], archived=True)
            if thread["thread_metadata"]["archive_timestamp"] < before
        ]
        limit = int(request.query.get("limit", 50))
        return {"threads": found[:limit], "members": [], "has_more": len(found) > limit}

    def _start_thread(self, request: web.Request, body: Any) -> Json:
        return self.world.start_thread(request.match_info["channel"], body)

    def _change_thread(self, request: web.Request, body: Any) -> Json:
        """Its owner takes a thread out of the archive; a locked one only who manages threads."""
        thread = self.world.channel(request.match_info["channel"])
        if thread["thread_metadata"]["locked"]:
            raise ApiError(403, 50013, "Missing Permissions")
        self.world.archive(thread["id"], archived=body["archived"])
        return thread

    def _crosspost(self, request: web.Request, body: Any) -> Json:
        return self.world.crosspost(request.match_info["channel"], request.match_info["message"])

    def _open_thread(self, request: web.Request, body: Any) -> Json:
        return self.world.open_thread(request.match_info["channel"], request.match_info["message"], body)

    def _history(self, request: web.Request, body: Any) -> list[Json]:
        query = {name: int(request.query.get(name, default)) for name, default in _PAGE.items()}
        if not 1 <= query["limit"] <= 100:
            raise ApiError(400, 50035, "Invalid Form Body")
        return self.world.history(request.match_info["channel"], **query)

    def _create(self, request: web.Request, body: Any) -> Json:
        if not (body.get("content") or "").strip() and not body.get("embeds") and not body.get("components"):
            raise ApiError(400, 50006, "Cannot send an empty message")
        return self.world.create(request.match_info["channel"], body)

    def _get(self, request: web.Request, body: Any) -> Json:
        self.world.channel(request.match_info["channel"], "READ_MESSAGE_HISTORY")
        return self.world.message(request.match_info["channel"], request.match_info["message"])

    def _edit(self, request: web.Request, body: Any) -> Json:
        return self.world.edit(request.match_info["channel"], request.match_info["message"], body)

    def _delete(self, request: web.Request, body: Any) -> None:
        self.world.delete(request.match_info["channel"], request.match_info["message"])

    # ------------------------------------------------------------------ answers to people

    def _callback(self, request: web.Request, body: Any) -> Json | None:
        interaction = self.gateway.people.interaction(request.match_info["token"])
        interaction.respond(body)
        if interaction.original is not None:
            flags = (body.get("data") or {}).get("flags") or 0
            interaction.original["flags"] |= flags if body["type"] in {4, 5} else 0
        if request.query.get("with_response") not in {"1", "true"}:
            return None
        message = {**self.world._message(interaction.channel_id, {}), "flags": 64}
        return {
            "interaction": {"id": interaction.id, "type": interaction.kind, "response_message_id": message["id"]},
            "resource": {"type": body["type"], "message": message},
        }

    def _follow_up(self, request: web.Request, body: Any) -> Json:
        interaction = self.gateway.people.interaction(request.match_info["token"])
        interaction.follow_up(body)
        self.world._note_pings(body)
        return self.world._message(interaction.channel_id, body)

    def _edit_original(self, request: web.Request, body: Any) -> Json:
        interaction = self.gateway.people.interaction(request.match_info["token"])
        interaction.say(body)
        self.world._note_pings(body)
        return self.world._message(interaction.channel_id, body)

    def _original(self, request: web.Request, body: Any) -> Json:
        interaction = self.gateway.people.interaction(request.match_info["token"])
        return self.world._message(interaction.channel_id, interaction.final or {})


_PAGE = {"after": 0, "before": 0, "limit": 50}


def _expire(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()


def _break(request: web.Request) -> None:
    """The connection is reset without an answer."""
    if request.transport is not None:
        request.transport.abort()
