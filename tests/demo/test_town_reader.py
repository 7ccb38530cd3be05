"""The town read from a real, small demo city."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from data_access.city_import import import_city
from data_access.city_store import NoCity
from data_access.hall import Hall, open_hall
from demo.arrivals import Arrivals
from demo.city import write_city
from demo.history import make_past
from demo.town import Town
from demo.town_reader import keeper_at, read_town
from domain.city import Level
from domain.duty import DutyReason
from domain.rights import Mode
from domain.workflow import Accepted, decide
from tests.demo.towns import NOW


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall whose city has a fiftieth of everything but departments."""
    folder = tmp_path_factory.mktemp("hall")
    url = f"sqlite:///{folder}/citywall.db"
    write_city(folder / "city", 1, scale=0.02)
    import_city(folder / "city", open_hall(url).engine)
    hall = open_hall(url)
    yield hall
    hall.engine.dispose()


@pytest.fixture(scope="module")
def town(hall: Hall) -> Town:
    return read_town(hall.engine, 1)


def test_every_district_has_places_and_objects_in_grids_of_its_own(town: Town) -> None:
    assert len(town.districts) == 4
    for district in town.districts:
        spots = [*town.streets[district], *town.objects[district]]
        assert len(spots) > 100
        assert all(spot.grid.startswith(district) and spot.address for spot in spots)


def test_objects_are_of_classes_the_city_has_rules_for(town: Town) -> None:
    objects = [spot for spots in town.objects.values() for spot in spots]
    assert {spot.class_code for spot in objects} <= town.rules.keys()
    assert all(spot.component_code.startswith(spot.district + spot.class_code[1:]) for spot in objects)


def test_rules_hold_where_and_whenever_cases_happen(town: Town) -> None:
    rules = [rule for rules in town.rules.values() for rule in rules]
    assert rules
    assert all(rule.area_class in (0, 1) and not rule.season for rule in rules)


def test_every_class_has_a_keeper_everywhere(town: Town) -> None:
    for district in town.districts:
        grid = town.streets[district][0].grid
        for class_code in town.rules:
            assert keeper_at(class_code, district, grid) in town.departments


def test_events_belong_to_areas_and_components_to_lines(town: Town) -> None:
    district = town.districts[0]
    grid = town.streets[district][0].grid
    assert town.departments[keeper_at("E0110", district, grid)].district_code == district
    assert town.departments[keeper_at("C0101", district, grid)].level is Level.CITY


def test_the_same_seed_reads_the_same_town(hall: Hall, town: Town) -> None:
    assert read_town(hall.engine, 1).objects == town.objects
    assert read_town(hall.engine, 2).objects != town.objects


def test_the_town_can_be_lived_in(hall: Hall, town: Town) -> None:
    past = make_past(hall.cases, town, hall.policy, NOW, days=3, a_day=60)
    assert past.cases > 100
    assert all(found.reported_at > NOW - timedelta(days=3) for found in hall.cases.facts())


def test_a_dispatcher_is_offered_the_right_department_first_and_told_why(hall: Hall, town: Town) -> None:
    duties, store = hall.city_store.duty_table(), hall.city_store
    whose: Counter[DutyReason] = Counter()
    right = 0
    arrivals, rng = Arrivals(town, Mode.TWO_TWO, 200.0), random.Random(2)
    for n in range(600):
        begun = decide(None, arrivals.command(rng, NOW + timedelta(minutes=n)), hall.policy, case_no=f"QD{n:013d}")
        assert isinstance(begun, Accepted)
        component = store.component(begun.case.component_code) if begun.case.component_code else None
        first = duties.suggest(begun.case, component, (), NOW)[0]
        whose[first.reason] += 1
        right += first.department == town.right_department(begun.case)
    assert right / 600 > 0.98
    assert set(whose) == set(DutyReason) - {DutyReason.DECIDED}


def test_without_a_city_there_is_no_town(tmp_path: Path) -> None:
    empty = open_hall(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(NoCity):
        read_town(empty.engine, 1)
    empty.engine.dispose()
