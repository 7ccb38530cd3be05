"""The open cases as the board lists them: rows, attention, steps, overdue departments and grid loads, in order."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.attention import AttentionReason, Place, place, reason_for
from domain.board import ATTENTION_ROWS, Attention, OpenRow, OverdueDepartment, StageLoad, row_of
from domain.case import STAGE_OF, Stage
from domain.facts import CaseFacts
from domain.ordered import Ordered

Since = tuple[datetime, str]


class OpenCases:
    """Every open case, put in anew whenever it or the hour changes what the board shows of it."""

    def __init__(self) -> None:
        self.changed = False
        self._rows: dict[str, OpenRow] = {}
        self._places: dict[str, Place] = {}
        self._attention: Ordered[Place] = Ordered()
        self._stages: dict[Stage, Ordered[Since]] = {stage: Ordered() for stage in Stage}
        self._late: dict[str, Ordered[Since]] = {}
        self._grids: dict[str, tuple[int, int]] = {}

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
        self.changed = True

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
        self.changed = True

    def _stage(self, row: OpenRow) -> Ordered[Since]:
        stage = STAGE_OF[row.state]
        if stage is None:
            raise ValueError(f"{row.case_no} is {row.state}: not an open case")
        return self._stages[stage]

    def _load_grid(self, row: OpenRow, step: int) -> None:
        if row.grid is None:
            return
        cases, late = self._grids.get(row.grid, (0, 0))
        load = (cases + step, late + step * row.overdue)
        if load[0]:
            self._grids[row.grid] = load
        else:
            self._grids.pop(row.grid)

    @property
    def attention_total(self) -> int:
        return len(self._attention)

    def rows(self) -> Mapping[str, OpenRow]:
        return dict(self._rows)

    def grids(self) -> Mapping[str, tuple[int, int]]:
        return dict(self._grids)

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
