"""Real history, and what its makers say of it themselves. The large file has a budget of its own in the benchmarks."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data_access.case_files import open_case_file
from data_access.case_histories import Fault, HistoryReader, OutsideHistory
from data_access.case_import import import_cases
from data_access.case_intake import IntakeReport
from data_access.case_mapping import load_mapping
from data_access.cases import CaseStore
from data_access.engine import open_engine
from domain.case import CaseState
from domain.facts import CaseFacts
from domain.indicators import on_time
from tests.data_access.histories import CITY_ZONE
from tests.data_access.policies import PLAIN_POLICY
from tests.shared_data import PROJECT, shared

pytestmark = pytest.mark.shared_data
BOSTON = ZoneInfo("America/New_York")
EXAMPLES = PROJECT / "docs" / "examples"


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Iterator[CaseStore]:
    file = tmp_path / "citywall.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    yield CaseStore(engine, PLAIN_POLICY, number_prefix="BO", zone=CITY_ZONE)
    engine.dispose()


@pytest.fixture(scope="module")
def judged(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[CaseStore, IntakeReport]]:
    """The requests with a promised time, loaded once for the tests that read them."""
    folder = tmp_path_factory.mktemp("judged")
    file = folder / "citywall.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    store = CaseStore(engine, PLAIN_POLICY, number_prefix="BO", zone=CITY_ZONE)
    yield store, load(shared("data/boston-311/sla_cases_2015_2024.csv.gz"), "boston-sla.toml", store, folder)
    engine.dispose()


def load(path: Path, example: str, store: CaseStore, folder: Path) -> IntakeReport:
    return import_cases(path, load_mapping(EXAMPLES / example), store, rejects=folder / "rejects.csv")


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def histories(path: Path, example: str) -> Iterator[OutsideHistory | list[Fault]]:
    with open_case_file(path) as file:
        yield from map(HistoryReader(load_mapping(EXAMPLES / example)).history, file.records)


def test_every_request_is_taken_and_counted_by_status_as_the_file_counts() -> None:
    """320,770 rows: 31,252 open and 289,518 closed, none rejected; 12 closings lie before their request."""
    states: Counter[str] = Counter()
    moved = 0
    for history in histories(shared("data/boston-311/open311_requests.csv.gz"), "boston-open311.toml"):
        assert isinstance(history, OutsideHistory), history
        states[history.steps[-1].facts["state"]] += 1
        moved += history.moved
    assert states == {"pending_disposal": 31_252, "closed": 289_518}
    assert moved == 12


def test_a_part_of_the_requests_stands_in_the_store_as_in_the_file(store: CaseStore, tmp_path: Path) -> None:
    """Rows from the newest end, where open ones are many."""
    source = shared("data/boston-311/open311_requests.csv.gz")
    found = list(islice(rows_of(source), 300_000, 303_000))
    part = tmp_path / "part.csv"
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]))
        writer.writeheader()
        writer.writerows(found)
    report = load(part, "boston-open311.toml", store, tmp_path)
    assert (report.loaded, report.rejected) == (3_000, 0)
    by_state = Counter(facts.state for facts in store.facts())
    by_status = Counter(record["status"] for record in found)
    assert by_state == {CaseState.PENDING_DISPOSAL: by_status["open"], CaseState.CLOSED: by_status["closed"]}


def test_the_on_time_share_of_each_department_and_year_is_the_citys_own_but_for_one_blank_row(
    judged: tuple[CaseStore, IntakeReport],
) -> None:
    store, report = judged
    assert (report.read, report.loaded, report.rejected) == (4_995, 4_995, 0)
    theirs = Counter(
        (record["Department"], record["OPEN_DT"][:4], record["OnTime_Status"])
        for record in rows_of(shared("data/boston-311/sla_cases_2015_2024.csv.gz"))
    )
    ours = Counter(map(_judged, store.facts()))
    (blank,) = [key for key in theirs if key[-1] == ""]
    assert theirs.pop(blank) == 1
    ours[*blank[:2], "OVERDUE"] -= 1
    assert ours == theirs
    assert sum(number for (*_, status), number in ours.items() if status == "ONTIME") == 4_520


def _judged(facts: CaseFacts) -> tuple[str, str, str]:
    year = facts.reported_at.astimezone(BOSTON).year
    return str(facts.department), str(year), "ONTIME" if on_time(facts) else "OVERDUE"


def test_local_times_are_read_with_daylight_saving(judged: tuple[CaseStore, IntakeReport]) -> None:
    """2015-01-05 15:22:38 in Boston's winter is 20:22:38 UTC."""
    store, _ = judged
    first = min(store.facts(), key=lambda facts: facts.reported_at)
    assert first.reported_at.isoformat() == "2015-01-05T20:22:38+00:00"


def test_of_the_raw_answers_only_the_one_without_id_and_time_is_rejected(store: CaseStore, tmp_path: Path) -> None:
    """1,000 objects; number 844 from 0 has neither, 50 are there twice, word for word."""
    source = shared("data/boston-311/open311_raw_response_sample.json")
    report = load(source, "boston-open311.toml", store, tmp_path)
    assert (report.read, report.loaded, report.repeated, report.rejected) == (1_000, 949, 50, 1)
    with open_case_file(source) as file:
        wrong = next(islice(file.records, 844, None))
    assert {fault.line for fault in report.rejects} == {wrong.line}
    assert {fault.field for fault in report.rejects} == {"service_request_id", "requested_datetime", "status"}


def test_no_free_text_of_a_citizen_leaves_with_the_facts(store: CaseStore, tmp_path: Path) -> None:
    source = shared("data/boston-311/open311_raw_response_sample.json")
    load(source, "boston-open311.toml", store, tmp_path)
    facts = next(iter(store.facts()))
    case = store.get(facts.case_no)
    assert case is not None
    assert case.description
    assert case.description not in repr(facts)
