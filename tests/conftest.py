"""What holds for all tests: hypothesis watches no clock, sites serve, and databases of both kinds are at hand."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.real import postgres
from tests.serving import Serve, serving

# A law is not broken by a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.real))


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """PostgreSQL, one server a worker; where it is not installed the test skips, or fails when it must not skip."""
    if why := postgres.missing():
        (pytest.fail if os.environ.get("PULLQUOTE_REQUIRE_REAL") == "1" else pytest.skip)(why)
    with postgres.running() as one:
        yield one


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of the test's own, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield file_in(tmp_path)
        return
    with request.getfixturevalue("server").database() as url:
        yield url


@pytest.fixture(params=BOTH)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The same, before the first start made tables in it."""
    if request.param == "sqlite":
        yield file_in(tmp_path)
        return
    with request.getfixturevalue("server").empty_database() as url:
        yield url


def file_in(folder: Path) -> str:
    """The URL of an SQLite database there."""
    return f"sqlite:///{folder / 'pullquote.db'}"


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with serving() as start:
        yield start
