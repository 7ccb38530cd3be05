"""Characters: different enough that the wall has something to say."""

from __future__ import annotations

from demo.luck import Luck
from demo.people import Roster, department, pace
from domain.city import Person
from domain.roles import Role

ALL = [department(370200, f"3702{district:02d}-{n:02d}") for district in (0, 2, 3, 5, 13) for n in range(26)]


def test_some_departments_are_late_half_the_time_and_most_are_good() -> None:
    bad = [found for found in ALL if found.on_time < 0.67]
    good = [found for found in ALL if found.on_time > 0.9]
    assert 0.1 < len(bad) / len(ALL) < 0.35
    assert len(good) > len(bad)
    assert all(0.45 < found.on_time < 1 for found in ALL)


def test_a_few_departments_pass_the_buck() -> None:
    passers = [found for found in ALL if found.passes_on > 0.1]
    assert 0 < len(passers) < len(ALL) / 3


def test_a_department_is_the_same_for_everybody() -> None:
    assert department(1, "370202-04") == department(1, "370202-04")
    assert department(1, "370202-04") != department(2, "370202-04")


def test_the_slowest_centre_lets_cases_lie_several_times_as_long_as_the_best() -> None:
    paces = [pace(1, code, rank, 4) for rank, code in enumerate("abcd")]
    assert paces == sorted(paces)
    assert paces[-1] > 3 * paces[0]
    assert pace(1, "a", 0, 1) < 1


def test_a_post_is_held_by_the_people_hired_for_it_at_that_level() -> None:
    hired = [
        Person(person_id="d1", name="王磊", role=Role.DISPATCHER, district="370202"),
        Person(person_id="d2", name="李娜", role=Role.DISPATCHER),
    ]
    roster = Roster(hired)
    assert roster.one(Role.DISPATCHER, "370202", Luck(1, "x"), "who").name == "d1"
    assert roster.one(Role.DISPATCHER, None, Luck(1, "x"), "who").name == "d2"


def test_a_post_nobody_was_hired_for_has_a_stand_in_with_its_rights() -> None:
    found = Roster(()).one(Role.SHIFT_LEADER, "370213", Luck(1, "x"), "who")
    assert (found.name, found.role, found.district) == ("shift_leader-370213", Role.SHIFT_LEADER, "370213")


def test_a_department_seat_is_one_of_its_own_people() -> None:
    roster = Roster([Person(person_id="s1", name="席位", role=Role.DEPARTMENT, department="370202-04")])
    assert roster.seats["370202-04"].department == "370202-04"
