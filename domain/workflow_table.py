"""The workflow's table written out for readers: every move × post × mode, as `docs/workflow.md` shows it.

Generated from the very rows that decide (`domain.transitions`, `domain.rights`), so that it cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.action import Action
from domain.case import FINAL_STATES, OPEN_STATES, CaseState
from domain.command_facts import FIELD_WORDS
from domain.rights import RIGHTS, Level, Mode
from domain.roles import Role
from domain.transition import Disposal, Transition
from domain.transitions import TRANSITIONS
from domain.words import ROLES, STATES

NUMBERS: dict[Action, str] = {
    Action.REPORT: "1",
    Action.REGISTER: "2",
    Action.REFUSE_ACCEPTANCE: "3",
    Action.SEND_VERIFY: "4",
    Action.ANSWER_VERIFY: "5",
    Action.FILE: "6",
    Action.REFUSE_FILING: "7",
    Action.DISPATCH: "8",
    Action.ASK_VOID: "9",
    Action.APPROVE_VOID: "9",
    Action.REFUSE_VOID: "9",
    Action.RECEIVE: "10",
    Action.REVOKE_ASSIGNMENT: "11",
    Action.ASK_SEND_BACK: "12",
    Action.APPROVE_SEND_BACK: "13",
    Action.REFUSE_SEND_BACK: "14",
    Action.ASK_EXTENSION: "15",
    Action.APPROVE_EXTENSION: "16",
    Action.REFUSE_EXTENSION: "16",
    Action.ASK_SUSPENSION: "17",
    Action.APPROVE_SUSPENSION: "18",
    Action.REFUSE_SUSPENSION: "18",
    Action.RESUME: "19",
    Action.FEED_BACK: "20",
    Action.SEND_CHECK: "21",
    Action.PASS_CHECK: "22",
    Action.FAIL_CHECK: "23",
    Action.CLOSE: "24",
    Action.CLOSE_FROM_PHOTOS: "25",
    Action.URGE: "26",
    Action.SUPERVISE: "27",
    Action.SECOND_DISPATCH: "28",
    Action.TRANSFER: "29",
    Action.APPEAL: "30",
    Action.APPROVE_APPEAL: "30",
    Action.REFUSE_APPEAL: "30",
    Action.SELF_DISPOSE: "31",
    Action.FORCE_CLOSE: "32",
}
"""Each action's number in domain sheet 4.4; the others stand beside it."""

_CLOCK: dict[Disposal, str] = {
    Disposal.NOTHING: "",
    Disposal.DISPATCH: "starts, or goes on for the same unit",
    Disposal.HALT: "stands",
    Disposal.TAKE_BACK: "stands, no deadline",
    Disposal.RESUME: "goes on",
    Disposal.REWORK: "goes on (or anew, by policy)",
    Disposal.EXTEND: "deadline moves on",
}
_LEVELS = {Level.CITY: "city", Level.DISTRICT: "district", Level.OWNER: "owner's level"}


@dataclass(frozen=True, slots=True)
class TableRow:
    """One move as the page shows it; every field is finished text."""

    number: str
    action: str
    zh: str
    posts: str
    sources: str
    to: str
    asks_for: str
    clock: str
    two_two: str
    one_two: str


def rows() -> Iterator[TableRow]:
    """Every move, the numbered ones in the sheet's order, then those beside it in the table's."""
    order = sorted(TRANSITIONS, key=lambda action: int(NUMBERS.get(action, "99")))
    for action in order:
        row = TRANSITIONS[action]
        yield TableRow(
            number=NUMBERS.get(action, ""),
            action=action.value,
            zh=row.zh,
            posts="、".join(ROLES[role] for role in Role if role in row.posts),
            sources=_states(row.sources),
            to=_target(row),
            asks_for=_asked(row),
            clock=_CLOCK[row.disposal],
            two_two=_levels(row, Mode.TWO_TWO),
            one_two=_levels(row, Mode.ONE_TWO),
        )


def markdown() -> str:
    """The table as Markdown."""
    head = ("#", "action", "操作", "posts", "from", "to", "asks for", "disposal clock", "`two_two`", "`one_two`")
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows():
        cells = (row.number, f"`{row.action}`", row.zh, row.posts, row.sources, row.to, row.asks_for, row.clock)
        lines.append("| " + " | ".join((*cells, row.two_two, row.one_two)) + " |")
    return "\n".join(lines) + "\n"


def _states(states: frozenset[CaseState]) -> str:
    if not states:
        return "–"
    if states == OPEN_STATES:
        return "any open"
    if states >= OPEN_STATES:
        ended = "、".join(STATES[state] for state in CaseState if state in states & FINAL_STATES)
        return f"any open、{ended}"
    return "、".join(STATES[state] for state in CaseState if state in states)


def _target(row: Transition) -> str:
    if row.outcomes:
        return " / ".join(f"{outcome.zh} → {STATES[outcome.to]}" for outcome in row.outcomes.values())
    if row.disposal is Disposal.RESUME:
        return "the state before"
    return STATES[row.to] if row.to else "same"


def _asked(row: Transition) -> str:
    parts = [FIELD_WORDS.get(name, name) for name in (*row.needs, *row.stand)]
    parts += [f"照片 {kinds.replace('|', '/')}" for kinds in row.photos]
    if row.reason:
        parts.append("理由")
    return "、".join(parts)


def _levels(row: Transition, mode: Mode) -> str:
    """Which levels may, by the mode; what belongs to no step is open to both."""
    if row.step is None:
        return "both"
    levels = RIGHTS[mode][row.step]
    return "both" if levels == {Level.CITY, Level.DISTRICT} else ", ".join(sorted(_LEVELS[level] for level in levels))
