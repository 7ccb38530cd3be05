"""The two real databases of the suite: SQLite files, and a PostgreSQL server that the suite starts for itself."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from data_access.engine import migrate, open_engine
from tests.waiting import eventually

_INSTALLED = Path("/usr/lib/postgresql")
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=60")


def postgres_programs() -> Path:
    """Where initdb and postgres lie. None installed: the test skips at a desk and fails in CI."""
    on_path = shutil.which("initdb")
    found = [Path(on_path).parent] if on_path else sorted(_INSTALLED.glob("*/bin"), key=_release)
    if not found:
        message = "PostgreSQL is not installed: run `make test`, or install the package postgresql"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return found[-1]


def _release(folder: Path) -> int:
    return int(folder.parent.name)


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then it runs as its own user, or as nobody."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


@contextmanager
def postgres_server() -> Iterator[str]:
    """A fresh server on a private socket; yields the address of its empty database."""
    programs = postgres_programs()
    user = _unprivileged()
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    with tempfile.TemporaryDirectory(prefix="cwpg") as folder:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        data = Path(folder) / "data"
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "citywall", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            **identity,
        )
        options = [part for option in _FAST for part in ("-c", option)]
        server = subprocess.Popen(
            [*_dies_with_us(), programs / "postgres", "-D", data, "-k", folder, *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            **identity,
        )
        try:
            url = f"postgresql://citywall@/postgres?host={folder}"
            eventually(lambda: _answers(url), within=30)
            yield url
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=20)


def _dies_with_us() -> list[str]:
    """Lets the kernel end the server when the suite is killed, where the tool for it is there."""
    return ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def postgres_database(url: str, name: str, *, migrated: bool) -> Iterator[str]:
    """A database of its own, dropped afterwards: for tests that change tables, triggers or settings."""
    _administer(url, f"CREATE DATABASE {name}")
    made = database_at(url, name)
    try:
        if migrated:
            engine = open_engine(made)
            migrate(engine)
            engine.dispose()
        yield made
    finally:
        _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


def emptied(connection: psycopg.Connection) -> None:
    """Empty every table that has rows, the journal's guard lifted meanwhile; waits a moment for a test's leftovers."""
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET lock_timeout = '10s'")
    named = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    tables = [name for (name,) in named if name != "alembic_version"]
    asked = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables)
    if full := [name for (name,) in connection.execute(asked).fetchall()]:
        connection.execute(f"TRUNCATE {', '.join(full)} RESTART IDENTITY CASCADE")


def database_at(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def _administer(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
