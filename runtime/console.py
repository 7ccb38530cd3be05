"""What the command line shows: progress bars on a terminal, plain lines in a log, tables in words or JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

Step = Callable[[int, int], None]
"""Told (done, total) as work goes on; total 0 means not known yet."""


@contextmanager
def progress(title: str) -> Iterator[Step]:
    """A bar on standard error while the work inside goes on. Off a terminal: one line at the end."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("·"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@contextmanager
def stages() -> Iterator[Callable[[str, int, int], None]]:
    """As `progress` for work in several named parts: told (part, done, total); each part has its own bar."""
    console = Console(stderr=True)
    tasks: dict[str, int] = {}
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console
    ) as bar:

        def step(part: str, done: int, total: int) -> None:
            if part not in tasks:
                tasks[part] = bar.add_task(part, total=None)
            bar.update(tasks[part], completed=done, total=total or None)  # type: ignore[arg-type]

        yield step


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows for a person; numbers should come ready-made as text."""
    table = Table(*titles, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def show_json(value: Mapping[str, object] | Sequence[object]) -> None:
    """The same for a program."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def say(text: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """What is wrong and what to do, on standard error."""
    sys.stderr.write(text + "\n")
