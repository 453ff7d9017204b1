"""A headless Chromium, spoken to over its DevTools protocol: opens a page, answers what it asks for, takes pictures."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-background-networking"]
LOADED = "document.readyState == 'complete' || new Promise(done => addEventListener('load', done))"


class Tab:
    """One page in the browser. Instead of a network there is `answer`, which gives an SVG for a URL."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, answer: Callable[[str], str]) -> None:
        self._socket, self._answer = socket, answer
        self._session, self._sent = "", 0

    async def open(self, page: Path, *, width: int, scale: float) -> None:
        """Show a file, `width` CSS pixels wide, at `scale` pixels to each, until all of it has loaded."""
        if not self._session:
            target = await self._call("Target.createTarget", url="about:blank")
            session = await self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
            self._session = session["sessionId"]
            await self._call("Fetch.enable", patterns=[{"urlPattern": "http*"}])
        size = {"width": width, "height": 800, "deviceScaleFactor": scale, "mobile": False}
        await self._call("Emulation.setDeviceMetricsOverride", **size)
        await self._call("Page.navigate", url=page.as_uri())
        await self.ask(LOADED)

    async def ask(self, expression: str) -> Any:
        """What a JavaScript expression comes to, as JSON knows it."""
        answer = await self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"]["description"])
        return answer["result"].get("value")

    async def picture(self, clip: dict[str, float]) -> bytes:
        """The PNG of a part of the page: x, y, width and height in CSS pixels."""
        shot = await self._call("Page.captureScreenshot", clip={**clip, "scale": 1}, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    async def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = await self._send(method, parameters)
        while True:
            message = await self._socket.receive_json()
            if message.get("method") == "Fetch.requestPaused":
                await self._fulfil(message["params"])
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return dict(message["result"])

    async def _send(self, method: str, parameters: dict[str, Any]) -> int:
        self._sent += 1
        session = {"sessionId": self._session} if self._session else {}
        await self._socket.send_json({"id": self._sent, "method": method, "params": parameters, **session})
        return self._sent

    async def _fulfil(self, paused: dict[str, Any]) -> None:
        body = base64.b64encode(self._answer(paused["request"]["url"]).encode()).decode()
        answer = {"requestId": paused["requestId"], "responseCode": 200, "body": body}
        await self._send(
            "Fetch.fulfillRequest", {**answer, "responseHeaders": [{"name": "content-type", "value": "image/svg+xml"}]}
        )


@asynccontextmanager
async def tab(answer: Callable[[str], str]) -> AsyncIterator[Tab]:
    """A tab of a Chromium of its own, which ends with it."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not installed, so nothing can be drawn")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [chromium, *OPTIONS, "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
        process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
        try:
            address = await _address(process)
            async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
                yield Tab(socket, answer)
        finally:
            process.terminate()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if found := re.search(rb"DevTools listening on (ws://\S+)", line):
            return found[1].decode()
    sys.exit("chromium ended before it could be spoken to")
