"""The live board says what the evaluation says while people work, and after every restart: on both databases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Engine

from data_access.cases import CaseStore, Done
from data_access.figures import FigureService
from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.reader import History
from data_access.history.writer import HistoryWriter
from domain.board import BOARD_DIMENSIONS
from domain.facts import facts_of
from domain.indicators import Convention, Counts, Dimension, is_open
from domain.period import Period, window
from domain.tally import Tally
from tests.domain.busy_hall import BusyHall, Figures, board_figures, figures_of, random_command, step
from tests.domain.loop import POLICY, START, ZONE
from tests.domain.tallies import seed_of

BOUNDS = Bounds(memory_mb=256, threads=1)
_MS = timedelta(milliseconds=1)


def test_thousands_of_changes_and_restarts_leave_no_figure_different() -> None:
    random, now = Random(7), START
    hall = BusyHall(random, wanted=60)
    tally = Tally(ZONE, seed_of([], START), first_version=1)
    while hall.changes < 2_500:
        now = _later(now, step(random, 60.0))
        change = hall.change(now)
        if change is None:
            continue
        tally.apply(change)
        if hall.changes % 500 == 0:  # a restart: begun anew from the facts alone
            tally = Tally(ZONE, seed_of(list(hall.facts.values()), now + _MS, hall.changes), first_version=1)
        if hall.changes % 250 == 0:
            board = tally.board(now + _MS)
            assert board_figures(board) == figures_of(hall.facts.values(), now + _MS)
            assert set(board.cases) == {case.case_no for case in hall.facts.values() if is_open(case)}
            hall.forget(now)


def test_board_database_and_copy_agree_while_people_work(engine: Engine, tmp_path: Path) -> None:
    random, now = Random(11), START
    store = CaseStore(engine, POLICY, number_prefix="L", zone=ZONE)
    folder = HistoryFolder(tmp_path / "data")
    services = (FigureService(store), FigureService(store, History(folder, engine, BOUNDS)))
    tally = Tally(ZONE, store.tally_seed(START), first_version=1)
    numbers: list[str] = []
    for attempt in range(1, 151):
        now = _later(now, step(random, 12.0))
        before = store.get(random.choice(numbers)) if numbers and random.random() < 0.8 else None
        answer = store.execute(random_command(random, before, now))
        if isinstance(answer, Done) and answer.change is not None:
            tally.apply(answer.change)
            numbers += [answer.case.case_no] if before is None else []
        if attempt % 50 == 0:
            _compare(tally, store, services, now + _MS)
            HistoryWriter(folder, engine, BOUNDS).refresh()
            tally = Tally(ZONE, store.tally_seed(now + _MS), first_version=1)
    assert len(numbers) > 10


def _later(now: datetime, after: timedelta) -> datetime:
    at = now + after + _MS
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def _compare(tally: Tally, store: CaseStore, services: tuple[FigureService, FigureService], now: datetime) -> None:
    live = board_figures(tally.board(now))
    assert live == figures_of((facts_of(case) for case in map(store.get, _all(store)) if case is not None), now)
    by_database, by_copy = services
    for unit in BOARD_DIMENSIONS:
        for period in Period:
            assert _rows(by_database, period, unit, now) == _of(live, period, unit)
        assert _rows(by_copy, Period.DAYS_30, unit, now) == _of(live, Period.DAYS_30, unit)


def _of(figures: Figures, period: Period, unit: Dimension) -> dict[str, Counts]:
    return {key: number for (of, by, key), number in figures.items() if (of, by) == (period, unit)}


def _all(store: CaseStore) -> list[str]:
    return [facts.case_no for facts in store.facts()]


def _rows(service: FigureService, period: Period, unit: Dimension, now: datetime) -> Mapping[str, Counts]:
    asked = window(period, now, ZONE)
    rows = service.kpi(start=asked.start, end=asked.end, by=unit, convention=Convention.FLOW, as_of=None, now=now)
    return {row.key: row.counts for row in rows if row.counts != Counts()}
