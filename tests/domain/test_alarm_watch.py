from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.alarm import LEVELS, AlarmKey, AlarmKind, Condition
from domain.alarm_log import AlarmEntry, AlarmEvent, AlarmSet, of_alarm
from domain.alarm_watch import AlarmWatch
from domain.case import Severity
from tests.domain.facts_made import NOW

SECOND = timedelta(seconds=1)
BEGAN = NOW - timedelta(days=30)


def condition(kind: AlarmKind = AlarmKind.BOUNCED, subject: str = "QD1", since: datetime | None = NOW) -> Condition:
    return Condition(key=AlarmKey(kind, subject), level=LEVELS[kind], since=since, about={"district": "370202"})


def asked(*some: Condition) -> dict[AlarmKey, Condition]:
    return {one.key: one for one in some}


def watching(since: datetime = BEGAN) -> AlarmWatch:
    """A watch that has looked once and found nothing."""
    watch = AlarmWatch(AlarmSet(), since)
    watch.look({}, NOW)
    return watch


def events(entries: Iterable[AlarmEntry]) -> list[AlarmEvent]:
    return [entry.event for entry in entries]


def test_an_act_raises_and_ends_an_alarm_at_once() -> None:
    watch = watching()
    assert events(watch.look(asked(condition()), NOW)) == [AlarmEvent.RAISED]
    assert watch.look(asked(condition()), NOW + SECOND) == []
    assert events(watch.look({}, NOW + 2 * SECOND)) == [AlarmEvent.CLEARED]
    assert len(watch.standing) == 0


def test_a_threshold_must_hold_for_five_seconds() -> None:
    watch, late = watching(), asked(condition(AlarmKind.OVERDUE))
    assert watch.look(late, NOW) == []
    assert watch.look({}, NOW + 3 * SECOND) == []
    assert watch.look(late, NOW + 4 * SECOND) == []
    assert watch.look(late, NOW + 8 * SECOND) == []
    assert events(watch.look(late, NOW + 9 * SECOND)) == [AlarmEvent.RAISED]


def test_what_is_measured_ends_after_a_calm_minute() -> None:
    watch, silent = watching(), asked(condition(AlarmKind.WALL_SILENT, "lobby"))
    watch.look(silent, NOW)
    watch.look(silent, NOW + 5 * SECOND)
    assert watch.look({}, NOW + 10 * SECOND) == []
    assert watch.look(silent, NOW + 40 * SECOND) == []
    assert watch.look({}, NOW + 50 * SECOND) == []
    assert watch.look({}, NOW + 109 * SECOND) == []
    assert events(watch.look({}, NOW + 110 * SECOND)) == [AlarmEvent.CLEARED]


def test_a_hall_that_starts_with_a_backlog_raises_nothing_of_it() -> None:
    watch = AlarmWatch(AlarmSet(), watched_from=NOW)
    old = [condition(AlarmKind.OVERDUE, f"QD{n}", NOW - timedelta(days=n)) for n in range(1, 900)]
    assert watch.look(asked(*old), NOW) == []
    assert watch.look(asked(*old), NOW + 9 * SECOND) == []
    assert watch.backlog(None) == {AlarmKind.OVERDUE: 899}
    assert watch.backlog("370202") == {AlarmKind.OVERDUE: 899}
    assert watch.backlog("370203") == {}


def test_but_it_raises_a_severe_case_of_the_day_and_every_overdue_order() -> None:
    watch = AlarmWatch(AlarmSet(), watched_from=NOW)
    severe = condition(AlarmKind.SEVERE, "QD1", NOW - timedelta(hours=3))
    forgotten = condition(AlarmKind.SEVERE, "QD2", NOW - timedelta(days=3))
    order = condition(AlarmKind.ORDER_OVERDUE, "QD3", NOW - timedelta(days=3))
    raised = watch.look(asked(severe, forgotten, order), NOW)
    assert {entry.subject for entry in raised} == {"QD1", "QD3"}


def test_history_imported_while_somebody_watches_is_backlog_too() -> None:
    watch = watching()
    old = [condition(AlarmKind.OVERDUE, f"QD{n}", NOW - timedelta(days=2)) for n in range(500)]
    watch.look(asked(*old), NOW)
    assert watch.look(asked(*old), NOW + 9 * SECOND) == []


def test_what_began_while_the_keeper_was_away_is_raised() -> None:
    watch = AlarmWatch(AlarmSet(), watched_from=BEGAN)
    late = asked(condition(AlarmKind.OVERDUE, since=NOW - timedelta(hours=2)))
    watch.look(late, NOW)
    assert events(watch.look(late, NOW + 5 * SECOND)) == [AlarmEvent.RAISED]


def test_a_case_that_left_the_backlog_and_comes_again_is_an_alarm() -> None:
    watch = AlarmWatch(AlarmSet(), watched_from=NOW)
    watch.look(asked(condition(since=NOW - timedelta(days=2))), NOW)
    watch.look({}, NOW + SECOND)
    assert events(watch.look(asked(condition(since=NOW + SECOND)), NOW + 2 * SECOND)) == [AlarmEvent.RAISED]


def test_an_unseen_first_level_goes_to_the_shift_leader_and_then_to_the_leader() -> None:
    watch, severe = watching(), asked(condition(AlarmKind.SEVERE))
    watch.look(severe, NOW)
    assert watch.look(severe, NOW + 59 * SECOND) == []
    (first,) = watch.look(severe, NOW + 60 * SECOND)
    (second,) = watch.look(severe, NOW + 180 * SECOND)
    assert [entry.about["to"] for entry in (first, second)] == ["shift_leader", "leader"]
    assert watch.look(severe, NOW + 900 * SECOND) == []


def test_a_seen_one_is_not_passed_on() -> None:
    watch, severe = watching(), asked(condition(AlarmKind.SEVERE))
    watch.look(severe, NOW)
    (alarm,) = watch.standing.alarms
    watch.standing.take(of_alarm(alarm, AlarmEvent.ACKED, NOW + SECOND, who="wang.lei", who_name="王磊"))
    assert watch.look(severe, NOW + 900 * SECOND) == []
    (alarm,) = watch.standing.alarms
    assert (alarm.acked_by, alarm.acked_name) == ("wang.lei", "王磊")


def test_a_shelf_ends_by_itself() -> None:
    watch, bounced = watching(), asked(condition())
    watch.look(bounced, NOW)
    (alarm,) = watch.standing.alarms
    until = NOW + timedelta(minutes=30)
    watch.standing.take(of_alarm(alarm, AlarmEvent.SHELVED, NOW, who="a", who_name="A", reason="等雨停", until=until))
    assert watch.look(bounced, until - SECOND) == []
    assert events(watch.look(bounced, until)) == [AlarmEvent.UNSHELVED]


def test_a_source_that_says_the_same_three_times_a_minute_chatters_and_stays_seen() -> None:
    watch, one = watching(), asked(condition())
    for turn in range(3):
        watch.look(one, NOW + 10 * turn * SECOND)
        (alarm,) = watch.standing.alarms
        if turn == 1:
            watch.standing.take(of_alarm(alarm, AlarmEvent.ACKED, alarm.raised_at, who="a", who_name="A"))
        if turn < 2:
            watch.look({}, NOW + (10 * turn + 5) * SECOND)
    (alarm,) = watch.standing.alarms
    assert alarm.chattering(NOW + 30 * SECOND)
    assert alarm.acked_by == "a"
    assert not alarm.chattering(NOW + timedelta(minutes=11))


_KEYS = [
    AlarmKey(kind, subject) for kind in (AlarmKind.BOUNCED, AlarmKind.OVERDUE, AlarmKind.SEVERE) for subject in "AB"
]
_STEPS = st.lists(st.tuples(st.integers(0, 90), st.sets(st.sampled_from(_KEYS)), st.booleans()), max_size=25)


@settings(max_examples=200, deadline=None)
@given(_STEPS)
def test_what_stands_equals_the_log_read_from_its_beginning(steps: list[tuple[int, set[AlarmKey], bool]]) -> None:
    watch, log, now = watching(), [], NOW
    for seconds, keys, ack in steps:
        now += seconds * SECOND
        log += watch.look(asked(*(condition(key.kind, key.subject, now) for key in keys)), now)
        if ack and watch.standing.alarms:
            entry = of_alarm(watch.standing.alarms[0], AlarmEvent.ACKED, now, who="a", who_name="A")
            watch.standing.take(entry)
            log.append(entry)
    twice = AlarmSet([*log])
    for entry in log[-5:]:
        twice.take(entry)
    again = {alarm.alarm_id: alarm for alarm in AlarmSet(log).alarms}
    assert again == {alarm.alarm_id: alarm for alarm in watch.standing.alarms}
    assert {alarm.alarm_id for alarm in twice.alarms} == set(again)


@settings(max_examples=200, deadline=None)
@given(_STEPS)
def test_what_stands_equals_a_recount_of_all_that_was_seen(steps: list[tuple[int, set[AlarmKey], bool]]) -> None:
    watch, now, seen = watching(), NOW, []
    for seconds, keys, _ in steps:
        now += seconds * SECOND
        watch.look(asked(*(condition(key.kind, key.subject, now) for key in keys)), now)
        seen.append((now, keys))
    assert watch.standing.keys == {key for key in _KEYS if _stands(key, seen)}


def _stands(key: AlarmKey, seen: list[tuple[datetime, set[AlarmKey]]]) -> bool:
    """Looked at backwards: it holds now, and has held for its delay."""
    delay = 5 * SECOND if key.kind is AlarmKind.OVERDUE else 0 * SECOND
    held = None
    for at, keys in reversed(seen):
        if key not in keys:
            break
        held = at
    return held is not None and seen[-1][0] - held >= delay


def test_levels_are_never_told_by_a_letter_alone() -> None:
    assert {LEVELS[kind] for kind in AlarmKind} == set(Severity)
