"""The panels beside the grades, from a real hall: every figure with a list is as long as that list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.evaluation_desk import EvaluationDesk
from api.evaluation_panels import EvaluationPanels, evaluation_panels_router
from data_access.evaluation.case_time import CaseTime
from data_access.evaluation.checks import Checks
from data_access.history.engine import Bounds
from data_access.history.folder import HistoryFolder
from data_access.history.reader import History
from data_access.photo_doubts import PhotoJudge
from data_access.photos import PhotoStore
from data_access.stay_times import StayTimeService
from domain.roles import Role
from domain.wall_view import CityNames
from tests.api.hall import Hall
from tests.api.test_evaluation import WEEK, desk
from tests.data_access.histories import CITY_ZONE

__all__ = ["desk"]

NAMES = CityNames(zone="Asia/Shanghai", districts={}, departments={"D": "城管局"}, classes={})


@pytest.fixture
def panels(hall: Hall, desk: EvaluationDesk, tmp_path: Path) -> Hall:
    history = History(HistoryFolder(tmp_path), hall.engine, Bounds(memory_mb=128, threads=1))
    built = EvaluationPanels(
        desk=desk,
        times=StayTimeService(history),
        case_time=CaseTime(history),
        checks=Checks(history),
        photos=PhotoJudge(PhotoStore(hall.engine, CITY_ZONE), hall.cases, most=10),
        names=NAMES,
    )
    hall.server.include_router(evaluation_panels_router(built))
    return hall


def _listed(part: Any) -> Iterator[tuple[int, dict[str, str]]]:
    """(figure, its list's parameters) wherever an answer carries both."""
    if isinstance(part, list):
        for one in part:
            yield from _listed(one)
    elif isinstance(part, dict):
        for name, query in (part.get("cases") or {}).items() if isinstance(part.get("cases"), dict) else ():
            if query is not None:
                yield part[name], query
        if "cases_list" in part:
            yield part["cases"], part["cases_list"]
        for value in part.values():
            yield from _listed(value)


async def test_behind_every_figure_is_a_list_of_that_length(panels: Hall) -> None:
    async with panels.client(Role.LEADER) as client:
        found = []
        for panel in ("ageing", "bottleneck", "gap"):
            answer = await client.get(f"/api/v1/evaluation/{panel}?object=department&{WEEK}")
            assert answer.status_code == 200, answer.text
            found += list(_listed(answer.json()))
        assert len(found) > 8
        for figure, query in found:
            assert (await client.get("/api/v1/cases", params=query)).json()["total"] == figure, query


async def test_the_gap_of_the_worked_example_adds_up_and_names_its_department(panels: Hall) -> None:
    async with panels.client(Role.LEADER) as client:
        told = (await client.get(f"/api/v1/evaluation/gap?{WEEK}")).json()
    for view in told["views"]:
        *parts, whole = view["rows"]
        assert round(sum(part["gap"] for part in parts), 1) == whole["gap"] == told["gap"]
    assert told["gap"] == round(0.9 * told["denominator"] - told["numerator"], 1) > 0
    assert told["sentence"].startswith("若城管局达到 90.0%")


async def test_each_panel_answers_and_names_its_rule(panels: Hall) -> None:
    async with panels.client(Role.LEADER) as client:
        for panel in ("times", "ageing", "pauses", "credibility", "bottleneck", "gap"):
            told = (await client.get(f"/api/v1/evaluation/{panel}?object=district&{WEEK}")).json()
            assert told["rule"], panel
            assert (told["by"], told["period"]["kind"]) == ("district", "range")


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        *[("times?object=planet", "object"), ("gap?rate=filing", "rate"), ("gap?convention=guess", "convention")],
        *[("ageing?period=2099-01", "period"), ("times?as_of=soon", "as_of")],
    ],
)
async def test_an_impossible_question_names_its_field(panels: Hall, asked: str, field: str) -> None:
    async with panels.client(Role.LEADER) as client:
        answer = await client.get(f"/api/v1/evaluation/{asked}")
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_who_may_not_see_figures_sees_no_panel(panels: Hall) -> None:
    async with panels.client(Role.COLLECTOR) as client:
        assert (await client.get(f"/api/v1/evaluation/credibility?{WEEK}")).status_code == 403
