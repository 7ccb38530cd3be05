"""What `/evaluation` waits for: the answer of `/api/v1/evaluation` at any number of cases, first and asked again.

Made-up cases over three years (five steps each, 132 departments) lie in the columnar copy; the desk grades districts,
departments and dispatchers for a week, a month, a year that run, and for a month of a year ago as it stood then, each
with the like period before and made ready to send. `first` asks a desk that knows nothing yet, in brackets the counts
alone; `again` asks what was just answered. Seconds of wall clock.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from made_history import BOUNDS, NOW, make_rows
from measured import ROOT, arguments, report

sys.path.insert(0, str(ROOT))

from synthetic import ZONE, open_store

from api.evaluation import Wanted, answer, question_of
from api.evaluation_desk import EvaluationDesk
from api.shared_answers import ready
from data_access.evaluation.counted import CountedHistories
from data_access.evaluation.results import EvaluationResults
from data_access.evaluation.scheme_files import packaged_schemes
from data_access.evaluation.units import EvaluatedUnits
from data_access.figures import FigureService
from data_access.history.folder import HistoryFolder, Manifest
from data_access.history.reader import History
from data_access.history.writer import News, workbench

SIZES, QUICK = (100_000, 1_000_000, 10_000_000), (5_000,)
OBJECTS = ("district", "department", "dispatcher")
YEAR_AGO = NOW - timedelta(days=365)
PERIODS: dict[str, tuple[str, datetime]] = {
    "week": ("week", NOW),
    "month": ("2026-10", NOW),
    "year": ("year", NOW),
    "last year's month": ("month", YEAR_AGO),
}


def build(folder: Path, count: int) -> History:
    """The copy's own way from rows to files, beside an empty journal."""
    make_rows(folder / "rows.parquet", count)
    kept = HistoryFolder(folder)
    with kept.writing(), workbench(kept, BOUNDS) as bench:
        bench.take_in(Manifest(), News(kept.of("../rows.parquet")), Manifest())
    engine, _ = open_store(folder / "empty.db")
    return History(kept, engine, BOUNDS)


def desk_of(folder: Path, history: History) -> EvaluationDesk:
    """A desk that knows nothing yet."""
    engine, store = open_store(folder / "empty.db")
    return EvaluationDesk(
        figures=FigureService(store, history),
        beside=CountedHistories(engine, history),
        units=EvaluatedUnits(engine),
        results=EvaluationResults(engine),
        schemes=packaged_schemes(),
        person=str,
        zone=ZONE,
        now=lambda: NOW,
        monotonic=time.monotonic,
    )


def lines_of(count: int, place: Path | None) -> Iterator[str]:
    """The table's rows for one number of cases."""
    with tempfile.TemporaryDirectory(dir=place) as name:
        folder = Path(name)
        history = build(folder, count)
        for target in OBJECTS:
            cells = [f"{count:,}", target]
            for period, at in PERIODS.values():
                cells += _asked(desk_of(folder, history), Wanted(object=target, period=period), at)
            yield f"| {' | '.join(cells)} |"


def _asked(desk: EvaluationDesk, wanted: Wanted, at: datetime) -> tuple[str, str]:
    question = question_of(desk, wanted, at)
    told, cells = [], []
    for _ in range(2):
        began, worked = time.perf_counter(), time.process_time()
        told.append(ready(answer(desk, question, NOW + timedelta(seconds=1))).etag)
        cells.append(f"{time.perf_counter() - began:.2f} ({time.process_time() - worked:.2f})")
    if told[0] != told[1]:
        raise SystemExit("the same question got two answers")
    return cells[0], cells[1]


def main() -> None:
    """Measure and report."""
    parser = arguments(__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=SIZES)
    parser.add_argument("--place", type=Path, help="folder for the data; 10 GB for the largest")
    given = parser.parse_args()
    heads = [head for name in PERIODS for head in (f"{name}: first s", "again s")]
    lines = [f"| cases | object | {' | '.join(heads)} |", "|---" * (2 + len(heads)) + "|"]
    for count in QUICK if given.quick else given.cases:
        for line in lines_of(count, given.place):
            print(line, flush=True)
            lines.append(line)
    report("The evaluation page at any size", lines, save=given.save)


if __name__ == "__main__":
    main()
