"""Opening the database and bringing its schema up to date: SQLite (WAL) or PostgreSQL, the same code on both.

`open_engine` translates every foreign database error into `errors.StoreError`, whoever uses the engine.
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError

from data_access.errors import StoreError, StoreNewer, StoreUnreachable, translate
from runtime.backoff import pauses

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another one before it says so."""

_WAL_PAUSES_SECONDS = (0.01, 0.02, 0.05, 0.1)

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x4357_4D49
_JOURNAL_LOCK = 0x4357_4A4F
_POSTGRES_DRIVER = "postgresql+psycopg"
_OPTIONS: dict[str, Any] = {"pool_size": 16, "max_overflow": 16, "hide_parameters": True}
_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA synchronous=NORMAL",  # safe against a crash of ours; a power cut may take the last commits, never the file
    "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)


def open_engine(url: str) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql://…``; nothing is opened until it is used.

    Its errors never repeat the values of a statement: they may be camera passwords or people's phones.

    Raises:
        StoreUnreachable: the address is not one of the two forms.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreUnreachable(
            "CITYWALL_DATABASE_URL is no database address; write postgresql://user@host/name"
        ) from error
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername=_POSTGRES_DRIVER)
        engine = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": 10}, **_OPTIONS)
        event.listen(engine, "connect", _prepare_postgres)
    elif parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, **_OPTIONS)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        raise StoreUnreachable(f"{parsed.get_backend_name()} is no database we know; use postgresql:// or sqlite:///")
    event.listen(engine, "handle_error", _translate_error)
    return engine


def is_sqlite(bound: Engine | Connection) -> bool:
    return bound.dialect.name == "sqlite"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that is going to write: commits at the end, rolls back on an exception.

    On SQLite it takes the one write lock at once, so that what it reads first is still true when it writes.
    """
    with engine.connect().execution_options(citywall_write=True) as connection, connection.begin():
        yield connection


def roll_back(connection: Connection) -> None:
    """Undo what the open `writing` did so far, and end it."""
    transaction = connection.get_transaction()
    if transaction is not None:
        transaction.rollback()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one and the same state of the database from its first to its last question."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def take_turn(connection: Connection) -> None:
    """Wait until no other transaction is adding to the journal: its entries are then numbered in order of commit.

    SQLite has one writer anyway.
    """
    if not is_sqlite(connection):
        connection.execute(select(func.pg_advisory_xact_lock(_JOURNAL_LOCK)))


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision; does nothing when it is there. Two starters wait for each other.

    Raises:
        StoreNewer: the database was made by a newer program.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with writing(engine) as connection:
        if not is_sqlite(connection):
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreNewer(_newer_text(config, error)) from error


def _newer_text(config: Config, error: CommandError) -> str:
    head = ScriptDirectory.from_config(config).get_current_head()
    return (
        f"The database has a schema this program does not know (it knows up to {head}): {error}. "
        "Start the newer CityWall that made it, or restore a backup made by this version."
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite, not by the driver
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """Set the file's journal mode, once in its life. SQLite does not wait its turn for this one: we do, as long."""
    waits = pauses(_WAL_PAUSES_SECONDS, jitter=0.5, rng=random.SystemRandom())
    left = BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            pause = next(waits)
            left -= pause
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or left < 0:
                raise
            time.sleep(pause)


def _prepare_postgres(connection: Any, _record: object) -> None:
    connection.execute(f"SET lock_timeout = {BUSY_TIMEOUT_MS}")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("citywall_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _translate_error(context: ExceptionContext) -> StoreError | None:
    return translate(context.original_exception)
