"""The risk of every running case now, from the case rows and a trained model; and the model's file. Blocking."""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, Row, select

from data_access.engine import reading
from data_access.schema import cases
from domain.case import OPEN_STATES, Case
from domain.journal import valued
from domain.risk import RiskModel, assess
from domain.risk_view import limit_runs, view_of
from domain.risk_wire import RiskBoard, model_from_wire, model_to_wire
from domain.worktime import WorkCalendar

MODEL_FILE = "risk-model.json"

_NEEDED = (
    *("case_no", "version", "state", "state_since", "source", "class_code", "severity", "district", "department"),
    *("reported_at", "dispatched_at", "disposed_at", "deadline", "limit_unit", "paused_seconds", "paused_since"),
    *("remaining_seconds", "rework_count", "extension_count", "send_back_count", "urged_count", "supervised"),
    *("self_disposed", "timeout_exempt", "current_request"),
)
"""What a risk looks at: the other half of a case's columns is not read."""

_RUNNING = select(*(cases.c[name] for name in _NEEDED)).where(
    cases.c.state.in_(sorted(OPEN_STATES)), cases.c.deadline.is_not(None), cases.c.disposed_at.is_(None)
)


def score(engine: Engine, model: RiskModel, calendar: WorkCalendar, now: datetime) -> RiskBoard:
    """Every running case's risk as of `now`, the most probable first.

    Raises:
        StoreError: the database does not answer.
    """
    with reading(engine) as connection:
        found = [_case(row) for row in connection.execute(_RUNNING)]
    running = [case for case in found if limit_runs(case)]
    return assessed(running, model, calendar, now)


def _case(row: Row[*tuple[Any, ...]]) -> Case:
    return Case(**{name: valued(name, value) for name, value in zip(_NEEDED, row, strict=True)})


def assessed(running: list[Case], model: RiskModel, calendar: WorkCalendar, now: datetime) -> RiskBoard:
    """The same for cases at hand; those already late count as their department's load only."""
    load = Counter(case.department or "" for case in running)
    found = []
    for case in running:
        department = case.department or ""
        view = view_of(case, now, calendar, load=load[department], daily=model.records.daily(department))
        if view is not None:
            found.append(assess(view, model, calendar.zone))
    found.sort(key=lambda one: (-one.probability, one.deadline, one.case_no))
    return RiskBoard(as_of=now, model=model, cases=found)


def save_model(model: RiskModel, data_dir: Path) -> None:
    """Put the model in place of the one before, whole or not at all.

    Raises:
        OSError: the folder cannot be written.
    """
    beside = data_dir / f"{MODEL_FILE}.{os.getpid()}"
    beside.write_bytes(orjson.dumps(model_to_wire(model)))
    beside.replace(data_dir / MODEL_FILE)


def load_model(data_dir: Path) -> RiskModel | None:
    """The model that was saved last; None without any, or where another version of the program saved it.

    Raises:
        OSError, ValueError: the file cannot be read.
    """
    file = data_dir / MODEL_FILE
    return model_from_wire(orjson.loads(file.read_bytes())) if file.exists() else None
