from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from domain.case import CaseState, Severity
from domain.command_facts import FactWrong, checked, word
from domain.worktime import LimitUnit


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("description", "井盖", "井盖"),
        ("lon", 120, 120.0),
        ("severity", Severity.L1, "L1"),
        ("severity", "L1", "L1"),
        ("state", CaseState.CLOSED, "closed"),
        ("limit_unit", LimitUnit.WORK_DAY, "work_day"),
        ("assisting", ("D01", "D02"), ["D01", "D02"]),
        ("photos", ["after:abc"], ["after:abc"]),
        ("supervised", True, True),
        ("until", datetime(2026, 6, 1, tzinfo=UTC), 1_780_272_000_000),
        ("until", datetime(2026, 6, 1, 8, tzinfo=timezone(timedelta(hours=8))), 1_780_272_000_000),
        ("deadline", 1_780_272_000_000, 1_780_272_000_000),
        ("deadline", None, None),
        ("attributes", {"ward": "5"}, {"ward": "5"}),
    ],
)
def test_a_fact_is_stored_as_plain_json(name: str, value: Any, stored: Any) -> None:
    found = checked(name, value)
    assert found == stored
    assert type(found) is type(stored)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("description", None, "应为文字"),
        ("description", 5, "应为文字"),
        ("lon", "120", "应为数字"),
        ("lon", float("nan"), "应为数字"),
        ("lon", True, "应为数字"),
        ("lon", 181, "-180 至 180"),
        ("area_class", 1.5, "应为整数"),
        ("supervised", 1, "应为是或否"),
        ("limit_value", 0, "大于 0"),
        ("limit_unit", "week", "只能是 urgent_hour"),
        ("severity", "red", "只能是 L1、L2、L3、L4"),
        ("until", datetime(2026, 6, 1), "带时区"),  # noqa: DTZ001
        ("until", "tomorrow", "毫秒时间戳"),
        ("until", 10**20, "毫秒时间戳"),
        ("assisting", "D01", "文字列表"),
        ("photos", ["selfie:abc"], "种类为 far、near"),
        ("photos", ["after"], "照片“after”"),
        ("attributes", {"ward": 5}, "应为文字"),
        ("attributes", [], "对照表"),
    ],
)
def test_a_wrong_value_is_told_what_it_should_be(name: str, value: Any, words: str) -> None:
    with pytest.raises(FactWrong, match=words):
        checked(name, value)


def test_a_field_is_named_in_both_tongues() -> None:
    assert word("deadline") == "“处置截止时间”（deadline）"
    assert word("calendar_version") == "“calendar_version”"
