"""Alarms put together: the keeper for the live role, the live view and the routes for a web process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from fastapi import APIRouter
from redis.asyncio import Redis

from api.accounts_routes import Door
from api.alarms import AlarmDesk, alarms_router, rates_router
from api.handover import HandoverDesk, handover_router
from data_access.accounts import AccountStore
from data_access.alarm_keeper import AlarmKeeper
from data_access.alarm_log import AlarmLog
from data_access.hall import Hall
from data_access.handovers import Handovers
from data_access.live_alarms import LiveAlarms
from data_access.live_board import LiveBoard
from data_access.sources import SourceLamp
from domain.alarm_board import Called
from domain.wall_view import CityNames
from runtime.clock import Clock


def called(names: CityNames) -> Called:
    return Called(names.classes, names.districts, names.departments)


def alarm_keeper(redis: Redis, hall: Hall, board: LiveBoard, clock: Clock) -> AlarmKeeper:
    """The live role's keeper."""
    accounts = AccountStore(hall.engine, now=clock.now)

    async def devices() -> frozenset[str]:
        known = await asyncio.to_thread(accounts.devices)
        return frozenset(device.name for device in known if not device.revoked)

    return AlarmKeeper(redis, board, AlarmLog(hall.engine), devices, clock=clock)


def alarm_routers(
    *,
    hall: Hall,
    redis: Redis,
    door: Door,
    live: LiveAlarms,
    board: LiveBoard,
    names: CityNames,
    lamps: Callable[[], Sequence[SourceLamp]],
    clock: Clock,
) -> tuple[APIRouter, ...]:
    """The routes of one web process."""
    desk = AlarmDesk(live=live, log=AlarmLog(hall.engine), redis=redis, zone=hall.city.zone, now=clock.now)
    handover = HandoverDesk(
        alarms=desk,
        kept=Handovers(hall.engine),
        door=door,
        redis=redis,
        board=lambda: board.current,
        lamps=lamps,
        called=called(names),
    )
    return rates_router(desk), alarms_router(desk), handover_router(handover)
