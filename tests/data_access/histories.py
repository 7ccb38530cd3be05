"""Case histories for the tests of the store: any facts at any time, on a coarse grid of moments so that bounds meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from domain.action import Action
from domain.case import Case, CaseState, Severity, Source
from domain.journal import Entry, fold, milliseconds, rebuild

CITY_ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 10, tzinfo=UTC)
STEP = timedelta(hours=8)
STEPS = 90
"""Thirty days of moments: the histories happen on them, and the tests ask about them."""

History = tuple[Case, list[Entry]]


def at_step(step: int) -> datetime:
    return START + STEP * step


def entry(case_no: str, version: int, at: datetime, changes: dict[str, Any]) -> Entry:
    """One entry of a history, unsealed; times among the changes may be datetimes."""
    plain = {name: milliseconds(value) if isinstance(value, datetime) else value for name, value in changes.items()}
    action = Action.IMPORT_REPORT if version == 1 else Action.IMPORT_STEP
    return Entry(case_no=case_no, version=version, action=action, at=at, actor="outside", role="admin", changes=plain)


def history(case_no: str, *steps: tuple[datetime, dict[str, Any]]) -> History:
    """A history from its steps: when, and what changed. The first is the report."""
    (first_at, first), *later = steps
    first = {"state": CaseState.PENDING_ACCEPTANCE.value, "reported_at": first_at} | first
    entries = [entry(case_no, 1, first_at, first)]
    entries += [entry(case_no, version, at, changes) for version, (at, changes) in enumerate(later, start=2)]
    case = rebuild(entries)
    assert case is not None
    return case, entries


def as_they_stood(histories: Iterable[History], at: datetime) -> list[Case]:
    """The reference: each case folded by the domain from its entries before `at`."""
    found = [rebuild(entry for entry in entries if entry.at < at) for _, entries in histories]
    return [case for case in found if case is not None]


_moments = st.integers(0, STEPS).map(at_step)
_maybe_moment = st.none() | _moments
_facts = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from([state.value for state in CaseState]),
        "accepted_at": _maybe_moment,
        "filed_at": _maybe_moment,
        "dispatched_at": _maybe_moment,
        "deadline": _maybe_moment,
        "disposed_at": _maybe_moment,
        "closed_at": _maybe_moment,
        "last_failed_check_at": _maybe_moment,
        "timeout_exempt": st.booleans(),
        "self_disposed": st.booleans(),
        "district": st.sampled_from([None, "370202", "370203"]),
        "department": st.sampled_from([None, "A01", "B02"]),
        "class_code": st.sampled_from(["C0101", "E0203"]),
        "severity": st.sampled_from([level.value for level in Severity]),
        "source": st.sampled_from([source.value for source in Source]),
        "description": st.sampled_from(["", "井盖缺失", "Pothole 100% deep"]),
    },
)


@st.composite
def case_histories(draw: st.DrawFn, prefix: str, grid: str) -> list[History]:
    """Up to six cases of one grid, each with up to four entries in order of time."""
    made = []
    for number in range(draw(st.integers(1, 6))):
        times = sorted(draw(st.lists(_moments, min_size=1, max_size=4)))
        facts = [draw(_facts) for _ in times]
        facts[0] |= {"grid": grid, "reported_at": times[0]}
        made.append(history(f"{prefix}{number}", *zip(times, facts, strict=True)))
    return made


def folded_again(entries: Sequence[Entry]) -> list[Case]:
    """Each state a case went through, in order."""
    states: list[Case] = []
    for step in entries:
        states.append(fold(states[-1] if states else None, step))
    return states
