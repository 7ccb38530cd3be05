"""Plays case history as live traffic: the same steps as an import, one after another, at the pace of a chosen speed.

Outside time is mapped onto ours: the earliest report of the file is now, and everything after it follows `speed` times
as fast, deadlines too, so that durations and lateness keep their proportions. Every step takes the road of any other
command, so stream, board and wall move as on a day of work. Histories that are stored already are left out: a replay
that was stopped does not go on where it ended, and the same file plays once in a hall.

The steps are first written to a temporary file and ordered by time, so memory does not grow with the history.
"""

from __future__ import annotations

import asyncio
import tempfile
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import orjson

from data_access.case_files import Progress, open_case_file
from data_access.case_histories import OutsideHistory, Step
from data_access.case_import import importer, outside_command
from data_access.case_intake import Intake, IntakeReport, rejects_path
from data_access.case_mapping import CaseMapping
from data_access.cases import CaseStore
from data_access.keep_trying import until_stopped
from domain.action import Refusal
from domain.journal import milliseconds
from runtime.clock import Clock

TIME_FACTS = frozenset(
    {"accepted_at", "filed_at", "dispatched_at", "disposed_at", "closed_at", "deadline", "original_deadline"}
)
"""Facts of outside steps that are times and move with them."""


@dataclass(slots=True)
class ReplayReport:
    """What was played. `intake` tells of the records of the file, `refused` of steps that the store did not take."""

    intake: IntakeReport
    steps: int = 0
    played: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """Records and steps that did not find their way in."""
        return self.intake.rejected + len(self.refused)

    def lines(self) -> Iterator[str]:
        """The report in words."""
        yield from self.intake.lines()
        yield f"  {self.played:,} of {self.steps:,} steps played"
        yield from (f"  refused: {refusal}" for refusal in self.refused)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Outside time (epoch ms) as ours: `first` is `start`, and time after it runs `speed` times as fast."""

    first: int
    start: int
    speed: float

    def ours(self, outside: int) -> int:
        return self.start + round((outside - self.first) / self.speed)

    def moved(self, step: Step) -> Step:
        """The step with all its times in ours."""
        times = {
            name: self.ours(value) for name, value in step.facts.items() if name in TIME_FACTS and value is not None
        }
        return Step(self.ours(step.at), step.facts | times)


class Script:
    """Steps in a temporary file, read back in the order of their times; equal times keep the order they came in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._times = array("q")
        self._places = array("q")

    def __len__(self) -> int:
        return len(self._times)

    @property
    def first(self) -> int:
        """The earliest time, epoch ms."""
        return min(self._times)

    def add(self, history: OutsideHistory) -> None:
        for number, step in enumerate(history.steps):
            self._times.append(step.at)
            self._places.append(self._file.tell())
            self._file.write(orjson.dumps([history.outside_id, number, step.at, step.facts]) + b"\n")

    def lines(self) -> Iterator[tuple[str, bool, Step]]:
        """Outside id, whether it is the case's report, and the step."""
        for index in sorted(range(len(self._times)), key=self._times.__getitem__):
            self._file.seek(self._places[index])
            outside_id, number, at, facts = orjson.loads(self._file.readline())
            yield outside_id, number == 0, Step(at, facts)


async def replay(
    path: Path,
    mapping: CaseMapping,
    store: CaseStore,
    *,
    speed: float,
    clock: Clock,
    stop: asyncio.Event,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> ReplayReport:
    """Play the file until its end or `stop`. `progress` is told of the bytes read first, then of the steps played.

    Raises:
        CaseFileError, MappingError, StoreError: as `import_cases`.
        ValueError: `speed` is not above 0.
    """
    if speed <= 0:
        raise ValueError(f"speed should be above 0, got {speed:g}")
    with tempfile.TemporaryFile() as file:
        script = Script(file)
        intake = await asyncio.to_thread(_write, script, path, mapping, store, rejects or rejects_path(path), progress)
        report = ReplayReport(intake, steps=len(script))
        if report.steps and not stop.is_set():
            stage = _Stage(mapping, store, clock, progress or _nobody, report)
            timetable = Timetable(script.first, milliseconds(clock.now()), speed)
            await until_stopped(stage.play(script, timetable), stop)
    return report


def _nobody(_done: int, _total: int) -> None:
    """Nobody watches."""


def _write(
    script: Script, path: Path, mapping: CaseMapping, store: CaseStore, rejects: Path, progress: Progress | None
) -> IntakeReport:
    report = IntakeReport(path.name, rejects)
    with open_case_file(path) as file:
        mapping.check_header(file.header)
        with Intake(file, mapping, store.outside_ids(mapping.source_system), report, progress) as intake:
            for history in intake.histories():
                script.add(history)
    return report


class _Stage:
    """Plays steps on a store; `_numbers` are the cases still running."""

    def __init__(
        self, mapping: CaseMapping, store: CaseStore, clock: Clock, playing: Progress, report: ReplayReport
    ) -> None:
        self._actor = importer(mapping)
        self._store = store
        self._clock = clock
        self._playing = playing
        self._report = report
        self._numbers: dict[str, str] = {}

    async def play(self, script: Script, timetable: Timetable) -> None:
        for outside_id, is_report, outside_step in script.lines():
            step = timetable.moved(outside_step)
            await self._wait_for(step.at)
            if is_report or outside_id in self._numbers:
                await asyncio.to_thread(self._take, outside_id, step, is_report=is_report)
            self._report.played += 1
            self._playing(self._report.played, self._report.steps)

    async def _wait_for(self, at: int) -> None:
        ahead = (at - milliseconds(self._clock.now())) / 1000
        if ahead > 0:
            await self._clock.sleep(ahead)

    def _take(self, outside_id: str, step: Step, *, is_report: bool) -> None:
        number = None if is_report else self._numbers[outside_id]
        answer = self._store.execute(outside_command(self._actor, step, number, first=is_report))
        if isinstance(answer, Refusal):
            self._numbers.pop(outside_id, None)
            self._report.refused.append(f"{outside_id}: {answer.text}")
        elif answer.case.is_final:
            self._numbers.pop(outside_id, None)
        else:
            self._numbers[outside_id] = answer.case.case_no
        self._report.intake.loaded += is_report and not isinstance(answer, Refusal)
