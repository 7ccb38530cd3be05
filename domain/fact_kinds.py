"""What kind of input each fact of a command asks for, so that one form serves every action."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from domain.case import Case, CaseKind, Source
from domain.command_facts import FIELD_WORDS, OWNER_SCOPES
from domain.transition import Transition
from domain.words import SEVERITIES, SOURCES, text
from domain.worktime import LimitUnit


class FactKind(StrEnum):
    """How a value is given."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    MOMENT = "moment"
    FLAG = "flag"
    CHOICE = "choice"
    DEPARTMENT = "department"
    DEPARTMENTS = "departments"
    CASE_CLASS = "case_class"
    CONDITION = "condition"
    COMPONENT = "component"
    CASES = "cases"
    PHOTOS = "photos"
    EVIDENCE = "evidence"
    EMERGENCY = "emergency"
    ATTRIBUTES = "attributes"


_SPECIAL = {
    "description": FactKind.LONG_TEXT,
    "department": FactKind.DEPARTMENT,
    "owner_department": FactKind.DEPARTMENT,
    "assisting": FactKind.DEPARTMENTS,
    "class_code": FactKind.CASE_CLASS,
    "filing_condition": FactKind.CONDITION,
    "component_code": FactKind.COMPONENT,
    "linked": FactKind.CASES,
    "photos": FactKind.PHOTOS,
    "evidence": FactKind.EVIDENCE,
    "emergency": FactKind.EMERGENCY,
    "attributes": FactKind.ATTRIBUTES,
    "until": FactKind.MOMENT,
    "hours": FactKind.NUMBER,
}
_BY_TYPE = {"float": FactKind.NUMBER, "int": FactKind.NUMBER, "bool": FactKind.FLAG, "datetime": FactKind.MOMENT}

LIMIT_UNITS: dict[LimitUnit, str] = {
    LimitUnit.URGENT_HOUR: text("紧急工作时"),
    LimitUnit.URGENT_DAY: text("紧急工作日"),
    LimitUnit.WORK_HOUR: text("工作时"),
    LimitUnit.WORK_DAY: text("工作日"),
    LimitUnit.CALENDAR_DAY: text("自然日"),
}
"""How the units of a limit are called (domain sheet 5.1)."""

_CHOICES: dict[str, dict[str, str]] = {
    "limit_unit": {str(unit): word for unit, word in LIMIT_UNITS.items()},
    "owner_scope": dict(zip(OWNER_SCOPES, (text("仅本案"), text("该部件"), text("该类别在本网格")), strict=True)),
    "severity": {str(level): word for level, word in SEVERITIES.items()},
    "source": {str(source): word for source, word in SOURCES.items() if source is not Source.IMPORT},
    "kind": {CaseKind.COMPONENT.value: text("部件"), CaseKind.EVENT.value: text("事件")},
    "owner_level": {"city": text("市级"), "district": text("区级")},
    "area_class": {"1": text("一类区域"), "2": text("二类区域")},
}
_TYPES = {f.name: str(f.type).removesuffix(" | None") for f in fields(Case)}


@dataclass(frozen=True, slots=True)
class FactField:
    """One input of an action's form. `choices` are (value, word); `required`: it must come, or stand on the case."""

    name: str
    label: str
    kind: FactKind
    required: bool
    choices: tuple[tuple[str, str], ...] = ()


def fact_fields(row: Transition) -> Sequence[FactField]:
    """The inputs of an action, those that must come first; `result` is asked for by the action's outcomes."""
    required = (*row.needs, *row.stand, *(("photos",) if row.photos else ()))
    rest = sorted(row.fact_names - {"result", *required}, key=lambda name: (name not in FIELD_WORDS, name))
    return [_field(name, required=True) for name in dict.fromkeys(required)] + [
        _field(name, required=False) for name in rest
    ]


def _field(name: str, *, required: bool) -> FactField:
    choices = tuple(_CHOICES.get(name, {}).items())
    kind = _SPECIAL.get(name) or (FactKind.CHOICE if choices else _BY_TYPE.get(_TYPES.get(name, ""), FactKind.TEXT))
    return FactField(name, FIELD_WORDS.get(name, name), kind, required, choices)
