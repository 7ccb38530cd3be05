"""Made-up evaluations, in the shape their route answers them; each sum adds up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Told = dict[str, Any]
NOW = 1_795_920_747_735
"""2026-11-29 10:52 in the city: the moment every made-up answer stands at."""
SPANS = {
    "month": (1_793_462_400_000, 1_796_054_400_000, "2026年11月", True),
    "2026-10": (1_790_784_000_000, 1_793_462_400_000, "2026年10月", False),
    "2026-09": (1_788_192_000_000, 1_790_784_000_000, "2026年9月", False),
    "today": (1_795_881_600_000, 1_795_968_000_000, "2026-11-29", True),
    "week": (1_795_363_200_000, 1_795_968_000_000, "2026年第48周", True),
    "quarter": (1_790_784_000_000, 1_798_732_800_000, "2026年第4季度", True),
}
KINDS = {"today": "day", "week": "week", "quarter": "quarter"}
CONVENTIONS = {
    "flow": ("按发生时间", "各数按自己的时间计入本期；待结案和超期未处置从上期转入。"),
    "cohort": ("按上报时间", "本期上报的案卷，看它们到统计时刻的结果。"),
    "due": ("按到期时间", "本期到期的案卷，加上期初仍未办结的旧案。"),
}
GRADES = [{"grade": grade, "from": least} for grade, least in (("A", 90), ("B", 75), ("C", 60), ("D", 40), ("E", 0))]

# key, name, group, filed, closed, closed on time, due for closing, rework, public, overdue, composite before
DISTRICTS = (
    ("370205", "四方区", "district", 1336, 1256, 1066, 1290, 61, 507, 14, 80.09),
    ("370203", "市北区", "district", 1698, 1646, 1449, 1777, 51, 681, 22, 60.66),
    ("370213", "李沧区", "district", 1043, 967, 821, 1118, 66, 390, 31, 44.69),
    ("370202", "市南区", "district", 2082, 1776, 1511, 2247, 83, 802, 118, 33.89),
    ("370211", "黄岛区", "district", 24, 19, 18, 21, 1, 9, 1, None),
)
NAMES = (
    *(
        "通信管线管理中心",
        "排水管理处",
        "自来水公司",
        "城市管理局",
        "园林绿化管理处",
        "市政工程养护管理处",
        "环境卫生管理处",
    ),
    *("供电公司", "燃气公司", "公安交警支队", "热电集团", "路灯管理处", "市场监督管理局", "公交集团"),
)


def departments() -> tuple[tuple[Any, ...], ...]:
    """28 of the city and 12 streets, the last ones with next to nothing."""
    rows = []
    for index in range(28):
        due = 640 - 22 * index if index < 26 else 12
        closed, late = due * (95 - (index * 7) % 31) // 100, (index * 5) % 9
        filed = due + index % 9
        name = f"青岛市{NAMES[index % len(NAMES)]}{'' if index < len(NAMES) else '二所'}"
        rows.append(
            (
                f"3702-{index:02d}",
                name,
                "city",
                filed,
                closed,
                closed - late,
                due,
                index % 13,
                filed // 3,
                index % 7,
                71.5,
            )
        )
    rows += [
        (f"3702-s{i:02d}", f"第{i + 1}街道办事处", "street", i * 4, i * 3, i * 2, i * 4, 0, i, 0, None)
        for i in range(12)
    ]
    return tuple(rows)


def evaluation(asked: Mapping[str, str], composite_of: Mapping[str, float]) -> Told:
    """The answer to a question; `composite_of` overrides what units came to."""
    target, name = asked["object"], asked.get("period", "month")
    start, end, label, running = SPANS.get(name, SPANS["month"])
    convention = asked.get("convention", "flow")
    units = DISTRICTS if target == "district" else departments() if target == "department" else ()
    span = {"start": str(start), "end": str(min(end, NOW))}
    rows = ranked([_row(unit, target, span, composite_of) for unit in units] if name != "2026-09" else [])
    period = {"kind": KINDS.get(name, "month"), "from": start, "to": end, "label": label, "running": running}
    groups = {"city": "市级部门", "street": "街道办事处", "district": "区域（区）"}
    return {
        "object": target,
        "object_label": {"district": "区域（区）", "department": "部门"}.get(target, "岗位"),
        "period": period | {"previous": {"label": "上一期"}, "locked": None, "corrections": []},
        "convention": {"key": convention, "label": CONVENTIONS[convention][0], "note": CONVENTIONS[convention][1]},
        "as_of": min(end, NOW),
        "scheme": _scheme(target),
        "schemes": [{"id": target, "version": 1, "name": "区域评价（区）", "standard": True}],
        "groups": [{"key": key, "label": groups.get(key, key)} for key in dict.fromkeys(row["group"] for row in rows)],
        "rows": rows,
        "whole": _row(_city(units if name != "2026-09" else ()), target, span, {}) | {"ranked": False},
        "rates": [
            {"key": "on_time_closing", "label": "按期结案率", "formula": "按期结案数/应结案数"},
            {"key": "rework", "label": "返工率（占应结案）", "formula": "返工数/应结案数"},
        ],
        "unmeasured": [{"key": "satisfaction", "label": "满意率", "reason": "案卷记录里只有是否回访，没有回访结果。"}],
        "problems": [],
    }


def _scheme(target: str) -> Told:
    items = [
        {
            "key": "complaint",
            "label": "监督举报率",
            "weight": 10,
            "formula": "公众举报立案数/立案数",
            "rule_text": "100 减比率",
        },
        {
            "key": "filed",
            "label": "立案",
            "weight": 20,
            "formula": "立案（每网格每月）",
            "rule_text": "≤0 → 100 · ≤2 → 90",
        },
        {"key": "closing", "label": "结案率", "weight": 30, "formula": "结案数/应结案数", "rule_text": "按比率计分"},
        {
            "key": "on_time_closing",
            "label": "按期结案率",
            "weight": 40,
            "formula": "按期结案数/应结案数",
            "rule_text": "按比率计分",
        },
    ]
    about = {"id": target, "version": 1, "name": "区域评价（区）", "standard": True, "valid_from": "2000-01-01"}
    more = {"valid_to": None, "min_sample": 30, "most": 100, "extras": [], "grades": GRADES}
    return about | more | {"items": items}


def _row(unit: tuple[Any, ...], target: str, span: Told, composite_of: Mapping[str, float]) -> Told:
    key, name, group, filed, closed, on_time, due, rework, public, overdue, before = unit
    lists = {"target": target, "key": key, "span": span}
    items = [
        _rate("complaint", public, filed, 10, None, _list("filed", lists), inverse=True),
        _steps(filed, _list("filed", lists)),
        _rate("closing", closed, due, 30, _list("closed", lists), _list("due_closing", lists)),
        _rate("on_time_closing", on_time, due, 40, _list("on_time_closed", lists), _list("due_closing", lists)),
    ]
    made = round(sum(item["score"] * item["used_weight"] for item in items) / 100, 2) if due else None
    composite = composite_of.get(key, made)
    rates = {"on_time_closing": share(on_time, due), "rework": share(rework, due)}
    return {
        "key": key,
        "name": name,
        "group": group,
        "n": due,
        "ranked": due >= 30,
        "composite": composite,
        "grade": None if composite is None else next(g["grade"] for g in GRADES if composite >= g["from"]),
        "grade_before": "C",
        "composite_before": before,
        "change": None if composite is None or before is None else round(composite - before, 2),
        "items": items,
        "extras": [],
        "rates": rates,
        "counts": {"overdue_undisposed": overdue, "filed": filed, "closed": closed},
    }


def share(numerator: int, denominator: int) -> Told:
    value = numerator / denominator if denominator else None
    return {"numerator": numerator, "denominator": denominator, "value": value}


def _rate(key: str, part: int, whole: int, weight: int, parts: Told, wholes: Told, *, inverse: bool = False) -> Told:
    found = share(part, whole)
    names = {"complaint": "监督举报率", "closing": "结案率", "on_time_closing": "按期结案率"}
    percent = 100 * (found["value"] or 0)
    score = 100 - percent if inverse else percent
    told = {
        "key": key,
        "label": names[key],
        "weight": weight,
        "used_weight": weight,
        "score": round(score, 4),
        "reason": "",
    }
    return told | found | {"cases": {"numerator": parts, "denominator": wholes}}


def _steps(filed: int, cases: Told) -> Told:
    told = {"key": "filed", "label": "立案", "value": round(filed / 1022, 3), "numerator": filed, "denominator": None}
    return told | {
        "weight": 20,
        "used_weight": 20,
        "score": 90.0,
        "reason": "",
        "cases": {"numerator": cases, "denominator": None},
    }


def _list(count: str, lists: Told) -> Told:
    unit = {lists["target"]: lists["key"]} if lists["key"] else {}
    return {"count": count} | lists["span"] | unit


def ranked(rows: list[Told]) -> list[Told]:
    """Groups together, the best first; equals are not among made-up rows."""
    placed = []
    for group in dict.fromkeys(row["group"] for row in rows):
        members = [row for row in rows if row["group"] == group]
        best = sorted((row for row in members if row["ranked"]), key=lambda row: -row["composite"])
        placed += [row | {"rank": n + 1, "rank_before": (n + 2) % 3 + 1} for n, row in enumerate(best)]
        placed += [row | {"rank": None, "rank_before": None} for row in members if not row["ranked"]]
    return placed


def _city(units: Iterable[tuple[Any, ...]]) -> tuple[Any, ...]:
    columns = list(zip(*[unit[3:10] for unit in units], strict=True)) or [(0,)] * 7
    return ("", "全市", "", *(sum(column) for column in columns), 52.18)
