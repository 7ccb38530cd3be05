"""The credibility panel: doubtful photos, checks that did not hold, people who check unlike others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from api.evaluation_question import PanelQuestion, in_order, milliseconds_of
from data_access.evaluation.checks import Agreement, Checks, UnitChecks
from data_access.photo_doubts import Judged, PeriodPhotos, PhotoJudge
from domain.action import Action
from domain.credibility import (
    BY_CHANCE,
    CAME_BACK,
    DOUBT_WORDS,
    LEAST_CHECKS,
    SAME_PLACE_METRES,
    STRANGE_Z,
    Outlier,
    Strange,
    doubt_kinds,
    judge,
)
from domain.indicators import Dimension
from domain.words import text
from runtime.i18n import t

STRANGE_WORDS: dict[Strange, str] = {
    Strange.FAST: text("明显快于他人（z = {z}）"),
    Strange.ALL_PASSED: text("{n} 件全部通过"),
}


def credibility_panel(
    checks: Checks, photos: PhotoJudge, person: Callable[[str], str], asked: PanelQuestion
) -> dict[str, Any]:
    """Each part with its rule in words and its sample sizes."""
    return {
        "rule": t("以下是疑点，不是结论：由人查看后认定。"),
        "photos": _photos(photos.brought_in(asked.period), asked),
        "rechecks": _rechecks(checks, asked),
        "collectors": _collectors(checks, person, asked),
    }


def _photos(found: PeriodPhotos, asked: PanelQuestion) -> dict[str, Any]:
    """Departments answer for the photos of their feedback; districts for all that were taken there."""
    own = asked.by is Dimension.DEPARTMENT
    by_unit: dict[str, list[Judged]] = {}
    for one in found.judged:
        unit = one.case.department if own else one.case.district
        if asked.by is not Dimension.CITY and (not own or one.action is Action.FEED_BACK):
            by_unit.setdefault(unit or "", []).append(one)
    units = in_order(by_unit, {unit: len(judged) for unit, judged in by_unit.items()})
    return {
        "rule": t("照片疑点与案卷页所见相同；部门只计处置反馈的照片。没有时间或位置的照片不算疑点。"),
        "kinds": [{"key": kind.value, "label": t(label)} for kind, label in DOUBT_WORDS.items()],
        "judged": len(found.judged),
        "total": found.total,
        "rows": [asked.row("", whole=True) | _photo_row(found.judged)]
        + [asked.row(unit) | _photo_row(by_unit[unit]) for unit in units],
    }


def _photo_row(judged: Iterable[Judged]) -> dict[str, Any]:
    kinds = [doubt_kinds(one.flags) for one in judged]
    doubted = sum(bool(found) for found in kinds)
    numbers = Counter(kind for found in kinds for kind in found)
    return {
        "photos": len(kinds),
        "doubted": doubted,
        "share": doubted / len(kinds) if kinds else None,
        "kinds": {kind.value: numbers[kind] for kind in DOUBT_WORDS},
    }


def _rechecks(checks: Checks, asked: PanelQuestion) -> dict[str, Any]:
    whole = checks.agreement(asked.period, Dimension.CITY)
    rows = [asked.row("", whole=True) | _recheck_row(whole, "")]
    if asked.by is not Dimension.CITY:
        found = checks.agreement(asked.period, asked.by)
        done = {unit: one.checks for unit, one in found.checks.items()}
        units = in_order({*found.checks, *found.closed}, done)
        rows += [asked.row(unit) | _recheck_row(found, unit) for unit in units]
    return {
        "rule": t(
            "没有另行抽查，以事后是否翻案代替：返工后再核查仍不通过的；"
            "结案后 {days} 天内，{metres} 米内同类问题又上报的（{days} 天须已期满，期满在本期内）。"
        ).format(days=CAME_BACK.days, metres=round(SAME_PLACE_METRES)),
        "rows": rows,
    }


def _recheck_row(found: Agreement, unit: str) -> dict[str, Any]:
    one = found.checks.get(unit, UnitChecks(0, 0, 0, 0))
    closed, back = found.closed.get(unit, 0), found.came_back.get(unit, 0)
    return {
        "checks": one.checks,
        "failed": one.failed,
        "share_failed": _share(one.failed, one.checks),
        "second_checks": one.second,
        "second_failed": one.second_failed,
        "share_second_failed": _share(one.second_failed, one.second),
        "passed": closed,
        "came_back": back,
        "share_came_back": _share(back, closed),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _collectors(checks: Checks, person: Callable[[str], str], asked: PanelQuestion) -> dict[str, Any]:
    everybody = checks.checkers(asked.period)
    found = judge(everybody)
    return {
        "rule": t(
            "只看本期核查满 {n} 件的人。快：用时中位数的稳健 z（对数，中位数与 MAD）≤ {z}；"
            "全部通过：按全市通过率，这样的机会不到 {chance}%。"
        ).format(n=LEAST_CHECKS, z=STRANGE_Z, chance=round(BY_CHANCE * 100)),
        "people": len(everybody),
        "judged": found.judged,
        "median_ms": None if found.median is None else milliseconds_of(found.median),
        "pass_rate": found.pass_rate,
        "rows": [_outlier(one, person) for one in found.outliers],
    }


def _outlier(one: Outlier, person: Callable[[str], str]) -> dict[str, Any]:
    values = {"n": one.checker.checks, "z": "–" if one.z is None else f"{one.z:.1f}".replace("-", "−")}
    return {
        "who": one.checker.who,
        "name": person(one.checker.who),
        "checks": one.checker.checks,
        "passed": one.checker.passed,
        "share_passed": _share(one.checker.passed, one.checker.checks),
        "median_ms": milliseconds_of(one.checker.median),
        "z": one.z,
        "strange": [strange.value for strange in one.strange],
        "why": " · ".join(t(STRANGE_WORDS[strange]).format(**values) for strange in one.strange),
    }
