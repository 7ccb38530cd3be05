from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest

from api.exports.panels import MOST_GAPS, gap, sections
from api.exports.paper import Bar, Figures, Line, Paper, Section, Table, Text, Trend
from api.exports.pdf import PdfWriter
from api.exports.report import Beside, report
from runtime.i18n import language
from tests.api.exports.pdf_text import Read, read
from tests.api.exports.taken import SHEET, subject

MANY = SHEET | {"closed": 40, "due_closing": 42}
RARE = "咴"
"""A character that only the second font has."""


def _section(paper: Paper, title: str) -> Section:
    return next(section for section in paper.sections if section.title == title)


@pytest.fixture(scope="module")
def whole_city(writer: PdfWriter) -> Read:
    """A hundred and thirty-two departments, one of them with a long name and a rare character."""
    long = f"{RARE}河街道办事处市容环境卫生与城市照明综合管理服务中心"
    units = {long: MANY} | {f"第{number:03}管理处": MANY if number % 3 else SHEET for number in range(131)}
    return read(writer.written(report(subject(units), Beside(kind="monthly"))))


def test_every_page_says_whose_figures_these_are_and_by_which_rules(whole_city: Read) -> None:
    assert len(whole_city.pages) > 3
    for number, page in enumerate(whole_city.pages, start=1):
        for words in ("口径：按发生时间", "方案：department v1", "数据至 2026-", "演示"):
            assert words in page
        assert f"第 {number} 页 共 {len(whole_city.pages)} 页" in page


def test_the_head_of_a_long_table_comes_again_on_every_page(whole_city: Read) -> None:
    ranked = [page for page in whole_city.pages if "管理处" in page]
    assert len(ranked) > 2
    assert all("综合分" in page for page in ranked)
    assert sum(page.count("管理处\n") for page in ranked) == 131, "nobody is lost between two pages"


def test_a_long_name_is_wrapped_and_its_rare_character_is_there(whole_city: Read) -> None:
    page = next(page for page in whole_city.pages if RARE in page)
    assert "综合管理服务中心" in page.replace("\n", "")
    assert "�" not in "".join(whole_city.pages)


def test_the_hall_s_own_typeface_lies_in_the_file_and_no_other_is_asked_for(whole_city: Read) -> None:
    assert whole_city.fonts == whole_city.embedded
    assert {name.partition("+")[2] for name in whole_city.fonts} == {"CityWall", "CityWall-Bold"}


def test_a_real_hall_s_report_bears_no_mark_of_a_demo(writer: PdfWriter) -> None:
    (page, *_) = read(writer.written(report(subject({"D": SHEET}, demo=False), Beside()))).pages
    assert "演示" not in page


def test_the_report_speaks_english_to_whoever_does(writer: PdfWriter) -> None:
    token = language.set("en")
    try:
        exported = subject({"D": SHEET}, city="Qingdao", made_by="Leader")
        pages = read(writer.written(report(exported, Beside(kind="weekly")))).pages
    finally:
        language.reset(token)
    assert "Qingdao: city management, weekly report" in pages[0]
    assert not [letter for page in pages for letter in page if "一" <= letter <= "鿿"]


def test_a_headline_figure_shows_what_it_is_made_of_and_how_it_moved() -> None:
    (figures, _) = _section(report(subject({"D": SHEET}), Beside(before=SHEET | {"closed": 2})), "主要指标").blocks
    assert isinstance(figures, Figures)
    closing = figures.figures[0]
    assert (closing.label, closing.value, closing.sample, closing.change) == ("结案率", "60.0%", "3 / 5", "▲ 20.0")


def test_an_empty_period_says_so_and_shows_no_zeros() -> None:
    paper = report(subject({"D": {}}), Beside())
    assert _section(paper, "主要指标").blocks == [Text("本期没有案卷。")]
    (_, table) = _section(paper, "排名").blocks
    assert isinstance(table, Table)
    assert table.lines[0].cells[:4] == ["–", "D", "–", "–"]


def test_a_period_without_cases_breaks_the_line_instead_of_drawing_a_zero() -> None:
    points = [("一月", SHEET), ("二月", {}), ("三月", SHEET)]
    (trend, _) = _section(report(subject({"D": SHEET}), Beside(trend=points)), "趋势").blocks
    assert isinstance(trend, Trend)
    assert trend.series[0][1] == [0.6, None, 0.6]


def test_who_has_too_few_cases_is_grey_and_has_no_rank() -> None:
    (_, table) = _section(report(subject({"few": SHEET, "many": MANY}), Beside()), "排名").blocks
    assert isinstance(table, Table)
    lines = {str(line.cells[1]): line for line in table.lines}
    assert (lines["few"].cells[0], lines["few"].faint) == ("–", True)
    assert (lines["many"].cells[0], lines["many"].faint) == ("1", False)


def test_what_cannot_be_answered_yet_is_said_instead_of_left_out() -> None:
    waiting = sections({})
    assert [section.title for section in waiting] == ["各环节用时", "积压时长", "到 90% 的差距", "可信度"]
    assert all("正在准备" in block.words for section in waiting for block in section.blocks)  # type: ignore[union-attr]


def test_a_folded_waterfall_still_adds_up_and_its_bars_still_join() -> None:
    table = next(block for block in gap(_gap(30)) if isinstance(block, Table))
    assert len(table.lines) == MOST_GAPS + 2, "the largest, the others, the sum"
    shown = [float(str(line.cells[3]).replace(",", "")) for line in table.lines]
    assert sum(shown[:-1]) == pytest.approx(shown[-1])
    bars = [_bar(line) for line in table.lines[:-1]]
    assert all(end == pytest.approx(start) for (_, end), (start, _) in pairwise(bars))


def _bar(line: Line) -> tuple[float, float]:
    bar = line.cells[-1]
    assert isinstance(bar, Bar)
    ((start, end, _),) = bar.parts
    return start, end


def _gap(number: int) -> Mapping[str, Any]:
    rows, at = [], 0.0
    for index in range(number):
        size = float(number - index)
        parts = {"numerator": 80, "denominator": 100, "value": 0.8, "gap": size, "from": at, "to": at + size}
        rows.append(parts | {"kind": "unit", "name": f"D{index}"})
        at += size
    total = {"kind": "total", "name": "全市", "gap": at, "from": 0.0, "to": at}
    total |= {"numerator": 80 * number, "denominator": 100 * number, "value": 0.8}
    head = {"label": "结案率", "target": 0.9, "value": 0.8, "numerator": 80, "denominator": 100, "gap": at}
    return head | {"views": [{"label": "按部门", "rows": [*rows, total], "sentence": ""}]}
