from __future__ import annotations

import random
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from api.exports.book import sheets
from api.exports.subject import Subject
from api.exports.xlsx import Printed, workbook
from domain.evaluation.score import Scale, evaluate
from runtime.i18n import language
from tests.api.exports.excel import Excel
from tests.api.exports.taken import DEPARTMENT, ENDS, NOTHING_DUE, SHEET, scheme_of, subject

FIRST = 5
"""The row of the first unit, as Excel counts."""


def _file(exported: Subject) -> bytes:
    printed = Printed(title=exported.title, author="x", footer=exported.footer, page="&P", made=ENDS)
    return workbook(sheets(exported), printed)


def _opened(exported: Subject, *, values: bool = False) -> Workbook:
    return load_workbook(BytesIO(_file(exported)), data_only=values)


def _column(book: Workbook, sheet: str, head: str) -> int:
    return next(cell.column for cell in book[sheet][FIRST - 1] if cell.value == head)


def _unit(excel: Excel, row: int = FIRST) -> tuple[Any, Any, Any]:
    """Rank, grade and composite as recomputed."""
    return tuple(excel.value("排名", row, column) for column in (1, 4, 5))


def _disagreements(exported: Subject) -> tuple[int, list[str]]:
    """How many formulas there are, and which come to something else than is written beside them."""
    book, beside = _opened(exported), _opened(exported, values=True)
    excel, number, wrong = Excel(book), 0, []
    for sheet in book:
        for cell in (cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"):
            found, told = excel.value(sheet.title, cell.row, cell.column), beside[sheet.title][cell.coordinate].value
            same = found == told or (not isinstance(found, str) and found == pytest.approx(told, abs=1e-9))
            number, wrong = number + 1, wrong + ([] if same else [f"{sheet.title} {cell.coordinate} {found} {told}"])
    return number, wrong


def test_the_worked_example_recomputes_to_seventy_and_a_c() -> None:
    book = _opened(subject({"D": SHEET}))
    assert _unit(Excel(book)) == ("–", "C", 70), "five cases are too few to rank"


def test_a_changed_count_changes_rates_scores_composite_and_grade() -> None:
    book = _opened(subject({"D": SHEET}))
    book["计数"].cell(FIRST, _column(book, "计数", "结案")).value = 5
    book["计数"].cell(FIRST, _column(book, "计数", "按期处置")).value = 5
    changed = SHEET | {"closed": 5, "due_closing": 7, "on_time_disposed": 5}
    wanted = evaluate(DEPARTMENT, "D", changed, Scale())
    excel = Excel(book)
    assert _unit(excel)[1:] == (wanted.grade, float(wanted.composite or 0))
    assert excel.value("排名", FIRST, 7) == 7, "what is due is a sum of its parts"


def test_a_changed_weight_or_step_changes_the_composite() -> None:
    book = _opened(subject({"D": SHEET}))
    weights = {row[1].value: row[2] for row in book["评价规则"].iter_rows() if row[0].value == "指标"}
    weights["立案"].value, weights["结案率"].value = 0, 40
    assert _unit(Excel(book))[2] == 66, "the ten points of filing now stand on 60 %"


def test_an_item_without_a_denominator_gives_its_weight_away_in_the_workbook_too() -> None:
    exported = subject({"D": NOTHING_DUE})
    assert exported.told["rows"][0]["items"][2]["score"] is None
    number, wrong = _disagreements(exported)
    assert (wrong, number > 40) == ([], True)


def test_every_formula_of_many_units_comes_to_the_engine_s_figure() -> None:
    rng = random.Random(7)
    extras = [
        {"figure": "failed_checks", "points": -0.2, "double": True},
        {"figure": "on_time_closing", "points": 5, "reach": 70, "loss": 1},
    ]
    exported = subject({f"U{index:02}": _some(rng) for index in range(24)} | {"": SHEET}, scheme_of(extras=extras))
    number, wrong = _disagreements(exported)
    assert (wrong, number > 1_000) == ([], True)
    ranked = [row["rank"] for row in exported.told["rows"] if row["rank"]]
    assert max(ranked) > 5, "there is a ranking to get wrong"


def _some(rng: random.Random) -> Mapping[str, int]:
    disposed, late, waiting, closed = (rng.randrange(1, 60) for _ in range(4))
    parts = {"disposed": disposed, "overdue_undisposed": late, "awaiting_closing": waiting, "closed": closed}
    due = {"due_disposal": disposed + late, "due_closing": closed + waiting + late}
    good = {"on_time_disposed": rng.randrange(disposed + 1), "on_time_closed": rng.randrange(closed + 1)}
    return parts | due | good | {"filed": rng.randrange(1_200), "rework": 1, "failed_checks": rng.randrange(9)}


@pytest.mark.parametrize("name", ['=cmd|"/c calc"!A1', "+1+1", "-2", "@SUM(A1)", "http://outside.example"])
def test_a_name_that_looks_like_a_formula_or_a_link_stays_text(name: str) -> None:
    book = _opened(subject({name: SHEET}))
    for sheet, column in (("排名", 2), ("比率", 1), ("计数", 1), ("计数", 2)):
        cell = book[sheet].cell(FIRST, column)
        assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)


def test_a_count_is_called_a_count_even_where_a_rate_has_its_name() -> None:
    heads = [cell.value for cell in _opened(subject({"D": SHEET}))["计数"][FIRST - 1]]
    assert "返工" in heads
    assert not [head for head in heads if "率" in head]


def test_the_summary_says_whose_when_and_by_which_rules() -> None:
    said = {row[0].value: row[1].value for row in _opened(subject({"D": SHEET}))["总览"].iter_rows()}
    assert said["城市"] == "青岛市"
    assert said["口径"].startswith("按发生时间：")
    assert "department 第1版" in said["方案"]
    assert said["状态"] == "本期已结束，尚未锁定"
    assert said["返工率（占应结案）"] == "返工数/应结案数 = 1 / 5"
    assert any("演示" in (row or "") for row in said), "demo figures say that they are"


def test_corrections_stand_beside_the_locked_result() -> None:
    signed = {"number": 4, "at": 0, "who": "leader", "who_name": "李局", "intact": True}
    change = {"key": "D", "name": "D", "composite": 78.0, "grade": "B", "original": 70.0, "original_grade": "C"}
    period = {"locked": signed, "corrections": [signed | change | {"reason": "申诉成立"}]}
    book = _opened(subject({"D": SHEET}, period=period))
    assert [cell.value for cell in book["更正"][FIRST]][4:9] == [70, "C", 78, "B", "申诉成立"]
    assert _unit(Excel(book))[2] == 70, "the locked figure is not rewritten"
    assert book["排名"].cell(FIRST, book["排名"].max_column).value == "更正为 78.00（B）：申诉成立"


def test_heads_stay_in_sight_and_come_again_on_every_printed_page() -> None:
    for sheet in _opened(subject({"D": SHEET})).worksheets[1:4]:
        assert (sheet.freeze_panes[1:], sheet.print_title_rows) == ("5", "$4:$4")
        assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
        assert "department v1" in sheet.oddFooter.left.text
        assert sheet.oddFooter.right.text == "&P" or "P" in sheet.oddFooter.right.text


def test_a_workbook_speaks_english_to_whoever_does() -> None:
    token = language.set("en")
    try:
        book = _opened(subject({"D": SHEET}))
    finally:
        language.reset(token)
    assert book.sheetnames == ["Overview", "Ranking", "Rates", "Counts", "Scheme", "Corrections"]
    assert Excel(book).value("Ranking", FIRST, 5) == 70


def test_a_period_without_units_is_an_honest_workbook() -> None:
    exported = subject({})
    assert _disagreements(exported)[1] == []
    book = _opened(exported)
    sums = [cell for row in book["计数"].iter_rows() for cell in row if cell.data_type == "f" and "SUM" in cell.value]
    assert sums == [], "nothing is summed over nothing"
    assert _unit(Excel(book)) == ("–", "–", "–"), "no cases are neither good nor bad"
