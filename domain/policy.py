"""The rules a city sets for itself, as one value (domain sheet 5.4): mode, calendar and switches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

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


class RuleError(ValueError):
    """A rule of `city.toml` that cannot be: the message names it and what it can be."""


def policy_from(written: Mapping[str, Any], *, mode: Mode, calendar: WorkCalendar, limits: LimitTable) -> Policy:
    """The policy as a city writes it under `[rules]`; what it leaves out is as in `Policy`.

    Raises:
        RuleError: an unknown rule, or a value it cannot have.
    """
    if unknown := sorted(set(written) - set(_READERS)):
        raise RuleError(f"rules.{unknown[0]}: unknown; possible are {', '.join(_READERS)}")
    rules: dict[str, Any] = {}
    for name, value in written.items():
        field_name, read = _READERS[name]
        try:
            rules[field_name] = read(value)
        except (TypeError, ValueError) as error:
            raise RuleError(f"rules.{name}: {error}") from None
    return Policy(mode=mode, calendar=calendar, limits=limits, **rules)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("is true or false")
    return value


def _number(low: float, high: float, *, whole: bool = False) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        wanted = int if whole else int | float
        if isinstance(value, bool) or not isinstance(value, wanted) or not low <= value <= high:
            raise ValueError(f"is a{' whole' if whole else ''} number from {low:g} to {high:g}")
        return value

    return read


def _extension_rule(value: Any) -> ExtensionRule:
    if value not in set(ExtensionRule):
        raise ValueError(f"is one of {', '.join(ExtensionRule)}")
    return ExtensionRule(value)


_READERS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "extension_rule": ("extension_rule", _extension_rule),
    "max_extensions": ("max_extensions", _number(0, 10, whole=True)),
    "max_suspension_days": ("max_suspension", lambda days: timedelta(days=_number(1, 3650)(days))),
    "rework_new_limit": ("rework_new_limit", _flag),
    "photos_needed": ("photos_needed", _flag),
    "photos_may_close": ("photos_may_close", _flag),
    "call_back_needed": ("call_back_needed", _flag),
    "recall_minutes": ("recall_within", lambda minutes: timedelta(minutes=_number(0, 60)(minutes))),
    "send_backs_before_decision": ("send_backs_before_decision", _number(1, 10, whole=True)),
    "emergency_hours": ("emergency_hours", _number(0.5, 72)),
}
"""Each rule as it is written: the field of `Policy` it sets, and how it is read."""
