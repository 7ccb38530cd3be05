"""What a printed report holds before it is bytes: sections of figures, tables and charts, in words. Pure values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Shade(StrEnum):
    """Greys that stay apart on a black and white printer."""

    DARK = "dark"
    MIDDLE = "middle"
    LIGHT = "light"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar drawn inside a table's cell: parts from left to right, each (from, to, shade) on a scale of 0 to 1.

    `zero` is where 0 lies on that scale, for bars that go both ways.
    """

    parts: Sequence[tuple[float, float, Shade]]
    zero: float | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its head, its share of the width, and whether it holds numbers."""

    label: str
    share: float
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row. A `heading` has one cell across; `faint` rows are set apart in grey; `grade` is the column of a letter."""

    cells: Sequence[str | Bar]
    strong: bool = False
    faint: bool = False
    heading: bool = False
    grade: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its head is repeated on every page it runs over."""

    columns: Sequence[Column]
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Figure:
    """One headline figure: value, what it is made of, how it changed."""

    label: str
    value: str
    sample: str
    change: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Headline figures side by side."""

    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Trend:
    """Rates (0 to 1; None: no cases) over like periods; `band` is from where on they are good."""

    labels: Sequence[str]
    series: Sequence[tuple[str, Sequence[float | None]]]
    band: float
    band_label: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    words: str
    faint: bool = False


Block = Table | Figures | Trend | Text


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a heading."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A whole report. `footer` stands on every page, `mark` too if there is one; `page` takes number and total."""

    title: str
    author: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    footer: str
    mark: str
    page: str
    chinese: bool
