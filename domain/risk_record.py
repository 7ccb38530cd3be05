"""Track records: of the limits that ran before, how many were missed, and how early the others were done.

Kept as counts by twentieths of the limit, so that one can ask about those still open when so much was used: "of 12 such
cases still open at 80 % of their limit, 7 were late". What is asked about always ended before the moment of asking.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BINS = 20
"""Parts of the limit that are told apart."""
PRIOR = 12.0
"""How many cases' worth the wider record counts where the narrower one has few of its own."""

CITY = ("city", "")


@dataclass(slots=True)
class Record:
    """Limits that ended. `done` counts those done in time by the part of the limit used by then, `late` the missed."""

    done: list[int] = field(default_factory=lambda: [0] * BINS)
    late: int = 0

    def note(self, share: float, *, late: bool) -> None:
        if late:
            self.late += 1
        else:
            self.done[bin_of(share)] += 1

    def open_at(self, share: float) -> int:
        """How many were still open when `share` of their limit was used."""
        return self.late + sum(self.done[bin_of(share) :])

    @property
    def total(self) -> int:
        return self.late + sum(self.done)


def bin_of(share: float) -> int:
    return min(int(share * BINS), BINS - 1)


@dataclass(frozen=True, slots=True)
class Rates:
    """Late rates (0 to 1, exclusive) of those still open at a share of the limit; the last one of all, whenever."""

    department: float
    kind: float
    pair: float
    district: float
    kind_overall: float


class TrackRecords:
    """The records of a city, its departments, classes, districts, and each department's in each class."""

    def __init__(self, records: Mapping[tuple[str, str], Record] | None = None, days: float = 1.0) -> None:
        self._records = dict(records or {})
        self._told: dict[tuple[str, str, str, int], Rates] = {}
        self.days = days

    def note(self, department: str, kind: str, district: str, share: float, *, late: bool) -> None:
        """One more limit that ended."""
        self._told.clear()
        for key in _keys(department, kind, district):
            self._records.setdefault(key, Record()).note(share, late=late)

    def of(self, level: str, code: str) -> Record:
        """A record; an empty one where nothing is known."""
        return self._records.get((level, code)) or Record()

    def pair(self, department: str, kind: str) -> Record:
        return self.of("pair", _pair(department, kind))

    def daily(self, department: str) -> float:
        """How many limits a department brings to an end a day."""
        return self.of("department", department).total / max(self.days, 1.0)

    def rates(self, department: str, kind: str, district: str, share: float) -> Rates:
        """The late rates that speak about a case; each narrower one leans on the wider where it has few cases."""
        key = (department, kind, district, bin_of(share))
        if key not in self._told:
            self._told[key] = self._rates(department, kind, district, share)
        return self._told[key]

    def _rates(self, department: str, kind: str, district: str, share: float) -> Rates:
        city = _rate(self.of(*CITY), share, 0.2)
        of_department = _rate(self.of("department", department), share, city)
        of_kind = _rate(self.of("class", kind), share, city)
        return Rates(
            department=of_department,
            kind=of_kind,
            pair=_rate(self.pair(department, kind), share, of_department),
            district=_rate(self.of("district", district), share, city),
            kind_overall=_rate(self.of("class", kind), 0.0, _rate(self.of(*CITY), 0.0, 0.2)),
        )

    def to_wire(self) -> list[list[Any]]:
        """Level, code, late, then the counts by part of the limit."""
        return [[level, code, one.late, *one.done] for (level, code), one in sorted(self._records.items())]

    @classmethod
    def from_wire(cls, rows: list[list[Any]], days: float) -> TrackRecords:
        return cls({(level, code): Record(list(done), late) for level, code, late, *done in rows}, days)


def _pair(department: str, kind: str) -> str:
    return f"{department}|{kind}"


def _keys(department: str, kind: str, district: str) -> Iterator[tuple[str, str]]:
    yield CITY
    yield "department", department
    yield "class", kind
    yield "pair", _pair(department, kind)
    yield "district", district


def _rate(record: Record, share: float, wider: float) -> float:
    return (record.late + PRIOR * wider) / (record.open_at(share) + PRIOR)
