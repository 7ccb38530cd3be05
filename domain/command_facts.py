"""The facts a command carries: known by name, of the right kind, as plain JSON values (the form of journal entries)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from domain.case import Case, CaseKind, CaseState, Severity, Source
from domain.emergency import EmergencyWrong, checked_parts
from domain.evidence import EvidenceReference
from domain.journal import milliseconds
from domain.rights import Level
from domain.words import text
from domain.worktime import LimitUnit

PHOTO_KINDS = ("far", "near", "reference", "before", "after")
"""Kinds of photos (domain sheet 4.5); a photo is ``kind:hash``."""

PLACE = frozenset({"address", "lon", "lat", "district", "grid", "area_class"})
WHAT = frozenset({"edition", "kind", "class_code", "component_code", "severity", "description", "attributes"})
_ORIGIN = frozenset({"source", "source_system", "outside_id", "reporter", "reporter_phone", "owner_level"})
STORY = PLACE | WHAT | _ORIGIN | {"photos"}
"""Facts that tell what happened where, and who said so."""

IMPORT_FACTS = STORY | {
    *("state", "accepted_at", "filed_at", "dispatched_at", "assigned_at", "disposed_at", "checked_at", "closed_at"),
    *("last_failed_check_at", "deadline", "original_deadline", "calendar_version", "department", "assisting"),
    *("departments_tasked", "filing_condition", "closing_condition", "limit_value", "limit_unit", "paused_seconds"),
    *("rework_count", "extension_count", "send_back_count", "supervised", "self_disposed", "timeout_exempt"),
}
"""What outside history may state; when a case was reported is said once, at its beginning."""

FIELD_WORDS = {
    "accepted_at": text("受理时间"),
    "address": text("地址"),
    "area_class": text("管控区域类别"),
    "assisting": text("协办部门"),
    "at": text("时间"),
    "called_back": text("已回访"),
    "class_code": text("类别"),
    "closed_at": text("结案时间"),
    "closing_condition": text("结案条件"),
    "component_code": text("部件标识码"),
    "deadline": text("处置截止时间"),
    "department": text("责任部门"),
    "description": text("问题描述"),
    "dispatched_at": text("派遣时间"),
    "disposed_at": text("反馈时间"),
    "district": text("行政区"),
    "emergency": text("应急处置"),
    "evidence": text("证据"),
    "filed_at": text("立案时间"),
    "filing_condition": text("立案条件"),
    "grid": text("单元网格"),
    "hours": text("延期小时数"),
    "kind": text("部件或事件"),
    "lat": text("纬度"),
    "limit_unit": text("时限单位"),
    "limit_value": text("处置时限"),
    "linked": text("关联案卷"),
    "lon": text("经度"),
    "order_due": text("督办答复期限"),
    "outside_id": text("外部编号"),
    "owner_department": text("确权单位"),
    "owner_scope": text("确权范围"),
    "owner_until": text("确权有效期"),
    "photos": text("照片"),
    "reason": text("理由"),
    "reported_at": text("上报时间"),
    "result": text("结果"),
    "severity": text("等级"),
    "source": text("来源"),
    "source_system": text("外部系统"),
    "state": text("状态"),
    "until": text("挂账截止时间"),
}


_FIRST_MS = milliseconds(datetime.min.replace(tzinfo=UTC))
_LAST_MS = milliseconds(datetime.max.replace(tzinfo=UTC)) - 1000
"""What a `datetime` can hold."""


OWNER_SCOPES = ("case", "component", "duty")
"""What an ownership decision holds for: this case, the component it is about, or class and grid from now on."""


class FactWrong(ValueError):
    """A value that the field cannot hold; the message says what it can hold."""


def word(name: str) -> str:
    """The field as a sentence names it: the hall's word with the name in the interface behind it."""
    return f"“{FIELD_WORDS[name]}”（{name}）" if name in FIELD_WORDS else f"“{name}”"


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise FactWrong("应为文字")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise FactWrong("应为数字")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise FactWrong("应为整数")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise FactWrong("应为是或否")
    return value


def _time(value: Any) -> int:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise FactWrong("时间应带时区")
        return milliseconds(value)
    if not isinstance(value, int) or not _FIRST_MS <= value <= _LAST_MS:
        raise FactWrong("应为时间（带时区，或毫秒时间戳）")
    return value


def _texts(value: Any) -> list[str]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise FactWrong("应为文字列表")
    return [_text(item) for item in value]


def _attributes(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise FactWrong("应为名称到文字的对照表")
    return {_text(key): _text(item) for key, item in value.items()}


def _photos(value: Any) -> list[str]:
    photos = _texts(value)
    if wrong := [
        photo for photo in photos if photo.partition(":")[0] not in PHOTO_KINDS or not photo.partition(":")[2]
    ]:
        raise FactWrong(f"照片“{wrong[0]}”应写作“种类:摘要”，种类为 {'、'.join(PHOTO_KINDS)}")
    return photos


def _evidence(value: Any) -> list[str]:
    found = _texts(value)
    if not found:
        raise FactWrong("应至少有一件")
    try:
        return [str(EvidenceReference.parse(text)) for text in found]
    except ValueError:
        raise FactWrong("应写作“编号:摘要:毫秒时间戳:摄像机”") from None


def _emergency(value: Any) -> dict[str, Any]:
    try:
        return checked_parts(value)
    except EmergencyWrong as wrong:
        raise FactWrong(str(wrong)) from None


def _between(low: float, high: float) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if not low <= _number(value) <= high:
            raise FactWrong(f"应在 {low:g} 至 {high:g} 之间")
        return float(value)

    return check


def _positive(value: Any) -> float:
    if _number(value) <= 0:
        raise FactWrong("应大于 0")
    return float(value)


def _one_of(values: Iterable[str]) -> Callable[[Any], str]:
    possible = {str(value): str(value) for value in values}

    def check(value: Any) -> str:
        found = possible.get(value) if isinstance(value, str) else None
        if found is None:
            raise FactWrong(f"只能是 {'、'.join(possible)}")
        return found

    return check


_BY_TYPE: dict[str, Callable[[Any], Any]] = {
    "str": _text,
    "float": _number,
    "int": _whole,
    "bool": _flag,
    "datetime": _time,
    "tuple[str, ...]": _texts,
    "dict[str, str]": _attributes,
    "dict[str, Any]": _emergency,
    "CaseState": _one_of(CaseState),
    "CaseKind": _one_of(CaseKind),
    "Severity": _one_of(Severity),
    "Source": _one_of(Source),
}
_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "lon": _between(-180, 180),
    "lat": _between(-90, 90),
    "limit_value": _positive,
    "limit_unit": _one_of(LimitUnit),
    "owner_level": _one_of((Level.CITY, Level.DISTRICT)),
    "photos": _photos,
    "evidence": _evidence,
    "owner_scope": _one_of(OWNER_SCOPES),
    "until": _time,
    "hours": _positive,
}
_CHECKS: dict[str, Callable[[Any], Any]] = {
    f.name: _BY_TYPE[str(f.type).removesuffix(" | None")] for f in fields(Case)
} | _SPECIAL
_EMPTY_ALLOWED = frozenset(f.name for f in fields(Case) if str(f.type).endswith("None"))


def checked(name: str, value: object) -> Any:
    """The fact as a plain JSON value.

    Raises:
        FactWrong: the field cannot hold it.
    """
    if value is None and name in _EMPTY_ALLOWED:
        return None
    return _CHECKS[name](value)
