"""The journal (处理记录): append-only entries, each case's chained by hash; a case is the fold of its entries.

An entry holds what it changed, as plain values, so that folding needs no rule: rules may change, history may not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from domain.action import Action
from domain.case import Case, CaseKind, CaseState, Severity, Source

FIRST_LINK = "0" * 64
"""What the first entry of a case has in place of the hash before it."""

_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict)
_CASE_FIELDS = tuple(f.name for f in fields(Case))
_FIELD_AT = {name: index for index, name in enumerate(_CASE_FIELDS)}
_SET_FIELDS = tuple(getattr(Case, name).__set__ for name in _CASE_FIELDS)
_case_values = attrgetter(*_CASE_FIELDS)

_TIMES = frozenset(f.name for f in fields(Case) if "datetime" in str(f.type))
_TUPLES = frozenset(f.name for f in fields(Case) if "tuple" in str(f.type))
_ENUMS: dict[str, Any] = {
    "state": CaseState,
    "resume_state": CaseState,
    "severity": Severity,
    "kind": CaseKind,
    "source": Source,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to a case. `changes` maps `Case` fields to plain JSON values (times: epoch ms).

    `entry_id` is given by the store (0 before); it orders all entries of all cases. `hash` covers everything but
    `entry_id`, and `previous_hash`, so a changed, removed or inserted entry breaks the chain of its case.
    """

    case_no: str
    version: int
    action: Action
    at: datetime
    actor: str
    role: str
    seat: str | None = None
    reason: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    previous_hash: str = FIRST_LINK
    hash: str = ""
    entry_id: int = 0


def milliseconds(at: datetime) -> int:
    """Epoch milliseconds of an aware time: the form of every time that is stored or sent."""
    return round(at.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """The aware UTC time of epoch milliseconds."""
    return datetime.fromtimestamp(ms / 1000, UTC)


_READERS: dict[str, Callable[[Any], Any]] = dict.fromkeys(_TIMES, moment) | dict.fromkeys(_TUPLES, tuple) | _ENUMS
"""How the values come back that JSON cannot hold as they are."""


def plain(name: str, value: Any) -> Any:
    """A `Case` field's value as JSON carries it."""
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, tuple):
        return list(value)
    return value.value if name in _ENUMS and value is not None else value


def valued(name: str, value: Any) -> Any:
    """The `Case` field's value that JSON carried."""
    return value if value is None or name not in _READERS else _READERS[name](value)


def fold(case: Case | None, entry: Entry) -> Case:
    """The case after one more entry. Its first entry must carry `reported_at` and `state`."""
    set_values = dict(entry.changes)
    for name in _READERS.keys() & set_values:
        set_values[name] = valued(name, set_values[name])
    if "state" in set_values:
        set_values["state_since"] = entry.at
    set_values["version"] = entry.version
    if case is None:
        return Case(case_no=entry.case_no, **set_values)
    values = list(_case_values(case))
    for name, value in set_values.items():
        values[_FIELD_AT[name]] = value
    return _case_with(values)


def _case_with(values: Iterable[Any]) -> Case:
    """A case with these values of all its fields, in their order.

    Past the constructor: that of a frozen class with sixty fields takes three times as long, and history is folded by
    the million.
    """
    case: Case = object.__new__(Case)
    for set_field, value in zip(_SET_FIELDS, values, strict=True):
        set_field(case, value)
    return case


def rebuild(entries: Iterable[Entry]) -> Case | None:
    """The case its entries make, in their order; None without any."""
    case: Case | None = None
    for entry in entries:
        case = fold(case, entry)
    return case


def link(entry: Entry) -> str:
    """The hash an entry must carry: SHA-256 over its canonical JSON, the previous entry's hash included."""
    return _link(entry, entry.previous_hash)


def _link(entry: Entry, previous_hash: str) -> str:
    body = [
        previous_hash,
        entry.case_no,
        entry.version,
        entry.action.value,
        milliseconds(entry.at),
        entry.actor,
        entry.role,
        entry.seat,
        entry.reason,
        entry.changes,
    ]
    return hashlib.sha256(_CANONICAL.encode(body).encode()).hexdigest()


def sealed(entry: Entry, previous_hash: str) -> Entry:
    """The entry, linked behind the one with `previous_hash`."""
    return replace(entry, previous_hash=previous_hash, hash=_link(entry, previous_hash))
