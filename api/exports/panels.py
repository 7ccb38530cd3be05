"""Sections of a report out of the panels beside the evaluation: where time goes, what waits, the gap, credibility."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from api.exports.paper import Bar, Block, Column, Line, Section, Shade, Table, Text
from api.exports.words import duration, number, percent
from domain.evaluation.scheme_rows import MIN_SAMPLE
from runtime.i18n import t

MOST_GAPS = 12
MOST_OUTLIERS = 10

Answer = Mapping[str, Any]


def sections(panels: Mapping[str, Answer]) -> list[Section]:
    """A section for each panel; one that cannot answer says so."""
    makers: dict[str, tuple[str, Callable[[Answer], Sequence[Block]]]] = {
        "times": (t("各环节用时"), times),
        "ageing": (t("积压时长"), ageing),
        "gap": (t("到 90% 的差距"), gap),
        "credibility": (t("可信度"), credibility),
    }
    waiting = [Text(t("历史数据正在准备，本节暂缺；稍后重新生成即可得到。"), faint=True)]
    return [Section(title, make(panels[name]) if name in panels else waiting) for name, (title, make) in makers.items()]


def _whole(rows: Sequence[Answer]) -> Answer | None:
    return next((row for row in rows if row.get("whole")), None)


def times(answer: Answer) -> list[Block]:
    """Median and ninth decile of each step, the city as a whole."""
    whole = _whole(answer["rows"])
    found = {step["state"]: step for step in (whole or {}).get("steps", ()) if step["n"]}
    if not found:
        return [Text(t("本期没有走完的环节。"))]
    most = max(step["p90_ms"] for step in found.values()) or 1
    columns = [
        *(Column(t("环节"), 20), Column(t("件数"), 8, number=True), Column(t("中位"), 11, number=True)),
        *(Column(t("第90百分位"), 11, number=True), Column(t("规定时限"), 10, number=True)),
        *(Column(t("中位较上期"), 13, number=True), Column(t("中位（深）与第90百分位（浅）"), 27)),
    ]
    lines = [_step(step, found[step["state"]], most) for step in answer["steps"] if step["state"] in found]
    return [Table(columns, lines), Text(answer["rule"], faint=True)]


def _step(step: Answer, spent: Answer, most: float) -> Line:
    limit = step["limit_ms"]
    late = t("{limit} 超") if spent["beyond_limit"] else "{limit}"
    bar = Bar([(0, spent["p90_ms"] / most, Shade.LIGHT), (0, spent["median_ms"] / most, Shade.DARK)])
    return Line(
        cells=[
            step["label"],
            number(spent["n"]),
            duration(spent["median_ms"]),
            duration(spent["p90_ms"]),
            late.format(limit=duration(limit)),
            _longer(spent["median_change_ms"]),
            bar,
        ],
        faint=spent["n"] < MIN_SAMPLE,
    )


def _longer(ms: float | None) -> str:
    if ms is None:
        return t("上期无数据")
    return ("▲ " if ms > 0 else "▼ " if ms < 0 else "＝ ") + duration(abs(ms))


def ageing(answer: Answer) -> list[Block]:
    """How long open cases have been open, the city as a whole."""
    whole = _whole(answer["rows"])
    if whole is None or not whole["open"]:
        return [Text(t("没有在办案卷。"))]
    bands = {band["key"]: band for band in whole["bands"]}
    most = max(band["open"] for band in bands.values()) or 1
    columns = [
        *(Column(t("已开"), 16), Column(t("在办"), 9, number=True), Column(t("未到期"), 9, number=True)),
        *(Column(t("已超期"), 9, number=True), Column(t("挂账"), 9, number=True)),
        Column(t("超期（深）· 挂账（中）· 未到期（浅）"), 48),
    ]
    lines = [
        Line(cells=[band["label"], *_numbers(bands[band["key"]]), _stack(bands[band["key"]], most)])
        for band in answer["bands"]
        if band["key"] in bands
    ]
    total = Line(cells=[t("合计"), *_numbers(whole), ""], strong=True)
    return [Table(columns, [*lines, total]), Text(answer["rule"], faint=True)]


def _numbers(row: Answer) -> list[str]:
    return [number(row[name]) for name in ("open", "in_time", "overdue", "suspended")]


def _stack(band: Answer, most: float) -> Bar:
    late = band["overdue"] / most
    waiting = late + band["suspended"] / most
    return Bar(
        [(0, late, Shade.DARK), (late, waiting, Shade.MIDDLE), (waiting, band["open"] / most, Shade.LIGHT)],
    )


def gap(answer: Answer) -> list[Block]:
    """Who makes up the distance to the target: a waterfall that adds up."""
    if answer["value"] is None:
        return [Text(t("本期没有应结案卷，没有差距可算。"))]
    head = t("{label} {value}（{numerator} / {denominator}），离 {target} 差 {gap} 件。").format(
        label=answer["label"],
        value=percent(answer["value"]),
        numerator=number(answer["numerator"]),
        denominator=number(answer["denominator"]),
        target=percent(answer["target"]),
        gap=number(answer["gap"], 1),
    )
    blocks: list[Block] = [Text(head)]
    for view in answer["views"]:
        blocks += [Text(view["label"]), _waterfall(view["rows"]), *_sentence(view["sentence"])]
    return blocks


def _sentence(words: str) -> list[Block]:
    return [Text(words)] if words else []


def _waterfall(rows: Sequence[Answer]) -> Table:
    shown = _folded(rows)
    low = min(0.0, *(min(row["from"], row["to"]) for row in shown))
    wide = max(0.0, *(max(row["from"], row["to"]) for row in shown)) - low or 1
    columns = [
        *(Column(t("名称"), 26), Column(t("结案 / 应结案"), 14, number=True), Column(t("比率"), 8, number=True)),
        *(Column(t("差距（件）"), 10, number=True), Column(t("累计"), 42)),
    ]
    return Table(columns, [_gap_line(row, low, wide) for row in shown])


def _gap_line(row: Answer, low: float, wide: float) -> Line:
    ends = sorted(((row["from"] - low) / wide, (row["to"] - low) / wide))
    total = row["kind"] == "total"
    shade = Shade.DARK if total else Shade.MIDDLE if row["to"] >= row["from"] else Shade.LIGHT
    of = f"{number(row['numerator'])} / {number(row['denominator'])}" if row.get("denominator") is not None else ""
    cells = [row["name"], of, percent(row["value"]) if of else "", number(row["gap"], 1)]
    return Line(cells=[*cells, Bar([(*ends, shade)], zero=-low / wide)], strong=total)


def _folded(rows: Sequence[Answer]) -> list[Answer]:
    """The largest ones, then all others in one, then the sum: the bars still join."""
    units, rest = [row for row in rows if row["kind"] == "unit"], [row for row in rows if row["kind"] != "unit"]
    if len(units) <= MOST_GAPS:
        return [*units, *rest]
    kept, folded = units[:MOST_GAPS], [*units[MOST_GAPS:], *(row for row in rest if row["kind"] == "others")]
    others = {
        "kind": "others",
        "name": t("其他 {number} 个").format(number=len(units) - MOST_GAPS) if len(folded) else "",
        "gap": sum(row["gap"] for row in folded),
        "from": folded[0]["from"],
        "to": folded[-1]["to"],
        "numerator": sum(row["numerator"] or 0 for row in folded),
        "denominator": sum(row["denominator"] or 0 for row in folded),
    }
    others["value"] = others["numerator"] / others["denominator"] if others["denominator"] else None
    return [*kept, others, *(row for row in rest if row["kind"] == "total")]


def credibility(answer: Answer) -> list[Block]:
    """Doubtful photos, checks that were done again, collectors whose checks look unlike all others'."""
    return [*_photos(answer["photos"]), *_rechecks(answer["rechecks"]), *_collectors(answer["collectors"])]


def _photos(photos: Answer) -> list[Block]:
    whole = _whole(photos["rows"])
    if whole is None or not whole["photos"]:
        return [Text(t("本期没有照片。"))]
    kinds = "，".join(f"{kind['label']} {whole['kinds'].get(kind['key'], 0)}" for kind in photos["kinds"])
    words = t("照片 {photos} 张，存疑 {doubted} 张（{share}）：{kinds}。").format(
        photos=number(whole["photos"]), doubted=number(whole["doubted"]), share=percent(whole["share"]), kinds=kinds
    )
    return [Text(words), Text(photos["rule"], faint=True)]


def _rechecks(rechecks: Answer) -> list[Block]:
    whole = _whole(rechecks["rows"])
    if whole is None or not whole["checks"]:
        return [Text(t("本期没有核查。"))]
    words = t(
        "核查 {checks} 次，不通过 {failed}（{share}）；结案满七天的 {passed} 件中又出问题 {back} 件（{back_share}）。"
    ).format(
        checks=number(whole["checks"]),
        failed=number(whole["failed"]),
        share=percent(whole["share_failed"]),
        passed=number(whole["passed"]),
        back=number(whole["came_back"]),
        back_share=percent(whole["share_came_back"]),
    )
    return [Text(words), Text(rechecks["rule"], faint=True)]


def _collectors(collectors: Answer) -> list[Block]:
    rows = collectors["rows"][:MOST_OUTLIERS]
    if not rows:
        return [Text(t("没有核查结果明显异常的采集员。"))]
    columns = [
        *(Column(t("采集员"), 18), Column(t("核查"), 8, number=True), Column(t("通过率"), 10, number=True)),
        *(Column(t("用时中位"), 12, number=True), Column(t("为何异常"), 52)),
    ]
    lines = [
        Line(cells=[r["name"], number(r["checks"]), percent(r["share_passed"]), duration(r["median_ms"]), r["why"]])
        for r in rows
    ]
    return [Table(columns, lines), Text(collectors["rule"], faint=True)]
