"""Times as outside systems write them, as epoch milliseconds.

A time with an offset says itself when it was. One without is local time in the mapping's zone. In the hour that the
clocks repeat it has two readings; the first is taken unless that lies before the step it follows and the second does
not. In the hour that the clocks skip, it is read with the offset before the change, so it lands as much after it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from domain.journal import milliseconds, moment


class TimeWrong(ValueError):
    """A value that is no time in any of the mapping's formats."""


@dataclass(frozen=True, slots=True)
class Reading:
    """When it was (epoch ms); `second` is the other reading of a repeated local hour."""

    ms: int
    second: int | None = None

    def not_before(self, ms: int) -> int:
        """The reading that does not lie before `ms`, if one does not."""
        return self.second if self.ms < ms and self.second is not None and self.second >= ms else self.ms


class TimeReader:
    """Reads times in the given formats and zone, and counts the doubtful local ones."""

    def __init__(self, formats: tuple[str, ...], zone: ZoneInfo) -> None:
        self.repeated = 0
        self.skipped = 0
        self._zone = zone
        self._formats = formats
        self._readers: tuple[Callable[[str], datetime], ...] = tuple(_reader(one) for one in formats)

    def read(self, value: Any) -> Reading:
        """The time a value means.

        Raises:
            TimeWrong: no format fits.
        """
        at = value if isinstance(value, datetime) else self._parsed(value)
        try:
            if at.tzinfo is not None:
                return Reading(milliseconds(at))
            return self._local(at)
        except (OverflowError, ValueError, OSError):
            raise TimeWrong(f"{str(value)!r} lies outside the times we can keep") from None

    def _parsed(self, value: Any) -> datetime:
        if isinstance(value, date):
            return datetime.combine(value, time())
        text = str(value).strip()
        for read in self._readers:
            if (at := _fitting(read, text)) is not None:
                return at
        raise TimeWrong(
            f"{text!r} is no time in the format {' or '.join(self._formats)}; see time_formats in the mapping"
        )

    def _local(self, at: datetime) -> Reading:
        first = at.replace(tzinfo=self._zone, fold=0)
        second = at.replace(tzinfo=self._zone, fold=1)
        offset, other = first.utcoffset(), second.utcoffset()
        ms = milliseconds(first)
        if offset == other or offset is None or other is None:
            return Reading(ms)
        if offset < other:
            self.skipped += 1
            return Reading(ms)
        self.repeated += 1
        return Reading(ms, milliseconds(second))


def _fitting(read: Callable[[str], datetime], text: str) -> datetime | None:
    """The time, or None where the format does not fit."""
    try:
        return read(text)
    except (ValueError, OverflowError, OSError):
        return None


def _reader(written: str) -> Callable[[str], datetime]:
    if written == "iso":
        return datetime.fromisoformat
    if written == "epoch_s":
        return lambda text: datetime.fromtimestamp(float(text), UTC)
    if written == "epoch_ms":
        return lambda text: moment(int(float(text)))
    return lambda text: datetime.strptime(text, written)  # noqa: DTZ007 (naive ones are read in the mapping's zone)
