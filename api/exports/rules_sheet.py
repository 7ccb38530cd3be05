"""The scheme as a sheet: weights, steps, bonus rows and grades in cells of their own, for formulas to refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from api.evaluation_words import figure_label
from api.exports.sheets import Cell, Look, Sheet, at, down, texts
from api.exports.subject import Subject
from domain.evaluation.measures import COUNT_WORDS, RATES
from domain.evaluation.scheme import Rule
from runtime.i18n import t

WIDTHS = (12, 26, 12, 10, 52, 34, 22, 22, 11, 11)
_NUMBER, _SCORE, _REACH, _LOSS = 2, 3, 8, 9


@dataclass(slots=True)
class Rules:
    """Where each value of the scheme stands, as addresses for formulas of other sheets."""

    name: str
    sheet: Sheet = field(init=False)
    weights: dict[str, str] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)
    reach: dict[str, str] = field(default_factory=dict)
    loss: dict[str, str] = field(default_factory=dict)
    steps: dict[str, tuple[str, str]] = field(default_factory=dict)
    grades: dict[str, str] = field(default_factory=dict)
    min_sample: str = ""
    most: str = ""


def rules_sheet(subject: Subject) -> Rules:
    """The sheet, and where its values stand."""
    return _Maker(subject).made()


class _Maker:
    """Adds row after row, noting where each value came to stand."""

    def __init__(self, subject: Subject) -> None:
        self._scheme = subject.scheme
        self._rules = Rules(t("评价规则"))
        self._rows: list[list[Cell]] = [
            texts([t("评价规则"), "", subject.scheme_label], Look.TITLE),
            texts([t("有效期"), "", _validity(subject.scheme)], Look.NOTE),
            texts([t("本页的数值被“排名”页的公式引用：改一个权重或分档，得分随之重算。")], Look.NOTE),
        ]

    def made(self) -> Rules:
        self._items()
        self._steps()
        self._extras()
        self._grades()
        self._limits()
        self._rules.sheet = Sheet(name=self._rules.name, widths=WIDTHS, rows=self._rows)
        return self._rules

    def _head(self, *words: str) -> None:
        self._rows.append([])
        self._rows.append(texts(words, Look.HEAD))

    def _here(self, column: int) -> str:
        return at(len(self._rows), column, self._rules.name, fixed=True)

    def _items(self) -> None:
        self._head(
            *(t("区分"), t("指标"), t("权重"), "", t("计分规则"), t("公式")),
            *(t("分子"), t("分母"), t("达标线 %"), t("每点扣分")),
        )
        for item in self._scheme["items"]:
            key = item["figure"]
            self._rules.weights[key] = self._here(_NUMBER)
            limits = self._limits_of(item) if item["rule"] == Rule.THRESHOLD else []
            self._rows.append(
                [
                    *texts([t("指标"), item["label"]]),
                    Cell(item["weight"], Look.NUMBER),
                    Cell(""),
                    Cell(item["rule_text"], Look.LONG),
                    Cell(item["formula"], Look.LONG),
                    *texts(parts_in_words(key)),
                    *limits,
                ]
            )

    def _limits_of(self, row: Mapping[str, Any]) -> list[Cell]:
        self._rules.reach[row["figure"]] = self._here(_REACH)
        self._rules.loss[row["figure"]] = self._here(_LOSS)
        return [Cell(row["reach"], Look.NUMBER), Cell(row["loss"], Look.NUMBER)]

    def _steps(self) -> None:
        for item in self._scheme["items"]:
            if item["rule"] != Rule.STEPS:
                continue
            self._head(t("分档"), t("指标"), t("至（含）"), t("得分"))
            first = len(self._rows)
            for bound, score in item["steps"]:
                numbers = [Cell(bound, Look.NUMBER), Cell(score, Look.NUMBER)]
                self._rows.append([*texts([t("分档"), item["label"]]), *numbers])
            last = len(self._rows)
            self._rules.steps[item["figure"]] = (
                down(_NUMBER, first, last - 1, self._rules.name),
                down(_SCORE, first, last, self._rules.name),
            )
            above = [Cell(t("以上")), Cell(item["above"], Look.NUMBER)]
            self._rows.append([*texts([t("分档"), item["label"]]), *above])

    def _extras(self) -> None:
        if not self._scheme["extras"]:
            return
        self._head(
            *(t("区分"), t("加减分项"), t("分值"), "", t("计分规则"), ""),
            *(t("分子"), t("分母"), t("达标线 %"), t("每点扣分")),
        )
        for extra in self._scheme["extras"]:
            self._rules.points[extra["figure"]] = self._here(_NUMBER)
            limits = self._limits_of(extra) if "reach" in extra else []
            self._rows.append(
                [
                    *texts([t("加减分项"), extra["label"]]),
                    Cell(extra["points"], Look.NUMBER),
                    Cell(""),
                    Cell(extra["rule_text"], Look.LONG),
                    Cell(""),
                    *texts(parts_in_words(extra["figure"])),
                    *limits,
                ]
            )

    def _grades(self) -> None:
        self._head(t("评级"), "", t("综合分不低于"))
        for grade in self._scheme["grades"]:
            self._rules.grades[grade["grade"]] = self._here(_NUMBER)
            self._rows.append([Cell(grade["grade"], Look.LETTER), Cell(""), Cell(grade["from"], Look.NUMBER)])

    def _limits(self) -> None:
        self._head(t("其他"), "", t("数值"))
        self._rules.min_sample = self._here(_NUMBER)
        self._rows.append([Cell(t("参加排名的最少样本")), Cell(""), Cell(self._scheme["min_sample"], Look.NUMBER)])
        self._rules.most = self._here(_NUMBER)
        self._rows.append([Cell(t("综合分上限")), Cell(""), Cell(self._scheme["most"], Look.NUMBER)])


def parts_in_words(figure: str) -> tuple[str, str]:
    """Names of a figure's numerator and denominator; of a count its own name. Some rates share theirs with a count."""
    ratio = RATES.get(figure)
    if ratio is None:
        return figure_label(figure), ""
    return t(COUNT_WORDS[ratio.numerator]), t(COUNT_WORDS[ratio.denominator])


def _validity(scheme: Mapping[str, Any]) -> str:
    until = scheme["valid_to"]
    return t("{start} 起").format(start=scheme["valid_from"]) + (t("，至 {end} 前").format(end=until) if until else "")
