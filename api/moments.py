"""Times as parameters: ISO 8601 or epoch milliseconds in, aware UTC out; a time without an offset is the city's own."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from api.problems import FieldProblem
from domain.journal import moment


def moment_of(text: str, field: str, zone: ZoneInfo) -> datetime:
    """The time a parameter means.

    Raises:
        FieldProblem: it is no time.
    """
    try:
        if text.isascii() and text.lstrip("-").isdigit():
            return moment(int(text))
        # a plus sign in an address that nobody escaped arrives as a space
        read = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise FieldProblem(field, f"{text!r} is no time; give 2026-03-01T08:00+08:00 or epoch milliseconds") from None
