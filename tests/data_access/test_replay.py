from __future__ import annotations

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from data_access.case_histories import OutsideHistory, Step
from data_access.case_import import import_cases
from data_access.case_mapping import STAGES
from data_access.cases import CaseStore
from data_access.codec import decode_change
from data_access.replay import TIME_FACTS, ReplayReport, Script, Timetable, replay
from domain.action import Action
from domain.case import Case
from domain.case_query import CaseQuery
from domain.facts import Change
from tests.data_access.histories import CITY_ZONE
from tests.data_access.outside_files import csv_file, mapping, row, rows, without_numbers
from tests.data_access.policies import PLAIN_POLICY
from tests.fakes.clock import ManualClock

FIRST = row(id="A1", opened="2024-05-06T09:00:00Z", ended="2024-05-06T11:00:00Z", due="2024-05-06T12:00:00Z")
SECOND = row(id="A2", opened="2024-05-06T10:00:00Z", ended="2024-05-06T13:00:00Z", due="")
OPEN = row(id="A3", opened="2024-05-06T10:30:00Z", status="open")


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine, PLAIN_POLICY, number_prefix="BO", zone=CITY_ZONE)


async def play(path: Path, store: CaseStore, clock: ManualClock, **parts: Any) -> ReplayReport:
    parts = {"speed": 1.0, "stop": asyncio.Event()} | parts
    return await replay(path, mapping(), store, clock=clock, **parts)


def cases(store: CaseStore, clock: ManualClock) -> dict[str | None, Case]:
    return without_numbers(store.find(CaseQuery(), clock.now() + timedelta(days=1)))


def changes(store: CaseStore) -> list[Change]:
    found = [decode_change(payload) for _, payload in store.outbox(1000)]
    return [change for change in found if isinstance(change, Change)]


async def test_steps_come_in_the_order_of_their_times_whatever_the_order_of_the_file(
    store: CaseStore, tmp_path: Path
) -> None:
    clock = ManualClock()
    report = await play(csv_file(tmp_path, [OPEN, SECOND, FIRST]), store, clock)
    numbers = {case.case_no: outside_id for outside_id, case in cases(store, clock).items()}
    played = [(numbers[change.after.case_no], change.action) for change in changes(store)]
    assert played == [
        ("A1", Action.IMPORT_REPORT),
        ("A2", Action.IMPORT_REPORT),
        ("A3", Action.IMPORT_REPORT),
        ("A1", Action.IMPORT_STEP),
        ("A2", Action.IMPORT_STEP),
    ]
    assert (report.steps, report.played, report.rejected) == (5, 5, 0)


@pytest.mark.parametrize("speed", [1.0, 60.0, 3600.0])
async def test_the_first_report_is_now_and_time_runs_at_the_speed(
    store: CaseStore, tmp_path: Path, speed: float
) -> None:
    clock = ManualClock()
    start = clock.now()
    await play(csv_file(tmp_path, [FIRST, SECOND]), store, clock, speed=speed)
    first, second = (cases(store, clock)[outside_id] for outside_id in ("A1", "A2"))
    hour = timedelta(hours=1) / speed
    assert (first.reported_at, first.closed_at, first.deadline) == (start, start + 2 * hour, start + 3 * hour)
    assert (second.reported_at, second.disposed_at) == (start + hour, start + 4 * hour)
    assert sum(clock.sleeps) == pytest.approx(4 * hour.total_seconds(), abs=0.01)


async def test_every_step_takes_the_road_of_any_other_command(store: CaseStore, tmp_path: Path) -> None:
    await play(csv_file(tmp_path, [FIRST]), store, ManualClock())
    report, end = changes(store)
    assert (report.before, report.after.state) == (None, "pending_disposal")
    assert end.before == report.after
    assert end.after.state == "closed"


async def test_replay_and_import_make_the_same_cases_but_for_their_times(store: CaseStore, tmp_path: Path) -> None:
    clock = ManualClock()
    await play(csv_file(tmp_path, [FIRST, OPEN]), store, clock)
    import_cases(csv_file(tmp_path, [FIRST, OPEN]), mapping(source_system="twin"), store)
    everything = store.find(CaseQuery(), clock.now() + timedelta(days=9))
    played, loaded = (
        without_numbers(case for case in everything if case.source_system == system) for system in ("bos", "twin")
    )
    for outside_id, case in played.items():
        twin = loaded[outside_id]
        same = ("state", "class_code", "department", "address", "attributes", "description", "version")
        assert [getattr(case, name) for name in same] == [getattr(twin, name) for name in same]


async def test_what_is_stored_already_is_not_played_again(store: CaseStore, tmp_path: Path) -> None:
    clock = ManualClock()
    await play(csv_file(tmp_path, [FIRST, SECOND]), store, clock)
    before = store.last_entry_id()
    again = await play(csv_file(tmp_path, [FIRST, SECOND]), store, clock)
    assert (again.intake.known, again.steps, again.played) == (2, 0, 0)
    assert store.last_entry_id() == before


async def test_stop_ends_it_in_the_middle_of_a_pause(store: CaseStore, tmp_path: Path) -> None:
    stop = asyncio.Event()
    clock = _StoppingClock(stop)
    report = await play(csv_file(tmp_path, [FIRST, SECOND]), store, clock, stop=stop)
    assert (report.played, report.steps) == (1, 4)
    assert set(cases(store, clock)) == {"A1"}


class _StoppingClock(ManualClock):
    """Asks for the stop at the first pause, and never comes back from it."""

    def __init__(self, stop: asyncio.Event) -> None:
        super().__init__()
        self._stop = stop

    async def sleep(self, seconds: float) -> None:
        self._stop.set()
        await asyncio.Event().wait()


async def test_bad_rows_are_listed_and_the_rest_is_played(store: CaseStore, tmp_path: Path) -> None:
    path = csv_file(tmp_path, [FIRST, row(id="A9", lat="?")])
    report = await play(path, store, ManualClock())
    assert (report.played, report.rejected) == (2, 1)
    assert path.with_name("cases.csv.rejects.csv").exists()
    assert list(report.lines())[-1] == "  2 of 2 steps played"


async def test_a_step_the_store_refuses_ends_its_case_and_is_told(store: CaseStore, tmp_path: Path) -> None:
    late = row(id="A1", due="9999-12-31T23:59:59.999+00:00")
    clock = ManualClock()
    report = await play(csv_file(tmp_path, [late, SECOND]), store, clock, speed=0.5)
    assert (report.rejected, set(cases(store, clock))) == (1, {"A2"})
    assert report.refused[0].startswith("A1: ")
    assert "refused: A1" in list(report.lines())[-1]


async def test_progress_is_told_of_the_reading_and_then_of_the_steps(store: CaseStore, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = csv_file(tmp_path, rows(3))
    await play(path, store, ManualClock(), progress=lambda done, total: told.append((done, total)))
    size = path.stat().st_size
    assert told == [(size, size), *((done, 6) for done in range(1, 7))]


@pytest.mark.parametrize("speed", [0.0, -1.0])
async def test_a_speed_that_leads_nowhere_is_a_mistake(store: CaseStore, tmp_path: Path, speed: float) -> None:
    with pytest.raises(ValueError, match="speed should be above 0"):
        await play(csv_file(tmp_path, rows(1)), store, ManualClock(), speed=speed)


async def test_an_empty_file_plays_nothing(store: CaseStore, tmp_path: Path) -> None:
    report = await play(csv_file(tmp_path, []), store, ManualClock())
    assert (report.steps, report.played) == (0, 0)


@given(st.lists(st.lists(st.integers(0, 50), min_size=1, max_size=4).map(sorted), max_size=8))
def test_a_script_gives_every_step_back_in_the_order_of_times(times: list[list[int]]) -> None:
    histories = [
        OutsideHistory(1, f"A{index}", tuple(Step(at, {"n": number}) for number, at in enumerate(found)))
        for index, found in enumerate(times)
    ]
    with tempfile.TemporaryFile() as file:
        script = Script(file)
        for history in histories:
            script.add(history)
        lines = list(script.lines())
    assert [step.at for _, _, step in lines] == sorted(at for found in times for at in found)
    for history in histories:
        mine = [(first, step) for outside_id, first, step in lines if outside_id == history.outside_id]
        assert [step for _, step in mine] == list(history.steps)
        assert [first for first, _ in mine] == [True] + [False] * (len(mine) - 1)


def test_all_times_of_a_step_move_together() -> None:
    timetable = Timetable(first=1_000, start=50_000, speed=2.0)
    facts = dict.fromkeys(TIME_FACTS, 3_000) | {"state": "closed", "closed_at": None}
    moved = timetable.moved(Step(3_000, facts))
    assert moved.at == 51_000
    assert moved.facts == dict.fromkeys(TIME_FACTS, 51_000) | {"state": "closed", "closed_at": None}


def test_every_time_a_mapping_can_give_moves() -> None:
    """A time that stayed in the past would make a case of today be closed years ago."""
    assert {name for name, _ in STAGES.values()} | {"deadline", "original_deadline"} == TIME_FACTS
