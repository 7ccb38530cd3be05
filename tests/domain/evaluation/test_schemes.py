from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data_access.evaluation.scheme_files import hall_schemes, packaged_schemes
from domain.evaluation.scheme import NoScheme, SchemeError, Target, scheme_for, with_city_schemes
from domain.evaluation.scheme_rows import as_row, scheme_from, schemes_from

DAY = date(2026, 11, 1)


def _scheme(**given: Any) -> dict[str, Any]:
    items = [
        {"figure": "closing", "weight": 60, "rule": "rate"},
        {"figure": "filed", "weight": 40, "rule": "steps", "steps": [[10, 100], [20, 50]]},
    ]
    return {
        "id": "ours",
        "version": 1,
        "name": "本市部门评价",
        "object": "department",
        "standard": True,
        "valid_from": "2026-01-01",
        "items": items,
    } | given


def test_every_object_has_a_packaged_standard() -> None:
    schemes = packaged_schemes()
    assert [scheme_for(schemes, target, DAY).target for target in Target] == list(Target)


def test_a_scheme_comes_back_from_what_is_kept_of_it() -> None:
    assert [scheme_from(as_row(scheme)) for scheme in packaged_schemes()] == list(packaged_schemes())


def test_a_citys_standard_takes_the_place_of_the_packaged_one_which_can_still_be_asked_for() -> None:
    schemes = hall_schemes({"scheme": [_scheme()]})
    assert scheme_for(schemes, Target.DEPARTMENT, DAY).scheme_id == "ours"
    assert scheme_for(schemes, Target.DEPARTMENT, DAY, "department").version == 1


def test_versions_follow_each_other() -> None:
    schemes = schemes_from([_scheme(valid_to="2026-11-01"), _scheme(version=2, valid_from="2026-11-01")])
    assert [scheme_for(schemes, Target.DEPARTMENT, day).version for day in (date(2026, 10, 31), DAY)] == [1, 2]


def test_a_day_without_a_scheme_names_those_there_are() -> None:
    with pytest.raises(NoScheme, match="'mine' is no scheme of department valid on 2026-11-01; valid are ours"):
        scheme_for(schemes_from([_scheme()]), Target.DEPARTMENT, DAY, "mine")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"items": [{"figure": "closing", "weight": 90, "rule": "rate"}]}, "ours: weight: .* make 90 %; change them"),
        ({"object": "planet"}, "ours: object: 'planet' is not possible; possible are district"),
        ({"valid_from": "soon"}, "ours: valid_from: 'soon' is no day"),
        ({"valid_to": "2025-01-01"}, "ours: valid_to: must lie after"),
        ({"wieght": 3}, "ours: wieght: is not known"),
        ({"version": 0}, "ours: version: is a whole number from 1"),
        (
            {"items": [{"figure": "closign", "weight": 100, "rule": "rate"}]},
            "figure: 'closign' is no figure; such as closing",
        ),
        ({"items": [{"figure": "filed", "weight": 100, "rule": "rate"}]}, "rule: filed is no rate; write steps"),
        ({"items": [{"figure": "filed", "weight": 100, "rule": "steps"}]}, "steps: is missing"),
        (
            {"items": [{"figure": "filed", "weight": 100, "rule": "steps", "steps": [[5, 1], [5, 2]]}]},
            "steps: must rise",
        ),
        (
            {"items": [{"figure": "filed", "weight": 100, "rule": "steps", "steps": [[5, 1]], "per": "grid_month"}]},
            "per: only areas have grids",
        ),
        ({"extras": [{"figure": "failed_checks", "points": -1, "reach": 70}]}, "reach: failed_checks is no rate"),
        ({"extras": [{"figure": "closing", "points": 5}]}, "reach: closing is a rate"),
        ({"extras": [{"figure": "extended", "points": -1, "double": True}]}, "double: is not counted for extended"),
        ({"items": "closing"}, "items: is no list of tables"),
    ],
)
def test_a_scheme_that_cannot_be_is_told_with_field_and_fix(given: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemeError, match=message):
        schemes_from([_scheme(**given)])


def test_two_versions_on_one_day_are_refused() -> None:
    told = r"ours version 2: valid_from: .*end the older one with valid_to = 2026-06-01"
    with pytest.raises(SchemeError, match=told):
        schemes_from([_scheme(), _scheme(version=2, valid_from="2026-06-01")])


def test_two_standards_of_one_object_on_one_day_are_refused() -> None:
    with pytest.raises(SchemeError, match="other: standard: ours is the standard of department"):
        with_city_schemes([], schemes_from([_scheme()]) + schemes_from([_scheme(id="other")]))
