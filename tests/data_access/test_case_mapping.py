from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_access.case_mapping import CaseMapping, Column, MappingError, load_mapping, read_mapping
from tests.data_access.outside_files import MAPPING, mapping
from tests.shared_data import PROJECT

EXAMPLES = sorted((PROJECT / "docs" / "examples").glob("boston-*.toml"))


def faults(written: dict[str, Any]) -> str:
    with pytest.raises(MappingError) as caught:
        read_mapping(written, "map.toml")
    return str(caught.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_shipped_examples_can_be_read(path: Path) -> None:
    assert load_mapping(path).source_system.startswith("boston-")


def test_both_boston_files_have_an_example() -> None:
    assert [path.name for path in EXAMPLES] == ["boston-open311.toml", "boston-sla.toml"]


def test_a_column_may_be_a_part_of_another() -> None:
    neighbourhood = mapping(columns={"district": {"column": "address", "pattern": ", (.+)$"}}).columns["district"]
    assert neighbourhood.value({"address": "13 Anderson St, Boston"}) == "Boston"
    assert neighbourhood.value({"address": "nowhere"}) is None


@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_value_is_none(value: object) -> None:
    assert Column("a").value({"a": value}) is None
    assert Column("a").value({}) is None


def test_all_faults_are_told_together_with_the_nearest_names() -> None:
    told = faults(
        {
            "source_sytem": "x",
            "zone": "Boston",
            "time_formats": ["sometimes"],
            "backwards_seconds": -1,
            "columns": {"outside_id": "id", "reportet": "opened", "lon": 5},
            "words": {"status": {"open": "pending"}, "colour": {}},
            "fixed": {"severity": "L9", "state": "closed"},
        }
    )
    for part in (
        'source_sytem: unknown, did you mean "source_system"?',
        "source_system: missing",
        'zone: "Boston" is no time zone',
        'time_formats: "sometimes" should be iso',
        "backwards_seconds: should not be negative",
        'columns.reportet: unknown, did you mean "reported"?',
        "columns.reported: missing; name the column",
        "columns.lon: should be a column's name",
        'words.status."open": "pending" is none of pending_acceptance',
        "words.colour: unknown",
        "fixed.severity: 'L9' cannot be kept",
        "fixed.state: unknown",
    ):
        assert part in told
    assert all(line.startswith("map.toml: ") for line in told.splitlines())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": 5}, "zone: should be the name of a time zone, got 5"),
        ({"columns": []}, "columns: should be a table, got []"),
        ({"drop": "id"}, "drop: should be a list of column names"),
        ({"words": {"status": 3}}, "words.status: should be a table of words"),
        ({"time_formats": []}, "time_formats: should be a list"),
        ({"columns": MAPPING["columns"] | {"district": {"column": "a", "pattern": "("}}}, "is no regular expression"),
        (
            {"columns": MAPPING["columns"] | {"district": {"column": "a", "pattern": "x"}}},
            "put the part to keep in ( )",
        ),
        ({"columns": MAPPING["columns"] | {"district": {"pattern": "x"}}}, "{ column = …, pattern = … }"),
    ],
)
def test_a_key_of_the_wrong_form_says_which_is_right(changes: dict[str, Any], words: str) -> None:
    assert words in faults(MAPPING | changes)


def test_one_format_need_not_be_a_list() -> None:
    assert mapping(time_formats="%d.%m.%Y").time_formats == ("%d.%m.%Y",)


def test_a_column_the_file_does_not_have_is_named_with_the_nearest_one() -> None:
    found = mapping(drop=["ghost"])
    header = [column.name for column in found.columns.values() if column.name != "opened"]
    with pytest.raises(MappingError) as caught:
        found.check_header([*header, "openend"])
    told = str(caught.value)
    assert 'columns.reported: the file has no column "opened", did you mean "openend"?' in told
    assert 'drop: the file has no column "ghost"' in told
    assert "It has: id, " in told


def test_a_header_with_more_columns_is_fine() -> None:
    found = mapping()
    found.check_header([*(column.name for column in found.columns.values()), "colour"])
    assert isinstance(found, CaseMapping)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"zone = [", "is not TOML"),
        (b'zone = "Am\xe9rica"', "is not UTF-8 (byte 11)"),
    ],
)
def test_a_file_that_is_no_mapping_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "my.toml"
    path.write_bytes(content)
    with pytest.raises(MappingError, match=r"my\.toml") as caught:
        load_mapping(path)
    assert words in str(caught.value)


def test_a_mapping_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"none.toml: cannot be read \(No such file"):
        load_mapping(tmp_path / "none.toml")
