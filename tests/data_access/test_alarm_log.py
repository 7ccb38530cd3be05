"""The alarm log and signed handovers, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from data_access.alarm_log import AlarmLog
from data_access.engine import is_sqlite
from data_access.handovers import Handovers, sealed
from domain.alarm import AlarmKind
from domain.alarm_log import AlarmEntry, AlarmEvent, AlarmSet, of_alarm
from tests.domain.alarms_made import make_alarm, raised
from tests.domain.facts_made import NOW

MINUTE = timedelta(minutes=1)
ALARM = make_alarm(AlarmKind.SEVERE)
SEEN = of_alarm(ALARM, AlarmEvent.ACKED, NOW + MINUTE, who="wang.lei", who_name="王磊")
SHELVED = of_alarm(
    ALARM, AlarmEvent.SHELVED, NOW + MINUTE, who="wang.lei", who_name="王磊", reason="等雨停", until=NOW + 60 * MINUTE
)


@pytest.fixture
def log(engine: Engine) -> AlarmLog:
    return AlarmLog(engine)


def test_a_line_comes_back_as_it_was_written(log: AlarmLog) -> None:
    log.append([raised(ALARM), SHELVED])
    assert log.between(NOW, NOW + 2 * MINUTE) == [raised(ALARM), SHELVED]


def test_a_span_is_half_open(log: AlarmLog) -> None:
    log.append([raised(ALARM), SEEN])
    assert log.between(NOW, NOW + MINUTE) == [raised(ALARM)]


def test_who_reads_on_gets_what_is_new_and_nothing_twice(log: AlarmLog) -> None:
    log.append([raised(ALARM)])
    first = log.since(0)
    log.append([SEEN])
    second = log.since(first.last)
    assert (list(first.entries), list(second.entries)) == ([raised(ALARM)], [SEEN])
    assert log.since(second.last).last == second.last


def test_what_stands_is_read_without_what_is_over(log: AlarmLog) -> None:
    over, other = make_alarm(), make_alarm(at=NOW + MINUTE)
    log.append([AlarmEntry(at=NOW - MINUTE, event=AlarmEvent.WATCH_BEGAN), raised(ALARM), raised(over), SEEN])
    log.append([of_alarm(over, AlarmEvent.CLEARED, NOW + MINUTE), raised(other)])
    log.append([AlarmEntry(at=NOW, event=AlarmEvent.FLOOD_BEGAN), AlarmEntry(at=NOW, event=AlarmEvent.FLOOD_ENDED)])
    log.append([AlarmEntry(at=NOW + MINUTE, event=AlarmEvent.FLOOD_BEGAN, subject="370202")])
    written = log.standing()
    standing = AlarmSet(written.entries)
    assert {alarm.alarm_id for alarm in standing.alarms} == {ALARM.alarm_id, other.alarm_id}
    assert standing.watched_from == NOW - MINUTE
    assert standing.floods == {"370202": NOW + MINUTE}
    seen = standing.get(ALARM.alarm_id)
    assert seen is not None
    assert seen.acked_name == "王磊"
    assert list(log.since(written.last).entries) == []


def test_an_alarms_life_can_be_read(log: AlarmLog) -> None:
    log.append([raised(ALARM), raised(make_alarm()), SEEN])
    assert [entry.event for entry in log.of_alarm(ALARM.alarm_id)] == [AlarmEvent.RAISED, AlarmEvent.ACKED]


def test_the_newest_sound_test_of_a_person_is_known(log: AlarmLog) -> None:
    tests = [
        AlarmEntry(at=NOW + n * MINUTE, event=AlarmEvent.SOUND_TESTED, who=who)
        for n, who in enumerate(("wang.lei", "wang.lei", "zhang.min"))
    ]
    log.append(tests)
    assert log.sound_tested("wang.lei") == NOW + MINUTE
    assert log.sound_tested("nobody") is None


@pytest.mark.parametrize("table", ["alarm_log", "handovers"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = 1", "DELETE FROM {}"])
def test_nothing_of_it_can_be_changed_or_removed(log: AlarmLog, engine: Engine, table: str, change: str) -> None:
    log.append([raised(ALARM)])
    _sign(engine)
    with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
        connection.execute(text(change.format(table)))


def _sign(engine: Engine, note: str = "") -> int:
    shown, _ = sealed({"alarms": [1, 2], "leaver": "王磊"})
    pair = {"leaver": ("wang.lei", "王磊"), "taker": ("zhang.min", "张敏")}
    return Handovers(engine).sign(shown, at=NOW, note=note, **pair)


def test_a_handover_is_kept_with_what_was_shown_and_its_line_in_the_log(engine: Engine, log: AlarmLog) -> None:
    number = _sign(engine, "2 号屏待修")
    kept = Handovers(engine).get(number)
    assert kept is not None
    assert (kept.leaver_name, kept.taker_name, kept.note, kept.intact) == ("王磊", "张敏", "2 号屏待修", True)
    assert kept.shown == {"alarms": [1, 2], "leaver": "王磊"}
    assert kept.sha256 == sealed(kept.shown)[1]
    (line,) = log.between(NOW, NOW + MINUTE)
    assert (line.event, line.who, line.about["taker"]) == (AlarmEvent.HANDED_OVER, "wang.lei", "zhang.min")


def test_handovers_are_listed_newest_first(engine: Engine) -> None:
    numbers = [_sign(engine) for _ in range(3)]
    assert [one.number for one in Handovers(engine).newest()] == numbers[::-1]
    assert Handovers(engine).get(999) is None


def test_a_handover_changed_behind_the_halls_back_is_told(engine: Engine) -> None:
    number = _sign(engine)
    lift = "DROP TRIGGER handovers_no_UPDATE" if is_sqlite(engine) else "SET LOCAL session_replication_role = replica"
    with engine.begin() as connection:
        connection.execute(text(lift))
        connection.execute(text("UPDATE handovers SET shown = '{}'"))
    kept = Handovers(engine).get(number)
    assert kept is not None
    assert not kept.intact
