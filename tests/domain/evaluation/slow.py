"""Evaluation done again, slow and obvious, straight from domain sheet 6 and sharing nothing with the engine.

It works on plain numbers: entries are dicts, times epoch milliseconds, a case is whatever its entries said last. Every
question is asked anew for every count. Only the names of the counts are the engine's, so that the two can be compared.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from typing import Any

MINUTE = 60_000
DONE_WITH = ("rejected", "voided", "transferred", "closed", "forced_closed")
APART = ("rejected", "voided", "transferred", "suspended")

Plain = dict[str, Any]


class SlowCase:
    """One case as it stood at `at`: only entries before it count."""

    def __init__(self, entries: list[Plain], at: int) -> None:
        self.at = at
        self.entries = [entry for entry in entries if entry["at"] < at]
        self.now: Plain = {}
        self.since = 0
        for entry in self.entries:
            self.now.update(entry["changes"])
            if "state" in entry["changes"]:
                self.since = entry["at"]

    def get(self, name: str) -> Any:
        return self.now.get(name)

    @property
    def state(self) -> str:
        return str(self.now["state"])

    def is_open(self) -> bool:
        return self.state not in DONE_WITH

    def takes_part(self) -> bool:
        return self.state not in APART and not self.get("self_disposed")

    def in_time(self) -> bool:
        if self.get("timeout_exempt") or self.get("deadline") is None:
            return True
        done = self.get("disposed_at") or self.get("closed_at")
        return done is not None and done <= self.get("deadline")

    def is_overdue(self) -> bool:
        due = self.get("deadline")
        late = due is not None and due < self.at and not self.get("timeout_exempt")
        return late and self.get("disposed_at") is None and self.is_open() and self.takes_part()

    def waits_for_closing(self) -> bool:
        return self.get("disposed_at") is not None and self.is_open() and self.takes_part()

    def belongs(self, start: int, end: int, convention: str) -> bool:
        if convention == "flow":
            return True
        if convention == "cohort":
            return bool(start <= self.get("reported_at") < end)
        due = self.get("deadline")
        if due is None or due >= end:
            return False
        return due >= start or self.is_open() or self.since >= start


def slow_counts(journals: list[list[Plain]], target: str, start: int, end: int, convention: str, at: int) -> Any:
    """Key → name → number, for an area, departments or a post."""
    since = start if convention == "flow" else 0
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entries in journals:
        case = SlowCase(entries, at)
        if not case.entries or not case.belongs(start, end, convention):
            continue
        told = _of_unit(case, since, target) if target in ("district", "department") else _of_post(case, since, target)
        for key, name in told:
            found[key][name] += 1
    return {key: dict(counts) for key, counts in found.items()}


def _of_unit(case: SlowCase, since: int, target: str) -> list[tuple[str, str]]:
    key = case.get(target) or ""
    names = _base(case, since) + _beside(case, since)
    names += [name for step, who, name in _steps(case, since)]
    events = [((holder if target == "department" else key), name) for holder, name in _events(case, since)]
    return [(key, name) for name in names] + events


def _base(case: SlowCase, since: int) -> list[str]:
    """6.1, each line by itself."""

    def within(name: str) -> bool:
        return case.get(name) is not None and since <= case.get(name) < case.at

    own = not case.get("self_disposed")
    part = case.takes_part()
    names = []
    for name, holds in {
        "reported": within("reported_at"),
        "accepted": within("accepted_at") and own,
        "filed": within("filed_at") and own,
        "dispatched": within("dispatched_at") and own,
        "disposed": within("disposed_at") and part,
        "on_time_disposed": within("disposed_at") and part and case.in_time(),
        "late_disposed": within("disposed_at") and part and not case.in_time(),
        "closed": within("closed_at") and case.state == "closed" and own,
        "on_time_closed": within("closed_at") and case.state == "closed" and own and case.in_time(),
        "rework": within("last_failed_check_at") and part,
        "voided": case.state == "voided" and since <= case.since < case.at,
        "self_disposed": within("reported_at") and not own,
        "awaiting_closing": case.waits_for_closing(),
        "overdue_undisposed": case.is_overdue(),
        "suspended": case.state == "suspended",
        "open": case.is_open(),
    }.items():
        if holds:
            names.append(name)
    if case.is_overdue() and case.get("dispatched_at") is not None:
        limit = case.get("deadline") - case.get("dispatched_at")
        names += ["overdue_3x"] if case.at - case.get("dispatched_at") > 3 * limit else []
    names += ["due_disposal"] if "disposed" in names or "overdue_undisposed" in names else []
    due = "closed" in names or "awaiting_closing" in names or "overdue_undisposed" in names
    return names + (["due_closing"] if due else [])


def _beside(case: SlowCase, since: int) -> list[str]:
    names = []
    base = _base(case, since)
    done = [entry["action"] for entry in case.entries if entry["at"] >= since]
    if "reported" in base and not case.get("self_disposed"):
        names.append("reports")
        if case.get("filed_at") is not None:
            names.append("valid_reports")
    if "filed" in base and case.get("source") in ("hotline", "public", "media"):
        names.append("filed_public")
    if "filed" in base and case.state != "voided":
        names.append("filed_kept")
    if "approve_extension" in done and case.takes_part():
        names.append("extended")
    if "approve_suspension" in done:
        names.append("suspended_in_period")
    else:
        names += ["on_time_closed_unsuspended"] if "on_time_closed" in base else []
        names += ["due_closing_unsuspended"] if "due_closing" in base else []
    return names


def _events(case: SlowCase, since: int) -> list[tuple[str, str]]:
    found = []
    for index, entry in enumerate(case.entries):
        if entry["at"] < since:
            continue
        earlier = case.entries[:index]
        held = [before["changes"]["department"] for before in earlier if "department" in before["changes"]]
        holder = (held[-1] if held else None) or ""
        names = []
        if entry["action"] == "fail_check" and case.takes_part():
            names.append("failed_checks")
            if sum(before["action"] == "fail_check" for before in earlier) == 2:
                names.append("third_failures")
        names += {"approve_send_back": ["sent_back"], "refuse_send_back": ["buck_passed"]}.get(entry["action"], [])
        double = case.get("supervised") or case.get("source") in ("leader", "media")
        found += [(holder, name) for name in names]
        found += [(holder, f"{name}_marked") for name in names if double]
    return found


STEPS: dict[str, tuple[str, tuple[tuple[str, str], ...], int, tuple[str, ...]]] = {
    "verify": ("pending_verify", (("pending_verify", "answer_verify"),), 30, ("collector",)),
    "check": (
        "pending_check",
        (("pending_check", "pass_check"), ("pending_check", "fail_check")),
        30,
        ("collector",),
    ),
    "send_verify": (
        "pending_acceptance",
        (("pending_acceptance", "send_verify"),),
        15,
        ("acceptor", "duty_officer"),
    ),
    "send_check": (
        "pending_feedback_review",
        (("pending_feedback_review", "send_check"),),
        15,
        ("acceptor", "duty_officer"),
    ),
    "filing": (
        "pending_filing",
        (("pending_filing", "file"), ("pending_filing", "refuse_filing")),
        15,
        ("shift_leader", "acceptor", "duty_officer"),
    ),
    "closing": (
        "pending_close",
        (("pending_close", "close"), ("pending_feedback_review", "close_from_photos")),
        15,
        ("shift_leader", "acceptor", "duty_officer"),
    ),
    "dispatch": ("pending_dispatch", (("pending_dispatch", "dispatch"),), 15, ("dispatcher", "duty_officer")),
}
"""Step: where it waits, which act ends which state as this step, minutes, whose work it is (5.3, 6.6)."""

POSTS = {
    "collector": ("verify", "check"),
    "acceptor": ("send_verify", "send_check"),
    "shift_leader": ("filing", "closing"),
    "dispatcher": ("dispatch",),
}


def _steps(case: SlowCase, since: int) -> list[tuple[str, str, str]]:
    """(step, who, name) of everything a step of this case is counted for."""
    found = []
    moves = [index for index, entry in enumerate(case.entries) if "state" in entry["changes"]]
    for place, index in enumerate(moves):
        began, state = case.entries[index]["at"], case.entries[index]["changes"]["state"]
        last = place == len(moves) - 1
        for step, (waits, ends, minutes, roles) in STEPS.items():
            if step == "closing" and case.get("self_disposed"):
                continue
            if last:
                if state == waits:
                    found.append((step, "", f"{step}_waiting"))
                    if case.at - began > minutes * MINUTE:
                        found.append((step, "", f"{step}_due"))
                continue
            end = case.entries[moves[place + 1]]
            if (state, end["action"]) not in ends or not since <= end["at"]:
                continue
            fate = ""
            if step == "dispatch":
                after = [e["action"] for e in case.entries[moves[place + 1] + 1 :]]
                turns = [a for a in after if a in ("recall", "approve_send_back", "dispatch")]
                fate = turns[0] if turns else ""
            if fate == "recall":
                continue
            who = end["actor"] if end["role"] in roles else ""
            found += [(step, who, f"{step}_due"), (step, who, f"{step}_done")]
            if end["at"] - began <= minutes * MINUTE:
                found.append((step, who, f"{step}_on_time"))
            if step == "dispatch" and fate != "approve_send_back":
                found.append((step, who, "dispatch_right"))
    return found


def _of_post(case: SlowCase, since: int, post: str) -> list[tuple[str, str]]:
    found = [(who, name) for step, who, name in _steps(case, since) if step in POSTS[post]]
    roles = STEPS[POSTS[post][0]][3]

    def own(entry: Plain) -> str:
        return str(entry["actor"]) if entry["role"] in roles else ""

    if post == "collector":
        first = case.entries[0]
        if first["action"] == "report" and since <= case.get("reported_at"):
            found.append((own(first), "reports"))
            found += [(own(first), "valid_reports")] if case.get("filed_at") is not None else []
    if post == "acceptor":
        accepted = case.get("accepted_at")
        if accepted is not None and since <= accepted and not case.get("self_disposed"):
            sent = [e for e in case.entries if e["action"] == "send_verify" and e["at"] <= accepted]
            found += [(own(sent[-1]), "accepted_cases")] if sent else []
    if post == "shift_leader":
        for entry in case.entries:
            if entry["action"] == "file" and since <= entry["at"]:
                found.append((own(entry), "filing_filed"))
                found += [(own(entry), "filing_kept")] if case.state != "voided" else []
    return found


SLOW_RATES = {
    "complaint": ("filed_public", "filed"),
    "closing": ("closed", "due_closing"),
    "on_time_closing": ("on_time_closed", "due_closing"),
    "on_time_disposal": ("on_time_disposed", "due_disposal"),
    "disposal": ("disposed", "due_disposal"),
    "rework": ("rework", "due_closing"),
    "rework_of_disposed": ("rework", "disposed"),
    "on_time_closing_unsuspended": ("on_time_closed_unsuspended", "due_closing_unsuspended"),
    "valid_report": ("valid_reports", "reports"),
    "verify_on_time": ("verify_on_time", "verify_due"),
    "check_on_time": ("check_on_time", "check_due"),
    "send_verify_on_time": ("send_verify_on_time", "send_verify_due"),
    "send_check_on_time": ("send_check_on_time", "send_check_due"),
    "filing_on_time": ("filing_on_time", "filing_due"),
    "leader_filing_accuracy": ("filing_kept", "filing_filed"),
    "closing_on_time": ("closing_on_time", "closing_due"),
    "dispatch_on_time": ("dispatch_on_time", "dispatch_due"),
    "dispatch_accuracy": ("dispatch_right", "dispatch_done"),
}


def slow_composite(scheme: Plain, counts: dict[str, int], months: Fraction, grids: int) -> str:
    """6.7 as text with two decimals, "–" where nothing can be judged; `scheme` as its table says it."""
    scored = []
    judged = False
    for item in scheme["items"]:
        figure = item["figure"]
        if item["rule"] == "steps":
            divisor = months * grids if item["per"] == "grid_month" else months
            if divisor == 0:
                continue
            value = counts.get(figure, 0) / divisor
            fitting = [score for bound, score in item["steps"] if value <= Fraction(str(bound))]
            scored.append((item["weight"], Fraction(str(fitting[0] if fitting else item["above"]))))
            continue
        if figure not in SLOW_RATES or counts.get(SLOW_RATES[figure][1], 0) == 0:
            continue
        upper, lower = SLOW_RATES[figure]
        percent = Fraction(100 * counts.get(upper, 0), counts[lower])
        if item["rule"] == "inverse":
            percent = 100 - percent
        if item["rule"] == "threshold":
            percent = 100 - Fraction(str(item["loss"])) * max(Fraction(0), Fraction(str(item["reach"])) - percent)
        scored.append((item["weight"], min(Fraction(100), max(Fraction(0), percent))))
        judged = True
    if not judged:
        return "–"
    total = sum(Fraction(str(weight)) for weight, _ in scored)
    result = sum(Fraction(str(weight)) * score for weight, score in scored) / total
    for extra in scheme["extras"]:
        if extra["figure"] in ("failed_checks", "third_failures", "sent_back", "buck_passed"):
            number = counts.get(extra["figure"], 0)
            number += counts.get(f"{extra['figure']}_marked", 0) if extra["double"] else 0
            result += Fraction(str(extra["points"])) * number
    result = min(Fraction(str(scheme["most"])), max(Fraction(0), result))
    hundredths = int(result * 100 + Fraction(1, 2))
    return f"{hundredths // 100}.{hundredths % 100:02d}"
