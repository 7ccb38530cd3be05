from __future__ import annotations

import importlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import IntegrityError

import data_access
from data_access.engine import is_sqlite, migrate, open_engine, writing
from data_access.errors import StoreBusy, StoreDamaged, StoreError, StoreNewer, StoreReadOnly, StoreUnreachable
from data_access.schema import cases, journal, metadata
from domain.case import Case
from tests.databases import postgres_database


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    with postgres_database(request.getfixturevalue("postgres_url"), "bare", migrated=False) as url:
        yield url


def _import_all_tables() -> None:
    for file in Path(data_access.__file__).parent.glob("*_schema.py"):
        importlib.import_module(f"data_access.{file.stem}")


def test_the_migrated_schema_is_the_one_the_code_describes(engine: Engine) -> None:
    _import_all_tables()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_every_case_field_has_a_column_of_its_name() -> None:
    assert {column.name for column in cases.columns} - {"updated_at"} == set(Case.__dataclass_fields__)


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    before = inspect(engine).get_table_names()
    migrate(engine)
    assert inspect(engine).get_table_names() == before


def test_two_starters_migrate_one_database_without_a_clash(bare_url: str) -> None:
    failures: list[BaseException] = []

    def start() -> None:
        engine = open_engine(bare_url)
        try:
            migrate(engine)
        except BaseException as error:  # noqa: BLE001 (shown by the assertion below)
            failures.append(error)
        finally:
            engine.dispose()

    starters = [threading.Thread(target=start) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert failures == []


def test_a_database_of_a_newer_program_is_refused_in_words(bare_url: str) -> None:
    engine = open_engine(bare_url)
    migrate(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreNewer, match="newer CityWall"):
        migrate(engine)
    engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE journal SET reason = 'x'", "DELETE FROM journal"])
def test_the_database_itself_refuses_to_change_the_journal(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        connection.execute(
            journal.insert().values(
                case_no="A1",
                version=1,
                action="report",
                at=0,
                actor="li",
                role="collector",
                reason="",
                changes="{}",
                previous_hash="",
                hash="",
            )
        )
    with pytest.raises(Exception, match="append-only"), writing(engine) as connection:
        connection.execute(text(statement))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT reason FROM journal")).scalars().all() == [""]


def _number_a_day_twice(engine: Engine) -> None:
    with writing(engine) as connection:
        for _ in range(2):
            connection.execute(text("INSERT INTO case_numbers VALUES ('20260101', 1)"))


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(IntegrityError):
        _number_a_day_twice(engine)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM case_numbers")).scalar() == 0


def test_sqlite_writes_ahead_and_checks_foreign_keys(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with engine.connect() as connection:
        assert is_sqlite(connection)
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("address", ["nonsense", "mysql://hall@db/hall", ""])
def test_an_address_of_another_kind_is_refused_in_words(address: str) -> None:
    with pytest.raises(StoreUnreachable, match="postgresql://"):
        open_engine(address)


def _touch(engine: Engine, table: str = "t") -> None:
    try:
        with writing(engine) as connection:
            connection.execute(text(f"CREATE TABLE {table} (x INTEGER)"))
    finally:
        engine.dispose()


def test_a_missing_folder_is_named_as_unreachable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="CITYWALL_DATA_DIR"):
        _touch(open_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'a.db'}"))


def test_a_server_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    with pytest.raises(StoreUnreachable, match="does not answer"):
        _touch(open_engine(f"postgresql://hall@/hall?host={tmp_path}"))


def test_a_file_that_is_no_database_is_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    file.write_bytes(b"this is a letter to the mayor, not a database" * 100)
    with pytest.raises(StoreDamaged, match="restore"):
        _touch(open_engine(f"sqlite:///{file}"))


def test_a_database_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    _touch(open_engine(f"sqlite:///{file}"))
    with pytest.raises(StoreReadOnly, match="right to write"):
        _touch(open_engine(f"sqlite:///file:{file}?mode=ro&uri=true"), table="u")


def test_a_second_writer_is_told_that_the_first_holds_the_database(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    impatient = open_engine(f"sqlite:///{tmp_path / 'a.db'}")
    with impatient.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
    with writing(engine), pytest.raises(StoreBusy, match="Another program"), writing(impatient):
        pass
    engine.dispose()
    impatient.dispose()


def test_every_error_of_the_store_can_be_caught_as_one() -> None:
    assert all(issubclass(kind, StoreError) for kind in (StoreBusy, StoreDamaged, StoreNewer, StoreUnreachable))
