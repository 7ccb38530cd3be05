"""What collectors, department seats and acceptors ask for in a web process: tasks, places, a department's figures."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from fastapi import APIRouter

from api.case_offers import OfferDesk
from api.places import places_router
from api.tasks import TaskDesk, tasks_router
from api.unit_desk import UnitDesk, unit_router
from data_access.field_tasks import cases_to_look_at
from data_access.hall import Hall
from data_access.whereabouts import Whereabouts
from domain.board import Board
from runtime.clock import Clock


def field_routers(
    hall: Hall, whereabouts: Whereabouts, offers: OfferDesk, board: Callable[[], Board | None], clock: Clock
) -> tuple[APIRouter, ...]:
    """The routes. Asks the database once for the classes' names."""
    names = hall.names().classes
    tasks = TaskDesk(
        waiting=partial(cases_to_look_at, hall.engine),
        class_name=lambda code: names.get(code, code),
        mode=hall.policy.mode,
        now=clock.now,
    )
    unit = UnitDesk(board=board, cases=hall.cases, offers=offers, person=hall.called.person, now=clock.now)
    return places_router(whereabouts), tasks_router(tasks), unit_router(unit)
