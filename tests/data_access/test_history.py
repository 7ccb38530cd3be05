"""The columnar copy answers as the definition and the database do: at any moment, between and after its refreshes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, insert

from data_access.case_rows import case_values, entry_values
from data_access.cases import CaseStore
from data_access.engine import open_engine, take_turn, writing
from data_access.figures import FigureService
from data_access.history.engine import Bounds
from data_access.history.folder import FORMAT, CopyBusy, HistoryFolder, Manifest
from data_access.history.reader import History, HistoryBehind, View
from data_access.history.writer import HistoryWriter
from data_access.schema import cases, journal
from data_access.stay_times import StayTimeService
from domain.facts import facts_of
from domain.indicators import Convention, Counts, Dimension, counts
from domain.journal import FIRST_LINK, Entry, milliseconds, rebuild, sealed
from domain.period import Window
from domain.step_clock import stays
from tests.data_access.histories import CITY_ZONE, STEPS, as_they_stood, at_step, case_histories, history
from tests.data_access.policies import PLAIN_POLICY

NOW = at_step(STEPS) + timedelta(seconds=1)
BOUNDS = Bounds(memory_mb=256, threads=1)
LONG_BEFORE = -300
FIELDS = {Dimension.DISTRICT: "district", Dimension.DEPARTMENT: "department", Dimension.CLASS: "class_code"}
_rounds = itertools.count(1)


class Journal:
    """Writes any entries in any order, and knows what it wrote."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.entries: dict[str, list[Entry]] = {}

    def write(self, *entries: Entry) -> None:
        with writing(self.engine) as connection:
            take_turn(connection)
            for entry in entries:
                known = self.entries.setdefault(entry.case_no, [])
                known.append(sealed(entry, known[-1].hash if known else FIRST_LINK))
                connection.execute(insert(journal), entry_values(known[-1]))
            for case_no in {entry.case_no for entry in entries}:
                case = rebuild(self.entries[case_no])
                assert case is not None
                newest = max(milliseconds(entry.at) for entry in self.entries[case_no])
                connection.execute(delete(cases).where(cases.c.case_no == case_no))
                connection.execute(insert(cases), case_values(case, newest))

    def counts(self, period: Window, by: Dimension, convention: Convention, as_of: Any) -> dict[str, Counts]:
        """Straight from the definition, over the cases as the domain folds them."""
        at = min(NOW, as_of or period.end)
        period = Window(period.start, at) if convention is Convention.FLOW else period
        later = None if convention is Convention.FLOW else at
        groups: dict[str, list[Any]] = {}
        histories = [(None, entries) for entries in self.entries.values()]
        for case in as_they_stood(histories, at):  # type: ignore[arg-type]
            facts = facts_of(case)
            unit = getattr(facts, FIELDS[by]) or "" if by in FIELDS else ""
            groups.setdefault(unit, []).append(facts)
        found = {unit: counts(some, period, convention, as_of=later) for unit, some in groups.items()}
        return {unit: number for unit, number in found.items() if number != Counts()}


class Copy:
    """A copy beside a database: its writer, and the figures through it."""

    def __init__(self, engine: Engine, data_dir: Path) -> None:
        self.folder = HistoryFolder(data_dir)
        self.engine = engine
        self.writer = HistoryWriter(self.folder, engine, BOUNDS)
        self.history = History(self.folder, engine, BOUNDS)
        store = CaseStore(engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)
        self.by_copy = FigureService(store, self.history)
        self.by_database = FigureService(store)


@pytest.fixture
def kept(engine: Engine, tmp_path: Path) -> Copy:
    return Copy(engine, tmp_path / "data")


@pytest.fixture
def lite(sqlite_template: Path, tmp_path: Path) -> Iterator[Copy]:
    """On SQLite alone, where the kind of database makes no difference."""
    file = tmp_path / "cases.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(f"sqlite:///{file}")
    yield Copy(engine, tmp_path / "data")
    engine.dispose()


def _figures(service: FigureService, period: Window, **asked: Any) -> dict[str, Counts]:
    rows = service.kpi(start=period.start, end=period.end, now=NOW, **asked)
    return {row.key: row.counts for row in rows if row.counts != Counts()}


_batches = st.lists(st.integers(1, 6), min_size=1, max_size=5)
_journals: dict[str, Journal] = {}
"""What each test's database holds: the examples of one test share it."""


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), batches=_batches)
def test_all_questions_get_the_answer_of_the_definition_whenever_the_copy_was_refreshed(
    kept: Copy, data: st.DataObject, batches: list[int]
) -> None:
    prefix = f"{next(_rounds)}-"
    told = _journals.setdefault(str(kept.engine.url), Journal(kept.engine))
    drawn = data.draw(case_histories(prefix=prefix, grid=prefix))
    left = data.draw(st.permutations([entry for _, entries in drawn for entry in entries]))
    left.sort(key=lambda entry: entry.version)  # a case's own entries follow each other, others come between
    for size in batches:
        if left:
            told.write(*left[:size])
            left = left[size:]
        if data.draw(st.booleans()):
            kept.writer.refresh()
        first, length = data.draw(st.integers(0, STEPS) | st.just(LONG_BEFORE)), data.draw(st.integers(1, STEPS))
        period = Window(at_step(first), at_step(first + length))
        by = data.draw(st.sampled_from([Dimension.CITY, *FIELDS]))
        convention = data.draw(st.sampled_from(Convention))
        later = st.none() | st.integers(max(first, 0), STEPS + 9).map(at_step)
        as_of = data.draw(st.none() if convention is Convention.FLOW else later)
        asked = {"by": by, "convention": convention, "as_of": as_of}
        expected = told.counts(period, **asked)
        assert _figures(kept.by_copy, period, **asked) == expected
        assert _figures(kept.by_database, period, **asked) == expected


JUNE_STEPS = [
    (0, {"department": "A01"}),
    (1, {"state": "pending_dispatch"}),
    (1, {"state": "disposing", "department": "B02"}),
    (4, {"urged_count": 1}),
    (7, {"state": "pending_check"}),
    (9, {"state": "closed"}),
]


def _written(journal_of: Journal, case_no: str, *steps: tuple[int, dict[str, Any]]) -> list[Entry]:
    _, entries = history(case_no, *((at_step(step), changes) for step, changes in steps))
    journal_of.write(*entries)
    return entries


@pytest.mark.parametrize("refreshed", [False, True])
def test_the_times_in_each_state_are_those_of_the_step_clocks(lite: Copy, refreshed: bool) -> None:
    entries = _written(Journal(lite.engine), "c1", *JUNE_STEPS)
    if refreshed:
        lite.writer.refresh()
    found = StayTimeService(lite.history).times(start=at_step(0), end=at_step(9), by=Dimension.DEPARTMENT)
    ended = [stay for stay in stays(entries) if stay.end is not None and stay.end < at_step(9)]
    assert {(one.state, one.total) for one in found} == {(stay.state, stay.end - stay.start) for stay in ended}
    assert {one.unit for one in found} == {"A01", "B02"}


def test_a_refresh_without_news_writes_nothing(lite: Copy) -> None:
    _written(Journal(lite.engine), "c1", *JUNE_STEPS)
    assert lite.writer.refresh() is not None
    before = lite.folder.manifest()
    assert lite.writer.refresh() is None
    assert lite.folder.manifest() == before


def test_many_refreshes_leave_few_files(lite: Copy) -> None:
    told = Journal(lite.engine)
    for number in range(5):
        _written(told, f"c{number}", *JUNE_STEPS)
        lite.writer.refresh()
    assert len(lite.folder.manifest().segments) == 1
    assert len(list(lite.folder.path.glob("*.parquet"))) <= 8
    assert lite.folder.size_bytes() > 0


def test_a_crash_in_the_middle_leaves_the_last_good_state(lite: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Journal(lite.engine)
    _written(told, "c1", *JUNE_STEPS)
    lite.writer.refresh()
    good = lite.folder.manifest()
    _written(told, "c2", *JUNE_STEPS)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", _no_space)
        with pytest.raises(OSError, match="No space"):
            lite.writer.refresh()
    assert lite.folder.manifest() == good
    assert _city(lite.by_copy)[""].reported == 2
    lite.writer.refresh()
    assert not list(lite.folder.path.glob("*.part"))
    assert _city(lite.by_copy)[""].reported == 2


def _no_space(*_: object) -> None:
    raise OSError(28, "No space left on device")


def _city(service: FigureService) -> dict[str, Counts]:
    period = Window(at_step(0), at_step(STEPS))
    return _figures(service, period, by=Dimension.CITY, convention=Convention.COHORT, as_of=None)


def test_a_question_whose_files_go_while_it_is_asked_is_asked_again(lite: Copy) -> None:
    told = Journal(lite.engine)
    _written(told, "c1", *JUNE_STEPS)
    lite.writer.refresh()
    seen = []

    def slow(view: View) -> int:
        seen.append(view.copy.manifest.mark.entry_id)
        if len(seen) == 1:
            for number in range(2, 5):
                _written(told, f"c{number}", *JUNE_STEPS)
                lite.writer.refresh()
        return len(view.rows(view.copy.as_of(milliseconds(NOW))))

    assert lite.history.ask(slow) == 4
    assert len(seen) == 2


def test_only_one_refreshes_at_a_time(lite: Copy) -> None:
    with lite.folder.writing(), pytest.raises(CopyBusy):
        lite.writer.refresh()


def test_the_copy_of_another_database_is_not_believed_and_made_anew(
    lite: Copy, sqlite_template: Path, tmp_path: Path
) -> None:
    _written(Journal(lite.engine), "c1", *JUNE_STEPS)
    lite.writer.refresh()
    file = tmp_path / "other.db"
    file.write_bytes(sqlite_template.read_bytes())
    other = open_engine(f"sqlite:///{file}")
    told = Journal(other)
    _written(told, "d1", *JUNE_STEPS)
    _written(told, "d2", *JUNE_STEPS)
    with pytest.raises(HistoryBehind):
        History(lite.folder, other, BOUNDS).ask(lambda view: view.mark)
    in_its_place = Copy(other, lite.folder.path.parent)
    in_its_place.writer.refresh()
    assert _city(in_its_place.by_copy)[""].reported == 2
    other.dispose()


def test_a_copy_too_far_behind_leaves_the_question_to_the_database(lite: Copy) -> None:
    _written(Journal(lite.engine), "c1", *JUNE_STEPS)
    behind = History(lite.folder, lite.engine, BOUNDS, tail_entries=3)
    with pytest.raises(HistoryBehind):
        behind.ask(lambda view: view.mark)
    store = CaseStore(lite.engine, PLAIN_POLICY, number_prefix="T", zone=CITY_ZONE)
    assert _city(FigureService(store, behind)) == _city(lite.by_database)


def test_an_unknown_format_counts_as_no_copy(lite: Copy) -> None:
    _written(Journal(lite.engine), "c1", *JUNE_STEPS)
    lite.writer.refresh()
    manifest = lite.folder.of("manifest.json")
    manifest.write_bytes(manifest.read_bytes().replace(b'"format":%d' % FORMAT, b'"format":0'))
    assert lite.folder.manifest() == Manifest()
    assert _city(lite.by_copy) == _city(lite.by_database)
