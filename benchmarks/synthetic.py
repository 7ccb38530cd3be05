"""Synthetic stored cases: as many as wanted, from a fixed seed, most of them closed long ago."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from data_access.cases import CaseStore
from data_access.engine import migrate, open_engine
from domain.action import Action
from domain.calendars import default_calendar
from domain.case import Case, CaseState, Severity
from domain.journal import Entry, milliseconds, rebuild
from domain.policy import Policy
from domain.rights import Mode

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = Policy(mode=Mode.TWO_TWO, calendar=default_calendar(ZONE), photos_needed=False)
PER_DAY = 10_000
BATCH = 5_000
DISTRICTS = ("370202", "370203", "370205", "370213")
DEPARTMENTS = tuple(f"D{number:03}" for number in range(132))
CLASSES = tuple(f"E{number:04}" for number in range(92))
GRIDS = tuple(f"G{number:05}" for number in range(4737))


def open_store(file: Path, **parts: Any) -> tuple[Engine, CaseStore]:
    """A migrated store on a SQLite file; `parts` go to `CaseStore`."""
    engine = open_engine(f"sqlite:///{file}")
    migrate(engine)
    return engine, CaseStore(engine, POLICY, number_prefix="BM", zone=ZONE, **parts)


def fill(store: CaseStore, count: int, *, still_open: int, now: datetime, per_day: float = PER_DAY) -> None:
    """Store `count` cases that end at `now`; the newest `still_open` are at a department, some of them overdue."""
    cases = histories(count, still_open=still_open, now=now, per_day=per_day)
    with store.bulk() as writer:
        while batch := list(islice(cases, BATCH)):
            writer.append(batch)


def histories(count: int, *, still_open: int, now: datetime, per_day: float) -> Iterator[tuple[Case, list[Entry]]]:
    """The cases with their entries, oldest first."""
    rng = random.Random(370200)
    apart = timedelta(days=1) / per_day
    for number in range(count):
        reported = now - apart * (count - number)
        yield _history(f"B{number:09}", reported, rng, is_open=number >= count - still_open)


def _history(case_no: str, reported: datetime, rng: random.Random, *, is_open: bool) -> tuple[Case, list[Entry]]:
    limit = timedelta(hours=rng.choice((2, 8, 24)))
    done = reported + limit * rng.uniform(0.1, 1.3)
    report = _facts(rng) | {"reported_at": milliseconds(reported), "state": CaseState.PENDING_DISPATCH.value}
    stamps = dict.fromkeys(("accepted_at", "filed_at", "dispatched_at"), milliseconds(reported))
    step = stamps | {"deadline": milliseconds(reported + limit)}
    step |= {"department": rng.choice(DEPARTMENTS), "state": CaseState.DISPOSING.value}
    if not is_open:
        ends = dict.fromkeys(("disposed_at", "closed_at"), milliseconds(done))
        step |= ends | {"state": CaseState.CLOSED.value}
    entries = [
        _entry(case_no, 1, Action.IMPORT_REPORT, reported, report),
        _entry(case_no, 2, Action.IMPORT_STEP, reported if is_open else done, step),
    ]
    case = rebuild(entries)
    assert case is not None
    return case, entries


def _facts(rng: random.Random) -> dict[str, object]:
    return {
        "class_code": rng.choice(CLASSES),
        "district": rng.choice(DISTRICTS),
        "grid": rng.choice(GRIDS),
        "severity": rng.choices(list(Severity), weights=(1, 5, 24, 70))[0].value,
        "address": f"{rng.choice('香港东海山东')}路{rng.randrange(300)}号",
        "lon": 120.3 + rng.random() / 5,
        "lat": 36.05 + rng.random() / 5,
    }


def _entry(case_no: str, version: int, action: Action, at: datetime, changes: dict[str, object]) -> Entry:
    return Entry(
        case_no=case_no, version=version, action=action, at=at, actor="benchmark", role="admin", changes=changes
    )
