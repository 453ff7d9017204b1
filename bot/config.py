"""The environment and `.env` → frozen settings. Every setting has one line of help; secrets are never printed."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict
from yarl import URL

from bot.errors import SettingsError

PREFIX = "PULLQUOTE_"
ENV_FILE = ".env"

Model = TypeVar("Model", bound=BaseSettings)


class Settings(BaseSettings):
    """What the core needs to know; each adapter declares its own settings beside it."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True, env_ignore_empty=True)

    data_dir: Path = Field(Path("data"), description="Folder for the database and what belongs to it")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite, pullquote.db in the data folder")
    poll_interval: float = Field(60, gt=0, description="Seconds between two looks at a site, at least")
    poll_interval_longest: float = Field(
        300, gt=0, description="Seconds between two looks at most, at a site that publishes seldom"
    )
    allow_private_networks: bool = Field(
        False,
        description="Let site URLs lead to private and loopback addresses (an intranet's WordPress); "
        "then only who manages a channel can look up what is not followed there",
    )
    user_agent: str = Field(
        "Pullquote/0.1 (self-hosted reader of WordPress sites)",
        description="How the bot names itself to the sites it reads; put a contact of yours here",
    )
    deny: str = Field("", description="Hosts that are never read, nor what is below them, comma separated")
    proxy: SecretStr = Field(
        SecretStr(""),
        description="http or https URL of a proxy through which all sites are read, with user and password where it "
        "wants them; where a host's name leads is then the proxy's business: let it refuse private addresses",
    )
    credentials_file: Path | None = Field(
        None,
        description="File of user names and passwords for sites that want them (see the README); what they show is "
        "then read for every channel that follows them, and who manages no channel looks up only what is followed",
    )
    language: Literal["en", "zh-CN", "de"] = Field(
        "en", description="Language of the bot's own words where a channel chose none: en, zh-CN, de"
    )
    public_url: str = Field(
        "",
        description="Where sites reach this bot, for example https://bot.example/pullquote, so that they can tell it "
        "when they publish; empty: they cannot",
    )
    listen: str = Field(
        "127.0.0.1:8765",
        description="Address and port at which the bot takes what comes to its public URL, from a reverse proxy",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is worth a log line")
    log_format: Literal["text", "json"] = Field("text", description="Log lines for people or for machines")

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("deny")
    @classmethod
    def _is_hosts(cls, value: str) -> str:
        for entry in _entries(value):
            if not _host(entry):
                raise ValueError(f"{entry!r} is no host; write for example news.example, other.example")
        return value

    @field_validator("proxy")
    @classmethod
    def _is_proxy(cls, value: SecretStr) -> SecretStr:
        try:
            url = URL(value.get_secret_value())
            whole = url.scheme in {"http", "https"} and url.host and url.port and url.path in {"", "/"}
        except ValueError:
            whole = None
        if value and not whole:
            raise ValueError("write for example http://user:password@proxy.example:3128")
        return value

    @property
    def denied(self) -> frozenset[str]:
        """The hosts of `deny`, as URLs write them."""
        return frozenset(map(_host, _entries(self.deny)))

    @property
    def anonymous(self) -> bool:
        """Whether the bot's name tells sites nobody to turn to."""
        return bool(self.user_agent == type(self).model_fields["user_agent"].default)

    @field_validator("public_url")
    @classmethod
    def _is_public_url(cls, value: str) -> str:
        parts = urlsplit(value)
        plain = parts.scheme in {"http", "https"} and parts.hostname and not parts.query and not parts.fragment
        if value and (not plain or "@" in parts.netloc):
            raise ValueError("write for example https://bot.example/pullquote")
        return value.rstrip("/")

    @field_validator("listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        parts = urlsplit(f"//{value}")
        if not parts.hostname or parts.port is None or parts.netloc != value or "@" in value:
            raise ValueError("write an address and a port, for example 127.0.0.1:8765")
        return value

    @property
    def listen_at(self) -> tuple[str, int]:
        """Host and port of `listen`."""
        parts = urlsplit(f"//{self.listen}")
        return parts.hostname or "", parts.port or 0

    @property
    def sqlalchemy_url(self) -> str:
        """Where the database is."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'pullquote.db').resolve()}"


def _entries(text: str) -> list[str]:
    return [entry for entry in map(str.strip, text.split(",")) if entry]


def _host(entry: str) -> str:
    """A host's name as URLs write it; "" for what is none."""
    try:
        url = URL(f"http://{entry.removeprefix('*.').strip('.')}")
    except ValueError:
        return ""
    alone = url.explicit_port is None and "@" not in url.raw_authority
    return url.raw_host or "" if alone and not re.search(r"[\s/?#%]", entry) else ""


def read(model: type[Model], env_file: str | Path | None = ENV_FILE) -> Model:
    """The settings of the environment, then of `env_file`; SettingsError names each wrong value."""
    try:
        return model(_env_file=env_file)
    except ValidationError as error:
        prefix = model.model_config.get("env_prefix", "")
        wrong = "\n".join(_complaint(prefix, dict(problem)) for problem in error.errors(include_input=False))
        raise SettingsError(
            f"{wrong}\nMend the environment or {env_file}; `pullquote env` prints all settings."
        ) from None


def _complaint(prefix: str, problem: Mapping[str, Any]) -> str:
    name = prefix + "_".join(str(part) for part in problem["loc"]).upper()
    return f"{name}: {problem['msg'][0].lower()}{problem['msg'][1:]}."


def names(env_file: str | Path | None = ENV_FILE) -> set[str]:
    """The names of all PULLQUOTE_ settings that are given, in the environment or the file, and are not empty."""
    given = {name: value for name, value in os.environ.items() if name.upper().startswith(PREFIX)}
    if env_file and Path(env_file).is_file():
        from dotenv import dotenv_values

        given |= {
            name: value or "" for name, value in dotenv_values(env_file).items() if name.upper().startswith(PREFIX)
        }
    return {name.upper() for name, value in given.items() if value}


def unknown(given: Iterable[str], models: Iterable[type[BaseSettings]]) -> list[str]:
    """One sentence for each given name that no model reads, with the nearest one that is."""
    known = {name for model in models for name, _ in fields(model)}
    sentences = []
    for name in sorted(set(given) - known):
        near = difflib.get_close_matches(name, known, 1)
        sentences.append(f"{name} is no setting of Pullquote" + (f"; did you mean {near[0]}?" if near else "."))
    return sentences


def fields(model: type[BaseSettings]) -> list[tuple[str, FieldInfo]]:
    """The names that a model reads from the environment, with what is said of them."""
    prefix = model.model_config.get("env_prefix", "")
    return [(prefix + name.upper(), field) for name, field in model.model_fields.items()]


def default_text(field: FieldInfo) -> str:
    """A field's default as it would be written in `.env`; "" where there is none."""
    value = field.get_default()
    if value is None or isinstance(value, SecretStr):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def env_example(models: Iterable[type[BaseSettings]]) -> str:
    """The text of `.env.example`: each setting with its line of help and its default, commented out."""
    parts = ["# Pullquote's settings. Copy this file to .env and take away the # of what you set.\n"]
    for model in models:
        parts += [f"# {field.description}\n#{name}={default_text(field)}\n" for name, field in fields(model)]
    return "\n".join(parts)
