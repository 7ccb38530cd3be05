from __future__ import annotations

import re
from collections import Counter

import pytest

from demo.areas import DemoDistrict, make_districts
from demo.lenses import OWN, SHARED, make_lenses
from demo.sites import LANDMARK_NUMBER, POI_NUMBER, Site, make_sites
from demo.staff import COLUMNS, GRIDS_PER_COLLECTOR, make_people

SCALE = 0.1


@pytest.fixture(scope="module")
def districts() -> tuple[DemoDistrict, ...]:
    return make_districts(370_200, SCALE)


@pytest.fixture(scope="module")
def sites(districts: tuple[DemoDistrict, ...]) -> list[Site]:
    return make_sites(districts, 370_200, SCALE)


def test_the_full_numbers_are_those_of_the_report() -> None:
    assert (POI_NUMBER, LANDMARK_NUMBER) == (56_642, 1_457)
    assert (sum(OWN.values()), sum(SHARED.values())) == (31, 70)


def test_landmarks_come_first_and_real_ones_before_all(sites: list[Site]) -> None:
    kinds = [site.kind for site in sites]
    assert kinds == sorted(kinds, key=["landmark", "poi"].index)
    assert {"五四广场", "栈桥"} <= {site.name for site in sites[:41]}


def test_every_poi_has_a_house_number_in_a_street_of_its_district(
    sites: list[Site], districts: tuple[DemoDistrict, ...]
) -> None:
    roads = {d.mesh.district: set(d.road_names) for d in districts}
    for site in sites:
        if site.kind == "poi":
            found = re.fullmatch(r"(..)区(.+?)(\d+)号", site.address)
            assert found is not None, site.address
            assert found[2] in roads[site.district]
            assert 1 <= int(found[3]) < 2_000


def test_house_numbers_are_odd_on_one_side_and_even_on_the_other(sites: list[Site]) -> None:
    numbers = [int(match[1]) % 2 for site in sites if (match := re.search(r"(\d+)号$", site.address))]
    assert 0.4 < sum(numbers) / len(numbers) < 0.6


def test_shops_are_commoner_than_hospitals(sites: list[Site]) -> None:
    kinds = Counter(site.category for site in sites if site.kind == "poi")
    assert kinds["购物"] > kinds["餐饮"] > kinds["教育"] > 0
    assert kinds["购物"] > 5 * kinds["医疗"]


def test_committees_are_named_once(sites: list[Site]) -> None:
    names = [site.name for site in sites if site.name.endswith("居民委员会")]
    assert names
    assert not [name for name in names if "居委会社区" in name or "社区社区" in name]


def test_there_is_a_collector_for_every_few_grids(districts: tuple[DemoDistrict, ...]) -> None:
    people = [dict(zip(COLUMNS, row, strict=True)) for row in make_people(districts, 1)]
    grids = sum(len(district.grids) for district in districts)
    collectors = [person for person in people if person["role"] == "collector"]
    assert grids / GRIDS_PER_COLLECTOR <= len(collectors) <= grids / GRIDS_PER_COLLECTOR + 4
    assert len({person["grid_code"] for person in collectors}) == len(collectors)
    assert len({person["shift_start"] for person in collectors}) == 3


def test_people_have_names_and_ids_of_their_own(districts: tuple[DemoDistrict, ...]) -> None:
    people = make_people(districts, 1)
    assert len({row[0] for row in people}) == len(people)
    assert {len(row[1]) for row in people} == {2, 3}


def test_the_hall_is_manned_around_the_clock(districts: tuple[DemoDistrict, ...]) -> None:
    officers = [row for row in make_people(districts, 1) if row[2] == "duty_officer"]
    assert {row[7] for row in officers} == {"00:00", "08:00", "16:00"}


def test_own_cameras_come_before_shared_ones(districts: tuple[DemoDistrict, ...]) -> None:
    shared = [lens.shared for lens in make_lenses(districts, 1)]
    assert shared == [False] * 31 + [True] * 70


def test_every_camera_looks_somewhere(districts: tuple[DemoDistrict, ...]) -> None:
    for lens in make_lenses(districts, 1):
        assert 0 <= lens.bearing < 360
        assert 50 <= lens.fov <= 90


def test_maritime_cameras_look_at_the_water(districts: tuple[DemoDistrict, ...]) -> None:
    maritime = [lens.name for lens in make_lenses(districts, 1) if "海事" in lens.owner_unit]
    assert len(maritime) == 6
    assert all(name.endswith("岸线") for name in maritime)
