"""The demo's first start: a city, its accounts, a wall's link, and the past month, each only if it is not there yet.

It is over when `ACCESS` is written; a start that was interrupted is simply begun again.
"""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from data_access.accounts import AccountStore
from data_access.hall import Hall, open_hall
from data_access.photos import PhotoStore
from demo.city import make_city
from demo.clips import make_clips
from demo.history import make_past
from demo.lenses import CameraUrls, CommandUrl
from demo.pictures import Pictures
from demo.streams import films_folder
from demo.town_reader import read_town
from domain.case import CaseState
from domain.case_rights import TASK_STATES
from domain.facts import CaseFacts
from domain.roles import Role
from runtime.clock import Clock

ACCESS = "demo-access.json"
WALL = "demo-wall"
ACCOUNTS: tuple[tuple[str, str, Role], ...] = (
    ("leader", "演示领导", Role.LEADER),
    ("officer", "演示值班员", Role.DUTY_OFFICER),
    ("supervisor", "演示督察员", Role.SUPERVISOR),
    ("acceptor", "演示受理员", Role.ACCEPTOR),
    ("shift", "演示值班长", Role.SHIFT_LEADER),
    ("dispatcher", "演示派遣员", Role.DISPATCHER),
    ("department", "演示专业部门", Role.DEPARTMENT),
    ("collector", "演示采集员", Role.COLLECTOR),
    ("admin", "演示管理员", Role.ADMIN),
)
"""Name, display name, post. The department's seat and the collector's district are those with something to do."""

_A_DOZEN = 14
_AT_DEPARTMENT = frozenset({CaseState.PENDING_DISPOSAL, CaseState.DISPOSING, CaseState.SUSPENDED})

_OPENING = """
城墙 CityWall · 演示 / DEMO

  wall, no login   {base}/device/{token}
  desk pages       {base}/
  accounts         {names}
  password         {password}

Ctrl-C stops everything."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Access:
    """How one gets into the demo: the password of all its accounts, and the token of its wall."""

    password: str
    wall_token: str

    def opening(self) -> str:
        """What to say at the terminal; ``{base}`` stands for the hall's address."""
        names = ", ".join(name for name, *_ in ACCOUNTS)
        return _OPENING.format(base="{base}", token=self.wall_token, names=names, password=self.password)


def access(data_dir: Path) -> Access | None:
    """How one gets in; None while the first start is not over."""
    file = data_dir / ACCESS
    return Access(**json.loads(file.read_text(encoding="utf-8"))) if file.exists() else None


def make_demo(
    database_url: str,
    data_dir: Path,
    *,
    seed: int,
    password: str | None,
    camera_urls: CameraUrls,
    command_url: CommandUrl,
    clock: Clock,
    progress: Progress,
) -> Access:
    """Make whatever of the demo is missing.

    Raises:
        StoreError: the database cannot be written.
    """
    if (made := access(data_dir)) is not None:
        return made
    with ThreadPoolExecutor(1, "films") as beside:  # they draw in processes of their own, on cores the city leaves free
        films = beside.submit(make_clips, films_folder(data_dir), progress=partial(progress, "films"))
        made = _make_city_and_past(database_url, data_dir, seed, password, camera_urls, command_url, clock, progress)
        films.result()
    _note(data_dir / ACCESS, made)
    return made


def _make_city_and_past(
    database_url: str,
    data_dir: Path,
    seed: int,
    password: str | None,
    camera_urls: CameraUrls,
    command_url: CommandUrl,
    clock: Clock,
    progress: Progress,
) -> Access:
    empty = open_hall(database_url)
    make_city(data_dir, empty.engine, seed=seed, camera_urls=camera_urls, command_url=command_url, progress=progress)
    hall = open_hall(database_url)
    if hall.cases.last_entry_id() == 0:
        town = read_town(hall.engine, seed)
        pictures = Pictures(PhotoStore(hall.engine, hall.city.zone), town)
        told = partial(progress, "cases")
        make_past(hall.cases, town, hall.policy, clock.now(), pictures=pictures, progress=told)
    return _let_in(hall, AccountStore(hall.engine, now=clock.now), password or secrets.token_urlsafe(9))


def _let_in(hall: Hall, accounts: AccountStore, password: str) -> Access:
    open_now = hall.cases.open_facts()
    department, district = busy_department(open_now) or hall.city_store.departments()[0].code, busy_district(open_now)
    for name, display_name, role in ACCOUNTS:
        if accounts.get(name) is not None:
            accounts.set_password(name, password)
        else:
            accounts.add(
                name,
                password,
                role=role,
                display_name=display_name,
                department=department if role is Role.DEPARTMENT else None,
                district=district if role is Role.COLLECTOR else None,
            )
    return Access(password, accounts.add_device(WALL))


def busy_department(open_now: Iterable[CaseFacts]) -> str | None:
    """The department whose seat has something to do of most kinds, and not too much of it."""
    found: dict[str, Counter[str]] = {}
    for facts in open_now:
        if facts.department is not None and facts.state in _AT_DEPARTMENT:
            found.setdefault(facts.department, Counter()).update(_kinds(facts))
    return min(found, key=lambda code: (-len(found[code]), abs(found[code]["all"] - _A_DOZEN), code), default=None)


def _kinds(facts: CaseFacts) -> Iterator[str]:
    """What a seat sees a case as."""
    yield "all"
    yield facts.state.value
    yield from ["asked"] if facts.current_request else []
    yield from ["rework"] if facts.rework_count else []
    yield from ["order"] if facts.order_due and not facts.order_answered_at else []


def busy_district(open_now: Iterable[CaseFacts]) -> str | None:
    """The district with most for a collector to go and see: both verifying and checking, if there is such a one."""
    waiting: dict[str, Counter[str]] = {}
    for facts in open_now:
        if facts.district is not None and facts.state in TASK_STATES:
            waiting.setdefault(facts.district, Counter())[facts.state.value] += 1
    return min(waiting, key=lambda code: (-len(waiting[code]), -waiting[code].total(), code), default=None)


def _note(path: Path, made: Access) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(made), file)
