"""What a person may do to a case as it stands, why another thing is not possible, and who must act next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.action import Action, Command, Refusal
from domain.case import Case, CaseState
from domain.gates import STANDING_GATES, first_refusal
from domain.move import Move
from domain.policy import Policy
from domain.roles import Identity, Role
from domain.transition import Transition
from domain.transitions import TRANSITIONS

_NOT_OFFERED = frozenset({Action.IMPORT_STEP, Action.LAPSE_CLAIM})
"""Moves of programs: an outside system's history, the hall's own timer."""

_SIDE_EXITS = frozenset({Action.FORCE_CLOSE, Action.TRANSFER, Action.RECALL})
"""Ways out that nobody waits for."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One action of the person's post. `refusal`: why it is not possible now; None: it may be done."""

    action: Action
    refusal: Refusal | None


@dataclass(frozen=True, slots=True)
class NextStep:
    """One move that leads the case out of its state, and the posts that may make it."""

    action: Action
    posts: frozenset[Role]


def offers(case: Case, identity: Identity, policy: Policy, now: datetime) -> tuple[Offer, ...]:
    """Every action of the person's post, possible ones and refused ones, in the table's order.

    Facts and reasons are asked for later: what is offered may still be refused for those.
    """
    return tuple(
        Offer(action, first_refusal(_asking(case, identity, policy, now, action, row), STANDING_GATES))
        for action, row in TRANSITIONS.items()
        if not row.begins and action not in _NOT_OFFERED and identity.role in row.posts
    )


def allowed_actions(case: Case, identity: Identity, policy: Policy, now: datetime) -> tuple[Action, ...]:
    """What the person may do to the case as it stands, in the table's order."""
    return tuple(offer.action for offer in offers(case, identity, policy, now) if offer.refusal is None)


def next_steps(state: CaseState) -> tuple[NextStep, ...]:
    """How a case leaves the state, by the table alone; side exits and requests are not the ordinary way."""
    return tuple(
        NextStep(action, row.posts)
        for action, row in TRANSITIONS.items()
        if state in row.sources
        and (row.to or row.outcomes or action is Action.RESUME)
        and not row.settles
        and action not in _SIDE_EXITS
    )


def _asking(case: Case, identity: Identity, policy: Policy, now: datetime, action: Action, row: Transition) -> Move:
    return Move(case=case, command=Command(action=action, actor=identity, at=now), row=row, policy=policy)
