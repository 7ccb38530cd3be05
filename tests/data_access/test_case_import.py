from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from data_access.case_files import CaseFileError
from data_access.case_import import import_cases
from data_access.case_intake import REJECTS_SUFFIX, rejects_path
from data_access.case_mapping import MappingError
from data_access.cases import CaseStore
from data_access.codec import REBUILD
from data_access.journal_check import verify_journal
from domain.action import Action
from domain.case import Case, CaseState
from domain.case_query import CaseQuery
from domain.journal import rebuild
from tests.data_access.histories import CITY_ZONE
from tests.data_access.outside_files import csv_file, json_file, mapping, parquet_file, row, rows, without_numbers
from tests.data_access.policies import PLAIN_POLICY

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="BO", zone=CITY_ZONE)


def stored(store: CaseStore) -> list[Case]:
    return store.find(CaseQuery(), NOW, limit=10_000, newest_first=False)


def rejected(path: Path) -> list[tuple[int, str, str]]:
    with path.with_name(path.name + REJECTS_SUFFIX).open(encoding="utf-8", newline="") as file:
        header, *found = list(csv.reader(file))
    assert header == ["line", "field", "reason"]
    return [(int(line), column, reason) for line, column, reason in found]


def test_a_history_becomes_a_case_with_its_journal_at_its_own_times(store: CaseStore, tmp_path: Path) -> None:
    report = import_cases(csv_file(tmp_path, [row()]), mapping(), store)
    (case,) = stored(store)
    entries = store.history(case.case_no)
    assert (report.read, report.loaded, report.rejected) == (1, 1, 0)
    assert [entry.action for entry in entries] == [Action.IMPORT_REPORT, Action.IMPORT_STEP]
    assert [entry.at.isoformat() for entry in entries] == ["2024-05-06T13:00:00+00:00", "2024-05-07T14:00:00+00:00"]
    assert {entry.actor for entry in entries} == {"import:bos"}
    assert rebuild(entries) == case
    assert (case.state, case.attributes, case.source_system) == (CaseState.CLOSED, {"ward": "5"}, "bos")


def test_cases_are_numbered_by_the_local_day_they_were_reported(store: CaseStore, tmp_path: Path) -> None:
    import_cases(csv_file(tmp_path, rows(2)), mapping(), store)
    assert [case.case_no for case in stored(store)] == ["BO2024050600001", "BO2024050600002"]


def test_the_journal_of_imported_cases_is_whole(store: CaseStore, tmp_path: Path, engine: Engine) -> None:
    import_cases(csv_file(tmp_path, [*rows(20), row(id="B", status="open")]), mapping(), store)
    checked = verify_journal(engine)
    assert (checked.cases, checked.entries, checked.faults) == (21, 41, ())


def test_the_live_worker_is_asked_once_to_load_everything_anew(store: CaseStore, tmp_path: Path) -> None:
    import_cases(csv_file(tmp_path, rows(5)), mapping(), store)
    assert [payload for _, payload in store.outbox(10)] == [REBUILD]


def test_a_second_run_changes_nothing(store: CaseStore, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [*rows(3), row(id="", opened="?")])
    import_cases(path, mapping(), store)
    before, journal_before, outbox_before = stored(store), store.last_entry_id(), store.outbox(10)
    again = import_cases(path, mapping(), store)
    assert (again.read, again.loaded, again.known, again.rejected) == (4, 0, 3, 1)
    assert (stored(store), store.last_entry_id(), store.outbox(10)) == (before, journal_before, outbox_before)


def test_a_later_file_adds_only_what_is_new(store: CaseStore, tmp_path: Path) -> None:
    import_cases(csv_file(tmp_path, rows(2)), mapping(), store)
    report = import_cases(csv_file(tmp_path, rows(5), name="later.csv"), mapping(), store)
    assert (report.loaded, report.known) == (3, 2)


def test_the_same_number_of_another_system_is_another_case(store: CaseStore, tmp_path: Path) -> None:
    path = csv_file(tmp_path, rows(1))
    import_cases(path, mapping(), store)
    assert import_cases(path, mapping(source_system="nyc"), store).loaded == 1


def test_bad_rows_are_listed_by_line_field_and_reason_and_the_rest_is_loaded(store: CaseStore, tmp_path: Path) -> None:
    found = [row(), row(id="A2", words="one\ntwo", lat="?"), row(id="A3", opened="?", status="lost"), row(id="A4")]
    path = csv_file(tmp_path, found)
    report = import_cases(path, mapping(), store)
    assert (report.loaded, report.rejected) == (2, 2)
    assert [(line, column) for line, column, _ in rejected(path)] == [(3, "lat"), (5, "status"), (5, "opened")]
    assert [(fault.line, fault.field) for fault in report.rejects] == [(3, "lat"), (5, "status"), (5, "opened")]


def test_without_bad_rows_there_is_no_list_and_an_old_one_goes(store: CaseStore, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [row(lat="?")])
    import_cases(path, mapping(), store)
    assert rejected(path)
    csv_file(tmp_path, [row()])
    import_cases(path, mapping(), store)
    assert [file.name for file in tmp_path.glob("*.csv")] == ["cases.csv"]


def test_a_mere_repetition_is_no_fault_but_two_different_records_of_one_case_are(
    store: CaseStore, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, [row(), row(), row(words="another hole")])
    report = import_cases(path, mapping(), store)
    assert (report.loaded, report.repeated, report.rejected) == (1, 1, 1)
    assert rejected(path) == [(4, "id", "A1 stands in this file before, with other values; the first one was taken")]


@pytest.mark.parametrize("make", [csv_file, json_file, parquet_file])
def test_every_form_loads_the_same_cases(store: CaseStore, tmp_path: Path, make: object) -> None:
    found = [row(), row(id="A2", status="open")]
    import_cases(make(tmp_path, found), mapping(), store)  # type: ignore[operator]
    cases = without_numbers(stored(store))
    assert {outside_id: case.state for outside_id, case in cases.items()} == {
        "A1": CaseState.CLOSED,
        "A2": CaseState.PENDING_DISPOSAL,
    }
    assert cases["A1"] == replace(cases["A1"], lon=-71.06, description="a hole", department="PWD")


def test_more_than_one_batch_is_loaded_and_told_of(store: CaseStore, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = csv_file(tmp_path, rows(4_321), name="many.csv.gz")
    report = import_cases(path, mapping(), store, progress=lambda done, total: told.append((done, total)))
    assert report.loaded == 4_321
    assert len(stored(store)) == 4_321
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_mapping_that_does_not_fit_loads_nothing(store: CaseStore, tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r'columns\.lon: the file has no column "x"'):
        import_cases(csv_file(tmp_path, rows(3)), mapping(columns={"lon": "x"}), store)
    assert stored(store) == []


def test_what_was_loaded_before_a_file_breaks_off_stays_and_the_next_run_goes_on(
    store: CaseStore, tmp_path: Path
) -> None:
    path = json_file(tmp_path, rows(4_500))
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(CaseFileError, match="is no JSON"):
        import_cases(path, mapping(), store)
    assert len(stored(store)) == 4_000, "the whole batches"
    assert store.outbox(10) != []
    path.write_bytes(whole)
    assert import_cases(path, mapping(), store).loaded == 500


def test_a_list_of_rejects_that_cannot_be_written_says_what_to_do(store: CaseStore, tmp_path: Path) -> None:
    target = tmp_path / "no such folder" / "rejects.csv"
    with pytest.raises(CaseFileError, match="name another place for the list of rejected rows"):
        import_cases(csv_file(tmp_path, [row(lat="?")]), mapping(), store, rejects=target)


def test_rejects_lie_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv.gz"
    assert rejects_path(path) == tmp_path / "cases.csv.gz.rejects.csv"


def test_rejects_lie_in_the_working_folder_where_the_files_own_is_closed(tmp_path: Path) -> None:
    """Also for root, who could write it: what is marked read-only is meant to stay as it is."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    for folder in (closed, tmp_path / "gone"):
        assert rejects_path(folder / "cases.csv") == Path("cases.csv.rejects.csv")


def test_what_the_workflow_refuses_is_rejected_with_its_words(store: CaseStore, tmp_path: Path) -> None:
    """Some systems write the end of time for "no due date"."""
    path = csv_file(tmp_path, [row(due="9999-12-31T23:59:59.999+00:00"), row(id="A2")])
    report = import_cases(path, mapping(), store)
    assert (report.loaded, report.rejected) == (1, 1)
    ((line, column, reason),) = rejected(path)
    assert (line, column) == (2, "deadline")
    assert reason.startswith("“处置截止时间”（deadline）不对")


def test_the_report_says_in_words_what_happened(store: CaseStore, tmp_path: Path) -> None:
    found = [row(), row(), row(id="A2", ended="2024-05-06T08:59:30-04:00"), row(id="A3", opened="2015-11-01 01:30:00")]
    path = csv_file(tmp_path, [*found, row(id="A4", opened="2015-03-08 02:30:00"), row(id="A5", lat="?")])
    assert list(import_cases(path, mapping(), store).lines()) == [
        "cases.csv: 6 records, 4 new cases",
        "  1 stand in the file more than once",
        "  1 have a step written before the one it follows; both were taken for the same moment",
        "  1 local times lie in an hour that the clocks repeat; the first reading was taken",
        "  1 local times lie in an hour that the clocks skip; they were moved behind it",
        f"  1 were rejected, listed in {path}.rejects.csv",
    ]
    assert next(iter(import_cases(path, mapping(), store).lines())) == "cases.csv: 6 records, 0 new cases"
