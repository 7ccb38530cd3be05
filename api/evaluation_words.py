"""An evaluation in words: names, formulas and rules beside the plain result, in the language of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.evaluation.measures import COUNT_WORDS, RATES, UNMEASURED
from domain.evaluation.scheme import Per, Rule, Target
from domain.evaluation.score import GRADES
from domain.evaluation.span import SpanKind
from domain.indicators import Convention
from domain.journal import moment
from domain.roles import Role
from domain.words import ROLES, text
from runtime.i18n import t

TARGETS: dict[Target, str] = {
    Target.DISTRICT: text("区域（区）"),
    Target.DEPARTMENT: text("部门"),
    Target.GRID: text("区域（单元网格）"),
    Target.COLLECTOR: ROLES[Role.COLLECTOR],
    Target.ACCEPTOR: ROLES[Role.ACCEPTOR],
    Target.SHIFT_LEADER: ROLES[Role.SHIFT_LEADER],
    Target.DISPATCHER: ROLES[Role.DISPATCHER],
}

CONVENTIONS: dict[Convention, tuple[str, str]] = {
    Convention.FLOW: (text("按发生时间"), text("各数按自己的时间计入本期；待结案和超期未处置从上期转入。")),
    Convention.COHORT: (text("按上报时间"), text("本期上报的案卷，看它们到统计时刻的结果。")),
    Convention.DUE: (text("按到期时间"), text("本期到期的案卷，加上期初仍未办结的旧案。")),
}

GROUPS: dict[str, str] = {
    "city": text("市级部门"),
    "district": text("区级部门"),
    "street": text("街道办事处"),
}

_PER: dict[str, str] = {Per.PERIOD: "", Per.MONTH: text("（每月）"), Per.GRID_MONTH: text("（每网格每月）")}
PACKAGED_NAMES = (
    *(text("区域评价（区）"), text("区域评价（单元网格）"), text("区域评价（二类区域单元网格）"), text("部门评价")),
    *(text("部门评价（返工占处置）"), text("部门加减分（示例）"), text("岗位评价（信息采集员）")),
    *(text("岗位评价（受理员）"), text("岗位评价（值班长）"), text("岗位评价（派遣员）")),
)
"""Names of the packaged schemes, which are data: a city's own names are shown as it wrote them."""

NOBODY = text("未归属")
WHOLE = text("全市")


def worded(result: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """The result with everything a page prints. What is kept stays as it was: words are added to a copy."""
    target = Target(result["object"])
    label, note = CONVENTIONS[Convention(result["convention"])]
    scheme = result["scheme"]
    return {
        **result,
        "object_label": t(TARGETS[target]),
        "period": _period(result["period"], zone),
        "convention": {"key": result["convention"], "label": t(label), "note": t(note)},
        "scheme": _scheme(scheme),
        "groups": [{"key": key, "label": _group(key, target)} for key in result["groups"]],
        "rows": [_row(row, scheme, NOBODY) for row in result["rows"]],
        "whole": _row(result["whole"], scheme, WHOLE),
        "rates": [_rate(name) for name in result["whole"]["rates"]],
        "unmeasured": [
            {"key": key, "label": t(name), "reason": t(reason)}
            for key, (name, reason) in UNMEASURED.items()
            if _named(key, result)
        ],
        "count_labels": {name: t(COUNT_WORDS[name]) for name in result["whole"]["counts"] if name in COUNT_WORDS},
    }


def _named(key: str, result: Mapping[str, Any]) -> bool:
    """Whether the unmeasured figure is shown somewhere in this result."""
    rows = (*result["scheme"]["items"], *result["scheme"]["extras"])
    return key in result["whole"]["rates"] or any(row["figure"] == key for row in rows)


def _group(key: str, target: Target) -> str:
    return t(GROUPS[key]) if target is Target.DEPARTMENT and key in GROUPS else t(TARGETS[target])


def _period(period: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    earlier = period["previous"]
    return {
        **period,
        "label": span_label(period, zone),
        "previous": {**earlier, "label": span_label(earlier, zone)},
    }


def span_label(span: Mapping[str, Any], zone: ZoneInfo) -> str:
    """How a period is called."""
    start, end = moment(span["from"]).astimezone(zone), moment(span["to"]).astimezone(zone)
    return _LABELS[SpanKind(span["kind"])](start, end)


def _week(start: datetime, _end: datetime) -> str:
    year, week, _ = start.isocalendar()
    return t("{year}年第{week}周").format(year=year, week=week)


_LABELS: dict[SpanKind, Callable[[datetime, datetime], str]] = {
    SpanKind.DAY: lambda start, _: f"{start:%Y-%m-%d}",
    SpanKind.WEEK: _week,
    SpanKind.MONTH: lambda start, _: t("{year}年{month}月").format(year=start.year, month=start.month),
    SpanKind.QUARTER: lambda start, _: t("{year}年第{quarter}季度").format(
        year=start.year, quarter=(start.month + 2) // 3
    ),
    SpanKind.YEAR: lambda start, _: t("{year}年").format(year=start.year),
    SpanKind.RANGE: lambda start, end: f"{start:%Y-%m-%d %H:%M} – {end:%Y-%m-%d %H:%M}",
}


def _scheme(scheme: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **scheme,
        "name": t(scheme["name"]),
        "grades": [{"grade": grade.value, "from": least} for grade, least in GRADES],
        "items": [
            {**item, "key": item["figure"], "label": figure_label(item["figure"])}
            | {"formula": _formula(item), "rule_text": _item_rule(item)}
            for item in scheme["items"]
        ],
        "extras": [
            {**extra, "key": extra["figure"], "label": figure_label(extra["figure"]), "rule_text": _extra_rule(extra)}
            for extra in scheme["extras"]
        ],
    }


def figure_label(figure: str) -> str:
    """The name of a rate or count."""
    if figure in RATES:
        return t(RATES[figure].label)
    return t(UNMEASURED[figure][0]) if figure in UNMEASURED else t(COUNT_WORDS[figure])


def _rate(name: str) -> dict[str, str]:
    return {"key": name, "label": figure_label(name), "formula": t(RATES[name].formula) if name in RATES else ""}


def _formula(item: Mapping[str, Any]) -> str:
    figure = item["figure"]
    if figure in RATES:
        return t(RATES[figure].formula)
    return figure_label(figure) + (t(_PER[item["per"]]) if item.get("per") in _PER and _PER[item["per"]] else "")


def _item_rule(item: Mapping[str, Any]) -> str:
    rule = Rule(item["rule"])
    if rule is Rule.RATE:
        return t("按比率计分")
    if rule is Rule.INVERSE:
        return t("100 减比率")
    if rule is Rule.THRESHOLD:
        return t("达到 {reach:g}% 得满分，每低一个百分点扣 {loss:g} 分").format(reach=item["reach"], loss=item["loss"])
    steps = " · ".join(f"≤{bound:g} → {score:g}" for bound, score in item["steps"])
    return steps + t(" · 以上 → {above:g}").format(above=item["above"])


def _extra_rule(extra: Mapping[str, Any]) -> str:
    points = extra["points"]
    if "reach" in extra:
        rule = t("达到 {reach:g}% 得 {points:g} 分，每低一个百分点少 {loss:g} 分")
        return rule.format(reach=extra["reach"], points=points, loss=extra["loss"])
    doubled = t("；领导、媒体和督办案卷加倍") if extra["double"] else ""
    return t("每次 {points:+g} 分").format(points=points) + doubled


def _row(row: Mapping[str, Any], scheme: Mapping[str, Any], nameless: str) -> dict[str, Any]:
    rules = {item["figure"]: item for item in scheme["items"]}
    extras = {extra["figure"]: extra for extra in scheme["extras"]}
    return {
        **row,
        "name": row["name"] or t(nameless),
        "items": [
            {**item, "label": figure_label(item["key"]), "formula": _formula(rules[item["key"]])}
            | {"reason": _reason(item)}
            for item in row["items"]
        ],
        "extras": [
            {**extra, "label": figure_label(extra["key"]), "rule": _extra_rule(extras[extra["key"]])}
            for extra in row["extras"]
        ],
    }


def _reason(item: Mapping[str, Any]) -> str:
    """Why there is only a "–"."""
    if item["score"] is not None:
        return ""
    return t(UNMEASURED[item["key"]][1]) if item["key"] in UNMEASURED else t("分母为零，权重由其他项目分担。")
