"""Emergencies of the demo city: what cannot wait for whoever should pay is put right at once with the fund."""

from __future__ import annotations

from demo import reasons
from demo.scene import HOUR, Plans, Scene
from domain.action import Action
from domain.emergency import EmergencyReason
from domain.roles import Role

_FUND = "城市管理应急处置专项资金"


def approved(scene: Scene) -> bool:
    return "approved_by" in scene.case.emergency


def propose(scene: Scene, share: float, minutes: float) -> Plans:
    """The shift leader proposes it, in a share of the cases one asks about."""
    if approved(scene) or not scene.chance("propose", share):
        return
    at = scene.soon("propose", minutes)
    why = scene.luck.one_of("why emergency", reasons.EMERGENCY)
    shift = scene.town.roster.one(Role.SHIFT_LEADER, scene.owner, scene.luck, "proposes")
    yield scene.plan(at, Action.PROPOSE_EMERGENCY, shift, why, {"emergency": record(scene)})


def record(scene: Scene) -> dict[str, object]:
    """What is said when it is proposed (domain sheet 9.3)."""
    luck, frozen = scene.luck, scene.case.send_back_count > 1
    return {
        "reason": EmergencyReason.NO_OWNER if frozen else luck.one_of("reason", tuple(EmergencyReason)[1:]),
        "department": scene.right,
        "contractor": luck.one_of("contractor", reasons.CONTRACTORS),
        "measures": next(done for word, done in reasons.MEASURES if word in scene.case.description),
        "cost_estimate": _yuan(scene, "estimate", 3_000, 48_000),
        "fund_line": _FUND,
    }


def decided_emergency(scene: Scene) -> Plans:
    """By the leader, or by the shift leader who has the leader on the phone."""
    at, leader = scene.soon("emergency", 25), scene.leader()
    if scene.chance("no emergency", 0.2):
        yield scene.plan(at, Action.REFUSE_EMERGENCY, leader, scene.said("no", reasons.NO_EMERGENCY))
    elif scene.chance("by phone", 0.45):
        word = {"emergency": {"by_phone": leader.display_name}}
        yield scene.plan(at, Action.APPROVE_EMERGENCY, scene.centre(Role.SHIFT_LEADER), facts=word)
    else:
        yield scene.plan(at, Action.APPROVE_EMERGENCY, leader)


def signing(scene: Scene) -> Plans:
    """The leader signs, some hours later, what was approved by phone."""
    tasked = scene.case.tasked_at
    if approved(scene) and tasked is not None and not scene.case.emergency.get("signed"):
        at = tasked + scene.luck.about("signs", 6.0) * HOUR
        yield scene.plan(at, Action.CONFIRM_EMERGENCY, scene.leader())


def settled(scene: Scene) -> dict[str, object]:
    """What it cost in the end, and whether whoever is liable has paid."""
    cost = _yuan(scene, "cost", 2_500, 52_000)
    liable = scene.town.departments[scene.right].name
    return {"cost_actual": cost, "liable": liable, "recovered": scene.luck.chance("recovered", 0.35)}


def _yuan(scene: Scene, what: str, low: float, high: float) -> float:
    return float(round(scene.luck.between(what, low, high), -2))
