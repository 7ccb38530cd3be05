"""Composition root and command line entry: settings → stores → roles. Imported by nobody.

`run` starts in this order and stops in the reverse: checks, hold of the data folder, the demo city if none is there,
then under the supervisor Valkey, live, video, web, and in demo mode the streets' cameras and the people's day. A role
that runs alone (`citywall web`) is made of the same parts.
"""

from __future__ import annotations

import asyncio
import gzip
import inspect
import random
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvicorn
from dash import Dash, page_registry
from fastapi import FastAPI
from starlette.types import ASGIApp

from api import command_line, dash_guard
from api.accounts_routes import Door
from api.assembly import ApiParts, build_api, guarded_app
from api.board import PreparedBoard
from api.city_map import city_map_routers
from api.csrf import Csrf
from api.health import Check
from api.identity import current_identity
from api.login_page import DemoHint
from api.metrics import Metrics, Readings
from api.origin import from_our_page
from api.secret_key import SecretKeyError, load_secret_key
from api.sessions import Sessions
from api.view_log import ViewLog
from data_access.accounts import AccountStore
from data_access.audit import AuditLog
from data_access.errors import StoreError
from data_access.figures import FigureService
from data_access.hall import Hall, WrongHall, claim, open_hall
from data_access.lamp_watch import LampWatch
from data_access.live_board import LiveBoard
from data_access.live_worker import LiveWorker
from data_access.login_throttle import LoginThrottle
from data_access.redis_client import open_redis
from data_access.relay import Relay, waker
from data_access.role_lamps import supervise
from data_access.sources import Sources, SourceState
from demo.day import Day
from demo.first_start import make_demo
from demo.streams import camera_urls, serve_streets
from demo.town_reader import read_town
from domain.camera import Camera, CameraStatus
from domain.roles import Identity, Permission
from domain.wall_view import wall_view
from pages import _live
from pages._feed import Feed
from pages._services import Services
from pages._shell import INDEX, shell
from runtime import i18n
from runtime.checks import NotStartable, demand, hold, start_checks
from runtime.clock import SystemClock
from runtime.console import complain, stages
from runtime.embedded_valkey import EmbeddedValkey, ValkeyInTheWay, embedded_valkey
from runtime.log import configure_log, redacted
from runtime.net import answers, free_port, is_loopback
from runtime.settings import PREFIX, Settings, SettingsError, load_settings
from runtime.supervision import Role, stop_on_signals
from video.address import CameraAddress
from video.capture import CaptureService
from video.hub import TileHub
from video.status import read_statuses
from video.tiles_socket import Access, tiles_router

HERE = Path(__file__).resolve().parent


# --- the web role -------------------------------------------------------------------------------------------------


class Web:
    """One web process: HTTP for machines, pages for people, the live feed and the tiles, behind one guard."""

    def __init__(self, settings: Settings, hall: Hall) -> None:
        self.settings, self.hall, self.clock = settings, hall, SystemClock()
        redis_url = command_line.redis_url(settings)
        self.redis = open_redis(redis_url)
        self.cameras = hall.city_store.cameras()
        self.live = LiveBoard(self.redis, clock=self.clock)
        self.lamps = LampWatch(Sources(self.redis, self.clock), self.clock)
        self.names = hall.names()
        self.feed = Feed(self.live, lambda board: wall_view(board, self.names))
        self.prepared: PreparedBoard | None = None
        self.hub = TileHub(redis_url, {camera.camera_id: camera.number for camera in self.cameras}, clock=self.clock)
        self.door = self._door()
        self.views = ViewLog(self.door.audit, now=self.clock.now)
        self.parts = self._parts()

    def app(self) -> ASGIApp:
        """The guarded application."""
        api = build_api(self.parts, version=version("citywall"), lifespan=self._lifespan)
        api.state.services = self._services()
        self.dash = build_dash(api, self.settings.allowed_origins)
        return guarded_app(
            api,
            self.parts,
            monotonic=self.clock.monotonic,
            allowed_origins=self.settings.allowed_origins,
            inline_scripts=self.dash.csp_hashes,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        for prepare in self.dash.backend._before_request_funcs:  # else the first page comes without its router's script
            await prepare() if inspect.iscoroutinefunction(prepare) else prepare()
        async with asyncio.TaskGroup() as group:
            for part in (self.lamps, self.live, self.feed, self.hub, self.views):
                group.create_task(part.run(stop))
            yield
            stop.set()
        await self.redis.aclose()

    def _door(self) -> Door:
        key = load_secret_key(self.settings.data_dir)
        accounts = AccountStore(self.hall.engine, now=self.clock.now)
        hours, monotonic = self.settings.session_hours, self.clock.monotonic
        return Door(
            accounts=accounts,
            sessions=Sessions(key, accounts, session_hours=hours, now=self.clock.now, monotonic=monotonic),
            throttle=LoginThrottle(self.redis),
            audit=AuditLog(self.hall.engine, now=self.clock.now),
            csrf=Csrf(key, now=self.clock.now),
            demo=DemoHint([(a.name, a.role) for a in accounts.all()]) if self.settings.demo else None,
        )

    def _parts(self) -> ApiParts:
        return ApiParts(
            now=self.clock.now,
            zone=self.hall.city.zone,
            door=self.door,
            redis=self.redis,
            figures=FigureService(self.hall.cases),
            cases=self.hall.cases,
            prepared_board=self._prepared_board,
            cameras=lambda: self.cameras,
            camera_statuses=self._statuses,
            checks=self._checks(),
            metrics=Metrics(),
            readings=self._readings,
            routers=(
                tiles_router(self.hub, self._by_number(), self._access(), clock=self.clock),
                *city_map_routers(self.hall.engine, self.settings.data_dir, monotonic=self.clock.monotonic),
            ),
        )

    def _by_number(self) -> Mapping[int, Camera]:
        return {camera.number: camera for camera in self.cameras}

    def _access(self) -> Access:
        return Access(
            identify=lambda _connection: current_identity(),
            origin_allowed=lambda asked: from_our_page(asked.headers, frozenset(self.settings.allowed_origins)),
            may_see=self._may_see,
            valid=self.door.sessions.valid,
        )

    def _may_see(self, identity: Identity, camera: Camera) -> bool:
        """Whether this person may see that camera; who may and asks, watches, and that is written down."""
        allowed = identity.may(Permission.SEE_VIDEO)
        if allowed:
            self.views.note(identity, camera)
        return allowed

    def _services(self) -> Services:
        return Services(
            t=i18n.t,
            language=i18n.language.get,
            now=self.clock.now,
            identity=current_identity,
            valid=self.door.sessions.valid,
            feed=self.feed,
            store=self.hall.cases,
            city=self.hall.city,
            district_names=self.names.districts,
            department_names=self.names.departments,
            class_names=self.names.classes,
            cameras=lambda: self.cameras,
            camera_statuses=self.hub.statuses,
            sources=self.lamps.lamps,
            wall_distance_mm=self.settings.wall_distance_mm,
            wall_pitch_mm=self.settings.wall_pitch_mm,
            demo=self.settings.demo,
        )

    def _prepared_board(self) -> PreparedBoard | None:
        """One version's body, made when the first page asks for it."""
        newest = self.feed.newest
        if newest is not None and (self.prepared is None or self.prepared.version != newest.version):
            body = self.feed.snapshot()
            self.prepared = PreparedBoard(newest.version, body, gzip.compress(body, compresslevel=1))
        return self.prepared

    async def _statuses(self) -> Mapping[str, Any]:
        return self.hub.statuses()

    def _checks(self) -> Mapping[str, Check]:
        async def redis_answers() -> str | None:
            await self.redis.ping()  # type: ignore[misc]
            return None

        async def database_answers() -> str | None:
            await asyncio.to_thread(self.hall.cases.last_entry_id)
            return None

        async def board_is_there() -> str | None:
            return None if self.live.current else "no board yet: is the live role running?"

        return {"redis": redis_answers, "database": database_answers, "board": board_is_there}

    async def _readings(self) -> Readings:
        board = self.live.current
        states = [status.state.value for status in self.hub.statuses().values()]
        return Readings(
            board_age_seconds=(self.clock.now() - board.as_of).total_seconds() if board else None,
            cases_open=board.open_total if board else None,
            cases_overdue=board.overdue if board else None,
            cameras={state: states.count(state) for state in set(states)},
            sources={lamp.name: lamp.state for lamp in self.lamps.lamps()},
        )


def build_dash(server: FastAPI, allowed_origins: Sequence[str]) -> Dash:
    """The pages, on our server, each page and callback behind its rule."""
    dash = Dash(
        "citywall",
        server=server,
        backend="fastapi",
        use_pages=True,
        pages_folder=str(HERE / "pages"),
        assets_folder=str(HERE / "assets"),
        assets_ignore=r".*worker.*",
        title="城墙 CityWall",
        update_title=None,
        index_string=INDEX,
        suppress_callback_exceptions=True,
        websocket_batch_delay=0,
        websocket_inactivity_timeout=0,
        websocket_allowed_origins=list(allowed_origins),
    )
    _live.register()
    dash.layout = shell
    dash_guard.guard_pages(page_registry)
    dash._setup_server()  # merges the callbacks registered so far into the map that is guarded next
    dash_guard.guard_callbacks(dash.callback_map)
    return dash


async def run_web(settings: Settings) -> None:
    """Serve until told to stop; the server itself hears SIGTERM."""
    hall = await asyncio.to_thread(open_hall, command_line.database_url(settings))
    config = uvicorn.Config(
        Web(settings, hall).app(),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # it would write down the tokens of device links
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    await uvicorn.Server(config).serve()


# --- the roles without a face ---------------------------------------------------------------------------------------


async def run_live(settings: Settings, stop: asyncio.Event) -> None:
    """Relay what was committed, keep the board, publish it."""
    hall = await asyncio.to_thread(open_hall, command_line.database_url(settings))
    redis = open_redis(command_line.redis_url(settings))
    async with asyncio.TaskGroup() as group:
        group.create_task(Relay(redis, hall.cases).run(stop))
        group.create_task(LiveWorker(redis, hall.cases.tally_seed, zone=hall.city.zone).run(stop))
    await redis.aclose()


async def run_video(settings: Settings, stop: asyncio.Event, *, share: int) -> None:
    """Pull this process's share of the cameras (`video_workers` processes take every n-th one each)."""
    hall = await asyncio.to_thread(open_hall, command_line.database_url(settings))
    urls = hall.city_store.camera_addresses()
    cameras = [
        CameraAddress(camera=camera, main_url=urls[camera.camera_id][0], sub_url=urls[camera.camera_id][1])
        for camera in hall.city_store.cameras()
        if camera.number % settings.video_workers == share
    ]
    redis = open_redis(command_line.redis_url(settings))
    lamp = Sources(redis)

    async def report(state: str, detail: str) -> None:
        await lamp.report("cameras", SourceState.LIVE if state == "live" else SourceState.DOWN, detail)

    await CaptureService(cameras, command_line.redis_url(settings), report=report).run(stop)
    await redis.aclose()


async def _ask_cameras(redis_url: str) -> Mapping[str, CameraStatus]:
    redis = open_redis(redis_url)
    try:
        return await read_statuses(redis)
    finally:
        await redis.aclose()


async def run_day(settings: Settings, stop: asyncio.Event) -> None:
    """Let the demo city live through its day."""
    wake = waker(command_line.redis_url(settings))
    hall = await asyncio.to_thread(open_hall, command_line.database_url(settings), on_commit=wake)
    town = await asyncio.to_thread(read_town, hall.engine, settings.demo_seed)
    rng = random.Random()  # noqa: S311 (a demo's chances)
    await Day(hall.cases, town, hall.policy, clock=SystemClock(), rng=rng, speed=settings.demo_speed).run(stop)


async def run_streets(settings: Settings, stop: asyncio.Event) -> None:
    """Let the demo city's cameras see something."""
    await serve_streets(settings.data_dir, stop)


# --- one command ------------------------------------------------------------------------------------------------------


def run(settings: Settings, _arguments: Namespace) -> int:
    """The whole hall on this machine."""
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
            asyncio.run(supervise(roles, command_line.redis_url(settings), welcome=welcome))
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
            command_line.database_url(settings),
            settings.data_dir,
            seed=settings.demo_seed,
            password=password,
            camera_urls=partial(camera_urls, settings.data_dir),
            clock=SystemClock(),
            progress=progress,
        )
    return made.opening()


def _roles(settings: Settings, port: int, valkey: EmbeddedValkey | None) -> list[Role]:
    def role(name: str, *argv: str, **more: Any) -> Role:
        return Role(name=name, argv=(sys.executable, str(HERE / "app.py"), *argv), environment=given, **more)

    given = {PREFIX + "PORT": str(port)}  # 0 in the settings is one free port for all of them
    video = [role(f"video {n}", "video", "--share", str(n)) for n in range(settings.video_workers)]
    demo = [role("streets", "streets"), role("day", "day")] if settings.demo else []
    web = role("web", "web", ready=lambda: answers(settings.host, port, "/healthz"))
    return [*([valkey.role()] if valkey else []), role("live", "live"), web, *demo[:1], *video, *demo[1:]]


# --- the command line -------------------------------------------------------------------------------------------------

KNOWN_TROUBLE = (
    SettingsError,
    NotStartable,
    WrongHall,
    ValkeyInTheWay,
    SecretKeyError,
    StoreError,
    *command_line.TROUBLE,
)
"""Errors whose text says what is wrong and what to do; anything else is a fault of ours and shows where it is."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 wrong or rejected, 2 misused."""
    arguments = _parser().parse_args(argv)
    try:
        settings = load_settings()
        configure_log(level=settings.log_level, role=arguments.role)
        return int(arguments.command(settings, arguments))
    except KNOWN_TROUBLE as error:
        complain(redacted(str(error)))
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="citywall", description="The command hall of a city's digital management centre.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _role(commands, "run", run, "everything on this machine, the demo city unless told otherwise")
    _role(commands, "web", lambda s, _a: asyncio.run(run_web(s)) or 0, "pages and HTTP alone")
    _role(commands, "live", lambda s, _a: _until_stopped(run_live, s), "relay and board alone")
    video = _role(commands, "video", lambda s, a: _until_stopped(partial(run_video, share=a.share), s), "capture alone")
    video.add_argument(
        "--share", type=int, default=0, help="which share of the cameras, from 0 (CITYWALL_VIDEO_WORKERS)"
    )
    _role(commands, "day", lambda s, _a: _until_stopped(run_day, s), "the demo city's people alone")
    _role(commands, "streets", lambda s, _a: _until_stopped(run_streets, s), "the demo city's cameras alone")
    command_line.add_commands(commands, _ask_cameras)
    return parser


def _role(commands: Any, name: str, command: Callable[[Settings, Namespace], int], text: str) -> ArgumentParser:
    parser: ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=command, role=name)
    return parser


def _until_stopped(role: Callable[[Settings, asyncio.Event], Coroutine[Any, Any, None]], settings: Settings) -> int:
    async def whole() -> None:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await role(settings, stop)

    asyncio.run(whole())
    return 0


if __name__ == "__main__":
    sys.exit(main())
