"""Command line entry: which role or errand, with which settings. What a role is made of stands in `roles`.

Imported by nobody. It loads one module a command and nothing else of the hall, so that `citywall --help` answers at
once and five roles can start side by side on two cores.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from domain.roles import NOT_PEOPLE, Role
from runtime.console import complain
from runtime.log import configure_log, redacted
from runtime.settings import SettingsError, load_settings

WRONG, INTERRUPTED = 1, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 wrong or rejected with the fix on standard error, 2 misused."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load_settings()
    except SettingsError as error:
        complain(str(error))
        return WRONG
    configure_log(level=settings.log_level, role=arguments.command)
    module = import_module(arguments.module)
    try:
        return int(getattr(module, arguments.function)(settings, arguments))
    except module.TROUBLE as error:  # its text says what is wrong and what to do; anything else is a fault of ours
        complain(redacted(str(error)))
        return WRONG
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="citywall", description="The command hall of a city's digital management centre.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_roles(commands)
    _add_loading(commands)
    _add_questions(commands)
    _add_keeping(commands)
    return parser


def _command(commands: Any, name: str, target: str, text: str) -> ArgumentParser:
    """A command that calls `target`, a ``module:function`` taking settings and arguments, giving the exit code."""
    module, function = target.split(":")
    parser: ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=name, module=module, function=function)
    return parser


def _add_roles(commands: Any) -> None:
    _command(commands, "run", "roles.whole:run", "everything on this machine, the demo city unless told otherwise")
    _command(commands, "web", "roles.web:run", "pages and HTTP alone")
    _command(commands, "live", "roles.live:run", "relay and board alone")
    _command(commands, "history", "roles.history:run", "the copy for figures of any period alone; one a machine")
    _command(commands, "video", "roles.video:run", "capture alone; any number share the cameras")
    _command(commands, "day", "roles.day:run", "the demo city's people alone")
    _command(commands, "streets", "roles.streets:run", "the demo city's cameras alone")


def _add_loading(commands: Any) -> None:
    importing = commands.add_parser("import", help="load a city folder or case history").add_subparsers(required=True)
    city = _command(importing, "city", "api.command_line:do_import_city", "load or update a city folder")
    city.add_argument("folder", type=Path, metavar="DIR")
    text = "load case history from CSV, JSON or Parquet (gz ok)"
    cases = _command(importing, "cases", "api.command_line:do_import_cases", text)
    playing = _command(commands, "replay", "api.command_line:do_replay", "the same history as live traffic")
    for parser in (cases, playing):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--mapping", type=Path, required=True, metavar="MAP.toml")
    playing.add_argument("--speed", type=_speed, default=1.0, help="times real time")


def _add_questions(commands: Any) -> None:
    kpi = _command(commands, "kpi", "api.command_line:do_kpi", "figures of a period, also as of a past moment")
    kpi.add_argument("--from", dest="start", default="", metavar="T", help="ISO 8601 or epoch ms")
    kpi.add_argument("--to", default="", metavar="T")
    kpi.add_argument("--period", default="", help="today, d7 or d30, instead of --from and --to")
    kpi.add_argument("--by", default="city", help="city, district, department, class or grid")
    kpi.add_argument("--convention", default="flow", help="flow, cohort or due")
    kpi.add_argument("--as-of", default="", metavar="T")
    cameras = _command(commands, "cameras", "roles.ask_cameras:run", "every camera, its state, since when, why")
    _add_trials(cameras)
    case = _command(commands, "case", "api.command_line:do_case", "one case and its journal")
    case.add_argument("case_no", metavar="NO")
    for parser in (kpi, cameras, case):
        parser.add_argument("--json", action="store_true", help="for programs")
    text = "learn from the journal what makes deadlines missed; the live role does it every night"
    training = _command(commands, "train-risk", "roles.train_risk:run", text)
    training.add_argument("--json", action="store_true", help="for programs")
    _command(commands, "verify-journal", "api.command_line:do_verify_journal", "walk the hash chain of every case")
    _command(commands, "doctor", "api.command_line:do_doctor", "what is wrong here, and the fix")


def _add_trials(cameras: ArgumentParser) -> None:
    trials = cameras.add_subparsers(metavar="discover|test")
    text = "ask the local network for cameras (ONVIF); prints rows for cameras.csv"
    finding = _command(trials, "discover", "roles.try_cameras:run_discover", text)
    finding.add_argument("--user", default="", help="account to ask them with; the password is asked for")
    text = "one look at an address, or at a camera of the catalogue"
    trying = _command(trials, "test", "roles.try_cameras:run_test", text)
    trying.add_argument("target", metavar="URL|ID|-", help="- reads the address from standard input")
    trying.add_argument("--picture", type=Path, metavar="FILE.jpg", help="where to leave the first picture")
    trying.add_argument("--json", action="store_true", help="for programs")
    trying.add_argument(
        "--addresses", action="store_true", help="with --json: stream addresses too, passwords included"
    )


def _add_keeping(commands: Any) -> None:
    text = "accounts; the password is asked for, or read from standard input"
    user = _command(commands, "user", "api.command_line:do_user", text)
    user.add_argument("deed", choices=("add", "password", "disable"))
    user.add_argument("name")
    user.add_argument(
        "--role", dest="role_name", choices=[r for r in Role if r not in NOT_PEOPLE], default=Role.DUTY_OFFICER
    )
    user.add_argument("--display-name", default="")
    user.add_argument("--department")
    user.add_argument("--district")
    device = _command(commands, "device", "api.command_line:do_device", "read-only wall screens")
    device.add_argument("deed", choices=("add", "revoke"))
    device.add_argument("name")
    for name, text in (("backup", "a copy of everything in one file"), ("restore", "bring such a copy back")):
        copying = _command(commands, name, f"api.command_line:do_{name}", text)
        copying.add_argument("file", type=Path, metavar="FILE")


def _speed(text: str) -> float:
    speed = float(text)
    if speed <= 0:
        raise ArgumentTypeError("must be above 0")
    return speed


if __name__ == "__main__":
    sys.exit(main())
