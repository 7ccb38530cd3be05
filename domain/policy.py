"""The rules a city sets for itself, as one value (domain sheet 5.4): mode, calendar and switches."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from domain.limits import LimitTable
from domain.rights import Mode
from domain.worktime import WorkCalendar


class ExtensionRule(StrEnum):
    """What an approved extension gives."""

    ORIGINAL_LIMIT = "original_limit"
    """One more original limit, counted on from the present deadline."""
    GRANTED_HOURS = "granted_hours"
    """The hours that were asked for or granted, in the limit's own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the workflow asks the city. The defaults are the commonest rules of the sources of the domain sheet."""

    mode: Mode
    calendar: WorkCalendar
    extension_rule: ExtensionRule = ExtensionRule.ORIGINAL_LIMIT
    max_extensions: int = 2
    max_suspension: timedelta = timedelta(days=365)
    rework_new_limit: bool = False
    """Whether a failed check gives the department a full limit again."""
    photos_needed: bool = True
    """Whether verify, feedback, check and self-disposal must bring a photo."""
    photos_may_close: bool = True
    """Whether a case may be closed from the department's photos, without a check (25)."""
    call_back_needed: bool = True
    """Whether a hotline caller must have been called back before closing (24)."""
    limits: LimitTable = field(default_factory=LimitTable)
    """The city's table of limits; a class it does not know is filed with a limit stated by hand."""
    recall_within: timedelta = timedelta(minutes=2)
    """How long a dispatch may be taken back as a slip of the hand, unless it was received meanwhile."""
    send_backs_before_decision: int = 2
    """From which send-back on a case is dispatched again only by an ownership decision (domain sheet 9.4)."""
    emergency_hours: float = 4.0
    """Urgent hours a contractor has for an emergency disposal (domain sheet 9.3)."""
