from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from api.evaluation import Wanted
from api.evaluation_desk import EvaluationDesk
from api.exports.pdf import PdfWriter
from api.exports.routes import ExportDesk, exports_router
from data_access.evaluation.counted import CountedHistories
from data_access.evaluation.results import EvaluationResults
from data_access.evaluation.scheme_files import packaged_schemes
from data_access.evaluation.units import EvaluatedUnits
from data_access.figures import FigureService
from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.reader import History, HistoryBehind
from domain.roles import Role
from tests.api.exports.excel import Excel
from tests.api.exports.pdf_text import read
from tests.api.hall import Hall
from tests.data_access.histories import CITY_ZONE
from tests.data_access.test_figures import sheet_example

WEEK = "object=department&from=2026-06-01T00:00Z&to=2026-06-08T00:00Z"
BOOK, REPORT = "/api/v1/evaluation/export.xlsx", "/api/v1/evaluation/report.pdf"


def _behind(_name: str, _wanted: Wanted, _as_of: str) -> Mapping[str, Any]:
    """A hall whose columnar copy is still being built."""
    raise HistoryBehind


@pytest.fixture
def exports(hall: Hall, writer: PdfWriter, tmp_path: Path) -> ExportDesk:
    return _served(hall, writer, tmp_path)


def _served(hall: Hall, writer: PdfWriter, place: Path, **limits: int) -> ExportDesk:
    """The sheet's worked example (6.10), to take along."""
    with hall.cases.bulk() as bulk:
        bulk.append(sheet_example())
    desk = EvaluationDesk(
        figures=FigureService(hall.cases),
        beside=CountedHistories(hall.engine, History(HistoryFolder(place), hall.engine, Bounds(128, 1))),
        units=EvaluatedUnits(hall.engine),
        results=EvaluationResults(hall.engine),
        schemes=packaged_schemes(),
        person=str,
        zone=CITY_ZONE,
        now=hall.clock.now,
        monotonic=hall.clock.monotonic,
    )
    city = ("青岛市", "Qingdao")
    exports = ExportDesk(desk=desk, city=city, demo=True, audit=hall.audit, panel=_behind, paper=writer, **limits)
    hall.server.include_router(exports_router(exports))
    return exports


async def test_the_workbook_of_the_worked_example_recomputes_and_leaves_a_trace(
    hall: Hall, exports: ExportDesk
) -> None:
    async with hall.client(Role.DUTY_OFFICER) as client:
        answer = await client.get(f"{BOOK}?{WEEK}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    name = unquote(answer.headers["content-disposition"].partition("UTF-8''")[2])
    assert name.startswith("青岛市_部门_2026-06-01")
    assert "_flow_department-v1_" in name
    book = load_workbook(BytesIO(answer.content))
    row = next(row for row in range(5, 9) if book["计数"].cell(row, 1).value == "D")
    assert [Excel(book).value("排名", row, column) for column in (4, 5)] == ["C", 70]
    (line,) = hall.audit.newest(1)
    assert (line.who, line.event.value, line.address) == ("duty_officer", "figures_exported", "10.0.0.7")
    assert line.subject.startswith("xlsx department ")


async def test_a_report_of_the_month_in_english_says_what_is_still_being_prepared(
    hall: Hall, exports: ExportDesk
) -> None:
    async with hall.client(Role.LEADER) as client:
        client.headers["cookie"] += "; cw_lang=en"
        answer = await client.get(f"{REPORT}?object=department&kind=monthly&date=2026-06-30")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    pages = read(answer.content).pages
    assert "Qingdao: city management, monthly report" in pages[0]
    assert "being prepared" in "".join(pages)
    assert "monthly-report" in unquote(answer.headers["content-disposition"])


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (f"{REPORT}?object=department&kind=hourly", "kind"),
        (f"{REPORT}?object=department&kind=daily&date=June", "date"),
        (f"{REPORT}?object=department&period=month&date=2026-06-30", "date"),
        (f"{REPORT}?object=planet", "object"),
        (f"{BOOK}?object=department&convention=guess", "convention"),
    ],
)
async def test_an_impossible_export_names_the_field(hall: Hall, exports: ExportDesk, asked: str, field: str) -> None:
    async with hall.client(Role.LEADER) as client:
        answer = await client.get(asked)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert not [line for line in hall.audit.newest(9) if line.event.value == "figures_exported"]


async def test_what_is_too_long_for_paper_is_refused_with_the_way_out(
    hall: Hall, writer: PdfWriter, tmp_path: Path
) -> None:
    _served(hall, writer, tmp_path, most_printed=0)
    async with hall.client(Role.LEADER) as client:
        answer = await client.get(f"{REPORT}?{WEEK}")
    assert answer.status_code == 422
    assert "workbook" in answer.json()["message"]


async def test_who_may_not_see_figures_takes_none_along(hall: Hall, exports: ExportDesk) -> None:
    async with hall.client(Role.COLLECTOR) as client:
        assert [(await client.get(f"{path}?{WEEK}")).status_code for path in (BOOK, REPORT)] == [403, 403]
