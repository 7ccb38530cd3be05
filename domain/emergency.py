"""Emergency disposal with the dedicated fund (domain sheet 9.3): dispose first, decide responsibility after.

The record stands on the case as plain values, `Case.emergency`; this module says which and of what kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from domain.words import text


class EmergencyReason(StrEnum):
    """Why nobody else can be waited for."""

    NO_OWNER = "no_owner"
    UNREACHABLE = "unreachable"
    DANGER = "danger"


class EmergencyWrong(ValueError):
    """A part of the record that cannot be; the message says what it can be."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise EmergencyWrong("应为文字")
    return value.strip()


def _money(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise EmergencyWrong("应为不小于 0 的金额（元）")
    return float(value)


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise EmergencyWrong("应为是或否")
    return value


def _reason(value: Any) -> str:
    if value not in set(EmergencyReason):
        raise EmergencyWrong(f"只能是 {'、'.join(EmergencyReason)}")
    return str(value)


PROPOSED: Mapping[str, Callable[[Any], Any]] = {
    "reason": _reason,
    "department": _text,
    "contractor": _text,
    "measures": _text,
    "cost_estimate": _money,
    "fund_line": _text,
}
"""Said when it is proposed: why, the department that answers for the contractor, who does what, cost in yuan."""

APPROVED: Mapping[str, Callable[[Any], Any]] = {"by_phone": _text}
"""Said by the shift leader who approves on a leader's word: whose word it was."""

SETTLED: Mapping[str, Callable[[Any], Any]] = {"cost_actual": _money, "liable": _text, "recovered": _yes_no}
"""Said when it is settled: cost in yuan, whose it turned out to be, whether the cost came back."""

PART_WORDS = {
    "reason": text("应急事由"),
    "department": text("组织实施部门"),
    "contractor": text("施工单位"),
    "measures": text("处置措施"),
    "cost_estimate": text("预估费用"),
    "fund_line": text("资金科目"),
    "by_phone": text("电话批准人"),
    "cost_actual": text("实际费用"),
    "liable": text("责任单位"),
    "recovered": text("费用已追回"),
}


def checked_parts(given: Any) -> dict[str, Any]:
    """The parts given, each of the right kind; unknown ones are refused.

    Raises:
        EmergencyWrong: names the part and what it can be.
    """
    if not isinstance(given, Mapping):
        raise EmergencyWrong("应为各项内容的对照表")
    readers = {**PROPOSED, **APPROVED, **SETTLED}
    found = {}
    for name, value in given.items():
        if name not in readers:
            raise EmergencyWrong(f"不接受“{name}”")
        try:
            found[name] = readers[name](value)
        except EmergencyWrong as wrong:
            raise EmergencyWrong(f"“{PART_WORDS[name]}”（{name}）{wrong}") from None
    return found
