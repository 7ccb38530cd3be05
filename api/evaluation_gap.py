"""The waterfall: the gap to the target of a closing rate, by department, class and district, each adding up exactly."""

from __future__ import annotations

from typing import Any

from api.evaluation_desk import EvaluationDesk
from api.evaluation_question import PanelQuestion
from api.evaluation_words import CONVENTIONS, figure_label
from domain.case_query import CaseQuery
from domain.evaluation.histories import Judged
from domain.gap import TARGET, Bar, BarKind, Closed, explains_most, if_reached, percent_text, waterfall
from domain.indicators import FORMULA_TEXT, FORMULAS, Convention, Dimension, Rate, rate
from domain.words import text
from runtime.i18n import t

VIEWS: dict[Dimension, str] = {
    Dimension.DEPARTMENT: text("按部门"),
    Dimension.CLASS: text("按类别"),
    Dimension.DISTRICT: text("按区"),
}
QUERY_FIELDS = {Dimension.DEPARTMENT: "department", Dimension.CLASS: "class_code", Dimension.DISTRICT: "district"}
_TENTHS = TARGET.denominator


def gap_panel(desk: EvaluationDesk, asked: PanelQuestion, kind: Rate, judged: Judged) -> dict[str, Any]:
    """The gap and what explains it. Contributions are tenths of a case, exactly: 0.9·due − closed."""
    found = {by: _units(desk, by, kind, judged) for by in VIEWS}
    views = [_View(by, waterfall(units), asked, kind, judged) for by, units in found.items()]
    city = views[0].bars[-1].closed
    label, note = CONVENTIONS[judged.convention]
    return {
        "rule": t("差距 = 目标 × 应结案 − 已结案（件）；各单位之和恰等于全市。"),
        "rate": kind.value,
        "label": figure_label(kind.value),
        "formula": t(FORMULA_TEXT[kind]),
        "target": float(TARGET),
        "convention": {"key": judged.convention.value, "label": t(label), "note": t(note)},
        **_numbers(city),
        "sentence": views[0].sentence(),
        "views": [view.told() for view in views],
    }


def _units(desk: EvaluationDesk, by: Dimension, kind: Rate, judged: Judged) -> dict[str, Closed]:
    figures = {key: rate(kind, counts, judged.convention) for key, counts in desk.closed_base(by, judged).items()}
    return {key: Closed(figure.numerator, figure.denominator) for key, figure in figures.items()}


def _numbers(closed: Closed) -> dict[str, Any]:
    value = closed.value
    return {
        "numerator": closed.numerator,
        "denominator": closed.denominator,
        "value": None if value is None else float(value),
        "gap": closed.gap_tenths / _TENTHS,
    }


class _View:
    """One waterfall in words."""

    def __init__(self, by: Dimension, bars: tuple[Bar, ...], asked: PanelQuestion, kind: Rate, judged: Judged) -> None:
        self.by, self.bars, self._asked, self._kind, self._judged = by, bars, asked, kind, judged
        self._city = bars[-1].closed

    def told(self) -> dict[str, Any]:
        return {
            "by": self.by.value,
            "label": t(VIEWS[self.by]),
            "rows": [self._row(bar) for bar in self.bars],
            "sentence": self.sentence(),
        }

    def sentence(self) -> str:
        """The one unit that explains most, and what the city would gain if it came to the target."""
        city, leader = self._city.value, explains_most(self.bars)
        if city is None:
            return t("本期没有应结案的案卷。")
        if leader is None or (then := if_reached(self._city, leader.closed)) is None:
            return t("全市{rate}已达到 {target}%。").format(
                rate=figure_label(self._kind.value), target=percent_text(TARGET)
            )
        return t("若{unit}达到 {target}%，全市{rate}由 {now}% 升至 {then}%。").format(
            unit=self._asked.name(leader.key, by=self.by),
            target=percent_text(TARGET),
            rate=figure_label(self._kind.value),
            now=percent_text(city),
            then=percent_text(then),
        )

    def _row(self, bar: Bar) -> dict[str, Any]:
        reached = if_reached(self._city, bar.closed) if bar.kind is BarKind.UNIT else None
        return {
            "key": bar.key,
            "name": self._name(bar),
            "kind": bar.kind.value,
            "units": bar.units,
            **_numbers(bar.closed),
            "from": bar.start / _TENTHS,
            "to": bar.end / _TENTHS,
            "what_if": None if reached is None else float(reached),
            "cases": self._lists(bar),
        }

    def _name(self, bar: Bar) -> str:
        if bar.kind is BarKind.UNIT:
            return self._asked.name(bar.key, by=self.by)
        words = {
            BarKind.OTHERS: t("其他 {n} 个未达标"),
            BarKind.BEYOND: t("{n} 个已达标"),
            BarKind.TOTAL: t("全市"),
        }
        return words[bar.kind].format(n=bar.units)

    def _lists(self, bar: Bar) -> dict[str, dict[str, str] | None]:
        """The lists behind both numbers, where `/cases` knows them: of one unit or the whole, by time of happening."""
        alone = bar.kind in (BarKind.UNIT, BarKind.TOTAL)
        if self._judged.convention is not Convention.FLOW or not alone:
            return {"numerator": None, "denominator": None}
        unit = {} if bar.kind is BarKind.TOTAL else {QUERY_FIELDS[self.by]: bar.key}
        lists = zip(("numerator", "denominator"), FORMULAS[self._kind], strict=True)
        return {
            name: CaseQuery(
                count=count,
                start=self._judged.period.start,
                end=self._judged.at,
                **unit,  # type: ignore[arg-type]
            ).to_params()
            for name, count in lists
        }
