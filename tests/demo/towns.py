"""A town small enough to read: two districts, three departments in each, two of the city's, five classes."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from demo.people import Roster
from demo.town import Spot, Town
from domain.calendars import default_calendar
from domain.case import CaseKind
from domain.city import CaseClass, Department, Edition, Level, LimitRule, Person
from domain.policy import Policy
from domain.rights import Mode
from domain.roles import Role

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 8, 6, 6, 32, 7, tzinfo=UTC)
"""A Thursday, 14:32:07 in the town."""
DISTRICTS = ("370202", "370213")
SMALL = 24.0
"""Cases a day in the small town."""
QUARRELSOME = 122
"""Seed of a town half of whose departments pass the buck."""

_CLASSES = (
    ("C0101", "上水井盖", "370200-21"),
    ("C0137", "路灯", "370200-06"),
    ("E0110", "暴露垃圾", "sanitation"),
    ("E0406", "占道经营", "enforcement"),
    ("E0113", "道路破损", "works"),
)
_RULES = (
    ("C0101", "缺失、移位、开裂", "恢复", 2, "urgent_hour"),
    ("C0101", "井周路面破损", "修复", 5, "work_day"),
    ("C0137", "灯不亮", "修复", 2, "work_day"),
    ("E0110", "暴露垃圾", "清除", 4, "work_hour"),
    ("E0406", "占道经营", "取缔", 2, "urgent_hour"),
    ("E0113", "道路破损", "修复", 5, "work_day"),
)
_KEEPERS = {code: keeper for code, _, keeper in _CLASSES}
_LOCAL = ("sanitation", "enforcement", "works")


def policy(mode: Mode = Mode.TWO_TWO) -> Policy:
    return Policy(mode=mode, calendar=default_calendar(ZONE))


def keeper_at(class_code: str, district: str, grid: str) -> str:
    keeper = _KEEPERS[class_code]
    return keeper if keeper.startswith("370200") else f"{district}-{keeper}"


def small_town(seed: int = 7, *, hired: bool = True) -> Town:
    """The town; without `hired` people its posts are filled by stand-ins."""
    return Town(
        seed=seed,
        zone=ZONE,
        districts=DISTRICTS,
        classes={code: _case_class(code, name) for code, name, _ in _CLASSES},
        rules={code: [_rule(i, *row) for i, row in enumerate(_RULES) if row[0] == code] for code, _, _ in _CLASSES},
        departments={found.code: found for found in _departments()},
        keeper=keeper_at,
        roster=Roster(_people() if hired else ()),
        streets={code: [_spot(code, n) for n in range(20)] for code in DISTRICTS},
        objects={code: [_spot(code, n, "C0101" if n % 2 else "C0137") for n in range(10)] for code in DISTRICTS},
    )


def _case_class(code: str, name: str) -> CaseClass:
    return CaseClass(
        code=code,
        kind=CaseKind.COMPONENT if code.startswith("C") else CaseKind.EVENT,
        major=code[1:3],
        major_name_zh="",
        major_name_en="",
        minor=code[3:],
        name_zh=name,
        name_en="",
        edition=Edition.NATIONAL_2013,
    )


def _rule(number: int, class_code: str, filing: str, closing: str, value: float, unit: str) -> LimitRule:
    return LimitRule(
        code=f"L{number}",
        class_code=class_code,
        filing_condition=filing,
        closing_condition=closing,
        limit_value=value,
        limit_unit=unit,
    )


def _departments() -> list[Department]:
    city = [Department(code=code, name=f"市{code}", level=Level.CITY) for code in ("370200-06", "370200-21")]
    local = [
        Department(code=f"{district}-{keeper}", name=keeper, level=Level.DISTRICT, district_code=district)
        for district in DISTRICTS
        for keeper in _LOCAL
    ]
    return city + local


def _people() -> list[Person]:
    posts = (Role.COLLECTOR, Role.ACCEPTOR, Role.SHIFT_LEADER, Role.DISPATCHER)
    return [
        Person(person_id=f"{role.value}{n}{district}", name=f"{role.value}{n}", role=role, district=district)
        for role in posts
        for district in ("", *DISTRICTS)
        for n in range(3)
    ]


def _spot(district: str, number: int, class_code: str = "") -> Spot:
    return Spot(
        address=f"{district}路{number}号",
        lon=120.3 + number / 1000,
        lat=36.1,
        district=district,
        grid=f"{district}001001{number:03d}",
        class_code=class_code,
        component_code=f"{district}{class_code[1:]}{number:06d}" if class_code else "",
    )
