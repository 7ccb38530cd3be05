"""The open cases as the board lists them: rows, attention, steps, overdue departments and grid loads, in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeVar

from domain.attention import AttentionReason, Place, place, reason_for
from domain.board import ATTENTION_ROWS, Attention, OpenRow, OverdueDepartment, StageLoad, row_of
from domain.case import STAGE_OF, Stage
from domain.facts import CaseFacts
from domain.ordered import Ordered
from domain.snapshots import Snapshot

Since = tuple[datetime, str]
Told = TypeVar("Told")


class OpenCases:
    """Every open case, put in anew whenever it or the hour changes what the board shows of it."""

    def __init__(self) -> None:
        self._rows: dict[str, OpenRow] = {}
        self._touched: set[str] = set()
        self._rows_told: Snapshot[OpenRow] = Snapshot.of({})
        self._places: dict[str, Place] = {}
        self._attention: Ordered[Place] = Ordered()
        self._stages: dict[Stage, Ordered[Since]] = {stage: Ordered() for stage in Stage}
        self._late: dict[str, Ordered[Since]] = {}
        self._grids: dict[str, tuple[int, int]] = {}
        self._touched_grids: set[str] = set()
        self._grids_told: Snapshot[tuple[int, int]] = Snapshot.of({})

    def put(self, facts: CaseFacts, at: datetime) -> None:
        """List an open case as it stands at `at`, in place of what was listed of it."""
        self.drop(facts.case_no)
        row = row_of(facts, at)
        self._rows[row.case_no] = row
        self._stage(row).add((row.state_since, row.case_no))
        if row.overdue and row.department and row.deadline:
            self._late.setdefault(row.department, Ordered()).add((row.deadline, row.case_no))
        self._load_grid(row, 1)
        reason = reason_for(facts, at)
        if reason is not None:
            self._places[row.case_no] = place(facts, reason)
            self._attention.add(self._places[row.case_no])
        self._touched.add(row.case_no)

    def drop(self, case_no: str) -> None:
        """Take a case off the lists, if it is on them."""
        row = self._rows.pop(case_no, None)
        if row is None:
            return
        self._stage(row).remove((row.state_since, row.case_no))
        if row.overdue and row.department and row.deadline:
            self._late[row.department].remove((row.deadline, row.case_no))
        self._load_grid(row, -1)
        if case_no in self._places:
            self._attention.remove(self._places.pop(case_no))
        self._touched.add(case_no)

    def _stage(self, row: OpenRow) -> Ordered[Since]:
        stage = STAGE_OF[row.state]
        if stage is None:
            raise ValueError(f"{row.case_no} is {row.state}: not an open case")
        return self._stages[stage]

    def _load_grid(self, row: OpenRow, step: int) -> None:
        if row.grid is None:
            return
        self._touched_grids.add(row.grid)
        cases, late = self._grids.get(row.grid, (0, 0))
        load = (cases + step, late + step * row.overdue)
        if load[0]:
            self._grids[row.grid] = load
        else:
            self._grids.pop(row.grid)

    @property
    def attention_total(self) -> int:
        return len(self._attention)

    @property
    def changed(self) -> bool:
        """Whether anything was put or dropped since `rows` was last asked for."""
        return bool(self._touched)

    def rows(self) -> Snapshot[OpenRow]:
        """Every open case; what did not change is shared with the answer before."""
        self._rows_told = _brought_up(self._rows_told, self._rows, self._touched)
        return self._rows_told

    def grids(self) -> Snapshot[tuple[int, int]]:
        """Grid → open and overdue cases; shared as `rows`."""
        self._grids_told = _brought_up(self._grids_told, self._grids, self._touched_grids)
        return self._grids_told

    def attention(self) -> tuple[Attention, ...]:
        """The first lines of the attention list."""
        reasons = list(AttentionReason)
        return tuple(
            Attention(reasons[rank], self._rows[case_no])
            for rank, _, _, _, case_no in self._attention.first(ATTENTION_ROWS)
        )

    def stages(self, closed_today: int) -> tuple[StageLoad, ...]:
        """The seven steps; the last one shows what was closed today."""
        return tuple(
            StageLoad(stage, closed_today, None) if stage is Stage.EVALUATION else self._stage_load(stage)
            for stage in Stage
        )

    def _stage_load(self, stage: Stage) -> StageLoad:
        since = self._stages[stage]
        return StageLoad(stage, len(since), next((at for at, _ in since.first(1)), None))

    def overdue_departments(self) -> tuple[OverdueDepartment, ...]:
        """Departments with overdue cases: most first, then the one overdue longest, then by code."""
        found = [
            OverdueDepartment(department, len(late), next(late.first(1))[0])
            for department, late in self._late.items()
            if len(late)
        ]
        return tuple(sorted(found, key=lambda line: (-line.overdue, line.oldest_at, line.department)))


def _brought_up(told: Snapshot[Told], now: Mapping[str, Told], touched: set[str]) -> Snapshot[Told]:
    """What was told, brought up to what is now in the keys that were touched; these are then forgotten."""
    put = {key: now[key] for key in touched if key in now}
    after = told.changed(put, touched - put.keys())
    touched.clear()
    return after
