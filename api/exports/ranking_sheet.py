"""The ranking as a sheet. Every figure in it is a formula over the counts and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.exports.counts_sheet import FIRST, HEAD, Counted, counts_of, divisor, group_label, is_weighted, units, weighted
from api.exports.rules_sheet import Rules
from api.exports.sheets import ABSENT, Cell, Look, Sheet, at, down, texts
from api.exports.subject import Subject
from domain.evaluation.measures import RATES, UNMEASURED
from domain.evaluation.scheme import Rule
from domain.evaluation.score import sample_counts
from runtime.i18n import t

RANK, NAME, GROUP, GRADE, COMPOSITE, CHANGE, SAMPLE, ITEMS = range(8)
_EACH = 3
"""Columns of an item: value, score, weight in use."""


@dataclass(frozen=True, slots=True)
class _Formulas:
    """The formulas of one ranking."""

    subject: Subject
    counted: Counted
    rules: Rules

    @property
    def items(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.subject.scheme["items"]
        return found

    @property
    def extras(self) -> Sequence[Mapping[str, Any]]:
        found: Sequence[Mapping[str, Any]] = self.subject.scheme["extras"]
        return found

    def column(self, item: int, part: int) -> int:
        return ITEMS + _EACH * item + part

    def extra_column(self, extra: int) -> int:
        return ITEMS + _EACH * len(self.items) + extra

    @property
    def before(self) -> int:
        """The first column of what was before."""
        return self.extra_column(len(self.extras))

    def value(self, item: Mapping[str, Any], row: int) -> str:
        figure = item["figure"]
        if figure in UNMEASURED:
            return ""
        measured = rate_formula(self.counted, figure, row) if figure in RATES else self.counted.address(figure, row)
        if item["rule"] != Rule.STEPS or not self.counted.has(divisor(figure)):
            return "=" + measured
        by = self.counted.address(divisor(figure), row)
        return f'=IF({by}=0,"{ABSENT}",{measured}/{by})'

    def score(self, item: Mapping[str, Any], index: int, row: int) -> str:
        figure, value = item["figure"], at(row, self.column(index, 0))
        if figure in UNMEASURED:
            return ""
        if item["rule"] == Rule.STEPS:
            bounds, scores = self.rules.steps[figure]
            return f'=IF(ISNUMBER({value}),INDEX({scores},1+SUMPRODUCT(--({bounds}<{value}))),"{ABSENT}")'
        percent = f"{value}*100"
        if item["rule"] == Rule.INVERSE:
            percent = f"100-{value}*100"
        if item["rule"] == Rule.THRESHOLD:
            percent = f"100-{self.rules.loss[figure]}*MAX(0,{self.rules.reach[figure]}-{value}*100)"
        return f'=IF(ISNUMBER({value}),MIN(100,MAX(0,{percent})),"{ABSENT}")'

    def used_weight(self, item: Mapping[str, Any], index: int, row: int) -> str:
        """An item without a value gives its weight to the others in proportion."""
        whole = "+".join(
            f"{self.rules.weights[other['figure']]}*ISNUMBER({at(row, self.column(number, 1))})"
            for number, other in enumerate(self.items)
        )
        own = at(row, self.column(index, 1))
        return f"=IF(ISNUMBER({own}),100*{self.rules.weights[item['figure']]}/({whole}),0)"

    def points(self, extra: Mapping[str, Any], row: int) -> str:
        figure = extra["figure"]
        if figure in UNMEASURED:
            return ""
        points = self.rules.points[figure]
        if "reach" in extra:
            rate = rate_formula(self.counted, figure, row)
            below = f"{self.rules.loss[figure]}*MAX(0,{self.rules.reach[figure]}-100*({rate}))"
            empty = self.counted.address(RATES[figure].denominator, row)
            return f'=IF({empty}=0,"{ABSENT}",MAX(0,{points}-{below}))'
        count = weighted(figure) if is_weighted(extra) else figure
        return f"={points}*{self.counted.address(count, row)}"

    def composite(self, row: int) -> str:
        judged = [at(row, self.column(index, 1)) for index, item in enumerate(self.items) if item["figure"] in RATES]
        if not judged:
            return ""
        parts = "+".join(
            f"{at(row, self.column(index, 2))}*N({at(row, self.column(index, 1))})" for index in range(len(self.items))
        )
        extras = "".join(f"+N({at(row, self.extra_column(index))})" for index in range(len(self.extras)))
        bounded = f"MIN({self.rules.most},MAX(0,({parts})/100{extras}))"
        return f'=IF(COUNT({",".join(judged)})=0,"{ABSENT}",ROUND({bounded},2))'

    def grade(self, row: int) -> str:
        composite = at(row, COMPOSITE)
        *better, worst = self.rules.grades
        letters = f'"{worst}"'
        for letter in reversed(better):
            letters = f'IF({composite}>={self.rules.grades[letter]},"{letter}",{letters})'
        return f'=IF(ISNUMBER({composite}),{letters},"{ABSENT}")'

    def rank(self, row: int, last: int) -> str:
        """Inside the group, among those with a sample; equals share a rank."""
        composite, sample, least = at(row, COMPOSITE), at(row, SAMPLE), self.rules.min_sample
        ahead = (
            f"COUNTIFS({down(GROUP, FIRST, last)},{at(row, GROUP)},{down(SAMPLE, FIRST, last)},"
            f'">="&{least},{down(COMPOSITE, FIRST, last)},">"&{composite})'
        )
        return f'=IF(AND(ISNUMBER({composite}),{sample}>={least}),1+{ahead},"{ABSENT}")'

    def sample(self, row: int) -> str:
        return "=" + "+".join(self.counted.address(name, row) for name in sample_counts(self.subject.target))

    def change(self, row: int) -> str:
        composite, earlier = at(row, COMPOSITE), at(row, self.before + 2)
        return f'=IF(AND(ISNUMBER({composite}),ISNUMBER({earlier})),ROUND({composite}-{earlier},2),"{ABSENT}")'


def rate_formula(counted: Counted, figure: str, row: int) -> str:
    """A rate by its two counts; without a denominator it has no value."""
    numerator, denominator = (counted.address(name, row) for name in counts_of(figure))
    return f'IF({denominator}=0,"{ABSENT}",{numerator}/{denominator})'


def ranking_sheet(subject: Subject, counted: Counted, rules: Rules) -> Sheet:
    """A row for each unit, the city's own last."""
    formulas = _Formulas(subject, counted, rules)
    corrections = _corrections(subject)
    last = FIRST + len(subject.told["rows"]) - 1
    rows: list[list[Cell]] = [
        texts([t("排名"), subject.title], Look.TITLE),
        texts([_note(subject)], Look.NOTE),
        [],
        texts(_head(formulas, corrections=bool(corrections)), Look.HEAD),
    ]
    for index, row in units(subject):
        cells = _row(formulas, row, index, last)
        rows.append([*cells, *([Cell(corrections.get(row["key"], ""))] if corrections else [])])
    widths = (7, 28, 13, 7, 9, 9, 9, *((10, 8, 8) * len(formulas.items)), *(10 for _ in formulas.extras), 8, 8, 9)
    return Sheet(
        name=t("排名"),
        widths=(*widths, 40) if corrections else widths,
        rows=rows,
        head=HEAD,
        frozen=2,
        total=True,
        grades=GRADE,
        filtered=True,
    )


def _note(subject: Subject) -> str:
    least = subject.scheme["min_sample"]
    return t("口径：{convention}。样本少于 {least} 的不排名；没有分母的指标记“–”，权重由其他指标分担。").format(
        convention=subject.told["convention"]["label"], least=least
    )


def _head(formulas: _Formulas, *, corrections: bool) -> list[str]:
    return [
        *(t("名次"), t("名称"), t("分组"), t("评级"), t("综合分"), t("较上期"), t("样本 n")),
        *(
            word.format(figure=item["label"])
            for item in formulas.items
            for word in ("{figure}", t("{figure}得分"), t("{figure}权重"))
        ),
        *(extra["label"] for extra in formulas.extras),
        *(t("上期名次"), t("上期等级"), t("上期综合分")),
        *((t("更正"),) if corrections else ()),
    ]


def _row(formulas: _Formulas, row: Mapping[str, Any], index: int, last: int) -> list[Cell]:
    rankable = bool(row["key"]) and index <= last
    cells = [
        Cell(_or_absent(row["rank"]), Look.LETTER, formulas.rank(index, last) if rankable else ""),
        Cell(row["name"]),
        Cell(group_label(row, formulas.subject.told)),
        Cell(_or_absent(row["grade"]), Look.LETTER, formulas.grade(index)),
        Cell(_or_absent(row["composite"]), Look.SCORE, formulas.composite(index)),
        Cell(_or_absent(row["change"]), Look.SCORE, formulas.change(index)),
        Cell(row["n"], Look.COUNT, formulas.sample(index)),
    ]
    for number, (item, found) in enumerate(zip(formulas.items, row["items"], strict=True)):
        look = Look.RATE if item["figure"] in RATES else Look.AMOUNT
        cells += [
            Cell(_or_absent(found["value"]), look, formulas.value(item, index)),
            Cell(_or_absent(found["score"]), Look.SCORE, formulas.score(item, number, index)),
            Cell(found["used_weight"], Look.NUMBER, formulas.used_weight(item, number, index)),
        ]
    for extra, given in zip(formulas.extras, row["extras"], strict=True):
        cells.append(Cell(_or_absent(given["points"]), Look.SCORE, formulas.points(extra, index)))
    before = (("rank_before", Look.LETTER), ("grade_before", Look.LETTER), ("composite_before", Look.SCORE))
    return cells + [Cell(_or_absent(row[name]), look) for name, look in before]


def _corrections(subject: Subject) -> dict[str, str]:
    """What was corrected since the lock, by unit; the newest counts."""
    words = t("更正为 {composite:.2f}（{grade}）：{reason}")
    return {one["key"]: words.format(**one) for one in subject.told["period"]["corrections"]}


def _or_absent(value: Any) -> Any:
    return ABSENT if value is None else value
