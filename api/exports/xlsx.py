"""Sheets as an Excel workbook. What is text stays text: nothing in it is ever taken for a formula or a link."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from api.exports.sheets import Cell, Look, Sheet
from domain.evaluation.score import Grade

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD_HEIGHT = 48
_A4 = 9
_FOOTER_MOST = 200
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_PLAIN = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
_LOOKS: dict[Look, dict[str, Any]] = {
    Look.TITLE: {"bold": True, "font_size": 14},
    Look.HEAD: {"bold": True, "bg_color": "#E4E7EA", "border": 1, "border_color": "#A0A8B0", "text_wrap": True}
    | {"align": "center"},
    Look.TEXT: {},
    Look.LONG: {"text_wrap": True, "valign": "top"},
    Look.NOTE: {"font_color": "#4A545E"},
    Look.COUNT: {"num_format": "#,##0"},
    Look.NUMBER: {},
    Look.AMOUNT: {"num_format": "#,##0.0", "align": "right"},
    Look.RATE: {"num_format": "0.00%", "align": "right"},
    Look.SCORE: {"num_format": "0.00", "align": "right"},
    Look.LETTER: {"bold": True, "align": "center"},
}
GRADE_COLOURS: dict[Grade, str] = {
    Grade.A: "#CFE3F5",
    Grade.B: "#9CC3E6",
    Grade.C: "#B4BCC4",
    Grade.D: "#FFA333",
    Grade.E: "#FF4D5E",
}
"""Fills of product sheet 3.2, each under a black letter; C is lighter than on screens, for paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What stands on every printed page, and in the file's properties."""

    title: str
    author: str
    footer: str
    page: str
    made: datetime


def workbook(sheets: Iterable[Sheet], printed: Printed) -> bytes:
    """The file's bytes. Rows are handed on as they are written: memory does not grow with their number."""
    out = BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(out, options) as book:
        book.set_properties(
            {"title": printed.title, "author": printed.author, "created": printed.made.replace(tzinfo=None)}
        )
        book.set_calc_mode("auto")
        writer = _Writer(book)
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            _set_up(page, sheet, printed)
            writer.write(page, sheet)
    return out.getvalue()


def _set_up(page: Worksheet, sheet: Sheet, printed: Printed) -> None:
    page.set_landscape()
    page.set_paper(_A4)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.fit_to_pages(1, 0)
    footer = printed.footer.replace("&", "&&")[:_FOOTER_MOST]
    page.set_footer(f"&L&8{footer}&R&8{printed.page}")
    for column, width in enumerate(sheet.widths):
        page.set_column(column, column, width)
    if sheet.head is None:
        page.hide_gridlines(2)
        return
    page.freeze_panes(sheet.head + 1, sheet.frozen)
    page.repeat_rows(sheet.head)
    if sheet.filtered:
        last = len(sheet.rows) - (2 if sheet.total else 1)
        page.autofilter(sheet.head, 0, max(sheet.head, last), len(sheet.rows[sheet.head]) - 1)


class _Writer:
    """Writes rows; formats are shared by all sheets of the book."""

    def __init__(self, book: Workbook) -> None:
        self._book = book
        self._formats: dict[tuple[Look, bool, bool], Format] = {}

    def write(self, page: Worksheet, sheet: Sheet) -> None:
        for index, row in enumerate(sheet.rows):
            if index == sheet.head:
                page.set_row(index, HEAD_HEIGHT)
            total = sheet.total and index == len(sheet.rows) - 1
            for column, cell in enumerate(row):
                self._cell(page, index, column, cell, total=total)
        if sheet.grades is not None and sheet.head is not None:
            self._colour(page, (sheet.head + 1, sheet.grades, len(sheet.rows), sheet.grades))

    def _cell(self, page: Worksheet, row: int, column: int, cell: Cell, *, total: bool) -> None:
        text = isinstance(cell.value, str)
        risky = text and str(cell.value).startswith(_STARTS_A_FORMULA)
        look = self._format(cell.look, total=total, risky=risky)
        if cell.formula:
            page.write_formula(row, column, cell.formula, look, "" if cell.value is None else cell.value)
        elif text:
            page.write_string(row, column, str(cell.value), look)
        elif cell.value is None:
            page.write_blank(row, column, None, look)
        else:
            page.write_number(row, column, cell.value, look)

    def _format(self, look: Look, *, total: bool, risky: bool) -> Format:
        """`risky` text keeps its mark of text even after somebody edits it."""
        key = (look, total, risky)
        if key not in self._formats:
            bold = {"bold": True, "top": 1} if total else {}
            marked = {"quote_prefix": True} if risky else {}
            self._formats[key] = self._book.add_format(_PLAIN | _LOOKS[look] | bold | marked)
        return self._formats[key]

    def _colour(self, page: Worksheet, area: Sequence[int]) -> None:
        for grade, colour in GRADE_COLOURS.items():
            look = self._book.add_format({"bg_color": colour, "font_color": "#000000"})
            rule = {"type": "cell", "criteria": "==", "value": f'"{grade.value}"', "format": look}
            page.conditional_format(*area, rule)
