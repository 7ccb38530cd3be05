from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.evaluation import evaluation_router
from api.evaluation_desk import EvaluationDesk
from data_access.evaluation.counted import CountedHistories
from data_access.evaluation.results import EvaluationResults
from data_access.evaluation.scheme_files import hall_schemes, packaged_schemes
from data_access.evaluation.units import EvaluatedUnits
from data_access.figures import FigureService
from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.reader import History
from domain.roles import Role
from tests.api.hall import Hall
from tests.data_access.histories import CITY_ZONE
from tests.data_access.test_figures import sheet_example

WEEK = "from=2026-06-01T00:00Z&to=2026-06-08T00:00Z"
LOCK = {"object": "department", "from": "2026-06-01T00:00Z", "to": "2026-06-08T00:00Z"}


@pytest.fixture
def desk(hall: Hall, tmp_path: Path) -> EvaluationDesk:
    """The sheet's worked example, two months later."""
    with hall.cases.bulk() as writer:
        writer.append(sheet_example())
    desk = EvaluationDesk(
        figures=FigureService(hall.cases),
        beside=CountedHistories(hall.engine, History(HistoryFolder(tmp_path), hall.engine, Bounds(128, 1))),
        units=EvaluatedUnits(hall.engine),
        results=EvaluationResults(hall.engine),
        schemes=packaged_schemes(),
        person=str,
        zone=CITY_ZONE,
        now=hall.clock.now,
        monotonic=hall.clock.monotonic,
    )
    hall.server.include_router(evaluation_router(desk))
    return desk


async def _row(client: httpx.AsyncClient, more: str = "") -> dict:
    answer = (await client.get(f"/api/v1/evaluation?object=department&{WEEK}{more}")).json()
    (row,) = [row for row in answer["rows"] if row["key"] == "D"]
    return answer | {"row": row}


async def test_the_worked_example_is_told_with_its_parts(hall: Hall, desk: EvaluationDesk) -> None:
    async with hall.client(Role.LEADER) as client:
        told = await _row(client)
        row = told["row"]
        # A week's seven cases are thirty a month: still the best step, so that the sheet's composite holds.
        assert (row["composite"], row["grade"], row["n"], row["ranked"]) == (70, "C", 5, False)
        assert [(item["numerator"], item["denominator"], item["score"]) for item in row["items"]] == [
            (7, None, 100),
            (3, 5, 60),
            (3, 5, 60),
            (1, 5, 80),
        ]
        assert (told["convention"]["label"], told["scheme"]["id"], told["scheme"]["version"]) == (
            "按发生时间",
            "department",
            1,
        )
        for item in row["items"]:
            for part in ("numerator", "denominator"):
                if item["cases"][part] is not None:
                    found = (await client.get("/api/v1/cases", params=item["cases"][part])).json()
                    assert found["total"] == item[part]


async def test_a_locked_result_outlives_the_scheme_and_a_correction_stands_beside_it(
    hall: Hall, desk: EvaluationDesk
) -> None:
    async with hall.client(Role.LEADER) as client:
        assert (await client.post("/api/v1/evaluation/lock", json=LOCK)).status_code == 201
        assert (await client.post("/api/v1/evaluation/lock", json=LOCK)).status_code == 409
        items = [{"figure": "closing", "weight": 100, "rule": "rate"}]
        new = {"id": "department", "version": 2, "name": "新", "object": "department", "standard": True}
        desk.schemes = hall_schemes({"scheme": [new | {"valid_from": "2026-01-01", "items": items}]})
        assert (await _row(client, "&as_of=2026-06-08T00:00Z"))["row"]["composite"] == 60, "the new scheme, live"
        correction = LOCK | {"key": "D", "composite": 72.505, "reason": "申诉成立"}
        assert (await client.post("/api/v1/evaluation/correct", json=correction)).status_code == 201
        told = await _row(client)
    assert (told["row"]["composite"], told["scheme"]["version"]) == (70, 1)
    assert (told["period"]["locked"]["who"], told["period"]["locked"]["intact"]) == ("leader", True)
    (corrected,) = told["period"]["corrections"]
    assert (corrected["key"], corrected["original"], corrected["composite"], corrected["reason"]) == (
        "D",
        70,
        72.51,
        "申诉成立",
    )


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("object=planet", "object"),
        ("object=department&period=2026-13", "period"),
        ("object=department&period=2027-01", "period"),
        ("object=department&period=month&from=2026-06-01", "period"),
        ("object=department&to=2026-06-01", "from"),
        ("object=department&convention=guess", "convention"),
        ("object=department&scheme=mine", "scheme"),
    ],
)
async def test_an_impossible_question_names_the_field(hall: Hall, desk: EvaluationDesk, asked: str, field: str) -> None:
    async with hall.client(Role.LEADER) as client:
        answer = await client.get(f"/api/v1/evaluation?{asked}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_a_running_period_is_not_locked(hall: Hall, desk: EvaluationDesk) -> None:
    async with hall.client(Role.ADMIN) as client:
        answer = await client.post("/api/v1/evaluation/lock", json={"object": "department", "period": "month"})
    assert (answer.status_code, answer.json()["field"]) == (422, "period")


async def test_an_officer_sees_but_does_not_lock(hall: Hall, desk: EvaluationDesk) -> None:
    async with hall.client(Role.DUTY_OFFICER) as client:
        assert (await client.get(f"/api/v1/evaluation?object=department&{WEEK}")).status_code == 200
        assert (await client.post("/api/v1/evaluation/lock", json=LOCK)).status_code == 403


async def test_the_trend_has_a_point_a_month(hall: Hall, desk: EvaluationDesk) -> None:
    async with hall.client(Role.LEADER) as client:
        asked = "/api/v1/evaluation/trend?object=department&key=D&months=4"
        points = (await client.get(asked)).json()["months"]
    assert [point["label"] for point in points] == ["2026年5月", "2026年6月", "2026年7月", "2026年8月"]
    assert points[0]["closing"]["value"] == 0, "one overdue, none closed"
    assert points[1]["n"] == points[1]["closing"]["denominator"]


async def test_an_unchanged_answer_is_not_sent_again(hall: Hall, desk: EvaluationDesk) -> None:
    asked = f"/api/v1/evaluation?object=department&{WEEK}"
    async with hall.client(Role.LEADER) as client:
        first = await client.get(asked)
        again = await client.get(asked, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, first.headers["content-encoding"]) == (200, "gzip")
    assert (again.status_code, again.content) == (304, b"")
