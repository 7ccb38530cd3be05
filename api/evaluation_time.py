"""The panels of time: how long each step took, how old open cases are, and what stood still."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from api.evaluation_question import PanelQuestion, in_order, milliseconds_of
from data_access.evaluation.case_time import SENT_BACK, STANDS, SUSPENDED, CaseTime, Pause, Pauses
from data_access.stay_times import StayTimes, StayTimeService
from domain.ageing import BANDS, Band, Standing
from domain.case import STAGE_OF, CaseState
from domain.case_query import CaseQuery, Count
from domain.indicators import Dimension
from domain.step_clock import STEP_WORDS, step_limit
from domain.transition import REQUEST_WORDS, Request
from domain.words import STAGES, text
from runtime.i18n import t

PAUSE_WORDS: Mapping[str, str] = {
    SUSPENDED: text("挂账"),
    SENT_BACK: text("回退后待重新派遣"),
    Request.SEND_BACK: REQUEST_WORDS[Request.SEND_BACK],
    Request.EXTENSION: REQUEST_WORDS[Request.EXTENSION],
    Request.SUSPENSION: REQUEST_WORDS[Request.SUSPENSION],
    Request.APPEAL: REQUEST_WORDS[Request.APPEAL],
    Request.APPEAL_SECOND: REQUEST_WORDS[Request.APPEAL_SECOND],
}


def times_panel(service: StayTimeService, asked: PanelQuestion) -> dict[str, Any]:
    """Each step's stays that ended in the period, and those of the period before."""
    now, before = (
        {(row.unit, row.state): row for row in _times(service, period.start, period.end, asked.by)}
        for period in (asked.period, asked.earlier)
    )
    whole = _city(service, asked, now), _city(service, asked, before, earlier=True)
    rows = [asked.row("", whole=True) | {"steps": _steps("", *whole)}]
    if asked.by is not Dimension.CITY:
        total: Counter[str] = Counter()
        for unit, state in now:
            total[unit] += milliseconds_of(now[unit, state].total)
        rows += [asked.row(unit) | {"steps": _steps(unit, now, before)} for unit in in_order(total, total)]
    return {
        "rule": t("每一步都是在本期内结束的停留；看中位数和九成，不看平均数。上期取同样长的一段。"),
        "steps": [step_words(state) | {"limit_ms": _limit(state)} for state in STEP_WORDS],
        "rows": rows,
    }


Times = Mapping[tuple[str, CaseState], StayTimes]


def _times(service: StayTimeService, start: Any, end: Any, by: Dimension) -> list[StayTimes]:
    return [row for row in service.times(start=start, end=end, by=by) if row.state in STEP_WORDS]


def _city(service: StayTimeService, asked: PanelQuestion, found: Times, *, earlier: bool = False) -> Times:
    """The whole city's: quantiles of parts make no quantile of the whole."""
    if asked.by is Dimension.CITY:
        return found
    period = asked.earlier if earlier else asked.period
    return {("", row.state): row for row in _times(service, period.start, period.end, Dimension.CITY)}


def step_words(state: CaseState) -> dict[str, Any]:
    """A step as it is called, and the stage of the loop it belongs to."""
    stage = STAGE_OF[state]
    return {
        "state": state.value,
        "label": t(STEP_WORDS[state]),
        "stage": stage.value if stage else None,
        "stage_label": t(STAGES[stage]) if stage else "",
    }


def _limit(state: CaseState) -> int | None:
    limit = step_limit(state)
    return None if limit is None else milliseconds_of(limit)


def _steps(unit: str, now: Times, before: Times) -> list[dict[str, Any]]:
    return [
        {"state": state.value} | _took(now.get((unit, state)), before.get((unit, state)), step_limit(state))
        for state in STEP_WORDS
        if (unit, state) in now or (unit, state) in before
    ]


def _took(now: StayTimes | None, before: StayTimes | None, limit: timedelta | None) -> dict[str, Any]:
    both = now is not None and before is not None
    return {
        **_quantiles(now),
        "total_ms": milliseconds_of(now.total) if now else 0,
        "beyond_limit": None if limit is None or now is None else now.p90 > limit,
        "before": _quantiles(before) if before else None,
        "median_change_ms": milliseconds_of(now.median - before.median) if now and before and both else None,
        "p90_change_ms": milliseconds_of(now.p90 - before.p90) if now and before and both else None,
    }


def _quantiles(row: StayTimes | None) -> dict[str, Any]:
    if row is None:
        return {"n": 0, "median_ms": None, "p90_ms": None}
    return {"n": row.number, "median_ms": milliseconds_of(row.median), "p90_ms": milliseconds_of(row.p90)}


def ageing_panel(case_time: CaseTime, asked: PanelQuestion) -> dict[str, Any]:
    """Open cases by age, as they stood at the period's end."""
    ages = case_time.ages(asked.at, asked.by)
    rows = [_age_row(asked, "", sum(ages.values(), Counter()), whole=True)]
    if asked.by is not Dimension.CITY:
        open_cases = {unit: number.total() for unit, number in ages.items()}
        rows += [_age_row(asked, unit, ages[unit]) for unit in in_order(ages, open_cases)]
    return {
        "rule": t("在办案卷，从上报起算；截至统计时刻。超期指超期未处置。"),
        "bands": [{"key": band.key, "label": t(band.label)} for band in BANDS],
        "rows": rows,
    }


def _age_row(asked: PanelQuestion, unit: str, found: Counter[tuple[str, Standing]], *, whole: bool = False) -> Any:
    bands = [_age_band(asked, unit, band, found, whole=whole) for band in BANDS]
    numbers = {name: sum(band[name] for band in bands) for name in ("open", *Standing)}
    return asked.row(unit, whole=whole) | {str(name): number for name, number in numbers.items()} | {"bands": bands}


def _age_band(asked: PanelQuestion, unit: str, band: Band, found: Mapping[Any, int], *, whole: bool) -> dict[str, Any]:
    numbers = {standing.value: found.get((band.key, standing), 0) for standing in Standing}
    first, last = band.reported(asked.at)
    query = CaseQuery(as_of=asked.at, reported_from=first, reported_to=last, **asked.asking(unit, whole=whole))  # type: ignore[arg-type]
    lists = {"open": Count.OPEN, "overdue": Count.OVERDUE_UNDISPOSED, "suspended": Count.SUSPENDED}
    told = {"open": sum(numbers.values()), **numbers}
    cases = {name: query.to_params() | {"count": count.value} if told[name] else None for name, count in lists.items()}
    return {"key": band.key, **told, "cases": cases | {"in_time": None}}


def pauses_panel(case_time: CaseTime, asked: PanelQuestion) -> dict[str, Any]:
    """What stood still or waited within the period: by district if asked so, else by department."""
    by = Dimension.DISTRICT if asked.by is Dimension.DISTRICT else Dimension.DEPARTMENT
    whole, found = case_time.pauses(asked.period, Dimension.CITY), case_time.pauses(asked.period, by)
    stood = {unit: _stood(found, unit) / timedelta(milliseconds=1) for unit in found.disposal}
    units = [unit for unit in in_order(stood, stood) if found.disposal[unit]]
    return {
        "rule": t("处置钟停住的时间看得见：挂账、回退后待派。申请待批时钟照走，另列；申诉在结案以后，不占处置时间。"),
        "kinds": [{"key": kind, "label": t(label), "stands": kind in STANDS} for kind, label in PAUSE_WORDS.items()],
        "rows": [asked.row("", whole=True) | _pause_row(whole, "")]
        + [asked.row(unit, by=by) | _pause_row(found, unit) for unit in units],
    }


def _stood(found: Pauses, unit: str) -> timedelta:
    return sum((one.total for one in found.kinds if one.unit == unit and one.kind in STANDS), timedelta())


def _pause_row(found: Pauses, unit: str) -> dict[str, Any]:
    disposal, stood = found.disposal.get(unit, timedelta()), _stood(found, unit)
    kinds = {one.kind: one for one in found.kinds if one.unit == unit}
    return {
        "cases": found.stood.get(unit, 0),
        "disposal_ms": milliseconds_of(disposal),
        "stood_ms": milliseconds_of(stood),
        "share": stood / disposal if disposal else None,
        "kinds": [_pause(kinds[kind], disposal) for kind in PAUSE_WORDS if kind in kinds],
    }


def _pause(one: Pause, disposal: timedelta) -> dict[str, Any]:
    return {
        "key": one.kind,
        "cases": one.cases,
        "total_ms": milliseconds_of(one.total),
        "median_ms": milliseconds_of(one.median),
        "share": one.total / disposal if disposal and one.kind in STANDS else None,
    }
