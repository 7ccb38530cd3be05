"""One record of an outside system as the steps of a case: what was known at which of its own times.

The first step reports the case, each later one begins a stage. Steps at the same moment are one. A record with faults
becomes no steps but a list of what is wrong, field by field.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from data_access.case_files import Record
from data_access.case_mapping import OTHERWISE, STAGES, TEXTS, CaseMapping
from data_access.case_times import Reading, TimeReader, TimeWrong
from domain.case import FINAL_STATES, STAGE_OF, CaseState, Stage

_ENDS_UNDONE = FINAL_STATES - {CaseState.CLOSED}
_STEPS = tuple(STAGES.values())
_ROW = "(row)"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a record, named as in the file."""

    line: int
    field: str
    reason: str


@dataclass(slots=True)
class Step:
    """What became known of a case at `at` (epoch ms): `Case` fields with plain values."""

    at: int
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OutsideHistory:
    """A case of an outside system. `moved` says that a step was written before the one it follows."""

    line: int
    outside_id: str
    steps: tuple[Step, ...]
    moved: bool = False


class _Faulty(Exception):
    """A field that cannot be used."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


@dataclass(slots=True)
class HistoryReader:
    """Turns records into histories by a mapping. `times` counts local times that the clocks made doubtful."""

    mapping: CaseMapping
    times: TimeReader = field(init=False)
    _used: frozenset[str] = field(init=False)
    _tolerance_ms: int = field(init=False)

    def __post_init__(self) -> None:
        self.times = TimeReader(self.mapping.time_formats, self.mapping.zone)
        self._used = frozenset(column.name for column in self.mapping.columns.values()) | self.mapping.drop
        self._tolerance_ms = round(self.mapping.backwards_seconds * 1000)

    def history(self, record: Record) -> OutsideHistory | list[Fault]:
        """The steps of a record, or everything that is wrong with it."""
        if record.fault is not None:
            return [Fault(record.line, _ROW, record.fault)]
        draft = _Draft(record.values, self)
        faults = [Fault(record.line, column, reason) for column, reason in draft.fill()]
        return faults or OutsideHistory(record.line, draft.outside_id, draft.steps(), draft.moved)

    def attributes(self, row: Mapping[str, Any]) -> dict[str, str]:
        """The columns that the mapping does not name, as text; empty ones are left out."""
        used = self._used
        return {str(name): str(value) for name, value in row.items() if name not in used and value not in (None, "")}

    def backwards(self, ms: int) -> bool:
        """Whether a step so far before the one it follows still counts as the same moment."""
        return ms <= self._tolerance_ms


class _Draft:
    """One record on its way to steps."""

    def __init__(self, row: Mapping[str, Any], reader: HistoryReader) -> None:
        self._row = row
        self._reader = reader
        self._columns = reader.mapping.columns
        self._facts: dict[str, Any] = dict(reader.mapping.fixed)
        self._kept: dict[str, str] = {}
        self._read: dict[Any, Reading] = {}
        self._reported = 0
        self._reached: list[tuple[int, str, CaseState]] = []
        self._state: CaseState | None = None
        self._ended: int | None = None
        self.outside_id = ""
        self.moved = False

    def fill(self) -> Iterator[tuple[str, str]]:
        """Read every field; yields the faults as (column, reason)."""
        for read in (self._identify, self._describe, self._place, self._word, self._date):
            try:
                read()
            except _Faulty as faulty:
                yield faulty.column, faulty.reason

    def steps(self) -> tuple[Step, ...]:
        """The report, then a step for each later moment."""
        report = Step(self._reported, self._facts)
        steps = [report]
        state = CaseState.PENDING_ACCEPTANCE
        for at, name, after in self._reached:
            if at != steps[-1].at:
                steps.append(Step(at, {}))
            steps[-1].facts |= {name: at, "state": after.value}
            if name == "dispatched_at" and "department" in self._facts:
                steps[-1].facts["departments_tasked"] = [self._facts["department"]]
            state = after
        if self._state is not None and self._state is not state:
            if self._ended is not None and self._ended > steps[-1].at:
                steps.append(Step(self._ended, {}))
            steps[-1].facts["state"] = self._state.value
        report.facts |= {
            "source_system": self._reader.mapping.source_system,
            "outside_id": self.outside_id,
            "attributes": self._reader.attributes(self._row) | self._kept,
        }
        return tuple(steps)

    def _value(self, key: str) -> Any:
        column = self._columns.get(key)
        return None if column is None else column.value(self._row)

    def _identify(self) -> None:
        value = self._value("outside_id")
        if value is None:
            raise self._faulty("outside_id", "is empty; every case needs its outside number")
        self.outside_id = str(value)

    def _describe(self) -> None:
        for key, name in TEXTS.items():
            if (value := self._value(key)) is not None:
                self._facts[name] = str(value)

    def _place(self) -> None:
        for key, limit in (("lon", 180), ("lat", 90)):
            if (value := self._value(key)) is not None:
                self._facts[key] = self._degrees(key, value, limit)

    def _degrees(self, key: str, value: Any, limit: int) -> float:
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not abs(number) <= limit:
            raise self._faulty(key, f"{str(value)!r} should be degrees between -{limit} and {limit}")
        return number

    def _word(self) -> None:
        for key in ("source", "severity"):
            if (word := self._ours(key)) is not None:
                self._facts[key] = word
        if (status := self._ours("status")) is not None:
            self._state = CaseState(status)

    def _ours(self, key: str) -> str | None:
        """Our word for the outside's; None where the mapping has no such column or the row no such value."""
        value = self._value(key)
        if value is None:
            return None
        words = self._reader.mapping.words.get(key, {})
        ours = words.get(str(value), words.get(OTHERWISE))
        if ours is None:
            known = ", ".join(words) or "none"
            raise self._faulty(key, f'"{value}" is not in words.{key} of the mapping (there: {known})')
        return ours

    def _date(self) -> None:
        """Stage times in order; those the status says are not reached yet are kept as attributes only."""
        reported = self._time("reported")
        if reported is None:
            raise self._faulty("reported", "is empty; every case needs the time it was reported")
        self._reported = last = reported.ms
        if (due := self._time("due")) is not None:
            self._facts["deadline"] = self._facts["original_deadline"] = due.ms
        for index, (key, (name, after)) in enumerate(STAGES.items()):
            reading = self._time(key)
            if reading is None:
                continue
            if not self._is_reached(index):
                self._keep(key)
                continue
            last = self._in_order(key, reading, last)
            if self._state in _ENDS_UNDONE and key == "closed":
                self._ended = last
            else:
                self._reached.append((last, name, after))
        self._check_end()

    def _is_reached(self, index: int) -> bool:
        return self._state is None or index < _REACHED_BY[self._state]

    def _check_end(self) -> None:
        """A finished case needs the time it ended, or figures could not count it."""
        finished = self._state is CaseState.CLOSED
        if finished and not any(name == "closed_at" for _, name, _ in self._reached):
            raise self._faulty("closed", "is empty although the status says the case is closed")

    def _time(self, key: str) -> Reading | None:
        value = self._value(key)
        if value is None:
            return None
        if value not in self._read:
            try:
                self._read[value] = self._reader.times.read(value)
            except TimeWrong as wrong:
                raise self._faulty(key, str(wrong)) from None
        return self._read[value]

    def _in_order(self, key: str, reading: Reading, last: int) -> int:
        ms = reading.not_before(last)
        if ms >= last:
            return ms
        if not self._reader.backwards(last - ms):
            seconds = (last - ms) / 1000
            raise self._faulty(
                key, f"lies {seconds:g} s before the step it follows; see backwards_seconds in the mapping"
            )
        self._keep(key)
        self.moved = True
        return last

    def _keep(self, key: str) -> None:
        """The value as written, for a time that stands nowhere else on the case."""
        column = self._columns[key]
        self._kept[column.name] = str(self._row[column.name])

    def _faulty(self, key: str, reason: str) -> _Faulty:
        column = self._columns.get(key)
        return _Faulty(column.name if column else key, reason)


def _reached_by(state: CaseState) -> int:
    """How many of the stages a case in this state has begun, counted in their order."""
    if state in FINAL_STATES:
        return len(_STEPS)
    by_stage = {Stage.COLLECTION: 0, Stage.FILING: 1, Stage.DISPATCH: 2, Stage.DISPOSAL: 3, Stage.FEEDBACK: 4}
    stage = STAGE_OF[state]
    return by_stage.get(stage, 4) if stage else len(_STEPS)


_REACHED_BY = {state: _reached_by(state) for state in CaseState}
