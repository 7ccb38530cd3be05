"""What a case's entries did so far, carried on each of its rows: so that evaluation asks rows, not entries.

Every count of `domain.evaluation.histories` is about entries in a window that ends where the row holds. Of a case that
began in the window all its entries lie there, so what they came to can be read from its last row; only of cases that
began earlier are the entries between looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import orjson

from domain.action import Action
from domain.case import CaseState
from domain.evaluation.histories import ENDS, FATES, LIMITS, Act, Step

A = Action

EVENTS = (A.FAIL_CHECK, A.APPROVE_SEND_BACK, A.REFUSE_SEND_BACK)
"""Happenings that count for the department that held the case just then."""

STEP_FIELDS = (
    "began_at",
    "acts",
    "events",
    "failures",
    "sent_from",
    "extended_at",
    "stood_at",
    "reported_by",
    "reporter_role",
    "verified_by",
    "verifier_role",
)
"""When the case began; its acts (packed) and events (JSON: action, holder) so far; failed checks; the version before a
dispatch whose fate is open; the newest approved extension and suspension; who reported it, and whose check of the
report led to its acceptance. `acts` is None where only the entries themselves tell: see `Steps`."""

_BITS = 4
_MOST = (1 << _BITS) - 1
_NAMES = (*((step, on_time) for step in Step for on_time in (False, True)), "right")
_PLACE = {name: number * _BITS for number, name in enumerate(_NAMES)}


@dataclass(slots=True)
class Steps:
    """Reads entries in the order of time and of versions.

    A case is `odd`, and evaluated from its entries alone, when its clocks disagreed, when it was filed with its first
    entry, when an act was done more than 15 times, or when it became self-disposed, or no longer, after a closing.
    """

    odd: bool = False
    began_at: int | None = None
    failures: int = 0
    extended_at: int | None = None
    stood_at: int | None = None
    _acts: dict[Any, int] = field(default_factory=lambda: dict.fromkeys(_NAMES, 0))
    _events: list[tuple[str, str]] = field(default_factory=list)
    _sent: tuple[int, bool] | None = None
    _closings: set[bool] = field(default_factory=set)
    _reporter: tuple[str | None, str | None] = (None, None)
    _verifies: list[tuple[int, str, str]] = field(default_factory=list)

    def take(self, entry: Any, before: Mapping[str, Any], version_before: int) -> None:
        """One more entry, and the case as it was before it (at the first, a case that nothing is known of)."""
        action, first = Action(entry.action), self.began_at is None
        if first:
            self.began_at = entry.at
            self._reporter = (entry.actor, entry.role) if action is A.REPORT else self._reporter
            self.odd = self.odd or action is A.FILE
        if action is A.SEND_VERIFY:
            self._verifies.append((entry.at, entry.actor, entry.role))
        if action in FATES:
            self._settle(action)
        if not first and "state" in entry.changes:
            self._leave(entry, action, before, version_before)
        if action in EVENTS:
            self._events.append((action.value, before["department"] or ""))
            self.failures += action is A.FAIL_CHECK
        self.extended_at = entry.at if action is A.APPROVE_EXTENSION else self.extended_at
        self.stood_at = entry.at if action is A.APPROVE_SUSPENSION else self.stood_at

    def values(self, case: Mapping[str, Any]) -> tuple[Any, ...]:
        """The `STEP_FIELDS` of the row that the entry made."""
        self.odd = self.odd or bool(self._closings - {bool(case["self_disposed"])})
        self.odd = self.odd or max(self._acts.values()) > _MOST
        _, verifier, role = self._verify(case["accepted_at"])
        return (
            self.began_at,
            None if self.odd else sum(number << _PLACE[name] for name, number in self._acts.items()),
            orjson.dumps(self._events).decode() if self._events else None,
            self.failures,
            self._sent[0] if self._sent else None,
            self.extended_at,
            self.stood_at,
            *self._reporter,
            verifier,
            role,
        )

    def _verify(self, accepted_at: int | None) -> tuple[int | None, str | None, str | None]:
        sent = [one for one in self._verifies if accepted_at is not None and one[0] <= accepted_at]
        return sent[-1] if sent else (None, None, None)

    def _settle(self, fate: Action) -> None:
        """What becomes of the dispatch before: recalled, it was never done; sent back, it was wrong."""
        if self._sent is None:
            return
        _, on_time = self._sent
        self._sent = None
        if fate is A.RECALL:
            self._add(Step.DISPATCH, on_time, -1)
        if fate in (A.RECALL, A.APPROVE_SEND_BACK):
            self._acts["right"] -= 1

    def _leave(self, entry: Any, action: Action, before: Mapping[str, Any], version_before: int) -> None:
        step = ENDS.get((CaseState(before["state"]), action)) if before["state"] else None
        if step is None:
            return
        on_time = entry.at - before["state_since"] <= limit_ms(step)
        self._add(step, on_time, 1)
        if step is Step.CLOSING:
            self._closings.add(bool(before["self_disposed"]))
        if step is Step.DISPATCH:
            self._acts["right"] += 1
            self._sent = (version_before, on_time)

    def _add(self, step: Step, on_time: bool, number: int) -> None:
        self._acts[step, False] += number
        self._acts[step, True] += number if on_time else 0


def limit_ms(step: Step) -> int:
    """A step's limit in ms."""
    return round(LIMITS[step].total_seconds() * 1000)


def packed(done: Mapping[Step, int], on_time: Mapping[Step, int] = MappingProxyType({}), right: int = 0) -> int:
    """So many acts as one number; each at most 15."""
    number = right << _PLACE["right"]
    for step in Step:
        number |= done.get(step, 0) << _PLACE[step, False] | on_time.get(step, 0) << _PLACE[step, True]
    return number


@lru_cache(maxsize=8192)
def acts_of(packed: int) -> tuple[tuple[Act, int], ...]:
    """The acts in a row's `acts`, each with how often; `person` is left open."""
    return tuple((act, number) for act, number in _unpacked(packed) if number)


def _unpacked(packed: int) -> Iterator[tuple[Act, int]]:
    number = {name: packed >> place & _MOST for name, place in _PLACE.items()}
    for step in Step:
        if step is not Step.DISPATCH:
            yield Act(step, "", True, True), number[step, True]
            yield Act(step, "", True, False), number[step, False] - number[step, True]


def names_of(packed: int, *, self_disposed: bool) -> Iterator[tuple[str, int]]:
    """The counts that a row's acts add to, by the names of `Act.names`."""
    for act, number in acts_of(packed):
        if act.step is not Step.CLOSING or not self_disposed:
            yield from ((name, number) for name in act.names())
    done, on_time = (packed >> _PLACE[Step.DISPATCH, kept] & _MOST for kept in (False, True))
    dispatched = {"dispatch_due": done, "dispatch_done": done, "dispatch_on_time": on_time}
    yield from (dispatched | {"dispatch_right": packed >> _PLACE["right"] & _MOST}).items()
