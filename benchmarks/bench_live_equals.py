"""Does the live board say what the evaluation says, under random traffic and across restarts?

Random people do random things to some thousand open cases, decided by the workflow itself; each change goes through the
live worker's tally. Every few thousand changes all figures of the board (three periods; city, districts, departments,
classes) are compared with `domain.indicators.counted` asked of every case that the last thirty days can count, and so
are what is open, overdue, and badly overdue. At every restart the tally is thrown away and begun from the facts alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from measured import ROOT, arguments, percentiles, report

sys.path.insert(0, str(ROOT))

from domain.indicators import is_open
from domain.tally import Tally
from tests.domain.busy_hall import BusyHall, board_figures, figures_of, step
from tests.domain.loop import START, ZONE
from tests.domain.tallies import seed_of

OPEN_CASES = 2_000
CHANGES_A_DAY = 1_500.0


@dataclass(slots=True)
class Found:
    """What was compared, and what differed."""

    changes: int = 0
    refused: int = 0
    restarts: int = 0
    comparisons: int = 0
    figures: int = 0
    disagreements: int = 0
    days: float = 0.0
    cases: int = 0


def compare(tally: Tally, hall: BusyHall, now: datetime, found: Found) -> None:
    """All of the board against the definition."""
    board, facts = tally.board(now), list(hall.facts.values())
    slow, live = figures_of(facts, now), board_figures(board)
    found.comparisons += 1
    found.figures += 17 * len(slow.keys() | live.keys())
    found.disagreements += sum(slow.get(key) != live.get(key) for key in slow.keys() | live.keys())
    found.disagreements += set(board.cases) != {case.case_no for case in facts if is_open(case)}


def run(changes: int, restarts: int, every: int, samples: list[float]) -> Found:
    random, found = Random(20260601), Found()
    hall, now = BusyHall(random, OPEN_CASES), START
    tally = Tally(ZONE, seed_of([], START), first_version=1)
    restart_at = {changes * (number + 1) // (restarts + 1) for number in range(restarts)}
    while hall.changes < changes:
        now += step(random, CHANGES_A_DAY)
        now = now.replace(microsecond=now.microsecond // 1000 * 1000)
        change = hall.change(now)
        if change is None:
            found.refused += 1
            continue
        began = time.perf_counter()
        tally.apply(change)
        samples.append(time.perf_counter() - began)
        if hall.changes % every == 0:
            compare(tally, hall, now + timedelta(milliseconds=1), found)
            hall.forget(now)
        if hall.changes in restart_at:
            later = now + timedelta(milliseconds=1)
            tally = Tally(ZONE, seed_of(list(hall.facts.values()), later, hall.changes), first_version=1)
            found.restarts += 1
            compare(tally, hall, later, found)
    found.changes, found.cases, found.days = hall.changes, hall.begun, (now - START) / timedelta(days=1)
    return found


def table(found: Found, samples: list[float], seconds: float) -> Iterator[str]:
    yield "| changes | cases | days | restarts | comparisons | figures compared | disagreements |"
    yield "|---|---|---|---|---|---|---|"
    cells = (found.changes, found.cases, round(found.days), found.restarts, found.comparisons, found.figures)
    yield "| " + " | ".join(f"{cell:,}" for cell in cells) + f" | {found.disagreements} |"
    yield ""
    tenth = len(samples) // 10
    first, last = percentiles(samples[:tenth]), percentiles(samples[-tenth:])
    yield f"{found.refused:,} attempts were refused by the rules. One change in the tally, µs p50 and p95: first tenth "
    yield f"{1e6 * first[0]:.0f} and {1e6 * first[1]:.0f}, last tenth {1e6 * last[0]:.0f} and {1e6 * last[1]:.0f}."
    yield f"All of it took {seconds:,.0f} s."


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--changes", type=int, default=1_000_000)
    parser.add_argument("--restarts", type=int, default=20)
    parser.add_argument("--every", type=int, default=5_000, help="changes between two comparisons")
    asked = parser.parse_args()
    changes, every = (4_000, 1_000) if asked.quick else (asked.changes, asked.every)
    samples: list[float] = []
    began = time.perf_counter()
    found = run(changes, asked.restarts, every, samples)
    report("Live board against evaluation", table(found, samples, time.perf_counter() - began), save=asked.save)
    if found.disagreements:
        sys.exit(1)


if __name__ == "__main__":
    main()
