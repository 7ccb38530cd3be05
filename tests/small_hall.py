"""A real hall of two districts for the loop's tests: a small city and one account a post, ready to be started."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from data_access.accounts import AccountStore
from data_access.city_import import import_city
from data_access.engine import migrate, open_engine
from domain.rights import Mode
from domain.roles import Role
from tests.city_folder import SOUTH, STEP, WEST, change, write_small_city
from tests.hall_process import PASSWORD

DISTRICT = "370202"
DEPARTMENT = "D101"
SPOT = (round(WEST + STEP / 4, 6), round(SOUTH + STEP / 4, 6))
"""Inside the district, in a grid."""

POSTS = {
    "leader": Role.LEADER,
    "collector": Role.COLLECTOR,
    "acceptor": Role.ACCEPTOR,
    "shift": Role.SHIFT_LEADER,
    "dispatcher": Role.DISPATCHER,
}


def make_small_hall(data_dir: Path, mode: Mode) -> None:
    """Write the city and its accounts into a new data folder.

    In `two_two` the district's own people run the loop; in `one_two` the city's do, and a district collector stands by.
    """
    data_dir.mkdir()
    folder = write_small_city(data_dir / "city-files")
    change(folder, "city.toml", 'mode = "one_two"', f'mode = "{mode.value}"')
    engine = open_engine(f"sqlite:///{(data_dir / 'citywall.sqlite3').resolve()}")
    migrate(engine)
    import_city(folder, engine)
    accounts = AccountStore(engine, now=lambda: datetime.now(UTC))
    for name, role in POSTS.items():
        at_district = mode is Mode.TWO_TWO and role is not Role.LEADER
        accounts.add(name, PASSWORD, role=role, display_name=name, district=DISTRICT if at_district else None)
    accounts.add("seat", PASSWORD, role=Role.DEPARTMENT, display_name="市南环卫", department=DEPARTMENT)
    accounts.add("local", PASSWORD, role=Role.COLLECTOR, display_name="区采集员", district=DISTRICT)
    engine.dispose()
