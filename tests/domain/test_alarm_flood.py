from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alarm import Alarm, AlarmKind
from domain.alarm_board import AlarmBoard, Called, alarm_view, board_from_wire, board_to_wire
from domain.alarm_flood import MOST_GROUPS, FloodWatch, folded, may_sound
from domain.case import Severity
from tests.domain.alarms_made import make_alarm
from tests.domain.facts_made import NOW
from tests.hand_clock import HandClock

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
CALLED = Called({"E0101": "路面积水"}, {"370202": "市南区"}, {"D01": "排水处"})


def flooded(raises: list[datetime], now: datetime) -> bool:
    """The rule itself, asked second by second from the beginning: slow, and without a memory of its own."""
    since, calm, at = False, 0, raises[0] if raises else now
    while at <= now:
        load = sum(at - 10 * MINUTE < one <= at for one in raises)
        calm = calm + 1 if load < 5 else 0
        if not since and load >= 10:
            since, calm = True, 0
        elif since and calm > 600:
            since = False
        at += SECOND
    return since


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 2400), max_size=40), st.integers(0, 3000))
def test_flood_mode_is_what_its_rule_says(seconds: list[int], last: int) -> None:
    raises = sorted(NOW + one * SECOND for one in seconds if one <= last)
    watch, waiting = FloodWatch(), list(raises)
    for second in range(last + 1):
        now = NOW + second * SECOND
        while waiting and waiting[0] <= now:
            watch.hear(waiting.pop(0))
        watch.look(now)
    assert (watch.since is not None) == flooded(raises, NOW + last * SECOND)


def test_ten_in_ten_minutes_begin_a_flood_and_nine_do_not() -> None:
    nine, ten = FloodWatch(raises=[NOW] * 9), FloodWatch(raises=[NOW] * 10)
    assert not nine.look(NOW)
    assert ten.look(NOW)
    assert ten.since == NOW


def test_a_flood_ends_after_ten_minutes_under_five() -> None:
    watch = FloodWatch(raises=[NOW] * 10)
    watch.look(NOW)
    assert not watch.look(NOW + 10 * MINUTE)
    assert not watch.look(NOW + 20 * MINUTE - SECOND)
    assert watch.look(NOW + 20 * MINUTE)
    assert watch.since is None


def test_only_the_first_level_sounds_in_a_flood() -> None:
    assert [may_sound(level, flood=False) for level in Severity] == [True, True, False, False]
    assert [may_sound(level, flood=True) for level in Severity] == [True, False, False, False]


@pytest.fixture
def storm() -> list[Alarm]:
    """200 alarms in ten minutes by a hand's clock: three classes, forty grids, four of them of the first level."""
    clock, made = HandClock(NOW), []
    for number in range(200):
        kind = AlarmKind.SEVERE if number % 50 == 49 else (AlarmKind.OVERDUE, AlarmKind.UNANSWERED)[number % 2]
        place = f"3702{2 + number % 4:02d}{number % 7:03d}{number % 40:06d}"
        made.append(make_alarm(kind, clock.now(), class_code=f"E01{number % 3:02d}", grid=place, district=place[:6]))
        clock.forward(seconds=3)
    return made


def test_two_hundred_alarms_become_five_lines_and_the_first_level_stays_first(storm: list[Alarm]) -> None:
    board = AlarmBoard(version=1, as_of=NOW, alarms=tuple(storm), floods={"": NOW + 30 * SECOND})
    view = alarm_view(board, None, NOW + 10 * MINUTE, CALLED)
    assert len(view["groups"]) <= 5
    assert [line["level"] for line in view["alarms"]] == ["L1"] * 4
    assert sum(group["count"] for group in view["groups"]) + 4 == 200
    assert {line["level"] for line in view["alarms"] if line["sounds"]} == {"L1"}
    assert view["counts"] == {"L1": 4, "L2": 196, "L3": 0, "L4": 0}
    assert view["flood"]["count"] == 196


def test_without_a_flood_every_alarm_has_its_line(storm: list[Alarm]) -> None:
    view = alarm_view(AlarmBoard(version=1, as_of=NOW, alarms=tuple(storm)), None, NOW + 10 * MINUTE, CALLED)
    assert view["groups"] == []
    assert len(view["alarms"]) + view["more"] == 200
    assert [line["level"] for line in view["alarms"][:5]] == ["L1"] * 4 + ["L2"]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(AlarmKind)), st.integers(-90, 60), st.integers(0, 12), st.integers(0, 60)),
        max_size=120,
    )
)
def test_folding_loses_nothing_and_never_folds_the_first_level(drawn: list[tuple[AlarmKind, int, int, int]]) -> None:
    alarms = [
        make_alarm(kind, NOW + minutes * MINUTE, class_code=f"C{code}", grid=f"3702{place:02d}{place:09d}")
        for kind, minutes, code, place in drawn
    ]
    lines, groups = folded(alarms, NOW)
    in_groups = [name for group in groups for name in group.ids]
    assert sorted([*in_groups, *(line.alarm_id for line in lines)]) == sorted(alarm.alarm_id for alarm in alarms)
    assert len(groups) <= MOST_GROUPS
    by_id = {alarm.alarm_id: alarm for alarm in alarms}
    assert all(by_id[name].level is not Severity.L1 for name in in_groups)
    assert all(by_id[name].raised_at >= NOW - 10 * MINUTE for name in in_groups)
    assert all(group.level is min(by_id[name].level for name in group.ids) for group in groups)


def test_one_place_and_one_class_in_half_an_hour_is_one_group_that_says_so() -> None:
    _, (group,) = folded([make_alarm(at=NOW + n * SECOND) for n in range(12)], NOW)
    assert (group.class_code, group.grid, group.count) == ("E0101", "370202001001001", 12)


def test_a_district_officer_sees_the_districts_alarms_and_those_of_the_hall() -> None:
    mine, other = make_alarm(district="370202"), make_alarm(district="370203")
    hall = make_alarm(AlarmKind.PLATFORM_LOST, subject="公交", district=None)
    board = AlarmBoard(version=1, as_of=NOW, alarms=(mine, other, hall))
    assert {line["id"] for line in alarm_view(board, "370202", NOW, CALLED)["alarms"]} == {mine.alarm_id, hall.alarm_id}


def test_unseen_ones_come_first_then_the_gravest_then_the_newest() -> None:
    seen = make_alarm(AlarmKind.SEVERE, NOW, acked_at=NOW, acked_by="a", acked_name="A")
    old, new = make_alarm(at=NOW), make_alarm(at=NOW + MINUTE)
    low = make_alarm(AlarmKind.DUE_SOON, NOW + 2 * MINUTE)
    view = alarm_view(AlarmBoard(version=1, as_of=NOW, alarms=(seen, low, old, new)), None, NOW + MINUTE, CALLED)
    assert [line["id"] for line in view["alarms"]] == [new.alarm_id, old.alarm_id, low.alarm_id, seen.alarm_id]


def test_shelved_alarms_are_apart_and_silent_until_their_end() -> None:
    shelf = {"shelved_until": NOW + 30 * MINUTE, "shelved_by": "a", "shelved_name": "A", "shelf_reason": "等雨停"}
    board = AlarmBoard(version=1, as_of=NOW, alarms=(make_alarm(**shelf),))
    during = alarm_view(board, None, NOW + MINUTE, CALLED)
    after = alarm_view(board, None, NOW + 31 * MINUTE, CALLED)
    assert (len(during["alarms"]), [line["sounds"] for line in during["shelved"]]) == (0, [False])
    assert (len(after["alarms"]), len(after["shelved"])) == (1, 0)


def test_chattering_alarms_fold_into_one_line() -> None:
    loud = [make_alarm(chattering_until=NOW + MINUTE) for _ in range(3)]
    view = alarm_view(AlarmBoard(version=1, as_of=NOW, alarms=tuple(loud)), None, NOW, CALLED)
    assert ([group["chattering"] for group in view["groups"]], view["alarms"]) == ([True], [])


def test_codes_are_called_by_their_names() -> None:
    board = AlarmBoard(version=1, as_of=NOW, alarms=(make_alarm(department="D01"),))
    (line,) = alarm_view(board, None, NOW, CALLED)["alarms"]
    assert (line["class_name"], line["district"], line["department"]) == ("路面积水", "市南区", "排水处")


def test_a_board_survives_its_way_over_the_wire(storm: list[Alarm]) -> None:
    seen = replace(storm[0], acked_at=NOW, acked_by="a", acked_name="A", escalated=1, escalated_at=NOW)
    board = AlarmBoard(version=7, as_of=NOW, alarms=(seen, *storm[1:]), floods={"": NOW}, backlog={"": {"overdue": 3}})
    assert board_from_wire(board_to_wire(board)) == board
