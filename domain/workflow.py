"""Decides what may happen to a case: command in, journal entry and new case out, or a refusal in words (design 3).

Pure and total: every command gets one of the two answers, whatever state the case is in. The table is
`domain.transitions`; one workflow serves both supervision modes, only the rights differ (`domain.rights`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from domain.action import Command, Refusal, RefusalCode
from domain.case import Case
from domain.command_facts import FactWrong, checked, word
from domain.disposal_clock import AT_ONCE
from domain.gates import GATES, first_refusal
from domain.journal import Entry, fold, milliseconds, plain
from domain.move import Move, Refused
from domain.move_rules import RULES
from domain.policy import ExtensionRule, Policy
from domain.rights import Mode
from domain.transition import Transition
from domain.transitions import TRANSITIONS
from domain.worktime import utc

__all__ = ["Accepted", "ExtensionRule", "Mode", "Policy", "decide"]


_ADDED = frozenset({"photos", "evidence", "linked"})
"""Facts that join those of their kind on the case instead of taking their place."""

_CLAIM = ("claimed_by", "claimant", "claimed_at")
"""What a claim leaves on the case; it is over as soon as the case moves on."""

_FACT_NAMES = {action: row.fact_names for action, row in TRANSITIONS.items()}


@dataclass(frozen=True, slots=True)
class Accepted:
    """The move is made: its journal entry, not yet sealed, and the case after it."""

    entry: Entry
    case: Case


def decide(case: Case | None, command: Command, policy: Policy, *, case_no: str | None = None) -> Accepted | Refusal:
    """What a command does to a case (None: there is none yet).

    `case_no` is the number the store gives a case that begins here.

    Raises:
        ValueError: `command.at` is naive, or a case begins without a number: mistakes of the caller, not of people.
    """
    if command.at.tzinfo is None:
        raise ValueError("command.at must be aware")
    move = Move(case=case, command=command, row=TRANSITIONS[command.action], policy=policy)
    if (refusal := first_refusal(move, GATES)) is not None:
        return refusal
    try:
        changes = _changes(move)
    except Refused as refused:
        return refused.refusal
    entry = _entry(move, changes, case_no)
    return Accepted(entry, fold(case, entry))


def _entry(move: Move, changes: dict[str, Any], case_no: str | None) -> Entry:
    number = case_no if move.case is None else move.case.case_no
    if number is None:
        raise ValueError(f"{move.command.action} begins a case; give case_no")
    return Entry(
        case_no=number,
        version=1 if move.case is None else move.case.version + 1,
        action=move.command.action,
        at=utc(move.command.at),
        actor=move.command.actor.name,
        role=move.command.actor.role.value,
        seat=move.command.seat,
        reason=move.command.reason.strip(),
        changes=changes,
    )


def _changes(move: Move) -> dict[str, Any]:
    """Every field the move changes, as plain values; what would stay the same is left out."""
    changes = _facts(move)
    _add_request(move, changes)
    _add_columns(move, changes)
    if (effect := AT_ONCE.get(move.row.disposal)) is not None:
        changes |= effect(move.on, move.command.at, move.policy)
    if (rule := RULES.get(move.command.action)) is not None:
        rule(move, changes)
    if move.case is None:
        return changes
    return {name: value for name, value in changes.items() if value != plain(name, getattr(move.case, name))}


def _facts(move: Move) -> dict[str, Any]:
    """The command's facts, all known, of the right kind and complete."""
    row, known = move.row, _FACT_NAMES[move.command.action]
    facts = {}
    for name, value in move.command.facts.items():
        if name not in known:
            raise Refused(RefusalCode.FACT_WRONG, f"{row.zh}不接受{word(name)}：请去掉该项。", name)
        if name != "result":
            facts[name] = _fact(name, value, row)
    if row.outcomes and move.outcome is None:
        text = f"{word('result')}只能是 {'、'.join(row.outcomes)}：请选择后再提交。"
        raise Refused(RefusalCode.FACT_MISSING, text, "result")
    _check_complete(move, facts)
    if move.case is not None:
        facts |= {name: [*getattr(move.case, name), *facts[name]] for name in _ADDED & facts.keys()}
    return facts


def _fact(name: str, value: object, row: Transition) -> Any:
    try:
        return checked(name, value)
    except FactWrong as wrong:
        raise Refused(RefusalCode.FACT_WRONG, f"{word(name)}不对，{wrong}：请更正后再{row.zh}。", name) from None


def _check_complete(move: Move, facts: dict[str, Any]) -> None:
    row, case = move.row, move.case
    standing = {name: facts.get(name) or (case and getattr(case, name)) for name in row.stand}
    wanted = {name: facts.get(name) for name in row.needs} | standing
    for name, value in wanted.items():
        if value is None or value == "":
            raise Refused(RefusalCode.FACT_MISSING, f"缺少{word(name)}：请填写后再{row.zh}。", name)
    if move.policy.photos_needed:
        kinds = {photo.partition(":")[0] for photo in facts.get("photos", ())}
        for one_of in row.photos:
            if kinds.isdisjoint(one_of.split("|")):
                text = f"缺少{word('photos')}（{one_of.replace('|', ' 或 ')}）：请拍摄上传后再{row.zh}。"
                raise Refused(RefusalCode.FACT_MISSING, text, "photos")


def _add_request(move: Move, changes: dict[str, Any]) -> None:
    """Opens, settles or withdraws a request; its terms stay on the case only while it is open."""
    row, case = move.row, move.case
    if row.asks is not None:
        changes["current_request"] = row.asks.value
        changes["requested_until"] = changes.pop("until", None)
        changes["requested_hours"] = changes.pop("hours", None)
    elif row.settles or (row.drops_request and case is not None and case.current_request):
        changes.pop("hours", None)
        changes |= {"current_request": None, "requested_until": None, "requested_hours": None}


def _add_columns(move: Move, changes: dict[str, Any]) -> None:
    """What the table's own columns say: state, stage times, counters, fixed values."""
    row, case, at = move.row, move.case, milliseconds(utc(move.command.at))
    if (target := move.target) is not None:
        changes["state"] = target.value
    outcome = move.outcome
    for name in row.once + (outcome.once if outcome else ()):
        if case is None or getattr(case, name) is None:
            changes.setdefault(name, at)
    if row.newest or row.clears or row.sets:
        changes |= dict.fromkeys(row.newest, at) | dict.fromkeys(row.clears) | dict(row.sets)
    if case is not None:
        changes |= {name: getattr(case, name) + 1 for name in row.counts}
        if target is not None and case.claimed_by is not None:
            changes |= dict.fromkeys(_CLAIM)
