"""The SQL of a moment: which rows of the copy hold as of T, and which stays in a state ended in a window.

Rows of cases that are over lie sorted by the time of their newest entry, past rows by the time they were superseded,
in files by how long they held. So a moment or a window touches a few row groups of each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_access.case_where import flow_holds
from data_access.history.case_marks import EVERYTHING, case_marks
from data_access.history.engine import parquet
from data_access.history.folder import FINAL, PAST, PAST_DAYS, HistoryFolder, Manifest
from data_access.history.rows import FIELDS
from data_access.history.sql import in_duckdb
from domain.case import FINAL_STATES
from domain.indicators import FLOWS

DAY_MS = 86_400_000
FOREVER = 2**62
"""A moment after all others: as of it, the newest row of every case holds."""

TAIL, CHANGED, DEAD = "tail", "changed", "dead"
"""What stands beside the files: rows since the refresh, the cases they belong to, and (case_id, before): rows of the
case in segments with a lower number no longer count."""

STAMPS = tuple(dict.fromkeys(flow.stamp for flow in FLOWS.values()))
BIT_OF = {count: 1 << number for number, count in enumerate(FLOWS)}
FINAL_STATES_SQL = ", ".join(f"'{state.value}'" for state in sorted(FINAL_STATES))

COLUMNS = ", ".join(FIELDS)
_HOLDING = " + ".join(
    f"CASE WHEN cases.{flow.stamp} IS NOT NULL AND {in_duckdb(flow_holds(kind))} THEN {BIT_OF[kind]} ELSE 0 END"
    for kind, flow in FLOWS.items()
)
MARKS = (
    f"least({', '.join(f'cases.{stamp}' for stamp in STAMPS)}) AS first_stamp, "
    f"greatest({', '.join(f'cases.{stamp}' for stamp in STAMPS)}) AS last_stamp, "
    f"({_HOLDING})::SMALLINT AS holding, {case_marks(EVERYTHING)} AS marks"
)
"""Of a case that is over: its first and last time stamp, and which counts hold of it, a bit for each: flow counts, and
what evaluation counts once a case."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One state of the copy. `dead` and `tail` tell whether the tables beside it hold anything; they always exist."""

    folder: HistoryFolder
    manifest: Manifest
    dead: bool = False
    tail: bool = False

    def final(self, columns: str, where: str) -> Iterator[str]:
        """Questions that together bring the newest rows of cases that are over, without the tail's."""
        yield from self._of_segments(FINAL, columns, where)

    def standing(self, columns: str, at: int) -> Iterator[str]:
        """The same of all other rows that hold as of `at`: open cases, superseded rows, and the tail."""
        yield from self._holding(columns, at, at)

    def held(self, start: int, end: int) -> str:
        """Each row that held at some time from `start` to `end` (epoch ms) and is not the last word on a case that is
        over: a case comes once for each of its entries between. From `end` to `end`: all that was open then is here.
        """
        return _together(COLUMNS, list(self._holding(COLUMNS, start, end)))

    def _holding(self, columns: str, start: int, end: int) -> Iterator[str]:
        if self.manifest.open_file:
            path = parquet([self.folder.of(self.manifest.open_file)])
            kept = f" AND case_id NOT IN (SELECT case_id FROM {CHANGED})" if self.tail else ""
            yield f"SELECT {columns} FROM {path} AS cases WHERE since < {end}{kept}"
        for part, days in zip(PAST, (*PAST_DAYS, None), strict=True):
            near = f" AND until <= {end + days * DAY_MS}" if days is not None else ""
            yield from self._of_segments(part, columns, f"since < {end} AND until >= {start}{near}")
        if self.tail:
            yield f"SELECT {columns} FROM {TAIL} AS cases WHERE since < {end} AND (until >= {start} OR until IS NULL)"

    def as_of(self, at: int, where: str = "TRUE") -> str:
        """All cases as they stood at `at` (epoch ms)."""
        final = self.final(COLUMNS, f"since < {at} AND ({where})")
        rest = (f"SELECT * FROM ({part}) AS cases WHERE {where}" for part in self.standing(COLUMNS, at))
        return _together(COLUMNS, [*final, *rest])

    def stays(self, start: int, end: int) -> str:
        """Each stay in a state that ended in [start, end), with the case as it was when it ended."""
        told = f"{COLUMNS}, until - state_since AS spent_ms"
        where = f"left_state AND until >= {start} AND until < {end}"
        tail = [f"SELECT {told} FROM {TAIL} WHERE {where}"] if self.tail else []
        parts = (question for part in PAST for question in self._of_segments(part, told, where))
        return _together(told, [*parts, *tail])

    def ended(self, start: int, end: int, where: str) -> str:
        """Each row that an entry in [start, end) ended: `ended_action` tells by what."""
        told = f"until >= {start} AND until < {end} AND ({where})"
        tail = [f"SELECT {COLUMNS} FROM {TAIL} AS cases WHERE {told}"] if self.tail else []
        parts = (question for part in PAST for question in self._of_segments(part, COLUMNS, told))
        return _together(COLUMNS, [*parts, *tail])

    def _of_segments(self, part: str, columns: str, where: str) -> Iterator[str]:
        """Segments are asked together; only those with rows that no longer count are asked alone."""
        having = [segment for segment in self.manifest.segments if part in segment.files]
        if not self.dead and having:
            files = parquet([self.folder.of(segment.files[part]) for segment in having])
            yield f"SELECT {columns} FROM {files} AS cases WHERE {where}"
            return
        for segment in having:
            alive = f"case_id NOT IN (SELECT case_id FROM {DEAD} WHERE before > {segment.number})"
            file = parquet([self.folder.of(segment.files[part])])
            yield f"SELECT {columns} FROM {file} AS cases WHERE ({where}) AND {alive}"


def _together(columns: str, questions: list[str]) -> str:
    return " UNION ALL ".join(questions) if questions else f"SELECT {columns} FROM {TAIL} WHERE FALSE"
