"""Case numbers: prefix, local day, and a serial of at least five digits that the database counts up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from data_access.schema import case_numbers


def give_numbers(connection: Connection, prefix: str, local_times: Sequence[datetime]) -> list[str]:
    """A number for each time, in order; the caller's transaction holds the turn."""
    days = [f"{prefix}{at:%Y%m%d}" for at in local_times]
    distinct = sorted(set(days))
    known = select(case_numbers.c.day, case_numbers.c.serial).where(case_numbers.c.day.in_(distinct))
    before: dict[str, int] = {row.day: row.serial for row in connection.execute(known)}
    serials = dict(before)
    numbers = []
    for day in days:
        serials[day] = serials.get(day, 0) + 1
        numbers.append(f"{day}{serials[day]:05d}")
    _keep(connection, before, serials)
    return numbers


def _keep(connection: Connection, before: dict[str, int], after: dict[str, int]) -> None:
    begun = [{"day": day, "serial": serial} for day, serial in after.items() if day not in before]
    moved = [{"key": day, "last": serial} for day, serial in after.items() if day in before]
    if begun:
        connection.execute(case_numbers.insert(), begun)
    if moved:
        renew = update(case_numbers).where(case_numbers.c.day == bindparam("key")).values(serial=bindparam("last"))
        connection.execute(renew, moved)
