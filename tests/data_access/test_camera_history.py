"""Cameras' history on both databases: kept once, asked by window, bounded."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from data_access.camera_history import KEPT_FOR, CameraHistory
from domain.camera import CameraCondition, CameraError, CameraState
from domain.camera_health import Spell, from_totals, uptime
from domain.platform_alarm import PlatformAlarm

START = datetime(2026, 8, 6, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def spell(camera: int, since: float, until: float, state: CameraState = CameraState.LIVE, **more: object) -> Spell:
    said = {"error": None, "conditions": ()} | more
    return Spell(camera_id=f"QD-{camera:03d}", state=state, since=at(since), until=at(until), **said)  # type: ignore[arg-type]


def test_what_is_kept_comes_back_as_it_went(engine: Engine) -> None:
    history = CameraHistory(engine)
    bad = spell(
        1,
        10,
        20,
        CameraState.OFFLINE,
        error=CameraError.AUTH,
        conditions=(CameraCondition.BLACK, CameraCondition.WRONG_CLOCK),
    )
    history.keep([spell(1, 0, 10), bad, spell(2, 5, 15)])
    assert history.spells(at(0), at(60)) == {"QD-001": [spell(1, 0, 10), bad], "QD-002": [spell(2, 5, 15)]}
    assert sorted(history.newest(), key=lambda one: one.camera_id) == [bad, spell(2, 5, 15)]


def test_keeping_a_spell_again_stretches_it_and_adds_none(engine: Engine) -> None:
    history = CameraHistory(engine)
    for until in (1, 5, 5, 9):
        history.keep([spell(1, 0, until)])
    assert history.spells(at(0), at(60)) == {"QD-001": [spell(1, 0, 9)]}


def test_the_database_counts_as_the_rule_does(engine: Engine) -> None:
    history = CameraHistory(engine)
    states = list(CameraState)
    laid = [spell(1, 7 * index, 7 * index + 5, states[index % len(states)]) for index in range(40)]
    history.keep(laid)
    for start, end in ((0, 280), (3, 100), (33.5, 34.5), (250, 900), (-50, 10)):
        window = round((end - start) * 60_000)
        totals = history.totals(at(start), at(end)).get("QD-001", {})
        assert from_totals(totals, window) == uptime(laid, at(start), at(end))


def test_a_window_shows_what_reaches_into_it(engine: Engine) -> None:
    history = CameraHistory(engine)
    history.keep([spell(1, 0, 10), spell(1, 10, 30), spell(1, 40, 50)])
    assert history.spells(at(10), at(40)) == {"QD-001": [spell(1, 10, 30)]}


def test_history_is_bounded_in_age_and_in_number(engine: Engine) -> None:
    history = CameraHistory(engine)
    history.keep([spell(1, index, index + 1) for index in range(20)])
    history.keep([spell(2, 0, 1)], [_alarm(cleared_at=at(5))])
    assert history.prune(at(30), most=8) == 12
    assert history.spells(at(0), at(60))["QD-001"] == [spell(1, index, index + 1) for index in range(12, 20)]
    assert history.prune(at(30) + KEPT_FOR) == 10
    assert history.spells(at(0), at(60)) == {}
    assert history.alarms(at(0)) == []


def _alarm(**changes: object) -> PlatformAlarm:
    alarm = PlatformAlarm(platform="交警", since=at(1), lost=7, total=10, most_lost=8)
    return replace(alarm, **changes)  # type: ignore[arg-type]


def test_an_alarm_stands_until_its_end_is_kept(engine: Engine) -> None:
    history = CameraHistory(engine)
    history.keep([], [_alarm()])
    assert history.standing() == history.alarms(at(0)) == [_alarm()]
    history.keep([], [_alarm(cleared_at=at(20), lost=1)])
    assert history.standing() == []
    assert history.alarms(at(10)) == [_alarm(cleared_at=at(20), lost=1)]
    assert history.alarms(at(30)) == []
