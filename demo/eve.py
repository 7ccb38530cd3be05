"""The last hours before somebody looks: orders that wait for an answer, suspensions that end soon, an emergency.

Chance alone might leave none of them at the very moment. They are made as everything else: by commands that the rules
accept, on cases that lie there anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from data_access.case_bulk import History
from demo import reasons
from demo.emergencies import record
from demo.scene import HOUR, MINUTE, Planned, Scene
from demo.town import Town
from domain.action import Action
from domain.case import Case, CaseKind, CaseState, Severity, Source
from domain.journal import milliseconds
from domain.policy import Policy
from domain.roles import Role
from domain.workflow import Accepted, decide


@dataclass(frozen=True, slots=True)
class Wish:
    """How many cases of a kind there should be, which ones fit, and what their people do in the last hours."""

    number: int
    fits: Callable[[Case], bool]
    acts: Callable[[Scene, datetime], Iterator[Planned]]


def _ordered(scene: Scene, now: datetime) -> Iterator[Planned]:
    luck = scene.luck
    due = milliseconds(now + luck.between("due", 3, 26) * HOUR)
    reason = luck.one_of("why supervised", reasons.SUPERVISED)
    at = now - luck.between("ordered", 20, 200) * MINUTE
    yield Planned(at, Action.SUPERVISE, scene.leader(), reason, {"order_due": due})


def _let_off(scene: Scene, now: datetime) -> Iterator[Planned]:
    luck = scene.luck
    at = now - luck.between("asked", 150, 230) * MINUTE
    until = milliseconds(now + luck.between("until", 15, 170) * MINUTE)
    reason = luck.one_of("short", reasons.SHORTLY)
    yield Planned(at, Action.ASK_SUSPENSION, scene.seat(), reason, {"until": until})
    yield Planned(at + 25 * MINUTE, Action.APPROVE_SUSPENSION, scene.centre(Role.DISPATCHER))


def _emergency(scene: Scene, now: datetime) -> Iterator[Planned]:
    shift = scene.town.roster.one(Role.SHIFT_LEADER, scene.owner, scene.luck, "proposes")
    why = scene.luck.one_of("why emergency", reasons.EMERGENCY)
    yield Planned(now - 9 * MINUTE, Action.PROPOSE_EMERGENCY, shift, why, {"emergency": record(scene)})


def _noticed(case: Case) -> bool:
    """What leaders hear of."""
    told = case.source in (Source.HOTLINE, Source.MEDIA, Source.LEADER) or case.severity in (Severity.L1, Severity.L2)
    return told and case.state in (CaseState.PENDING_DISPOSAL, CaseState.DISPOSING) and case.order_at is None


def _working(case: Case) -> bool:
    return case.state is CaseState.DISPOSING and not case.emergency and not case.current_request


def _waiting(case: Case) -> bool:
    thing = case.kind is CaseKind.COMPONENT or case.severity in (Severity.L1, Severity.L2)
    return case.state is CaseState.PENDING_DISPATCH and thing and not case.current_request and not case.send_back_count


WISHES: Sequence[Wish] = (Wish(4, _noticed, _ordered), Wish(4, _working, _let_off), Wish(1, _waiting, _emergency))


def with_eve(found: Sequence[History], town: Town, policy: Policy, now: datetime, share: float) -> list[History]:
    """The same histories, some of them with what was done in the last hours."""
    made, touched = list(found), set[int]()
    for wish in WISHES:
        wanted = round(wish.number * share)
        for index in range(len(made) - 1, -1, -1):
            if wanted == 0:
                break
            if index not in touched and wish.fits(made[index][0]):
                longer = _longer(made[index], wish, Scene(town, policy, made[index][0], made[index][1][-1].at), now)
                if longer is not None:
                    made[index], wanted = longer, wanted - 1
                    touched.add(index)
    return made


def _longer(history: History, wish: Wish, scene: Scene, now: datetime) -> History | None:
    """The history with the wish's acts; None where the rules or the times do not allow them."""
    case, entries = history[0], list(history[1])
    for act in wish.acts(scene, now):
        answer = decide(case, act.command(case, act.at), scene.policy) if act.at > entries[-1].at else None
        if not isinstance(answer, Accepted):
            return None
        case = answer.case
        entries.append(answer.entry)
    return case, entries
