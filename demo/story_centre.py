"""What the centre does: it takes in, files, dispatches, looks at what was done, has it checked, and closes."""

from __future__ import annotations

from demo import reasons
from demo.afterwards import settling
from demo.emergencies import decided_emergency, propose, signing
from demo.orders import answering
from demo.scene import HOUR, MINUTE, Facts, Plans, Scene
from domain.action import Action
from domain.case import Case, Severity, Source
from domain.roles import Identity, Role
from domain.transition import Request

_MOST_REWORKS = 2


def acceptance(scene: Scene) -> Plans:
    """An acceptor looks at a call: out of scope, somebody else's, or to be verified; what was not so is refused."""
    acceptor = scene.centre(Role.ACCEPTOR)
    at = scene.soon("accept", 6)
    yield from _tied(scene, acceptor)
    if scene.case.state_since > scene.case.reported_at:
        yield scene.plan(at, Action.REFUSE_ACCEPTANCE, acceptor, scene.said("why refused", reasons.REFUSED))
    elif scene.case.linked and scene.luck.chance("same thing", 0.7):
        yield scene.plan(at, Action.REFUSE_ACCEPTANCE, acceptor, reasons.SAME)
    elif scene.luck.chance("refuse", 0.06):
        yield scene.plan(at, Action.REFUSE_ACCEPTANCE, acceptor, scene.said("why refused", reasons.REFUSED))
    elif scene.luck.chance("transfer", 0.015):
        yield scene.plan(at, Action.TRANSFER, acceptor, scene.said("why transferred", reasons.TRANSFERRED))
    else:
        yield scene.plan(at, Action.SEND_VERIFY, acceptor)


def _tied(scene: Scene, who: Identity) -> Plans:
    """The same problem told twice is tied together before anything is decided."""
    if scene.twin is not None and scene.twin not in scene.case.linked:
        yield scene.plan(scene.last_at + 1.5 * MINUTE, Action.LINK, who, facts={"linked": [scene.twin]})


def verifying(scene: Scene) -> Plans:
    at = scene.by_day(scene.soon("verify", 25), "verify")
    found = scene.luck.chance("true", 0.9)
    reason = "" if found else scene.luck.one_of("why not so", reasons.NOT_SO)
    facts: Facts = {"result": "true" if found else "false", "photos": scene.photo("near")}
    yield scene.plan(at, Action.ANSWER_VERIFY, scene.collector(), reason, facts)


def filing(scene: Scene) -> Plans:
    """The shift leader picks the filing condition; that fixes limit and closing condition."""
    leader = scene.centre(Role.SHIFT_LEADER)
    at = scene.soon("file", 9)
    rule = scene.town.rule(scene.case)
    yield from _tied(scene, leader)
    if scene.case.linked and scene.luck.chance("same thing", 0.7):
        yield scene.plan(at, Action.REFUSE_FILING, leader, reasons.SAME, {"result": "rejected"})
    elif rule is None or scene.luck.chance("not filed", 0.025):
        result = "returned" if scene.luck.chance("returned", 0.3) else "rejected"
        yield scene.plan(
            at, Action.REFUSE_FILING, leader, scene.said("why not filed", reasons.NOT_FILED), {"result": result}
        )
    else:
        facts: Facts = {
            "filing_condition": rule.filing_condition,
            "closing_condition": rule.closing_condition,
            "limit_value": rule.limit_value,
            "limit_unit": rule.limit_unit,
        }
        yield scene.plan(at, Action.FILE, leader, facts=facts)


def dispatching(scene: Scene) -> Plans:
    """To the right department, or at first to a wrong one; a duplicate is voided; a quarrel is decided first."""
    case = scene.case
    yield from signing(scene)
    if case.current_request == Request.VOID:
        yield from _void_answer(scene)
    elif case.current_request == Request.EMERGENCY:
        yield from decided_emergency(scene)
    elif case.owner_department is None and case.send_back_count >= scene.policy.send_backs_before_decision:
        yield from propose(scene, 0.12, 240)
        yield from _ownership(scene)
    else:
        if case.severity is Severity.L1:
            yield from propose(scene, 0.25, 4)
        yield from _sent(scene)


def _void_answer(scene: Scene) -> Plans:
    shift, at = scene.centre(Role.SHIFT_LEADER), scene.soon("void answer", 30)
    if scene.chance("withdraws", 0.08):
        yield scene.plan(scene.soon("withdraw", 8), Action.WITHDRAW_REQUEST, scene.centre(Role.DISPATCHER))
    elif scene.chance("void granted", 0.8):
        yield scene.plan(at, Action.APPROVE_VOID, shift)
    else:
        yield scene.plan(at, Action.REFUSE_VOID, shift, scene.said("no", reasons.NO))


def _ownership(scene: Scene) -> Plans:
    """Everybody comes to the place, and the centre decides: for this case, for the object, or for class and place."""
    case, luck = scene.case, scene.luck
    who = scene.leader() if luck.chance("leader decides", 0.3) else scene.centre(Role.SHIFT_LEADER)
    scope = "case" if luck.chance("only this case", 0.3) else "component" if case.component_code else "duty"
    decided: dict[str, object] = {"owner_department": scene.town.right_department(case), "owner_scope": scope}
    at = scene.soon("decide", 22 * 60)
    yield scene.plan(at, Action.DECIDE_OWNERSHIP, who, luck.one_of("decided", reasons.DECIDED), decided)


def _sent(scene: Scene) -> Plans:
    case, at, dispatcher = scene.case, scene.soon("dispatch", 11), scene.centre(Role.DISPATCHER)
    if not case.departments_tasked and scene.chance("void", 0.014):
        yield scene.plan(at, Action.ASK_VOID, dispatcher, scene.said("why void", reasons.VOID))
        return
    department = _chosen(scene)
    again = department in case.departments_tasked[-1:]
    facts: dict[str, object] = {"department": department}
    if scene.luck.chance("assisted", 0.08):
        helper = scene.town.another_department(case, department, "assists")
        facts |= {"assisting": [helper]} if helper != department else {}
    yield scene.plan(at, Action.DISPATCH, dispatcher, reasons.YOURS if again else "", facts)


def _chosen(scene: Scene) -> str:
    """The right one; by mistake another one; the city's cases now and then to the district, which passes them down."""
    case, right = scene.case, scene.right
    if case.owner_department is None and not case.departments_tasked:
        if scene.chance("wrong", 0.05):
            return scene.town.another_department(case, right)
        head = scene.town.head_of(right)
        if head is not None and scene.owner is None and scene.luck.chance("through the district", 0.3):
            return head
    return right


def reviewing(scene: Scene) -> Plans:
    """The acceptor looks at the photos: enough to close at once, or a collector goes and looks."""
    yield from signing(scene)
    yield from answering(scene)
    at = scene.waits("review", 5 * HOUR)
    if scene.luck.chance("photos enough", 0.12) and not scene.case.order_open:
        closed = _closing_facts(scene.case)
        yield scene.plan(at, Action.CLOSE_FROM_PHOTOS, scene.centre(Role.SHIFT_LEADER), facts=closed)
    else:
        yield scene.plan(at, Action.SEND_CHECK, scene.centre(Role.ACCEPTOR))


def checking(scene: Scene) -> Plans:
    case, luck = scene.case, scene.luck
    yield from signing(scene)
    yield from answering(scene)
    at = scene.by_day(scene.waits("check", 12 * HOUR), "check")
    if case.rework_count < _MOST_REWORKS and luck.chance(f"bad work {scene.turn}", scene.department.careless):
        reason = luck.one_of(f"bad work {scene.turn}", reasons.BAD_WORK)
        yield scene.plan(at, Action.FAIL_CHECK, scene.collector(), reason, {"photos": scene.photo("near")})
    else:
        yield scene.plan(at, Action.PASS_CHECK, scene.collector(), facts={"photos": scene.photo("after")})


def closing(scene: Scene) -> Plans:
    usual = HOUR if scene.case.self_disposed else 17 * HOUR
    yield from signing(scene)
    yield from settling(scene, 120)
    if scene.case.order_open and scene.case.department:  # nothing is closed over a leader's head
        yield from answering(scene, must=True)
        return
    at = scene.waits("close", usual)
    yield scene.plan(at, Action.CLOSE, scene.centre(Role.SHIFT_LEADER), facts=_closing_facts(scene.case))


def _closing_facts(case: Case) -> Facts:
    return {"called_back": True} if case.source is Source.HOTLINE else {}
