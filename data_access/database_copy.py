"""A database as one file and back: SQLite by its own online copy, PostgreSQL by its own `pg_dump` and `pg_restore`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, inspect, make_url

from data_access.engine import open_engine
from data_access.errors import BackupError, translate

INSTALLED = Path("/usr/lib/postgresql")


def copy_out(url: str, file: Path) -> None:
    """Write a copy of the database as it is at one moment; the hall may go on working.

    Raises:
        BackupError: the tool is missing, or refused.
        StoreError: the database cannot be read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _copy_sqlite(Path(parsed.database or ""), file)
    else:
        _run("pg_dump", parsed, "--format=custom", "--no-owner", f"--file={file}")


def copy_in(url: str, file: Path) -> None:
    """Bring such a copy into an empty database: all of it or nothing.

    Raises:
        BackupError: the database is not empty, the tool is missing, or refused.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        shutil.copyfile(file, parsed.database or "")
        return
    engine = open_engine(url)
    try:
        full = inspect(engine).has_table("alembic_version")
    finally:
        engine.dispose()
    if full:
        raise BackupError("The database named by CITYWALL_DATABASE_URL holds a hall already. Name an empty one.")
    database = f"--dbname={parsed.database}"
    _run("pg_restore", parsed, "--exit-on-error", "--single-transaction", "--no-owner", database, str(file))


def _copy_sqlite(source: Path, file: Path) -> None:
    if not source.is_file():
        raise BackupError(f"There is no database at {source}, so there is nothing to copy yet.")
    try:
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(file)) as copy:
            original.backup(copy)
    except sqlite3.Error as error:
        raise translate(error) or BackupError(f"{source} cannot be copied: {error}") from error


def _run(name: str, url: URL, *arguments: str) -> None:
    """Run a tool of PostgreSQL. Names and password travel in the environment, where no process list shows them."""
    environment = os.environ | _connection(url)
    done = subprocess.run([_tool(name), *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupError(f"{name} refused: {done.stderr.strip() or 'without a word'}")


def _connection(url: URL) -> dict[str, str]:
    known = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port or url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    return {name: str(value) for name, value in known.items() if value is not None}


def _tool(name: str) -> Path:
    on_path = shutil.which(name)
    found = [Path(on_path)] if on_path else sorted(INSTALLED.glob(f"*/bin/{name}"))
    if not found:
        raise BackupError(f"{name} is not installed: install the package postgresql-client of your server's release.")
    return found[-1]
