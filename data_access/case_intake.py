"""Takes the histories out of a case file: faulty, doubled and known ones are counted, listed and left aside."""

from __future__ import annotations

import csv
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from data_access.case_files import CaseFile, CaseFileError, Progress, Record
from data_access.case_histories import Fault, HistoryReader, OutsideHistory
from data_access.case_mapping import CaseMapping

REJECTS_SUFFIX = ".rejects.csv"
_ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_KEPT_IN_REPORT = 1_000
_RECORDS_PER_PROGRESS = 1_000


@dataclass(slots=True)
class IntakeReport:
    """What became of the records of one file.

    `known` were stored already, `repeated` stand in the file more than once, word for word, `moved` had a step that
    began before the one it follows. `repeated_times` and `skipped_times` are local times in the hours that clock
    changes make doubtful. `rejects` holds the first thousand faults; the rejects file, written only if there is one,
    holds all.
    """

    file: str
    rejects_file: Path
    read: int = 0
    loaded: int = 0
    known: int = 0
    repeated: int = 0
    rejected: int = 0
    moved: int = 0
    repeated_times: int = 0
    skipped_times: int = 0
    rejects: list[Fault] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """The report in words; what did not happen is left out."""
        yield f"{self.file}: {self.read:,} records, {self.loaded:,} new cases"
        for number, words in (
            (self.known, "were stored already"),
            (self.repeated, "stand in the file more than once"),
            (self.moved, "have a step written before the one it follows; both were taken for the same moment"),
            (self.repeated_times, "local times lie in an hour that the clocks repeat; the first reading was taken"),
            (self.skipped_times, "local times lie in an hour that the clocks skip; they were moved behind it"),
            (self.rejected, f"were rejected, listed in {self.rejects_file}"),
        ):
            if number:
                yield f"  {number:,} {words}"


def rejects_path(path: Path) -> Path:
    """Beside the file; in the working folder where the file's own is closed, or marked so (root may write all)."""
    beside = path.with_name(path.name + REJECTS_SUFFIX)
    may_write = os.access(path.parent, os.W_OK) and path.parent.stat().st_mode & _ANY_WRITE
    return beside if may_write else Path(beside.name)


class Intake:
    """Use as a context manager around one pass over `histories`."""

    def __init__(
        self,
        file: CaseFile,
        mapping: CaseMapping,
        stored: set[str],
        report: IntakeReport,
        progress: Progress | None = None,
    ) -> None:
        self.report = report
        self._file = file
        self._reader = HistoryReader(mapping)
        self._stored = stored
        self._progress = progress
        self._out: TextIO | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        """The list of an earlier run is removed."""
        self.report.rejects_file.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out is not None:
            self._out.close()

    def histories(self) -> Iterator[OutsideHistory]:
        """Every new case of the file, in its order."""
        seen: dict[str, int] = {}
        for record in self._file.records:
            self.report.read += 1
            if self.report.read % _RECORDS_PER_PROGRESS == 0:
                self._tell()
            answer = self._reader.history(record)
            if isinstance(answer, list):
                self.reject(answer)
            elif answer.outside_id in self._stored:
                self.report.known += 1
            elif answer.outside_id in seen:
                self._doubled(record, answer.outside_id, same=seen[answer.outside_id] == _content(record))
            else:
                seen[answer.outside_id] = _content(record)
                self.report.moved += answer.moved
                yield answer
        self.report.repeated_times, self.report.skipped_times = self._reader.times.repeated, self._reader.times.skipped
        self._tell()

    def _doubled(self, record: Record, outside_id: str, *, same: bool) -> None:
        """A mere repetition is harmless; two different records of one case are not."""
        if same:
            self.report.repeated += 1
            return
        reason = f"{outside_id} stands in this file before, with other values; the first one was taken"
        self.reject([Fault(record.line, self._reader.mapping.columns["outside_id"].name, reason)])

    def reject(self, faults: list[Fault]) -> None:
        """List what is wrong with one record.

        Raises:
            CaseFileError: the rejects file cannot be written.
        """
        self.report.rejected += 1
        for fault in faults:
            if len(self.report.rejects) < _KEPT_IN_REPORT:
                self.report.rejects.append(fault)
            self._write(fault)

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._file.read_bytes(), self._file.total_bytes)

    def _write(self, fault: Fault) -> None:
        target = self.report.rejects_file
        try:
            if self._out is None:
                self._out = target.open("w", encoding="utf-8", newline="")
                self._writer = csv.writer(self._out, lineterminator="\n")
                self._writer.writerow(("line", "field", "reason"))
            self._writer.writerow((fault.line, fault.field, fault.reason))
        except OSError as error:
            fix = "make its folder writable, or name another place for the list of rejected rows"
            raise CaseFileError(f"{target}: cannot be written ({error.strerror}); {fix}") from error


def _content(record: Record) -> int:
    """What tells two records of one case apart."""
    return hash(tuple(map(str, record.values.values())))
