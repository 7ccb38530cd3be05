"""Storms: many reports at once from few streets, all of them such as the centre accepts."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from demo.arrivals import Arrivals
from demo.weather import LASTS, REPORTS, Storm
from domain.case import Severity
from domain.rights import Mode
from domain.workflow import Accepted, decide
from tests.demo.towns import NOW, policy, small_town

FLOOD = 10
"""Alarms within ten minutes from which an officer has a flood (product sheet 3.5)."""
TOWN = small_town()
STORM = Storm(TOWN, NOW)


def reports(mode: Mode = Mode.TWO_TWO) -> list[dict[str, object]]:
    arrivals, rng = Arrivals(TOWN, mode, 200.0), random.Random(4)
    found = []
    for at in STORM.moments(rng):
        command = STORM.command(arrivals, rng, at)
        assert isinstance(decide(None, command, policy(mode), case_no="QD2026080600001"), Accepted)
        found.append(dict(command.facts))
    return found


@pytest.mark.parametrize("mode", Mode)
def test_every_report_of_a_storm_is_accepted(mode: Mode) -> None:
    assert len(reports(mode)) == REPORTS


def test_it_comes_within_half_an_hour_and_hits_at_once() -> None:
    moments = STORM.moments(random.Random(4))
    assert all(NOW <= at <= NOW + LASTS for at in moments)
    assert sum(at < NOW + timedelta(minutes=10) for at in moments) > REPORTS / 3


def test_it_hits_one_district_so_dangerously_that_alarms_flood() -> None:
    found = reports()
    assert len({report["district"] for report in found}) == 1
    assert {report["severity"] for report in found} == {Severity.L1, Severity.L2, Severity.L3}
    moments = STORM.moments(random.Random(4))
    early = len([at for at in moments if at < NOW + timedelta(minutes=10)])
    assert sum(report["severity"] == Severity.L1 for report in found[:early]) > FLOOD


def test_a_small_town_has_a_small_storm() -> None:
    assert len(Storm(TOWN, NOW, 0.1).moments(random.Random(4))) == REPORTS // 10
