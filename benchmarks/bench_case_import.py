"""How long a large case history takes to load, and how much memory.

Loads `boston-311/open311_requests.csv.gz` (320,770 rows) where the real data lies beside the project, else as many made
up rows of the same form, into an empty store on SQLite; then once more, when nothing is new.
Goal: 90 s and 1 GB for the first run.
"""

from __future__ import annotations

import csv
import gzip
import random
import resource
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from measured import ROOT, arguments, report
from synthetic import open_store

from data_access.case_import import import_cases
from data_access.case_mapping import load_mapping

MAPPING = ROOT / "docs" / "examples" / "boston-open311.toml"
REAL = ROOT.parent / "shared" / "data" / "boston-311" / "open311_requests.csv.gz"
ROWS = 320_770
QUICK_ROWS = 2_000
COLUMNS = (
    *("service_request_id", "status", "status_notes", "service_name", "service_code", "description"),
    *("requested_datetime", "updated_datetime", "address", "lat", "long", "media_url"),
)


def made_up(path: Path, rows: int) -> Path:
    """Requests of ten years, one in ten open, with free text of 0 to 400 characters; always the same."""
    rng = random.Random(311)
    began = datetime(2015, 1, 1, tzinfo=UTC)
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            at = began + timedelta(minutes=16 * number)
            end = at + timedelta(minutes=rng.randrange(1, 20_000))
            status = rng.choice(("open", *["closed"] * 9))
            words = "word " * rng.randrange(80)
            place = (f"{number % 900} Main St, Boston", 42.3 + rng.random() / 10, -71.1 + rng.random() / 10)
            what = (f"{number:012}", status, words[:200], "Pothole", "4f38", words)
            writer.writerow((*what, at.isoformat(), end.isoformat(), *place, ""))
    return path


def measure(path: Path, folder: Path) -> list[str]:
    engine, store = open_store(folder / "hall.db")
    mapping = load_mapping(MAPPING)
    lines = []
    for run in ("first", "second"):
        began, cpu = time.perf_counter(), time.process_time()
        found = import_cases(path, mapping, store, rejects=folder / "rejects.csv")
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        counts = f"{found.read:,} | {found.loaded:,} | {found.rejected:,}"
        lines.append(f"| {run} | {counts} | {seconds:.1f} | {cpu_seconds:.1f} | {peak_mb:.0f} |")
    engine.dispose()
    return lines


def main() -> None:
    asked = arguments(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        real = REAL.exists() and not asked.quick
        path = REAL if real else made_up(folder / "requests.csv.gz", QUICK_ROWS if asked.quick else ROWS)
        lines = ["| run | rows | loaded | rejected | s | s of CPU | peak MB |", "|---|---|---|---|---|---|---|"]
        lines += measure(path, folder)
    report(f"History import, {'real' if real else 'made up'} rows", lines, save=asked.save)


if __name__ == "__main__":
    main()
