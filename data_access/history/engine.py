"""DuckDB as we use it: in memory, bounded, offline; the data lies in Parquet files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True, slots=True)
class Bounds:
    """What DuckDB may use: memory (beyond it, it works through files) and threads."""

    memory_mb: int = 1024
    threads: int = 2


def connect(bounds: Bounds, spill: Path) -> duckdb.DuckDBPyConnection:
    """A database of its own in memory. `spill` is where it puts what its memory does not hold."""
    connection = duckdb.connect(
        config={
            "memory_limit": f"{bounds.memory_mb}MB",
            "threads": bounds.threads,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET parquet_metadata_cache = true")  # our files never change once they are named
    return connection


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def parquet(paths: Sequence[Path]) -> str:
    """Files as one relation."""
    return f"read_parquet([{', '.join(quoted(str(path)) for path in paths)}])"
