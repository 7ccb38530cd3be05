"""What still happens to a case that has ended: an emergency's bill, who answers for it, and appeals of late marks."""

from __future__ import annotations

from demo import reasons
from demo.emergencies import approved, settled, signing
from demo.orders import answering
from demo.scene import HOUR, Plans, Scene
from domain.action import Action
from domain.case import CaseState
from domain.roles import Identity, Role
from domain.transition import Request


def afterwards(scene: Scene) -> Plans:
    """Everything that may come after the end."""
    case = scene.case
    if case.state in (CaseState.CLOSED, CaseState.FORCED_CLOSED):
        yield from signing(scene)
        yield from answering(scene)
        yield from settling(scene, 20 * 60)
    if case.state is not CaseState.CLOSED:
        return
    if approved(scene) and "cost_actual" in case.emergency and case.owner_department is None:
        yield from _liable(scene)
    if case.current_request:
        yield from _reviewed(scene, Request(case.current_request))
    else:
        yield from _appeal(scene)


def settling(scene: Scene, minutes: float) -> Plans:
    """The bill of an emergency."""
    if approved(scene) and "cost_actual" not in scene.case.emergency:
        shift = scene.town.roster.one(Role.SHIFT_LEADER, scene.owner, scene.luck, "settles")
        at = scene.soon("settle", minutes)
        yield scene.plan(at, Action.SETTLE_EMERGENCY, shift, facts={"emergency": settled(scene)})


def _liable(scene: Scene) -> Plans:
    scope = "component" if scene.case.component_code else "case"
    decided = {"owner_department": scene.town.right_department(scene.case), "owner_scope": scope}
    shift = scene.centre(Role.SHIFT_LEADER)
    at = scene.soon("liable", 24 * 60)
    yield scene.plan(at, Action.DECIDE_OWNERSHIP, shift, scene.luck.one_of("decided", reasons.DECIDED), decided)


def _appeal(scene: Scene) -> Plans:
    """A department that was late says why it should not count, once."""
    case = scene.case
    if case.closed_at is None or case.deadline is None or case.disposed_at is None or case.appealed:
        return
    if case.department and case.disposed_at > case.deadline and scene.luck.chance("appeals", 0.14):
        at = case.closed_at + scene.luck.between("appeal", 2, 40) * HOUR
        yield from scene.once(at, Action.APPEAL, scene.seat(), scene.luck.one_of("appeal", reasons.APPEALS))


def _reviewed(scene: Scene, request: Request) -> Plans:
    """First by a dispatcher, then by the shift leader or a leader."""
    if request is Request.APPEAL and scene.chance("withdraws", 0.06):
        yield scene.plan(scene.soon("withdraw", 120), Action.WITHDRAW_REQUEST, scene.seat())
        return
    at = scene.soon("review appeal", 9 * 60)
    if scene.chance("appeal granted", 0.6):
        yield scene.plan(at, Action.APPROVE_APPEAL, _reviewer(scene, request))
    else:
        why = scene.said("appeal refused", reasons.NO_APPEAL)
        yield scene.plan(at, Action.REFUSE_APPEAL, _reviewer(scene, request), why)


def _reviewer(scene: Scene, request: Request) -> Identity:
    if request is Request.APPEAL:
        return scene.centre(Role.DISPATCHER)
    return scene.leader() if scene.luck.chance("leader reviews", 0.4) else scene.centre(Role.SHIFT_LEADER)
