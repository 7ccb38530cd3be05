"""What happens while a department has a case: it receives, quarrels, asks, works, is urged and taken up by leaders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from data_access.clerk import SYSTEM
from demo import reasons
from demo.emergencies import approved, decided_emergency, propose, signing
from demo.orders import answering
from demo.scene import HOUR, MINUTE, Planned, Plans, Scene
from domain.action import Action
from domain.case import Severity
from domain.journal import milliseconds
from domain.roles import Role
from domain.transition import Request

_MOST_SEND_BACKS = 3
_LONG_WORK_MS = 5 * 8 * 3_600_000
"""A limit from which work may turn out to need a season or a plan: five working days."""
_BUCK = 0.1
"""Departments that send back more than this of their own work are known for it."""


def at_department(scene: Scene) -> Plans:
    """Work lies with the department: it receives it, or says it is not its own."""
    yield from _pressure(scene)
    yield from signing(scene)
    request = scene.case.current_request
    if request == Request.EMERGENCY:
        yield from decided_emergency(scene)
    elif request:
        yield _answer(scene)
    else:
        yield from _taken_elsewhere(scene)
        yield from _not_ours(scene)
        received = scene.into_limit(scene.case.state_since, scene.luck.between(f"received {scene.turn}", 0.02, 0.2))
        yield scene.plan(received, Action.RECEIVE, scene.seat())


def _taken_elsewhere(scene: Scene) -> Plans:
    """A slip of the hand is taken back at once; a district passes the city's cases down; danger cannot wait."""
    case, tasked = scene.case, scene.case.tasked_at
    if tasked is None or approved(scene):
        return
    wrong = case.department != scene.right
    if wrong and scene.town.head_of(scene.right) == case.department and not case.rework_count:
        dispatcher = scene.town.roster.one(Role.DISPATCHER, case.district, scene.luck, "second")
        at = tasked + scene.luck.about("second", 9) * MINUTE
        yield scene.plan(at, Action.SECOND_DISPATCH, dispatcher, facts={"department": scene.right})
    elif wrong and scene.luck.chance(f"slip {scene.turn}", 0.3) and tasked >= case.state_since:
        at = tasked + scene.luck.between("slip", 0.4, 1.6) * MINUTE
        yield from scene.once(at, Action.RECALL, scene.centre(Role.DISPATCHER))
    if case.severity is Severity.L1:
        yield from propose(scene, 0.1, 18)


def _not_ours(scene: Scene) -> Plans:
    case = scene.case
    if case.owner_department is not None or case.send_back_count >= _MOST_SEND_BACKS or approved(scene):
        return
    if scene.luck.chance(f"send back {scene.turn}", _sends_back(scene)):
        asked = scene.into_limit(case.state_since, scene.luck.between(f"asked {scene.turn}", 0.02, 0.1))
        yield from scene.once(
            asked, Action.ASK_SEND_BACK, scene.seat(), scene.luck.one_of(scene.turn, reasons.NOT_OURS)
        )


def _sends_back(scene: Scene) -> float:
    """Who passes the buck does so again: it worked the first time."""
    if scene.case.department != scene.right:
        return 0.95
    own = scene.department.passes_on
    return 4 * own if own > _BUCK and scene.case.send_back_count else own


def at_work(scene: Scene) -> Plans:
    """The department works: it finishes by its own character, and may ask for more time, or to wait for a season."""
    yield from _pressure(scene)
    yield from signing(scene)
    if scene.case.current_request:
        yield _answer(scene)
        return
    yield from _handed_back(scene)
    yield from _more_time(scene)
    yield from _let_off(scene)
    yield scene.plan(_finished_at(scene), Action.FEED_BACK, scene.seat(), facts={"photos": scene.photo("after")})


def _finished_at(scene: Scene) -> datetime:
    """So many shares of the limit before or after the deadline, wherever the deadline has moved by now."""
    luck, case = scene.luck, scene.case
    if luck.chance(f"on time {scene.turn}", scene.department.on_time):
        share = luck.between(f"share {scene.turn}", 0.3, 0.98)
    else:
        share = 1 + luck.about(f"late {scene.turn}", 0.3, spread=1.2)
    least = scene.into_limit(case.state_since, luck.between(f"least {scene.turn}", 0.05, 0.2))
    return least if case.deadline is None else max(least, scene.into_limit(case.deadline, share - 1))


def _handed_back(scene: Scene) -> Plans:
    """The worker who was sent cannot go: the seat takes the job back and gives it to another one."""
    assigned = scene.case.assigned_at
    if assigned is not None and scene.luck.chance(f"revoke {milliseconds(assigned)}", 0.012):
        at = scene.into_limit(assigned, scene.luck.between("revoke", 0.02, 0.08))
        why = scene.luck.one_of("revoke", reasons.REVOKED)
        yield from scene.once(at, Action.REVOKE_ASSIGNMENT, scene.seat(), why)


def _more_time(scene: Scene) -> Plans:
    case, luck = scene.case, scene.luck
    if case.deadline is None or case.extension_count or not luck.chance(f"extension {scene.turn}", 0.05):
        return
    at = scene.into_limit(case.deadline, -luck.between("before deadline", 0.05, 0.3))
    yield from scene.once(at, Action.ASK_EXTENSION, scene.seat(), luck.one_of("more time", reasons.MORE_TIME))


def _let_off(scene: Scene) -> Plans:
    """Until the season comes, or only until the rain stops."""
    case, luck = scene.case, scene.luck
    if case.assigned_at is None or scene.limit_ms < _LONG_WORK_MS or not luck.chance("suspension", 0.08):
        return
    at = scene.into_limit(case.assigned_at, luck.between("let off", 0.02, 0.15))
    hours = luck.between("hours", 5, 40) if luck.chance("short", 0.4) else 24 * round(luck.between("days", 5, 45))
    until = {"until": milliseconds(at + hours * HOUR)}
    yield from scene.once(at, Action.ASK_SUSPENSION, scene.seat(), luck.one_of("season", reasons.LATER), until)


def suspended(scene: Scene) -> Plans:
    """The hall resumes it on its day; sometimes the department can begin before."""
    case = scene.case
    until = case.suspended_until or scene.last_at + 24 * HOUR
    if scene.luck.chance("earlier", 0.2):
        yield scene.plan(case.state_since + 0.6 * (until - case.state_since), Action.RESUME, scene.seat())
    yield scene.plan(until, Action.RESUME, SYSTEM)


def _answer(scene: Scene) -> Planned:
    """The dispatcher decides what the department asked for; now and then it has thought better of it."""
    if scene.chance("withdraws", 0.06):
        return scene.plan(scene.soon("withdraw", 12), Action.WITHDRAW_REQUEST, scene.seat())
    request = Request(str(scene.case.current_request))
    approve, refuse, granted = _ANSWERS[request]
    dispatcher, at = scene.centre(Role.DISPATCHER), scene.soon("answer", 25)
    if request is Request.SEND_BACK:
        granted = 0.97 if scene.case.department != scene.right else 0.45
    if scene.chance("granted", granted):
        return scene.plan(at, approve, dispatcher)
    return scene.plan(at, refuse, dispatcher, scene.said("why refused it", reasons.NO))


_ANSWERS: Mapping[Request, tuple[Action, Action, float]] = {
    Request.SEND_BACK: (Action.APPROVE_SEND_BACK, Action.REFUSE_SEND_BACK, 0.0),
    Request.EXTENSION: (Action.APPROVE_EXTENSION, Action.REFUSE_EXTENSION, 0.75),
    Request.SUSPENSION: (Action.APPROVE_SUSPENSION, Action.REFUSE_SUSPENSION, 0.7),
}
"""What approves and refuses each request, and how often it is approved."""


def _pressure(scene: Scene) -> Plans:
    """Dispatchers urge what is late; a leader takes up what is dangerous, or very late, and in the end strikes it."""
    case, luck = scene.case, scene.luck
    yield from _ordered(scene)
    if case.deadline is None:
        return
    if luck.chance("urged", 0.6):
        at = scene.into_limit(case.deadline, 0.05)
        yield from scene.once(at, Action.URGE, scene.centre(Role.DISPATCHER), reasons.URGED)
    if luck.chance("struck", 0.06):
        at = scene.into_limit(case.deadline, 1.2)
        yield from scene.once(at, Action.FORCE_CLOSE, scene.leader(), reasons.STRUCK)


def _ordered(scene: Scene) -> Plans:
    """A leader's order with its date, and nearly always its answer."""
    case, luck = scene.case, scene.luck
    yield from answering(scene)
    if case.supervised or case.dispatched_at is None or case.deadline is None:
        return
    dangerous = case.severity is Severity.L1 and luck.chance("supervised", 0.4)
    if dangerous or luck.chance("supervised late", 0.35):
        at = case.dispatched_at + 12 * MINUTE if dangerous else scene.into_limit(case.deadline, 0.6)
        due = milliseconds(at + timedelta(hours=2 if dangerous else 24))
        reason = luck.one_of("why supervised", reasons.SUPERVISED)
        yield from scene.once(at, Action.SUPERVISE, scene.leader(), reason, {"order_due": due})
