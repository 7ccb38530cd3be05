"""Which areas and departments a city evaluates, in which group of like ones, and how many unit grids each area has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from data_access.city_schema import departments, districts, grids
from data_access.engine import reading
from domain.evaluation.scheme import Target

STREET = "street"
"""The group of street offices, apart from the departments of a district."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One area or department. Only units of one `group` are ranked against each other (domain sheet 6.5)."""

    key: str
    name: str
    group: str
    grids: int = 0


class EvaluatedUnits:
    """Reads the city as it is now. Blocking."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, target: Target) -> Mapping[str, Unit]:
        """The units by key; posts have none, and grids are named by their code."""
        with reading(self._engine) as connection:
            if target is Target.DISTRICT:
                return {unit.key: unit for unit in _districts(connection)}
            if target is Target.DEPARTMENT:
                return {unit.key: unit for unit in _departments(connection)}
            if target is Target.GRID:
                codes = connection.execute(select(grids.c.code)).scalars()
                return {code: Unit(code, code, target.value, 1) for code in codes}
        return {}


def _districts(connection: Connection) -> list[Unit]:
    numbers = {
        row.district: row.number
        for row in connection.execute(select(grids.c.district, func.count().label("number")).group_by(grids.c.district))
    }
    known = connection.execute(select(districts.c.code, districts.c.name).where(districts.c.inside.is_(True)))
    return [Unit(row.code, row.name, Target.DISTRICT.value, numbers.get(row.code, 0)) for row in known]


def _departments(connection: Connection) -> list[Unit]:
    d = departments.c
    known = connection.execute(select(d.code, d.name, d.level, d.area_code)).all()
    return [Unit(row.code, row.name, STREET if row.area_code else row.level) for row in known]
