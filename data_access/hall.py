"""The stores of one hall, opened together: database, city, rules, cases."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from data_access.cases import CaseStore
from data_access.city_store import CityStore, NoCity
from data_access.engine import migrate, open_engine
from data_access.hall_names import HallNames
from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.reader import History
from domain.calendars import calendar_from
from domain.city import City, Edition
from domain.geo import Crs
from domain.limits import LimitTable
from domain.policy import Policy, policy_from
from domain.rights import Mode
from domain.wall_view import CityNames
from runtime.embedded_valkey import embedded_valkey
from runtime.settings import Settings

UNNAMED = City(
    code="000000",
    name="未导入城市",
    name_en="No city imported",
    zone=ZoneInfo("Asia/Shanghai"),
    mode=Mode.TWO_TWO,
    edition=Edition.NATIONAL_2013,
    source_crs=Crs.WGS84,
    number_prefix="CW",
    box=(-180.0, -90.0, 180.0, 90.0),
)
"""What a hall works with until a city is imported: case history can be loaded and shown without one."""


@dataclass(frozen=True, slots=True)
class Hall:
    """One hall's stores, and the city they belong to as it was when they were opened."""

    engine: Engine
    city_store: CityStore
    city: City
    policy: Policy
    cases: CaseStore
    called: HallNames

    def names(self) -> CityNames:
        """How the city calls its codes. Asks the database: callers keep what they got."""
        store = self.city_store
        return CityNames(
            zone=self.city.zone.key,
            districts={district.code: district.name for district in store.districts() if district.inside},
            departments={department.code: department.name for department in store.departments()},
            classes={known.code: known.name_zh for known in store.classes()},
        )

    @property
    def has_city(self) -> bool:
        return self.city is not UNNAMED


def open_hall(database_url: str, *, on_commit: Callable[[], None] = lambda: None) -> Hall:
    """Open the database, bring its tables up to this program, and read the city's rules.

    Raises:
        StoreError: the database cannot be reached or belongs to a newer program.
        CalendarError: the city's calendar cannot be read.
    """
    engine = open_engine(database_url)
    migrate(engine)
    city_store = CityStore(engine)
    city = _city(city_store)
    limits = LimitTable(city.edition, city_store.limits())
    calendar = calendar_from(city.calendar, city.zone)
    policy = policy_from(city.rules, mode=Mode(city.mode), calendar=calendar, limits=limits)
    called = HallNames(engine, monotonic=time.monotonic)
    cases = CaseStore(
        engine, policy, number_prefix=city.number_prefix, zone=city.zone, on_commit=on_commit, names=called
    )
    return Hall(engine, city_store, city, policy, cases, called)


def _city(store: CityStore) -> City:
    try:
        return store.city()
    except NoCity:
        return UNNAMED


def database_url(settings: Settings) -> str:
    """Where the cases are: the given PostgreSQL, or SQLite in the data folder."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{settings.data_dir.resolve() / 'citywall.sqlite3'}"


def redis_url(settings: Settings) -> str:
    """Where changes and pictures travel: the given server, or the embedded one of the data folder."""
    if settings.redis_url is not None:
        return settings.redis_url.get_secret_value()
    return embedded_valkey(settings.data_dir).url


def history_bounds(settings: Settings) -> Bounds:
    """What historic questions may use, in the process that keeps the copy and in each that asks."""
    return Bounds(memory_mb=settings.history_memory_mb, threads=settings.history_threads)


def open_history(settings: Settings, engine: Engine) -> History:
    """This machine's way to ask for any moment of the past."""
    return History(HistoryFolder(settings.data_dir), engine, history_bounds(settings))


class WrongHall(Exception):
    """Demo and real data never share a data folder; the message says which this is and what to do."""


def claim(data_dir: Path, *, demo: bool) -> None:
    """Note at the first start whether a data folder is the demo's, and hold every later start to it.

    Raises:
        WrongHall: the folder was begun as the other kind.
    """
    kind = "demo" if demo else "real"
    data_dir.mkdir(parents=True, exist_ok=True)
    note = data_dir / "kind"
    if not note.exists():
        note.write_text(kind, encoding="utf-8")
    found = note.read_text(encoding="utf-8").strip()
    if found != kind:
        raise WrongHall(
            f"{data_dir} holds {found} data, and CITYWALL_DEMO asks for {kind} data. "
            f"Set CITYWALL_DEMO={'true' if found == 'demo' else 'false'}, or give CITYWALL_DATA_DIR another folder."
        )
