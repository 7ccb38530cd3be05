"""Loads real case history: every record becomes a case with its journal, through the same workflow as everything else.

The file is read, decided and stored in batches, so memory does not grow with it. Cases that are stored already are left
alone: a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from data_access.case_bulk import History
from data_access.case_files import Progress, open_case_file
from data_access.case_histories import Fault, OutsideHistory, Step
from data_access.case_intake import Intake, IntakeReport, rejects_path
from data_access.case_mapping import CaseMapping
from data_access.cases import CaseStore
from domain.action import Action, Command, Refusal
from domain.case import Case
from domain.journal import Entry, moment
from domain.roles import Identity, Role
from domain.workflow import Policy, decide

_BATCH_CASES = 4_000


def import_cases(
    path: Path,
    mapping: CaseMapping,
    store: CaseStore,
    *,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> IntakeReport:
    """Load the file's cases that are not stored yet; `rejects` is where the others are listed (else `rejects_path`).

    Raises:
        CaseFileError: the file cannot be read (further), or the rejects file not be written.
        MappingError: the file lacks columns that the mapping names; nothing was loaded.
        StoreError: the database cannot be written; the batches before stay.
    """
    report = IntakeReport(path.name, rejects or rejects_path(path))
    with open_case_file(path) as file:
        mapping.check_header(file.header)
        actor = importer(mapping)
        stored = store.outside_ids(mapping.source_system)
        with Intake(file, mapping, stored, report, progress) as intake, store.bulk() as writer:
            for batch in _batches(intake.histories()):
                numbers = store.numbers([moment(history.steps[0].at) for history in batch])
                decided = list(_decided(batch, numbers, actor, store.policy, intake))
                writer.append(decided)
                report.loaded += len(decided)
    return report


def importer(mapping: CaseMapping) -> Identity:
    """Who stands in the journal for an outside system."""
    return Identity(f"import:{mapping.source_system}", mapping.source_system, Role.ADMIN)


def outside_command(actor: Identity, step: Step, case_no: str | None, *, first: bool) -> Command:
    """The command that takes one step of an outside history in."""
    return Command(
        action=Action.IMPORT_REPORT if first else Action.IMPORT_STEP,
        actor=actor,
        at=moment(step.at),
        case_no=case_no,
        facts=step.facts,
    )


def _batches(histories: Iterator[OutsideHistory]) -> Iterator[list[OutsideHistory]]:
    while batch := list(islice(histories, _BATCH_CASES)):
        yield batch


def _decided(
    batch: Iterable[OutsideHistory], numbers: Iterable[str], actor: Identity, policy: Policy, intake: Intake
) -> Iterator[History]:
    """Each history as the workflow accepts it; one that it refuses is rejected with the refusal's words."""
    for history, number in zip(batch, numbers, strict=True):
        answer = _walk(history, number, actor, policy)
        if isinstance(answer, Refusal):
            intake.reject([Fault(history.line, answer.field or "(row)", answer.text)])
        else:
            yield answer


def _walk(history: OutsideHistory, number: str, actor: Identity, policy: Policy) -> History | Refusal:
    case: Case | None = None
    entries: list[Entry] = []
    for step in history.steps:
        command = outside_command(actor, step, number, first=case is None)
        answer = decide(case, command, policy, case_no=number)
        if isinstance(answer, Refusal):
            return answer
        case = answer.case
        entries.append(answer.entry)
    if case is None:
        raise ValueError(f"the history of {history.outside_id} has no step")
    return case, entries
