"""The embedded server as the hall runs it: a supervised role on a private socket."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis

from runtime.clock import SystemClock
from runtime.embedded_valkey import EmbeddedValkey, ValkeyInTheWay, embedded_valkey
from runtime.supervision import RoleState, RoleStatus, Supervisor
from tests.waiting import eventually_async


@asynccontextmanager
async def running(server: EmbeddedValkey) -> AsyncIterator[list[RoleStatus]]:
    """The server under the supervisor; what was told about it is handed out."""
    told: list[RoleStatus] = []
    stop = asyncio.Event()
    server.prepare()
    supervisor = Supervisor(
        [server.role()], clock=SystemClock(), rng=random.Random(1), on_status=told.append, pauses_seconds=(0.01,)
    )
    task = asyncio.create_task(supervisor.run(stop))
    try:
        await until(lambda: lives(told) >= 1)
        yield told
    finally:
        stop.set()
        await task
        server.clean()


def lives(told: list[RoleStatus]) -> int:
    return sum(status.state is RoleState.RUNNING for status in told)


async def until(ask) -> None:  # type: ignore[no-untyped-def]
    async def asked() -> bool:
        return bool(ask())

    await eventually_async(asked)


@pytest.mark.parametrize("folder", ["var", "a folder with spaces & 中文", "deep" * 30])
async def test_it_serves_on_a_private_socket_and_leaves_none(tmp_path: Path, folder: str) -> None:
    server = embedded_valkey(tmp_path / folder)
    async with running(server):
        with redis.Redis.from_url(server.url) as client:
            assert client.set("word", "到")
            assert client.info("server")["tcp_port"] == 0
        assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    assert not server.socket.exists()
    assert not list(server.folder.glob("*.rdb")) + list(server.folder.glob("*.aof"))


async def test_a_killed_server_comes_back_on_the_same_socket(tmp_path: Path) -> None:
    server = embedded_valkey(tmp_path)
    async with running(server) as told:
        os.kill(next(status.pid for status in told if status.pid), signal.SIGKILL)
        await until(lambda: lives(told) >= 2)
        assert server.answers()


def test_every_process_comes_to_the_same_address_from_the_data_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("deep" * 30)
    first = embedded_valkey(long)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert embedded_valkey(long) == first
    assert len(os.fsencode(first.socket)) <= 100
    assert embedded_valkey(tmp_path / ("deeq" * 30)).socket != first.socket


def test_a_socket_left_behind_is_removed(tmp_path: Path) -> None:
    server = embedded_valkey(tmp_path)
    server.socket.parent.mkdir()
    server.socket.touch()
    server.prepare()
    assert not server.socket.exists()


async def test_a_server_that_answers_already_is_not_taken_over(tmp_path: Path) -> None:
    server = embedded_valkey(tmp_path)
    async with running(server):
        with pytest.raises(ValkeyInTheWay, match="already answers"):
            server.prepare()
        assert server.answers()


def test_a_socket_folder_of_somebody_else_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "theirs").symlink_to(tmp_path / "mine")
    server = EmbeddedValkey(tmp_path / "valkey", tmp_path / "theirs" / "valkey.sock")
    with pytest.raises(ValkeyInTheWay, match="belongs to somebody else"):
        server.prepare()
