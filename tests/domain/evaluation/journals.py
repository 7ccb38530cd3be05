"""Random journals for evaluation: plausible lives of cases, every turn that the figures care about, some odd ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.action import Action
from domain.journal import Entry, milliseconds

FIRST = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = 40
DEPARTMENTS = ("D1", "D2", "D3")
DISTRICTS = ("370202", "370203")

A = Action
Effect = Callable[[random.Random, int, dict[str, Any]], dict[str, Any]]


def _stamp(*names: str) -> Effect:
    return lambda rng, at, known: dict.fromkeys(names, at)


def _dispatch(rng: random.Random, at: int, known: dict[str, Any]) -> dict[str, Any]:
    due = None if rng.random() < 0.05 else at + rng.randrange(1, 200) * 3_600_000
    first = {} if known.get("dispatched_at") else {"dispatched_at": at}
    return first | {"department": rng.choice(DEPARTMENTS), "deadline": due}


def _send_back(rng: random.Random, at: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"department": None, "deadline": None, "send_back_count": known.get("send_back_count", 0) + 1}


def _fail(rng: random.Random, at: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"disposed_at": None, "last_failed_check_at": at, "rework_count": known.get("rework_count", 0) + 1}


def _answer(rng: random.Random, at: int, known: dict[str, Any]) -> dict[str, Any]:
    return {"accepted_at": at}


def _extend(rng: random.Random, at: int, known: dict[str, Any]) -> dict[str, Any]:
    due = known.get("deadline")
    return {"deadline": due and due + 36 * 3_600_000}


def _none(rng: random.Random, at: int, known: dict[str, Any]) -> dict[str, Any]:
    return {}


Move = tuple[int, Action, str, str | None, Effect]

MOVES: dict[str, tuple[Move, ...]] = {
    "pending_acceptance": (
        (8, A.SEND_VERIFY, "acceptor", "pending_verify", _none),
        (1, A.REFUSE_ACCEPTANCE, "acceptor", "rejected", _none),
        (1, A.TRANSFER, "acceptor", "transferred", _none),
        (1, A.SUPERVISE, "leader", None, lambda rng, at, known: {"supervised": True}),
    ),
    "pending_verify": (
        (8, A.ANSWER_VERIFY, "collector", "pending_filing", _answer),
        (2, A.ANSWER_VERIFY, "collector", "pending_acceptance", _none),
    ),
    "pending_filing": (
        (9, A.FILE, "shift_leader", "pending_dispatch", _stamp("filed_at")),
        (1, A.REFUSE_FILING, "shift_leader", "rejected", _none),
        (1, A.REFUSE_FILING, "shift_leader", "pending_acceptance", _none),
    ),
    "pending_dispatch": (
        (12, A.DISPATCH, "dispatcher", "pending_disposal", _dispatch),
        (2, A.DISPATCH, "duty_officer", "pending_disposal", _dispatch),
        (1, A.APPROVE_VOID, "shift_leader", "voided", _none),
        (1, A.FORCE_CLOSE, "leader", "forced_closed", _none),
    ),
    "pending_disposal": (
        (9, A.RECEIVE, "department", "disposing", _none),
        (2, A.APPROVE_SEND_BACK, "dispatcher", "pending_dispatch", _send_back),
        (1, A.RECALL, "dispatcher", "pending_dispatch", _send_back),
        (1, A.REFUSE_SEND_BACK, "dispatcher", None, _none),
        (1, A.SECOND_DISPATCH, "dispatcher", None, lambda rng, at, known: {"department": rng.choice(DEPARTMENTS)}),
    ),
    "disposing": (
        (9, A.FEED_BACK, "department", "pending_feedback_review", _stamp("disposed_at")),
        (1, A.APPROVE_EXTENSION, "dispatcher", None, _extend),
        (1, A.APPROVE_SUSPENSION, "dispatcher", "suspended", _none),
        (1, A.REFUSE_SEND_BACK, "dispatcher", None, _none),
        (1, A.APPROVE_SEND_BACK, "dispatcher", "pending_dispatch", _send_back),
    ),
    "suspended": ((1, A.RESUME, "department", "disposing", _none),),
    "pending_feedback_review": (
        (8, A.SEND_CHECK, "acceptor", "pending_check", _none),
        (2, A.CLOSE_FROM_PHOTOS, "shift_leader", "closed", _stamp("closed_at")),
    ),
    "pending_check": (
        (6, A.PASS_CHECK, "collector", "pending_close", _none),
        (3, A.FAIL_CHECK, "collector", "pending_disposal", _fail),
        (1, A.FAIL_CHECK, "acceptor", "pending_disposal", _fail),
    ),
    "pending_close": ((1, A.CLOSE, "shift_leader", "closed", _stamp("closed_at")),),
    "closed": ((1, A.APPROVE_APPEAL, "leader", None, lambda rng, at, known: {"timeout_exempt": True}),),
}
"""From each state: how often, what, by whom, to where, with which facts."""

_BEGINNINGS: tuple[tuple[int, Action, str, str, dict[str, Any]], ...] = (
    (5, A.REPORT, "collector", "pending_filing", {"accepted_at": "now", "source": "collector"}),
    (5, A.REGISTER, "acceptor", "pending_acceptance", {}),
    (1, A.SELF_DISPOSE, "collector", "pending_close", {"self_disposed": True, "source": "collector"}),
)
_PAUSES = (0, 5, 15, 16, 30, 31, 90, 600, 3000)
"""Minutes; on, just under and just over the limits of the steps."""


def random_journal(rng: random.Random, case_no: str) -> list[Entry]:
    """One case's entries, unsealed, over some weeks."""
    at = milliseconds(FIRST) + rng.randrange(DAYS * 24) * 3_600_000
    _, action, role, state, facts = rng.choices(_BEGINNINGS, [row[0] for row in _BEGINNINGS])[0]
    known: dict[str, Any] = {"source": rng.choice(("hotline", "public", "leader", "media", "video"))} | {
        name: at if value == "now" else value for name, value in facts.items()
    }
    known |= {"state": state, "reported_at": at, "class_code": "E0101", "district": rng.choice((*DISTRICTS, None))}
    entries = [_entry(case_no, 1, action, at, role, rng, dict(known))]
    for version in range(2, rng.randrange(2, 26)):
        moves = MOVES.get(state)
        if moves is None or (state == "closed" and rng.random() < 0.8):
            break
        _, action, role, after, effect = rng.choices(moves, [move[0] for move in moves])[0]
        at += rng.choice(_PAUSES) * 60_000 + rng.choice((0, 0, 1))
        changes = effect(rng, at, known)
        if after is not None and after != state:
            changes, state = changes | {"state": after}, after
        known |= changes
        entries.append(_entry(case_no, version, action, at, role, rng, changes))
    return entries


def _entry(
    case_no: str, version: int, action: Action, at: int, role: str, rng: random.Random, changes: dict[str, Any]
) -> Entry:
    when = datetime.fromtimestamp(at / 1000, UTC)
    actor = f"{role}-{rng.randrange(3)}"
    return Entry(case_no=case_no, version=version, action=action, at=when, actor=actor, role=role, changes=changes)


def random_journals(seed: int, number: int) -> list[list[Entry]]:
    """So many cases, the same for the same seed."""
    rng = random.Random(seed)
    return [random_journal(rng, f"{seed}-{index}") for index in range(number)]


def day(number: int) -> datetime:
    """Midnight UTC so many days after the first."""
    return FIRST + timedelta(days=number)
