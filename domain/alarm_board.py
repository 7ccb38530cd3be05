"""What every screen is told of alarms: all that stand, the floods, the backlog; and one officer's view of it.

The keeper publishes an `AlarmBoard`; web processes cut from it what each officer's scope shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from domain.alarm import Alarm, AlarmKey, AlarmKind
from domain.alarm_flood import AlarmGroup, folded, group_of, may_sound
from domain.case import Severity
from domain.journal import milliseconds, moment

MOST_SHOWN = 120
"""Lines a view carries at most, the gravest first; its counts cover all."""

_TIMES = ("raised_at", "acked_at", "shelved_until", "escalated_at", "chattering_until")
_PLAIN = tuple(f.name for f in fields(Alarm) if f.name not in (*_TIMES, "key", "level"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmBoard:
    """As of one moment. `floods` and `backlog` by scope: a district's code, "" for the whole city."""

    version: int
    as_of: datetime
    alarms: tuple[Alarm, ...] = ()
    floods: Mapping[str, datetime] = field(default_factory=dict)
    backlog: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def board_to_wire(board: AlarmBoard) -> dict[str, Any]:
    """The board as JSON carries it, times in epoch ms."""
    return {
        "version": board.version,
        "as_of": milliseconds(board.as_of),
        "alarms": [alarm_to_wire(alarm) for alarm in board.alarms],
        "floods": {scope: milliseconds(since) for scope, since in board.floods.items()},
        "backlog": board.backlog,
    }


def board_from_wire(wire: Mapping[str, Any]) -> AlarmBoard:
    """The board that JSON carried."""
    return AlarmBoard(
        version=wire["version"],
        as_of=moment(wire["as_of"]),
        alarms=tuple(alarm_from_wire(one) for one in wire["alarms"]),
        floods={scope: moment(since) for scope, since in wire["floods"].items()},
        backlog=wire["backlog"],
    )


def alarm_to_wire(alarm: Alarm) -> dict[str, Any]:
    wire = {name: getattr(alarm, name) for name in _PLAIN} | {name: _ms(getattr(alarm, name)) for name in _TIMES}
    return wire | {"kind": alarm.key.kind.value, "subject": alarm.key.subject, "level": alarm.level.value}


def alarm_from_wire(wire: Mapping[str, Any]) -> Alarm:
    values: dict[str, Any] = {name: wire[name] for name in _PLAIN}
    values |= {name: None if wire[name] is None else moment(wire[name]) for name in _TIMES}
    return Alarm(key=AlarmKey(AlarmKind(wire["kind"]), wire["subject"]), level=Severity(wire["level"]), **values)


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)


@dataclass(frozen=True, slots=True)
class Called:
    """How the city calls its codes."""

    classes: Mapping[str, str]
    districts: Mapping[str, str]
    departments: Mapping[str, str]


def alarm_view(board: AlarmBoard, district: str | None, now: datetime, called: Called) -> dict[str, Any]:
    """What one officer's bar and panel show; `district` None: the whole city."""
    mine = [alarm for alarm in board.alarms if alarm.concerns(district)]
    shelved = [alarm for alarm in mine if alarm.shelved(now)]
    active = sorted((alarm for alarm in mine if not alarm.shelved(now)), key=_rank)
    flood = board.floods.get(district or "")
    lines, groups = (active, []) if flood is None else folded(active, flood)
    lines, chattering = _apart(lines, now)
    groups = [*groups, *([group_of(chattering)] if len(chattering) > 1 else [])]
    lines = sorted([*lines, *chattering], key=_rank) if len(chattering) == 1 else lines
    return {
        "version": board.version,
        "now": milliseconds(now),
        "as_of": milliseconds(board.as_of),
        "flood": None if flood is None else _flood_wire(flood, groups, called),
        "counts": _counts(active),
        "unacked": _counts(alarm for alarm in active if alarm.acked_at is None),
        "alarms": [_line(alarm, called, now, flood=flood is not None) for alarm in lines[:MOST_SHOWN]],
        "more": max(0, len(lines) - MOST_SHOWN),
        "groups": [_group_wire(group, called, chattering=group.ids == _ids(chattering)) for group in groups],
        "shelved": [_line(alarm, called, now, flood=True) for alarm in shelved],
        "backlog": dict(board.backlog.get(district or "", {})),
    }


def _rank(alarm: Alarm) -> tuple[bool, str, float]:
    """Unseen ones first, the gravest of them first, then the newest."""
    return (alarm.acked_at is not None, alarm.level.value, -alarm.raised_at.timestamp())


def _apart(alarms: Sequence[Alarm], now: datetime) -> tuple[list[Alarm], list[Alarm]]:
    """Chattering ones fold into one line, but for L1."""
    loud = [alarm for alarm in alarms if alarm.chattering(now) and alarm.level is not Severity.L1]
    names = set(_ids(loud))
    return [alarm for alarm in alarms if alarm.alarm_id not in names], loud


def _ids(alarms: Iterable[Alarm]) -> tuple[str, ...]:
    return tuple(alarm.alarm_id for alarm in alarms)


def _counts(alarms: Iterable[Alarm]) -> dict[str, int]:
    counted = Counter(alarm.level for alarm in alarms)
    return {level.value: counted[level] for level in Severity}


def _line(alarm: Alarm, called: Called, now: datetime, *, flood: bool) -> dict[str, Any]:
    sounds = may_sound(alarm.level, flood=flood) and alarm.acked_at is None and not alarm.shelved(now)
    names = _names(alarm.about.get("class_code"), alarm.about.get("district"), called)
    department = alarm.about.get("department")
    named = {**names, "department": department and called.departments.get(department, department)}
    about = {key: value for key, value in alarm.about.items() if key not in named and key not in ("class_code", "grid")}
    wire = {name: value for name, value in alarm_to_wire(alarm).items() if name not in ("about", "alarm_id")}
    marks = {"id": alarm.alarm_id, "sounds": sounds, "chattering": alarm.chattering(now)}
    return about | wire | named | marks


def _names(class_code: str | None, district: str | None, called: Called) -> dict[str, str | None]:
    return {
        "class_name": class_code and called.classes.get(class_code, class_code),
        "district": district and called.districts.get(district, district),
    }


def _group_wire(group: AlarmGroup, called: Called, *, chattering: bool) -> dict[str, Any]:
    return {
        **_names(group.class_code, group.district, called),
        "level": group.level.value,
        "kind": group.kind,
        "grid": group.grid,
        "street": group.street,
        "first_at": milliseconds(group.first_at),
        "last_at": milliseconds(group.last_at),
        "count": group.count,
        "ids": list(group.ids),
        "unacked": list(group.unacked),
        "chattering": chattering,
    }


def _flood_wire(since: datetime, groups: Sequence[AlarmGroup], called: Called) -> dict[str, Any]:
    """报警集中:暴雨 46 件 / 3 组: what most of it is about, how many, in how many lines."""
    largest = max(groups, key=lambda group: group.count, default=None)
    names = _names(largest.class_code, largest.district, called) if largest else {}
    return {
        "since": milliseconds(since),
        "count": sum(group.count for group in groups),
        "groups": len(groups),
        "kind": largest.kind if largest else None,
        "class_name": names.get("class_name"),
    }
