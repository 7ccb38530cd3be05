"""The sheets of an exported evaluation: summary, ranking, rates, counts, rules, corrections."""

from __future__ import annotations

from typing import Any

from api.exports.counts_sheet import FIRST, HEAD, Counted, counts_of, counts_sheet, group_label, units
from api.exports.ranking_sheet import GRADE, ranking_sheet, rate_formula
from api.exports.rules_sheet import rules_sheet
from api.exports.sheets import ABSENT, Cell, Look, Row, Sheet, at, down, texts
from api.exports.subject import Subject
from domain.evaluation.measures import UNMEASURED
from runtime.i18n import t

_RATES_LEFT = 2


def sheets(subject: Subject) -> list[Sheet]:
    """All sheets, in order."""
    counted, rules = counts_sheet(subject), rules_sheet(subject)
    ranking, rates = ranking_sheet(subject, counted, rules), _rates(subject, counted)
    return [
        _summary(subject, ranking, rates),
        ranking,
        rates,
        counted.sheet,
        rules.sheet,
        _corrections(subject),
    ]


def _rates(subject: Subject, counted: Counted) -> Sheet:
    told = subject.told
    known = [rate for rate in told["rates"] if rate["key"] not in UNMEASURED]
    rows: list[Row] = [
        texts([t("比率"), subject.title], Look.TITLE),
        texts([t("每个比率由“计数”页的两个数相除；没有分母的记“–”。")], Look.NOTE),
        texts(["", "", *(rate["formula"] for rate in known)], Look.NOTE),
        texts([t("名称"), t("分组"), *(rate["label"] for rate in known)], Look.HEAD),
    ]
    for index, row in units(subject):
        cells = texts([row["name"], group_label(row, told)])
        for rate in known:
            value = row["rates"].get(rate["key"], {}).get("value")
            formula = "=" + rate_formula(counted, rate["key"], index) if counts_of(rate["key"]) else ""
            cells.append(Cell(ABSENT if value is None else value, Look.RATE, formula))
        rows.append(cells)
    widths = (28, 13, *(13 for _ in known))
    return Sheet(name=t("比率"), widths=widths, rows=rows, head=HEAD, frozen=1, total=True, filtered=True)


def _summary(subject: Subject, ranking: Sheet, rates: Sheet) -> Sheet:
    rows: list[Row] = [
        texts([subject.title], Look.TITLE),
        *([texts([t("演示数据：部门、人员和案卷都是虚构的。")], Look.NOTE)] if subject.demo else []),
        [],
        *([Cell(label, Look.NOTE), Cell(value, Look.LONG)] for label, value in facts(subject)),
        [],
        *_weights(subject),
        [],
        *_headline(subject, rates),
        [],
        *_distribution(subject, ranking),
        [],
        *_limits(subject),
    ]
    return Sheet(name=t("总览"), widths=(26, 64, 12), rows=rows)


def facts(subject: Subject) -> list[tuple[str, str]]:
    """What one must know to defend a figure: whose, when, counted how, by which rules, made by whom."""
    told = subject.told
    period, earlier = told["period"], told["period"]["previous"]
    return [
        (t("城市"), subject.city),
        (t("对象"), told["object_label"]),
        (t("周期"), subject.period_label),
        (t("对比周期"), earlier["label"]),
        (t("口径"), t("{label}：{words}").format(label=told["convention"]["label"], words=told["convention"]["note"])),
        (t("方案"), subject.scheme_label),
        (t("统计时刻"), subject.local(told["as_of"])),
        (t("状态"), subject.state_label),
        (t("更正"), str(len(period["corrections"]))),
        (t("生成"), f"{subject.made.astimezone(subject.zone):%Y-%m-%d %H:%M} · {subject.made_by}"),
    ]


def _weights(subject: Subject) -> list[Row]:
    return [
        texts([t("指标"), t("公式"), t("权重")], Look.HEAD),
        *(
            [
                Cell(item["label"]),
                Cell(f"{item['formula']} · {item['rule_text']}", Look.LONG),
                Cell(item["weight"], Look.NUMBER),
            ]
            for item in subject.scheme["items"]
        ),
    ]


def _headline(subject: Subject, rates: Sheet) -> list[Row]:
    last = FIRST + len(subject.told["rows"])
    known = [rate for rate in subject.told["rates"] if rate["key"] not in UNMEASURED]
    whole = subject.told["whole"]["rates"]
    return [
        texts([t("全市比率"), t("公式"), t("数值")], Look.HEAD),
        *(
            [
                Cell(rate["label"]),
                Cell(_parts(rate["formula"], whole[rate["key"]]), Look.LONG),
                Cell(
                    ABSENT if whole[rate["key"]]["value"] is None else whole[rate["key"]]["value"],
                    Look.RATE,
                    "=" + at(last, _RATES_LEFT + index, rates.name),
                ),
            ]
            for index, rate in enumerate(known)
        ),
    ]


def _parts(formula: str, rate: Any) -> str:
    return f"{formula} = {rate['numerator']} / {rate['denominator']}"


def _distribution(subject: Subject, ranking: Sheet) -> list[Row]:
    rows = subject.told["rows"]
    last = FIRST + len(rows) - 1
    column = down(GRADE, FIRST, max(FIRST, last), ranking.name)
    return [
        texts([t("评级"), "", t("个数")], Look.HEAD),
        *(
            [
                Cell(grade["grade"], Look.LETTER),
                Cell(""),
                Cell(
                    sum(row["grade"] == grade["grade"] for row in rows),
                    Look.COUNT,
                    f'=COUNTIF({column},"{grade["grade"]}")' if rows else "",
                ),
            ]
            for grade in subject.scheme["grades"]
        ),
    ]


def _limits(subject: Subject) -> list[Row]:
    """What the figures cannot say."""
    told = subject.told
    lines = [*subject.unmeasured, *told["problems"]]
    if not told["rows"]:
        lines.append(t("本期没有可评价的对象。"))
    return [texts([t("说明") if not index else "", line], Look.LONG) for index, line in enumerate(lines)]


def _corrections(subject: Subject) -> Sheet:
    heads = (
        *(t("编号"), t("时间"), t("更正人"), t("名称")),
        *(t("原综合分"), t("原等级"), t("更正后综合分"), t("更正后等级"), t("原因"), t("封印")),
    )
    rows: list[Row] = [
        texts([t("更正"), "", subject.title], Look.TITLE),
        texts([t("锁定的结果不改写：更正另记一行，注明时间、人和原因。")], Look.NOTE),
        [],
        texts(heads, Look.HEAD),
    ]
    for one in subject.told["period"]["corrections"]:
        rows.append(
            [
                Cell(one["number"], Look.COUNT),
                *texts([subject.local(one["at"]), one["who_name"] or one["who"], one["name"]]),
                Cell(ABSENT if one["original"] is None else one["original"], Look.SCORE),
                Cell(one["original_grade"] or ABSENT, Look.LETTER),
                Cell(one["composite"], Look.SCORE),
                Cell(one["grade"], Look.LETTER),
                Cell(one["reason"], Look.LONG),
                Cell(t("相符") if one["intact"] else t("不符")),
            ]
        )
    if len(rows) == FIRST:
        rows.append(texts([t("本期没有更正。")], Look.NOTE))
    return Sheet(name=t("更正"), widths=(8, 17, 14, 28, 10, 8, 12, 10, 48, 8), rows=rows, head=HEAD)
