"""The switches a city sets for itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.limits import LimitTable
from domain.policy import ExtensionRule, Policy, RuleError, policy_from
from domain.rights import Mode
from tests.domain.loop import CALENDAR


def written(**rules: Any) -> Policy:
    return policy_from(rules, mode=Mode.ONE_TWO, calendar=CALENDAR, limits=LimitTable())


def test_a_city_that_writes_nothing_has_the_usual_rules() -> None:
    usual = written()
    assert (usual.mode, usual.max_extensions, usual.photos_may_close) == (Mode.ONE_TWO, 2, True)


def test_what_a_city_writes_is_what_its_cases_are_judged_by() -> None:
    policy = written(
        extension_rule="granted_hours",
        max_extensions=0,
        max_suspension_days=90,
        rework_new_limit=True,
        photos_needed=False,
        photos_may_close=False,
        call_back_needed=False,
        recall_minutes=5,
        send_backs_before_decision=3,
        emergency_hours=2,
    )
    assert policy.extension_rule is ExtensionRule.GRANTED_HOURS
    assert (policy.max_suspension, policy.recall_within) == (timedelta(days=90), timedelta(minutes=5))
    assert (policy.rework_new_limit, policy.photos_needed, policy.photos_may_close) == (True, False, False)
    assert (policy.max_extensions, policy.send_backs_before_decision, policy.emergency_hours) == (0, 3, 2)
    assert not policy.call_back_needed


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ("max_extensions", 1.5, "rules.max_extensions: is a whole number from 0 to 10"),
        ("max_extensions", True, "rules.max_extensions"),
        ("photos_needed", "no", "rules.photos_needed: is true or false"),
        ("max_suspension_days", 0, "from 1 to 3650"),
        ("colour", "red", "rules.colour: unknown; possible are extension_rule"),
    ],
)
def test_a_wrong_rule_is_named_with_what_it_can_be(rule: str, value: Any, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        written(**{rule: value})
