"""A daily, weekly or monthly report: what it says, in which order. The figures are those of `/api/v1/evaluation`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.exports import panels
from api.exports.paper import Block, Column, Figure, Figures, Line, Paper, Section, Table, Text, Trend
from api.exports.sheets import ABSENT
from api.exports.subject import Subject
from api.exports.words import moved, number, parts, percent
from domain.evaluation.measures import COUNT_WORDS, RATES, UNMEASURED, measure
from runtime.i18n import SOURCE_LANGUAGE, language, t

HEADLINE_RATES = ("closing", "on_time_closing", "disposal", "on_time_disposal", "rework")
HEADLINE_COUNTS = ("reported", "filed", "closed", "overdue_undisposed")
BAND = 0.9
"""Good cities close more than this share (domain sheet 6.9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a report shows beside the ranking.

    `before`: the city's counts in the like period before; `trend`: (label, counts of 6.1), oldest first; `panels`: the
    answers of the routes beside `/api/v1/evaluation` by their last word, without those that cannot answer now.
    """

    kind: str = ""
    before: Mapping[str, int] = field(default_factory=dict)
    trend: Sequence[tuple[str, Mapping[str, int]]] = ()
    panels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def report(subject: Subject, beside: Beside) -> Paper:
    """The whole report."""
    return Paper(
        title=_title(subject, beside.kind),
        author=subject.made_by,
        facts=_facts(subject),
        sections=[
            Section(t("主要指标"), _headline(subject, beside)),
            Section(t("趋势"), _trend(beside)),
            Section(t("排名"), ranking(subject)),
            *panels.sections(beside.panels),
            Section(t("口径与方案"), _notes(subject)),
        ],
        footer=subject.footer,
        mark=t("演示") if subject.demo else "",
        page=t("第 {page} 页 共 {pages} 页"),
        chinese=language.get() == SOURCE_LANGUAGE,
    )


def _title(subject: Subject, kind: str) -> str:
    names = {"daily": t("日报"), "weekly": t("周报"), "monthly": t("月报")}
    return t("{city}城市管理评价{kind}").format(city=subject.city, kind=names.get(kind, t("报告")))


def _facts(subject: Subject) -> list[tuple[str, str]]:
    made = f"{subject.made.astimezone(subject.zone):%Y-%m-%d %H:%M} · {subject.made_by}"
    return [
        (t("对象"), subject.told["object_label"]),
        (t("周期"), subject.period_label),
        (t("口径"), subject.told["convention"]["label"]),
        (t("方案"), subject.scheme_label),
        (t("统计时刻"), subject.local(subject.told["as_of"])),
        (t("状态"), subject.state_label),
        (t("生成"), made),
    ]


def _headline(subject: Subject, beside: Beside) -> list[Block]:
    whole, earlier = subject.told["whole"], subject.told["period"]["previous"]["label"]
    if not subject.told["rows"] or not any(whole["counts"].values()):
        return [Text(t("本期没有案卷。"))]
    rates = [name for name in HEADLINE_RATES if name in whole["rates"]] or [
        name for name in whole["rates"] if name not in UNMEASURED
    ]
    figures = [_rate(name, whole["rates"][name], beside.before) for name in rates]
    figures += [
        Figure(t(COUNT_WORDS[name]), number(whole["counts"].get(name, 0)), "", _more(name, whole, beside.before))
        for name in HEADLINE_COUNTS
        if name in whole["counts"]
    ]
    if subject.told["period"]["running"]:
        earlier = t("{earlier}同样长的一段").format(earlier=earlier)
    note = t("▲▼ 与{earlier}比较；比率的变化以百分点计。每个比率下是分子和分母。")
    return [Figures(figures), Text(note.format(earlier=earlier), faint=True)]


def _rate(name: str, rate: Mapping[str, Any], before: Mapping[str, int]) -> Figure:
    was = measure(name, before).value
    change = moved(_hundredfold(rate["value"]), _hundredfold(was), "")
    return Figure(t(RATES[name].label), percent(rate["value"]), parts(rate), change or t("上期无数据"))


def _hundredfold(value: Any) -> float | None:
    return None if value is None else float(value) * 100


def _more(name: str, whole: Mapping[str, Any], before: Mapping[str, int]) -> str:
    if not any(before.values()):
        return t("上期无数据")
    return moved(whole["counts"].get(name, 0), before.get(name, 0), "", 0)


def _trend(beside: Beside) -> list[Block]:
    if not any(any(counts.values()) for _, counts in beside.trend):
        return [Text(t("没有可画的往期数据。"))]
    labels = [label for label, _ in beside.trend]
    series = [(t(RATES[name].label), [_value(name, counts) for _, counts in beside.trend]) for name in _TRENDS]
    return [Trend(labels, series, BAND, t("好城市 90% 以上")), Text(t("全市，各期按期末时刻统计。"), faint=True)]


_TRENDS = ("closing", "on_time_closing")


def _value(name: str, counts: Mapping[str, int]) -> float | None:
    value = measure(name, counts).value
    return None if value is None else float(value)


def ranking(subject: Subject) -> list[Block]:
    """Groups one after the other; who has too few cases is grey and has no rank."""
    told, items = subject.told, subject.scheme["items"]
    if not told["rows"]:
        return [Text(t("本期没有可评价的对象。"))]
    columns = [
        *(Column(t("名次"), 7, number=True), Column(t("名称"), 26), Column(t("评级"), 7)),
        *(Column(t("综合分"), 11, number=True), Column(t("较上期"), 9, number=True)),
        *(Column(item["label"], 10, number=True) for item in items),
        Column(t("样本 n"), 7, number=True),
    ]
    lines = list[Line]()
    for group in (*told["groups"], {"key": "", "label": ""}):
        rows = [row for row in told["rows"] if row["group"] == group["key"]]
        if rows and group["label"] and len(told["groups"]) > 1:
            lines.append(
                Line(cells=[t("{group}（{number} 个）").format(group=group["label"], number=len(rows))], heading=True)
            )
        lines += [Line(cells=_cells(row), faint=not row["ranked"], grade=2) for row in rows]
    lines.append(Line(cells=_cells(told["whole"]), strong=True, grade=2))
    note = t("样本少于 {least} 的为灰色，不排名；“–”表示没有分母，权重由其他指标分担。")
    return [Text(note.format(least=subject.scheme["min_sample"]), faint=True), Table(columns, lines)]


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        number(row["rank"]),
        row["name"],
        row["grade"] or ABSENT,
        number(row["composite"], 2),
        moved(row["composite"], row["composite_before"], "", 2) or ABSENT,
        *(percent(item["value"]) if item["key"] in RATES else number(item["value"], 1) for item in row["items"]),
        number(row["n"]),
    ]


def _notes(subject: Subject) -> list[Block]:
    told = subject.told
    columns = [
        Column(t("指标"), 22),
        Column(t("权重"), 8, number=True),
        Column(t("公式"), 30),
        Column(t("计分规则"), 40),
    ]
    lines = [
        Line(cells=[item["label"], f"{item['weight']:g}%", item["formula"], item["rule_text"]])
        for item in subject.scheme["items"]
    ] + [
        Line(cells=[extra["label"], f"{extra['points']:+g}", t("加减分项"), extra["rule_text"]])
        for extra in subject.scheme["extras"]
    ]
    grades = " · ".join(f"{grade['grade']} ≥ {grade['from']}" for grade in subject.scheme["grades"])
    texts = [
        t("口径“{convention}”：{note}").format(convention=told["convention"]["label"], note=told["convention"]["note"]),
        t("方案：{scheme}；综合分上限 {most}；等级 {grades}。").format(
            scheme=subject.scheme_label, most=subject.scheme["most"], grades=grades
        ),
        t("统计时刻 {at}：此后的变化不计入。{state}。").format(
            at=subject.local(told["as_of"]), state=subject.state_label
        ),
        *subject.unmeasured,
        *told["problems"],
    ]
    return [Table(columns, lines), *(Text(words) for words in texts), *_corrections(subject)]


def _corrections(subject: Subject) -> list[Block]:
    found = subject.told["period"]["corrections"]
    if not found:
        return []
    columns = [
        *(Column(t("时间"), 16), Column(t("名称"), 24), Column(t("原综合分"), 10, number=True)),
        *(Column(t("更正后综合分"), 12, number=True), Column(t("原因"), 28), Column(t("更正人"), 10)),
    ]
    lines = [
        Line(
            cells=[
                subject.local(one["at"]),
                one["name"],
                f"{number(one['original'], 2)} {one['original_grade'] or ''}".strip(),
                f"{number(one['composite'], 2)} {one['grade']}",
                one["reason"],
                one["who_name"] or one["who"],
            ]
        )
        for one in found
    ]
    return [Text(t("更正")), Table(columns, lines)]
