from __future__ import annotations

import math
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_access.city_files import Rejects, Rows
from data_access.city_rules import Bad, Field, RowReader, Rules, choice, clock, code, flag, number, reference, text


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@given(st.floats(-10, 10))
def test_a_number_in_range_is_read_as_written(value: float) -> None:
    assert number(-10, 10)(repr(value)) == value
    assert number(-10, 10)(value) == value


@given(st.floats() | st.text(max_size=8))
def test_reading_a_number_never_fails_and_never_lets_nonsense_through(value: object) -> None:
    found = number(0, 5)(value)
    assert isinstance(found, Bad) or 0 <= found <= 5


@pytest.mark.parametrize("value", ["", None, " ", "1,5", "12 m", "nan", "inf", math.nan, "0x10"])
def test_what_is_no_number_is_told(value: object) -> None:
    found = number(0, 100)(value)
    assert isinstance(found, Bad)
    assert "is not a number from 0 to 100" in found


def test_a_blank_number_is_none_where_blanks_are_allowed() -> None:
    assert number(0, 1, blank=True)("") is None
    assert number(0, 1, blank=True)(None) is None


@pytest.mark.parametrize(("value", "read"), [("3", 3), ("3.0", 3), (3.0, 3), (3, 3)])
def test_whole_numbers_are_whole(value: object, read: int) -> None:
    found = number(0, 5, whole=True)(value)
    assert found == read
    assert isinstance(found, int)


def test_half_a_number_is_not_whole() -> None:
    assert isinstance(number(0, 5, whole=True)("2.5"), Bad)


@pytest.mark.parametrize(
    ("value", "read"), [("1", True), ("TRUE", True), ("是", True), (True, True), ("", False), ("否", False), (0, False)]
)
def test_flags_are_read_as_people_write_them(value: object, read: bool) -> None:
    assert flag(value) is read


def test_another_flag_is_told() -> None:
    assert "是/否" in flag("vielleicht")


@pytest.mark.parametrize("value", ["00:00", "23:59", ""])
def test_times_of_day_are_taken(value: str) -> None:
    assert clock(value) == value


@pytest.mark.parametrize("value", ["24:00", "8:00", "08:60", "noon"])
def test_other_times_are_told(value: str) -> None:
    assert isinstance(clock(value), Bad)


@pytest.mark.parametrize("value", ["", "a\nb", "x" * 201, "\x00"])
def test_text_is_one_printable_line(value: str) -> None:
    assert isinstance(text()(value), Bad)


def test_text_loses_its_outer_blanks() -> None:
    assert text()("  青岛 市 ") == "青岛 市"


def test_a_choice_names_the_possible_ones() -> None:
    assert choice(Colour)("red") == "red"
    assert choice(Colour)("green") == '"green" is none of: red, blue'
    assert choice(Colour, default=Colour.BLUE)("") == "blue"
    assert isinstance(choice(Colour)(""), Bad)


def test_a_reference_must_be_known() -> None:
    read = reference({"A"}, "letters.csv", blank=True)
    assert [read("A"), read(" A "), read("")] == ["A", "A", ""]
    assert read("B") == '"B" is not in letters.csv; add it there or correct it here'


def test_a_long_wrong_value_is_not_repeated_whole() -> None:
    assert len(code("[0-9]+", "a number")("x" * 10_000)) < 100


@pytest.fixture
def rejects(tmp_path: Path) -> Rejects:
    return Rejects(tmp_path / "table.csv")


RULES = Rules(
    (Field("id", text()), Field("size", number(0, 9)), Field("note", text(blank=True), required=False, default="-")),
    (lambda row: ("size", "is too large for a") if row["id"] == "a" and row["size"] > 5 else None,),
)


def test_rules_say_which_columns_they_need() -> None:
    assert (RULES.key, RULES.columns.required, RULES.columns.optional) == (("id",), ("id", "size"), ("note",))


def test_good_rows_come_out_and_bad_ones_go_to_the_list(rejects: Rejects) -> None:
    rows = Rows([2, 3, 4, 5], {"id": ["a", "b", "", "a"], "size": ["1", "x", "y", "2"]})
    good = RowReader(RULES, rejects).good(rows)
    rejects.close()
    assert good == [{"line": 2, "id": "a", "size": 1.0, "note": "-"}]
    assert [(r.line, r.field) for r in rejects.kept] == [(3, "size"), (4, "id"), (4, "size"), (5, "id")]
    assert rejects.rows == 3
    assert len(rejects.target.read_text(encoding="utf-8").splitlines()) == 5


def test_values_that_do_not_go_together_are_rejected(rejects: Rejects) -> None:
    assert RowReader(RULES, rejects).good(Rows([2], {"id": ["a"], "size": ["7"]})) == []
    rejects.close()
    assert rejects.kept[0].reason == "is too large for a"


def test_a_key_is_remembered_from_batch_to_batch(rejects: Rejects) -> None:
    reader = RowReader(RULES, rejects)
    reader.good(Rows([2], {"id": ["a"], "size": ["1"]}))
    assert reader.good(Rows([900], {"id": ["a"], "size": ["1"]})) == []
    rejects.close()
    assert rejects.kept[0].reason.startswith("a stands on line 2 already")


def test_the_list_on_disk_holds_more_than_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_access.city_files.KEPT_IN_REPORT", 10)
    rejects = Rejects(tmp_path / "table.csv")
    for line in range(25):
        rejects.add(line, "id", "is empty")
    rejects.close()
    assert (len(rejects.kept), rejects.rows) == (10, 25)
    assert len(rejects.target.read_text(encoding="utf-8").splitlines()) == 26
