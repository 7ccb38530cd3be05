"""`citywall train-risk`: learn from the journal what makes deadlines missed, and leave the model for the live role."""

from __future__ import annotations

import os
from argparse import Namespace
from typing import Any

from data_access.errors import StoreError
from data_access.hall import database_url, open_hall
from data_access.risk_scoring import save_model
from data_access.risk_training import read_runs, train
from domain.risk import Measures
from domain.worktime import CalendarError
from runtime.clock import SystemClock
from runtime.console import show_json, show_table
from runtime.settings import Settings

TROUBLE = (StoreError, CalendarError, OSError)
POLITE = 10
"""How far a training stands back behind everything else on the machine."""


def run(settings: Settings, arguments: Namespace) -> int:
    """Train, save, print how the candidates did."""
    os.nice(POLITE)
    hall = open_hall(database_url(settings))
    now = SystemClock().now()
    runs = list(read_runs(hall.engine, now))
    model = train(runs, hall.policy.calendar, until=now, capacity=settings.risk_capacity)
    save_model(model, settings.data_dir)
    rows = [[name, "*" if name == model.kind else "", *_told(found)] for name, found in model.rivals.items()]
    if arguments.json:
        show_json({"kind": model.kind.value, "version": model.version, "examples": model.examples, "rivals": rows})
    else:
        rows = rows or [[model.kind.value, "*", "–", "–", "–"]]
        show_table(("model", "kept", "Brier", "AUC", f"recall at {model.capacity}"), rows)
    return 0


def _told(found: Measures) -> list[Any]:
    return ["–" if one is None else f"{one:.3f}" for one in (found.brier, found.auc, found.recall)]
