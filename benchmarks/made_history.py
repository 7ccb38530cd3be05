"""Made-up versions of cases in the form of the columnar copy: five steps a case over three years, into one file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from data_access.history.engine import Bounds, connect
from data_access.history.rows import CASE_FIELDS, SCHEMA
from data_access.history.steps import STEP_FIELDS, limit_ms, packed
from domain.evaluation.histories import Step
from domain.journal import milliseconds

NOW = datetime(2026, 11, 1, tzinfo=UTC)
YEARS = timedelta(days=3 * 365)
BOUNDS = Bounds(memory_mb=1024, threads=2)


def make_rows(file: Path, count: int) -> None:
    """Versions of `count` cases, up to now, by DuckDB alone: a generator in Python would take hours for the largest."""
    begin, every = milliseconds(NOW - YEARS), YEARS / timedelta(milliseconds=1) / count
    minutes = "({} + random() * {}) * 60000"
    steps = {
        "filed_at": f"reported_at + {minutes.format(3, 25)}",
        "dispatched_at": f"filed_at + {minutes.format(2, 20)}",
        "disposed_at": "dispatched_at + hours * 3600000 * (0.1 + 1.2 * random())",
        "closed_at": f"disposed_at + {minutes.format(20, 2000)}",
    }
    made = f"""SELECT i AS case_id, ({begin} + i * {every})::BIGINT AS reported_at, random() < 0.04 AS refused,
        random() < 0.05 AS failed, [2, 8, 24, 72][1 + (random() * 3.99)::INT % 4] AS hours,
        '37020' || (2 + (random() * 5)::INT) AS district, 'D' || lpad(((random() * 131)::INT)::VARCHAR, 3, '0') AS unit,
        'E' || lpad(((random() * 91)::INT)::VARCHAR, 4, '0') AS class_code,
        'G' || lpad(((random() * 4736)::INT)::VARCHAR, 5, '0') AS grid FROM range({count}) AS r(i)"""
    for name, at in steps.items():
        made = f"SELECT *, ({at})::BIGINT AS {name} FROM ({made})"
    versions = " UNION ALL ".join(_version(number) for number in range(5))
    with connect(BOUNDS, file.parent / "spill") as db:
        db.execute(f"COPY (WITH made AS MATERIALIZED ({made}) {versions}) TO '{file}' (FORMAT parquet)")


_STATES = ("pending_filing", "pending_dispatch", "disposing", "pending_check", "closed")
_ACTIONS = ("file", "dispatch", "feed_back", "pass_check", "")
_ROLES = ("shift_leader", "dispatcher", "department", "collector", "")
_AT = ("reported_at", "filed_at", "dispatched_at", "disposed_at", "closed_at")


def _steps(number: int) -> dict[str, str]:
    """What a case's entries came to so far: filed, dispatched and checked once, in time or not."""
    done = {
        Step.FILING: ("filed_at - reported_at", 1),
        Step.DISPATCH: ("dispatched_at - filed_at", 2),
        Step.CHECK: ("closed_at - disposed_at", 4),
    }
    acts = ["0"]
    for step, (spent, since) in done.items():
        if number >= since:
            late, kept = packed({step: 1}), packed({step: 1}, {step: 1})
            acts += [f"CASE WHEN {spent} <= {limit_ms(step)} THEN {kept} ELSE {late} END"]
    acts += [str(packed({}, right=1))] if number >= 2 else []
    return dict.fromkeys(STEP_FIELDS, "NULL") | {
        "began_at": "reported_at",
        "acts": " + ".join(acts),
        "failures": "0",
        "sent_from": "2" if number >= 2 else "NULL",
        "reported_by": "'a' || (case_id % 500)",
        "reporter_role": "'collector'",
        "verified_by": "'v' || (case_id % 20)",
        "verifier_role": "'acceptor'",
    }


def _version(number: int) -> str:
    """One step of all cases: its row holds until the next step, if that has happened by now."""
    now, at = milliseconds(NOW), _AT[number]
    following = _AT[number + 1] if number < 4 else "NULL"
    known = dict.fromkeys(CASE_FIELDS, "NULL") | {
        "case_no": "'M' || lpad(case_id::VARCHAR, 9, '0')",
        "version": str(number + 1),
        "state": f"CASE WHEN refused AND {number} = 1 THEN 'rejected' ELSE '{_STATES[number]}' END",
        "state_since": at,
        "source": "'collector'",
        "kind": "'event'",
        "severity": "'4'",
        "area_class": "1",
        "owner_level": "'city'",
        "accepted_at": "reported_at",
        "paused_seconds": "0",
    }
    known |= {name: name for name in ("district", "class_code", "grid", "reported_at")}
    known |= {
        name: name for name, since in (("filed_at", 1), ("dispatched_at", 2), ("disposed_at", 3)) if number >= since
    }
    known |= {"closed_at": "closed_at"} if number == 4 else {}
    known |= {"department": "unit", "deadline": "dispatched_at + hours * 3600000"} if number >= 2 else {}
    known |= {"last_failed_check_at": "CASE WHEN failed THEN disposed_at END"} if number == 4 else {}
    known |= {name: "0" for name in CASE_FIELDS if name.endswith("_count")}
    flags = ("supervised", "self_disposed", "timeout_exempt", "appealed", "called_back")
    known |= dict.fromkeys(flags, "FALSE")
    known |= _steps(number)
    until = f"CASE WHEN {following} < {now} AND NOT (refused AND {number} = 1) THEN {following} END"
    spans = {
        "case_id": "case_id",
        "since": at,
        "until": until,
        "left_state": f"({until}) IS NOT NULL",
        "ended_by": f"'a' || ({number} * 100 + case_id % 60)",
        "ended_role": f"'{_ROLES[number]}'",
        "ended_action": f"CASE WHEN refused AND {number} = 0 THEN 'refuse_filing' ELSE '{_ACTIONS[number]}' END",
    }
    casts = {"int64": "BIGINT", "int32": "INTEGER", "bool": "BOOLEAN", "string": "VARCHAR", "double": "DOUBLE"}
    columns = ", ".join(
        f"({(spans | known)[field.name]})::{casts[str(field.type)]} AS {field.name}" for field in SCHEMA
    )
    return f"SELECT {columns} FROM made WHERE {at} < {now}" + (" AND NOT refused" if number > 1 else "")
