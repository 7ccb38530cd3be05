"""Facts of cases for tests: one valid case in one call, and random lives of cases for the laws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from domain.case import CaseKind, CaseState, Severity, Source
from domain.facts import CaseFacts, Change

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 8, 6, 6, 32, 7, tzinfo=UTC)


def make_facts(case_no: str = "370200", **given: object) -> CaseFacts:
    """A case just reported by a collector; `given` sets any field."""
    values: dict[str, object] = {
        "version": 1,
        "state": CaseState.PENDING_FILING,
        "source": Source.COLLECTOR,
        "kind": CaseKind.EVENT,
        "class_code": "E0203",
        "severity": Severity.L4,
        "address": "香港中路12号",
        "lon": 120.38,
        "lat": 36.06,
        "district": "370202",
        "grid": "37020200100101",
        "department": None,
        "reported_at": NOW - timedelta(hours=1),
        "accepted_at": None,
        "filed_at": None,
        "dispatched_at": None,
        "deadline": None,
        "disposed_at": None,
        "closed_at": None,
        "last_failed_check_at": None,
        "rework_count": 0,
        "send_back_count": 0,
        "supervised": False,
        "self_disposed": False,
        "timeout_exempt": False,
        "claimed_by": None,
    } | given
    values.setdefault("state_since", values["reported_at"])
    return CaseFacts(case_no=case_no, **values)  # type: ignore[arg-type]


Life = list[tuple[datetime, CaseFacts]]
"""One case's facts after each of its entries, with the entry's time."""

_UNITS = {
    "district": st.sampled_from([None, "370202", "370203"]),
    "grid": st.sampled_from([None, "G1", "G2"]),
    "department": st.sampled_from([None, "D1", "D2"]),
    "class_code": st.sampled_from(["C0101", "E0203"]),
    "severity": st.sampled_from(Severity),
    "supervised": st.booleans(),
    "self_disposed": st.booleans(),
    "timeout_exempt": st.booleans(),
    "send_back_count": st.integers(0, 3),
    "state": st.sampled_from(CaseState),
}
_STAMPS = ("accepted_at", "filed_at", "dispatched_at", "disposed_at", "closed_at", "last_failed_check_at")


@st.composite
def lives(draw: st.DrawFn, span_days: int = 40) -> list[Life]:
    """Lives of some cases: any facts may change to anything a step, stamps are at or before the step's time."""
    return [draw(_life(f"case-{number}", span_days)) for number in range(draw(st.integers(0, 6)))]


@st.composite
def _life(draw: st.DrawFn, case_no: str, span_days: int) -> Life:
    minutes = sorted(draw(st.lists(st.integers(0, span_days * 1440), min_size=1, max_size=5)))
    times = [NOW - timedelta(days=span_days) + timedelta(minutes=minute) for minute in minutes]
    facts = make_facts(case_no, reported_at=times[0])
    life: Life = []
    for version, at in enumerate(times, start=1):
        facts = replace(facts, version=version, **draw(_step(at)))
        facts = replace(facts, state_since=at)
        life.append((at, facts))
    return life


@st.composite
def _step(draw: st.DrawFn, at: datetime) -> dict[str, object]:
    units = draw(st.lists(st.sampled_from(sorted(_UNITS)), unique=True, max_size=4))
    step: dict[str, object] = {name: draw(_UNITS[name]) for name in units}
    stamps = draw(st.lists(st.sampled_from(_STAMPS), unique=True, max_size=3))
    step |= {name: draw(st.sampled_from([None, at, at - timedelta(hours=5)])) for name in stamps}
    if draw(st.booleans()):
        step["deadline"] = draw(st.sampled_from([None, at - timedelta(hours=3), at + timedelta(hours=7, minutes=3)]))
    return step


def changes_of(some_lives: Sequence[Life]) -> list[Change]:
    """The lives as one journal: all steps by time, numbered."""
    numbers = count(1)
    steps = sorted(
        ((at, facts.case_no, index) for life in some_lives for index, (at, facts) in enumerate(life)),
        key=lambda step: (step[0], step[1], step[2]),
    )
    by_case = {life[0][1].case_no: life for life in some_lives}
    return [
        Change(
            entry_id=next(numbers),
            action="import_step",
            at=at,
            before=by_case[case_no][index - 1][1] if index else None,
            after=by_case[case_no][index][1],
        )
        for at, case_no, index in steps
    ]


def as_of(some_lives: Sequence[Life], end: datetime) -> list[CaseFacts]:
    """The facts of every case as they stood at `end`."""
    stood = [[facts for at, facts in life if at < end] for life in some_lives]
    return [facts[-1] for facts in stood if facts]
