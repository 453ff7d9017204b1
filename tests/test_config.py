"""Settings: what is wrong is named with what was expected, secrets are never printed, typing errors are noticed."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot import config
from bot.errors import SettingsError


class Platform(BaseSettings):
    """As an adapter declares its settings."""

    model_config = SettingsConfigDict(env_prefix="PULLQUOTE_MODEL_", extra="ignore", frozen=True)
    token: SecretStr = Field(description="The secret", min_length=20)


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PULLQUOTE_POLL_INTERVAL=5\nPULLQUOTE_LOG_LEVEL=DEBUG\n")
    monkeypatch.setenv("PULLQUOTE_POLL_INTERVAL", "2.5")
    settings = config.read(config.Settings, file)
    assert (settings.poll_interval, settings.log_level) == (2.5, "debug")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PULLQUOTE_POLL_INTERVAL", "often", "number"),
        ("PULLQUOTE_POLL_INTERVAL", "0", "greater than 0"),
        ("PULLQUOTE_LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("PULLQUOTE_ALLOW_PRIVATE_NETWORKS", "perhaps", "boolean"),
        ("PULLQUOTE_DENY", "a.example, https://b.example/", "'https://b.example/' is no host"),
        ("PULLQUOTE_DENY", "a b", "is no host"),
        ("PULLQUOTE_DENY", "a.example:8080", "is no host"),
        ("PULLQUOTE_PROXY", "proxy.example", "http://user:password@proxy.example:3128"),
        ("PULLQUOTE_PROXY", "socks5://proxy.example:1", "http://user:password@proxy.example:3128"),
        ("PULLQUOTE_PUBLIC_URL", "bot.example/pullquote", "https://bot.example/pullquote"),
        ("PULLQUOTE_PUBLIC_URL", "https://user:secret@bot.example", "https://bot.example/pullquote"),
        ("PULLQUOTE_PUBLIC_URL", "https://bot.example/?a=b", "https://bot.example/pullquote"),
        ("PULLQUOTE_LISTEN", "8765", "an address and a port"),
        ("PULLQUOTE_LISTEN", "127.0.0.1", "an address and a port"),
        ("PULLQUOTE_LISTEN", "127.0.0.1:port", "Port could not be cast"),
    ],
)
def test_a_wrong_value_is_named_with_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name) as error:
        config.read(config.Settings, None)
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("listen", "where"), [("127.0.0.1:8765", ("127.0.0.1", 8765)), ("[::1]:80", ("::1", 80)), ("web:0", ("web", 0))]
)
def test_where_to_listen_is_an_address_and_a_port(
    monkeypatch: pytest.MonkeyPatch, listen: str, where: tuple[str, int]
) -> None:
    monkeypatch.setenv("PULLQUOTE_LISTEN", listen)
    assert config.read(config.Settings, None).listen_at == where


def test_a_wrong_secret_is_named_and_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_MODEL_TOKEN", "hunter2")
    with pytest.raises(SettingsError, match="PULLQUOTE_MODEL_TOKEN") as error:
        config.read(Platform, None)
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None


def test_a_proxys_password_is_in_no_error_and_not_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_PROXY", "ftp://user:hunter2@proxy.example:1")
    with pytest.raises(SettingsError) as error:
        config.read(config.Settings, None)
    monkeypatch.setenv("PULLQUOTE_PROXY", "http://user:hunter2@proxy.example:1")
    assert "hunter2" not in f"{error.value} {config.read(config.Settings, None)!r}"


def test_denied_hosts_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULLQUOTE_DENY", "Ä.example, *.B.example,.c.example ,")
    assert config.read(config.Settings, None).denied == {"xn--4ca.example", "b.example", "c.example"}


def test_a_misspelt_setting_is_noticed() -> None:
    [said] = config.unknown({"PULLQUOTE_POL_INTERVAL", "PULLQUOTE_DATA_DIR"}, [config.Settings])
    assert said == "PULLQUOTE_POL_INTERVAL is no setting of Pullquote; did you mean PULLQUOTE_POLL_INTERVAL?"


def test_every_setting_has_a_line_of_help() -> None:
    assert [name for name, field in config.fields(config.Settings) if not field.description] == []


def test_the_example_file_read_back_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(config.env_example([config.Settings]).replace("\n#PULLQUOTE", "\nPULLQUOTE"))
    assert config.read(config.Settings, file) == config.read(config.Settings, None)
