"""Answers of real WordPress, recorded beside the checkout; where they are absent a test that asks for one skips."""

from __future__ import annotations

from pathlib import Path

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from bot.fetch import Response

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "wordpress-samples"


def recorded(version: str, name: str) -> Response:
    """One recorded answer, with the URL it was asked for."""
    folder = SAMPLES / version
    if not (folder / "INDEX.txt").exists():
        pytest.skip("no recorded answers of WordPress here (../shared/wordpress-samples)")
    line = next(line for line in (folder / "INDEX.txt").read_text().splitlines() if line.split()[0] == name)
    url = next(word for word in line.split() if word.startswith("http"))
    status, headers = 0, CIMultiDict[str]()
    for row in (folder / f"{name}.headers").read_text().splitlines():
        if row.startswith("HTTP/"):
            status, headers = int(row.split()[1]), CIMultiDict[str]()
        elif ":" in row:
            key, _, value = row.partition(":")
            headers.add(key, value.strip())
    body = folder / f"{name}.body"
    return Response(url, status, CIMultiDictProxy(headers), body.read_bytes() if body.exists() else b"")


def page_of(body: bytes, url: str = "https://example.com/blog/", content_type: str = "text/html") -> Response:
    """An answer made up of its body."""
    return Response(url, 200, CIMultiDictProxy(CIMultiDict({"Content-Type": content_type})), body)
