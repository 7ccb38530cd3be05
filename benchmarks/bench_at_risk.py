"""How well deadlines that will be missed are seen coming, against two baselines and a richer learner; what it costs.

Two journals, each cut by time (60 % of the runs to learn from, 20 % to calibrate on, the newest 20 % to measure on):
the real cases of Boston where the real data lies beside the project, and with `--hall DATA_DIR` a demo city's own (its
35 days of history: three weeks, one week, one week). The richer learner (gradient boosted trees on the same numbers) is
measured for comparison only; it is not shipped.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from measured import ROOT, arguments, report
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score

from data_access.case_import import import_cases
from data_access.case_mapping import load_mapping
from data_access.cases import CaseStore
from data_access.engine import migrate, open_engine
from data_access.hall import open_hall
from data_access.risk_scoring import assessed
from data_access.risk_training import cut_by_time, read_runs, table, train
from domain.calendars import default_calendar
from domain.policy import Policy
from domain.rights import Mode
from domain.risk import RiskModel
from domain.risk_features import FEATURES
from domain.risk_runs import Run, lesson
from domain.worktime import WorkCalendar

BOSTON = ROOT.parent / "shared" / "data" / "boston-311" / "sla_cases_2015_2024.csv.gz"
BOSTON_ZONE = ZoneInfo("America/New_York")
BOSTON_UNTIL = datetime(2025, 6, 1, tzinfo=UTC)
BOSTON_CAPACITY = 1
"""The file is a sample of some 500 cases a year: one a day stands for what an officer can take up."""
DEMO_CAPACITY = 30
AT_ONCE = 5_000


def boston(folder: Path) -> tuple[list[Run], WorkCalendar]:
    """The limits of Boston's cases, by our own importer."""
    engine = open_engine(f"sqlite:///{folder / 'boston.db'}")
    migrate(engine)
    calendar = default_calendar(BOSTON_ZONE)
    policy = Policy(mode=Mode.TWO_TWO, calendar=calendar, photos_needed=False)
    store = CaseStore(engine, policy, number_prefix="BO", zone=BOSTON_ZONE)
    mapping = load_mapping(ROOT / "docs" / "examples" / "boston-sla.toml")
    import_cases(BOSTON, mapping, store, rejects=folder / "rejects.csv")
    runs = list(read_runs(engine, BOSTON_UNTIL, period=timedelta(days=4_000)))
    engine.dispose()
    return runs, calendar


def told(name: str, runs: Sequence[Run], calendar: WorkCalendar, until: datetime, capacity: int) -> list[str]:
    """One journal's table, its calibration, and what training and scoring cost."""
    began = time.process_time()
    model = train(runs, calendar, until=until, capacity=capacity)
    seconds = time.process_time() - began
    lines = [
        f"{name}: {len(runs):,} limits, {model.examples:,} looks, measured on {model.tested:,} "
        f"({100 * model.missed_share:.1f} % late); kept: **{model.kind.value}**; trained in {seconds:.1f} s of CPU.",
        "",
        f"| model | Brier | AUC | recall at {capacity} a day |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {kind} | {one.brier:.4f} | {one.auc:.3f} | {100 * (one.recall or 0):.0f} % |"
        for kind, one in model.rivals.items()
        if one.brier is not None
    ]
    lines += [richer(runs, calendar, until), "", "| said | was late | looks |", "|---|---|---|"]
    lines += [f"| {100 * said:.0f} % | {100 * was:.0f} % | {n:,} |" for said, was, n in model.calibration]
    return [*lines, "", scoring(model, runs, calendar), ""]


def richer(runs: Sequence[Run], calendar: WorkCalendar, until: datetime) -> str:
    """Gradient boosted trees on the same numbers and slices."""
    learn, calibrate, test = cut_by_time(lesson(runs, calendar, until))
    names = tuple(FEATURES)
    both = learn + calibrate
    trees = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.05, max_leaf_nodes=15, random_state=0)
    trees.fit(table(both.examples, names), both.late)
    said = trees.predict_proba(table(test.examples, names))[:, 1]
    brier, auc = brier_score_loss(test.late, said), roc_auc_score(test.late, said)
    return f"| (boosted trees) | {brier:.4f} | {auc:.3f} | |"


def scoring(model: RiskModel, runs: Sequence[Run], calendar: WorkCalendar) -> str:
    """What it costs to judge as many running cases as a large city has open."""
    at = max(run.start for run in runs)
    one = runs[-1].stands[0][1]
    cases = [run.stands[0][1] for run in runs if run.start <= at < (run.stands[0][1].deadline or at)] or [one]
    many = (cases * (AT_ONCE // len(cases) + 1))[:AT_ONCE]
    spent = []
    for _ in range(3):
        began = time.process_time()
        assessed(many, model, calendar, at)
        spent.append(time.process_time() - began)
    return f"{AT_ONCE:,} running cases judged, reasons and advice included, in {np.median(spent):.2f} s of CPU."


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--hall", type=Path, help="data folder of a demo city with history (SQLite)")
    asked = parser.parse_args()
    lines: list[str] = []
    if BOSTON.exists():
        with tempfile.TemporaryDirectory() as name:
            runs, calendar = boston(Path(name))
        if asked.quick:
            runs = runs[:1_500]
        lines += told("Boston 311, 2015-2024", runs, calendar, BOSTON_UNTIL, BOSTON_CAPACITY)
    else:
        lines += [f"{BOSTON.name} is not beside this clone: Boston is left out.", ""]
    if asked.hall:
        hall = open_hall(f"sqlite:///{asked.hall.resolve() / 'citywall.sqlite3'}")
        until = datetime.now(UTC)
        found = list(read_runs(hall.engine, until))
        lines += told("Demo city", found, hall.policy.calendar, until, DEMO_CAPACITY)
    report("Cases at risk", lines, save=asked.save)


if __name__ == "__main__":
    main()
