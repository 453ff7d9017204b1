"""What the bot says to sites that ask who reads: user names and passwords, from a file of the operator's.

["https://intranet.example/news/"]
user = "pullquote"
password = "abcd EFGH 1234 ijkl MNOP 6789"   # or password_file = "a file beside this one"
"""

from __future__ import annotations

import re
import stat
import tomllib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from yarl import URL

from bot.errors import SettingsError

KEYS = frozenset({"user", "password", "password_file"})
_PLACE = re.compile(r"\(at [\w ,]+\)")


@dataclass(frozen=True, slots=True)
class Credentials:
    """An `Authorization` header for each origin and path under which it is sent; nothing of it is ever shown."""

    _headers: Mapping[URL, str] = field(default_factory=dict, repr=False)

    def __bool__(self) -> bool:
        return bool(self._headers)

    def header(self, url: URL) -> str:
        """What is sent to the URL, by the longest path that it is under; "" where nothing is."""
        fitting = [prefix for prefix in self._headers if _is_under(url, prefix)]
        return self._headers[max(fitting, key=lambda prefix: len(prefix.path))] if fitting else ""


def basic(user: str, password: str) -> str:
    """What HTTP's basic authentication writes into the header."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def load(file: Path, *, insecure: bool = False) -> Credentials:
    """What stands in the file; `insecure`: http will do where it says so. SettingsError names the entry, no secret."""
    try:
        entries = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{file} is no text in UTF-8.") from None
    except tomllib.TOMLDecodeError as error:  # its own words may quote what stands there
        where = _PLACE.search(str(error))
        raise SettingsError(f"{file} is no TOML{f' {where[0]}' if where else ''}.") from None
    return Credentials({_prefix(file, url, insecure): _header(file, url, entry) for url, entry in entries.items()})


def exposed(file: Path) -> Iterator[Path]:
    """The files with passwords that every user of this machine may read: this one and those it names."""
    try:
        entries = tomllib.loads(file.read_text("utf-8"))
        named = [entry["password_file"] for entry in entries.values() if "password_file" in entry]
        for one in dict.fromkeys([file, *(file.parent / name for name in named)]):
            if one.stat().st_mode & stat.S_IROTH:
                yield one
    except (OSError, ValueError, TypeError):
        return  # `load` says what is wrong


def _prefix(file: Path, text: str, insecure: bool) -> URL:
    try:
        url = URL(text)
        plain = url.scheme in {"http", "https"} and url.host and url.port and url.raw_user is url.raw_password is None
    except ValueError:
        plain = False
    if not plain or url.query_string or url.fragment:
        raise SettingsError(
            f'{file}: write each entry like ["https://a-publication.example/"]; {_named(text)} is none.'
        )
    if url.scheme != "https" and not insecure:
        raise SettingsError(
            f"{file}: {_named(text)} would send a password in the clear; write https, or set "
            "PULLQUOTE_ALLOW_PRIVATE_NETWORKS=true for an intranet."
        )
    return url


def _header(file: Path, text: str, entry: Any) -> str:
    where = f"{file}: {_named(text)}"
    if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
        raise SettingsError(f"{where} needs a user and a password, both in quotation marks.")
    if entry.keys() - KEYS:
        raise SettingsError(f"{where} has an entry that is none of {', '.join(sorted(KEYS))}.")
    if "user" not in entry or ("password" in entry) == ("password_file" in entry):
        raise SettingsError(f"{where} needs a user, and either a password or a password_file.")
    user, password = entry["user"], entry["password"] if "password" in entry else _read(file, entry["password_file"])
    if not user or not password or ":" in user or not (user + password).isprintable():
        raise SettingsError(
            f"{where} has a user or a password that no server can take: empty, or of strange characters."
        )
    return basic(user, password)


def _read(file: Path, name: str) -> str:
    try:
        return (file.parent / name).read_text("utf-8").strip("\r\n")
    except OSError as error:
        raise SettingsError(f"{file.parent / name} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise SettingsError(f"{file.parent / name} is no text in UTF-8.") from None


def _named(text: str) -> str:
    """An entry's address without what may be a password in it."""
    return re.sub(r"//[^/]*@", "//…@", text)[:200]


def _is_under(url: URL, prefix: URL) -> bool:
    path, folder = unquote(url.path), prefix.path.rstrip("/")
    if any(
        getattr(url, part) != getattr(prefix, part) for part in ("scheme", "raw_host", "port")
    ) or ".." in path.split("/"):
        return False
    return path == folder or path.startswith(f"{folder}/")
