"""What the panels beside an evaluation are told: made up, in the shape their routes answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.fakes.evaluation_figures import DISTRICTS, NOW, SPANS, Told, departments, share

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
STEPS = [
    ("pending_acceptance", "上报→受理", "accept", "受理", 15 * MINUTE),
    ("pending_verify", "受理→核实", "accept", "受理", 30 * MINUTE),
    ("pending_filing", "核实→立案", "file", "立案", 15 * MINUTE),
    ("pending_dispatch", "立案→派遣", "dispatch", "派遣", 15 * MINUTE),
    ("dispatched", "派遣→签收", "dispose", "处置", None),
    ("disposing", "签收→反馈", "dispose", "处置", None),
    ("pending_check", "反馈→派核查", "check", "核查", 15 * MINUTE),
    ("checking", "派核查→核查", "check", "核查", 30 * MINUTE),
    ("pending_closing", "核查→结案", "close", "结案", 15 * MINUTE),
]
BANDS = ("<1 天", "1–3 天", "3–7 天", "7–15 天", "15–30 天", "30–90 天", ">90 天")


def alarm_rates() -> Told:
    """Alarm quality with one poor line."""
    acks = {level: {"raised": 0, "in_time": 0, "aim_seconds": None} for level in ("L2", "L3", "L4")}
    aims = {"per_ten_minutes": 1.0, "per_ten_minutes_most": 2.0, "peak_ten_minutes": 10.0, "flood_share": 0.01}
    return {
        "begins_at": SPANS["month"][0],
        "ends_at": NOW,
        "officers": 4,
        "raised": 1871,
        "per_ten_minutes": 1.24,
        "peak_ten_minutes": 9,
        "shares": {"L1": 0.04, "L2": 0.16, "L3": 0.55, "L4": 0.25},
        "flood_share": 0.003,
        "escalated": 6,
        "chattering": 0,
        "standing_long": 2,
        "acks": acks | {"L1": {"raised": 75, "in_time": 71, "aim_seconds": 60.0}},
        "aims": aims | {"standing_long": 5.0, "chattering": 0, "share_high": 0.05},
    }


def panel(name: str, asked: Mapping[str, str]) -> Told:
    """What a panel's route answers."""
    return _PANELS[name](asked) | {"as_of": NOW, "rule": "按期末状态统计。"}


def _units(asked: Mapping[str, str]) -> list[Told]:
    rows = departments() if asked.get("object") == "department" else DISTRICTS
    return [{"key": "", "name": "全市", "whole": True}, *({"key": r[0], "name": r[1], "whole": False} for r in rows)]


def _trend(asked: Mapping[str, str]) -> Told:
    lift = 0.0 if not asked.get("key") else 0.07
    months = []
    for back in range(11, -1, -1):
        at = SPANS["month"][0] - back * 30 * DAY
        closing, n = 0.905 - 0.032 * back + lift + 0.02 * (back % 3), 12 if back == 11 else 6400 - 97 * back
        both = {"closing": closing, "on_time_closing": closing - 0.08}
        shares = {
            key: {"numerator": round(v * n), "denominator": n, "value": round(v * n) / n} for key, v in both.items()
        }
        months.append({"kind": "month", "from": at, "to": at, "label": f"{11 - back + 1} 月", "n": n} | shares)
    return {"object": asked["object"], "key": asked.get("key", ""), "target": 0.9, "months": months}


def _times(asked: Mapping[str, str]) -> Told:
    rows = []
    for place, unit in enumerate(_units(asked)):
        steps = []
        for index, (state, *_, limit) in enumerate(STEPS):
            median = (7 if limit else 380) * MINUTE * (1 + index % 3) + place * MINUTE
            n = 6352 - 7 * index if unit["whole"] else max(4, 900 - 40 * place)
            before = {"n": n, "median_ms": median + 4 * MINUTE, "p90_ms": 4 * median}
            one = {"state": state, "n": n, "median_ms": median, "p90_ms": 4 * median + DAY * (state == "disposing")}
            steps.append(
                one
                | {
                    "before": before,
                    "median_change_ms": -4 * MINUTE,
                    "beyond_limit": bool(limit) and 4 * median > limit,
                }
            )
        rows.append(unit | {"steps": steps})
    keys = ("state", "label", "stage", "stage_label", "limit_ms")
    return {"steps": [dict(zip(keys, step, strict=True)) for step in STEPS], "rows": rows}


def _ageing(asked: Mapping[str, str]) -> Told:
    rows = []
    for place, unit in enumerate(_units(asked)):
        bands = []
        for index, whole in enumerate((410, 372, 260, 170, 140, 92, 18)):
            whole = whole if unit["whole"] else whole // (3 + place)
            overdue, suspended = whole * index // 14, whole // 30 if index > 2 else 0
            counts = {"open": whole, "in_time": whole - overdue - suspended, "overdue": overdue, "suspended": suspended}
            bands.append(counts | {"key": f"d{index}", "cases": {"open": {"count": "open"}}})
        sums = {key: sum(band[key] for band in bands) for key in ("open", "in_time", "overdue", "suspended")}
        rows.append(unit | sums | {"bands": bands})
    return {"bands": [{"key": f"d{index}", "label": label} for index, label in enumerate(BANDS)], "rows": rows}


def _pauses(asked: Mapping[str, str]) -> Told:
    kinds = [
        {"key": "suspended", "label": "挂账", "stands": True},
        {"key": "sent_back", "label": "退回后待重新派遣", "stands": True},
        {"key": "extension", "label": "延期申请待批", "stands": False},
    ]
    rows = []
    for place, unit in enumerate(_units({"object": "department"})):
        stood, spent = (1_120 - 25 * place) * HOUR, (8_480 - 100 * place) * HOUR
        shares = [
            {"key": "suspended", "cases": 17, "total_ms": stood * 3 // 4, "median_ms": 50 * HOUR, "share": 0.1},
            {"key": "sent_back", "cases": 62, "total_ms": stood // 4, "median_ms": 3 * HOUR, "share": 0.03},
            {"key": "extension", "cases": 9, "total_ms": 40 * HOUR, "median_ms": 4 * HOUR, "share": 0.005},
        ]
        rows.append(
            unit | {"cases": 79, "disposal_ms": spent, "stood_ms": stood, "share": stood / spent, "kinds": shares}
        )
    return {"kinds": kinds, "rows": rows}


def _credibility(asked: Mapping[str, str]) -> Told:
    names = (("reused", "重复使用"), ("place", "离现场超过50米"), ("time", "时间异常"), ("apart", "前后异地"))
    photos, checks = [], []
    for place, unit in enumerate(_units(asked)):
        n = 1200 if unit["whole"] else max(12, 300 - 30 * place)
        found = {"reused": 1, "place": 10, "time": 15, "apart": 4}
        photos.append(unit | {"photos": n, "doubted": 30, "share": 30 / n, "kinds": found})
        made = {"checks": 4 * n, "failed": n // 5, "second_checks": n // 5, "second_failed": n // 100}
        checks.append(unit | made | {"passed": 3 * n, "came_back": n // 40})
    why = "核查 88 次全部通过，用时中位 60 秒，比众人快得多"
    odd = {
        "who": "c001",
        "name": "王小明",
        "checks": 88,
        "passed": 88,
        "share_passed": 1.0,
        "median_ms": 60_000,
        "z": -4.2,
    }
    return {
        "photos": {"rule": "照片的疑点由系统判定。", "judged": 1200, "total": 1200, "rows": photos}
        | {"kinds": [{"key": key, "label": label} for key, label in names]},
        "rechecks": {"rule": "没有独立抽查，以再次核查和结案后同处再报代替。", "rows": checks},
        "collectors": {
            "rule": "稳健 z 小于 −3.5 的列出。",
            "judged": 214,
            "median_ms": 1_080_000,
            "rows": [odd | {"why": why}],
        },
    }


def _bottleneck(asked: Mapping[str, str]) -> Told:
    units, rows = _units(asked)[1:], []
    for index in range(min(9, len(units))):
        unit, step = units[index], STEPS[(5, 5, 7, 5, 3)[index % 5]]
        about = {
            "state": step[0],
            "label": step[1],
            "stage": step[2],
            "stage_label": step[3],
            "key": unit["key"],
            "name": unit["name"],
        }
        now = {
            "cases": 240 - 24 * index,
            "waited_ms": (900 - 70 * index) * HOUR,
            "overdue": 31,
            "yesterday": {"cases": 222},
        }
        past = {"spent_ms": (9100 - 700 * index) * HOUR, "share": 0.21 - 0.02 * index, "before": {"share": 0.19}}
        rows.append(
            about | now | past | {"last_week": {"cases": 250}, "cases_list": {"count": "open", "state": step[0]}}
        )
    sentence = f"{rows[0]['name']}“{rows[0]['label']}”积压最多：240 件，共等 37.5 天，其中超期 31 件。"
    return {
        "now": {"sentence": sentence, "rows": rows, "steps": []},
        "period": {"sentence": sentence, "rows": rows, "steps": []},
    }


def _gap(asked: Mapping[str, str]) -> Told:
    place = 4 if asked.get("rate", "closing") == "closing" else 5
    units = sorted(departments(), key=lambda unit: unit[place] - 0.9 * unit[6])
    views = [
        {"by": by, "label": "", "rows": _fall(units, place), "sentence": _what_if(units, place)}
        for by in ("department", "class")
    ]
    part, whole = sum(unit[place] for unit in units), sum(unit[6] for unit in units)
    head = {
        "rate": asked.get("rate", "closing"),
        "label": "结案率" if place == 4 else "按期结案率",
        "target": 0.9,
        "sentence": "",
    }
    return head | share(part, whole) | {"gap": (9 * whole - 10 * part) / 10, "views": views}


def _fall(units: list[tuple[Any, ...]], place: int) -> list[Told]:
    """Those below the target one by one, those beyond it together, the sum."""
    rows, reached = [], 0
    for unit in (one for one in units if _short(one, place) > 0):
        gap = _short(unit, place)
        about = {"key": unit[0], "name": unit[1], "kind": "unit", "units": 1, "what_if": 0.88, "cases": None}
        ends = {"gap": gap / 10, "from": reached / 10, "to": (reached + gap) / 10}
        rows.append(about | share(unit[place], unit[6]) | ends)
        reached += gap
    better = [one for one in units if _short(one, place) <= 0]
    gap = sum(_short(one, place) for one in better)
    about = {"key": "", "name": f"{len(better)} 个已达标", "kind": "beyond", "units": len(better), "what_if": None}
    parts = share(sum(one[place] for one in better), sum(one[6] for one in better))
    rows.append(about | parts | {"gap": gap / 10, "from": reached / 10, "to": (reached + gap) / 10, "cases": None})
    whole = share(sum(one[place] for one in units), sum(one[6] for one in units))
    ends = {"gap": (reached + gap) / 10, "from": 0.0, "to": (reached + gap) / 10}
    return [
        *rows,
        {"key": "", "name": "全市", "kind": "total", "units": 1, "what_if": None, "cases": None} | whole | ends,
    ]


def _short(unit: tuple[Any, ...], place: int) -> int:
    return 9 * unit[6] - 10 * unit[place]


def _what_if(units: list[tuple[Any, ...]], place: int) -> str:
    part, whole = sum(unit[place] for unit in units), sum(unit[6] for unit in units)
    best = units[0]
    then = (part - best[place] + 0.9 * best[6]) / whole
    return f"若 {best[1]} 达到 90.0%，全市由 {100 * part / whole:.1f}% 升至 {100 * then:.1f}%。"


_PANELS = {
    "trend": _trend,
    "times": _times,
    "ageing": _ageing,
    "pauses": _pauses,
    "credibility": _credibility,
    "bottleneck": _bottleneck,
    "gap": _gap,
}
