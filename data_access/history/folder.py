"""The copy's files: Parquet files that never change once named, and one manifest that says which of them count.

A refresh writes new files, then swaps the manifest in one step; whatever breaks before that leaves the last good state.
A reader that holds an old manifest still finds its files: they are deleted one refresh later.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson

from data_access.history.journal_rows import Mark

log = logging.getLogger(__name__)

FOLDER = "history"
"""Of the data folder."""

FORMAT = 2
"""Grows with every change of columns or of what they mean: an older copy is then made anew."""

PAST_DAYS = (1, 32)
"""Past rows lie in files by how long they held: up to a day, up to 32, longer. One moment touches little of each."""

PAST = tuple(f"past{number}" for number in range(len(PAST_DAYS) + 1))
FINAL, OPEN = "final", "open"

_MANIFEST, _LOCK = "manifest.json", "lock"
_FILE_NAME = re.compile(r"^\d+-[a-z0-9]+\.parquet(\.part)?$")


@dataclass(frozen=True, slots=True)
class Segment:
    """Some cases' rows: of `rows` in all, the newest ones of cases that are over and all past ones.

    `files` maps a part (`FINAL`, `PAST`) to a file name; empty parts have none.
    """

    number: int
    rows: int
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One good state. `segments` are oldest first; `open_file` holds the newest rows of open cases.

    `dead_file` (case_id, before): a case's rows in segments with a lower number than `before` no longer count.
    `previous_files` belonged to the state before this one.
    """

    mark: Mark = field(default_factory=Mark)
    made_at: int = 0
    next_number: int = 1
    segments: tuple[Segment, ...] = ()
    open_file: str | None = None
    dead_file: str | None = None
    dead: int = 0
    previous_files: frozenset[str] = field(default_factory=frozenset)

    @property
    def files(self) -> frozenset[str]:
        """All files this state is made of."""
        alone = {name for name in (self.open_file, self.dead_file) if name is not None}
        return frozenset(alone | {name for segment in self.segments for name in segment.files.values()})


class CopyBusy(Exception):
    """Another process refreshes this copy."""


class HistoryFolder:
    """The folder of one copy. Any number may read, one at a time may write."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FOLDER

    def manifest(self) -> Manifest:
        """The newest good state; an empty one where there is none of our format."""
        try:
            wire = orjson.loads((self.path / _MANIFEST).read_bytes())
        except FileNotFoundError:
            return Manifest()
        except orjson.JSONDecodeError:
            log.warning("history manifest unreadable; the copy is made anew", extra={"facts": {"folder": FOLDER}})
            return Manifest()
        if wire["format"] != FORMAT:
            return Manifest()
        return Manifest(
            mark=Mark(**wire["mark"]),
            made_at=wire["made_at"],
            next_number=wire["next_number"],
            segments=tuple(Segment(**segment) for segment in wire["segments"]),
            open_file=wire["open_file"],
            dead_file=wire["dead_file"],
            dead=wire["dead"],
            previous_files=frozenset(wire["previous_files"]),
        )

    def stamp(self) -> tuple[int, int] | None:
        """Tells one manifest from the next without reading it."""
        try:
            found = (self.path / _MANIFEST).stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def of(self, name: str) -> Path:
        """Where a named file lies."""
        return self.path / name

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one who writes; ends by itself with the process.

        Raises:
            CopyBusy: somebody else is.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / _LOCK).open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CopyBusy(f"{self.path} is being refreshed by another process") from None
            yield

    def swap(self, before: Manifest, after: Manifest) -> None:
        """Make `after` the good state, in one step, and delete what neither it nor the one before needs."""
        after = replace(after, previous_files=before.files - after.files)
        wire = asdict(after) | {"format": FORMAT, "previous_files": sorted(after.previous_files)}
        for name in after.files - before.files:
            _to_disk(self.of(name))
        part = self.path / f"{_MANIFEST}.part"
        part.write_bytes(orjson.dumps(wire))
        _to_disk(part)
        part.replace(self.path / _MANIFEST)
        self.sweep(after)

    def sweep(self, manifest: Manifest) -> None:
        """Delete files of older states, and what a crash left half written."""
        needed = manifest.files | manifest.previous_files
        for path in self.path.iterdir():
            if _FILE_NAME.match(path.name) and path.name not in needed:
                path.unlink()

    def size_bytes(self) -> int:
        """What the newest good state takes on disk."""
        return sum(self.of(name).stat().st_size for name in self.manifest().files)


def _to_disk(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
