"""The refusals only the store can give, because they need to know what is stored. In the hall's own language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.action import Command, Refusal, RefusalCode
from domain.journal import Entry
from domain.transitions import TRANSITIONS


def no_such_case(command: Command) -> Refusal:
    """There is no case of that number."""
    return Refusal(code=RefusalCode.NO_SUCH_CASE, field="case_no", text=f"没有案卷 {command.case_no}，请核对案卷号")


class Names(Protocol):
    """How people and departments are called."""

    def person(self, name: str) -> str: ...

    def department(self, code: str) -> str: ...


class _Codes:
    """Nobody is called anything but their code."""

    def person(self, name: str) -> str:
        return name

    def department(self, code: str) -> str:
        return code


CODES: Names = _Codes()


def stale(last: Entry, zone: ZoneInfo, names: Names = CODES) -> Refusal:
    """Somebody else acted since the actor looked: who, when, what, and to whom it went."""
    when = f"{last.at.astimezone(zone):%m-%d %H:%M:%S}"
    department = last.changes.get("department")
    to = f" 至 {names.department(department)}" if department else ""
    text = f"{names.person(last.actor)} 已于 {when} {TRANSITIONS[last.action].zh}{to}，请按最新情况再办"
    return Refusal(code=RefusalCode.STALE_VERSION, field="expected_version", text=text)


def duplicate(case_no: str) -> Refusal:
    """The outside system's case is here already."""
    return Refusal(code=RefusalCode.DUPLICATE, field="outside_id", text=f"该外部案件已登记为 {case_no}，不再重复登记")


def unstorable(command: Command) -> Refusal | None:
    """A text that no database may keep: one with the character NUL, or with half a character (a lone surrogate)."""
    given = {"reason": command.reason, "seat": command.seat} | dict(command.facts)
    for field, value in given.items():
        if not all(_may_be_stored(part) for part in _texts(value)):
            text = f"{field} 中含有无法存储的字符，请删去后再提交"
            return Refusal(code=RefusalCode.FACT_WRONG, field=field, text=text)
    return None


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for pair in value.items():
            yield from _texts(pair)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _may_be_stored(text: str) -> bool:
    return "\x00" not in text and (text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text))
