"""The whole hall on one machine: what `citywall run` checks, makes, starts and stops."""

from __future__ import annotations

import asyncio
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import Any

from data_access.errors import StoreError
from data_access.hall import WrongHall, claim, database_url, redis_url
from data_access.role_lamps import supervise
from demo.first_start import make_demo
from demo.streams import camera_urls
from demo.turning_streets import command_url
from domain.worktime import CalendarError
from runtime.checks import NotStartable, demand, hold, start_checks
from runtime.clock import SystemClock
from runtime.console import stages
from runtime.embedded_valkey import EmbeddedValkey, ValkeyInTheWay, embedded_valkey
from runtime.net import answers, free_port, is_loopback
from runtime.settings import PREFIX, Settings
from runtime.supervision import Role

APP = Path(__file__).resolve().parents[1] / "app.py"
TROUBLE = (StoreError, CalendarError, NotStartable, WrongHall, ValkeyInTheWay)


def run(settings: Settings, _arguments: Namespace) -> int:
    """Everything, until Ctrl-C or SIGTERM."""
    demand(start_checks(data_dir=settings.data_dir, host=settings.host, port=settings.port))
    port = settings.port or free_port(settings.host)
    with hold(settings.data_dir):
        claim(settings.data_dir, demo=settings.demo)
        opening = _first_demo_start(settings) if settings.demo else _REAL_OPENING
        valkey = None if settings.redis_url else embedded_valkey(settings.data_dir)
        if valkey:
            valkey.prepare()
        try:
            base = f"http://{settings.host}:{port}"
            roles = _roles(settings, port, valkey)
            welcome = {"web": opening.format(base=base)}
            asyncio.run(supervise(roles, redis_url(settings), welcome=welcome))
        finally:
            if valkey:
                valkey.clean()
    return 0


_REAL_OPENING = """
城墙 CityWall  {base}
First account:  .venv/bin/citywall user add NAME --role admin
A wall's link:  .venv/bin/citywall device add NAME
Ctrl-C stops everything."""


def _first_demo_start(settings: Settings) -> str:
    """Make what is missing of the demo city, and what to say once it is open.

    Raises:
        NotStartable: demo accounts with a printed password must not be reachable from other machines.
    """
    if not is_loopback(settings.host):
        raise NotStartable(
            f"The demo's accounts are open to everybody who reads this screen, and {settings.host} is reachable from "
            "other machines. Set CITYWALL_HOST=127.0.0.1, or CITYWALL_DEMO=false for a real hall."
        )
    password = settings.demo_password.get_secret_value() if settings.demo_password else None
    with stages() as progress:
        made = make_demo(
            database_url(settings),
            settings.data_dir,
            seed=settings.demo_seed,
            password=password,
            camera_urls=partial(camera_urls, settings.data_dir),
            command_url=partial(command_url, settings.data_dir),
            clock=SystemClock(),
            progress=progress,
        )
    return made.opening()


def _roles(settings: Settings, port: int, valkey: EmbeddedValkey | None) -> list[Role]:
    def role(name: str, *argv: str, **more: Any) -> Role:
        return Role(name=name, argv=(sys.executable, str(APP), *argv), environment=given, **more)

    given = {PREFIX + "PORT": str(port)}  # 0 in the settings is one free port for all of them
    video = [role(f"video {n}", "video") for n in range(settings.video_workers)]
    demo = [role("streets", "streets"), role("day", "day")] if settings.demo else []
    web = role("web", "web", ready=lambda: answers(settings.host, port, "/healthz"))
    return [
        *([valkey.role()] if valkey else []),
        role("live", "live"),
        web,
        role("history", "history"),
        *demo[:1],
        *video,
        *demo[1:],
    ]
