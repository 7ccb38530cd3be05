"""The counts as a sheet: what was counted stands as a number, what is a sum stands as a formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.evaluation_words import figure_label
from api.exports.sheets import ABSENT, Cell, Look, Sheet, at, down, texts
from api.exports.subject import Subject
from domain.evaluation.measures import COUNT_WORDS, RATES, UNMEASURED
from domain.evaluation.score import sample_counts
from runtime.i18n import t

HEAD = 3
FIRST = HEAD + 1
"""Every table of units has its head and its first unit in these rows: one unit stands in one row on every sheet."""

_LEFT = 3
_SUMS = {
    "due_disposal": ("disposed", "overdue_undisposed"),
    "due_closing": ("closed", "awaiting_closing", "overdue_undisposed"),
}
"""Counts that are sums of others (domain sheet 6.1)."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The sheet, and in which column each count stands; divisors and weighted events have marked names."""

    sheet: Sheet
    columns: Mapping[str, int]

    def address(self, count: str, row: int) -> str:
        return at(row, self.columns[count], self.sheet.name)

    def has(self, count: str) -> bool:
        return count in self.columns


def divisor(figure: str) -> str:
    """The name of the column with a figure's divisors."""
    return f"divisor {figure}"


def weighted(figure: str) -> str:
    """The name of the column with an extra's count, marked cases counted twice."""
    return f"weighted {figure}"


def counts_sheet(subject: Subject) -> Counted:
    """The counts of every unit, and of all together in the last row."""
    told, names = subject.told, _names(subject)
    columns = {name: _LEFT + index for index, name in enumerate(names)}
    rows = [
        texts([t("计数"), "", subject.title], Look.TITLE),
        texts([t("黑字是数出来的，可以改：比率、得分、综合分、等级和排名随之重算。")], Look.NOTE),
        [],
        texts([t("编号"), t("名称"), t("分组"), *(_label(name) for name in names)], Look.HEAD),
        *(
            [*_left(row, told), *(_cell(subject, row, name, FIRST + index, columns) for name in names)]
            for index, row in enumerate(told["rows"])
        ),
    ]
    rows.append(_total(subject, columns, FIRST + len(told["rows"])))
    widths = (12, 28, 14, *(11 for _ in names))
    sheet = Sheet(name=t("计数"), widths=widths, rows=rows, head=HEAD, frozen=2, total=True, filtered=True)
    return Counted(sheet, columns)


def _names(subject: Subject) -> list[str]:
    """Every count that is there or that a formula needs, in the order of the domain sheet."""
    needed = set(sample_counts(subject.target)) | set(subject.told["whole"]["counts"])
    figures = [row["figure"] for row in (*subject.scheme["items"], *subject.scheme["extras"])]
    for figure in (*figures, *(rate["key"] for rate in subject.told["rates"])):
        needed |= set(counts_of(figure))
    for name, parts in _SUMS.items():
        if name in needed:
            needed |= set(parts)
    divided = dict.fromkeys(figure for _, figure in subject.divisors)
    events = [extra["figure"] for extra in subject.scheme["extras"] if is_weighted(extra)]
    return [
        *(name for name in COUNT_WORDS if name in needed),
        *(divisor(figure) for figure in divided),
        *(weighted(figure) for figure in events),
    ]


def counts_of(figure: str) -> tuple[str, ...]:
    """The counts a figure is made of; none where no journal answers it."""
    if figure in UNMEASURED:
        return ()
    ratio = RATES.get(figure)
    return (figure,) if ratio is None else (ratio.numerator, ratio.denominator)


def is_weighted(extra: Mapping[str, Any]) -> bool:
    """Whether an extra counts otherwise than its count says."""
    return bool(extra["double"]) and "reach" not in extra and extra["figure"] not in UNMEASURED


def _label(name: str) -> str:
    kind, _, figure = name.partition(" ")
    if not figure:
        return t(COUNT_WORDS[name])
    words = t("{figure}：折算（月数×网格数）") if kind == "divisor" else t("{figure}（加倍后）")
    return words.format(figure=figure_label(figure))


def _left(row: Mapping[str, Any], told: Mapping[str, Any]) -> list[Cell]:
    return texts([row["key"] or ABSENT, row["name"], group_label(row, told)])


def group_label(row: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """A unit's group; empty for what belongs to nobody."""
    known = {group["key"]: group["label"] for group in told["groups"]}
    return known.get(row["group"], ABSENT) if row["key"] else ""


def _cell(subject: Subject, row: Mapping[str, Any], name: str, index: int, columns: Mapping[str, int]) -> Cell:
    kind, _, figure = name.partition(" ")
    if figure:
        return _beside(subject, row, kind, figure)
    value = row["counts"].get(name, 0)
    if name in _SUMS and _adds_up(row["counts"], name):
        return Cell(value, Look.COUNT, "=" + "+".join(at(index, columns[part]) for part in _SUMS[name]))
    return Cell(value, Look.COUNT)


def _beside(subject: Subject, row: Mapping[str, Any], kind: str, figure: str) -> Cell:
    if kind == "divisor":
        return Cell(subject.divisors.get((row["key"], figure), 0), Look.NUMBER)
    return Cell(next(extra["count"] for extra in row["extras"] if extra["key"] == figure), Look.COUNT)


def _adds_up(counts: Mapping[str, int], name: str) -> bool:
    """A result locked long ago may have been counted by an older definition: its numbers then stand as they were."""
    return counts.get(name, 0) == sum(counts.get(part, 0) for part in _SUMS[name])


def _total(subject: Subject, columns: Mapping[str, int], index: int) -> list[Cell]:
    whole = subject.told["whole"]
    return [
        *texts(["", whole["name"], ""]),
        *(_sum(subject, whole, name, column, index) for name, column in columns.items()),
    ]


def _sum(subject: Subject, whole: Mapping[str, Any], name: str, column: int, index: int) -> Cell:
    kind, _, figure = name.partition(" ")
    if kind == "divisor" and figure:
        return Cell(subject.divisors[(None, figure)], Look.NUMBER)
    value = _beside(subject, whole, kind, figure).value if figure else whole["counts"].get(name, 0)
    formula = f"=SUM({down(column, FIRST, index - 1)})" if index > FIRST else ""
    return Cell(value, Look.COUNT, formula)


def units(subject: Subject) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """Every row of the result with the row of the sheets it stands in, the city's own last."""
    rows: Sequence[Mapping[str, Any]] = (*subject.told["rows"], subject.told["whole"])
    return enumerate(rows, start=FIRST)
