"""People of the demo hall: collectors in shifts, officers, department seats. Names drawn, phones impossible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from demo.areas import DemoDistrict
from demo.facts import GRIDS_OF, keepers, read

GRIDS_PER_COLLECTOR = 9
SHIFTS = (("07:00", "15:00"), ("11:00", "19:00"), ("15:00", "23:00"))
"""Collectors walk in three overlapping shifts; at night nobody does."""

_OFFICERS = {
    "leader": 4,
    "duty_officer": 12,
    "supervisor": 8,
    "acceptor": 30,
    "shift_leader": 15,
    "dispatcher": 30,
    "admin": 2,
}
_AT_DISTRICTS = ("acceptor", "shift_leader", "dispatcher")
"""Posts that the districts' centres have, too; the leaders and duty officers are the city's."""
_HALL_SHIFTS = (("08:00", "16:00"), ("16:00", "00:00"), ("00:00", "08:00"))
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗"
_GIVEN = "伟芳敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚"

Person = tuple[str, str, str, str, str, str, str, str, str]
COLUMNS = (
    "person_id",
    "name",
    "role",
    "department_code",
    "district_code",
    "grid_code",
    "phone",
    "shift_start",
    "shift_end",
)


def make_people(districts: Sequence[DemoDistrict], seed: int) -> list[Person]:
    """Rows of `people.csv`."""
    rng = np.random.default_rng([seed, 12])
    rows = [*_collectors(districts), *_officers(), *_seats()]
    return [
        (f"U{number:04d}", _drawn_name(rng), role, department, district, grid, f"0532-1000{number:04d}", *shift)
        for number, (role, department, district, grid, shift) in enumerate(rows, 1)
    ]


Post = tuple[str, str, str, str, tuple[str, str]]


def _collectors(districts: Sequence[DemoDistrict]) -> Iterator[Post]:
    for district in districts:
        for number, grid in enumerate(district.grids[::GRIDS_PER_COLLECTOR]):
            yield "collector", "", district.mesh.district, grid.code, SHIFTS[number % len(SHIFTS)]


def _officers() -> Iterator[Post]:
    areas = ("", *GRIDS_OF)
    for role, number in _OFFICERS.items():
        for index in range(number):
            area = areas[index % len(areas)] if role in _AT_DISTRICTS else ""
            yield role, "", area, "", ("", "") if role in ("leader", "admin") else _HALL_SHIFTS[index % 3]


def _seats() -> Iterator[Post]:
    """One seat in each department."""
    districts = {row["code"]: row["district_code"] for row in read("departments.csv")}
    for code in keepers().names:
        yield "department", code, districts[code], "", ("", "")


def _drawn_name(rng: np.random.Generator) -> str:
    surname, *given = rng.integers(0, 20, 3).tolist()
    return _SURNAMES[surname] + _GIVEN[given[0]] + (_GIVEN[given[1]] if given[1] < 14 else "")
