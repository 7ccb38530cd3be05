"""The evaluation engine against a slow twin written from the domain sheet alone: how many figures, how many differ?

Random journals; every object, the three conventions, several moments, every packaged scheme. Each round is a city of
its own, so that a difference names a seed that shows it again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from datetime import datetime

from measured import ROOT, arguments, report

sys.path.insert(0, str(ROOT))

from domain.period import Window
from tests.domain.evaluation.compare import compare
from tests.domain.evaluation.journals import day, random_journals

HISTORIES, QUICK = 100_000, 1_000
A_CITY = 500
PERIOD = Window(day(10), day(24))
MOMENTS: Sequence[datetime] = (day(17), day(24), day(60))


def main() -> None:
    """Compare round by round; stop with an error where anything differs."""
    parser = arguments(__doc__)
    parser.add_argument("--histories", type=int, default=0)
    given = parser.parse_args()
    wanted = given.histories or (QUICK if given.quick else HISTORIES)
    began, histories, entries, figures, different = time.perf_counter(), 0, 0, 0, []
    for seed in range((wanted + A_CITY - 1) // A_CITY):
        journals = random_journals(seed, A_CITY)
        found = compare(journals, PERIOD, MOMENTS)
        histories += len(journals)
        entries += sum(map(len, journals))
        figures += found.figures
        different += [f"seed {seed}: {line}" for line in found.different]
    lines = [
        f"- {histories:,} histories of {entries:,} entries, {len(MOMENTS)} moments, 3 conventions, 6 objects",
        f"- figures compared: {figures:,}; disagreements: {len(different)}",
        *[f"  - {line}" for line in different[:20]],
        f"- {time.perf_counter() - began:.0f} s",
    ]
    report("Evaluation against its slow twin", lines, save=given.save)
    if different:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
