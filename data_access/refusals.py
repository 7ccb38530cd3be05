"""The refusals only the store can give, because they need to know what is stored. In the hall's own language."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from domain.action import Command, Refusal, RefusalCode
from domain.journal import Entry
from domain.transitions import TRANSITIONS


def no_such_case(command: Command) -> Refusal:
    """There is no case of that number."""
    return Refusal(code=RefusalCode.NO_SUCH_CASE, field="case_no", text=f"没有案卷 {command.case_no}，请核对案卷号")


def stale(last: Entry, zone: ZoneInfo) -> Refusal:
    """Somebody else acted since the actor looked: who, when and what."""
    when = f"{last.at.astimezone(zone):%m-%d %H:%M:%S}"
    text = f"该案卷已由 {last.actor} 于 {when} {TRANSITIONS[last.action].zh}，请按最新情况再办"
    return Refusal(code=RefusalCode.STALE_VERSION, field="expected_version", text=text)


def duplicate(case_no: str) -> Refusal:
    """The outside system's case is here already."""
    return Refusal(code=RefusalCode.DUPLICATE, field="outside_id", text=f"该外部案件已登记为 {case_no}，不再重复登记")


def unstorable(field: str) -> Refusal:
    """A text holds the character NUL, which a database may not keep."""
    return Refusal(code=RefusalCode.FACT_WRONG, field=field, text=f"{field} 中含有不可存储的空字符，请删去后再提交")
