"""What the case list shows: a question in words, and cases as rows of words. Plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from domain import words
from domain.case_query import CaseQuery
from domain.roles import Identity, Permission

if TYPE_CHECKING:
    from domain.case import Case


@dataclass(frozen=True, slots=True)
class Names:
    """How the city calls its codes."""

    districts: Mapping[str, str]
    departments: Mapping[str, str]
    classes: Mapping[str, str]
    zone: ZoneInfo


def within_rights(query: CaseQuery, identity: Identity) -> CaseQuery:
    """The query narrowed to what this person may see: a department seat sees its own cases only."""
    return query if identity.may(Permission.SEE_CASES) else replace(query, department=identity.department or "-")


def in_words(query: CaseQuery, names: Names, t: Callable[[str], str]) -> list[tuple[str, str, str]]:
    """The query's parts: name, value in words, and the address that leaves this part out."""
    params = query.to_params()
    parts = []
    for name in params:
        rest = {key: value for key, value in params.items() if key != name}
        href = "/cases?" + urlencode(rest) if rest else "/cases"
        parts.append((t(_PART_NAMES[name]), _part(name, getattr(query, name), names, t), href))
    return parts


_PART_NAMES = {
    "count": words.text("指标"),
    "period": words.text("时段"),
    "start": words.text("自"),
    "end": words.text("至"),
    "as_of": words.text("截至"),
    "reported_from": words.text("上报自"),
    "reported_to": words.text("上报至"),
    "district": words.text("区"),
    "department": words.text("部门"),
    "class_code": words.text("类别"),
    "grid": words.text("网格"),
    "state": words.text("状态"),
    "stage": words.text("环节"),
    "severity": words.text("级别"),
    "source": words.text("来源"),
    "text": words.text("含有"),
}

_WORDS: dict[str, Mapping[Any, str]] = {
    "count": words.COUNTS,
    "period": words.PERIODS,
    "state": words.STATES,
    "stage": words.STAGES,
    "severity": words.SEVERITIES,
    "source": words.SOURCES,
}


def _part(name: str, value: Any, names: Names, t: Callable[[str], str]) -> str:
    if name in _WORDS:
        return t(_WORDS[name][value])
    if isinstance(value, datetime):
        return f"{value.astimezone(names.zone):%Y-%m-%d %H:%M:%S}"
    called = {"district": names.districts, "department": names.departments, "class_code": names.classes}.get(name, {})
    return called.get(value, str(value))


def row(case: Case, *, at: datetime, names: Names, t: Callable[[str], str]) -> dict[str, Any]:
    """One line of the list as it stands at `at`."""
    late = _is_late(case, at)
    return {
        "case_no": case.case_no,
        "level": case.severity.value,
        "severity": f"{words.SHAPES[case.severity]} {t(words.SEVERITIES[case.severity])}",
        "class_name": names.classes.get(case.class_code, case.class_code),
        "state": t(words.STATES[case.state]),
        "address": case.address,
        "district": names.districts.get(case.district or "", case.district or "–"),
        "department": names.departments.get(case.department or "", case.department or "–"),
        "source": t(words.SOURCES[case.source]),
        "reported": _short(case.reported_at, names.zone),
        "deadline": _short(case.deadline, names.zone),
        "lateness": _lateness(case, at, t),
        "late": late,
        "closed": _short(case.closed_at, names.zone),
        "evidence": str(len(case.evidence) or ""),
    }


def _is_late(case: Case, at: datetime) -> bool:
    end = case.disposed_at or at
    return case.deadline is not None and end > case.deadline and not case.timeout_exempt


def _lateness(case: Case, at: datetime, t: Callable[[str], str]) -> str:
    if case.deadline is None:
        return "–"
    seconds = ((case.disposed_at or at) - case.deadline).total_seconds()
    if seconds > 0:
        return "▲ " + t("超期 {span}").format(span=span(seconds, t))
    return t("按期") if case.disposed_at else t("剩 {span}").format(span=span(-seconds, t))


def span(seconds: float, t: Callable[[str], str]) -> str:
    """A length of time to the minute, never rounded to whole hours (domain sheet 5.5)."""
    minutes = int(seconds // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    clock = f"{hours:02d}:{minutes:02d}"
    return t("{days}天 {clock}").format(days=days, clock=clock) if days else clock


def _short(at: datetime | None, zone: ZoneInfo) -> str:
    return "–" if at is None else f"{at.astimezone(zone):%y-%m-%d %H:%M}"
