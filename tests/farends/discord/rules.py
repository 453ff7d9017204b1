"""What Discord refuses to take: its published description, and the limits that description misses."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.farends.discord.basics import Json

DESCRIPTION = Path(__file__).parents[3] / "../shared/discord/openapi.json"
JSON_TYPE = "application/json"


def violations(method: str, path: str, body: Any) -> list[str]:
    """What is wrong with a request's body; empty when Discord would take it."""
    found = [*_against_description(method, path, body)]
    if method == "PUT" and path.endswith("/commands"):
        found += [wrong for command in body for wrong in _command(command)]
    if isinstance(body, dict):
        data = body.get("data") if path.endswith("/callback") else body.get("message", body)
        found += _against_known_limits(data or {})
    return found


def prepare() -> None:
    """Read Discord's description now: in the midst of a second in which requests are counted it takes too long."""
    button = {"type": 2, "style": 5, "label": "l", "url": "https://a.example"}
    embed = {"title": "t", "url": "https://a.example", "image": {"url": "https://a.example"}, "footer": {"text": "f"}}
    rows = [{"type": 1, "components": [button]}]
    violations("POST", "/channels/1/messages", {"embeds": [embed], "components": rows})


def _against_description(method: str, path: str, body: Any) -> Iterator[str]:
    """Bodies that differ in their nonce alone are judged once: the description is long."""
    nonce = body.get("nonce") if isinstance(body, dict) else None
    if isinstance(nonce, str):
        body = {**body, "nonce": ""}
        if len(nonce) > 25:
            yield f"{method} {path}: nonce of {len(nonce)} characters, 25 are allowed"
    for number, (operation, pattern, _validator) in enumerate(_operations()):
        if operation == method and pattern.fullmatch(path):
            yield from (f"{method} {path}: {wrong}" for wrong in _judge(number, json.dumps(body)))
            return


@functools.lru_cache(500)
def _judge(operation: int, body: str) -> tuple[str, ...]:
    validator = _operations()[operation][2]
    return tuple(f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(json.loads(body)))


@functools.cache
def _operations() -> list[tuple[str, re.Pattern[str], Draft202012Validator]]:
    """Every operation with a JSON body; none where the description is not at hand. Literal paths come first."""
    if not DESCRIPTION.exists():
        return []
    document = json.loads(DESCRIPTION.read_text())
    found = []
    for path in sorted(document["paths"], key=lambda path: path.count("{")):
        pattern = re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(path)))
        for method, operation in document["paths"][path].items():
            schema = "requestBody" in operation and operation["requestBody"]["content"].get(JSON_TYPE, {}).get("schema")
            if schema:
                root = {"components": document["components"], **schema}
                found.append((method.upper(), pattern, Draft202012Validator(root)))
    return found


def _against_known_limits(body: Json) -> Iterator[str]:
    content = (body.get("content") or "").strip()
    if len(content) > 2000:
        yield f"content: {len(content)} characters, 2000 are allowed"
    embeds = body.get("embeds") or []
    total = sum(len(text) for embed in embeds for text in _texts(embed))
    if total > 6000:
        yield f"embeds: {total} characters in all, 6000 are allowed"
    if len(embeds) > 10:
        yield f"embeds: {len(embeds)}, 10 are allowed"
    for embed in embeds:
        yield from _embed(embed)
    rows = body.get("components") or []
    if len(rows) > 5 or any(not 1 <= len(row.get("components", [])) <= 5 for row in rows):
        yield "components: more than 5 rows, or a row that is empty or of more than 5 buttons"
    idents = [button["custom_id"] for row in rows for button in row.get("components", []) if "custom_id" in button]
    if len(idents) != len(set(idents)):
        yield "components: two of one custom_id"
    for row in rows:
        for button in row.get("components", []):
            yield from _button(button)


def _command(command: Json) -> Iterator[str]:
    """The sum that counts takes the longest language of each text."""
    total = sum(_longest(part, name) for part in (command, *command["options"]) for name in ("name", "description"))
    choices = [choice for option in command["options"] for choice in option.get("choices", [])]
    total += sum(_longest(choice, "name") + len(str(choice["value"])) for choice in choices)
    if total > 8000:
        yield f"command {command['name']}: {total} characters, 8000 are allowed"
    for part in (command, *command["options"]):
        if not re.fullmatch(r"[-_\w]{1,32}", part["name"]) or part["name"] != part["name"].lower():
            yield f"command: {part['name']!r} is no name"
    required = [option["required"] for option in command["options"]]
    if required != sorted(required, reverse=True):
        yield f"command {command['name']}: an option that is required follows one that is not"


def _longest(part: Json, name: str) -> int:
    return max(len(text) for text in (part[name], *(part.get(f"{name}_localizations") or {}).values()))


def _texts(embed: Json) -> Iterator[str]:
    yield (embed.get("title") or "").strip()
    yield (embed.get("description") or "").strip()
    yield ((embed.get("footer") or {}).get("text") or "").strip()
    yield ((embed.get("author") or {}).get("name") or "").strip()
    for item in embed.get("fields") or []:
        yield item["name"].strip()
        yield item["value"].strip()


def _embed(embed: Json) -> Iterator[str]:
    if not any(_texts(embed)) and not embed.get("image"):
        yield "embed: empty"
    for name, limit in (("title", 256), ("description", 4096)):
        if len((embed.get(name) or "").strip()) > limit:
            yield f"embed.{name}: longer than {limit}"
    for item in embed.get("fields") or []:
        if not item["name"].strip() or not item["value"].strip():
            yield "embed.fields: a name or value is empty"
    image, footer, author = (embed.get(name) or {} for name in ("image", "footer", "author"))
    if len((author.get("name") or "").strip()) > 256 or len((footer.get("text") or "").strip()) > 2048:
        yield "embed: author or footer is too long"
    for url in (embed.get("url"), image.get("url"), author.get("url")):
        if url is not None and not _is_url(url, 2048):
            yield f"embed: {url[:80]!r} is no URL"


def _button(button: Json) -> Iterator[str]:
    if button.get("style") == 5 and (not _is_url(button.get("url") or "", 512) or "custom_id" in button):
        yield "button: a link button needs a URL of at most 512 characters and no custom_id"
    if button.get("style") != 5 and not 1 <= len(button.get("custom_id") or "") <= 100:
        yield "button: a custom_id of 1 to 100 characters is needed"
    if not (button.get("label") or "").strip() and not button.get("emoji"):
        yield "button: neither label nor emoji"
    if len(button.get("label") or "") > 80:
        yield "button: label longer than 80"


def _is_url(url: str, limit: int) -> bool:
    return len(url) <= limit and re.fullmatch(r"https?://[^\s/<>\"]+(/[^\s<>\"]*|\?\S*|#\S*)?", url) is not None
