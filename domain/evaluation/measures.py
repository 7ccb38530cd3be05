"""The rates of domain sheet 6.3, each by its two counts, and the words of everything that evaluation counts.

A rate without a denominator has no value: it is shown as "–" and left out of the composite, never taken for 0 or 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from domain.case_query import Count
from domain.indicators import FORMULA_TEXT, FORMULAS, Counts, Rate
from domain.words import COUNTS, text


@dataclass(frozen=True, slots=True)
class Ratio:
    """A rate: its name, its printed formula, and the two counts it is made of."""

    label: str
    formula: str
    numerator: str
    denominator: str


_LABELS: dict[Rate, str] = {
    Rate.FILING: text("立案率"),
    Rate.DISPATCH: text("派遣率"),
    Rate.DISPOSAL: text("处置率"),
    Rate.ON_TIME_DISPOSAL: text("按期处置率"),
    Rate.CLOSING: text("结案率"),
    Rate.ON_TIME_CLOSING: text("按期结案率"),
    Rate.REWORK: text("返工率（占应结案）"),
}

_BASE: dict[str, Ratio] = {
    kind.value: Ratio(_LABELS[kind], FORMULA_TEXT[kind], numerator.value, denominator.value)
    for kind, (numerator, denominator) in FORMULAS.items()
}

_BESIDE: dict[str, Ratio] = {
    "rework_of_disposed": Ratio(
        text("返工率（占处置）"), text("返工数/处置数"), Count.REWORK.value, Count.DISPOSED.value
    ),
    "on_time_closing_unsuspended": Ratio(
        text("按期结案率（扣除缓办）"),
        text("未缓办的按期结案数/未缓办的应结案数"),
        "on_time_closed_unsuspended",
        "due_closing_unsuspended",
    ),
    "extension": Ratio(text("延期率"), text("延期数/应结案数"), "extended", Count.DUE_CLOSING.value),
    "valid_report": Ratio(text("有效上报率"), text("有效上报数/上报数"), "valid_reports", "reports"),
    "complaint": Ratio(text("监督举报率"), text("公众举报立案数/立案数"), "filed_public", Count.FILED.value),
    "filing_accuracy": Ratio(text("准确立案率"), text("（立案数−作废数）/立案数"), "filed_kept", Count.FILED.value),
    "leader_filing_accuracy": Ratio(
        text("准确立案率（本人）"), text("（本人立案数−作废数）/本人立案数"), "filing_kept", "filing_filed"
    ),
    "dispatch_accuracy": Ratio(text("派遣准确率"), text("（派遣数−错派数）/派遣数"), "dispatch_right", "dispatch_done"),
    "check_coverage": Ratio(text("核查率"), text("核查数/（核查数＋待核查数）"), "check_done", "check_tasks"),
    "verify_on_time": Ratio(text("按时核实率"), text("按时核实数/应核实数"), "verify_on_time", "verify_due"),
    "check_on_time": Ratio(text("按时核查率"), text("按时核查数/应核查数"), "check_on_time", "check_due"),
    "send_verify_on_time": Ratio(
        text("按时发送核实率"), text("按时发送核实数/应发送核实数"), "send_verify_on_time", "send_verify_due"
    ),
    "send_check_on_time": Ratio(
        text("按时发送核查率"), text("按时发送核查数/应发送核查数"), "send_check_on_time", "send_check_due"
    ),
    "filing_on_time": Ratio(text("按时立案率"), text("按时立案决定数/应作立案决定数"), "filing_on_time", "filing_due"),
    "closing_on_time": Ratio(
        text("按时结案决定率"), text("按时结案决定数/应作结案决定数"), "closing_on_time", "closing_due"
    ),
    "dispatch_on_time": Ratio(text("按时派遣率"), text("按时派遣数/应派遣数"), "dispatch_on_time", "dispatch_due"),
}

RATES: dict[str, Ratio] = _BASE | _BESIDE

UNMEASURED: dict[str, tuple[str, str]] = {
    "missed_report": (text("漏报率"), text("案卷记录里没有采集员当班时的责任网格，无法判定漏报。")),
    "satisfaction": (text("满意率"), text("案卷记录里只有是否回访，没有回访结果。")),
    "fake_feedback": (text("虚假反馈"), text("案卷记录里没有虚假反馈的认定。")),
    "urgent_on_time": (text("紧急案卷按期率"), text("数据里没有紧急类别的标记。")),
}
"""Figures of the sheet that no journal answers: name, and why there is only a "–"."""

COUNT_WORDS: dict[str, str] = {count.value: word for count, word in COUNTS.items()} | {
    "reports": text("上报（不含自行处置）"),
    "valid_reports": text("有效上报"),
    "filed_public": text("公众举报立案"),
    "filed_kept": text("立案未作废"),
    "extended": text("延期"),
    "suspended_in_period": text("缓办（期内挂账）"),
    "on_time_closed_unsuspended": text("未缓办的按期结案"),
    "due_closing_unsuspended": text("未缓办的应结案"),
    "failed_checks": text("核查不通过（次）"),
    "third_failures": text("第三次核查不通过"),
    "sent_back": text("回退（次）"),
    "buck_passed": text("推诿（回退被驳回）"),
    "accepted_cases": text("受理（本人）"),
    "filing_filed": text("立案（本人）"),
    "filing_kept": text("立案未作废（本人）"),
    "dispatch_right": text("派遣未被退回"),
    "check_tasks": text("核查任务"),
    "verify_done": text("核实"),
    "verify_due": text("应核实"),
    "verify_on_time": text("按时核实"),
    "check_done": text("核查"),
    "check_due": text("应核查"),
    "check_on_time": text("按时核查"),
    "send_verify_done": text("发送核实"),
    "send_verify_due": text("应发送核实"),
    "send_verify_on_time": text("按时发送核实"),
    "send_check_done": text("发送核查"),
    "send_check_due": text("应发送核查"),
    "send_check_on_time": text("按时发送核查"),
    "filing_done": text("立案决定"),
    "filing_due": text("应作立案决定"),
    "filing_on_time": text("按时立案决定"),
    "closing_done": text("结案决定"),
    "closing_due": text("应作结案决定"),
    "closing_on_time": text("按时结案决定"),
    "dispatch_done": text("派遣（次）"),
    "dispatch_due": text("应派遣（次）"),
    "dispatch_on_time": text("按时派遣（次）"),
}
"""Every count by its name."""

EVENTS = ("failed_checks", "third_failures", "sent_back", "buck_passed")
"""Counts that a scheme may let count double for marked cases."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its parts; `value` is a share (1 = 100 %) or a count, None where it cannot be had."""

    value: Fraction | None
    numerator: int | None
    denominator: int | None


def known(figure: str) -> bool:
    """Whether schemes may name this figure."""
    return figure in RATES or figure in COUNT_WORDS or figure in UNMEASURED


def measure(figure: str, counts: Mapping[str, int]) -> Measured:
    """A rate or count out of the counts of one unit or person; counts that nothing was counted for are 0."""
    if figure in UNMEASURED:
        return Measured(None, None, None)
    if figure not in RATES:
        return Measured(Fraction(counts.get(figure, 0)), counts.get(figure, 0), None)
    ratio = RATES[figure]
    numerator, denominator = counts.get(ratio.numerator, 0), counts.get(ratio.denominator, 0)
    return Measured(Fraction(numerator, denominator) if denominator else None, numerator, denominator)


def all_counts(base: Counts | None, beside: Mapping[str, int]) -> dict[str, int]:
    """The counts of 6.1 and those beside them by name, sums included."""
    found = {count.value: base.of(count) for count in Count} if base is not None else {}
    found |= beside
    return found | {"check_tasks": found.get("check_done", 0) + found.get("check_waiting", 0)}
