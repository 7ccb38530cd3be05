"""One command being decided: the case, the row of the table it falls under, and how a gate or rule refuses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from domain.action import Command, Refusal, RefusalCode
from domain.case import Case, CaseState
from domain.policy import Policy
from domain.transition import Outcome, Transition


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One command being decided. `case` is None where it begins one."""

    case: Case | None
    command: Command
    row: Transition
    policy: Policy

    @property
    def on(self) -> Case:
        """The case, once it is known to be there.

        Raises:
            LookupError: there is none; `exists` must have been asked first.
        """
        if self.case is None:
            raise LookupError(f"{self.command.action} begins a case, there is none yet")
        return self.case

    @property
    def outcome(self) -> Outcome | None:
        """Which of the action's several ends it is, if it has several."""
        return self.row.outcomes.get(self.result) if self.row.outcomes else None

    @property
    def target(self) -> CaseState | None:
        """The state the move leads to; None where it stays, or where a rule of the action finds it."""
        outcome = self.outcome
        return self.row.to if outcome is None else outcome.to

    @property
    def result(self) -> str:
        """The fact `result` as the table spells it; True and False are taken for their words."""
        return str(self.command.facts.get("result", "")).lower()


Gate = Callable[[Move], Refusal | None]

Rule = Callable[[Move, dict[str, Any]], None]
"""A rule of one action: gets the move and the changes made so far, adds to them or raises `Refused`."""


class Refused(Exception):
    """Carries the refusal from a rule to `decide`."""

    def __init__(self, code: RefusalCode, text: str, field: str | None = None) -> None:
        super().__init__(text)
        self.refusal = Refusal(code=code, text=text, field=field)
