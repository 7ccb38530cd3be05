"""How old open cases are, in bands that a desk reads at a glance, each split by what its clock says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.words import text


@dataclass(frozen=True, slots=True)
class Band:
    """Cases reported more than `least` ago and at most `most` (None: however long)."""

    key: str
    label: str
    least: timedelta
    most: timedelta | None

    def reported(self, at: datetime) -> tuple[datetime | None, datetime]:
        """From when (None: ever) and before when a case must be reported to be of this age at `at`."""
        return None if self.most is None else at - self.most, at - self.least


def _band(key: str, label: str, least: int, most: int | None) -> Band:
    return Band(key, label, timedelta(days=least), None if most is None else timedelta(days=most))


BANDS: tuple[Band, ...] = (
    _band("d0", text("<1 天"), 0, 1),
    _band("d1", text("1–3 天"), 1, 3),
    _band("d3", text("3–7 天"), 3, 7),
    _band("d7", text("7–15 天"), 7, 15),
    _band("d15", text("15–30 天"), 15, 30),
    _band("d30", text("30–90 天"), 30, 90),
    _band("d90", text(">90 天"), 90, None),
)
"""From the reporting on, whatever the case's limit: limits differ by class, the citizen's patience does not."""


class Standing(StrEnum):
    """What an open case's clock says; each case is in exactly one."""

    IN_TIME = "in_time"
    OVERDUE = "overdue"
    SUSPENDED = "suspended"


STANDING_WORDS: dict[Standing, str] = {
    Standing.IN_TIME: text("未超期"),
    Standing.OVERDUE: text("超期未处置"),
    Standing.SUSPENDED: text("挂账"),
}
