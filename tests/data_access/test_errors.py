from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, text

from data_access.engine import open_engine, take_turn, writing
from data_access.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreUnreachable, translate


def _fill(connection: Connection) -> None:
    for number in range(1000):
        connection.execute(text("INSERT INTO case_numbers VALUES (:day, 1)"), {"day": f"{number}" * 500})


def _filled(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={_pages(connection) + 2}")
        _fill(connection)


def _pages(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


def test_a_full_disk_is_named_and_nothing_is_half_written(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    with pytest.raises(StoreFull, match="Free space"):
        _filled(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM case_numbers")).scalar() == 0
    engine.dispose()


@pytest.fixture
def server(shared_postgres: tuple[str, psycopg.Connection]) -> Iterator[Engine]:
    """An engine on the suite's PostgreSQL."""
    engine = open_engine(shared_postgres[0])
    yield engine
    engine.dispose()


def _in_a_transaction(engine: Engine, deed: Callable[[Connection], None]) -> None:
    with writing(engine) as connection:
        deed(connection)


def _hang_up(connection: Connection) -> None:
    connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def _write_where_only_reading_is_allowed(connection: Connection) -> None:
    connection.execute(text("SET TRANSACTION READ ONLY"))
    connection.execute(text("INSERT INTO case_numbers VALUES ('x', 1)"))


def _wait_for_a_turn_that_never_comes(connection: Connection) -> None:
    connection.execute(text("SET LOCAL lock_timeout = 1"))
    take_turn(connection)


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("deed", "kind", "fix"),
    [
        (_hang_up, StoreUnreachable, "CITYWALL_DATABASE_URL"),
        (_write_where_only_reading_is_allowed, StoreReadOnly, "right to write"),
    ],
)
def test_a_servers_failure_is_told_with_the_fix(
    server: Engine, deed: Callable[[Connection], None], kind: type[StoreError], fix: str
) -> None:
    with pytest.raises(kind, match=fix):
        _in_a_transaction(server, deed)


@pytest.mark.postgres
def test_the_hall_goes_on_after_the_server_hung_up(server: Engine) -> None:
    with pytest.raises(StoreUnreachable):
        _in_a_transaction(server, _hang_up)
    with server.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


@pytest.mark.postgres
def test_waiting_for_a_turn_has_an_end(server: Engine) -> None:
    with writing(server) as busy:
        take_turn(busy)
        with pytest.raises(StoreBusy, match="Another program"):
            _in_a_transaction(server, _wait_for_a_turn_that_never_comes)


@pytest.mark.postgres
def test_no_wait_for_a_lock_is_endless(server: Engine) -> None:
    with server.connect() as connection:
        assert connection.execute(text("SHOW lock_timeout")).scalar() == "15s"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("database or disk is full", StoreFull),
        ('could not extend file "base/1/2": No space left on device', StoreFull),
        ("attempt to write a readonly database", StoreReadOnly),
        ("connection to server at 10.0.0.5 failed: Connection refused", StoreUnreachable),
        ("deadlock detected", StoreBusy),
    ],
)
def test_what_a_database_says_is_kept_behind_our_advice(said: str, kind: type[StoreError]) -> None:
    ours = translate(OSError(said))
    assert type(ours) is kind
    assert said in str(ours)


def test_a_fault_of_our_own_is_not_dressed_up() -> None:
    assert translate(ValueError("no such column: cases.lattitude")) is None
