"""What evaluation is made of in a web process: figures, histories, schemes, locked results, behind their routes."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi import APIRouter

from api.evaluation import evaluation_router
from api.evaluation_desk import EvaluationDesk
from api.evaluation_panels import EvaluationPanels, evaluation_panels_router, printed_panel
from api.exports.pdf import PdfWriter
from api.exports.routes import ExportDesk, exports_router
from api.kpi import Figures
from data_access.audit import AuditLog
from data_access.evaluation.case_time import CaseTime
from data_access.evaluation.checks import Checks
from data_access.evaluation.counted import CountedHistories
from data_access.evaluation.results import EvaluationResults
from data_access.evaluation.scheme_files import hall_schemes
from data_access.evaluation.units import EvaluatedUnits
from data_access.hall import Hall
from data_access.history.reader import History
from data_access.photo_doubts import PhotoJudge
from data_access.photos import PhotoStore
from data_access.stay_times import StayTimeService
from runtime.clock import Clock

PHOTOS_JUDGED = 300
"""Photos of a period that are judged for the credibility panel, newest first: each asks the database a few times."""


def evaluation_routers(
    hall: Hall, figures: Figures, history: History, clock: Clock, *, audit: AuditLog, fonts: Path, demo: bool
) -> tuple[APIRouter, ...]:
    """The routes. The city's schemes were checked when it was imported; reports are set in the typeface of `fonts`."""
    desk = EvaluationDesk(
        figures=figures,
        beside=CountedHistories(hall.engine, history),
        units=EvaluatedUnits(hall.engine),
        results=EvaluationResults(hall.engine),
        schemes=hall_schemes(hall.city.evaluation),
        person=hall.called.person,
        zone=hall.city.zone,
        now=clock.now,
        monotonic=clock.monotonic,
    )
    panels = EvaluationPanels(
        desk=desk,
        times=StayTimeService(history),
        case_time=CaseTime(history),
        checks=Checks(history),
        photos=PhotoJudge(PhotoStore(hall.engine, hall.city.zone), hall.cases, most=PHOTOS_JUDGED),
        names=hall.names(),
    )
    exports = ExportDesk(
        desk=desk,
        city=(hall.city.name, hall.city.name_en),
        demo=demo,
        audit=audit,
        panel=partial(printed_panel, panels),
        paper=PdfWriter(fonts),
    )
    return evaluation_router(desk), evaluation_panels_router(panels), exports_router(exports)
