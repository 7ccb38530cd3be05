"""One alarm when a platform's cameras go together, none when they go one by one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.camera import CameraState
from domain.platform_alarm import PlatformAlarm, PlatformWatch

START = datetime(2026, 8, 6, tzinfo=UTC)
POLICE = [f"QD-{number:03d}" for number in range(1, 11)]
SCHOOLS = [f"QD-{number:03d}" for number in range(11, 14)]
OWNERS = dict.fromkeys(POLICE, "交警") | dict.fromkeys(SCHOOLS, "教育局")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


class Day:
    """A watch over two platforms whose cameras all live at first."""

    def __init__(self) -> None:
        self.watch = PlatformWatch(OWNERS)
        self.second = 0
        self.events: list[PlatformAlarm] = []
        self.become(CameraState.LIVE, *OWNERS)

    def become(self, state: CameraState, *cameras: str) -> None:
        for camera in cameras:
            self.watch.hear(camera, state, at(self.second))

    def lose(self, *cameras: str) -> None:
        self.become(CameraState.OFFLINE, *cameras)

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.second += 1
            self.events += self.watch.look(at(self.second))

    @property
    def standing(self) -> list[str]:
        return [alarm.platform for alarm in self.watch.alarms]


def test_six_of_ten_within_a_minute_are_one_alarm_after_five_seconds() -> None:
    day = Day()
    day.lose(*POLICE[:3])
    day.wait(30)
    day.lose(*POLICE[3:6])
    day.wait(4)
    assert day.standing == []
    day.wait(2)
    (alarm,) = day.watch.alarms
    assert (alarm.platform, alarm.lost, alarm.total, alarm.since) == ("交警", 6, 10, at(0))
    assert len(day.events) == 1


@pytest.mark.parametrize(
    ("lost", "raised"), [(POLICE[:5], []), (POLICE[:6], ["交警"]), (SCHOOLS[:2], []), (SCHOOLS, ["教育局"])]
)
def test_it_takes_three_cameras_and_sixty_in_a_hundred(lost: list[str], raised: list[str]) -> None:
    day = Day()
    day.lose(*lost)
    day.wait(20)
    assert day.standing == raised


def test_cameras_that_go_one_by_one_over_hours_are_no_platform_alarm() -> None:
    day = Day()
    for camera in POLICE:
        day.lose(camera)
        day.wait(70)
    assert day.standing == []


def test_a_flicker_shorter_than_five_seconds_is_nothing() -> None:
    day = Day()
    day.lose(*POLICE)
    day.wait(3)
    day.become(CameraState.LIVE, *POLICE)
    day.wait(60)
    assert day.events == []


def test_it_ends_a_minute_after_the_cameras_are_back_and_counts_how_many_went() -> None:
    day = Day()
    day.lose(*POLICE[:6])
    day.wait(10)
    day.lose(*POLICE[6:8])
    day.wait(10)
    day.become(CameraState.LIVE, *POLICE)
    day.wait(59)
    assert day.standing == ["交警"]
    day.wait(3)
    assert day.standing == []
    assert (day.events[-1].cleared_at is not None, day.events[-1].most_lost) == (True, 8)


def test_cameras_that_come_back_for_half_a_minute_do_not_end_it() -> None:
    day = Day()
    day.lose(*POLICE)
    day.wait(10)
    day.become(CameraState.LIVE, *POLICE)
    day.wait(30)
    day.lose(*POLICE)
    day.wait(300)
    assert day.standing == ["交警"]
    assert [alarm for alarm in day.events if alarm.cleared_at] == []


def test_idle_cameras_count_on_neither_side() -> None:
    day = Day()
    day.become(CameraState.IDLE, *POLICE[:6])
    day.lose(*POLICE[6:9])
    day.wait(10)
    (alarm,) = day.watch.alarms
    assert (alarm.lost, alarm.total) == (3, 4)


def test_a_restarted_watch_keeps_what_stood_until_it_knows_better() -> None:
    standing = PlatformAlarm(platform="交警", since=at(0), lost=9, total=10, most_lost=9)
    watch = PlatformWatch(OWNERS, [standing])
    assert watch.look(at(1)) == []
    assert watch.alarms == [standing]
    for camera in POLICE:
        watch.hear(camera, CameraState.LIVE, at(2))
    ended = [alarm for second in range(2, 70) for alarm in watch.look(at(second)) if alarm.cleared_at]
    assert [alarm.platform for alarm in ended] == ["交警"]


def test_a_camera_no_catalogue_knows_is_nobody_s() -> None:
    watch = PlatformWatch(OWNERS)
    watch.hear("XX-999", CameraState.OFFLINE, at(0))
    assert watch.look(at(10)) == []
