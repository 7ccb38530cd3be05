"""The command line's answers: questions and errands that need the stores but no running hall.

Every command gets the settings and its arguments, says what it did, and returns the exit code: 0 done, 1 something was
rejected or is wrong, with the fix on standard error. What goes wrong as a whole is raised and told by `app.main`.
"""

from __future__ import annotations

import asyncio
import getpass
import sys
from argparse import Namespace
from typing import Any

from api.case_json import case_json, entry_json
from api.kpi import kpi_answer, kpi_question
from api.problems import FieldProblem
from data_access.accounts import AccountRefused, AccountStore
from data_access.backup import back_up, restore
from data_access.case_files import CaseFileError
from data_access.case_import import import_cases
from data_access.case_mapping import MappingError, load_mapping
from data_access.city_files import CityFolderError
from data_access.city_import import import_city
from data_access.figures import FigureService
from data_access.hall import Hall, database_url, open_hall, open_history, redis_url
from data_access.journal_check import verify_journal
from data_access.passwords import PasswordRefused
from data_access.relay import waker
from data_access.replay import replay
from domain.roles import Role
from domain.worktime import CalendarError
from runtime.checks import start_checks
from runtime.clock import SystemClock
from runtime.console import complain, progress, say, show_json, show_table, stages
from runtime.settings import Settings
from runtime.supervision import stop_on_signals

REJECTED = 1
TROUBLE = (AccountRefused, PasswordRefused, CityFolderError, MappingError, CaseFileError, CalendarError, FieldProblem)
"""Errors of these commands whose text says what is wrong and what to do."""


# --- loading ----------------------------------------------------------------------------------------------------------


def do_import_city(settings: Settings, arguments: Namespace) -> int:
    """`import city DIR`."""
    hall = _opened(settings)
    with stages() as step:
        report = import_city(arguments.folder, hall.engine, progress=step)
    for line in report.lines():
        say(line)
    return REJECTED if report.rejected else 0


def do_import_cases(settings: Settings, arguments: Namespace) -> int:
    """`import cases FILE --mapping MAP.toml`."""
    hall = _opened(settings)
    mapping = load_mapping(arguments.mapping)
    with progress(arguments.file.name) as step:
        report = import_cases(arguments.file, mapping, hall.cases, progress=step)
    for line in report.lines():
        say(line)
    return REJECTED if report.rejected else 0


def do_replay(settings: Settings, arguments: Namespace) -> int:
    """`replay FILE --mapping MAP.toml --speed N`: until the file ends or Ctrl-C."""
    hall = _opened(settings)
    mapping = load_mapping(arguments.mapping)

    async def whole() -> int:
        stop = asyncio.Event()
        stop_on_signals(stop)
        with progress(arguments.file.name) as step:
            report = await replay(
                arguments.file,
                mapping,
                hall.cases,
                speed=arguments.speed,
                clock=SystemClock(),
                stop=stop,
                progress=step,
            )
        for line in report.lines():
            say(line)
        return REJECTED if report.rejected else 0

    return asyncio.run(whole())


# --- asking -----------------------------------------------------------------------------------------------------------


def do_kpi(settings: Settings, arguments: Namespace) -> int:
    """`kpi …`: the same numbers as `/api/v1/kpi`."""
    hall = _opened(settings)
    now = SystemClock().now()
    question = kpi_question(
        start=arguments.start,
        to=arguments.to,
        period=arguments.period,
        by=arguments.by,
        convention=arguments.convention,
        as_of=arguments.as_of,
        now=now,
        zone=hall.city.zone,
    )
    answer = kpi_answer(FigureService(hall.cases, open_history(settings, hall.engine)), question, now)
    if arguments.json:
        show_json(answer)
        return 0
    begins, ends = (at.astimezone(hall.city.zone) for at in (question.start, question.end))
    say(f"{begins:%Y-%m-%d %H:%M} – {ends:%Y-%m-%d %H:%M}, {question.convention}")
    show_table(
        ("", "filed", "closed", "due", "closing", "on time", "overdue", "rework"),
        [_kpi_row(row) for row in answer["rows"]],
    )
    return 0


def _kpi_row(row: dict[str, Any]) -> list[str]:
    counts, rates = row["counts"], row["rates"]
    return [
        row["key"] or "city",
        *(f"{counts[name]:,}" for name in ("filed", "closed", "due_closing")),
        _share(rates["closing"]),
        _share(rates["on_time_closing"]),
        f"{counts['overdue_undisposed']:,}",
        _share(rates["rework"]),
    ]


def _share(rate: dict[str, Any]) -> str:
    value = "–" if rate["value"] is None else f"{rate['value']:.1%}"
    return f"{value} ({rate['numerator']}/{rate['denominator']})"


def do_case(settings: Settings, arguments: Namespace) -> int:
    """`case NO`: one case and everything that happened to it."""
    hall = _opened(settings)
    case = hall.cases.get(arguments.case_no)
    if case is None:
        complain(f"There is no case {arguments.case_no}. Numbers look like {hall.city.number_prefix}2026080600001.")
        return REJECTED
    entries = hall.cases.history(case.case_no)
    if arguments.json:
        show_json(case_json(case, personal=True) | {"journal": [entry_json(entry, personal=True) for entry in entries]})
        return 0
    say(f"{case.case_no}  {case.state}  {case.class_code}  {case.address}")
    zone = hall.city.zone
    rows = [
        [str(e.version), f"{e.at.astimezone(zone):%Y-%m-%d %H:%M:%S}", e.action, e.actor, e.reason, e.hash[:12]]
        for e in entries
    ]
    show_table(("", "when", "what", "who", "reason", "hash"), rows)
    return 0


def do_verify_journal(settings: Settings, _arguments: Namespace) -> int:
    """`verify-journal`: walk every chain; name what was changed, removed or inserted."""
    hall = _opened(settings)
    with progress("journal") as step:
        report = verify_journal(hall.engine, step)
    for fault in report.faults:
        complain(f"{fault.case_no} v{fault.version or '–'} entry {fault.entry_id or '–'}: {fault.kind}: {fault.text}")
    say(f"{report.entries:,} entries of {report.cases:,} cases: {len(report.faults) or 'no'} faults")
    return REJECTED if report.faults else 0


def do_doctor(settings: Settings, _arguments: Namespace) -> int:
    """`doctor`: what is wrong here, and the fix."""
    findings = start_checks(data_dir=settings.data_dir, host=settings.host, port=settings.port)
    for finding in findings:
        say(("✗ " if finding.wrong else "✓ ") + str(finding))
    hall = _opened(settings)
    say(f"✓ database: {hall.engine.dialect.name}, {hall.cases.last_entry_id():,} journal entries")
    city = f"{hall.city.name}, " + ", ".join(f"{n:,} {table}" for table, n in hall.city_store.totals().items())
    say(f"✓ city: {city}" if hall.has_city else "✗ city: none. Load one with `citywall import city DIR`.")
    return REJECTED if any(finding.wrong for finding in findings) else 0


# --- people and copies ------------------------------------------------------------------------------------------------


def do_user(settings: Settings, arguments: Namespace) -> int:
    """`user add|password|disable NAME`."""
    accounts = AccountStore(_opened(settings).engine, now=SystemClock().now)
    if arguments.deed == "disable":
        accounts.disable(arguments.name)
    elif arguments.deed == "password":
        accounts.set_password(arguments.name, _asked_password())
    else:
        accounts.add(
            arguments.name,
            _asked_password(),
            role=Role(arguments.role_name),
            display_name=arguments.display_name,
            department=arguments.department,
            district=arguments.district,
        )
    say(f"{arguments.name}: done")
    return 0


def _asked_password() -> str:
    """From the terminal without echo, or the first line of standard input for scripts."""
    return getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def do_device(settings: Settings, arguments: Namespace) -> int:
    """`device add|revoke NAME`: a read-only screen that needs no login."""
    accounts = AccountStore(_opened(settings).engine, now=SystemClock().now)
    if arguments.deed == "revoke":
        accounts.revoke_device(arguments.name)
        say(f"{arguments.name}: revoked")
        return 0
    token = accounts.add_device(arguments.name)
    say(f"Open this once on the screen; it is shown only now:\nhttp://{settings.host}:{settings.port}/device/{token}")
    return 0


def do_backup(settings: Settings, arguments: Namespace) -> int:
    """`backup FILE`."""
    with progress("backup") as step:
        back_up(database_url(settings), settings.data_dir, arguments.file, progress=step)
    say(f"{arguments.file}: written")
    return 0


def do_restore(settings: Settings, arguments: Namespace) -> int:
    """`restore FILE`."""
    with progress("restore") as step:
        restore(arguments.file, database_url(settings), settings.data_dir, progress=step)
    say(f"{settings.data_dir}: restored from {arguments.file}")
    return 0


def _opened(settings: Settings) -> Hall:
    return open_hall(database_url(settings), on_commit=waker(redis_url(settings)))
