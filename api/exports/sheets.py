"""What a workbook holds before it is bytes: sheets of rows of cells, each a value, some with the formula behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from xlsxwriter.utility import xl_col_to_name

ABSENT = "–"
"""What stands where a figure has no value; Excel counts it as text, so no mean takes it for 0."""


class Look(StrEnum):
    """How a cell is set."""

    TITLE = "title"
    HEAD = "head"
    TEXT = "text"
    LONG = "long"
    NOTE = "note"
    COUNT = "count"
    NUMBER = "number"
    AMOUNT = "amount"
    RATE = "rate"
    SCORE = "score"
    LETTER = "letter"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. With a formula, `value` is its result as the engine knows it: shown by what does not calculate."""

    value: str | int | float | None
    look: Look = Look.TEXT
    formula: str = ""


Row = Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet. `head` is the index of the row that stays in sight and on every printed page; None: there is none.

    `widths` in characters of the common font; `frozen` columns stay in sight on the left; `total` marks the last row
    as a sum; `grades` is the column whose letters are coloured.
    """

    name: str
    widths: Sequence[float]
    rows: Sequence[Row]
    head: int | None = None
    frozen: int = 0
    total: bool = False
    grades: int | None = None
    filtered: bool = False


def quoted(name: str) -> str:
    """A sheet's name as formulas write it."""
    return "'" + name.replace("'", "''") + "'"


def at(row: int, column: int, sheet: str = "", *, fixed: bool = False) -> str:
    """The address of a cell by zero-based row and column, on its own sheet or another one's."""
    mark = "$" if fixed else ""
    address = f"{mark}{xl_col_to_name(column)}{mark}{row + 1}"
    return f"{quoted(sheet)}!{address}" if sheet else address


def down(column: int, first: int, last: int, sheet: str = "") -> str:
    """The address of a column's cells from one row to another, fixed."""
    name = xl_col_to_name(column)
    address = f"${name}${first + 1}:${name}${last + 1}"
    return f"{quoted(sheet)}!{address}" if sheet else address


def texts(values: Iterable[str], look: Look = Look.TEXT) -> list[Cell]:
    """A row of texts."""
    return [Cell(value, look) for value in values]
