"""What a journal entry changed, in words: the field as people call it, what stood there before, what stands now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.case_json import PUBLIC
from domain.case import Case, CaseState, Severity, Source
from domain.command_facts import FIELD_WORDS, OWNER_SCOPES
from domain.emergency import PART_WORDS
from domain.fact_kinds import LIMIT_UNITS
from domain.journal import Entry, fold, milliseconds
from domain.transition import REQUEST_WORDS, Request
from domain.words import SEVERITIES, SOURCES, STATES, text
from domain.worktime import LimitUnit
from runtime.i18n import t

_MORE_WORDS = {
    "appealed": text("已申诉"),
    "assigned_at": text("签收时间"),
    "checked_at": text("核查时间"),
    "claimant": text("认领人"),
    "current_request": text("待审批申请"),
    "extension_count": text("延期次数"),
    "last_failed_check_at": text("核查不通过时间"),
    "order_answer": text("督办答复"),
    "order_answered_at": text("督办答复时间"),
    "order_by": text("督办人"),
    "order_text": text("批示内容"),
    "owner_level": text("案卷层级"),
    "paused_since": text("停表自"),
    "requested_hours": text("申请小时数"),
    "requested_until": text("申请期限"),
    "rework_count": text("返工次数"),
    "self_disposed": text("自行处置"),
    "send_back_count": text("回退次数"),
    "supervised": text("督办"),
    "suspended_until": text("挂账至"),
    "timeout_exempt": text("超期免责"),
    "urged_count": text("催办次数"),
    "reporter": text("举报人"),
    "reporter_phone": text("举报人电话"),
}
"""Fields that people read in a history but fill in nowhere."""

_WORDS = FIELD_WORDS | _MORE_WORDS
_COUNTED = frozenset({"photos", "evidence", "linked"})
_SCOPES = dict(zip(OWNER_SCOPES, (text("仅本案"), text("该部件"), text("该类别在本网格")), strict=True))
_LEVELS = {"city": text("市级"), "district": text("区级")}

Called = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Told:
    """How codes are called: departments, classes, districts."""

    department: Called
    case_class: Called
    district: Called


def changes_told(entries: tuple[Entry, ...], called: Told, *, personal: bool) -> list[list[dict[str, Any]]]:
    """For each entry what it changed; fields nobody reads are left out, and personal ones without the right."""
    told, case = [], None
    for entry in entries:
        told.append(list(_changes(case, entry, called, personal=personal)))
        case = fold(case, entry)
    return told


def _changes(before: Case | None, entry: Entry, called: Told, *, personal: bool) -> Iterator[dict[str, Any]]:
    for name, value in entry.changes.items():
        if name not in _WORDS or not (personal or name in PUBLIC):
            continue
        old = None if before is None else getattr(before, name)
        said = {"field": name, "label": t(_WORDS[name]), "time": name in _TIMES}
        if name in _COUNTED:
            yield said | {"before": None, "after": _added(old or (), value)}
        elif old not in (None, "", {}, 0, False) or value not in (None, "", {}, 0, False):
            yield said | {"before": _said(name, old, called), "after": _said(name, value, called)}


def _added(old: tuple[str, ...], value: list[str]) -> str:
    return f"+{len(value) - len(old)}"


def _said(name: str, value: Any, called: Told) -> Any:
    """A value as people read it; times stay epoch milliseconds, the browser shows them."""
    if value in (None, "", {}):
        return None
    if isinstance(value, datetime):
        return milliseconds(value)
    if isinstance(value, bool):
        return t("是") if value else t("否")
    reader = _READERS.get(name)
    if reader is not None:
        return reader(value, called)
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else value


def _emergency(value: Mapping[str, Any], _called: Told) -> str:
    return "；".join(f"{t(PART_WORDS[name])} {part}" for name, part in value.items() if name in PART_WORDS)


_READERS: dict[str, Callable[[Any, Told], Any]] = {
    "state": lambda value, _: t(STATES[CaseState(value)]),
    "severity": lambda value, _: t(SEVERITIES[Severity(value)]),
    "source": lambda value, _: t(SOURCES[Source(value)]),
    "limit_unit": lambda value, _: t(LIMIT_UNITS[LimitUnit(value)]),
    "current_request": lambda value, _: t(REQUEST_WORDS[Request(value)]),
    "owner_scope": lambda value, _: t(_SCOPES.get(value, value)),
    "owner_level": lambda value, _: t(_LEVELS.get(value, value)),
    "kind": lambda value, _: {"component": t("部件"), "event": t("事件")}.get(str(value), value),
    "department": lambda value, called: called.department(value),
    "owner_department": lambda value, called: called.department(value),
    "assisting": lambda value, called: "、".join(map(called.department, value)),
    "class_code": lambda value, called: called.case_class(value),
    "district": lambda value, called: called.district(value),
    "emergency": _emergency,
}
_TIMES = frozenset(
    name
    for name in _WORDS
    if name in Case.__dataclass_fields__ and "datetime" in str(Case.__dataclass_fields__[name].type)
)
