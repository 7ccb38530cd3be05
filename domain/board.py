"""The board: all the wall shows of cases, as one immutable value, and the messages that lead from one to the next.

The law: ``apply_message(old, message(old, new)) == new``. A reader that cannot follow gets `Resync` and fetches the
whole board again; nothing is ever repaired. Wire forms are plain JSON values with times as epoch milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from domain.attention import AttentionReason
from domain.case import CaseState, Severity, Source, Stage
from domain.facts import CaseFacts
from domain.indicators import COUNT_FIELDS, Counts, Dimension, overdue
from domain.journal import milliseconds, moment
from domain.period import Period
from domain.snapshots import Snapshot

SCHEMA = 2
"""Form of boards and messages on the wire; another number is refused."""

BOARD_DIMENSIONS = (Dimension.CITY, Dimension.DISTRICT, Dimension.DEPARTMENT, Dimension.CLASS)
"""What the board's figures are split by; grids carry only their load, on the map."""

ATTENTION_ROWS = 20
"""How many cases the attention list carries at most; `attention_total` says how many there are."""

Figures = Mapping[Period, Mapping[Dimension, Mapping[str, Counts]]]


class WireError(ValueError):
    """A board or message of a form this program does not know; the text names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """What the map and the lists show of an open case: no personal data. `overdue` holds as of the board's `as_of`.

    `order_due` is when a leader's order must be answered; None once it is, or where there is none.
    """

    case_no: str
    version: int
    state: CaseState
    severity: Severity
    class_code: str
    address: str
    lon: float | None
    lat: float | None
    district: str | None
    grid: str | None
    department: str | None
    reported_at: datetime
    deadline: datetime | None
    state_since: datetime
    claimed_by: str | None
    claimant: str | None
    send_back_count: int
    supervised: bool
    source: Source
    tasked_at: datetime | None
    assigned_at: datetime | None
    ownerless_since: datetime | None
    suspended_until: datetime | None
    current_request: str | None
    order_due: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class StageLoad:
    """How many cases stand at a step, and since when the one that stands there longest (None: nobody).

    The last step, evaluation, has no waiting cases: its count is the cases closed today, and `oldest_at` is None.
    """

    stage: Stage
    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attention:
    """One line of the attention list."""

    reason: AttentionReason
    row: OpenRow


@dataclass(frozen=True, slots=True)
class OverdueDepartment:
    """A department with overdue cases; `oldest_at` is the deadline of the one overdue longest."""

    department: str
    overdue: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One state of the hall. `version` grows with every change of content; `as_of` is when it was last confirmed.

    `figures` leaves out keys whose counts are all zero. `overdue_departments` is ordered, most overdue first.
    `grids` maps a grid to its open and overdue cases. `cases` holds every open case.
    """

    version: int
    as_of: datetime
    figures: Figures
    stages: tuple[StageLoad, ...]
    attention: tuple[Attention, ...]
    attention_total: int
    overdue_departments: tuple[OverdueDepartment, ...]
    open_total: int
    overdue: int
    overdue_3x: int
    grids: Snapshot[tuple[int, int]]
    cases: Snapshot[OpenRow]

    def counts(self, period: Period, dimension: Dimension = Dimension.CITY, key: str = "") -> Counts:
        """The counts of one key; all zero where nothing happened."""
        return self.figures[period][dimension].get(key, _NO_COUNTS)


_NO_COUNTS = Counts()
_counts_row: Callable[[Counts], tuple[int, ...]] = attrgetter(*COUNT_FIELDS)
_ROW_FIELDS = tuple(field.name for field in fields(OpenRow))
_ROW_TIMES = tuple(field.name for field in fields(OpenRow) if "datetime" in str(field.type))
_ROW_TAKEN = tuple(name for name in _ROW_FIELDS if name not in ("overdue", "order_due"))
_TOTALS = ("attention_total", "open_total", "overdue", "overdue_3x")


@dataclass(frozen=True, slots=True)
class Resync:
    """The reader has `have` and the message leads on from `need`: fetch the whole board."""

    have: int | None
    need: int | None


def row_of(facts: CaseFacts, at: datetime) -> OpenRow:
    """The row of an open case as of `at`."""
    taken = {name: getattr(facts, name) for name in _ROW_TAKEN}
    due = None if facts.order_answered_at else facts.order_due
    return OpenRow(**taken, order_due=due, overdue=overdue(facts, at))


def row_to_wire(row: OpenRow) -> dict[str, Any]:
    """An open case as JSON carries it."""
    wire = {name: getattr(row, name) for name in _ROW_FIELDS}
    return wire | {name: _ms(wire[name]) for name in _ROW_TIMES}


def row_from_wire(wire: Mapping[str, Any]) -> OpenRow:
    """The open case that JSON carried; fields this program does not know are left out."""
    values = {name: wire[name] for name in _ROW_FIELDS}
    values |= {name: _moment(values[name]) for name in _ROW_TIMES}
    values |= {"state": CaseState(values["state"]), "severity": Severity(values["severity"])}
    values["source"] = Source(values["source"])
    return OpenRow(**values)


def to_wire(board: Board) -> dict[str, Any]:
    """The board without its open cases; those travel as rows (`row_to_wire`)."""
    figures = {
        period.value: {dimension.value: _counts_wire(keys) for dimension, keys in dimensions.items()}
        for period, dimensions in board.figures.items()
    }
    totals = {name: getattr(board, name) for name in _TOTALS}
    head = {"schema": SCHEMA, "version": board.version, "as_of": milliseconds(board.as_of)}
    return head | totals | _lists_wire(board) | {"figures": figures, "grids": dict(board.grids)}


def from_wire(wire: Mapping[str, Any], cases: Mapping[str, OpenRow]) -> Board:
    """The board that JSON carried, with its open cases.

    Raises:
        WireError: another schema, or an attention line about a case that is not among `cases`.
    """
    _check_schema(wire)
    figures = {
        period: {
            dimension: {key: _counts(row) for key, row in wire["figures"][period][dimension].items()}
            for dimension in BOARD_DIMENSIONS
        }
        for period in Period
    }
    return Board(
        version=wire["version"],
        as_of=moment(wire["as_of"]),
        figures=figures,
        grids=Snapshot.of({code: (load[0], load[1]) for code, load in wire["grids"].items()}),
        cases=Snapshot.of(cases),
        **_read_parts(wire, cases),
    )


def message(old: Board | None, new: Board) -> dict[str, Any]:
    """What leads from `old` to `new`. Without `old`, every row is put and the reader must fetch the rest.

    ``board`` holds the parts that differ: lists and totals whole, figures and grids by key (null: gone).
    """
    before = old.cases if old else Snapshot[OpenRow].of({})
    moved = list(before.differing(new.cases))
    put = [row_to_wire(new.cases[no]) for no in moved if no in new.cases]
    drop = [no for no in moved if no not in new.cases]
    head = {"schema": SCHEMA, "from": old.version if old else None, "to": new.version}
    parts = _changed_parts(old, new) if old else {}
    return head | {"as_of": milliseconds(new.as_of), "board": parts, "put": put, "drop": drop}


def fetch_message(new: Board) -> dict[str, Any]:
    """What tells every reader that a whole new board is there to fetch: its writer begins."""
    head = {"schema": SCHEMA, "from": None, "to": new.version, "as_of": milliseconds(new.as_of)}
    return head | {"board": {}, "put": [], "drop": []}


def apply_message(board: Board | None, wire: Mapping[str, Any]) -> Board | Resync:
    """The board after a message; the same board for a message it already contains; `Resync` if it cannot follow.

    Raises:
        WireError: a message of another schema.
    """
    _check_schema(wire)
    as_of = moment(wire["as_of"])
    if board is None or wire["from"] is None:
        return Resync(board.version if board else None, wire["from"])
    if wire["from"] == board.version:
        return _next_board(board, wire, as_of)
    if wire["to"] <= board.version and as_of <= board.as_of:
        return board
    return Resync(board.version, wire["from"])


def _next_board(board: Board, wire: Mapping[str, Any], as_of: datetime) -> Board:
    parts = wire["board"]
    cases = board.cases.changed({row["case_no"]: row_from_wire(row) for row in wire["put"]}, wire["drop"])
    return replace(
        board,
        version=wire["to"],
        as_of=max(as_of, board.as_of),
        figures=_next_figures(board.figures, parts.get("figures", {})),
        grids=_next_grids(board.grids, parts.get("grids", {})),
        cases=cases,
        **_read_parts(parts, cases),
    )


def _next_figures(figures: Figures, changed: Mapping[str, Any]) -> Figures:
    after = {period: dict(dimensions) for period, dimensions in figures.items()}
    for period, dimensions in changed.items():
        for dimension, keys in dimensions.items():
            rows = {**after[Period(period)][Dimension(dimension)]}
            rows.update({key: _counts(row) for key, row in keys.items() if row is not None})
            gone = {key for key, row in keys.items() if row is None}
            after[Period(period)][Dimension(dimension)] = {key: row for key, row in rows.items() if key not in gone}
    return after


def _next_grids(grids: Snapshot[tuple[int, int]], changed: Mapping[str, Any]) -> Snapshot[tuple[int, int]]:
    put = {code: (load[0], load[1]) for code, load in changed.items() if load is not None}
    return grids.changed(put, changed.keys() - put.keys())


def _changed_parts(old: Board, new: Board) -> dict[str, Any]:
    parts = {name: getattr(new, name) for name in _TOTALS if getattr(old, name) != getattr(new, name)}
    lists = _lists_wire(new)
    parts |= {name: lists[name] for name in lists if getattr(old, name) != getattr(new, name)}
    figures = {period.value: _changed_dimensions(old, new, period) for period in Period}
    parts["figures"] = {period: changed for period, changed in figures.items() if changed}
    parts["grids"] = {code: new.grids.get(code) for code in old.grids.differing(new.grids)}
    return {name: part for name, part in parts.items() if part != {}}


def _changed_dimensions(old: Board, new: Board, period: Period) -> dict[str, dict[str, Any]]:
    before, after = old.figures[period], new.figures[period]
    changed = {dimension.value: _changed_keys(before[dimension], after[dimension]) for dimension in BOARD_DIMENSIONS}
    return {
        dimension: {key: counts and _counts_row(counts) for key, counts in keys.items()}
        for dimension, keys in changed.items()
        if keys
    }


def _changed_keys(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    if old is new:
        return {}
    put = {key: value for key, value in new.items() if old.get(key) is not value and old.get(key) != value}
    return put | dict.fromkeys(old.keys() - new.keys())


def _lists_wire(board: Board) -> dict[str, Any]:
    return {
        "stages": [[load.stage, load.count, _ms(load.oldest_at)] for load in board.stages],
        "attention": [[line.reason, line.row.case_no] for line in board.attention],
        "overdue_departments": [[d.department, d.overdue, _ms(d.oldest_at)] for d in board.overdue_departments],
    }


def _read_parts(wire: Mapping[str, Any], cases: Mapping[str, OpenRow]) -> dict[str, Any]:
    """The totals and lists that are in `wire`, as `Board` fields."""
    parts: dict[str, Any] = {name: wire[name] for name in _TOTALS if name in wire}
    if "stages" in wire:
        parts["stages"] = tuple(StageLoad(Stage(stage), count, _moment(at)) for stage, count, at in wire["stages"])
    if "attention" in wire:
        parts["attention"] = tuple(_attention(reason, case_no, cases) for reason, case_no in wire["attention"])
    if "overdue_departments" in wire:
        rows = wire["overdue_departments"]
        parts["overdue_departments"] = tuple(OverdueDepartment(code, count, moment(at)) for code, count, at in rows)
    return parts


def _attention(reason: str, case_no: str, cases: Mapping[str, OpenRow]) -> Attention:
    if case_no not in cases:
        raise WireError(f"attention line about {case_no}, which is not among the open cases")
    return Attention(AttentionReason(reason), cases[case_no])


def _check_schema(wire: Mapping[str, Any]) -> None:
    if wire.get("schema") != SCHEMA:
        raise WireError(f"board schema {wire.get('schema')!r}; this program reads {SCHEMA}: run one version everywhere")


def _counts_wire(keys: Mapping[str, Counts]) -> dict[str, tuple[int, ...]]:
    return {key: _counts_row(counts) for key, counts in keys.items()}


def _counts(row: Sequence[int]) -> Counts:
    return Counts(**dict(zip(COUNT_FIELDS, row, strict=True)))


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else moment(ms)
