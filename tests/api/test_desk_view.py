"""Desks say what they show, walls ask; nobody else may write there."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from api.desk_view import desk_view_router
from data_access.desk_view import DeskViews
from domain.roles import Role
from tests.api.hall import Hall

PATH = "/api/v1/dispatch/view"


@pytest.fixture
def walls(hall: Hall, valkey: Redis) -> Hall:
    hall.server.include_router(desk_view_router(DeskViews(valkey), now=hall.clock.now))
    return hall


async def test_a_wall_is_told_what_an_officers_desk_shows(walls: Hall) -> None:
    async with walls.client(Role.DUTY_OFFICER) as desk, walls.client(Role.WALL_DEVICE) as wall:
        assert (await wall.get(PATH)).json() == {"name": "", "tab": "", "case_no": None, "at": None}
        assert (await desk.put(PATH, json={"tab": "mine", "case_no": "QD1"})).status_code == 204
        told = (await wall.get(PATH)).json()
    assert (told["tab"], told["case_no"]) == ("mine", "QD1")
    assert told["name"]


@pytest.mark.parametrize("role", [Role.WALL_DEVICE, Role.DEPARTMENT, Role.LEADER])
async def test_only_desks_that_direct_cases_write(walls: Hall, role: Role) -> None:
    async with walls.client(role) as client:
        assert (await client.put(PATH, json={"tab": "mine"})).status_code == 403


async def test_strangers_are_told_nothing(walls: Hall) -> None:
    async with walls.client(accept="application/json") as client:
        assert (await client.get(PATH)).status_code == 401


async def test_a_view_that_cannot_be_is_refused(walls: Hall) -> None:
    async with walls.client(Role.DISPATCHER) as client:
        assert (await client.put(PATH, json={"tab": "<b>"})).status_code == 422
