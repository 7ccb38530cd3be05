from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.kpi import kpi_question
from api.moments import moment_of
from api.problems import FieldProblem
from domain.indicators import Convention, Dimension
from domain.journal import milliseconds
from domain.roles import Role
from tests.api.hall import CALLER, PHONE, Hall, store_cases
from tests.data_access.histories import CITY_ZONE

NOW = datetime(2026, 8, 6, 6, 32, 7, tzinfo=UTC)


def ask(**given: str):
    values = {"start": "", "to": "", "period": "", "by": "city", "convention": "flow", "as_of": ""} | given
    return kpi_question(**values, now=NOW, zone=CITY_ZONE)


def test_without_parameters_it_is_today_in_the_city() -> None:
    question = ask()
    assert question.start == datetime(2026, 8, 5, 16, tzinfo=UTC)
    assert (question.end, question.by, question.convention) == (NOW, Dimension.CITY, Convention.FLOW)


def test_a_day_without_an_offset_is_the_citys_own() -> None:
    question = ask(start="2026-03-01", to="2026-03-02")
    assert (question.start, question.end - question.start) == (datetime(2026, 2, 28, 16, tzinfo=UTC), timedelta(days=1))


@pytest.mark.parametrize(
    "text", ["2026-03-01T08:00+08:00", "2026-03-01T08:00 08:00", "2026-03-01T00:00Z", "1772323200000"]
)
def test_a_time_may_be_written_in_every_usual_way(text: str) -> None:
    assert moment_of(text, "from", CITY_ZONE) == datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["yesterday", "2026-13-01", "1e9", "99999999999999999999", "٣", "2026-03-01T25:00", "--5"]
)
def test_no_time_is_told_with_the_field_and_a_form_that_works(text: str) -> None:
    with pytest.raises(FieldProblem, match=r"^as_of: .*epoch milliseconds"):
        moment_of(text, "as_of", CITY_ZONE)


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"period": "year"}, "period", "today, d7, d30"),
        ({"by": "planet"}, "by", "district"),
        ({"convention": "guess"}, "convention", "flow, cohort, due"),
        ({"period": "d7", "start": "2026-03-01"}, "period", "either"),
        ({"to": "2026-03-01"}, "from", "missing"),
        ({"start": "2026-03-02", "to": "2026-03-01"}, "from", "before the end"),
        ({"start": "2027-03-02"}, "from", "before the end"),
        ({"start": "soon"}, "from", "no time"),
        ({"start": "2026-08-02", "to": "2026-08-03", "as_of": "2026-08-01"}, "as_of", "before the period"),
    ],
)
def test_an_impossible_question_names_the_field(given: dict, field: str, words: str) -> None:
    with pytest.raises(FieldProblem, match=words) as refused:
        ask(**given)
    assert refused.value.field == field


def test_as_of_alone_asks_as_if_it_were_that_moment() -> None:
    then = datetime(2026, 8, 1, 4, tzinfo=UTC)
    question = ask(as_of="2026-08-01T12:00", period="d7")
    assert (question.start, question.end) == (datetime(2026, 7, 25, 16, tzinfo=UTC), then)


def test_a_period_that_was_over_by_then_keeps_its_end() -> None:
    question = ask(start="2026-07-01", to="2026-07-02", as_of="2026-08-01")
    assert question.end == datetime(2026, 7, 1, 16, tzinfo=UTC)


def test_the_other_conventions_are_judged_at_the_moment_itself() -> None:
    question = ask(start="2026-07-01", to="2026-07-02", as_of="2026-08-01", convention="cohort")
    assert (question.end, question.as_of) == (
        datetime(2026, 7, 1, 16, tzinfo=UTC),
        datetime(2026, 7, 31, 16, tzinfo=UTC),
    )


async def test_the_route_answers_a_wrong_value_with_422_and_the_field(hall: Hall) -> None:
    async with hall.client(Role.LEADER) as client:
        answer = await client.get("/api/v1/kpi?by=planet")
    assert answer.status_code == 422
    assert (answer.json()["error"], answer.json()["field"]) == ("bad_value", "by")


async def test_every_figure_carries_numerator_denominator_and_convention(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.LEADER) as client:
        answer = (await client.get("/api/v1/kpi?period=today")).json()
    assert answer["to"] == milliseconds(hall.clock.now())
    (row,) = answer["rows"]
    assert row["key"] == ""
    assert row["counts"]["reported"] == 3
    assert row["rates"]["closing"] == {
        "numerator": 1,
        "denominator": 1,
        "value": 1.0,
        "formula": "结案数/应结案数",
        "convention": "flow",
    }
    assert all({"numerator", "denominator", "value", "convention"} <= rate.keys() for rate in row["rates"].values())


async def test_a_rate_without_a_denominator_has_no_value(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.LEADER) as client:
        rows = (await client.get("/api/v1/kpi?period=today&by=department")).json()["rows"]
    by_key = {row["key"]: row for row in rows}
    assert by_key["B02"]["rates"]["closing"] == by_key["B02"]["rates"]["closing"] | {"denominator": 0, "value": None}


async def test_parts_sum_to_the_whole(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.LEADER) as client:
        (whole,) = (await client.get("/api/v1/kpi")).json()["rows"]
        parts = (await client.get("/api/v1/kpi?by=department")).json()["rows"]
    for name, value in whole["counts"].items():
        assert value == sum(part["counts"][name] for part in parts)


async def test_figures_carry_nothing_about_people(hall: Hall) -> None:
    store_cases(hall)
    async with hall.client(Role.DUTY_OFFICER) as client:
        for by in Dimension:
            text = (await client.get(f"/api/v1/kpi?by={by}")).text
            assert CALLER not in text
            assert PHONE not in text
