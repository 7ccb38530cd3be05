"""What evaluation is made of in a web process: figures, histories, schemes, locked results, behind their routes."""

from __future__ import annotations

from fastapi import APIRouter

from api.evaluation import evaluation_router
from api.evaluation_desk import EvaluationDesk
from api.kpi import Figures
from data_access.evaluation.counted import CountedHistories
from data_access.evaluation.results import EvaluationResults
from data_access.evaluation.scheme_files import hall_schemes
from data_access.evaluation.units import EvaluatedUnits
from data_access.hall import Hall
from runtime.clock import Clock


def evaluation_routers(hall: Hall, figures: Figures, clock: Clock) -> tuple[APIRouter, ...]:
    """The routes. The city's schemes were checked when it was imported."""
    desk = EvaluationDesk(
        figures=figures,
        beside=CountedHistories(hall.engine),
        units=EvaluatedUnits(hall.engine),
        results=EvaluationResults(hall.engine),
        schemes=hall_schemes(hall.city.evaluation),
        person=hall.called.person,
        zone=hall.city.zone,
        now=clock.now,
        monotonic=clock.monotonic,
    )
    return (evaluation_router(desk),)
