from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine, text

from data_access.case_rows import entry_values
from data_access.cases import CaseStore
from data_access.engine import is_sqlite, writing
from data_access.journal_check import Fault, FaultKind, verify_journal
from data_access.schema import journal
from domain.journal import sealed
from tests.data_access.histories import CITY_ZONE, at_step, entry, history
from tests.data_access.policies import PLAIN_POLICY


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    """Three cases: K1 and K3 with one entry, K2 with three."""
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)
    with store.bulk() as writer:
        writer.append(
            [
                history("K1", (at_step(1), {})),
                history(
                    "K2", (at_step(1), {}), (at_step(2), {"district": "370202"}), (at_step(3), {"state": "closed"})
                ),
                history("K3", (at_step(1), {"attributes": {"ward": "12"}, "lon": 120})),
            ]
        )
    return store


def _tamper(engine: Engine, statement: str, **values: Any) -> None:
    """What somebody with the database's own rights could do: go past the guard."""
    with writing(engine) as connection:
        if is_sqlite(connection):
            for verb in ("UPDATE", "DELETE"):
                connection.execute(text(f"DROP TRIGGER IF EXISTS journal_no_{verb}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


def _only_fault(engine: Engine) -> Fault:
    (fault,) = verify_journal(engine).faults
    return fault


@pytest.mark.usefixtures("store")
def test_a_whole_journal_has_no_faults_and_is_counted(engine: Engine) -> None:
    report = verify_journal(engine)
    assert (report.cases, report.entries, report.faults) == (3, 5, ())


def test_an_empty_journal_is_whole(engine: Engine) -> None:
    assert verify_journal(engine).faults == ()


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    "change", ["reason = 'x'", "at = at + 1", "actor = 'wang'", "changes = '{}'", "seat = '7'", "action = 'report'"]
)
def test_a_changed_entry_is_named(engine: Engine, change: str) -> None:
    _tamper(engine, f"UPDATE journal SET {change} WHERE case_no = 'K2' AND version = 2")
    fault = _only_fault(engine)
    assert (fault.case_no, fault.version, fault.kind) == ("K2", 2, FaultKind.CHANGED)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("change", ["action = 'nonsense'", "changes = 'no json'"])
def test_an_entry_that_cannot_even_be_read_is_a_fault_not_a_crash(engine: Engine, change: str) -> None:
    _tamper(engine, f"UPDATE journal SET {change} WHERE case_no = 'K1'")
    assert _only_fault(engine).kind is FaultKind.CHANGED


def test_an_entry_changed_together_with_its_hash_breaks_the_next_link(engine: Engine, store: CaseStore) -> None:
    first = store.history("K2")[0]
    forged = sealed(entry("K2", 1, first.at, {**first.changes, "district": "370203"}), first.previous_hash)
    columns = {"changes": entry_values(forged)["changes"], "hash": forged.hash}
    _tamper(
        engine, "UPDATE journal SET changes = :changes, hash = :hash WHERE case_no = 'K2' AND version = 1", **columns
    )
    fault = _only_fault(engine)
    assert (fault.version, fault.kind) == (1, FaultKind.CHANGED)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(("removed", "named"), [(1, 2), (2, 3), (3, 3)])
def test_a_removed_entry_is_missed_wherever_it_stood(engine: Engine, removed: int, named: int) -> None:
    _tamper(engine, "DELETE FROM journal WHERE case_no = 'K2' AND version = :version", version=removed)
    fault = _only_fault(engine)
    assert (fault.case_no, fault.version, fault.kind) == ("K2", named, FaultKind.REMOVED)


@pytest.mark.usefixtures("store")
def test_a_case_whose_entries_are_all_gone_is_missed(engine: Engine) -> None:
    _tamper(engine, "DELETE FROM journal WHERE case_no = 'K3'")
    fault = _only_fault(engine)
    assert (fault.case_no, fault.kind) == ("K3", FaultKind.REMOVED)


def _insert(engine: Engine, version: int, previous_hash: str) -> None:
    forged = sealed(entry("K2", version, at_step(3), {"state": "voided"}), previous_hash)
    with writing(engine) as connection:
        connection.execute(journal.insert(), entry_values(forged))


def test_an_entry_added_behind_the_case_rows_back_is_named(engine: Engine, store: CaseStore) -> None:
    _insert(engine, 4, store.history("K2")[-1].hash)
    fault = _only_fault(engine)
    assert (fault.version, fault.kind) == (4, FaultKind.INSERTED)


def test_an_entry_put_between_others_is_named(engine: Engine, store: CaseStore) -> None:
    _tamper(engine, "UPDATE journal SET version = 4 WHERE case_no = 'K2' AND version = 3")
    _insert(engine, 3, store.history("K2")[1].hash)
    faults = [(fault.version, fault.kind) for fault in verify_journal(engine).faults]
    assert faults == [(3, FaultKind.INSERTED), (4, FaultKind.CHANGED)]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("change", "name"),
    [
        ("district = '370203'", "district"),
        ("closed_at = 1", "closed_at"),
        ("photos = 'no json'", "photos"),
        ("state = 'lost'", "state"),
        ("updated_at = 5", "updated_at"),
        ("supervised = NOT supervised", "supervised"),
    ],
)
def test_a_case_row_that_is_not_the_fold_of_its_entries_is_named(engine: Engine, change: str, name: str) -> None:
    with writing(engine) as connection:
        connection.execute(text(f"UPDATE cases SET {change} WHERE case_no = 'K2'"))
    fault = _only_fault(engine)
    assert (fault.case_no, fault.kind) == ("K2", FaultKind.ROW_DIFFERS)
    assert name in fault.text


@pytest.mark.usefixtures("store")
def test_a_missing_case_row_is_named(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("DELETE FROM cases WHERE case_no = 'K1'"))
    assert _only_fault(engine).text == "entries without a case row"


def test_progress_is_told_until_all_entries_are_checked(engine: Engine, store: CaseStore) -> None:
    with store.bulk() as writer:
        writer.append([history(f"P{number:04d}", (at_step(1), {})) for number in range(1200)])
    told: list[tuple[int, int]] = []
    verify_journal(engine, lambda checked, total: told.append((checked, total)))
    assert told[-1] == (1205, 1205)
    assert len(told) == 3
