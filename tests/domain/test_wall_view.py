"""What the wall is told: every figure with the question whose answer is that many cases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from domain.case import STAGE_OF
from domain.case_query import CaseQuery, from_params
from domain.facts import CaseFacts
from domain.indicators import BEGINNING, counted
from domain.journal import milliseconds
from domain.period import Window, window
from domain.wall_view import DEPARTMENT_ROWS, wall_view
from tests.domain.facts_made import NOW, ZONE
from tests.domain.tallies import empty_tally
from tests.fakes.hall_day import HallDay, RunningHall, hall_day


@pytest.fixture(scope="module")
def day() -> HallDay:
    return hall_day(1500)


@pytest.fixture(scope="module")
def view(day: HallDay) -> dict[str, Any]:
    return wall_view(RunningHall(day).board, day.names)


def _answers(facts: CaseFacts, query: CaseQuery) -> bool:
    """Whether the case is one of those the question asks for, straight from the definitions."""
    asked = window(query.period, NOW, ZONE) if query.period else Window(BEGINNING, NOW)
    return all(
        (
            query.count is None or counted(facts, query.count, asked),
            query.district in (None, facts.district),
            query.department in (None, facts.department),
            query.stage is None or _stands_at(facts, query),
        )
    )


def _stands_at(facts: CaseFacts, query: CaseQuery) -> bool:
    return STAGE_OF[facts.state] is query.stage


def _figures(part: Any) -> Iterator[tuple[int, dict[str, str]]]:
    """(figure, its question) of everything in the view that carries one."""
    if isinstance(part, list):
        for item in part:
            yield from _figures(item)
    if isinstance(part, dict):
        if "numerator" in part:
            yield part["numerator"], part["numerator_query"]
            yield part["denominator"], part["query"]
        elif "query" in part and "case_no" not in part:
            sizes = [part[name] for name in ("overdue", "count", "value") if isinstance(part.get(name), int)]
            yield sizes[0], part["query"]
        for value in part.values():
            yield from _figures(value)


def test_every_figure_is_as_long_as_the_list_behind_it(day: HallDay, view: dict[str, Any]) -> None:
    figures = list(_figures(view))
    assert len(figures) > 40
    for figure, params in figures:
        query = from_params(params)
        assert query.as_of == NOW, params
        assert sum(_answers(facts, query) for facts in day.facts) == figure, params


def test_a_line_of_the_attention_list_opens_its_own_case(view: dict[str, Any]) -> None:
    assert view["attention"]
    for line in view["attention"]:
        assert from_params(line["query"]).text == line["case_no"]


def test_districts_come_worst_first_and_none_is_missing(day: HallDay, view: dict[str, Any]) -> None:
    values = [row["value"] for row in view["districts"]]
    assert values == sorted(values)
    assert {row["code"] for row in view["districts"]} == set(day.names.districts)


def test_departments_come_most_overdue_first_and_say_how_many_there_are(view: dict[str, Any]) -> None:
    overdue = [row["overdue"] for row in view["overdue_departments"]]
    assert overdue == sorted(overdue, reverse=True)
    assert len(overdue) == min(DEPARTMENT_ROWS, view["overdue_departments_total"])


def test_no_person_but_the_officer_is_named(view: dict[str, Any]) -> None:
    told = json.dumps(view)
    assert "reporter" not in told
    assert "phone" not in told


def test_the_view_is_plain_json_with_times_in_milliseconds(view: dict[str, Any]) -> None:
    assert json.loads(json.dumps(view)) == view
    assert view["as_of"] == milliseconds(NOW)


def test_a_hall_without_cases_has_no_rates_and_no_rows(day: HallDay) -> None:
    view = wall_view(empty_tally().board(NOW), day.names)
    rates = [entry for entry in view["headline"] if "denominator" in entry]
    assert [entry["value"] for entry in rates] == [None, None]
    assert [row["value"] for row in view["districts"]] == [None] * len(day.names.districts)
    assert (view["attention"], view["overdue_departments"], view["attention_total"]) == ([], [], 0)


def test_a_code_the_city_does_not_know_stands_for_itself(day: HallDay) -> None:
    nameless = type(day.names)(zone=day.names.zone, districts={}, departments={}, classes={})
    view = wall_view(RunningHall(day).board, nameless)
    assert view["overdue_departments"][0]["name"] == view["overdue_departments"][0]["code"]
    assert view["attention"][0]["class_name"]


def test_the_gap_to_the_target_adds_up_by_department(view: dict[str, Any]) -> None:
    *parts, whole = view["gap"]["rows"]
    assert round(sum(part["gap"] for part in parts), 1) == whole["gap"]
    assert whole["gap"] == round(0.9 * whole["denominator"] - whole["numerator"], 1)
    assert [one["to"] for one in parts[:-1]] == [one["from"] for one in parts[1:]]
    leader = parts[0]
    gained = whole["numerator"] + 0.9 * leader["denominator"] - leader["numerator"]
    assert view["gap"]["what_if"] == pytest.approx(gained / whole["denominator"])
    assert view["gap"]["leader"] == leader["name"]


def test_the_bottleneck_is_the_step_with_the_longest_queue_and_names_whose_it_is(view: dict[str, Any]) -> None:
    found = view["bottleneck"]
    assert found["count"] == max(stage["count"] for stage in view["stages"][:-1])
    assert found["whose"]["value"] == view["overdue_departments"][0]["overdue"]
