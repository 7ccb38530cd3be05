"""The versions of a case as rows: what it was after each of its entries, and from when to when that held.

A row holds in ``[since, until)``; as of a moment T (everything before T counts, nothing later) it is the case's row
where ``since < T <= until``. `until` is None for the newest. A case's `case_id` is the number of its first entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass
from datetime import datetime
from itertools import pairwise
from operator import itemgetter
from types import MappingProxyType
from typing import Any, get_type_hints

import pyarrow as pa

from data_access.history.steps import STEP_FIELDS, Steps
from domain.case import FINAL_STATES, Case
from domain.journal import plain

CASE_FIELDS = (
    "case_no",
    "version",
    "state",
    "state_since",
    "source",
    "kind",
    "class_code",
    "severity",
    "lon",
    "lat",
    "district",
    "grid",
    "area_class",
    "owner_level",
    "reported_at",
    "accepted_at",
    "filed_at",
    "dispatched_at",
    "tasked_at",
    "assigned_at",
    "disposed_at",
    "checked_at",
    "closed_at",
    "last_failed_check_at",
    "deadline",
    "original_deadline",
    "department",
    "owner_department",
    "paused_seconds",
    "paused_since",
    "suspended_until",
    "ownerless_since",
    "current_request",
    "rework_count",
    "extension_count",
    "send_back_count",
    "urged_count",
    "supervised",
    "self_disposed",
    "timeout_exempt",
    "appealed",
    "called_back",
    "order_due",
    "order_answered_at",
)
"""The `Case` fields that are kept: no description, no address, no reporter."""

SPAN_FIELDS = ("case_id", "since", "until", "left_state", "ended_by", "ended_role", "ended_action")
"""Whose row, when it held (epoch ms), whether what ended it was a new state, who ended it, in which role, and how."""

FIELDS = (*SPAN_FIELDS, *CASE_FIELDS, *STEP_FIELDS)

Row = tuple[Any, ...]

_values_of = itemgetter(*CASE_FIELDS)
_UNKNOWN = (None,) * len(STEP_FIELDS)
_FINAL = frozenset(state.value for state in FINAL_STATES)
_KINDS = get_type_hints(Case)
_UNTOLD: Mapping[str, Any] = MappingProxyType(
    {
        name: plain(name, Case.__dataclass_fields__[name].default)
        if Case.__dataclass_fields__[name].default is not MISSING
        else None
        for name in CASE_FIELDS
    }
)


def _column(name: str) -> pa.DataType:
    kind = _KINDS[name]
    if kind in (datetime, datetime | None):
        return pa.int64()
    if kind is bool:
        return pa.bool_()
    if kind is int:
        return pa.int32()
    return pa.float64() if kind in (float, float | None) else pa.string()


SCHEMA = pa.schema(
    [
        ("case_id", pa.int64()),
        ("since", pa.int64()),
        ("until", pa.int64()),
        ("left_state", pa.bool_()),
        ("ended_by", pa.string()),
        ("ended_role", pa.string()),
        ("ended_action", pa.string()),
        *((name, _column(name)) for name in CASE_FIELDS),
        ("began_at", pa.int64()),
        ("acts", pa.int64()),
        ("events", pa.string()),
        ("failures", pa.int32()),
        ("sent_from", pa.int32()),
        ("extended_at", pa.int64()),
        ("stood_at", pa.int64()),
        ("reported_by", pa.string()),
        ("reporter_role", pa.string()),
        ("verified_by", pa.string()),
        ("verifier_role", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Told:
    """One journal entry, as far as rows need it. `at` is epoch ms."""

    entry_id: int
    case_no: str
    version: int
    at: int
    actor: str
    role: str
    action: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CaseRows:
    """What a case adds to a copy that knows its entries up to a number.

    `replaces` says that the rows kept so far are no longer true and these are all there are: the case was over and
    goes on, or an entry was written later than its time says. Else only rows after the kept ones are given.
    """

    case_id: int
    rows: Sequence[Row]
    known: bool
    replaces: bool


def case_rows(entries: Sequence[Told], *, kept_to: int) -> CaseRows:
    """The rows of one case from all its entries, in the order of versions; `kept_to` is the newest number kept."""
    case_id = entries[0].entry_id
    old = sum(entry.entry_id <= kept_to for entry in entries)
    in_order = all(one.at <= other.at for one, other in pairwise(entries))
    rows = list(_in_order(case_id, entries) if in_order else _out_of_order(case_id, entries))
    if not old:
        return CaseRows(case_id, rows, known=False, replaces=False)
    if not in_order or _state_of(entries[:old]) in _FINAL:
        return CaseRows(case_id, rows, known=True, replaces=True)
    return CaseRows(case_id, rows[old - 1 :], known=True, replaces=False)


def _in_order(case_id: int, entries: Sequence[Told]) -> Iterator[Row]:
    """One row an entry; two at the same moment leave a row that holds for no time but still tells who ended it."""
    values, steps = dict(_UNTOLD), Steps()
    for entry, following in zip(entries, [*entries[1:], None], strict=True):
        steps.take(entry, values, values["version"])
        _tell(values, entry)
        end = (None, False, None, None, None) if following is None else (following.at, *_ending(following))
        yield case_id, entry.at, *end, *_values_of(values), *steps.values(values)


def _ending(entry: Told) -> tuple[bool, str, str, str]:
    """What is told of the entry that ends a row: whether by a new state, who, in which role, by what action."""
    return "state" in entry.changes, entry.actor, entry.role, entry.action


def _out_of_order(case_id: int, entries: Sequence[Told]) -> Iterator[Row]:
    """Clocks disagreed: as of each moment, the entries before it in the order of their versions."""
    moments = sorted({entry.at for entry in entries})
    for at, until in zip(moments, [*moments[1:], None], strict=True):
        values = dict(_UNTOLD)
        for entry in entries:
            if entry.at <= at:
                _tell(values, entry)
        ends = [entry for entry in entries if entry.at == until]
        left = any("state" in entry.changes for entry in ends)
        last = _ending(ends[-1])[1:] if ends else (None, None, None)
        yield case_id, at, until, left, *last, *_values_of(values), *_UNKNOWN


def _tell(values: dict[str, Any], entry: Told) -> None:
    """What `data_access.case_past.plain_fold` does, for one more entry."""
    values.update(entry.changes)
    values["case_no"] = entry.case_no
    values["version"] = entry.version
    if "state" in entry.changes:
        values["state_since"] = entry.at


def _state_of(entries: Iterable[Told]) -> str | None:
    states = [entry.changes["state"] for entry in entries if "state" in entry.changes]
    return states[-1] if states else None


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows as an Arrow table."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in FIELDS)
    return pa.table([pa.array(column, kind.type) for column, kind in zip(columns, SCHEMA, strict=True)], SCHEMA)
